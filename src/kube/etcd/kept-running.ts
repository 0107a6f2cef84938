/**
 * Restarts a real etcd that has ended unexpectedly, with its data. `real.ts` starts it.
 *
 * 1. The number of attempts is limited, the first at once and then with increasing delays; after a stable period the
 *    limit starts over. Each end is reported, and giving up too.
 * 2. If its data is gone it is not restarted: that would be another, empty etcd.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Clock } from '../../core/clock.ts';
import type { Localized } from '../../i18n/language.ts';
import { UserError } from '../../i18n/user-error.ts';
import { startRealEtcd } from './real.ts';
import type { RealEtcd, RealEtcdOptions } from './real.ts';
import type { RealEtcdReport } from './etcd-log.ts';
import type { RunningEtcd } from './running.ts';

export interface KeptOptions extends RealEtcdOptions {
  readonly clock: Clock;
  /** Before the second try, in milliseconds; twice that before the third. */
  readonly wait?: number;
}

export const mostTries = 3;
/** Milliseconds after which one that runs counts as well. */
const steady = 60_000;

/** @throws UserError when it does not start in the first place. */
export async function startKeptEtcd(
  { clock, wait = 1_000, onReport = () => {}, ...options }: KeptOptions,
  start: typeof startRealEtcd = startRealEtcd,
): Promise<RunningEtcd> {
  const ending = new AbortController();
  let tries = 0;
  /** When it was ready last. */
  let since = clock.now();
  let restarting = Promise.resolve();
  const again = async (report: RealEtcdReport, etcd: RealEtcd): Promise<void> => {
    if (clock.now() - since >= steady) tries = 0;
    const { folder } = options;
    let why: Localized = {
      en: `it was restarted ${mostTries} times`,
      ko: `이미 ${mostTries}번 다시 시작했습니다`,
    };
    let said = report;
    while (!ending.signal.aborted) {
      // Where an etcd has its log and its keys.
      const isThere = existsSync(join(folder, 'member'));
      if (!isThere) why = { en: 'its data is gone', ko: '데이터가 없어졌습니다' };
      if (!isThere || tries >= mostTries) return onReport(givenUp(said, folder, why));
      onReport(goesOn(said));
      await pause(wait * tries, undefined, { signal: ending.signal }).catch(() => {});
      if (ending.signal.aborted) return;
      tries++;
      try {
        await etcd.startAgain();
        return;
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        said = didNot(error);
      }
    }
  };
  const starting: Promise<RealEtcd> = start({
    ...options,
    onReport(report) {
      if (report.kind === 'ready') since = clock.now();
      if (report.kind === 'crashed') restarting = restarting.then(async () => again(report, await starting));
      else if (report.kind !== 'ended') onReport(report);
    },
  });
  const etcd = await starting;
  return {
    kind: etcd.kind,
    version: etcd.version,
    address: etcd.address,
    async close(graceMs) {
      ending.abort();
      await etcd.close(graceMs);
      await restarting;
      // It may have been on its way up.
      await etcd.close(graceMs);
    },
  };
}

function didNot({ facts: { what, received } }: UserError): RealEtcdReport {
  const detail = received === undefined ? '' : `: ${received}`;
  return { kind: 'crashed', text: { en: `${what.en}${detail}`, ko: `${what.ko}${detail}` } };
}

function goesOn({ text, ...report }: RealEtcdReport): RealEtcdReport {
  return {
    ...report,
    text: {
      en: `${text.en}. It is being restarted with the same data`,
      ko: `${text.ko}. 같은 데이터로 다시 시작합니다`,
    },
  };
}

function givenUp({ text, ...report }: RealEtcdReport, folder: string, why: Localized): RealEtcdReport {
  return {
    ...report,
    text: {
      en: `${text.en}. It is not restarted (${why.en}), and nothing can be read or written: stop wirelab, check ${folder}, and start again`,
      ko: `${text.ko}. 더 이상 다시 시작하지 않으며(${why.ko}), 읽기와 쓰기가 모두 실패합니다. 종료한 뒤 ${folder} 폴더를 확인하고 다시 시작하세요`,
    },
  };
}
