/** What somebody reports who read certificates in the files of a control plane. */
import type { CertificateFile, CertificateReport } from '../../pki/x509/certificate-report.ts';

declare module '../../capture/event.ts' {
  interface Observations {
    papers: CertificateFilesReport;
    /** Of one that was just signed. */
    certificate: CertificateReport;
  }
}

/** What somebody read in the files of a control plane. */
export interface CertificateFilesReport {
  readonly papers: readonly CertificateFile[];
  /** It was read for this alone. */
  readonly about?: 'dates';
}
