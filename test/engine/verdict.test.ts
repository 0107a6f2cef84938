/** The judge over handwritten logs: an empty run must not pass. */
import test from 'ava';
import { CaptureLog } from '../../src/capture/log.ts';
import type { CaptureDraft, Observation, Side, Vantage } from '../../src/capture/event.ts';
import { features } from '../../src/features/registry.ts';
import { planScenario } from '../../src/engine/planning.ts';
import type { CompiledScenario } from '../../src/engine/scenario.ts';
import { Judge } from '../../src/engine/verdict.ts';
import type { Finding } from '../../src/engine/verdict.ts';

const text = { title: 'T', intro: 'I', steps: { login: { title: 'L', before: 'B' } }, doesNotProve: 'N' };
const step = (expect: CompiledScenario['file']['steps'][number]['expect'], id = 'login') => ({
  id,
  login: { client: 'customer', to: 'front' },
  expect,
});

function scenario(
  steps: CompiledScenario['file']['steps'],
  kind: 'plaintext' | 'tls' = 'tls',
): CompiledScenario {
  return {
    v: 1,
    name: 'hand-made',
    narration: { en: text, ko: text },
    file: {
      secrets: { password: { value: 'tiger-lily' }, rrn: { value: '900101-1234567' } },
      accounts: { alice: { password: 'password', rrn: 'rrn' } },
      servers: { shop: { kind: 'login-server' } },
      proxies: {
        front: { kind, target: 'shop', wires: { incoming: 'A', outgoing: 'B' }, certificate: 'proxy' },
      },
      clients: { customer: {} },
      steps,
    },
  };
}

const client = { host: '127.0.0.1', port: 40_000 };
const listener = { host: '127.0.0.1', port: 8443 };
const record = (body: string): Buffer =>
  Buffer.concat([Buffer.from([0x16, 3, 1, 0, body.length]), Buffer.from(body)]);
const noise = record('x'.repeat(40));
const form = Buffer.from('username=alice&password=tiger-lily&rrn=900101-1234567');

class Story {
  readonly log: CaptureLog;
  readonly judge: Judge;

  constructor(compiled: CompiledScenario, maxPayload?: number) {
    let time = 0;
    this.log = new CaptureLog({
      clock: { now: () => 0, microseconds: () => ++time },
      ...(maxPayload === undefined ? {} : { maxPayload }),
    });
    this.judge = new Judge({ features, plan: planScenario(features, compiled), source: this.log });
    this.log.subscribe(this.judge.fold);
    this.add({ type: 'began', version: '0', wallClock: '', topology: { participants: [], wires: [] } });
  }

  add(draft: CaptureDraft): this {
    this.log.append(draft);
    return this;
  }

  started(id = 'login'): this {
    return this.add({ type: 'step', id, state: 'started' });
  }

  done(id = 'login'): this {
    return this.add({ type: 'step', id, state: 'done' });
  }

  opened(conn: number, hop: string): this {
    return this.add({ type: 'opened', conn, hop, transport: 'tcp', from: client, to: listener });
  }

  bytes(conn: number, hop: string, vantage: Vantage, bytes: Uint8Array, from: Side = 'client'): this {
    return this.add({ type: 'bytes', conn, hop, vantage, from, bytes });
  }

  closed(conn: number, hop: string): this {
    return this.add({ type: 'closed', conn, hop, by: 'client', how: 'end' });
  }

  observed(who: string, result: Observation): this {
    return this.add({ type: 'observed', who, result });
  }

  reported(outcome: 'admitted' | 'refused' = 'admitted'): this {
    return this.observed('customer', {
      kind: 'login',
      outcome,
      from: client,
      user: 'alice',
      believedConnected: true,
      sentBytes: 100,
    });
  }

  served(logins = 1): this {
    return this.observed('shop', {
      kind: 'served',
      connections: logins,
      requests: logins,
      logins: Array.from({ length: logins }, () => ({ user: 'alice', accepted: true })),
    });
  }

  finding(id: string): Finding {
    const found = this.judge.verdict().findings.find(({ expectation }) => expectation === id);
    if (!found) throw new Error(`no finding ${id}`);
    return found;
  }
}

const sealedOnA = [step([{ sealed: { secrets: ['password'], wires: ['A'] } }])];
const id = 'login/sealed/password/A';

test('sealed is met when the secret was seen above TLS and not on the wire', (t) => {
  const story = new Story(scenario(sealedOnA))
    .started()
    .opened(1, 'A')
    .bytes(1, 'A', 'wire', noise)
    .bytes(1, 'A', 'plaintext', form)
    .closed(1, 'A')
    .reported()
    .served()
    .done();
  const finding = story.finding(id);
  t.is(finding.status, 'met');
  t.regex(
    finding.says.en,
    /not found on wire A in 45 bytes, \d+ encodings tried \(seen at the server: yes\)/,
  );
  t.is(story.judge.verdict().status, 'passed');
});

test('sealed is missed when the secret is on the wire, whole or split at every place', (t) => {
  for (let cut = 1; cut < form.length; cut++) {
    const story = new Story(scenario(sealedOnA)).started().opened(1, 'A').bytes(1, 'A', 'wire', noise);
    story
      .bytes(1, 'A', 'wire', form.subarray(0, cut))
      .bytes(1, 'A', 'wire', form.subarray(cut))
      .bytes(1, 'A', 'plaintext', form);
    const finding = story.closed(1, 'A').reported().served().done().finding(id);
    t.is(finding.status, 'missed');
    t.deepEqual(finding.evidence[0], {
      run: 1,
      conn: 1,
      hop: 'A',
      vantage: 'wire',
      from: 'client',
      offset: 45 + form.indexOf('tiger'),
      length: 10,
    });
  }
});

test('sealed is unobserved when no endpoint saw the secret: a login that never happened proves nothing', (t) => {
  const story = new Story(scenario(sealedOnA))
    .started()
    .opened(1, 'A')
    .bytes(1, 'A', 'wire', noise)
    .closed(1, 'A')
    .reported()
    .served()
    .done();
  t.is(story.finding(id).status, 'unobserved');
  const other = new Story(scenario(sealedOnA))
    .started()
    .opened(1, 'A')
    .bytes(1, 'A', 'wire', noise)
    .bytes(1, 'A', 'plaintext', Buffer.from('rrn=900101-1234567'))
    .closed(1, 'A')
    .reported()
    .served()
    .done();
  t.is(other.finding(id).status, 'unobserved', 'another secret is no twin');
});

test('sealed is unobserved when the tap recorded nothing', (t) => {
  t.is(new Story(scenario(sealedOnA)).started().reported().served().done().finding(id).status, 'unobserved');
});

test('sealed is missed without TLS, even if the secret is absent', (t) => {
  const story = new Story(scenario(sealedOnA))
    .started()
    .opened(1, 'A')
    .bytes(1, 'A', 'wire', Buffer.from('GET / HTTP/1.1\r\n\r\n'))
    .closed(1, 'A')
    .reported()
    .served()
    .done();
  t.is(story.finding(id).status, 'missed');
});

test('bytes that were dropped before they were searched make sealed unobserved', (t) => {
  const story = new Story(scenario(sealedOnA))
    .started()
    .opened(1, 'A')
    .bytes(1, 'A', 'wire', noise)
    .bytes(1, 'A', 'plaintext', form);
  story
    .add({
      type: 'bytes',
      conn: 1,
      hop: 'A',
      vantage: 'wire',
      from: 'client',
      bytes: new Uint8Array(0),
      dropped: 7,
    })
    .closed(1, 'A')
    .reported()
    .served()
    .done();
  const finding = story.finding(id);
  t.is(finding.status, 'unobserved');
  t.regex(finding.says.en, /7 bytes/);
});

test('bytes that were dropped after they were searched cost nothing', (t) => {
  const story = new Story(scenario(sealedOnA), 10)
    .started()
    .opened(1, 'A')
    .bytes(1, 'A', 'wire', noise)
    .bytes(1, 'A', 'plaintext', form)
    .closed(1, 'A')
    .reported()
    .served()
    .done();
  t.true(story.log.droppedBytes > 0);
  t.is(story.finding(id).status, 'met');
});

test('what another step did counts for that step alone', (t) => {
  const compiled = scenario([
    ...sealedOnA,
    step([{ sealed: { secrets: ['password'], wires: ['A'] } }], 'second'),
  ]);
  const story = new Story(compiled)
    .started()
    .opened(1, 'A')
    .bytes(1, 'A', 'wire', noise)
    .bytes(1, 'A', 'plaintext', form)
    .closed(1, 'A')
    .reported()
    .served()
    .done();
  story
    .started('second')
    .opened(2, 'A')
    .bytes(2, 'A', 'wire', noise)
    .bytes(2, 'A', 'wire', form)
    .closed(2, 'A')
    .reported()
    .served()
    .done('second');
  t.is(story.finding(id).status, 'met');
  t.is(story.finding('second/sealed/password/A').status, 'missed');
});

test('a kept-alive connection of an earlier step is judged by the bytes of this step', (t) => {
  const compiled = scenario([
    step([{ visible: { secrets: ['password'], wires: ['B'] } }]),
    step([{ visible: { secrets: ['password'], wires: ['B'] } }], 'second'),
  ]);
  const story = new Story(compiled)
    .started()
    .opened(1, 'A')
    .opened(2, 'B')
    .bytes(2, 'B', 'wire', form)
    .closed(1, 'A')
    .reported()
    .served()
    .done();
  story
    .started('second')
    .opened(3, 'A')
    .bytes(2, 'B', 'wire', Buffer.from('nothing'))
    .closed(3, 'A')
    .reported()
    .served()
    .done('second');
  t.is(story.finding('login/visible/password/B').status, 'met');
  t.is(story.finding('second/visible/password/B').status, 'missed');
});

for (const [why, story] of [
  ['it did not run', (s: Story) => s],
  ['it was interrupted', (s: Story) => s.started().opened(1, 'A').bytes(1, 'A', 'wire', form)],
  [
    'its client did not report in time',
    (s: Story) => s.started().opened(1, 'A').bytes(1, 'A', 'wire', form).closed(1, 'A').done(),
  ],
  [
    'its connection did not close in time',
    (s: Story) => s.started().opened(1, 'A').bytes(1, 'A', 'wire', form).reported().done(),
  ],
] as const) {
  test(`a step proves nothing when ${why}`, (t) => {
    const compiled = scenario([step([{ visible: { secrets: ['password'], wires: ['A'] } }])], 'plaintext');
    const finding = story(new Story(compiled)).finding('login/visible/password/A');
    t.is(finding.status, 'unobserved');
    t.true(finding.says.en.includes(why), finding.says.en);
  });
}

test('unreached needs a twin that was alive', (t) => {
  const expect = [{ unreached: { server: 'shop', wires: ['B'], twin: 'login' } }];
  const silent = (s: Story): Story =>
    s
      .started('refused')
      .opened(9, 'A')
      .bytes(9, 'A', 'wire', noise)
      .closed(9, 'A')
      .reported('refused')
      .served(0)
      .done('refused');
  const twin = (s: Story): Story =>
    s
      .started()
      .opened(1, 'A')
      .opened(2, 'B')
      .bytes(2, 'B', 'wire', form)
      .closed(1, 'A')
      .reported()
      .served()
      .done();
  const compiled = scenario([step([]), step(expect, 'refused')]);
  t.is(silent(twin(new Story(compiled))).finding('refused/unreached').status, 'met');
  t.is(silent(new Story(compiled)).finding('refused/unreached').status, 'unobserved');
  const reached = twin(new Story(compiled))
    .started('refused')
    .opened(9, 'A')
    .opened(10, 'B')
    .bytes(10, 'B', 'wire', form)
    .closed(9, 'A')
    .reported()
    .served()
    .done('refused');
  t.is(reached.finding('refused/unreached').status, 'missed');
});

test('private keys that were not supplied cannot be absent', (t) => {
  const compiled = scenario([step([])]);
  const story = new Story({ ...compiled, file: { ...compiled.file, expect: [{ keysNeverOnWire: {} }] } });
  story.started().opened(1, 'A').bytes(1, 'A', 'wire', noise).closed(1, 'A').reported().served().done();
  t.is(story.finding('keys-never-on-wire').status, 'unobserved');
});

test('a plan without claims fails: nothing green is empty', (t) => {
  const story = new Story(scenario([step([])]))
    .started()
    .opened(1, 'A')
    .closed(1, 'A')
    .reported()
    .served()
    .done();
  t.deepEqual(story.judge.verdict(), { scenario: 'hand-made', status: 'failed', findings: [] });
});

test('a new run is judged by itself', (t) => {
  const story = new Story(scenario(sealedOnA))
    .started()
    .opened(1, 'A')
    .bytes(1, 'A', 'wire', noise)
    .bytes(1, 'A', 'plaintext', form)
    .closed(1, 'A')
    .reported()
    .served()
    .done();
  t.is(story.judge.verdict().status, 'passed');
  story.add({ type: 'began', version: '0', wallClock: '', topology: { participants: [], wires: [] } });
  t.is(story.finding(id).status, 'unobserved');
});

test('sealed says where the secret was seen: not at the server when no request reached it', (t) => {
  const story = new Story(scenario(sealedOnA))
    .started()
    .opened(1, 'A')
    .bytes(1, 'A', 'wire', noise)
    .bytes(1, 'A', 'plaintext', form)
    .closed(1, 'A')
    .reported()
    .served(0)
    .done();
  const { status, says } = story.finding(id);
  t.is(status, 'met');
  t.regex(says.en, /\(seen above TLS at front’s end of wire A\)$/);
  t.regex(says.ko, /\(구간 A의 front 쪽 끝에서 TLS 위의 평문으로 보임\)$/);
});
