import test from 'ava';
import type { ExecutionContext } from 'ava';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LabEvent } from '../../src/labs/hold/holding.ts';
import { withPeerAtLength } from '../helpers/at-length.ts';
import { withPeer } from '../helpers/peer.ts';
import { theWebhookNobodyTrusts } from './attempts/the-webhook-nobody-trusts.ts';
import { attemptTests } from './support/attempts.ts';
import { isUp, say } from './support/cluster.ts';
import type { Working } from './support/cluster.ts';
import { Held } from './support/holding.ts';
import { commandsOf, labTests, Learner } from './support/learner.ts';

// kubectl's cache beside its kubeconfig is separate for each test.
const home = mkdtempSync(join(tmpdir(), 'wirelab-home-'));
process.env['HOME'] = home;
test.after.always(() => rmSync(home, { recursive: true, force: true }));

const lab = 'the-webhook-nobody-trusts';
const untouched = {
  'clear-the-way': 'unverified',
  'name-the-gate': 'unverified',
  'trust-the-gate': 'unverified',
  'close-the-ledger': 'admitted',
} as const;
type Task = keyof typeof untouched;
const tasks = Object.keys(untouched) as Task[];
const open = (task: Task): string => `${task}: open ${untouched[task]}`;

async function begin(t: ExecutionContext): Promise<Working> {
  const learner = await Learner.begin(t, lab);
  const held = await Held.start(t, learner);
  await held.until(isUp);
  return { learner, held };
}

/** Types the commands of a hint, counted from the end: 2 has kubectl, 1 has curl. */
async function follow({ learner }: Working, task: Task, fromEnd: number): Promise<void> {
  const { hints = [] } = learner.lab.narration.en.tasks[task] ?? {};
  const place = task === 'name-the-gate' ? -1 : -fromEnd;
  await learner.run(`set -e\n${commandsOf(hints.at(place) ?? '')}`);
}

labTests(lab, {
  peers: ['openssl', 'kubectl'],
  async solve(learner) {
    const held = await Held.start(learner.t, learner);
    await held.until(isUp);
    for (const task of tasks) await follow({ learner, held }, task, 2);
  },
  unedited: tasks.map((task) => `${task}: open not_up`),
  empty: tasks.map((task) => `${task}: open not_up`),
  wrong: {},
});

withPeerAtLength(['openssl', 'curl'], `${lab}: openssl and curl are enough`, async (t) => {
  const working = await begin(t);
  for (const [index, task] of tasks.entries()) {
    await follow(working, task, 1);
    const outcome = await working.learner.outcome();
    // One after the other: none does the next one's work, or undoes what was done.
    t.deepEqual(
      outcome,
      tasks.map((one, at) => (at <= index ? `${one}: done` : open(one))),
    );
  }
});

test(`${lab}: with the cluster up, an unedited beginning does not pass`, async (t) => {
  const { learner } = await begin(t);
  t.deepEqual(await learner.outcome(), tasks.map(open));
});

type Called = Extract<LabEvent, { kind: 'webhook' }>;

withPeer('openssl', `${lab}: what fails open is told where the lab is up, and nowhere else`, async (t) => {
  const working = await begin(t);
  const { held, learner } = working;
  const created = await say(working, 'POST', '/api/v1/namespaces/workshop/secrets', {
    metadata: { name: 'lost' },
  });
  t.is((created['metadata'] as { readonly name: string }).name, 'lost');
  const told = await held.until((event): event is Called => event.kind === 'webhook');
  t.is(told.outcome, 'failed_open');
  t.regex(
    told.message ?? '',
    /^failed calling webhook "secrets\.ledger\.example\.com": failed to call webhook: Post "https:\/\/ledger\.workshop\.svc:443\/validate\?timeout=5s": tls: failed to verify certificate: x509: certificate has expired or is not yet valid: /,
  );
  // What a check tries is not told.
  const from = held.events.length;
  await learner.outcome();
  t.deepEqual(
    held.events.slice(from).filter(({ kind }) => kind === 'webhook'),
    [],
  );
});

test(`${lab}: a webhook reads its files anew, and ends with files that cannot be used`, async (t) => {
  const { held, learner } = await begin(t);
  type Served = Extract<LabEvent, { kind: 'webhook-server' }>;
  const isServed = (event: LabEvent): event is Served =>
    event.kind === 'webhook-server' && event.server === 'gate';
  const before = learner.read('gate.crt');
  let from = held.events.length;
  learner.write('gate.crt', 'no certificate');
  t.is((await held.until(isServed, from)).state, 'failed');
  from = held.events.length;
  learner.write('gate.crt', before);
  t.is((await held.until(isServed, from)).state, 'started');
});

test(`${lab}: a task that is reset has its configuration back`, async (t) => {
  const working = await begin(t);
  const path = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';
  await say(working, 'DELETE', `${path}/retired`);
  const { requestReset } = await import('../../src/labs/hold/pending-reset.ts');
  t.true(await requestReset(working.learner.folder, 'clear-the-way'));
  t.truthy(await say(working, 'GET', `${path}/retired`));
});

attemptTests(theWebhookNobodyTrusts);
