/**
 * Where the secrets of a connection are, and how they are hidden: in its bytes and in every text made from them. Secrets are
 * those that the run knows, in every encoding, and those that their shape reveals.
 *
 * 1. A stream is searched as a whole, so that no boundary hides a secret; hidden bytes are written as asterisks before
 *    anything else sees them.
 * 2. A text may have a part of a secret, where a long value was cut: what stands before the mark of the cut is compared
 *    too. A value whose bytes have a secret in them is hidden whole.
 */
import type { Message } from '../../../analysis/conversation/message.ts';
import { encodedForms, shortestPattern } from '../../../analysis/secrets/encodings.ts';
import { PatternSet, StreamSearch } from '../../../analysis/secrets/patterns.ts';
import { mask } from '../../../analysis/summary/masking.ts';
import { indexFrom } from '../../../capture/flow-stream.ts';
import { credentialName } from '../../../protocols/shared/credential.ts';
import { verbatim } from '../../../i18n/language.ts';
import type { Localized } from '../../../i18n/language.ts';
import { safeText } from '../../../i18n/safe.ts';
import type { ByteRange } from '../../../presentation/types/bytes.ts';

/** A stretch of a stream. */
export interface SecretRange extends ByteRange {
  readonly label: Localized;
}

const asterisk = 0x2a;

/** Finds the secrets that the run knows. */
export class KnownSecrets {
  readonly #set: PatternSet | undefined;
  readonly #names: readonly string[];
  readonly #values: readonly string[];

  /** @param values by their names; those of less than four bytes are met by chance and not looked for */
  constructor(values: ReadonlyMap<string, string>) {
    const known = [...values].filter(([, value]) => Buffer.byteLength(value) >= shortestPattern);
    const forms = known.flatMap(([name, value]) =>
      encodedForms(value).map(({ pattern }) => ({ name, pattern })),
    );
    this.#names = forms.map(({ name }) => name);
    this.#values = [
      ...new Set([
        ...known.map(([, value]) => value),
        ...forms.map(({ pattern }) => Buffer.from(pattern).toString('utf8')),
      ]),
    ];
    this.#set = forms.length > 0 ? new PatternSet(forms.map(({ pattern }) => pattern)) : undefined;
  }

  /** How they may be written in a text. */
  get values(): readonly string[] {
    return this.#values;
  }

  /** In pieces of a stream, each with its offset; nothing is found across a gap. */
  in(pieces: Iterable<readonly [offset: number, bytes: Uint8Array]>): SecretRange[] {
    const set = this.#set;
    if (!set) return [];
    const found: SecretRange[] = [];
    const search = new StreamSearch(set);
    for (const [offset, bytes] of pieces) {
      if (offset > search.length) search.skip(offset - search.length);
      search.push(bytes, (pattern, start) => {
        const end = start + (set.patterns[pattern]?.length ?? 0);
        found.push({ start, end, label: verbatim(this.#names[pattern] ?? '') });
      });
    }
    return found;
  }
}

/** In order and without overlap; of those that overlap, the first has its say. */
export function merged(ranges: readonly SecretRange[]): readonly SecretRange[] {
  const all: SecretRange[] = [];
  for (const range of ranges.toSorted((one, other) => one.start - other.start || other.end - one.end)) {
    const last = all.at(-1);
    if (range.end <= range.start) continue;
    if (!last || last.end <= range.start) all.push(range);
    else if (last.end < range.end) all[all.length - 1] = { ...last, end: range.end };
  }
  return all;
}

/** What the shape of a message reveals. */
export function shapedIn(message: Message): SecretRange[] {
  return message.credentials().map(({ kind, name, offset, length }) => {
    const { en, ko } = credentialName(kind);
    return {
      start: offset,
      end: offset + length,
      label: { en: `${name} (${en})`, ko: `${name} (${ko})` },
    };
  });
}

/** Those that overlap a stretch. @param ranges as `merged` returns them */
export function marksIn<Range extends ByteRange>(
  ranges: readonly Range[],
  start: number,
  end: number,
): readonly Range[] {
  const first = indexFrom(ranges.length, (index) => ranges[index]?.end ?? 0, start + 1);
  let behind = first;
  while (behind < ranges.length && (ranges[behind]?.start ?? 0) < end) behind++;
  return ranges.slice(first, behind);
}

/** The bytes with asterisks in place of the secrets: a copy if there are any. */
export function hiddenBytes(bytes: Uint8Array, offset: number, ranges: readonly ByteRange[]): Uint8Array {
  const marks = marksIn(ranges, offset, offset + bytes.length);
  if (marks.length === 0) return bytes;
  const copy = Uint8Array.from(bytes);
  for (const { start, end } of marks)
    copy.fill(asterisk, Math.max(0, start - offset), Math.max(0, end - offset));
  return copy;
}

/** So many characters of a secret before the mark of a cut give it away. */
const leastPart = 3;

/** Hides secrets in texts about what holds them. */
export class TextMask {
  /** Longer ones first: a shorter one may be a part of them. */
  readonly #values: readonly string[];

  /** @param values as they may be written */
  constructor(values: Iterable<string>) {
    const all = new Set([...values].flatMap((value) => [value, safeText(value)]));
    this.#values = [...all].filter(isWorth).sort((one, other) => other.length - one.length);
  }

  hide(text: string): string {
    let shown = text;
    for (const value of this.#values) {
      shown = shown.replaceAll(value, mask);
      const cut = shown.indexOf('…');
      if (cut > 0) shown = withoutPart(shown, cut, value);
    }
    return shown;
  }
}

/** Not a text of marks only: hiding it would hide nothing and change everything. */
const isWorth = (value: string): boolean => value.length > 0 && !/^[·•*]*$/.test(value);

/** The beginning of a value before the mark of a cut. */
function withoutPart(text: string, cut: number, value: string): string {
  for (let length = Math.min(cut, value.length - 1); length >= leastPart; length--)
    if (text.startsWith(value.slice(0, length), cut - length))
      return text.slice(0, cut - length) + mask + text.slice(cut);
  return text;
}

/** How the secrets of a message may be written in texts about it: decoded and as they travelled. */
export function writtenSecrets(message: Message): string[] {
  const credentials = message.credentials();
  if (credentials.length === 0) return [];
  const bytes = Buffer.from(message.bytes() ?? new Uint8Array(0));
  return credentials.flatMap(({ value, offset, length }) => {
    const at = offset - message.offset;
    const sent = bytes.subarray(Math.max(0, at), Math.max(0, at + Math.min(length, longestWritten)));
    return [value.slice(0, longestWritten), sent.toString('utf8'), sent.toString('latin1')];
  });
}

/** No text about a message has a longer value. */
const longestWritten = 4096;
