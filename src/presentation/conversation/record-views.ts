/**
 * What an eavesdropper without keys concludes from one record: from its readable header, its length and its position among the
 * others. The renderers show it next to the record's bytes and its decrypted content.
 */
import type { Message } from '../../analysis/conversation/message.ts';
import { contentSize, recordFormOf, sealedShape } from '../../analysis/eavesdropper/size-estimate.ts';
import type { RecordForm, SealedShape, Size } from '../../analysis/eavesdropper/size-estimate.ts';
import { sizeText } from '../../analysis/eavesdropper/visible-rows.ts';
import { isTls13, nameOrCode, versionName } from '../../protocols/tls/codes.ts';
import { headerLength } from '../../protocols/tls/framing.ts';
import { inEach } from '../../i18n/language.ts';
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
  const conclusions = new Eavesdropper(messages, reckoning).conclude(record);
  return {
    header: record.protocol === 'tls' ? headerOf(bytes, record, language) : [],
    conclusions: conclusions.map((text) => text[language]),
  };
}

/** Draws conclusions from each record of one connection; how its sealed records lie is found once. */
export class Eavesdropper {
  readonly #form: RecordForm | undefined;
  readonly #reckoning: Localized | undefined;
  readonly #places = new Map<Message, Localized>();
  readonly #firstRequest: ReadonlySet<Message>;

  /** @param messages of a connection, read without keys. @param reckoning see `concludeFrom` */
  constructor(messages: readonly Message[], reckoning?: Localized) {
    this.#reckoning = reckoning;
    this.#form = recordFormOf(messages);
    const shape = this.#form && sealedShape(messages, this.#form);
    this.#firstRequest = new Set(shape?.exchanges[0]?.request);
    if (this.#form && shape) placesIn(shape, isTls13(this.#form.version), this.#places);
  }

  /** One sentence each. */
  conclude(record: Message): readonly Localized[] {
    if (record.protocol !== 'tls') return [recordWords.everything];
    if (!record.sealed) return [recordWords.readable];
    const form = this.#form;
    if (!form) return [recordWords.noForm];
    const size = contentSize(record.length, form);
    const place = this.#places.get(record) ?? placeByType(record, isTls13(form.version));
    const reckoning = this.#firstRequest.has(record) ? this.#reckoning : undefined;
    return [
      size ? sizeSentence(record, size) : recordWords.unknownSuite,
      ...(place ? [place] : []),
      ...(reckoning
        ? [inEach((language) => `${recordWords.password[language]} ${reckoning[language]}`)]
        : []),
    ];
  }
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

/** What each record is, by its position among the others. */
function placesIn(shape: SealedShape, isNewest: boolean, found: Map<Message, Localized>): void {
  const { clientFlight, finished, serverFlight, exchanges, alerts } = shape;
  const { places } = recordWords;
  for (const [index, { request, answer }] of exchanges.entries()) {
    const number = String(index + 1);
    // Tickets follow the client's Finished, so they come between its first request and the response.
    const { en, ko } = isNewest && index === 0 ? places.firstAnswer : places.answer;
    for (const record of request)
      found.set(record, { en: places.request.en(number), ko: places.request.ko(number) });
    for (const record of answer) found.set(record, { en: en(number), ko: ko(number) });
  }
  for (const record of serverFlight) found.set(record, places.serverFlight);
  for (const record of clientFlight) found.set(record, places.clientFlight);
  for (const record of alerts) found.set(record, isNewest ? places.alertBySize : places.alertByType);
  if (finished) found.set(finished, places.finished);
}

function placeByType(record: Message, isNewest: boolean): Localized | undefined {
  const { places } = recordWords;
  return record.contentType === 22
    ? places.sealedHandshake
    : isNewest && record.from === 'server'
      ? places.ticket
      : undefined;
}
