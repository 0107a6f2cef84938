/** The embedded etcd and the real one are asked the same, and answer the same. */
import { isDeepStrictEqual } from 'node:util';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { withPeer } from '../../helpers/peer.ts';
import { startEtcd } from '../../helpers/etcd.ts';
import { cases } from './support/cases.ts';
import { comparable, gatewayClient, startPlain } from './support/client.ts';
import type { Reply } from './support/client.ts';

async function both(t: ExecutionContext): Promise<Awaited<ReturnType<typeof startPlain>> & { real: ReturnType<typeof gatewayClient> }> {
  const [embedded, etcd] = await Promise.all([startPlain(t), startEtcd()]);
  const real = gatewayClient(etcd.port);
  t.teardown(async () => {
    real.close();
    await etcd.close();
  });
  return { ...embedded, real };
}

function isSame(mine: Reply, theirs: Reply, codeOnly = false): boolean {
  if (mine.code !== theirs.code || mine.contentType !== theirs.contentType) return false;
  return codeOnly || (mine.body === undefined ? mine.text === theirs.text : isDeepStrictEqual(comparable(mine.body), comparable(theirs.body)));
}

withPeer('etcd', 'what is asked one after the other is answered as etcd answers it', async (t) => {
  const { client, real } = await both(t);
  const differences: string[] = [];
  for (const { path, body, codeOnly } of cases) {
    const [mine, theirs] = await Promise.all([client.ask('POST', path, body), real.ask('POST', path, body)]);
    if (!isSame(mine, theirs, codeOnly)) differences.push(`${path} ${body.slice(0, 200)}\n  embedded: ${mine.code} ${mine.contentType} ${mine.text.slice(0, 400)}\n  etcd:     ${theirs.code} ${theirs.contentType} ${theirs.text.slice(0, 400)}`);
  }
  t.is(differences.join('\n'), '');
});

test('an etcd without a peer answers', async (t) => {
  const { client } = await startPlain(t);
  t.is((await client.ask('GET', '/health')).text, '{"health":"true","reason":""}');
});
