/** Draws two wires beside each other, or one above the other where there is no room: the same login on each. */
import type { Line, Role } from '../../frame.ts';
import { span } from '../../pen.ts';
import type { Pen } from '../../pen.ts';
import type { Model } from '../../state/model.ts';
import { isOpenedOn } from '../../state/stop/opened.ts';
import type { Selection } from '../../state/selection.ts';
import { wireState } from '../../../../presentation/wire-outcome.ts';
import { bytesView } from '../dump.ts';
import { beside, sheet, stack, tall } from '../sheet.ts';
import type { Sheet } from '../sheet.ts';

/** A narrower pane shows too little of a login. */
const narrowest = 34;

export function wiresPicture(
  model: Model,
  looks: readonly Selection[],
  pen: Pen,
  width: number,
  height: number,
): Sheet {
  const textual: Model = { ...model, layout: 'text' };
  const cells = Math.floor((width - (looks.length - 1)) / Math.max(1, looks.length));
  if (cells >= narrowest || looks.length === 1) {
    const panes = looks.map((look, index) =>
      wirePane(textual, look, pen, index === looks.length - 1 ? width - (cells + 1) * index : cells, height),
    );
    return beside(pen, panes, height);
  }
  const each = Math.max(2, Math.floor(height / looks.length));
  return stack(
    width,
    looks.map((look) => wirePane(textual, look, pen, width, each)),
  );
}

const stateRoles = { quiet: 'dim', readable: 'leaked', sealed: 'sealed', refused: 'refused' } as const;

/** One of them: which it is and what it carries, then its bytes. */
export function wirePane(model: Model, look: Selection, pen: Pen, width: number, height: number): Sheet {
  const hop = look.hop ?? '';
  const seat = look.scene.wire(hop)?.seat?.[pen.language] ?? '';
  const isOpened = isOpenedOn(model, look);
  const state = wireState(look, hop);
  const [word, role]: readonly [string, Role] = isOpened
    ? [pen.words.openedBadge, 'opened']
    : [pen.words.wireStates[state], stateRoles[state]];
  const title = pen.plain(
    ` ${hop}  ${isOpened ? pen.words.notInSeat(seat) : seat ? pen.words.recordedBy(seat) : ''}`,
  );
  const badge = pen.plain(word === '' ? '' : ` ${word} `);
  const line: Line = pen.line(
    [
      span(pen.fit(title, Math.max(0, width - pen.width(badge))), isOpened ? 'opened' : 'heading'),
      span(badge, role),
    ],
    width,
  );
  return stack(width, [
    {
      ...sheet(width, [line]),
      regions: [{ row: 0, column: 0, width, message: { type: 'choose-wire', hop } }],
    },
    tall(pen, bytesView(model, look, pen, width, height - 1), height - 1),
  ]);
}
