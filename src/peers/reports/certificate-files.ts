/** Reports about certificate files of a control plane. */
import type { CertificateFile, CertificateReport } from '../../pki/x509/certificate-report.ts';

declare module '../../capture/event.ts' {
  interface Observations {
    papers: CertificateFilesReport;
    /** A newly signed certificate. */
    certificate: CertificateReport;
  }
}

/** What a flag or the kubeconfig of a process names from now on. */
export interface NamedSetting {
  readonly process: string;
  /** What it is to the process: what it shows, whom it believes; `--…` for a flag. */
  readonly setting:
    | 'shows'
    | 'trusts'
    | '--client-ca-file'
    | '--root-ca-file'
    | '--cluster-signing-cert-file';
  readonly files: readonly string[];
}

/** The certificates read from a control plane's files. */
export interface CertificateFilesReport {
  readonly papers: readonly CertificateFile[];
  /** Of the processes that were restarted with other files: shown in the place of `papers`. */
  readonly named?: readonly NamedSetting[];
  /** The only aspect that is shown. */
  readonly about?: 'dates';
}
