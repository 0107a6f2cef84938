/** What a proof is: the clients with their admissions, the holes, and the verdict; `prove.ts` makes it. Pure. */
import type { Localized } from '../../i18n/language.ts';
import type { Attempt } from '../attempt/attempt.ts';
import { clientKinds, neverAsked, revokedKinds } from './clients.ts';
import type { ClientKind, Expected } from './clients.ts';
import type { Admission } from './judge.ts';
import { remedyText } from './remedies.ts';
import type { ServerSigns } from './remedies.ts';

/** `ok`: as an enforcing server does it; `noted`: in order, and worth knowing; `unknown`: it does not tell. */
export type Mark = 'ok' | 'hole' | 'noted' | 'unknown' | 'omitted';

export interface PlayedClient {
  readonly id: string;
  readonly words: Localized;
  readonly expected: Expected;
  readonly admission: Admission;
  readonly mark: Mark;
  /** Absent where nothing was tried. */
  readonly attempt?: Attempt;
  /** Of the issued certificate, where one was issued: hexadecimal. */
  readonly serial?: string;
  /** Where it got in and was refused. */
  readonly times?: { readonly admitted: number; readonly played: number };
}

export interface Hole {
  readonly client: PlayedClient;
  readonly because: Localized;
  readonly remedy: Localized;
}

export const verdicts = ['enforced', 'not_enforced', 'unknown'] as const;
export type Verdict = (typeof verdicts)[number];

export interface Proof {
  readonly verdict: Verdict;
  /** Why the verdict is unknown. */
  readonly because?: Localized;
  readonly clients: readonly PlayedClient[];
  readonly holes: readonly Hole[];
  /** In order, and worth knowing. */
  readonly notes: readonly Hole[];
  /** What the verdict does not say. */
  readonly notProven: readonly Localized[];
  readonly connections: number;
}

export function markOf(expected: Expected, admission: Admission): Mark {
  if (admission.kind === 'not_tested') return admission.reason === 'omitted' ? 'omitted' : 'unknown';
  const isAdmitted = admission.kind === 'admitted';
  if (expected === 'either') return isAdmitted ? 'noted' : 'ok';
  if (expected === 'admitted') return isAdmitted ? 'ok' : 'unknown';
  return isAdmitted ? 'hole' : 'ok';
}

/** A hole is one whatever else is unknown; without one, every client that was tried must have told something. */
export function verdictOf(
  clients: readonly PlayedClient[],
  trusted: boolean,
): Pick<Proof, 'verdict' | 'because'> {
  if (clients.some(({ mark }) => mark === 'hole')) return { verdict: 'not_enforced' };
  if (!trusted)
    return {
      verdict: 'unknown',
      because: {
        en: 'the server’s own certificate does not verify with --cacert: this may be another server',
        ko: '서버 인증서가 --cacert로 검증되지 않습니다. 다른 서버일 수 있습니다',
      },
    };
  // Of those that may be admitted nothing depends on it.
  const unclear = clients.filter(({ mark, expected }) => mark === 'unknown' && expected !== 'either');
  const [first] = unclear;
  if (!first) return { verdict: 'enforced' };
  const valid = unclear.find(({ expected }) => expected === 'admitted');
  if (valid)
    return {
      verdict: 'unknown',
      because:
        valid === clients[0]
          ? {
              en: `the valid client is not admitted either (${valid.admission.words.en}): that others are refused proves nothing`,
              ko: `유효한 클라이언트도 통과하지 못했습니다(${valid.admission.words.ko}). 다른 클라이언트가 거부된 것은 아무것도 증명하지 못합니다`,
            }
          : {
              en: `the valid client is no longer admitted at the end (${valid.admission.words.en}): the server changed in between`,
              ko: `마지막에는 유효한 클라이언트도 통과하지 못했습니다(${valid.admission.words.ko}). 그사이에 서버가 달라졌습니다`,
            },
    };
  return {
    verdict: 'unknown',
    because: {
      en: `a client was neither admitted nor refused (${first.words.en}: ${first.admission.words.en})`,
      ko: `통과도 거부도 아닌 클라이언트가 있습니다(${first.words.ko}: ${first.admission.words.ko})`,
    },
  };
}

const kindsById: ReadonlyMap<string, Pick<ClientKind, 'admitted' | 'hasSoundCertificate'>> = new Map(
  [...clientKinds, revokedKinds.fresh, revokedKinds.resumed].map((kind) => [kind.id, kind]),
);

/** What it means that this client was admitted. @param signs of the server, which decide what mends it */
export function holeOf(client: PlayedClient, signs: ServerSigns = {}): Hole {
  const kind = kindsById.get(client.id);
  if (!kind) throw new Error(`no row for the client ${client.id}`);
  const wasAsked = client.attempt?.acceptable !== undefined;
  const hole = wasAsked || kind.hasSoundCertificate ? kind.admitted : neverAsked;
  const { times } = client;
  const remedy = remedyText(hole.remedy, signs);
  if (!times) return { client, because: hole.because, remedy };
  return {
    client,
    because: {
      en: `${hole.because.en} It was admitted ${times.admitted} of ${times.played} times: the servers behind this address are not alike.`,
      ko: `${hole.because.ko} ${times.played}번 중 ${times.admitted}번 통과했으므로, 이 주소 뒤의 서버들이 서로 다릅니다.`,
    },
    remedy,
  };
}
