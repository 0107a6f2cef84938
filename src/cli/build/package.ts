/**
 * Makes what npm installs of the program: its scripts and its compiled scenarios with the word by which an installed program is
 * started (`wirelab`, where a checkout has `./wirelab`), and its manual page. The last step of the build: `npm pack` and an installation from git
 * have nothing of their own to do.
 */
import { cpSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../../capture/file/output-folder.ts';
import { commandTree } from '../home/manual/command-tree.ts';
import { manPage } from '../home/manual/man-page.ts';
import { readVersion } from '../places.ts';
import { commands } from '../program.ts';

/** Not behind a letter or a slash: a path that only ends so is another one. */
const asInstalled = (text: string): string => text.replaceAll(/(?<![\w/.])\.\/wirelab\b/g, 'wirelab');

/** Writes `root`/dist/package, from the scripts and the compiled scenarios of the checkout. */
export async function makePackage(root: string): Promise<void> {
  const from = join(root, 'dist', 'bundle');
  const to = join(root, 'dist', 'package');
  rmSync(to, { recursive: true, force: true });
  makeFolder(to);
  for (const file of readdirSync(from).filter((name) => name.endsWith('.cjs')))
    writeFileSync(join(to, file), asInstalled(readFileSync(join(from, file), 'latin1')), 'latin1');
  cpSync(join(root, 'dist', 'data'), join(to, 'data'), { recursive: true });
  for (const file of readdirSync(join(to, 'data'), { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.json')) continue;
    const path = join(to, 'data', file);
    writeFileSync(path, asInstalled(readFileSync(path, 'utf8')));
  }
  // The date of the version, so that one version has one page.
  const { mtime } = statSync(join(root, 'package.json'));
  const nodes = await commandTree(commands);
  const page = manPage(nodes, readVersion(root), mtime.toISOString().slice(0, 10), 'en');
  writeFileSync(join(to, 'wirelab.1'), page);
}
