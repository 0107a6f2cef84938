/**
 * Lists the evidence required for each cause, and the evidence that excludes it: a row per cause and kind of evidence.
 * `cause.ts` and `outcome.ts` propose causes; this table accepts or rejects them, with a certainty.
 *
 * 1. A cause without a row for its kind of evidence is never reported.
 * 2. `proven`: the bytes allow no other interpretation; `likely`: with the evidence for it and what would decide;
 *    rejected causes become `unknown`, with the observations. A wrong cause is worse than none.
 * 3. The absence of something is evidence only if it would have been seen: both directions, nothing lost.
 */
import { defined } from '../../core/defined.ts';
import type { Localized } from '../../i18n/language.ts';
import type { Cause } from './cause-words.ts';
import { holds } from './signs.ts';
import type { Claim, SignName } from './signs.ts';
import { visibleFlaws } from './visible-flaws.ts';
import type { Facts } from './wire-facts.ts';

export const confidences = ['proven', 'likely', 'unknown'] as const;
export type Confidence = (typeof confidences)[number];

/**
 * By what a cause is known: an alert that was read; the size of an encrypted record; how and when the connection ended; what its
 * packets show; what was sent in clear.
 */
export type EvidenceKind = 'alert' | 'size' | 'end' | 'packets' | 'words';

export interface CauseRow {
  readonly cause: Cause;
  readonly evidence: EvidenceKind;
  readonly needs: readonly SignName[];
  readonly excludedBy: readonly SignName[];
  /** Without these it is likely at most; absent: it can be proven by what it needs. */
  readonly provenBy?: readonly SignName[];
  readonly decidedBy: Localized;
}

const decisions = {
  log: { en: 'the log of the side that refused', ko: '거부한 쪽의 로그' },
  keys: {
    en: 'a capture with a key log (SSLKEYLOGFILE), or the log of the side that refused',
    ko: '키 로그(SSLKEYLOGFILE)를 함께 기록한 캡처, 또는 거부한 쪽의 로그',
  },
  otherEnd: { en: 'a capture at the other end', ko: '반대쪽에서 한 캡처' },
  size: {
    en: 'ping with full-size packets that must not be fragmented (ping -M do -s 1472), or a smaller MTU',
    ko: '단편화하지 않는 최대 크기 ping(ping -M do -s 1472), 또는 MTU를 줄인 접속',
  },
  serverLog: { en: "the server's log, or a capture at the server", ko: '서버 로그, 또는 서버에서 한 캡처' },
  clientLog: { en: "the client's log", ko: '클라이언트 로그' },
  nothing: { en: 'nothing more is needed', ko: '더 필요한 것은 없습니다' },
} as const satisfies Readonly<Record<string, Localized>>;

const row = (
  cause: Cause,
  evidence: EvidenceKind,
  needs: readonly SignName[],
  excludedBy: readonly SignName[],
  decidedBy: Localized,
  provenBy?: readonly SignName[],
): CauseRow => defined({ cause, evidence, needs, excludedBy, decidedBy, provenBy });

/** What an end of the connection right after a certificate rests on. */
const silentRefusal = {
  needs: ['bothDirections', 'certificate', 'prompt'],
  excludedBy: ['lost', 'repeated', 'gap', 'foreignReset'],
} as const satisfies { needs: readonly SignName[]; excludedBy: readonly SignName[] };

/** Causes that an alert names by its code, or that its code and what can be seen name together. */
const byAlert = [
  'certificate_not_accepted',
  'unknown_ca',
  'certificate_revoked',
  'not_a_ca',
  'weak_key',
  'weak_signature',
  'unhandled_critical_extension',
  ...visibleFlaws,
  'key_proof_failed',
  'proof_failed',
  'no_common_version',
  'no_common_cipher',
  'no_common_protocol',
  'no_common_group',
  'no_common_signature',
  'negotiation_failed',
  'insufficient_security',
  'downgrade_detected',
  'bad_record',
  'access_denied',
  'protocol_error',
  'internal_error',
  'user_canceled',
  'unknown_psk',
  'unknown_server_name',
] as const satisfies readonly Cause[];

export const causeTable: readonly CauseRow[] = [
  // For an alert on its own it is unknown what the sides disagreed on, or what one presented.
  ...byAlert.map((cause) => row(cause, 'alert', ['alertRead'], ['noHello'], decisions.log)),
  row('other_alert', 'alert', ['alertRead'], [], decisions.log),
  row('certificate_missing', 'alert', ['alertRead'], ['certificate'], decisions.log),
  row('handshake_altered', 'alert', ['alertRead', 'serverHello'], ['psk'], {
    en: 'a byte-by-byte comparison of captures at both ends',
    ko: '양쪽 끝에서 한 캡처를 바이트 단위로 비교',
  }),
  row('psk_wrong', 'alert', ['alertRead', 'psk'], [], {
    en: 'a comparison of the keys that both sides have',
    ko: '양쪽에 설정된 키의 비교',
  }),
  row(
    'legacy_renegotiation',
    'alert',
    ['alertRead', 'legacyServer', 'serverHello'],
    ['complete'],
    decisions.clientLog,
  ),
  row('renegotiation_refused', 'alert', ['alertRead', 'complete'], [], decisions.log),
  row('version_intolerance', 'alert', ['alertRead', 'clientHello', 'noServerHello'], ['lost'], {
    en: 'the same request with an older version (openssl s_client -tls1_2), and the server’s log',
    ko: '낮은 버전으로 다시 한 접속(openssl s_client -tls1_2)과 서버 로그',
  }),

  row(
    'certificate_not_accepted',
    'size',
    ['alertSized', 'bothDirections', 'certificate'],
    ['lost', 'gap'],
    decisions.keys,
    [],
  ),
  row(
    'certificate_missing',
    'size',
    ['alertSized', 'bothDirections', 'noCertificate'],
    ['lost', 'gap'],
    decisions.keys,
    [],
  ),
  ...visibleFlaws.map((cause) =>
    row(
      cause,
      'size',
      ['alertSized', 'bothDirections', 'certificateRead'],
      ['lost', 'gap'],
      decisions.keys,
      [],
    ),
  ),
  row('sealed_alert', 'size', ['alertSized', 'bothDirections'], ['lost', 'gap'], decisions.keys, []),
  row('renegotiation_refused', 'size', ['complete', 'renegotiationRefused'], ['gap'], decisions.keys, []),

  ...visibleFlaws.map((cause) =>
    row(
      cause,
      'end',
      [...silentRefusal.needs, 'certificateRead'],
      silentRefusal.excludedBy,
      decisions.log,
      [],
    ),
  ),
  row('certificate_not_accepted', 'end', silentRefusal.needs, silentRefusal.excludedBy, decisions.log, []),
  row(
    'certificate_missing',
    'end',
    ['bothDirections', 'noCertificate', 'prompt'],
    silentRefusal.excludedBy,
    decisions.log,
    [],
  ),
  row(
    'server_silent',
    'end',
    ['bothDirections', 'fromStart', 'silence', 'clientSpokeLast', 'incomplete'],
    ['lost', 'gap', 'repeated'],
    decisions.serverLog,
    [],
  ),
  row(
    'client_silent',
    'end',
    ['bothDirections', 'fromStart', 'silence', 'serverSpokeLast', 'incomplete'],
    ['lost', 'gap', 'repeated'],
    decisions.clientLog,
    [],
  ),
  row('no_reply', 'end', ['bothDirections'], ['lost', 'gap'], decisions.serverLog),
  row(
    'plaintext_on_tls_port',
    'end',
    ['bothDirections', 'fromStart', 'clientPlain', 'serverSaidNothing'],
    ['lost', 'gap', 'proxyHeader'],
    decisions.serverLog,
    [],
  ),
  row(
    'upgrade_on_tls_port',
    'end',
    ['bothDirections', 'fromStart', 'clientPlain', 'serverSaidNothing'],
    ['lost', 'gap', 'proxyHeader'],
    decisions.serverLog,
    [],
  ),
  row('handshake_timeout', 'end', ['incomplete'], ['lost'], decisions.otherEnd),

  row('nothing_listens', 'packets', ['serverSaidNothing', 'reset'], [], decisions.nothing),
  row('unanswered', 'packets', ['serverSaidNothing'], [], decisions.otherEnd),
  row(
    'large_packets_lost',
    'packets',
    ['lost', 'lostLarge', 'bothDirections'],
    ['oneDirection'],
    decisions.size,
    [],
  ),
  row('packets_lost', 'packets', ['lost', 'bothDirections'], ['lostLarge'], decisions.otherEnd),
  row('reset_on_the_way', 'packets', ['reset', 'foreignReset'], [], decisions.otherEnd, []),

  row('plaintext_on_tls_port', 'words', ['fromStart', 'clientPlain'], ['proxyHeader'], decisions.nothing),
  row('upgrade_on_tls_port', 'words', ['fromStart', 'clientPlain'], ['proxyHeader'], decisions.nothing),
  row('tls_on_plaintext_port', 'words', ['fromStart', 'clientTls', 'serverPlain'], [], decisions.nothing),
  row(
    'proxy_header_refused',
    'words',
    ['fromStart', 'proxyHeader', 'noServerHello'],
    ['lost'],
    decisions.serverLog,
  ),
  row('starttls_refused', 'words', ['upgradeRefused', 'bothDirections'], ['serverHello'], decisions.nothing),
  row('tunnel_refused', 'words', ['tunnelRefused', 'bothDirections'], ['serverHello'], decisions.nothing),
  row('refused_over_http', 'words', ['complaint'], [], decisions.nothing),
  row('channel_binding_refused', 'words', ['bindingRefused'], ['gap'], decisions.nothing),
  row(
    'heartbeat_leak',
    'words',
    ['overread'],
    [],
    {
      en: "the server's version of OpenSSL, and a capture with its keys",
      ko: '서버의 OpenSSL 버전, 키 로그를 함께 기록한 캡처',
    },
    ['overreadRead'],
  ),
];

const byCause = new Map<string, CauseRow>(causeTable.map((one) => [`${one.cause} ${one.evidence}`, one]));

export function rowOf(cause: Cause, evidence: EvidenceKind): CauseRow | undefined {
  return byCause.get(`${cause} ${evidence}`);
}

export interface Admission {
  readonly confidence: 'proven' | 'likely';
  readonly row: CauseRow;
}

/** Whether a cause may be named on that evidence; undefined where something that it needs is missing, or excludes it. */
export function admit(
  cause: Cause,
  evidence: EvidenceKind,
  facts: Facts,
  claim: Claim,
  inferred: boolean,
): Admission | undefined {
  const found = rowOf(cause, evidence);
  if (
    !found ||
    !found.needs.every((name) => holds(name, facts, claim)) ||
    found.excludedBy.some((name) => holds(name, facts, claim))
  )
    return undefined;
  const isProven =
    !inferred &&
    (found.provenBy === undefined ||
      (found.provenBy.length > 0 && found.provenBy.every((name) => holds(name, facts, claim))));
  return { confidence: isProven ? 'proven' : 'likely', row: found };
}
