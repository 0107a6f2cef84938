/**
 * Finds unknown secrets by their shape: the value of a password field, an Authorization header, a session cookie. It
 * locates what looks like a credential; `secret-hunt.ts` searches for known secrets. It loads the HTTP dissector:
 * import it on demand.
 *
 * A shape is based on names and is no proof: a field called `pin` may contain a colour. Values are given as on the
 * wire, and decoded if they are encoded.
 */
import { latin1Text } from '../../core/bytes.ts';
import type { Field } from '../../core/field.ts';
import type { Credential } from '../../protocols/shared/credential.ts';
import { readLogin } from '../../protocols/http/authorization.ts';
import { decodeFormText, readBasic, readForm } from '../../protocols/http/form.ts';
import { fieldOfHttp } from '../../protocols/http/message-field.ts';
import type { HttpMessage } from '../../protocols/http/http-message.ts';
import { headerValue, isForm } from '../../protocols/http/message.ts';
import type { HttpRequest, HttpResponse } from '../../protocols/http/message.ts';
import { isSecretName, plainName } from '../../protocols/shared/secret-names.ts';

/** A secret, or what a login sent in its place, in the direction of its message. */
export type FoundCredential = Credential;

type ByteRange = Field['range'];

interface Stretch {
  readonly offset: number;
  readonly length: number;
}

/** Those that do not overlap a known secret of the same stream. */
export function unknownAmong(
  found: readonly FoundCredential[],
  known: readonly Stretch[],
): readonly FoundCredential[] {
  return found.filter(
    ({ offset, length }) =>
      !known.some((one) => one.offset < offset + length && offset < one.offset + one.length),
  );
}

/** Cookies that represent a logged-in user. */
const sessionNames: readonly RegExp[] = [
  /^(__(host|secure))?(.*)(session|sess|sid|token|jwt|auth|remember).*$/,
];

export function isSessionCookieName(name: string): boolean {
  return sessionNames.some((pattern) => pattern.test(plainName(name)));
}

/** Headers in which credentials are looked for. */
const carriers: ReadonlySet<string> = new Set([
  'authorization',
  'proxy-authorization',
  'cookie',
  'set-cookie',
]);

const openingBracket = 0x5b;
const openingBrace = 0x7b;

/** As `\s` matches in Latin-1. */
const isSpace = (byte: number): boolean => (byte >= 0x09 && byte <= 0x0d) || byte === 0x20 || byte === 0xa0;

/** Whether a text begins with the byte order mark of UTF-8. */
const hasMark = ([first, second, third]: Uint8Array): boolean =>
  first === 0xef && second === 0xbb && third === 0xbf;

function mayBeJson(body: Uint8Array): boolean {
  const first = body.subarray(hasMark(body) ? 3 : 0).find((byte) => !isSpace(byte));
  return first === openingBrace || first === openingBracket;
}

/** Whether a message has a place for any. Most have none; that costs far less to see than the fields to look through. */
export function mayHoldCredentials({ content }: Pick<HttpMessage, 'content'>): boolean {
  if (content.type !== 'request' && content.type !== 'response') return false;
  if (content.type === 'request' && (content.target.includes('?') || content.target.includes('&')))
    return true;
  if (content.headers.some(({ name }) => carriers.has(name.toLowerCase()))) return true;
  if (content.bodyLength === 0) return false;
  return isForm(content) || headerValue(content, 'content-encoding') !== undefined || mayBeJson(content.body);
}

/** Every credential in a message, in the order of the wire. */
export function credentialsIn(message: HttpMessage): FoundCredential[] {
  const { content } = message;
  if (content.type !== 'request' && content.type !== 'response') return [];
  if (!mayHoldCredentials(message)) return [];
  const found: FoundCredential[] = [];
  const isChunked = message.framing.kind === 'chunked';
  // A body may hold more of them than a call takes as arguments.
  const add = (more: readonly FoundCredential[]): void => {
    for (const one of more) found.push(one);
  };
  const walk = (field: Field): void => {
    if (field.id === 'http.request.target') add(inQuery(field));
    else if (field.id.endsWith('.header')) add(inHeader(field));
    else if (field.id === 'http.request.form.field' && !isChunked) add(inForm(field));
    else if (!isChunked && (field.id === 'http.request.body' || field.id.endsWith('.body.data')))
      add(inJson(field, message));
    else if (field.id.endsWith('.opened_body')) add(inOpenedBody(field, message, tree));
    field.children.forEach(walk);
  };
  const tree = fieldOfHttp(message);
  walk(tree);
  if (isChunked) add(inChunks(content, tree));
  return found.filter(({ length }) => length > 0).sort((a, b) => a.offset - b.offset);
}

const textOf = (field: Field | undefined): string => (typeof field?.value === 'string' ? field.value : '');
const childOf = (field: Field, suffix: string): Field | undefined =>
  field.children.find(({ id }) => id.endsWith(suffix));
const decoded = (latin1: string): string => decodeFormText(Buffer.from(latin1, 'latin1'));

function inForm(field: Field): FoundCredential[] {
  const name = decoded(textOf(childOf(field, '.name')));
  const value = childOf(field, '.value');
  if (!value || !isSecretName(name)) return [];
  return [{ kind: 'form_field', name, value: decoded(textOf(value)), ...placeOf(value) }];
}

/** Where the data of chunks stands in its direction, in order; empty for a body that is not in chunks. */
export function chunkPlaces(tree: Field): readonly ByteRange[] {
  const data: ByteRange[] = [];
  const collect = (field: Field): void => {
    if (field.id.endsWith('.chunk.data')) data.push(field.range);
    field.children.forEach(collect);
  };
  collect(tree);
  return data;
}

/** In a body that was cut into chunks, wherever they cut it: places in the body are found through the chunks' data. */
function inChunks(content: HttpRequest | HttpResponse, tree: Field): FoundCredential[] {
  const data = chunkPlaces(tree);
  const form = content.type === 'request' ? (content.form ?? []) : [];
  const fields = form.flatMap(({ name, value, valueRange: [start, end] }): FoundCredential[] =>
    end > start && isSecretName(name)
      ? [{ kind: 'form_field', name, value, offset: start, length: end - start }]
      : [],
  );
  // Asked in rising order only: there may be as many chunks as there are fields.
  let [index, passed] = [0, 0];
  const streamOffset = (at: number): number => {
    for (let piece = data[index]; piece; piece = data[++index]) {
      const length = piece[1] - piece[0];
      if (at - passed < length) return piece[0] + at - passed;
      passed += length;
    }
    return data.at(-1)?.[1] ?? 0;
  };
  // Of answers that go on and on as many bytes are kept as are searched.
  const found = fields.length > 0 ? fields : jsonMembers(content.body, 0, content.body.length);
  return found
    .filter(({ length }) => length > 0)
    .map((one) => {
      const offset = streamOffset(one.offset);
      return { ...one, offset, length: streamOffset(one.offset + one.length - 1) + 1 - offset };
    });
}

function inQuery(field: Field): FoundCredential[] {
  return inTarget(textOf(field), field.range[0]);
}

/**
 * Credentials in the query of a target.
 * @param start where the target begins in its direction
 */
export function inTarget(target: string, start: number): FoundCredential[] {
  const found: FoundCredential[] = [];
  // A parameter without a value matches too, so that no byte is scanned twice.
  for (const match of target.matchAll(/[?&]([^=&#]*)(?:=([^&#]*))?/g)) {
    const [whole, name = '', value = ''] = match;
    if (!isSecretName(decoded(name))) continue;
    found.push({
      kind: 'query_parameter',
      name: decoded(name),
      value: decoded(value),
      offset: start + match.index + whole.length - value.length,
      length: value.length,
    });
  }
  return found;
}

function inHeader(field: Field): FoundCredential[] {
  const name = textOf(childOf(field, '.name')).toLowerCase();
  const value = childOf(field, '.value');
  return value ? inHeaderValue(name, textOf(value), value.range[0]) : [];
}

/**
 * Credentials in the value of a header.
 * @param name in lower case
 * @param start where the value begins in its direction
 */
export function inHeaderValue(name: string, text: string, start: number): FoundCredential[] {
  if (name === 'authorization' || name === 'proxy-authorization') return inAuthorization(text, start);
  if (name === 'cookie')
    return [...text.matchAll(/(?:^|;)\s*([^=;\s]+)=([^;]*)/g)].flatMap((match) => cookie(match, start));
  if (name === 'set-cookie')
    return [...text.matchAll(/^\s*([^=;\s]+)=([^;]*)/g)].flatMap((match) => cookie(match, start));
  return [];
}

function inAuthorization(text: string, start: number): FoundCredential[] {
  const match = /^(basic|bearer) +(\S+)/i.exec(text);
  const token = match?.[2] ?? '';
  const place = { offset: start + (match?.[0].length ?? 0) - token.length, length: token.length };
  const basic = readBasic(text);
  if (basic) return [{ kind: 'basic', name: basic.user, value: basic.password, ...place }];
  if (match?.[1]?.toLowerCase() === 'bearer')
    return [{ kind: 'bearer', name: 'Bearer', value: token, ...place }];
  const login = readLogin(text);
  if (!login) return [];
  const { scheme, user, offset, length } = login;
  const shown = user ?? text.slice(offset, offset + length);
  return [{ kind: scheme, name: user ?? 'Negotiate', value: shown, offset: start + offset, length }];
}

function cookie(match: RegExpExecArray, start: number): FoundCredential[] {
  const [whole, name = '', value = ''] = match;
  if (!isSessionCookieName(name)) return [];
  return [
    {
      kind: 'cookie',
      name,
      value,
      offset: start + match.index + whole.length - value.length,
      length: value.length,
    },
  ];
}

/** Members of a JSON body by their names, at any depth; a body that is cut is searched as far as it goes. */
function inJson(field: Field, message: HttpMessage): FoundCredential[] {
  const [start, end] = field.range;
  // A body holds its data as a child: only the innermost is searched.
  if (field.children.length > 0) return [];
  return jsonMembers(message.bytes.subarray(start - message.offset, end - message.offset), start);
}

/** In a compressed body a value has no position of its own: the whole body is reported. */
function inOpenedBody({ value }: Field, { content }: HttpMessage, tree: Field): FoundCredential[] {
  if (!(value instanceof Uint8Array)) return [];
  const chunks = chunkPlaces(tree);
  const body = tree.children.find(({ id }) => id.endsWith('.body'));
  const start = chunks[0]?.[0] ?? body?.range[0] ?? tree.range[0];
  const place = { offset: start, length: (chunks.at(-1)?.[1] ?? body?.range[1] ?? start) - start };
  const form = content.type === 'request' && isForm(content) ? readForm(value) : [];
  const fields = form.flatMap(({ name, value: text }): FoundCredential[] =>
    text !== '' && isSecretName(name) ? [{ kind: 'form_field', name, value: text, ...place }] : [],
  );
  return [...fields, ...jsonMembers(value, 0).map((member) => ({ ...member, ...place }))];
}

/** Searched at most: what a login says is in the first lines. */
const mostJson = 1024 * 1024;

/**
 * Members of a JSON text that are secrets by their names.
 * @param start where the text begins in its direction
 */
export function jsonMembers(bytes: Uint8Array, start: number, most = mostJson): FoundCredential[] {
  const body = latin1Text(bytes.subarray(0, most));
  // Behind the mark of UTF-8 that some writers put first.
  if (!/^(?:\xef\xbb\xbf)?\s*[[{]/.test(body)) return [];
  const found: FoundCredential[] = [];
  // Every string is matched, whatever follows it, and one that does not end to the end of the text: so each byte is looked
  // at once, however the text is made.
  for (const match of body.matchAll(
    /"((?:[^"\\]+|\\[^]?)*)(?:"|$)(?:\s*:\s*("((?:[^"\\]+|\\[^]?)*)(?:"|$)|-?\d[\d.eE+-]*))?/g,
  )) {
    const [whole, name = '', written, inner] = match;
    if (written === undefined) continue;
    const key = unescaped(name);
    if (!isSecretName(key)) continue;
    const value = inner ?? written;
    // What is cut has no closing quotation mark.
    const close = inner === undefined ? 0 : written.length - 1 - inner.length;
    found.push({
      kind: 'json_member',
      name: key,
      value: unescaped(value),
      offset: start + match.index + whole.length - close - value.length,
      length: value.length,
    });
  }
  return found;
}

function unescaped(latin1: string): string {
  const text = Buffer.from(latin1, 'latin1').toString('utf8');
  try {
    return String(JSON.parse(`"${text}"`));
  } catch {
    return text;
  }
}

function placeOf(field: Field): { readonly offset: number; readonly length: number } {
  return { offset: field.range[0], length: field.range[1] - field.range[0] };
}
