/**
 * Keeps a tap's credentials current while it runs: certificates that are replaced in their files or in the configuration, as
 * kubelets, k3s and `kubeadm certs renew` do, and the certificate of a credential plugin before it expires.
 */
import type { Localized } from '../../../i18n/language.ts';
import { UserError } from '../../../i18n/user-error.ts';
import type { PluginCredentials } from '../../../kube/kubectl/exec-plugin.ts';
import { digestOf, watchCredentials } from '../../proxy/credentials.ts';
import { targetOf } from './target.ts';
import type { PreparedTap } from './settings.ts';

export interface Renewal {
  /** As last applied. */
  readonly current: PreparedTap;
  stop(): void;
}

export interface RenewalOptions {
  /** Runs the plugin, which must not ask anything. */
  readonly askPlugin: (prepared: PreparedTap) => Promise<PluginCredentials | undefined>;
  /** Uses other credentials from the next connection on. @throws UserError if they cannot be used */
  readonly apply: (next: PreparedTap) => Promise<void>;
  readonly onNote: (text: Localized) => void;
}

export function keepCurrent(prepared: PreparedTap, { askPlugin, apply, onNote }: RenewalOptions): Renewal {
  let current = prepared;
  let timer: NodeJS.Timeout | undefined;
  let hasStopped = false;
  let last = Promise.resolve();

  /** What fails leaves the credentials as they were. */
  const renewTo = async (next: PreparedTap | undefined, words?: Localized): Promise<void> => {
    if (!next || hasStopped) return;
    await apply(next);
    current = next;
    if (words) onNote(words);
  };
  /** One after the other. */
  const enqueue = (renewal: () => Promise<void>): void => {
    const before = last;
    last = (async () => {
      await before;
      if (hasStopped) return;
      try {
        await renewal();
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        onNote(keptBecause(error.facts.what));
      }
    })();
  };
  const plan = (): void => {
    clearTimeout(timer);
    const { config, credentials } = current;
    if (config.identity || !credentials?.identity || credentials.expires === undefined || hasStopped) return;
    const wait = credentials.expires - Date.now() - beforeExpiry;
    timer = setTimeout(ask, Math.min(Math.max(wait, shortestWait), longestWait)).unref();
  };
  const ask = (): void =>
    enqueue(async () => {
      try {
        const credentials = await askPlugin(current);
        await renewTo(credentials?.identity && withTarget({ ...current, credentials }));
      } finally {
        plan();
      }
    });
  const read = (): void =>
    enqueue(async () => {
      const config = current.read(current.config.context);
      const next = withTarget({ ...current, config });
      if (config.server !== current.config.server || next.target.security !== current.target.security)
        onNote(movedWords);
      else await renewTo(isSame(next, current) ? undefined : next, renewedWords);
    });
  const files = [...new Set(prepared.config.files)];
  const unwatch = watchCredentials(files, digestOf(files), read);
  // What was replaced between the first reading and now.
  read();
  plan();
  return {
    get current() {
      return current;
    },
    stop() {
      hasStopped = true;
      clearTimeout(timer);
      unwatch();
    },
  };
}

/** In milliseconds. */
const beforeExpiry = 60_000;
const shortestWait = 10_000;
const longestWait = 24 * 3600_000;

const withTarget = (prepared: PreparedTap): PreparedTap => ({
  ...prepared,
  target: targetOf(prepared.config, prepared.credentials?.identity, prepared.variables),
});

/** A context that is chosen, or a namespace of another one, changes nothing here. */
const isSame = (one: PreparedTap, other: PreparedTap): boolean =>
  JSON.stringify([one.target, one.config.entries]) === JSON.stringify([other.target, other.config.entries]);

const renewedWords: Localized = {
  en: 'your configuration has new credentials: they are used from the next connection on',
  ko: '설정의 자격 증명이 바뀌었습니다. 다음 연결부터 새 자격 증명을 씁니다',
};
const movedWords: Localized = {
  en: 'your configuration names another server, or another kind of credentials: start kube tap again to use it',
  ko: '설정의 서버나 자격 증명 종류가 바뀌었습니다. 적용하려면 kube tap을 다시 시작하세요',
};
const keptBecause = ({ en, ko }: Localized): Localized => ({
  en: `the credentials stay as they were: ${en}`,
  ko: `기존 자격 증명을 계속 씁니다. ${ko}`,
});
