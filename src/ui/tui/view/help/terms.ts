/**
 * Draws the first page of help: the field under the cursor, where a pane of bytes has the focus, then every term that stands on
 * the screen beneath, in the order in which it stands there. `presentation/legend` knows the terms.
 */
import { legendOf } from '../../../../presentation/legend/legend.ts';
import type { Line } from '../../frame.ts';
import { movesInBytes } from '../../keys/mode.ts';
import { span, spaces } from '../../pen.ts';
import type { Pen } from '../../pen.ts';
import type { Help, Model } from '../../state/model.ts';
import type { Selection } from '../../state/selection.ts';
import { explanationLines } from '../explanation.ts';

/** A longer name runs into the text. */
const widestName = 18;
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
    Math.floor(width / 4),
    Math.max(0, ...terms.map(({ name }) => pen.width(name))),
  );
  return [
    ...(field
      ? [...pen.text(field.title, width, { margin: true, role: 'heading' }), ...field.lines, pen.blank(width)]
      : []),
    ...terms.flatMap(({ name, meaning }) => termLines(name, meaning, { pen, width, names })),
  ];
}

/** A name, and beside it what it means; further lines are indented by the width of the names. */
function termLines(
  name: string,
  meaning: string,
  { pen, width, names }: { readonly pen: Pen; readonly width: number; readonly names: number },
): Line[] {
  const room = Math.max(8, Math.min(width - names - 4, widestText));
  const beyond = Math.max(0, pen.width(name) - names);
  if (beyond > room / 2)
    return [
      pen.line([spaces(1), span(name, 'strong')], width),
      ...pen.wrap(meaning, room).map((text) => pen.line([spaces(names + 3), span(text)], width)),
    ];
  // The name's end takes the place of the first words.
  const texts = pen.wrap(beyond > 0 ? `${'_'.repeat(beyond)} ${meaning}` : meaning, room);
  return texts.map((text, row) =>
    pen.line(
      row === 0
        ? [
            spaces(1),
            span(pen.fit(name, names + beyond), 'strong'),
            spaces(2),
            span(text.slice(beyond).trimStart()),
          ]
        : [spaces(names + 3), span(text)],
      width,
    ),
  );
}

/** Whether the first page of help has anything to say. */
export function standsOn(model: Model, look: Selection | undefined, beneath: readonly Line[]): boolean {
  return hasFocus(model, look) || legendOf(beneath).length > 0;
}

function hasFocus(model: Model, look: Selection | undefined): look is Selection {
  return look !== undefined && movesInBytes({ ...model, help: false }, look);
}
