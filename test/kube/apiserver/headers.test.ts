import test from 'ava';
import { extraOf, requestHeaders } from '../../../src/kube/apiserver/headers.ts';

test('each value stands by itself, under a name in small letters', (t) => {
  t.deepEqual(
    [...requestHeaders(['X-Remote-Group', 'a', 'x-remote-group', 'b, c', 'Host', 'h', 'odd'])],
    [
      ['x-remote-group', ['a', 'b, c']],
      ['host', ['h']],
    ],
  );
});

test('a name in UTF-8 is read as such, and what is no UTF-8 stays as it was', (t) => {
  const values = requestHeaders(['a', Buffer.from('민수').toString('latin1'), 'b', '\xff\xfe']);
  t.deepEqual([values.get('a'), values.get('b')], [['민수'], ['\xff\xfe']]);
});

test('extras are unescaped, joined under one name, and one of them may be called anything', (t) => {
  const headers = requestHeaders([
    'P-A%2Fb',
    '1',
    'p-a/B',
    '2',
    'P-%zz',
    '3',
    'P-__proto__',
    '4',
    'Q-x',
    '5',
  ]);
  const extra = extraOf(headers, 'p-');
  t.deepEqual(Object.entries(extra), [
    ['a/b', ['1', '2']],
    ['%zz', ['3']],
    ['__proto__', ['4']],
  ]);
  t.is(Object.getPrototypeOf(extra), Object.prototype);
});
