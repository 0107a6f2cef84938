/**
 * Output that can be matched: the summary, numbers, packets and times that Wireshark shows too; filters, statistics, archives and
 * exported bodies. The capture is one that a demonstration has just written.
 */
import { Ajv } from 'ajv';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { safeName } from '../../../src/cli/io/http-files.ts';
import { runProgram, withPeer } from '../../helpers/peer.ts';
import { askWirelab, mainFile, wirelabEnvironment } from '../../helpers/wirelab.ts';
import { harSchema } from './har-schema.ts';

const folder = mkdtempSync(join(tmpdir(), 'wirelab-matched-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

const capture = join(folder, 'seen.pcapng');
test.before(async () => {
  const { exitCode } = await askWirelab(['run', 'mtls', '--json', '-w', capture, '--with-secrets']);
  if (exitCode !== 0) throw new Error(`mtls ended with ${exitCode}`);
});

/** The same packets again and again, with more to print than a pipe holds. */
async function repeated(path: string): Promise<void> {
  const { recordTls } = await import('../../../bench/inspect/mixed-capture.ts');
  await recordTls(path, 4_000_000, 40);
}

type Line = Readonly<Record<string, unknown>> & { readonly kind: string };

async function inspected(t: ExecutionContext, ...words: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await askWirelab(['inspect', capture, '--no-tui', ...words]);
  t.is(exitCode, 0, stderr);
  return stdout;
}

const linesOf = (text: string): Line[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);

const streamsIn = (text: string): number[] =>
  linesOf(text)
    .filter(({ kind }) => kind === 'stream')
    .map(({ stream }) => Number(stream));

test('the summary comes first, then a row for each connection in the order of opening, then its messages', async (t) => {
  const text = await inspected(t);
  const [first = ''] = text.split('\n');
  t.regex(first, /^\d+ connections, \d+ failed, \d+ packets$/);
  t.regex(text, /^failed +\d+ [a-z_]+ \([^)]+\): #\d/m);
  t.regex(text, /^time +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} … .* UTC/m);
  const rows = [...text.matchAll(/^ +#(\d+) \d\d:\d\d:\d\d\.\d{3} /gm)].map(([, number]) => Number(number));
  t.deepEqual(
    rows,
    rows.toSorted((one, other) => one - other),
  );
  const heads = [...text.matchAll(/^Wire \w.*, connection (\d+): /gm)].map(([, number]) => Number(number));
  t.deepEqual(heads, rows);
  t.true(first.startsWith(`${rows.length} connections,`), first);
  // Every message has the number of its packet.
  const messages = text.split('\n').filter((line) => /→ to server|← to client/.test(line));
  t.true(messages.length > 20);
  t.true(messages.every((line) => /^ +\d+ +\d+\.\d{3} /.test(line)));
});

test('in Korean too', async (t) => {
  const text = await inspected(t, '--lang', 'ko');
  t.regex(text, /^연결 \d+개, 실패 \d+개, 패킷 \d+개$/m);
});

test('the JSON output ends with the summary, and each stream says where it stands', async (t) => {
  const lines = linesOf(await inspected(t, '--json'));
  const streams = lines.filter(({ kind }) => kind === 'stream');
  const last = lines.at(-1);
  t.like(last, { v: 2, kind: 'summary', connections: streams.length });
  t.is(last?.['failed'], streams.filter(({ failed }) => failed === true).length);
  t.true(
    streams.every(
      ({ opened, frames, bytes, protocols }) =>
        typeof opened === 'string' && frames !== undefined && bytes !== undefined && Array.isArray(protocols),
    ),
  );
});

test('a filter chooses connections, as text and as JSON alike', async (t) => {
  const all = streamsIn(await inspected(t, '--json'));
  const failed = streamsIn(await inspected(t, '--json', '--filter', 'failed'));
  const others = streamsIn(await inspected(t, '--json', '--filter', 'not failed'));
  t.true(failed.length > 0 && others.length > 0);
  t.deepEqual(
    [...failed, ...others].toSorted((one, other) => one - other),
    all.toSorted((one, other) => one - other),
  );
  const text = await inspected(t, '--filter', 'failed');
  const heads = [...text.matchAll(/^Wire \w.*, connection (\d+): /gm)].map(([, number]) => Number(number));
  t.deepEqual(
    heads,
    failed.toSorted((one, other) => one - other),
  );
  t.regex(text, new RegExp(`^${failed.length} connections?, ${failed.length} failed`));
  t.regex(await inspected(t, '--filter', 'stream=4711'), /^0 connections, none failed/);
});

test('a pipe is filtered too', async (t) => {
  const { stdout } = await runProgram(
    process.execPath,
    [mainFile, 'inspect', '-', '--no-tui', '--filter', 'failed'],
    { input: readFileSync(capture), env: wirelabEnvironment(), timeout: 120_000 },
  );
  t.regex(stdout, /connection \d+: /);
  t.regex(stdout, /^\d+ connections?, \d+ failed, \d+ packets$/m);
  t.notRegex(stdout, /connection was|none failed/);
});

test('a reader of the output that has seen enough is no error', async (t) => {
  const many = join(folder, 'many.pcapng');
  await repeated(many);
  for (const form of ['--json', '--no-tui']) {
    const { exitCode, stderr } = await runProgram(
      'sh',
      ['-c', '"$0" "$1" inspect "$2" "$3" | head -1', process.execPath, mainFile, many, form],
      { env: wirelabEnvironment(), timeout: 120_000 },
    );
    t.is(exitCode, 0);
    t.is(stderr, '');
  }
});

test('a bad filter is a mistake at its place, and nothing is read', async (t) => {
  const { exitCode, stdout, stderr } = await askWirelab([
    'inspect',
    capture,
    '--json',
    '--filter',
    'status>=x or',
  ]);
  t.is(exitCode, 2);
  t.is(stdout, '');
  t.regex(stderr, /invalid value: x\n +where: --filter:9\n.*\n +received: status>=⟨x⟩ or/);
});

test('--stats counts, as tables and as one object', async (t) => {
  const text = await inspected(t, '--stats');
  for (const title of ['Protocols:', 'TLS versions:', 'Failures:', 'Sizes and times:'])
    t.true(text.includes(title), title);
  t.notRegex(text, /ClientHello/);
  const lines = linesOf(await inspected(t, '--stats', '--json'));
  t.is(lines.length, 1);
  t.is(lines[0]?.kind, 'summary');
  const [tables] = linesOf(await inspected(t, '--stats', '--json', '--filter', 'failed'));
  t.is(tables?.['connections'], tables?.['failed']);
});

interface Entry {
  readonly request: { readonly url: string; readonly method: string };
  readonly connection: string;
}
const entriesOf = (path: string): readonly Entry[] =>
  (JSON.parse(readFileSync(path, 'utf8')) as { readonly log: { readonly entries: readonly Entry[] } }).log
    .entries;

test('--har writes an archive as HAR 1.2 has it; passwords stand in it only if asked for', async (t) => {
  const path = join(folder, 'seen.har');
  t.regex(await inspected(t, '--har', path), /exchanges were written to .*seen\.har/);
  const text = readFileSync(path, 'utf8');
  const validate = new Ajv({ strict: false }).compile(harSchema);
  t.true(validate(JSON.parse(text)), JSON.stringify(validate.errors));
  t.true(entriesOf(path).some(({ request }) => request.method === 'POST' && request.url.endsWith('/login')));
  t.false(text.includes('tiger-lily'));
  t.is(statSync(path).mode & 0o777, 0o600);
  t.deepEqual(
    readdirSync(folder).filter((name) => /har.*partial/.test(name)),
    [],
  );
  await inspected(t, '--har', path, '--with-secrets', '--filter', 'method=POST');
  t.true(readFileSync(path, 'utf8').includes('tiger-lily'));
  await inspected(t, '--har', path, '--filter', 'stream=4711');
  t.deepEqual(entriesOf(path), []);
});

test('--har into a folder that is not there is a mistake', async (t) => {
  const { exitCode, stderr } = await askWirelab(['inspect', capture, '--har', join(folder, 'no', 'x.har')]);
  t.is(exitCode, 2);
  t.regex(stderr, /--har .*x\.har/);
});

interface Row {
  readonly file: string;
  readonly size: number;
  readonly whole: boolean;
  readonly kind: string;
}

test('--export writes bodies and their index; a folder with something in it is left alone', async (t) => {
  const path = join(folder, 'bodies');
  t.regex(await inspected(t, '--export', path), /bodies were written to/);
  const rows = JSON.parse(readFileSync(join(path, 'index.json'), 'utf8')) as readonly Row[];
  t.true(rows.length > 1);
  t.deepEqual(readdirSync(path).toSorted(), [...rows.map(({ file }) => file), 'index.json'].toSorted());
  for (const { file, size } of rows) t.is(statSync(join(path, file)).size, size, file);
  t.true(rows.some(({ file, kind }) => kind === 'request' && /login/.test(file)));
  const again = await askWirelab(['inspect', capture, '--export', path]);
  t.is(again.exitCode, 2);
  t.regex(again.stderr, /this folder is not empty/);
  t.is(rows.length + 1, readdirSync(path).length);
  const file = join(folder, 'a-file');
  writeFileSync(file, '');
  t.is((await askWirelab(['inspect', capture, '--export', file])).exitCode, 2);
  const none = join(folder, 'none');
  await inspected(t, '--export', none, '--filter', 'stream=4711');
  t.deepEqual(readdirSync(none), ['index.json']);
  const broken = join(folder, 'broken');
  const bad = await askWirelab(['inspect', join(folder, 'no-such-file'), '--export', broken]);
  t.is(bad.exitCode, 2);
  t.false(existsSync(broken));
});

test('a name of a file leads nowhere, whatever the address is', (t) => {
  for (const [url, type, name] of [
    ['http://a/b/login', 'text/html; charset=utf-8', 'login.html'],
    ['http://a/b/logo.PNG?v=1', undefined, 'logo.png'],
    ['http://a/', 'application/json', 'index.json'],
    ['http://a', undefined, 'index.bin'],
    ['http://a/../../etc/passwd', undefined, 'passwd.bin'],
    ['http://a/..', undefined, 'index.bin'],
    ['http://a/.bashrc', undefined, 'bashrc.bin'],
    ['http://a/%2e%2e%2fx', undefined, '2e_2e_2fx.bin'],
    ['http://a/a\\..\\b', undefined, 'a_.._b.bin'],
    ['http://a/한글 이름', 'image/png', 'index.png'],
    ['http://a/x', '__proto__', 'x.bin'],
    [`http://a/${'y'.repeat(500)}.css`, undefined, `${'y'.repeat(60)}.css`],
  ] as const) {
    const found = safeName(url, type).join('');
    t.is(found, name);
    t.regex(found, /^[A-Za-z0-9][A-Za-z0-9._-]*$/);
  }
});

withPeer('tshark', 'streams, packets, sizes and latencies are those of tshark', async (t) => {
  const path = join(folder, 'clear.pcapng');
  t.is((await askWirelab(['run', 'plaintext', '--json', '-w', path])).exitCode, 0);
  const fields = async (filter: string, ...names: string[]): Promise<string[][]> => {
    const { stdout } = await runProgram('tshark', [
      '-r',
      path,
      '-Y',
      filter,
      '-T',
      'fields',
      ...names.flatMap((name) => ['-e', name]),
    ]);
    return stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t'));
  };
  const lines = linesOf((await askWirelab(['inspect', path, '--json'])).stdout);
  const streams = lines.filter(({ kind }) => kind === 'stream');
  const packets = await fields('tcp', 'tcp.stream', 'frame.number', 'tcp.srcport', 'tcp.len');
  for (const { stream, client, frames, bytes } of streams) {
    const own = packets.filter(([number]) => Number(number) === stream);
    const port = String(client).split(':').at(-1);
    t.is(own[0]?.[2], port);
    t.is(own[0]?.[1], String((frames as { readonly first: number }).first));
    const sent = own
      .filter(([, , from]) => from === port)
      .reduce((sum, [, , , length]) => sum + Number(length), 0);
    t.is(sent, (bytes as { readonly toServer: number }).toServer);
  }
  t.is(new Set(packets.map(([number]) => number)).size, streams.length);
  // http.time is from the request, as tshark counts it: from the packet that completed it.
  const times = new Map(
    (await fields('http.response', 'frame.number', 'http.time')).map(([frame, time]) => [
      Number(frame),
      Number(time),
    ]),
  );
  const responses = lines.filter(({ kind, latency }) => kind === 'http' && latency !== undefined);
  t.true(responses.length > 3);
  for (const { frame, latency, title } of responses) {
    const theirs = times.get(Number(frame));
    // Of a response in several packets theirs is the time of the last.
    if (theirs === undefined) continue;
    t.true(Number(latency) / 1e6 <= theirs + 2e-6, `${String(title)}: ${String(latency)} µs, ${theirs} s`);
  }
});
