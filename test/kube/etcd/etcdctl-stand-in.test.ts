/** What is done in etcdctl's place, beside etcdctl: the same words to one etcd print the same. */
import test from 'ava';
import { etcdctlVersion, runEtcdctlProgram } from '../../../src/kube/etcd/etcdctl-program.ts';
import { etcdctlStandIn } from '../../../src/kube/etcd/etcdctl-stand-in.ts';
import { etcdctlCommand } from '../../../src/kube/etcd/etcdctl-words.ts';
import { withPeer } from '../../helpers/peer.ts';
import { clientOf, newPlace, onEveryEtcd, realBackend, world } from '../support/etcd.ts';

const asking = { signal: new AbortController().signal };

/** One after the other, in a place of its own; `.` stands for it. */
const journey = [
  'get ./a',
  'put ./a tiger-lily',
  'get ./a',
  'get ./a --print-value-only',
  'get ./a --keys-only',
  'put ./a again',
  'put ./b {"password":"dGlnZXI="}',
  'put ./c/d 한글',
  'get . --prefix',
  'get . --prefix --keys-only',
  'get . --prefix --print-value-only',
  'get . --prefix --keys-only --print-value-only',
  'get .',
  'del ./a',
  'del ./a',
  'del . --prefix',
  'get . --prefix',
];

async function inItsPlace(line: string, client: Parameters<typeof etcdctlStandIn>[1]): Promise<string> {
  const command = etcdctlCommand(line);
  if (!command) throw new Error(`${line} is not understood`);
  return etcdctlStandIn(command, client, asking);
}

withPeer(['etcd', 'etcdctl'], 'line by line it prints what etcdctl prints', async (t) => {
  const { etcd } = await realBackend.shared();
  const client = clientOf(t, etcd.address);
  const [real, ours] = [newPlace(), newPlace()];
  for (const line of journey) {
    const printed = await runEtcdctlProgram({
      words: line.replace('.', real).split(' '),
      to: etcd.address,
      authority: world.authority('etcd-ca'),
      identity: world.identity('apiserver-etcd-client'),
      variables: process.env,
    });
    t.is(printed?.exitCode, 0, printed?.words);
    const expected = (printed?.output ?? '').replaceAll(real, ours);
    const told = await inItsPlace(line.replace('.', ours), client);
    t.is(told === '' ? '' : `${told}\n`, expected, line);
  }
});

onEveryEtcd('what was put is got, and what is deleted is gone', async (t, backend) => {
  const client = clientOf(t, (await backend.shared()).etcd.address);
  const place = newPlace();
  t.is(await inItsPlace(`put ${place}/a b`, client), 'OK');
  t.is(await inItsPlace(`get ${place} --prefix`, client), `${place}/a\nb`);
  t.is(await inItsPlace(`del ${place} --prefix`, client), '1');
  t.is(await inItsPlace(`get ${place}/a`, client), '');
});

withPeer('etcdctl', 'the version of the etcdctl that is installed', async (t) => {
  t.regex((await etcdctlVersion(process.env)) ?? '', /^\d+\.\d+\.\d+$/);
});

test('where there is none, there is none', async (t) => {
  t.is(await etcdctlVersion({ PATH: '/nowhere' }), undefined);
  t.is(
    await runEtcdctlProgram({ words: ['version'], to: { host: '127.0.0.1', port: 1 }, variables: {} }),
    undefined,
  );
});
