/**
 * Draws what a step wants to be looked at, as large as it needs, and below it the answer and the text: two wires, a ladder, a
 * chain, sizes, a table, a refusal in four lines.
 */
import type { Line } from '../frame.ts';
import { span } from '../pen.ts';
import type { Pen } from '../pen.ts';
import type { Model } from '../state/model.ts';
import { besideEachOther } from '../state/selection.ts';
import type { Selection } from '../state/selection.ts';
import { tablesOf } from '../state/stop/tables.ts';
import { briefLines } from './card.ts';
import { ladderPicture } from './pictures/ladder.ts';
import { sizesPicture } from './pictures/sizes.ts';
import { wiresPicture } from './pictures/wires.ts';
import { tableView, textOf } from './prose.ts';
import { titleLine } from './zoom.ts';
import { scrolled } from './scrolled.ts';
import { sheet, stack, tall } from './sheet.ts';
import type { Scrolled, Sheet } from './sheet.ts';
import { chainLines, storyLines, withoutBlankEnd } from './story.ts';
import type { Table } from '../../../presentation/types/values.ts';

/** The text below a picture has at least so many lines. */
export const leastText = 4;
/** Rows of a ladder with its handshake, and of two wires beside each other. */
const pictureRows = { ladder: 12, wires: 8 } as const;

/** Rows of the picture, whole, with a few lines of its text. */
export function lessonNeeds(model: Model, look: Selection, pen: Pen): number {
  const { columns } = model.size;
  const most =
    look.body === 'ladder' ? pictureRows.ladder : look.body === 'wires' ? pictureRows.wires : Infinity;
  const picture = pictureOf(model, look, pen, columns, most).lines.length;
  const text = textBelow(look, pen, columns).length;
  return 2 + picture + Math.min(text, leastText);
}

/** The text of the stop, without blank lines at its end. */
function textBelow(look: Selection, pen: Pen, columns: number): readonly Line[] {
  return withoutBlankEnd(storyLines(look, pen, columns, { titled: false }));
}

export function lessonView(model: Model, look: Selection, pen: Pen, height: number): Scrolled {
  const { columns } = model.size;
  if (model.zoomed) {
    const title = titleLine('', 'heading', pen, columns);
    const alone = pictureOf(model, look, pen, columns, height - 1);
    return scrolled(pen, stack(columns, [sheet(columns, [title]), alone]), height, look.place.scroll, 1);
  }
  const story = textBelow(look, pen, columns);
  // In a hall the picture is what is seen.
  const share = model.projector ? leastText : Math.max(leastText, Math.floor(height * 0.4));
  const textHeight = Math.min(story.length, share);
  const most = Math.max(1, height - 2 - textHeight);
  const picture = pictureOf(model, look, pen, columns, most);
  const own = Math.min(most, picture.lines.length);
  const cut = picture.lines.length - own;
  const shown = cut > 0 ? cutPicture(picture, own, isOfRefusals(look), pen) : picture;
  const rest = height - own - 2;
  const text = scrolled(pen, sheet(columns, story), Math.max(1, rest), look.place.scroll);
  return {
    sheet: stack(columns, [
      sheet(columns, [pen.rule(columns)]),
      tall(pen, shown, own),
      sheet(columns, [pen.rule(columns)]),
      tall(pen, text.sheet, Math.max(0, rest)),
    ]),
    scrollable: text.scrollable,
  };
}

/**
 * A line says how much is left out, and which key shows it. Of refusals the newest are kept, since the step is about them; else
 * the beginning is.
 */
function cutPicture({ lines, regions, width }: Sheet, height: number, isNewest: boolean, pen: Pen): Sheet {
  const before = isNewest ? Math.min(headRows, height - 1) : height - 1;
  const after = lines.slice(before + lines.length - height + 1);
  // A row of a table that is broken in two is left out whole.
  const whole = after.findIndex((line) => !/^ {3}/.test(textOf(line)));
  const left = lines.length - height + 1 + Math.max(0, whole);
  const gap = pen.line([span(` ${pen.words.linesLeftOut(left)}`, 'dim')], width);
  return sheet(
    width,
    [...lines.slice(0, before), gap, ...lines.slice(before + left)],
    regions.filter(({ row }) => row < before),
  );
}

/** The title of a table, and its head. */
const headRows = 2;

/** What features compare says more than the list of refusals. */
function matrixOf({ scene, last, stop }: Selection): readonly Table[] {
  const { compared, refusals } = tablesOf(scene, last, stop?.step);
  return compared.length > 0 ? compared : refusals;
}

const isOfRefusals = ({ scene, last, stop, body }: Selection): boolean =>
  body === 'matrix' && tablesOf(scene, last, stop?.step).compared.length === 0;

function pictureOf(model: Model, look: Selection, pen: Pen, width: number, height: number): Sheet {
  const lines = (all: readonly Line[]): Sheet => sheet(width, all);
  switch (look.body) {
    case 'wires':
      return wiresPicture(model, besideEachOther(model, look), pen, width, Math.min(height, 14));
    case 'ladder':
      return ladderPicture(look, pen, width, height);
    case 'sizes': {
      const step = look.stop?.step;
      const chart =
        step === undefined ? undefined : look.scene.findings(step).find((one) => one.chart)?.chart;
      return chart ? sizesPicture(chart, pen, width) : lines([]);
    }
    case 'chain':
      return lines(chainLines(look, pen, width));
    case 'matrix':
      return lines(
        matrixOf(look).flatMap((table, index) => [
          ...(index > 0 ? [pen.blank(width)] : []),
          ...tableView(table, pen, width),
        ]),
      );
    case 'brief':
      return lines(briefLines(look, pen, width));
    case 'lab':
    case 'wire':
    case 'card':
    case 'story':
    case 'verdict':
    case 'claims':
    case 'cluster':
      return lines([]);
  }
}
