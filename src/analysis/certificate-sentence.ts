/** Describes a control plane's certificate and its holder in one sentence, for findings and for display. */
import type { CertificateFile } from '../pki/x509/certificate-report.ts';
import type { Localized } from '../i18n/language.ts';
import { grouped } from '../i18n/number.ts';
import { safeText } from '../i18n/safe.ts';

const useWords: Readonly<Record<CertificateFile['uses'][number], Localized>> = {
  ca: { en: 'as a CA', ko: 'CA' },
  server: { en: 'as a server', ko: '서버' },
  client: { en: 'as a client', ko: '클라이언트' },
};

export function certificateFileWords({
  file,
  commonName,
  organizations,
  signer,
  uses,
  names,
  days,
  until,
  ended,
}: CertificateFile): Localized {
  const subject = safeText([`CN=${commonName}`, ...organizations.map((one) => `O=${one}`)].join(', '));
  const own = signer === file;
  const list = safeText(names.join(', '));
  return {
    en: `${file}: ${subject}; ${own ? 'self-signed' : signer === undefined ? 'signed by no CA in this folder' : `signed by ${signer}`}; good ${uses.map((use) => useWords[use].en).join(' and ')}${names.length > 0 ? `, for ${list}` : ''}; ${grouped(days)} days${ended ? `; EXPIRED ${until}` : ''}`,
    ko: `${file}: ${subject}. ${own ? '자체 서명' : signer === undefined ? '서명한 CA가 이 폴더에 없음' : `서명: ${signer}`}. 용도: ${uses.map((use) => useWords[use].ko).join(', ')}${names.length > 0 ? `(${list})` : ''}. 유효 기간: ${grouped(days)}일${ended ? `. 만료됨: ${until}` : ''}`,
  };
}

/** Its end alone. */
export function certificateFileDates({
  file,
  until,
  ended,
}: Pick<CertificateFile, 'file' | 'until' | 'ended'>): Localized {
  const at = until.replace('T', ' ').replace(/(?::\d\d)?Z$/, ' UTC');
  return ended
    ? { en: `EXPIRED ${at}: ${file}`, ko: `만료됨 ${at}: ${file}` }
    : { en: `good until ${at}: ${file}`, ko: `${at}까지 유효: ${file}` };
}
