/** A certificate without a proof of its key: what goes out, in whatever pieces, and what a server makes of it. */
import test from 'ava';
import { systemClock } from '../../../src/core/clock.ts';
import { CaptureLog } from '../../../src/capture/log.ts';
import { aeadSuiteNamed, openRecord, sealRecord } from '../../../src/protocols/tls/keys/key-schedule.ts';
import { issueWorld } from '../../../src/pki/ca/issue.ts';
import { accept } from '../../../src/wire/accept.ts';
import { dial } from '../../../src/wire/dial.ts';
import type { DialOptions } from '../../../src/wire/endpoint.ts';
import { WrongSignature } from '../../../src/wire/tamper/wrong-signature.ts';
import { present } from '../../helpers/capture.ts';
import { closedCount, connected, eventsOf, failed, streamOf } from '../support/streams.ts';

const world = issueWorld(
  {
    certificates: {
      'server-ca': { profile: 'root', subject: { CN: 'Server CA' } },
      'client-ca': { profile: 'root', subject: { CN: 'Client CA' } },
      server: {
        profile: 'server',
        issuer: 'server-ca',
        subject: { CN: 'shop.localhost' },
        san: ['DNS:shop.localhost'],
      },
      alice: { profile: 'client', issuer: 'client-ca', subject: { CN: 'alice' } },
      'alice-rsa': { profile: 'client', issuer: 'client-ca', subject: { CN: 'alice' }, key: 'RSA-2048' },
    },
  },
  { clock: systemClock },
);

for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
  for (const name of ['alice', 'alice-rsa']) {
    for (const tap of [false, true]) {
      test(`${version}, ${name}${tap ? ', tapped at the client' : ''}: the signature is refused as such, and its twin without a tamperer is admitted`, async (t) => {
        const log = new CaptureLog({ clock: systemClock });
        const listener = await accept(
          {
            security: 'mtls',
            listen: { host: '127.0.0.1', port: 0 },
            clock: systemClock,
            tap: { log, hop: 'A' },
            identity: world.identity('server'),
            clientAuthorities: [world.authority('client-ca')],
            policy: { allowAll: true },
          },
          ({ stream }) => stream.resume().end('welcome'),
        );
        t.teardown(async () => listener.close());
        const options: DialOptions = {
          security: 'mtls',
          to: listener.address,
          clock: systemClock,
          serverName: 'shop.localhost',
          authorities: [world.authority('server-ca')],
          identity: world.identity(name),
          tls: { minVersion: version, maxVersion: version },
          ...(tap ? { tap: { log, hop: 'client' } } : {}),
        };
        const spoiled = await dial({ ...options, tamper: 'wrong-signature' });
        if (version === 'TLSv1.2') t.is(failed(spoiled).alert?.code, 51);
        else {
          // Under TLS 1.3 the client believes itself connected; it hears of it when it reads.
          const { stream } = connected(spoiled);
          const error = await new Promise<Error>((resolve) => stream.once('error', resolve).resume());
          t.regex(String(error), /alert number 51|DECRYPT_ERROR/);
        }
        t.true(await closedCount(log, tap ? 2 : 1));
        const [refused, ...more] = eventsOf(log, 'refused', 'A');
        t.deepEqual(more, []);
        t.like(refused, { by: 'server', reason: 'key_proof_failed', alert: { code: 51 } });
        t.is(refused?.detail.presented?.subject, 'CN=alice', 'whose certificate it was');
        if (tap)
          t.deepEqual(
            streamOf(log, 'client', 'wire', 'client'),
            streamOf(log, 'A', 'wire', 'client'),
            'what is recorded is what went out',
          );

        const { stream, secured } = connected(await dial(options));
        t.is(secured?.version, version);
        const answer: Buffer[] = [];
        for await (const chunk of stream.end('hello')) answer.push(chunk as Buffer);
        t.is(Buffer.concat(answer).toString(), 'welcome');
      });
    }
  }
}

const message = (type: number, ...body: number[]): Buffer => Buffer.from([type, 0, 0, body.length, ...body]);
const record = (type: number, content: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from([type, 3, 3, content.length >> 8, content.length & 255]), content]);

/** A ServerHello that agrees on a version and a suite, and nothing else. */
function serverHello(suite: number, newest: boolean): Buffer {
  const extension = newest ? [0, 6, 0, 43, 0, 2, 3, 4] : [0, 0];
  return record(
    22,
    message(2, 3, 3, ...Array.from({ length: 32 }, () => 7), 0, suite >> 8, suite & 255, 0, ...extension),
  );
}

/** What goes out when the bytes come in pieces of that size. */
function sent(tamper: WrongSignature, bytes: Uint8Array, size: number): Buffer {
  const out: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) out.push(tamper.send(bytes.subarray(at, at + size)));
  return Buffer.concat(out);
}

const certificate = message(11, 1, 2, 3);
const proof = message(15, 4, 3, 0, 2, 0x40, 0x41);
const finished = message(20, 9, 9);

test('TLS 1.2: one bit of the proof is turned over, however records and pieces cut it', (t) => {
  const whole = Buffer.concat([certificate, proof, finished]);
  const tail = Buffer.concat([
    record(20, Uint8Array.of(1)),
    record(22, Buffer.from('sealed: message 15 of 1, 15, 0, 0, 1, 1')),
    record(23, Buffer.from('data')),
  ]);
  for (let cut = 1; cut < whole.length; cut++) {
    const bytes = Buffer.concat([record(22, whole.subarray(0, cut)), record(22, whole.subarray(cut)), tail]);
    for (const size of [1, 7, bytes.length]) {
      const tamper = new WrongSignature();
      tamper.receive(serverHello(0xc02b, false));
      const out = sent(tamper, bytes, size);
      t.is(out.length, bytes.length);
      const changed = [...out.entries()].filter(([at, byte]) => byte !== bytes[at]);
      t.is(changed.length, 1, `cut at ${cut}, pieces of ${size}`);
      const at = certificate.length + proof.length - 1;
      t.is(present(changed[0])[0], 5 + at + (at >= cut ? 5 : 0));
    }
  }
});

test('TLS 1.3: the record is opened and sealed anew, and what is in it is the same but for one bit', (t) => {
  const suite = present(aeadSuiteNamed('TLS_AES_128_GCM_SHA256'));
  const secret = Buffer.alloc(32, 5);
  const seal = (sequence: number, content: Uint8Array, padding = 0): Uint8Array =>
    sealRecord({ suite, secret, sequence, contentType: 22, content, padding });
  const flight = [record(20, Uint8Array.of(1)), seal(0, certificate), seal(1, proof, 3), seal(2, finished)];
  for (const size of [1, 11, 1000]) {
    const tamper = new WrongSignature();
    tamper.receive(serverHello(0x1301, true));
    tamper.keylog(`CLIENT_HANDSHAKE_TRAFFIC_SECRET 00 ${secret.toString('hex')}`);
    const out = sent(tamper, Buffer.concat(flight), size);
    t.is(out.length, Buffer.concat(flight).length);
    const start = present(flight[0]).length + present(flight[1]).length;
    const opened = openRecord({
      suite,
      secret,
      sequence: 1,
      record: out.subarray(start, start + present(flight[2]).length),
    });
    t.deepEqual(
      Buffer.from(present(opened).content),
      Buffer.concat([proof.subarray(0, -1), Buffer.of(0x40)]),
    );
    t.is(opened?.padding, 3);
    t.deepEqual(
      out.subarray(0, start),
      Buffer.concat(flight.slice(0, 2)),
      'what stands before it goes out as it came',
    );
    t.deepEqual(out.subarray(start + present(flight[2]).length), Buffer.from(present(flight[3])));
  }
});

test('what it cannot read goes out as it came', (t) => {
  const bytes = Buffer.concat([
    record(22, certificate),
    record(23, Buffer.alloc(40, 1)),
    record(99, Buffer.from('?')),
    record(20, Uint8Array.of(1)),
    Buffer.from('no record'),
  ]);
  for (const size of [1, 5, bytes.length]) t.deepEqual(sent(new WrongSignature(), bytes, size), bytes);
});
