/** Which words of etcdctl can be done in its place, and what they ask for. */
import test from 'ava';
import { assert, property, string } from 'fast-check';
import { etcdctlCommand } from '../../../src/kube/etcd/etcdctl-words.ts';

test('what is asked for is read, wherever the switches stand', (t) => {
  t.deepEqual(etcdctlCommand('get /a'), {
    verb: 'get',
    key: '/a',
    isPrefix: false,
    keysOnly: false,
    valueOnly: false,
  });
  t.deepEqual(etcdctlCommand('--prefix get --keys-only /a'), {
    verb: 'get',
    key: '/a',
    isPrefix: true,
    keysOnly: true,
    valueOnly: false,
  });
  t.deepEqual(etcdctlCommand('get /a --print-value-only'), {
    verb: 'get',
    key: '/a',
    isPrefix: false,
    keysOnly: false,
    valueOnly: true,
  });
  t.deepEqual(etcdctlCommand('put /a  b'), { verb: 'put', key: '/a', value: 'b' });
  t.deepEqual(etcdctlCommand('del /a --prefix'), { verb: 'del', key: '/a', isPrefix: true });
});

test('what only etcdctl itself can do is not understood', (t) => {
  for (const line of [
    '',
    'get',
    'put /a',
    'get /a /b',
    'put /a b c',
    'del /a --keys-only',
    'get /a --rev=3',
    'put /a b --lease=1',
    'watch /a',
    'toString /a',
    'member list',
    'del',
  ])
    t.is(etcdctlCommand(line), undefined, line);
});

test('any line is read', (t) => {
  assert(property(string(), (line) => void etcdctlCommand(line)));
  t.pass();
});
