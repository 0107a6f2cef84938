/** Network and mount namespaces, as the tests of three hosts make them: directly as root, else in a user namespace. */
import { spawnSync } from 'node:child_process';

const asRoot = process.getuid?.() === 0 ? [] : ['--map-root-user'];

/** What runs the words behind it in namespaces of its own. */
export const unshare = (...kinds: readonly ('--net' | '--mount')[]): string[] => [
  'unshare',
  ...asRoot,
  ...kinds,
];

/** Systems refuse it to some, in containers too. */
export function mayUnshare(): boolean {
  const [program = '', ...rest] = unshare('--net', '--mount');
  return spawnSync(program, [...rest, 'true'], { stdio: 'ignore' }).status === 0;
}
