/** Certificates that lie beside a client's own: an intermediate certificate that is missing in its file may be among them. */
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { CertificateAtHand } from '../../diagnosis/attempt/call.ts';
import { readText } from '../../i18n/read-file.ts';
import { pemCertificates } from '../../pki/keystore/pem.ts';

const mostFiles = 64;
const largestFile = 64 * 1024;

/** In the folder of that file; files that cannot be read are skipped. Nothing but their certificates is used. */
export function certificatesBeside(certFile: string): readonly CertificateAtHand[] {
  const folder = dirname(certFile);
  return namesIn(folder).flatMap((name): CertificateAtHand[] => {
    const path = join(folder, name);
    try {
      return pemCertificates(readText(path, largestFile)).map((der) => ({ path, der }));
    } catch {
      return [];
    }
  });
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => /\.(?:crt|pem|cer|cert)$/i.test(name))
      .toSorted()
      .slice(0, mostFiles);
  } catch {
    return [];
  }
}
