import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { askTshark } from '../../../src/cli/inspect/tshark.ts';
import { ipv4, pcap, udp } from '../../capture/support/packets.ts';
import { askWirelab } from '../../helpers/wirelab.ts';

const folder = mkdtempSync(join(tmpdir(), 'wirelab-tshark-'));
test.after.always(() => rmSync(folder, { recursive: true }));

/** A program that prints what tshark would. */
function program(name: string, script: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

const file = { name: 'any.pcap', fromInput: false } as const;
const printed = [
  '1\\t0\\t\\tTCP',
  '2\\t\\t0\\tNTP',
  '3\\t0\\t\\tSMB',
  '4\\t0\\t\\tSMB2',
  '5\\t0\\t\\tSMB2',
  '6\\t\\t0,7\\tData',
  '7\\t\\t\\tARP',
  'rubbish',
].join('\\n');

test('a stream has the name that most of its packets have; it is found by its first packet', async (t) => {
  const { nameOf, problems } = await askTshark(file, { program: program('usual', `printf '${printed}\\n'`) });
  t.deepEqual([1, 2, 3, 6, 7].map(nameOf), ['SMB2', 'NTP', undefined, undefined, undefined]);
  t.deepEqual(problems, []);
});

test('its absence is said, and so is standard input, which it cannot read as well', async (t) => {
  const absent = await askTshark(file, { program: join(folder, 'nothing-there') });
  t.is(absent.problems[0]?.what, 'tshark.missing');
  t.is(absent.nameOf(1), undefined);
  const piped = await askTshark({ name: '-', fromInput: true });
  t.is(piped.problems[0]?.what, 'tshark.standard_input');
});

test('one that does not end is stopped, and what it said is used', async (t) => {
  const { nameOf, problems } = await askTshark(file, {
    program: program('endless', `printf '1\\t0\\t\\tRDP\\n'; exec sleep 600`),
    mostSeconds: 0.5,
  });
  t.is(nameOf(1), 'RDP');
  t.is(problems[0]?.what, 'tshark.slow');
});

test('the name is used only for what is not recognised, and marked', async (t) => {
  const path = join(folder, 'two.pcap');
  const dns = Buffer.from('1234010000010000000000000161026c6f00000100010000', 'hex').subarray(0, 22);
  const datagram = (port: number, payload: Uint8Array): Uint8Array =>
    ipv4(udp({ sourcePort: port, destinationPort: 9, payload }), { protocol: 17 });
  writeFileSync(path, pcap([datagram(5000, Buffer.from('?!')), datagram(5001, dns)]));
  program('tshark', `printf '1\\t\\t0\\tXYZ\\n2\\t\\t1\\tDNS\\n'`);
  const env = { PATH: `${folder}:${process.env['PATH']}` };
  const json = await askWirelab(['inspect', path, '--tshark', '--json'], { env });
  t.deepEqual(
    json.stdout
      .split('\n')
      .filter((line) => line.includes('"kind":"stream"'))
      .map((line) => (JSON.parse(line) as { tshark?: string }).tshark),
    ['XYZ', undefined],
  );
  const text = await askWirelab(['inspect', path, '--tshark', '--no-tui'], { env });
  t.regex(text.stdout, /XYZ \(tshark\)/);
  t.notRegex(text.stdout, /DNS \(tshark\)/);
});
