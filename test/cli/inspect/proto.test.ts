/** `wirelab inspect --proto`: the fields of gRPC by name, from a file and from what it imports. */
import test from 'ava';
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PcapngSpool } from '../../../src/capture/file/pcapng-writer.ts';
import { preface } from '../../../src/protocols/http2/recognise.ts';
import { runWirelab } from '../../helpers/wirelab.ts';
import { data, headers, settings } from '../../protocols/http2/frames.ts';
import { logOf } from '../../ui/support/story.ts';

const folder = mkdtempSync(join(tmpdir(), 'wirelab-proto-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

const capture = join(folder, 'seen.pcapng');
const message = Buffer.from('00000000140a05616c6963651207736563726574311a020801', 'hex');

test.before(() => {
  const { events } = logOf([
    {
      type: 'opened',
      conn: 0,
      hop: 'A',
      transport: 'tcp',
      from: { host: '192.0.2.1', port: 50_001 },
      to: { host: '192.0.2.2', port: 80 },
    },
    {
      type: 'bytes',
      conn: 0,
      hop: 'A',
      vantage: 'wire',
      from: 'client',
      bytes: Buffer.concat([
        preface,
        settings(),
        headers(1, [
          [':method', 'POST'],
          [':path', '/shop.Login/Enter'],
          ['content-type', 'application/grpc'],
        ]),
        data(1, message, 1),
      ]),
    },
    { type: 'closed', conn: 0, hop: 'A', by: 'client', how: 'end' },
  ]);
  const spool = new PcapngSpool(capture);
  for (const event of events) spool.fold(event);
  spool.close();
  mkdirSync(join(folder, 'parts'));
  writeFileSync(join(folder, 'parts', 'home.proto'), 'package shop; message Home { bool own = 1; }');
  writeFileSync(
    join(folder, 'login.proto'),
    `syntax = "proto3"; package shop; import "parts/home.proto"; import "google/protobuf/any.proto";
     service Login { rpc Enter(Request) returns (Request); }
     message Request { string user = 1; string password = 2; Home home = 3; google.protobuf.Any more = 4; }`,
  );
  writeFileSync(join(folder, 'broken.proto'), 'message A {\n  string = 1;\n}');
});

const inspected = async (...words: string[]): Promise<string> => {
  const { exitCode, stdout, stderr } = await runWirelab(['inspect', capture, '--no-tui', ...words]);
  if (exitCode !== 0) throw new Error(stderr);
  return stdout;
};

test('without a file fields have numbers; with it names, and a password is READABLE', async (t) => {
  t.regex(await inspected(), /Enter request .*1: "alice", 2: "secret1", 3: \{1: 1\}/);
  const named = await inspected('--proto', join(folder, 'login.proto'));
  t.regex(named, /Enter request .*user: "alice", password: …, home:\s+\{own:\s+true\}/);
  t.regex(named, /READABLE +password: secret1 \(at 0x[0-9a-f]{4}, gRPC field\)/);
});

test('a file that cannot be read is named, with the line', async (t) => {
  const path = join(folder, 'broken.proto');
  const { exitCode, stderr } = await runWirelab(['inspect', capture, '--no-tui', '--proto', path]);
  t.is(exitCode, 2);
  t.true(stderr.includes(`${path}:2`), stderr);
  t.regex(stderr, /expected: the name of a field/);
  const missing = await runWirelab(['inspect', capture, '--no-tui', '--proto', join(folder, 'none.proto')]);
  t.is(missing.exitCode, 2);
  t.regex(missing.stderr, /none\.proto/);
});
