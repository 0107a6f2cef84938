/**
 * Takes the secrets out of a run: those that the scenario knows, in every encoding; those that the shape of a message reveals
 * (passwords, cookies, tokens of any user), and what is written around them (`written-forms.ts`); private keys; and the key log.
 *
 * 1. Bytes are replaced one for one by asterisks, so that every offset, length and field stays as it was, and each stretch is
 *    listed. A value in Huffman's code of HTTP/2 gets the code of the asterisk.
 * 2. Streams are searched as a whole: no boundary of events hides a secret.
 * 3. Of the key log nothing is left but what it showed of public things: the content of sealed records with certificates, with
 *    what belongs to a handshake, and with alerts, each by itself (`opened-records.ts`). No ticket of a session is among them.
 * 4. Texts are searched for the same values, and for keys and tokens by their form. Names of steps, wires and participants are
 *    no texts.
 */
import { ConversationReader } from '../../analysis/conversation/conversation.ts';
import type { Message } from '../../analysis/conversation/message.ts';
import { chunkPlaces } from '../../analysis/secrets/credential-shapes.ts';
import type { Hit } from '../../analysis/secrets/secret-hunt.ts';
import type { CaptureEvent, EventOf, Side, Vantage } from '../../capture/event.ts';
import { payloadLength } from '../../capture/event.ts';
import type { Connection } from '../../capture/connection.ts';
import { indexFrom } from '../../capture/flow-stream.ts';
import { latin1Text } from '../../core/bytes.ts';
import { readTls } from '../../analysis/conversation/tls-reading.ts';
import { contentTypes } from '../../protocols/tls/framing.ts';
import { KeyRing, readKeylogLine } from '../../protocols/tls/keys/keylog.ts';
import { openedRecordLine } from '../../protocols/tls/keys/opened-records.ts';
import { KnownSecrets, marksIn, writtenSecrets } from '../html/bytes/secrets.ts';
import type { Redaction, RedactionCount } from './limits.ts';
import { isSecretHeader, writtenSecretsIn } from './written-forms.ts';

export interface RedactionSources {
  readonly events: readonly CaptureEvent[];
  readonly connections: Iterable<Connection>;
  /** The run's secrets by their ids. */
  readonly secrets: ReadonlyMap<string, string>;
  /** What was found of them and of private keys. */
  readonly hits: readonly Hit[];
  /** Lines of the key log, with which sealed messages are read to find what their shape reveals. */
  readonly keylog: Iterable<string>;
}

/** The byte that stands in the place of a secret, and Huffman's code for it (RFC 7541 appendix B), which is a whole byte too. */
const asterisk = 0x2a;
const codedAsterisk = 0xf9;

/** Whether a byte is one that a redaction leaves. */
export const isRedactedByte = (byte: number | undefined): boolean =>
  byte === asterisk || byte === codedAsterisk;

interface Range {
  readonly start: number;
  readonly end: number;
  readonly what: string;
  readonly fill: number;
}

type StreamKey = `${number} ${Vantage} ${Side}`;
const keyOf = (conn: number, vantage: Vantage, from: Side): StreamKey => `${conn} ${vantage} ${from}`;

/** Private keys and tokens of any sender, by their form. Each is bounded, and no part of it is tried twice. */
const forms: readonly { readonly what: string; readonly pattern: RegExp }[] = [
  {
    what: 'private key',
    // Up to the line behind it, if that is there; line ends may be written as an escape.
    pattern:
      /(?<=-----BEGIN [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----)(?:[A-Za-z0-9+/=\s\\,:.()]|-(?!-)){16,65536}/g,
  },
  { what: 'private key', pattern: /(?<=client-key-data"?: {0,4}"?)[A-Za-z0-9+/=]{16,16384}/g },
  { what: 'token', pattern: /\beyJ[\w-]{8,4096}\.[\w-]{8,8192}\.[\w-]{8,2048}/g },
];

/** Shorter values that were found by their shape would be met in many words. */
const shortestShaped = 4;
/** The same of values that only what is written around them reveals, and the most of one that is looked for in texts. */
const shortestWritten = 8;
const longestWritten = 4096;

export class Redactor {
  readonly #ranges = new Map<StreamKey, readonly Range[]>();
  readonly #known: readonly string[];
  readonly #values: readonly string[];
  readonly #keylog: number;
  /** By client random. */
  readonly #openedLines = new Map<string, string[]>();
  #redactions: readonly Redaction[] | undefined;
  #texts = 0;

  constructor({ events, connections, secrets, hits, keylog }: RedactionSources) {
    const found = new Map<StreamKey, Range[]>();
    const add = (key: StreamKey, range: Range): void => {
      const ranges = found.get(key);
      if (ranges) ranges.push(range);
      else found.set(key, [range]);
    };
    const streams = streamsOf(events);
    const shaped = new Set<string>();
    const written: { readonly key: StreamKey; readonly range: Range; readonly value: string }[] = [];
    const ends = new Map<StreamKey, number[]>();
    const known = new KnownSecrets(secrets);
    for (const [key, pieces] of streams) {
      for (const { start, end, label } of known.in(pieces))
        add(key, { start, end, what: label.en, fill: asterisk });
      for (const [start, text] of textsOf(pieces)) {
        for (const range of formedIn(text, start)) add(key, range);
        for (const { start: at, end, what } of writtenSecretsIn(text))
          written.push({
            key,
            range: { start: start + at, end: start + end, what, fill: asterisk },
            value: text.slice(at, Math.min(end, at + longestWritten)),
          });
      }
    }
    for (const { conn, vantage, from, offset, length, secret } of hits)
      add(keyOf(conn, vantage, from), {
        start: offset,
        end: offset + length,
        what: secrets.has(secret) ? secret : 'private key',
        fill: asterisk,
      });
    const keys = new KeyRing();
    keys.add(keylog);
    for (const connection of connections) {
      if (!keys.isEmpty && connection.carriesTls)
        for (const [random, line] of openedLinesOf(connection, keys))
          this.#openedLines.set(random, [...(this.#openedLines.get(random) ?? []), line]);
      for (const message of messagesOf(connection, keys)) {
        noteEnd(ends, message);
        for (const [key, range] of rangesOf(message)) add(key, range);
        for (const value of writtenSecrets(message))
          if (value.length >= shortestShaped && !/^[*•·]*$/.test(value)) shaped.add(value);
      }
    }
    // Last: where a message says what it is, that name counts. Nothing that is written in one message goes on in the next.
    for (const { key, range, value } of written) {
      const known = ends.get(key) ?? [];
      const next = known[indexFrom(known.length, (index) => known[index] ?? 0, range.start + 1)] ?? Infinity;
      const end = Math.min(range.end, next);
      add(key, { ...range, end });
      const shown = value.slice(0, end - range.start);
      if (shown.length >= shortestWritten && !/^[*•·]*$/.test(shown)) shaped.add(shown);
    }
    for (const [key, ranges] of found) {
      // What only the keys show is sealed in the bundle, and no part of its streams.
      const length = lengthOf(streams.get(key) ?? []);
      this.#ranges.set(key, merged(ranges.filter(({ end }) => end <= length)));
    }
    this.#known = longestFirst([...secrets.values(), ...known.values]);
    this.#values = longestFirst([...this.#known, ...shaped]);
    this.#keylog = events.filter(({ type }) => type === 'keylog').length;
  }

  get redactions(): readonly Redaction[] {
    this.#redactions ??= [...this.#ranges].flatMap(([key, ranges]) => {
      const [conn = '', vantage = '', from = ''] = key.split(' ');
      return ranges.map(({ start, end, what }) => ({
        conn: Number(conn),
        vantage: vantage as Vantage,
        from: from as Side,
        offset: start,
        length: end - start,
        what,
      }));
    });
    return this.#redactions;
  }

  /** Of what has been redacted so far. */
  get count(): RedactionCount {
    const places: Record<string, number> = {};
    for (const { what } of this.redactions) places[what] = (places[what] ?? 0) + 1;
    return { places, texts: this.#texts, keylog: this.#keylog };
  }

  /** The events without secrets; their numbers have gaps where the key log was. */
  events(events: readonly CaptureEvent[]): CaptureEvent[] {
    const reached = new Map<StreamKey, number>();
    return events.flatMap((event): CaptureEvent[] => {
      switch (event.type) {
        case 'keylog':
          return this.#opened(event);
        case 'bytes': {
          const key = keyOf(event.conn, event.vantage, event.from);
          const offset = (reached.get(key) ?? 0) + (event.dropped ?? 0);
          reached.set(key, (reached.get(key) ?? 0) + payloadLength(event));
          return [this.#bytes(event, offset, this.#ranges.get(key) ?? [])];
        }
        case 'observed':
          return [{ ...event, result: this.#deep(event.result) }];
        case 'refused':
          return [{ ...event, detail: this.#deep(event.detail) }];
        case 'note':
          return [{ ...event, text: this.authored(event.text) }];
        case 'began':
        case 'step':
        case 'opened':
        case 'secured':
        case 'closed':
        case 'segments':
          return [event];
      }
    });
  }

  /** In the place of the first key of a handshake stands what its keys showed of public things. */
  #opened(event: EventOf<'keylog'>): CaptureEvent[] {
    const random = readKeylogLine(event.line)?.clientRandom ?? '';
    const lines = this.#openedLines.get(random) ?? [];
    this.#openedLines.delete(random);
    return lines.map((line) => ({ ...event, line }));
  }

  /** A value with texts that were made during the run. */
  made<T>(value: T): T {
    return this.#deep(value);
  }

  /** A value with texts of the scenario's author, which have the run's own secrets alone. */
  authored<T>(value: T): T {
    return this.#deep(value, this.#known);
  }

  #bytes(event: EventOf<'bytes'>, offset: number, ranges: readonly Range[]): CaptureEvent {
    const end = offset + event.bytes.length;
    const own = marksIn(ranges, offset, end);
    if (own.length === 0) return event;
    const bytes = Uint8Array.from(event.bytes);
    for (const range of own)
      bytes.fill(range.fill, Math.max(0, range.start - offset), Math.max(0, range.end - offset));
    return { ...event, bytes };
  }

  #deep<T>(value: T, values = this.#values): T {
    if (typeof value === 'string') return this.#text(value, values) as T;
    if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
    if (Array.isArray(value)) return value.map((one: unknown) => this.#deep(one, values)) as T;
    return Object.fromEntries(
      Object.entries(value).map(([key, one]: [string, unknown]) => [
        key,
        key === 'kind' ? one : this.#deep(one, values),
      ]),
    ) as T;
  }

  #text(text: string, values: readonly string[]): string {
    let shown = text;
    const hide = (value: string): string => {
      this.#texts++;
      return '*'.repeat(value.length);
    };
    for (const value of values) if (shown.includes(value)) shown = shown.replaceAll(value, hide);
    for (const { pattern } of forms) shown = shown.replace(pattern, hide);
    return shown;
  }
}

const longestFirst = (values: readonly string[]): string[] =>
  [...new Set(values)].filter(Boolean).sort((one, other) => other.length - one.length);

type Pieces = (readonly [offset: number, bytes: Uint8Array])[];

/** The payload of each stream, with its offsets. */
function streamsOf(events: readonly CaptureEvent[]): ReadonlyMap<StreamKey, Pieces> {
  const streams = new Map<StreamKey, { pieces: Pieces; reached: number }>();
  for (const event of events) {
    if (event.type !== 'bytes') continue;
    const key = keyOf(event.conn, event.vantage, event.from);
    const stream = streams.get(key) ?? { pieces: [], reached: 0 };
    streams.set(key, stream);
    stream.pieces.push([stream.reached + (event.dropped ?? 0), event.bytes]);
    stream.reached += payloadLength(event);
  }
  return new Map(Array.from(streams, ([key, { pieces }]) => [key, pieces]));
}

const lengthOf = (pieces: Pieces): number => {
  const [offset, bytes] = pieces.at(-1) ?? [0, new Uint8Array(0)];
  return offset + bytes.length;
};

/** A stream as texts, each with where it begins: a gap ends one. */
function* textsOf(pieces: Pieces): Generator<readonly [start: number, text: string]> {
  let text = '';
  let start = 0;
  for (const [offset, bytes] of pieces) {
    if (offset !== start + text.length) {
      yield [start, text];
      [text, start] = ['', offset];
    }
    text += latin1Text(bytes);
  }
  yield [start, text];
}

/** Keys and tokens by their form. */
const formedIn = (text: string, start: number): Range[] =>
  forms.flatMap(({ what, pattern }) =>
    Array.from(text.matchAll(pattern), ({ index, 0: value }) => ({
      start: start + index,
      end: start + index + value.length,
      what,
      fill: asterisk,
    })),
  );

/** The messages of a connection: without keys, with them, and what its ends report of their own. */
function* messagesOf(connection: Connection, ring: KeyRing): Generator<Message> {
  for (const keys of ring.isEmpty || !connection.carriesTls ? [undefined] : [undefined, ring]) {
    const reader = new ConversationReader(connection, keys ? { keys } : {});
    reader.end();
    yield* reader.messages;
  }
  if (connection.stream('plaintext', 'client').length + connection.stream('plaintext', 'server').length === 0)
    return;
  const reader = new ConversationReader(connection, { vantage: 'plaintext' });
  reader.end();
  yield* reader.messages;
}

/** Where the credentials of a message are. */
function rangesOf(message: Message): (readonly [StreamKey, Range])[] {
  const { conn, vantage, from, opened } = message;
  if (from === null || message.sealed || (opened && vantage === 'wire')) return [];
  const bytes = message.bytes();
  const found = message.credentials();
  const chunks = found.length > 0 ? piecesOf(message) : [];
  const inBytes = found.flatMap((credential) => {
    const { kind, value, offset, length } = credential;
    if (refersAt(message, offset, length)) return [];
    const at = offset - message.offset;
    const sent = bytes ? Buffer.from(bytes.subarray(at, at + length)) : Buffer.alloc(0);
    const isCoded = message.protocol !== 'http' && isHuffman(bytes, at, length) && !sent.includes(value);
    return within(chunks, offset, offset + length).map(
      ([start, end]) =>
        [
          keyOf(conn, vantage, from),
          { start, end, what: kind.replaceAll('_', ' '), fill: isCoded ? codedAsterisk : asterisk },
        ] as const,
    );
  });
  return [...inBytes, ...namedHeadersOf(message)];
}

/** The headers in frames that only their names give away: `written-forms.ts` does not see into a shorter code. */
function namedHeadersOf(message: Message): (readonly [StreamKey, Range])[] {
  const { http, conn, vantage, from, offset } = message;
  if (!http || from === null) return [];
  const sent = message.bytes();
  return http.headers.flatMap(([name, value], index) => {
    const [start = 0, length = 0] = http.places[index] ?? [];
    if (length === 0 || !isSecretHeader(name) || isReference(value, length)) return [];
    const isCoded = length !== value.length && isHuffman(sent, start - offset, length);
    const fill = isCoded ? codedAsterisk : asterisk;
    return [[keyOf(conn, vantage, from), { start, end: start + length, what: 'header', fill }] as const];
  });
}

/** Whether so few bytes only refer to a value that was sent before: no code of HPACK has less than five bits for a character. */
const isReference = (value: string, length: number): boolean => value.length * 5 > length * 8;

/** Whether what is found there is a header that refers to an earlier one: nothing is to be hidden in it. */
function refersAt({ http }: Message, offset: number, length: number): boolean {
  if (!http) return false;
  const { headers, places, path, pathPlace } = http;
  const isThere = (place: readonly number[] | undefined): boolean =>
    place?.[0] === offset && place[1] === length;
  if (path !== undefined && isThere(pathPlace)) return isReference(path, length);
  return headers.some(([, value], index) => isThere(places[index]) && isReference(value, length));
}

/** Where the data of a body in chunks or frames stands: what frames it stays, so that they are chunks and frames still. */
function piecesOf(message: Message): readonly (readonly [start: number, end: number])[] {
  const tree = message.protocol === 'http' ? message.field() : undefined;
  if (tree) return chunkPlaces(tree);
  const { pieces = [], bytes } = message.httpBody?.whole ?? {};
  return pieces.map(({ start, offset }, index) => [
    offset,
    offset + (pieces[index + 1]?.start ?? bytes?.length ?? start) - start,
  ]);
}

/** Where messages of a stream end, as they travelled. */
function noteEnd(
  ends: Map<StreamKey, number[]>,
  { conn, vantage, from, offset, length, opened }: Message,
): void {
  if (from === null || (opened && vantage === 'wire')) return;
  const key = keyOf(conn, vantage, from);
  const known = ends.get(key) ?? [];
  ends.set(key, known);
  if (offset + length > (known.at(-1) ?? 0)) known.push(offset + length);
}

/** The parts of a stretch that are in the data of chunks; all of it where it is in none. */
function within(
  chunks: readonly (readonly [start: number, end: number])[],
  start: number,
  end: number,
): readonly (readonly [start: number, end: number])[] {
  const first = indexFrom(chunks.length, (index) => chunks[index]?.[1] ?? 0, start + 1);
  const parts: (readonly [start: number, end: number])[] = [];
  for (let index = first; (chunks[index]?.[0] ?? end) < end; index++) {
    const [from = 0, to = 0] = chunks[index] ?? [];
    parts.push([Math.max(start, from), Math.min(end, to)]);
  }
  return parts.length > 0 ? parts : [[start, end]];
}

/** Whether a string of HPACK in Huffman's code begins there (RFC 7541 section 5.2): its length stands before it. */
function isHuffman(bytes: Uint8Array | undefined, at: number, length: number): boolean {
  const before = bytes?.[at - 1] ?? 0;
  if (length < 0x7f) return before === (0x80 | length);
  return bytes?.subarray(Math.max(0, at - 6), at).includes(0xff) ?? false;
}

/** In order and without overlap. */
function merged(ranges: readonly Range[]): readonly Range[] {
  const all: Range[] = [];
  for (const range of ranges.toSorted((one, other) => one.start - other.start || other.end - one.end)) {
    const last = all.at(-1);
    if (range.end <= range.start) continue;
    if (!last || last.end <= range.start) all.push(range);
    else if (last.end < range.end) all[all.length - 1] = { ...last, end: range.end };
  }
  return all;
}

/** Handshake messages that say nothing which is to be kept secret (RFC 8446 section 4, RFC 8879): no ticket, no key exchange. */
const publicMessages: ReadonlySet<number> = new Set([8, 11, 13, 15, 20, 22, 24, 25]);

/** What keys show of a connection's certificates and alerts, as lines of a key log by their client random. */
function openedLinesOf(connection: Connection, keylog: KeyRing): (readonly [string, string])[] {
  const handshakes = { client: new HandshakeRecords(), server: new HandshakeRecords() };
  const lines = new Map<string, readonly [string, string]>();
  readTls(connection, keylog, Infinity, ({ from, offset }, opened, randoms) => {
    // A second reading under more keys begins anew.
    const isPublic =
      opened.contentType === contentTypes.alert ||
      (opened.contentType === contentTypes.handshake && handshakes[from].isPublic(opened.content));
    for (const random of isPublic ? randoms : []) {
      const line = openedRecordLine(random, { from, offset }, opened);
      if (line !== undefined) lines.set(line, [random, line]);
    }
  });
  return [...lines.values()];
}

/** The handshake messages of one direction, record by record. */
class HandshakeRecords {
  /** Bytes of the message that goes on in the next record, and whether it is public. */
  #left = 0;
  #isPublic = true;

  /** Whether all that a record has is public. A header that is cut off makes it secret. */
  isPublic(content: Uint8Array): boolean {
    let at = Math.min(this.#left, content.length);
    let isPublic = at === 0 || this.#isPublic;
    this.#left -= at;
    while (at < content.length) {
      const [type = 0, high = 0, middle = 0, low = 0] = content.subarray(at, at + 4);
      if (at + 4 > content.length) return false;
      this.#isPublic = publicMessages.has(type);
      isPublic &&= this.#isPublic;
      const end = at + 4 + ((high << 16) | (middle << 8) | low);
      this.#left = Math.max(0, end - content.length);
      at = Math.min(end, content.length);
    }
    return isPublic;
  }
}
