/**
 * Parses HTTP/1.1 messages (RFC 9112): the head as typed data, the framing that follows from it, and a field tree in
 * which every byte is named. `conversation.ts` finds message boundaries in a stream.
 *
 * 1. Text on the wire is kept byte for byte (Latin-1); the tree contains nothing decoded.
 * 2. A head that a careful server refuses (folded lines, space before a colon, two different lengths) is malformed.
 */
import { latin1Text } from '../../core/bytes.ts';
import type { HttpFieldId } from './ids.ts';
import { readStep } from '../../core/cursor.ts';
import type { Cursor } from '../../core/cursor.ts';
import type { Remark, Step } from '../../core/field.ts';
import { readBasic, readCookies, readFormFields } from './form.ts';
import type { FormField, NamedValue } from './form.ts';

export interface RequestHead {
  readonly type: 'request';
  readonly method: string;
  readonly target: string;
  readonly version: string;
  readonly headers: readonly NamedValue[];
}

export interface ResponseHead {
  readonly type: 'response';
  readonly version: string;
  readonly status: number;
  readonly reason: string;
  readonly headers: readonly NamedValue[];
}

export type Head = RequestHead | ResponseHead;

/** How the end of a body is found (RFC 9112 section 6.3). */
export type Framing =
  | { readonly kind: 'none' }
  | { readonly kind: 'length'; readonly length: number }
  | { readonly kind: 'chunked' }
  | { readonly kind: 'until_close' }
  /** What follows is another protocol. */
  | { readonly kind: 'tunnel' };

export interface HttpRequest extends RequestHead {
  /** Freed from its chunks; cut where it was too long to keep. */
  readonly body: Uint8Array;
  /** Bytes of the body, kept or not. */
  readonly bodyLength: number;
  /** Of a url-encoded body; ranges are in `body`. */
  readonly form?: readonly FormField[];
  readonly cookies: readonly NamedValue[];
  readonly basic?: { readonly user: string; readonly password: string };
}

export interface HttpResponse extends ResponseHead {
  readonly body: Uint8Array;
  readonly bodyLength: number;
  /** The request that it answers, where that was seen. */
  readonly answers?: { readonly method: string; readonly target: string };
}

const methods = ['GET', 'POST', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'CONNECT', 'TRACE', 'PROPFIND'];
const openings = [...methods.map((method) => `${method} `), 'HTTP/1.'];
const firstBytes: ReadonlySet<number> = new Set(openings.map((opening) => opening.charCodeAt(0)));

/** SIP (RFC 3261) and RTSP (RFC 7826) have the form of HTTP, and this method; what they ask for, or their version, is their own. */
const sharedMethod = 'OPTIONS ';
const othersTargets = ['sip:', 'sips:', 'tel:', 'rtsp:', 'rtsps:', 'rtspu:', '* sip/', '* rtsp/'];

/** Whether a stream with this start is HTTP/1; undefined while it is too short. */
export function looksLikeHttp(start: Uint8Array): boolean | undefined {
  const [first] = start;
  if (first !== undefined && !firstBytes.has(first)) return false;
  const text = latin1Text(start.subarray(0, 24));
  if (text.startsWith(sharedMethod)) {
    const target = text.slice(sharedMethod.length).toLowerCase();
    if (othersTargets.some((other) => target.startsWith(other))) return false;
    return othersTargets.some((other) => other.startsWith(target)) ? undefined : true;
  }
  if (openings.some((opening) => text.startsWith(opening))) return true;
  return openings.some((opening) => opening.startsWith(text)) ? undefined : false;
}

/** The value of the first header of that name (lower case); several are joined by a comma. */
export function headerValue(head: Head, name: string): string | undefined {
  const values = head.headers
    .filter((header) => header.name.toLowerCase() === name)
    .map((header) => header.value);
  return values.length > 0 ? values.join(', ') : undefined;
}

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const space = 0x20;
const tab = 0x09;
const carriageReturn = 0x0d;
const lineFeed = 0x0a;
const colon = 0x3a;

/** The length of the next line without and with its end; a bare line feed ends a line too (RFC 9112 section 2.2). */
function measureLine(cursor: Cursor): { readonly text: number; readonly whole: number } {
  const length = cursor.distanceTo(lineFeed);
  if (length === cursor.remaining) return { text: length, whole: length };
  return {
    text: length > 0 && cursor.peek(length - 1) === carriageReturn ? length - 1 : length,
    whole: length + 1,
  };
}

/** One line as a block; `read` reads its text, its end becomes syntax. */
function readLine<T>(
  cursor: Cursor,
  id: HttpFieldId,
  read: (line: Cursor, length: number) => T,
  remarks: readonly Remark[] = [],
): T {
  const { text, whole } = measureLine(cursor);
  return cursor.block(
    id,
    whole,
    (line) => {
      const result = read(line, text);
      const rest = whole - text;
      if (line.remaining > rest)
        line.fail('trailing_bytes', id, 'the end of the line', `${line.remaining - rest} more bytes`);
      if (line.remaining > 0) line.text('http.syntax', line.remaining);
      return result;
    },
    remarks,
  );
}

const isBlank = (byte: number | undefined): boolean => byte === space || byte === tab;

function skipSpaces(line: Cursor): void {
  let length = 0;
  while (isBlank(line.peek(length))) length++;
  if (length > 0) line.text('http.syntax', length);
}

/** A word up to a space or the end of the line's text. */
function readWord(line: Cursor, id: HttpFieldId): string {
  const length = Math.min(line.distanceTo(space), line.distanceTo(carriageReturn), line.distanceTo(lineFeed));
  return length > 0 ? line.text(id, length) : '';
}

/** RFC 9112 section 3. */
function readRequestLine(cursor: Cursor): Omit<RequestHead, 'headers'> {
  return readLine(cursor, 'http.request.line', (line) => {
    const start = line.offset;
    const method = readWord(line, 'http.request.method');
    if (!token.test(method))
      line.fail('bad_value', 'http.request.method', 'a method', JSON.stringify(method.slice(0, 16)), start);
    skipSpaces(line);
    const target = readWord(line, 'http.request.target');
    skipSpaces(line);
    const at = line.offset;
    const version = readWord(line, 'http.request.version');
    if (!/^HTTP\/\d\.\d$/.test(version))
      line.fail('bad_value', 'http.request.version', 'HTTP/1.1', JSON.stringify(version.slice(0, 16)), at);
    return { type: 'request', method, target, version };
  });
}

/** RFC 9112 section 4. */
function readStatusLine(cursor: Cursor): Omit<ResponseHead, 'headers'> {
  return readLine(cursor, 'http.response.line', (line, length) => {
    const start = line.offset;
    const version = readWord(line, 'http.response.version');
    skipSpaces(line);
    const at = line.offset;
    const status = readWord(line, 'http.response.status');
    if (!/^[1-9]\d\d$/.test(status))
      line.fail(
        'bad_value',
        'http.response.status',
        'a status of three digits',
        JSON.stringify(status.slice(0, 16)),
        at,
      );
    skipSpaces(line);
    const left = length - (line.offset - start);
    const reason = left > 0 ? line.text('http.response.reason', left) : '';
    return { type: 'response', version, status: Number(status), reason };
  });
}

type HeadersId = `http.${Head['type']}.${'header' | 'trailer'}`;

/** RFC 9112 section 5. */
function readHeader(cursor: Cursor, id: HeadersId): NamedValue {
  return readLine(cursor, id, (line, length) => {
    const start = line.offset;
    const nameLength = Math.min(line.distanceTo(colon), line.distanceTo(lineFeed));
    if (line.peek(nameLength) !== colon) line.fail('bad_value', id, 'a colon', 'none in this line', start);
    const name = nameLength > 0 ? line.text(`${id}.name`, nameLength) : '';
    if (!token.test(name))
      line.fail('bad_value', `${id}.name`, 'a header name', JSON.stringify(name.slice(0, 32)), start);
    line.text('http.syntax', 1);
    skipSpaces(line);
    let valueLength = Math.max(0, length - (line.offset - start));
    while (valueLength > 0 && isBlank(line.peek(valueLength - 1))) valueLength--;
    const value = valueLength > 0 ? line.text(`${id}.value`, valueLength) : '';
    const left = length - (line.offset - start);
    if (left > 0) line.text('http.syntax', left);
    return { name, value };
  });
}

function isEmptyLine(cursor: Cursor): boolean {
  return cursor.peek() === lineFeed || (cursor.peek() === carriageReturn && cursor.peek(1) === lineFeed);
}

function readEmptyLine(cursor: Cursor): void {
  cursor.text('http.syntax', cursor.peek() === lineFeed ? 1 : 2);
}

function readHeaders(cursor: Cursor, id: HeadersId): NamedValue[] {
  const headers: NamedValue[] = [];
  while (cursor.remaining > 0 && !isEmptyLine(cursor)) headers.push(readHeader(cursor, id));
  if (cursor.remaining > 0) readEmptyLine(cursor);
  return headers;
}

function readHeadFields(cursor: Cursor): Head {
  // Empty lines before a request line are to be ignored (RFC 9112 section 2.2).
  while (isEmptyLine(cursor)) readEmptyLine(cursor);
  const isResponse = 'HTTP/'.split('').every((letter, at) => cursor.peek(at) === letter.charCodeAt(0));
  const line = isResponse ? readStatusLine(cursor) : readRequestLine(cursor);
  const headers = readHeaders(cursor, `http.${line.type}.header`);
  return { ...line, headers };
}

const requestLine = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+) ([^ \t\r\n][^ \r\n]*) (HTTP\/\d\.\d)$/;
const statusLine = /^(HTTP\/\d\.\d) ([1-9]\d\d) ([^ \t\r\n].*)$/;
const headerLine = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*)$/;

/**
 * What `readHead` says of a head that is written as every program writes it, without a field for each byte: a fold reads
 * every head of a log, and only the one under the cursor needs its tree. Undefined for anything else, right or wrong.
 */
export function readUsualHead(bytes: Uint8Array): Head | undefined {
  const lines = latin1Text(bytes).split('\r\n');
  if (lines.pop() !== '' || lines.pop() !== '') return undefined;
  const [first = '', ...rest] = lines;
  const headers: NamedValue[] = [];
  for (const line of rest) {
    const [, name, value] = headerLine.exec(line) ?? [];
    if (name === undefined || value === undefined) return undefined;
    headers.push({ name, value: withoutBlanksBehind(value) });
  }
  const [, method, target, version] = requestLine.exec(first) ?? [];
  if (method !== undefined && target !== undefined && version !== undefined)
    return { type: 'request', method, target, version, headers };
  const [, spoken, status, reason] = statusLine.exec(first) ?? [];
  return spoken !== undefined && reason !== undefined
    ? { type: 'response', version: spoken, status: Number(status), reason, headers }
    : undefined;
}

/** Not by a pattern: one that matches trailing blanks is tried again at each blank, in quadratic time. */
function withoutBlanksBehind(text: string): string {
  let length = text.length;
  while (length > 0 && isBlank(text.charCodeAt(length - 1))) length--;
  return text.slice(0, length);
}

/** A whole head, the empty line at its end included. `base` is where it begins in its stream. */
export function readHead(bytes: Uint8Array, base = 0): Step<Head> {
  return readStep('http.head', bytes, readHeadFields, { base, open: false });
}

/** What follows a head (RFC 9112 section 6.3); undefined when its lengths contradict each other. */
export function framingOf(head: Head, answered?: { readonly method: string }): Framing | undefined {
  if (head.type === 'response') {
    const { status } = head;
    if (status === 101 || (answered?.method === 'CONNECT' && status >= 200 && status < 300))
      return { kind: 'tunnel' };
    if (answered?.method === 'HEAD' || status < 200 || status === 204 || status === 304)
      return { kind: 'none' };
  }
  const codings = headerValue(head, 'transfer-encoding');
  if (codings !== undefined) {
    if (/(^|,)\s*chunked\s*$/i.test(codings)) return { kind: 'chunked' };
    return head.type === 'response' ? { kind: 'until_close' } : undefined;
  }
  const lengths = new Set(
    headerValue(head, 'content-length')
      ?.split(',')
      .map((text) => text.trim()),
  );
  const [length = ''] = lengths;
  if (lengths.size > 0)
    return lengths.size === 1 && /^\d{1,15}$/.test(length)
      ? { kind: 'length', length: Number(length) }
      : undefined;
  return head.type === 'request' ? { kind: 'none' } : { kind: 'until_close' };
}

export function isForm(head: Head): boolean {
  return (
    head.type === 'request' &&
    /^application\/x-www-form-urlencoded\b/i.test(headerValue(head, 'content-type') ?? '')
  );
}

/** What a request's head gives away beside its headers. */
export function readSecretsOf(head: RequestHead): Pick<HttpRequest, 'cookies' | 'basic'> {
  const authorization = headerValue(head, 'authorization');
  const basic = authorization === undefined ? undefined : readBasic(authorization);
  return { cookies: readCookies(headerValue(head, 'cookie') ?? ''), ...(basic && { basic }) };
}

/** The size in a chunk's first line (RFC 9112 section 7.1); undefined when it is none. */
export function chunkSizeOf(line: string): number | undefined {
  const digits = /^([0-9a-f]{1,12})[ \t]*(?:;|$)/i.exec(line)?.[1];
  return digits === undefined ? undefined : Number.parseInt(digits, 16);
}

/** One chunk; true for the last one. What of a cut chunk is there is read. */
function readChunk(
  cursor: Cursor,
  id: `http.${Head['type']}.body`,
  readData: (data: Cursor) => void,
): boolean {
  const { text, whole } = measureLine(cursor);
  const line = Array.from({ length: text }, (_, at) => String.fromCharCode(cursor.peek(at) ?? 0)).join('');
  const size =
    chunkSizeOf(line) ??
    cursor.fail('bad_value', `${id}.chunk.size`, 'a size in hex', JSON.stringify(line.slice(0, 16)));
  const dataLength = Math.min(size, cursor.remaining - whole);
  const endLength =
    size === 0
      ? 0
      : Math.min(
          cursor.peek(whole + dataLength) === carriageReturn ? 2 : 1,
          cursor.remaining - whole - dataLength,
        );
  cursor.block(`${id}.chunk`, whole + dataLength + endLength, (chunk) => {
    if (text > 0) chunk.text(`${id}.chunk.size`, text);
    if (whole > text) chunk.text('http.syntax', whole - text);
    if (dataLength > 0) chunk.block(`${id}.chunk.data`, dataLength, readData);
    if (chunk.remaining > 0) chunk.text('http.syntax', chunk.remaining);
  });
  return size === 0;
}

/** The field tree of a whole message; `framing` as it was decided when the message was read. */
export function readMessage(bytes: Uint8Array, framing: Framing, base = 0): Step<Head> {
  return readStep(
    'http.message',
    bytes,
    (cursor) => {
      const head = readHeadFields(cursor);
      if (cursor.remaining === 0) return head;
      const id = `http.${head.type}.body` as const;
      // Asked once: a body may have as many chunks as bytes, and a head thousands of headers.
      const holdsForm = isForm(head);
      const readData = (data: Cursor): void => {
        if (holdsForm) data.block('http.request.form', data.remaining, readFormFields);
        else data.rest(`${id}.data`);
      };
      if (framing.kind !== 'chunked') {
        cursor.block(id, cursor.remaining, readData);
        return head;
      }
      let last = false;
      while (cursor.remaining > 0 && !last) last = readChunk(cursor, id, readData);
      readHeaders(cursor, `http.${head.type}.trailer`);
      return head;
    },
    { base, open: false },
  );
}
