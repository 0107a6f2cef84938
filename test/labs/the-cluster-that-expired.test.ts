import test from 'ava';
import type { ExecutionContext } from 'ava';
import { mkdtempSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { systemClock } from '../../src/core/clock.ts';
import { UserError } from '../../src/i18n/user-error.ts';
import { apiClient } from '../../src/kube/components/api-client.ts';
import { listAt, objectAt, textAt } from '../../src/kube/objects/json.ts';
import { checkLab } from '../../src/labs/checks/check.ts';
import { kubeconfigIn } from '../../src/labs/hold/control-plane-files.ts';
import type { ProcessName } from '../../src/labs/hold/static-pod.ts';
import { resetLabFolder, startFiles } from '../../src/labs/folder.ts';
import type { CompiledLab } from '../../src/labs/lab.ts';
import type { LabEvent } from '../../src/labs/hold/holding.ts';
import { labWorld } from '../../src/labs/world.ts';
import { labCheckJson, LabReport } from '../../src/ui/text/lab.ts';
import { outputValidator } from '../helpers/output-schema.ts';
import { withPeerAtLength } from '../helpers/at-length.ts';
import { runProgram, withPeer } from '../helpers/peer.ts';
import { askWirelab } from '../helpers/wirelab.ts';
import { attemptTests } from './support/attempts.ts';
import { Held } from './support/holding.ts';
import { commandsOf, labTests, Learner } from './support/learner.ts';
import { theClusterThatExpired } from './attempts/the-cluster-that-expired.ts';

// kubectl's cache beside its kubeconfig is separate for each test.
const home = mkdtempSync(join(tmpdir(), 'wirelab-home-'));
process.env['HOME'] = home;
test.after.always(() => rmSync(home, { recursive: true, force: true }));

const lab = 'the-cluster-that-expired';
const tasks = [
  'renew-the-server',
  'renew-the-administrator',
  'replace-your-copy',
  'wake-the-controller-manager',
] as const;
type Task = (typeof tasks)[number];

const expired = tasks.map((task) => `${task}: open refused certificate_expired`);

type Up = Extract<LabEvent, { kind: 'control-plane' }>;
const isUp = (reported: LabEvent): reported is Up => reported.kind === 'control-plane';
const isProcess =
  (process: ProcessName, state: string) =>
  (reported: LabEvent): boolean =>
    reported.kind === 'process' && reported.process === process && reported.state === state;

interface Working {
  readonly learner: Learner;
  readonly held: Held;
}

const never = (): never => {
  throw new Error('it is not there');
};

/** A learner whose control plane is up. */
async function begin(t: ExecutionContext): Promise<Working> {
  const learner = await Learner.begin(t, lab);
  const held = await Held.start(t, learner);
  await held.until(isUp);
  return { learner, held };
}

/** The hints' own commands: `wirelab` is asked in this process, and a process that is restarted is waited for, not slept for. */
async function type({ learner, held }: Working, commands: string): Promise<void> {
  const from = held.events.length;
  for (const line of commands.split('\n').filter((one) => /^ *wirelab /.test(one))) {
    const { exitCode, stderr } = await askWirelab(line.trim().split(' ').slice(1), { cwd: learner.folder });
    learner.t.is(exitCode, 0, `${line}\n${stderr}`);
  }
  await learner.run(`set -e\n${commands.replaceAll(/^ *wirelab .*$/gm, ':').replaceAll(' && sleep 1', '')}`);
  for (const [, process] of commands.matchAll(/^ *mv (kube-[a-z-]+)\.yaml manifests/gm))
    await held.until(isProcess(process as ProcessName, 'started'), from);
  if (commands.includes('mv kube-controller-manager.yaml'))
    await held.until((reported) => reported.kind === 'signed' && reported.failed === undefined, from);
}

/** @param way counted from the end: the last hint is openssl's. */
async function follow(working: Working, task: Task, way: 'wirelab' | 'openssl'): Promise<void> {
  const hints = working.learner.lab.narration.en.tasks[task]?.hints ?? [];
  await type(
    working,
    commandsOf(hints.at(way === 'openssl' || task === 'replace-your-copy' ? -1 : -2) ?? ''),
  );
}

/** What a check says of one task: its line, and the sentence with what was found. */
async function checked(
  { lab: compiled, folder }: Learner,
  task: Task,
): Promise<{ readonly outcome: string; readonly en: string; readonly ko: string }> {
  const alone: CompiledLab = {
    ...compiled,
    tasks: { ...compiled.tasks, tasks: compiled.tasks.tasks.filter(({ id }) => id === task) },
  };
  const [result] = await checkLab({
    lab: alone,
    folder,
    world: await labWorld(compiled, folder),
    clock: systemClock,
    random: (length) => randomBytes(length),
    version: '0',
  });
  const said = (language: 'en' | 'ko'): string =>
    [
      result?.says[language],
      result?.mistake?.where,
      result?.mistake?.received,
      result?.mistake?.remedy?.[language],
      result?.remedy?.[language],
    ]
      .filter(Boolean)
      .join(' | ');
  return {
    outcome: [result?.status, result?.reason, result?.refusal].filter(Boolean).join(' '),
    en: said('en'),
    ko: said('ko'),
  };
}

/** The API server is restarted by the learner's gesture. */
async function restart(
  { learner, held }: Working,
  process: ProcessName = 'kube-apiserver',
  state = 'started',
): Promise<void> {
  const from = held.events.length;
  await learner.run(`mv manifests/${process}.yaml . && mv ${process}.yaml manifests/`);
  await held.until(isProcess(process, state), from);
}

labTests(lab, {
  peers: ['openssl'],
  async solve(learner) {
    const held = await Held.start(learner.t, learner);
    await held.until(isUp);
    for (const task of tasks) await follow({ learner, held }, task, 'wirelab');
  },
  unedited: tasks.map((task) => `${task}: open not_up`),
  empty: tasks.map((task) => `${task}: open not_up`),
  wrong: {},
});

withPeerAtLength(
  ['openssl', 'kubectl'],
  `${lab}: openssl is enough, one task does not do the next one’s work, and kubectl says at each what the text says`,
  async (t) => {
    const working = await begin(t);
    const { learner, held } = working;
    const kubectl = async (words: string): Promise<string> => {
      const { stdout, stderr } = await runProgram(
        'kubectl',
        [...words.split(' '), '--kubeconfig', join(learner.folder, 'my-config.conf')],
        { cwd: learner.folder },
      );
      return stdout + stderr;
    };
    t.regex(await kubectl('get nodes'), /x509: certificate has expired or is not yet valid: current time/);
    const said = [
      /You must be logged in to the server/,
      /You must be logged in to the server/,
      /control-plane/,
      /control-plane/,
    ];
    for (const [index, task] of tasks.entries()) {
      await follow(working, task, 'openssl');
      const outcome = await learner.outcome();
      t.is(outcome[index], `${task}: done`);
      t.true(
        outcome.slice(index + 1).every((line) => line.includes(': open ')),
        outcome.join('\n'),
      );
      t.regex(await kubectl('get nodes'), said[index] ?? /never/, task);
      if (index === 2) t.regex(await kubectl('get csr'), /alice .* Approved\n/);
    }
    t.regex(await kubectl('get csr'), /alice .* Approved,Issued\n/);
    t.true(
      held.events.some(
        (reported) =>
          reported.kind === 'asked' &&
          reported.asked.status === 401 &&
          /expired/.test(reported.asked.unauthorized?.words.en ?? ''),
      ),
    );
  },
);

test(`${lab}: with the control plane up, an unedited beginning does not pass, and neither does an empty folder`, async (t) => {
  const { learner, held } = await begin(t);
  t.deepEqual(await learner.outcome(), expired);
  for (const task of tasks) t.regex((await checked(learner, task)).ko, /[가-힣]/);
  await held.until(isProcess('kube-controller-manager', 'cut_off'));
  const validate = outputValidator();
  t.true(validate(labCheckJson(learner.lab, await learner.check())), JSON.stringify(validate.errors));
  const from = held.events.length;
  learner.remove(...startFiles(learner.lab, await labWorld(learner.lab, learner.folder)).keys());
  await held.until(isProcess('kube-apiserver', 'ended'), from);
  await held.until(isProcess('kube-controller-manager', 'ended'), from);
  t.deepEqual(await learner.outcome(), [
    `${tasks[0]}: open no_api_server`,
    `${tasks[1]}: open missing_file`,
    `${tasks[2]}: open missing_file`,
    `${tasks[3]}: open no_api_server`,
  ]);
  t.regex((await checked(learner, 'renew-the-server')).en, /manifests\/kube-apiserver\.yaml/);
});

/** Signed by the cluster's CA, or by another, with these extensions, into FILE.crt of FILE.key. */
const signed = (file: string, subject: string, extensions: readonly string[], ca = 'pki/ca'): string =>
  [
    `printf '%s\\n' ${extensions.map((one) => `'${one}'`).join(' ')} > own.ext`,
    `openssl req -new -key ${file}.key -subj '${subject}' -out own.csr`,
    `openssl x509 -req -in own.csr -CA ${ca}.crt -CAkey ${ca}.key -set_serial 0x77 -days 9 -extfile own.ext -out ${file}.crt`,
  ].join(' && ');

withPeer('openssl', `${lab}: server certificates that are no good, each for its reason`, async (t) => {
  const working = await begin(t);
  const { learner } = working;
  const is = async (outcome: string, says: RegExp): Promise<void> => {
    const found = await checked(learner, 'renew-the-server');
    t.is(found.outcome, outcome, String(says));
    t.regex(found.en, says);
    t.regex(found.ko, /[가-힣]/);
  };
  const sign = async (extensions: readonly string[]): Promise<void> =>
    void (await learner.run(signed('pki/apiserver', '/CN=kube-apiserver', extensions)));
  const [names, usage] = ['subjectAltName=DNS:kubernetes,IP:127.0.0.1', 'extendedKeyUsage=serverAuth'];
  await sign([names, usage]);
  await is('open not_restarted', /still presents the certificate that it read/);
  await sign(['subjectAltName=DNS:kubernetes', usage]);
  await restart(working);
  await is('open refused name_mismatch', /127\.0\.0\.1/);
  await sign([names, 'extendedKeyUsage=clientAuth']);
  await restart(working);
  await is('open refused wrong_usage', /pki\/apiserver\.crt/);
  // The key of another.
  await learner.run('cp pki/apiserver.key kept.key && cp pki/apiserver-kubelet-client.key pki/apiserver.key');
  await restart(working, 'kube-apiserver', 'failed');
  await is('open no_api_server', /no API server/);
  // The process tries again by itself, at any moment: the pair fits only once the right certificate is there.
  await learner.run(
    `${signed('kept', '/CN=kube-apiserver', [names, usage])} && cp kept.crt pki/apiserver.crt`,
  );
  const from = working.held.events.length;
  await learner.run('cp kept.key pki/apiserver.key');
  await working.held.until(isProcess('kube-apiserver', 'started'), from);
  await is('done', /accept the API server’s certificate, until 20/);
});

withPeerAtLength(
  'openssl',
  `${lab}: a CA that is made anew is another one, for everybody who knew the first`,
  async (t) => {
    const working = await begin(t);
    const { learner } = working;
    const { exitCode } = await askWirelab(['kube', 'pki', '--out', 'anew'], { cwd: learner.folder });
    t.is(exitCode, 0);
    const port = /127\.0\.0\.1:(\d+)/.exec(learner.read('admin.conf'))?.[1] ?? '';
    await learner.run(
      `cp -r anew/pki anew/*.conf . && sed -i.bak 's/:6443/:${port}/' *.conf && cp admin.conf my-config.conf`,
    );
    await restart(working, 'kube-controller-manager');
    await restart(working);
    const outcome = await learner.outcome();
    t.deepEqual(outcome, [
      `${tasks[0]}: open refused unknown_ca`,
      `${tasks[1]}: done`,
      `${tasks[2]}: done`,
      `${tasks[3]}: open refused unknown_ca`,
    ]);
  },
);

withPeerAtLength('openssl', `${lab}: kubeconfigs that are no good, each for its reason`, async (t) => {
  const working = await begin(t);
  const { learner } = working;
  const old = learner.read('admin.conf');
  const is = async (outcome: string, says: RegExp, task: Task = 'renew-the-administrator'): Promise<void> => {
    const found = await checked(learner, task);
    t.is(found.outcome, outcome, String(says));
    t.regex(found.en, says);
    t.regex(found.ko, /[가-힣]/);
  };
  await follow(working, 'renew-the-server', 'wirelab');
  await is('open refused certificate_expired', /401 Unauthorized.*expired.*admin\.conf/);
  await follow(working, 'renew-the-administrator', 'wirelab');
  await is('done', /authenticates kubernetes-admin of kubeadm:cluster-admins/);
  const good = learner.read('admin.conf');
  // Out of habit, the wrong way round.
  await learner.run('cp my-config.conf admin.conf');
  await is('open refused certificate_expired', /admin\.conf/);
  await is('open refused certificate_expired', /my-config\.conf/, 'replace-your-copy');
  learner.write(
    'admin.conf',
    good.replace(/ {4}certificate-authority-data: .*/, '    insecure-skip-tls-verify: true'),
  );
  await is('open unverified', /insecure-skip-tls-verify: true/);
  learner.write('admin.conf', good.replace(/ {4}certificate-authority-data: .*\n/, ''));
  await is('open unverified', /names no CA/);
  learner.write('admin.conf', good.replace(/127\.0\.0\.1:\d+/, '192.0.2.1:6443'));
  await is('open not_met', /another server address.*192\.0\.2\.1/);
  learner.write(
    'admin.conf',
    good.replace(
      /(client-key-data: ).*/,
      `$1${/client-key-data: (.*)/.exec(learner.read('scheduler.conf'))?.[1] ?? ''}`,
    ),
  );
  await is('open key_mismatch', /another public key/);
  for (const [text, outcome] of [
    ['', 'unreadable_file'],
    ['{', 'unreadable_file'],
    [old.slice(0, 300), 'unreadable_file'],
    [good.replace(/ {4}client-.*\n/g, ''), 'unreadable_file'],
    ['['.repeat(100_000), 'unreadable_file'],
  ] as const) {
    learner.write('admin.conf', text);
    t.is((await checked(learner, 'renew-the-administrator')).outcome, `open ${outcome}`, text.slice(0, 40));
  }
  // kubectl takes files that are named, too.
  await learner.run('openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out own.key');
  const named = good
    .replace(/client-certificate-data: .*/, 'client-certificate: own.crt')
    .replace(/client-key-data: .*/, 'client-key: own.key');
  learner.write('admin.conf', named);
  await is('open missing_file', /own\.crt/);
  for (const [subject, ca, outcome] of [
    ['/O=kubeadm:cluster-admins/CN=kubernetes-admin', 'pki/ca', 'done'],
    ['/O=system:masters/CN=kubernetes-admin', 'pki/ca', 'open wrong_user'],
    ['/CN=kubernetes-admin', 'pki/ca', 'open wrong_user'],
    ['/O=kubeadm:cluster-admins/CN=kubernetes-admin', 'pki/etcd/ca', 'open refused unknown_ca'],
  ] as const) {
    await learner.run(signed('own', subject, ['extendedKeyUsage=clientAuth'], ca));
    await is(outcome, /own|admin/);
  }
});

withPeerAtLength(
  'openssl',
  `${lab}: a controller manager that nobody renewed, or nobody restarted, leaves alice waiting`,
  async (t) => {
    const working = await begin(t);
    const { learner } = working;
    await follow(working, 'renew-the-server', 'wirelab');
    const forgotten = await checked(learner, 'wake-the-controller-manager');
    t.is(forgotten.outcome, 'open not_issued certificate_expired');
    t.regex(forgotten.en, /not signed.*controller-manager\.conf/);
    // Restarting without renewing changes nothing.
    await restart(working, 'kube-controller-manager');
    t.is(
      (await checked(learner, 'wake-the-controller-manager')).outcome,
      'open not_issued certificate_expired',
    );
    await askWirelab(['kube', 'pki', 'renew', 'all', '--out', '.'], { cwd: learner.folder });
    const waiting = await checked(learner, 'wake-the-controller-manager');
    t.is(waiting.outcome, 'open not_restarted');
    t.regex(waiting.ko, /[가-힣]/);
  },
);

withPeerAtLength(
  'openssl',
  `${lab}: a certificate that was signed by hand does not wake a controller manager, and a request that was sent in anew is one`,
  async (t) => {
    const working = await begin(t);
    const { learner, held } = working;
    await follow(working, 'renew-the-server', 'wirelab');
    await askWirelab(['kube', 'pki', 'renew', 'super-admin.conf', '--out', '.'], { cwd: learner.folder });
    const [{ url }] = held.events.filter(isUp) as [Up];
    const { authority = '', identity = never() } = kubeconfigIn(learner.folder, 'super-admin.conf');
    const api = apiClient({
      to: { host: '127.0.0.1', port: Number(new URL(url).port) },
      authorities: [authority],
      identity,
      clock: systemClock,
      userAgent: 'test',
    });
    const ask = async (
      method: string,
      path: string,
      body?: unknown,
    ): Promise<Readonly<Record<string, unknown>>> => {
      const answer = await api.call(
        method,
        `/apis/certificates.k8s.io/v1/certificatesigningrequests${path}`,
        new AbortController().signal,
        body,
      );
      t.true(answer.status < 300, JSON.stringify(answer.body));
      return answer.body;
    };
    const alice = await ask('GET', '/alice');
    learner.write('alice.csr', Buffer.from(textAt(alice, 'spec', 'request'), 'base64').toString());
    await learner.run(
      'openssl x509 -req -in alice.csr -CA pki/ca.crt -CAkey pki/ca.key -set_serial 0x77 -days 9 -out alice.crt',
    );
    await ask('PUT', '/alice/status', {
      ...alice,
      status: {
        ...objectAt(alice, 'status'),
        certificate: Buffer.from(learner.read('alice.crt')).toString('base64'),
      },
    });
    const byHand = await checked(learner, 'wake-the-controller-manager');
    t.is(byHand.outcome, 'open not_issued certificate_expired');
    t.regex(byHand.en, /alice has a certificate, but a request that was created .* controller-manager\.conf/);
    t.regex(byHand.ko, /[가-힣]/);
    // What the check has sent in is gone again, and soon that of the running lab's own check.
    let left = await ask('GET', '');
    for (let look = 0; look < 1000 && listAt(left, 'items').length > 1; look++) left = await ask('GET', '');
    t.is(listAt(left, 'items').length, 1);
    await ask('DELETE', '/alice');
    const gone = await checked(learner, 'wake-the-controller-manager');
    t.regex(gone.en, /gone.*Create another one of that name/);
    const { metadata: _metadata, status: _status, ...sent } = alice;
    const again = await ask('POST', '', { ...sent, metadata: { name: 'alice' } });
    t.regex((await checked(learner, 'wake-the-controller-manager')).en, /alice is not approved/);
    await ask('PUT', '/alice/approval', {
      ...again,
      status: { conditions: [{ type: 'Approved', status: 'True', reason: 'x', message: '' }] },
    });
    await follow(working, 'wake-the-controller-manager', 'wirelab');
    const done = await checked(learner, 'wake-the-controller-manager');
    t.is(done.outcome, 'done');
    t.false(/wait/.test(done.en), done.en);
    t.false(held.events.some((reported) => reported.kind === 'signed' && reported.request !== 'alice'));
  },
);

withPeer(
  'openssl',
  `${lab}: a process is started with the files that its manifest names, and not without a manifest that is one`,
  async (t) => {
    const working = await begin(t);
    const { learner, held } = working;
    const change = async (
      process: ProcessName,
      text: string,
      state: 'started' | 'failed',
    ): Promise<LabEvent> => {
      const from = held.events.length;
      learner.write(`manifests/${process}.yaml`, text);
      return held.until(isProcess(process, state), from);
    };
    const manifest = learner.read('manifests/kube-apiserver.yaml');
    await learner.run(
      `cp pki/apiserver.key new.key && ${signed('new', '/CN=kube-apiserver', ['subjectAltName=IP:127.0.0.1', 'extendedKeyUsage=serverAuth'])}`,
    );
    await change(
      'kube-apiserver',
      manifest
        .replace('=pki/apiserver.crt', '=/etc/kubernetes/new.crt')
        .replace(
          '--tls-private-key-file=pki/apiserver.key',
          `--tls-private-key-file\n        - ${learner.folder}/new.key`,
        ),
      'started',
    );
    t.is((await checked(learner, 'renew-the-server')).outcome, 'done');
    const controllers = learner.read('manifests/kube-controller-manager.yaml');
    await askWirelab(['kube', 'pki', 'renew', 'controller-manager.conf', '--out', '.'], {
      cwd: learner.folder,
    });
    await learner.run('mv controller-manager.conf other.conf');
    const from = held.events.length;
    await change(
      'kube-controller-manager',
      controllers.replace('=controller-manager.conf', '=other.conf'),
      'started',
    );
    await held.until((reported) => reported.kind === 'signed', from);
    t.is((await checked(learner, 'wake-the-controller-manager')).outcome, 'done');
    for (const [text, says] of [
      ['kind: [', /cannot be read as YAML/],
      ['[]', /not a Pod/],
      [manifest.replace('kind: Pod', 'kind: ConfigMap'), /not a Pod/],
      [manifest.replace(/.*tls-cert-file.*\n/, ''), /does not have the flag --tls-cert-file/],
      [manifest.replace('pki/apiserver.crt', 'nowhere.crt'), /there is no nowhere\.crt/],
    ] as const) {
      const reported = await change('kube-apiserver', text, 'failed');
      const facts = reported.kind === 'process' && reported.state === 'failed' ? reported.mistake : undefined;
      t.regex(facts?.what.en ?? '', says);
      t.regex(facts?.what.ko ?? '', /[가-힣]/);
    }
  },
);

withPeer(
  'openssl',
  `${lab}: of a certificate and its key the one that is broken is named, in plain words`,
  async (t) => {
    const working = await begin(t);
    const { learner, held } = working;
    const whole = new Map(
      ['pki/apiserver.crt', 'pki/apiserver.key'].map((file) => [file, learner.read(file)]),
    );
    for (const [file, says] of [
      ['pki/apiserver.crt', /the certificate in this file cannot be read/],
      ['pki/apiserver.key', /the private key in this file cannot be read/],
    ] as const) {
      learner.write(file, (whole.get(file) ?? '').slice(0, 100));
      const from = held.events.length;
      await restart(working, 'kube-apiserver', 'failed');
      const reported = await held.until(isProcess('kube-apiserver', 'failed'), from);
      const facts = reported.kind === 'process' && reported.state === 'failed' ? reported.mistake : undefined;
      t.is(facts?.where, file);
      t.regex(facts?.what.en ?? '', says);
      t.regex(facts?.remedy?.ko ?? '', /[가-힣]/);
      t.is(facts?.received, undefined);
      learner.write(file, whole.get(file) ?? '');
    }
  },
);

withPeerAtLength(
  'openssl',
  `${lab}: what was done is there after a restart of the lab, at another port where somebody has taken the first`,
  async (t) => {
    const working = await begin(t);
    const { learner, held } = working;
    for (const task of tasks) await follow(working, task, 'wirelab');
    const [{ url }] = held.events.filter(isUp) as [Up];
    await held.end();
    t.deepEqual(
      await learner.outcome(),
      tasks.map((task) => `${task}: open not_up`),
    );
    const taken = createServer().listen(Number(new URL(url).port), '127.0.0.1');
    await once(taken, 'listening');
    t.teardown(() => taken.close());
    const again = await Held.start(t, learner);
    const up = await again.until(isUp);
    t.not(up.url, url);
    t.like(up, { isNew: false, moved: true });
    t.deepEqual(
      await learner.outcome(),
      tasks.map((task) => `${task}: done`),
    );
  },
);

test(`${lab}: a reset of a running lab restarts all of it; a deleted folder ends it with a message`, async (t) => {
  const { learner, held } = await begin(t);
  const { folder } = learner;
  const [{ url }] = held.events.filter(isUp) as [Up];
  const from = held.events.length;
  resetLabFolder(
    folder,
    learner.lab,
    startFiles(learner.lab, await labWorld(learner.lab, folder)),
    systemClock,
  );
  t.like(await held.until(isUp, from), { url, isNew: true });
  t.true(learner.read('my-config.conf').includes(url));
  t.deepEqual(await learner.outcome(), expired);
  rmSync(folder, { recursive: true });
  const error = await t.throwsAsync(held.ended, { instanceOf: UserError });
  t.regex(error.facts.what.en, /folder was moved or deleted/);
});

test(`${lab}: the events of its processes are printed in both languages`, async (t) => {
  const { lab: compiled } = await Learner.begin(t, lab);
  const reported: readonly LabEvent[] = [
    {
      kind: 'control-plane',
      url: 'https://127.0.0.1:1',
      kubeconfig: 'my-config.conf',
      isNew: false,
      moved: true,
    },
    { kind: 'process', process: 'kube-apiserver', state: 'started' },
    { kind: 'process', process: 'kube-apiserver', state: 'ended' },
    {
      kind: 'process',
      process: 'kube-apiserver',
      state: 'failed',
      mistake: { what: { en: 'no such file', ko: '파일이 없습니다' }, where: 'pki/apiserver.crt' },
    },
    {
      kind: 'process',
      process: 'kube-controller-manager',
      state: 'cut_off',
      words: 'cert has expired\u001b[31m',
    },
  ];
  for (const [language, words] of [
    ['en', /repeats in its log: cert has expired/],
    ['ko', /되풀이되는 말: cert has expired/],
  ] as const) {
    const lines: string[] = [];
    const report = new LabReport(compiled, {
      language,
      ascii: false,
      columns: 80,
      write: (line) => lines.push(line),
    });
    for (const one of reported) report.print(one);
    t.regex(lines.join('\n'), words);
    t.regex(lines.join('\n'), /pki\/apiserver\.crt/);
    t.false(lines.join('').includes('\u001b'));
  }
});

attemptTests(theClusterThatExpired);
