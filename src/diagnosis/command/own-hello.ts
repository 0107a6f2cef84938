/**
 * The command's hello was refused, and wirelab's is answered: what it offered is offered again, and one kind of it at a time is
 * made fuller. Where that alone brings an answer, it is what the two ends have not in common.
 */
import { josa } from '../../i18n/josa.ts';
import { inEach } from '../../i18n/language.ts';
import type { Localized } from '../../i18n/language.ts';
import { cipherSuiteName, isGrease, nameOrCode } from '../../protocols/tls/codes.ts';
import type { ClientHello } from '../../protocols/tls/handshake.ts';
import { titleOf } from '../attempt/attempt.ts';
import type { Attempt } from '../attempt/attempt.ts';
import type { HelloForm } from '../attempt/call.ts';
import { difference, explained, isAnswered } from '../case.ts';
import type { Finding } from '../diagnosis.ts';
import type { Laboratory } from '../laboratory.ts';

const tls13 = 0x0304;
const everyVersion = [0x0304, 0x0303, 0x0302, 0x0301];
/** They say something of a renegotiation or a fallback, and are no suites (RFC 5746, RFC 7507). */
const signals: ReadonlySet<number> = new Set([0x00ff, 0x5600]);

const isOf13 = (suite: number): boolean => suite >> 8 === 0x13;

export interface Offered {
  /** Newest first. */
  readonly versions: readonly number[];
  /** Those up to TLS 1.2. */
  readonly suites: readonly number[];
}

export function offeredIn({ version, cipherSuites, extensions }: ClientHello): Offered {
  const versions = extensions.supportedVersions ?? everyVersion.filter((one) => one <= version);
  return {
    versions: versions
      .filter((one) => !isGrease(one) && everyVersion.includes(one))
      .toSorted((one, other) => other - one),
    suites: cipherSuites.filter((suite) => !isGrease(suite) && !signals.has(suite) && !isOf13(suite)),
  };
}

/** @returns undefined where the command's offer is answered, or more of it is not */
export async function fullerHello(
  { versions, suites }: Offered,
  laboratory: Pick<Laboratory, 'try'>,
): Promise<Finding | undefined> {
  if (versions.length === 0 || (suites.length === 0 && !versions.includes(tls13))) return undefined;
  const form = { isHybrid: false, sent: 'whole' } as const;
  const make = async (id: string, words: Localized, hello: HelloForm): Promise<Attempt | undefined> =>
    laboratory.try({ id, words, hello });
  const own = await make(
    'own-offer',
    {
      en: 'a ClientHello with the versions and cipher suites of the command’s',
      ko: '명령의 ClientHello와 같은 버전과 암호 스위트로',
    },
    { ...form, versions, suites },
  );
  if (!own || isAnswered(own) || own.result === 'silence' || own.result === 'no_connection') return undefined;
  const isBelow13 = !versions.includes(tls13);
  // Suites first: that a newer version helps does not say that the server refuses the older.
  const withSuites = versions.some((one) => one < tls13)
    ? await make(
        'own-offer-more-suites',
        { en: 'the same, with more cipher suites', ko: '암호 스위트를 더해서' },
        { ...form, versions, offersOldSuites: true },
      )
    : undefined;
  const withVersions = isBelow13
    ? await make(
        'own-offer-more-versions',
        { en: 'the same, with newer versions too', ko: '더 새 버전까지 더해서' },
        { ...form, versions: everyVersion, suites },
      )
    : undefined;
  if (withSuites && isAnswered(withSuites)) {
    const isNewer = withVersions !== undefined && isAnswered(withVersions);
    return ofSuites(own, withSuites, suites, isNewer ? withVersions.version : undefined);
  }
  return withVersions && isAnswered(withVersions) ? ofVersions(own, withVersions, versions) : undefined;
}

function ofVersions(own: Attempt, made: Attempt, versions: readonly number[]): Finding {
  const offered = versions.map(titleOf);
  const [newest = ''] = offered;
  return explained({
    cause: 'no_common_version',
    by: 'server',
    detail: { offered },
    confidence: own.alert ? 'proven' : 'likely',
    message: 'ClientHello',
    evidence: [difference(own, made)],
    alert: own.alert,
    on: 'client',
    remedy: {
      en: `look for a limit of the client (its arguments, its settings, its library) and lift it: the client offers ${newest} at most, and the server takes ${made.version ?? 'a newer version'}`,
      ko: `클라이언트의 제한(인자, 설정, 라이브러리)을 찾아 푸세요. 클라이언트는 ${newest}까지만 제안하고 서버는 ${josa(made.version ?? '더 새 버전', '을/를')} 받습니다.`,
    },
  });
}

/** @param newer the version that the server takes with the same suites */
function ofSuites(
  own: Attempt,
  made: Attempt,
  suites: readonly number[],
  newer: string | undefined,
): Finding {
  const chosen = made.cipher ?? '';
  // Of the key exchange by RSA alone, which has no forward secrecy, clients take leave one by one.
  const isPlainRsa = chosen.startsWith('TLS_RSA_');
  return explained({
    cause: 'no_common_cipher',
    by: 'server',
    detail: { offered: suites.map((suite) => nameOrCode(cipherSuiteName, suite)) },
    confidence: own.alert ? 'proven' : 'likely',
    message: 'ClientHello',
    evidence: [difference(own, made)],
    alert: own.alert,
    on: 'server',
    remedy: inEach((language) =>
      isPlainRsa
        ? {
            en: `add suites with ECDHE to the server’s list: it takes ${chosen}, which the client does not offer (RSA key exchange, without forward secrecy)`,
            ko: `서버의 목록에 ECDHE 스위트를 더하세요. 지금은 클라이언트가 제안하지 않는 것만 받습니다(${chosen}, 순방향 비밀성이 없는 RSA 키 교환).`,
          }[language]
        : {
            en: `add to the server’s list a suite that the client has, or let the client offer ${chosen}${newer === undefined ? '' : ` or ${newer}`}, which the server takes; the server’s key must fit the suite`,
            ko: `클라이언트가 쓰는 스위트를 서버 목록에 더하거나, 서버가 받는 것(${chosen}${newer === undefined ? '' : `, ${newer}`})을 클라이언트가 제안하게 하세요. 서버 키의 종류와도 맞아야 합니다.`,
          }[language],
    ),
  });
}
