/** What the options of `kube pki` describe, and what they refuse. */
import test from 'ava';
import { UserError } from '../../../src/i18n/user-error.ts';
import { parseCommand } from '../../../src/cli/command.ts';
import { clusterAsked, clusterOptions } from '../../../src/cli/kube/cluster.ts';
import { clusterOf } from '../../../src/pki/kubeadm/certificates.ts';
import type { Cluster } from '../../../src/pki/kubeadm/certificates.ts';

const asked = (...words: readonly string[]): Cluster =>
  clusterOf(clusterAsked(parseCommand('kube pki', clusterOptions, words)));

test('nothing said: a cluster on this machine', (t) => {
  t.deepEqual(asked(), {
    node: 'control-plane',
    addresses: ['127.0.0.1'],
    serviceAddress: '10.96.0.1',
    serviceSubnet: '10.96.0.0/12',
    dnsDomain: 'cluster.local',
    name: 'kubernetes',
    certSANs: [],
    controlPlaneEndpoint: 'https://127.0.0.1:6443',
    localEndpoint: 'https://127.0.0.1:6443',
  });
});

test('everything said', (t) => {
  t.deepEqual(
    asked(
      '--node',
      'cp1.example',
      '--ip',
      '192.0.2.10',
      '--ip',
      '2001:db8::10',
      '--server',
      'https://lab.example:6443',
      '--san',
      'more.example',
      '--san',
      '192.0.2.99',
      '--service-cidr',
      '10.0.0.0/16',
      '--dns-domain',
      'lab.local',
    ),
    {
      node: 'cp1.example',
      addresses: ['192.0.2.10', '2001:db8::10'],
      serviceAddress: '10.0.0.1',
      serviceSubnet: '10.0.0.0/16',
      dnsDomain: 'lab.local',
      name: 'kubernetes',
      certSANs: ['more.example', '192.0.2.99'],
      controlPlaneEndpoint: 'https://lab.example:6443',
      localEndpoint: 'https://192.0.2.10:6443',
    },
  );
});

for (const [network, address] of [
  ['10.96.0.0/12', '10.96.0.1'],
  ['10.111.222.33/12', '10.96.0.1'],
  ['192.168.255.255/31', '192.168.255.255'],
  ['0.0.0.0/0', '0.0.0.1'],
  ['fd00:10:96::/112', 'fd00:10:96::1'],
  ['fd00:10:96::ffff/64', 'fd00:10:96::1'],
] as const) {
  test(`the first address of ${network} is ${address}`, (t) =>
    t.is(asked('--service-cidr', network).serviceAddress, address));
}

for (const [option, value] of [
  ['--node', ''],
  ['--node', 'CP1'],
  ['--node', 'a_b'],
  ['--node', '-a'],
  ['--node', 'a..b'],
  ['--node', 'a'.repeat(64)],
  ['--node', 'a/../b'],
  ['--node', '노드'],
  ['--ip', 'localhost'],
  ['--ip', '127.0.0.256'],
  ['--ip', '127.0.0.1/8'],
  ['--ip', ''],
  ['--server', 'http://a.example'],
  ['--server', 'a.example:6443'],
  ['--server', 'https://'],
  ['--server', ''],
  ['--san', 'https://a.example'],
  ['--san', ''],
  ['--san', 'a b'],
  ['--service-cidr', '10.96.0.0'],
  ['--service-cidr', '10.96.0.0/33'],
  ['--service-cidr', '10.96.0.0/32'],
  ['--service-cidr', '10.96.0.0/-1'],
  ['--service-cidr', '10.96.0.0/12/3'],
  ['--service-cidr', 'x/12'],
  ['--service-cidr', '10.96.0.0/1e1'],
  ['--dns-domain', 'cluster..local'],
  ['--dns-domain', 'Cluster.Local'],
] as const) {
  test(`${option} ${JSON.stringify(value)} is refused`, (t) => {
    const error = t.throws(() => asked(option, value), { instanceOf: UserError });
    t.true(JSON.stringify(error?.facts).includes(option));
  });
}
