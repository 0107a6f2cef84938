/** OCSP responses as openssl's responder gives them: good, revoked, unknown, no answer; and bytes that are none. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { assert, property, uint8Array } from 'fast-check';
import { x509FieldIds } from '../../../src/protocols/x509/ids.ts';
import { ocspSummary, readOcspResponse } from '../../../src/protocols/x509/ocsp.ts';
import { runProgram, withPeer } from '../../helpers/peer.ts';
import { allFields } from '../helpers/tree.ts';
import { der } from './certificate-bytes.ts';
import { got } from './got.ts';

/** A response about certificates 1 (good), 2 (revoked) and 3 (unknown). */
async function response(...parameters: string[]): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), 'wirelab-ocsp-'));
  const openssl = async (...all: string[]): Promise<void> => {
    const { exitCode, stderr } = await runProgram('openssl', all, { cwd: folder });
    if (exitCode !== 0) throw new Error(stderr);
  };
  try {
    await openssl(
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-keyout',
      'key',
      '-out',
      'ca',
      '-subj',
      '/CN=Answering CA',
    );
    await writeFile(
      join(folder, 'index'),
      'V\t300101000000Z\t\t01\tunknown\t/CN=a\nR\t300101000000Z\t260101000000Z,keyCompromise\t02\tunknown\t/CN=b\n',
    );
    await openssl(
      'ocsp',
      '-issuer',
      'ca',
      '-serial',
      '1',
      '-serial',
      '2',
      '-serial',
      '3',
      '-reqout',
      'question',
    );
    await openssl(
      'ocsp',
      '-index',
      'index',
      '-rsigner',
      'ca',
      '-rkey',
      'key',
      '-CA',
      'ca',
      '-reqin',
      'question',
      '-respout',
      'answer',
      '-ndays',
      '7',
      ...parameters,
    );
    return new Uint8Array(await readFile(join(folder, 'answer')));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

withPeer('openssl', 'an OCSP response says of each certificate how it stands, and until when', async (t) => {
  const bytes = await response();
  const { value, field } = got(readOcspResponse(bytes));
  let at = 0;
  const known = new Set<string>(x509FieldIds);
  for (const one of allFields(field)) {
    t.true(known.has(one.id), one.id);
    if (one.children.length > 0 || one.range[0] === one.range[1]) continue;
    t.is(one.range[0], at, one.id);
    at = one.range[1];
  }
  t.is(at, bytes.length);
  t.is(value.status, 'successful');
  t.is(value.responder, 'CN=Answering CA');
  t.is(value.certificates, 1);
  t.deepEqual(
    value.responses.map(({ serial, status, reason }) => [serial.at(-1), status, reason]),
    [
      [1, 'good', undefined],
      [2, 'revoked', 1],
      [3, 'unknown', undefined],
    ],
  );
  for (const { thisUpdate, nextUpdate = 0 } of value.responses) t.is(nextUpdate - thisUpdate, 7 * 86_400_000);
  const { responses, ...said } = ocspSummary(value);
  t.like(said, { status: 'successful', responder: 'CN=Answering CA' });
  t.like((responses as unknown[])[1], {
    serial: '02',
    status: 'revoked',
    revokedAt: '2026-01-01T00:00:00Z',
    reason: 'keyCompromise',
  });
});

withPeer('openssl', 'a responder may be named by its key and send no certificate', async (t) => {
  const { value } = got(readOcspResponse(await response('-resp_key_id', '-resp_no_certs')));
  t.regex(value.responder ?? '', /^#[0-9a-f]{40}$/);
  t.is(value.certificates, 0);
});

withPeer(
  'openssl',
  'every prefix of a response is malformed and no flipped byte makes the reader throw',
  async (t) => {
    const bytes = await response();
    for (let length = 0; length < bytes.length; length++)
      t.true('malformed' in readOcspResponse(bytes.subarray(0, length)), String(length));
    for (let at = 0; at < bytes.length; at++) {
      for (const mask of [0x01, 0x80, 0xff]) {
        bytes[at] = (bytes[at] ?? 0) ^ mask;
        const step = readOcspResponse(bytes);
        if ('got' in step) ocspSummary(step.got);
        bytes[at] = (bytes[at] ?? 0) ^ mask;
      }
    }
  },
);

test('no answer is told by its reason', (t) => {
  for (const [code, status] of [
    [1, 'malformedRequest'],
    [3, 'tryLater'],
    [6, 'unauthorized'],
    [9, '9'],
  ] as const) {
    const { value } = got(readOcspResponse(new Uint8Array(der(0x30, der(0x0a, Buffer.from([code]))))));
    t.deepEqual(value, { status, responses: [], certificates: 0 });
  }
});

test('random bytes are no response and never throw', (t) => {
  assert(
    property(uint8Array({ maxLength: 300 }), (bytes) => t.false('got' in readOcspResponse(bytes))),
    { numRuns: 300 },
  );
});
