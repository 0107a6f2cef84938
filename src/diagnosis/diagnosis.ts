/** What a diagnosis is, as values; `diagnose.ts` finds it, `words.ts` has its causes. */
import type { OutcomeEvidence } from '../analysis/outcome/outcome-facts.ts';
import type { Confidence } from '../analysis/outcome/cause-table.ts';
import { refusalReasons } from '../capture/vocabulary.ts';
import type { CertificateSummary } from '../capture/vocabulary.ts';
import { wireCauses } from '../analysis/outcome/cause-words.ts';
import type { Cause } from '../analysis/outcome/cause-words.ts';
import type { CauseDetail } from '../analysis/outcome/refusal-facts.ts';
import type { Localized } from '../i18n/language.ts';
import type { Attempt } from './attempt/attempt.ts';

/** Causes that only an experiment tells apart. */
export const foundCauses = [
  'host_not_found',
  'one_address_fails',
  'ends_every_connection',
  'rejected_on_the_way',
  'intermittent',
  'large_hello_dropped',
  'segmented_hello_refused',
  'large_answers_lost',
  'name_filtered',
  'old_ciphers_only',
  'security_level',
  'certificate_refused',
  'certificate_not_requested',
  'others_refuse',
  'not_conforming',
  'status_missing',
  'ends_after_handshake',
  'application_silent',
  'application_resets',
  'unusable_answer',
  'slow_server',
  'reset_in_handshake',
  'cut_within_record',
  'intercepted',
  'login_page',
  'proxy_not_used',
  'other_protocol',
  'small_records_refused',
  'certificate_at_risk',
  'clock_wrong',
  'refused_by_application',
  'unusable_file',
  'unusable_option',
  'no_connection_seen',
  'failed_elsewhere',
  'listener_verified',
  'refusal_overcome',
  'capture_ends',
  'nothing_said',
  'nothing_sent',
  'reset_in_data',
  'stale_connection',
] as const;
export type FoundCause = (typeof foundCauses)[number];

export type DiagnosedCause = Cause | FoundCause;

/** Every word that `cause` may have in a diagnosis; `none`: nothing is wrong. */
export const diagnosedCauses = [
  'none',
  'unknown',
  ...new Set<DiagnosedCause>([...refusalReasons, ...wireCauses, ...foundCauses]),
] as const;

/** They depend on the CAs that a client trusts. */
export const trustCauses = ['unknown_ca', 'self_signed', 'intermediate_missing'] as const;

export const isOfTrust = (cause: string | undefined): boolean => trustCauses.some((one) => one === cause);

/** Who refused, or is to blame: `between` is what stands between the two, `nobody` where nobody was there to answer. */
export const blamedSides = ['client', 'server', 'between', 'nobody', 'unknown'] as const;
export type Blamed = (typeof blamedSides)[number];

/** On which machine something is to be done. */
export type Machine = 'client' | 'server' | 'between';

export interface Remedy {
  readonly on: Machine;
  readonly words: Localized;
  /** To type there. */
  readonly command?: string;
}

export type Evidence =
  /** Bytes of an attempt, or of a connection that was observed. */
  | {
      readonly kind: 'bytes';
      readonly attempt?: number;
      /** In a capture file, the number of the packet. */
      readonly frame?: number;
      readonly place: OutcomeEvidence;
      readonly words: Localized;
    }
  /** Two attempts that differ in one thing, and in what came back. */
  | { readonly kind: 'difference'; readonly attempts: readonly [number, number]; readonly words: Localized }
  | { readonly kind: 'certificate'; readonly certificate: CertificateSummary; readonly words: Localized }
  /** What a side said in words. */
  | {
      readonly kind: 'words';
      readonly attempt?: number;
      /** In a capture file, the number of the packet. */
      readonly frame?: number;
      readonly said: string;
      readonly words: Localized;
    };

/** A connection of a capture, or of a command. */
export interface ObservedConnection {
  /** As tshark counts it (`tcp.stream`). */
  readonly stream: number;
  /** `ip:port` */
  readonly from: string;
  readonly to: string;
  /** The name that the client asked for. */
  readonly name?: string;
}

/** A cause with what speaks for it. */
export interface Finding {
  /** Which connection it is about, where several were observed. */
  readonly connection?: ObservedConnection;
  readonly cause: DiagnosedCause;
  readonly by: Blamed;
  readonly confidence: Confidence;
  /** The message at which it failed, in the standard's spelling: `ClientHello`, `Certificate`. */
  readonly message?: string;
  readonly name: Localized;
  readonly because: Localized;
  readonly remedy: Remedy;
  readonly detail?: CauseDetail;
  readonly evidence: readonly Evidence[];
  /** Worth knowing, and no failure: it explains nothing, and stands with the others. */
  readonly isNote?: true;
}

export interface AtAddress {
  /** The one that was called. */
  readonly address: string;
  readonly words: Localized;
  /** Another address serves the same call: what is wrong is so at this one. */
  readonly isWellElsewhere: boolean;
  readonly evidence: readonly Evidence[];
}

export interface Diagnosis {
  /** Nothing was tried: that nothing failed in what was seen proves nothing of what was not. */
  readonly isOnlySeen?: true;
  /** Absent where nothing is wrong. `unknown` in its confidence: what happened is known, why is not. */
  readonly finding?: Finding;
  /** What else is wrong, or will be. */
  readonly others: readonly Finding[];
  readonly attempts: readonly Attempt[];
  /** Of a name with several addresses: which was called, and what the others do. */
  readonly at?: AtAddress;
}
