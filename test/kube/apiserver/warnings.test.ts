/** Warning headers: as kube-apiserver bounds them, however much a webhook has to say. */
import test from 'ava';
import { warningHeaders } from '../../../src/kube/apiserver/warnings.ts';

test('what is short is said as it is, each once', (t) => {
  t.deepEqual(warningHeaders(['one', 'two "quoted" \\', 'one', '', 'line\nbreak 한']), [
    '299 - "one"',
    '299 - "two \\"quoted\\" \\\\"',
    '299 - "line?break ?"',
  ]);
});

test('what is longer together than 4096 characters is cut, each to 256, and no more than so many', (t) => {
  t.is(warningHeaders(['x'.repeat(4096)]).join('').length, '299 - ""'.length + 4096);
  t.deepEqual(warningHeaders(['W'.repeat(5_000_000)]), [`299 - "${'W'.repeat(256)}"`]);
  const many = warningHeaders(Array.from({ length: 100_000 }, (_, at) => `${at} ${'x'.repeat(300)}`));
  t.is(many.length, 16);
  t.true(many.every((one) => one.length === '299 - ""'.length + 256));
});
