/** Mistakes in the short version of a scenario file are reported where they stand. */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileScenario } from '../../../src/engine/compile.ts';
import { features } from '../../../src/features/registry.ts';
import { UserError } from '../../../src/i18n/user-error.ts';
import { askWirelab } from '../../helpers/wirelab.ts';
import { recipeFolders, root } from '../support/demonstration.ts';

/** A copy of a scenario whose short version is another. */
function edited(t: ExecutionContext, name: string, short: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-short-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(join(root, 'scenarios', name), folder, { recursive: true });
  const path = join(folder, 'scenario.yaml');
  writeFileSync(path, readFileSync(path, 'utf8').replace(/\nshort:[^]*$/, `\n${short}\n`));
  return folder;
}

const compile = async (folder: string) =>
  compileScenario(features, folder, { recipeFolders, shownAs: 'mine' });

for (const [what, name, short, where, expected] of [
  [
    'an unknown step',
    'key-exchange',
    'short: [shared-kex]',
    /^mine.scenario\.yaml:\d+:9: short\[0\]$/,
    /one of shared-key/,
  ],
  ['a part that does not exist', 'mtls', 'short: [alice-1.1]', /short\[0\]$/, /alice-1\.3/],
  [
    'a twin that is not in it',
    'mtls',
    'short: [nobody-1.3]',
    /^mine.scenario\.yaml:\d+:1: short$/,
    /^alice-1\.3 in the list/,
  ],
  [
    'a recording that is not in it',
    'key-exchange',
    'short: [stolen-later]',
    /: short$/,
    /^static-rsa in the list/,
  ],
  [
    'a first step without a pause',
    'key-exchange',
    'short: [{ id: shared-key, asks: false }]',
    /: short$/,
    /^shared-key without asks: false/,
  ],
  [
    'too many stops',
    'key-exchange',
    'short: [shared-key, bare-padlock, padlock, static-rsa, stolen-later, two-values]',
    /^mine.scenario\.yaml:\d+:1: short$/,
    /^at most 12 stops/,
  ],
  [
    'a step twice',
    'key-exchange',
    'short: [shared-key, { id: shared-key, asks: false }]',
    /^mine.scenario\.yaml:\d+:\d+: short\[1\]$/,
    /^each name once$/,
  ],
  ['an empty list', 'key-exchange', 'short: []', /: short$/, /at least 1/],
  [
    'a field that it does not have',
    'key-exchange',
    'short: [{ id: shared-key, ask: false }]',
    /short\[0\]/,
    /.*/,
  ],
] as const)
  test(`refused: ${what}`, async (t) => {
    const folder = edited(t, name, short);
    const { facts } = await t.throwsAsync(compile(folder), { instanceOf: UserError });
    t.regex(facts.where ?? '', where);
    t.regex(facts.expected?.en ?? '', expected);
  });

test('steps in any order, with one that asks nothing, are a short version', async (t) => {
  const folder = edited(
    t,
    'key-exchange',
    'short: [stolen-later, shared-key, { id: static-rsa, asks: false }]',
  );
  t.is((await compile(folder)).file.short?.length, 3);
});

test('a long scenario without a short version cannot be run short', async (t) => {
  const folder = edited(t, 'key-exchange', '');
  const { exitCode, stderr } = await askWirelab(['run', folder, '--no-tui', '--short']);
  t.is(exitCode, 2);
  t.regex(stderr, /no short version/);
});
