/**
 * Firefox and Chromium at a proxy that requires a client certificate, with the .p12 that `certs issue` makes for them: a login is no
 * failure, whatever connections the browser opens ahead of it; a visit without a certificate is refused, and its card says so.
 */
import type { ExecutionContext } from 'ava';
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { quiet, writePreferences } from '../helpers/firefox.ts';
import { runProgram, withPeer } from '../helpers/peer.ts';
import { start } from '../helpers/running.ts';
import { runWirelab } from '../helpers/wirelab.ts';

interface Place {
  readonly folder: string;
  /** A database of NSS with the CA, and the client's certificate where there is one. */
  readonly databaseWith: (name: string, certificate: boolean) => Promise<string>;
  readonly in: (name: string) => string;
}

async function placeFor(t: ExecutionContext): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-browser-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }));
  const inFolder = (name: string): string => join(folder, name);
  const signs = ['--ca', inFolder('ca.crt'), '--ca-key', inFolder('ca.key')];
  for (const words of [
    ['certs', 'ca', '--name', 'My CA', '--out', inFolder('ca')],
    ['certs', 'issue', 'localhost', ...signs, '--out', inFolder('localhost')],
    ['certs', 'issue', 'alice', '--client', ...signs, '--out', inFolder('alice')],
  ]) {
    const { exitCode, stderr } = await runWirelab(words);
    t.is(exitCode, 0, stderr);
  }
  const done = async (program: string, ...words: readonly string[]): Promise<void> => {
    const { exitCode, stdout, stderr } = await runProgram(program, words);
    t.is(exitCode, 0, `${program}: ${stdout}${stderr}`);
  };
  return {
    folder,
    in: inFolder,
    async databaseWith(name, certificate) {
      const path = inFolder(name);
      mkdirSync(path, { recursive: true });
      await done('certutil', '-N', '-d', `sql:${path}`, '--empty-password');
      await done('certutil', '-A', '-d', `sql:${path}`, '-n', 'ca', '-t', 'CT,,', '-i', inFolder('ca.crt'));
      if (certificate)
        await done('pk12util', '-d', `sql:${path}`, '-i', inFolder('alice.p12'), '-W', 'wirelab');
      return path;
    },
  };
}

const page = `<!doctype html><title>shop</title><img src="/a.png"><script>
fetch('/login', { method: 'POST', body: new URLSearchParams({ user: 'alice', password: 'tiger-lily' }) });
</script>`;

/** The site behind the proxy; it tells when somebody has logged in. */
async function siteFor(t: ExecutionContext): Promise<number> {
  const server = createServer((request, response) => {
    request.resume();
    if (request.url === '/') response.setHeader('content-type', 'text/html').end(page);
    else if (request.url === '/login') response.end('welcome');
    else response.writeHead(404).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

async function proxyFor(t: ExecutionContext, place: Place) {
  const running = start(t, [
    'proxy',
    '--mode',
    'mtls',
    '--listen',
    '127.0.0.1:0',
    '--target',
    `127.0.0.1:${await siteFor(t)}`,
    '--cert',
    place.in('localhost.crt'),
    '--key',
    place.in('localhost.key'),
    '--cacert',
    place.in('ca.crt'),
    '--allow-cn',
    'alice',
    '--no-tui',
  ]);
  const text = await running.until(/listening on 127\.0\.0\.1:(\d+)/);
  return { running, port: Number(/listening on 127\.0\.0\.1:(\d+)/.exec(text)?.[1]) };
}

/** Takes a picture of a page; where there is none it would wait for one, until it is ended. */
function firefox(t: ExecutionContext, place: Place, profile: string, url: string) {
  // Its only certificate is presented without a question.
  writePreferences(profile, { ...quiet, 'security.default_personal_cert': 'Select Automatically' });
  const child = spawn(
    'firefox-esr',
    ['--no-remote', '--profile', profile, '--headless', '--screenshot', place.in('shot.png'), url],
    {
      stdio: 'ignore',
      env: { ...process.env, HOME: place.folder, MOZ_CRASHREPORTER_DISABLE: '1' },
      timeout: 50_000,
    },
  );
  const over = once(child, 'exit');
  const end = async (): Promise<void> => {
    child.kill('SIGTERM');
    await over;
  };
  t.teardown(end);
  return { over, end };
}

const refusals = (text: string): number => text.match(/REFUSED/g)?.length ?? 0;

withPeer(
  ['firefox-esr', 'certutil', 'pk12util'],
  'Firefox logs in with its certificate: what it opens and abandons beside that is no failure',
  async (t) => {
    const place = await placeFor(t);
    const profile = await place.databaseWith('profile', true);
    const { running, port } = await proxyFor(t, place);
    const browser = firefox(t, place, profile, `https://localhost:${port}/`);
    const text = await running.until(/B #\d+ ! READABLE password: tiger-lily/);
    await browser.over;
    t.true(existsSync(place.in('shot.png')));
    t.regex(text, /TLS 1\.3, .*the client is CN=alice/);
    t.notRegex(text, /gave no reason|closed during the handshake/);
    // A connection that it opens ahead without its certificate is refused; the card says what that is.
    t.is(text.match(/had sent nothing more by then/g)?.length ?? 0, refusals(text), text);
  },
);

withPeer(
  ['firefox-esr', 'certutil'],
  'Firefox without a certificate: the visit is refused, and its request is thrown away',
  async (t) => {
    const place = await placeFor(t);
    const profile = await place.databaseWith('profile', false);
    const { running, port } = await proxyFor(t, place);
    const browser = firefox(t, place, profile, `https://localhost:${port}/`);
    const text = await running.until(/had sent\s+\d+ bytes, sealed/);
    t.regex(text, /REFUSED by proxy: the client \(no certificate\)/);
    t.notRegex(text, /GET \//, 'the request went no further');
    await browser.end();
    t.false(existsSync(place.in('shot.png')), 'it had nothing to show');
  },
);

withPeer(
  ['chromium', 'certutil'],
  'Chromium without a certificate: what it abandons upon the request for one is no failure, the visit is refused',
  async (t) => {
    const place = await placeFor(t);
    await place.databaseWith(join('.pki', 'nssdb'), false);
    const { running, port } = await proxyFor(t, place);
    const { stderr } = await runProgram(
      'chromium',
      [
        '--headless=new',
        '--no-sandbox',
        '--disable-gpu',
        '--disable-background-networking',
        `--user-data-dir=${place.in('data')}`,
        `--screenshot=${place.in('shot.png')}`,
        `https://localhost:${port}/`,
      ],
      { env: { ...process.env, HOME: place.folder }, timeout: 50_000 },
    );
    const text = await running.until(/had sent\s+\d+ bytes, sealed/);
    t.regex(stderr, /ERR_BAD_SSL_CLIENT_AUTH_CERT/);
    t.regex(text, /left when it was asked for a certificate/);
    t.notRegex(text, /gave no reason/);
    t.is(text.match(/the client \(no certificate\)/g)?.length, refusals(text));
  },
);
