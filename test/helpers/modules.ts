/**
 * The modules under src in their order, the one list of them: `layers.test.ts` checks the import lines against it, and
 * `architecture.ts` draws it.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

export interface Module {
  readonly name: string;
  /** What it is about, for a table. */
  readonly about: string;
}

/** Each imports only from rows before its own; those on one row do not import one another. */
export const moduleOrder: readonly (readonly Module[])[] = [
  [{ name: 'core', about: 'cursor, field tree, hex, clock: what needs nothing else' }],
  [{ name: 'i18n', about: 'text in two languages, cell width, text from the wire made safe, user errors' }],
  [{ name: 'capture', about: 'the log and its events, flows; capture files; from frames to TCP streams' }],
  [
    {
      name: 'protocols',
      about: 'TLS, X.509, HTTP, DNS, mail and database commands: bytes to fields, with explanations',
    },
  ],
  [{ name: 'pki', about: 'certificates: verifying, issuing, signing, keeping; kubeadm’s layout' }],
  [
    {
      name: 'analysis',
      about:
        'what happened on a connection, why it failed, what an eavesdropper learns, which secrets leaked',
    },
    { name: 'wire', about: 'sockets: accepting, dialing, the tap, TLS handshakes and alerts, tampering' },
  ],
  [
    { name: 'proxy', about: 'the modes: accept, dial and a pump between the two' },
    {
      name: 'kube',
      about: 'a control plane: API server, authentication, RBAC, certificates, etcd, components',
    },
  ],
  [
    {
      name: 'diagnosis',
      about: 'why a connection fails, found by experiments that change one thing at a time',
    },
  ],
  [
    {
      name: 'presentation/types',
      about: 'the kinds of values that a person is shown: cards, tables, chains …',
    },
  ],
  [{ name: 'engine', about: 'a scenario from its file to its verdict: schema, plan, run, judge' }],
  [
    { name: 'evidence', about: 'evidence that several features share: TLS records, keys of the run' },
    {
      name: 'peers',
      about:
        'participants that several features share: a site and its clients, a control plane; their reports',
    },
  ],
  [
    {
      name: 'features',
      about: 'the steps of scenarios with their participants, observations and expectations',
    },
  ],
  [{ name: 'presentation', about: 'what a person is shown, as values made from the log' }],
  [{ name: 'labs', about: 'tasks for a learner: folders, servers that stay up, checks' }],
  [{ name: 'ui', about: 'renderers: text, JSON, terminal UI, status page' }],
  [{ name: 'cli', about: 'one file per command; the composition root, imported by nothing' }],
];

export const rankOf = (name: string): number =>
  moduleOrder.findIndex((row) => row.some((one) => one.name === name));
/** The module that a file belongs to; a module inside a module comes first. */
export const moduleOf = (file: string): string => {
  const [outer = '', inner = ''] = file.split('/');
  const within = `${outer}/${inner}`;
  return rankOf(within) >= 0 ? within : outer;
};

/** What a TypeScript file imports, types and `import()` included, as written. */
export function importsOf(path: string): string[] {
  const text = readFileSync(path, 'utf8');
  return Array.from(text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*'([^']+)'/g), (match) => match[1] ?? '');
}

/** The files of a source folder, by their paths in it. */
export const sourcesIn = (root: string): string[] =>
  readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));

/** From each module to those that it imports. */
export function dependenciesOf(root: string): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const file of sourcesIn(root)) {
    const from = moduleOf(file);
    const targets = found.get(from) ?? new Set();
    found.set(from, targets);
    for (const specifier of importsOf(join(root, file))) {
      if (!specifier.startsWith('.')) continue;
      const to = moduleOf(relative(root, resolve(root, dirname(file), specifier)));
      if (to !== from) targets.add(to);
    }
  }
  return found;
}
