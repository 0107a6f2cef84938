/**
 * Which test files share a process, and the files that make AVA run them so (dist/groups, written anew each time). The
 * groups follow from the names alone: what fails in company fails again with
 * `WIRELAB_GROUPS=1 node_modules/.bin/ava dist/groups/NAME.test.js`.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** Files in one process: more save less and less, and what waits for the longest group at the end grows. */
const most = 12;

/** What these look at is of the whole process, and other files in it would change it. */
const alone: ReadonlySet<string> = new Set([
  // Readers and words that are not loaded yet.
  'analysis/conversation/conversation',
  'presentation/conversation/explain',
  // The memory of the process.
  'fuzz/hostile',
]);

/** What `make test-fast` leaves out though no program is started: each takes more than a second of CPU, or waits for long. */
const dear: ReadonlySet<string> = new Set([
  'analysis/conversation/conversation-reader',
  'analysis/secrets/secret-hunt',
  'capture/net/plain-packet',
  'capture/packed-streams',
  'cli/io/read-back',
  'engine/file/schema',
  'peers/client/chain-report',
  'features/visit/cookie-jar',
  'fuzz/hostile',
  'i18n/text',
  'kube/apiserver/api',
  'kube/components/controller-manager',
  'kube/components/kubelet/kubelet-pods',
  'kube/objects/protobuf',
  'labs/compile',
  'pki/kubeadm/folder',
  'pki/kubeadm/kubeadm-agreement',
  'pki/kubeadm/kubeadm-damage',
  'pki/kubeadm/kubeconfig',
  'pki/x509/path',
  'presentation/conversation/explain',
  'protocols/coverage-mutation',
  'presentation/report/capture-report',
  'protocols/http/content-coding',
  'protocols/part-texts',
  'protocols/tls/keys/mac-suites',
  'protocols/x509/certificate',
  'proxy/faults',
  'proxy/http-pump',
  'proxy/login-through-proxy',
  'proxy/who-closed-first',
  'ui/passing',
  'ui/text/text',
  'ui/tui/keymap',
  'ui/tui/recording',
  'ui/tui/snapshots',
  'ui/tui/state/masking',
  'ui/tui/state/read-back',
  'ui/tui/state/update',
  'ui/tui/view/bytes',
  'ui/tui/view/frames',
  'wire/in-parts',
  'wire/refusals',
  'wire/tap/relay',
]);

/** Names that the two lists above hold, for a test that finds those which are no file's any more. */
export const named: readonly string[] = [...alone, ...dear];

export interface Group {
  readonly name: string;
  readonly files: readonly string[];
}

/** @param names of test files below test/, without their ending. Neighbours load the same modules, and stay together. */
export function groupsOf(names: readonly string[], size = most): Group[] {
  const sorted = names.toSorted();
  const rest = sorted.filter((name) => !alone.has(name));
  const count = Math.ceil(rest.length / size);
  const shared = Array.from({ length: count }, (_, index) => {
    const from = Math.floor((index * rest.length) / count);
    const files = rest.slice(from, Math.floor(((index + 1) * rest.length) / count));
    return { name: `${String(index + 1).padStart(2, '0')}-${files[0]?.replaceAll('/', '-')}`, files };
  });
  const own = sorted
    .filter((name) => alone.has(name))
    .map((name) => ({ name: name.replaceAll('/', '-'), files: [name] }));
  return [...shared, ...own];
}

const root = resolve(import.meta.dirname, '../../..');
const tests = join(root, 'dist/test');
const ending = '.test.js';

/** Whether a compiled file of the tests, or one that it imports, may start a program. */
function startsPrograms(path: string, seen: Set<string> = new Set()): boolean {
  if (seen.has(path) || !path.startsWith(tests) || !existsSync(path)) return false;
  seen.add(path);
  const text = readFileSync(path, 'utf8');
  if (/['"]node:child_process['"]/.test(text)) return true;
  return [...text.matchAll(/\b(?:from|import)\s*\(?\s*['"](\.[^'"]+)['"]/g)].some(([, specifier = '']) =>
    startsPrograms(resolve(dirname(path), specifier), seen),
  );
}

/** @param isFast only what starts no program and costs little */
export function writeGroups(isFast: boolean): void {
  const names = readdirSync(tests, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith(ending) && !path.endsWith(`.slow${ending}`))
    .map((path) => path.slice(0, -ending.length))
    .filter((name) => !isFast || (!dear.has(name) && !startsPrograms(join(tests, name + ending))));
  const folder = join(root, 'dist/groups');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const { name, files } of groupsOf(names, isFast ? 3 * most : most))
    writeFileSync(
      join(folder, name + ending),
      `import { runTogether } from '../test/helpers/together.js';\nawait runTogether(${JSON.stringify(files, undefined, 2)});\n`,
    );
}
