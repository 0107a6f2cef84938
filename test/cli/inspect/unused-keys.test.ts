import test from 'ava';
import { keysForHandshakes, unusedKeys } from '../../../src/cli/inspect/open.ts';
import { KeyRing } from '../../../src/protocols/tls/keys/keylog.ts';
import { requestFor } from '../../fuzz/targets.ts';

const [logged, captured] = ['ab'.repeat(32), 'cd'.repeat(32)];
const line = `CLIENT_RANDOM ${logged} ${'00'.repeat(48)}`;
const request = { ...requestFor(new Uint8Array(0), [line]), keylogName: 'keys.log' };

function asked(...randoms: readonly string[]): KeyRing {
  const ring = new KeyRing();
  ring.add([line]);
  for (const random of randoms) ring.count(random);
  return ring;
}

test('a key log that opens nothing is explained: what it has, and what the capture has', (t) => {
  const [problem] = unusedKeys(request, asked(captured));
  t.is(problem?.what, 'keys.unused');
  t.regex(
    problem?.text.en ?? '',
    /none of its 1 handshakes \(client random: abababababababab…\).*has 1 \(cdcd/,
  );
  t.regex(problem?.text.ko ?? '', /열리는 것이 없습니다/);
});

test('one that opens something is not, nor one that nothing asked for, nor one from the environment', (t) => {
  t.deepEqual(unusedKeys(request, asked(captured, logged)), []);
  t.deepEqual(unusedKeys(request, asked()), []);
  t.deepEqual(unusedKeys({ ...request, keylogName: undefined }, asked(captured)), []);
});

test('handshakes are asked about only where a source needs them', async (t) => {
  t.is(await keysForHandshakes(request), undefined);
  const premaster = `PMS_CLIENT_RANDOM ${logged} ${'00'.repeat(48)}`;
  t.is(typeof (await keysForHandshakes(requestFor(new Uint8Array(0), [premaster]))), 'function');
});
