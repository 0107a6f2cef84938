/**
 * Replaces etcdctl if it is not installed or the etcd does not support gRPC: uses the JSON gateway and prints like
 * etcdctl. It supports only the commands of `etcdctl-words.ts`.
 */
import { shownText } from '../../core/bytes.ts';
import { prefixEnd } from './client.ts';
import type { CallOptions, EtcdClient } from './client.ts';
import type { EtcdctlCommand } from './etcdctl-words.ts';

/** What is printed when it has worked. @throws what the client throws. */
export async function etcdctlStandIn(
  command: EtcdctlCommand,
  client: Pick<EtcdClient, 'range' | 'put' | 'remove'>,
  call: CallOptions,
): Promise<string> {
  const { verb, key } = command;
  if (verb === 'put') {
    await client.put(key, command.value, call);
    return 'OK';
  }
  const span = { key, ...(command.isPrefix ? { end: prefixEnd(key) } : {}) };
  if (verb === 'del') return String((await client.remove(span, call)).removed.length);
  const { items } = await client.range({ ...span, ...(command.keysOnly ? { keysOnly: true } : {}) }, call);
  return items
    .flatMap((item) => [
      ...(command.valueOnly ? [] : [item.key.toString()]),
      command.keysOnly ? '' : shownText(item.value),
    ])
    .join('\n');
}
