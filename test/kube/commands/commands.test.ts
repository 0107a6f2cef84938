/** The real kubectl against `kube up`, command by command; README.md says how the rows are read. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { withPeerAtLength } from '../../helpers/at-length.ts';
import { start } from '../../helpers/running.ts';
import { matches, splitWords } from './command.ts';
import { lists } from './lists.ts';
import { prepare } from './prepared.ts';
import { runCommand } from './run.ts';
import type { Outcome } from './run.ts';

const all = Object.values(lists).flat();

test('there are more than 300 commands, each with a place where its answer is written', (t) => {
  t.true(all.length > 300);
  for (const { from, words } of all) t.regex(from, /^(?:[a-z-]+:)?[\w./-]+$/, words);
  t.true(new Set(all.map(({ from }) => from)).size >= 80);
});

test('words are split as by a shell, and patterns stand for what varies', (t) => {
  t.deepEqual(splitWords(`patch x -p '{"a": 1}' --b="c d"`), ['patch', 'x', '-p', '{"a": 1}', '--b=c d']);
  t.true(matches('NAME   AGE\nweb    12s\n', 'NAME AGE\nweb <age>'));
  t.false(matches('NAME   AGE\nweb    12s\n', 'NAME AGE\nweb <time>'));
  t.false(matches('a (b)', 'a .b.'));
});

for (const [title, rows] of Object.entries(lists))
  withPeerAtLength(['kubectl', 'openssl', 'sed'], `kubectl on ${title}`, async (t) => {
    t.timeout(600_000);
    const folder = mkdtempSync(join(tmpdir(), 'wirelab-commands-'));
    t.teardown(() => rmSync(folder, { recursive: true, force: true }));
    const cluster = join(folder, 'cluster');
    const up = start(t, ['kube', 'up', '--no-tui', '--port', '0', '--out', cluster]);
    const [, server = ''] = /(https:\/\/127\.0\.0\.1:\d+)$/m.exec(await up.until(/KUBECONFIG=/)) ?? [];
    const prepared = await prepare(cluster, folder, server);
    const counts = new Map<Outcome, number>();
    for (const command of rows) {
      const { outcome, code, printed } = await runCommand(prepared, command);
      counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
      t.not(
        outcome,
        'different',
        `kubectl ${command.words}\n${command.says}\n--- printed (${code}):\n${printed}`,
      );
    }
    t.log(title, Object.fromEntries(counts));
    up.child.kill('SIGINT');
  });
