/**
 * The image, a class and a sidecar, for real: built by podman from this machine's own node, and run as pods. What podman has
 * nothing for is not tried here: NetworkPolicy, ResourceQuota, the standard "restricted", Services, and the Job with its account
 * (class/cluster.test.ts tries these against a control plane). Everything in one file, since the image takes half a minute.
 */
import anyTest from 'ava';
import type { ExecutionContext } from 'ava';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as yaml from 'yaml';
import { podmanOf, podmanPeers, traces } from '../helpers/podman.ts';
import type { Podman } from '../helpers/podman.ts';
import { runProgram, withPeer } from '../helpers/peer.ts';
import { askWirelab } from '../helpers/wirelab.ts';

const root = resolve(import.meta.dirname, '../../..');

const withPodman = (title: string, run: (t: ExecutionContext) => Promise<void>): void =>
  withPeer([...podmanPeers, 'kubectl', 'tshark'], title, run);

/** Again until it succeeds, as a person does while pods start. */
async function eventually(what: () => Promise<boolean>): Promise<void> {
  for (let left = 300; !(await what()); left--) {
    if (left === 0) throw new Error('it did not come to that');
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

const curl = 'curl -sS --cacert /certificates/ca.crt';
const shown = '--cert /certificates/tls.crt --key /certificates/tls.key';
const login = '-d "user=alice&password=tiger-lily"';

/** What is recorded in a pod, as a file here, once all is in it: a recording is behind by a second at most. */
async function captureOf(
  podman: Podman,
  container: string,
  isWhole: (file: string) => Promise<boolean>,
): Promise<string> {
  const file = join(podman.folder, `${container}.pcapng`);
  await eventually(async () => {
    // In base64: standard output is read as text.
    const said = await podman.said(['exec', container, 'sh', '-c', 'cat /captures/*.partial | base64']);
    writeFileSync(file, Buffer.from(said, 'base64'));
    return isWhole(file);
  });
  return file;
}

/** By port of the client: the payload of each connection to a port, in hexadecimal, as tshark reads it. */
async function payloads(file: string, port: number): Promise<ReadonlyMap<string, string>> {
  const fields = ['-T', 'fields', '-e', 'tcp.srcport', '-e', 'tcp.dstport', '-e', 'tcp.payload'];
  const { stdout } = await runProgram('tshark', [
    '-r',
    file,
    '-Y',
    `tcp.port == ${port} && tcp.len > 0`,
    ...fields,
  ]);
  const all = new Map<string, string>();
  for (const line of stdout.split('\n').filter(Boolean)) {
    const [from = '', to = '', bytes = ''] = line.split('\t');
    const key = from === String(port) ? `${to} ←` : `${from} →`;
    all.set(key, (all.get(key) ?? '') + bytes);
  }
  return all;
}

const hex = (text: string): string => Buffer.from(text).toString('hex');

let known: { readonly podman: Podman; readonly image: Promise<string> } | undefined;

async function prepared(): Promise<{ readonly podman: Podman; readonly image: string }> {
  if (!known) {
    const podman = podmanOf();
    known = { podman, image: podman.image() };
  }
  return { podman: known.podman, image: await known.image };
}

anyTest.after.always(async () => known?.podman.end());

withPodman('the image runs as a user, on a read-only root file system, without network', async (t) => {
  const { podman, image } = await prepared();
  const script = `id -u; touch /opt/x 2>/dev/null || echo read-only
    wirelab run mtls --no-tui >/tmp/said && echo proven
    wirelab certs ca && openssl x509 -in ca.crt -noout -subject
    curl --version | head -n 1 | cut -d ' ' -f 1
    find / -xdev \\( -name '*.test.js' -o -name npm -o -name 'ca-certificates.crt' -o -name '.git' \\) 2>/dev/null`;
  const said = await podman.said(
    [
      'run',
      '--rm',
      '--read-only',
      '--network',
      'none',
      '--cap-drop',
      'all',
      '--security-opt',
      'no-new-privileges',
      '--tmpfs',
      '/home/learner:mode=1777',
      image,
      'sh',
      '-c',
      script,
    ], // prettier-ignore
  );
  const lines = said
    .split('\n')
    .filter((line) => /^(?:\d+|read-only|proven|subject=.*|curl|\/.*)$/.test(line));
  t.deepEqual(lines, ['10001', 'read-only', 'proven', 'subject=CN=Local CA', 'curl'], said);
});

withPodman('the image is small', async (t) => {
  const { podman, image } = await prepared();
  const bytes = Number(await podman.said(['image', 'inspect', '--format', '{{.Size}}', image]));
  t.true(bytes > 0 && bytes < 250e6, `${bytes} bytes`);
});

withPodman(
  'a class of two: the login goes through the proxy and is recorded, a lab is done, and nothing stays',
  async (t) => {
    const { podman, image } = await prepared();
    const folder = join(podman.folder, 'class');
    const list = join(podman.folder, 'learners.txt');
    writeFileSync(list, 'anna\nanna-b\n');
    const made = await askWirelab([
      'class',
      'manifests',
      '--learners',
      list,
      '--for',
      'podman',
      '--image',
      image,
      '--out',
      folder,
    ]);
    t.is(made.exitCode, 0, made.stderr);
    const env = { ...podman.env, PODMAN: podman.engine };
    const up = await runProgram('sh', [join(folder, 'up.sh')], { env, timeout: 240_000 });
    t.is(up.exitCode, 0, up.stderr);
    const inPod = async (learner: string, script: string): Promise<string> =>
      (await podman.run(['exec', `${learner}-client-pod-client`, 'sh', '-c', `{ ${script}\n} 2>&1`])).stdout;
    for (const learner of ['anna', 'anna-b']) {
      await eventually(async () =>
        (await inPod(learner, `${curl} ${shown} https://proxy:8443/`)).startsWith('The shop'),
      );
      t.is(await inPod(learner, `${curl} ${shown} ${login} https://proxy:8443/login`), 'Welcome, alice\n');
      t.regex(await inPod(learner, `${curl} ${login} https://proxy:8443/login`), /certificate required/);
      const capture = await captureOf(podman, `${learner}-proxy-pod-proxy`, async (file) =>
        (await askWirelab(['inspect', '--json', file])).stdout.includes('certificate_missing'),
      );
      const behind = [...(await payloads(capture, 8080)).values()].join('');
      const before = [...(await payloads(capture, 8443)).values()].join('');
      t.is(
        behind.split(hex('password=tiger-lily')).length - 1,
        1,
        'the login of the client with a certificate alone',
      );
      t.true(before.length > 0 && !before.includes(hex('tiger-lily')));
      // Root and its file system are somebody else's.
      t.is(
        await inPod(learner, 'id -u; touch /x /opt/x /usr/x || true; grep NoNewPrivs /proc/1/status'),
        `10001
${['/x', '/opt/x', '/usr/x'].map((path) => `touch: ${path}: Read-only file system\n`).join('')}NoNewPrivs:\t1\n`,
      );
    }
    // Each has a folder and a network of its own.
    await inPod('anna', 'echo mine >/home/learner/mine');
    t.is(await inPod('anna-b', 'ls /home/learner'), '');
    t.regex(await inPod('anna', 'nslookup anna-b-proxy-pod'), /NXDOMAIN|can't find/);
    // Certificates of one are no good at another's proxy.
    t.is(
      (await inPod('anna', 'sha256sum /certificates/tls.key | cut -c 1-64')) ===
        (await inPod('anna-b', 'sha256sum /certificates/tls.key | cut -c 1-64')),
      false,
    );
    const lab = await inPod(
      'anna',
      `(exec wirelab lab be-a-ca >/tmp/lab.txt 2>&1) & lab=$!
    for i in $(seq 50); do [ -f lab-be-a-ca/README.md ] && break; sleep 0.2; done; sleep 1
    cd lab-be-a-ca && wirelab lab check | grep 'tasks done'; kill $lab`,
    );
    t.regex(lab, /^0 of 4 tasks done\.$/m);
    const down = await runProgram('sh', [join(folder, 'down.sh')], { env, timeout: 240_000 });
    t.is(down.exitCode, 0, down.stderr);
    const left = await podman.said(['ps', '--all', '--format', '{{.Names}}']);
    t.notRegex(left, /anna/);
    await traces(t, podman, /anna/);
  },
);

withPodman('a sidecar in each pod: plaintext inside, the same mutual TLS bytes seen from both', async (t) => {
  const { podman } = await prepared();
  const overlay = await runProgram('kubectl', [
    'kustomize',
    join(root, 'deploy', 'overlays', 'sidecar-podman'),
  ]);
  t.is(overlay.exitCode, 0, overlay.stderr);
  const secrets = await askWirelab(['class', 'certificates', '--print']);
  t.is(secrets.exitCode, 0, secrets.stderr);
  const file = join(podman.folder, 'sidecar.yaml');
  const kinds = yaml
    .parseAllDocuments(overlay.stdout)
    .map((document) => (document.toJS() as { readonly kind: string }).kind);
  t.false(kinds.includes('Job'));
  writeFileSync(file, overlay.stdout + secrets.stdout);
  await podman.said(['network', 'create', '--internal', 'sidecar']);
  await podman.said(['kube', 'play', '--build=false', '--network', 'sidecar', file]);
  const inClient = async (script: string): Promise<string> =>
    (await podman.run(['exec', 'client-pod-client', 'sh', '-c', `{ ${script}\n} 2>&1`])).stdout;
  await eventually(async () => (await inClient('curl -sS http://127.0.0.1:9000/')).startsWith('The shop'));
  t.is(await inClient(`curl -sS ${login} http://127.0.0.1:9000/login`), 'Welcome, alice\n');
  // Without the sidecar: no certificate, and no plaintext from outside the pod.
  t.regex(await inClient(`curl -sSk ${login} https://server:8443/login`), /certificate required/);
  t.regex(await inClient('curl -sS http://server:8080/'), /Could not connect/);
  const readable = async (capture: string, port: number): Promise<boolean> =>
    [...(await payloads(capture, port)).values()].join('').includes(hex('password=tiger-lily'));
  // The refusal came last; of it the client's sidecar knows nothing.
  const server = await captureOf(podman, 'server-pod-sidecar', async (capture) =>
    (await askWirelab(['inspect', '--json', capture])).stdout.includes('certificate_missing'),
  );
  const received = await payloads(server, 8443);
  const client = await captureOf(podman, 'client-pod-sidecar', async (capture) => {
    const known = await payloads(capture, 8443);
    const length = (bytes: string | undefined): number => bytes?.length ?? 0;
    return (
      known.size === received.size - 2 &&
      [...known].every(([direction, bytes]) => length(bytes) === length(received.get(direction)))
    );
  });
  const sent = await payloads(client, 8443);
  t.true(sent.size >= 4, `${sent.size} directions`);
  for (const [direction, bytes] of sent) {
    t.is(received.get(direction), bytes, direction);
    t.false(bytes.includes(hex('tiger-lily')));
  }
  t.true(await readable(client, 9000));
  t.true(await readable(server, 8080));
  // Each capture is one pod's.
  t.is((await payloads(client, 8080)).size + (await payloads(server, 9000)).size, 0);
  await podman.said(['kube', 'down', '--force', file]);
  await podman.said(['volume', 'rm', '--force', 'server', 'proxy-certificate', 'client-certificate']);
  await podman.said(['network', 'rm', 'sidecar']);
  await traces(t, podman, /^(?:client|server|proxy|work|tmp|sidecar)/);
});
