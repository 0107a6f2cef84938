/** `wirelab inspect` on a capture whose connections never close, with less memory than they take: each is printed once. */
import test from 'ava';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ipv4, pcap, tcp } from '../../capture/support/packets.ts';
import { askWirelab } from '../../helpers/wirelab.ts';

const folder = mkdtempSync(join(tmpdir(), 'wirelab-never-closing-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

const count = 600;
const path = join(folder, 'open.pcap');
const fromServer = { source: '10.0.0.2', destination: '10.0.0.1' };
const packets = Array.from({ length: count }, (_, index) => {
  const ports = { sourcePort: 10_000 + index, destinationPort: 80 };
  const back = { sourcePort: 80, destinationPort: 10_000 + index };
  return [
    ipv4(tcp({ ...ports, sequence: 1, flags: 'S' })),
    ipv4(tcp({ ...back, sequence: 5, acknowledged: 2, flags: 'S' }), fromServer),
    ipv4(
      tcp({ ...ports, sequence: 2, acknowledged: 6, payload: `GET /${index} HTTP/1.1\r\nHost: a\r\n\r\n` }),
    ),
  ];
}).flat();
writeFileSync(path, pcap(packets));

const requestsIn = (text: string): string[] =>
  [...text.matchAll(/GET \/(\d+)/g)].map(([, number = '']) => number);

for (const output of ['--json', '--no-tui'] as const) {
  test(`the output is the same with little memory as with enough: ${output}`, async (t) => {
    const enough = await askWirelab(['inspect', path, output]);
    const little = await askWirelab(['inspect', path, output, '--max-memory', '2M']);
    t.is(enough.exitCode, 0, enough.stderr);
    t.is(little.exitCode, 0, little.stderr);
    t.deepEqual(
      [...new Set(requestsIn(little.stdout))].toSorted(),
      Array.from({ length: count }, (_, index) => String(index)).toSorted(),
    );
    if (output === '--json')
      t.deepEqual(little.stdout.split('\n').toSorted(), enough.stdout.split('\n').toSorted());
    else t.is(requestsIn(little.stdout).length, requestsIn(enough.stdout).length);
  });
}

test('an error in --max-memory is reported for --json too', async (t) => {
  const { exitCode, stderr } = await askWirelab(['inspect', path, '--json', '--max-memory', 'much']);
  t.is(exitCode, 2);
  t.regex(stderr, /--max-memory/);
});

test('run takes --max-memory, and says what is no size', async (t) => {
  const { exitCode, stderr } = await askWirelab(['run', 'plaintext', '--no-tui', '--max-memory', 'much']);
  t.is(exitCode, 2);
  t.regex(stderr, /--max-memory/);
  t.is((await askWirelab(['run', 'plaintext', '--json', '--max-memory', '64M'])).exitCode, 0);
});
