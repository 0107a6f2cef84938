/**
 * Draws the middle of the screen: what the client sent, the bytes on the selected wire (`dump.ts`), what the server received.
 * The two sides stay in place whatever the wire carries.
 */
import { isSecretName } from '../../../protocols/shared/secret-names.ts';
import { grouped } from '../../../i18n/number.ts';
import type { EndpointView } from '../../../presentation/types/values.ts';
import type { Line, Role } from '../frame.ts';
import { dotsFor, span } from '../pen.ts';
import type { Pen } from '../pen.ts';
import { endsOf } from '../state/login.ts';
import type { Model } from '../state/model.ts';
import type { Selection } from '../state/selection.ts';
import { sideColumnCells, wireColumnCells } from './bytes.ts';
import { bytesView, openingsIn } from './dump.ts';
import { beside, sheet, stack, tall } from './sheet.ts';
import type { Sheet } from './sheet.ts';

/** Client, wire and server side by side, with a row of headings. */
export function columnsView(model: Model, look: Selection, pen: Pen, columns: number, height: number): Sheet {
  const side = sideColumnCells(columns);
  const middle = wireColumnCells(columns);
  const { sent, got } = endsOf(look);
  const { heading, isOpened } = wireHeading(model, look, pen);
  const focus: Role = look.place.pane === 'bytes' ? 'selected' : 'heading';
  const head = (text: string, width: number, role: Role = 'heading'): Sheet =>
    sheet(width, [pen.line([span(` ${text}`, role)], width)]);
  const headings = beside(
    pen,
    [
      head(pen.words.clientSent, side),
      {
        ...head(heading, middle, isOpened ? 'opened' : focus),
        regions: [{ row: 0, column: 0, width: middle, message: { type: 'choose-pane', pane: 'bytes' } }],
      },
      head(pen.words.serverGot, side),
    ],
    1,
  );
  const body = beside(
    pen,
    [
      accountView(model, look, pen, sent, side),
      bytesView(model, look, pen, middle, height - 1),
      accountView(model, look, pen, got, side),
    ],
    height - 1,
  );
  return tall(pen, stack(columns, [headings, body]), height);
}

/** What an endpoint sent or received. */
function accountView(model: Model, look: Selection, pen: Pen, account: EndpointView, width: number): Sheet {
  const text = (words: string, role: Role = 'plain'): Line[] => pen.text(words, width, { head: ' ', role });
  switch (account.state) {
    case 'waiting':
      return sheet(width, []);
    case 'none':
      return sheet(width, [
        ...(account.why === 'unknown' ? [] : text(pen.words.nothingSent, 'strong')),
        ...text(pen.words.whys[account.why], 'dim'),
      ]);
    case 'bytes':
      return sheet(width, text(pen.words.bytes(grouped(account.bytes))));
    case 'seen': {
      const secrets = new Set(look.scene.sources.secrets.values());
      const lines = [...text(account.title, 'strong')];
      for (const { name, value } of account.form) {
        const isSecret = secrets.has(value) || isSecretName(name);
        lines.push(
          pen.line([span(` ${name}`, 'dim')], width),
          pen.line(
            [
              span('   '),
              span(
                isSecret && model.masked ? dotsFor(pen.plain(value)) : value,
                isSecret ? 'secret' : 'plain',
              ),
            ],
            width,
          ),
        );
      }
      if (account.thrownAway) lines.push(...text(pen.words.thrownAway, 'refused'));
      if (account.answer !== undefined) lines.push(...text(pen.words.answers(account.answer), 'dim'));
      return sheet(width, lines);
    }
  }
}

/** What the bytes in the middle are: seen on the wire, or opened with the keys. */
export function wireHeading(
  model: Model,
  look: Selection,
  pen: Pen,
): { readonly heading: string; readonly isOpened: boolean } {
  const { hop } = look;
  const isOpened = model.opened && look.rows.at(look.chosen)?.message.opened === true;
  // Packets from a file were on no wire of this run.
  const isFromFile = openingsIn(look).some((opening) => opening.isFromFile);
  if (hop === undefined || isFromFile) return { heading: '', isOpened };
  const seat = look.scene.wire(hop)?.seat?.[pen.language] ?? '';
  const heading = isOpened
    ? `${pen.words.onWire(hop, '')}: ${pen.words.openedWith}`
    : pen.words.onWire(hop, seat);
  return { heading, isOpened };
}

/** For a projector, few columns: what the client sent, and what the wire shows. */
export function projectorView(
  model: Model,
  look: Selection,
  pen: Pen,
  columns: number,
  height: number,
): Sheet {
  const side = sideColumnCells(columns);
  const { sent } = endsOf(look);
  const { heading, isOpened } = wireHeading(model, look, pen);
  const rule = pen.rule(
    columns,
    [
      { at: 1, text: pen.words.clientSent },
      { at: side + 1, text: heading, role: isOpened ? 'opened' : 'heading' },
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
