/**
 * Draws the first screen: from top to bottom the bar, the list with what is said about the chosen entry, and the keys. Every
 * line is exactly as wide as the terminal.
 */
import { smallest } from '../frame.ts';
import type { Frame, Line, Role, Span } from '../frame.ts';
import { Pen, span, spaces } from '../pen.ts';
import { homeLayout } from './layout.ts';
import type { HomeLayout } from './layout.ts';
import { chosenEntry, listed } from './model.ts';
import type { Group, HomeEntry, HomeModel } from './model.ts';
import { homeWords } from './words.ts';
import type { Hint } from './words.ts';

export function homeView(model: HomeModel): Frame {
  const { columns, rows } = model.size;
  const pen = new Pen(model);
  if (columns < smallest.columns || rows < smallest.rows) {
    const text = pen.words.tooSmall(columns, rows, smallest.columns, smallest.rows);
    return frame(model, pen, pen.window(lined(pen, text, columns), columns, rows));
  }
  const layout = homeLayout(model);
  return frame(model, pen, [barLine(model, pen), ...bodyLines(model, layout, pen), footLine(model, pen)]);
}

const lined = (pen: Pen, text: string, columns: number): Line[] =>
  pen.paragraph(text, Math.max(1, columns)).map((line) => pen.line(line, columns));

function frame({ size: { columns, rows } }: HomeModel, pen: Pen, lines: readonly Line[]): Frame {
  return { columns, rows, lines: pen.window(lines, columns, rows), regions: [] };
}

function barLine(model: HomeModel, pen: Pen): Line {
  const { columns } = model.size;
  const words = homeWords[model.language];
  const seen = model.entries.filter(({ key }) => model.seen.has(key)).length;
  const right = pen.plain(`${words.seen(seen, model.entries.length)} `);
  const left = ` wirelab   ${words.about}`;
  return [
    span(pen.fit(left, Math.max(0, columns - pen.width(right))), 'bar'),
    span(pen.fit(right, Math.min(columns, pen.width(right))), 'bar'),
  ];
}

function bodyLines(model: HomeModel, layout: HomeLayout, pen: Pen): Line[] {
  const { columns, rows } = model.size;
  if (model.failure) return failureLines(model.failure, model, pen, rows - 2);
  const list = listLines(model, layout, pen);
  const { about } = layout;
  if (!about) return list;
  const text = pen.window(aboutLines(model, about, pen), about.columns, about.rows);
  if (!about.beside) return [...list, ...text];
  return pen
    .beside(
      [
        { width: layout.width, lines: list },
        { width: about.columns, lines: text },
      ],
      about.rows,
    )
    .map((line) => pen.line(line, columns));
}

// ---------------------------------------------------------------- the list

/** Cells of the numbers at the right, and of the mark at the left. */
const numberCells = 6;
const markCells = 3;

function listLines(model: HomeModel, layout: HomeLayout, pen: Pen): Line[] {
  const entries = listed(model);
  const { width, height, rows, top } = layout;
  if (entries.length === 0)
    return pen.window(
      pen.text(homeWords[model.language].nothing(model.filter), width, { margin: true }),
      width,
      height,
    );
  // The names of a group take as much room as they need: those of the labs are longer.
  const nameCells = (group: Group): number =>
    Math.min(
      Math.floor(width * 0.42),
      Math.max(...entries.filter((one) => one.group === group).map(({ name }) => pen.width(name))),
    );
  const lines = rows.slice(top, top + height).map((row) => {
    if ('heading' in row) return headingLine(row.heading, width, pen);
    const entry = entries[row.entry];
    return entry
      ? entryLine(entry, row.entry === model.chosen, { model, pen, width, name: nameCells(entry.group) })
      : pen.blank(width);
  });
  return pen.window(lines, width, height);
}

function headingLine(group: Group, width: number, pen: Pen): Line {
  const words = homeWords[pen.language];
  const count = group === 'tools' ? '' : words.counts[group];
  const numbers = `${count === '' ? '' : right(pen, words.minutes)}${right(pen, count)} `;
  return pen.line(
    [span(pen.fit(` ${words.groups[group]}`, width - pen.width(numbers)), 'heading'), span(numbers, 'dim')],
    width,
  );
}

interface Drawn {
  readonly model: HomeModel;
  readonly pen: Pen;
  readonly width: number;
  /** Cells of the name. */
  readonly name: number;
}

function entryLine(entry: HomeEntry, isChosen: boolean, { model, pen, width, name }: Drawn): Line {
  const role = (usual: Role): Role => (isChosen ? 'selected' : usual);
  const numbers = `${right(pen, entry.minutes ? String(entry.minutes[model.language]) : '')}${right(pen, entry.steps === undefined ? '' : String(entry.steps))} `;
  const title = Math.max(0, width - markCells - name - 2 - pen.width(numbers));
  const spans: Span[] = [
    span(pen.fit(` ${model.seen.has(entry.key) ? '✓' : ' '} `, markCells), role('sealed')),
    span(pen.fit(entry.name, name), role('key')),
    span(`  ${pen.fit(entry.title[model.language], title)}`, role('plain')),
    span(numbers, role('dim')),
  ];
  return pen.line(spans, width);
}

/** Right-aligned in the cells of a number. */
function right(pen: Pen, text: string): string {
  const plain = pen.plain(text);
  return `${' '.repeat(Math.max(0, numberCells - pen.width(plain)))}${plain}`;
}

// ---------------------------------------------------------------- about the chosen entry

function aboutLines(
  model: HomeModel,
  { columns, rows, beside }: NonNullable<HomeLayout['about']>,
  pen: Pen,
): Line[] {
  const entry = chosenEntry(model);
  const rule = beside ? [] : [pen.rule(columns, entry ? [{ at: 1, text: entry.name }] : [])];
  if (!entry) return rule;
  const { language } = model;
  const widest = Math.min(76, columns - 2);
  const paragraph = (text: string, role: Role = 'plain'): Line[] =>
    pen.text(text, columns, { margin: true, role, widest });
  const commands = [
    { line: `./wirelab ${entry.words.join(' ')}${entry.ask ? ' …' : ''}`, does: undefined },
    ...(entry.examples ?? []).map(({ line, does }) => ({ line, does: does[language] })),
  ].slice(entry.examples?.length ? 1 : 0);
  if (beside) {
    const examples = commands.flatMap(({ line, does }) => [
      pen.blank(columns),
      ...paragraph(line, 'key'),
      ...(does === undefined ? [] : paragraph(does, 'dim')),
    ]);
    const title = paragraph(entry.title[language], 'heading');
    const room = rows - 1 - title.length - 1 - examples.length - 1;
    return [
      pen.blank(columns),
      ...title,
      pen.blank(columns),
      ...cut(paragraph(entry.summary[language]), room, columns, pen),
      ...examples,
    ];
  }
  const title = paragraph(entry.title[language], 'heading').slice(0, 2);
  const typed = commands
    .slice(0, entry.examples?.length ? 3 : 1)
    .map(({ line }) => pen.line([spaces(1), span(line, 'key')], columns));
  const room = rows - rule.length - title.length - typed.length;
  return [...rule, ...title, ...cut(paragraph(entry.summary[language]), room, columns, pen), ...typed];
}

/** At most so many lines; the last one ends with a mark if there are more. */
function cut(lines: readonly Line[], most: number, columns: number, pen: Pen): Line[] {
  if (lines.length <= most) return [...lines];
  const shown = lines.slice(0, Math.max(0, most));
  const last = shown.pop();
  if (!last) return [];
  const text = last
    .map((one) => one.text)
    .join('')
    .trimEnd();
  return [...shown, pen.line([span(`${pen.fit(text, Math.min(pen.width(text), columns - 3))} …`)], columns)];
}

function failureLines(failure: readonly string[], model: HomeModel, pen: Pen, height: number): Line[] {
  const { columns } = model.size;
  const lines = [
    pen.blank(columns),
    ...pen.text(homeWords[model.language].failed, columns, { margin: true, role: 'warning' }),
    pen.blank(columns),
    ...failure.flatMap((line) => pen.text(line, columns, { margin: true })),
  ];
  return pen.window(lines, columns, height);
}

// ---------------------------------------------------------------- the keys

function footLine(model: HomeModel, pen: Pen): Line {
  const { columns } = model.size;
  const words = homeWords[model.language];
  const entry = chosenEntry(model);
  if (model.typing) {
    const head = model.typing === 'filter' ? ' /' : ` ${entry?.ask?.[model.language] ?? ''}: `;
    const text = model.typing === 'filter' ? model.filter : model.answer;
    // What is typed last is what one looks at.
    const room = Math.max(1, columns - pen.width(head) - 1);
    return pen.line([span(head, 'key'), span(tail(pen, text, room), 'strong'), span(' ', 'cursor')], columns);
  }
  if (model.failure) return pen.line([spaces(1), span(words.back, 'strong')], columns);
  const short = entry?.short?.steps;
  const hints =
    model.filter === '' ? words.hints(model.ascii, short) : words.filteredHints(model.filter, short);
  // What does not fit is left out as a whole; how to leave comes last and is always there.
  const cells = ([key, does]: Hint): number => pen.width(`${key} ${does}  `);
  const last = hints.at(-1);
  let left = columns - 1 - (last ? cells(last) : 0);
  const shown = hints.filter((hint) => hint === last || (left -= cells(hint)) >= 0);
  return pen.line(
    [spaces(1), ...shown.flatMap(([key, does]) => [span(key, 'key'), span(` ${does}  `, 'dim')])],
    columns,
  );
}

/** The end of a text that is too long. */
function tail(pen: Pen, text: string, cells: number): string {
  const characters = Array.from(text);
  while (pen.width(characters.join('')) > cells) characters.shift();
  return characters.join('');
}
