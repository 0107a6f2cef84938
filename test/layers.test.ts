/**
 * The rooms stand in one order, and each imports only what stands before it. Read from the import lines themselves.
 */
import test from 'ava';
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

/** Rooms in order; those on one row do not import one another. */
const order: readonly (readonly string[])[] = [
  ['core'],
  ['i18n'],
  ['capture'],
  ['protocols'],
  ['pki'],
  ['analysis', 'wire'],
  ['proxy', 'kube'],
  ['engine', 'features'],
  ['presentation'],
  ['labs'],
  ['ui'],
  ['cli'],
];

/** These two still know each other. */
const joined = new Set(['engine', 'features']);

const packagesOf: Readonly<Record<string, RegExp>> = {
  'node-forge': /^pki\//,
  'http-proxy': /^proxy\/http-pump\.ts$/,
  blessed: /^ui\/tui\/blessed\.ts$/,
  // A kubeconfig is YAML wherever it is read; who reads one brings the package along.
  yaml: /^(engine|features|labs|cli)\/|^pki\/kubeadm\/(kubeconfig|reading)\.ts$/,
  zod: /^(pki|engine|features|labs)\/|^ui\/json\/lines\//,
};

const root = resolve(import.meta.dirname, '../../src');
const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));

function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  return Array.from(text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*'([^']+)'/g), (match) => match[1] ?? '');
}

const rankOf = (room: string): number => order.findIndex((row) => row.includes(room));
const roomOf = (file: string): string => file.split('/')[0] ?? '';

test('every file belongs to a room that the order names', (t) => {
  t.true(files.length > 10);
  for (const file of files) t.true(rankOf(roomOf(file)) >= 0, `${file} is in no known room`);
});

test('each room imports only what stands before it', (t) => {
  const offences: string[] = [];
  for (const file of files) {
    for (const specifier of importsOf(file).filter((name) => name.startsWith('.'))) {
      const target = relative(root, resolve(root, dirname(file), specifier));
      const from = roomOf(file);
      const to = roomOf(target);
      if (from === to || (joined.has(from) && joined.has(to))) continue;
      if (to === '..' || rankOf(to) >= rankOf(from)) offences.push(`${file} imports ${target}`);
    }
  }
  t.deepEqual(offences, []);
});

test('the command line is imported by nothing', (t) => {
  for (const file of files) {
    if (roomOf(file) === 'cli') continue;
    t.false(
      importsOf(file).some((name) => name.includes('/cli/')),
      file,
    );
  }
});

test('a package is known only to the room that it serves', (t) => {
  const offences: string[] = [];
  for (const file of files) {
    for (const specifier of importsOf(file)) {
      const allowed = packagesOf[specifier.split('/')[0] ?? ''];
      if (allowed && !allowed.test(file)) offences.push(`${file} imports ${specifier}`);
    }
  }
  t.deepEqual(offences, []);
});

test('the presentation and its renderers never open a socket', (t) => {
  for (const file of files) {
    if (!['presentation', 'ui'].includes(roomOf(file))) continue;
    for (const name of importsOf(file)) t.notRegex(name, /^node:(net|tls|http|https|dgram|http2)$/, file);
  }
});

test('the shapes of the JSON output are loaded by the build alone: everybody else takes their types', (t) => {
  const shapes = 'ui/json/lines/';
  const loads = files
    .filter((file) => !file.startsWith(shapes))
    .filter((file) => {
      const text = readFileSync(join(root, file), 'utf8');
      return Array.from(text.matchAll(/^(?:import|export) (?!type\b)[^;]*?'([^']+)'/gm)).some(
        ([, specifier = '']) => relative(root, resolve(root, dirname(file), specifier)).startsWith(shapes),
      );
    });
  t.deepEqual(loads, ['cli/build/compile.ts']);
});

test('who relays is given a sink and who reads a feed: neither knows the log, and who relays no streams', (t) => {
  for (const file of files) {
    const room = roomOf(file);
    const isRelaying = room === 'wire' || room === 'proxy';
    if (!isRelaying && !['analysis', 'presentation', 'ui'].includes(room)) continue;
    for (const name of importsOf(file)) {
      t.notRegex(name, /capture\/log\.ts$/, file);
      if (isRelaying) t.notRegex(name, /capture\/flows\.ts$/, file);
    }
  }
});
