import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { fingerprint } from '../../../src/labs/hold/cluster-store.ts';
import { clusterIn } from '../../../src/labs/folder.ts';
import { pemCertificates } from '../../../src/pki/keystore/pem.ts';
import { requestFor } from '../../../src/pki/ca/request.ts';
import { copyHidden, forgeRecords, keptFile, whileItRuns, wirelab } from '../support/attempts.ts';
import type { Attempts, Play, WrongAttempt } from '../support/attempts.ts';
import {
  ask,
  bind,
  decide,
  dealtWith,
  isUp,
  issue,
  podReader,
  rbac,
  requests,
  say,
} from '../support/cluster.ts';
import type { Working } from '../support/cluster.ts';

const namespace = 'workshop';
const inWorkshop = `${rbac}/namespaces/${namespace}`;
const wrong = (play: Play<Working>, says: RegExp): WrongAttempt<Working> => ({ play, says });

let requestsMade = 0;
/** A name that no request has had in this lab: reports on different requests are kept apart. */
const fresh = (name: string): string => `${name}-${++requestsMade}`;

/** With a new key, by the cluster: certificate and key into FILE.crt and FILE.key. */
async function issued(
  working: Working,
  file: string,
  subject: readonly (readonly ['O' | 'CN', string])[],
): Promise<void> {
  const name = fresh(file);
  const certificate = await issue(working, name, subject);
  working.learner.write(`${file}.crt`, certificate);
  await working.learner.run(`mv ${name}.key ${file}.key`);
}

const alice = [
  ['O', 'dev'],
  ['CN', 'alice'],
] as const;

/** Asks for what a request of the learner's says, and fetches it into FILE.crt. */
async function asked(working: Working, file: string, request: string, more: object = {}): Promise<void> {
  const name = fresh(file);
  await say(working, 'POST', requests, {
    metadata: { name },
    spec: {
      request: Buffer.from(request).toString('base64'),
      signerName: 'kubernetes.io/kube-apiserver-client',
      usages: ['client auth'],
      ...more,
    },
  });
  await decide(working, name, 'Approved');
  await dealtWith(working, name);
  const { status } = (await say(working, 'GET', `${requests}/${name}`)) as {
    readonly status?: { readonly certificate?: string };
  };
  working.learner.write(`${file}.crt`, Buffer.from(status?.certificate ?? '', 'base64').toString());
}

/** Writes a certificate into the status of a request, as an administrator may. */
async function writeStatus(working: Working, name: string, file: string): Promise<void> {
  const object = await say(working, 'GET', `${requests}/${name}`);
  await say(working, 'PUT', `${requests}/${name}/status`, {
    ...object,
    status: {
      ...(object['status'] as object),
      certificate: Buffer.from(working.learner.read(file)).toString('base64'),
    },
  });
}

async function bobsRequest(working: Working): Promise<string> {
  const { spec } = (await say(working, 'GET', `${requests}/bob`)) as {
    readonly spec?: { readonly request?: string };
  };
  return Buffer.from(spec?.request ?? '', 'base64').toString();
}

/** What the CA that the lab keeps makes of a request, without the cluster. */
const byHand = ({ learner }: Working, request: string, out: string): string =>
  `openssl x509 -req -in ${request} -CA ${keptFile(learner, 'ca', 'crt')} -CAkey ${keptFile(learner, 'ca', 'key')} -set_serial 9 -days 9 -out ${out}`;

async function alicesOwn({ learner }: Working): Promise<void> {
  await learner.run(
    `cp ${keptFile(learner, 'alice-of-dev', 'crt')} alice.crt && cp ${keptFile(learner, 'alice-of-dev', 'key')} alice.key`,
  );
}

/** Writes into what the lab keeps of its cluster that this certificate was issued. */
function forgeIssued({ learner }: Working, file: string): void {
  const path = clusterIn(learner.folder);
  const kept = JSON.parse(readFileSync(path, 'utf8')) as { readonly issued: readonly string[] };
  const text = JSON.stringify({
    ...kept,
    issued: [...kept.issued, ...pemCertificates(learner.read(file)).map(fingerprint)],
  });
  writeFileSync(path, text);
  learner.write('.wirelab/cluster.json', text);
}

const bound =
  (binding: Parameters<typeof bind>[2]): Play<Working> =>
  async (working) =>
    void (await bind(working, 'a', binding));

/** Several subjects in one binding of a role that is right. */
const shared =
  (...subjects: readonly (readonly [kind: string, name: string])[]): Play<Working> =>
  async (working) => {
    await say(working, 'POST', `${inWorkshop}/roles`, { metadata: { name: 'a' }, rules: podReader });
    await say(working, 'POST', `${inWorkshop}/rolebindings`, {
      metadata: { name: 'a' },
      roleRef: { kind: 'Role', name: 'a' },
      subjects: subjects.map(([kind, name]) => ({ kind, name })),
    });
  };

const toCarol = async (
  working: Working,
  roleRef: object = { kind: 'Role', name: 'releases' },
): Promise<void> =>
  void (await say(working, 'POST', `${inWorkshop}/rolebindings`, {
    metadata: { name: 'carol' },
    roleRef,
    subjects: [{ kind: 'User', name: 'carol' }],
  }));
const takenFrom = async (
  working: Working,
  ...bindings: readonly ('mallory' | 'releases')[]
): Promise<void> => {
  for (const one of bindings)
    await say(
      working,
      'DELETE',
      one === 'mallory' ? `${rbac}/clusterrolebindings/mallory` : `${inWorkshop}/rolebindings/releases`,
    );
};

export const aUserForTheCluster: Attempts<Working> = {
  lab: 'a-user-for-the-cluster',
  peers: ['openssl'],
  ...whileItRuns(isUp),
  tasks: {
    'make-alice-a-user': {
      wrong: {
        'records that say that all is done': wrong(
          ({ learner }) => forgeRecords(learner),
          /^missing_file .*has no request for alice/,
        ),
        'what lies hidden in the folder, as certificate and key': wrong(
          async ({ learner }) => copyHidden(learner, 'alice.crt', 'alice.key'),
          /^unreadable_file .*alice\.crt/,
        ),
        'the certificate with which the lab asks as alice': wrong(
          alicesOwn,
          /^not_requested .*signer has not/,
        ),
        'the same, written by the administrator into the status of a request for the same key': wrong(
          async (working) => {
            const { learner } = working;
            await alicesOwn(working);
            await learner.run('openssl req -new -key alice.key -subj /O=dev/CN=alice -out alice.csr');
            const name = fresh('alice');
            // This signer has no controller.
            await ask(working, name, { request: learner.read('alice.csr'), signer: 'example.com/own' });
            await decide(working, name, 'Approved');
            await writeStatus(working, name, 'alice.crt');
          },
          /^not_requested .*signer has not/,
        ),
        'signed by hand with the key that the lab keeps, and records that say that it was issued': wrong(
          async (working) => {
            await working.learner.run(
              `openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout alice.key -subj /O=dev/CN=alice -out alice.csr && ${byHand(working, 'alice.csr', 'alice.crt')}`,
            );
            forgeIssued(working, 'alice.crt');
          },
          /^not_requested /,
        ),
        'mallory’s certificate and key': wrong(
          ({ learner }) => learner.run('cp mallory.crt alice.crt && cp mallory.key alice.key'),
          /^wrong_user .*CN=mallory/,
        ),
        'the administrator’s certificate and key': wrong(
          ({ learner }) => learner.run('ln -s admin.crt alice.crt && ln admin.key alice.key'),
          /^wrong_user .*CN=kubernetes-admin/,
        ),
        'signed by herself': wrong(
          ({ learner }) =>
            learner.run(
              'openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout alice.key -subj /O=dev/CN=alice -out alice.crt',
            ),
          /^refused (?:unknown_ca|self_signed) .*401/,
        ),
        'a request that waits': wrong(
          async (working) =>
            ask(working, fresh('alice'), {
              request: requestFor(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey, {
                subject: alice,
              }),
            }),
          /^pending .*the request for alice has not been approved/,
        ),
        'of no group': wrong(
          async (working) => issued(working, 'alice', [['CN', 'alice']]),
          /^wrong_user .*received|^wrong_user .*CN=alice/,
        ),
        'of one group too many': wrong(
          async (working) =>
            issued(working, 'alice', [
              ['O', 'dev'],
              ['O', 'release'],
              ['CN', 'alice'],
            ]),
          /^wrong_user .*O=release/,
        ),
        'a link to itself': wrong(
          ({ learner }) => learner.run('ln -s alice.crt alice.crt'),
          /^unreadable_file .*alice\.crt cannot be read/,
        ),
      },
      right: {
        'an elliptic curve, by a program that speaks to the API itself': async (working) =>
          issued(working, 'alice', alice),
        'RSA, a request of wirelab’s, for a day, and DER': async (working) => {
          const { learner } = working;
          await learner.run(
            'openssl req -new -newkey rsa:2048 -nodes -keyout alice.key -subj /CN=alice/O=dev -out alice.csr',
          );
          await asked(working, 'alice', learner.read('alice.csr'), {
            usages: ['digital signature', 'key encipherment', 'client auth'],
            expirationSeconds: 86_400,
          });
          await learner.run(
            'openssl x509 -in alice.crt -outform DER -out alice.der && mv alice.der alice.crt',
          );
        },
        'wirelab’s own request': async (working) => {
          const { learner } = working;
          await wirelab(learner, 'certs csr --new-key alice.key --subject O=dev,CN=alice --out alice.csr');
          await asked(working, 'alice', learner.read('alice.csr'));
        },
      },
    },
    'let-alice-read-pods': {
      wrong: {
        'records that say that all is done': wrong(
          ({ learner }) => forgeRecords(learner),
          /^too_little .*alice may not/,
        ),
        'the certificates of whoever may do it, as alice’s': wrong(
          async ({ learner }) =>
            learner.run(
              `cp ${keptFile(learner, 'examiner', 'crt')} alice.crt && cp ${keptFile(learner, 'examiner', 'key')} alice.key`,
            ),
          /^too_little .*alice may not/,
        ),
        'everybody of dev': wrong(
          bound({ to: 'Group dev', namespace, rules: podReader }),
          /^too_much .*dave may also/,
        ),
        'alice, and bob in the same binding': wrong(
          shared(['User', 'alice'], ['User', 'bob']),
          /^too_much .*another subject.*User bob/,
        ),
        'alice, and somebody whom nobody knows': wrong(
          shared(['User', 'alice'], ['Group', 'visitors']),
          /^too_much .*another subject.*Group visitors/,
        ),
        'the role view': wrong(
          bound({ to: 'User alice', namespace, clusterRole: 'view' }),
          /^too_much .*alice may also/,
        ),
        everything: wrong(
          bound({ to: 'User alice', clusterRole: 'cluster-admin' }),
          /^too_much .*everything/,
        ),
        'in another namespace': wrong(
          bound({ to: 'User alice', namespace: 'default', rules: podReader }),
          /^too_little .*alice may not/,
        ),
        'one verb too few': wrong(
          bound({
            to: 'User alice',
            namespace,
            rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] }],
          }),
          /^too_little .*may not watch pods/,
        ),
        'a binding of a role that is not there': wrong(
          bound({ to: 'User alice', namespace }),
          /^too_little .*not found/,
        ),
      },
      right: {
        'a role of its own': bound({ to: 'User alice', namespace, rules: podReader }),
        'a ClusterRole bound in the namespace alone': async (working) => {
          const name = fresh('pod-reader');
          await say(working, 'POST', `${rbac}/clusterroles`, { metadata: { name }, rules: podReader });
          await bind(working, 'a', { to: 'User alice', namespace, clusterRole: name });
        },
        'two roles and two bindings': async (working) => {
          for (const [name, verbs] of [
            ['one', ['get', 'list']],
            ['two', ['watch']],
          ] as const)
            await bind(working, name, {
              to: 'User alice',
              namespace,
              rules: [{ apiGroups: [''], resources: ['pods'], verbs }],
            });
        },
      },
    },
    'mend-bobs-request': {
      wrong: {
        'records that say that all is done': wrong(
          ({ learner }) => forgeRecords(learner),
          /^not_issued .*signerName: example\.com\/staff/,
        ),
        'what lies hidden in the folder, as certificate': wrong(
          async ({ learner }) => copyHidden(learner, 'bob.crt'),
          /^unreadable_file .*bob\.crt/,
        ),
        'the certificate that the lab keeps for his key': wrong(
          async ({ learner }) => learner.run(`cp ${keptFile(learner, 'bob-key', 'crt')} bob.crt`),
          /^(?:refused|wrong_user|unreadable_file) /,
        ),
        'signed by hand with the key that the lab keeps': wrong(async (working) => {
          working.learner.write('bob.csr', await bobsRequest(working));
          await working.learner.run(byHand(working, 'bob.csr', 'bob.crt'));
          forgeIssued(working, 'bob.crt');
        }, /^not_requested /),
        'signed by hand, and written into the status of his own request': wrong(async (working) => {
          working.learner.write('bob.csr', await bobsRequest(working));
          await working.learner.run(byHand(working, 'bob.csr', 'bob.crt'));
          await writeStatus(working, 'bob', 'bob.crt');
        }, /^not_requested /),
        'for another key': wrong(
          async (working) =>
            issued(working, 'bob', [
              ['O', 'dev'],
              ['CN', 'bob'],
            ]),
          /^key_mismatch .*another public key/,
        ),
        'the request in the place of the certificate': wrong(
          async (working) => working.learner.write('bob.crt', await bobsRequest(working)),
          /^unreadable_file .*signing request/,
        ),
        'asked once more, and approved by nobody': wrong(
          async (working) => ask(working, fresh('bob'), { request: await bobsRequest(working) }),
          /^pending /,
        ),
        'asked once more with the usage of before': wrong(async (working) => {
          const name = fresh('bob');
          await ask(working, name, { request: await bobsRequest(working), usage: 'server auth' });
          await decide(working, name, 'Approved');
          await dealtWith(working, name);
        }, /^not_issued .*signer has refused it/),
        'mallory’s certificate': wrong(
          ({ learner }) => learner.run('cp mallory.crt bob.crt'),
          /^key_mismatch /,
        ),
      },
      right: {
        'asked under another name': async (working) => asked(working, 'bob', await bobsRequest(working)),
        'deleted, and asked under his own name with more usages': async (working) => {
          const request = await bobsRequest(working);
          await say(working, 'DELETE', `${requests}/bob`);
          await asked(working, 'bob', request, {
            usages: ['client auth', 'digital signature'],
            expirationSeconds: 3600,
          });
        },
        'with the CA behind it, through a link': async (working) => {
          await asked(working, 'bob', await bobsRequest(working));
          await working.learner.run('cat bob.crt ca.crt > both.crt && rm bob.crt && ln -s both.crt bob.crt');
        },
      },
    },
    'shut-mallory-out': {
      wrong: {
        'records that say that all is done': wrong(
          ({ learner }) => forgeRecords(learner),
          /^too_much .*mallory may also/,
        ),
        'his files thrown away': wrong(
          ({ learner }) => learner.remove('mallory.crt', 'mallory.key'),
          /^too_much .*mallory may also/,
        ),
        'his own binding alone': wrong(
          async (working) => takenFrom(working, 'mallory'),
          /^too_much .*releases/,
        ),
        'his group’s binding alone': wrong(async (working) => {
          await toCarol(working);
          await takenFrom(working, 'releases');
        }, /^too_much .*"mallory" of ClusterRole "view"/),
        'carol with him': wrong(
          async (working) => takenFrom(working, 'mallory', 'releases'),
          /^too_little .*carol may not/,
        ),
        'carol made an administrator': wrong(async (working) => {
          await takenFrom(working, 'mallory', 'releases');
          await bind(working, 'carol', { to: 'User carol', clusterRole: 'cluster-admin' });
        }, /^too_much .*carol may also/),
        'the namespace deleted': wrong(async (working) => {
          await takenFrom(working, 'mallory');
          await say(working, 'DELETE', `/api/v1/namespaces/${namespace}`);
        }, /^too_little .*namespace itself is gone/),
        'his other group bound meanwhile': wrong(async (working) => {
          await takenFrom(working, 'mallory', 'releases');
          await toCarol(working);
          await bind(working, 'b', { to: 'Group dev', namespace: 'default', clusterRole: 'view' });
        }, /^too_much .*mallory may also/),
        'what lets everybody ask deleted as well': wrong(async (working) => {
          await takenFrom(working, 'mallory', 'releases');
          await toCarol(working);
          await say(working, 'DELETE', `${rbac}/clusterrolebindings/system:basic-user`);
        }, /^too_little .*may not even query its own rights/),
      },
      right: {
        'carol named beside': async (working) => {
          await toCarol(working);
          await takenFrom(working, 'mallory', 'releases');
        },
        'the group replaced by carol in the binding that is there': async (working) => {
          await takenFrom(working, 'mallory');
          const object = await say(working, 'GET', `${inWorkshop}/rolebindings/releases`);
          await say(working, 'PUT', `${inWorkshop}/rolebindings/releases`, {
            ...object,
            subjects: [{ kind: 'User', name: 'carol', apiGroup: 'rbac.authorization.k8s.io' }],
          });
        },
        'a role of carol’s own': async (working) => {
          await takenFrom(working, 'mallory', 'releases');
          await bind(working, 'carols', {
            to: 'User carol',
            namespace,
            rules: [
              { apiGroups: [''], resources: ['pods'], verbs: ['create', 'delete', 'get', 'list', 'watch'] },
            ],
          });
        },
      },
    },
  },
};
