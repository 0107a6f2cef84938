/** Folders of an author's, made by the real command in a place of their own. */
import type { ExecutionContext } from 'ava';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { askWirelab } from '../../helpers/wirelab.ts';

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
  { place = placeOf(t), words = [] }: { readonly place?: string; readonly words?: readonly string[] } = {},
): Promise<string> {
  const { exitCode, stderr } = await askWirelab(['new', kind, 'mine', ...words], { cwd: place });
  t.is(exitCode, 0, stderr);
  return join(place, 'mine');
}
