/** kubeadm's tokens live for a day; what is over goes, and what is another's stays. */
import test from 'ava';
import { bootstrapTokenOf } from '../../../src/kube/authn/authentication.ts';
import { clearTokens, tokenSecret } from '../../../src/kube/authn/bootstrap-tokens.ts';
import { MemoryStore } from '../../../src/kube/store/memory-store.ts';

const now = Date.parse('2026-11-26T06:00:00Z');
const day = 86_400_000;
const secret = '0123456789abcdef';

test('a token is over a day after it was given', (t) => {
  t.like(bootstrapTokenOf(tokenSecret({ id: 'abcdef', secret }, now)), {
    id: 'abcdef',
    secret,
    expiration: now + day,
  });
});

test('cleared away are tokens that are over, and one that is given anew; not those of others', async (t) => {
  const store = new MemoryStore();
  const prefix = '/registry/core/secrets/kube-system/';
  const unending = tokenSecret({ id: 'manual', secret }, now);
  const { expiration: _, ...data } = unending['data'] as Readonly<Record<string, string>>;
  const kept = [
    tokenSecret({ id: 'before', secret }, now - day),
    tokenSecret({ id: 'recent', secret }, now - day + 1000),
    tokenSecret({ id: 'abcdef', secret }, now),
    { ...unending, data },
  ];
  for (const object of kept) await store.create(prefix + object.metadata.name, object);
  await store.create(`${prefix}other`, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'other', namespace: 'kube-system' },
    data: { expiration: 'x' },
  });
  await clearTokens(store, [{ id: 'abcdef' }], now);
  t.deepEqual(
    (await store.list(prefix)).items.map(({ object }) => object.metadata.name),
    ['bootstrap-token-manual', 'bootstrap-token-recent', 'other'],
  );
});
