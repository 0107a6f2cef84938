/** Draws the end of a run: its lesson and tables, its claims and what they leave open, and the manual commands. */
import { inLanguage } from '../../../i18n/language.ts';
import type { Localized } from '../../../i18n/language.ts';
import { cutToCells } from '../../../i18n/width.ts';
import { routerStatements } from '../../../presentation/wires/router.ts';
import { claimsOf } from '../../../presentation/takeaway.ts';
import { commandsFor, findingStatement, verdictReport } from '../../../presentation/report/verdict.ts';
import type { Statement, TypedCommand } from '../../../presentation/types/values.ts';
import type { Line } from '../frame.ts';
import { span } from '../pen.ts';
import type { Pen } from '../pen.ts';
import type { Selection } from '../state/selection.ts';
import { tablesOf } from '../state/stop/tables.ts';
import { heading, paragraphs, tableView, widest } from './prose.ts';

/** The end of a run: how many claims hold, the tables; and the commands while servers stay up. Its lesson stands above. */
export function verdictLines(look: Selection, pen: Pen, width: number): Line[] {
  const { language } = pen;
  const { scene } = look;
  const lines: Line[] =
    scene.ways.length > 0 ? [...waysLines(look, pen, width).lines, pen.blank(width)] : [pen.blank(width)];
  const findings = scene.verdict?.findings ?? [];
  const missed = findings.filter(({ status }) => status !== 'met');
  lines.push(
    ...paragraphs(pen, claimsOf(findings, scene.verdict?.leftOut)[language], width, {
      role: missed.length > 0 ? 'warning' : 'plain',
    }),
    // What does not hold is said at once.
    ...missed.flatMap((finding) => statementLines(findingStatement(finding), pen, width)),
    ...(scene.verdict?.router ? routerStatements(scene.verdict.router) : []).flatMap((statement) =>
      statementLines(statement, pen, width),
    ),
    pen.line([span(` ${pen.words.claimsAway}`, 'dim')], width),
    pen.blank(width),
  );
  const { compared, refusals } = tablesOf(scene);
  for (const table of [...compared, ...refusals])
    lines.push(...tableView(table, pen, width), pen.blank(width));
  return lines;
}

function statementLines(statement: Statement, pen: Pen, width: number): Line[] {
  const { mark, tone, text } = inLanguage(statement, pen.language);
  return pen.text(text, width, { widest, head: ` ${mark} `, role: tone });
}

/** Every claim of a run with its status, and what the claims leave open. */
export function claimsLines(look: Selection, pen: Pen, width: number): Line[] {
  const { language } = pen;
  const { scene } = look;
  const findings = scene.verdict?.findings ?? [];
  const lines: Line[] = [];
  const titleOf = (step: string): Localized | undefined => scene.narrationOf(step)['step-title'];
  const { sections, closing } = inLanguage(
    verdictReport(scene.verdict ?? { scenario: '', status: 'failed', findings }, {
      titleOf,
      narration: scene.narration,
    }),
    language,
  );
  for (const { title, statements } of sections) {
    lines.push(...heading(pen, title, width));
    for (const { mark, tone, text } of statements)
      lines.push(...pen.text(text, width, { widest, head: ` ${mark} `, role: tone }));
    lines.push(pen.blank(width));
  }
  for (const { title, text } of closing)
    lines.push(
      ...heading(pen, title, width),
      pen.blank(width),
      ...paragraphs(pen, text, width),
      pen.blank(width),
    );
  return lines;
}

/** The manual commands, in the order of the screen. */
export function commandsOf({ scene }: Selection): readonly TypedCommand[] {
  return commandsFor(scene.ways, scene.scripts);
}

/** The manual commands below what they are for. `starts` has the first line of each command. */
export function waysLines(
  look: Selection,
  pen: Pen,
  width: number,
): { readonly lines: Line[]; readonly starts: readonly number[] } {
  const { scripts } = look.scene;
  const head = paragraphs(pen, scripts ? pen.words.holdingScripts : pen.words.holding, width);
  if (scripts?.folder !== undefined)
    head.push(pen.blank(width), pen.line([span(`   cd ${scripts.folder}`)], width), pen.blank(width));
  const { lines, starts } = commandLines(commandsOf(look), look.place.command ?? 0, pen, width);
  return { lines: [...head, ...lines], starts: starts.map((at) => at + head.length) };
}

/** Commands, the chosen one marked. `starts` has the first line of each. */
export function commandLines(
  commands: readonly TypedCommand[],
  chosen: number,
  pen: Pen,
  width: number,
): { readonly lines: Line[]; readonly starts: readonly number[] } {
  const { language } = pen;
  const lines: Line[] = [];
  const starts: number[] = [];
  const cells = Math.max(...commands.map(({ typed = '' }) => pen.width(typed)));
  for (const [index, { title, line, typed }] of commands.entries()) {
    const isChosen = index === chosen;
    if (typed !== undefined) {
      starts.push(lines.length);
      lines.push(
        pen.line(
          [
            span(isChosen ? ' > ' : '   ', 'key'),
            span(pen.fit(typed, cells), isChosen ? 'selected' : 'strong'),
            span(`   ${title[language]}`, 'dim'),
          ],
          width,
        ),
      );
      continue;
    }
    lines.push(pen.blank(width), ...heading(pen, title[language], width));
    starts.push(lines.length);
    // Not wrapped at words, so that they can be copied.
    for (const [row, text] of line
      .split('\n')
      .flatMap((part) => broken(pen.plain(part), width - 4))
      .entries()) {
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

/** Broken wherever a line is full, so that copying adds nothing. */
function broken(text: string, cells: number): string[] {
  const lines: string[] = [];
  for (let rest = text; rest !== ''; ) {
    const line = cutToCells(rest, cells) || String.fromCodePoint(rest.codePointAt(0) ?? 0);
    lines.push(line);
    rest = rest.slice(line.length);
  }
  return lines;
}
