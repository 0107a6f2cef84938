/** Draws the pane that the arrow keys move in alone, over the whole body. */
import type { Line, Role } from '../frame.ts';
import type { Pen } from '../pen.ts';
import type { Model } from '../state/model.ts';
import type { Selection } from '../state/selection.ts';
import { conversationView } from './conversation.ts';
import { bytesView } from './dump.ts';
import { sheet, stack, still, tall } from './sheet.ts';
import type { Scrolled } from './sheet.ts';
import { conversationTitle, sideText } from './wire-body.ts';
import { wireHeading } from './wire.ts';

/** On a narrower screen the card and the story are one text, which has the whole body already. */
export const widestStacked = 120;

/** Whether something stands beside or below what would have the body. */
export function canZoom({ body, rows }: Selection, { size }: Pick<Model, 'size'>): boolean {
  switch (body) {
    case 'lab':
      return rows.length > 0;
    case 'wire':
    case 'wires':
    case 'ladder':
    case 'chain':
    case 'sizes':
    case 'matrix':
    case 'brief':
      return true;
    case 'card':
      return size.columns >= widestStacked;
    case 'story':
    case 'verdict':
    case 'claims':
    case 'cluster':
      return false;
  }
}

export function zoomedView(model: Model, look: Selection, pen: Pen, height: number): Scrolled {
  const { columns } = model.size;
  const under = (title: string, role: Role, body: Scrolled): Scrolled => ({
    ...body,
    sheet: tall(
      pen,
      stack(columns, [sheet(columns, [titleLine(title, role, pen, columns)]), body.sheet]),
      height,
    ),
  });
  // Of two wires beside each other, the chosen one.
  switch (look.body === 'wires' ? 'bytes' : look.place.pane) {
    case 'bytes': {
      const { heading, isOpened } = wireHeading(model, look, pen);
      const bytes = bytesView(model, look, pen, columns, height - 1);
      return under(heading, isOpened ? 'opened' : 'heading', { sheet: bytes, scrollable: still });
    }
    case 'conversation': {
      const list = conversationView(look, pen, columns, height - 1);
      return under(conversationTitle(look, pen), 'heading', { sheet: list, scrollable: still });
    }
    case 'explanation': {
      const text = sideText(model, look, pen, columns, height, false);
      return under(text.title, 'heading', text);
    }
  }
}

/** The title of the pane, and the key that shows the others again. */
export function titleLine(title: string, role: Role, pen: Pen, columns: number): Line {
  const { zoomedBack } = pen.words;
  const at = columns - pen.width(zoomedBack) - 3;
  return pen.rule(columns, [
    ...(title === '' ? [] : [{ at: 1, text: title, role }]),
    ...(at > pen.width(title) + 4 ? [{ at, text: zoomedBack, role: 'key' as const }] : []),
  ]);
}
