/**
 * Each module imports only what stands before it in the order of `helpers/modules.ts`, types included. Read from the import
 * lines themselves.
 */
import test from 'ava';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { importsOf as importsIn, moduleOf as roomOf, rankOf, sourcesIn } from './helpers/modules.ts';
import { features } from '../src/features/registry.ts';
import * as all from '../src/features/index.ts';
import { circlesIn } from './helpers/circles.ts';

const packagesOf: Readonly<Record<string, RegExp>> = {
  'node-forge': /^pki\//,
  'http-proxy': /^proxy\/http-pump\.ts$/,
  blessed: /^ui\/tui\/blessed\.ts$/,
  // A kubeconfig is YAML wherever it is read; who reads one brings the package along.
  yaml: /^(engine|peers|features|labs|cli)\/|^pki\/(endless-yaml|kubeadm\/(kubeconfig|reading))\.ts$/,
  zod: /^(pki|engine|features|labs)\/|^ui\/json\/lines\/|^ui\/bundle\/lines\.ts$/,
};

const root = resolve(import.meta.dirname, '../../src');
const files = sourcesIn(root);
const textOf = (file: string): string => readFileSync(join(root, file), 'utf8');
const importsOf = (file: string): string[] => importsIn(join(root, file));

/** The files of ours that a file imports, `import type` and `import()` too. */
const ownImportsOf = (file: string): string[] =>
  importsOf(file)
    .filter((name) => name.startsWith('.'))
    .map((name) => relative(root, resolve(root, dirname(file), name)));

test('every file belongs to a room that the order names', (t) => {
  t.true(files.length > 10);
  for (const file of files) t.true(rankOf(roomOf(file)) >= 0, `${file} is in no known room`);
});

test('each room imports only what stands before it', (t) => {
  const offences: string[] = [];
  for (const file of files) {
    for (const target of ownImportsOf(file)) {
      const from = roomOf(file);
      const to = roomOf(target);
      if (from === to) continue;
      if (to === '..' || rankOf(to) >= rankOf(from)) offences.push(`${file} imports ${target}`);
    }
  }
  t.deepEqual(offences, []);
});

test('no files import each other in a circle, types included', (t) => {
  t.deepEqual(circlesIn(new Map(files.map((file) => [file, ownImportsOf(file)]))), []);
});

test('a circle among three files is found, and a chain is none', (t) => {
  const chain: [string, string[]][] = [
    ['a', ['b']],
    ['b', ['c']],
    ['c', []],
    ['d', ['a', 'd2']],
  ];
  t.deepEqual(circlesIn(new Map(chain)), []);
  t.deepEqual(circlesIn(new Map([...chain.slice(0, 2), ['c', ['a']]])), [['a', 'b', 'c']]);
  t.deepEqual(circlesIn(new Map([['a', ['a']]])), [['a']]);
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

test('the shapes of the JSON output are loaded by the build, and to read what was saved: everybody else takes their types', (t) => {
  const shapes = 'ui/json/lines/';
  const loads = files
    .filter((file) => !file.startsWith(shapes))
    .filter((file) => {
      const text = readFileSync(join(root, file), 'utf8');
      return Array.from(text.matchAll(/^(?:import|export) (?!type\b)[^;]*?'([^']+)'/gm)).some(
        ([, specifier = '']) => relative(root, resolve(root, dirname(file), specifier)).startsWith(shapes),
      );
    });
  t.deepEqual(loads, ['cli/build/compile.ts', 'ui/bundle/lines.ts']);
});

/** Words of features that mean something else where the engine has them. */
const homonyms: Readonly<Record<string, string>> = {
  admitted: 'the accounts of a server',
  chain: 'the certificates behind one',
  connect: 'a time limit of a proxy',
  failed: 'the status of a verdict',
  handshake: 'a time limit of a proxy',
  kept: 'what is kept for a run',
  known: 'what was looked up before',
  opened: 'an event of a connection',
  refused: 'an event of a connection',
  rejected: 'a promise that was',
  says: 'the sentence of a finding',
  sealed: 'what a headline says of the secrets',
  visit: 'walking through YAML',
};
/** `tls` is not among them: how a wire is secured is a property of every scenario. */
const protocolNames = readdirSync(join(root, 'protocols'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !['tls', 'commands'].includes(entry.name))
  .map(({ name }) => name);
/** Parts of identifiers by which a feature would show itself. */
const parts = /kube|etcd|login|enrol|theft|stolen|toy|resolver|impostor|hsts|cookie|browser|curl|openssl/i;

/** The identifiers of a text, and its strings that are one word: comments and prose are left out. */
function wordsIn(text: string): string[] {
  const tokens = text.matchAll(
    /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'((?:[^'\\\n]|\\.)*)'|`((?:[^`\\]|\\.)*)`|[A-Za-z_][\w-]*/g,
  );
  return Array.from(tokens).flatMap(([token, string, template]) => {
    if (token.startsWith('/')) return [];
    if (string !== undefined) return /^[\w-]+$/.test(string) ? [string] : [];
    if (template === undefined) return [token];
    return Array.from(template.matchAll(/\$\{([^}]*)\}/g)).flatMap(([, code = '']) => wordsIn(code));
  });
}

function featureWords(): Set<string> {
  const folders = readdirSync(join(root, 'features'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  return new Set([
    ...folders,
    ...Object.keys(all),
    ...Object.keys(features.steps),
    ...Object.keys(features.servers),
    ...Object.keys(features.expectations),
    ...protocolNames,
  ]);
}

test('the engine names no feature and no protocol', (t) => {
  const names = featureWords();
  t.true(names.size > 70);
  const offences = files
    .filter((file) => roomOf(file) === 'engine')
    .flatMap((file) =>
      wordsIn(textOf(file))
        .filter((word) => (names.has(word) && homonyms[word] === undefined) || parts.test(word))
        .map((word) => `${file}: ${word}`),
    );
  t.deepEqual(offences, []);
});

test('what the engine must not name is found in code, and not in prose', (t) => {
  t.deepEqual(
    wordsIn(
      "/* kubectl */ step.login?.site === 'kubectl' // etcd's\nconst words = ['like curl -k', `${name} of etcd`];",
    ),
    ['step', 'login', 'site', 'kubectl', 'const', 'words', 'name'],
  );
});

test('the log names no feature', (t) => {
  const text = ['capture/event.ts', 'capture/vocabulary.ts'].map(textOf).join('\n');
  t.notRegex(text, /kubectl|etcd|theft|stolen|enrol|\bapi server\b|papers/i);
  t.regex(text, /export interface Observations \{\}/);
});

test('a feature’s steps, servers and expectations are made ready without loading what runs them, or how they are shown', (t) => {
  const eager = (from: string): string[] => {
    const found = new Set<string>();
    const walk = (file: string): void => {
      if (found.has(file)) return;
      found.add(file);
      const lines = textOf(file).matchAll(/^(?:import|export) (?!type)[^;]*?from '(\.[^']+)';/gms);
      for (const [, name = ''] of lines) walk(relative(root, resolve(root, dirname(file), name)));
    };
    walk(from);
    return [...found];
  };
  const loaded = eager('features/registry.ts');
  t.true(loaded.length > 50);
  t.deepEqual(
    loaded.filter((file) =>
      /^(?:wire|proxy|kube|protocols\/tls|pki\/(?:ca|x509)\/(?!recipe))|\/shown\.ts$/.test(file),
    ),
    [],
  );
});

test('every feature has its line in the index', (t) => {
  const folders = readdirSync(join(root, 'features'), { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  const index = textOf('features/index.ts');
  for (const { name } of folders) t.true(index.includes(`'./${name}/feature.ts'`), name);
  t.is(Object.keys(all).length, folders.length);
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

test('a feature’s folder is imported by its line alone: what several rest on stands before them', (t) => {
  const featureOf = (file: string): string | undefined => /^features\/([^/]+)\//.exec(file)?.[1];
  const offences = files
    .filter((file) => file !== 'features/index.ts')
    .flatMap((file) =>
      ownImportsOf(file)
        .filter((target) => featureOf(target) !== undefined && featureOf(target) !== featureOf(file))
        .map((target) => `${file} imports ${target}`),
    );
  t.deepEqual(offences, []);
});

test('no folder has more than two dozen entries beside its README', (t) => {
  const folders = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  t.true(folders.length > 50);
  for (const { name, parentPath } of folders) {
    const path = join(parentPath, name);
    const entries = readdirSync(path).filter((entry) => entry !== 'README.md');
    t.true(entries.length <= 24, `${relative(root, path)} has ${entries.length} entries: group them by job`);
  }
});
