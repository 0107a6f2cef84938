/**
 * Draws the view of many wires: the picture of the star (`star.ts`), the order in which the wires carried data, and below it,
 * scrolling, the answer and the text of a step, or a report on the wire that the viewer selected. The content is from `presentation/wires/star.ts` and `presentation/wires/report.ts`.
 */
import type { Wire } from '../../../capture/event.ts';
import { inLanguage } from '../../../i18n/language.ts';
import type { In } from '../../../i18n/language.ts';
import { inSeconds } from '../../../i18n/number.ts';
import { cellWidth } from '../../../i18n/width.ts';
import { callersOf, clusterOf } from '../../../presentation/wires/star.ts';
import type { Star } from '../../../presentation/topology.ts';
import type { CallOrder, WireExchange, WireFact, WireReport } from '../../../presentation/types/cluster.ts';
import { wireReport } from '../../../presentation/wires/report.ts';
import type { Line } from '../frame.ts';
import { span } from '../pen.ts';
import { entersWire } from '../keys/mode.ts';
import type { Pen } from '../pen.ts';
import { maskedIn } from '../state/masking.ts';
import { calmOf } from '../state/model.ts';
import type { Model } from '../state/model.ts';
import type { Selection } from '../state/selection.ts';
import { textOf } from './prose.ts';
import { withMore } from './scrolled.ts';
import { sheet, stack, tall } from './sheet.ts';
import type { Scrolled } from './sheet.ts';
import { starSheet } from './star.ts';
import { storyLines } from './story.ts';

/** Wires that are listed in the smallest window. */
const leastWires = 3;

/** Lines of the report that are always visible. */
const leastPanel = 7;

export function clusterView(model: Model, look: Selection, star: Star, pen: Pen, height: number): Scrolled {
  const { columns } = model.size;
  const calm = calmOf(model);
  const cluster = inLanguage(clusterOf(look, star, calm), pen.language);
  const usage = look.stop?.kind === 'intro' ? usageLines(look, pen, columns) : [];
  const orders = orderLines(cluster.orders, pen, columns, height >= 30 ? 3 : 2);
  const picture = starSheet(
    { cluster, hop: look.hop, pen, columns },
    Math.max(Math.min(leastWires, cluster.wires.length), height - usage.length - orders.length - leastPanel),
  );
  const chosen = look.hop === undefined ? undefined : look.scene.wire(look.hop);
  const room = Math.max(0, height - usage.length - picture.lines.length - orders.length - 1);
  // A step is told; a wire is reported on once it is asked for.
  const story =
    look.stop?.kind === 'reveal' && look.place.hop === undefined
      ? storyLines(look, pen, columns, { titled: false })
      : [];
  const isTold = story.length > 0;
  const report =
    chosen && wireReport(look, chosen, { calm, mask: (message, text) => maskedIn(model, message, text) });
  const lines = isTold ? story : report ? reportLines(inLanguage(report, pen.language), pen, columns) : [];
  const top = Math.max(0, Math.min(look.place.scroll, lines.length - room));
  const panel = tall(pen, sheet(columns, lines), room, top);
  const whole = stack(columns, [
    sheet(columns, usage),
    picture,
    sheet(columns, orders),
    sheet(columns, [
      isTold ? pen.rule(columns) : panelTitle(chosen, pen, columns, entersWire(model, look)),
      ...(lines.length - room - top > 0 && room > 0 ? withMore(panel.lines, pen, columns) : panel.lines),
    ]),
  ]);
  return { sheet: tall(pen, whole, height), scrollable: { height: Math.max(1, room), length: lines.length } };
}

/** How to connect, until somebody does, and the keys that one needs first. Not wrapped: the commands are there to be copied. */
function usageLines({ scene }: Selection, pen: Pen, columns: number): Line[] {
  const howTo = scene.sources.howTo?.();
  if (!howTo) return [];
  const { warning, commands } = howTo;
  return [
    ...(warning ? pen.text(warning[pen.language], columns, { head: ' ! ', role: 'warning' }) : []),
    ...commands.map((command) => pen.line([span('   '), span(command, 'strong')], columns)),
    pen.line([span(` ${pen.words.usageKeys}`, 'dim')], columns),
  ];
}

/** The name of the wire, and the key for its conversation. */
function panelTitle(chosen: Wire | undefined, pen: Pen, columns: number, isEntered: boolean): Line {
  if (!chosen) return pen.rule(columns);
  const { wireTitle, leads } = pen.words;
  const title = wireTitle(chosen.hop, callersOf(chosen), chosen.to);
  const at = columns - pen.width(leads) - 3;
  return pen.rule(columns, [
    { at: 1, text: title },
    ...(isEntered && at > pen.width(title) + 6 ? [{ at, text: leads, role: 'key' as const }] : []),
  ]);
}

/** The first order in at most so many lines, a later one in a single line. */
function orderLines(orders: readonly In<CallOrder>[], pen: Pen, columns: number, most: number): Line[] {
  return orders.flatMap(({ label, text, isEmpty }, index) => {
    const head = ` ${label}: `;
    if (isEmpty) return [pen.line([span(head, 'heading'), span(text, 'dim')], columns)];
    const rows = index === 0 ? most : 1;
    const lines = pen.text(text, columns, { head, headRole: 'heading' });
    const cut = lines[rows - 1];
    if (lines.length <= rows || !cut) return lines;
    const shortened = `${textOf(cut).trimEnd().slice(0, -2)} …`;
    return [...lines.slice(0, rows - 1), pen.line([span(pen.fit(shortened, columns - 1))], columns)];
  });
}

/** Longer lines are hard to read. */
const widest = 140;

function reportLines({ facts, ends, exchanges }: In<WireReport>, pen: Pen, columns: number): Line[] {
  const endCells = Math.min(30, Math.max(...ends.map((name) => pen.width(name))));
  const headOf = ({ who, mark }: In<WireFact>): string =>
    mark ? pen.plain(` ${mark} `) : who === undefined ? ' ' : ` ${pen.fit(who, endCells)}  `;
  const text = (fact: In<WireFact>): Line[] =>
    pen.text(fact.text, columns, { widest, head: headOf(fact), role: fact.tone });
  return [
    ...facts.flatMap(text),
    ...(exchanges
      ? [
          ...pen.text(exchanges.title, columns, { widest, head: ' ', role: 'heading' }),
          ...exchanges.list.map((one) => exchangeLine(one, pen, columns)),
        ]
      : []),
  ];
}

function exchangeLine(
  { at, conn, request, response, caller, isOpen }: In<WireExchange>,
  pen: Pen,
  columns: number,
): Line {
  const head = ` ${inSeconds(at).padStart(8)} ${String(conn).padStart(4)}  `;
  const answer = pen.plain(isOpen ? ` ${response}` : ` → ${response}`);
  const tail = cellWidth(answer) > 24 ? pen.fit(answer, 24) : answer;
  const room = Math.max(8, columns - 1 - cellWidth(head) - cellWidth(tail));
  // What was asked and answered comes first; whoever asked has what is left of the line.
  const left = room - pen.width(request) - 2;
  const by = caller === undefined || left < fewestForCaller ? undefined : caller;
  return pen.line(
    [
      span(head, 'dim'),
      span(pen.width(request) > room ? pen.fit(request, room) : request),
      span(tail, isOpen ? 'dim' : 'plain'),
      ...(by === undefined ? [] : [span(`  ${pen.width(by) > left ? pen.fit(by, left) : by}`, 'dim')]),
    ],
    columns,
  );
}

/** In cells: of less nobody is recognised. */
const fewestForCaller = 8;
