/** Reports about an enrolment: by the client, and by the certificate authority. */
import type { Address } from '../../capture/event.ts';
import type { Localized } from '../../i18n/language.ts';

/** A client's report of its request to a certificate authority. */
export interface EnrolmentReport {
  readonly outcome: 'issued' | 'refused' | 'failed';
  /** The client's local address. */
  readonly from?: Address;
  /** From the authority's last response. */
  readonly status?: number;
  /** The authority's objection, as RFC 8555 section 6.7 names it: `unauthorized`, `badCSR` … */
  readonly problem?: string;
  /** Of the issued certificate, lower-case hex. */
  readonly serial?: string;
  readonly error?: { readonly code: string; readonly message: string };
}

/** A certificate authority's report of the requests that reached it during one step. */
export interface CertificationReport {
  readonly orders: readonly CertificationOrder[];
}

/** One certificate request, as the authority handled it. */
export interface CertificationOrder {
  readonly outcome: 'issued' | 'refused' | 'pending';
  /** The content of the request: the subject, the names, the rights, the key. */
  readonly asked: readonly string[];
  /** The domain names to prove. */
  readonly names: readonly string[];
  /** What was checked, granted, cut or rejected; `about` is a name for programs. */
  readonly decisions: readonly {
    readonly kind: 'checked' | 'granted' | 'cut' | 'refused';
    readonly about: string;
    readonly words: Localized;
  }[];
  /** The result of each challenge: whether the response proves control of the name. */
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
