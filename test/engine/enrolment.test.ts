/** The judges of an enrolment and the reader that they rest on: each can fail, and hostile bytes prove nothing. */
import { createPrivateKey, randomBytes } from 'node:crypto';
import test from 'ava';
import { Flows } from '../../src/capture/flows.ts';
import type { Connection } from '../../src/capture/connection.ts';
import { CaptureLog } from '../../src/capture/log.ts';
import { systemClock } from '../../src/core/clock.ts';
import { issueWorld } from '../../src/pki/ca/issue.ts';
import { requestFor } from '../../src/pki/ca/request.ts';
import { makeKey } from '../../src/pki/ca/sign.ts';
import { decided, issued } from '../../src/features/enrol/expectations.ts';
import type { PlannedStep } from '../../src/engine/plan.ts';
import { readEnrolment } from '../../src/features/enrol/read-enrolment.ts';
import { rights } from '../../src/features/enrol/enrolment-plaintext.ts';
import type { Right } from '../../src/features/enrol/enrolment-plaintext.ts';
import type { View } from '../../src/engine/view.ts';

const world = issueWorld(
  {
    certificates: {
      root: { profile: 'root', subject: { CN: 'Root', O: 'Workshop' } },
      // What a careless CA would have given.
      generous: {
        profile: 'intermediate',
        issuer: 'root',
        subject: { CN: 'shop.localhost', O: 'Bank' },
        san: ['DNS:*.shop.localhost'],
        extendedKeyUsage: ['codeSigning'],
      },
      plain: {
        profile: 'server',
        issuer: 'root',
        subject: { CN: 'shop.localhost' },
        san: ['DNS:shop.localhost'],
      },
    },
  },
  { clock: systemClock },
);

const everything = requestFor(makeKey('P-256'), {
  subject: [
    ['CN', 'shop.localhost'],
    ['O', 'Bank'],
  ],
  san: ['DNS:shop.localhost', 'DNS:*.shop.localhost'],
  wishes: { isCa: true, keyUsage: ['keyCertSign'], extendedKeyUsage: ['codeSigning'] },
});
const nothing = requestFor(makeKey('P-256'), {
  subject: [['CN', 'shop.localhost']],
  san: ['DNS:shop.localhost'],
});

/** One connection with these contents. */
function said(client: string | Uint8Array, server: string | Uint8Array): Connection {
  const log = new CaptureLog({ clock: systemClock });
  const flows = new Flows(log);
  log.subscribe((event) => flows.fold(event));
  log.append({
    type: 'began',
    version: '0',
    wallClock: new Date(0).toISOString(),
    topology: { participants: [], wires: [] },
  });
  const address = { host: '127.0.0.1', port: 1 };
  log.append({ type: 'opened', conn: 1, hop: 'B', transport: 'tcp', from: address, to: address });
  log.append({
    type: 'bytes',
    conn: 1,
    hop: 'B',
    vantage: 'wire',
    from: 'client',
    bytes: new Uint8Array(Buffer.from(client)),
  });
  log.append({
    type: 'bytes',
    conn: 1,
    hop: 'B',
    vantage: 'wire',
    from: 'server',
    bytes: new Uint8Array(Buffer.from(server)),
  });
  const connection = flows.connection(1);
  if (!connection) throw new Error('no connection');
  return connection;
}

const step = { id: 'request', client: 'owner', server: 'ca', path: ['B'] } as unknown as PlannedStep;

function judged(client: string, server: string, withheld: Right): string {
  const connection = said(client, server);
  const view = {
    connectionsOn: () => [connection],
    instrument: () => readEnrolment,
    reports: () => [],
    plan: { steps: [step] },
  } as unknown as View;
  return issued.judge({ names: ['shop.localhost'], withheld }, view, step).status;
}

for (const right of rights) {
  test(`${right}: given is missed, withheld is met, not asked for proves nothing`, (t) => {
    t.is(judged(everything, world.certificate('generous'), right), 'missed');
    t.is(judged(everything, world.certificate('plain'), right), 'met');
    t.is(judged(nothing, world.certificate('plain'), right), 'unobserved');
    t.is(judged(everything, 'no certificate', right), 'missed');
    t.is(judged('no request', world.certificate('plain'), right), 'unobserved');
  });
}

const proven = (passed: boolean) => [{ name: 'shop.localhost', passed, words: { en: '', ko: '' } }];

for (const [what, outcome, client, challenges, server, status] of [
  ['a certificate for what was proven', 'issued', 'issued', proven(true), 'own', 'met'],
  ['a certificate for what was not', 'issued', 'issued', proven(false), 'own', 'missed'],
  ['a certificate for another key', 'issued', 'issued', proven(true), 'other', 'missed'],
  ['no certificate, and the CA says that there was one', 'issued', 'issued', proven(true), 'none', 'missed'],
  ['no certificate, refused', 'refused', 'refused', proven(false), 'none', 'met'],
  ['a certificate, and the CA says that it refused', 'refused', 'refused', proven(false), 'own', 'missed'],
  ['no end to it', 'pending', 'refused', [], 'none', 'missed'],
  ['no report', undefined, 'refused', [], 'none', 'unobserved'],
] as const) {
  test(`decided: ${what}: ${status}`, (t) => {
    const key = createPrivateKey(world.identity('plain').key);
    const request = requestFor(key, { subject: [], san: ['DNS:shop.localhost'] });
    const certificates = { own: world.certificate('plain'), other: world.certificate('generous'), none: '' };
    const connection = said(request, certificates[server]);
    const reports = (kind: string) =>
      kind === 'enrolment'
        ? [{ seq: 1, who: 'owner', result: { kind, outcome: client } }]
        : [
            {
              seq: 2,
              who: 'ca',
              result: {
                kind,
                orders: outcome ? [{ outcome, names: ['shop.localhost'], decisions: [], challenges }] : [],
              },
            },
          ];
    const view = {
      connectionsOn: () => [connection],
      instrument: () => readEnrolment,
      reports,
      plan: { steps: [step] },
    } as unknown as View;
    t.is(decided.judge({}, view, step).status, status);
  });
}

test('the request and the certificate are found at their offsets', (t) => {
  const reading = readEnrolment(
    said(`POST /orders HTTP/1.1\r\n\r\n${nothing}`, `HTTP/1.1 200 OK\r\n\r\n${world.chain('plain')}`),
  );
  t.is(reading.vantage, 'wire');
  t.is(reading.request?.offset, 'POST /orders HTTP/1.1\r\n\r\n'.length);
  t.is(reading.request?.length, nothing.trimEnd().length);
  t.is(reading.certificate?.summary.subject, 'CN=shop.localhost');
  t.regex(reading.request?.thumbprint ?? '', /^[\w-]{43}$/);
});

test('hostile bytes are read in time in proportion to them, and are nothing', (t) => {
  const begin = '-----BEGIN CERTIFICATE-----';
  for (const bytes of [
    new Uint8Array(0),
    new Uint8Array(randomBytes(100_000)),
    Buffer.from(begin.repeat(40_000)),
    Buffer.from(`${begin}${'A'.repeat(1_000_000)}`),
    Buffer.from(`${begin}${'MIIB'.repeat(250_000)}-----END CERTIFICATE-----`),
    Buffer.from(`${begin}-----END CERTIFICATE-----`),
  ]) {
    const { request, certificate } = readEnrolment(said(bytes, bytes));
    t.is(request, undefined);
    t.is(certificate, undefined);
  }
});
