/** The certificates that both sides of a connection showed, as sentences. */
import type { Side } from '../capture/event.ts';
import type { CertificateSummary } from '../capture/vocabulary.ts';
import type { Localized } from '../i18n/language.ts';
import { safeText } from '../i18n/safe.ts';
import type { Proofs } from './refusals.ts';
import { cardWords } from './words.ts';

/** Whose certificate each side of a connection shows, and who signed it: two CAs of one name are told apart by their keys. */
export function proofLines({ client, server }: Proofs, ends: Readonly<Record<Side, Localized>>): Localized[] {
  const [ofClient, ofServer] = [client?.authorityKeyId, server?.authorityKeyId];
  const areNamesakes =
    client?.issuer === server?.issuer &&
    ofClient !== undefined &&
    ofServer !== undefined &&
    ofClient !== ofServer;
  const line = (who: Localized, { subject, issuer, authorityKeyId = '' }: CertificateSummary): Localized => {
    const [of, by] = [safeText(subject), safeText(issuer)];
    const [en, ko] = areNamesakes
      ? [
          ` (${cardWords.keyId.en} ${shortKeyId(authorityKeyId)})`,
          `, ${cardWords.keyId.ko} ${shortKeyId(authorityKeyId)}`,
        ]
      : ['', ''];
    return {
      en: `${who.en} shows ${of}, signed by ${by}${en}`,
      ko: `${who.ko}의 인증서: ${of}(서명: ${by}${ko})`,
    };
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

/** `9f:3c:…:11`: the two ends of a key id are enough to tell two on a screen apart. */
export function shortKeyId(keyId: string): string {
  const bytes = keyId.split(':');
  return bytes.length > 3 ? `${bytes.slice(0, 2).join(':')}:…:${bytes.at(-1)}` : keyId;
}
