/** A ClientHello that is written over on its way: only what it offers changes, in place, however its bytes come. */
import test from 'ava';
import { readHandshake } from '../../../src/protocols/tls/handshake.ts';
import type { ClientHello } from '../../../src/protocols/tls/handshake.ts';
import {
  cutSuites,
  cutVersions,
  fallbackSignal,
  HelloEditor,
} from '../../../src/wire/tamper/hello-editor.ts';
import type { HelloEdit } from '../../../src/wire/tamper/hello-editor.ts';
import { recordingOf } from '../../protocols/helpers/handshakes.ts';
import { present } from '../../helpers/capture.ts';

const helloOf = async (name: string): Promise<Uint8Array> => {
  const { events } = await recordingOf(name);
  const first = present(events.find((event) => event.type === 'bytes'));
  if (first.type !== 'bytes') throw new Error('no bytes');
  return first.bytes;
};

function read(record: Uint8Array): ClientHello {
  const step = readHandshake(record.subarray(5));
  if (!('got' in step) || step.got.content.type !== 'client_hello') throw new Error('no hello');
  return step.got.content;
}

const cases: readonly (readonly [
  what: string,
  edit: HelloEdit,
  check: (before: ClientHello, after: ClientHello) => unknown,
  expected: unknown,
])[] = [
  [
    'TLS 1.3 is cut out of the versions',
    cutVersions,
    (_, after) => [
      after.extensions.supportedVersions?.includes(0x0304),
      after.extensions.supportedVersions?.length,
    ],
    [false, 2],
  ],
  [
    'one old suite is left',
    cutSuites,
    (_, after) => [...new Set(after.cipherSuites.filter((code) => code !== 0x00ff))],
    [0xc009],
  ],
  [
    'the signal of a fallback stands among the suites',
    fallbackSignal,
    (before, after) => [
      before.cipherSuites.includes(0x5600),
      after.cipherSuites.includes(0x5600),
      after.cipherSuites.length - before.cipherSuites.length,
    ],
    [false, true, 0],
  ],
];

for (const [what, edit, check, expected] of cases) {
  for (const size of [Infinity, 1, 7]) {
    test(`${what}, in pieces of ${size}, and nothing else`, async (t) => {
      const hello = await helloOf('TLS 1.3');
      const editor = new HelloEditor(edit);
      const out: Uint8Array[] = [];
      for (let at = 0; at < hello.length; at += size) out.push(editor.send(hello.subarray(at, at + size)));
      const changed = Buffer.concat(out);
      t.is(changed.length, hello.length);
      const [before, after] = [read(hello), read(changed)];
      t.deepEqual(check(before, after), expected);
      t.is(after.random, before.random);
      const later = Buffer.from('what comes later');
      t.is(editor.send(later), later);
    });
  }
}

test('what is no ClientHello goes out as it came', (t) => {
  for (const bytes of [
    'GET / HTTP/1.1\r\n\r\n',
    '\x17\x03\x03\x00\x01x',
    '\x16\x03\x01\x00\x04\x02\x00\x00\x00',
    '\x16\x03\x01\x00\x06\x01\x00\x00\x02\x03\x03',
  ]) {
    const editor = new HelloEditor(cutVersions);
    t.is(Buffer.from(editor.send(Buffer.from(bytes, 'latin1'))).toString('latin1'), bytes);
  }
});
