/** Draws the selected wire: the columns above, the conversation and the explanation below, or beside them if there is room. */
import type { Region, Role } from '../frame.ts';
import type { Pen } from '../pen.ts';
import type { Model } from '../state/model.ts';
import type { Selection } from '../state/selection.ts';
import { isWide, mainCells, sideColumnCells, wireColumnCells } from './bytes.ts';
import { conversationView } from './conversation.ts';
import { explanationLines } from './explanation.ts';
import { scrolled } from './scrolled.ts';
import { beside, sheet, stack, still, tall } from './sheet.ts';
import type { Scrolled, Sheet } from './sheet.ts';
import { storyLines } from './story.ts';
import { columnsView } from './wire.ts';

/** In fewer rows either the wire or the conversation is shown: Tab switches. */
const tightHeight = 10;

export function wireBody(model: Model, look: Selection, pen: Pen, height: number): Scrolled {
  const { columns } = model.size;
  const mainWidth = mainCells(model.size);
  const wide = isWide(model.size);
  const main = wide ? { ...model, size: { ...model.size, columns: mainWidth } } : model;
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
  const conversationHeight = Math.max(4, Math.min(wide ? 24 : 18, Math.round((height - 1) * 0.4)));
  const columnsHeight = height - conversationHeight - 1;
  const upper = columnsView(main, look, pen, mainWidth, columnsHeight);
  const side = sideColumnCells(mainWidth);
  const meets: Record<number, string> = { [side]: '┴', [side + 1 + wireColumnCells(mainWidth)]: '┴' };
  const title = conversationTitle(look, pen);
  if (wide) {
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
  // The list has the focus until another pane is chosen: its title is not reversed, as if it were the line chosen in it.
  const focus: Role = look.place.pane === 'explanation' ? 'selected' : 'heading';
  const rule = ruleOver(
    pen,
    columns,
    left,
    [
      { at: 1, text: title, role: 'heading' },
      { at: left + 1, text: lower.title, role: focus },
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

export const conversationTitle = ({ isReadBack, recording }: Selection, { words }: Pen): string =>
  isReadBack && recording !== undefined
    ? `${words.conversation}: ${words.readBack(recording)}`
    : words.conversation;

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

/** The story of the stop, or the explanation of the byte under the cursor; both if there is room. */
export function sideText(
  model: Model,
  look: Selection,
  pen: Pen,
  width: number,
  height: number,
  both: boolean,
): Scrolled & { readonly title: string } {
  const explanation = explanationLines(model, look, pen, width);
  const story = storyLines(look, pen, width, { titled: both });
  if (both) {
    const storyPart = [pen.rule(width, [{ at: 1, text: pen.words.story }]), ...story];
    const fieldPart = [pen.rule(width, [{ at: 1, text: explanation.title }]), ...explanation.lines];
    const fieldHeight = Math.min(fieldPart.length, Math.max(8, Math.floor(height / 2)));
    const upper = scrolled(pen, sheet(width, storyPart), height - fieldHeight, look.place.scroll, 1);
    return {
      title: '',
      sheet: stack(width, [upper.sheet, tall(pen, sheet(width, fieldPart), fieldHeight)]),
      scrollable: upper.scrollable,
    };
  }
  const isStory = !look.place.pointing && story.length > 0;
  const lines = isStory ? story : explanation.lines;
  const body = scrolled(pen, sheet(width, lines), height - 1, look.place.scroll);
  return { ...body, title: isStory ? pen.words.story : explanation.title };
}
