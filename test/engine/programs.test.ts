/** External programs at the entry points of a live scenario: real ones, missing ones, and fake ones. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import type { EventOf } from '../../src/capture/event.ts';
import type { CompiledScenario } from '../../src/engine/scenario.ts';
import { withPeer } from '../helpers/peer.ts';
import { compiled, perform, removeWorldFolder } from './support/demonstration.ts';
import type { Editable, Performance } from './support/demonstration.ts';

test.after.always(removeWorldFolder);

/** The scenario with one group of refusals between the admitted ones. */
async function short(): Promise<Editable<CompiledScenario>> {
  const scenario = await compiled('client-refusals');
  scenario.file.steps = scenario.file.steps.filter(({ id }) => id === 'admitted' || id === 'wrong-time');
  return scenario;
}

/** A folder of programs that print fixed output. */
function folderOf(t: ExecutionContext, programs: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-programs-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  return folder;
}

const programsOf = ({ log }: Performance, program: string) =>
  log.events.flatMap((event) =>
    event.type === 'observed' && event.result.kind === 'program' && event.result.program === program
      ? [event.result]
      : [],
  );
const notesOf = ({ log }: Performance): string[] =>
  log.events
    .filter((event): event is EventOf<'note'> => event.type === 'note' && event.part === 'programs')
    .map(({ text }) => text.en);
const findingsOf = ({ verdict }: Performance, program: string) =>
  verdict.findings.filter(({ expectation }) => expectation.endsWith(`/predicted/${program}`));

test('by default, no program runs but the demo client', async (t) => {
  const done = await perform(await short());
  t.is(done.verdict.status, 'passed');
  t.is(findingsOf(done, 'node').length, 4);
  t.deepEqual(programsOf(done, 'curl'), []);
  t.deepEqual(notesOf(done), []);
});

test('programs that are not installed are noted, once each, and produce no finding', async (t) => {
  const done = await perform(await short(), { peers: true, variables: { PATH: folderOf(t, {}) } });
  t.is(done.verdict.status, 'passed');
  t.deepEqual(
    notesOf(done).map((text) => /^\S+ is not installed/.exec(text)?.[0]),
    ['curl is not installed', 'openssl is not installed', 'gnutls-cli is not installed'],
  );
  for (const program of ['curl', 'openssl', 'gnutls-cli']) t.deepEqual(findingsOf(done, program), []);
});

test('a program of another version is shown and not judged', async (t) => {
  const PATH = folderOf(t, {
    curl: 'case "$*" in --version) echo "curl 8.9.0 (x) OpenSSL/3.5.1";; *) echo "curl: (99) other words" >&2; exit 99;; esac',
  });
  const done = await perform(await short(), { peers: true, variables: { PATH } });
  t.is(done.verdict.status, 'passed');
  t.true(notesOf(done).some((text) => text.startsWith('curl: predicted for 8.14 (OpenSSL/3.5), here 8.9.0')));
  t.deepEqual(findingsOf(done, 'curl'), []);
  t.like(programsOf(done, 'curl')[0], {
    version: '8.9.0',
    exitCode: 99,
    words: 'curl: (99) other words',
    connections: [],
  });
});

test('a step may ask for them by itself', async (t) => {
  const scenario = await short();
  const login = scenario.file.steps.find(({ id }) => id === 'wrong-time')?.login;
  if (!login) throw new Error('no login');
  const PATH = folderOf(t, { curl: 'case "$*" in --version) echo "curl 8.9.0";; *) exit 1;; esac' });
  t.is(programsOf(await perform(scenario, { variables: { PATH } }), 'curl').length, 0);
  login.peers = true;
  t.is(programsOf(await perform(scenario, { variables: { PATH } }), 'curl').length, 4);
  t.is(
    programsOf(await perform(scenario), 'curl').length,
    0,
    'where no program can be found none is looked for',
  );
});

test('a program that says something else than predicted is a mismatch, and the verdict fails', async (t) => {
  const PATH = folderOf(t, {
    curl: 'case "$*" in --version) echo "curl 8.14.1 (x) OpenSSL/3.5.9";; *) printf "curl: (35) \\033[31mno alert here" >&2; exit 35;; esac',
  });
  const done = await perform(await short(), { peers: true, variables: { PATH } });
  t.is(done.verdict.status, 'failed');
  const findings = findingsOf(done, 'curl');
  t.deepEqual(
    findings.map(({ status }) => status),
    ['missed', 'missed', 'missed', 'missed'],
  );
  const [first] = findings;
  t.regex(
    first?.says.en ?? '',
    /^curl 8\.14\.1: predicted exit 56, "ssl\/tls alert certificate expired" \| observed exit 35, "curl: \(35\) .*no alert here" \| NO MATCH$/,
  );
  t.regex(first?.says.ko ?? '', /불일치$/);
  t.notRegex(first?.says.en ?? '', /\u001b/, 'what it prints is made harmless');
  t.deepEqual(
    done.verdict.findings.filter(({ status }) => status !== 'met'),
    findings,
    'nothing else is touched by it',
  );
});

withPeer(
  ['curl', 'openssl', 'gnutls-cli'],
  'the real programs try each login over connections of their own, and no other claim changes',
  async (t) => {
    const done = await perform(await short(), { peers: true, variables: { PATH: process.env['PATH'] } });
    t.deepEqual(
      done.verdict.findings.filter(
        ({ status, expectation }) => status !== 'met' && !expectation.includes('/predicted/'),
      ),
      [],
    );
    for (const program of ['curl', 'openssl', 'gnutls-cli']) {
      const said = programsOf(done, program);
      t.is(said.length, 4);
      for (const { exitCode, words, connections } of said) {
        t.true(exitCode !== null && exitCode > 0, `${program}: ${words}`);
        t.is(connections?.length, 1);
        t.true(words.length > 10);
      }
      t.true(
        findingsOf(done, program).every(({ status }) => status === 'met'),
        JSON.stringify(findingsOf(done, program), null, 1),
      );
    }
  },
);

test('a program that does not end is ended, and has no exit code', async (t) => {
  const scenario = await short();
  scenario.file.clients['not-yet-valid']!.tls = ['1.2'];
  scenario.file.clients['expired']!.tls = ['1.2'];
  const shell = ['/bin', '/usr/bin', dirname(process.execPath)].join(delimiter);
  const PATH = [
    folderOf(t, {
      openssl:
        'case "$*" in version) echo "OpenSSL 3.5.9 x";; *) echo "an error first"; exec sleep 60;; esac',
    }),
    shell,
  ].join(delimiter);
  const done = await perform(scenario, { peers: true, variables: { PATH } });
  const hung = programsOf(done, 'openssl');
  t.true(hung.length > 0);
  for (const { exitCode, words } of hung) t.deepEqual([exitCode, words], [null, 'an error first']);
  t.true(
    findingsOf(done, 'openssl').every(
      ({ status, says }) => status === 'missed' && /no exit in time/.test(says.en),
    ),
  );
});
