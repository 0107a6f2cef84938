/**
 * What an eavesdropper without keys concludes from one record: from its readable header, its length and its position among the
 * others. The renderers show it next to the record's bytes and its decrypted content.
 */
import type { Message } from '../../analysis/conversation/message.ts';
import { contentSize, recordFormOf, sealedShape } from '../../analysis/eavesdropper/size-estimate.ts';
import type { SealedShape, Size } from '../../analysis/eavesdropper/size-estimate.ts';
import { sizeText } from '../../analysis/eavesdropper/visible-rows.ts';
import { isTls13, nameOrCode, versionName } from '../../protocols/tls/codes.ts';
import { headerLength } from '../../protocols/tls/framing.ts';
import type { Language, Localized } from '../../i18n/language.ts';
import { grouped } from '../../i18n/number.ts';
import { toCode } from '../../core/hex.ts';
import { recordWords } from '../words.ts';

export interface Conclusions {
  /** The header in words: type, version, length; empty if it is no record. */
  readonly header: readonly string[];
  /** One sentence each. */
  readonly conclusions: readonly string[];
}

/**
 * @param record a message of the wire, read without keys. @param messages all messages of its connection.
 * @param bytes the record on the wire. @param reckoning how a password's length was computed from it, if it was.
 */
export function concludeFrom(
  record: Message,
  messages: readonly Message[],
  bytes: Uint8Array | undefined,
  reckoning: Localized | undefined,
  language: Language,
): Conclusions {
  if (record.protocol !== 'tls') return { header: [], conclusions: [recordWords.everything[language]] };
  const header = headerOf(bytes, record, language);
  if (!record.sealed) return { header, conclusions: [recordWords.readable[language]] };
  const form = recordFormOf(messages);
  if (!form) return { header, conclusions: [recordWords.noForm[language]] };
  const size = contentSize(record.length, form);
  const shape = sealedShape(messages, form);
  const place = placeOf(record, shape, isTls13(form.version));
  const isFirstRequest = shape.exchanges[0]?.request.includes(record) === true;
  return {
    header,
    conclusions: [
      size ? sizeSentence(record, size)[language] : recordWords.unknownSuite[language],
      ...(place ? [place[language]] : []),
      ...(isFirstRequest && reckoning ? [`${recordWords.password[language]} ${reckoning[language]}`] : []),
    ],
  };
}

function headerOf(bytes: Uint8Array | undefined, record: Message, language: Language): string[] {
  if (!bytes || bytes.length < headerLength) return [];
  const [type = 0, major = 0, minor = 0, high = 0, low = 0] = bytes;
  const version = major * 256 + minor;
  const { contentType, version: versionWord, length } = recordWords.header;
  return [
    `${contentType[language]}: ${record.sealed ? record.title.en : (recordTypes[type] ?? '')} (${type})`,
    `${versionWord[language]}: ${nameOrCode(versionName, version).replace(/^TLSv/, 'TLS ')} (${toCode(version)})`,
    `${length[language]}: ${grouped(high * 256 + low)}`,
  ];
}

/** RFC 8446 section 5.1. */
const recordTypes: Readonly<Record<number, string>> = {
  20: 'ChangeCipherSpec',
  21: 'Alert',
  22: 'Handshake',
  23: 'ApplicationData',
  24: 'Heartbeat',
};

function sizeSentence(record: Message, size: Size): Localized {
  const { en, ko } = recordWords.sizes[size.sure];
  const [whole, content] = [grouped(record.length), sizeText(size)];
  return { en: en(whole, content), ko: ko(whole, content) };
}

/** What the record is, by its position among the others. */
function placeOf(record: Message, shape: SealedShape, isNewest: boolean): Localized | undefined {
  const { clientFlight, finished, serverFlight, exchanges, alerts } = shape;
  const { places } = recordWords;
  if (record === finished) return places.finished;
  if (alerts.includes(record)) return isNewest ? places.alertBySize : places.alertByType;
  if (clientFlight.includes(record)) return places.clientFlight;
  if (serverFlight.includes(record)) return places.serverFlight;
  for (const [index, { request, answer }] of exchanges.entries()) {
    const number = String(index + 1);
    if (request.includes(record)) return { en: places.request.en(number), ko: places.request.ko(number) };
    if (!answer.includes(record)) continue;
    // Tickets follow the client's Finished, so they come between its first request and the response.
    const { en, ko } = isNewest && index === 0 ? places.firstAnswer : places.answer;
    return { en: en(number), ko: ko(number) };
  }
  return record.contentType === 22
    ? places.sealedHandshake
    : isNewest && record.from === 'server'
      ? places.ticket
      : undefined;
}
