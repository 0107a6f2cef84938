/** Draws the list of steps: a window of it around the chosen one. `state/show/steps-list.ts` has its content. */
import { grouped } from '../../../../i18n/number.ts';
import type { Connection } from '../../../../capture/connection.ts';
import { endOfConnection, wallClockText } from '../../../../presentation/report/statistics.ts';
import { wallClockOf } from '../../../../analysis/summary/connection-summary.ts';
import { lessonIn } from '../../../../presentation/lesson.ts';
import type { Line, Region } from '../../frame.ts';
import { span } from '../../pen.ts';
import type { Pen } from '../../pen.ts';
import type { Model } from '../../state/model.ts';
import type { Selection } from '../../state/selection.ts';
import { listedStops, listedTitle, stopCount } from '../../state/show/steps-list.ts';
import type { ListedStop } from '../../state/show/steps-list.ts';
import { sheet, still } from '../sheet.ts';
import type { Scrolled } from '../sheet.ts';

export function stepsView(model: Model, look: Selection, pen: Pen, height: number): Scrolled {
  const { columns } = model.size;
  const { scene } = look;
  const { words } = pen;
  const count = stopCount(scene);
  const chosen = Math.max(0, Math.min(model.chosen ?? 0, count - 1));
  const room = Math.max(1, height - 1);
  const first = Math.max(0, Math.min(chosen - Math.floor(room / 2), count - room));
  const stops = listedStops(scene, first, first + room);
  const digits = grouped(count).length;
  const rows = stops.map((stop, at): Line => {
    const index = first + at;
    const isChosen = index === chosen;
    const state = index === look.place.stop ? words.here : stop.isAhead ? words.ahead : '';
    const head = ` ${isChosen ? '>' : ' '} ${grouped(index + 1).padStart(digits)}  `;
    const cells = columns - pen.width(head) - pen.width(state) - 3;
    return pen.line(
      [
        span(head, isChosen ? 'key' : 'dim'),
        span(
          pen.fit(titleOf(look, stop, pen), cells),
          isChosen ? 'selected' : stop.isAhead ? 'dim' : 'plain',
        ),
        span(`  ${state}`, 'dim'),
      ],
      columns,
    );
  });
  const regions = stops.map(
    (_, at): Region => ({
      row: at + 1,
      column: 0,
      width: columns,
      message: { type: 'go-to', stop: first + at },
    }),
  );
  const title = words.steps;
  return {
    sheet: sheet(columns, [pen.rule(columns, [{ at: 2, text: title }]), ...rows], regions),
    scrollable: still,
  };
}

/**
 * A step has its title once: at its question, where it has one. What the question leads to stands below it: the lesson once it
 * was shown, and until then only that there is one.
 */
function titleOf({ scene }: Selection, stop: ListedStop, pen: Pen): string {
  const { words, language } = pen;
  // A visitor in the middle of a demonstration.
  if (stop.conn !== undefined) {
    const connection = scene.connection(stop.conn);
    const wire = connection && scene.wire(connection.hop);
    const name = words.connectionNumber(stop.conn);
    if (!connection || !wire) return name;
    const verdict = scene.verdictAt(scene.stops.find(({ conn }) => conn === stop.conn))?.verdict;
    const sizes = (['client', 'server'] as const).map((from) => grouped(connection.lengthOf('wire', from)));
    const facts = [
      `${wire.hop}, ${wire.from} → ${wire.to}`,
      timeOf(connection),
      `→ ${sizes[0]} B ← ${sizes[1]} B`,
      verdict ? endOfConnection(verdict.outcome)[language] : words.openWord,
    ];
    return pen.plain(`${name}: ${facts.join(', ')}`);
  }
  if (stop.kind === 'reveal' && stop.hasQuestion) {
    const lesson = stop.isAhead ? undefined : lessonIn({ scene, stop, step: scene.step(stop.step) })?.text;
    return pen.plain(`  └ ${lesson?.[language] ?? words.theAnswer}`);
  }
  const title = listedTitle(scene, stop)?.[language];
  const text = title ?? (stop.kind === 'verdict' ? words.theVerdict : words.introduction);
  return pen.plain(`${stop.kind === 'question' ? '? ' : '  '}${text}`);
}

/** When it was opened, by the wall clock in UTC. */
const timeOf = (connection: Connection): string =>
  wallClockText(wallClockOf(connection, connection.opened?.at ?? 0)).slice(11, 19);
