/**
 * The whole screen as a frame. It decides what stands where at which size; each part draws itself (`view/`).
 *
 * 1. Every line is exactly as wide as the terminal; there are exactly as many lines as rows.
 * 2. From top to bottom: the bar, the verdict, the way with its wires, the body, the hints. The body is the wire with the
 *    conversation and the explanation, a refusal's card, the story, the verdict, or help.
 * 3. Too small a window says what it needs; nothing else is drawn then.
 */
import { sideColumnCells, wireColumnCells } from './view/bytes.ts';
import { smallest } from './frame.ts';
import type { Frame, Line, Region, Role } from './frame.ts';
import { lookAt } from './state/selection.ts';
import type { Selection } from './state/selection.ts';
import type { Message } from './message.ts';
import { sceneOf } from './state/model.ts';
import type { Model } from './state/model.ts';
import { lineWidth, span, spaces } from './pen.ts';
import type { Pen } from './pen.ts';
import { beside, sheet, stack, tall } from './view/sheet.ts';
import type { Sheet } from './view/sheet.ts';
import { endsOf } from './state/login.ts';
import { clusterView } from './view/cluster.ts';
import { conversationView } from './view/conversation.ts';
import {
  cardLines,
  explanationLines,
  helpLines,
  hintLine,
  notesLines,
  storyLines,
  verdictSheet,
} from './view/prose.ts';
import { recordSheet } from './view/record.ts';
import { sidesLines } from './view/sides.ts';
import { barView, loud, topologyView, verdictView } from './view/top.ts';
import { accountView, bytesView, columnsView } from './view/wire.ts';
import { inLanguage } from '../../i18n/language.ts';
import { stepOutcome } from '../../presentation/step-outcome.ts';
import { sidesOf } from './state/sides.ts';
import { sidesWords } from '../../presentation/words.ts';
import { penFor, showing } from './state/masking.ts';
import { screenWords } from './state/words.ts';

interface Drawn {
  readonly frame: Frame;
  /** The part that scrolls: its height, and how long it is. */
  readonly scrollable: { readonly height: number; readonly length: number };
}

export function view(model: Model): Frame {
  return drawn(model).frame;
}

/** What a click on that cell means. */
export function regionAt(model: Model, column: number, row: number): Message | undefined {
  return view(model).regions.findLast(
    (region) => region.row === row && column >= region.column && column < region.column + region.width,
  )?.message;
}

/** How far the text that can be scrolled goes. */
export function scrollableLines(model: Model): Drawn['scrollable'] {
  return drawn(model).scrollable;
}

const newest = new WeakMap<Model, { readonly version: number; readonly drawn: Drawn }>();

/** The same model over a log that has not grown is drawn once. */
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
    return { frame: tooSmall(model, pen), scrollable: { height: 1, length: 0 } };
  const look = lookAt(model);
  const head = look ? headView(model, look, pen) : stack(columns, [barView(model, undefined, pen)]);
  const foot = footView(model, look, pen);
  const height = rows - head.lines.length - foot.lines.length;
  const body = bodyView(model, look, pen, height);
  const whole = stack(columns, [head, tall(pen, body.sheet, height), foot]);
  return { frame: frameOf(model, whole), scrollable: body.scrollable };
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
  const text = screenWords.tooSmall[model.language](columns, rows, smallest.columns, smallest.rows);
  const lines = pen.paragraph(text, Math.max(1, columns)).map((line) => pen.line(line, columns));
  return frameOf(model, tall(pen, sheet(columns, lines), rows));
}

function headView(model: Model, look: Selection, pen: Pen): Sheet {
  const { columns } = model.size;
  const parts = [barView(model, look, pen)];
  // A step that goes over no wire: a theft, a file.
  const isWireless = look.step?.path.length === 0;
  // The card, the end and help say it all themselves; where there is little room it is theirs.
  const isTight =
    model.size.rows < 32 &&
    (look.body === 'card' || look.body === 'verdict' || look.body === 'cluster' || model.sheet !== 'none');
  if (model.projector) parts.push(bannerView(model, look, pen));
  else if (
    !model.help &&
    !isTight &&
    (look.body !== 'story' || (isWireless && look.stop?.kind === 'reveal')) &&
    !(look.body === 'cluster' && look.step === undefined)
  )
    parts.push(verdictView(model, look, pen));
  // Where many wires meet in one, a line has no room for them all: the picture shows them.
  const isPicture =
    look.body === 'cluster' ||
    (look.scene.star !== undefined && look.step === undefined && look.stop?.conn === undefined);
  if (look.body !== 'verdict' && !isPicture && !model.help && !isTight && !isWireless)
    parts.push(topologyView(model, look, pen));
  return stack(columns, parts);
}

/** For the back of the room: the verdict in a block of its own, letters apart. */
function bannerView(model: Model, look: Selection, pen: Pen): Sheet {
  const { columns } = model.size;
  const headline = inLanguage(stepOutcome(look, showing(model)).headline, pen.language);
  const apart = Array.from(headline.text).join(' ');
  const text = pen.width(apart) <= columns - 4 ? apart : headline.text;
  const left = Math.max(0, Math.floor((columns - pen.width(text)) / 2));
  const role = loud(headline.tone);
  const blank = pen.line([span(' '.repeat(columns), role)], columns);
  return sheet(columns, [
    blank,
    pen.line([span(' '.repeat(left), role), span(pen.fit(text, columns - left), role)], columns),
    blank,
  ]);
}

function footView(model: Model, look: Selection | undefined, pen: Pen): Sheet {
  const { columns } = model.size;
  const { search, notice } = model;
  if (search.editing)
    return sheet(columns, [pen.line([span(` /${search.text}`, 'strong'), span(' ', 'cursor')], columns)]);
  if (notice) return sheet(columns, [pen.line([span(` ${notice[model.language]}`, 'strong')], columns)]);
  if (look?.place.wanted && look.recording !== undefined)
    return sheet(columns, [
      pen.line([span(` ${screenWords.readingBack[model.language](look.recording)}`, 'strong')], columns),
    ]);
  return sheet(columns, [hintLine(look, pen, columns)]);
}

interface Body {
  readonly sheet: Sheet;
  readonly scrollable: Drawn['scrollable'];
}

const still = { height: 1, length: 0 } as const;

function bodyView(model: Model, look: Selection | undefined, pen: Pen, height: number): Body {
  const { columns } = model.size;
  if (model.help) {
    const title = pen.rule(columns, [{ at: 2, text: screenWords.helpTitle[model.language] }]);
    const lines = helpLines(pen, columns, height - 1);
    return scrolled(model, look, pen, sheet(columns, [title, ...lines]), height, 1);
  }
  const session = model.sessions[model.mode];
  if (session?.error)
    return {
      sheet: sheet(
        columns,
        session.error.flatMap((line) =>
          pen.paragraph(line, columns - 2, { head: ' ' }).map((one) => pen.line(one, columns)),
        ),
      ),
      scrollable: still,
    };
  if (!look) return { sheet: sheet(columns, []), scrollable: still };
  if (model.notes) {
    const lines = notesLines(look, pen, columns);
    const notesHeight = Math.min(lines.length + 1, Math.max(3, Math.floor(height / 2)));
    const rest = bodyOf(model, look, pen, height - notesHeight);
    const notes = [pen.rule(columns, [{ at: 2, text: screenWords.notes[model.language] }]), ...lines];
    return {
      sheet: stack(columns, [
        tall(pen, rest.sheet, height - notesHeight),
        tall(pen, sheet(columns, notes), notesHeight),
      ]),
      scrollable: rest.scrollable,
    };
  }
  return bodyOf(model, look, pen, height);
}

function bodyOf(model: Model, look: Selection, pen: Pen, height: number): Body {
  const { columns } = model.size;
  const text = (title: string, lines: readonly Line[], width = columns): Body =>
    scrolled(
      model,
      look,
      pen,
      sheet(width, [pen.rule(width, [{ at: 2, text: title }]), ...lines]),
      height,
      1,
    );
  if (model.sheet === 'record') return recordSheet(model, look, pen, height);
  if (model.sheet === 'sides')
    return text(sidesWords.title[model.language], sidesLines(sidesOf(look), pen, columns));
  if (model.large) {
    if (!look.place.pointing || look.body !== 'wire')
      return text(screenWords.story[model.language], storyLines(look, pen, columns));
    const { title, lines } = explanationLines(model, look, pen, columns);
    return text(title, lines);
  }
  switch (look.body) {
    case 'story':
      return scrolled(
        model,
        look,
        pen,
        stack(columns, [sheet(columns, [pen.rule(columns)]), sheet(columns, storyLines(look, pen, columns))]),
        height,
        1,
      );
    case 'verdict':
      return scrolled(
        model,
        look,
        pen,
        stack(columns, [sheet(columns, [pen.rule(columns)]), verdictSheet(look, pen, columns)]),
        height,
        1,
      );
    case 'card': {
      if (columns < 120)
        return scrolled(
          model,
          look,
          pen,
          sheet(columns, [
            pen.rule(columns),
            ...cardLines(look, pen, columns),
            pen.blank(columns),
            ...storyLines(look, pen, columns, { titled: false }),
          ]),
          height,
          1,
        );
      const width = columns - 46;
      const card = sheet(width, [pen.rule(width), ...cardLines(look, pen, width)]);
      const story = sheet(45, [
        pen.rule(45, [{ at: 1, text: screenWords.story[model.language] }]),
        ...storyLines(look, pen, 45),
      ]);
      const body = scrolled(model, look, pen, card, height, 1);
      return {
        sheet: beside(pen, [body.sheet, tall(pen, story, height)], height),
        scrollable: body.scrollable,
      };
    }
    case 'cluster':
      return look.scene.star
        ? clusterView(model, look, look.scene.star, pen, height)
        : { sheet: sheet(columns, []), scrollable: still };
    case 'wire':
      return model.projector
        ? { sheet: projectorView(model, look, pen, columns, height), scrollable: still }
        : wireBody(model, look, pen, height);
  }
}

/** A part of a text that is longer than its window; the first `fixed` lines stay. A mark says that there is more. */
function scrolled(
  model: Model,
  look: Selection | undefined,
  pen: Pen,
  whole: Sheet,
  height: number,
  fixed = 0,
): Body {
  const { width, lines } = whole;
  const room = Math.max(1, height - fixed);
  const length = lines.length - fixed;
  const top = Math.max(0, Math.min(look?.place.scroll ?? 0, length - room));
  const shown = [...lines.slice(0, fixed), ...pen.window(lines, width, room, fixed + top)];
  const below = length - room - top;
  if (below > 0 && shown.length > 1) {
    const mark = ` ${pen.plain('↓')} ${pen.plain(screenWords.more[model.language])} `;
    shown[shown.length - 1] = pen.line(
      [
        span(pen.fit(textOf(shown.at(-1) ?? []), width - pen.width(mark) - 1), 'dim'),
        span(mark, 'key'),
        spaces(1),
      ],
      width,
    );
  }
  return { sheet: { width, lines: shown, regions: whole.regions }, scrollable: { height: room, length } };
}

const textOf = (line: Line): string => line.map(({ text }) => text).join('');

/** Below this the wire and the conversation take turns: Tab leads from one to the other. */
const tightHeight = 10;

/** The columns above, the conversation and the explanation below; beside them where there is room. */
function wireBody(model: Model, look: Selection, pen: Pen, height: number): Body {
  const { columns } = model.size;
  const isWide = columns >= 150 && height >= 24;
  const mainWidth = isWide ? Math.floor(columns * 0.66) : columns;
  const main = isWide ? { ...model, size: { ...model.size, columns: mainWidth } } : model;
  if (height < tightHeight) {
    const isListed = look.place.pane === 'conversation' && look.place.pointing;
    const body = !isListed
      ? columnsView(model, look, pen, columns, height)
      : tall(
          pen,
          stack(columns, [
            sheet(columns, [pen.rule(columns)]),
            conversationView(look, pen, columns, height - 1),
          ]),
          height,
        );
    return { sheet: body, scrollable: still };
  }
  const conversationHeight = Math.max(4, Math.min(isWide ? 24 : 18, Math.round((height - 1) * 0.4)));
  const columnsHeight = height - conversationHeight - 1;
  const upper = columnsView(main, look, pen, mainWidth, columnsHeight);
  const side = sideColumnCells(mainWidth);
  const meets: Record<number, string> = { [side]: '┴', [side + 1 + wireColumnCells(mainWidth)]: '┴' };
  const title =
    look.isReadBack && look.recording !== undefined
      ? `${screenWords.conversation[model.language]}: ${screenWords.readBack[model.language](look.recording)}`
      : screenWords.conversation[model.language];
  if (isWide) {
    const rule = sheet(mainWidth, [pen.rule(mainWidth, [{ at: 1, text: title }], meets)]);
    const left = stack(mainWidth, [
      upper,
      rule,
      tall(pen, conversationView(look, pen, mainWidth, conversationHeight), conversationHeight),
    ]);
    const width = columns - mainWidth - 1;
    const right = sideText(model, look, pen, width, height, true);
    return { sheet: beside(pen, [left, right.sheet], height), scrollable: right.scrollable };
  }
  const left = Math.max(Math.min(39, Math.floor(columns * 0.55)), Math.floor(columns * 0.46));
  const width = columns - left - 1;
  const lower = sideText(model, look, pen, width, conversationHeight + 1, false);
  const list = tall(pen, conversationView(look, pen, left, conversationHeight), conversationHeight);
  const role = (pane: 'conversation' | 'explanation'): Role =>
    look.place.pane === pane ? 'selected' : 'heading';
  const rule = ruleOver(
    pen,
    columns,
    left,
    [
      { at: 1, text: title, role: role('conversation') },
      { at: left + 1, text: lower.title, role: role('explanation') },
    ],
    meets,
  );
  const paned = beside(pen, [list, tall(pen, lower.sheet, conversationHeight)], conversationHeight);
  const below = {
    ...paned,
    regions: [
      ...paneRegion(left, conversationHeight, 0, 'conversation'),
      ...paneRegion(width, conversationHeight, left + 1, 'explanation'),
      ...paned.regions,
    ],
  };
  return { sheet: stack(columns, [upper, rule, below]), scrollable: lower.scrollable };
}

function ruleOver(
  pen: Pen,
  columns: number,
  left: number,
  words: readonly { readonly at: number; readonly text: string; readonly role: Role }[],
  meets: Readonly<Record<number, string>>,
): Sheet {
  const room = words.map(({ at, text, role }, index) => ({
    at,
    role,
    text: pen.fit(text, Math.max(0, Math.min(pen.width(text), (words[index + 1]?.at ?? columns) - at - 4))),
  }));
  return sheet(columns, [pen.rule(columns, room, { ...meets, [left]: meets[left] ? '┼' : '┬' })]);
}

function paneRegion(
  width: number,
  height: number,
  column: number,
  pane: 'conversation' | 'explanation',
): Region[] {
  return Array.from({ length: height }, (_, row) => ({
    row,
    column,
    width,
    message: { type: 'choose-pane', pane },
  }));
}

/** The story of the stop, or what is under the cursor; both where there is room. */
function sideText(
  model: Model,
  look: Selection,
  pen: Pen,
  width: number,
  height: number,
  both: boolean,
): Body & { readonly title: string } {
  const explanation = explanationLines(model, look, pen, width);
  const story = storyLines(look, pen, width, { titled: both });
  if (both) {
    const storyPart = [pen.rule(width, [{ at: 1, text: screenWords.story[model.language] }]), ...story];
    const fieldPart = [pen.rule(width, [{ at: 1, text: explanation.title }]), ...explanation.lines];
    const fieldHeight = Math.min(fieldPart.length, Math.max(8, Math.floor(height / 2)));
    const upper = scrolled(model, look, pen, sheet(width, storyPart), height - fieldHeight, 1);
    return {
      title: '',
      sheet: stack(width, [upper.sheet, tall(pen, sheet(width, fieldPart), fieldHeight)]),
      scrollable: upper.scrollable,
    };
  }
  const isStory = !look.place.pointing && story.length > 0;
  const lines = isStory ? story : explanation.lines;
  const body = scrolled(model, look, pen, sheet(width, lines), height - 1);
  return { ...body, title: isStory ? screenWords.story[model.language] : explanation.title };
}

/** Few columns: what the client sent, and what the wire shows. */
function projectorView(model: Model, look: Selection, pen: Pen, columns: number, height: number): Sheet {
  const side = sideColumnCells(columns);
  const { sent } = endsOf(look);
  const rule = pen.rule(
    columns,
    [
      { at: 1, text: screenWords.clientSent[model.language] },
      {
        at: side + 1,
        text:
          look.hop === undefined
            ? ''
            : screenWords.onWire[model.language](
                look.hop,
                look.scene.wire(look.hop)?.seat?.[model.language] ?? '',
              ),
      },
    ],
    { [side]: '┬' },
  );
  const body = beside(
    pen,
    [accountView(model, look, pen, sent, side), bytesView(model, look, pen, columns - side - 1, height - 1)],
    height - 1,
  );
  return stack(columns, [sheet(columns, [rule]), body]);
}
