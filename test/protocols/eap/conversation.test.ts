import test from 'ava';
import * as fc from 'fast-check';
import type { Side } from '../../../src/capture/event.ts';
import { coverageOf } from '../../../src/protocols/coverage.ts';
import { RadiusConversation } from '../../../src/protocols/eap/conversation.ts';
import { eapIn, eapolMessage, radiusMessage } from '../../../src/protocols/eap/message.ts';
import { readEap, readRadius } from '../../../src/protocols/eap/packet.ts';
import { EapSession } from '../../../src/protocols/eap/session.ts';
import { eapTexts } from '../../../src/protocols/eap/texts.ts';
import { TlsConversation } from '../../../src/protocols/tls/conversation.ts';
import { KeyRing } from '../../../src/protocols/tls/keys/keylog.ts';
import { present } from '../../helpers/capture.ts';
import { recordingOf } from '../helpers/handshakes.ts';
import { allFields, treeFaults } from '../helpers/tree.ts';

const u16 = (value: number): Buffer => Buffer.of(value >> 8, value & 0xff);
const u32 = (value: number): Buffer => Buffer.concat([u16(Math.floor(value / 65_536)), u16(value & 0xffff)]);

function eap(code: number, identifier: number, type?: number, data: Uint8Array = Buffer.alloc(0)): Buffer {
  const body = type === undefined ? data : Buffer.concat([Buffer.of(type), data]);
  return Buffer.concat([Buffer.of(code, identifier), u16(4 + body.length), body]);
}

function attribute(type: number, value: Uint8Array): Buffer {
  return Buffer.concat([Buffer.of(type, value.length + 2), value]);
}

function radius(
  code: number,
  identifier: number,
  packet: Uint8Array,
  { state = '', user = '' } = {},
): Buffer {
  const parts: Buffer[] = user === '' ? [] : [attribute(1, Buffer.from(user))];
  for (let at = 0; at < packet.length; at += 253) parts.push(attribute(79, packet.subarray(at, at + 253)));
  if (state !== '') parts.push(attribute(24, Buffer.from(state)));
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.of(code, identifier), u16(20 + body.length), Buffer.alloc(16, 9), body]);
}

interface EapStep {
  readonly from: Side;
  readonly packet: Buffer;
}

/** A recorded handshake as EAP carries it: in fragments, each acknowledged. */
async function login(type: number, fragmentLength = 300): Promise<readonly EapStep[]> {
  const { events } = await recordingOf('TLS 1.2, ECDHE-ECDSA');
  const steps: EapStep[] = [{ from: 'server', packet: eap(1, 1, type, Buffer.of(0x20)) }];
  let identifier = 1;
  const codeOf = (from: Side): number => (from === 'client' ? 2 : 1);
  for (const event of events) {
    if (event.type !== 'bytes') continue;
    const { from, bytes } = event;
    for (let at = 0; at < bytes.length; at += fragmentLength) {
      const more = at + fragmentLength < bytes.length;
      const head =
        at === 0 ? [Buffer.of(more ? 0xc0 : 0x80), u32(bytes.length)] : [Buffer.of(more ? 0x40 : 0)];
      const data = Buffer.concat([...head, bytes.subarray(at, at + fragmentLength)]);
      steps.push({ from, packet: eap(codeOf(from), ++identifier & 0xff, type, data) });
      if (more) {
        const other: Side = from === 'client' ? 'server' : 'client';
        steps.push({ from: other, packet: eap(codeOf(other), identifier & 0xff, type, Buffer.of(0)) });
      }
    }
  }
  return steps;
}

/** As they are read from the wire itself. */
async function expected(): Promise<string[]> {
  const conversation = new TlsConversation();
  const { events } = await recordingOf('TLS 1.2, ECDHE-ECDSA');
  for (const event of events) if (event.type === 'bytes') conversation.feed(event);
  return conversation.messages.map(({ from, title }) => `${from} ${title}`);
}

const ring = (): KeyRing => new KeyRing();

for (const [type, name] of [
  [13, 'EAP-TLS'],
  [25, 'PEAP'],
  [21, 'EAP-TTLS'],
] as const)
  test(`${name}: fragments are put together, and the handshake in them is read as any other`, async (t) => {
    const session = new EapSession(ring);
    const steps = await login(type);
    const titles = steps.flatMap(({ packet }) =>
      session.take(present(readEap(packet)), 1).map(({ from, title }) => `${from} ${title}`),
    );
    t.deepEqual(titles, await expected());
  });

test('a packet that is sent again is the same packet; a start begins again', async (t) => {
  const session = new EapSession(ring);
  const twice = (await login(13)).flatMap((step) => [step, step]);
  const titles = (): string[] =>
    twice.flatMap(({ packet }) =>
      session.take(present(readEap(packet)), 1).map(({ from, title }) => `${from} ${title}`),
    );
  t.deepEqual(titles(), await expected());
  t.deepEqual(titles(), await expected());
});

test('with the key log what is sealed opens', async (t) => {
  const keys = new KeyRing();
  keys.add((await recordingOf('TLS 1.2, ECDHE-ECDSA')).keylog);
  const session = new EapSession(() => keys);
  const opened = (await login(25)).flatMap(({ packet }) =>
    session.take(present(readEap(packet)), 1).filter((message) => message.opened),
  );
  t.true(opened.some(({ content }) => content.type === 'finished'));
  t.true(opened.some(({ content }) => content.type === 'application_data'));
});

test('RADIUS: two logins at once on one flow are told apart by their state', async (t) => {
  const conversation = new RadiusConversation(ring);
  const seen: Record<string, string[]> = { alice: [], bob: [] };
  const states: Record<string, string> = { alice: '', bob: '' };
  let identifier = 0;
  for (const { from, packet } of await login(13))
    for (const user of ['alice', 'bob']) {
      if (from === 'server') {
        states[user] = `${user}${identifier}`;
        const found = conversation.feed({
          bytes: radius(11, user === 'alice' ? 1 : 2, packet, { state: states[user] ?? '' }),
          tag: 1,
        });
        for (const { title } of present(found).messages) seen[user]?.push(`server ${title}`);
        continue;
      }
      identifier++;
      const bytes = radius(1, user === 'alice' ? 1 : 2, packet, { state: states[user] ?? '', user });
      for (const { title } of present(conversation.feed({ bytes, tag: 1 })).messages)
        seen[user]?.push(`client ${title}`);
    }
  const all = await expected();
  t.true((seen['alice'] ?? []).length > 0);
  t.deepEqual(seen['alice'], seen['bob']);
  t.true((seen['alice'] ?? []).every((one) => all.includes(one)));
  t.true(seen['alice']?.includes('client ClientHello'));
});

test('titles and facts: who asks, with which method, and which fragment', (t) => {
  const described = (bytes: Uint8Array): string => {
    const piece = { from: 'client', offset: 0, bytes, tag: 0 } as const;
    const found = present(new RadiusConversation(ring).feed(piece));
    const { title, facts } = radiusMessage(piece, found.radius, found.eap);
    return `${title.en}: ${facts?.en}`;
  };
  t.is(
    described(radius(1, 1, eap(2, 1, 1, Buffer.from('anon')), { user: 'anon' })),
    'Access-Request: User-Name anon, EAP Response Identity anon',
  );
  t.is(described(radius(11, 1, eap(1, 2, 25, Buffer.of(0x20)))), 'Access-Challenge: EAP Request PEAP, start');
  t.is(
    described(radius(11, 1, eap(1, 2, 13, Buffer.concat([Buffer.of(0xc0), u32(2000), Buffer.alloc(900)])))),
    'Access-Challenge: EAP Request EAP-TLS, 900 of 2000 bytes, more to come',
  );
  t.is(described(radius(2, 1, eap(3, 2))), 'Access-Accept: EAP Success');
});

test('what is no RADIUS is none: a length that lies, attributes that do not add up, a code that nobody has', (t) => {
  const whole = radius(1, 1, eap(2, 1, 1, Buffer.from('anon')), { user: 'anon' });
  t.truthy(readRadius(whole));
  t.truthy(readRadius(Buffer.concat([whole, Buffer.alloc(5)])));
  for (let length = 0; length < whole.length; length++)
    t.is(readRadius(whole.subarray(0, length)), undefined);
  const wrong = (index: number, value: number): Buffer => {
    const bytes = Buffer.from(whole);
    bytes[index] = value;
    return bytes;
  };
  t.is(readRadius(Buffer.concat([whole, Buffer.of(0, 1)])), undefined);
  t.is(readRadius(wrong(0, 99)), undefined);
  t.is(readRadius(wrong(21, 1)), undefined);
  t.is(readRadius(wrong(21, 200)), undefined);
});

test('any bytes give no exception and a tree without gaps; every field has words and a known meaning', (t) => {
  const seen = new Set<string>();
  const check = (bytes: Uint8Array): void => {
    const piece = { from: 'client', offset: 7, bytes, tag: 0 } as const;
    const found = new RadiusConversation(ring).feed(piece);
    const fields = [
      ...(bytes.length >= 4 ? [eapolMessage(piece, eapIn(bytes)).field()] : []),
      ...(found ? [radiusMessage(piece, found.radius, found.eap).field()] : []),
    ];
    for (const field of fields.map(present)) {
      if (treeFaults(field).length > 0) throw new Error(treeFaults(field).join('; '));
      const { unknown, uncovered } = coverageOf(field);
      if (unknown + uncovered > 0) throw new Error(`${unknown} unknown, ${uncovered} uncovered`);
      for (const { id } of allFields(field)) if (!id.endsWith('.length') || id in eapTexts) seen.add(id);
    }
  };
  const frame = (packet: Uint8Array, type = 0): Buffer =>
    Buffer.concat([Buffer.of(2, type), u16(packet.length), packet]);
  const tls = Buffer.concat([Buffer.of(0x80), u32(3), Buffer.from('abc')]);
  for (const packet of [
    eap(2, 1, 1, Buffer.from('bob')),
    eap(1, 1, 13, tls),
    eap(1, 1, 4, Buffer.alloc(9)),
    eap(3, 1),
  ]) {
    check(frame(packet));
    check(Buffer.concat([radius(1, 1, packet, { user: 'bob', state: 'x' }), Buffer.alloc(2)]));
  }
  check(frame(Buffer.alloc(0), 1));
  check(frame(Buffer.alloc(9), 3));
  t.deepEqual([...seen].toSorted(), Object.keys(eapTexts).toSorted());
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 90 }), (bytes) => {
      check(bytes);
      check(frame(bytes));
      check(radius(1, 1, bytes));
    }),
    { numRuns: 400 },
  );
});

test('of very many logins the oldest are forgotten', (t) => {
  const conversation = new RadiusConversation(ring);
  const before = process.memoryUsage().heapUsed;
  const hello = eap(1, 1, 13, Buffer.concat([Buffer.of(0x80), u32(500), Buffer.alloc(500, 22)]));
  for (let count = 0; count < 5000; count++) {
    conversation.feed({ bytes: radius(1, count & 0xff, eap(2, 1, 1)), tag: 0 });
    conversation.feed({ bytes: radius(11, count & 0xff, hello, { state: `s${count}` }), tag: 0 });
  }
  t.true(process.memoryUsage().heapUsed - before < 80_000_000);
});
