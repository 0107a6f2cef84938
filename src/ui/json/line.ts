/**
 * One line of the JSON output: its type and its text. The shapes are in `lines/`, from which the committed JSON Schema is
 * generated; only their types are imported here, so that writing a line loads no validator.
 */
import type { EventLine, OutputLine } from './lines/index.ts';

export type { EventLine, OutputLine };

/** The line of a kind. */
export type LineOf<Kind extends OutputLine['kind']> = Extract<OutputLine, { readonly kind: Kind }>;

type IsAny<T> = 0 extends 1 & T ? true : false;
type ElementOf<Shape> = Shape extends readonly (infer Element)[] ? Element : never;
type KeyOf<Shape> = Shape extends readonly unknown[] ? never : Shape extends object ? keyof Shape : never;
type At<Shape, Key> = Shape extends unknown ? (Key extends keyof Shape ? Shape[Key] : never) : never;

/**
 * The names of fields in a value, eight levels deep, that its shape lacks; `never` if there are none. TypeScript itself only
 * checks object literals: what is spread into one could add any field.
 */
export type Unlisted<Value, Shape, Depth extends readonly 0[] = []> =
  IsAny<Shape> extends true
    ? never
    : Depth['length'] extends 8
      ? never
      : Value extends readonly (infer Element)[]
        ? Unlisted<Element, ElementOf<Shape>, [...Depth, 0]>
        : Value extends object
          ? {
              [Key in keyof Value & string]: Key extends KeyOf<Shape>
                ? Unlisted<Exclude<Value[Key], undefined>, At<Shape, Key>, [...Depth, 0]>
                : Key;
            }[keyof Value & string]
          : never;

type UnlistedOf<Line> = Line extends { readonly kind: infer Kind extends OutputLine['kind'] }
  ? Unlisted<Line, LineOf<Kind>>
  : never;

/** Returns the line unchanged. A field that the schema lacks does not compile, even if it is spread into the line. */
export function outputLine<const Line extends OutputLine>(
  line: Line & ([UnlistedOf<Line>] extends [never] ? unknown : { readonly notInTheSchema: UnlistedOf<Line> }),
): Line {
  return line;
}

/** Characters that JSON allows and a terminal interprets: DEL, C1 controls, bidirectional and invisible characters. Escaping keeps the value. */
const actsOnTerminals = /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

const emptyBytes = '"bytes":""';

/** A line's text, without characters that a terminal interprets. */
export function jsonText(line: OutputLine): string {
  if (line.kind !== 'bytes') return harmless(JSON.stringify(line));
  // Base64 needs no escape, and there is much of it: it is put in behind.
  const text = harmless(JSON.stringify({ ...line, bytes: '' }));
  const at = text.indexOf(emptyBytes) + emptyBytes.length - 1;
  return text.slice(0, at) + line.bytes + text.slice(at);
}

function harmless(text: string): string {
  return text.search(actsOnTerminals) < 0
    ? text
    : text.replace(
        actsOnTerminals,
        (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
      );
}
