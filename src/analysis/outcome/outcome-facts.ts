/** What can have become of a connection, as a value. `outcome.ts` finds it, `outcome-words.ts` says it. */
import type { EvidenceRef, Side } from '../../capture/event.ts';
import type { Alert, RefusalReason } from '../../capture/vocabulary.ts';
import type { Localized } from '../../i18n/language.ts';
import type { Confidence } from './cause-table.ts';
import type { Cause } from './cause-words.ts';
import type { HandshakeStep } from './handshake-progress.ts';
import type { CauseDetail } from './refusal-facts.ts';
import type { SignName } from './signs.ts';

export const outcomeKinds = [
  'completed',
  'refused_by_client',
  'refused_by_server',
  'closed_without_alert',
  'reset',
  'timed_out',
  'no_answer',
  'not_accepted',
  'nothing_said',
  'left_on_request',
  'empty',
  'open',
] as const;
export type OutcomeKind = (typeof outcomeKinds)[number];

/** A place or an event that shows it; `event` is the number of the event that brought the place's last byte. */
export type OutcomeEvidence =
  | (Exclude<EvidenceRef, { readonly event: number }> & {
      readonly event: number;
      /** `Alert`, `Certificate`: what stands there, where it is a TLS message. */
      readonly message?: string;
      /** The number of its record in its direction, from 1. */
      readonly record?: number;
      /** It is encrypted. */
      readonly sealed?: true;
    })
  | { readonly event: number };

export interface Outcome {
  readonly kind: OutcomeKind;
  /** The source: an endpoint, or the bytes on the wire. */
  readonly source: 'endpoint' | 'wire';
  /** Who ended it, where that is known. */
  readonly by?: Side;
  /** The step that was reached; absent if no bytes show it. */
  readonly step?: HandshakeStep;
  /** As an endpoint reported it. */
  readonly reason?: RefusalReason;
  /** Why it failed; absent if nothing failed, or the cause is unknown. */
  readonly cause?: Cause;
  /** The cause, or that it was a refusal at all, is likely and not proven. */
  readonly inferred: boolean;
  /** How sure that is, the cause included where there is one. `unknown`: why it ended so is not known. */
  readonly confidence: Confidence;
  /** What speaks for it; where it is unknown, what was seen. */
  readonly signs: readonly SignName[];
  readonly seen: readonly Localized[];
  /** What would decide it; absent where it is proven. */
  readonly decidedBy?: Localized;
  readonly alert?: Alert;
  /** What the cause is about: the certificate presented, what was offered. */
  readonly detail: CauseDetail;
  /** The one that decides first, then what it is about. */
  readonly evidence: readonly OutcomeEvidence[];
  /** The beginning of the connection is not in the capture. */
  readonly joinedLate?: true;
  /** What the other side said is not in the capture: nothing is concluded from its silence. */
  readonly oneSided?: true;
  /** Bytes of it are missing: nothing is concluded from what is not there. */
  readonly incomplete?: true;
  /** A session that the client wanted to resume: under TLS 1.3 by its pre-shared key, before by its number. That a server takes none is no failure. */
  readonly resumption?: 'accepted' | 'declined';
  /** The server asked for a certificate, and the client presented none. */
  readonly withoutCertificate?: true;
  /** The server refused to turn to TLS, in these words, and the session went on in clear. */
  readonly inClear?: string;
  /** It is about what was said in a tunnel, behind its opening. */
  readonly inTunnel?: true;
  /** Who closed in the handshake had sent an alert that names no error, or one that is sealed. */
  readonly farewell?: 'close_notify' | 'sealed';
  /** Who, at which step, why, and what to try, for a beginner. */
  readonly sentence: Localized;
  /** How sure that is, what speaks for it or was seen, and what would decide it. */
  readonly certainty: Localized;
}

/** What is decided; the sentence follows from it. */
export type OutcomeFacts = Omit<Outcome, 'sentence' | 'certainty'>;
