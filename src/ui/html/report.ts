/**
 * Lays out a report as HTML: sections with headings, and in them what each kind of block looks like. `presentation/report`
 * decides the order and the content; `document.ts` makes the page around it.
 *
 * 1. What a reader has had before (`isAgain`) is left out, as in plain text: page and terminal say the same.
 * 2. The messages of a connection that follow each other are one ladder; lines of a list are one list.
 */
import { inEach, verbatim } from '../../i18n/language.ts';
import type { Localized } from '../../i18n/language.ts';
import { inSeconds } from '../../i18n/number.ts';
import { handshakeTimes } from '../../presentation/report/plots.ts';
import type {
  BlockKind,
  BlockOf,
  MessageBlock,
  RemarkBlock,
  ReportBlock,
} from '../../presentation/types/report.ts';
import { card } from './blocks/card.ts';
import { chain } from './blocks/chain.ts';
import { command, reach } from './blocks/command.ts';
import type { PageContext } from './blocks/context.ts';
import { diagnosis, evidence, experiment, experiments } from './blocks/diagnosis.ts';
import { connectionId, ladder, outcome } from './blocks/ladder.ts';
import { opening } from './blocks/opening.ts';
import { claims, decision, sentences } from './blocks/statements.ts';
import { listed, summary } from './blocks/summary.ts';
import { sides, statistics, table } from './blocks/table.ts';
import { journal, task } from './blocks/tasks.ts';
import { inline, paragraphs, toneClass } from './blocks/text.ts';
import { topology } from './blocks/topology.ts';
import { closing, verdict } from './blocks/verdict.ts';
import { element } from './element.ts';
import { handshakes } from './svg/plots.ts';
import type { Content, Html } from './element.ts';
import { pageWords, plotWords } from './words.ts';

/** A part of the page with a heading. */
export interface PageSection {
  readonly id: string;
  readonly title: Localized;
  readonly content: Content;
  /** As many blocks as it was made of. */
  readonly blocks?: number;
}

export interface PageReport {
  /** The title of the run, where it has one. */
  readonly title: Localized | undefined;
  readonly sections: readonly PageSection[];
}

type Renderers = {
  readonly [Kind in BlockKind]: (block: BlockOf<Kind>, context: PageContext) => Content;
};

const renderers: Renderers = {
  // The heading of the page, and those of its sections.
  title: () => undefined,
  step: () => undefined,
  narration: ({ text, part }) => element('div', { class: `narration ${part}` }, paragraphs(text)),
  topology,
  question: ({ text }) => element('div', { class: 'question' }, paragraphs(text)),
  choices: ({ choices }) =>
    element(
      'ul',
      { class: 'choices' },
      choices.map(({ letter, text }) => element('li', {}, `${letter}) `, inline(text))),
    ),
  answer: ({ label, choices }) =>
    choices.map(({ letter, text }) =>
      element('p', { class: 'answer' }, element('strong', {}, label, ': '), `${letter}) `, inline(text)),
    ),
  lesson: ({ lesson: { text, tone } }) =>
    element(
      'p',
      { class: `lesson ${toneClass(tone)}` },
      element('span', { 'aria-hidden': 'true' }, '⇒ '),
      inline(text),
    ),
  speaker: ({ text }) => element('aside', { class: 'speaker' }, paragraphs(text)),
  news: ({ at, text }) =>
    element('p', { class: 'news' }, element('span', { class: 'time' }, inSeconds(at)), ' ', text),
  command,
  connection: (block, context) => ladder(block, [], [], { id: undefined }, context),
  // Within their ladder.
  message: () => undefined,
  remark: ({ text, isAgain }) => (isAgain ? undefined : element('p', { class: 'remark' }, text)),
  'tried-again': ({ text }) => element('p', { class: 'remark' }, text),
  chain,
  card,
  opening,
  decision,
  sentences,
  outcome,
  table,
  sides,
  verdict,
  claims,
  closing,
  reach,
  summary,
  statistics,
  diagnosis,
  evidence,
  experiments,
  experiment,
  task,
  journal,
  listed: (block) => element('ul', { class: 'listed' }, listed(block)),
};

const render = (block: ReportBlock, context: PageContext): Content =>
  (renderers[block.kind] as (one: ReportBlock, around: PageContext) => Content)(block, context);

/** @param context without the steps, which the blocks name */
export function pageReport(
  blocks: readonly ReportBlock[],
  { toBytes }: Pick<PageContext, 'toBytes'>,
): PageReport {
  const numbers = new Map(
    blocks.flatMap((block) => (block.kind === 'step' ? [[block.step, block.number]] : [])),
  );
  const reported = new Set(blocks.flatMap((block) => (block.kind === 'connection' ? [block.conn] : [])));
  const messages = new Map<number, MessageBlock[]>();
  for (const block of blocks)
    if (block.kind === 'message') {
      const known = messages.get(block.conn);
      if (known) known.push(block);
      else messages.set(block.conn, [block]);
    }
  const context: PageContext = {
    toBytes,
    messagesOf: (conn) => messages.get(conn) ?? [],
    toConnection: (conn) => (reported.has(conn) ? `#${connectionId(conn)}` : undefined),
    toStep: (id) => (numbers.has(id) ? `#${stepId(numbers.get(id) ?? 0)}` : undefined),
  };
  const sections: { id: string; title: Localized; content: Content[]; blocks: number }[] = [];
  const linked = new Set<number>();
  let title: Localized | undefined;
  const sectionFor = (block: ReportBlock): (typeof sections)[number] => {
    const last = sections.at(-1);
    const { id, title: heading } = place(block, last?.id);
    if (last?.id === id) return last;
    const made = { id, title: heading, content: [], blocks: 0 };
    sections.push(made);
    return made;
  };
  for (let at = 0; at < blocks.length; at++) {
    const block = blocks[at];
    if (!block) break;
    if (block.kind === 'title') {
      title = block.text;
      continue;
    }
    const section = sectionFor(block);
    const { content } = section;
    const first = at;
    if (block.kind === 'connection') {
      const part = partOf(blocks, at);
      const isFirst = !linked.has(block.conn);
      linked.add(block.conn);
      content.push(
        ladder(
          block,
          part.messages,
          part.remarks,
          {
            id: isFirst ? connectionId(block.conn) : undefined,
            level: blocks[at - 1]?.kind === 'experiment' ? 4 : 3,
          },
          context,
        ),
      );
      at += part.messages.length + part.remarks.length;
    } else if (block.kind === 'listed') {
      const rows: Html[] = [];
      for (let next: ReportBlock | undefined = block; next?.kind === 'listed'; next = blocks[++at])
        rows.push(listed(next));
      at--;
      content.push(element('ul', { class: 'listed' }, rows));
    } else content.push(render(block, context));
    section.blocks += at - first + 1;
  }
  return { title, sections };
}

/** The same with what compares all connections, once they are all there. */
export function withPlots({ title, sections }: PageReport, blocks: readonly ReportBlock[]): PageReport {
  const times = handshakeTimes(blocks);
  if (times.length < 2) return { title, sections };
  const content = handshakes(times, (conn) => `#${connectionId(conn)}`);
  return { title, sections: [...sections, { id: 'times', title: plotWords.times, content }] };
}

/** The blocks right behind the head of a connection that belong to its ladder. */
function partOf(
  blocks: readonly ReportBlock[],
  head: number,
): { readonly messages: readonly MessageBlock[]; readonly remarks: readonly RemarkBlock[] } {
  const messages: MessageBlock[] = [];
  const remarks: RemarkBlock[] = [];
  for (let at = head + 1; ; at++) {
    const block = blocks[at];
    if (block?.kind === 'message' && remarks.length === 0) messages.push(block);
    else if (block?.kind === 'remark') remarks.push(block);
    else return { messages, remarks };
  }
}

const stepId = (number: number): string => `step-${number}`;

/** Kinds of blocks that stand together under a heading of their own, wherever they come. */
const tables: ReadonlySet<BlockKind> = new Set(['table', 'sides']);
const ends: ReadonlySet<BlockKind> = new Set(['verdict', 'claims', 'closing']);
const answers: ReadonlySet<BlockKind> = new Set(['diagnosis', 'evidence', 'experiments']);

/** The section of a block: that of its step, that of its kind, else the one at hand. */
function place(
  block: ReportBlock,
  last: string | undefined,
): { readonly id: string; readonly title: Localized } {
  if (block.kind === 'step')
    return {
      id: stepId(block.number),
      title: inEach((language) => `${block.number}. ${block.title[language]}`),
    };
  if (block.kind === 'summary' || block.kind === 'statistics')
    return { id: 'summary', title: pageWords.summary };
  if (answers.has(block.kind)) return { id: 'answer', title: pageWords.answer };
  if (block.kind === 'task') return { id: 'tasks', title: pageWords.tasks };
  if (block.kind === 'journal') return { id: 'journal', title: block.title };
  if (block.kind === 'experiment') return { id: 'experiments', title: pageWords.experiments };
  if (block.kind === 'listed') return { id: 'connections', title: pageWords.list };
  if (block.kind === 'reach') return { id: 'reach', title: pageWords.afterwards };
  if (tables.has(block.kind)) return { id: 'compared', title: pageWords.compared };
  if (ends.has(block.kind)) return { id: 'result', title: pageWords.result };
  if (last === 'result') return { id: 'afterwards', title: pageWords.afterwards };
  if (
    last === 'summary' ||
    last === 'connections' ||
    last === 'answer' ||
    (last === undefined && 'conn' in block)
  )
    return { id: 'conversations', title: pageWords.conversations };
  return last === undefined ? { id: 'intro', title: pageWords.intro } : { id: last, title: verbatim('') };
}
