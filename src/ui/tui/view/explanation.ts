/** Draws the explanation of the byte under the cursor: its field's name, value and meaning, or why there is none. */
import { fieldPathAt } from '../../../core/field.ts';
import { toOffset } from '../../../core/hex.ts';
import { grouped } from '../../../i18n/number.ts';
import { explainField } from '../../../presentation/conversation/explain.ts';
import type { Line, Role } from '../frame.ts';
import type { Pen } from '../pen.ts';
import { maskedIn } from '../state/masking.ts';
import type { Model } from '../state/model.ts';
import { titleOf } from '../state/page.ts';
import { hasKeys } from '../state/stop/opened.ts';
import { pointed } from '../state/selection.ts';
import type { Selection } from '../state/selection.ts';
import { textOf, widest } from './prose.ts';
import { storyLines } from './story.ts';

/**
 * The text of `e`: on the byte under the cursor where one was chosen, else on what happens; the other one where that is empty.
 * @returns undefined if there is nothing to explain
 */
export function largeText(
  model: Model,
  look: Selection,
  pen: Pen,
  width: number,
): { readonly title: string; readonly lines: Line[] } | undefined {
  const nothing = { title: pen.words.explanation, lines: [] };
  const byte = look.body === 'wire' ? explanationLines(model, look, pen, width) : nothing;
  const isBare = storyLines(look, pen, width, { titled: false }).every((line) => textOf(line).trim() === '');
  const story = { title: pen.words.story, lines: isBare ? [] : storyLines(look, pen, width) };
  const texts = look.place.pointing ? [byte, story] : [story, byte];
  return texts.find(({ lines }) => lines.length > 0);
}

/** The explanation of the byte under the cursor, and its title. */
export function explanationLines(
  model: Model,
  look: Selection,
  pen: Pen,
  width: number,
): { readonly title: string; readonly lines: Line[] } {
  const { language } = pen;
  const place = pointed(look);
  if (!place) return { title: pen.words.explanation, lines: [] };
  const { message } = place.row;
  const text = (words: string, role: Role = 'plain', head = ''): Line[] =>
    pen.text(words, width, { widest, margin: true, role, head, headRole: 'dim' });
  if (message.reconstructed)
    return { title: message.title[language], lines: text(pen.words.reconstructedText) };
  if (message.notKept !== undefined)
    return {
      title: titleOf(message, look.recording)[language],
      lines: text(
        look.recording === undefined ? pen.words.notKeptText : pen.words.inRecordingText(look.recording),
      ),
    };
  const root = message.field();
  const path = root ? fieldPathAt(root, place.offset) : [];
  const explanation = explainField(path, language);
  const field = path.at(-1);
  const value = maskedIn(model, message, explanation?.value ?? '');
  const { sealedText, opensText } = pen.words;
  const sealed = message.sealed ? text(hasKeys(look) ? `${sealedText} ${opensText}` : sealedText) : [];
  if (!explanation || !field) return { title: message.title[language], lines: [...sealed] };
  const [start, end] = field.range;
  return {
    title: explanation.name,
    lines: [
      ...text(explanation.id, 'dim'),
      ...(value.trim() ? text(value, 'strong', `${pen.words.valueIs}: `) : []),
      ...text(explanation.meaning),
      ...explanation.remarks.flatMap((remark) => text(remark, 'warning', '! ')),
      ...sealed,
      ...text(pen.words.bytesRange(toOffset(start), grouped(end - start)), 'dim'),
      ...(explanation.source ? text(explanation.source, 'dim') : []),
    ],
  };
}
