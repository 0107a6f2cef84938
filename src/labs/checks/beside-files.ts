/** Words about a certificate that a check has met and the learner's folder does not have, although it has one of that name. */
import type { Localized } from '../../i18n/language.ts';
import { safeText } from '../../i18n/safe.ts';
import { UserError } from '../../i18n/user-error.ts';
import { pemCertificates } from '../../pki/keystore/pem.ts';
import { certificateSummary, readCertificate } from '../../protocols/x509/certificate.ts';
import type { CompiledLab } from '../lab.ts';
import { bytesOf } from '../own-files.ts';

/** A finding with the file in the place of the digest: `SUBJECT (SHA-256 …)`. */
export function besideFiles(says: Localized, { tasks }: CompiledLab, folder: string): Localized {
  if (!says.en.includes('(SHA-256 ')) return says;
  let said = says;
  for (const [row, { certificate = `${row}.crt` }] of Object.entries(tasks.yours ?? {})) {
    const subject = subjectIn(folder, certificate);
    if (subject === undefined) continue;
    const other = new RegExp(String.raw`${literal(subject)} \(SHA-256 [0-9a-f]+\)`, 'g');
    said = {
      en: said.en.replaceAll(
        other,
        () => `a certificate of ${subject} that is not the one in ${certificate}`,
      ),
      ko: said.ko.replaceAll(other, () => `${certificate} 파일에 있는 것이 아닌 ${subject} 인증서`),
    };
  }
  return said;
}

const literal = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);

/** The subject of the first certificate in a file, as findings write it; undefined if it cannot be read. */
function subjectIn(folder: string, file: string): string | undefined {
  try {
    const [first] = pemCertificates(new TextDecoder().decode(bytesOf(folder, file)));
    const step = first && readCertificate(first);
    return step && 'got' in step ? safeText(certificateSummary(step.got).subject) : undefined;
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}
