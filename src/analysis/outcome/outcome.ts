/**
 * Determines the outcome of a connection, in a closed vocabulary: who ended it, at which step, why, with the evidence
 * and a sentence for people. It combines the endpoints' reports with the wire, and names the source (`source`). Use it
 * once the connection has settled: under TLS 1.3 a client considers itself connected before the server has verified its
 * certificate. `cause.ts` finds the cause of an aborted handshake; `outcome-words.ts` has the sentences.
 *
 * 1. An endpoint's own refusal comes first: only it knows whether and why it refused. The other side's disconnection
 *    during the handshake is not a refusal.
 * 2. Then what the wire proves: a refused SYN, plaintext instead of TLS or vice versa, a readable fatal alert, a reset,
 *    silence.
 * 3. Then what it suggests, marked `inferred`: under TLS 1.3 a refusal is encrypted, and only its place and size are
 *    visible. A cause is only proposed here: `cause-table.ts` requires and excludes evidence. Rejected causes are
 *    unknown, and the observations are reported instead.
 * 4. The TLS readers must be loaded (`loadReadings`); otherwise a connection is judged by its end alone.
 * 5. Port numbers and file names are not used. Uncaptured data is not taken for silence.
 */
import type { Side } from '../../capture/event.ts';
import type { Connection } from '../../capture/connection.ts';
import { sameBytes } from '../../core/bytes.ts';
import { defined } from '../../core/defined.ts';
import type { Localized } from '../../i18n/language.ts';
import { admit } from './cause-table.ts';
import type { EvidenceKind } from './cause-table.ts';
import { alertIn, sealedRefusal } from './judging/alerts.ts';
import { endOf, lostPackets, oneSidedEnd, turnedAway } from './judging/endings.ts';
import { bindingRefused, complaintOverHttp, saidInClear, wrongProtocol } from './judging/in-clear.ts';
import { JudgedConnection, alertType, otherAlerts, kindOfEnd } from './judging/judged-connection.ts';
import type { Draft, OutcomeOptions } from './judging/judged-connection.ts';
import { reportedBy } from './judging/reports.ts';
import type { Outcome, OutcomeFacts, OutcomeKind } from './outcome-facts.ts';
import { certaintyOf, sentenceOf } from './outcome-words.ts';
import type { CauseDetail } from './refusal-facts.ts';
import { holds, wordsOfSign } from './signs.ts';
import type { Claim, SignName } from './signs.ts';

/** The outcome, as far as the log shows. Never throws, whatever the bytes. */

export function outcomeOf(connection: Connection, options: OutcomeOptions = {}): Outcome {
  const facts = factsOfOutcome(new JudgedConnection(connection, options));
  // Most outcomes are only checked for failure: texts are created on demand.
  return {
    ...facts,
    get sentence() {
      return sentenceOf(facts);
    },
    get certainty() {
      return certaintyOf(facts);
    },
  };
}

/** Reported for unknown causes, as far as they hold. */
const worthTelling = [
  'noHello',
  'oneDirection',
  'joinedLate',
  'gap',
  'lost',
  'repeated',
  'foreignReset',
  'serverSaidNothing',
  'clientSaidNothing',
  'tooShortForFinished',
  'certificate',
  'silence',
  'prompt',
] as const satisfies readonly SignName[];

/** Evidence for a cause that need not be mentioned. */
const understood: ReadonlySet<SignName> = new Set([
  'fromStart',
  'incomplete',
  'clientHello',
  'certificateRead',
]);

/** Reported in addition to the evidence of a likely cause, if they hold. */
const tellingToo = [
  'tooShortForFinished',
  'reset',
  'foreignReset',
  'joinedLate',
] as const satisfies readonly SignName[];

const failures: ReadonlySet<OutcomeKind> = new Set([
  'closed_without_alert',
  'reset',
  'timed_out',
  'no_answer',
]);

const decidedByDefault: Readonly<Record<'oneDirection' | 'loss' | 'end', Localized>> = {
  oneDirection: { en: 'a capture of both directions', ko: '양방향을 모두 담은 캡처' },
  loss: { en: 'captures at both ends', ko: '양쪽 끝에서 한 캡처' },
  end: { en: 'the log of the side that ended it', ko: '연결을 끝낸 쪽의 로그' },
};

function factsOfOutcome(judged: JudgedConnection): OutcomeFacts {
  const { proof, ...draft } = draftOf(judged);
  const late = judged.facts.joinedLate ? ({ joinedLate: true } as const) : {};
  const found = { source: 'wire', inferred: false, detail: {}, ...late, ...draft } as const;
  return { ...found, ...weighed(judged, found, proof), ...notesOn(judged, found.kind, found.by) };
}

function draftOf(judged: JudgedConnection): Draft {
  const known = reportedBy(judged) ?? turnedAway(judged);
  if (known) return known;
  const draft =
    saidInClear(judged) ??
    wrongProtocol(judged) ??
    alertIn(judged) ??
    complaintOverHttp(judged) ??
    bindingRefused(judged) ??
    oneSidedEnd(judged) ??
    lostPackets(judged) ??
    sealedRefusal(judged) ??
    endOf(judged);
  const { heartbeat } = judged.facts;
  if (!heartbeat) return draft;
  const answer = judged.messages.find(({ from, contentType }) => from === heartbeat.by && contentType === 24);
  return {
    ...draft,
    by: heartbeat.by,
    cause: 'heartbeat_leak',
    inferred: !heartbeat.isRead,
    detail: {},
    proof: 'words',
    evidence: [...(answer ? [judged.place(answer)] : []), ...draft.evidence],
  };
}

/** What the table makes of it. */
function weighed(
  judged: JudgedConnection,
  draft: Omit<OutcomeFacts, 'confidence' | 'signs' | 'seen'>,
  proof: EvidenceKind | undefined,
): Pick<
  OutcomeFacts,
  'kind' | 'cause' | 'inferred' | 'confidence' | 'signs' | 'seen' | 'decidedBy' | 'detail'
> &
  Partial<OutcomeFacts> {
  const { kind, cause, inferred, detail, by } = draft;
  const facts = judged.facts;
  const claim: Claim = { by };
  const explained = (
    signs: readonly SignName[],
  ): { readonly signs: readonly SignName[]; readonly seen: readonly Localized[] } => ({
    signs,
    seen: signs.map((name) => wordsOfSign(name, facts, claim)),
  });
  if (draft.source === 'endpoint')
    return defined({
      kind,
      cause,
      inferred,
      detail,
      confidence: inferred ? 'likely' : 'proven',
      ...explained([]),
    });
  const admission =
    cause === undefined || proof === undefined ? undefined : admit(cause, proof, facts, claim, inferred);
  if (admission && cause !== undefined) {
    const { confidence, row } = admission;
    const isLikely = confidence === 'likely';
    const signs = [
      ...row.needs.filter((name) => !understood.has(name)),
      ...tellingToo.filter((name) => isLikely && !row.needs.includes(name) && holds(name, facts, claim)),
    ];
    return defined({
      kind,
      cause,
      inferred: isLikely,
      detail,
      confidence,
      ...explained(signs),
      decidedBy: isLikely ? row.decidedBy : undefined,
    });
  }
  const isFailure =
    cause !== undefined ||
    (kind === 'open' && facts.loss !== undefined) ||
    failures.has(kind) ||
    kind === 'refused_by_client' ||
    kind === 'refused_by_server';
  if (!isFailure && !draft.oneSided && !draft.incomplete)
    return { kind, inferred, detail, confidence: inferred ? 'likely' : 'proven', ...explained([]) };
  // No proposed cause holds: the events are reported, and that the cause is unknown.
  // An alert says at least that its sender refused.
  if (draft.alert)
    return {
      kind,
      cause: 'other_alert',
      inferred: false,
      detail: {},
      confidence: 'unknown',
      ...explained(worthTelling.filter((name) => name !== 'prompt' && holds(name, facts, claim))),
      decidedBy: decidedByDefault.end,
    };
  const isOfHandshake =
    judged.isTls &&
    judged.hasBegun &&
    !facts.isComplete &&
    !draft.oneSided &&
    !draft.incomplete &&
    (cause !== undefined || failures.has(kind));
  // What a browser does before every login with a certificate is no failure.
  if (isOfHandshake && kind === 'closed_without_alert' && hasLeftOnRequest(judged, claim))
    return { kind: 'left_on_request', inferred: false, detail: {}, confidence: 'proven', ...explained([]) };
  const withoutCause = isOfHandshake
    ? ({ cause: 'closed_during_handshake', detail: suspect(judged, claim) } as const)
    : { cause: undefined, detail: {} };
  const decidedBy =
    decidedByDefault[
      holds('oneDirection', facts, claim) ? 'oneDirection' : facts.loss || facts.hasGap ? 'loss' : 'end'
    ];
  const { cause: remaining, detail: shown } = withoutCause;
  const signs = worthTelling.filter(
    (name) => holds(name, facts, claim) && !((name === 'prompt' || name === 'noHello') && !isOfHandshake),
  );
  return defined({
    kind: plainKind(judged, kind),
    inferred: draft.oneSided || draft.incomplete ? inferred : false,
    detail: shown,
    cause: remaining,
    confidence: 'unknown',
    ...explained(signs),
    decidedBy,
  });
}

/** Of a refusal that is not admitted only the end is left. */
function plainKind(judged: JudgedConnection, kind: OutcomeKind): OutcomeKind {
  if (kind !== 'refused_by_client' && kind !== 'refused_by_server') return kind;
  return kindOfEnd[judged.facts.end];
}

/** Whether everything was captured that would show another cause of an end without an alert. */
const isClear = ({ facts }: JudgedConnection, claim: Claim): boolean =>
  holds('bothDirections', facts, claim) &&
  !(['lost', 'repeated', 'gap', 'foreignReset', 'joinedLate'] as const).some((name) =>
    holds(name, facts, claim),
  );

/** The client was asked for a certificate, and closed before its part of the handshake was complete, without an alert. */
function hasLeftOnRequest(judged: JudgedConnection, claim: Claim): boolean {
  const { progress, connection, messages } = judged;
  const isAsked =
    progress.certificateRequest !== undefined ||
    connection.refused.some(({ detail }) => detail.asked === true);
  return (
    isAsked &&
    progress.serverHello !== undefined &&
    claim.by === 'client' &&
    holds('prompt', judged.facts, claim) &&
    !progress.hasFinished('client') &&
    !messages.some(({ from, contentType }) => from === 'client' && contentType === alertType) &&
    isClear(judged, claim)
  );
}

/** Possible causes of an end without an alert. */
function suspect(judged: JudgedConnection, claim: Claim): CauseDetail {
  const facts = judged.facts;
  if (!isClear(judged, claim)) return {};
  if (holds('certificate', facts, claim) && holds('prompt', facts, claim)) return { suspect: 'certificate' };
  return facts.hasClientHello && claim.by === 'server' && !facts.spoke.server ? { suspect: 'hello' } : {};
}

/** What is worth knowing of a handshake that succeeded. */
function notesOn(
  judged: JudgedConnection,
  kind: OutcomeKind,
  by: Side | undefined,
): Pick<OutcomeFacts, 'resumption' | 'withoutCertificate' | 'inClear' | 'farewell'> {
  const farewell = kind === 'closed_without_alert' ? farewellOf(judged, by) : undefined;
  const { hello, answer, isTls13, certificateRequest, certificate } = judged.progress;
  const offered =
    hello &&
    (isTls13
      ? (hello.extensions.pskIdentities ?? 0) > 0
      : hello.sessionId.length > 0 && hello.extensions.supportedVersions === undefined);
  const isAccepted = isTls13
    ? answer?.extensions.selectedPsk !== undefined
    : hello !== undefined && answer !== undefined && sameBytes(hello.sessionId, answer.sessionId);
  const isAsked =
    kind === 'completed' &&
    (certificateRequest !== undefined || isTls13) &&
    certificate.client?.content.certificates.length === 0;
  return defined({
    resumption: offered && answer ? (isAccepted ? 'accepted' : 'declined') : undefined,
    withoutCertificate: isAsked || undefined,
    inClear: kind === 'completed' ? judged.facts.declinedUpgrade : undefined,
    farewell,
  });
}

/** With which alert a side took its leave, where it is not an error that was read. */
function farewellOf(judged: JudgedConnection, by: Side | undefined): Outcome['farewell'] {
  const last = judged.messages.findLast(({ from }) => from === by);
  if (last?.contentType !== alertType) return undefined;
  if (last.content.type === 'sealed') return 'sealed';
  return last.content.type === 'alert' && last.content.alert.code === otherAlerts.closeNotify
    ? 'close_notify'
    : undefined;
}
