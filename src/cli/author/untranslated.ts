/** Says once, on standard error, that a text is shown in another language than the one that was asked for. */
import { untranslatedNote } from '../../engine/file/texts.ts';
import type { Language } from '../../i18n/language.ts';
import type { Environment } from '../command.ts';
import { warningLine } from '../io/user-error-text.ts';

export function noteUntranslated(
  compiled: { readonly name: string; readonly untranslated?: readonly Language[] },
  { language, stderr }: Environment,
): void {
  const note = untranslatedNote(compiled, language);
  if (note) stderr.write(warningLine(note, language));
}
