/** A step whose server stores data in an etcd: the wire with the eavesdropper is selected; and what the two columns show of an etcd. */
import test from 'ava';
import type { CaptureDraft, Topology } from '../../../../src/capture/event.ts';
import type { PlannedStep } from '../../../../src/engine/plan.ts';
import { endsOf } from '../../../../src/ui/tui/state/login.ts';
import { byHand } from '../support/scenes.ts';

const password = 'tiger-lily';
const twice = Buffer.from(
  JSON.stringify({ data: { password: Buffer.from(password).toString('base64') } }),
).toString('base64');

const topologyWith = (seat: boolean): Topology => ({
  participants: [
    { name: 'admin', role: 'client' },
    { name: 'cluster', role: 'server', kind: 'kube-apiserver' },
    { name: 'store', role: 'server', kind: 'etcd' },
  ],
  wires: [
    { hop: 'A', from: 'admin', to: 'cluster', protocol: 'http' },
    {
      hop: 'S',
      from: 'cluster',
      to: 'store',
      protocol: 'http',
      ...(seat ? { seat: { en: 'cellar', ko: '지하실' } } : {}),
    },
    { hop: 'C', from: 'admin', to: 'store', protocol: 'mtls' },
  ],
});
const text = { title: { en: 'x', ko: '가' } };
const given: PlannedStep = {
  id: 'given',
  base: 'given',
  kind: 'kubectl',
  reports: 'kubectl',
  client: 'admin',
  entryPoints: [{ to: 'cluster', wire: 'A' }],
  path: ['A'],
  server: 'cluster',
  text,
};
const asked: PlannedStep = {
  id: 'asked',
  base: 'asked',
  kind: 'etcdctl',
  reports: 'etcdctl',
  client: 'admin',
  entryPoints: [{ to: 'store', wire: 'C' }],
  path: ['C'],
  server: 'store',
  text,
};

const opened = (conn: number, hop: string): CaptureDraft => ({
  type: 'opened',
  conn,
  hop,
  transport: 'tcp',
  from: { host: '127.0.0.1', port: 50_000 + conn },
  to: { host: '127.0.0.1', port: 80 },
});
const said = (conn: number, hop: string, bytes: string | Uint8Array): CaptureDraft => ({
  type: 'bytes',
  conn,
  hop,
  vantage: 'wire',
  from: 'client',
  bytes: Buffer.from(bytes),
});
const post = (path: string, body: string): string =>
  `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
const began = (seat = true): CaptureDraft => ({
  type: 'began',
  version: '0',
  wallClock: '2026-01-01T00:00:00.000Z',
  topology: topologyWith(seat),
});
const inStep = (id: string, ...drafts: readonly CaptureDraft[]): CaptureDraft[] => [
  { type: 'step', id, state: 'asked' },
  { type: 'step', id, state: 'started' },
  ...drafts,
  { type: 'step', id, state: 'done' },
];
const typed: CaptureDraft = {
  type: 'observed',
  who: 'admin',
  result: {
    kind: 'kubectl',
    program: 'kubectl',
    line: 'create -f secret.yaml',
    exitCode: 0,
    output: 'secret/db created\n',
    words: '',
    connections: [1],
  },
};

const create = [
  opened(1, 'A'),
  said(1, 'A', post('/api/v1/namespaces/default/secrets', password)),
  opened(2, 'S'),
  said(2, 'S', post('/v3/kv/txn', twice)),
  typed,
];

test('the wire with an eavesdropper after the entry point is selected, and its leaks are at the top', (t) => {
  const { driver } = byHand([began(), ...inStep('given', ...create)], {
    plan: [given],
    secrets: [{ id: 'password', value: password }],
  });
  driver.press('space');
  t.deepEqual(driver.look.hops, ['A', 'S']);
  t.is(driver.look.hop, 'S');
  const screen = driver.screen();
  t.regex(screen, /! wire S LEAKED: password at 0x[0-9a-f]+, in Base64 within Base64/);
  t.regex(screen, /POST \/v3\/kv\/txn/);
  const { sent, got } = endsOf(driver.look);
  t.like(sent, { state: 'seen', title: 'POST /api/v1/namespaces/default/secrets' });
  t.deepEqual(got, sent, 'the store is not whom the client spoke to');
  t.is(driver.press('w').look.hop, 'A');
});

test('without an eavesdropper or traffic after the entry point, the step is about its own wire', (t) => {
  t.is(
    byHand([began(false), ...inStep('given', ...create)], { plan: [given] }).driver.press('space').look.hop,
    'A',
  );
  t.is(
    byHand([began(), ...inStep('given', ...create.slice(0, 2), typed)], { plan: [given] }).driver.press(
      'space',
    ).look.hop,
    'A',
  );
});

test('beside a wire with continuous calls, the columns show its newest exchange', (t) => {
  const topology = {
    ...topologyWith(false),
    wires: [
      ...topologyWith(false).wires,
      { hop: 'D', from: 'kube-scheduler', to: 'cluster', protocol: 'https', standing: true as const },
    ],
  };
  const begun: CaptureDraft = {
    type: 'began',
    version: '0',
    wallClock: '2026-01-01T00:00:00.000Z',
    topology,
  };
  const scheduler = (from: 'client' | 'server', bytes: string): CaptureDraft => ({
    type: 'bytes',
    conn: 9,
    hop: 'D',
    vantage: 'plaintext',
    from,
    bytes: Buffer.from(bytes),
  });
  const binding = [
    opened(9, 'D'),
    said(9, 'D', hello),
    scheduler('client', post('/api/v1/namespaces/default/pods/web/binding', '{}')),
  ];
  const { driver } = byHand([begun, ...inStep('given', ...create.slice(0, 2), ...binding, typed)], {
    plan: [given],
  });
  driver.press('space');
  t.like(endsOf(driver.look).sent, { state: 'seen', title: 'POST /api/v1/namespaces/default/secrets' });
  t.is(driver.press('D').look.hop, 'D');
  const { sent, got } = endsOf(driver.look);
  t.like(sent, { state: 'seen', title: 'POST /api/v1/namespaces/default/pods/web/binding' });
  t.deepEqual(got, sent);
  const idle = byHand(
    [begun, ...inStep('given', ...create.slice(0, 2), opened(9, 'D'), said(9, 'D', hello), typed)],
    { plan: [given] },
  ).driver.press('space', 'D');
  t.is(idle.look.hop, 'D');
  t.like(endsOf(idle.look).sent, { state: 'none' });
});

/** A ClientHello would do: that TLS is spoken shows in the first bytes. */
const hello = Buffer.from('160301002a010000260303' + '00'.repeat(32) + '000002130100', 'hex');
const etcdctl = (more: object): CaptureDraft => ({
  type: 'observed',
  who: 'admin',
  result: {
    kind: 'etcdctl',
    program: 'etcdctl',
    line: 'get /a',
    exitCode: 0,
    output: '',
    words: '',
    connections: [1],
    ...more,
  },
});
const report: CaptureDraft = {
  type: 'observed',
  who: 'store',
  result: {
    kind: 'etcd',
    program: 'etcd',
    requests: [],
    total: 0,
    rejected: [{ reason: 'unknown_ca', words: 'x509' }],
  },
};

for (const [title, reports, got] of [
  ['who was let in by the real etcd said what only the two know', [etcdctl({})], 'unknown'],
  [
    'who was turned away according to its log never came so far',
    [etcdctl({ exitCode: 1 }), report],
    'not_reached',
  ],
  [
    'who asked over its gateway was let in, whomever it turned away',
    [etcdctl({ exitCode: 1, program: 'wirelab', instead: 'gateway' }), report],
    'unknown',
  ],
] as const) {
  test(title, (t) => {
    const { driver } = byHand(
      [began(), ...inStep('asked', opened(1, 'C'), said(1, 'C', hello), ...reports)],
      { plan: [asked] },
    );
    driver.press('space');
    t.deepEqual(endsOf(driver.look), {
      sent: { state: 'none', why: 'unknown' },
      got: { state: 'none', why: got },
    });
  });
}
