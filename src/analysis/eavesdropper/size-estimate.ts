/**
 * Estimates contents from the sizes of encrypted records, without keys: the plaintext length, which records are
 * requests, and, for a login form of known structure, the length of the password. Pure arithmetic over the readable
 * record headers.
 *
 * 1. An estimate has a certainty. AEAD and stream ciphers of TLS 1.2 preserve lengths: exact. CBC pads to blocks: a
 *    range, for senders with minimal padding (RFC 5246 section 6.2.3.2 allows up to 255 bytes more). TLS 1.3 hides the
 *    type, and padding if any, inside: exact for senders without padding (RFC 8446 section 5.4), which is the default
 *    everywhere.
 * 2. A password's length is the rest of a request whose other parts are known: the client software, the site, the
 *    user's name. Padding as large as the variation of password lengths makes it useless.
 */
import { latin1Text } from '../../core/bytes.ts';
import type { Field } from '../../core/field.ts';
import { findField } from '../../core/field.ts';
import { isTls13 } from '../../protocols/tls/codes.ts';
import { headerLength } from '../../protocols/tls/framing.ts';
import { aeadSuite } from '../../protocols/tls/keys/key-schedule.ts';
import { isMacOutside, macSuite, vectorLength } from '../../protocols/tls/keys/mac-suites.ts';
import type { Message } from '../conversation/message.ts';

/** The form of encrypted records according to the hellos, which any observer can read. */
export interface RecordForm {
  /** 0x0304 for TLS 1.3. */
  readonly version: number;
  readonly suite: number;
  /** RFC 7366. */
  readonly encryptThenMac: boolean;
}

/** Bytes, from `least` to `most`, both included. */
export interface Size {
  readonly least: number;
  readonly most: number;
  readonly sure: 'exact' | 'blocks' | 'unless_padded';
}

/** The form that a ServerHello settled; undefined before there is one. The last counts: connections renegotiate. */
export function recordFormOf(messages: readonly Message[]): RecordForm | undefined {
  const root = messages
    .findLast(({ title, from, sealed }) => title.en === 'ServerHello' && from === 'server' && !sealed)
    ?.field();
  if (!root) return undefined;
  const suite = numberOf(findField(root, 'tls.handshake.server_hello.cipher_suite'));
  const version =
    numberOf(findField(root, 'tls.handshake.extension.supported_versions.version')) ??
    numberOf(findField(root, 'tls.handshake.server_hello.legacy_version'));
  if (suite === undefined || version === undefined) return undefined;
  return {
    version,
    suite,
    encryptThenMac: findField(root, 'tls.handshake.extension.encrypt_then_mac') !== undefined,
  };
}

function numberOf(field: Field | undefined): number | undefined {
  return typeof field?.value === 'number' ? field.value : undefined;
}

/**
 * How long the content of a sealed record is. @param length of the whole record in bytes, header included.
 * @returns undefined for a suite that is not known here, and for a record too short for its own seal.
 */
export function contentSize(
  length: number,
  { version, suite, encryptThenMac }: RecordForm,
): Size | undefined {
  const payload = length - headerLength;
  const aead = aeadSuite(suite);
  if (aead) {
    const isNewest = isTls13(version);
    // RFC 8446 section 5.2: one byte of type stands behind the content, then zeros, if any.
    const content = payload - aead.explicitNonceLength - aead.tagLength - (isNewest ? 1 : 0);
    return content < 0
      ? undefined
      : { least: content, most: content, sure: isNewest ? 'unless_padded' : 'exact' };
  }
  const mac = macSuite(suite);
  if (!mac) return undefined;
  const form = { suite: mac, version, encryptThenMac };
  if (mac.blockLength === 0) {
    const content = payload - mac.macLength;
    return content < 0 ? undefined : { least: content, most: content, sure: 'exact' };
  }
  const blocks = payload - vectorLength(form) - (isMacOutside(form) ? mac.macLength : 0);
  // One byte at least says how much padding there is; a sender that hides nothing adds less than a block more.
  const most = blocks - 1 - (isMacOutside(form) ? 0 : mac.macLength);
  return most < 0 || blocks % mac.blockLength > 0
    ? undefined
    : { least: Math.max(0, most - mac.blockLength + 1), most, sure: 'blocks' };
}

/** What several records hold together; undefined when that of one is not known. */
export function contentSizes(records: readonly Message[], form: RecordForm): Size | undefined {
  const sizes = records.map(({ length }) => contentSize(length, form));
  let total: Size | undefined;
  for (const size of sizes) {
    if (!size) return undefined;
    total = total ? { least: total.least + size.least, most: total.most + size.most, sure: size.sure } : size;
  }
  return total;
}

/** A request and its response, by sizes and directions. */
export interface SealedExchange {
  readonly request: readonly Message[];
  readonly answer: readonly Message[];
}

/** The encrypted part of a conversation, split by sizes and order alone. */
export interface SealedShape {
  /** TLS 1.3: what the client encrypted before its Finished: a certificate and its proof, if requested. */
  readonly clientFlight: readonly Message[];
  /** TLS 1.3: the client's Finished, known by its size; undefined where none has it. */
  readonly finished: Message | undefined;
  /** TLS 1.3: what the server sealed before that. */
  readonly serverFlight: readonly Message[];
  readonly exchanges: readonly SealedExchange[];
  /** Sealed records that are alerts: by their type, under TLS 1.3 by their size. */
  readonly alerts: readonly Message[];
}

const alertContent = 2;
const applicationData = 23;

/** @param messages a conversation on the wire, read without keys. */
export function sealedShape(messages: readonly Message[], form: RecordForm): SealedShape {
  const sealed = messages.filter((message) => message.sealed && message.protocol === 'tls');
  const data = sealed.filter(({ contentType }) => contentType === applicationData);
  if (!isTls13(form.version)) {
    return {
      clientFlight: [],
      finished: undefined,
      serverFlight: [],
      exchanges: exchangesIn(data),
      alerts: sealed.filter(({ contentType }) => contentType === 21),
    };
  }
  const suite = aeadSuite(form.suite);
  const [finishedContent, tag] = [4 + (suite?.hash === 'sha384' ? 48 : 32), suite?.tagLength ?? 16];
  const lengthOf = (content: number): number => headerLength + content + 1 + tag;
  const place = data.findIndex(
    ({ from, length }) => from === 'client' && length === lengthOf(finishedContent),
  );
  const before = place < 0 ? data : data.slice(0, place);
  const after = place < 0 ? [] : data.slice(place + 1);
  const isAlert = ({ length }: Message): boolean => length === lengthOf(alertContent);
  return {
    clientFlight: before.filter((message) => message.from === 'client' && !isAlert(message)),
    finished: data[place],
    serverFlight: before.filter(({ from }) => from === 'server'),
    exchanges: exchangesIn(after.filter((message) => !isAlert(message))),
    alerts: data.filter(isAlert),
  };
}

/** What the server says before the client has asked is no answer: session tickets, under TLS 1.3. */
function exchangesIn(records: readonly Message[]): SealedExchange[] {
  const exchanges: { request: Message[]; answer: Message[] }[] = [];
  for (const record of records) {
    const last = exchanges.at(-1);
    if (record.from === 'server') last?.answer.push(record);
    else if (!last || last.answer.length > 0) exchanges.push({ request: [record], answer: [] });
    else last.request.push(record);
  }
  return exchanges;
}

/** A login request except for its password: the length of the whole request for a password of this many bytes. */
export type RequestForm = (passwordLength: number) => number;

/**
 * The form of a request that was seen readable, such as one's own login at the same site with the same program.
 * @param password where its password stands, as it was sent.
 */
export function formOfRequest(request: Uint8Array, password: { readonly length: number }): RequestForm {
  const text = latin1Text(request);
  const end = text.indexOf('\r\n\r\n');
  const stated = /\r\nContent-Length:[ \t]*(\d+)/i.exec(text.slice(0, Math.max(0, end)))?.[1];
  const rest = request.length - password.length;
  if (stated === undefined) return (length) => rest + length;
  // The number that states the body's length grows with it.
  return (length) => rest + length - stated.length + String(Number(stated) - password.length + length).length;
}

/** Longer than any password that a form takes. */
const longestPassword = 4096;

/** How long the password is in a request of that size; undefined when no password gives it: then it is not of that form. */
export function passwordSize(request: Size, form: RequestForm): Size | undefined {
  const rest = form(0);
  const fits: number[] = [];
  // The stated length may have a few digits more than without a password.
  for (
    let length = Math.max(0, request.least - rest - 8);
    length <= Math.min(longestPassword, request.most - rest);
    length++
  ) {
    const whole = form(length);
    if (whole >= request.least && whole <= request.most) fits.push(length);
  }
  const [least] = fits;
  const most = fits.at(-1);
  return least === undefined || most === undefined ? undefined : { least, most, sure: request.sure };
}
