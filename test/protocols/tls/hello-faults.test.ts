/**
 * Hellos with one wrong part: what stands before and behind it is read all the same, and the fault is told.
 */
import test from 'ava';
import * as fc from 'fast-check';
import type { Field } from '../../../src/core/field.ts';
import { TlsConversation } from '../../../src/protocols/tls/conversation.ts';
import type { TlsMessage } from '../../../src/protocols/tls/message/message.ts';
import type { ClientHello, HandshakeContent, ServerHello } from '../../../src/protocols/tls/handshake.ts';
import { readHandshake } from '../../../src/protocols/tls/handshake.ts';

const uint16 = (value: number): number[] => [value >> 8, value & 0xff];
const vector = (body: readonly number[], length = body.length): number[] => [...uint16(length), ...body];
const extension = (type: number, body: readonly number[], length = body.length): number[] => [
  ...uint16(type),
  ...uint16(length),
  ...body,
];
const name = (text: string): number[] => extension(0, vector([0, ...vector([...Buffer.from(text)])]));
const alpn = (...protocols: readonly (readonly number[])[]): number[] =>
  extension(16, vector(protocols.flatMap((one) => [one.length, ...one])));
const versions = extension(43, [4, 3, 4, 3, 3]);
const message = (type: number, body: readonly number[]): Uint8Array =>
  Uint8Array.of(type, 0, ...uint16(body.length), ...body);
const suites = vector([0x13, 1, 0xc0, 0x2f]);
const begin = [3, 3, ...Buffer.alloc(32, 9), 0];

function clientHello(
  extensions: readonly number[],
  {
    list = suites,
    length = extensions.length,
  }: { readonly list?: readonly number[]; readonly length?: number } = {},
): Uint8Array {
  return message(1, [...begin, ...list, 1, 0, ...vector(extensions, length)]);
}

function contentOf(bytes: Uint8Array): HandshakeContent {
  const step = readHandshake(bytes, { open: false });
  if (!('got' in step)) throw new Error('a hello is read, whatever is wrong in it');
  return step.got.content;
}

function readClient(bytes: Uint8Array): ClientHello {
  const content = contentOf(bytes);
  if (content.type !== 'client_hello') throw new Error(`a ${content.type}`);
  return content;
}

function readServer(bytes: Uint8Array): ServerHello {
  const content = contentOf(bytes);
  if (content.type !== 'server_hello') throw new Error(`a ${content.type}`);
  return content;
}

/** Every byte has its field: what cannot be read is named too. */
function covered(field: Field): number {
  return field.children.length === 0
    ? field.range[1] - field.range[0]
    : field.children.reduce((sum, child) => sum + covered(child), 0);
}

const wrong: Readonly<
  Record<
    string,
    readonly [
      hello: Uint8Array,
      expected: Partial<ClientHello>,
      extensions: Partial<ClientHello['extensions']>,
      fault: string,
    ]
  >
> = {
  'an extension whose inner length is too long': [
    clientHello([...name('shop.localhost'), ...extension(10, [0, 9, 0, 29]), ...versions]),
    { cipherSuites: [0x1301, 0xc02f] },
    { serverName: 'shop.localhost', supportedVersions: [0x0304, 0x0303] },
    'tls.handshake.extension.supported_groups.list',
  ],
  'an extension with bytes left over': [
    clientHello([...extension(43, [2, 3, 4, 7]), ...name('shop.localhost')]),
    {},
    { serverName: 'shop.localhost', supportedVersions: [0x0304] },
    'tls.handshake.extension',
  ],
  'an extension that reaches beyond the message': [
    clientHello([...name('shop.localhost'), ...extension(16, [0, 3, 2, 104, 50], 900)]),
    {},
    { serverName: 'shop.localhost', alpn: ['h2'] },
    'tls.handshake.extension',
  ],
  'a list of protocols that ends in the middle': [
    clientHello([...extension(16, [0, 5, 2, 104, 50, 9, 120]), ...versions]),
    {},
    { alpn: ['h2'], supportedVersions: [0x0304, 0x0303] },
    'tls.handshake.extension.application_layer_protocol_negotiation.protocol',
  ],
  'an odd list of cipher suites': [
    clientHello(name('shop.localhost'), { list: vector([0x13, 1, 0xc0]) }),
    { cipherSuites: [0x1301] },
    { serverName: 'shop.localhost' },
    'tls.handshake.client_hello.cipher_suites.cipher_suite',
  ],
  'a length of the extensions that is too long': [
    clientHello(name('shop.localhost'), { length: 4000 }),
    {},
    { serverName: 'shop.localhost' },
    'tls.handshake.extensions',
  ],
  'a length of the extensions that is too short': [
    clientHello([...name('shop.localhost'), ...versions], { length: name('shop.localhost').length }),
    {},
    { serverName: 'shop.localhost' },
    'tls.handshake',
  ],
};

for (const [title, [hello, expected, extensions, fault]] of Object.entries(wrong)) {
  test(`${title} hides nothing else of a ClientHello`, (t) => {
    const content = readClient(hello);
    t.like(content, { version: 0x0303, ...expected });
    t.like(content.extensions, extensions);
    t.is<string | undefined, string | undefined>(content.fault?.id, fault);
    const step = readHandshake(hello, { open: false });
    t.is('got' in step ? covered(step.field) : 0, hello.length);
  });
}

test('a sound hello has no fault', (t) => {
  t.is(readClient(clientHello([...name('shop.localhost'), ...versions])).fault, undefined);
});

test('suites that reach beyond the message leave what stands before them', (t) => {
  const content = readClient(message(1, [...begin, 0x40, 0, 0x13, 1]));
  t.like(content, {
    version: 0x0303,
    random: '09'.repeat(32),
    fault: { id: 'tls.handshake.client_hello.cipher_suites' },
  });
});

test('a fault is told where it stands in its stream, and the conversation goes on', (t) => {
  const [hello] = wrong['an odd list of cipher suites'] ?? [new Uint8Array(0)];
  const tls = new TlsConversation();
  const prefix = message(1, [...begin, ...suites, 1, 0]);
  const record = (bytes: Uint8Array): Uint8Array =>
    Uint8Array.of(22, 3, 1, ...uint16(bytes.length), ...bytes);
  const [first, second] = tls.feed({
    from: 'client',
    offset: 0,
    bytes: Buffer.concat([record(prefix), record(hello)]),
  }) as [TlsMessage, TlsMessage];
  t.is(first.content.type, 'client_hello');
  const at = second.content.type === 'client_hello' ? second.content.fault?.offset : undefined;
  t.true(at !== undefined && at > second.offset && at < second.offset + second.length);
});

test('a ServerHello is read as far as it goes', (t) => {
  const key = extension(51, [0, 29, 0, 32, 1, 2]);
  const content = readServer(
    message(2, [3, 3, ...Buffer.alloc(32, 9), 0, 0x13, 1, 0, ...vector([...key, ...extension(43, [3, 4])])]),
  );
  t.like(content, {
    cipherSuite: 0x1301,
    version: 0x0304,
    fault: { id: 'tls.handshake.extension.key_share.key_exchange' },
  });
});

test('the ServerHello of the drafts before 22 has neither a session id nor a compression method', (t) => {
  const share = extension(40, [0, 29, 0, 32, ...Buffer.alloc(32, 5)]);
  for (const draft of [16, 18, 21]) {
    const content = readServer(message(2, [0x7f, draft, ...Buffer.alloc(32, 9), 0x13, 1, ...vector(share)]));
    t.like(content, { version: 0x7f00 + draft, cipherSuite: 0x1301, fault: undefined });
  }
});

test('a protocol that is no UTF-8 stands as its bytes, each a letter of Latin-1', (t) => {
  const content = readClient(clientHello(alpn([0xff, 0xfe], [104, 50])));
  t.deepEqual(content.extensions.alpn, ['\u00ff\u00fe', 'h2']);
});

test('whatever byte of a hello is changed, it is read, with every byte named, or is no hello', (t) => {
  const sound = clientHello([
    ...name('shop.localhost'),
    ...alpn([104, 50]),
    ...versions,
    ...extension(51, vector([0, 29, ...vector([1, 2, 3, 4])])),
  ]);
  fc.assert(
    fc.property(fc.nat(sound.length - 1), fc.nat(255), (at, value) => {
      const changed = Uint8Array.from(sound);
      changed[at] = value;
      const step = readHandshake(changed, { open: false });
      if ('got' in step) t.is(covered(step.field), step.consumed);
      else t.true(at < 4);
    }),
  );
});
