/** `wirelab kube pki` as a person runs it: made, checked, renewed; what openssl and kubectl say of it. */
import test from 'ava';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import {
  clusterOf,
  kubeadmAuthorities,
  kubeadmCertificates,
  kubeadmKubeconfigs,
  kubeadmLeaves,
  leafFacts,
} from '../../../src/pki/kubeadm/certificates.ts';
import {
  kubeletFiles,
  kubeProxyFiles,
  manifestOf,
  staticPodNames,
} from '../../../src/pki/kubeadm/manifests/processes.ts';
import type { KubeadmUsage } from '../../../src/pki/kubeadm/certificates.ts';
import { outputValidator } from '../../helpers/output-schema.ts';
import { shareOf, withPeerAtLength } from '../../helpers/at-length.ts';
import { runProgram, withPeer } from '../../helpers/peer.ts';
import { mainFile, wirelabEnvironment } from '../../helpers/wirelab.ts';
import { desk, snapshot } from './support/desk.ts';

const tree = [
  ...staticPodNames.map(manifestOf),
  kubeletFiles.config,
  ...Object.values(kubeletFiles.serving),
  kubeletFiles.current,
  ...Object.values(kubeProxyFiles),
  ...kubeadmCertificates.flatMap(({ file }) => [`pki/${file}.crt`, `pki/${file}.key`]),
  ...kubeadmKubeconfigs.map(({ name }) => name),
  'pki/sa.key',
  'pki/sa.pub',
].sort();

/** Certificates, and configuration without secrets. */
const isOpen = (file: string): boolean =>
  file.endsWith('.crt') ||
  [kubeletFiles.config, ...Object.values(kubeProxyFiles)].some((name) => name === file);

/** Every file; the dated certificate of the kubelet is what its link leads to. */
const namesIn = (folder: string): string[] =>
  Object.keys(snapshot(folder))
    .filter((name) => !/kubelet-client-\d/.test(name))
    .sort();

test('everything is made in one go, each file for whom it is for, and is sound', async (t) => {
  const { pki, path } = desk(t);
  const made = await pki();
  t.is(made.exitCode, 0, made.stderr);
  t.deepEqual(namesIn(path('kubernetes')), tree);
  for (const file of tree)
    t.is(statSync(path('kubernetes', file)).mode & 0o777, isOpen(file) ? 0o644 : 0o600, file);
  t.regex(
    made.stdout,
    /22 created, 0 unchanged in kubernetes\n {2}export KUBECONFIG=kubernetes\/admin\.conf\n/,
  );
  const check = await pki('check');
  t.is(check.exitCode, 0, check.stdout);
  t.regex(
    check.stdout,
    /^CERTIFICATE {16}EXPIRES {18}RESIDUAL TIME {3}CERTIFICATE AUTHORITY {3}EXTERNALLY MANAGED\nadmin\.conf .* 364d {12}ca {22}no\n/,
  );
  t.regex(check.stdout, /✓ NO PROBLEMS FOUND in kubernetes\n$/);
});

test('the kubelet’s certificate is in a dated file that a link leads to, and kubelet.conf names the link', async (t) => {
  const { pki, path } = desk(t);
  await pki();
  const link = readlinkSync(path('kubernetes', kubeletFiles.current));
  t.regex(link, /^kubelet-client-\d{4}(?:-\d\d){5}\.pem$/);
  t.regex(
    readFileSync(path('kubernetes', 'kubelet/pki', link), 'latin1'),
    /^-{5}BEGIN CERTIFICATE-{5}\n[^]+-{5}BEGIN EC PRIVATE KEY-{5}\n[^]+\n$/,
  );
  const conf = readFileSync(path('kubernetes/kubelet.conf'), 'utf8');
  t.regex(conf, /client-certificate: kubelet\/pki\/kubelet-client-current\.pem\n/);
  t.notRegex(conf, /client-(?:certificate|key)-data/);
  // A process that ended between the link and what it leads to.
  rmSync(path('kubernetes', 'kubelet.conf'));
  rmSync(path('kubernetes', 'kubelet/pki', link));
  t.is((await pki()).exitCode, 0);
  t.is((await pki('check')).exitCode, 0);
});

test('a folder of an earlier version gets what it lacks, and an altered file is kept', async (t) => {
  const { pki, path } = desk(t);
  await pki();
  // As kubeadm writes it before the kubelet keeps its own certificate: with certificate and key inside.
  const pem = readFileSync(path('kubernetes', kubeletFiles.current), 'latin1');
  const at = pem.indexOf('-----BEGIN EC');
  const conf = readFileSync(path('kubernetes/kubelet.conf'), 'utf8');
  const [certificate, key] = [pem.slice(0, at), pem.slice(at)].map((text) =>
    Buffer.from(text).toString('base64'),
  );
  const embedded = conf
    .replace(/client-certificate: .*/, `client-certificate-data: ${certificate}`)
    .replace(/client-key: .*/, `client-key-data: ${key}`);
  for (const name of ['manifests', 'kubelet', 'kube-proxy'])
    rmSync(path('kubernetes', name), { recursive: true });
  writeFileSync(path('kubernetes/kubelet.conf'), embedded);
  t.is((await pki('check')).exitCode, 0);
  mkdirSync(path('kubernetes/manifests'));
  writeFileSync(path('kubernetes/manifests/etcd.yaml'), 'mine: true\n');
  await pki();
  t.deepEqual(namesIn(path('kubernetes')), tree);
  t.is(readFileSync(path('kubernetes/kubelet.conf'), 'utf8'), embedded);
  t.is(readFileSync(path('kubernetes', kubeletFiles.current), 'latin1'), pem);
  t.is(readFileSync(path('kubernetes/manifests/etcd.yaml'), 'utf8'), 'mine: true\n');
});

test('check: a flag that names the wrong file, with what it should name', async (t) => {
  const { pki, path } = desk(t);
  await pki();
  const manifest = path('kubernetes/manifests/kube-apiserver.yaml');
  writeFileSync(
    manifest,
    readFileSync(manifest, 'utf8').replace(
      '--client-ca-file=/etc/kubernetes/pki/ca.crt',
      '--client-ca-file=/etc/kubernetes/pki/etcd/ca.crt',
    ),
  );
  const { exitCode, stdout } = await pki('check');
  t.is(exitCode, 1);
  t.regex(
    stdout,
    /✗ kubernetes\/manifests\/kube-apiserver\.yaml: --client-ca-file names a CA other\s+than ca:\s+pki\/etcd\/ca\.crt\s+expected: --client-ca-file=\/etc\/kubernetes\/pki\/ca\.crt\n[^]+PROBLEMS FOUND: 1/,
  );
});

test('made again: nothing changes; what is missing is made and the rest stays', async (t) => {
  const { pki, path } = desk(t);
  await pki();
  const before = snapshot(path('kubernetes'));
  t.regex((await pki()).stdout, /0 created, 22 unchanged/);
  t.deepEqual(snapshot(path('kubernetes')), before);
  for (const file of ['pki/apiserver.crt', 'pki/apiserver.key', 'scheduler.conf'])
    rmSync(path('kubernetes', file));
  t.regex((await pki()).stdout, /2 created, 20 unchanged/);
  const after = snapshot(path('kubernetes'));
  t.deepEqual(namesIn(path('kubernetes')), tree);
  t.deepEqual(
    Object.keys(before)
      .filter((file) => before[file] !== after[file])
      .sort(),
    ['pki/apiserver.crt', 'pki/apiserver.key', 'scheduler.conf'],
  );
  t.is((await pki('check')).exitCode, 0);
});

test('the address of the API server is taken from the existing kubeconfigs if they agree', async (t) => {
  const { pki, path } = desk(t);
  await pki();
  const move = (name: string, port: number): void =>
    writeFileSync(
      path('kubernetes', name),
      readFileSync(path('kubernetes', name), 'utf8').replace(/:\d+$/m, `:${port}`),
    );
  for (const { name } of kubeadmKubeconfigs) move(name, 7450);
  for (const file of ['pki/apiserver.crt', 'pki/apiserver.key', 'scheduler.conf', 'kubelet.conf'])
    rmSync(path('kubernetes', file));
  t.regex((await pki()).stdout, /3 created, 19 unchanged/);
  for (const { name } of kubeadmKubeconfigs)
    t.regex(readFileSync(path('kubernetes', name), 'utf8'), /server: https:\/\/127\.0\.0\.1:7450$/m, name);
  t.is((await pki('check')).exitCode, 0);
  t.is((await pki('--ip', '127.0.0.1')).exitCode, 0);
  t.regex(
    (await pki('--server', 'https://127.0.0.1:6443')).stderr,
    /it connects to another API server[^]+admin\.conf[^]+expected: https:\/\/127\.0\.0\.1:6443/,
  );
  move('admin.conf', 7451);
  t.regex((await pki()).stderr, /it connects to another API server/);
});

test('two at once make one control plane', async (t) => {
  const { pki, beside } = desk(t);
  const [one, two] = await Promise.all([beside('--out', 'lab'), beside('--out', 'lab')]);
  t.deepEqual([one.exitCode, two.exitCode], [0, 0], one.stderr + two.stderr);
  t.deepEqual(
    [/22 created/.test(one.stdout + two.stdout), /22 unchanged/.test(one.stdout + two.stdout)],
    [true, true],
  );
  t.is((await pki('check', 'lab')).exitCode, 0);
});

test('what does not fit is refused in both languages, and nothing is written', async (t) => {
  const { pki, path } = desk(t);
  await pki('--node', 'cp1');
  const before = snapshot(path('kubernetes'));
  for (const words of [
    ['--node', 'cp2'],
    ['--node', 'cp1', '--san', 'lab.example'],
    ['--node', 'cp1', '--server', 'https://10.0.0.1:6443'],
  ]) {
    const { exitCode, stdout, stderr } = await pki(...words);
    t.deepEqual([exitCode, stdout], [2, ''], words.join(' '));
    t.regex(stderr, /apiserver\.crt/);
    t.regex((await pki(...words, '--lang', 'ko')).stderr, /[가-힣]/);
  }
  t.deepEqual(snapshot(path('kubernetes')), before);
});

test('check: exit code 1, the file, what is wrong and what to do', async (t) => {
  const { pki, path } = desk(t);
  await pki();
  chmodSync(path('kubernetes/pki/ca.key'), 0o644);
  const { exitCode, stdout } = await pki('check');
  t.is(exitCode, 1);
  t.regex(
    stdout,
    /✗ kubernetes\/pki\/ca\.key: users other than its owner[^]+expected: 0600\n {5}found: 0644\n {5}what to do: chmod 600 kubernetes\/pki\/ca\.key[^]+✗ PROBLEMS FOUND: 1 in kubernetes\n$/,
  );
  t.regex((await pki('check', '--lang', 'ko')).stdout, /✗ 잘못된 점 1건: kubernetes\n$/);
});

test('check: a kubeconfig of a replaced CA, alone or with a folder; a folder with only pki', async (t) => {
  const { pki, path } = desk(t);
  await pki();
  renameSync(path('kubernetes'), path('before'));
  await pki();
  for (const words of [
    ['before/admin.conf'],
    ['kubernetes', 'before/admin.conf'],
    ['--out', 'kubernetes', 'before/admin.conf'],
  ]) {
    const { exitCode, stdout } = await pki('check', ...words);
    t.is(exitCode, 1, words.join(' '));
    t.regex(
      stdout,
      /✗ before\/admin\.conf: it is from before the CA was re-created[^]+✗ PROBLEMS FOUND: 1 in kubernetes, before\/admin\.conf\n$/,
    );
  }
  const flat = await pki('check', 'kubernetes/pki');
  t.is(flat.exitCode, 0, flat.stdout);
  t.regex(flat.stdout, /✓ NO PROBLEMS FOUND in kubernetes\/pki\n$/);
  t.notRegex(flat.stdout, /pki\/pki|\.conf/);
  for (const file of ['apiserver.crt', 'apiserver.key']) rmSync(path('kubernetes/pki', file));
  const incomplete = await pki('check', 'kubernetes/pki');
  t.is(incomplete.exitCode, 1);
  t.regex(
    incomplete.stdout,
    /✗ kubernetes\/pki\/apiserver\.crt: apiserver is missing\n {5}what to do: Run \S*wirelab kube pki --out kubernetes to create what\s+is\s+missing\./,
  );
  rmSync(path('kubernetes'), { recursive: true });
  t.regex((await pki('check', 'before/admin.conf')).stdout, /✓ NO PROBLEMS FOUND in before\/admin\.conf\n$/);
});

const asFiles: readonly (readonly [
  title: string,
  spoil: (path: (...names: readonly string[]) => string) => void,
  says: RegExp,
])[] = [
  ...['lab', 'lab/pki', 'lab/pki/etcd'].map(
    (folder) =>
      [
        `${folder} for all to write into`,
        (path: (name: string) => string) => chmodSync(path(folder), 0o777),
        new RegExp(
          `✗ ${folder}: users other than its owner can write to the folder \\(mode 0777\\)[^]+chmod go-w ${folder}`,
        ),
      ] as const,
  ),
  ...['pki/ca.crt', 'pki/sa.pub', 'pki/etcd/server.key', 'scheduler.conf'].flatMap((file) => [
    [
      `a link to nothing in the place of ${file}`,
      (path: (name: string) => string) => (
        rmSync(path(`lab/${file}`)), symlinkSync('nothing', path(`lab/${file}`))
      ),
      new RegExp(`✗ lab/${file}: the file does not exist`),
    ] as const,
    [
      `a folder in the place of ${file}`,
      (path: (name: string) => string) => (rmSync(path(`lab/${file}`)), mkdirSync(path(`lab/${file}`))),
      new RegExp(`✗ lab/${file}: it is a folder, not a file`),
    ] as const,
  ]),
];

for (const [title, spoil, says] of asFiles) {
  test(`check: ${title} is found`, async (t) => {
    const { pki, path } = desk(t);
    await pki('--out', 'lab');
    spoil(path);
    const { exitCode, stdout } = await pki('check', 'lab');
    t.is(exitCode, 1, stdout);
    t.regex(stdout.replaceAll(/\n {5}(?=\S)/g, ' '), says);
    t.regex(stdout, /✗ PROBLEMS FOUND: 1 in lab\n$/);
  });
}

test('check: what spoils nothing today is a warning, and the folder sound: a folder that its group may write into', async (t) => {
  const { pki, path } = desk(t);
  await pki('--out', 'lab');
  chmodSync(path('lab/pki'), 0o775);
  const { exitCode, stdout } = await pki('check', 'lab');
  t.is(exitCode, 0);
  t.regex(
    stdout,
    /! lab\/pki: users other than its owner can write to the folder \(mode 0775\)[^]+! NOTHING BROKEN, WARNINGS: 1 in lab\n$/,
  );
});

test('renew: in place, everything but CAs, kubelet.conf and the keys of service accounts', async (t) => {
  const { pki, path } = desk(t);
  await pki();
  const before = snapshot(path('kubernetes'));
  const { exitCode, stdout } = await pki('renew');
  t.is(exitCode, 0);
  t.regex(
    stdout,
    /✓ apiserver: renewed with a new key[^]+- kubelet\.conf: not renewed: the kubelet renews[^]+restarted/,
  );
  const after = snapshot(path('kubernetes'));
  t.deepEqual(namesIn(path('kubernetes')), tree);
  t.deepEqual(
    tree.filter((file) => before[file] === after[file] && !/^(?:kube|manif)[^.]*\//.test(file)),
    [
      'kubelet.conf',
      'pki/ca.crt',
      'pki/ca.key',
      'pki/etcd/ca.crt',
      'pki/etcd/ca.key',
      'pki/front-proxy-ca.crt',
      'pki/front-proxy-ca.key',
      'pki/sa.key',
      'pki/sa.pub',
    ],
  );
  for (const file of tree) t.is(after[file]?.slice(0, 3), before[file]?.slice(0, 3), file);
  t.is((await pki('check')).exitCode, 0);
  await pki('renew', 'admin.conf');
  const last = snapshot(path('kubernetes'));
  t.deepEqual(
    tree.filter((file) => last[file] !== after[file]),
    ['admin.conf'],
  );
});

withPeer(
  'faketime',
  'renew: refused once the CA has expired, and told when it expires within a year',
  async (t) => {
    const { pki, path } = desk(t);
    await pki('--out', 'lab');
    const before = snapshot(path('lab'));
    const later = async (years: string, ...words: readonly string[]) =>
      runProgram('faketime', ['-f', years, process.execPath, mainFile, 'kube', 'pki', ...words], {
        cwd: path(),
        env: wirelabEnvironment(),
      });
    const expired = await later('+11y', 'renew', 'apiserver', '--out', 'lab');
    t.deepEqual([expired.exitCode, expired.stdout], [2, '']);
    t.regex(
      expired.stderr,
      /certificates that ca signs now would not be trusted: it expired at[^]+where: lab\/pki\/ca\.crt/,
    );
    t.deepEqual(snapshot(path('lab')), before);
    const near = await later('+3600d', 'renew', 'apiserver', '--out', 'lab');
    t.is(near.exitCode, 0, near.stderr);
    t.regex(near.stdout, /✓ apiserver: renewed[^]+when its\s+CA expires[^]+! A CA expires within a year/);
  },
);

test('a link to a file is renewed behind the link', async (t) => {
  const { pki, path } = desk(t);
  await pki();
  renameSync(path('kubernetes/admin.conf'), path('real.conf'));
  symlinkSync('../real.conf', path('kubernetes/admin.conf'));
  const before = readFileSync(path('real.conf'), 'utf8');
  t.is((await pki('renew', 'admin.conf')).exitCode, 0);
  t.not(readFileSync(path('real.conf'), 'utf8'), before);
  t.is(snapshot(path('kubernetes'))['admin.conf'], 'no file');
});

const mistakes: readonly (readonly [words: readonly string[], says: RegExp])[] = [
  [['frobnicate'], /unknown action for kube pki[^]+check, renew/],
  [['__proto__'], /unknown action for kube pki/],
  [['check', 'nowhere'], /the folder does not exist/],
  [['check', 'empty'], /no certificate, key or kubeconfig/],
  [['check', 'lab', '--node', 'x'], /check does not accept --node/],
  [['check', 'lab', '--key-kind', 'P-256'], /check does not accept --key-kind/],
  [['renew', 'apiserver', 'etcd-peer', '--out', 'lab'], /received: renew apiserver etcd-peer/],
  [['renew', 'ca', '--out', 'lab'], /a CA is not renewed/],
  [['renew', 'kubelet.conf', '--out', 'lab'], /the kubelet renews its own/],
  [['renew', 'apiservr', '--out', 'lab'], /Did you mean apiserver\?/],
  [['renew', 'all', '--out', 'nowhere'], /the folder does not exist/],
  [['renew', 'all', '--out', 'empty'], /no certificate, key or kubeconfig/],
  [['renew', '--ip', '::1', '--out', 'lab'], /renew does not accept --ip/],
  [['--key-kind', 'Ed25519'], /--key-kind/],
  [['--ip', 'x'], /invalid value for --ip/],
  [['--out', 'file'], /this is a file, and not a folder\n {2}where: file\n/],
  [['--out', 'file/lab'], /this is a file, and not a folder\n {2}where: file\n/],
  ...(process.platform === 'linux'
    ? ([[['--out', '/proc/wirelab/x'], /cannot be written[^]+received: ENOENT/]] as const)
    : []),
];

test('a mistake: one message in each language, exit code 2, nothing on standard output, nothing written', async (t) => {
  const { pki, path, folder } = desk(t);
  await pki('--out', 'lab');
  mkdirSync(path('empty'));
  writeFileSync(path('file'), '');
  const before = snapshot(folder);
  for (const [words, says] of mistakes) {
    const { exitCode, stdout, stderr } = await pki(...words);
    t.deepEqual([exitCode, stdout], [2, ''], words.join(' '));
    t.regex(stderr, says, words.join(' '));
    t.regex((await pki(...words, '--lang', 'ko')).stderr, /[가-힣]/, words.join(' '));
  }
  const after = snapshot(folder);
  t.deepEqual(after, before);
  t.false(existsSync(path('nowhere')));
});

const validate = outputValidator();

test('every object of --json fits the schema', async (t) => {
  const { pki, path } = desk(t);
  const kinds: string[] = [];
  const ask = async (...words: readonly string[]): Promise<void> => {
    const { stdout, stderr } = await pki(...words, '--json');
    t.is(stdout.split('\n').length, 2, stderr);
    const data = JSON.parse(stdout) as { kind: string };
    const fits: boolean = validate(data);
    t.true(
      fits,
      `${words.join(' ')}: ${JSON.stringify(validate.errors?.filter(({ keyword }) => keyword !== 'oneOf' && keyword !== 'const'))}`,
    );
    kinds.push(data.kind);
  };
  await ask();
  await ask('check');
  rmSync(path('kubernetes/admin.conf'));
  writeFileSync(path('kubernetes/pki/apiserver.crt'), '\u202e\u0007');
  rmSync(path('kubernetes/pki/etcd/ca.key'));
  await ask('check');
  await ask('renew', 'front-proxy-client');
  t.deepEqual(kinds, ['kube-pki', 'kube-pki-check', 'kube-pki-check', 'kube-pki-renewal']);
});

// Hostile folders.

const hostile: readonly (readonly [
  title: string,
  prepare: (path: (...names: readonly string[]) => string) => void,
  says: RegExp,
])[] = [
  [
    'a link to itself',
    (path) => symlinkSync('loop.conf', path('lab/loop.conf')),
    /loop\.conf: the file cannot be read \(ELOOP\)/,
  ],
  [
    'a link to nothing',
    (path) => symlinkSync('nothing', path('lab/dangling.conf')),
    /dangling\.conf: the file does not exist/,
  ],
  [
    'a device',
    (path) => symlinkSync('/dev/zero', path('lab/zero.conf')),
    /zero\.conf: it is not a regular file/,
  ],
  [
    'a huge file',
    (path) => [writeFileSync(path('lab/huge.conf'), ''), truncateSync(path('lab/huge.conf'), 5_000_000_000)],
    /huge\.conf: the file is too large/,
  ],
  [
    'a huge certificate',
    (path) => truncateSync(path('lab/pki/apiserver.crt'), 5_000_000_000),
    /apiserver\.crt: the file is too large/,
  ],
  [
    'a link to a folder for a certificate',
    (path) => symlinkSync('.', path('lab/pki/x.crt')),
    /x\.crt: it is a folder/,
  ],
  [
    'bytes of no text',
    (path) =>
      writeFileSync(
        path('lab/pki/front-proxy-client.crt'),
        Uint8Array.from({ length: 5000 }, (_, at) => (at * 101) & 0xff),
      ),
    /front-proxy-client\.crt: the file contains no certificate/,
  ],
  [
    'a kubeconfig that names a device',
    (path) =>
      writeFileSync(
        path('lab/dev.conf'),
        readFileSync(path('lab/admin.conf'), 'utf8').replace(/client-key-data: .*/, 'client-key: /dev/zero'),
        { mode: 0o600 },
      ),
    /not a regular file/,
  ],
];

for (const [title, prepare, says] of hostile) {
  test(`a hostile folder is checked to its end, and not written into: ${title}`, async (t) => {
    const { pki, path } = desk(t);
    await pki('--out', 'lab');
    prepare(path);
    const { exitCode, stdout, stderr } = await pki('check', 'lab');
    t.is(exitCode, 1, stderr);
    t.regex(stdout, says);
    t.regex(stdout, /admin\.conf/, 'the rest is checked');
    t.is((await pki('check', 'lab', '--json')).exitCode, 1);
  });
}

test('folders that lead nowhere are mistakes', async (t) => {
  const { pki, path } = desk(t);
  mkdirSync(path('loop'));
  symlinkSync('pki', path('loop/pki'));
  mkdirSync(path('dangling'));
  symlinkSync('/nowhere/at/all', path('dangling/pki'));
  mkdirSync(path('etcd/pki'), { recursive: true });
  writeFileSync(path('etcd/pki/etcd'), '');
  for (const folder of ['loop', 'dangling', 'etcd']) {
    const { exitCode, stderr } = await pki('--out', folder);
    t.is(exitCode, 2, `${folder}: ${stderr}`);
    t.notRegex(stderr, /at .*\.js:\d/, folder);
  }
  const around = path('around');
  mkdirSync(around);
  symlinkSync('.', path('around/pki'));
  t.is((await pki('--out', 'around')).exitCode, 0, 'a link to the folder itself is a place like any other');
});

withPeer('mkfifo', 'a named pipe keeps nobody waiting, wherever it lies', async (t) => {
  const { pki, path } = desk(t);
  await pki('--out', 'lab');
  rmSync(path('lab/pki/ca.crt'));
  mkdirSync(path('lock'));
  for (const pipe of ['lab/pipe.conf', 'lab/pki/ca.crt', 'lock/.wirelab.lock'])
    t.is((await runProgram('mkfifo', [path(pipe)])).exitCode, 0);
  const { exitCode, stdout } = await pki('check', 'lab');
  t.is(exitCode, 1);
  t.regex(stdout, /ca\.crt: it is not a regular file[^]+pipe\.conf: it is not a regular file/);
  for (const words of [
    ['--out', 'lock'],
    ['--out', 'lab'],
    ['renew', 'apiserver', '--out', 'lab'],
  ]) {
    const answer = await pki(...words);
    t.deepEqual([answer.exitCode, answer.stdout], [2, ''], words.join(' '));
  }
});

// What others say.

withPeer('openssl', 'openssl verifies every certificate for its purposes, and for no other', async (t) => {
  const { pki, path } = desk(t);
  await pki(
    '--out',
    'lab',
    '--node',
    'cp1',
    '--ip',
    '192.0.2.10',
    '--ip',
    '2001:db8::10',
    '--san',
    'lab.example',
  );
  const openssl = async (...words: readonly string[]): Promise<string> => {
    const { exitCode, stdout, stderr } = await runProgram('openssl', words, { cwd: path('lab/pki') });
    return exitCode === 0 ? stdout : `failed: ${stderr}`;
  };
  const purposes: Readonly<Record<KubeadmUsage, string>> = {
    serverAuth: 'sslserver',
    clientAuth: 'sslclient',
  };
  const cluster = clusterOf({
    node: 'cp1',
    addresses: ['192.0.2.10', '2001:db8::10'],
    certSANs: ['lab.example'],
  });
  for (const row of kubeadmLeaves) {
    const authority = kubeadmAuthorities.find(({ name }) => name === row.authority)?.file;
    for (const [usage, purpose] of Object.entries(purposes)) {
      const verdict = await openssl(
        'verify',
        '-x509_strict',
        '-CAfile',
        `${authority}.crt`,
        '-purpose',
        purpose,
        `${row.file}.crt`,
      );
      if (row.usages.some((one) => one === usage)) t.is(verdict, `${row.file}.crt: OK\n`);
      else t.regex(verdict, /unsuitable certificate purpose/, `${row.name} ${purpose}`);
    }
    const text = await openssl(
      'x509',
      '-in',
      `${row.file}.crt`,
      '-noout',
      '-text',
      '-nameopt',
      'sname,sep_comma_plus',
    );
    const { commonName, organizations, usages, san } = leafFacts(row, cluster);
    t.regex(
      text,
      new RegExp(
        String.raw`Subject: ${[...organizations.map((one) => `O=${one}`), `CN=${commonName}`].join(',')}\n`,
      ),
      row.name,
    );
    t.regex(text, /X509v3 Key Usage: critical\n +Digital Signature, Key Encipherment\n/);
    t.regex(text, /X509v3 Basic Constraints: critical\n +CA:FALSE\n/);
    t.true(
      text.includes(
        usages
          .map(
            (usage) =>
              ({ serverAuth: 'TLS Web Server Authentication', clientAuth: 'TLS Web Client Authentication' })[
                usage as KubeadmUsage
              ],
          )
          .join(', '),
      ),
      row.name,
    );
    const names = /X509v3 Subject Alternative Name: ?\n +(.*)\n/.exec(text)?.[1] ?? '';
    t.is(names.replaceAll('IP Address:', 'IP:'), san.map(spelled).join(', '), row.name);
    const keys = [
      await openssl('x509', '-in', `${row.file}.crt`, '-noout', '-pubkey'),
      await openssl('pkey', '-in', `${row.file}.key`, '-pubout'),
    ];
    t.is(keys[0], keys[1], row.name);
  }
  for (const { file, commonName } of kubeadmAuthorities) {
    t.is(
      await openssl('verify', '-x509_strict', '-CAfile', `${file}.crt`, `${file}.crt`),
      `${file}.crt: OK\n`,
    );
    t.regex(
      await openssl('x509', '-in', `${file}.crt`, '-noout', '-text'),
      new RegExp(
        String.raw`Subject: CN ?= ?${commonName}\n[^]+Digital Signature, Key Encipherment, Certificate Sign\n[^]+CA:TRUE\n[^]+DNS:${commonName}\n`,
      ),
    );
  }
  t.is(await openssl('pkey', '-in', 'sa.key', '-pubout'), readFileSync(path('lab/pki/sa.pub'), 'utf8'));
});

/** An IPv6 address as openssl writes it. */
function spelled(name: string): string {
  if (!name.startsWith('IP:') || !name.slice(3).includes(':')) return name;
  const [head = '', tail = ''] = name.slice(3).split('::');
  const words = (part: string): string[] => part.split(':').filter((word) => word !== '');
  const zeros = Array.from({ length: 8 - words(head).length - words(tail).length }, () => '0');
  return `IP:${[...words(head), ...zeros, ...words(tail)].join(':').toUpperCase()}`;
}

withPeerAtLength(
  'openssl',
  'RSA on request: keys as kubeadm labels them, and openssl verifies what they sign',
  async (t) => {
    const { pki, path } = desk(t);
    const { exitCode } = await pki('--key-kind', 'RSA-2048');
    t.is(exitCode, 0);
    for (const { file } of kubeadmCertificates)
      t.regex(
        readFileSync(path('kubernetes/pki', `${file}.key`), 'utf8'),
        /^-{5}BEGIN RSA PRIVATE KEY-{5}\n/,
      );
    const { stdout } = await runProgram(
      'openssl',
      ['verify', '-CAfile', 'ca.crt', '-purpose', 'sslserver', 'apiserver.crt'],
      { cwd: path('kubernetes/pki') },
    );
    t.is(stdout, 'apiserver.crt: OK\n');
    t.is((await pki('check')).exitCode, 0);
  },
);

withPeer(
  ['kubectl', 'openssl'],
  'kubectl reads every kubeconfig, before and after it is renewed',
  async (t) => {
    const { pki, path } = desk(t);
    await pki('--out', 'lab', '--node', 'cp1', '--ip', '192.0.2.10', '--server', 'https://lab.example:6443');
    const kubectl = async (name: string, ...words: readonly string[]): Promise<string> => {
      const { exitCode, stdout, stderr } = await runProgram(
        'kubectl',
        ['--kubeconfig', path('lab', name), 'config', ...words],
        { env: { PATH: process.env['PATH'], HOME: path('home') } },
      );
      return exitCode === 0 ? stdout.trim() : `failed: ${stderr}`;
    };
    const cluster = clusterOf({
      node: 'cp1',
      addresses: ['192.0.2.10'],
      controlPlaneEndpoint: 'https://lab.example:6443',
    });
    for (const time of ['made', 'renewed']) {
      for (const row of shareOf(kubeadmKubeconfigs, 1)) {
        const { commonName, organizations } = leafFacts(row, cluster);
        t.is(await kubectl(row.name, 'current-context'), `${commonName}@kubernetes`);
        t.is(
          await kubectl(
            row.name,
            'view',
            '--minify',
            '-o',
            'jsonpath={.clusters[0].cluster.server} {.users[0].name} {.contexts[0].context.user}',
          ),
          `${cluster[row.endpoint]} ${commonName} ${commonName}`,
        );
        const data = async (field: string): Promise<Buffer> =>
          Buffer.from(
            // kubelet.conf names a file, with the certificate and the key in it.
            await kubectl(row.name, 'view', '--flatten', '--minify', '-o', `jsonpath={${field}}`),
            'base64',
          );
        t.deepEqual(
          await data('.clusters[0].cluster.certificate-authority-data'),
          readFileSync(path('lab/pki/ca.crt')),
        );
        const certificate = await data('.users[0].user.client-certificate-data');
        t.regex(
          (await data('.users[0].user.client-key-data')).toString(),
          /^-{5}BEGIN EC PRIVATE KEY-{5}\n/m,
        );
        const verdict = await runProgram(
          'openssl',
          ['verify', '-CAfile', path('lab/pki/ca.crt'), '-purpose', 'sslclient'],
          { input: certificate },
        );
        t.is(verdict.stdout, 'stdin: OK\n', `${time} ${row.name}`);
        const { stdout } = await runProgram(
          'openssl',
          ['x509', '-noout', '-subject', '-nameopt', 'sname,sep_comma_plus'],
          { input: certificate },
        );
        t.is(
          stdout.trim(),
          `subject=${[...organizations.map((one) => `O=${one}`), `CN=${commonName}`].join(',')}`,
        );
      }
      await pki('renew', '--out', 'lab');
    }
  },
);
