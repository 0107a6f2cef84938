/** What is reported of an enrolment: by the client, and by the certificate authority. */
import type { Address } from '../../capture/event.ts';
import type { Localized } from '../../i18n/language.ts';

/** A client's own account of how it asked a certificate authority for a certificate. */
export interface EnrolmentReport {
  readonly outcome: 'issued' | 'refused' | 'failed';
  /** The address that the client spoke from. */
  readonly from?: Address;
  /** Of the authority's last answer. */
  readonly status?: number;
  /** What the authority objects to, as RFC 8555 section 6.7 names it: `unauthorized`, `badCSR` … */
  readonly problem?: string;
  /** Of the certificate that was given, lower-case hex. */
  readonly serial?: string;
  readonly error?: { readonly code: string; readonly message: string };
}

/** A certificate authority's own account of the requests that reached it during one step. */
export interface CertificationReport {
  readonly orders: readonly CertificationOrder[];
}

/** One request for a certificate, as the authority dealt with it. */
export interface CertificationOrder {
  readonly outcome: 'issued' | 'refused' | 'pending';
  /** What stood in the request: the subject, the names, the rights, the key. */
  readonly asked: readonly string[];
  /** The domain names that are to be proven. */
  readonly names: readonly string[];
  /** What was checked, granted, cut or refused; `about` is a name for programs. */
  readonly decisions: readonly {
    readonly kind: 'checked' | 'granted' | 'cut' | 'refused';
    readonly about: string;
    readonly words: Localized;
  }[];
  /** What came of looking for the answer that only whoever controls the name can put there. */
  readonly challenges: readonly {
    readonly name: string;
    readonly passed: boolean;
    readonly words: Localized;
  }[];
  /** As RFC 8555 section 6.7 names it. */
  readonly problem?: string;
  /** Of the certificate, lower-case hex. */
  readonly serial?: string;
}
