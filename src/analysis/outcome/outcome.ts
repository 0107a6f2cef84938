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
import { otherSide } from '../../capture/event.ts';
import type { Side } from '../../capture/event.ts';
import type { Connection } from '../../capture/flows.ts';
import type { RefusalReason } from '../../capture/vocabulary.ts';
import { recognise } from '../../protocols/index.ts';
import type { ProtocolName } from '../../protocols/index.ts';
import type { TlsMessage } from '../../protocols/tls/conversation.ts';
import type { KeyRing } from '../../protocols/tls/keylog.ts';
import type { Localized } from '../../i18n/language.ts';
import { readToEnd } from '../conversation/conversation.ts';
import type { ConversationReader } from '../conversation/conversation.ts';
import { admit } from './cause-table.ts';
import type { EvidenceKind } from './cause-table.ts';
import { causeOfAlert, causeOfClose } from './cause.ts';
import type { FoundCause } from './cause.ts';
import type { HandshakeGist } from './handshake-gist.ts';
import { HandshakeProgress } from './handshake-progress.ts';
import { isHearsay } from './secondhand-reasons.ts';
import { certaintyOf, sentenceOf } from './outcome-words.ts';
import type { Outcome, OutcomeEvidence, OutcomeFacts, OutcomeKind } from './outcome-facts.ts';
import { firstLineOf } from './plain-words.ts';
import type { CauseDetail } from './refusal-facts.ts';
import { holds, wordsOfSign } from './signs.ts';
import type { Claim, SignName } from './signs.ts';
import { beginningOf, factsOf } from './wire-facts.ts';
import type { Facts } from './wire-facts.ts';

export interface OutcomeOptions {
  /** NSS key log lines: what they open proves more. */
  readonly keys?: Iterable<string> | KeyRing;
  /** The connection, where it has been read already to its end, on the wire. */
  readonly reading?: Pick<ConversationReader, 'handshake'>;
}

const refusedBy: Readonly<Record<Side, OutcomeKind>> = {
  client: 'refused_by_client',
  server: 'refused_by_server',
};
const otherAlerts = {
  closeNotify: 0,
  internalError: 80,
  userCanceled: 90,
  noRenegotiation: 100,
  decodeError: 50,
} as const;

/** The outcome, as far as the log shows. Never throws, whatever the bytes. */
export function outcomeOf(connection: Connection, options: OutcomeOptions = {}): Outcome {
  const facts = new Judgement(connection, options).facts();
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

type Draft = Omit<
  OutcomeFacts,
  'source' | 'inferred' | 'detail' | 'joinedLate' | 'confidence' | 'signs' | 'seen'
> &
  Partial<OutcomeFacts> & { readonly proof?: EvidenceKind };

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

class Judgement {
  readonly #connection: Connection;
  readonly #gist: HandshakeGist | undefined;
  readonly #messages: readonly TlsMessage[];
  readonly #progress: HandshakeProgress;
  readonly #facts: Facts;
  /** Whether at least one side uses TLS, from the start or later. */
  readonly #isTls: boolean;

  constructor(
    connection: Connection,
    { keys = [], reading = readToEnd(connection, { keys }) }: OutcomeOptions,
  ) {
    this.#connection = connection;
    this.#gist = reading.handshake;
    this.#isTls = this.#gist !== undefined;
    this.#messages = this.#gist?.messages ?? [];
    this.#progress = new HandshakeProgress(this.#messages);
    const alert = this.#messages.find((message) => isFatal(message, this.#progress.isTls13));
    this.#facts = factsOf(connection, this.#gist, this.#progress, alert?.from);
  }

  facts(): OutcomeFacts {
    const { proof, ...draft } = this.#draft();
    const late = this.#facts.joinedLate ? ({ joinedLate: true } as const) : {};
    const found = { source: 'wire', inferred: false, detail: {}, ...late, ...draft } as const;
    return { ...found, ...this.#weighed(found, proof), ...this.#notes(found.kind, found.by) };
  }

  #draft(): Draft {
    const known = this.#reported() ?? this.#turnedAway();
    if (known) return known;
    const draft =
      this.#saidInClear() ??
      this.#wrongProtocol() ??
      this.#alerted() ??
      this.#complained() ??
      this.#oneSided() ??
      this.#lost() ??
      this.#sealedRefusal() ??
      this.#ended();
    const { heartbeat } = this.#facts;
    if (!heartbeat) return draft;
    const answer = this.#messages.find(
      ({ from, contentType }) => from === heartbeat.by && contentType === 24,
    );
    return {
      ...draft,
      by: heartbeat.by,
      cause: 'heartbeat_leak',
      inferred: !heartbeat.isRead,
      detail: {},
      proof: 'words',
      evidence: [...(answer ? [this.#place(answer)] : []), ...draft.evidence],
    };
  }

  /** What the table makes of it. */
  #weighed(
    draft: Omit<OutcomeFacts, 'confidence' | 'signs' | 'seen'>,
    proof: EvidenceKind | undefined,
  ): Pick<
    OutcomeFacts,
    'kind' | 'cause' | 'inferred' | 'confidence' | 'signs' | 'seen' | 'decidedBy' | 'detail'
  > &
    Partial<OutcomeFacts> {
    const { kind, cause, inferred, detail, by } = draft;
    const facts = this.#facts;
    const claim: Claim = { by };
    const explained = (
      signs: readonly SignName[],
    ): { readonly signs: readonly SignName[]; readonly seen: readonly Localized[] } => ({
      signs,
      seen: signs.map((name) => wordsOfSign(name, facts, claim)),
    });
    if (draft.source === 'endpoint')
      return {
        kind,
        ...(cause === undefined ? {} : { cause }),
        inferred,
        detail,
        confidence: inferred ? 'likely' : 'proven',
        ...explained([]),
      };
    const admission =
      cause === undefined || proof === undefined ? undefined : admit(cause, proof, facts, claim, inferred);
    if (admission && cause !== undefined) {
      const { confidence, row } = admission;
      const isLikely = confidence === 'likely';
      const signs = [
        ...row.needs.filter((name) => !understood.has(name)),
        ...tellingToo.filter((name) => isLikely && !row.needs.includes(name) && holds(name, facts, claim)),
      ];
      return {
        kind,
        cause,
        inferred: isLikely,
        detail,
        confidence,
        ...explained(signs),
        ...(isLikely ? { decidedBy: row.decidedBy } : {}),
      };
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
      this.#isTls &&
      this.#hasBegun &&
      !facts.isComplete &&
      !draft.oneSided &&
      !draft.incomplete &&
      (cause !== undefined || failures.has(kind));
    const withoutCause = isOfHandshake
      ? ({ cause: 'closed_during_handshake', detail: this.#suspect(claim) } as const)
      : { cause: undefined, detail: {} };
    const decidedBy =
      decidedByDefault[
        holds('oneDirection', facts, claim) ? 'oneDirection' : facts.loss || facts.hasGap ? 'loss' : 'end'
      ];
    const { cause: remaining, detail: shown } = withoutCause;
    const signs = worthTelling.filter(
      (name) => holds(name, facts, claim) && !((name === 'prompt' || name === 'noHello') && !isOfHandshake),
    );
    return {
      kind: this.#plainKind(kind),
      inferred: draft.oneSided || draft.incomplete ? inferred : false,
      detail: shown,
      ...(remaining === undefined ? {} : { cause: remaining }),
      confidence: 'unknown',
      ...explained(signs),
      decidedBy,
    };
  }

  /** Of a refusal that is not admitted only the end is left. */
  #plainKind(kind: OutcomeKind): OutcomeKind {
    if (kind !== 'refused_by_client' && kind !== 'refused_by_server') return kind;
    const { end } = this.#facts;
    return end === 'reset'
      ? 'reset'
      : end === 'timeout'
        ? 'timed_out'
        : end === 'open'
          ? 'open'
          : 'closed_without_alert';
  }

  /** Possible causes of an end without an alert: only if everything that would show another cause was examined. */
  #suspect(claim: Claim): CauseDetail {
    const facts = this.#facts;
    const isClear =
      holds('bothDirections', facts, claim) &&
      !(['lost', 'repeated', 'gap', 'foreignReset', 'joinedLate'] as const).some((name) =>
        holds(name, facts, claim),
      );
    if (!isClear) return {};
    if (holds('certificate', facts, claim) && holds('prompt', facts, claim))
      return { suspect: 'certificate' };
    return facts.hasClientHello && claim.by === 'server' && !facts.spoke.server ? { suspect: 'hello' } : {};
  }

  /** What is worth knowing of a handshake that succeeded. */
  #notes(
    kind: OutcomeKind,
    by: Side | undefined,
  ): Pick<OutcomeFacts, 'resumption' | 'withoutCertificate' | 'farewell'> {
    const farewell = kind === 'closed_without_alert' ? this.#farewellOf(by) : undefined;
    const { hello, answer, isTls13, certificateRequest, certificate } = this.#progress;
    const offered =
      hello &&
      (isTls13
        ? (hello.extensions.pskIdentities ?? 0) > 0
        : hello.sessionId.length > 0 && hello.extensions.supportedVersions === undefined);
    const isAccepted = isTls13
      ? answer?.extensions.selectedPsk !== undefined
      : hello !== undefined && answer !== undefined && Buffer.from(hello.sessionId).equals(answer.sessionId);
    const isAsked =
      kind === 'completed' &&
      (certificateRequest !== undefined || isTls13) &&
      certificate.client?.content.certificates.length === 0;
    return {
      ...(offered && answer ? { resumption: isAccepted ? 'accepted' : 'declined' } : {}),
      ...(isAsked ? { withoutCertificate: true } : {}),
      ...(farewell ? { farewell } : {}),
    };
  }

  /** With which alert a side took its leave, where it is not an error that was read. */
  #farewellOf(by: Side | undefined): Outcome['farewell'] {
    const last = this.#messages.findLast(({ from }) => from === by);
    if (last?.contentType !== alertType) return undefined;
    if (last.content.type === 'sealed') return 'sealed';
    return last.content.type === 'alert' && last.content.alert.code === otherAlerts.closeNotify
      ? 'close_notify'
      : undefined;
  }

  /** Rule 1. */
  #reported(): Draft | undefined {
    const { refused } = this.#connection;
    const refusal = refused.find(({ reason }) => !isHearsay(reason)) ?? refused[0];
    if (!refusal || refusal.reason === 'closed_during_handshake') return undefined;
    const { by, reason, seq, detail } = refusal;
    // A library sends an alert without reporting it to its program: only the wire shows it.
    const onWire = refusal.alert
      ? undefined
      : this.#messages.find((message) => message.from === by && isFatal(message, this.#progress.isTls13));
    const alert = refusal.alert ?? (onWire?.content.type === 'alert' ? onWire.content.alert : undefined);
    const step = this.#isTls ? { step: this.#progress.step } : {};
    return {
      kind: refusedBy[by],
      source: 'endpoint',
      by,
      reason,
      cause: reason,
      ...(alert ? { alert } : {}),
      detail: this.#withProtocol(reason, detail),
      ...step,
      evidence: [{ event: seq }, ...(onWire ? [this.#place(onWire)] : [])],
    };
  }

  /** What was said in place of TLS, where its first bytes show it. */
  #withProtocol(reason: RefusalReason, detail: CauseDetail): CauseDetail {
    const protocol = reason === 'plaintext_on_tls_port' ? speaks(this.#connection, 'client') : undefined;
    return protocol === undefined || protocol === 'tls' ? detail : { ...detail, protocol };
  }

  #turnedAway(): Draft | undefined {
    const { closed } = this.#connection;
    if (!closed?.unaccepted) return undefined;
    const evidence = [{ event: closed.seq }];
    if (closed.how === 'timeout')
      return { kind: 'no_answer', step: 'connecting', cause: 'unanswered', proof: 'packets', evidence };
    if (closed.by !== 'server') return { kind: 'reset', ...byOf(closed.by), step: 'connecting', evidence };
    return {
      kind: 'not_accepted',
      by: 'server',
      step: 'connecting',
      cause: 'nothing_listens',
      proof: 'packets',
      evidence,
    };
  }

  /** What was said before TLS could begin, or in its place. */
  #saidInClear(): Draft | undefined {
    const { refusedUpgrade, refusedTunnel, hasProxyHeader, hasServerHello, spoke, end, endedBy } =
      this.#facts;
    const said = refusedUpgrade ?? refusedTunnel;
    if (said !== undefined) {
      const cause = refusedUpgrade === undefined ? 'tunnel_refused' : 'starttls_refused';
      return {
        kind: 'refused_by_server',
        by: 'server',
        step: 'plaintext',
        cause,
        detail: { said },
        proof: 'words',
        evidence: [this.#beginning('server'), this.#beginning('client')],
      };
    }
    if (!hasProxyHeader || hasServerHello) return undefined;
    const alert = this.#messages.find((message) => message.from === 'server' && isFatal(message, false));
    const common = {
      by: 'server',
      step: 'plaintext',
      cause: 'proxy_header_refused',
      proof: 'words',
    } as const;
    if (alert?.content.type === 'alert')
      return {
        ...common,
        kind: 'refused_by_server',
        alert: alert.content.alert,
        evidence: [this.#place(alert), this.#beginning('client')],
      };
    const words = complaintIn(beginningOf(this.#connection.stream('wire', 'server')));
    if (words !== undefined)
      return {
        ...common,
        kind: 'refused_by_server',
        detail: { said: words },
        evidence: [this.#beginning('server'), this.#beginning('client')],
      };
    const { closed } = this.#connection;
    if (spoke.server || endedBy !== 'server' || !closed) return undefined;
    return {
      ...common,
      kind: end === 'reset' ? 'reset' : 'closed_without_alert',
      inferred: true,
      evidence: [{ event: closed.seq }, this.#beginning('client')],
    };
  }

  /** Over HTTP, behind a handshake that succeeded. */
  #complained(): Draft | undefined {
    const { complaint } = this.#facts;
    if (complaint === undefined) return undefined;
    const place = this.#messages.find(
      ({ from, content }) => from === 'server' && content.type === 'application_data',
    );
    return {
      kind: 'refused_by_server',
      by: 'server',
      step: 'application_data',
      cause: 'refused_over_http',
      detail: { said: complaint },
      proof: 'words',
      evidence: [place ? this.#place(place) : this.#beginning('server')],
    };
  }

  /** The other side's data, or its absence, is unknown. */
  #oneSided(): Draft | undefined {
    const { captured, end } = this.#facts;
    const { closed } = this.#connection;
    if (!closed || (captured.client && captured.server) || this.#isProvenByEndpoints) return undefined;
    const step = this.#isTls && this.#hasBegun ? { step: this.#progress.step } : {};
    const common = {
      ...byOf(closed.by),
      ...step,
      oneSided: true,
      evidence: [{ event: closed.seq }],
    } as const;
    if (end === 'end') return { ...common, kind: 'completed', inferred: true };
    return { ...common, kind: end === 'reset' ? 'reset' : 'timed_out' };
  }

  /** Packets that never arrived, by what their sender or their receiver did. */
  #lost(): Draft | undefined {
    const { loss, isComplete, end, silence } = this.#facts;
    // A connection that is under way may have lost something just now, and get over it.
    if (!loss || (isComplete && silence < settled) || (end === 'open' && silence < settled)) return undefined;
    const { closed } = this.#connection;
    const step = this.#isTls && this.#hasBegun ? { step: this.#progress.step } : {};
    const kind =
      end === 'reset'
        ? 'reset'
        : end === 'timeout'
          ? 'timed_out'
          : end === 'open'
            ? 'open'
            : 'closed_without_alert';
    const cause = loss.bytes >= fullSize ? 'large_packets_lost' : 'packets_lost';
    return {
      kind,
      ...byOf(closed?.by ?? 'unknown'),
      ...step,
      cause,
      inferred: cause === 'large_packets_lost',
      detail: { lost: loss },
      proof: 'packets',
      evidence: [{ event: closed?.seq ?? this.#connection.lastSeq }],
    };
  }

  /** One side uses TLS and the other does not, according to their first bytes. */
  #wrongProtocol(): Draft | undefined {
    const connection = this.#connection;
    const { closed, opened } = connection;
    // Without its start, a connection's first bytes are unknown.
    if (opened?.late || connection.secured.client || connection.secured.server) return undefined;
    const [client, server] = [speaks(connection, 'client'), speaks(connection, 'server')];
    if (client === 'tls' && server !== 'tls' && server !== undefined) return this.#tlsToPlaintext();
    if (client === 'tls' || client === undefined) return undefined;
    // A side that was answered with a ServerHello does use TLS, for example after a PROXY protocol header.
    const alert =
      server === 'tls' && !this.#progress.serverHello
        ? this.#messages.find((message) => message.from === 'server' && isFatal(message, false))
        : undefined;
    if (alert?.content.type === 'alert') {
      const cause =
        client === 'tls_request'
          ? ({ cause: 'upgrade_on_tls_port' } as const)
          : { detail: { protocol: client } };
      return {
        ...plaintextToTls,
        ...cause,
        kind: 'refused_by_server',
        by: 'server',
        alert: alert.content.alert,
        evidence: [this.#place(alert), this.#beginning('client')],
      };
    }
    const said =
      client === 'http'
        ? complaintIn(
            connection
              .stream('wire', 'server')
              .read(0, Math.min(mostRead, connection.stream('wire', 'server').length)),
          )
        : undefined;
    if (said !== undefined) {
      return {
        ...plaintextToTls,
        kind: 'refused_by_server',
        by: 'server',
        detail: { said, protocol: client },
        evidence: [this.#beginning('server'), this.#beginning('client')],
      };
    }
    // A TLS server that knows HTTP by its first bytes hangs up; so does an HTTP server that has crashed.
    if (client === 'http' && server === undefined && closed?.by === 'server' && closed.how !== 'timeout') {
      return {
        ...plaintextToTls,
        kind: closed.how === 'reset' ? 'reset' : 'no_answer',
        by: 'server',
        inferred: true,
        detail: { protocol: client },
        proof: 'end',
        evidence: [{ event: closed.seq }, this.#beginning('client')],
      };
    }
    return undefined;
  }

  #tlsToPlaintext(): Draft {
    const { closed } = this.#connection;
    const stream = this.#connection.stream('wire', 'server');
    const said = firstLineOf(stream.read(0, Math.min(mostRead, stream.length)));
    const common = {
      step: 'client_hello',
      cause: 'tls_on_plaintext_port',
      proof: 'words',
      detail: said === undefined ? {} : { said },
    } as const;
    const first = this.#beginning('server');
    const alert = this.#messages.find((message) => message.from === 'client' && isFatal(message, false));
    if (alert?.content.type === 'alert')
      return {
        ...common,
        kind: 'refused_by_client',
        by: 'client',
        alert: alert.content.alert,
        evidence: [this.#place(alert), first, this.#hello()],
      };
    const end = closed ? byOf(closed.by) : {};
    const kind =
      closed === undefined
        ? 'open'
        : closed.how === 'reset'
          ? 'reset'
          : closed.how === 'timeout'
            ? 'timed_out'
            : 'closed_without_alert';
    return { ...common, kind, ...end, evidence: [first, this.#hello()] };
  }

  /** A fatal alert that could be read. */
  #alerted(): Draft | undefined {
    const { isTls13 } = this.#progress;
    let looked = 0;
    for (const [index, message] of this.#messages.entries()) {
      if (message.content.type !== 'alert' || !isFatal(message, isTls13)) continue;
      if (++looked > mostAlerts) break;
      const before = new HandshakeProgress(this.#messages.slice(0, index));
      if (this.#isReaction(message, before)) continue;
      const { alert } = message.content;
      const by = message.from;
      const recordVersion = message.frames[0]?.version;
      const found = causeOfAlert({ by, alert, progress: before, at: this.#timeOf(message), recordVersion });
      const step =
        before.clientHello || before.serverHello || this.#facts.joinedLate ? { step: before.step } : {};
      return {
        kind: refusedBy[by],
        by,
        ...step,
        alert,
        ...causeOnly(found),
        proof: 'alert',
        evidence: this.#evidence(message, found),
      };
    }
    return undefined;
  }

  /**
   * Whether an alert only answers that the other side hung up: it had said nothing since, or nothing that was not taken.
   * OpenSSL calls such an end decode_error.
   */
  #isReaction(message: TlsMessage, before: HandshakeProgress): boolean {
    const { closed } = this.#connection;
    const other = otherSide[message.from];
    if (message.content.type !== 'alert' || closed?.by !== other || closed.how !== 'end') return false;
    const { code } = message.content.alert;
    // OpenSSL says so as well of an end in the middle of a record, and of one before the first byte (a health check).
    if (
      code === otherAlerts.decodeError &&
      (this.#isBehindEnd(message) || this.#length(other) === 0 || this.#endsInRecord(other))
    )
      return true;
    if (before.messages.length === 0) return false;
    if (before.isComplete) return code === otherAlerts.decodeError;
    if (code === otherAlerts.internalError || code === otherAlerts.userCanceled) return false;
    const own = before.messages.findLastIndex(({ from }) => from === message.from);
    return !before.messages.slice(own + 1).some(({ from }) => from === other);
  }

  /** Whether the other side had ended (FIN) before that message was sent, as its packets show. */
  #isBehindEnd({ from, offset }: TlsMessage): boolean {
    const { afterEnd } = this.#connection.segments ?? {};
    return afterEnd?.from === from && offset >= this.#length(from) - afterEnd.bytes;
  }

  /** Whether what a side sent breaks off within a record. Of more records than a handshake has, nothing is said. */
  #endsInRecord(from: Side): boolean {
    const stream = this.#connection.stream('wire', from);
    let at = 0;
    for (let count = 0; count < mostRecords && at + recordHead <= stream.length; count++) {
      const [type = 0, , , high = 0, low = 0] = stream.read(at, recordHead) ?? [];
      if (type < recordTypes.first || type > recordTypes.last) return false;
      at += recordHead + high * 256 + low;
      if (at > stream.length) return true;
    }
    return at !== stream.length && at + recordHead > stream.length;
  }

  /** Rule 3. Endpoints who said that they are connected know better. */
  #sealedRefusal(): Draft | undefined {
    const progress = this.#progress;
    if (this.#isProvenByEndpoints) return undefined;
    const { renegotiation, silence } = this.#facts;
    if (renegotiation?.isRefused) {
      const by = otherSide[renegotiation.by];
      return {
        kind: refusedBy[by],
        by,
        step: 'application_data',
        cause: 'renegotiation_refused',
        inferred: true,
        proof: 'size',
        evidence: [{ event: this.#connection.lastSeq }],
      };
    }
    if (!progress.isTls13) return undefined;
    const byClient = progress.clientAlertBySize;
    if (byClient) {
      const about = new HandshakeProgress(this.#messages.slice(0, this.#messages.indexOf(byClient)))
        .serverCertificateBySize;
      return {
        kind: 'refused_by_client',
        by: 'client',
        step: 'server_flight',
        cause: 'certificate_not_accepted',
        inferred: true,
        proof: 'size',
        evidence: [this.#place(byClient), ...(about ? [this.#place(about)] : [])],
      };
    }
    const byServer = progress.serverAlertBySize;
    // A server that waited before it said so ended an idle connection; one that answers a goodbye refuses nothing.
    if (
      !byServer ||
      this.#saidGoodbye(byServer) ||
      (this.#waitedFor(byServer) >= settled && silence < settled)
    )
      return undefined;
    const before = new HandshakeProgress(this.#messages.slice(0, this.#messages.indexOf(byServer)));
    // Its certificate may have come before the alert, and the Finished behind it after.
    const at = this.#timeOf(byServer);
    const found = causeOfClose({ by: 'server', progress: before, at }) ??
      causeOfClose({ by: 'server', progress, at }) ?? { cause: 'sealed_alert', inferred: true, detail: {} };
    return {
      kind: 'refused_by_server',
      by: 'server',
      step: before.step,
      ...causeOnly(found),
      inferred: true,
      proof: 'size',
      evidence: this.#evidence(byServer, found),
    };
  }

  /** Whether the client had sent a record of the size of an alert before that message, behind its Finished. */
  #saidGoodbye(message: TlsMessage): boolean {
    const before = this.#messages.slice(0, this.#messages.indexOf(message));
    const last = before.findLast(
      ({ from, content }) => from === 'client' && content.type !== 'change_cipher_spec',
    );
    return last !== undefined && this.#progress.isAlertSize(last);
  }

  /** How long before that message nothing had been said, in milliseconds. */
  #waitedFor(message: TlsMessage): number {
    const own = this.#timeOf(message);
    const before = this.#messages[this.#messages.indexOf(message) - 1];
    const last = before && this.#timeOf(before);
    return own === undefined || last === undefined ? 0 : own - last;
  }

  get #hasGap(): boolean {
    return (
      this.#connection.stream('wire', 'client').hasGap || this.#connection.stream('wire', 'server').hasGap
    );
  }

  /** Whether it is a handshake that was seen from its beginning, or from a hello on. */
  get #hasBegun(): boolean {
    const { clientHello, serverHello } = this.#progress;
    return (
      clientHello !== undefined ||
      serverHello !== undefined ||
      (this.#connection.carriesTls && this.#connection.opened?.late === undefined)
    );
  }

  get #isProvenByEndpoints(): boolean {
    const { secured } = this.#connection;
    const [client, server] = [
      this.#connection.lengthOf('plaintext', 'client'),
      this.#connection.lengthOf('plaintext', 'server'),
    ];
    if (client > 0 || server > 0) return client > 0 && server > 0;
    return secured.client !== undefined && secured.server !== undefined;
  }

  /** By the end of the connection, and what had been said by then. */
  #ended(): Draft {
    const { closed } = this.#connection;
    const hasBegun = this.#isTls && this.#hasBegun;
    const step = hasBegun
      ? this.#progress.step
      : this.#length('client') + this.#length('server') > 0
        ? 'plaintext'
        : undefined;
    const stepOf = step === undefined ? {} : { step };
    if (!closed) return { kind: 'open', ...stepOf, evidence: [] };
    const end = { ...byOf(closed.by), ...stepOf, evidence: [{ event: closed.seq }] };
    const isProven = this.#isProvenByEndpoints;
    const handshakeBroke = hasBegun && !this.#progress.isComplete && !isProven;
    const unknown = { kind: 'completed', ...end, inferred: true, incomplete: true } as const;
    if (handshakeBroke && closed.how === 'end' && this.#hasGap) return unknown;
    if (closed.how === 'timeout')
      return {
        kind: 'timed_out',
        ...end,
        ...(handshakeBroke ? { cause: 'handshake_timeout', proof: 'end' } : {}),
      };
    if (this.#length('client') === 0 && this.#length('server') === 0)
      return { kind: closed.how === 'reset' ? 'reset' : 'empty', ...end };
    // An alert about nothing only answers the end.
    if (
      this.#length('client') === 0 &&
      closed.by === 'client' &&
      closed.how === 'end' &&
      this.#messages.length > 0 &&
      this.#messages.every(({ content }) => content.type === 'alert')
    )
      return { kind: 'empty', ...byOf(closed.by), evidence: end.evidence };
    if (handshakeBroke) return this.#brokenHandshake(closed.how, closed.by, end);
    if (closed.how === 'reset' && !(hasBegun && closed.by === 'client' && this.#isProbe))
      return { kind: 'reset', ...end, ...this.#foreignReset() };
    if (hasBegun && !isProven) {
      const connected = this.#connected(closed.by, end);
      return connected.kind !== 'completed' && this.#hasGap ? unknown : connected;
    }
    if (this.#length('server') === 0)
      return {
        kind: 'no_answer',
        ...end,
        cause: 'no_reply',
        proof: 'end',
        evidence: [...end.evidence, this.#beginning('client')],
      };
    return { kind: 'completed', ...end };
  }

  /** Closed or reset before both sides had ended the handshake, without an alert that says why. */
  #brokenHandshake(
    how: 'end' | 'reset',
    by: Side | 'unknown',
    end: Pick<OutcomeFacts, 'by' | 'step' | 'evidence'>,
  ): Draft {
    const progress = this.#progress;
    // Under TLS 1.3 a client that goes on to speak, or goes, has taken the server; what the server thought was not said.
    if (
      progress.isTls13 &&
      progress.hasFinished('client') &&
      by === 'client' &&
      (how === 'end' || this.#isProbe)
    ) {
      const isSilent = !progress.saidAbove('client');
      return isSilent
        ? { kind: 'nothing_said', ...end }
        : { kind: 'no_answer', ...end, cause: 'no_reply', proof: 'end' };
    }
    const kind = how === 'reset' ? 'reset' : 'closed_without_alert';
    const foreign = this.#foreignReset();
    if (foreign) return { kind, ...end, ...foreign };
    const silence = this.#silence(by, end);
    if (silence) return silence;
    const found = by === 'unknown' ? undefined : causeOfClose({ by, progress, at: this.#timeOfEnd() });
    if (!found) return { kind, ...end, evidence: [...end.evidence, ...this.#lastOf(by)] };
    return {
      kind,
      ...end,
      ...causeOnly(found),
      proof: 'end',
      evidence: [...end.evidence, ...(found.about ? [this.#place(found.about)] : this.#lastOf(by))],
    };
  }

  /**
   * The client sent close_notify and the server answered it: the client awaited no other response, as in protocols
   * where only the client sends (syslog).
   */
  get #isGoodbyeAnswered(): boolean {
    const isAlert = (message: TlsMessage): boolean =>
      message.contentType === alertType || this.#progress.isAlertSize(message);
    const [goodbye, answer] = (['client', 'server'] as const).map((side) =>
      this.#messages.findLast(({ from }) => from === side),
    );
    return (
      goodbye !== undefined &&
      answer !== undefined &&
      isAlert(goodbye) &&
      isAlert(answer) &&
      this.#messages.indexOf(goodbye) < this.#messages.indexOf(answer)
    );
  }

  /**
   * The client completed its part of the handshake and neither side sent more: a health check ends like this, with a
   * reset if unread tickets are waiting.
   */
  get #isProbe(): boolean {
    const progress = this.#progress;
    const hasServerSpoken = progress.isTls13
      ? progress.messages.some(
          ({ from, content }) => from === 'server' && content.type === 'application_data',
        )
      : progress.saidAbove('server');
    const hasAlert = progress.messages.some((message) => isFatal(message, progress.isTls13));
    return (
      progress.hasFinished('client') &&
      !progress.saidAbove('client') &&
      !hasServerSpoken &&
      !hasAlert &&
      progress.serverAlertBySize === undefined &&
      !this.#facts.isResetForeign &&
      !this.#facts.loss &&
      !this.#hasGap
    );
  }

  /** One side waited for the other and gave up. */
  #silence(by: Side | 'unknown', end: Pick<OutcomeFacts, 'by' | 'step' | 'evidence'>): Draft | undefined {
    const { silence, lastSpoke, end: how } = this.#facts;
    if (by === 'unknown' || silence < settled || lastSpoke !== by) return undefined;
    const cause = by === 'client' ? 'server_silent' : 'client_silent';
    const kind = how === 'reset' ? 'reset' : by === 'client' ? 'no_answer' : 'closed_without_alert';
    return {
      kind,
      ...end,
      cause,
      inferred: true,
      detail: { silentFor: silence },
      proof: 'end',
      evidence: [...end.evidence, ...this.#lastOf(otherSide[by])],
    };
  }

  #foreignReset(): Pick<Draft, 'cause' | 'inferred' | 'proof'> | undefined {
    const { isResetForeign, end } = this.#facts;
    return isResetForeign && end === 'reset'
      ? { cause: 'reset_on_the_way', inferred: true, proof: 'packets' }
      : undefined;
  }

  /** The last message of the other side: what it closed upon. */
  #lastOf(by: Side | 'unknown'): OutcomeEvidence[] {
    const last = this.#messages.findLast(
      ({ from, content }) => by !== 'unknown' && from === otherSide[by] && content.type !== 'alert',
    );
    return last ? [this.#place(last)] : [];
  }

  /** The handshake was ended by both. */
  #connected(by: Side | 'unknown', end: Pick<OutcomeFacts, 'by' | 'step' | 'evidence'>): Draft {
    const progress = this.#progress;
    const [client, server] = [progress.saidAbove('client'), progress.saidAbove('server')];
    if (client && !server && by === 'server' && !this.#isGoodbyeAnswered) {
      const found = causeOfClose({ by, progress, at: this.#timeOfEnd() });
      return {
        kind: 'no_answer',
        ...end,
        ...(found ? causeOnly(found) : { cause: 'no_reply' }),
        proof: 'end',
      };
    }
    if (client || (server && !progress.isTls13)) return { kind: 'completed', ...end };
    // A TLS 1.3 server first sends tickets; only keys distinguish them from responses.
    if (
      progress.messages.some(({ from, content }) => from === 'server' && content.type === 'application_data')
    )
      return { kind: 'completed', ...end };
    // They come at once, and what comes long after is none, as an answer to a client that stays idle.
    if (
      progress.isTls13 &&
      progress.serverAfterFlight.some(
        (message) =>
          message.content.type === 'sealed' &&
          !progress.isAlertSize(message) &&
          this.#waitedFor(message) >= settled,
      )
    )
      return { kind: 'completed', ...end };
    const found = by === 'unknown' ? undefined : causeOfClose({ by, progress, at: this.#timeOfEnd() });
    if (!found) return { kind: 'nothing_said', ...end };
    return {
      kind: 'nothing_said',
      ...end,
      ...causeOnly(found),
      inferred: true,
      proof: 'end',
      evidence: [...end.evidence, ...(found.about ? [this.#place(found.about)] : [])],
    };
  }

  #length(from: Side): number {
    return this.#connection.lengthOf('wire', from);
  }

  #evidence(decisive: TlsMessage, { about }: Pick<FoundCause, 'about'>): OutcomeEvidence[] {
    return [this.#place(decisive), ...(about ? [this.#place(about)] : [])];
  }

  #hello(): OutcomeEvidence {
    const { clientHello } = this.#progress;
    return clientHello ? this.#place(clientHello) : this.#beginning('client');
  }

  #place(message: TlsMessage): OutcomeEvidence {
    const { run, conn, hop } = this.#connection;
    const { from, offset, length, lastTag: event, title } = message;
    return {
      run,
      conn,
      hop,
      vantage: 'wire',
      from,
      offset,
      length,
      event,
      message: title,
      record: this.#gist?.recordOf(message) ?? 1,
      ...(message.encrypted ? { sealed: true } : {}),
    };
  }

  /** A side's first data, as far as it arrived at once. */
  #beginning(from: Side): OutcomeEvidence {
    const { run, conn, hop } = this.#connection;
    const stream = this.#connection.stream('wire', from);
    const chunk = stream.chunkAt(0);
    return chunk
      ? { run, conn, hop, vantage: 'wire', from, offset: 0, length: chunk.length, event: chunk.seq }
      : { event: this.#connection.firstSeq };
  }

  /** Milliseconds since the epoch. */
  #timeOf({ from, offset, length }: TlsMessage): number | undefined {
    const at = this.#connection.stream('wire', from).chunkAt(offset + length - 1)?.at;
    return at === undefined ? undefined : this.#timeAt(at);
  }

  #timeOfEnd(): number | undefined {
    const { closed } = this.#connection;
    return closed && this.#timeAt(closed.at);
  }

  #timeAt(at: number): number | undefined {
    const { began } = this.#connection;
    const start = began ? Date.parse(began.wallClock) : Number.NaN;
    return Number.isNaN(start) ? undefined : start + at / 1000;
  }
}

const plaintextToTls = { step: 'plaintext', cause: 'plaintext_on_tls_port', proof: 'words' } as const;

const alertType = 21;
const recordHead = 5;
const recordTypes = { first: 20, last: 24 } as const;
const mostRecords = 64;

/** In milliseconds: what is lost or silent for so long stays so. */
const settled = 1000;
/** More than any packet holds that is not as full as its path allows. */
const fullSize = 1000;

function causeOnly({
  cause,
  inferred,
  detail,
}: FoundCause): Pick<OutcomeFacts, 'cause' | 'inferred' | 'detail'> {
  return { cause, inferred, detail };
}

const byOf = (by: Side | 'unknown'): { readonly by?: Side } => (by === 'unknown' ? {} : { by });

/** A side's protocol by its first bytes, whatever it switches to later; undefined without them. */
function speaks(connection: Connection, from: Side): ProtocolName | undefined {
  const { head } = connection.stream('wire', from);
  if (head.length === 0) return undefined;
  return recognise(head, from) ?? 'opaque';
}

/** In TLS 1.3 the level says nothing: every alert but two ends the connection (RFC 8446 section 6). */
function isFatal({ content }: TlsMessage, isTls13: boolean): boolean {
  if (content.type !== 'alert') return false;
  const { level, code } = content.alert;
  if (
    code === otherAlerts.closeNotify ||
    (level === 'warning' && (code === otherAlerts.userCanceled || code === otherAlerts.noRenegotiation))
  )
    return false;
  return level === 'fatal' || isTls13;
}

/** A side sends one fatal alert, or two; more are an attack, and each is judged by everything before it. */
const mostAlerts = 8;

/** Bytes of an answer that are looked into. */
const mostRead = 2048;

/** As nginx, Apache and Go say it; haproxy, Envoy and OpenSSL say nothing. */
const complaints =
  /plain HTTP request was sent to HTTPS port|speaking plain HTTP to an SSL-enabled server port|HTTP request to an HTTPS server|This combination of host and port requires TLS/i;

function complaintIn(bytes: Uint8Array | undefined): string | undefined {
  return bytes && complaints.exec(Buffer.from(bytes).toString('latin1'))?.[0];
}
