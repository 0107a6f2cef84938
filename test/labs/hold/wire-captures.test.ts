/** The captures of a running lab: they grow, go on after a restart, are put aside when they are large, and stop with one message. */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CaptureDraft } from '../../../src/capture/event.ts';
import { CaptureLog } from '../../../src/capture/log.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { LabWires } from '../../../src/labs/hold/lab-wires.ts';
import { WireCaptures } from '../../../src/labs/hold/wire-captures.ts';
import { until } from '../../helpers/until.ts';
import { askWirelab } from '../../helpers/wirelab.ts';

const topologyOf = (...hops: readonly string[]): CaptureDraft => ({
  type: 'began',
  version: '0',
  wallClock: new Date().toISOString(),
  topology: {
    participants: [],
    wires: hops.map((hop) => ({ hop, from: `client-${hop}`, to: `server-${hop}`, protocol: 'http' })),
  },
});

interface Recorded {
  readonly folder: string;
  readonly failures: string[];
  readonly say: (text: string, hop?: string) => void;
  readonly close: () => void;
}

let nextPorts = 40_000;

function record(
  t: ExecutionContext,
  folder = mkdtempSync(join(tmpdir(), 'wires-')),
  mostBytes?: number,
): Recorded {
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const log = new CaptureLog({ clock: systemClock, endless: true });
  const failures: string[] = [];
  const captures = new WireCaptures({
    folder,
    onFailure: (file, { facts }) => failures.push(`${file}: ${facts.what.en}`),
    ...(mostBytes === undefined ? {} : { mostBytes }),
  });
  log.subscribe(captures.fold);
  const run = new LabWires(log).openRun();
  run.append(topologyOf('A', 'B'));
  // As a system gives them: each is used once in a long time.
  const ports = nextPorts;
  nextPorts += 1000;
  return {
    folder,
    failures,
    say(text, hop = 'A') {
      const conn = run.nextConnection();
      const from = { host: '127.0.0.1', port: ports + conn };
      run.append({ type: 'opened', conn, hop, transport: 'tcp', from, to: { host: '127.0.0.1', port: 80 } });
      run.append({
        type: 'bytes',
        conn,
        hop,
        vantage: 'wire',
        from: 'client',
        bytes: Buffer.from(`GET /${text} HTTP/1.1\r\nHost: x\r\n\r\n`),
      });
      run.append({ type: 'closed', conn, hop, by: 'client', how: 'end' });
    },
    close: () => captures.close(),
  };
}

const wire = (folder: string, name = 'A'): string => join(folder, 'wires', `${name}.pcapng`);
const pathsIn = async (file: string): Promise<readonly string[]> =>
  [...(await askWirelab(['inspect', file, '--lang', 'en'])).stdout.matchAll(/→ to server GET \/(\S+)/g)].map(
    ([, path = '']) => path,
  );

test('a file a wire, which can be read while it grows', async (t) => {
  const { folder, say, close } = record(t);
  say('one');
  say('two', 'B');
  t.deepEqual(readdirSync(join(folder, 'wires')).toSorted(), ['A.pcapng', 'B.pcapng']);
  // What is written goes to the disk several times a second.
  const before = statSync(wire(folder)).size;
  t.true(await until(() => statSync(wire(folder)).size > before));
  t.deepEqual(await pathsIn(wire(folder)), ['one']);
  say('three');
  close();
  t.deepEqual(await pathsIn(wire(folder)), ['one', 'three']);
  t.deepEqual(await pathsIn(wire(folder, 'B')), ['two']);
});

test('a lab that is started again goes on behind what was recorded, also behind a block that a crash has torn', async (t) => {
  const { folder, say, close } = record(t);
  say('one');
  close();
  const whole = statSync(wire(folder)).size;
  appendFileSync(wire(folder), Buffer.from([6, 0, 0, 0, 200, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3]));
  const again = record(t, folder);
  again.say('two');
  again.close();
  t.deepEqual(again.failures, []);
  t.true(statSync(wire(folder)).size > whole);
  t.deepEqual(await pathsIn(wire(folder)), ['one', 'two']);
});

test('a large file is put aside, in the place of the one before', async (t) => {
  const { folder, say, close } = record(t, undefined, 3000);
  for (let count = 0; count < 60; count++) say(`request-${count}`);
  close();
  t.deepEqual(readdirSync(join(folder, 'wires')).toSorted(), ['A.1.pcapng', 'A.pcapng']);
  for (const name of ['A', 'A.1']) t.true(statSync(wire(folder, name)).size < 20_000);
  const kept = [...(await pathsIn(wire(folder, 'A.1'))), ...(await pathsIn(wire(folder)))];
  t.is(kept.at(-1), 'request-59');
});

test('what was moved away or deleted begins again', async (t) => {
  const { folder, say, close } = record(t);
  say('one');
  renameSync(join(folder, 'wires'), join(folder, 'mine'));
  say('two');
  close();
  t.deepEqual(await pathsIn(join(folder, 'mine', 'A.pcapng')), ['one']);
  t.deepEqual(await pathsIn(wire(folder)), ['two']);
});

test('another file is not written over, a link is not followed, and it is said once for a wire', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wires-'));
  mkdirSync(join(folder, 'wires'));
  writeFileSync(wire(folder), 'my notes, which are longer than a header\n');
  writeFileSync(join(folder, 'target'), '');
  symlinkSync(join(folder, 'target'), wire(folder, 'B'));
  const { failures, say, close } = record(t, folder);
  for (let count = 0; count < 3; count++) {
    say('one');
    say('one', 'B');
  }
  close();
  t.is(failures.length, 2, failures.join('\n'));
  t.regex(failures[0] ?? '', /^wires\/A\.pcapng: .*not a capture/);
  t.is(readFileSync(wire(folder), 'utf8'), 'my notes, which are longer than a header\n');
  t.is(statSync(join(folder, 'target')).size, 0);
});

test('where the folder cannot be written it is said once', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wires-'));
  writeFileSync(join(folder, 'wires'), 'a file in its place\n');
  const { failures, say, close } = record(t, folder);
  say('one');
  say('two');
  close();
  t.is(failures.length, 1);
  t.true(existsSync(join(folder, 'wires')));
});

test('servers that are started one after another are drawn together', (t) => {
  const log = new CaptureLog({ clock: systemClock });
  const wires = new LabWires(log);
  const drawn: string[][] = [];
  log.subscribe((event) => {
    if (event.type === 'began') drawn.push(event.topology.wires.map(({ hop }) => hop));
  });
  wires.openRun().append(topologyOf('A'));
  wires.openRun().append(topologyOf('B', 'C'));
  wires.clear();
  wires.openRun().append(topologyOf('A'));
  t.deepEqual(drawn, [['A'], ['A', 'B', 'C'], ['A']]);
});
