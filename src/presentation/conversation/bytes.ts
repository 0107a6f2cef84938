/**
 * The bytes of a message as a dump: a window around the cursor, the positions of secrets, and the names and boundaries of the
 * fields. The renderer decides rows and columns. Fields are computed when a renderer reads them.
 */
import type { Message } from '../../analysis/conversation/message.ts';
import type { Hit } from '../../analysis/secrets/secret-hunt.ts';
import type { Field } from '../../core/field.ts';
import { inEach, verbatim } from '../../i18n/language.ts';
import { safeText } from '../../i18n/safe.ts';
import type { ReadLine } from '../../protocols/protocol.ts';
import { explainField } from './explain.ts';
import { stateNames } from './ladder.ts';
import type { ByteDump, ByteRange, NamedRange } from '../types/bytes.ts';

/**
 * @param hits the known secrets in it. @param at the offset of the cursor; 0 unless given.
 * @param redacted stretches of its stream whose bytes were replaced
 */
export function bytesOf(
  message: Message,
  hits: readonly Hit[],
  at = message.offset,
  redacted: readonly ByteRange[] = [],
): ByteDump {
  const { title, offset, length, vantage, protocol, sealed, opened, contentType } = message;
  const shown = windowAround(at, message);
  const bytes = message.bytes()?.subarray(shown.start - offset, shown.end - offset);
  const state = sealed ? 'sealed' : opened ? 'opened' : 'readable';
  return {
    title,
    range: { start: offset, end: offset + length },
    vantage,
    state,
    stateName: stateNames[state],
    isRecord: protocol === 'tls',
    get coverage() {
      return coverageOf(message);
    },
    window: bytes && { start: shown.start, bytes },
    secrets: secretsIn(message, hits),
    redacted,
    get boundaries() {
      return boundariesIn(message, shown);
    },
    get fields() {
      const isHandshake = protocol === 'tls' && !sealed && contentType !== 23;
      return isHandshake || message.reading ? namedFields(message) : undefined;
    },
  };
}

/** The size of the window, in bytes. */
const windowBytes = 4096;

/** The window for an offset: it starts at a multiple of its size, counted from the start of the message. */
export function windowAround(at: number, { offset, length }: Pick<Message, 'offset' | 'length'>): ByteRange {
  const within = Math.max(0, at - offset);
  const from = Math.max(0, Math.floor(within / windowBytes) * windowBytes - windowBytes);
  return { start: offset + from, end: offset + Math.min(length, from + 4 * windowBytes) };
}

/** Known secrets, and credentials found by their shape. */
function secretsIn(message: Message, hits: readonly Hit[]): ByteRange[] {
  const all: ByteRange[] = [];
  const found = [...hits, ...message.credentials()].map(({ offset, length }) => ({
    start: offset,
    end: offset + length,
  }));
  for (const range of found.sort((one, other) => one.start - other.start)) {
    if (!all.some(({ start, end }) => range.start < end && start < range.end)) all.push(range);
  }
  return all;
}

const coverageWords = {
  named: { en: 'named', ko: '해석' },
  opaque: { en: 'opaque', ko: '난수·키' },
  unknown: { en: 'unknown', ko: '미해석' },
  uncovered: { en: 'not read', ko: '못 읽음' },
} as const;

function coverageOf(message: Message): ByteDump['coverage'] {
  const coverage = message.coverage();
  if (!coverage) return [];
  return (['named', 'opaque', 'unknown', 'uncovered'] as const)
    .filter((kind) => kind === 'named' || coverage[kind] > 0)
    .map((kind) => ({ label: coverageWords[kind], count: coverage[kind] }));
}

/** Cached for the newest window: a long message is not split into fields again for every key. */
const knownBoundaries = new WeakMap<
  Message,
  { readonly start: number; readonly starts: ReadonlySet<number> }
>();

function boundariesIn(message: Message, { start, end }: ByteRange): ReadonlySet<number> {
  const known = knownBoundaries.get(message);
  if (known?.start === start) return known.starts;
  const starts = new Set<number>();
  const visit = ({ range: [from, to], children }: Field): void => {
    if (to <= start || from >= end) return;
    if (children.length === 0) starts.add(from);
    for (const child of children) visit(child);
  };
  const root = message.field();
  if (root) visit(root);
  knownBoundaries.set(message, { start, starts });
  return starts;
}

/** Fields nested deeper are not listed. */
const deepest = 4;

const knownFields = new WeakMap<Message, readonly NamedRange[]>();

/** The fields of a message in order, outer ones before their parts. */
export function namedFields(message: Message): readonly NamedRange[] {
  const known = knownFields.get(message);
  if (known) return known;
  if (message.reading) {
    const read = message.reading().map(readLine);
    knownFields.set(message, read);
    return read;
  }
  const named: NamedRange[] = [];
  const add = (path: readonly Field[]): void => {
    const field = path.at(-1);
    if (!field) return;
    const [start, end] = field.range;
    const depth = path.length - 1;
    const parts = depth < deepest ? field.children : [];
    // A field's own bytes are those before its first part: none if it begins with one.
    if (end > start) named.push({ ...wordsOf(path, field), depth, start, end: parts[0]?.range[0] ?? end });
    for (const part of parts) add([...path, part]);
  };
  for (const part of message.field()?.children ?? []) add([part]);
  knownFields.set(message, named);
  return named;
}

function readLine({ field, name, value, depth }: ReadLine): NamedRange {
  const words = wordsOf([field], field);
  const [start, end] = field.range;
  return {
    name: name === undefined ? words.name : verbatim(safeText(name)),
    value: value === undefined ? words.value : verbatim(safeText(value)),
    depth,
    start,
    end,
  };
}

/** The short name and the value of a field; the explanation has the long text. */
function wordsOf(path: readonly Field[], { id }: Field): Pick<NamedRange, 'name' | 'value'> {
  const en = explainField(path, 'en');
  const ko = explainField(path, 'ko');
  const own = (id.split('.').at(-1) ?? id).replaceAll('_', ' ');
  return {
    // Words inherited from an enclosing field would name that field.
    name: inEach((language) => {
      const words = language === 'en' ? en : ko;
      return words?.from === id ? words.name : own;
    }),
    value: { en: en?.value ?? '', ko: ko?.value ?? '' },
  };
}
