/** Folders of an author's, made by the real command in a place of their own. */
import type { ExecutionContext } from 'ava';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { askWirelab } from '../../helpers/wirelab.ts';

const guide = readFileSync(resolve(import.meta.dirname, '../../../..', 'docs', 'authors.md'), 'utf8');

/** The indented blocks of a section of docs/authors.md, as they are pasted. */
export function blocksOf(heading: string): string[] {
  const section = guide.split(/^## /m).find((one) => one.startsWith(heading)) ?? '';
  return [...section.matchAll(/(?:^ {4}.*\n(?:\n(?= {4}))?)+/gm)].map(([block]) =>
    block.replaceAll(/^ {4}/gm, ''),
  );
}

/** An empty folder outside the checkout, whose path has a blank. */
export function placeOf(t: ExecutionContext): string {
  const place = mkdtempSync(join(tmpdir(), 'wirelab author-'));
  t.teardown(() => rmSync(place, { recursive: true, force: true }));
  return place;
}

/** @returns its path. */
export async function made(
  t: ExecutionContext,
  kind: 'lab' | 'scenario',
  {
    place = placeOf(t),
    words = [],
    name = 'mine',
  }: { readonly place?: string; readonly words?: readonly string[]; readonly name?: string } = {},
): Promise<string> {
  const { exitCode, stderr } = await askWirelab(['new', kind, name, ...words], { cwd: place });
  t.is(exitCode, 0, stderr);
  return join(place, name);
}
