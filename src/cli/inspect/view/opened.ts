/** Opens a file to be viewed: a capture, with its keys, or a saved run. It is read as a whole before anything is shown. */
import { closeSync, readSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { constants, gunzipSync } from 'node:zlib';
import { SecretHunt } from '../../../analysis/secrets/secret-hunt.ts';
import { loadCaptureReadings } from '../../../analysis/conversation/conversation.ts';
import type { EventOf } from '../../../capture/event.ts';
import type { Flows } from '../../../capture/flows.ts';
import { verbatim } from '../../../i18n/language.ts';
import type { Localized } from '../../../i18n/language.ts';
import { grouped } from '../../../i18n/number.ts';
import { openFile } from '../../../i18n/read-file.ts';
import { UserError } from '../../../i18n/user-error.ts';
import { loadTlsReport } from '../../../presentation/report/load.ts';
import type { ReportOptions } from '../../../presentation/report/report-context.ts';
import type { ReportBlock } from '../../../presentation/types/report.ts';
import { KeyRing } from '../../../protocols/tls/keys/keylog.ts';
import type { ExplorerOptions } from '../../../ui/html/bytes/explorer.ts';
import type { Environment, Parsed } from '../../command.ts';
import { collectEarlier, maxPayloadOf } from '../../io/memory.ts';
import { readSoFar, showProgress } from '../../io/progress.ts';
import { readVersion } from '../../places.ts';
import { loadPage } from '../../run/page/content.ts';
import { utcMinute } from '../../run/page/made.ts';
import { nameOf } from '../files.ts';
import { loadCapture } from '../loaded.ts';
import { checkFormat, unusedKeys } from '../open.ts';
import { problemText } from '../reading.ts';
import { readRequest } from '../request.ts';
import type { InspectRequest } from '../request.ts';
import type { OpenedRun } from '../../run/replay/checked.ts';
import { redactedIn, redactionText } from '../../run/replay/redaction.ts';
import type { Bundle } from '../../../ui/bundle/limits.ts';

/** Events of one file: they are kept, and so is what is derived from them. */
const mostEvents = 4_000_000;

export interface OpenedFile {
  readonly title: Localized;
  readonly facts: readonly Localized[];
  readonly problem: Localized | undefined;
  /** Of a saved run: its verdict. */
  readonly blocks: readonly ReportBlock[];
  readonly flows: Flows;
  /** The newest event, in microseconds since the run began. */
  readonly lastAt: number;
  readonly keys: KeyRing;
  readonly report: Pick<ReportOptions, 'hunt' | 'secrets'>;
  readonly redacted: ExplorerOptions['redacted'];
  close(): void;
}

/** @param most events of a capture that are kept. @throws UserError for a file that is neither a capture nor a saved run */
export async function openViewed(
  parsed: Parsed,
  environment: Environment,
  most = mostEvents,
): Promise<OpenedFile> {
  await Promise.all([loadTlsReport(), loadCaptureReadings(), loadPage()]);
  const [path, ...more] = parsed.operands;
  if (path !== undefined && path !== '-' && (path.endsWith('.wirelab') || hasBundle(path))) {
    refuseKeys(path, parsed);
    if (more.length === 0) return openSaved(path, environment, most);
    throw new UserError({
      what: { en: 'a bundle is opened alone', ko: '번들은 한 번에 하나만 열 수 있습니다' },
      where: 'wirelab view',
      expected: verbatim('FILE.wirelab'),
      received: parsed.operands.join(' '),
    });
  }
  const { maxPayload } = maxPayloadOf(parsed, 'view');
  return openCapture(readRequest(parsed, environment, 'view'), environment, { most, maxPayload });
}

/** Options with keys. */
const forCaptures = ['keylog', 'rsa-key', 'ticket-key'] as const;

/** @throws UserError for keys beside a bundle: no more is opened in it than was saved */
function refuseKeys(path: string, parsed: Parsed): void {
  const given = forCaptures.find((name) => parsed.all(name).length > 0);
  if (given === undefined) return;
  throw new UserError({
    what: {
      en: `--${given} is for captures: a bundle has the keys that were saved with it, or none`,
      ko: `--${given} 옵션은 캡처에만 씁니다. 번들에서는 함께 저장한 키만 쓸 수 있습니다`,
    },
    where: `wirelab view ${path}`,
    received: `--${given}`,
  });
}

/** Whether it is compressed JSON: a capture may be compressed, too. */
function hasBundle(path: string): boolean {
  const { descriptor, size } = openFile(path);
  try {
    // What a pipe has given is gone.
    if (size === undefined) return false;
    const room = Buffer.alloc(4096);
    const start = room.subarray(0, readSync(descriptor, room, 0, room.length, 0));
    if (start[0] !== 0x1f || start[1] !== 0x8b) return false;
    const text = gunzipSync(start, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: 4 * 1024 * 1024 });
    return text.subarray(0, 64).toString('latin1').includes('wirelab-bundle');
  } catch {
    return false;
  } finally {
    closeSync(descriptor);
  }
}

async function openCapture(
  request: InspectRequest,
  environment: Environment,
  { most, maxPayload }: { readonly most: number; readonly maxPayload: number },
): Promise<OpenedFile> {
  const progress = showProgress(environment, { en: 'reading the capture', ko: '캡처를 읽는 중' });
  const { size } = request.input;
  collectEarlier();
  try {
    await checkFormat(request);
    let isCut = false;
    const loaded = await loadCapture(request, {
      version: readVersion(environment.places.root),
      maxPayload,
      readsAgain: true,
      // A signal is heard between two parts of the file.
      onTurn: async (position, log) => {
        progress.at(readSoFar(position, size));
        await nextTurn();
        return !(isCut = log.length >= most);
      },
    });
    const { flows, keys, began, packets, lastAt } = loaded;
    const problems: { readonly text: Localized }[] = [...loaded.problems];
    if (isCut)
      problems.push({
        text: {
          en: `this page holds ${grouped(most)} pieces of data; connections beyond them are not listed`,
          ko: `이 페이지에는 데이터 조각 ${grouped(most)}개까지 담습니다. 그 뒤의 연결은 목록에 없습니다`,
        },
      });
    return {
      title: request.bundle?.source.title ?? verbatim(nameOf(request)),
      facts: factsOf(request, began, packets),
      problem: problemText([...problems, ...unusedKeys(request, keys)]),
      blocks: [],
      flows,
      lastAt,
      keys,
      report: { hunt: new SecretHunt([]), secrets: new Map() },
      redacted: request.redacted,
      close: () => request.input.close(),
    };
  } catch (error) {
    request.input.close();
    throw error;
  } finally {
    progress.stop();
  }
}

function factsOf(
  { bundle }: InspectRequest,
  began: EventOf<'began'> | undefined,
  packets: number,
): readonly Localized[] {
  if (!bundle) return [captureFact(began, packets)];
  const isProxy = bundle.of === 'proxy';
  const saved = savedFact(
    bundle,
    isProxy
      ? { en: 'what a proxy recorded', ko: '프록시 기록을 저장한 파일' }
      : { en: 'a saved capture', ko: '캡처를 저장한 파일' },
  );
  return [
    ...(isProxy ? [] : [captureFact(began, packets)]),
    saved,
    ...(bundle.hasSecrets ? [] : [redactionText(bundle.count)]),
  ];
}

function savedFact({ version, made }: Pick<Bundle, 'version' | 'made'>, what: Localized): Localized {
  const by = `wirelab ${version}, ${utcMinute(made)}`;
  return { en: `${what.en}, by ${by}`, ko: `${what.ko}, ${by}` };
}

function captureFact(began: EventOf<'began'> | undefined, packets: number): Localized {
  // Without a packet there is no time: a log begins at one all the same.
  const when = began && packets > 0 ? `${began.wallClock.slice(0, 19).replace('T', ' ')} UTC` : '';
  const count = grouped(packets);
  return {
    en: `${count} ${packets === 1 ? 'packet' : 'packets'}${when === '' ? '' : `, from ${when}`}`,
    ko: `패킷 ${count}개${when === '' ? '' : `, ${when}부터`}`,
  };
}

async function openSaved(path: string, environment: Environment, most: number): Promise<OpenedFile> {
  const { isRun, openBundle } = await import('../../run/replay/checked.ts');
  const opened = await openBundle(path, environment);
  if (isRun(opened)) return openRun(opened, environment);
  const { requestOf } = await import('../bundled.ts');
  return openCapture(requestOf(opened.bundle), environment, { most, maxPayload: Infinity });
}

async function openRun({ bundle, plan }: OpenedRun, environment: Environment): Promise<OpenedFile> {
  const [{ RecordedRun }, { RunPage }] = await Promise.all([
    import('../../run/replay/recorded.ts'),
    import('../../run/page/run-page.ts'),
  ]);
  const run = new RecordedRun(bundle, plan);
  const page = await RunPage.start(plan, run, environment, false);
  run.log.subscribe(page.fold);
  run.finish();
  page.finish(bundle.verdict);
  const title = page.blocks.find(({ kind }) => kind === 'title');
  return {
    title: title?.kind === 'title' ? title.text : verbatim(plan.scenario),
    facts: [
      savedFact(bundle, { en: `a saved run of ${plan.scenario}`, ko: `${plan.scenario} 실행을 저장한 파일` }),
      ...(bundle.hasSecrets ? [] : [redactionText(bundle.count)]),
    ],
    problem: undefined,
    blocks: page.blocks.filter(({ kind }) => kind === 'verdict' || kind === 'claims' || kind === 'closing'),
    flows: run.flows,
    lastAt: run.log.events.at(-1)?.at ?? 0,
    keys: new KeyRing(run.flows),
    report: { hunt: run.hunt, secrets: bundle.hasSecrets ? page.secrets : new Map() },
    redacted: bundle.hasSecrets ? undefined : redactedIn(bundle.redactions),
    close: () => {},
  };
}
