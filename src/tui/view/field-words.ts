/** The short name and value of a field, as a row of fields writes them. The long words are the explanation's. */
import type { Field } from '../../core/field.ts';
import type { Language } from '../../i18n/language.ts';
import { explainField } from '../../story/explain.ts';

/** @param path from a field around it, or itself alone, down to the field. */
export function fieldWords(path: readonly Field[], language: Language): { readonly name: string; readonly value: string } {
  const field = path.at(-1);
  const { name, from, value } = explainField(path, language) ?? {};
  if (!field) return { name: '', value: '' };
  // Words of a field around it would name that one.
  const own = from === field.id && name !== undefined ? name : (field.id.split('.').at(-1) ?? field.id).replaceAll('_', ' ');
  return { name: own, value: value ?? '' };
}
