/** What a server is told of a client's chain: all of it where there is more than a leaf, whatever the version and the keys. */
import test from 'ava';
import { once } from 'node:events';
import { connect } from 'node:tls';
import { CaptureLog } from '../../../src/capture/log.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { issueWorld } from '../../../src/pki/ca/issue.ts';
import { pemCertificates } from '../../../src/pki/keystore/pem.ts';
import type { Identity } from '../../../src/pki/keystore/world.ts';
import { accept } from '../../../src/wire/accept.ts';
import { isAlone } from '../../../src/wire/tls/peer-certificate.ts';

const keys = ['P-256', 'P-384', 'RSA-2048', 'RSA-3072', 'Ed25519'] as const;

const world = issueWorld(
  {
    certificates: {
      ca: { profile: 'root', subject: { CN: 'CA' } },
      server: { profile: 'server', issuer: 'ca', subject: { CN: 'a' }, san: ['IP:127.0.0.1'] },
      // As short as an intermediate can be.
      middle: { profile: 'intermediate', issuer: 'ca', subject: { CN: 'M' }, key: 'Ed25519' },
      ...Object.fromEntries(
        keys.flatMap((key) => [
          [
            `alone-${key.toLowerCase()}`,
            { profile: 'client' as const, issuer: 'ca', subject: { CN: 'c' }, key },
          ],
          [
            `below-${key.toLowerCase()}`,
            { profile: 'client' as const, issuer: 'middle', subject: { CN: 'c' }, key },
          ],
        ]),
      ),
    },
  },
  { clock: systemClock },
);

const one = (name: string): Identity => world.identity(name);

for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
  for (const key of keys) {
    for (const [name, length] of [
      [`alone-${key.toLowerCase()}`, 1],
      [`below-${key.toLowerCase()}`, 2],
    ] as const) {
      for (const asked of ['mtls', 'tls'] as const) {
        test(`${version}, ${name}, ${asked}: the chain has ${length}`, async (t) => {
          const log = new CaptureLog({ clock: systemClock });
          let tell: ((presented: readonly Uint8Array[]) => void) | undefined;
          const accepted = new Promise<readonly Uint8Array[]>((resolve) => (tell = resolve));
          const listener = await accept(
            {
              listen: { host: '127.0.0.1', port: 0 },
              security: asked,
              identity: one('server'),
              clientAuthorities: [world.certificate('ca')],
              clock: systemClock,
              tap: { log, hop: 'A' },
              ...(asked === 'mtls' ? { policy: { allowAll: true } } : { requestCertificate: true }),
            },
            ({ presented = [], stream }) => {
              tell?.(presented);
              stream.end();
            },
          );
          t.teardown(async () => listener.close(0));
          const socket = connect({
            ...listener.address,
            ca: world.certificate('ca'),
            cert: one(name).certificate,
            key: one(name).key,
            minVersion: version,
            maxVersion: version,
          });
          t.teardown(() => socket.destroy());
          await once(socket, 'secureConnect');
          // With a trusted root behind it, where the runtime adds one.
          const presented = await accepted;
          const sent = pemCertificates(one(name).certificate).map((der) => Buffer.from(der).toString('hex'));
          t.is(sent.length, length);
          t.deepEqual(
            presented.slice(0, length).map((der) => Buffer.from(der).toString('hex')),
            sent,
          );
        });
      }
    }
  }
}

test('a flight that could hold another certificate is not taken for one without', (t) => {
  for (const key of keys) {
    const [leaf] = pemCertificates(one(`alone-${key.toLowerCase()}`).certificate);
    const [middle] = pemCertificates(one('middle').certificate);
    if (!leaf || !middle) return t.fail('no certificate');
    const bits = Number(/^RSA-(\d+)$/.exec(key)?.[1] ?? 0);
    const signature = bits > 0 ? bits / 8 : 64;
    t.true(isAlone(leaf, leaf.length + signature + 150), key);
    t.false(isAlone(leaf, leaf.length + signature + 79 + middle.length), key);
  }
});
