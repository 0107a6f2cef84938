/** The certificates that both sides of a connection showed, as sentences. */
import type { Side } from '../capture/event.ts';
import type { CertificateSummary } from '../capture/vocabulary.ts';
import type { Localized } from '../i18n/language.ts';
import { safeText } from '../i18n/safe.ts';
import type { Proofs } from './refusals.ts';

/** Whose certificate each side of a connection shows, and who signed it. */
export function proofLines({ client, server }: Proofs, ends: Readonly<Record<Side, Localized>>): Localized[] {
  const line = (who: Localized, { subject, issuer }: CertificateSummary): Localized => {
    const [of, by] = [safeText(subject), safeText(issuer)];
    return { en: `${who.en} shows ${of}, signed by ${by}`, ko: `${who.ko}의 인증서: ${of}(서명: ${by})` };
  };
  const none: Localized = {
    en: `${ends.client.en} shows no certificate`,
    ko: `${ends.client.ko}: 인증서를 제시하지 않음`,
  };
  return [
    ...(client ? [line(ends.client, client)] : server ? [none] : []),
    ...(server ? [line(ends.server, server)] : []),
  ];
}
