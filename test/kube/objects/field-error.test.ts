import test from 'ava';
import {
  duplicate,
  forbiddenField,
  invalid,
  invalidObject,
  notSupported,
  required,
  tooLong,
} from '../../../src/kube/objects/field-error.ts';
import { quoted } from '../../../src/kube/objects/go/quoted.ts';

test('each kind of fault in its words', (t) => {
  t.deepEqual(
    [
      required('a'),
      required('a', 'say it'),
      invalid('a', 'x', 'must be y'),
      invalid('a', 7, 'no'),
      duplicate('a', 'x'),
      notSupported('a', 'x', ['y', 'z']),
      forbiddenField('a', 'no'),
      tooLong('a', 63),
    ].map(({ message }) => message),
    [
      'Required value',
      'Required value: say it',
      'Invalid value: "x": must be y',
      'Invalid value: 7: no',
      'Duplicate value: "x"',
      'Unsupported value: "x": supported values: "y", "z"',
      'Forbidden: no',
      'Too long: may not be more than 63 bytes',
    ],
  );
});

test('bytes are shown as Go shows them, and what is long is cut', (t) => {
  t.is(invalid('a', Uint8Array.of(1, 255), 'no').message, 'Invalid value: []byte{0x1, 0xff}: no');
  t.true(invalid('a', new Uint8Array(1_000_000), 'no').message.length < 200);
  t.true(invalid('a', 'x'.repeat(1_000_000), 'no').message.length < 400);
  t.is(quoted('a"\\\n\u007f\u2028'), '"a\\"\\\\\\n\\u007f\\u2028"');
});

test('one fault stands alone, several in brackets, and a thousand are not all told', (t) => {
  const one = invalidObject('Role', 'rbac.authorization.k8s.io', 'r', [required('a')]);
  t.like(one.status, {
    code: 422,
    reason: 'Invalid',
    message: 'Role.rbac.authorization.k8s.io "r" is invalid: a: Required value',
  });
  t.deepEqual(one.status.details, {
    name: 'r',
    group: 'rbac.authorization.k8s.io',
    kind: 'Role',
    causes: [{ reason: 'FieldValueRequired', message: 'Required value', field: 'a' }],
  });
  t.is(
    invalidObject('Pod', '', 'p', [required('a'), required('b')]).message,
    'Pod "p" is invalid: [a: Required value, b: Required value]',
  );
  t.is(
    invalidObject(
      'Pod',
      '',
      'p',
      Array.from({ length: 1000 }, () => required('a')),
    ).status.details?.causes?.length,
    100,
  );
});
