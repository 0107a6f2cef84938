/** `wirelab prove` against servers of this process: each misconfiguration is found, and a sound server has no hole. */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import type { ServerOptions } from 'node:https';
import { createSecureServer } from 'node:http2';
import type { Http2SecureServer } from 'node:http2';
import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer, TLSSocket } from 'node:tls';
import type { PeerCertificate } from 'node:tls';
import { desk, world } from '../certs/support/files.ts';
import { until } from '../../helpers/until.ts';
import { nowhere } from '../../helpers/nowhere.ts';
import { runProgram, withPeer } from '../../helpers/peer.ts';
import { askWirelab, mainFile, wirelabEnvironment } from '../../helpers/wirelab.ts';
import { enforced, notEnforced, proveAt, table, withKey } from './support/proving.ts';
import type { Proven } from './support/proving.ts';

const own = { key: world.identity('shop').key, cert: world.chain('shop') };
const strict = { ...own, ca: world.certificate('ca'), requestCert: true, rejectUnauthorized: true };
const lax = { ...strict, rejectUnauthorized: false };

async function listen(t: ExecutionContext, server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return (server.address() as AddressInfo).port;
}

const peerOf = ({ socket }: IncomingMessage): { readonly tls: TLSSocket; readonly peer: PeerCertificate } => {
  const tls = socket as TLSSocket;
  return { tls, peer: tls.getPeerCertificate() };
};

/** @param statusOf what the application answers */
async function site(
  t: ExecutionContext,
  options: ServerOptions,
  statusOf: (request: IncomingMessage) => number = () => 200,
): Promise<number> {
  const server = createServer(options, (request, response) => {
    response.statusCode = statusOf(request);
    response.end('hello\n');
  });
  server.on('tlsClientError', () => {});
  return listen(t, server);
}

/** What a server lets in that asks without verifying. */
const anybody = [
  'none',
  'none-tls1.2',
  'other-ca',
  'same-name-ca',
  'same-key-id-ca',
  'self-signed',
  'expired',
  'not-yet-valid',
  'wrong-usage',
  'bad-signature',
  'client-as-ca',
];
/** On a signature that is wrong, Node's server closes sooner or later, even then: these may have been answered by that time. */
const forged: ReadonlySet<string> = new Set(['same-key-id-ca', 'bad-signature']);
const withoutForged = (proven: Proven): Proven => ({
  ...proven,
  holes: proven.holes.filter((id) => !forged.has(id)),
});
const unforged = anybody.filter((id) => !forged.has(id));

test('a server that verifies: nobody but the valid client gets in', async (t) => {
  const { folder } = desk(t);
  const proven = await proveAt(
    t,
    folder,
    await site(t, strict),
    ...withKey,
    '--cacert',
    'ca.crt',
    '--servername',
    'shop.localhost',
  );
  enforced(t, proven);
  for (const id of anybody) t.is(proven.clients.get(id)?.mark, 'ok', table(proven));
  t.is(proven.clients.get('other-key')?.alert, 'decrypt_error', table(proven));
  t.is(proven.clients.get('tls1.0')?.alert, 'protocol_version', table(proven));
});

test('a server that asks and takes everybody', async (t) => {
  const { folder } = desk(t);
  const proven = await proveAt(t, folder, await site(t, lax));
  notEnforced(t, withoutForged(proven), unforged);
  t.is(proven.clients.get('none')?.answer, 'same');
  t.is(proven.clients.get('other-key')?.outcome, 'refused_by_tls');
});

test('a server that never asks', async (t) => {
  const { folder } = desk(t);
  const proven = await proveAt(t, folder, await site(t, own));
  t.is(proven.exitCode, 1);
  for (const id of [...anybody, 'other-key']) t.true(proven.holes.includes(id), table(proven));
});

test('a server that never asks has one hole, and its reason stands first', async (t) => {
  const { folder } = desk(t);
  const words = ['prove', `127.0.0.1:${await site(t, own)}`, ...withKey];
  const { stdout } = await askWirelab(words, { cwd: folder });
  t.regex(
    stdout,
    /^ \S+ {2}MUTUAL TLS IS NOT ENFORCED: 1 hole\n {3}hole +No certificate was asked for at all \(no CertificateRequest\)\./,
  );
  t.is(stdout.split('\n\n')[0]?.match(/^ {3}to do /gm)?.length, 1, stdout);
});

test('an answer without a space leaves the table its columns', async (t) => {
  const { folder } = desk(t);
  const server = createTlsServer(
    strict,
    (socket) => void socket.on('error', () => {}).write('x'.repeat(200)),
  );
  server.on('tlsClientError', () => {});
  const words = ['prove', `127.0.0.1:${await listen(t, server)}`, ...withKey];
  const { stdout } = await askWirelab(words, { cwd: folder });
  t.regex(stdout, /valid, once more at the end +admitted +answered: x+…/);
});

test('an application that refuses in the place of TLS', async (t) => {
  const { folder } = desk(t);
  const port = await site(t, lax, (request) => (peerOf(request).tls.authorized ? 200 : 403));
  const proven = await proveAt(t, folder, port);
  enforced(t, proven);
  t.is(proven.clients.get('none')?.outcome, 'refused_by_application', table(proven));
});

test('an application that takes any certificate', async (t) => {
  const { folder } = desk(t);
  const port = await site(t, lax, (request) => (Object.keys(peerOf(request).peer).length > 0 ? 200 : 401));
  notEnforced(t, withoutForged(await proveAt(t, folder, port)), unforged.slice(2));
});

test('an application that looks only at the name of the issuer', async (t) => {
  const { folder } = desk(t);
  const port = await site(t, lax, (request) => {
    const { peer } = peerOf(request);
    return Object.keys(peer).length > 0 && peer.issuer.CN === 'Workshop CA' ? 200 : 401;
  });
  const proven = await proveAt(t, folder, port);
  notEnforced(t, withoutForged(proven), ['same-name-ca', 'expired', 'not-yet-valid', 'wrong-usage']);
});

test('an application that overlooks the usage', async (t) => {
  const { folder } = desk(t);
  const port = await site(t, lax, (request) => {
    const { tls } = peerOf(request);
    return tls.authorized || String(tls.authorizationError) === 'INVALID_PURPOSE' ? 200 : 403;
  });
  notEnforced(t, await proveAt(t, folder, port), ['wrong-usage']);
});

test('old versions that are open', async (t) => {
  const { folder } = desk(t);
  const port = await site(t, { ...strict, minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' });
  notEnforced(t, await proveAt(t, folder, port), ['tls1.0', 'tls1.1']);
});

test('a server that says nothing by itself and understands no HTTP', async (t) => {
  const { folder } = desk(t);
  const serve = async (options: object): Promise<number> => {
    const server = createTlsServer(options, (socket) => void socket.on('error', () => {}).resume());
    server.on('tlsClientError', () => {});
    return listen(t, server);
  };
  const sound = await proveAt(t, folder, await serve(strict));
  enforced(t, sound);
  const open = await proveAt(t, folder, await serve(lax));
  notEnforced(t, withoutForged(open), unforged);
  t.is(open.clients.get('none')?.answer, 'none');
});

/** Closes on anything but a CONNECT of MQTT. */
const broker = async (
  t: ExecutionContext,
  options: object,
  code: (socket: TLSSocket) => number,
): Promise<number> => {
  const server = createTlsServer(options, (socket) => {
    socket
      .on('error', () => {})
      .on('data', (bytes: Buffer) => {
        const isConnect =
          bytes[0] === 0x10 && bytes.toString('latin1', 4, 8) === 'MQTT' && bytes.length === 2 + bytes[1]!;
        if (isConnect) socket.write(Buffer.from([0x20, 2, 0, code(socket)]));
        else socket.destroy();
      });
  });
  server.on('tlsClientError', () => {});
  return listen(t, server);
};

test('a broker is asked in MQTT', async (t) => {
  const { folder } = desk(t);
  const sound = await proveAt(t, folder, await broker(t, strict, () => 0));
  enforced(t, sound);
  t.is(sound.clients.get('valid')?.words.en, 'answered: CONNACK 0 (accepted)');
  t.true(sound.proof.notProven.some(({ en }) => en.includes('publish')));
  const open = await proveAt(t, folder, await broker(t, lax, () => 0));
  notEnforced(t, withoutForged(open), unforged);
  const itself = await proveAt(t, folder, await broker(t, lax, ({ authorized }) => (authorized ? 0 : 5)));
  enforced(t, itself);
  t.is(itself.clients.get('none')?.outcome, 'refused_by_application', table(itself));
  const nobody = await proveAt(t, folder, await broker(t, lax, () => 5));
  t.is(nobody.exitCode, 3, table(nobody));
});

test('what a header might do is not proven, where the server speaks HTTP', async (t) => {
  const { folder } = desk(t);
  const speaks = async (port: number): Promise<boolean> =>
    (await proveAt(t, folder, port)).proof.notProven.some(({ en }) => en.includes('X-Client-Verify'));
  t.true(await speaks(await site(t, strict)));
  t.false(await speaks(await broker(t, strict, () => 0)));
});

test('a server that takes certificates only under TLS 1.2 is proven there', async (t) => {
  const { folder } = desk(t);
  const port = await site(t, lax, (request) => {
    const { tls } = peerOf(request);
    return tls.getProtocol() === 'TLSv1.2' && tls.authorized ? 200 : 403;
  });
  const proven = await proveAt(t, folder, port);
  t.deepEqual(proven.holes, [], table(proven));
  t.is(proven.clients.get('valid')?.version, 'TLS 1.2', table(proven));
  t.is(proven.clients.get('none')?.version, 'TLS 1.2', table(proven));
  t.is(proven.clients.get('none-tls1.2')?.mark, 'omitted', table(proven));
});

test('clients of an intermediate CA bring its certificate', async (t) => {
  const { folder } = desk(t);
  const middle = ['--client-ca', 'middle.crt', '--client-ca-key', 'middle.key'];
  enforced(t, await proveAt(t, folder, await site(t, strict), ...middle));
});

test('HTTP/2', async (t) => {
  const { folder } = desk(t);
  const serve = async (options: object, refuses: boolean): Promise<number> => {
    const server: Http2SecureServer = createSecureServer(options, (request, response) => {
      const isAuthorized = (request.stream.session?.socket as TLSSocket | undefined)?.authorized;
      response.writeHead(isAuthorized || !refuses ? 200 : 403).end('hello\n');
    });
    server.on('sessionError', () => {}).on('tlsClientError', () => {});
    return listen(t, server);
  };
  const asked = [...withKey, '--alpn', 'h2'];
  enforced(t, await proveAt(t, folder, await serve(strict, true), ...asked));
  const inWords = await proveAt(t, folder, await serve(lax, true), ...asked);
  t.deepEqual(inWords.holes, [], table(inWords));
  t.is(inWords.clients.get('none')?.outcome, 'refused_by_application', table(inWords));
  t.regex(inWords.clients.get('none')?.words.en ?? '', /^HTTP\/2 403$/);
  const open = await proveAt(t, folder, await serve(lax, false), ...asked);
  notEnforced(t, withoutForged(open), unforged);
  t.is(open.clients.get('none')?.answer, 'same', table(open));
});

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGHUP', undefined],
  ['SIGQUIT', 131],
] as const)
  withPeer('ps', `nothing that was started outlives an interruption (${signal})`, async (t) => {
    const { folder } = desk(t);
    const child = spawn(
      process.execPath,
      [
        mainFile,
        'prove',
        `127.0.0.1:${await site(t, strict)}`,
        ...withKey,
        '--revoke-command',
        'echo $$ "$WIRELAB_CERTIFICATE" >begun.new; mv begun.new begun; sleep 600',
      ],
      { cwd: folder, stdio: 'ignore', env: wirelabEnvironment() },
    );
    const ended = once(child, 'exit');
    const place = join(folder, 'begun');
    t.true(await until(() => existsSync(place) || child.exitCode !== null));
    t.is(child.exitCode, null);
    const [group = '', file = ''] = readFileSync(place, 'utf8').trim().split(' ');
    t.true(existsSync(file));
    child.kill(signal);
    // It ends by SIGHUP itself: Node cannot exit with a terminal that is gone.
    t.deepEqual(await ended, code === undefined ? [null, signal] : [code, null]);
    t.false(existsSync(file));
    const { stdout } = await runProgram('ps', ['-A', '-o', 'pgid=,stat=']);
    const left = stdout.split('\n').map((line) => line.trim().split(/ +/));
    t.deepEqual(
      left.filter(([pgid, state = '']) => pgid === group && !state.startsWith('Z')),
      [],
    );
  });

/** Revoked are those whose serial number a file lists; the command adds one. */
async function withRevocation(t: ExecutionContext, folder: string, reads: boolean): Promise<number> {
  return site(t, strict, (request) => {
    const place = join(folder, 'revoked');
    const list = reads && existsSync(place) ? readFileSync(place, 'utf8') : '';
    return list.includes(peerOf(request).peer.serialNumber) ? 403 : 200;
  });
}

const revokes = [
  '--revoke-command',
  'openssl x509 -in "$WIRELAB_CERTIFICATE" >seen 2>&1; cat "$WIRELAB_CERTIFICATE" >given; echo "$WIRELAB_SERIAL" >>revoked',
];

test('revocation that works, for sessions too', async (t) => {
  const { folder } = desk(t);
  const proven = await proveAt(t, folder, await withRevocation(t, folder, true), ...withKey, ...revokes);
  enforced(t, proven);
  t.is(proven.clients.get('revoked')?.outcome, 'refused_by_application', table(proven));
  t.is(proven.clients.get('revoked-resumed')?.outcome, 'refused_by_application', table(proven));
  t.regex(readFileSync(join(folder, 'given'), 'utf8'), /BEGIN CERTIFICATE/);
  t.notRegex(readFileSync(join(folder, 'given'), 'utf8'), /PRIVATE/);
  t.deepEqual(
    readdirSync(tmpdir()).filter(
      (name) =>
        name.startsWith(`wirelab-prove-`) &&
        existsSync(join(tmpdir(), name, 'client.crt')) &&
        readFileSync(join(tmpdir(), name, 'client.crt'), 'utf8') ===
          readFileSync(join(folder, 'given'), 'utf8'),
    ),
    [],
  );
});

test('revocation that has no effect', async (t) => {
  const { folder } = desk(t);
  const proven = await proveAt(t, folder, await withRevocation(t, folder, false), ...withKey, ...revokes);
  notEnforced(t, proven, ['revoked']);
});

test('revocation that sessions outlive', async (t) => {
  const { folder } = desk(t);
  const port = await site(t, strict, (request) => {
    const { tls, peer } = peerOf(request);
    const place = join(folder, 'revoked');
    const list = existsSync(place) ? readFileSync(place, 'utf8') : '';
    return !tls.isSessionReused() && list.includes(peer.serialNumber) ? 403 : 200;
  });
  notEnforced(t, await proveAt(t, folder, port, ...withKey, ...revokes), ['revoked-resumed']);
});

test('a server that still has a former process for a moment is given that moment', async (t) => {
  const { folder } = desk(t);
  let resumed = 0;
  const port = await site(t, strict, (request) => {
    const { tls, peer } = peerOf(request);
    const place = join(folder, 'revoked');
    const list = existsSync(place) ? readFileSync(place, 'utf8') : '';
    if (!list.includes(peer.serialNumber)) return 200;
    return tls.isSessionReused() && ++resumed < 3 ? 200 : 403;
  });
  enforced(t, await proveAt(t, folder, port, ...withKey, ...revokes));
  t.is(resumed, 3);
});

test('of servers behind one address, one does not check', async (t) => {
  const { folder } = desk(t);
  let without = 0;
  const port = await site(t, lax, (request) => {
    const { authorized } = peerOf(request).tls;
    return authorized || ++without === 1 ? 200 : 403;
  });
  const proven = await proveAt(t, folder, port, ...withKey);
  notEnforced(t, proven, ['none']);
  t.deepEqual(proven.clients.get('none')?.times, { admitted: 1, played: 3 });
  t.regex(proven.proof.holes[0]?.because.en ?? '', /It was admitted 1 of 3 times/);
});

test('a command that fails proves nothing about revocation', async (t) => {
  const { folder } = desk(t);
  const proven = await proveAt(
    t,
    folder,
    await site(t, strict),
    ...withKey,
    '--revoke-command',
    'echo no such CA >&2; exit 4',
  );
  t.is(proven.exitCode, 3);
  t.regex(proven.clients.get('revoked')?.words.en ?? '', /exit code 4\): no such CA/);
});

test('without the key of the CA: what needs none is played', async (t) => {
  const { folder } = desk(t);
  const given = ['--client-ca', 'ca.crt', '--cert', 'alice.crt', '--key', 'alice.key'];
  const sound = await proveAt(t, folder, await site(t, strict), ...given);
  enforced(t, sound);
  t.like(sound.clients.get('expired'), { mark: 'omitted', outcome: 'not_tested' });
  t.is(sound.clients.get('other-key')?.alert, 'decrypt_error');
  t.true(sound.proof.notProven.some(({ en }) => en.includes('needs --client-ca-key')));
  notEnforced(t, withoutForged(await proveAt(t, folder, await site(t, lax), ...given)), [
    'none',
    'none-tls1.2',
    'other-ca',
    'same-name-ca',
    'self-signed',
    'client-as-ca',
  ]);
});

test('names decide: what is issued has the valid client’s', async (t) => {
  const { folder } = desk(t);
  const port = await site(t, strict, (request) => (peerOf(request).peer.subject.CN === 'alice' ? 200 : 403));
  enforced(t, await proveAt(t, folder, port, ...withKey, '--cert', 'alice.crt', '--key', 'alice.key'));
  // Without it the issued client is refused by its name: TLS still tells them apart, and no more than that is said.
  const unnamed = await proveAt(t, folder, port);
  enforced(t, unnamed);
  t.true(
    unnamed.proof.notProven.some(({ en }) => en.includes('refuses the valid client too')),
    table(unnamed),
  );
});

test('an application that refuses everybody alike proves nothing', async (t) => {
  const { folder } = desk(t);
  const proven = await proveAt(t, folder, await site(t, lax, () => 403));
  t.is(proven.exitCode, 3, table(proven));
  t.is(proven.clients.get('none')?.mark, 'unknown', table(proven));
});

test('a valid client that is refused proves nothing', async (t) => {
  const { folder } = desk(t);
  const proven = await proveAt(
    t,
    folder,
    await site(t, strict),
    '--client-ca',
    'other.crt',
    '--client-ca-key',
    'other.key',
  );
  t.is(proven.exitCode, 3);
  t.is(proven.proof.verdict, 'unknown');
  t.regex(proven.proof.because?.en ?? '', /valid client is not admitted either/);
});

test('another server than --cacert vouches for proves nothing', async (t) => {
  const { folder } = desk(t);
  const proven = await proveAt(t, folder, await site(t, strict), ...withKey, '--cacert', 'other.crt');
  t.is(proven.exitCode, 3);
  t.regex(proven.proof.because?.en ?? '', /does not verify with --cacert/);
});

async function raw(t: ExecutionContext, serve: (socket: Socket) => void): Promise<number> {
  const open = new Set<Socket>();
  t.teardown(() => {
    for (const socket of open) socket.destroy();
  });
  return listen(
    t,
    createTcpServer((socket) => {
      open.add(socket);
      socket.on('error', () => {}).on('close', () => open.delete(socket));
      serve(socket);
    }),
  );
}

const hopeless: readonly (readonly [string, (socket: Socket) => void])[] = [
  ['hangs', (socket) => void socket.resume()],
  ['answers with garbage', (socket) => void socket.resume().end('220 hello\r\n')],
  ['resets', (socket) => void socket.resetAndDestroy()],
  ['closes', (socket) => void socket.destroy()],
];
for (const [what, serve] of hopeless)
  test(`a server that ${what} proves nothing`, async (t) => {
    const { folder } = desk(t);
    const proven = await proveAt(t, folder, await raw(t, serve));
    t.is(proven.exitCode, 3, table(proven));
    t.deepEqual(proven.holes, []);
    t.true(proven.proof.milliseconds < 60_000);
  });

test('a port where nobody listens proves nothing', async (t) => {
  const { folder } = desk(t);
  const proven = await proveAt(t, folder, nowhere.port);
  t.is(proven.exitCode, 3);
  t.regex(proven.proof.because?.en ?? '', /ECONNREFUSED/);
  const { stdout } = await askWirelab(['prove', `127.0.0.1:${nowhere.port}`, ...withKey], {
    cwd: folder,
  });
  t.regex(stdout, /NOTHING IS PROVEN[^]*ECONNREFUSED[^]*\.\/wirelab why 127\.0\.0\.1:/);
  t.true(stdout.split('\n').length < 6, stdout);
});

const unseen: readonly (readonly [string, (t: ExecutionContext) => Promise<number>, RegExp])[] = [
  ['is closed', async () => nowhere.port, /ECONNREFUSED/],
  ['is silent', async (t) => raw(t, (socket) => void socket.resume()), /not completed in time/],
  [
    'has no TLS',
    async (t) => raw(t, (socket) => void socket.resume().end('220 hello\r\n')),
    /the answer is not TLS: 220 hello/,
  ],
];
for (const [what, open, words] of unseen)
  test(`a port that ${what} shows no certificate that --cacert could refuse`, async (t) => {
    const { folder } = desk(t);
    const proven = await proveAt(t, folder, await open(t), ...withKey, '--cacert', 'ca.crt');
    t.is(proven.exitCode, 3);
    t.regex(proven.proof.because?.en ?? '', words);
  });

test('a server that dies at one of the clients is not taken for one that refuses', async (t) => {
  const { folder } = desk(t);
  const server = createServer(lax, (request, response) => {
    if (peerOf(request).tls.authorized) response.end('hello\n');
    else if (Object.keys(peerOf(request).peer).length === 0) response.writeHead(403).end();
    else {
      server.close();
      server.closeAllConnections();
    }
  });
  server.on('tlsClientError', () => {});
  const proven = await proveAt(t, folder, await listen(t, server));
  t.is(proven.exitCode, 3, table(proven));
  t.is(proven.clients.get('none')?.mark, 'ok', table(proven));
  t.is(proven.clients.get('other-ca')?.mark, 'unknown', table(proven));
  t.is(proven.clients.get('expired')?.mark, 'unknown', table(proven));
});

test('an endless answer is judged by its head', async (t) => {
  const { folder } = desk(t);
  const server = createServer(lax, (request, response) => {
    response.statusCode = peerOf(request).tls.authorized ? 200 : 403;
    const timer = setInterval(() => response.write('x'.repeat(100)), 20);
    response.on('close', () => clearInterval(timer));
  });
  const proven = await proveAt(t, folder, await listen(t, server));
  enforced(t, proven);
  t.true(proven.proof.milliseconds < 60_000, String(proven.proof.milliseconds));
});

for (const length of [100_000, 10_000_000])
  test(`a server that sends ${length} bytes by itself, before it is asked`, async (t) => {
    const { folder } = desk(t);
    const server = createTlsServer(strict, (socket) => {
      socket.on('error', () => {}).resume();
      socket.write(`HTTP/1.1 200 OK\r\nx: ${'x'.repeat(length)}\r\n\r\n`);
    });
    server.on('tlsClientError', () => {});
    const proven = await proveAt(t, folder, await listen(t, server));
    enforced(t, proven);
    t.is(proven.clients.get('renegotiated')?.renegotiation, 'completed', table(proven));
  });

test('STARTTLS', async (t) => {
  const { folder } = desk(t);
  const mail = async (options: object): Promise<number> =>
    raw(t, (socket) => {
      socket.write('220 mail\r\n');
      const onData = (bytes: Buffer): void => {
        const line = bytes.toString();
        if (!/^STARTTLS/i.test(line)) {
          socket.write('250-mail\r\n250 STARTTLS\r\n');
          return;
        }
        socket.off('data', onData);
        socket.write('220 go ahead\r\n');
        const tls = new TLSSocket(socket, { isServer: true, ...options });
        tls.on('error', () => {}).on('data', () => tls.write('250 mail\r\n'));
      };
      socket.on('data', onData);
    });
  // TLSSocket alone asks, and leaves it to its program to refuse.
  const open = await proveAt(t, folder, await mail(lax), ...withKey, '--starttls', 'smtp');
  notEnforced(t, withoutForged(open), unforged);
});

test('the capture has the connections that the lines name', async (t) => {
  const { folder } = desk(t);
  const proven = await proveAt(t, folder, await site(t, strict), ...withKey, '-w', 'seen.pcapng');
  enforced(t, proven);
  const { stdout } = await askWirelab(['inspect', 'seen.pcapng', '--json'], { cwd: folder });
  t.true(stdout.includes('"kind":"handshake"'));
  t.true([...proven.clients.values()].some(({ stream = 0 }) => stream > 3));
});

test('the answer stands first, then each hole with what mends it', async (t) => {
  const { folder } = desk(t);
  const port = await site(t, { ...strict, minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' });
  const words = ['prove', `127.0.0.1:${port}`, ...withKey];
  const { stdout, exitCode } = await askWirelab(words, { cwd: folder });
  t.is(exitCode, 1);
  t.regex(stdout, /^ 127\.0\.0\.1:\d+ {2}MUTUAL TLS IS NOT ENFORCED: 2 holes\n {3}hole /);
  t.is(stdout.match(/to do .*ssl_protocols|Allow TLS 1\.2/g)?.length, 1);
  const korean = await askWirelab([...words, '--lang', 'ko'], { cwd: folder });
  t.regex(korean.stdout, /상호 TLS가 강제되지 않음: 허점 2개/);
});

test('a reader that goes away before the verdict is left with no 0', async (t) => {
  const { folder } = desk(t);
  const words = ['prove', `127.0.0.1:${await site(t, strict)}`, ...withKey];
  const codeBehind = async (options: readonly string[], isRead: boolean): Promise<number | null> => {
    const child = spawn(process.execPath, [mainFile, ...words, ...options], {
      cwd: folder,
      env: wirelabEnvironment(),
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    if (isRead) child.stdout.resume();
    else child.stdout.destroy();
    const [code] = (await once(child, 'exit')) as [number | null];
    return code;
  };
  t.is(await codeBehind(['--json'], false), 3);
  t.is(await codeBehind(['--json'], true), 0);
});

const mistakes: readonly (readonly [string, readonly string[], RegExp])[] = [
  ['no operand', [], /missing operand/],
  ['not a port', ['local host', ...withKey], /not a host and port: local host/],
  ['a URL of a scheme without TLS', ['redis://localhost', ...withKey], /unsupported URL scheme: redis/],
  ['no CA', ['127.0.0.1:1'], /missing --client-ca/],
  ['no valid client', ['127.0.0.1:1', '--client-ca', 'ca.crt'], /no valid client/],
  ['another key', ['127.0.0.1:1', '--client-ca', 'ca.crt', '--client-ca-key', 'alice.key'], /does not match/],
  ['no such file', ['127.0.0.1:1', '--client-ca', 'no.crt', '--client-ca-key', 'ca.key'], /no\.crt/],
  ['a path with spaces', ['127.0.0.1:1', ...withKey, '--path', '/a b'], /--path/],
  ['a server elsewhere', ['192.0.2.1:443', ...withKey], /--unsafe-target/],
];
for (const [what, words, message] of mistakes)
  test(`a mistake: ${what}`, async (t) => {
    const { folder } = desk(t);
    const { exitCode, stderr } = await askWirelab(['prove', ...words], { cwd: folder });
    t.is(exitCode, 2);
    t.regex(stderr, message);
  });

test('a key that others can read is mentioned', async (t) => {
  const { folder } = desk(t);
  writeFileSync(join(folder, 'open.key'), world.identity('ca').key, { mode: 0o644 });
  const { stderr } = await askWirelab(
    ['prove', `127.0.0.1:${nowhere.port}`, '--client-ca', 'ca.crt', '--client-ca-key', 'open.key'],
    { cwd: folder },
  );
  t.regex(stderr, /other users can read open\.key/);
});
