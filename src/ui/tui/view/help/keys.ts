/** Draws the help on the keys of a mode, and the hints at the bottom for those that are available. */
import { cellWidth } from '../../../../i18n/width.ts';
import type { Line } from '../../frame.ts';
import { rowsOf } from '../../keymap.ts';
import type { Action, KeyRow } from '../../keymap.ts';
import { keyModeOf, runModeOf, showsOneWire } from '../../keys/mode.ts';
import { span, spaces } from '../../pen.ts';
import type { Pen } from '../../pen.ts';
import type { Model } from '../../state/model.ts';
import type { Selection } from '../../state/selection.ts';
import { hasKeys } from '../../state/stop/opened.ts';
import { isOpen } from '../../state/show/leaving.ts';
import { usedText } from '../../lab/tasks.ts';
import { largeText } from '../explanation.ts';
import { canZoom } from '../zoom.ts';

/** Every key with its action, in as many columns as fit. */
export function helpLines(keyRows: readonly KeyRow[], pen: Pen, width: number, height: number): Line[] {
  const { language } = pen;
  const keyCells = Math.max(...keyRows.map(({ shown }) => pen.width(shown))) + 1;
  const rows = keyRows.map(({ shown, help }) => ({ shown, help: help[language] }));
  const columns = Math.min(
    3,
    Math.max(width >= 100 ? 2 : 1, Math.ceil(rows.length / Math.max(1, height))),
    Math.max(1, Math.floor(width / 36)),
  );
  const cells = Math.floor((width - 1) / columns);
  const perColumn = Math.ceil(rows.length / columns);
  return Array.from({ length: perColumn }, (_, line) =>
    pen.line(
      [
        spaces(1),
        ...Array.from({ length: columns }, (__, column) => rows[column * perColumn + line]).flatMap((row) =>
          row
            ? [
                span(pen.fit(row.shown, keyCells), 'key'),
                span(pen.fit(` ${row.help}`, cells - keyCells - 1)),
                spaces(1),
              ]
            : [spaces(cells)],
        ),
      ],
      width,
    ),
  );
}

/** The keys that are available, as many as fit; help is always among them. */
export function hintLine(model: Model, look: Selection | undefined, pen: Pen, width: number): Line {
  const rows = rowsOf(keyModeOf(model), runModeOf(model)).filter(
    ({ action, hint }) => hint && isOfUse(action, model, look, pen),
  );
  // `q` closes what is open before it ends anything.
  const closes = isOpen(model);
  const words = ({ action, shown, hint }: KeyRow): readonly [string, string] => [
    pen.plain(shown),
    ` ${pen.plain(
      action === 'leave' && closes
        ? pen.words.closes
        : action === 'help' && model.help
          ? pen.words.helpHints[model.help.page]
          : `${hint?.[pen.language] ?? ''}${action === 'hint' && model.lab ? usedText(model.lab, pen) : ''}`,
    )}  `,
  ];
  const cells = (row: KeyRow): number => words(row).reduce((sum, word) => sum + cellWidth(word), 0);
  // In a lab, how to end it too: it has a terminal of its own.
  const kept = rows.filter(
    ({ action }) => action === 'help' || (action === 'leave' && model.lab !== undefined),
  );
  let left = width - 1 - kept.reduce((sum, row) => sum + cells(row), 0);
  const shown = rows.filter((row) => {
    if (kept.includes(row)) return true;
    const fits = cells(row) <= left;
    if (fits) left -= cells(row);
    return fits;
  });
  return pen.line(
    [spaces(1), ...shown.flatMap((row) => [span(words(row)[0], 'key'), span(words(row)[1], 'dim')])],
    width,
  );
}

/** Ciphertext that keys would open stands on the screen, or beside it for what compares two versions. */
const showsBytes = ({ body }: Selection, action: Action): boolean =>
  body === 'wire' || (action === 'open' && (body === 'wires' || body === 'ladder' || body === 'lab'));

function isOfUse(action: Action, model: Model, look: Selection | undefined, pen: Pen): boolean {
  // Every other key closes help first.
  if (model.help) return action === 'move' || action === 'help' || action === 'close';
  if (action === 'mode') return model.modes.some(({ key }) => key !== undefined);
  if (action === 'wire')
    return (
      look !== undefined &&
      (look.body === 'cluster' ||
        (look.body === 'lab' && look.stop?.conn !== undefined) ||
        showsOneWire(model, look)) &&
      look.choice.length > 1
    );
  if (action === 'explain' && model.lab && look?.body === 'lab') return true;
  if (action === 'explain') return look !== undefined && largeText(model, look, pen, 80) !== undefined;
  if (action === 'open' && look && !hasKeys(look)) return false;
  if (action === 'open' || action === 'sides')
    return (
      look !== undefined &&
      showsBytes(look, action) &&
      look.rows.findIndex(({ protocol }) => protocol === 'tls') >= 0
    );
  if (action === 'layout')
    return look !== undefined && (showsOneWire(model, look) || (look.body === 'lab' && look.rows.length > 0));
  if (action === 'zoom') return model.zoomed || (look !== undefined && canZoom(look, model));
  if (action === 'steps' && model.lab) return (look?.scene.stops.length ?? 0) > 0;
  if (action === 'view')
    return look?.stop?.kind === 'reveal' || look?.stop?.kind === 'visitor' || look?.scene.star !== undefined;
  return true;
}
