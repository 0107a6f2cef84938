/** `wirelab kube up`, as a person starts it. */
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { connect } from 'node:tls';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { greeting } from '../../src/cli/kube/up-greeting.ts';
import { openClusterFolder } from '../../src/cli/kube/up-folder.ts';
import { apiClient } from '../../src/kube/components/api-client.ts';
import { startUp } from '../../src/cli/kube/up-service.ts';
import type { UpSettings } from '../../src/cli/kube/up-service.ts';
import { systemClock } from '../../src/core/clock.ts';
import { UserError } from '../../src/i18n/user-error.ts';
import { EtcdClient } from '../../src/kube/etcd/client.ts';
import { startEmbeddedEtcd } from '../../src/kube/etcd/embedded.ts';
import { claimFolder } from '../../src/kube/etcd/folder-lock.ts';
import { readCertificate } from '../../src/protocols/x509/certificate.ts';
import { certificatePem, keyPem } from '../../src/pki/kubeadm/issue.ts';
import { clusterOf, kubeadmLeaves, leafFacts } from '../../src/pki/kubeadm/certificates.ts';
import type { LeafRow } from '../../src/pki/kubeadm/certificates.ts';
import { pemCertificates } from '../../src/pki/keystore/pem.ts';
import { makeKey } from '../../src/pki/ca/sign.ts';
import { makeRequest } from '../../src/pki/ca/request.ts';
import { shareOf, testAtLength, withPeerAtLength } from '../helpers/at-length.ts';
import { runProgram, withPeer } from '../helpers/peer.ts';
import { packetTimes } from '../helpers/packet-times.ts';
import { start } from '../helpers/running.ts';
import { askWirelab } from '../helpers/wirelab.ts';
import { craft } from '../pki/support/craft.ts';
import type { Craft } from '../pki/support/craft.ts';
import { authority, callWith, kubeconfigFor, world } from '../kube/support/cluster.ts';
import { callAs } from '../kube/components/support/whole.ts';
import type { Localized } from '../../src/i18n/language.ts';

/** The folder of a cluster, as far as an API server needs it. */
function folderOf(t: ExecutionContext, server?: string, identity = 'apiserver'): string {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-up-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'pki'));
  const { certificate, key } = world.identity(identity);
  writeFileSync(join(folder, 'pki/ca.crt'), authority);
  writeFileSync(join(folder, 'pki/apiserver.crt'), certificate);
  writeFileSync(join(folder, 'pki/apiserver.key'), key, { mode: 0o600 });
  if (server !== undefined)
    writeFileSync(join(folder, 'admin.conf'), kubeconfigFor(server, 'admin').replaceAll(/[{,]/g, '$&\n'), {
      mode: 0o600,
    });
  return folder;
}

const urlIn = (printed: string): URL => new URL(/https:\/\/127\.0\.0\.1:\d+/.exec(printed)?.[0] ?? '');

test('it prints its address and each request, and ends on a signal', async (t) => {
  const folder = folderOf(t);
  const running = start(t, ['kube', 'up', '--out', folder, '--port', '0']);
  const url = urlIn(await running.until(/Ctrl-C/));
  const { body } = await callWith(Number(url.port), '/version', {});
  t.regex(String(body['gitVersion']), /^v1\.32\./);
  await callWith(Number(url.port), '/api/v1/namespaces/default/configmaps/%1b[2J', {});
  const printed = await running.until(/%1b\[2J 400/);
  t.regex(printed, /^system:anonymous GET \/version 200$/m);
  running.child.kill('SIGINT');
  t.deepEqual(await running.exit, [130, null]);
});

test('a manifest that names other files is reported at the start; the kubelet presents the certificate in its folder', async (t) => {
  const folder = emptyFolder(t);
  const cluster = join(folder, 'cluster');
  t.is((await askWirelab(['kube', 'pki', '--out', cluster])).exitCode, 0);
  const manifest = join(cluster, 'manifests/kube-apiserver.yaml');
  const before = readFileSync(manifest, 'utf8');
  const sound = start(t, ['kube', 'up', '--out', cluster, '--port', '0']);
  const printed = await sound.until(/Ctrl-C/);
  t.notRegex(printed, /Not read here/);
  const [, port = ''] =
    /kubelet: listening on 127\.0\.0\.1:(\d+)/.exec(await sound.until(/kubelet: listening/)) ?? [];
  const shown = await new Promise<string>((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: Number(port), rejectUnauthorized: false }, () => {
      resolve(socket.getPeerX509Certificate()?.toString() ?? '');
      socket.destroy();
    }).on('error', reject);
  });
  t.true(readFileSync(join(cluster, 'kubelet/pki/kubelet.crt'), 'utf8').startsWith(shown.trim()));
  sound.child.kill('SIGTERM');
  await sound.exit;
  writeFileSync(
    manifest,
    before.replace(
      '--client-ca-file=/etc/kubernetes/pki/ca.crt',
      '--client-ca-file=/etc/kubernetes/pki/other.crt',
    ),
  );
  const changed = start(t, ['kube', 'up', '--out', cluster, '--port', '0']);
  t.regex(
    await changed.until(/Ctrl-C/),
    /^Not read here: \S+manifests\/kube-apiserver\.yaml\. What runs takes the files that kubeadm names\.$/m,
  );
  t.is(readFileSync(manifest, 'utf8').includes('other.crt'), true);
});

test('what kubectl and it say to one another can be kept', async (t) => {
  const folder = folderOf(t);
  const file = join(folder, 'seen.pcapng');
  const before = Date.now() * 1000;
  const running = start(t, ['kube', 'up', '--out', folder, '--port', '0', '-w', file, '--with-secrets']);
  const url = urlIn(await running.until(/Ctrl-C/));
  await callWith(Number(url.port), '/version', {});
  running.child.kill('SIGTERM');
  t.deepEqual(await running.exit, [143, null]);
  t.true(readFileSync(file).includes('CLIENT_HANDSHAKE_TRAFFIC_SECRET'));
  const times = packetTimes(readFileSync(file));
  t.true(times.length > 0 && times.every((time) => time >= before && time <= Date.now() * 1000));
});

testAtLength(
  'no frame of what it writes is from before it began: what its own components and its etcd said to one another before it listened, too',
  async (t) => {
    const folder = emptyFolder(t);
    const file = join(folder, 'seen.pcapng');
    const before = Date.now() * 1000;
    const running = start(t, ['kube', 'up', '--out', join(folder, 'cluster'), '--port', '0', '-w', file]);
    await running.until(/Ctrl-C/);
    running.child.kill('SIGTERM');
    await running.exit;
    const times = packetTimes(readFileSync(file));
    t.true(times.length > 100, String(times.length));
    t.deepEqual(
      times.filter((time) => time < before || time > Date.now() * 1000),
      [],
    );
  },
);

const mistakes: readonly (readonly [
  title: string,
  words: (folder: string, port: number) => string[],
  says: RegExp,
])[] = [
  [
    'a cluster without its API server',
    (folder) => {
      rmSync(join(folder, 'pki/apiserver.crt'));
      return ['--out', folder];
    },
    /the cluster in this folder is incomplete[\s\S]*pki\/apiserver\.crt[\s\S]*ca has no key in this folder and cannot sign/,
  ],
  ['a token that is none', () => ['--token', 'abc.def'], /six and sixteen lower-case letters or digits/],
  ['a port that is none', () => ['--port', '65536'], /a port from 0 to 65535/],
  [
    'a port that is taken',
    (folder, port) => ['--out', folder, '--port', String(port)],
    /in use by another program/,
  ],
  ['an operand', () => ['now'], /invalid operand or option for kube up/],
  [
    'two components behind one option',
    () => ['--without', 'scheduler', 'kubelet'],
    /repeat the option for more: --without scheduler --without kubelet\./,
  ],
  [
    'two components in one value',
    () => ['--without', 'scheduler,kubelet'],
    /repeat the option for more: --without controller-manager --without scheduler\./,
  ],
  ['secrets without a file', () => ['--with-secrets'], /needs an output for the keys/],
];

for (const [title, words, says] of mistakes) {
  test(`${title} is a mistake`, async (t) => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    t.teardown(() => taken.close());
    const { exitCode, stderr } = await askWirelab([
      'kube',
      'up',
      ...words(folderOf(t), (taken.address() as AddressInfo).port),
    ]);
    t.is(exitCode, 2, stderr);
    t.regex(stderr, says);
  });
}

test('what kube pki can mend it is asked to, and what it cannot is said: a cluster at a port of its own', async (t) => {
  const folder = join(emptyFolder(t), 'cluster');
  await openClusterFolder(folder, 'https://127.0.0.1:7450');
  const up = async (): Promise<string> =>
    (await askWirelab(['kube', 'up', '--out', folder, '--port', '0'])).stderr;
  const key = readFileSync(join(folder, 'pki/apiserver.key'));
  rmSync(join(folder, 'pki/apiserver.key'));
  t.regex(
    await up(),
    /incomplete\n {2}where: \S+apiserver\.key\n[\s\S]*move the other aside and create both again/,
  );
  rmSync(join(folder, 'pki/apiserver.crt'));
  t.true(
    (await up()).includes(`what to do: Run ./wirelab kube pki --out ${folder} to create what is missing.`),
  );
  const mended = await askWirelab(['kube', 'pki', '--out', folder]);
  t.is(mended.exitCode, 0, mended.stderr);
  const paired = async (name: string, ...files: readonly string[]): Promise<void> => {
    const path = join(folder, 'pki', `${name}.key`);
    const right = readFileSync(path);
    writeFileSync(path, key);
    const said = await up();
    t.regex(said, /does not match the certificate/);
    for (const file of files) t.true(said.includes(join(folder, 'pki', file)), said);
    writeFileSync(path, right);
  };
  for (const name of ['apiserver', 'etcd/server', 'apiserver-etcd-client', 'ca'])
    await paired(name, `${name}.crt`, `${name}.key`);
});

test('a folder that is a file, or that cannot be created, is an error at once', async (t) => {
  const isFile = await askWirelab(['kube', 'up', '--out', '/dev/null', '--no-tui']);
  t.deepEqual(
    [isFile.exitCode, /this is a file, and not a folder\n {2}where: \/dev\/null\n/.test(isFile.stderr)],
    [2, true],
    isFile.stderr,
  );
  if (process.platform !== 'linux') return;
  const refused = await askWirelab(['kube', 'up', '--out', '/proc/wirelab', '--no-tui']);
  t.deepEqual([refused.exitCode, /received: ENOENT/.test(refused.stderr)], [2, true], refused.stderr);
});

test('a key that does not belong to its certificate is a mistake, in Korean too', async (t) => {
  const folder = folderOf(t);
  writeFileSync(join(folder, 'pki/apiserver.key'), world.identity('admin').key);
  const { exitCode, stderr } = await askWirelab([
    'kube',
    'up',
    '--out',
    folder,
    '--port',
    '0',
    '--lang',
    'ko',
  ]);
  t.is(exitCode, 2);
  t.regex(stderr, /개인 키가 인증서와 짝이 맞지 않습니다/);
});

for (const [title, identity, expected] of shareOf(
  [
    ['at another port than its kubeconfig says', 'apiserver', /^--server=https:\S+ auth whoami$/],
    [
      'with a certificate for another address',
      'elsewhere',
      /^--server=https:\S+ --tls-server-name=kubernetes auth whoami$/,
    ],
  ] as const,
  1,
)) {
  withPeer('kubectl', `${title}, it prints how kubectl reaches it, which works`, async (t) => {
    const folder = folderOf(t, 'https://127.0.0.1:6443', identity);
    const running = start(t, ['kube', 'up', '--out', folder, '--port', '0']);
    const printed = await running.until(/Ctrl-C/);
    const kubeconfig = /export KUBECONFIG=(\S+)/.exec(printed)?.[1] ?? '';
    const words = /^ {2}kubectl (.*)$/m.exec(printed)?.[1] ?? '';
    t.regex(words, expected);
    const { stdout, exitCode } = await runProgram('kubectl', words.split(' '), {
      env: { PATH: process.env['PATH'], HOME: folder, KUBECONFIG: kubeconfig },
    });
    t.is(exitCode, 0);
    t.regex(stdout, /^Username +kubernetes-admin$/m);
  });
}

withPeer(
  'kubectl',
  'an empty folder is filled, and whoever may sign does: a user of one’s own within a minute',
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'wirelab-up-'));
    t.teardown(() => rmSync(folder, { recursive: true, force: true }));
    const running = start(t, [
      'kube',
      'up',
      '--out',
      join(folder, 'cluster'),
      '--port',
      '0',
      '--token',
      'abcdef.0123456789abcdef',
    ]);
    const printed = await running.until(/Ctrl-C/);
    t.regex(printed, /^Created in \S+cluster: 22 certificates, kubeconfigs and manifests/m);
    t.regex(printed, /^Bootstrap token: abcdef\.0123456789abcdef$/m);
    const kubeconfig = /export KUBECONFIG=(\S+)/.exec(printed)?.[1] ?? '';
    const kubectl = async (...words: readonly string[]) =>
      runProgram('kubectl', [`--server=${urlIn(printed).origin}`, ...words], {
        cwd: folder,
        env: { PATH: process.env['PATH'], HOME: folder, KUBECONFIG: kubeconfig },
      });
    const { request } = makeRequest({
      subject: [
        ['O', 'dev'],
        ['CN', 'alice'],
      ],
    });
    const csr = {
      apiVersion: 'certificates.k8s.io/v1',
      kind: 'CertificateSigningRequest',
      metadata: { name: 'alice' },
      spec: {
        request: Buffer.from(request).toString('base64'),
        signerName: 'kubernetes.io/kube-apiserver-client',
        usages: ['client auth'],
      },
    };
    writeFileSync(join(folder, 'alice.yaml'), JSON.stringify(csr));
    t.is((await kubectl('apply', '-f', 'alice.yaml')).exitCode, 0);
    t.is((await kubectl('certificate', 'approve', 'alice')).exitCode, 0);
    await running.until(/kube-controller-manager: signed alice/);
    t.regex((await kubectl('get', 'csr')).stdout, /^alice .* Approved,Issued$/m);
    t.regex(
      (await kubectl('get', 'nodes', '--as=alice')).stderr,
      /User "alice" cannot list resource "nodes"/,
    );
    await running.until(/kubernetes-admin as alice GET \/api\/v1\/nodes\S* 403 /);
  },
);

/** A whole cluster in a folder that was empty, and kubectl for it. */
async function clusterIn(t: ExecutionContext, folder: string, ...words: readonly string[]) {
  const running = start(t, ['kube', 'up', '--out', join(folder, 'cluster'), '--port', '0', ...words]);
  const printed = await running.until(/Ctrl-C/);
  const kubectl = async (...asked: readonly string[]) =>
    runProgram('kubectl', [`--server=${urlIn(printed).origin}`, ...asked], {
      env: { PATH: process.env['PATH'], HOME: folder, KUBECONFIG: join(folder, 'cluster/admin.conf') },
    });
  return { ...running, printed, kubectl };
}

function emptyFolder(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-up-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** What it says how to look into etcd, as a person types it. */
const lookOf = (printed: string): string =>
  /^ {2}E=\S+\n {2}(?:curl|ETCDCTL_API=3 etcdctl) .*$/m.exec(printed)?.[0] ?? '';

withPeerAtLength(
  ['kubectl', 'curl'],
  'what it holds outlives a crash in its own etcd; without a scheduler pods wait, and with one they run',
  async (t) => {
    const folder = emptyFolder(t);
    const first = await clusterIn(t, folder, '--without', 'scheduler');
    t.regex(
      first.printed,
      /^Objects are stored in the embedded etcd, over mutual TLS: https:\S+ \(data in \S+etcd-embedded\)$/m,
    );
    t.regex(
      first.printed,
      /^Also running: kube-controller-manager, kubelet, kube-proxy\. The node is control-plane;/m,
    );
    t.is((await first.kubectl('run', 'web', '--image=nginx')).exitCode, 0);
    t.regex((await first.kubectl('get', 'pods')).stdout, /^web +0\/1 +Pending/m);
    const looked = await runProgram('sh', ['-c', lookOf(first.printed)]);
    const keys = (JSON.parse(looked.stdout) as { readonly kvs: readonly { readonly key: string }[] }).kvs.map(
      ({ key }) => Buffer.from(key, 'base64').toString(),
    );
    t.true(keys.includes('/registry/pods/default/web'), keys.join('\n'));
    first.child.kill('SIGKILL');
    await first.exit;
    const second = await clusterIn(t, folder);
    await second.until(
      /kube-scheduler: bound default\/web to control-plane[\s\S]*kubelet: reports default\/web as running/,
    );
    t.regex((await second.kubectl('get', 'pods')).stdout, /^web +1\/1 +Running/m);
    t.regex((await second.kubectl('logs', 'web')).stdout, /wirelab runs no containers/);
    second.child.kill('SIGINT');
    t.deepEqual(await second.exit, [130, null]);
  },
);

withPeerAtLength(
  ['kubectl', 'etcd', 'etcdctl'],
  'the real etcd keeps it too, and etcdctl sees it as it is told',
  async (t) => {
    const folder = emptyFolder(t);
    const first = await clusterIn(t, folder, '--etcd', 'real');
    t.regex(
      first.printed,
      /^Objects are stored in etcd 3\.\S+, over mutual TLS: https:\S+ \(data in \S+etcd-real\)$/m,
    );
    t.is((await first.kubectl('create', 'configmap', 'kept', '--from-literal=a=b')).exitCode, 0);
    const looked = await runProgram('sh', ['-c', lookOf(first.printed)]);
    t.regex(looked.stdout, /^\/registry\/configmaps\/default\/kept$/m, looked.stderr);
    first.child.kill('SIGKILL');
    await first.exit;
    const second = await clusterIn(t, folder, '--etcd', 'auto');
    t.regex((await second.kubectl('get', 'configmap', 'kept', '-o', 'jsonpath={.data.a}')).stdout, /^b$/);
    second.child.kill('SIGTERM');
    t.deepEqual(await second.exit, [143, null]);
    // What its end breaks off is no news.
    t.notRegex(await second.until(/$/), /the store is closed/);
  },
);

test('an etcd that is not installed, or for which there are no certificates, is a mistake', async (t) => {
  const folder = folderOf(t);
  const without = await askWirelab(['kube', 'up', '--out', folder, '--port', '0', '--etcd', 'embedded']);
  t.is(without.exitCode, 2);
  t.regex(without.stderr, /this folder has no certificates for an etcd[\s\S]*kube pki/);
  const empty = emptyFolder(t);
  const absent = await askWirelab(
    ['kube', 'up', '--out', join(empty, 'cluster'), '--port', '0', '--etcd', 'real', '--lang', 'ko'],
    { env: { PATH: folder } },
  );
  t.is(absent.exitCode, 2);
  t.regex(absent.stderr, /etcd가 설치되어 있지 않습니다[\s\S]*--etcd embedded/);
  t.deepEqual(readdirSync(empty), []);
});

/** A complete cluster that has not been started yet. */
async function clusterFolder(t: ExecutionContext): Promise<string> {
  const folder = join(emptyFolder(t), 'cluster');
  await askWirelab(['kube', 'pki', '--out', folder]);
  return folder;
}

const unfit: readonly (readonly [title: string, spoil: (pki: string) => void, says: RegExp])[] = [
  [
    'a server of the cluster’s CA',
    (pki) => copyPair(pki, 'apiserver', 'etcd/server'),
    /because of pki\/etcd\/server\.crt: it was signed by ca instead of etcd-ca[\s\S]*where: \S+pki\/etcd\/server\.crt[\s\S]*kube pki renew etcd-server --out \S+cluster$/m,
  ],
  [
    'the cluster’s CA in the place of its own',
    (pki) => copyPair(pki, 'ca', 'etcd/ca'),
    /because of pki\/etcd\/ca\.crt: it is another\s+CA of the cluster/,
  ],
  [
    'a client of the cluster’s CA',
    (pki) => copyPair(pki, 'apiserver-kubelet-client', 'apiserver-etcd-client'),
    /because of pki\/apiserver-etcd-client\.crt: it was signed by ca instead of etcd-ca/,
  ],
  [
    'a key of another certificate',
    (pki) => copyFileSync(join(pki, 'etcd/peer.key'), join(pki, 'etcd/server.key')),
    /because of pki\/etcd\/server\.key/,
  ],
  ['no CA', (pki) => rmSync(join(pki, 'etcd/ca.crt')), /because of pki\/etcd\/ca\.crt: it is missing/],
  [
    'no server',
    (pki) => ['crt', 'key'].forEach((type) => rmSync(join(pki, `etcd/server.${type}`))),
    /because of pki\/etcd\/server\.crt: etcd-server is missing[\s\S]*Run \.\/wirelab kube pki --out \S+cluster to create what is missing/,
  ],
];

function copyPair(pki: string, from: string, to: string): void {
  for (const type of ['crt', 'key']) copyFileSync(join(pki, `${from}.${type}`), join(pki, `${to}.${type}`));
}

for (const [title, spoil, says] of unfit) {
  test(`an etcd with ${title} is an error before anything starts, worded as in kube pki check`, async (t) => {
    const folder = await clusterFolder(t);
    spoil(join(folder, 'pki'));
    const { exitCode, stderr, stdout } = await askWirelab(['kube', 'up', '--out', folder, '--port', '0']);
    t.is(exitCode, 2, stderr);
    t.regex(stderr, says);
    t.is(stdout, '');
  });
}

test('problems of an etcd’s files that do not prevent the start are no errors: a mode, and the key of its CA', async (t) => {
  const folder = await clusterFolder(t);
  copyFileSync(join(folder, 'pki/ca.key'), join(folder, 'pki/etcd/ca.key'));
  chmodSync(join(folder, 'pki/etcd/server.key'), 0o644);
  t.truthy((await openClusterFolder(folder, 'https://127.0.0.1:6443')).etcd);
});

test('one at a time in a folder, whichever etcd it has: who holds it is named', async (t) => {
  const folder = await clusterFolder(t);
  const release = await claimFolder(folder, '.kube-up.lock');
  t.teardown(release);
  for (const etcd of ['embedded', 'auto']) {
    const { exitCode, stderr } = await askWirelab([
      'kube',
      'up',
      '--out',
      folder,
      '--port',
      '0',
      '--etcd',
      etcd,
    ]);
    t.is(exitCode, 2, stderr);
    t.regex(
      stderr,
      new RegExp(
        `runs an etcd in this folder: pid ${process.pid}\n.*\n.*End that process \\(pid ${process.pid}\\) first`,
      ),
    );
  }
});

const settingsOf = async (folder: string): Promise<UpSettings> => ({
  listen: { host: '127.0.0.1', port: 0 },
  folder: await openClusterFolder(folder, 'https://127.0.0.1:6443'),
  path: folder,
  token: { id: 'abcdef', secret: '0123456789abcdef' },
  version: '0.0.0',
  variables: {},
});

test('what lies there of another etcd, and which component has no file to show, is said', async (t) => {
  const folder = await clusterFolder(t);
  for (const file of ['pki/sa.key', 'scheduler.conf']) rmSync(join(folder, file));
  mkdirSync(join(folder, 'etcd-real/member'), { recursive: true });
  const settings = { ...(await settingsOf(folder)), without: ['kubelet'] as const };
  const running = await startUp(settings);
  const words = greeting(settings, 'here', running);
  await running.close(0);
  t.regex(words.en, /^Not used: the data of another etcd in here\/etcd-real \(--etcd real\)\.$/m);
  t.regex(words.en, /^Also running: kube-controller-manager\.$/m);
  t.regex(
    words.en,
    /^Not running: kube-scheduler \(scheduler\.conf\), kube-proxy \(pki\/sa\.key\): these files are missing or unreadable\.$/m,
  );
  t.regex(
    words.ko,
    /^사용하지 않음: .*here\/etcd-real.*\n.*\n파일이 없거나 읽을 수 없어 실행하지 않음: kube-scheduler\(/m,
  );
});

test('while the CA is being replaced the API server rereads its certificate and both CAs, and goes on with what it has if it cannot', async (t) => {
  const [folder, next] = [await clusterFolder(t), await clusterFolder(t)];
  const of = (place: string, file: string): string => readFileSync(join(place, file), 'utf8');
  const said: string[] = [];
  let wake = (): void => {};
  const settings = {
    ...(await settingsOf(folder)),
    without: ['controller-manager', 'scheduler', 'kubelet', 'kube-proxy'] as const,
    onSaid(who: string, { en, ko }: Localized) {
      said.push(`${who}: ${en} / ${ko}`);
      wake();
    },
  };
  const running = await startUp(settings);
  t.teardown(async () => running.close(0));
  const heard = async (words: RegExp): Promise<void> => {
    const from = said.length;
    while (!said.slice(from).some((one) => words.test(one)))
      await new Promise<void>((resolve) => (wake = resolve));
  };
  const whoami = async (conf: string, authority: string): Promise<number> => {
    const identity = (await openClusterFolder(conf, 'https://127.0.0.1:6443')).admin?.identity;
    return (
      await callAs(running.address.port, 'GET', '/api/v1/nodes', {
        ...(identity ? { identity } : {}),
        ca: authority,
      })
    ).code;
  };
  const [old, fresh] = [of(folder, 'pki/ca.crt'), of(next, 'pki/ca.crt')];
  t.is(await whoami(next, old), 401);
  let rereading = heard(/pki\/ca\.crt \(2 CAs\).*CA 2개/);
  writeFileSync(join(folder, 'pki/ca.crt'), old + fresh);
  await rereading;
  t.is(await whoami(folder, old), 200);
  t.is(await whoami(next, old), 200);
  // The key of another certificate: it goes on with the one that it has.
  rereading = heard(/does not match the certificate\. It goes on/);
  writeFileSync(join(folder, 'pki/apiserver.crt'), of(next, 'pki/apiserver.crt'));
  await rereading;
  t.is(await whoami(next, old), 200);
  rereading = heard(/2 CAs/);
  writeFileSync(join(folder, 'pki/apiserver.key'), of(next, 'pki/apiserver.key'));
  await rereading;
  t.is(await whoami(folder, fresh), 200);
  await t.throwsAsync(whoami(folder, old));
  rereading = heard(/1 CA\)/);
  writeFileSync(join(folder, 'pki/ca.crt'), fresh);
  await rereading;
  t.is(await whoami(next, fresh), 200);
});

test('with two CAs in ca.crt requests are signed with the one of ca.key, and what a real controller manager says of it is told', async (t) => {
  const [folder, next] = [await clusterFolder(t), await clusterFolder(t)];
  const of = (place: string): string => readFileSync(join(place, 'pki/ca.crt'), 'utf8');
  const [old, fresh] = [of(folder), of(next)];
  writeFileSync(join(folder, 'pki/ca.crt'), fresh + old);
  const opened = await openClusterFolder(folder, 'https://127.0.0.1:6443');
  t.is(pemCertificates(opened.authority).length, 2);
  t.deepEqual(pemCertificates(opened.signer?.certificate ?? ''), pemCertificates(old));
  // What each trusts is in its own file.
  t.deepEqual(pemCertificates(opened.scheduler?.trust ?? ''), pemCertificates(old));
  const said: string[] = [];
  const running = await startUp({
    ...(await settingsOf(folder)),
    without: ['scheduler', 'kubelet', 'kube-proxy'],
    onSaid: (who, { en }) => said.push(`${who}: ${en}`),
  });
  await running.close(0);
  t.regex(said.join('\n'), /kube-controller-manager: pki\/ca\.crt holds 2 .*expected 1 certificate, found 2/);
});

test('a webhook that fails open is told, and nowhere else', async (t) => {
  const folder = await clusterFolder(t);
  const said: string[] = [];
  const settings = {
    ...(await settingsOf(folder)),
    without: ['controller-manager', 'scheduler', 'kubelet', 'kube-proxy'] as const,
    onSaid: (who: string, { en }: { readonly en: string }) => void said.push(`${who}: ${en}`),
  };
  const running = await startUp(settings);
  t.teardown(async () => running.close(0));
  const { admin, authority } = settings.folder;
  const client = apiClient({
    to: running.address,
    authorities: [authority],
    ...(admin ? { identity: admin.identity } : {}),
    clock: systemClock,
    userAgent: 'test',
  });
  const post = async (path: string, body: object): Promise<number> =>
    (await client.call('POST', path, AbortSignal.timeout(20_000), body)).status;
  t.is(
    await post('/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations', {
      metadata: { name: 'gone' },
      webhooks: [
        {
          name: 'gone.example.com',
          clientConfig: { service: { namespace: 'default', name: 'gone' } },
          rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['secrets'] }],
          failurePolicy: 'Ignore',
          sideEffects: 'None',
          admissionReviewVersions: ['v1'],
        },
      ],
    }),
    201,
  );
  t.is(await post('/api/v1/namespaces/default/secrets', { metadata: { name: 'a' } }), 201);
  t.true(
    said.includes(
      'kube-apiserver: Failed calling webhook, failing open gone.example.com: failed calling webhook "gone.example.com": failed to call webhook: Post "https://gone.default.svc:443/?timeout=10s": service "gone" not found',
    ),
    said.join('\n'),
  );
});

test('without certificates for an etcd objects are in memory, and unused data is reported', async (t) => {
  const folder = await clusterFolder(t);
  rmSync(join(folder, 'pki/etcd'), { recursive: true });
  mkdirSync(join(folder, 'etcd-real/member'), { recursive: true });
  const settings = {
    ...(await settingsOf(folder)),
    without: ['controller-manager', 'scheduler', 'kubelet', 'kube-proxy'] as const,
  };
  const running = await startUp(settings);
  const words = greeting(settings, 'here', running);
  await running.close(0);
  t.regex(words.en, /stored in memory.*\nNot used: the data of another etcd in here\/etcd-real/);
});

withPeerAtLength(
  'etcd',
  'a real etcd whose data is damaged is a mistake in its own words, and no line of a stack trace',
  async (t) => {
    const folder = await clusterFolder(t);
    const first = start(t, ['kube', 'up', '--out', folder, '--port', '0', '--etcd', 'real']);
    await first.until(/Ctrl-C/);
    first.child.kill('SIGTERM');
    await first.exit;
    for (const [file, says] of [
      ['snap/db', /received: failed to open database: [a-z ]+\n/],
      ['wal/0000000000000000-0000000000000000.wal', /received: panic: cannot use none as id\n/],
    ] as const) {
      const path = join(folder, 'etcd-real/member', file);
      const whole = readFileSync(path);
      writeFileSync(
        path,
        Uint8Array.from({ length: 100 }, (_, at) => (at * 89 + 7) & 0xff),
      );
      const { exitCode, stderr } = await askWirelab([
        'kube',
        'up',
        '--out',
        folder,
        '--port',
        '0',
        '--etcd',
        'real',
      ]);
      t.is(exitCode, 2, stderr);
      t.regex(stderr, says);
      t.regex(stderr, /where: \S+cluster\/etcd-real\n[^]*move \S+etcd-real aside/);
      writeFileSync(path, whole);
    }
  },
);

test('a port that is taken is a mistake before anything is written', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  t.teardown(() => taken.close());
  const folder = join(emptyFolder(t), 'a/b');
  const { exitCode, stderr } = await askWirelab([
    'kube',
    'up',
    '--out',
    folder,
    '--port',
    String((taken.address() as AddressInfo).port),
    '--no-tui',
  ]);
  t.is(exitCode, 2);
  t.regex(stderr, /in use by another program/);
  t.false(existsSync(join(folder, '..')));
});

test('without the CA’s key requests are not signed, and the controller manager does everything else', async (t) => {
  const folder = await clusterFolder(t);
  rmSync(join(folder, 'pki/ca.key'));
  const running = start(t, ['kube', 'up', '--out', folder, '--port', '0']);
  const printed = await running.until(/kube-controller-manager: acquired the lease/);
  t.regex(printed, /^Also running: kube-controller-manager, /m);
  t.regex(printed, /^Certificate requests are not signed: pki\/ca\.key is missing\.$/m);
  t.notRegex(printed, /Not running/);
});

test('without admin.conf no command is printed that would call the cluster of ~/.kube/config', async (t) => {
  const folder = await clusterFolder(t);
  const printed = async (): Promise<string> => {
    const settings = {
      ...(await settingsOf(folder)),
      without: ['controller-manager', 'scheduler', 'kubelet', 'kube-proxy'] as const,
    };
    const running = await startUp(settings);
    const { en, ko } = greeting(settings, folder, running);
    await running.close(0);
    t.regex(ko, /[가-힣]/);
    return en;
  };
  rmSync(join(folder, 'admin.conf'));
  t.regex(await printed(), /^ {2}export KUBECONFIG=\S+\/super-admin\.conf\n {2}kubectl --server=/m);
  rmSync(join(folder, 'super-admin.conf'));
  const without = await printed();
  t.notRegex(without, /^ {2}kubectl|KUBECONFIG/m);
  t.regex(
    without,
    /^ {2}curl --cacert \S+\/pki\/ca\.crt https:\/\/127\.0\.0\.1:\d+\/version\n {2}\(kubectl needs an admin\.conf/m,
  );
});

/** The API server's certificate of a folder, with something else in it. */
function withServer(folder: string, change: Partial<Craft>): void {
  const { subject, certificate, key } = { subject: 'kube-apiserver', ...issuerIn(folder) };
  const own = change.key ?? makeKey('P-256');
  const now = Date.now();
  const made = craft({
    subject: [['CN', subject]],
    key: own,
    issuer: { certificate, key },
    notBefore: now - 9 * 86_400_000,
    notAfter: now + 86_400_000 * 90,
    extendedKeyUsage: ['serverAuth'],
    san: leafFacts(kubeadmLeaves[0] as LeafRow, clusterOf()).san,
    ...change,
  });
  writeFileSync(join(folder, 'pki/apiserver.crt'), certificatePem(made));
  writeFileSync(join(folder, 'pki/apiserver.key'), keyPem(own), { mode: 0o600 });
}

function issuerIn(folder: string) {
  const step = readCertificate(
    pemCertificates(readFileSync(join(folder, 'pki/ca.crt'), 'utf8'))[0] ?? new Uint8Array(0),
  );
  if (!('got' in step)) throw new Error('the CA cannot be read');
  return { certificate: step.got, key: createPrivateKey(readFileSync(join(folder, 'pki/ca.key'))) };
}

/** A kubeconfig with another certificate and key in it. */
function withProof(folder: string, name: string, change: Partial<Craft>): void {
  const own = makeKey('P-256');
  const now = Date.now();
  const made = craft({
    subject: [['CN', `system:${name}`]],
    key: own,
    issuer: issuerIn(folder),
    notBefore: now - 9 * 86_400_000,
    notAfter: now + 86_400_000 * 90,
    extendedKeyUsage: ['clientAuth'],
    ...change,
  });
  const path = join(folder, `${name}.conf`);
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const before = readFileSync(path, 'utf8');
  const after = before
    .replace(/(client-certificate-data: ).*/, `$1${base64(certificatePem(made))}`)
    .replace(/(client-key-data: ).*/, `$1${base64(keyPem(own))}`);
  writeFileSync(path, after);
}

const ended = { notAfter: Date.now() - 86_400_000 };

const untrusted: readonly (readonly [title: string, spoil: (folder: string) => void, says: RegExp])[] = [
  [
    'an expired certificate of the API server',
    (folder) => withServer(folder, ended),
    /because of pki\/apiserver\.crt: it expired at \S+\n {2}where: \S+pki\/apiserver\.crt\n[^]*\.\/wirelab kube pki renew apiserver --out \S+ \(/,
  ],
  [
    'a certificate that is not valid yet',
    (folder) => withServer(folder, { notBefore: Date.now() + 86_400_000 }),
    /because of pki\/apiserver\.crt: it is not valid before[^]*where: \S+pki\/apiserver\.crt\n/,
  ],
  [
    'a certificate of another CA of the cluster',
    (folder) => copyPair(join(folder, 'pki'), 'front-proxy-client', 'apiserver-kubelet-client'),
    /because of pki\/apiserver-kubelet-client\.crt: it was signed by front-proxy-ca instead of ca[^]*kube pki renew apiserver-kubelet-client --out/,
  ],
  [
    'a foreign CA',
    (folder) => {
      writeFileSync(join(folder, 'pki/ca.crt'), authority);
      rmSync(join(folder, 'pki/ca.key'));
    },
    /because of pki\/apiserver\.crt: [^]*where: \S+pki\/apiserver\.crt\n[^]*because of kubelet\.conf: [^]*because of scheduler\.conf: /,
  ],
  [
    'an expired certificate of the scheduler',
    (folder) => withProof(folder, 'scheduler', ended),
    /because of scheduler\.conf: [^\n]*expired at[^]*kube pki renew scheduler\.conf --out/,
  ],
  [
    'an expired certificate of nobody who runs here',
    (folder) => withProof(folder, 'super-admin', ended),
    /because of super-admin\.conf: [^\n]*expired at[^]*kube pki renew super-admin\.conf --out/,
  ],
  [
    'a key of another certificate, which no component here reads',
    (folder) => copyFileSync(join(folder, 'pki/apiserver.key'), join(folder, 'pki/front-proxy-client.key')),
    /because of pki\/front-proxy-client\.(?:crt|key): [^]*what to do: /,
  ],
];

for (const [title, spoil, says] of untrusted) {
  test(`${title}: it does not start, and names the file, what is wrong, and what to do`, async (t) => {
    const folder = await clusterFolder(t);
    spoil(folder);
    const before = readdirSync(folder, { recursive: true });
    const { exitCode, stderr, stdout } = await askWirelab(['kube', 'up', '--out', folder, '--port', '0']);
    t.deepEqual([exitCode, stdout], [2, ''], stderr);
    t.regex(stderr, says);
    t.regex(stderr, /\(to start anyway, as a real API server does: --ignore-faults\)\n$/);
    t.deepEqual(readdirSync(folder, { recursive: true }), before);
  });
}

test('as the real one, it can be started with an expired certificate: which clients will complain is said, and after kube pki renew it starts', async (t) => {
  const folder = await clusterFolder(t);
  withServer(folder, ended);
  const running = start(t, ['kube', 'up', '--out', folder, '--port', '0', '--ignore-faults']);
  const printed = await running.until(/Ctrl-C/);
  t.regex(
    printed,
    /^Problem: \S+pki\/apiserver\.crt: it expired at \S+\. \.\/wirelab kube pki renew apiserver --out \S+$/m,
  );
  t.is((await askWirelab(['kube', 'pki', 'renew', 'apiserver', '--out', folder])).exitCode, 0);
  t.deepEqual((await openClusterFolder(folder, 'https://127.0.0.1:6443')).faults, []);
});

test('a key that signs no tokens is a mistake that names its file, before anything is written', async (t) => {
  const folder = folderOf(t);
  writeFileSync(
    join(folder, 'pki/sa.key'),
    generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }),
  );
  const before = readdirSync(folder);
  const { exitCode, stderr } = await askWirelab(['kube', 'up', '--out', folder, '--port', '0', '--no-tui']);
  t.is(exitCode, 2);
  t.regex(
    stderr,
    /service account tokens cannot be signed with this type of key: ed25519\n +where: \S+pki\/sa\.key\n/,
  );
  t.deepEqual(readdirSync(folder), before);
});

test('a certificate that OpenSSL does not take is a mistake that names its file', async (t) => {
  const folder = await clusterFolder(t);
  withServer(folder, { key: generateKeyPairSync('rsa', { modulusLength: 512 }).privateKey });
  const { exitCode, stderr } = await askWirelab(['kube', 'up', '--out', folder, '--port', '0']);
  t.is(exitCode, 2, stderr);
  t.regex(
    stderr,
    /the certificate is too weak for OpenSSL\n {2}where: \S+pki\/apiserver\.crt\n[^]*For details: \.\/wirelab kube pki check \S+cluster/,
  );
});

test('a SHA-1 certificate of the API server is named, whether OpenSSL takes it (from 3.5 on) or not', async (t) => {
  const folder = await clusterFolder(t);
  withServer(folder, { digest: 'sha1' });
  const opened = openClusterFolder(folder, 'https://127.0.0.1:6443');
  const words = await opened.then(
    ({ faults }) => faults.map(({ file, what }) => `${file}: ${what.en}`).join('\n'),
    (error: unknown) => (error instanceof UserError ? error.message : String(error)),
  );
  t.regex(words, /^\S*pki\/apiserver\.crt: (?:.*SHA-?1|the certificate is too weak for OpenSSL)/i);
});

test('an etcd that does not do what it is asked at the start is a mistake, not a fault', async (t) => {
  const folder = await clusterFolder(t);
  const settings = await settingsOf(folder);
  const { server, client: identity, authority: etcdAuthority } = settings.folder.etcd ?? {};
  const authorities = etcdAuthority === undefined ? [] : [etcdAuthority];
  const etcd = await startEmbeddedEtcd({
    listen: { host: '127.0.0.1', port: 0 },
    ...(server ? { identity: server } : {}),
    clientAuthorities: authorities,
    folder: join(folder, 'etcd-embedded'),
    clock: systemClock,
  });
  const client = new EtcdClient({
    to: etcd.address,
    authorities,
    ...(identity ? { identity } : {}),
    clock: systemClock,
  });
  await client.put('/registry/clusterroles/broken', 'nothing', {
    signal: new AbortController().signal,
  });
  client.close();
  await etcd.close();
  const mistake = await t.throwsAsync(startUp(settings), { instanceOf: UserError });
  t.regex(mistake.message, /etcd-embedded: the API server cannot start/);
  t.regex(mistake.facts.received ?? '', /clusterroles\/broken is no object/);
  // And the folder is free again.
  (await claimFolder(folder, '.kube-up.lock'))();
});
