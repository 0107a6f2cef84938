/** What a hypothesis works with: the call, its first attempt, and the laboratory; and how findings are made of attempts. */
import { otherSide } from '../capture/event.ts';
import type { Side } from '../capture/event.ts';
import { explainRefusal, isInTheWrongPlace } from '../analysis/outcome/refusal.ts';
import type { Cause } from '../analysis/outcome/cause-words.ts';
import type { OutcomeEvidence } from '../analysis/outcome/outcome-facts.ts';
import type { CauseDetail } from '../analysis/outcome/refusal-facts.ts';
import { defined } from '../core/defined.ts';
import { josa } from '../i18n/josa.ts';
import { inEach } from '../i18n/language.ts';
import type { Localized } from '../i18n/language.ts';
import { certificateSummary } from '../protocols/x509/certificate.ts';
import type { Examination } from '../pki/x509/examination.ts';
import type { Attempt } from './attempt/attempt.ts';
import { isHttp2Preface } from './attempt/http2-question.ts';
import { packetWords } from './attempt/packet-words.ts';
import type { Call } from './attempt/call.ts';
import type { Blamed, Evidence, Finding, Machine, Remedy } from './diagnosis.ts';
import type { Laboratory } from './laboratory.ts';

export interface Case {
  readonly call: Call;
  readonly laboratory: Laboratory;
  /** As called: to the first address that could be connected to, else to the first. */
  readonly base: Attempt;
  /** What the client says of the chain of `base`. */
  readonly chain: Examination | undefined;
}

export interface Hypothesis {
  readonly name: string;
  /**
   * Makes the experiments that decide, where what was seen leaves room for it.
   * @returns undefined where it does not apply, or was refuted
   */
  test(current: Case): Promise<Finding | undefined>;
}

/** Whether the server understood the hello: it answered it with a hello of its own. */
export const isAnswered = ({ version, result }: Attempt): boolean =>
  version !== undefined || result === 'server_hello';

/** Whether it got further than the other: its hello was answered, or its handshake completed. */
export const isBetter = (attempt: Attempt | undefined, base: Attempt): attempt is Attempt =>
  attempt !== undefined &&
  ((isAnswered(attempt) && !isAnswered(base)) ||
    (attempt.result === 'completed' && base.result !== 'completed'));

/** The server has said nothing at all. */
export const isUnanswered = (attempt: Attempt): boolean =>
  attempt.connection !== undefined && attempt.connection.lengthOf('wire', 'server') === 0;

/** `as called: handshake completed, TLS 1.3` */
export const outcomeText = (attempt: Attempt, isWell = false): Localized =>
  inEach((language) => `${attempt.change.words[language]}: ${cameBack(attempt, isWell)[language]}`);

/** That two attempts differ in one thing, and in their result. */
export const difference = (base: Attempt, other: Attempt): Evidence => ({
  kind: 'difference',
  attempts: [base.number, other.number],
  words: inEach((language) => `${outcomeText(base)[language]}; ${outcomeText(other)[language]}`),
});

/** What one attempt shows by itself. */
export const shown = (attempt: Attempt): Evidence => ({
  kind: 'words',
  attempt: attempt.number,
  said: '',
  words: outcomeText(attempt),
});

export const serverSaid = ({ number }: Attempt, said: string): Evidence => ({
  kind: 'words',
  attempt: number,
  said,
  words: { en: 'the server said', ko: '서버의 말' },
});

/** Who has to act: a machine, whose certificate it is (`owner`), or who refused (`refuser`): what refuses lacks something. */
const actors: Readonly<Record<Cause, Machine | 'owner' | 'refuser'>> = {
  certificate_missing: 'client',
  unknown_ca: 'client',
  intermediate_missing: 'owner',
  self_signed: 'owner',
  certificate_expired: 'owner',
  certificate_not_yet_valid: 'owner',
  wrong_usage: 'owner',
  certificate_revoked: 'owner',
  crl_expired: 'refuser',
  crl_missing: 'refuser',
  bad_signature: 'owner',
  weak_key: 'owner',
  weak_signature: 'owner',
  not_a_ca: 'owner',
  path_too_long: 'owner',
  ca_as_leaf: 'owner',
  unhandled_critical_extension: 'owner',
  malformed_certificate: 'owner',
  name_constraint_violated: 'owner',
  unusable_key: 'owner',
  certificate_too_large: 'owner',
  name_not_admitted: 'refuser',
  name_mismatch: 'client',
  key_not_pinned: 'client',
  key_proof_failed: 'owner',
  no_common_version: 'server',
  no_common_cipher: 'server',
  no_common_protocol: 'client',
  plaintext_on_tls_port: 'client',
  tls_on_plaintext_port: 'client',
  peer_alert: 'refuser',
  downgrade_detected: 'between',
  handshake_altered: 'between',
  bad_record: 'between',
  handshake_timeout: 'server',
  closed_during_handshake: 'refuser',
  target_unreachable: 'server',
  target_timeout: 'between',
  malformed_answer: 'server',
  tunnel_refused: 'between',
  tunnel_required: 'client',
  no_target_for_name: 'between',
  starttls_required: 'client',
  target_greeting_refused: 'server',
  target_starttls_refused: 'server',
  starttls_violated: 'client',
  proxy_header_missing: 'between',
  proxy_header_malformed: 'between',
  protocol_mismatch: 'between',
  certificate_not_accepted: 'owner',
  unknown_server_name: 'client',
  no_common_group: 'server',
  no_common_signature: 'server',
  negotiation_failed: 'refuser',
  insufficient_security: 'owner',
  proof_failed: 'owner',
  access_denied: 'refuser',
  protocol_error: 'server',
  internal_error: 'refuser',
  user_canceled: 'refuser',
  unknown_psk: 'client',
  other_alert: 'refuser',
  sealed_alert: 'refuser',
  nothing_listens: 'server',
  unanswered: 'between',
  no_reply: 'server',
  large_packets_lost: 'between',
  packets_lost: 'between',
  server_silent: 'server',
  client_silent: 'client',
  reset_on_the_way: 'between',
  psk_wrong: 'client',
  legacy_renegotiation: 'server',
  renegotiation_refused: 'server',
  version_intolerance: 'server',
  refused_over_http: 'client',
  channel_binding_refused: 'client',
  starttls_refused: 'server',
  proxy_header_refused: 'between',
  upgrade_on_tls_port: 'client',
  heartbeat_leak: 'server',
};

/** The machine on which that is mended. */
export function actorFor(cause: Cause, by: Side, detail: CauseDetail = {}): Machine {
  if (cause === 'certificate_expired' && isValidStill(detail)) return by;
  if (cause === 'name_mismatch' && isInTheWrongPlace(detail)) return otherSide[by];
  if (cause === 'target_unreachable' && detail.code === 'EHOSTUNREACH') return 'between';
  if (cause === 'target_unreachable' && ofThisMachine.has(detail.code ?? '')) return 'client';
  const actor = actors[cause];
  if (actor === 'refuser') return by;
  return actor === 'owner' ? otherSide[by] : actor;
}

/** What refuses a connection on this machine itself: its packet filter, or that it has no way there. */
export const ofThisMachine: ReadonlySet<string> = new Set([
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'EACCES',
  'EPERM',
  'EINVAL',
]);

/** By the clock that the refusal was seen by: then that of the side that refused is another one. */
const isValidStill = ({ presented, blamed, seenAt }: CauseDetail): boolean =>
  presented !== undefined &&
  blamed === undefined &&
  seenAt !== undefined &&
  Date.parse(seenAt) <= Date.parse(presented.notAfter);

export interface Explained {
  readonly cause: Cause;
  readonly by: Side;
  readonly detail: CauseDetail;
  readonly confidence: Finding['confidence'];
  readonly evidence: readonly Evidence[];
  readonly message?: string | undefined;
  readonly blamed?: Blamed;
  readonly alert?: Attempt['alert'];
  readonly command?: string | undefined;
  /** In the place of the name and the sentences of the cause. */
  readonly name?: Localized | undefined;
  readonly because?: Localized | undefined;
  readonly remedy?: Localized | undefined;
  /** Where that is done, if it is not where the cause alone would have it. */
  readonly on?: Machine | undefined;
}

/** In the words that cards use for the same cause. */
export function explained({
  cause,
  by,
  detail,
  alert,
  blamed = by,
  command,
  name,
  because,
  remedy,
  on,
  ...rest
}: Explained): Finding {
  const words = explainRefusal(
    defined({
      by,
      reason: cause,
      detail,
      alert: alert && { level: alert.level, code: alert.code, description: alert.description },
    }),
  );
  const done: Remedy = defined({
    on: on ?? actorFor(cause, by, detail),
    words: remedy ?? words.remedy,
    command,
  });
  return defined({
    cause,
    by: blamed,
    confidence: rest.confidence,
    message: rest.message,
    name: name ?? words.name,
    because: because ?? words.because,
    remedy: done,
    detail,
    evidence: rest.evidence,
  });
}

/** The bytes that decide an attempt, as evidence. */
export function bytesOf({
  outcome,
  number,
}: {
  readonly outcome?: { readonly evidence: readonly (OutcomeEvidence & { readonly frame?: number })[] };
  readonly number?: number;
}): Evidence[] {
  return (outcome?.evidence ?? []).flatMap((place): Evidence[] => {
    if (!('offset' in place)) return [];
    const message = place.message ?? '';
    const { frame } = place;
    return [
      {
        kind: 'bytes',
        ...(number === undefined ? {} : { attempt: number }),
        ...(frame === undefined ? {} : { frame }),
        place,
        words: {
          en: `${frame === undefined ? '' : `frame ${frame}: `}${message || 'bytes'} of the ${place.from}, offset ${place.offset}, ${place.length} bytes`,
          ko: `${frame === undefined ? '' : `프레임 ${frame}: `}${place.from === 'client' ? '클라이언트' : '서버'}의 ${message || '데이터'}, 오프셋 ${place.offset}, ${place.length}바이트`,
        },
      },
    ];
  });
}

/** The certificate that a failed check is about. */
export function certificateOf(examination: Examination, depth: number, words: Localized): Evidence[] {
  const certificate = examination.path[depth];
  return certificate ? [{ kind: 'certificate', certificate: certificateSummary(certificate), words }] : [];
}

const protocolVersion = 70;

/**
 * What came back, in a few words for a row.
 * @param isWell nothing is wrong with the call: a server of another protocol owes no answer to a request of HTTP
 */
export function cameBack(attempt: Attempt, isWell = false): Localized {
  const { result, version, cipher, alert, failure, answer, connection } = attempt;
  const spoken = version === undefined ? '' : version;
  switch (result) {
    case 'completed':
    case 'server_hello':
      return inEach((language) =>
        [
          result === 'completed'
            ? { en: 'handshake completed', ko: '핸드셰이크 완료' }[language]
            : 'ServerHello',
          spoken,
          cipher,
          stapled(attempt)[language],
          replied(attempt, isWell)[language],
        ]
          .filter(Boolean)
          .join(', '),
      );
    case 'alert':
      if (alert?.from === 'client' && alert.code === protocolVersion && spoken !== '')
        return {
          en: `the server chose ${spoken}, alert ${alert.description} (${alert.code}) of the client`,
          ko: `서버가 ${josa(spoken, '을/를')} 고름, 클라이언트의 알림(Alert) ${alert.description}(${alert.code})`,
        };
      return {
        en: `${spoken === '' ? '' : `${spoken}, `}alert ${alert?.description} (${alert?.code}) of the ${alert?.from}`,
        ko: `${spoken === '' ? '' : `${spoken}, `}${alert?.from === 'client' ? '클라이언트' : '서버'}의 알림(Alert) ${alert?.description}(${alert?.code})`,
      };
    case 'refused':
      return { en: `refused in words: ${firstLine(attempt)}`, ko: `말로 거부: ${firstLine(attempt)}` };
    case 'plaintext':
      return { en: `plaintext: ${firstLine(attempt)}`, ko: `평문: ${firstLine(attempt)}` };
    case 'closed':
      return connection && connection.lengthOf('wire', 'server') === 0
        ? { en: 'closed without a word', ko: '말없이 닫힘' }
        : {
            en: `${spoken === '' ? '' : `${spoken}, then `}closed`,
            ko: `${spoken === '' ? '' : `${spoken}, `}닫힘`,
          };
    case 'reset':
      return {
        en: `${spoken === '' ? '' : `${spoken}, then `}reset (RST)`,
        ko: `${spoken === '' ? '' : `${spoken}, `}재설정(RST)`,
      };
    case 'silence':
      return {
        en: `${spoken === '' ? '' : `${spoken}, then `}no answer in ${Math.round(attempt.milliseconds / 100) / 10} s`,
        ko: `${spoken === '' ? '' : `${spoken}, `}${Math.round(attempt.milliseconds / 100) / 10}초 동안 답 없음`,
      };
    case 'no_connection':
      return { en: `no connection (${failure?.code ?? ''})`, ko: `연결되지 않음(${failure?.code ?? ''})` };
    case 'failed':
      return {
        en: `failed (${failure?.code ?? answer?.end ?? ''})`,
        ko: `실패(${failure?.code ?? answer?.end ?? ''})`,
      };
  }
}

const none: Localized = { en: '', ko: '' };

function stapled({ isStapled }: Attempt): Localized {
  if (isStapled === undefined) return none;
  return isStapled
    ? { en: 'with an OCSP response', ko: 'OCSP 응답 있음' }
    : { en: 'no OCSP response', ko: 'OCSP 응답 없음' };
}

/** What came to the question that was asked over TLS. */
function replied({ answer }: Attempt, isWell: boolean): Localized {
  if (!answer?.asked) return none;
  const status = /^HTTP\/[\d.]+ \d{3}/.exec(textOf(answer.said))?.[0];
  if (status !== undefined) return { en: status, ko: status };
  if (answer.said.length > 0) return none;
  if (isWell) return { en: 'GET / not answered', ko: 'GET /에는 답하지 않음' };
  if (answer.error !== undefined)
    return { en: 'reset without an answer to GET /', ko: 'GET /에 답 없이 재설정(RST)' };
  return answer.end === 'open'
    ? { en: 'no answer to GET /', ko: 'GET /에 답 없음' }
    : { en: 'ended without an answer to GET /', ko: 'GET /에 답하지 않고 끝남' };
}

/** The first line of what the server said in words; safe to print only after `safeText`. */
export function firstLine({ answer, connection, outcome, failure }: Attempt): string {
  const stream = connection?.stream('wire', 'server');
  const clear = stream && (stream.read(0, Math.min(stream.length, 400)) ?? stream.head);
  const said =
    outcome?.detail.said ??
    (answer && answer.said.length > 0 ? textOf(answer.said) : undefined) ??
    (clear && clear.length > 0 ? textOf(clear) : failure?.code) ??
    '';
  return said.split(/\r?\n/)[0]?.slice(0, 120) ?? '';
}

const textOf = (bytes: Uint8Array): string =>
  packetWords(bytes) ??
  (isHttp2Preface(bytes) ? 'HTTP/2 SETTINGS' : undefined) ??
  Buffer.from(bytes.subarray(0, 400)).toString('latin1');
