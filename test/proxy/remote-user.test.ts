import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { request } from 'node:https';
import type { AddressInfo } from 'node:net';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { UserError } from '../../src/i18n/user-error.ts';
import { systemClock } from '../../src/core/clock.ts';
import { issueWorld } from '../../src/pki/ca/issue.ts';
import { pemCertificates } from '../../src/pki/keystore/pem.ts';
import type { Recipe } from '../../src/pki/ca/recipe.ts';
import { isForwardingClaim } from '../../src/proxy/forwarded.ts';
import { isRemoteClaim, remoteUserHeaders } from '../../src/proxy/remote-user.ts';
import type { RemoteUser } from '../../src/proxy/remote-user.ts';
import { newLog } from '../features/support/shop.ts';
import { openProxy } from './support/proxies.ts';

type Subject = Recipe['certificates'][string]['subject'];

const subjects: Readonly<Record<string, Subject>> = {
  alice: { O: ['dev', 'release'], CN: 'alice' },
  nobody: { O: 'dev' },
  two: { CN: ['alice', 'bob'] },
  korean: { O: '개발', CN: '앨리스' },
  // HTTP takes blanks at the ends of a value away: it would arrive as another name.
  blank: { CN: 'kubernetes-admin ' },
  split: { CN: 'x\r\nX-Remote-Group: system:masters' },
  'split-group': { O: 'dev\nX', CN: 'x' },
};
const people = issueWorld(
  {
    certificates: {
      ca: { profile: 'root', subject: { CN: 'people' } },
      proxy: {
        profile: 'server',
        issuer: 'ca',
        subject: { CN: 'proxy' },
        san: ['DNS:localhost', 'IP:127.0.0.1'],
      },
      ...Object.fromEntries(
        Object.entries(subjects).map(([name, subject]) => [
          name,
          { profile: 'client' as const, issuer: 'ca', subject },
        ]),
      ),
    },
  },
  { clock: systemClock },
);
const leaf = (name: string): Uint8Array | undefined => pemCertificates(people.certificate(name))[0];
const utf8 = (text: string): string => Buffer.from(text).toString('latin1');

test('the name is the common name, each organization a group', (t) => {
  t.deepEqual(remoteUserHeaders(leaf('alice')), [
    ['X-Remote-User', 'alice'],
    ['X-Remote-Group', 'dev'],
    ['X-Remote-Group', 'release'],
  ]);
  t.deepEqual(remoteUserHeaders(leaf('korean')), [
    ['X-Remote-User', utf8('앨리스')],
    ['X-Remote-Group', utf8('개발')],
  ]);
});

for (const name of ['nobody', 'two', 'blank', 'split', 'split-group']) {
  test(`nothing is said of a certificate whose name no header can carry unchanged: ${name}`, (t) => {
    t.is(remoteUserHeaders(leaf(name)), undefined);
  });
}

test('nothing is said where there is no certificate, or none that can be read', (t) => {
  t.is(remoteUserHeaders(undefined), undefined);
  const whole = leaf('alice') ?? new Uint8Array(0);
  for (let length = 0; length < whole.length; length++)
    t.is(remoteUserHeaders(whole.subarray(0, length)), undefined);
});

test('such headers are known in every spelling, and are claims like the others', (t) => {
  for (const name of [
    'X-Remote-User',
    'x_remote_user',
    'X-REMOTE-GROUP',
    'X-Remote_Extra-scopes',
    'x-remote-uid',
  ]) {
    t.true(isRemoteClaim(name), name);
    t.true(isForwardingClaim(name), name);
  }
  for (const name of ['X-Remote', 'Remote-User', 'Impersonate-User']) t.false(isRemoteClaim(name), name);
});

/** What the target was sent, for a client with that certificate that says these headers. */
async function sent(
  t: ExecutionContext,
  remoteUser: RemoteUser | undefined,
  name: string,
  headers: Record<string, string | string[]>,
): Promise<{
  readonly status: number;
  readonly received: IncomingHttpHeaders | undefined;
  readonly raw: readonly string[];
}> {
  let received: IncomingHttpHeaders | undefined;
  let raw: readonly string[] = [];
  const target = createServer((asked, answer) => {
    received = asked.headers;
    raw = asked.rawHeaders.flatMap((one, at) =>
      at % 2 === 0 && one.toLowerCase().startsWith('x-remote')
        ? [`${one}: ${asked.rawHeaders[at + 1] ?? ''}`]
        : [],
    );
    answer.end('well');
  });
  await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
  t.teardown(() => target.close());
  const proxy = await openProxy(t, {
    log: newLog(),
    kind: 'mtls',
    to: { host: '127.0.0.1', port: (target.address() as AddressInfo).port },
    more: {
      accept: {
        listen: { host: '127.0.0.1', port: 0 },
        identity: people.identity('proxy'),
        clientAuthorities: [people.authority('ca')],
        policy: { allowAll: true },
      },
      ...(remoteUser === undefined ? {} : { remoteUser }),
    },
  });
  const { certificate: cert, key } = people.identity(name);
  const status = await new Promise<number>((resolve, reject) => {
    request({ ...proxy.address, cert, key, ca: people.authority('ca'), headers, agent: false }, (answer) => {
      answer.resume().once('end', () => resolve(answer.statusCode ?? 0));
    })
      .once('error', reject)
      .end();
  });
  return { status, received, raw };
}

const claimed = {
  'X-Remote-User': 'kubernetes-admin',
  x_remote_group: 'system:masters',
  'X-Remote-Extra-scopes': 'all',
};

test('what a client says of itself does not travel, whether or not the proxy speaks for it', async (t) => {
  const silent = await sent(t, undefined, 'alice', claimed);
  t.is(silent.status, 200);
  t.deepEqual(silent.raw, []);
  t.is(silent.received?.['x_remote_group'], undefined);
  const spoken = await sent(t, 'set', 'alice', claimed);
  t.deepEqual(spoken.raw, ['X-Remote-User: alice', 'X-Remote-Group: dev', 'X-Remote-Group: release']);
  t.is(spoken.received?.['x_remote_group'], undefined);
});

test('a proxy that only adds passes on what the client said, before its own words', async (t) => {
  const { raw } = await sent(t, 'added', 'alice', {
    'X-Remote-User': 'kubernetes-admin',
    'X-Remote-Group': 'system:masters',
  });
  t.deepEqual(raw, [
    'X-Remote-User: kubernetes-admin',
    'X-Remote-User: alice',
    'X-Remote-Group: system:masters',
    'X-Remote-Group: dev',
    'X-Remote-Group: release',
  ]);
});

test('a client for whom nothing can be said is refused, and the target hears nothing', async (t) => {
  for (const name of ['nobody', 'two', 'blank']) {
    const { status, received } = await sent(t, 'set', name, {});
    t.is(status, 403, name);
    t.is(received, undefined);
  }
});

test('only a proxy that verifies certificates and reads HTTP can speak for its clients', async (t) => {
  const to = { host: '127.0.0.1', port: 1 };
  for (const [kind, pump] of [
    ['tls', 'http'],
    ['mtls', 'bytes'],
    ['plaintext', 'http'],
  ] as const) {
    const mistake = await t.throwsAsync(
      openProxy(t, { log: newLog(), kind, to, more: { pump, remoteUser: 'set' } }),
      { instanceOf: UserError },
    );
    t.is(mistake?.facts.received, `kind: ${kind}, pump: ${pump}`);
  }
});
