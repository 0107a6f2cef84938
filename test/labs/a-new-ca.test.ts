import test from 'ava';
import type { ExecutionContext } from 'ava';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/core/clock.ts';
import { resetLabFolder, startFiles } from '../../src/labs/folder.ts';
import type { LabEvent } from '../../src/labs/hold/holding.ts';
import type { ProcessName } from '../../src/labs/hold/static-pod.ts';
import { requestReset } from '../../src/labs/hold/pending-reset.ts';
import { labWorld } from '../../src/labs/world.ts';
import { labCheckJson, LabReport } from '../../src/ui/text/lab.ts';
import { outputValidator } from '../helpers/output-schema.ts';
import { withPeerAtLength } from '../helpers/at-length.ts';
import { runProgram, withPeer } from '../helpers/peer.ts';
import { askWirelab } from '../helpers/wirelab.ts';
import {
  allAtOnce,
  aNewCa,
  everybody,
  flags,
  isClient,
  isProcess,
  isUp,
  makeNew,
  manager,
  newServer,
  server,
  showing,
  showsNew,
  trustBoth,
  trusts,
} from './attempts/a-new-ca.ts';
import { attemptTests, saidOf } from './support/attempts.ts';
import type { HeldBench } from './support/attempts.ts';
import { Held } from './support/holding.ts';
import { commandsOf, labTests, Learner } from './support/learner.ts';

// kubectl's cache beside its kubeconfig is separate for each test.
const home = mkdtempSync(join(tmpdir(), 'wirelab-home-'));
process.env['HOME'] = home;
test.after.always(() => rmSync(home, { recursive: true, force: true }));

const lab = 'a-new-ca';
const tasks = ['trust-both', 'show-the-new-one', 'take-out-the-old-one', 'nobody-noticed'] as const;
type Task = (typeof tasks)[number];
const unmade = tasks.map((task) => `${task}: open missing_file`);

async function begin(t: ExecutionContext): Promise<HeldBench> {
  const learner = await Learner.begin(t, lab);
  const held = await Held.start(t, learner);
  await held.until(isUp);
  return { learner, held };
}

/** The hints' own commands; then whoever is to notice has noticed. @param way counted from the end */
async function follow(bench: HeldBench, task: Task, way: number): Promise<void> {
  const { learner, held } = bench;
  const commands = commandsOf(learner.lab.narration.en.tasks[task]?.hints.at(-way) ?? '');
  const from = held.events.length;
  for (const line of commands.split('\n').filter((one) => /^ *wirelab /.test(one))) {
    const { exitCode, stderr } = await askWirelab(line.trim().split(' ').slice(1), { cwd: learner.folder });
    learner.t.is(exitCode, 0, `${line}\n${stderr}`);
  }
  await learner.run(`set -e\n${commands.replaceAll(/^ *wirelab .*$/gm, ':')}`);
  for (const [, process] of commands.matchAll(/(?:touch|mv new\.yaml) manifests\/(kube-[a-z-]+)\.yaml/gm))
    await held.until(isProcess(process as ProcessName, 'started'), from);
  await everybody(bench, task === 'trust-both' ? trusts(2) : showsNew(learner));
  if (task === 'take-out-the-old-one') await everybody(bench, (client) => trusts(1)(client) && client.served);
}

const steps = tasks.filter((task) => task !== 'nobody-noticed');

labTests(lab, {
  peers: ['openssl'],
  async solve(learner) {
    const held = await Held.start(learner.t, learner);
    await held.until(isUp);
    for (const task of steps) await follow({ learner, held }, task, task === 'take-out-the-old-one' ? 1 : 2);
    learner.t.false(held.events.some((told) => told.kind === 'client' && told.news.state === 'turned_away'));
  },
  unedited: tasks.map((task) => `${task}: open not_up`),
  empty: tasks.map((task) => `${task}: open not_up`),
  wrong: {},
});

withPeerAtLength(
  ['openssl', 'kubectl'],
  `${lab}: openssl is enough, one task does not do the next one’s work, and kubectl works at each moment but with the stolen file`,
  async (t) => {
    const bench = await begin(t);
    const { learner } = bench;
    const stolen = learner.read('super-admin.conf');
    const kubectl = async (file: string, words: string): Promise<string> => {
      const { stdout, stderr } = await runProgram(
        'kubectl',
        [...words.split(' '), '--kubeconfig', join(learner.folder, file)],
        { cwd: learner.folder },
      );
      return stdout + stderr;
    };
    t.regex(await kubectl('super-admin.conf', 'auth whoami'), /system:masters/);
    for (const [index, task] of steps.entries()) {
      await follow(bench, task, 1);
      const outcome = await learner.outcome();
      t.is(outcome[index], `${task}: done`);
      if (index < 2)
        t.true(
          outcome.slice(index + 1).every((line) => line.includes(': open ')),
          outcome.join('\n'),
        );
      t.regex(await kubectl('my-config.conf', 'auth whoami'), /kubernetes-admin/, task);
    }
    t.deepEqual(
      await learner.outcome(),
      tasks.map((task) => `${task}: done`),
    );
    // With the CA of yesterday; and with that of today, which is no secret.
    t.regex(
      await kubectl('super-admin.conf', 'auth whoami'),
      /x509: certificate signed by unknown authority/,
    );
    learner.write(
      'super-admin.conf',
      stolen.replace(
        /(certificate-authority-data: ).*/,
        (_, key: string) => `${key}${Buffer.from(learner.read('pki/new-ca.crt')).toString('base64')}`,
      ),
    );
    t.regex(await kubectl('super-admin.conf', 'auth whoami'), /You must be logged in to the server/);
  },
);

test(`${lab}: with the control plane up, an unedited beginning does not pass, and neither does an empty folder`, async (t) => {
  const { learner, held } = await begin(t);
  t.deepEqual(await learner.outcome(), unmade);
  const validate = outputValidator();
  t.true(validate(labCheckJson(learner.lab, await learner.check())), JSON.stringify(validate.errors));
  const from = held.events.length;
  learner.remove(...startFiles(learner.lab, await labWorld(learner.lab, learner.folder)).keys());
  await held.until(isProcess('kube-apiserver', 'ended'), from);
  t.deepEqual(
    await learner.outcome(),
    tasks.map((task) => `${task}: open no_api_server`),
  );
});

withPeer(
  'openssl',
  `${lab}: nothing is hidden by changing everything while the lab is down, and a reset begins anew`,
  async (t) => {
    const bench = await begin(t);
    const { learner, held } = bench;
    await trustBoth(bench);
    await held.end();
    // Whoever changes both sides in one moment: the clients still have what they had.
    await learner.run('cp next/pki/apiserver.crt next/pki/apiserver.key pki/ && cp next/*.conf .');
    for (const process of ['kube-apiserver', 'kube-controller-manager'])
      learner.write(
        `manifests/${process}.yaml`,
        learner
          .read(`manifests/${process}.yaml`)
          .replaceAll(/=pki\/ca(?:-bundle)?\.crt/g, '=pki/new-ca.crt')
          .replace('=pki/ca.key', '=pki/new-ca.key'),
      );
    const again = await Held.start(t, learner);
    await again.until(isClient('pipeline', 'turned_away'));
    t.regex(
      await saidOf(learner, 'nobody-noticed'),
      /^refused unauthorized .*did not know (?:kubelet|pipeline)/,
    );
    const from = again.events.length;
    resetLabFolder(
      learner.folder,
      learner.lab,
      startFiles(learner.lab, await labWorld(learner.lab, learner.folder)),
      systemClock,
    );
    await again.until(isUp, from);
    t.regex(await saidOf(learner, 'nobody-noticed'), /^missing_file /);
  },
);

withPeer(
  'openssl',
  `${lab}: a client that is turned away is reported as it happens, and a reset of one task forgets it`,
  async (t) => {
    const bench = await begin(t);
    const { learner, held } = bench;
    await makeNew(bench);
    await newServer(bench);
    for (const client of ['kubelet', 'pipeline', 'pod']) await held.until(isClient(client, 'turned_away'));
    t.like(held.events.find(isClient('kubelet', 'turned_away')), {
      news: { client: 'kubelet', state: 'turned_away', by: 'client' },
    });
    t.regex(
      await saidOf(learner, 'nobody-noticed'),
      /^refused unknown_ca kubelet refused|^refused unknown_ca/,
    );
    const from = held.events.length;
    const { exitCode } = await askWirelab(['lab', 'reset', 'trust-both', '--folder', learner.folder]);
    t.is(exitCode, 0);
    await held.until(isProcess('kube-apiserver', 'started'), from);
    // It may have been carried out already.
    await requestReset(learner.folder, 'trust-both');
    t.regex(await saidOf(learner, 'nobody-noticed'), /^missing_file /);
  },
);

withPeer('openssl', `${lab}: what has become of a client is found by its own file`, async (t) => {
  const bench = await begin(t);
  const { held } = bench;
  await makeNew(bench);
  const from = held.events.length;
  // The server does not know this CA yet.
  await showing(bench, 'next', ['my-config']);
  await held.until(
    (told) =>
      told.kind === 'checked' &&
      told.found.some(({ id, reason }) => id === 'nobody-noticed' && reason === 'refused'),
    from,
  );
  const named = new Set(
    held.events.slice(from).flatMap((told) => (told.kind === 'checked' ? told.files : [])),
  );
  t.true(named.has('my-config.conf'));
  t.false(named.has('admin.conf'));
});

withPeerAtLength('openssl', `${lab}: all at once does the three steps, and not the last task`, async (t) => {
  const bench = await begin(t);
  await allAtOnce(bench);
  const outcome = await bench.learner.outcome();
  t.deepEqual(
    outcome.slice(0, 3),
    steps.map((task) => `${task}: done`),
  );
  t.regex(outcome[3] ?? '', /^nobody-noticed: open refused/);
});

withPeer(
  'openssl',
  `${lab}: a controller manager that the API server does not know is reported once, whatever it asks for`,
  async (t) => {
    const bench = await begin(t);
    const { held } = bench;
    await makeNew(bench);
    await flags(bench, server, { 'client-ca-file': 'pki/new-ca.crt' });
    await held.until(isProcess(manager, 'cut_off'));
    for (const client of ['kubelet', 'pipeline']) await held.until(isClient(client, 'turned_away'));
    await held.until((told) => told.kind === 'asked' && told.asked.status === 401);
    const refused = held.events.flatMap((told) =>
      told.kind === 'asked' && told.asked.status === 401 ? [told.asked.unauthorized?.words.en ?? ''] : [],
    );
    t.is(refused.length, 1, refused.join('\n'));
    t.regex(refused[0] ?? '', /^CN=system:kube-controller-manager .*unknown authority/);
  },
);

test(`${lab}: what becomes of its clients is printed in both languages`, async (t) => {
  const { lab: compiled } = await Learner.begin(t, lab);
  const reported: readonly LabEvent[] = [
    { kind: 'client', news: { client: 'pod', state: 'took_over', trusts: 2, shows: 'token' } },
    { kind: 'client', news: { client: 'kubelet', state: 'took_over', trusts: 1, shows: 'new' } },
    {
      kind: 'client',
      news: { client: 'pipeline', state: 'turned_away', by: 'client', reason: 'unknown_ca' },
    },
    { kind: 'client', news: { client: 'pipeline', state: 'turned_away', by: 'server' } },
    {
      kind: 'client',
      news: { client: 'pod', state: 'turned_away', by: 'client', reason: 'name_mismatch' },
    },
    { kind: 'client', news: { client: 'pipeline', state: 'served' } },
  ];
  for (const [language, words] of [
    ['en', ['trusts 2 CAs, and shows its token', 'a certificate of another CA', 'is served again']],
    ['ko', ['신뢰하는 CA 2개', '다른 CA의 인증서', '다시 응답을 받습니다']],
  ] as const) {
    const lines: string[] = [];
    const report = new LabReport(compiled, {
      language,
      ascii: false,
      columns: 120,
      write: (line) => lines.push(line),
    });
    for (const one of reported) report.print(one);
    const text = lines.join('\n');
    for (const word of [
      ...words,
      'x509: certificate signed by unknown authority',
      'x509: certificate is not valid for the name or address',
      '401 Unauthorized',
    ])
      t.true(text.includes(word), `${word} in ${text}`);
  }
});

attemptTests(aNewCa);
