/**
 * Screens kept as text files that a person can read: one a demonstration and language, its moments under headings.
 * `make snapshots` updates them; otherwise differences are reported line by line.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** A screen under its heading. */
export interface Moment {
  readonly heading: string;
  readonly screen: string;
}

const folder = resolve(import.meta.dirname, '../../../../../test/ui/tui/snapshots');

/** A line that no screen begins with: screens leave their first cell blank, or draw a rule there. */
const headingMark = '######## ';

/** A readable difference from the kept file; undefined without one. */
export function differenceFrom(name: string, moments: readonly Moment[]): string | undefined {
  const file = resolve(folder, `${name}.txt`);
  const text = moments
    .map(({ heading, screen }) => `${headingMark}${heading}\n${screen.replace(/\n+$/, '')}\n`)
    .join('\n');
  if (process.env['WIRELAB_UPDATE_SNAPSHOTS'] === '1') {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return undefined;
  }
  if (!existsSync(file)) return `${name}.txt is not there; make snapshots writes it`;
  const kept = momentsIn(readFileSync(file, 'utf8'));
  const now = momentsIn(text);
  const differences: string[] = [];
  for (const heading of new Set([...kept.keys(), ...now.keys()])) {
    const before = kept.get(heading);
    const after = now.get(heading);
    if (before === after) continue;
    differences.push(
      `${heading}${before === undefined ? ': new' : after === undefined ? ': gone' : ''}`,
      ...(before === undefined || after === undefined ? [] : linesThatDiffer(before, after)),
    );
  }
  if (differences.length === 0) return undefined;
  return [
    `${name}.txt is not what is shown (-kept, +shown); make snapshots updates it`,
    ...differences.slice(0, 60),
    ...(differences.length > 60 ? [`… ${differences.length - 60} lines more`] : []),
  ].join('\n');
}

function momentsIn(text: string): Map<string, string> {
  const parts = text.split(new RegExp(`^${headingMark}`, 'm')).slice(1);
  return new Map(
    parts.map((part) => [part.slice(0, part.indexOf('\n')), part.slice(part.indexOf('\n') + 1)]),
  );
}

function linesThatDiffer(before: string, after: string): string[] {
  const kept = before.split('\n');
  const shown = after.split('\n');
  return Array.from({ length: Math.max(kept.length, shown.length) }, (_, row) => row).flatMap((row) => {
    if (kept[row] === shown[row]) return [];
    const number = String(row + 1).padStart(3);
    return [
      ...(kept[row] === undefined ? [] : [`${number} - ${kept[row]}`]),
      ...(shown[row] === undefined ? [] : [`${number} + ${shown[row]}`]),
    ];
  });
}
