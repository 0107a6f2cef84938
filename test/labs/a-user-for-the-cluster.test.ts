import test from 'ava';
import type { ExecutionContext } from 'ava';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/core/clock.ts';
import { UserError } from '../../src/i18n/user-error.ts';
import { checkLab } from '../../src/labs/checks/check.ts';
import { fingerprint } from '../../src/labs/hold/cluster-store.ts';
import { certificatesIn, clusterIn, resetLabFolder, startFiles } from '../../src/labs/folder.ts';
import type { CompiledLab } from '../../src/labs/lab.ts';
import { labWorld } from '../../src/labs/world.ts';
import { pemCertificates } from '../../src/pki/keystore/pem.ts';
import { requestFor } from '../../src/pki/ca/request.ts';
import { labCheckJson } from '../../src/ui/text/lab.ts';
import { outputValidator } from '../helpers/output-schema.ts';
import { testAtLength, withPeerAtLength } from '../helpers/at-length.ts';
import { runProgram, withPeer } from '../helpers/peer.ts';
import { attemptTests } from './support/attempts.ts';
import {
  ask,
  bind,
  dealtWith,
  decide,
  isUp,
  issue,
  podReader,
  rbac,
  requests,
  say,
} from './support/cluster.ts';
import type { Binding, Up, Working } from './support/cluster.ts';
import { Held } from './support/holding.ts';
import { commandsOf, labTests, Learner } from './support/learner.ts';
import { aUserForTheCluster } from './attempts/a-user-for-the-cluster.ts';

// kubectl's cache beside its kubeconfig is separate for each test.
const home = mkdtempSync(join(tmpdir(), 'wirelab-home-'));
process.env['HOME'] = home;
test.after.always(() => rmSync(home, { recursive: true, force: true }));

const lab = 'a-user-for-the-cluster';
const tasks = ['make-alice-a-user', 'let-alice-read-pods', 'mend-bobs-request', 'shut-mallory-out'] as const;
type Task = (typeof tasks)[number];

/** The result of a check of an unchanged cluster. */
const untouched: Readonly<Record<Task, string>> = {
  'make-alice-a-user': 'make-alice-a-user: open missing_file',
  'let-alice-read-pods': 'let-alice-read-pods: open too_little',
  'mend-bobs-request': 'mend-bobs-request: open not_issued',
  'shut-mallory-out': 'shut-mallory-out: open too_much',
};

/** A learner whose cluster is up. */
async function begin(t: ExecutionContext): Promise<Working> {
  const learner = await Learner.begin(t, lab);
  const held = await Held.start(t, learner);
  await held.until(isUp);
  return { learner, held };
}

const ways = { kubectl: 3, curl: 4 } as const;

/** Types the commands of a hint. After approving a request, it waits until the certificate has been issued. */
async function follow({ learner, held }: Working, task: Task, way: keyof typeof ways): Promise<void> {
  const lines = commandsOf(learner.lab.narration.en.tasks[task]?.hints[ways[way] - 1] ?? '').split('\n');
  const approval = lines.findIndex((line) => /certificate approve|"reason": "Workshop"/.test(line)) + 1;
  const from = held.events.length;
  await learner.run(`set -e\n${lines.slice(0, approval || lines.length).join('\n')}`);
  if (approval === 0) return;
  await held.until((told) => told.kind === 'signed' && told.failed === undefined, from);
  const again = lines.slice(0, approval).filter((line) => /^ {4}(?:export |\w+=\S+$|api=)/.test(line));
  await learner.run(`set -e\n${[...again, ...lines.slice(approval)].join('\n')}`);
}

/** What a check says of one task: its line, and the sentence with what was found. */
async function checked(
  learner: Learner,
  task: Task,
): Promise<{ readonly outcome: string; readonly en: string; readonly ko: string }> {
  const { lab: compiled, folder } = learner;
  // The others are as they are.
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
    [result?.says[language], result?.mistake?.received, result?.remedy?.[language]]
      .filter(Boolean)
      .join(' | ');
  return {
    outcome: [result?.status, result?.reason, result?.refusal].filter(Boolean).join(' '),
    en: said('en'),
    ko: said('ko'),
  };
}

labTests(lab, {
  peers: ['openssl', 'kubectl'],
  async solve(learner) {
    const held = await Held.start(learner.t, learner);
    await held.until(isUp);
    for (const task of tasks) await follow({ learner, held }, task, 'kubectl');
  },
  unedited: tasks.map((task) => `${task}: open not_up`),
  empty: tasks.map((task) => `${task}: open not_up`),
  wrong: {},
});

withPeerAtLength(['openssl', 'curl'], `${lab}: openssl and curl are enough`, async (t) => {
  const working = await begin(t);
  for (const [index, task] of tasks.entries()) {
    await follow(working, task, 'curl');
    // One after the other: none does the next one's work, or undoes what was done.
    t.deepEqual(
      await working.learner.outcome(),
      tasks.map((one, at) => (at <= index ? `${one}: done` : untouched[one])),
    );
  }
});

test(`${lab}: with the cluster up, an unedited beginning does not pass, and neither does an empty folder`, async (t) => {
  const { learner } = await begin(t);
  t.deepEqual(
    await learner.outcome(),
    tasks.map((task) => untouched[task]),
  );
  t.regex((await checked(learner, 'mend-bobs-request')).en, /approved.*signerName: example\.com\/staff/);
  t.regex(
    (await checked(learner, 'shut-mallory-out')).ko,
    /mallory에게 더 있는 권한.*ClusterRoleBinding "mallory"/,
  );
  const validate = outputValidator();
  t.true(validate(labCheckJson(learner.lab, await learner.check())), JSON.stringify(validate.errors));
  learner.remove(
    ...startFiles(learner.lab, await labWorld(learner.lab, learner.folder)).keys(),
    'admin.conf',
  );
  t.deepEqual(
    await learner.outcome(),
    tasks.map((task) => untouched[task]),
  );
});

withPeerAtLength(
  'openssl',
  `${lab}: certificates of alice’s that are no good, each for its reason`,
  async (t) => {
    const working = await begin(t);
    const { learner } = working;
    const is = async (outcome: string, says: RegExp): Promise<void> => {
      const found = await checked(learner, 'make-alice-a-user');
      t.is(found.outcome, outcome, String(says));
      t.regex(found.en, says);
      t.regex(found.ko, /[가-힣]/);
    };
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const request = requestFor(privateKey, {
      subject: [
        ['O', 'dev'],
        ['CN', 'alice'],
      ],
    });
    await ask(working, 'alice', { request });
    await is('open pending', /the request for alice has not been approved/);
    // Fetched too early.
    learner.write('alice.crt', '');
    await is('open pending', /has not been approved/);
    await decide(working, 'alice', 'Denied');
    await is('open not_issued', /was denied/);
    await ask(working, 'alice2', { request, usage: 'server auth' });
    await decide(working, 'alice2', 'Approved');
    t.truthy((await dealtWith(working, 'alice2')).failed);
    await is(
      'open not_issued',
      /the signer has refused it.*invalid usage for client certificate: server auth/,
    );

    const certificate = await issue(working, 'alice3', [
      ['O', 'dev'],
      ['CN', 'alice'],
    ]);
    await is('open missing_file', /the request alice3 has its certificate/);
    learner.write('alice.crt', certificate);
    await is('open missing_file', /there is no alice\.key/);
    await learner.run('cp mallory.key alice.key');
    await is('open key_mismatch', /is for another public key/);
    await learner.run('cp alice3.key alice.key');
    await is('done', /knows alice\.crt as alice of dev, until 20/);

    learner.write('alice.crt', await issue(working, 'nogroup', [['CN', 'alice']]));
    await learner.run('cp nogroup.key alice.key');
    await is('open wrong_user', /CN=alice$/);
    learner.write(
      'alice.crt',
      await issue(working, 'groups', [
        ['O', 'dev'],
        ['O', 'release'],
        ['CN', 'alice'],
      ]),
    );
    await learner.run('cp groups.key alice.key');
    await is('open wrong_user', /CN=alice, O=dev, O=release$/);
    await learner.run('cp mallory.crt alice.crt && cp mallory.key alice.key');
    await is('open wrong_user', /CN=mallory, O=dev, O=release$/);
    await learner.run('cp admin.crt alice.crt && cp admin.key alice.key');
    await is('open wrong_user', /CN=kubernetes-admin, O=kubeadm:cluster-admins$/);
    await learner.run(
      'openssl req -x509 -key alice3.key -subj /O=dev/CN=alice -days 9 -out alice.crt && cp alice3.key alice.key',
    );
    await is('open refused unknown_ca', /401 Unauthorized.*unknown authority/);
    // Who looks where the lab keeps its own.
    const ca = join(certificatesIn(learner.folder), `lab-${lab}`, 'ca');
    await learner.run(
      `openssl req -new -key alice.key -subj /O=dev/CN=alice -out own.csr && openssl x509 -req -in own.csr -CA '${ca}.crt' -CAkey '${ca}.key' -set_serial 9 -days 9 -out alice.crt`,
    );
    await is('open not_requested', /signer has not/);
    // And writes into the records that it was issued, where it was once kept and where it is.
    const kept = JSON.parse(readFileSync(clusterIn(learner.folder), 'utf8')) as {
      readonly issued: readonly string[];
    };
    const issued = JSON.stringify({
      ...kept,
      issued: [
        ...kept.issued,
        fingerprint(pemCertificates(learner.read('alice.crt'))[0] ?? new Uint8Array()),
      ],
    });
    for (const path of [join(learner.folder, '.wirelab', 'cluster.json'), clusterIn(learner.folder)]) {
      writeFileSync(path, issued);
      await is('open not_requested', /signer has not/);
    }
  },
);

test(`${lab}: rights that are not those that alice needs, each for its reason`, async (t) => {
  const working = await begin(t);
  const { learner } = working;
  await say(working, 'POST', `${rbac}/clusterroles`, { metadata: { name: 'pod-reader' }, rules: podReader });
  const namespace = 'workshop';
  const may = (change: object): readonly object[] => podReader.map((rule) => ({ ...rule, ...change }));
  const rows: readonly (readonly [binding: Binding, outcome: string, says: RegExp])[] = [
    [
      { to: 'User alice', namespace, clusterRole: 'view' },
      'too_much',
      /alice may also: .*RoleBinding "a\/workshop" of ClusterRole "view" to User "alice"/,
    ],
    [
      { to: 'User alice', clusterRole: 'cluster-admin' },
      'too_much',
      /everything, in workshop.*ClusterRoleBinding "a"/,
    ],
    [
      { to: 'User alice', clusterRole: 'pod-reader' },
      'too_much',
      /alice may also: get pods in default, and 2 more/,
    ],
    [
      { to: 'User Alice', namespace, rules: podReader },
      'too_little',
      /no binding names User alice, Group dev.*RoleBinding workshop\/a of Role a to User Alice/,
    ],
    [{ to: 'Group dev', namespace, rules: podReader }, 'too_much', /dave may also: .*Group "dev"/],
    [
      { to: 'Group system:authenticated', namespace, rules: podReader },
      'too_much',
      /dave may also: .*Group "system:authenticated"/,
    ],
    [{ to: 'User alice', namespace }, 'too_little', /RoleBinding workshop\/a of Role a .*not found/],
    [
      { to: 'User alice', namespace: 'default', rules: podReader },
      'too_little',
      /RoleBinding default\/a of Role a/,
    ],
    [
      { to: 'User alice', namespace, rules: may({ verbs: ['get', 'list'] }) },
      'too_little',
      /alice may not watch pods in workshop/,
    ],
    [
      { to: 'User alice', namespace, rules: may({ resourceNames: ['web'] }) },
      'too_little',
      /alice may not get, list, watch pods/,
    ],
    [
      { to: 'User alice', namespace, rules: may({ resources: ['pods', 'pods/log'] }) },
      'too_much',
      /get pods\/log in workshop/,
    ],
    [{ to: 'User alice', namespace, rules: may({ verbs: ['*'] }) }, 'too_much', /\* pods in workshop/],
    [
      { to: 'User alice', namespace, rules: may({ apiGroups: ['', 'apps'] }) },
      'too_much',
      /get pods\.apps in workshop/,
    ],
  ];
  for (const [binding, outcome, says] of rows) {
    const undo = await bind(working, 'a', binding);
    const found = await checked(learner, 'let-alice-read-pods');
    t.is(found.outcome, `open ${outcome}`, JSON.stringify(binding));
    t.regex(found.en, says);
    t.regex(found.ko, /[가-힣]/);
    await undo();
  }
  // A ClusterRole in one namespace is as good as a Role there.
  await bind(working, 'a', { to: 'User alice', namespace, clusterRole: 'pod-reader' });
  t.like(await checked(learner, 'let-alice-read-pods'), { outcome: 'done' });
});

test(`${lab}: bob’s request mended by half, or for another key`, async (t) => {
  const working = await begin(t);
  const { learner } = working;
  const is = async (outcome: string, says: RegExp): Promise<void> => {
    const found = await checked(learner, 'mend-bobs-request');
    t.is(found.outcome, `open ${outcome}`);
    t.regex(found.en, says);
  };
  const stuck = (await say(working, 'GET', `${requests}/bob`)) as {
    readonly spec?: { readonly request?: string };
  };
  const request = Buffer.from(stuck.spec?.request ?? '', 'base64').toString();
  await ask(working, 'bob2', { request, signer: 'example.com/staff' });
  await is('pending', /has not been approved/);
  await decide(working, 'bob2', 'Approved');
  await is('not_issued', /no certificate has been issued.*example\.com\/staff/);
  await ask(working, 'bob3', { request, usage: 'server auth' });
  await decide(working, 'bob3', 'Approved');
  await dealtWith(working, 'bob3');
  await is('not_issued', /the signer has refused it.*server auth/);
  learner.write(
    'bob.crt',
    await issue(working, 'newkey', [
      ['O', 'dev'],
      ['CN', 'bob'],
    ]),
  );
  await is('key_mismatch', /is for another public key/);
  learner.write('bob.crt', request);
  await is('unreadable_file', /certificate signing request/);
});

testAtLength(`${lab}: mallory shut out by half, or carol with him`, async (t) => {
  const working = await begin(t);
  const { learner } = working;
  const is = async (outcome: string, says: RegExp): Promise<void> => {
    const found = await checked(learner, 'shut-mallory-out');
    t.is(found.outcome, outcome);
    t.regex(found.en, says);
  };
  await say(working, 'DELETE', `${requests}/bob`);
  await is('open too_much', /"mallory" of ClusterRole "view"/);
  await say(working, 'DELETE', `${rbac}/clusterrolebindings/mallory`);
  await is('open too_much', /RoleBinding "releases\/workshop" of Role "releases" to Group "release"/);
  await say(working, 'DELETE', `${rbac}/namespaces/workshop/rolebindings/releases`);
  await is(
    'open too_little',
    /carol may not get, list, watch, create, delete pods in workshop: no binding names User carol, Group release/,
  );
  const undo = await bind(working, 'carol', { to: 'User carol', clusterRole: 'cluster-admin' });
  await is('open too_much', /carol may also/);
  await undo();
  await say(working, 'POST', `${rbac}/namespaces/workshop/rolebindings`, {
    metadata: { name: 'carol' },
    roleRef: { kind: 'Role', name: 'releases' },
    subjects: [{ kind: 'User', name: 'carol' }],
  });
  await is('done', /mallory is known to the API server, until 20\d\d-.*, and may do nothing there/);
  const again = await bind(working, 'again', { to: 'Group dev', namespace: 'default', clusterRole: 'view' });
  await is('open too_much', /mallory may also: .* in default/);
  await again();
  await say(working, 'DELETE', '/api/v1/namespaces/workshop');
  await is('open too_little', /the namespace itself is gone/);
});

withPeerAtLength(
  ['openssl', 'curl'],
  `${lab}: what was made is there after a restart in the middle, at the same port, and the rest can be done`,
  async (t) => {
    const first = await begin(t);
    const { learner } = first;
    await follow(first, 'make-alice-a-user', 'curl');
    await follow(first, 'let-alice-read-pods', 'curl');
    const [{ url }] = first.held.events.filter(isUp) as [Up];
    const kubeconfig = learner.read('admin.conf');
    await first.held.end();
    t.deepEqual(
      await learner.outcome(),
      tasks.map((task) => `${task}: open not_up`),
    );
    const held = await Held.start(t, learner);
    const again = await held.until(isUp);
    t.like(again, { url, isNew: false, moved: false });
    t.is(learner.read('admin.conf'), kubeconfig);
    const done = (...ids: readonly Task[]): string[] =>
      tasks.map((task) => (ids.includes(task) ? `${task}: done` : untouched[task]));
    t.deepEqual(await learner.outcome(), done('make-alice-a-user', 'let-alice-read-pods'));
    for (const task of ['mend-bobs-request', 'shut-mallory-out'] as const)
      await follow({ learner, held }, task, 'curl');
    // Requests are cleared away after an hour; who has a certificate keeps it, over one more restart too.
    await say({ learner, held }, 'DELETE', requests);
    await held.end();
    await (await Held.start(t, learner)).until(isUp);
    t.deepEqual(await learner.outcome(), done(...tasks));
  },
);

withPeerAtLength(
  'curl',
  `${lab}: where somebody else has taken its port it takes another, and kubeconfigs lead there`,
  async (t) => {
    const first = await begin(t);
    const { learner } = first;
    const [{ url }] = first.held.events.filter(isUp) as [Up];
    learner.write('mine.conf', learner.read('admin.conf'));
    await first.held.end();
    const taken = createServer().listen(Number(new URL(url).port), '127.0.0.1');
    await once(taken, 'listening');
    t.teardown(() => taken.close());
    const held = await Held.start(t, learner);
    const again = await held.until(isUp);
    t.not(again.url, url);
    t.true(again.moved);
    for (const file of ['admin.conf', 'mine.conf'])
      t.regex(
        await learner.run(
          `curl -K admin.curl $(sed -n 's/^ *server: //p' ${file})/api/v1/namespaces/workshop/pods`,
        ),
        /"name": "web"/,
      );
  },
);

testAtLength(
  `${lab}: whoever deletes the administrator’s binding is told the way back, and it is one`,
  async (t) => {
    const first = await begin(t);
    const { learner } = first;
    await say(first, 'DELETE', `${rbac}/clusterrolebindings/kubeadm:cluster-admins`);
    const lost = await checked(learner, 'let-alice-read-pods');
    t.regex(lost.en, /administrator.*Ctrl-C/);
    t.regex(lost.ko, /관리자.*Ctrl-C/);
    await first.held.end();
    const held = await Held.start(t, learner);
    await held.until(isUp);
    t.notRegex((await checked(learner, 'let-alice-read-pods')).en, /administrator/);
  },
);

testAtLength(
  `${lab}: a binding that every cluster has is missed, and is there after a restart`,
  async (t) => {
    const first = await begin(t);
    const { learner } = first;
    await say(first, 'DELETE', `${rbac}/clusterrolebindings/system:basic-user`);
    const lost = await checked(learner, 'shut-mallory-out');
    t.is(lost.outcome, 'open too_little');
    t.regex(lost.en, /mallory may not even query its own rights/);
    await first.held.end();
    await (await Held.start(t, learner)).until(isUp);
    t.like(await checked(learner, 'shut-mallory-out'), { outcome: 'open too_much' });
  },
);

testAtLength(`${lab}: a reset while it is up begins the cluster anew, at the same port`, async (t) => {
  const { learner, held } = await begin(t);
  await say({ learner, held }, 'DELETE', `${rbac}/clusterrolebindings/mallory`);
  const [{ url }] = held.events.filter(isUp) as [Up];
  const from = held.events.length;
  const { folder } = learner;
  resetLabFolder(
    folder,
    learner.lab,
    startFiles(learner.lab, await labWorld(learner.lab, folder)),
    systemClock,
  );
  const again = await held.until(isUp, from);
  t.like(again, { url, isNew: true });
  t.true(existsSync(join(folder, 'admin.conf')));
  t.deepEqual(
    await learner.outcome(),
    tasks.map((task) => untouched[task]),
  );
});

testAtLength(`${lab}: a kubeconfig that was deleted is there again, and the cluster as it was`, async (t) => {
  const { learner, held } = await begin(t);
  const before = learner.read('admin.conf');
  await say({ learner, held }, 'DELETE', `${rbac}/clusterrolebindings/mallory`);
  await held.end();
  learner.remove('admin.conf');
  const again = await Held.start(t, learner);
  t.like(await again.until(isUp), { isNew: false });
  t.is(learner.read('admin.conf'), before);
  t.regex((await checked(learner, 'shut-mallory-out')).en, /releases/);
});

test(`${lab}: a folder that is thrown away ends the lab with a sentence`, async (t) => {
  const { learner, held } = await begin(t);
  rmSync(learner.folder, { recursive: true });
  const error = await t.throwsAsync(held.ended, { instanceOf: UserError });
  t.regex(error.facts.what.en, /folder was moved or deleted/);
});

testAtLength(`${lab}: a kept cluster that somebody has spoilt is said to be so`, async (t) => {
  const { learner, held } = await begin(t);
  await held.end();
  const path = clusterIn(learner.folder);
  for (const spoilt of [
    '',
    '{}',
    readFileSync(path, 'utf8').slice(0, 500),
    '{"objects":[{"key":"/etc/passwd","object":{}}]}',
    '['.repeat(100_000),
  ]) {
    writeFileSync(path, spoilt);
    const again = await Held.start(t, learner);
    const error = await t.throwsAsync(again.ended, { instanceOf: UserError });
    t.regex(error.message, /cannot be read/);
  }
});

withPeer(
  'curl',
  `${lab}: who asks is told as the server saw it, and what came before the learner is not`,
  async (t) => {
    const { learner, held } = await begin(t);
    t.false(held.events.some(({ kind }) => kind === 'asked'));
    const [{ url }] = held.events.filter(isUp) as [Up];
    const { stdout } = await runProgram(
      'curl',
      ['-sS', '--cacert', 'ca.crt', '--cert', 'mallory.crt', '--key', 'mallory.key', `${url}/api/v1/nodes`],
      { cwd: learner.folder },
    );
    t.regex(stdout, /"reason": "Forbidden"/);
    const asked = await held.until((told) => told.kind === 'asked');
    t.like(asked, { asked: { user: 'mallory', path: '/api/v1/nodes', status: 403 } });
  },
);

attemptTests(aUserForTheCluster);
