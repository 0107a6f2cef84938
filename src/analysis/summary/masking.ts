/**
 * Masks the secrets in what HTTP carried, for files that are handed on: headers, addresses, bodies. Names decide, as they do for
 * what is READABLE, and more of them: what is hidden in vain costs less than what is not hidden.
 *
 * Bodies come from the other side and are large: each byte is looked at once, and no expression repeats a choice over them, since
 * that takes memory for each letter and ends the process when a text has some millions.
 */
import { latin1Text } from '../../core/bytes.ts';
import { isSecretName, plainName } from '../../protocols/shared/secret-names.ts';
import { isSessionCookieName } from '../secrets/credential-shapes.ts';

/** What stands in the place of a secret. */
export const mask = '••••••';

const encodedMask = encodeURIComponent(mask);
const latin1Mask = Buffer.from(mask).toString('latin1');

/** Longer names are none that a person gave. */
const longestName = 200;

/** Of a part of a form, in characters. */
const longestPartHead = 4096;

const furtherNames =
  /(password|passwd|passphrase|secret|apikey|accesskey|privatekey|credentials?|assertion|signature|token|jwt)$/;

const isHidden = (name: string): boolean =>
  name.length <= longestName && (isSecretName(name) || furtherNames.test(plainName(name)));

/** Of a login its scheme stays, of cookies their names, of addresses all but what is secret in them. */
export function maskedHeader(name: string, value: string): string {
  switch (name.toLowerCase()) {
    case 'authorization':
    case 'proxy-authorization':
      return value.includes(' ') ? `${value.split(' ')[0]} ${mask}` : mask;
    case 'cookie':
      return value
        .split(';')
        .map((pair) => `${pair.split('=')[0]}=${mask}`)
        .join(';');
    // What a server asks for.
    case 'www-authenticate':
    case 'proxy-authenticate':
      return value;
    case 'set-cookie': {
      const [pair = '', ...attributes] = value.split(';');
      return [`${pair.split('=')[0]}=${mask}`, ...attributes].join(';');
    }
    // A browser cannot send headers of its own with a WebSocket: Kubernetes takes the token here.
    case 'sec-websocket-protocol':
      return value.replace(/(\bbearer\.authorization\.k8s\.io\.)[^\s,]+/g, `$1${mask}`);
    default:
      return isHidden(name) || isSessionCookieName(name) ? mask : maskedAddress(value);
  }
}

/** Secrets in the query and in the fragment, and the password before the host. */
export const maskedAddress = (text: string): string =>
  text
    .replace(/(:\/\/[^/?#@\s:]*:)[^/?#@\s]*@/g, `$1${encodedMask}@`)
    .replace(/([?&#;])([^=&#?;\s]+)=([^&#\s]*)/g, (all, mark: string, name: string) =>
      isHidden(decoded(name)) ? `${mark}${name}=${encodedMask}` : all,
    );

/** @param body without its compression */
export function maskedBody(body: Uint8Array, mimeType: string): Uint8Array {
  const text = latin1Text(body);
  const boundary = /^multipart\/[^;]*;.*?\bboundary="?([^";\s]+)/i.exec(mimeType)?.[1];
  const masked =
    boundary !== undefined
      ? maskedParts(text, boundary)
      : /^\s*[[{]/.test(text)
        ? maskedJson(text)
        : /^application\/x-www-form-urlencoded/i.test(mimeType) || (mimeType === '' && isLikeForm(text))
          ? maskedForm(text)
          : text;
  return masked === text ? body : Buffer.from(masked, 'latin1');
}

const isLikeForm = (text: string): boolean => /^[^\s=&]{1,200}=/.test(text);

const maskedForm = (text: string): string =>
  text.replace(/([^=&]+)=[^&]+/g, (all, name: string) =>
    isHidden(decoded(name)) ? `${name}=${latin1Mask}` : all,
  );

/** RFC 7578: fields of a form, each with its name. */
function maskedParts(text: string, boundary: string): string {
  const border = `--${boundary}`;
  const pieces = new Pieces(text);
  for (let start = text.indexOf(border); start >= 0; ) {
    const next = text.indexOf(border, start + border.length);
    const end = next < 0 ? text.length : next;
    const value = text.indexOf('\r\n\r\n', start) + 4;
    if (value < 4) break;
    if (value < end) {
      const head = text.slice(start, Math.min(value, start + longestPartHead));
      const name = /;\s*name="([^"]*)"/i.exec(head)?.[1];
      if (name !== undefined && isHidden(utf8(name))) pieces.replace(value, end, `${latin1Mask}\r\n`);
    }
    start = next;
  }
  return pieces.whole();
}

/** A text in which some stretches are replaced, in rising order. */
class Pieces {
  readonly #text: string;
  #before = '';
  #pieces: string[] = [];
  #written = 0;

  constructor(text: string) {
    this.#text = text;
  }

  replace(start: number, end: number, by: string): void {
    this.#pieces.push(this.#text.slice(this.#written, start), by);
    this.#written = end;
    // A list of millions takes more memory than the text.
    if (this.#pieces.length < 8192) return;
    this.#before += this.#pieces.join('');
    this.#pieces = [];
  }

  whole(): string {
    return this.#written === 0
      ? this.#text
      : this.#before + this.#pieces.join('') + this.#text.slice(this.#written);
  }
}

/** What JSON consists of, a text by its first mark only. */
const jsonToken = /["[\]{},]|[\w+-][\w.+-]*/g;

/** The value of each secret name, whatever it holds, in JSON that may be cut; everything else as it was written. */
function maskedJson(text: string): string {
  const pieces = new Pieces(text);
  const hide = (start: number, end: number): void => pieces.replace(start, end, `"${latin1Mask}"`);
  let depth = 0;
  /** Behind a secret name: where its value begins, and how deep that stands. */
  let hidden: { start?: number; readonly depth: number } | undefined;
  jsonToken.lastIndex = 0;
  for (let match = jsonToken.exec(text); match; match = jsonToken.exec(text)) {
    const [found] = match;
    const start = match.index;
    const end = found === '"' ? endOfJsonText(text, start) : start + found.length;
    jsonToken.lastIndex = end;
    const isOpening = found === '{' || found === '[';
    const isClosing = found === '}' || found === ']';
    if (isOpening) depth++;
    else if (isClosing) depth--;
    if (!hidden) {
      if (found === '"' && isColonAt(text, end) && isHidden(unescaped(text.slice(start + 1, end - 1))))
        hidden = { depth };
    } else if (hidden.start !== undefined) {
      if (depth > hidden.depth) continue;
      hide(hidden.start, end);
      hidden = undefined;
    } else if (isOpening) hidden.start = start;
    else {
      if (!isClosing && found !== ',' && found !== 'null') hide(start, end);
      hidden = undefined;
    }
  }
  if (hidden?.start !== undefined) hide(hidden.start, text.length);
  return pieces.whole();
}

/** Behind the closing mark, or the end of a text that was cut. */
function endOfJsonText(text: string, start: number): number {
  const special = /["\\]/g;
  special.lastIndex = start + 1;
  for (let match = special.exec(text); match; match = special.exec(text)) {
    if (match[0] === '"') return special.lastIndex;
    special.lastIndex++;
  }
  return text.length;
}

function isColonAt(text: string, from: number): boolean {
  const next = /\s*(:?)/y;
  next.lastIndex = from;
  return next.exec(text)?.[1] === ':';
}

const utf8 = (latin1: string): string => Buffer.from(latin1, 'latin1').toString('utf8');

function unescaped(latin1: string): string {
  if (latin1.length > longestName) return '';
  const text = utf8(latin1);
  try {
    return String(JSON.parse(`"${text}"`));
  } catch {
    return text;
  }
}

/** As a form writes it; what is no such text stays as it is. */
function decoded(text: string): string {
  if (text.length > longestName * 9) return '';
  const spaced = utf8(text).replaceAll('+', ' ');
  try {
    return decodeURIComponent(spaced);
  } catch {
    return spaced;
  }
}
