/**
 * Draws the first page of help: the field under the cursor, where a pane of bytes has the focus, then every term that stands on
 * the screen beneath, in the order in which it stands there. `presentation/legend` knows the terms.
 */
import { legendOf } from '../../../presentation/legend/legend.ts';
import type { Line } from '../frame.ts';
import { movesInBytes } from '../keys/mode.ts';
import { span, spaces } from '../pen.ts';
import type { Pen } from '../pen.ts';
import type { Help, Model } from '../state/model.ts';
import type { Selection } from '../state/selection.ts';
import { explanationLines } from './explanation.ts';

const widestName = 24;
const widestText = 100;

/** The title of a page of help, and what `?` does next. */
export function helpTitle(page: Help['page'], pen: Pen, width: number): Line {
  const [title, next] = [pen.words.helpTitles[page], pen.words.helpNext[page]];
  const at = width - pen.width(next) - 4;
  return pen.rule(width, [
    { at: 2, text: title },
    ...(at > pen.width(title) + 6 ? [{ at, text: next, role: 'key' as const }] : []),
  ]);
}

export function legendLines(
  model: Model,
  look: Selection | undefined,
  beneath: readonly Line[],
  pen: Pen,
  width: number,
): Line[] {
  const field = hasFocus(model, look) ? explanationLines(model, look, pen, width) : undefined;
  const terms = legendOf(beneath).map(({ name, meaning }) => ({
    name: name[pen.language],
    meaning: meaning[pen.language],
  }));
  const names = Math.min(
    widestName,
    Math.floor(width / 3),
    Math.max(0, ...terms.map(({ name }) => pen.width(name))),
  );
  const room = Math.min(width - names - 4, widestText);
  return [
    ...(field
      ? [...pen.text(field.title, width, { margin: true, role: 'heading' }), ...field.lines, pen.blank(width)]
      : []),
    ...terms.flatMap(({ name, meaning }) => {
      const heads = pen.width(name) > names ? pen.wrap(name, names) : [name];
      const texts = pen.wrap(meaning, room);
      return Array.from({ length: Math.max(heads.length, texts.length) }, (_, row) =>
        pen.line(
          [
            spaces(1),
            span(pen.fit(heads[row] ?? '', names), 'strong'),
            spaces(2),
            span(texts[row] ?? '', 'plain'),
          ],
          width,
        ),
      );
    }),
  ];
}

/** Whether the first page of help has anything to say. */
export function standsOn(model: Model, look: Selection | undefined, beneath: readonly Line[]): boolean {
  return hasFocus(model, look) || legendOf(beneath).length > 0;
}

function hasFocus(model: Model, look: Selection | undefined): look is Selection {
  return look !== undefined && movesInBytes({ ...model, help: false }, look);
}
