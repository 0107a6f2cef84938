/**
 * Draws plots. The picture has only shapes, which stretch with the page; what is to be read stands beside it as text, so that it
 * keeps its size. A direction is a place, a sealed part is thinner: nothing is a colour alone.
 */
import { inEach } from '../../../i18n/language.ts';
import type { Localized } from '../../../i18n/language.ts';
import { grouped, inSeconds } from '../../../i18n/number.ts';
import { secondsText } from '../../../presentation/report/statistics.ts';
import type {
  HandshakeTimes,
  SizedRecord,
  SizePlot,
  VisiblePlot,
} from '../../../presentation/types/plots.ts';
import type { Words } from '../../../presentation/types/values.ts';
import { element } from '../element.ts';
import type { Content, Html } from '../element.ts';
import { plotWords } from '../words.ts';

const width = 1000;

const shape = (height: number, label: Localized, shapes: Content): Html =>
  element(
    'svg',
    { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: 'none', role: 'img', 'aria-label': label },
    shapes,
  );

const box = (x: number, y: number, wide: number, high: number, kind: string, title: Localized): Html =>
  element(
    'rect',
    { x: round(x), y: round(y), width: round(wide), height: round(high), class: kind },
    element('title', {}, title),
  );

const round = (value: number): string => String(Math.round(value * 100) / 100);

const recordText = ({ at, from, length, title }: SizedRecord): Localized =>
  inEach(
    (language) => `${inSeconds(at)} ${from === 'client' ? '→' : '←'} ${title[language]} ${grouped(length)} B`,
  );

const kindOf = (one: SizedRecord): string => (one.isSealed ? 'is-sealed' : 'is-readable');

const half = 60;
const smallest = 2;
/** What only keys open is thinner. */
const barWidth = { sealed: 3, readable: 7 };

/** What the client sends stands above the line, what the server sends hangs below it, each on a scale of its own. */
export function sizes({ records, count, times: [from, until], largest }: SizePlot): Html {
  const span = Math.max(1, until - from);
  const label = inEach((language) =>
    plotWords.sizesOf[language](grouped(records.length), grouped(count), secondsText(until - from)),
  );
  return element(
    'figure',
    { class: 'plot sizes' },
    element('figcaption', {}, label),
    element('p', { class: 'upper' }, upTo('→', largest.client)),
    shape(2 * half, label, [
      element('rect', { x: 0, y: half - 0.5, width, height: 1, class: 'axis' }),
      records.map((record) => {
        const high = Math.max(smallest, (record.length / largest[record.from]) * (half - 2));
        const wide = barWidth[record.isSealed ? 'sealed' : 'readable'];
        const x = ((record.at - from) / span) * (width - wide);
        const y = record.from === 'client' ? half - high : half;
        return box(x, y, wide, high, kindOf(record), recordText(record));
      }),
    ]),
    element('p', { class: 'lower' }, upTo('←', largest.server)),
    element(
      'p',
      { class: 'scale' },
      element('span', {}, inSeconds(from)),
      element('span', {}, inSeconds(until)),
    ),
  );
}

const upTo = (arrow: string, bytes: number): Localized =>
  inEach((language) => `${arrow} ${plotWords.upTo[language](grouped(bytes))}`);

const rowHeight = 16;

/** A row for each handshake, on one scale. */
export function handshakes(
  rows: readonly HandshakeTimes[],
  toConnection: (conn: number) => string | undefined,
): Html {
  const longest = Math.max(1, ...rows.map(({ total }) => total));
  return element(
    'div',
    { class: 'plot bars' },
    element('p', { class: 'dim' }, plotWords.turns),
    element(
      'ul',
      {},
      rows.map(({ conn, name, waits, total }) => {
        let x = 0;
        const shapes = waits.map(({ for: side, microseconds }) => {
          const wide = (microseconds / longest) * width;
          const high = side === 'server' ? rowHeight : rowHeight / 2;
          const drawn = box(
            x,
            rowHeight - high,
            Math.max(1, wide),
            high,
            `for-${side}`,
            inEach((language) => `${plotWords.waits[side][language]}: ${secondsText(microseconds)}`),
          );
          x += wide;
          return drawn;
        });
        const label = inEach((language) =>
          waits
            .map(
              ({ for: side, microseconds }) =>
                `${plotWords.waits[side][language]}: ${secondsText(microseconds)}`,
            )
            .join(', '),
        );
        return barRow(name, toConnection(conn), shape(rowHeight, label, shapes), secondsText(total));
      }),
    ),
  );
}

/** A row for each version: its handshake, message by message; what only keys open is thinner. */
export function visible(
  rows: readonly VisiblePlot[],
  toConnection: (conn: number) => string | undefined,
): Html {
  const longest = Math.max(1, ...rows.map(({ total }) => total));
  return element(
    'div',
    { class: 'plot bars' },
    element('p', { class: 'dim' }, plotWords.visible),
    element(
      'ul',
      {},
      rows.map(({ conn, name, parts, readable, total }) => {
        let x = 0;
        const shapes = parts.map((part) => {
          const wide = (part.length / longest) * width;
          const high = part.isSealed ? rowHeight / 2 : rowHeight;
          const drawn = box(x, rowHeight - high, Math.max(1, wide - 2), high, kindOf(part), recordText(part));
          x += wide;
          return drawn;
        });
        const text = inEach((language) => plotWords.readable[language](grouped(readable), grouped(total)));
        return barRow(name, toConnection(conn), shape(rowHeight, text, shapes), text);
      }),
    ),
  );
}

const barRow = (name: Localized, href: string | undefined, picture: Html, value: Words): Html =>
  element(
    'li',
    {},
    element('span', { class: 'name' }, href === undefined ? name : element('a', { href }, name)),
    picture,
    element('span', { class: 'value' }, value),
  );
