/** `inspect --save`, as a person types it: what is replayed is what `inspect` shows, and no secret is in it unless it is asked for. */
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { ipv4, pcap, tcp, udp } from '../../capture/support/packets.ts';
import { start } from '../../helpers/running.ts';
import { until } from '../../helpers/until.ts';
import { askWirelab } from '../../helpers/wirelab.ts';
import { linesOf } from '../../ui/bundle/support/bundles.ts';
import { firstDifference } from '../run/replay/support/replayed.ts';
import { captureOf, rowsOf, viewing } from './view/support.ts';
import { ask } from '../../helpers/ask-http.ts';

function folderFor(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-saved-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Logins, one after the other; every tenth fails. */
const logins = (t: ExecutionContext, count: number): string =>
  captureOf(t, count, (index) => [
    `POST /login HTTP/1.1\r\nHost: shop-${index}.example\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 30\r\n\r\nuser=alice&password=tiger-lily`,
    `HTTP/1.1 ${index % 10 === 3 ? '401 Unauthorized' : '200 OK'}\r\nSet-Cookie: session=abcdef123456\r\nContent-Length: 2\r\n\r\nok`,
  ]);

/** The capture and its bundle say the same. */
async function compare(t: ExecutionContext, words: readonly string[], isRedacted: boolean): Promise<string> {
  const path = join(folderFor(t), 'seen.wirelab');
  const saved = await askWirelab([
    'inspect',
    ...words,
    '--save',
    path,
    ...(isRedacted ? [] : ['--with-secrets']),
  ]);
  t.is(saved.exitCode, 0, saved.stderr);
  for (const form of [['--no-tui'], ['--no-tui', '--lang', 'ko'], ['--json']]) {
    const [shown, replayed] = [
      await askWirelab(['inspect', ...words, ...form]),
      await askWirelab(['replay', path, ...form]),
    ];
    t.is(replayed.exitCode, 0, replayed.stderr);
    t.true(shown.stdout.length > 100);
    if (isRedacted && form[0] === '--json') continue;
    // The events of some connections are numbered anew, and inspect counts latencies before it filters.
    const anew = (text: string): string =>
      words.includes('--filter')
        ? text.replaceAll(/"event":\d+/g, '"event":0').replace(/,"latencies":\{[^}]*\}/, '')
        : text;
    t.is(firstDifference(anew(replayed.stdout), anew(shown.stdout), isRedacted), undefined);
    if (!isRedacted) t.is(replayed.stderr, shown.stderr);
  }
  return path;
}

test('of a capture in clear: what is replayed is what inspect shows', async (t) => {
  const path = await compare(t, [logins(t, 12)], false);
  t.is(statSync(path).mode & 0o777, 0o600);
  t.true(readFileSync(path).length > 0);
});

test('redacted: the same but for the secrets, which are counted; none is in the file', async (t) => {
  const path = await compare(t, [logins(t, 12)], true);
  const content = gunzipSync(readFileSync(path)).toString();
  const lines = linesOf(readFileSync(path));
  const bytes = Buffer.concat(
    lines.filter(({ kind }) => kind === 'bytes').map((line) => Buffer.from(String(line['bytes']), 'base64')),
  ).toString('latin1');
  for (const secret of ['tiger-lily', 'abcdef123456']) {
    t.false(content.includes(secret));
    t.false(bytes.includes(secret));
  }
  t.true(bytes.includes('password=**********'));
  t.deepEqual(lines[0]?.['redactions'], {
    places: { cookie: 12, 'form field': 12 },
    texts: 0,
    keylog: 0,
  });
  const { stderr } = await askWirelab(['replay', path, '--no-tui']);
  t.is(stderr, 'wirelab: redacted: 24 places in the bytes (form field 12, cookie 12), 0 in texts\n');
});

test('with keys: what they decrypt is in it only on request', async (t) => {
  const folder = folderFor(t);
  const seen = join(folder, 'seen.pcapng');
  await askWirelab(['run', 'mtls', '--no-tui', '-w', seen, '--with-secrets']);
  const kept = await compare(t, [seen], false);
  t.true(
    linesOf(readFileSync(kept)).some(({ kind, line }) => kind === 'keylog' && /_SECRET/.test(String(line))),
  );
  const redacted = join(folder, 'redacted.wirelab');
  const saved = await askWirelab(['inspect', seen, '--save', redacted]);
  t.regex(saved.stderr, /\d\d lines of the key log left out/);
  t.notRegex(gunzipSync(readFileSync(redacted)).toString(), /_SECRET(_\d)? [0-9a-f]{64} |CLIENT_RANDOM/);
  const { stdout } = await askWirelab(['replay', redacted, '--no-tui']);
  // Certificates, which the keys have shown, are public.
  t.regex(stdout, /CN=shop/);
  t.false(stdout.includes('tiger-lily'));
  // What became of each connection is as the keys showed it, in lines and in JSON.
  const outcomes = async (words: readonly string[]): Promise<string[]> =>
    (await askWirelab([...words, '--no-tui'])).stdout.match(/^ {2}outcome .*$/gm) ?? [];
  t.true((await outcomes(['inspect', seen])).length > 3);
  t.deepEqual(await outcomes(['replay', redacted]), await outcomes(['inspect', seen]));
  const told = async (words: readonly string[]): Promise<unknown[]> =>
    (await askWirelab([...words, '--json'])).stdout
      .split('\n')
      .filter((line) => /^\{"v":2,"kind":"(?:handshake|alert|stream)"/.test(line))
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter(({ message }) => message !== 'new_session_ticket')
      .map(({ kind, stream, from, message, code, outcome }) => [
        kind,
        stream,
        ...(kind === 'stream' ? [(outcome as { sentence: unknown }).sentence] : [from, message, code]),
      ]);
  t.deepEqual(await told(['replay', redacted]), await told(['inspect', seen]));
  const one = join(folder, 'one.wirelab');
  await askWirelab(['inspect', seen, '--stream', '0', '--save', one, '--with-secrets']);
  const count = (path: string): number =>
    linesOf(readFileSync(path)).filter(({ kind }) => kind === 'keylog').length;
  t.true(count(one) > 0 && count(one) < count(kept), 'keys of other connections are left out');
});

test('datagrams, a gap, an end in the middle and a file that is cut off are as in the capture', async (t) => {
  const folder = folderFor(t);
  const path = join(folder, 'seen.pcap');
  const [client, server] = [
    { source: '10.0.0.1', destination: '10.0.0.2' },
    { source: '10.0.0.2', destination: '10.0.0.1' },
  ];
  const out = { sourcePort: 5000, destinationPort: 80 };
  const file = pcap([
    ipv4(udp({ sourcePort: 5353, destinationPort: 53, payload: Buffer.from('no question') }), {
      ...client,
      protocol: 17,
    }),
    ipv4(tcp({ ...out, sequence: 100, flags: 'S' }), client),
    ipv4(
      tcp({ sourcePort: 80, destinationPort: 5000, sequence: 500, acknowledged: 101, flags: 'S' }),
      server,
    ),
    ipv4(
      tcp({ ...out, sequence: 101, acknowledged: 501, payload: Buffer.from('GET /a HTTP/1.1\r\n') }),
      client,
    ),
    // 20 bytes between them are not in the capture.
    ipv4(tcp({ ...out, sequence: 138, acknowledged: 501, payload: Buffer.from('Host: a\r\n\r\n') }), client),
    ipv4(
      tcp({ sourcePort: 80, destinationPort: 5000, sequence: 501, acknowledged: 149, flags: 'R' }),
      server,
    ),
    ipv4(tcp({ sourcePort: 5001, destinationPort: 80, sequence: 7, flags: 'S' }), client),
  ]);
  writeFileSync(path, file.subarray(0, file.length - 5));
  const saved = await compare(t, [path], false);
  t.regex((await askWirelab(['replay', saved, '--no-tui'])).stderr, /the file is truncated/);
});

test('what a pipe brings is saved like a file', async (t) => {
  const seen = logins(t, 3);
  const folder = folderFor(t);
  const [piped, read] = [join(folder, 'piped.wirelab'), join(folder, 'read.wirelab')];
  const running = start(t, ['inspect', '-', '--save', piped]);
  running.child.stdin.end(readFileSync(seen));
  t.deepEqual(await running.exit, [0, null]);
  await askWirelab(['inspect', seen, '--save', read]);
  const eventsOf = (path: string): unknown =>
    linesOf(readFileSync(path)).filter(({ kind }) => kind !== 'wirelab-bundle' && kind !== 'source');
  t.deepEqual(eventsOf(piped), eventsOf(read));
});

test('ended while it reads, it leaves nothing, and an earlier file stays', async (t) => {
  const folder = folderFor(t);
  const path = join(folder, 'seen.wirelab');
  writeFileSync(path, 'earlier');
  const running = start(t, ['inspect', '-', '--save', path]);
  running.child.stdin.write(readFileSync(logins(t, 1)).subarray(0, 500));
  await until(() => readdirSync(folder).length > 1);
  running.child.kill('SIGTERM');
  t.deepEqual(await running.exit, [143, null]);
  t.deepEqual(readdirSync(folder), ['seen.wirelab']);
  t.is(readFileSync(path, 'utf8'), 'earlier');
});

test('several captures are saved as they are read together', async (t) => {
  const one = logins(t, 3);
  const other = captureOf(t, 5);
  const path = await compare(t, [one, other], false);
  const began = linesOf(readFileSync(path)).find(({ kind }) => kind === 'began');
  t.is((began?.['files'] as unknown[] | undefined)?.length, 2);
});

test('--stream and --filter choose what is saved', async (t) => {
  const seen = logins(t, 12);
  for (const words of [
    ['--stream', '3'],
    ['--filter', 'failed'],
    ['--filter', 'host~shop-1'],
  ])
    await compare(t, [seen, ...words], false);
  const path = join(folderFor(t), 'one.wirelab');
  const { stdout } = await askWirelab(['inspect', seen, '--filter', 'status>=400', '--save', path]);
  t.regex(stdout, /^1 connection was written to /);
  const lines = linesOf(readFileSync(path));
  t.deepEqual(
    lines.filter(({ kind }) => kind === 'opened').map(({ conn }) => conn as number),
    [3],
  );
});

test('a page and a bundle are made of one reading; the page of a bundle names what was redacted', async (t) => {
  const folder = folderFor(t);
  const [page, path, again] = ['a.html', 'a.wirelab', 'b.html'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const { stdout } = await askWirelab(['inspect', logins(t, 2), '--html', page, '--save', path]);
  t.is(stdout, `2 connections were written to ${page}\n2 connections were written to ${path}\n`);
  const replayed = await askWirelab(['replay', path, '--html', again, '--json']);
  t.is(replayed.exitCode, 0);
  t.deepEqual(readdirSync(folder), ['a.html', 'a.wirelab', 'b.html']);
  const html = readFileSync(again, 'utf8');
  const packed = Array.from(html.matchAll(/data-form="gzip"[^>]*>([A-Za-z0-9+/=]+)</g), ([, text = '']) =>
    gunzipSync(Buffer.from(text, 'base64')).toString('latin1'),
  ).join('');
  t.regex(packed, /redacted: form field/);
  t.regex(html, /<p class="dim">.*Replay of a file that wirelab [\d.]+ saved at .* UTC; redacted: 4 places/);
  t.notRegex(readFileSync(page, 'utf8'), /Replay of a file/);
  for (const text of [html, packed]) t.false(text.includes('tiger-lily'));
});

test('view opens it, with what was redacted', async (t) => {
  const path = join(folderFor(t), 'seen.wirelab');
  await askWirelab(['inspect', logins(t, 12), '--save', path]);
  const { url } = await viewing(t, [path]);
  const { body } = await ask(url);
  t.regex(body, /<title[^>]*>seen\.pcap - wirelab/);
  t.regex(body, /a saved capture, by wirelab \d/);
  t.regex(body, /redacted: 24 places/);
  const rows = await rowsOf(url, 'failed');
  t.is(rows.count, 12);
  t.regex((await ask(`${url}connection?conn=3`)).body, /POST \/login/);
  t.false((await ask(`${url}bytes?conn=3`)).body.includes('tiger-lily'));
});

test('what cannot be saved is said in a sentence with exit code 2, and an earlier file stays', async (t) => {
  const folder = folderFor(t);
  const path = join(folder, 'seen.wirelab');
  writeFileSync(path, 'earlier');
  const seen = logins(t, 2);
  const none = join(folder, 'none.pcap');
  writeFileSync(none, 'no capture');
  for (const [words, expected] of [
    [[none, '--save', path], /not a capture file|format/],
    [[seen, '--save', path, '--json'], /--save and --json exclude each other/],
    [[seen, '--save', path, '--stats'], /--save and --stats exclude each other/],
    [[seen, '--save', path, '--stream', '9'], /has no connection 9/],
    [[seen, '--save', path, '--filter', '('], /--filter/],
    [[seen, '--save', join(folder, 'none', 'x')], /its folder does not exist\n.*--save /],
  ] as const) {
    const { exitCode, stdout, stderr } = await askWirelab(['inspect', ...words]);
    t.is(exitCode, 2, words.join(' '));
    t.is(stdout, '');
    t.regex(stderr, expected);
  }
  t.is(readFileSync(path, 'utf8'), 'earlier');
  t.deepEqual(readdirSync(folder).sort(), ['none.pcap', 'seen.wirelab']);
});

test('a capture with more than a bundle may hold is refused as soon as so much was read', async (t) => {
  const folder = folderFor(t);
  const path = join(folder, 'seen.wirelab');
  const [source, destination] = ['10.0.0.1', '10.0.0.2'];
  const each = 60_000;
  const payload = Buffer.alloc(each, 'x');
  const packets = [
    ipv4(tcp({ sourcePort: 5000, destinationPort: 80, sequence: 100, flags: 'S' }), { source, destination }),
  ];
  for (let index = 0; index < 1200; index++)
    packets.push(
      ipv4(
        tcp({
          sourcePort: 5000,
          destinationPort: 80,
          sequence: 101 + index * each,
          acknowledged: 1,
          payload,
        }),
        { source, destination },
      ),
    );
  const seen = join(folder, 'seen.pcap');
  writeFileSync(seen, pcap(packets));
  const { exitCode, stderr } = await askWirelab(['inspect', seen, '--save', path]);
  t.is(exitCode, 2);
  t.regex(
    stderr,
    /more than a bundle may hold: 64 MiB of data, 20,000 connections, 400,000 pieces\n.*--save /,
  );
  t.regex(stderr, /--stream, or some with --filter/);
  t.deepEqual(readdirSync(folder), ['seen.pcap']);
});

test('a bundle is no capture: the commands for it are named', async (t) => {
  const path = join(folderFor(t), 'seen.wirelab');
  await askWirelab(['inspect', logins(t, 1), '--save', path]);
  const { exitCode, stderr } = await askWirelab(['inspect', path]);
  t.is(exitCode, 2);
  t.regex(stderr, /it is a wirelab bundle\n[^]*\.\/wirelab replay, or in the browser with \.\/wirelab view/);
});

test('what is about the steps of a run is refused in a sentence', async (t) => {
  const path = join(folderFor(t), 'seen.wirelab');
  await askWirelab(['inspect', logins(t, 1), '--save', path]);
  for (const words of [['--cast', join(folderFor(t), 'x.cast')], ['--pace', 'step'], ['--notes']]) {
    const { exitCode, stdout, stderr } = await askWirelab(['replay', path, ...words]);
    t.is(exitCode, 2);
    t.is(stdout, '');
    t.regex(
      stderr,
      new RegExp(`^wirelab: ${words[0]} is about the steps of a run, and this bundle has none`),
    );
  }
});
