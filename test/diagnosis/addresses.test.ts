/** A name with two addresses and a server on each: which one was called is said, and what the other one does. */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { CaptureLog } from '../../src/capture/log.ts';
import { systemClock } from '../../src/core/clock.ts';
import { loadReadings } from '../../src/analysis/conversation/conversation.ts';
import { diagnose } from '../../src/diagnosis/diagnose.ts';
import type { Diagnosis } from '../../src/diagnosis/diagnosis.ts';
import { Laboratory } from '../../src/diagnosis/laboratory.ts';
import { makeKey } from '../../src/pki/ca/sign.ts';
import { toPem } from '../../src/pki/keystore/pem.ts';
import type { Certificate } from '../../src/protocols/x509/certificate.ts';
import { craft } from '../pki/support/craft.ts';

const now = Date.now();
const day = 86_400_000;
const [caKey, key] = [makeKey('P-256'), makeKey('P-256')];
const ca = craft({
  subject: [['CN', 'Corp CA']],
  key: caKey,
  isCa: true,
  keyUsage: ['keyCertSign'],
  notBefore: now - 90 * day,
  notAfter: now + 90 * day,
});
const leaf = (name: string, from: number, to: number): Certificate =>
  craft({
    subject: [['CN', name]],
    key,
    issuer: { certificate: ca, key: caKey },
    extendedKeyUsage: ['serverAuth'],
    keyUsage: ['digitalSignature'],
    san: [`DNS:${name}`],
    notBefore: now + from * day,
    notAfter: now + to * day,
  });
const good = leaf('two.test', -1, 30);
const old = leaf('two.test', -30, -2);
const other = leaf('other.test', -1, 30);
const hosts = ['127.0.0.1', '127.0.0.2'] as const;

async function listen(t: ExecutionContext, server: Server, host: string, port: number): Promise<number> {
  server.listen(port, host);
  await once(server, 'listening');
  t.teardown(() => server.close());
  return (server.address() as AddressInfo).port;
}

const site = ({ der }: Certificate): Server =>
  createServer(
    { key: key.export({ type: 'pkcs8', format: 'pem' }), cert: toPem('CERTIFICATE', der) },
    (_request, response) => response.end('hello\n'),
  ).on('tlsClientError', () => {});

/** @param served at each address; undefined: nobody listens there */
async function diagnosed(
  t: ExecutionContext,
  served: readonly [Certificate, Certificate | undefined],
  addresses: readonly string[] = hosts,
): Promise<Diagnosis> {
  await loadReadings();
  const port = await listen(t, site(served[0]), hosts[0], 0);
  if (served[1]) await listen(t, site(served[1]), hosts[1], port);
  const log = new CaptureLog({ clock: systemClock });
  log.append({
    type: 'began',
    version: '',
    wallClock: new Date(systemClock.now()).toISOString(),
    topology: {
      participants: [
        { name: 'client', role: 'client' },
        { name: 'server', role: 'server' },
      ],
      wires: [{ hop: 'A', from: 'client', to: 'server', protocol: 'https' }],
    },
  });
  return diagnose(
    new Laboratory(
      {
        host: 'two.test',
        port,
        addresses,
        authorities: [toPem('CERTIFICATE', ca.der)],
        authoritiesFrom: 'given',
        timeout: 10_000,
      },
      { clock: systemClock, log, signal: new AbortController().signal },
    ),
  );
}

test('the first address has an old certificate, and the second is well', async (t) => {
  const { finding, at } = await diagnosed(t, [old, good]);
  t.is(finding?.cause, 'certificate_expired');
  t.is(finding?.confidence, 'proven');
  t.regex(
    finding?.because.en ?? '',
    /This is so at 127\.0\.0\.1, one of the 2 addresses of the name; at 127\.0\.0\.2 the same call goes well$/,
  );
  t.regex(finding?.remedy.words.en ?? '', /^at 127\.0\.0\.1 \(or take that address out of DNS\): renew/);
  t.regex(finding?.remedy.command ?? '', /certs verify 127\.0\.0\.1:\d+ --servername two\.test$/);
  t.true(finding?.evidence.some(({ kind }) => kind === 'difference'));
  t.is(at?.address, '127.0.0.1');
});

test('the first address is well, and the second has an old certificate', async (t) => {
  const { finding } = await diagnosed(t, [good, old]);
  t.is(finding?.cause, 'one_address_fails');
  t.is(finding?.confidence, 'proven');
  t.regex(finding?.because.en ?? '', /127\.0\.0\.2 fails \(expired\), 127\.0\.0\.1 does not$/);
  t.regex(finding?.remedy.words.en ?? '', /the server at 127\.0\.0\.2/);
});

test('both fail, alike or not', async (t) => {
  const otherwise = await diagnosed(t, [old, other]);
  t.is(otherwise.finding?.cause, 'certificate_expired');
  t.regex(otherwise.finding?.because.en ?? '', /at 127\.0\.0\.2 it fails otherwise \(another name\)$/);
  t.notRegex(otherwise.finding?.remedy.words.en ?? '', /DNS/);
  const alike = await diagnosed(t, [old, old]);
  t.regex(alike.finding?.because.en ?? '', /at 127\.0\.0\.1, one of the 2 addresses of the name$/);
});

test('a name with one address, and one that is well at both', async (t) => {
  const alone = await diagnosed(t, [old, undefined], [hosts[0]]);
  t.is(alone.finding?.cause, 'certificate_expired');
  t.notRegex(alone.finding?.because.en ?? '', /addresses/);
  t.is((await diagnosed(t, [good, good])).finding, undefined);
});
