import { holdsCertificate } from '../../../src/labs/checks/server-certificate.ts';
import { askUp } from '../../../src/labs/hold/claim.ts';
import type { LabEvent } from '../../../src/labs/hold/holding.ts';
import { isOf } from '../../../src/labs/hold/rotation-clients.ts';
import type { ClientState } from '../../../src/labs/hold/rotation-clients.ts';
import type { ProcessName } from '../../../src/labs/hold/static-pod.ts';
import { pemCertificates } from '../../../src/pki/keystore/pem.ts';
import { copyHidden, forgeRecords, keptFile, whileItRuns, wirelab } from '../support/attempts.ts';
import type { Attempts, HeldBench, Play, WrongAttempt } from '../support/attempts.ts';
import type { Learner } from '../support/learner.ts';

type Up = Extract<LabEvent, { kind: 'control-plane' }>;
export const isUp = (told: LabEvent): told is Up => told.kind === 'control-plane';
export const isProcess =
  (process: ProcessName, ...states: readonly string[]) =>
  (told: LabEvent): boolean =>
    told.kind === 'process' && told.process === process && states.includes(told.state);
/** @param state of a client that uses the API server all the time. */
export const isClient =
  (client: string, state: string) =>
  (told: LabEvent): boolean =>
    told.kind === 'client' && told.news.client === client && told.news.state === state;

const wrong = (play: Play<HeldBench>, says: RegExp): WrongAttempt<HeldBench> => ({ play, says });
export const [server, manager] = ['kube-apiserver', 'kube-controller-manager'] as const;
const kubeconfigs = ['admin', 'my-config', 'controller-manager', 'scheduler', 'kubelet'] as const;
type Kubeconfig = (typeof kubeconfigs)[number];

/** Flags of a process, as they are from now on; it has started with them, or says why not. */
export async function flags(
  { learner, held }: HeldBench,
  process: ProcessName,
  values: Readonly<Record<string, string>>,
): Promise<void> {
  const from = held.events.length;
  const file = `manifests/${process}.yaml`;
  const text = Object.entries(values).reduce(
    (before, [flag, value]) => before.replace(new RegExp(`--${flag}=.*`), `--${flag}=${value}`),
    learner.read(file),
  );
  learner.write(file, text);
  await held.until(isProcess(process, 'started', 'failed'), from);
}

/** Its files are read anew. */
export async function restart({ learner, held }: HeldBench, process: ProcessName): Promise<void> {
  const from = held.events.length;
  await learner.run(`touch manifests/${process}.yaml`);
  await held.until(isProcess(process, 'started', 'failed'), from);
}

/** Waits until each of the clients is so. */
export async function everybody(
  { learner, held }: HeldBench,
  isSo: (client: ClientState) => boolean,
): Promise<void> {
  for (;;) {
    const from = held.events.length;
    const clients = (await askUp(learner.folder))?.answer?.clients;
    if (clients?.every(isSo)) return;
    await held.until((told) => told.kind === 'client', from);
  }
}

export const trusts =
  (count: number) =>
  ({ authority }: ClientState): boolean =>
    pemCertificates(authority).length === count;
export const trustsNew =
  (learner: Learner) =>
  ({ authority }: ClientState): boolean =>
    holdsCertificate(authority, pemCertificates(learner.read('pki/new-ca.crt'))[0]);
export const showsNew =
  (learner: Learner) =>
  ({ certificate }: ClientState): boolean =>
    certificate === undefined || isOf(certificate, learner.read('pki/new-ca.crt'));

/** next/ is another cluster's folder; its CA is the new one here. */
export async function makeNew({ learner }: HeldBench): Promise<void> {
  await wirelab(learner, 'kube pki --out next');
  await learner.run(
    "cp next/pki/ca.crt pki/new-ca.crt && cp next/pki/ca.key pki/new-ca.key && cat pki/ca.crt pki/new-ca.crt > pki/ca-bundle.crt && cp next/admin.conf next/my-config.conf && pem=next/kubelet/pki/kubelet-client-current.pem && printf 'client-certificate-data: %s\\nclient-key-data: %s\\n' $(openssl x509 -in $pem | openssl base64 -A) $(openssl pkey -in $pem | openssl base64 -A) > next/kubelet.conf",
  );
}

/** Kubeconfigs trust the CAs of a file. */
export async function believing(
  { learner }: HeldBench,
  file: string,
  names: readonly Kubeconfig[] = kubeconfigs,
): Promise<void> {
  await learner.run(
    `for name in ${names.join(' ')}; do sed "s|\\(certificate-authority-data: \\).*|\\1$(openssl base64 -A -in ${file})|" $name.conf > new.conf && mv new.conf $name.conf; done`,
  );
}

/** Kubeconfigs show the certificates of those in another folder. */
export async function showing(
  { learner }: HeldBench,
  from: string,
  names: readonly Kubeconfig[] = kubeconfigs,
): Promise<void> {
  await learner.run(
    `for name in ${names.join(' ')}; do sed -e "s|\\(client-certificate-data: \\).*|\\1$(sed -n 's/.*client-certificate-data: //p' ${from}/$name.conf)|" -e "s|\\(client-key-data: \\).*|\\1$(sed -n 's/.*client-key-data: //p' ${from}/$name.conf)|" $name.conf > new.conf && mv new.conf $name.conf; done`,
  );
}

const bundle = 'pki/ca-bundle.crt';
const fresh = 'pki/new-ca.crt';
const signing = {
  'cluster-signing-cert-file': fresh,
  'cluster-signing-key-file': 'pki/new-ca.key',
} as const;

export async function trustBoth(bench: HeldBench): Promise<void> {
  await makeNew(bench);
  await believing(bench, bundle);
  await flags(bench, manager, { 'root-ca-file': bundle });
  await flags(bench, server, { 'client-ca-file': bundle });
  await everybody(bench, trusts(2));
}

export async function newServer(bench: HeldBench): Promise<void> {
  await bench.learner.run('cp next/pki/apiserver.crt next/pki/apiserver.key pki/');
  await restart(bench, server);
}

export async function newClients(bench: HeldBench): Promise<void> {
  await showing(bench, 'next');
  await flags(bench, manager, signing);
  await everybody(bench, showsNew(bench.learner));
}

export async function takeOut(bench: HeldBench): Promise<void> {
  await believing(bench, fresh);
  await flags(bench, manager, { 'root-ca-file': fresh });
  await flags(bench, server, { 'client-ca-file': fresh });
  await everybody(bench, (client) => trusts(1)(client) && client.served);
}

const after =
  (...before: readonly Play<HeldBench>[]) =>
  (play: Play<HeldBench>): Play<HeldBench> =>
  async (bench) => {
    for (const one of before) await one(bench);
    return play(bench);
  };
const withBoth = after(trustBoth);
const withNew = after(trustBoth, newServer, newClients);

/** The first tasks by other means: openssl, and the server last or first. */
const ownCa = `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj '/CN=another name' -keyout pki/new-ca.key -out ${fresh} 2>/dev/null && cat ${fresh} pki/ca.crt > ${bundle}`;
const byOpenssl: Play<HeldBench> = async (bench) => {
  await bench.learner.run(ownCa);
  await flags(bench, server, { 'client-ca-file': bundle });
  await flags(bench, manager, { 'root-ca-file': bundle });
  await believing(bench, bundle);
  await everybody(bench, trusts(2));
};
const sign = (key: string, subject: string, extensions: string, into: string): string =>
  `printf '%s\\n' ${extensions} > new.ext && openssl req -new -key ${key} -subj '${subject}' -out new.csr && openssl x509 -req -in new.csr -CA ${fresh} -CAkey pki/new-ca.key -set_serial 0x$(openssl rand -hex 8) -days 365 -extfile new.ext -out ${into} 2>/dev/null`;
const users: Readonly<Record<Kubeconfig, string>> = {
  admin: '/O=kubeadm:cluster-admins/CN=kubernetes-admin',
  'my-config': '/O=kubeadm:cluster-admins/CN=kubernetes-admin',
  'controller-manager': '/CN=system:kube-controller-manager',
  scheduler: '/CN=system:kube-scheduler',
  kubelet: '/O=system:nodes/CN=system:node:control-plane',
};
/** For the key that is there. */
const userByOpenssl = (name: Kubeconfig, subject = users[name]): string =>
  `sed -n 's/.*client-key-data: //p' ${name}.conf | openssl base64 -d -A > new.key && ${sign('new.key', subject, 'extendedKeyUsage=clientAuth', 'new.crt')} && sed "s|\\(client-certificate-data: \\).*|\\1$(openssl base64 -A -in new.crt)|" ${name}.conf > new.conf && mv new.conf ${name}.conf`;
const leavesByOpenssl: Play<HeldBench> = async (bench) => {
  for (const name of kubeconfigs) await bench.learner.run(userByOpenssl(name));
  await everybody(bench, showsNew(bench.learner));
  await bench.learner.run(
    sign(
      'pki/apiserver.key',
      '/CN=kube-apiserver',
      'subjectAltName=IP:127.0.0.1 extendedKeyUsage=serverAuth',
      'pki/apiserver.crt',
    ),
  );
  await flags(bench, manager, signing);
  await restart(bench, server);
};

/** All that the new CA has signed, and it alone, from one moment to the next. */
export async function allAtOnce(bench: HeldBench): Promise<void> {
  await makeNew(bench);
  await believing(bench, fresh);
  await showing(bench, 'next');
  await bench.learner.run('cp next/pki/apiserver.crt next/pki/apiserver.key pki/');
  await flags(bench, server, { 'client-ca-file': fresh });
  await flags(bench, manager, { 'root-ca-file': fresh, ...signing });
  await everybody(bench, (client) => trustsNew(bench.learner)(client) && showsNew(bench.learner)(client));
}

const forged = (says: RegExp): WrongAttempt<HeldBench> => wrong(({ learner }) => forgeRecords(learner), says);

export const aNewCa: Attempts<HeldBench> = {
  lab: 'a-new-ca',
  peers: ['openssl'],
  ...whileItRuns(isUp),
  tasks: {
    'trust-both': {
      wrong: {
        'records that say that all is done': forged(/^missing_file .*pki\/new-ca\.crt/),
        'what lies hidden in the folder, as the new CA': wrong(
          async ({ learner }) => copyHidden(learner, fresh, 'pki/new-ca.key'),
          /^(?:unreadable_file|not_met) .*pki\/new-ca\.crt/,
        ),
        'the old one under another name': wrong(
          async (bench) => bench.learner.run(`cp pki/ca.crt ${fresh} && cp pki/ca.key pki/new-ca.key`),
          /^not_met .*the key of the old one/,
        ),
        'a new certificate for the old key': wrong(
          async (bench) =>
            bench.learner.run(
              `cp pki/ca.key pki/new-ca.key && openssl req -x509 -key pki/new-ca.key -subj /CN=new -days 99 -out ${fresh} 2>/dev/null`,
            ),
          /^not_met .*the key of the old one/,
        ),
        'no CA but a server': wrong(async (bench) => {
          await makeNew(bench);
          await bench.learner.run(`cp next/pki/apiserver.crt ${fresh}`);
        }, /^not_met .*not the certificate of a root CA/),
        'a CA with another’s key': wrong(async (bench) => {
          await makeNew(bench);
          await bench.learner.run('cp next/pki/etcd/ca.key pki/new-ca.key');
        }, /^key_mismatch /),
        'a CA that may not sign, trusted by all': wrong(async (bench) => {
          await bench.learner.run(
            `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 99 -subj /CN=new -addext keyUsage=critical,digitalSignature -keyout pki/new-ca.key -out ${fresh} 2>/dev/null && cat pki/ca.crt ${fresh} > ${bundle}`,
          );
          await believing(bench, bundle);
          await flags(bench, manager, { 'root-ca-file': bundle });
          await flags(bench, server, { 'client-ca-file': bundle });
        }, /^not_met .*may sign no certificates.*pki\/new-ca\.crt/),
        'a new CA that nobody knows': wrong(makeNew, /^refused unknown_ca .*clients of the new CA with 401/),
        'both in the file, and no server that has read it': wrong(async (bench) => {
          await makeNew(bench);
          await bench.learner.run(`cp ${bundle} pki/ca.crt`);
        }, /^not_restarted .*clients of the new CA with 401/),
        'pods forgotten': wrong(async (bench) => {
          await makeNew(bench);
          await believing(bench, bundle);
          await flags(bench, server, { 'client-ca-file': bundle });
        }, /^not_met .*configmap\/kube-root-ca\.crt/),
        'a kubeconfig forgotten': wrong(async (bench) => {
          await trustBoth(bench);
          await believing(bench, 'pki/ca.crt', ['scheduler']);
        }, /^not_met .*the new CA is not trusted here \| scheduler\.conf/),
        'nobody verified': wrong(async (bench) => {
          await trustBoth(bench);
          bench.learner.edit(
            'my-config.conf',
            / {4}certificate-authority-data: .*/,
            '    insecure-skip-tls-verify: true',
          );
        }, /^unverified .*my-config\.conf/),
        'the new one in the place of the old': wrong(async (bench) => {
          await trustBoth(bench);
          await flags(bench, server, { 'client-ca-file': fresh });
        }, /^refused unknown_ca .*clients of the old CA with 401/),
        'both to sign with': wrong(async (bench) => {
          await makeNew(bench);
          await believing(bench, bundle);
          await flags(bench, server, { 'client-ca-file': bundle });
          await bench.learner.run(`cp ${bundle} pki/ca.crt`);
          await flags(bench, manager, { 'root-ca-file': bundle });
        }, /^not_met .*--cluster-signing-cert-file \(pki\/ca\.crt\) has 2 certificates/),
      },
      right: {
        'as the hints have it': trustBoth,
        'by openssl, another name, the new one first in the file': byOpenssl,
        'and the rest of the way': after(trustBoth, newServer, newClients)(takeOut),
      },
    },
    'show-the-new-one': {
      wrong: {
        'records that say that all is done': forged(/^missing_file .*pki\/new-ca\.crt/),
        'nothing but trust': wrong(trustBoth, /^refused unknown_ca .*apiserver\.crt/),
        'a new file that the server has not read': wrong(
          withBoth(async ({ learner }) =>
            learner.run('cp next/pki/apiserver.crt next/pki/apiserver.key pki/'),
          ),
          /^not_restarted /,
        ),
        'the server alone': wrong(withBoth(newServer), /^refused unknown_ca .*admin\.conf/),
        'one kubeconfig forgotten': wrong(
          withBoth(async (bench) => {
            await newServer(bench);
            await showing(bench, 'next', ['admin', 'my-config', 'controller-manager', 'kubelet']);
          }),
          /^refused unknown_ca .*scheduler\.conf/,
        ),
        'another user': wrong(
          withBoth(async (bench) => {
            await newServer(bench);
            await bench.learner.run(
              "sed -n 's/.*client-key-data: //p' admin.conf | openssl base64 -d -A > new.key",
            );
            await bench.learner.run(userByOpenssl('admin', '/CN=kubernetes-admin'));
          }),
          /^wrong_user .*admin\.conf/,
        ),
        'of more rights': wrong(
          withBoth(async (bench) => {
            await newServer(bench);
            await bench.learner.run('cp next/super-admin.conf next/admin.conf');
            await showing(bench, 'next', ['admin']);
          }),
          /^wrong_user .*O=system:masters/,
        ),
        'signing forgotten': wrong(
          withBoth(async (bench) => {
            await newServer(bench);
            await showing(bench, 'next');
            await restart(bench, manager);
            await everybody(bench, showsNew(bench.learner));
          }),
          /^not_issued .*another CA than the new one/,
        ),
        'renewed, by the old CA': wrong(
          withBoth(async (bench) => {
            await wirelab(bench.learner, 'kube pki renew all --out .');
            await restart(bench, server);
          }),
          /^refused unknown_ca /,
        ),
        'the lab’s own certificate in it': wrong(
          withBoth(async (bench) => {
            await newServer(bench);
            await bench.learner.run(
              `cp ${keptFile(bench.learner, 'examiner', 'crt')} new.crt && sed "s|\\(client-certificate-data: \\).*|\\1$(openssl base64 -A -in new.crt)|" admin.conf > new.conf && mv new.conf admin.conf`,
            );
          }),
          /^key_mismatch /,
        ),
      },
      right: {
        'the server first': withBoth(async (bench) => {
          await newServer(bench);
          await newClients(bench);
        }),
        'the clients first': withBoth(async (bench) => {
          await newClients(bench);
          await newServer(bench);
        }),
        'by openssl': after(byOpenssl)(leavesByOpenssl),
      },
    },
    'take-out-the-old-one': {
      wrong: {
        'records that say that all is done': forged(/^missing_file .*pki\/new-ca\.crt/),
        'the server’s list left as it is': wrong(
          withNew(async (bench) => {
            await believing(bench, fresh);
            await flags(bench, manager, { 'root-ca-file': fresh });
            await everybody(bench, trusts(1));
          }),
          /^admitted .*super-admin\.conf/,
        ),
        'a shorter file that the server has not read': wrong(
          withNew(async (bench) => bench.learner.run(`cp ${fresh} ${bundle}`)),
          /^not_restarted .*super-admin\.conf/,
        ),
        'the stolen file deleted': wrong(
          withNew(async (bench) => bench.learner.run('rm super-admin.conf')),
          /^admitted .*super-admin\.conf/,
        ),
        'pods left as they are': wrong(
          withNew(async (bench) => {
            await believing(bench, fresh);
            await flags(bench, server, { 'client-ca-file': fresh });
          }),
          /^not_met .*still trusted here \| configmap\/kube-root-ca\.crt/,
        ),
        'a kubeconfig left as it is': wrong(
          withNew(async (bench) => {
            await takeOut(bench);
            await believing(bench, bundle, ['kubelet']);
          }),
          /^not_met .*still trusted here \| kubelet\.conf/,
        ),
        'the old one kept under the new one’s name': wrong(
          withNew(async (bench) => {
            await bench.learner.run(`cp ${bundle} ${fresh}`);
            await flags(bench, server, { 'client-ca-file': fresh });
          }),
          /^not_met .*more than one certificate/,
        ),
        'too much taken out': wrong(
          withNew(async (bench) => {
            await flags(bench, server, { 'client-ca-file': 'pki/etcd/ca.crt' });
          }),
          /^refused unknown_ca .*clients of the new CA with 401/,
        ),
      },
      right: {
        'as the hints have it': withNew(takeOut),
        'under the old names': withNew(async (bench) => {
          await bench.learner.run(`cp ${fresh} pki/ca.crt && cp pki/new-ca.key pki/ca.key`);
          await flags(bench, server, { 'client-ca-file': '/etc/kubernetes/pki/ca.crt' });
          await flags(bench, manager, {
            'root-ca-file': 'pki/ca.crt',
            'cluster-signing-cert-file': 'pki/ca.crt',
            'cluster-signing-key-file': 'pki/ca.key',
          });
          await believing(bench, 'pki/ca.crt');
          await everybody(bench, trusts(1));
        }),
      },
    },
    'nobody-noticed': {
      wrong: {
        'records that say that all is done': forged(/^missing_file .*pki\/new-ca\.crt/),
        'only half the way': wrong(trustBoth, /^not_met .*old CA is still in use/),
        'without the last step': wrong(
          withNew(() => {}),
          /^not_met .*old CA is still in use/,
        ),
        'all at once': wrong(allAtOnce, /^refused (?:unknown_ca|unauthorized) .*(?:x509|401)/),
        'the server shows the new one before pods trust it': wrong(async (bench) => {
          const from = bench.held.events.length;
          await makeNew(bench);
          await believing(bench, bundle);
          await flags(bench, server, { 'client-ca-file': bundle });
          await newServer(bench);
          await bench.held.until(isClient('pod', 'turned_away'), from);
        }, /^refused unknown_ca .*refused the API server.*x509/),
        'a client shows the new one before the server trusts it': wrong(async (bench) => {
          const from = bench.held.events.length;
          await makeNew(bench);
          await showing(bench, 'next', ['my-config']);
          await bench.held.until(isClient('pipeline', 'turned_away'), from);
        }, /^refused unauthorized .*did not know pipeline.*401/),
        'the old one taken out while a client still shows it': wrong(
          withBoth(async (bench) => {
            const from = bench.held.events.length;
            await newServer(bench);
            await flags(bench, server, { 'client-ca-file': fresh });
            await bench.held.until(isClient('kubelet', 'turned_away'), from);
          }),
          /^refused unauthorized .*did not know (?:kubelet|pipeline).*401/,
        ),
        'turned away, and then done properly': wrong(async (bench) => {
          const from = bench.held.events.length;
          await makeNew(bench);
          await newServer(bench);
          await bench.held.until(isClient('kubelet', 'turned_away'), from);
          await believing(bench, bundle);
          await flags(bench, manager, { 'root-ca-file': bundle });
          await flags(bench, server, { 'client-ca-file': bundle });
          await everybody(bench, trusts(2));
          await newClients(bench);
          await takeOut(bench);
        }, /^refused unknown_ca .*refused the API server.*lab reset/),
      },
      right: {
        'the server first': withBoth(async (bench) => {
          await newServer(bench);
          await newClients(bench);
          await takeOut(bench);
        }),
        'the clients first': withBoth(async (bench) => {
          await newClients(bench);
          await newServer(bench);
          await takeOut(bench);
        }),
        'by openssl': after(byOpenssl)(async (bench) => {
          await leavesByOpenssl(bench);
          await takeOut(bench);
        }),
      },
    },
  },
};
