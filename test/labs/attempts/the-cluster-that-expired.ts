import { once } from 'node:events';
import { createServer } from 'node:tls';
import type { Socket } from 'node:net';
import { systemClock } from '../../../src/core/clock.ts';
import { apiClient } from '../../../src/kube/components/api-client.ts';
import { objectAt, textAt } from '../../../src/kube/objects/json.ts';
import { kubeconfigIn } from '../../../src/labs/hold/control-plane-files.ts';
import type { LabEvent } from '../../../src/labs/hold/holding.ts';
import type { ProcessName } from '../../../src/labs/hold/static-pod.ts';
import { copyHidden, forgeRecords, keptFile, whileItRuns, wirelab } from '../support/attempts.ts';
import type { Attempts, HeldBench, Play, WrongAttempt } from '../support/attempts.ts';
import type { Learner } from '../support/learner.ts';

type Up = Extract<LabEvent, { kind: 'control-plane' }>;
const isUp = (told: LabEvent): told is Up => told.kind === 'control-plane';
const isProcess =
  (process: ProcessName, ...states: readonly string[]) =>
  (told: LabEvent): boolean =>
    told.kind === 'process' && told.process === process && states.includes(told.state);

const wrong = (play: Play<HeldBench>, says: RegExp): WrongAttempt<HeldBench> => ({ play, says });
const [server, manager] = ['kube-apiserver', 'kube-controller-manager'] as const;

/** Away and back; it starts, or says why not. */
async function restart({ learner, held }: HeldBench, ...processes: readonly ProcessName[]): Promise<void> {
  for (const process of processes) {
    const from = held.events.length;
    await learner.run(`mv manifests/${process}.yaml . && mv ${process}.yaml manifests/`);
    await held.until(isProcess(process, 'started', 'failed'), from);
  }
}

/** Away, and not back. */
async function stop({ learner, held }: HeldBench, process: ProcessName): Promise<void> {
  const from = held.events.length;
  await learner.run(`mv manifests/${process}.yaml .`);
  await held.until(isProcess(process, 'ended'), from);
}

const renew = async ({ learner }: HeldBench, what: string): Promise<void> =>
  wirelab(learner, `kube pki renew ${what} --out .`);

async function withServer(bench: HeldBench): Promise<void> {
  await renew(bench, 'apiserver');
  await restart(bench, server);
}

/** With the API server renewed first. */
const then =
  (play: Play<HeldBench>): Play<HeldBench> =>
  async (bench) => {
    await withServer(bench);
    return play(bench);
  };

/** Signed by the cluster's CA, or another, for FILE.key. */
const signed = (file: string, subject: string, extensions: readonly string[], ca = 'pki/ca'): string =>
  `printf '%s\\n' ${extensions.map((one) => `'${one}'`).join(' ')} > own.ext && openssl req -new -key ${file}.key -subj '${subject}' -out own.csr && openssl x509 -req -in own.csr -CA ${ca}.crt -CAkey ${ca}.key -set_serial 0x$(openssl rand -hex 8) -days 9 -extfile own.ext -out ${file}.crt`;

const rsa = (file: string): string =>
  `openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out ${file}.key`;
const [names, serves, asks] = [
  'subjectAltName=DNS:kubernetes,IP:127.0.0.1',
  'extendedKeyUsage=serverAuth',
  'extendedKeyUsage=clientAuth',
] as const;
const administrator = '/O=kubeadm:cluster-admins/CN=kubernetes-admin';

/** A kubeconfig with another certificate and key in it, from FILE.crt and FILE.key. */
const holding = (conf: string, file: string, into = conf): string =>
  `sed -e "s|\\(client-certificate-data: \\).*|\\1$(openssl base64 -A -in ${file}.crt)|" -e "s|\\(client-key-data: \\).*|\\1$(openssl base64 -A -in ${file}.key)|" ${conf} > new.conf && mv new.conf ${into}`;

const served =
  (extensions: readonly string[]): Play<HeldBench> =>
  async (bench) => {
    await bench.learner.run(signed('pki/apiserver', '/CN=kube-apiserver', extensions));
    await restart(bench, server);
  };

/** An impostor at the port of the API server, which does not run. */
const impostor: Play<HeldBench> = async (bench) => {
  const { learner, held } = bench;
  await renew(bench, 'all');
  await stop(bench, server);
  // Also those that are still in their handshake at the end.
  const sockets = new Set<Socket>();
  const program = createServer(
    { cert: learner.read('pki/apiserver.crt'), key: learner.read('pki/apiserver.key') },
    (socket) =>
      void socket
        .on('error', () => {})
        .resume()
        .end(
          'HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 104\r\n\r\n{"status":{"userInfo":{"username":"kubernetes-admin","groups":["kubeadm:cluster-admins"],"uid":"00000"}}}',
        ),
  );
  program.on('tlsClientError', () => {});
  program.on('connection', (socket: Socket) => void sockets.add(socket.on('error', () => {})));
  program.listen(Number(new URL(held.events.findLast(isUp)?.url ?? '').port), '127.0.0.1');
  await once(program, 'listening');
  return async () => {
    program.close();
    for (const socket of sockets) socket.destroy();
    await once(program, 'close');
  };
};

const forged = wrong(({ learner }) => forgeRecords(learner), /^refused certificate_expired /);

/** What a kubeconfig is not to be; the file is named. */
function badKubeconfigs(file: string): Readonly<Record<string, WrongAttempt<HeldBench>>> {
  const renewed = (play: (learner: Learner, good: string) => unknown): Play<HeldBench> =>
    then(async (bench) => {
      await renew(bench, 'admin.conf');
      await play(bench.learner, bench.learner.read('admin.conf'));
    });
  return {
    'records that say that all is done': forged,
    'what lies hidden in the folder': wrong(
      then(async ({ learner }) => copyHidden(learner, file)),
      /^unreadable_file /,
    ),
    'the certificate with which a check asks, as the lab keeps it': wrong(
      then(async ({ learner }) =>
        learner.run(
          `cp ${keptFile(learner, 'examiner', 'crt')} own.crt && cp ${keptFile(learner, 'examiner', 'key')} own.key && ${holding('admin.conf', 'own', file)}`,
        ),
      ),
      /^wrong_user .*CN=examiner, O=system:masters/,
    ),
    'the one for emergencies': wrong(
      then(async (bench) => {
        await renew(bench, 'super-admin.conf');
        await bench.learner.run(`cp super-admin.conf ${file}`);
      }),
      /^wrong_user .*O=system:masters/,
    ),
    'nobody verified': wrong(
      renewed((learner, good) =>
        learner.write(
          file,
          good.replace(/ {4}certificate-authority-data: .*/, '    insecure-skip-tls-verify: true'),
        ),
      ),
      /^unverified /,
    ),
    'another CA believed': wrong(
      renewed((learner, good) =>
        learner.write(
          file,
          good.replace(
            /(certificate-authority-data: ).*/,
            (_, key: string) => `${key}${Buffer.from(learner.read('pki/etcd/ca.crt')).toString('base64')}`,
          ),
        ),
      ),
      /^refused unknown_ca /,
    ),
    'another address': wrong(
      renewed((learner, good) => learner.write(file, good.replace(/127\.0\.0\.1:\d+/, 'localhost:6443'))),
      /^not_met .*another server address/,
    ),
    'a link to itself': wrong(
      then(({ learner }) => learner.run(`rm ${file} && ln -s ${file} ${file}`)),
      /^unreadable_file .*cannot be read/,
    ),
    'a named pipe': wrong(
      then(({ learner }) => learner.run(`rm ${file} && mkfifo ${file}`)),
      /^unreadable_file .*not a file/,
    ),
    'somebody else’s program at the port of the API server': wrong(async (bench) => {
      const undo = await impostor(bench);
      await bench.learner.run('cp admin.conf my-config.conf');
      return undo;
    }, /^no_api_server .*kube-apiserver\.yaml/),
  };
}

/** What holds of any kubeconfig need not be tried with each. */
function onlyOf<Row>(rows: Readonly<Record<string, Row>>, ...titles: readonly string[]): Record<string, Row> {
  return Object.fromEntries(Object.entries(rows).filter(([title]) => titles.includes(title)));
}

const goodKubeconfigs = (file: string): Readonly<Record<string, Play<HeldBench>>> => ({
  'RSA, by openssl, in files that it names': then(async ({ learner }) => {
    await learner.run(`${rsa('own')} && ${signed('own', administrator, [asks])}`);
    learner.write(
      file,
      learner
        .read('admin.conf')
        .replace(/client-certificate-data: .*/, 'client-certificate: own.crt')
        .replace(/client-key-data: .*/, 'client-key: own.key'),
    );
  }),
  'by openssl, for the old key': then(async ({ learner }) => {
    await learner.run(
      `sed -n 's/.*client-key-data: //p' admin.conf | openssl base64 -d -A > own.key && ${signed('own', administrator, [asks])} && ${holding('admin.conf', 'own', file)}`,
    );
  }),
});

/** As a user with all rights. */
async function apiOf({
  learner,
  held,
}: HeldBench): Promise<
  (method: string, path: string, body?: unknown) => Promise<Readonly<Record<string, unknown>>>
> {
  await wirelab(learner, 'kube pki renew super-admin.conf --out .');
  const { authority = '', identity } = kubeconfigIn(learner.folder, 'super-admin.conf');
  if (!identity) throw new Error('super-admin.conf holds no certificate');
  const api = apiClient({
    to: { host: '127.0.0.1', port: Number(new URL(held.events.findLast(isUp)?.url ?? '').port) },
    authorities: [authority],
    identity,
    clock: systemClock,
    userAgent: 'test',
  });
  return async (method, path, body) =>
    (
      await api.call(
        method,
        `/apis/certificates.k8s.io/v1/certificatesigningrequests${path}`,
        new AbortController().signal,
        body,
      )
    ).body;
}

/** Waits until a request has been signed. */
const signedAfter =
  (play: Play<HeldBench>): Play<HeldBench> =>
  async (bench) => {
    const from = bench.held.events.length;
    await play(bench);
    await bench.held.until((told) => told.kind === 'signed' && told.failed === undefined, from);
  };

export const theClusterThatExpired: Attempts<HeldBench> = {
  lab: 'the-cluster-that-expired',
  peers: ['openssl'],
  ...whileItRuns(isUp),
  tasks: {
    'renew-the-server': {
      wrong: {
        'records that say that all is done': forged,
        'what lies hidden in the folder, as certificate and key': wrong(async (bench) => {
          await copyHidden(bench.learner, 'pki/apiserver.crt', 'pki/apiserver.key');
          await restart(bench, server);
        }, /^no_api_server .*kube-apiserver\.yaml/),
        'the certificate of yesterday’s API server, as the lab keeps it': wrong(async (bench) => {
          const { learner } = bench;
          await learner.run(
            `cp ${keptFile(learner, 'apiserver-of-yesterday', 'crt')} pki/apiserver.crt && cp ${keptFile(learner, 'apiserver-of-yesterday', 'key')} pki/apiserver.key`,
          );
          await restart(bench, server);
        }, /^refused unknown_ca /),
        'a program of the learner’s own at the port of the API server': wrong(
          impostor,
          /^no_api_server .*kube-apiserver\.yaml/,
        ),
        'a new file, and nobody who has read it': wrong(
          async (bench) => renew(bench, 'apiserver'),
          /^not_restarted /,
        ),
        'without the address at which it is called': wrong(
          served(['subjectAltName=DNS:kubernetes', serves]),
          /^refused name_mismatch /,
        ),
        'a certificate for clients': wrong(served([names, asks]), /^refused wrong_usage /),
        'of another CA of the cluster’s': wrong(async (bench) => {
          await bench.learner.run(
            signed('pki/apiserver', '/CN=kube-apiserver', [names, serves], 'pki/etcd/ca'),
          );
          await restart(bench, server);
        }, /^refused unknown_ca /),
        'a CA made anew': wrong(async (bench) => {
          await wirelab(bench.learner, 'kube pki --out anew');
          await bench.learner.run('cp -r anew/pki .');
          await restart(bench, server);
        }, /^refused (?:unknown_ca|bad_signature) /),
        'a manifest that is a link to itself': wrong(async (bench) => {
          await withServer(bench);
          await stop(bench, server);
          await bench.learner.run(`ln -s ${server}.yaml manifests/${server}.yaml`);
        }, /^no_api_server .*kube-apiserver\.yaml/),
      },
      right: {
        'renewed as kubeadm does it': withServer,
        'all at once': async (bench) => {
          await renew(bench, 'all');
          await restart(bench, server, manager);
        },
        'RSA, in other files, which the manifest names': async (bench) => {
          const { learner, held } = bench;
          await learner.run(`${rsa('new')} && ${signed('new', '/CN=x', [names, serves])}`);
          const from = held.events.length;
          learner.edit(
            `manifests/${server}.yaml`,
            /pki\/apiserver\.(crt|key)[^]*pki\/apiserver\.key/,
            'new.crt\n        - --tls-private-key-file=/etc/kubernetes/new.key',
          );
          await held.until(isProcess(server, 'started'), from);
        },
      },
    },
    'renew-the-administrator': {
      wrong: badKubeconfigs('admin.conf'),
      right: {
        ...goodKubeconfigs('admin.conf'),
        'renewed as kubeadm does it': then(async (bench) => renew(bench, 'admin.conf')),
      },
    },
    'replace-your-copy': {
      wrong: {
        ...onlyOf(
          badKubeconfigs('my-config.conf'),
          'records that say that all is done',
          'what lies hidden in the folder',
          'the one for emergencies',
          'nobody verified',
          'a link to itself',
        ),
        'the original alone': wrong(
          then(async (bench) => renew(bench, 'admin.conf')),
          /^refused certificate_expired .*my-config\.conf/,
        ),
        'copied the other way round': wrong(
          then(async (bench) => {
            await renew(bench, 'admin.conf');
            await bench.learner.run('cp my-config.conf admin.conf');
          }),
          /^refused certificate_expired /,
        ),
      },
      right: {
        ...goodKubeconfigs('my-config.conf'),
        'a link to the original': then(async (bench) => {
          await renew(bench, 'admin.conf');
          await bench.learner.run('ln -sf admin.conf my-config.conf');
        }),
        'a hard link': then(async (bench) => {
          await renew(bench, 'admin.conf');
          await bench.learner.run('ln -f admin.conf my-config.conf');
        }),
      },
    },
    'wake-the-controller-manager': {
      wrong: {
        'records that say that all is done': forged,
        'what lies hidden in the folder, as its file': wrong(
          then(async (bench) => {
            await copyHidden(bench.learner, 'controller-manager.conf');
            await restart(bench, manager);
          }),
          /^unreadable_file .*controller-manager\.conf/,
        ),
        'restarted with what it had': wrong(
          then(async (bench) => restart(bench, manager)),
          /^not_issued certificate_expired /,
        ),
        'renewed, and not restarted': wrong(
          then(async (bench) => renew(bench, 'controller-manager.conf')),
          /^not_restarted /,
        ),
        'signed by hand, and written into the request': wrong(
          then(async (bench) => {
            const { learner } = bench;
            const api = await apiOf(bench);
            const alice = await api('GET', '/alice');
            learner.write('alice.csr', Buffer.from(textAt(alice, 'spec', 'request'), 'base64').toString());
            await learner.run(
              'openssl x509 -req -in alice.csr -CA pki/ca.crt -CAkey pki/ca.key -set_serial 0x77 -days 9 -out alice.crt',
            );
            await api('PUT', '/alice/status', {
              ...alice,
              status: {
                ...objectAt(alice, 'status'),
                certificate: Buffer.from(learner.read('alice.crt')).toString('base64'),
              },
            });
          }),
          /^not_issued certificate_expired .*created and approved just now/,
        ),
        'a certificate of hers that lies in the folder': wrong(
          then(async ({ learner }) => learner.run(`cp ${keptFile(learner, 'alice', 'crt')} alice.crt`)),
          /^not_issued certificate_expired /,
        ),
        'the request taken away': wrong(
          then(async (bench) => (await apiOf(bench))('DELETE', '/alice')),
          /^not_met .*the request is gone/,
        ),
        'at work, with another CA': wrong(
          then(
            signedAfter(async (bench) => {
              const { learner, held } = bench;
              await renew(bench, 'controller-manager.conf');
              const from = held.events.length;
              learner.edit(
                `manifests/${manager}.yaml`,
                /pki\/ca\.crt([^]*)pki\/ca\.key/,
                'pki/etcd/ca.crt$1pki/etcd/ca.key',
              );
              await held.until(isProcess(manager, 'started'), from);
            }),
          ),
          /^not_met .*another CA/,
        ),
      },
      right: {
        'renewed as kubeadm does it': then(
          signedAfter(async (bench) => {
            await renew(bench, 'controller-manager.conf');
            await restart(bench, manager);
          }),
        ),
        'RSA, by openssl, in another file, which the manifest names': then(
          signedAfter(async (bench) => {
            const { learner, held } = bench;
            await learner.run(
              `${rsa('own')} && ${signed('own', '/CN=system:kube-controller-manager', [asks])} && ${holding('controller-manager.conf', 'own', 'other.conf')}`,
            );
            const from = held.events.length;
            learner.edit(`manifests/${manager}.yaml`, 'controller-manager.conf', 'other.conf');
            await held.until(isProcess(manager, 'started'), from);
          }),
        ),
        'all at once': signedAfter(async (bench) => {
          await renew(bench, 'all');
          await restart(bench, server, manager);
        }),
      },
    },
  },
};
