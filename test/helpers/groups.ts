/**
 * Which test files share a process, and the files that make AVA run them so (dist/groups, written anew each time). The
 * groups follow from the names alone: what fails in company fails again with `ava dist/groups/NAME.test.js`.
 */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Files in one process: more save less and less, and what waits for the longest group at the end grows. */
const most = 12;

/** What is measured in these (memory, open handles, load) must not be disturbed by what other files left in the process. */
const alone: ReadonlySet<string> = new Set([]);

export interface Group {
  readonly name: string;
  readonly files: readonly string[];
}

/** @param names of test files below test/, without their ending. Neighbours load the same modules, and stay together. */
export function groupsOf(names: readonly string[]): Group[] {
  const sorted = names.toSorted();
  const groups: Group[] = sorted.filter((name) => alone.has(name)).map((name) => ({ name, files: [name] }));
  const rest = sorted.filter((name) => !alone.has(name));
  const count = Math.ceil(rest.length / most);
  for (let index = 0; index < count; index++) {
    const files = rest.slice(
      Math.floor((index * rest.length) / count),
      Math.floor(((index + 1) * rest.length) / count),
    );
    const first = files[0]?.replaceAll('/', '-') ?? '';
    groups.push({ name: `${String(index + 1).padStart(2, '0')}-${first}`, files });
  }
  return groups;
}

const root = resolve(import.meta.dirname, '../../..');

export function writeGroups(): void {
  const folder = join(root, 'dist/groups');
  const ending = '.test.js';
  const names = readdirSync(join(root, 'dist/test'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith(ending) && !path.endsWith(`.slow${ending}`))
    .map((path) => path.slice(0, -ending.length));
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const { name, files } of groupsOf(names))
    writeFileSync(
      join(folder, `${name.replaceAll('/', '-')}${ending}`),
      `import { runTogether } from '../test/helpers/together.js';\nawait runTogether(${JSON.stringify(files, undefined, 2)});\n`,
    );
}
