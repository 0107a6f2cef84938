/**
 * A field means its own bytes and no others: a byte that is changed changes the field that holds it, those around that
 * field, and nothing else; or the message is malformed at that field. Where more may change, a table says why.
 */
import test from 'ava';
import type { Field, FieldId, Malformed, Step } from '../../src/core/field.ts';
import { fieldPathAt } from '../../src/core/field.ts';
import { toHex } from '../../src/core/hex.ts';
import { handshakeFieldOf } from '../../src/protocols/tls/message/message-field.ts';
import { TlsConversation } from '../../src/protocols/tls/conversation.ts';
import { readHandshake } from '../../src/protocols/tls/handshake.ts';
import { readCertificate } from '../../src/protocols/x509/certificate.ts';
import { readRevocationList } from '../../src/protocols/x509/crl.ts';
import { readSigningRequest } from '../../src/protocols/x509/request.ts';
import { papers } from '../fuzz/seeds.ts';
import { cases, recordingOf } from './helpers/handshakes.ts';

/** Fields on which what stands behind them depends: the layout, or who reads it. Each is needed, which a test shows. */
const deciding: Readonly<Partial<Record<FieldId, string>>> = {
  'tls.handshake.type': 'it says which message the body is',
  'tls.handshake.extension.type': 'it says who reads the body of the extension',
  'tls.handshake.server_hello.legacy_version':
    'the drafts of TLS 1.3 have another layout under 0x7f00 to 0x7fff',
  'tls.handshake.server_hello.random': 'one value makes it a HelloRetryRequest, whose key share has no key',
  'tls.handshake.extension.key_share.group': 'it says whether the share is one key or, of a hybrid, two',
  'tls.handshake.server_key_exchange.curve_type':
    'only a named curve (3) is read; the parameters of any other are bytes',
  'x509.der.tag': 'it says what the content is, and whether an optional element is there at all',
  'x509.extension.oid': 'it says who reads the value of the extension',
  'x509.algorithm.oid': 'it says how the key behind it is read',
  'x509.request.attribute.type': 'it says whether the values are extensions',
};

/** A length says where everything behind it stands. A field of DER with a simple value is told by the element around its bytes. */
function decider(path: readonly Field[]): FieldId | 'length' | undefined {
  const leaf = path.at(-1);
  if (leaf?.id.endsWith('length')) return 'length';
  const field = path.find(({ id }) => Object.hasOwn(deciding, id));
  // Of other randoms nothing depends on any byte.
  if (
    field?.id === 'tls.handshake.server_hello.random' &&
    !field.remarks.some(({ id }) => id.endsWith('hello_retry_request'))
  )
    return undefined;
  return field?.id;
}

/** Deciders that were seen to decide. */
const decided = new Set<FieldId | 'length'>();

const told = ({ id, range, value }: Field): string =>
  `${id} ${range.join('-')} ${value instanceof Uint8Array ? toHex(value) : String(value)}`;

interface Placed {
  readonly words: string;
  readonly field: Field;
  /** From the root down to its parent. */
  readonly around: readonly Field[];
}

function placedIn(field: Field, around: readonly Field[] = []): Placed[] {
  return [
    { words: told(field), field, around },
    ...field.children.flatMap((child) => placedIn(child, [...around, field])),
  ];
}

type Read = (bytes: Uint8Array) => Step<unknown>;

/** Complaints about what one changed byte does. */
function faultsOf(
  read: Read,
  bytes: Uint8Array,
  whole: Field,
  before: readonly Placed[],
  at: number,
  mask: number,
): string[] {
  const path = fieldPathAt(whole, at);
  const leaf = path.at(-1);
  if (!leaf) return [`byte ${at} has no field`];
  const changed = Uint8Array.from(bytes);
  changed[at] = (changed[at] ?? 0) ^ mask;
  const step = read(changed);
  const place = `byte ${at} ^ ${mask} in ${leaf.id}`;
  if ('needMore' in step) return [`${place}: a whole message needs more`];
  const after = 'got' in step ? step.field : step.partial;
  const words = new Set(placedIn(after).map((one) => one.words));
  const faults: string[] = [];
  // Leaves before the byte stand as they stood, whatever follows. (An element whose header is refused has no parts.)
  for (const { field, around, words: said } of before) {
    const isOfRefused = !('got' in step) && around.at(-1) === path.at(-2);
    if (
      !isOfRefused &&
      field.children.length === 0 &&
      field.range[1] <= at &&
      field.range[1] > field.range[0] &&
      !words.has(said)
    )
      faults.push(`${place}: ${said} before it is gone`);
  }
  const by = decider(path);
  const elsewhere = faultsElsewhere(step, before, path).map((fault) => `${place}: ${fault}`);
  if (by !== undefined && elsewhere.length > 0) decided.add(by);
  if (by === undefined) faults.push(...elsewhere);
  if ('got' in step && words.has(told(leaf))) faults.push(`${place}: its value stays as it was`);
  return faults;
}

/** A fault that a hello outlives. */
function survivedFault(got: unknown): Malformed | undefined {
  const { content } = got as { readonly content?: { readonly fault?: Malformed } };
  return content?.fault;
}

/** What has changed in fields that are not on the path to the changed byte. */
function faultsElsewhere(
  step: Exclude<Step<unknown>, { needMore: number }>,
  before: readonly Placed[],
  path: readonly Field[],
): string[] {
  if (!('got' in step)) {
    const { id, offset } = step.malformed;
    return path.some((one) => one.id === id) ? [] : [`${id} at ${offset} is malformed`];
  }
  const survived = survivedFault(step.got);
  if (survived && !path.some(({ id }) => id === survived.id))
    return [`${survived.id} at ${survived.offset} is wrong`];
  const now = placedIn(step.field);
  if (now.length !== before.length) return [`${before.length} fields become ${now.length}`];
  return before.flatMap(({ field, words }, index) => {
    const other = now[index];
    const isSamePlace = other?.field.id === field.id && other.field.range.join() === field.range.join();
    return isSamePlace && (other.words === words || path.includes(field))
      ? []
      : [`${words} has become ${other?.words}, far from it`];
  });
}

/** Every byte, changed a little and a lot. */
function allFaults(read: Read, bytes: Uint8Array): string[] {
  const step = read(bytes);
  if (!('got' in step)) return ['it cannot be read as it is'];
  const before = placedIn(step.field);
  const faults: string[] = [];
  for (let at = 0; at < bytes.length; at++)
    for (const mask of [0x01, 0x7c]) faults.push(...faultsOf(read, bytes, step.field, before, at, mask));
  return faults;
}

for (const name of [
  'mutual TLS 1.3',
  'TLS 1.3 with a HelloRetryRequest',
  'TLS 1.2, ECDHE-ECDSA',
  'mutual TLS 1.2, ECDHE-RSA',
  'TLS 1.2, RSA key exchange',
  'TLS 1.2, DHE',
] as const satisfies readonly (keyof typeof cases)[]) {
  test.serial(
    `${name}: a changed byte of a handshake message changes its own field and nothing else`,
    async (t) => {
      const recording = await recordingOf(name);
      const tls = new TlsConversation();
      for (const event of recording.events) if (event.type === 'bytes') tls.feed(event);
      tls.openWith(recording.keylog);
      const seen = new Set<string>();
      for (const message of tls.messages) {
        // One of each, and the short ones of every kind: tickets and chains repeat themselves.
        if (!handshakeFieldOf(message) || !message.bytes || seen.has(message.title)) continue;
        seen.add(message.title);
        const { context } = message;
        const faults = allFaults((bytes) => readHandshake(bytes, { open: false, context }), message.bytes);
        t.deepEqual(faults.slice(0, 5), [], message.title);
      }
      t.true(seen.size >= 5, [...seen].join());
    },
  );
}

test.serial(
  'a ServerHello with a hybrid share: a changed byte changes its own field and nothing else',
  (t) => {
    const uint16 = (value: number): number[] => [value >> 8, value & 0xff];
    const share = [...uint16(0x11ec), ...uint16(1088 + 32), ...Buffer.alloc(1088 + 32, 7)];
    const extensions = [...uint16(43), ...uint16(2), 3, 4, ...uint16(51), ...uint16(share.length), ...share];
    const body = [3, 3, ...Buffer.alloc(32, 9), 0, 0x13, 1, 0, ...uint16(extensions.length), ...extensions];
    t.deepEqual(
      allFaults(
        (bytes) => readHandshake(bytes, { open: false, context: {} }),
        Uint8Array.of(2, 0, ...uint16(body.length), ...body),
      ).slice(0, 5),
      [],
    );
  },
);

const documents: readonly (readonly [what: string, read: Read, make: () => Uint8Array | undefined])[] = [
  ['a certificate', (der) => readCertificate(der), () => papers().certificates[1]],
  ['a certificate of an RSA key', (der) => readCertificate(der), () => papers().certificates[3]],
  ['a signing request', (der) => readSigningRequest(der), () => papers().requests[0]],
  ['a revocation list', (der) => readRevocationList(der), () => papers().lists[0]],
];

for (const [what, read, make] of documents) {
  test.serial(`${what}: a changed byte changes its own field and nothing else`, (t) => {
    const der = make();
    if (!der) return t.fail('there is none');
    t.deepEqual(allFaults(read, der).slice(0, 5), []);
  });
}

test('the check itself: a reader that reads a byte twice, or not at all, is found', (t) => {
  const leaf = (id: FieldId, start: number, end: number, value: number): Field => ({
    id,
    range: [start, end],
    value,
    children: [],
    remarks: [],
    origin: 'wire',
  });
  const got = (bytes: Uint8Array, ...children: readonly Field[]): Step<unknown> => ({
    got: 0,
    consumed: bytes.length,
    field: { ...leaf('message', 0, bytes.length, 0), value: null, children },
  });
  const bytes = Uint8Array.of(1, 2);
  const sound: Read = (input) =>
    got(input, leaf('message.kind', 0, 1, input[0] ?? 0), leaf('message.value', 1, 2, input[1] ?? 0));
  const leaking: Read = (input) =>
    got(
      input,
      leaf('message.kind', 0, 1, input[0] ?? 0),
      leaf('message.value', 1, 2, (input[0] ?? 0) + (input[1] ?? 0)),
    );
  const deaf: Read = (input) =>
    got(input, leaf('message.kind', 0, 1, input[0] ?? 0), leaf('message.value', 1, 2, 7));
  t.deepEqual(allFaults(sound, bytes), []);
  t.regex(allFaults(leaking, bytes).join(), /message\.value .*, far from it/);
  t.regex(allFaults(deaf, bytes).join(), /stays as it was/);
});

// After the serial ones, which have filled it.
test('each row of the table is needed: without it something else would change', (t) => {
  t.deepEqual([...decided].filter((id) => id !== 'length').toSorted(), Object.keys(deciding).toSorted());
  t.true(decided.has('length'));
});
