/**
 * Longer text: the story of a stop, the speaker's notes, the findings, the card, the explanation, help. Each is a list of
 * lines as long as it is; the window that shows a part of them is `view.ts`'s.
 */
import { fieldPathAt } from '../../../core/field.ts';
import { toOffset } from '../../../core/hex.ts';
import { inLanguage, verbatim } from '../../../i18n/language.ts';
import type { Language, Localized } from '../../../i18n/language.ts';
import { grouped } from '../../../i18n/number.ts';
import { tableLines } from '../../../i18n/table.ts';
import { cellWidth, cutToCells } from '../../../i18n/width.ts';
import { cardText, refusalCard } from '../../../presentation/card.ts';
import { explainField } from '../../../presentation/explain.ts';
import { refusalTable } from '../../../presentation/refusal-table.ts';
import { refusalsOf, serverCertificates } from '../../../presentation/refusals.ts';
import type { RefusalStory } from '../../../presentation/refusals.ts';
import type { CardRowKind, Table } from '../../../presentation/types/values.ts';
import { commandsFor, verdictReport } from '../../../presentation/verdict.ts';
import type { Line, Role } from '../frame.ts';
import { keyRows } from '../keymap.ts';
import type { Action, KeyRow } from '../keymap.ts';
import { refusedConnections } from '../../../presentation/moment.ts';
import { pointed } from '../state/selection.ts';
import type { Selection } from '../state/selection.ts';
import { maskedIn } from '../state/masking.ts';
import { titleOf } from '../state/page.ts';
import type { Model } from '../state/model.ts';
import { span, spaces } from '../pen.ts';
import type { Pen } from '../pen.ts';
import { sheet } from './sheet.ts';
import type { Sheet } from './sheet.ts';
import { screenWords } from '../state/words.ts';

/** Wider than this no text is set: nobody finds the next line. */
const widest = 100;

/** Paragraphs between margins, a blank line after each; a line that is set in (a command) stays a line. */
function paragraphs(
  pen: Pen,
  text: string,
  width: number,
  options: { readonly role?: Role; readonly head?: string } = {},
): Line[] {
  const cells = Math.min(width - 2, widest);
  const { role = 'plain', head = '' } = options;
  return text.split(/\n{2,}/).flatMap((paragraph, index) => [
    ...(index > 0 ? [pen.blank(width)] : []),
    ...pen
      .paragraph(paragraph.replaceAll(/\n(?! {2})/g, ' '), cells, {
        role,
        head: index === 0 ? head : ' '.repeat(head.length),
      })
      .map((line) => pen.line([spaces(1), ...line], width)),
  ]);
}

function heading(pen: Pen, text: string, width: number): Line[] {
  return pen
    .paragraph(text, Math.min(width - 2, widest), { role: 'heading' })
    .map((line) => pen.line([spaces(1), ...line], width));
}

/** What a stop is about, below its title: the introduction, what is asked, or what was seen. */
export function storyLines(
  look: Selection,
  pen: Pen,
  width: number,
  { titled = true }: { readonly titled?: boolean } = {},
): Line[] {
  const { scene, stop } = look;
  const { language } = pen;
  const blank = pen.blank(width);
  const part = (
    text: Localized | undefined,
    options: { readonly role?: Role; readonly head?: string } = {},
  ): Line[] => (text ? [...paragraphs(pen, text[language], width, options), blank] : []);
  if (stop === undefined) return [];
  const told = scene.toldOf(stop.step);
  const title = stop.kind === 'intro' ? scene.told.title : told['step-title'];
  const head = title && titled ? [...heading(pen, title[language], width), blank] : [];
  if (stop.kind === 'intro') return [...head, ...part(scene.told.intro)];
  if (stop.kind === 'question')
    return [...head, ...part(told.before), ...part(told.question, { role: 'question', head: '? ' })];
  const chain = chainDrawing(look, pen, width);
  const stores = scene
    .reports(look.first, look.last)
    .flatMap((report) => scene.shown.of(report).story?.(report)[language] ?? []);
  return [
    ...head,
    ...(chain.length > 0 ? [...chain, blank] : []),
    ...stores.flatMap((text) => [...paragraphs(pen, text, width), blank]),
    ...part(told.after ?? told.before),
  ];
}

/** The chains that clients were shown in what is shown, as they went up them. */
function chainDrawing({ scene, first, last }: Selection, pen: Pen, width: number): Line[] {
  const { language } = pen;
  const cells = Math.min(width - 1, widest);
  const { flows } = scene.sources;
  return scene.reports(first, last).flatMap((report) => {
    const shown = scene.shown.of(report);
    if (!shown.chain) return [];
    const connection = flows.connections.find(
      (one) => one.firstSeq >= first && one.firstSeq <= last && scene.speakers.of(one)?.who === report.who,
    );
    const sent = connection && serverCertificates(connection, flows);
    const { title, links } = inLanguage(shown.chain(report, sent), language);
    return [
      ...pen.paragraph(title, cells, { head: ' ', role: 'heading' }).map((line) => pen.line(line, width)),
      ...links.flatMap(({ branch, mark, text }) =>
        pen
          .paragraph(text, cells, {
            head: ` ${branch.length > cells / 2 ? '… ' : branch}${mark} `,
            role: mark === '✗' ? 'refused' : 'plain',
            headRole: mark === '✗' ? 'refused' : 'sealed',
          })
          .map((line) => pen.line(line, width)),
      ),
    ];
  });
}

export function notesLines(look: Selection, pen: Pen, width: number): Line[] {
  const { speaker } = look.scene.toldOf(look.stop?.step);
  return paragraphs(pen, speaker?.[pen.language] ?? screenWords.noNotes[pen.language], width, {
    role: speaker ? 'plain' : 'dim',
  });
}

/** The refusals in what is shown. */
export function refusalsIn({
  scene,
  first,
  last,
}: Pick<Selection, 'scene' | 'first' | 'last'>): RefusalStory[] {
  const connections = refusedConnections(scene, first, last);
  const failure = scene.failureAt(scene.stops.find(({ from }) => from === first));
  if (failure && connections.includes(failure.connection)) return [failure.story];
  return connections
    .flatMap((connection) =>
      refusalsOf(connection, first, scene.sources.flows, scene.topology, scene.speakers),
    )
    .filter(({ refusal }) => refusal.seq <= last);
}

const cardRoles: Readonly<Partial<Record<CardRowKind, Role>>> = {
  because: 'strong',
  presented: 'refused',
  expected: 'sealed',
  remedy: 'plain',
};

export function cardLines(look: Selection, pen: Pen, width: number): Line[] {
  const { language } = pen;
  const cells = Math.min(width - 1, widest);
  // What is held up can be tried now.
  const { scene, step } = look;
  const byHand = step && scene.shown.first((shown) => shown.byHand?.(step, scene.ways));
  return refusalsIn(look).flatMap((story, index) => {
    const card = refusalCard(story, {
      topology: look.scene.topology,
      inStep: look.stop?.step !== undefined,
      command: story.reported && look.scene.sources.reproduce?.(story.reported),
    });
    const { headline, rows } = inLanguage(card, language);
    const labels = Math.max(...rows.map(({ label }) => pen.width(label)));
    return [
      ...(index > 0 ? [pen.blank(width)] : []),
      ...pen.paragraph(headline, cells, { head: ' ', role: 'refused' }).map((line) => pen.line(line, width)),
      ...rows.flatMap((row) =>
        pen
          .paragraph(row.kind === 'seeIt' ? (byHand ?? row.text) : cardText(row), cells, {
            head: ` ${pen.fit(row.label, labels)}  `,
            headRole: 'dim',
            role: cardRoles[row.kind] ?? 'plain',
          })
          .map((line) => pen.line(line, width)),
      ),
    ];
  });
}

/** The end of a run: all refusals as a table, what was proven, what was not, and how to go on by hand. */
export function verdictSheet(look: Selection, pen: Pen, width: number): Sheet {
  const { language } = pen;
  const { scene } = look;
  const lines: Line[] = [];
  if (scene.ways.length > 0) lines.push(...waysLines(look, pen, width).lines, pen.blank(width));
  const refusals = refusalsIn({ ...look, first: 0, last: Infinity }).filter(
    ({ refusal }) => scene.sources.steps.at(refusal.seq) !== undefined,
  );
  const findings = scene.verdict?.findings ?? [];
  const titleOf = (step: string): Localized | undefined => scene.toldOf(step)['step-title'];
  const tables = [
    refusalTable(refusals),
    ...scene.tables.map((one) => one.table({ findings, titleOf: (step) => titleOf(step) ?? verbatim(step) })),
  ];
  for (const table of tables) if (table) lines.push(...tableView(table, pen, width), pen.blank(width));
  const { sections, closing } = inLanguage(
    verdictReport(scene.verdict ?? { scenario: '', status: 'failed', findings }, {
      titleOf,
      told: scene.told,
    }),
    language,
  );
  for (const { title, statements } of sections) {
    lines.push(...heading(pen, title, width));
    for (const { mark, tone, text } of statements)
      lines.push(
        ...pen
          .paragraph(text, Math.min(width - 1, widest), {
            head: ` ${mark} `,
            role: tone,
            headRole: mark === '✓' ? 'sealed' : 'leaked',
          })
          .map((line) => pen.line(line, width)),
      );
    lines.push(pen.blank(width));
  }
  for (const { title, text } of closing)
    lines.push(
      ...heading(pen, title, width),
      pen.blank(width),
      ...paragraphs(pen, text, width),
      pen.blank(width),
    );
  return sheet(width, lines);
}

/** The commands with which somebody comes by hand, in the order of the screen. */
export function commandsOf(
  { scene }: Selection,
  language: Language,
): { readonly title: string; readonly command: string }[] {
  return commandsFor(scene.ways).flatMap(({ title, commands }) =>
    commands.map((command, index) => ({ title: index === 0 ? title[language] : '', command })),
  );
}

/** Not wrapped at words: they are there to be copied. `starts` says on which line each command begins. */
export function waysLines(
  look: Selection,
  pen: Pen,
  width: number,
): { readonly lines: Line[]; readonly starts: readonly number[] } {
  const { language } = pen;
  const lines = paragraphs(pen, screenWords.holding[language], width);
  const starts: number[] = [];
  for (const [index, { title, command }] of commandsOf(look, language).entries()) {
    if (title) lines.push(pen.blank(width), ...heading(pen, title, width));
    starts.push(lines.length);
    const isChosen = index === (look.place.command ?? 0);
    for (const [row, text] of broken(pen.plain(command), width - 4).entries()) {
      lines.push(
        pen.line(
          [
            span(row > 0 ? '   ' : isChosen ? ' > ' : ' $ ', isChosen ? 'key' : 'dim'),
            span(text, isChosen ? 'selected' : 'plain'),
          ],
          width,
        ),
      );
    }
  }
  return { lines, starts };
}

/** Cut wherever a line is full, so that nothing is added to what is copied from it. */
function broken(text: string, cells: number): string[] {
  const lines: string[] = [];
  for (let rest = text; rest !== ''; ) {
    const line = cutToCells(rest, cells) || String.fromCodePoint(rest.codePointAt(0) ?? 0);
    lines.push(line);
    rest = rest.slice(line.length);
  }
  return lines;
}

function tableView(table: Table, pen: Pen, width: number): Line[] {
  const { title, head, rows, legend } = inLanguage(table, pen.language);
  const cells = [head, ...rows].map((row) => row.map((cell) => pen.plain(cell)));
  return [
    ...heading(pen, title, width),
    ...tableLines(cells, Math.min(width, widest)).map(({ row, text }) =>
      pen.line([span(text, row === 0 ? 'heading' : 'plain')], width),
    ),
    ...paragraphs(pen, legend, width),
  ];
}

/** What the byte under the cursor is; the title apart. */
export function explanationLines(
  model: Model,
  look: Selection,
  pen: Pen,
  width: number,
): { readonly title: string; readonly lines: Line[] } {
  const { language } = pen;
  const place = pointed(look);
  if (!place) return { title: screenWords.explanation[language], lines: [] };
  const { message } = place.row;
  const text = (words: string, role: Role = 'plain', head = ''): Line[] =>
    pen
      .paragraph(words, Math.min(width - 2, widest), { role, head, headRole: 'dim' })
      .map((line) => pen.line([spaces(1), ...line], width));
  if (message.reconstructed)
    return { title: message.title[language], lines: text(screenWords.reconstructedText[language]) };
  if (message.notKept !== undefined)
    return {
      title: titleOf(message, look.recording)[language],
      lines: text(
        look.recording === undefined
          ? screenWords.notKeptText[language]
          : screenWords.inRecordingText[language](look.recording),
      ),
    };
  const root = message.field();
  const path = root ? fieldPathAt(root, place.offset) : [];
  const explanation = explainField(path, language);
  const field = path.at(-1);
  const value = maskedIn(model, message, explanation?.value ?? '');
  const sealed = message.sealed ? text(screenWords.sealedText[language]) : [];
  if (!explanation || !field) return { title: message.title[language], lines: [...sealed] };
  const [start, end] = field.range;
  return {
    title: explanation.name,
    lines: [
      ...text(explanation.id, 'dim'),
      ...(value.trim() ? text(value, 'strong', `${screenWords.valueIs[language]}: `) : []),
      ...text(explanation.meaning),
      ...explanation.remarks.flatMap((remark) => text(remark, 'warning', '! ')),
      ...sealed,
      ...text(screenWords.bytesRange[language](toOffset(start), grouped(end - start)), 'dim'),
      ...(explanation.source ? text(explanation.source, 'dim') : []),
    ],
  };
}

/** Every key with what it does, in as many columns as there is room for. */
export function helpLines(pen: Pen, width: number, height: number): Line[] {
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

/** The keys that do something here, as many as there is room for; help is always among them. */
export function hintLine(look: Selection | undefined, pen: Pen, width: number): Line {
  const rows = keyRows.filter(({ action, hint }) => hint && isOfUse(action, look));
  const words = ({ shown, hint }: KeyRow): readonly [string, string] => [
    pen.plain(shown),
    ` ${pen.plain(hint?.[pen.language] ?? '')}  `,
  ];
  const cells = (row: KeyRow): number => words(row).reduce((sum, word) => sum + cellWidth(word), 0);
  const help = rows.find(({ action }) => action === 'help');
  let left = width - 1 - (help ? cells(help) : 0);
  const shown = rows.filter((row) => {
    if (row === help) return true;
    const fits = cells(row) <= left;
    if (fits) left -= cells(row);
    return fits;
  });
  return pen.line(
    [spaces(1), ...shown.flatMap((row) => [span(words(row)[0], 'key'), span(words(row)[1], 'dim')])],
    width,
  );
}

function isOfUse(action: Action, look: Selection | undefined): boolean {
  // A proxy by itself has no counterpart.
  if (action === 'mode') return look === undefined || !look.scene.sources.isVisited;
  if (action === 'wire') return (look?.body === 'wire' || look?.body === 'cluster') && look.choice.length > 1;
  if (action === 'explain') return look?.body !== 'cluster' || look.step !== undefined;
  if (action === 'open' || action === 'sides')
    return look?.body === 'wire' && look.rows.findIndex(({ protocol }) => protocol === 'tls') >= 0;
  if (action === 'layout') return look?.body === 'wire';
  if (action === 'view')
    return look?.stop?.kind === 'reveal' || look?.stop?.kind === 'visitor' || look?.scene.star !== undefined;
  return true;
}
