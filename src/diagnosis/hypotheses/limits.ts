/**
 * The client offers less than is usual, by its own limits (versions, suites, groups), and that is why: without them the same call
 * succeeds. The remedy names both ends, since either of them may be the old one.
 */
import { DEFAULT_CIPHERS } from 'node:tls';
import type { Localized } from '../../i18n/language.ts';
import { titleOf } from '../attempt/attempt.ts';
import type { Attempt } from '../attempt/attempt.ts';
import { kindsOf, versionsWithin } from '../attempt/call.ts';
import type { Change, LimitKind, Limits } from '../attempt/call.ts';
import { bytesOf, difference, explained, isAnswered, isBetter } from '../case.ts';
import type { Hypothesis } from '../case.ts';
import { failedEarly } from './failed-early.ts';
import { isPickedApart } from './negotiation.ts';

const kindWords: Readonly<Record<LimitKind, Localized>> = {
  versions: { en: 'of versions', ko: '버전' },
  ciphers: { en: 'of cipher suites', ko: '암호 스위트' },
  groups: { en: 'of groups', ko: '그룹' },
};

const without = (kinds: readonly LimitKind[]): Change => ({
  id: `without-limits-${kinds.join('-')}`,
  words: {
    en: `without the client’s limits ${kinds.map((kind) => kindWords[kind].en).join(', ')}`,
    ko: `클라이언트의 제한(${kinds.map((kind) => kindWords[kind].ko).join(', ')}) 없이`,
  },
  without: kinds,
});

/** Whether the server takes a version that this client offers, with any suite of it. */
const withOldSuites = (given: Limits): Change => ({
  id: 'old-suites-of-these-versions',
  words: {
    en: 'the client’s versions, with suites that current clients do not offer',
    ko: '클라이언트의 버전 그대로, 요즘은 쓰지 않는 스위트도 함께',
  },
  hello: { isHybrid: false, sent: 'whole', versions: versionsWithin(given), offersOldSuites: true },
});

const versionsLast = (one: LimitKind, other: LimitKind): number =>
  Number(one === 'versions') - Number(other === 'versions');

export const limits: Hypothesis = {
  name: 'limits',
  async test({ base, call, laboratory }) {
    const kinds = call.limits ? kindsOf(call.limits) : [];
    if (!call.limits || kinds.length === 0 || !failedEarly(base)) return undefined;
    const free = await laboratory.try(without(kinds));
    if (!isBetter(free, base)) return undefined;
    let [kind = 'versions', made] = [kinds[0], free];
    let isOne = kinds.length === 1;
    // Versions last: that a newer one helps does not say that the server refuses the older.
    for (const one of isOne ? [] : kinds.toSorted(versionsLast)) {
      const alone = await laboratory.try(without([one]));
      if (!isBetter(alone, base)) continue;
      [kind, made, isOne] = [one, alone, true];
      break;
    }
    if (isOne && kind === 'versions' && isPickedApart(base)) {
      const older = await laboratory.try(withOldSuites(call.limits));
      if (older && isAnswered(older)) [kind, made] = ['ciphers', older];
    }
    const { cause, offered, remedy } = about[kind](
      call.limits,
      made,
      isOlder(call.limits, free) ? free.version : undefined,
    );
    // The end that offers what is older; of suites and groups neither is.
    const on = kind === 'versions' && isOlder(call.limits, made) ? 'client' : 'server';
    return explained({
      cause: isOne ? cause : 'negotiation_failed',
      by: base.alert?.from ?? 'server',
      blamed: base.alert ? base.alert.from : 'unknown',
      detail: { offered, ...(made.version === undefined ? {} : { picked: made.version }) },
      alert: base.alert,
      confidence:
        (made.result === 'completed' || made.change.hello) && base.result !== 'silence' && isOne
          ? 'proven'
          : 'likely',
      message: base.version === undefined ? 'ClientHello' : 'ServerHello',
      evidence: [difference(base, made), ...bytesOf(base)],
      on,
      remedy: isOne ? remedy[on] : undefined,
    });
  },
};

const newestOf = (given: Limits): number => versionsWithin(given)[0] ?? 0;

/** The client stops below the version that the server chose. */
const isOlder = (given: Limits, { version }: Attempt): boolean =>
  version !== undefined && version > titleOf(newestOf(given));

interface About {
  readonly cause: 'no_common_version' | 'no_common_cipher' | 'no_common_group';
  readonly offered: readonly string[];
  readonly remedy: Readonly<Record<'client' | 'server', Localized>>;
}

/**
 * What is to be done where the remedy is, and then at the other end.
 * @param newer the version that the server takes where the client is not held below it
 */
const bothEnds = (
  client: string,
  server: string,
  newer?: string,
): Readonly<Record<'client' | 'server', Localized>> => ({
  client: {
    en: `let the client offer ${client} too; where it cannot, let the server accept ${server}, which is all that this client offers`,
    ko: `클라이언트가 ${client}도 제안하게 하세요. 그럴 수 없다면 이 클라이언트가 제안하는 것(${server})을 서버가 받아들이게 하세요.`,
  },
  server: {
    en: `let the server accept ${server}, which is all that this client offers; or let the client offer ${client} too${newer === undefined ? '' : `, or ${newer}`}`,
    ko: `이 클라이언트가 제안하는 것(${server})을 서버가 받아들이게 하세요. 또는 클라이언트가 ${client}도${newer === undefined ? '' : ` (아니면 ${newer}도)`} 제안하게 하세요.`,
  },
});

const listOf = (list: string | undefined): readonly string[] => list?.split(':').filter(Boolean) ?? [];

const mostNamed = 3;

/** A list of OpenSSL's, in a sentence. */
const someOf = (names: readonly string[]): string =>
  names.length > mostNamed ? `${names.slice(0, mostNamed).join(', ')}, …` : names.join(', ');

/** Those of TLS 1.3 are of no use to a server that has taken an older version. */
const suitesFor = ({ version }: Attempt, suites: readonly string[]): readonly string[] => {
  const fitting = version === 'TLS 1.3' ? suites : suites.filter((suite) => !suite.startsWith('TLS_'));
  return fitting.length > 0 ? fitting : suites;
};

const about: Readonly<Record<LimitKind, (given: Limits, made: Attempt, newer: string | undefined) => About>> =
  {
    versions: (given, { version = 'TLS 1.2 / 1.3' }) => {
      const offered = versionsWithin(given).map(titleOf);
      return { cause: 'no_common_version', offered, remedy: bothEnds(version, offered.join(', ')) };
    },
    ciphers: (given, made, newer) => {
      const { cipher = '' } = made;
      const offered = suitesFor(made, listOf(given.ciphers ?? DEFAULT_CIPHERS));
      return {
        cause: 'no_common_cipher',
        offered,
        remedy: bothEnds(cipher, someOf(offered), newer),
      };
    },
    groups: ({ groups }, { group = 'X25519' }, newer) => ({
      cause: 'no_common_group',
      offered: listOf(groups),
      remedy: bothEnds(group, someOf(listOf(groups)), newer),
    }),
  };
