/**
 * Draws the whole screen as a frame. It decides the layout for each size; the parts are in `view/`.
 *
 * 1. Every line is exactly as wide as the terminal; there are exactly as many lines as rows.
 * 2. From top to bottom: the bar, the verdict, the path with its wires, the body, the hints. The body is the wire with the
 *    conversation and the explanation, a refusal's card, the story, the verdict, or help.
 * 3. In too small a window only the required size is shown.
 */
import { inLanguage } from '../../i18n/language.ts';
import { grouped } from '../../i18n/number.ts';
import { stepOutcome } from '../../presentation/step-outcome.ts';
import { smallest } from './frame.ts';
import type { Frame, Line, PathCells } from './frame.ts';
import type { Message } from './message.ts';
import { lineWidth, span, spaces } from './pen.ts';
import type { Pen } from './pen.ts';
import { penFor, showing } from './state/masking.ts';
import { sceneOf } from './state/model.ts';
import type { Model } from './state/model.ts';
import { lookAt } from './state/selection.ts';
import type { Selection } from './state/selection.ts';
import { offered } from './state/show/steps-list.ts';
import { bannerLines, closingLines } from './view/pictures/banner.ts';
import { bodyView, neededRows } from './view/body.ts';
import { timeOfDay } from './lab/clock.ts';
import { savedLine } from './lab/tasks.ts';
import { hintLine } from './view/help/keys.ts';
import { sheet, stack, tall } from './view/sheet.ts';
import type { Scrolled, Sheet } from './view/sheet.ts';
import { standsOn } from './view/help/terms.ts';
import { barView, lessonAt, lessonRows, topologyView, verdictView } from './view/top.ts';

interface Drawn {
  readonly frame: Frame;
  readonly scrollable: Scrolled['scrollable'];
  /** The rows at the bottom that say what the keys do. */
  readonly hintRows: number;
}

export function view(model: Model): Frame {
  return drawn(model).frame;
}

/** The clickable region at that cell. */
export function regionAt(model: Model, column: number, row: number): Message | undefined {
  return view(model).regions.findLast(
    (region) => region.row === row && column >= region.column && column < region.column + region.width,
  )?.message;
}

/** The length of the scrollable text. */
export function scrollableLines(model: Model): Drawn['scrollable'] {
  return drawn(model).scrollable;
}

const newest = new WeakMap<Model, { readonly version: number; readonly drawn: Drawn }>();

/** An unchanged model over an unchanged log is drawn once. */
function drawn(model: Model): Drawn {
  const version = sceneOf(model)?.version ?? -1;
  const known = newest.get(model);
  if (known?.version === version) return known.drawn;
  const result = draw(model);
  newest.set(model, { version, drawn: result });
  return result;
}

function draw(model: Model): Drawn {
  const { columns, rows } = model.size;
  const pen = penFor(model);
  if (columns < smallest.columns || rows < smallest.rows)
    return { frame: tooSmall(model, pen), scrollable: { height: 1, length: 0 }, hintRows: 0 };
  const look = lookAt(model);
  const { sheet: head, path }: Head = look
    ? headView(model, look, pen)
    : { sheet: stack(columns, [barView(model, undefined, pen)]) };
  const foot = footView(model, look, pen);
  const height = rows - head.lines.length - foot.lines.length;
  const body = bodyView(model, look, pen, height, model.help ? linesBeneath(model) : []);
  const whole = stack(columns, [head, tall(pen, body.sheet, height), foot]);
  const frame = frameOf(model, whole);
  return {
    frame: path ? { ...frame, path } : frame,
    scrollable: body.scrollable,
    hintRows: foot.lines.length,
  };
}

/** The screen that help lies over, without the hints. */
function linesBeneath(model: Model): readonly Line[] {
  const { frame, hintRows } = draw({ ...model, help: false });
  return frame.lines.slice(0, frame.rows - hintRows);
}

/** Whether something stands on the screen that the legend explains. */
export function hasLegend(model: Model): boolean {
  return standsOn(model, lookAt(model), linesBeneath(model));
}

function frameOf(model: Model, { lines, regions }: Sheet): Frame {
  const { columns, rows } = model.size;
  const checked = Array.from({ length: rows }, (_, row): Line => {
    const line = lines[row] ?? [spaces(columns)];
    const width = lineWidth(line);
    if (width !== columns) throw new Error(`row ${row} is ${width} cells wide, not ${columns}`);
    return line;
  });
  return { columns, rows, lines: checked, regions: regions.filter(({ row }) => row < rows) };
}

function tooSmall(model: Model, pen: Pen): Frame {
  const { columns, rows } = model.size;
  const text = pen.words.tooSmall(columns, rows, smallest.columns, smallest.rows);
  const lines = pen.paragraph(text, Math.max(1, columns)).map((line) => pen.line(line, columns));
  return frameOf(model, tall(pen, sheet(columns, lines), rows));
}

interface Head {
  readonly sheet: Sheet;
  readonly path?: PathCells;
}

function headView(model: Model, look: Selection, pen: Pen): Head {
  const { columns } = model.size;
  // A question fills its slide by itself; the last words of a run are large for everybody.
  const isClosing =
    look.body === 'verdict' && lessonAt(look) !== undefined && !model.help && model.sheet === 'none';
  const isLarge = isClosing || (model.projector && look.stop?.kind !== 'question');
  const lesson = model.help || isLarge ? undefined : lessonRows(model, look, pen);
  const parts = [barView(model, look, pen), ...(lesson ? [lesson] : [])];
  // A step without a wire: a theft, a file.
  const isWireless = look.step?.path.length === 0;
  // The card, the verdict and help repeat it all; in little room they come first.
  const isTight =
    model.size.rows < 32 &&
    (['lab', 'brief', 'card', 'verdict', 'claims', 'cluster', 'chain', 'sizes', 'matrix'].includes(
      look.body,
    ) ||
      model.sheet !== 'none');
  if (
    !isLarge &&
    !model.help &&
    !isTight &&
    look.body !== 'verdict' &&
    look.body !== 'lab' &&
    (look.body !== 'story' || (isWireless && look.stop?.kind === 'reveal' && !lessonAt(look))) &&
    !(look.body === 'cluster' && look.step === undefined)
  )
    parts.push(verdictView(model, look, pen));
  // A star has too many wires for a line: the picture shows them.
  const isPicture =
    look.body === 'cluster' ||
    (look.scene.star !== undefined && look.step === undefined && look.stop?.conn === undefined);
  const hasPath =
    look.body !== 'verdict' &&
    look.body !== 'claims' &&
    !(look.body === 'lab' && look.hops.length === 0) &&
    !isPicture &&
    !model.help &&
    !isWireless;
  const path = hasPath ? topologyView(model, look, pen) : sheet(columns, []);
  const free = (rows: number): number => model.size.rows - rows - path.lines.length - footRows;
  const above = stack(columns, parts);
  if (isLarge) {
    const banner = bannerView(model, look, pen, free(above.lines.length) - neededRows(model, look, pen));
    return headWith(columns, stack(columns, [above, banner]), path);
  }
  // A refusal in four lines leaves room for the wire that it stopped; so does any picture that is whole all the same.
  const isRoomy =
    !isTight ||
    (model.sheet === 'none' &&
      (look.body === 'brief' || free(above.lines.length) >= neededRows(model, look, pen)));
  return headWith(columns, above, isRoomy ? path : sheet(columns, []));
}

/** Of the hints at the bottom. */
const footRows = 1;

function headWith(columns: number, above: Sheet, path: Sheet): Head {
  const whole = stack(columns, [above, path]);
  return path.lines.length > 0
    ? { sheet: whole, path: pathCells(path, above.lines.length) }
    : { sheet: whole };
}

/** The cells of the wires in a drawing of the path: those that choose one, in its first row. */
function pathCells({ regions }: Sheet, row: number): PathCells {
  const wires = regions.flatMap(({ row: at, column, width, message }) =>
    at === 0 && message.type === 'choose-wire' ? [{ hop: message.hop, column, width }] : [],
  );
  return { row, wires };
}

/** For a projector: the headline, as large as the rows that the body leaves. */
function bannerView(model: Model, look: Selection, pen: Pen, rows: number): Sheet {
  const { columns } = model.size;
  const headline = inLanguage(lessonAt(look) ?? stepOutcome(look, showing(model)).headline, pen.language);
  const lines = look.body === 'verdict' ? { lines: closingLines } : {};
  return sheet(columns, bannerLines(headline, pen, { columns, rows, ...lines }));
}

/** The rows at the bottom; of a lab, above them, what was saved last. */
function footView(model: Model, look: Selection | undefined, pen: Pen): Sheet {
  const { columns } = model.size;
  const keys = keysView(model, look, pen);
  if (!model.lab || model.help) return keys;
  return stack(columns, [sheet(columns, [savedLine(model.lab, timeOfDay, pen, columns)]), keys]);
}

function keysView(model: Model, look: Selection | undefined, pen: Pen): Sheet {
  const { columns } = model.size;
  const { search, notice } = model;
  if (search.editing && notice === undefined) {
    const typed = [span(` /${search.text}`, 'strong'), span(' ', 'cursor')];
    const room = columns - lineWidth(typed);
    const hints = hintLine(model, look, pen, Math.max(0, room));
    return sheet(columns, [pen.line(room > 0 ? [...typed, ...hints] : typed, columns)]);
  }
  if (model.asking !== false) {
    const { reallyEnd, reallyEndLab, reallyRestart } = pen.words;
    const question =
      model.asking === 'restart' ? reallyRestart : model.lab === undefined ? reallyEnd : reallyEndLab;
    return sheet(columns, [pen.line([span(` ${question}`, 'strong')], columns)]);
  }
  if (notice) return sheet(columns, [pen.line([span(` ${notice[model.language]}`, 'strong')], columns)]);
  if (look?.place.wanted && look.recording !== undefined)
    return sheet(columns, [pen.line([span(` ${pen.words.readingBack(look.recording)}`, 'strong')], columns)]);
  const hints = hintLine(model, look, pen, columns);
  const left = model.sheet === 'none' && !model.help ? offered(model) : undefined;
  return sheet(
    columns,
    left === undefined
      ? [hints]
      : [pen.line([span(` ${pen.words.lastTime(grouped(left + 1))}`, 'strong')], columns), hints],
  );
}
