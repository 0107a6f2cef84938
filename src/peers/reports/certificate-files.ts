/** Reports about certificate files of a control plane. */
import type { CertificateFile, CertificateReport } from '../../pki/x509/certificate-report.ts';

declare module '../../capture/event.ts' {
  interface Observations {
    papers: CertificateFilesReport;
    /** A newly signed certificate. */
    certificate: CertificateReport;
  }
}

/** The certificates read from a control plane's files. */
export interface CertificateFilesReport {
  readonly papers: readonly CertificateFile[];
  /** The only aspect that is shown. */
  readonly about?: 'dates';
}
