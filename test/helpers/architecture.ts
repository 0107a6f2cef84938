/**
 * `make architecture`: draws the modules and what each imports (docs/architecture.svg), and writes the table of them into
 * docs/architecture.md. Both are made from the import lines and from `modules.ts`; a test compares what is committed.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { dependenciesOf, moduleOrder } from './modules.ts';

const root = resolve(import.meta.dirname, '../../..');
export const pictureFile = join(root, 'docs', 'architecture.svg');
export const documentFile = join(root, 'docs', 'architecture.md');

const [cell, left, top] = [30, 130, 96] as const;
const [ink, frame, dot] = ['#102a43', '#9fb3c8', '#35618f'] as const;

/**
 * A module is a row and a column; a dot says that the module of the row imports the one of the column. Since each imports only
 * what stands before it, every dot lies below the diagonal.
 */
export function picture(): string {
  const names = moduleOrder.flatMap((row) => row.map(({ name }) => name));
  const imports = dependenciesOf(join(root, 'src'));
  const [width, height] = [left + cell * names.length + 20, top + cell * names.length + 20];
  const middle = (index: number): number => index * cell + cell / 2;
  const drawn: string[] = [];
  for (const [row, name] of names.entries()) {
    const y = top + middle(row);
    drawn.push(`<text x="${left - 10}" y="${y + 5}" text-anchor="end" fill="${ink}">${name}</text>`);
    drawn.push(
      `<text transform="translate(${left + middle(row) + 5} ${top - 8}) rotate(-60)" fill="${ink}">${name}</text>`,
    );
    for (const [column, other] of names.entries()) {
      const [x, isOwn] = [left + column * cell, column === row];
      const fill = isOwn ? '#d9e2ec' : column < row ? '#f0f4f8' : '#ffffff';
      drawn.push(
        `<rect x="${x}" y="${top + row * cell}" width="${cell}" height="${cell}" fill="${fill}" stroke="${frame}" stroke-width="0.5"/>`,
      );
      if (imports.get(name)?.has(other))
        drawn.push(`<circle cx="${x + cell / 2}" cy="${y}" r="7" fill="${dot}"/>`);
    }
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="14">`,
    '<title>The modules of wirelab: a dot says that the module of the row imports the one of the column</title>',
    `<rect x="0" y="0" width="${width}" height="${height}" fill="#ffffff"/>`,
    ...drawn,
    '</svg>',
    '',
  ].join('\n');
}

/** The rows of the order as a table, the first module first. */
export function table(): string {
  const rows = moduleOrder.flatMap((row) =>
    row.map(({ name, about }) => `| [${name}](../src/${name}/README.md) | ${about} |`),
  );
  return ['| module | about |', '| --- | --- |', ...rows].join('\n');
}

const marks = ['<!-- modules -->', '<!-- end of modules -->'] as const;

/** The document with the table in its place. */
export function documentWith(text: string): string {
  const [before = '', rest = ''] = text.split(marks[0]);
  const [, after = ''] = rest.split(marks[1]);
  return `${before}${marks[0]}\n${table()}\n${marks[1]}${after}`;
}

if (process.argv[1]?.endsWith('architecture.js')) {
  writeFileSync(pictureFile, picture());
  writeFileSync(documentFile, documentWith(readFileSync(documentFile, 'utf8')));
}
