/**
 * A conversation as a ladder: the client's line at the left, the server's at the right, an arrow for each message. A message
 * leads to its bytes.
 */
import { grouped, inSeconds } from '../../../i18n/number.ts';
import { sizesText } from '../../../presentation/conversation/sizes.ts';
import { sizePlot } from '../../../presentation/report/plots.ts';
import type { Exposure } from '../../../presentation/types/ladder.ts';
import type {
  ConnectionBlock,
  MessageBlock,
  OutcomeBlock,
  RemarkBlock,
} from '../../../presentation/types/report.ts';
import { directionWords } from '../../../presentation/words.ts';
import { element } from '../element.ts';
import type { Content, Html } from '../element.ts';
import { sizes } from '../svg/plots.ts';
import { pageWords } from '../words.ts';
import type { PageContext } from './context.ts';
import { bytesLink, definitions, mark } from './text.ts';

export const connectionId = (conn: number): string => `connection-${conn}`;

/** @param how.id of the first part of a connection, for links; `level` of its heading */
export function ladder(
  { head: { place, client, server }, more, captured }: ConnectionBlock,
  messages: readonly MessageBlock[],
  remarks: readonly RemarkBlock[],
  { id, level = 3 }: { readonly id: string | undefined; readonly level?: 3 | 4 },
  context: PageContext,
): Html {
  const plot = sizePlot(messages);
  return element(
    'figure',
    { class: 'ladder', id },
    element('figcaption', {}, element(`h${level}`, {}, place, more?.text)),
    captured &&
      element('p', { class: 'dim' }, `${captured.client} → ${captured.server}, ${captured.opened} UTC`),
    captured?.seen && element('p', { class: 'dim' }, captured.seen),
    captured?.differences.map((text) => element('p', {}, mark('!'), text)),
    element('p', { class: 'ends' }, element('span', {}, client), element('span', {}, server)),
    element(
      'ol',
      { class: 'rungs', 'aria-label': pageWords.messages },
      messages.map((block) => message(block, context)),
    ),
    remarks.filter(({ isAgain }) => !isAgain).map(({ text }) => element('p', { class: 'remark' }, text)),
    plot && sizes(plot),
  );
}

function message(
  { message: one, place, frame, latency, known, lines, shaped }: MessageBlock,
  context: PageContext,
): Html {
  const { at, from, hop, title, length, state, stateText, facts, sizes } = one;
  const isLeaking = known.length > 0 || shaped.length > 0 || state === 'leaked';
  return element(
    'li',
    { class: `rung from-${from ?? 'both'} is-${isLeaking && state !== 'opened' ? 'leaked' : state}` },
    element(
      'p',
      { class: 'arrow' },
      frame === undefined || frame === null ? undefined : element('span', { class: 'time' }, `${frame}`, ' '),
      element('span', { class: 'time' }, inSeconds(at)),
      ' ',
      element('span', { class: 'hop' }, hop),
      ' ',
      from === null
        ? undefined
        : element('span', { class: 'towards' }, from === 'client' ? '→ ' : '← ', directionWords[from], ' '),
      element('strong', {}, bytesLink(place, context, title)),
      length > 0 ? [' ', element('span', { class: 'size' }, `${grouped(length)} B`)] : undefined,
    ),
    stateText.en === '' && !sizes
      ? undefined
      : element('p', { class: 'state' }, stateText, sizes ? `: ${sizesText(sizes)}` : undefined),
    facts.en === '' ? undefined : element('p', { class: 'facts' }, facts),
    latency && element('p', { class: 'facts' }, latency.text),
    known.map(exposure),
    lines.length > 0 ? element('pre', { class: 'lines' }, lines.join('\n')) : undefined,
    shaped.map(exposure),
  );
}

const exposure = ({ label, name, value, where }: Exposure): Html =>
  element(
    'p',
    { class: 'exposure' },
    label.en === '' ? undefined : [element('strong', {}, label), ' '],
    name,
    value === undefined ? undefined : [': ', element('mark', {}, value)],
    ' ',
    element('span', { class: 'dim' }, '(', where, ')'),
  );

export const outcome = ({ rows, evidence }: OutcomeBlock, context: PageContext): Content => {
  const place = evidence.find((one) => context.toBytes(one) !== undefined);
  return definitions(
    rows.map(({ kind, label, text }) => ({
      label,
      text: kind === 'evidence' ? bytesLink(place, context, text) : text,
    })),
  );
};
