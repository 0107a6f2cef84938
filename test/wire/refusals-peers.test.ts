/** What other programs' clients report of our refusals: the alert on the wire is the one that their libraries name. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { systemClock } from '../../src/core/clock.ts';
import { CaptureLog } from '../../src/capture/log.ts';
import { accept } from '../../src/wire/accept.ts';
import { runProgram, withPeer } from '../helpers/peer.ts';
import { closedCount, eventsOf } from './support/streams.ts';
import { makeWorld } from './support/world.ts';

const world = makeWorld();
const versions = ['TLSv1.2', 'TLSv1.3'] as const;
type Version = (typeof versions)[number];

interface Row {
  readonly certificate: string | undefined;
  readonly alert: readonly [in12: number, in13: number];
  readonly curl: readonly [in12: RegExp, in13: RegExp];
  readonly gnutls: RegExp;
}

const same = (pattern: RegExp): readonly [RegExp, RegExp] => [pattern, pattern];

const rows: readonly Row[] = [
  {
    certificate: undefined,
    alert: [40, 116],
    curl: [/handshake failure/, /certificate required/],
    gnutls: /Handshake failed|Certificate is required/,
  },
  { certificate: 'mallory', alert: [48, 48], curl: same(/unknown ca/), gnutls: /CA is unknown/ },
  {
    certificate: 'alice-expired',
    alert: [45, 45],
    curl: [/certificate expired|certificate verification failed/, /certificate expired/],
    gnutls: /Certificate is expired/,
  },
  {
    certificate: 'alice-not-yet-valid',
    alert: [42, 42],
    curl: same(/bad certificate/),
    gnutls: /Certificate is bad/,
  },
  {
    certificate: 'alice-wrong-usage',
    alert: [43, 43],
    curl: same(/unsupported certificate/),
    gnutls: /Certificate is not supported/,
  },
  {
    certificate: 'alice-revoked',
    alert: [44, 44],
    curl: same(/certificate revoked/),
    gnutls: /Certificate was revoked/,
  },
];

interface Stage {
  readonly port: number;
  readonly log: CaptureLog;
  /** Paths of files: `server-ca.crt`, and a row's certificate and key. */
  readonly file: (name: string) => string;
}

async function stage(t: ExecutionContext, version: Version): Promise<Stage> {
  const log = new CaptureLog({ clock: systemClock });
  const listener = await accept(
    {
      security: 'mtls',
      listen: { host: '127.0.0.1', port: 0 },
      clock: systemClock,
      tap: { log, hop: 'A' },
      identity: world.identity('server'),
      clientAuthorities: [world.authority('client-ca')],
      clientRevocations: [world.crl('client-ca')!, world.crl('client-intermediate')!],
      policy: { allowAll: true },
      tls: { minVersion: version, maxVersion: version },
    },
    ({ stream }) =>
      stream.once('data', () =>
        stream.end('HTTP/1.1 200 OK\r\nContent-Length: 7\r\nConnection: close\r\n\r\nwelcome'),
      ),
  );
  const folder = await mkdtemp(join(tmpdir(), 'wirelab-wire-'));
  t.teardown(async () => {
    await listener.close();
    await rm(folder, { recursive: true });
  });
  const file = (name: string): string => join(folder, name);
  await writeFile(file('server-ca.crt'), world.authority('server-ca'));
  for (const name of ['alice', ...rows.flatMap(({ certificate }) => certificate ?? [])]) {
    const identity = world.identity(name);
    await writeFile(file(`${name}.crt`), identity.certificate);
    await writeFile(file(`${name}.key`), identity.key, { mode: 0o600 });
  }
  return { port: listener.address.port, log, file };
}

const curlOptions = ({ file, port }: Stage, certificate: string | undefined): string[] => [
  '--silent',
  '--show-error',
  '--max-time',
  '10',
  '--noproxy',
  '*',
  '--cacert',
  file('server-ca.crt'),
  '--resolve',
  `shop.localhost:${port}:127.0.0.1`,
  ...(certificate ? ['--cert', file(`${certificate}.crt`), '--key', file(`${certificate}.key`)] : []),
  `https://shop.localhost:${port}/`,
];

const opensslOptions = ({ file, port }: Stage, certificate: string | undefined): string[] => [
  's_client',
  '-connect',
  `127.0.0.1:${port}`,
  '-servername',
  'shop.localhost',
  '-CAfile',
  file('server-ca.crt'),
  '-ign_eof',
  ...(certificate ? ['-cert', file(`${certificate}.crt`), '-key', file(`${certificate}.key`)] : []),
];

const gnutlsOptions = ({ file, port }: Stage, certificate: string | undefined): string[] => [
  '--port',
  String(port),
  '--x509cafile',
  file('server-ca.crt'),
  '--sni-hostname',
  'shop.localhost',
  '--verify-hostname',
  'shop.localhost',
  ...(certificate
    ? ['--x509certfile', file(`${certificate}.crt`), '--x509keyfile', file(`${certificate}.key`)]
    : []),
  '127.0.0.1',
];

for (const version of versions) {
  const at = version === 'TLSv1.2' ? 0 : 1;

  withPeer(
    'curl',
    `${version}: curl names each alert and prints what it is answered when admitted`,
    async (t) => {
      const here = await stage(t, version);
      for (const { certificate, curl, alert } of rows) {
        const { exitCode, stderr } = await runProgram('curl', curlOptions(here, certificate));
        // Curl takes a server's `certificate expired` during the handshake for a verdict of its own: exit code 60.
        const isErrorn = /verification failed/.test(stderr) && certificate === 'alice-expired';
        t.is(exitCode, version === 'TLSv1.3' ? 56 : isErrorn ? 60 : 35, stderr);
        t.regex(stderr, curl[at], `alert ${alert[at]}`);
      }
      const admitted = await runProgram('curl', curlOptions(here, 'alice'));
      t.deepEqual([admitted.exitCode, admitted.stdout], [0, 'welcome'], admitted.stderr);
      t.true(await closedCount(here.log, rows.length + 1));
      t.deepEqual(
        eventsOf(here.log, 'refused').map((event) => event.alert?.code),
        rows.map(({ alert }) => alert[at]),
      );
    },
  );

  withPeer('openssl', `${version}: openssl s_client names each alert by its number`, async (t) => {
    const here = await stage(t, version);
    for (const { certificate, alert } of rows) {
      const { stderr } = await runProgram('openssl', opensslOptions(here, certificate), {
        input: 'GET / HTTP/1.0\r\n\r\n',
      });
      t.regex(stderr, new RegExp(`SSL alert number ${alert[at]}\\b`));
    }
    const admitted = await runProgram('openssl', opensslOptions(here, 'alice'), {
      input: 'GET / HTTP/1.0\r\n\r\n',
    });
    t.regex(admitted.stdout, /welcome/);
    t.notRegex(admitted.stderr, /alert/);
  });

  withPeer('gnutls-cli', `${version}: gnutls-cli names each alert`, async (t) => {
    const here = await stage(t, version);
    for (const { certificate, gnutls } of rows) {
      const { stdout, stderr } = await runProgram('gnutls-cli', gnutlsOptions(here, certificate), {
        input: 'GET / HTTP/1.0\r\n\r\n',
      });
      t.regex(stdout + stderr, gnutls, `${certificate}`);
    }
    const admitted = await runProgram('gnutls-cli', gnutlsOptions(here, 'alice'), {
      input: 'GET / HTTP/1.0\r\n\r\n',
    });
    t.regex(admitted.stdout, /Handshake was completed/);
    t.notRegex(admitted.stdout + admitted.stderr, /fatal alert/i);
  });
}
