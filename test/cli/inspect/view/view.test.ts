/** `wirelab view` over real sockets: who is served, what is listed, and what of one connection. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import type { ViewFault } from '../../../../src/ui/html/view/format.ts';
import { listOrders } from '../../../../src/presentation/report/list-orders.ts';
import { openerFor } from '../../../../src/cli/run/web/browser.ts';
import { ipv4, pcap, udp } from '../../../capture/support/packets.ts';
import { until } from '../../../helpers/until.ts';
import { askWirelab } from '../../../helpers/wirelab.ts';
import { ask } from '../../../helpers/ask-http.ts';
import { usual } from './captures.ts';
import { captureOf, folderFor, rowsOf, viewing } from './support.ts';

test('the page is served to this machine alone, under its token, and kept by nobody', async (t) => {
  const { url } = await viewing(t, [captureOf(t, 3)]);
  t.regex(url, /^http:\/\/127\.0\.0\.1:\d+\/[\w-]{22}\/$/);
  const { status, headers, body } = await ask(url);
  t.is(status, 200);
  t.is(headers['cache-control'], 'no-store');
  t.regex(
    String(headers['content-security-policy']),
    /^default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+'; connect-src 'self'; .*frame-ancestors 'none'$/,
  );
  t.regex(body, /<title[^>]*>seen\.pcap - wirelab/);
  const { origin, port } = new URL(url);
  for (const path of ['/', '/rows', '/favicon.ico', `/${'a'.repeat(22)}/`])
    t.is((await ask(origin, { path })).status, 404, path);
  t.is((await ask(url, { headers: { host: `evil.example:${port}` } })).status, 421);
  t.is((await ask(url, { method: 'POST' })).status, 405);
});

test('what is asked for in a wrong way, or is not there, is refused', async (t) => {
  const { url } = await viewing(t, [captureOf(t, 3)]);
  for (const wrong of [
    'rows',
    'rows?from=0',
    'rows?from=-1&count=5',
    'rows?from=0&count=201',
    'rows?from=1e3&count=5',
    'rows?from=0&count=5&order=size',
    'rows?from=0&count=5&order=',
    'rows?from=0&count=5&conn=x',
    `rows?from=0&count=5&filter=${'a'.repeat(501)}`,
    'connection',
    'connection?conn=x',
    'bytes?conn=01',
  ])
    t.is((await ask(`${url}${wrong}`)).status, 400, wrong);
  for (const absent of ['connection?conn=3', 'bytes?conn=4711', 'events', 'constructor'])
    t.is((await ask(`${url}${absent}`)).status, 404, absent);
  const beyond = await rowsOf(url, '', 100);
  t.deepEqual(beyond.rows, []);
  t.is(beyond.count, 3);
});

/** The numbers of the connections that `inspect` shows. */
async function inspected(path: string, filter: string): Promise<readonly number[]> {
  const { stdout } = await askWirelab(['inspect', path, '--json', '--filter', filter]);
  const found = stdout
    .split('\n')
    .filter((line) => line.includes('"stream":'))
    .map((line) => (JSON.parse(line) as { readonly stream: number }).stream);
  return [...new Set(found)];
}

test('a filter lets the same connections through as inspect --filter', async (t) => {
  const path = captureOf(t, 40);
  const { url } = await viewing(t, [path]);
  let some = 0;
  for (const filter of [
    'status>=400',
    'not status>=400',
    'host=shop-3.example',
    'path~/page-1 and method=GET',
    '"page-17"',
    'stream<5 or client=10.1.0.9',
    'failed',
    'tls',
  ]) {
    const { rows, matches, count } = await rowsOf(url, filter);
    const expected = await inspected(path, filter);
    t.deepEqual(
      rows.map(([conn]) => conn),
      expected,
      filter,
    );
    t.is(matches, expected.length);
    t.is(count, 40);
    some += matches > 0 && matches < count ? 1 : 0;
  }
  t.true(some >= 5);
});

test('a mistake in a filter is named in the words of inspect --filter', async (t) => {
  const path = captureOf(t, 2);
  const { url } = await viewing(t, [path]);
  for (const filter of ['statsu=5', 'status>', '(tls', 'bytes>ten']) {
    const { body } = await ask(
      `${url}rows?${new URLSearchParams({ filter, from: '0', count: '5' }).toString()}`,
    );
    const [en = '', ko = ''] = (JSON.parse(body) as ViewFault).fault as readonly string[];
    for (const [lang, text] of [
      ['en', en],
      ['ko', ko],
    ] as const) {
      const { stderr, exitCode } = await askWirelab(['inspect', path, '--filter', filter, '--lang', lang]);
      t.is(exitCode, 2);
      const what = /^wirelab: (.*)$/m.exec(stderr)?.[1] ?? '?';
      t.true(text.includes(what), `${text} has ${what}`);
    }
  }
  const { exitCode, stderr } = await askWirelab(['view', path, '--no-open', '--filter', 'statsu=5']);
  t.is(exitCode, 2);
  t.regex(stderr, /--filter:1/);
});

test('of a connection there are its messages, and all of its bytes and no others', async (t) => {
  const { url } = await viewing(t, [captureOf(t, 5)]);
  const { body } = await ask(`${url}connection?conn=3`);
  t.regex(body, /^<div class="opened">/);
  t.regex(body, /id="connection-3"/);
  t.regex(body, />GET \/page-3</);
  t.regex(body, /404 Not Found/);
  t.notRegex(body, /page-2|page-4/);
  t.regex(body, /href="#bytes-at-3-wire-client-0-\d+"/);
  const explorer = (await ask(`${url}bytes?conn=3`)).body;
  t.regex(explorer, /^<section class="explorer" data-explorer="waiting">/);
  t.regex(explorer, /"connections":\[1\]/);
});

test('a conversation says what inspect prints of it, and rows of both wires are there', async (t) => {
  const path = join(folderFor(t), 'mtls.pcapng');
  await askWirelab(['run', 'mtls', '--no-tui', '-w', path, '--with-secrets']);
  const { url } = await viewing(t, [path]);
  const { rows } = await rowsOf(url);
  t.true(rows.length > 10);
  let compared = 0;
  let refused = 0;
  for (const [conn] of rows.slice(0, 6)) {
    const { body } = await ask(`${url}connection?conn=${conn}`);
    const printed = (await askWirelab(['inspect', path, '--no-tui', '--stream', String(conn)])).stdout;
    const titles = Array.from(
      body.matchAll(/<strong>(?:<a [^>]*>)?(?:<span lang="en">)?([^<]+)/g),
      ([, title = '']) => title.trim(),
    );
    for (const title of titles) t.true(printed.includes(title), `${title} in:\n${printed}`);
    compared += titles.length;
    const isProven = body.includes('proven, by the bytes');
    t.is(isProven, printed.includes('proven, by the bytes'));
    if (isProven) refused++;
  }
  t.true(compared > 40 && refused > 1, `${compared}, ${refused}`);
});

test('what others have sent is text, in rows and in conversations', async (t) => {
  const evil = '"><script>alert(1)</script><img src=x onerror=alert(2)>\u202Egpj';
  const path = captureOf(t, 3, () => [
    `GET /${evil.replaceAll(' ', '+')} HTTP/1.1\r\nHost: a${evil.replaceAll(' ', '')}\r\nX: ${evil}\r\n\r\n`,
    `HTTP/1.1 200 ${evil}\r\nContent-Length: ${evil.length}\r\n\r\n${evil}`,
  ]);
  const { url } = await viewing(t, [path]);
  const { rows } = await rowsOf(url);
  const bodies = [
    ...rows.map(([, markup]) => markup),
    (await ask(`${url}connection?conn=1`)).body,
    (await ask(`${url}bytes?conn=1`)).body,
  ];
  t.is(bodies.length, 5);
  for (const body of bodies) {
    t.false(/<script>|<img|\u202E/.test(body));
    t.true(body.includes('&#60;script&#62;'));
  }
});

test('rows of many connections come a window at a time, and a filter goes through all of them', async (t) => {
  const { url } = await viewing(t, [captureOf(t, 6000)]);
  const { rows, count } = await rowsOf(url, '', 5990, 50);
  t.is(count, 6000);
  t.deepEqual(
    rows.map(([conn]) => conn),
    Array.from({ length: 10 }, (_, at) => 5990 + at),
  );
  t.true(rows.every(([conn, markup]) => markup.includes(`>#${conn}<`)));
  const found = await rowsOf(url, 'status=404', 500, 200);
  t.is(found.matches, 600);
  t.is(found.tested, 6000);
  t.is(found.rows.length, 100);
  t.is(found.rows[0]?.[0], 5003);
});

/** Of made connections, what they are sorted by: neither rises nor falls with their numbers. */
const facts = (index: number): { readonly pace: number; readonly body: number; readonly host: string } => ({
  pace: 1 + ((index * 7) % 13) * 1000,
  body: (index * 5) % 17,
  host: `shop-${String((index * 11) % 19).padStart(2, '0')}.example`,
});

test('rows come in the orders of the screen, the whole list and what a filter lets through', async (t) => {
  const count = 300;
  const path = captureOf(
    t,
    count,
    (index) => {
      const { host, body } = facts(index);
      return [
        `GET /page-${index} HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
        `HTTP/1.1 200 OK\r\nContent-Length: ${body}\r\n\r\n${'x'.repeat(body)}`,
      ];
    },
    (index) => facts(index).pace,
  );
  const { url } = await viewing(t, [path]);
  const all = Array.from({ length: count }, (_, index) => index);
  const sizeOf = (index: number): number =>
    `GET /page-${index}`.length + facts(index).body + String(facts(index).body).length;
  const by: Readonly<Record<string, (one: number, other: number) => number>> = {
    opened: (one, other) => one - other,
    duration: (one, other) => facts(other).pace - facts(one).pace,
    latency: (one, other) => facts(other).pace - facts(one).pace,
    bytes: (one, other) => sizeOf(other) - sizeOf(one),
    name: (one, other) =>
      facts(one).host < facts(other).host ? -1 : Number(facts(one).host > facts(other).host),
  };
  t.deepEqual(Object.keys(by).toSorted(), [...listOrders].toSorted());
  for (const [order, compare] of Object.entries(by))
    for (const [filter, passes] of [
      ['', () => true],
      [
        'host=shop-03.example or stream<40',
        (one: number) => one < 40 || facts(one).host === 'shop-03.example',
      ],
    ] as const) {
      const expected = all.filter(passes).toSorted((one, other) => compare(one, other) || one - other);
      const found: number[] = [];
      for (let from = 0; from < expected.length; from += 120) {
        const { rows, matches, tested, place } = await rowsOf(url, filter, from, 120, { order, conn: '33' });
        found.push(...rows.map(([conn]) => conn));
        t.is(matches, expected.length);
        t.is(tested, count);
        t.is(place, expected.indexOf(33), `${order} ${filter}`);
      }
      t.deepEqual(found, expected, `${order} ${filter}`);
    }
  t.is((await rowsOf(url, 'stream<3', 0, 5, { order: 'bytes', conn: '33' })).place, undefined);
});

test('a row has the columns of the list on the screen', async (t) => {
  const { url } = await viewing(t, [captureOf(t, 12, usual, () => 1000)]);
  const { rows } = await rowsOf(url);
  const cells = Array.from(
    (rows[3]?.[1] ?? '').matchAll(/<span class="([\w ]+)" role="gridcell">(.*?)<\/span>/g),
    ([, name, text]) => [name, text],
  );
  t.deepEqual(cells.slice(0, 9), [
    ['main', '#3'],
    ['time', '01:46:40.022'],
    ['client', '10.1.0.0:20003'],
    ['server', '10.0.0.2:80'],
    ['name', 'shop-3.example'],
    ['spoke', 'http'],
    ['bytes', '46 / 47'],
    ['latency', '1.0 ms'],
    ['duration', '5.0 ms'],
  ]);
  t.is(cells[9]?.[0], 'outcome');
});

test('a saved run is opened with its verdict, and without what was redacted', async (t) => {
  const path = join(folderFor(t), 'run.wirelab');
  await askWirelab(['run', 'plaintext', '--no-tui', '--save', path]);
  const { url } = await viewing(t, [path]);
  const { body } = await ask(url);
  t.regex(body, /redacted: 12 places in the bytes \(password 3, rrn 3, cookie 6\)/);
  t.regex(body, /id="result"/);
  const { rows, matches } = await rowsOf(url, 'method=POST');
  t.true(matches >= 1);
  const conn = rows[0]?.[0] ?? -1;
  const bodies = [body];
  for (const name of ['connection', 'bytes']) bodies.push((await ask(`${url}${name}?conn=${conn}`)).body);
  t.regex(bodies[1] ?? '', /POST \/login/);
  for (const one of bodies) t.notRegex(one, /tiger-lily|900101-1234567/);
  // The name does not make it one.
  const other = path.replace('run.wirelab', 'other.bin');
  writeFileSync(other, readFileSync(path));
  t.regex((await ask((await viewing(t, [other])).url)).body, /redacted: 12 places/);
});

test('a file that cannot be opened is refused by name, before anything is served', async (t) => {
  const folder = folderFor(t);
  const none = join(folder, 'none.pcap');
  const text = join(folder, 'text.pcap');
  writeFileSync(text, 'this is no capture, and long enough to be seen as such\n');
  const run = join(folder, 'run.wirelab');
  writeFileSync(run, Buffer.from('1f8b0800', 'hex'));
  for (const words of [[], [none], [text], [run], [run, text]]) {
    const { exitCode, stdout, stderr } = await askWirelab(['view', '--no-open', ...words]);
    t.is(exitCode, 2, stderr);
    t.is(stdout, '');
    t.regex(stderr, /^wirelab: \S/);
  }
  const saved = join(folder, 'saved.wirelab');
  await askWirelab(['inspect', captureOf(t, 1), '--save', saved]);
  for (const option of ['--keylog', '--rsa-key', '--ticket-key']) {
    const { exitCode, stdout, stderr } = await askWirelab(['view', '--no-open', saved, option, text]);
    t.is(exitCode, 2, stderr);
    t.is(stdout, '');
    t.true(stderr.startsWith(`wirelab: ${option} is for captures`), stderr);
  }
});

test('what has no payload is named, and what has no packet has no time', async (t) => {
  const path = join(folderFor(t), 'silent.pcap');
  const flow = { source: '10.0.0.1', destination: '10.0.0.2', protocol: 17 };
  const nothing = udp({ sourcePort: 5000, destinationPort: 9, payload: Buffer.alloc(0) });
  writeFileSync(path, pcap([ipv4(nothing, flow)]));
  const head = 'Wire A, connection udp:0';
  const { stdout } = await askWirelab(['inspect', path, '--no-tui']);
  t.true(stdout.includes(`\n${head}: client → server\n  10.0.0.1:5000 → 10.0.0.2:9, `), stdout);
  const { url } = await viewing(t, [path]);
  const conn = (await rowsOf(url)).rows[0]?.[0] ?? -1;
  t.true((await ask(`${url}connection?conn=${conn}`)).body.includes(head));
  t.true((await ask(url)).body.includes('1 packet, from '));
  const empty = join(folderFor(t), 'empty.pcap');
  writeFileSync(empty, pcap([]));
  const { body } = await ask((await viewing(t, [empty])).url);
  t.true(body.includes('0 packets'));
  t.false(body.includes('0 packets, from '));
});

test('Ctrl-C ends it, and its port', async (t) => {
  const { url, running } = await viewing(t, [captureOf(t, 2)]);
  running.child.kill('SIGINT');
  t.deepEqual(await running.exit, [130, null]);
  await t.throwsAsync(ask(url), { message: /ECONNREFUSED/ });
});

/** A folder with a program that writes what it was given into a file. */
function fakeOpener(folder: string): { readonly PATH: string; readonly given: () => string } {
  const file = join(folder, 'given');
  writeFileSync(
    join(folder, 'xdg-open'),
    `#!/bin/sh\nprintf '%s\\n' "$#" "$@" > '${file}.part'\nmv '${file}.part' '${file}'\n`,
    {
      mode: 0o755,
    },
  );
  return {
    PATH: `${folder}:${process.env['PATH']}`,
    given: () => {
      try {
        return readFileSync(file, 'utf8');
      } catch {
        return '';
      }
    },
  };
}

test('a browser is given an address that works once, since other users see it', async (t) => {
  const { PATH, given } = fakeOpener(folderFor(t));
  const { url } = await viewing(t, [captureOf(t, 2)], { PATH, DISPLAY: ':99' });
  await until(() => given() !== '');
  const [count, address = ''] = given().split('\n');
  t.is(count, '1');
  t.is(new URL(address).origin, new URL(url).origin);
  t.not(address, url);
  t.is((await ask(address, { method: 'HEAD' })).status, 404);
  t.is((await ask(`${address}rows?from=0&count=1`)).status, 404);
  const { status, headers } = await ask(address);
  t.is(status, 303);
  t.is(new URL(headers.location ?? '', address).href, url);
  t.is((await ask(address)).status, 404);
  t.is((await ask(url)).status, 200);
});

test('no browser is started with --no-open, or where there is nothing to show it on', async (t) => {
  const { PATH, given } = fakeOpener(folderFor(t));
  const path = captureOf(t, 2);
  for (const [words, display] of [
    [['--no-open', path], ':99'],
    [[path], ''],
  ] as const) {
    const { url, running } = await viewing(t, words, { PATH, DISPLAY: display, WAYLAND_DISPLAY: '' });
    t.is((await ask(url)).status, 200);
    running.child.kill('SIGTERM');
    t.deepEqual(await running.exit, [143, null]);
    t.is(given(), '');
  }
});

test('each system has its own program to open an address', (t) => {
  const which = (program: string): string => `/bin/${program}`;
  t.is(openerFor({}, which, 'darwin'), '/bin/open');
  t.is(openerFor({ DISPLAY: ':0' }, which, 'linux'), '/bin/xdg-open');
  t.is(openerFor({ WAYLAND_DISPLAY: 'wayland-0' }, which, 'freebsd'), '/bin/xdg-open');
  t.is(openerFor({}, which, 'linux'), undefined);
  t.is(
    openerFor({ DISPLAY: ':0' }, () => undefined, 'linux'),
    undefined,
  );
});
