/** The short name and value of a field, and a message as rows of its fields. The long words are the explanation's. */
import type { Field } from '../../../core/field.ts';
import type { Language } from '../../../i18n/language.ts';
import { explainField } from '../../../presentation/explain.ts';
import type { Glyph, GlyphRow } from './bytes.ts';
import type { Pen } from '../pen.ts';

/** @param path from a field around it, or itself alone, down to the field. */
export function fieldWords(
  path: readonly Field[],
  language: Language,
): { readonly name: string; readonly value: string } {
  const field = path.at(-1);
  const { name, from, value } = explainField(path, language) ?? {};
  if (!field) return { name: '', value: '' };
  // Words of a field around it would name that one.
  const own =
    from === field.id && name !== undefined
      ? name
      : (field.id.split('.').at(-1) ?? field.id).replaceAll('_', ' ');
  return { name: own, value: value ?? '' };
}

/** A handshake message is told by its fields, a row each. */
export function fieldRows(root: Field | undefined, pen: Pen): GlyphRow[] {
  const rows: Glyph[][] = [];
  const add = (path: readonly Field[]): void => {
    const field = path.at(-1);
    if (!field) return;
    const [start, end] = field.range;
    const [child] = field.children;
    const { name, value } = fieldWords(path, pen.language);
    const depth = path.length - 1;
    // A field's own bytes are those before its first part: of a field that begins with one, none.
    const inner = depth < deepest ? child : undefined;
    if (end > start)
      rows.push([
        {
          text: pen.plain(`${'  '.repeat(depth)}${name}${value ? `: ${value}` : ''}`),
          start,
          end: inner?.range[0] ?? end,
        },
      ]);
    if (inner) for (const one of field.children) add([...path, one]);
  };
  for (const one of root?.children ?? []) add([one]);
  return rows;
}

/** How far fields within fields are told apart. */
const deepest = 4;
