import type { CertificateSummary } from '../../capture/vocabulary.ts';
import type { Step } from '../../core/field.ts';
export interface Certificate { readonly der: Uint8Array }
export function readCertificate(_der: Uint8Array): Step<Certificate> { return { needMore: 1 }; }
export function certificateSummary(_certificate: Certificate): CertificateSummary { throw new Error('not yet'); }
