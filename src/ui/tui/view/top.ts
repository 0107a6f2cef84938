/** Draws the top of the screen: the position in the run, the verdict, and the path with its wires. */
import { grouped } from '../../../i18n/number.ts';
import { cellWidth, cutAtWord } from '../../../i18n/width.ts';
import type { Line, Region, Role, Span } from '../frame.ts';
import { labLooks } from '../lab/shown.ts';
import { countText } from '../lab/tasks.ts';
import { besideEachOther } from '../state/selection.ts';
import type { Selection } from '../state/selection.ts';
import { isOpenedOn } from '../state/stop/opened.ts';
import { calmOf } from '../state/model.ts';
import type { Model } from '../state/model.ts';
import { span, spaces } from '../pen.ts';
import type { Pen } from '../pen.ts';
import { loud } from './pictures/banner.ts';
import { textOf } from './prose.ts';
import { sheet } from './sheet.ts';
import type { Sheet } from './sheet.ts';
import { showing } from '../state/masking.ts';
import { inLanguage } from '../../../i18n/language.ts';
import type { In } from '../../../i18n/language.ts';
import { clusterHeadline } from '../../../presentation/wires/star.ts';
import { lessonIn } from '../../../presentation/lesson.ts';
import { stepOutcome } from '../../../presentation/step-outcome.ts';
import type { Headline, Statement, Tone } from '../../../presentation/types/values.ts';
import { farEnd, wireText } from '../../../presentation/topology.ts';
import { wireState } from '../../../presentation/wire-outcome.ts';
import type { WireState } from '../../../presentation/wire-outcome.ts';
import { sideWords } from '../../../presentation/words.ts';
import { beginsAt } from '../state/login.ts';

/** The most rows of the verdict; a longer question is shown in full in the story. */
const mostLines = 4;
const mostEvidence = 2;

/** One row: the demonstration, its progress, and the verdict in a word or two. */
export function barView(model: Model, look: Selection | undefined, pen: Pen): Sheet {
  const { words } = pen;
  const { columns } = model.size;
  const session = model.sessions[model.mode];
  // What is said of wires is nothing for a lab without any.
  const headline =
    look && model.lab?.isCluster !== true
      ? headlineOf(model, look, pen)
      : { text: '', tone: 'plain' as const };
  const isStarting = model.goal && model.sessions[model.goal.mode]?.state === 'starting';
  const state =
    look && isOfThen(look) ? words.past : isStarting ? words.states.starting : stateWord(model, look, words);
  const name = model.lab ? `${model.mode} ${model.lab.name}` : model.mode;
  const count = model.lab ? countText(model.lab, pen) : '';
  const left = [name, count, look ? whereWord(look, words) : '', state].filter(Boolean).join('   ');
  // A lesson has a row of its own. At the end the count of the claims stands beside it, small.
  const hasLesson = look !== undefined && lessonAt(look) !== undefined;
  const isCount = hasLesson && look.stop?.kind === 'verdict';
  const right =
    session?.state === 'failed'
      ? model.lab
        ? words.states.stopped
        : words.states.failed
      : hasLesson && !isCount
        ? ''
        : headline.text;
  const plainRight = pen.plain(right);
  const rightCells = cellWidth(plainRight);
  const room = columns - rightCells - 2;
  const line = pen.line(
    [
      span(pen.fit(` ${left}`, Math.max(0, room)), 'bar'),
      span(
        ` ${plainRight} `,
        plainRight === '' || (isCount && headline.tone === 'sealed') ? 'bar' : loud(headline.tone),
      ),
    ],
    columns,
  );
  return sheet(columns, [line]);
}

function headlineOf(model: Model, look: Selection, { language }: Pen): In<Headline> {
  const headline = isWatched(look)
    ? clusterHeadline(look, calmOf(model))
    : stepOutcome(look, showing(model)).headline;
  return inLanguage(headline, language);
}

const isWatched = ({ body, step, stop, scene }: Selection): boolean =>
  (body === 'cluster' && step === undefined && stop?.kind !== 'verdict') ||
  (stop?.kind === 'intro' && scene.star !== undefined && scene.sources.isVisited === true);

/** The lesson of the step, at its end; a moment chosen within the step has none. */
export function lessonAt(look: Selection): Headline | undefined {
  return look.place.moment === undefined ? lessonIn(look) : undefined;
}

/** The lesson in a row of its own, larger where there is room. */
export function lessonRows(model: Model, look: Selection, pen: Pen): Sheet {
  const { columns, rows } = model.size;
  const lesson = lessonAt(look);
  if (!lesson) return sheet(columns, []);
  const role = loudLesson(lesson.tone);
  const lines = pen
    .text(lesson.text[pen.language], columns, { head: ' ', role })
    .map((line) => pen.line([span(pen.fit(textOf(line).trimEnd(), columns), role)], columns));
  const blank = pen.line([span(' '.repeat(columns), role)], columns);
  return sheet(columns, rows >= 36 ? [blank, ...lines, blank] : lines);
}

const loudLesson = (tone: Tone): Role =>
  tone === 'leaked' || tone === 'sealed' || tone === 'refused'
    ? `${tone}-loud`
    : tone === 'warning'
      ? 'warning'
      : 'bar';

/** Whether a past moment of a running system is shown. */
const isOfThen = (look: Selection): boolean =>
  look.place.moment !== undefined ||
  (look.isPast &&
    look.body === 'cluster' &&
    look.scene.sources.isVisited === true &&
    !look.scene.sources.isCapture);

function whereWord(look: Selection, words: Pen['words']): string {
  const { scene, place, stop } = look;
  if (isWatched(look)) return '';
  const { isVisited } = scene.sources;
  if (stop?.conn !== undefined) return (isVisited ? words.connectionNumber : words.visitor)(stop.conn);
  return scene.stops.length === 0 || isVisited
    ? ''
    : words.step(place.stop + 1, Math.max(scene.planned, place.stop + 1));
}

function stateWord(model: Model, look: Selection | undefined, words: Pen['words']): string {
  const { states } = words;
  if (model.playing !== undefined) return words.playing;
  const { state, progress } = model.sessions[model.mode] ?? {};
  if (state === 'reading')
    return `${states.reading}${progress === undefined ? '' : ` ${progressBar(progress)}`}`;
  if (state === 'starting' && (look?.scene.stops.length ?? 0) === 0) return states.starting;
  if (look?.scene.running !== undefined) return states.running;
  return look !== undefined && look.scene.gone > 0 ? words.olderGone(grouped(look.scene.gone)) : '';
}

const barCells = 12;

/** `[######------] 50 %`, in any character set. */
function progressBar(done: number): string {
  const full = Math.min(barCells, Math.floor(done * barCells));
  return `[${'#'.repeat(full)}${'-'.repeat(barCells - full)}] ${Math.min(100, Math.floor(done * 100))} %`;
}

/** The text of a line rather than its mark or its margins. */
const longestOf = (line: Line): Span | undefined =>
  line.toSorted((one, other) => other.text.trim().length - one.text.trim().length)[0];

/** A line for each wire or secret; beneath a lesson they are its evidence, and fewer. */
export function verdictView(model: Model, look: Selection, pen: Pen): Sheet {
  // What a step reports of itself is its point; what the wires show stands in the panes too.
  const hasLesson = lessonAt(look) !== undefined;
  const statements = besideLesson(look, stepOutcome(look, showing(model)).statements);
  const isOfWires = statements.every(({ hop }) => hop !== undefined);
  const most = (model.size.rows >= 30 ? 2 : 1) * (hasLesson && isOfWires ? mostEvidence : mostLines);
  const lines = statementLines(statements, model, look, pen);
  return sheet(model.size.columns, cutLines(lines, most, pen, model.size.columns));
}

/** The evidence of a lesson beneath its text: what was run, and what it said. Empty without a lesson. */
export function evidenceLines(model: Model, look: Selection, pen: Pen, most: number): Line[] {
  const { columns } = model.size;
  if (!lessonAt(look)) return [];
  const headline = headlineOf(model, look, pen).text;
  const title = headline === '' ? [] : pen.text(headline, columns, { head: ' ', role: 'heading' });
  const statements = besideLesson(look, stepOutcome(look, showing(model)).statements);
  return cutLines([...title, ...statementLines(statements, model, look, pen)], most, pen, columns);
}

/** A lesson whose claims all hold rests on these, not on what the tap alone could not decide. */
function besideLesson(look: Selection, statements: readonly Statement[]): readonly Statement[] {
  const lesson = lessonAt(look);
  return lesson && lesson.tone !== 'warning' ? statements.filter(({ mark }) => mark !== '?') : statements;
}

/** All statements about a step, each in as many rows as it takes. */
function statementLines(all: readonly Statement[], model: Model, look: Selection, pen: Pen): Line[] {
  const { columns } = model.size;
  // What keys have opened is not what the wire shows.
  const opened = openedHops(model, look);
  const statements = all.filter(({ hop }) => hop === undefined || !opened.has(hop));
  const set = statements.flatMap(({ mark, tone: role, text }) =>
    pen.text(text[pen.language], columns, { head: ` ${mark} `, role }),
  );
  if (opened.size > 0)
    set.unshift(
      ...pen.text(pen.words.openedStatement([...opened].join(', ')), columns, {
        head: '   ',
        role: 'opened',
      }),
    );
  return set;
}

/** At most so many rows; the last says that there are more. */
function cutLines(set: readonly Line[], most: number, pen: Pen, columns: number): Line[] {
  const last = set[most - 1];
  if (set.length <= most || !last) return [...set];
  const text = textOf(last).trimEnd();
  return [
    ...set.slice(0, most - 1),
    pen.line(
      [span(pen.fit(`${cutAtWord(text, columns - 4)} …`, columns - 1), longestOf(last)?.role ?? 'plain')],
      columns,
    ),
  ];
}

interface Part {
  readonly text: string;
  readonly hop?: string;
}

/** Two rows: the path of the login, and below each wire what an eavesdropper can read there. */
export function topologyView(model: Model, look: Selection, pen: Pen): Sheet {
  const { columns } = model.size;
  const parts = partsFor(look, pen, columns - 2);
  const states = new Map(shownHops(look).map((hop) => [hop, wireState(look, hop)]));
  const opened = openedHops(model, look);
  const upper: Span[] = [spaces(1)];
  const lower: Span[] = [spaces(1)];
  const regions: Region[] = [];
  const isChoice = parts.filter(({ hop }) => hop !== undefined).length > 1;
  let at = 1;
  let lowerAt = 1;
  for (const { text, hop } of parts) {
    const width = cellWidth(text);
    if (hop === undefined) {
      upper.push(span(text, 'strong'));
    } else {
      const state = states.get(hop) ?? 'quiet';
      const isOpened = opened.has(hop);
      const role = isOpened ? 'opened' : roleOf[state];
      const chosen = hop === look.hop && isChoice;
      upper.push(span(text, chosen ? 'selected' : role));
      const word = pen.plain(isOpened ? pen.words.openedBadge : pen.words.wireStates[state]);
      const marked = word === '' ? '' : `${isOpened ? ' ' : markOf[state]} ${word}`.trimStart();
      const start = Math.max(lowerAt, at + Math.floor((width - cellWidth(marked)) / 2));
      lower.push(spaces(start - lowerAt), span(marked, role));
      lowerAt = start + cellWidth(marked);
      regions.push(
        { row: 0, column: at, width, message: { type: 'choose-wire', hop } },
        { row: 1, column: at, width, message: { type: 'choose-wire', hop } },
      );
    }
    at += width;
  }
  return sheet(columns, [pen.line(upper, columns), pen.line(lower, columns)], regions);
}

/** The wires whose bytes are shown as keys have opened them. */
function openedHops(model: Model, look: Selection): ReadonlySet<string> {
  const looks =
    look.body === 'wires'
      ? besideEachOther(model, look)
      : look.body === 'lab'
        ? labLooks(model, look)
        : [look];
  return new Set(looks.flatMap((one) => (one.hop !== undefined && isOpenedOn(model, one) ? [one.hop] : [])));
}

const markOf: Readonly<Record<WireState, string>> = { quiet: '', readable: '!', sealed: '#', refused: 'x' };

const roleOf: Readonly<Record<WireState, Role>> = {
  quiet: 'dim',
  readable: 'leaked',
  sealed: 'sealed',
  refused: 'refused',
};

/** Names and wires in the longest form that fits. */
function partsFor(look: Selection, pen: Pen, cells: number): Part[] {
  const forms = [
    { seats: true, kinds: true, dashes: 2 },
    { seats: true, kinds: true, dashes: 1 },
    { seats: true, kinds: false, dashes: 1 },
    { seats: false, kinds: true, dashes: 1 },
    { seats: false, kinds: false, dashes: 1 },
  ];
  let parts: Part[] = [];
  for (const form of forms) {
    parts = partsAs(look, pen, form);
    if (parts.reduce((sum, { text }) => sum + cellWidth(text), 0) <= cells) return parts;
  }
  return parts.map((part) =>
    part.hop === undefined
      ? { text: pen.short(part.text, Math.max(4, Math.floor(cells / parts.length))) }
      : part,
  );
}

/** The wires to show: the path, or the selected wire if it is not on the path. */
function shownHops({ hops, hop }: Selection): readonly string[] {
  return hop === undefined || hops.includes(hop) ? hops : [hop];
}

function partsAs(
  look: Selection,
  pen: Pen,
  { seats, kinds, dashes }: { seats: boolean; kinds: boolean; dashes: number },
): Part[] {
  const { scene, step } = look;
  const hops = shownHops(look);
  const { language } = pen;
  const parts: Part[] = [];
  for (const [index, hop] of hops.entries()) {
    const wire = scene.wire(hop);
    if (!wire) continue;
    // A path that does not start where the one before it ended is another of the same client, or branches off.
    const before = index === 0 ? undefined : scene.wire(hops[index - 1] ?? '');
    const client =
      (look.hops.includes(hop) ? step?.client : undefined) ??
      (wire.alsoFrom?.length ? sideWords.client[language] : wire.from);
    if (!before) parts.push({ text: pen.plain(client) });
    else if (before.to !== wire.from)
      parts.push({ text: pen.plain(beginsAt(wire, step?.client) ? `   ${client}` : `, ${wire.from}`) });
    const clients = step ? [step.client] : [wire.from, ...(wire.alsoFrom ?? [])];
    parts.push({ text: ` ${pen.plain(wireText(wire, clients, language, { seats, dashes }))} `, hop });
    const to = scene.topology.participants.find(({ name }) => name === wire.to);
    parts.push({ text: pen.plain(farEnd(wire.to, to, { kinds })) });
  }
  return parts;
}
