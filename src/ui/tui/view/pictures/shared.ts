/**
 * Draws the address under which viewers follow, as text and as a QR code. A module of the code is half a cell high; light ones
 * are drawn, so that the code is right on a dark terminal even without colours. Where characters for it are missing, or room,
 * the address alone is shown.
 */
import { qrCode, quietZone } from '../../../../core/qr/qr.ts';
import type { QrCode } from '../../../../core/qr/qr.ts';
import type { Line } from '../../frame.ts';
import { span } from '../../pen.ts';
import type { Pen } from '../../pen.ts';
import type { Shared } from '../../state/model.ts';

/** Readers find a code with a narrower light edge, too; without one they do not. */
const leastZone = 2;

/** @param height of the window: the code is never cut */
export function sharedLines({ urls, authority }: Shared, pen: Pen, width: number, height: number): Line[] {
  const { words } = pen;
  const [url = '', ...others] = urls;
  const address = [...pen.paragraph(url, width - 2, { head: ' ', role: 'strong' })].map((line) =>
    pen.line(line, width),
  );
  const code = pen.ascii ? undefined : qrCode(url);
  const zone = code && widestZone(code, width, height - address.length);
  const drawn = code && zone !== undefined ? codeLines(code, zone) : [];
  const codeWidth = drawn[0]?.length ?? 0;
  const beside = width - codeWidth - 4;
  const isBeside = drawn.length > 0 && beside >= leastBeside;
  const about = [
    words.sharedBy,
    ...(authority === undefined ? [] : [words.sharedTrust(authority)]),
    ...(others.length > 0 ? [words.sharedOthers(others.map(hostOf).join(', '))] : []),
    ...(code && zone === undefined ? [words.sharedSmall(...roomFor(code))] : []),
  ];
  const told = (cells: number): Line[] =>
    about.flatMap((text) => [...pen.text(text, cells, { head: ' ', widest: 60 }), pen.blank(cells)]);
  if (!isBeside)
    return [
      ...address,
      ...drawn.map((row) => pen.line([span(' '), span(row, 'code')], width)),
      ...told(width),
    ];
  const right = told(beside);
  return [
    ...address,
    ...drawn.map((row, at) =>
      pen.line([span(' '), span(row, 'code'), span(' '), ...(right[at] ?? [])], width),
    ),
    ...right.slice(drawn.length).map((line) => pen.line([span(' '.repeat(codeWidth + 2)), ...line], width)),
  ];
}

/** Text in fewer cells is hard to read. */
const leastBeside = 24;

const hostOf = (url: string): string => new URL(url).host;

const rowsOf = (code: QrCode, zone: number): number => Math.ceil((code.length + 2 * zone) / 2);
const columnsOf = (code: QrCode, zone: number): number => code.length + 2 * zone + 2;

function widestZone(code: QrCode, width: number, height: number): number | undefined {
  for (let zone = quietZone; zone >= leastZone; zone--)
    if (columnsOf(code, zone) <= width && rowsOf(code, zone) <= height) return zone;
  return undefined;
}

/** The window that the code needs, with the rows above and below it. */
const roomFor = (code: QrCode): [columns: number, rows: number] => [
  columnsOf(code, leastZone),
  rowsOf(code, leastZone) + otherRows,
];
const otherRows = 6;

/** Two rows of modules in one of cells. */
function codeLines(code: QrCode, zone: number): string[] {
  const side = code.length + 2 * zone;
  const isLight = (row: number, column: number): boolean =>
    row < side && !(code[row - zone]?.[column - zone] ?? false);
  return Array.from({ length: Math.ceil(side / 2) }, (_, row) =>
    Array.from({ length: side }, (__, column) => {
      const [above, below] = [isLight(2 * row, column), isLight(2 * row + 1, column)];
      return above ? (below ? '█' : '▀') : below ? '▄' : ' ';
    }).join(''),
  );
}
