/**
 * A client that has a certificate and presented none: Java, Go and GnuTLS look at the names of the CAs that the server accepts, and
 * send nothing that does not fit these.
 */
import { createSecureContext } from 'node:tls';
import { safeText } from '../../i18n/safe.ts';
import { readBytes } from '../../i18n/read-file.ts';
import { shellWord } from '../../i18n/shell-word.ts';
import { presentedCertificate } from '../../protocols/x509/known-certificates.ts';
import { certificateSummary, readDistinguishedName } from '../../protocols/x509/certificate.ts';
import type { Certificate } from '../../protocols/x509/certificate.ts';
import { sameName } from '../../pki/x509/verify.ts';
import { acceptableNames } from '../attempt/attempt.ts';
import { readChain } from '../chain.ts';
import type { Diagnosis, Finding } from '../diagnosis.ts';
import type { NamedFile } from '../programs/program.ts';

/** In bytes. */
const largest = 1024 * 1024;

/** @param files all that the command names */
export function withWithheld(
  finding: Finding,
  { attempts: [base] }: Pick<Diagnosis, 'attempts'>,
  files: readonly NamedFile[],
): Finding {
  const { acceptable = [] } = base ?? {};
  if (finding.cause !== 'certificate_missing' || finding.by !== 'server' || !base || acceptable.length === 0)
    return finding;
  const names = acceptable.flatMap((der) => {
    const step = readDistinguishedName(der);
    return 'got' in step ? [step.got] : [];
  });
  // A name that cannot be read may be the one that fits.
  if (names.length < acceptable.length) return finding;
  const held = files.flatMap((file) => {
    const chain = file.kind === 'certificate' ? chainIn(file) : [];
    return chain.length > 0 ? [{ file, chain }] : [];
  });
  const [own] = held;
  const [leaf] = own?.chain ?? [];
  if (!own || !leaf) return finding;
  const fits = held.some(({ chain }) =>
    chain.some(({ issuer }) => names.some((name) => sameName(name, issuer))),
  );
  if (fits) return finding;
  const accepted = acceptableNames(base).slice(0, 3).map(safeText).join('; ');
  const [by, path, issuer] = [own.file.by, own.file.path, leaf.issuer.text].map(safeText);
  return {
    ...finding,
    because: {
      en: `the server asked for a certificate and was given none. The client has one (${by} ${path}), issued by ${issuer}, and the server accepts those of ${accepted}: a client that goes by these names then sends none`,
      ko: `서버가 인증서를 요청했지만 받지 못했습니다. 클라이언트에 인증서가 있지만(${by} ${path}, 발급자 ${issuer}) 서버가 받아들이는 CA는 다릅니다(${accepted}). 이 목록을 따르는 클라이언트는 맞는 인증서가 없으면 아무것도 보내지 않습니다.`,
    },
    remedy: {
      on: 'client',
      words: {
        en: `have a certificate issued by one of the CAs that the server accepts, and put it in the place of this one with its key and its intermediates; if this one is meant to be accepted, add its CA (${issuer}) to those of the server`,
        ko: `서버가 받아들이는 CA에서 인증서를 발급받아 키와 중간 인증서와 함께 지금 것 대신 쓰세요. 지금 것이 맞다면 서버의 CA 목록에 그 CA(${issuer})를 더하세요.`,
      },
      ...(own.file.store ? { command: `keytool -list -v -keystore ${shellWord(own.file.path)}` } : {}),
    },
    evidence: [
      ...finding.evidence,
      {
        kind: 'certificate',
        certificate: certificateSummary(leaf),
        words: { en: `the client's certificate (${by})`, ko: `클라이언트의 인증서(${by})` },
      },
      {
        kind: 'words',
        attempt: base.number,
        said: acceptableNames(base).slice(0, 3).join('; '),
        words: { en: 'the CAs that the server accepts', ko: '서버가 받아들이는 CA' },
      },
    ],
  };
}

/** Leaf first; of a store only the leaf. Empty where it cannot be read. */
function chainIn({ path, store }: NamedFile): readonly Certificate[] {
  try {
    const bytes = Buffer.from(readBytes(path, largest));
    if (!store) return readChain(bytes.toString('latin1'));
    const opened: { readonly context: OpenedStore } = createSecureContext({
      pfx: bytes,
      passphrase: store.password ?? '',
    });
    const der = opened.context.getCertificate?.();
    const leaf = der && presentedCertificate(der);
    // A store with intermediates may fit by their issuers.
    return leaf ? [leaf] : [];
  } catch {
    return [];
  }
}

/** Of Node's own context, which its types leave out. */
interface OpenedStore {
  readonly getCertificate?: () => Uint8Array | null;
}
