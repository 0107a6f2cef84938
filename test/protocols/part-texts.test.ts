/**
 * Every field id that a dissector can produce has words, its own or those of the extension that it is a part of, in both languages: ids are gathered from messages made
 * of small random bytes (of every type, version and key exchange), from live handshakes, and from the list that the X.509
 * readers take theirs from. And no words stand there for a field that nothing produces.
 */
import test from 'ava';
import * as fc from 'fast-check';
import type { Field, FieldId, Step } from '../../src/core/field.ts';
import { fieldOfHttp } from '../../src/protocols/http/message-field.ts';
import { HttpConversation } from '../../src/protocols/http/conversation.ts';
import { httpPartTexts } from '../../src/protocols/http/part-texts.ts';
import { httpTexts } from '../../src/protocols/http/texts.ts';
import type { FieldText } from '../../src/protocols/text.ts';
import { cipherSuiteNames } from '../../src/protocols/tls/cipher-suites.ts';
import { extensionNames } from '../../src/protocols/tls/codes.ts';
import { TlsConversation } from '../../src/protocols/tls/conversation.ts';
import { fieldOf } from '../../src/protocols/tls/message/message-field.ts';
import { readHandshake } from '../../src/protocols/tls/handshake.ts';
import { partTextOf, tlsPartTexts } from '../../src/protocols/tls/part-texts.ts';
import { tlsTexts } from '../../src/protocols/tls/texts.ts';
import { x509FieldIds } from '../../src/protocols/x509/ids.ts';
import { x509PartTexts } from '../../src/protocols/x509/part-texts.ts';
import { x509Texts } from '../../src/protocols/x509/texts.ts';
import { languages } from '../../src/i18n/language.ts';
import { cases, recordingOf } from './helpers/handshakes.ts';
import { allFields } from './helpers/tree.ts';

const texts = new Map<string, FieldText>(
  Object.entries({
    ...httpPartTexts,
    ...httpTexts,
    ...tlsPartTexts,
    ...tlsTexts,
    ...x509PartTexts,
    ...x509Texts,
  }),
);
const textOf = (id: string): FieldText | undefined =>
  texts.get(id) ?? partTextOf(id, (owner) => texts.get(owner));

/** Its own words; of what stands deep inside of an extension or an algorithm, those of what is around it. */
function toldBy(id: string): FieldText | undefined {
  const own = textOf(id);
  if (own || id.split('.').length < 3) return own;
  return toldBy(id.slice(0, id.lastIndexOf('.')));
}

function gather<T>(seen: Set<FieldId>, step: Step<T>): void {
  const root: Field | undefined = 'needMore' in step ? undefined : 'got' in step ? step.field : step.partial;
  if (root) for (const { id } of allFields(root)) seen.add(id);
}

/** Bytes that are often lengths of what follows. */
const small = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(0, 0, 0, 1, 2, 3, 4, 5) },
    { weight: 1, arbitrary: fc.nat(255) },
  ),
  { minLength: 0, maxLength: 48 },
);

const exchanges = [
  'TLS_RSA_WITH_AES_128_CBC_SHA',
  'TLS_DHE_RSA_WITH_AES_128_CBC_SHA',
  'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
  'TLS_DHE_PSK_WITH_AES_128_CBC_SHA',
  'TLS_PSK_WITH_AES_128_CBC_SHA',
  'TLS_KRB5_WITH_DES_CBC_SHA',
];
const codes = new Map([...cipherSuiteNames()].map(([code, name]) => [name, code]));
const suites = [0x1301, ...exchanges.map((name) => codes.get(name) ?? -1)];

function framed(type: number, body: readonly number[]): Uint8Array {
  return Uint8Array.from([type, 0, body.length >> 8, body.length & 0xff, ...body]);
}

/** A hello that ends in one extension with that body. */
function hello(type: number, extension: number, body: readonly number[]): Uint8Array {
  const list = [extension >> 8, extension & 0xff, 0, body.length, ...body];
  const fixed =
    type === 1
      ? [3, 3, ...Array.from({ length: 32 }, () => 7), 0, 0, 2, 0x13, 1, 1, 0]
      : [3, 3, ...Array.from({ length: 32 }, () => 7), 0, 0x13, 1, 0];
  return framed(type, [...fixed, 0, list.length, ...list]);
}

function producedByTls(): Set<FieldId> {
  const seen = new Set<FieldId>();
  const types = [...Array.from({ length: 30 }, (_, type) => type), 67, 254];
  for (const type of types) {
    for (const cipherSuite of suites) {
      for (const version of [0x0300, 0x0303, 0x0304]) {
        for (const body of fc.sample(small, { numRuns: 60, seed: type + 1 }))
          gather(seen, readHandshake(framed(type, body), { open: false, context: { version, cipherSuite } }));
      }
    }
  }
  for (const extension of [...Object.keys(extensionNames).map(Number), 0x0a0a]) {
    for (const body of fc.sample(small, { numRuns: 300, seed: extension + 1 })) {
      for (const type of [1, 2])
        gather(seen, readHandshake(hello(type, extension, body), { open: false, context: {} }));
      const list = [extension >> 8, extension & 0xff, 0, body.length, ...body];
      for (const [place, head] of [
        [4, [0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1, 9]],
        [11, [0, 0, 0, list.length + 6, 0, 0, 1, 9]],
        [13, [0]],
      ] as const) {
        gather(
          seen,
          readHandshake(framed(place, [...head, 0, list.length, ...list]), {
            open: false,
            context: { version: 0x0304, cipherSuite: 0x1301 },
          }),
        );
      }
    }
  }
  // What chance does not write in so few bytes.
  const ofDatagrams = [0xfe, 0xfd, ...Array.from({ length: 32 }, () => 7), 0, 2, 7, 7, 0, 2, 0x13, 1, 1, 0];
  gather(seen, readHandshake(framed(1, ofDatagrams), { open: false, context: {} }));
  gather(
    seen,
    readHandshake(hello(1, 41, [0, 7, 0, 1, 9, 0, 0, 0, 5, 0, 2, 1, 9]), { open: false, context: {} }),
  );
  gather(
    seen,
    readHandshake(framed(13, [1, 1, 0, 2, 4, 3, 0, 3, 0, 1, 9]), {
      open: false,
      context: { version: 0x0303, cipherSuite: 0xc02f },
    }),
  );
  gather(
    seen,
    readHandshake(framed(25, [0, 1, 0, 0, 5, 0, 0, 1, 9]), {
      open: false,
      context: { version: 0x0304, cipherSuite: 0x1301 },
    }),
  );
  gather(
    seen,
    readHandshake(framed(22, [1, 0, 0, 1, 9]), {
      open: false,
      context: { version: 0x0303, cipherSuite: 0xc02f },
    }),
  );
  // Records of every type, whole and not, and hellos in the form of SSL 2.0.
  const version2 = [0x80, 28, 1, 3, 1, 0, 3, 0, 0, 0, 16, 0, 0, 0x35, ...Array.from({ length: 16 }, () => 7)];
  for (const bytes of [
    version2,
    ...[20, 21, 22, 23, 24].flatMap((type) => [
      [type, 3, 3, 0, 2, 1, 40],
      [type, 3, 3, 0, 1, 1],
    ]),
  ]) {
    const conversation = new TlsConversation();
    conversation.feed({ from: 'client', offset: 0, bytes: Uint8Array.from(bytes) });
    conversation.feed({ from: 'client', offset: bytes.length, bytes: Uint8Array.of(99, 9, 9) });
    conversation.end();
    for (const message of conversation.messages)
      for (const { id } of allFields(fieldOf(message))) seen.add(id);
  }
  return seen;
}

const produced = producedByTls();

test('every field that TLS can produce is told in its own words, or in those of what is around it', (t) => {
  t.true(produced.size > 180, String(produced.size));
  t.deepEqual([...produced].filter((id) => toldBy(id) === undefined).toSorted(), []);
});

test('live handshakes, opened and not, show no field without words', async (t) => {
  const seen = new Set<FieldId>();
  for (const name of Object.keys(cases)) {
    const recording = await recordingOf(name);
    const conversation = new TlsConversation();
    for (const event of recording.events) if (event.type === 'bytes') conversation.feed(event);
    for (const message of conversation.messages)
      for (const { id } of allFields(fieldOf(message))) seen.add(id);
    conversation.openWith(recording.keylog);
    for (const message of conversation.messages)
      for (const { id } of allFields(fieldOf(message))) seen.add(id);
  }
  t.deepEqual(
    [...seen].filter((id) => toldBy(id) === undefined),
    [],
  );
  for (const id of seen) produced.add(id);
  // Roots of readers, and messages that have no body, stand in no tree that is shown.
  const unseen = Object.keys(tlsPartTexts).filter(
    (id) => !produced.has(id as FieldId) && !['tls.record', 'tls.record.fragment'].includes(id),
  );
  t.deepEqual(unseen, []);
});

test('every field of certificates, lists and requests is told in its own words, or in those of what is around it', (t) => {
  t.deepEqual(
    x509FieldIds.filter((id) => toldBy(id) === undefined),
    [],
  );
  t.deepEqual(
    Object.keys(x509PartTexts).filter(
      (id) => !(x509FieldIds as readonly string[]).includes(id) || id in x509Texts,
    ),
    [],
  );
});

test('every field that HTTP can produce is told in its own words, and no others are', (t) => {
  const chunked = 'Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nX-Sum: 1\r\n\r\n';
  const form = 'a=1';
  const conversation = new HttpConversation();
  const requests = `POST / HTTP/1.1\r\nHost: a\r\n${chunked}POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nxPOST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${form.length}\r\n\r\n${form}`;
  const messages = [
    ...conversation.feed({ from: 'client', offset: 0, bytes: Buffer.from(requests) }),
    ...conversation.feed({
      from: 'server',
      offset: 0,
      bytes: Buffer.from(
        `HTTP/1.1 200 OK\r\n${chunked}HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxHTTP/1.1 nonsense\r\n\r\nx`,
      ),
    }),
    ...conversation.end(),
  ];
  const seen = new Set(messages.flatMap((message) => allFields(fieldOfHttp(message)).map(({ id }) => id)));
  t.deepEqual(
    [...seen].filter((id) => toldBy(id) === undefined),
    [],
  );
  // The roots of readers are told by what they read.
  t.deepEqual(
    Object.keys(httpPartTexts).filter(
      (id) => !seen.has(id as FieldId) && !['http.head', 'http.message'].includes(id),
    ),
    [],
  );
});

test('these words are whole: NFC, one line, without control characters, Korean in Korean, with their source', (t) => {
  const derived = [
    'tls.handshake.extension.key_share.list.length',
    'tls.handshake.extension.heartbeat',
    'tls.handshake.extension.unknown',
    'tls.handshake.extensions.length',
    'tls.handshake.supplemental_data',
    'tls.handshake.unknown',
  ].map((id) => [id, textOf(id)] as const);
  for (const [id, text] of [
    ...Object.entries({ ...tlsPartTexts, ...httpPartTexts, ...x509PartTexts }),
    ...derived,
  ]) {
    if (!text) return t.fail(id);
    const { name, meaning, source } = text;
    for (const words of [name, meaning].flatMap((localized) =>
      languages.map((language) => localized[language]),
    )) {
      t.is(words, words.normalize('NFC').trim(), id);
      t.notRegex(words, /[\u0000-\u001f\u007f-\u009f]|\p{Emoji_Presentation}/u, id);
      t.not(words, '', id);
    }
    t.regex(meaning.en, /[.)]$/, id);
    t.regex(meaning.ko, /니다[.(]/, id);
    t.notRegex(meaning.en, /[\u1100-\u11ff\u3130-\u318f\uac00-\ud7ff]/, id);
    t.regex(source ?? '', /^(RFC \d{4,5}|X\.690) (section|appendix) /, id);
  }
  return undefined;
});

test('what nobody named has no words: an id of no dissector is told by what is around it', (t) => {
  for (const id of [
    '',
    'length',
    '.length',
    'tls.handshake.extension.server_name.nonsense',
    'nobody.knows.length',
    'tls.nonsense',
  ])
    t.is(textOf(id), undefined, id);
});
