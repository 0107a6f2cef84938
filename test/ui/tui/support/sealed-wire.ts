/**
 * One TLS connection without its keys: its records as they lie open, to be sealed again under other secrets. Lengths on
 * the wire stay what they were. The contents of a Finished, a CertificateVerify or a ticket then match no key; a
 * reader of the wire checks none of it.
 */
import type { Side } from '../../../../src/capture/event.ts';
import type { Field } from '../../../../src/core/field.ts';
import { fromHex } from '../../../../src/core/hex.ts';
import { contentTypes, headerLength } from '../../../../src/protocols/tls/framing.ts';
import { fieldOf } from '../../../../src/protocols/tls/message/message-field.ts';
import { TlsConversation } from '../../../../src/protocols/tls/conversation.ts';
import type { TlsChunk } from '../../../../src/protocols/tls/conversation.ts';
import {
  aeadSuite,
  keyBlock12,
  openRecord,
  sealRecord,
} from '../../../../src/protocols/tls/keys/key-schedule.ts';
import type { AeadSuite, Protection } from '../../../../src/protocols/tls/keys/key-schedule.ts';
import { KeyRing } from '../../../../src/protocols/tls/keys/keylog.ts';
import { RecordStream } from '../../../../src/protocols/tls/record.ts';
import { blankCookies, fillTicket } from './fillers.ts';

/** Bytes are Base64: of a record in clear all of them, of a sealed one its content. */
export type KeptRecord =
  | { readonly clear: string }
  | {
      /** The type of the content: under TLS 1.3 the inner one. */
      readonly sealed: number;
      /** The label of the secret, as a key log says it. */
      readonly under: string;
      readonly content: string;
      readonly padding?: number;
    };

export interface PlacedRecord {
  /** Where it begins in its direction of the wire. */
  readonly start: number;
  readonly record: KeptRecord;
}

export type BothSides<T> = Readonly<Record<Side, T>>;

/** What two hellos say that keys depend on. */
export interface Agreed {
  readonly clientRandom: string;
  readonly serverRandom: string;
  readonly suite: AeadSuite | undefined;
}

/** In the order in which a direction goes through them; under TLS 1.2 one master secret seals both. */
const labels: Readonly<Record<AeadSuite['version'], BothSides<readonly string[]>>> = {
  'TLSv1.2': { client: ['CLIENT_RANDOM'], server: ['CLIENT_RANDOM'] },
  'TLSv1.3': {
    client: ['CLIENT_HANDSHAKE_TRAFFIC_SECRET', 'CLIENT_TRAFFIC_SECRET_0'],
    server: ['SERVER_HANDSHAKE_TRAFFIC_SECRET', 'SERVER_TRAFFIC_SECRET_0'],
  },
};

const sides = ['client', 'server'] as const satisfies readonly Side[];

export function bothSides<T>(make: (from: Side) => T): BothSides<T> {
  return { client: make('client'), server: make('server') };
}

function agreedIn({ negotiated }: TlsConversation): Agreed {
  const { clientRandom = '', serverRandom = '', cipherSuite } = negotiated;
  return {
    clientRandom,
    serverRandom,
    suite: cipherSuite === undefined ? undefined : aeadSuite(cipherSuite),
  };
}

function protectionOf(
  { clientRandom, serverRandom }: Agreed,
  suite: AeadSuite,
  from: Side,
  secret: Uint8Array,
): Protection {
  if (suite.version === 'TLSv1.3') return { suite, secret };
  return { suite, keys: keyBlock12(suite, secret, fromHex(clientRandom), fromHex(serverRandom))[from] };
}

/** A record under way to what is kept: its content is a copy that may be written to. */
interface Opened {
  readonly start: number;
  /** The unencrypted bytes before the content, which are kept with it. */
  readonly header: Uint8Array;
  readonly contentType: number;
  readonly content: Buffer;
  /** The position of the content on the wire. */
  readonly at: number;
  readonly seal?: { readonly under: string; readonly padding: number };
}

/**
 * Takes a wire to pieces, sessions' secrets blanked.
 * @param keys lines of a key log that open every sealed record.
 * @throws Error when a record stays shut: it could not be kept without its keys.
 */
export function openWire(
  chunks: readonly TlsChunk[],
  keys: Iterable<string>,
): BothSides<readonly PlacedRecord[]> {
  const ring = new KeyRing();
  ring.add(keys);
  const conversation = new TlsConversation({ keys: ring });
  for (const chunk of chunks) conversation.feed(chunk);
  const agreed = agreedIn(conversation);
  const opened = bothSides((from) =>
    openedRecords(
      Buffer.concat(chunks.filter((chunk) => chunk.from === from).map(({ bytes }) => bytes)),
      from,
      agreed,
      ring,
    ),
  );
  for (const message of conversation.messages) {
    for (const [start, end] of ticketsIn(fieldOf(message))) {
      for (const { at, content } of opened[message.from])
        fillTicket(content.subarray(Math.max(0, start - at), Math.max(0, end - at)));
    }
  }
  for (const from of sides)
    blankCookies(
      opened[from]
        .filter(({ contentType }) => contentType === contentTypes.applicationData)
        .map(({ content }) => content),
    );
  return bothSides((from) =>
    opened[from].map((record) => ({ start: record.start, record: keptRecord(record) })),
  );
}

function openedRecords(bytes: Buffer, from: Side, agreed: Agreed, keys: KeyRing): Opened[] {
  const { suite } = agreed;
  const stages = suite ? labels[suite.version][from] : [];
  let stage = 0;
  let sequence = 0;
  let hasChanged = false;
  let end = 0;
  const opened = new RecordStream().feed(0, bytes).map((record): Opened => {
    const { start, contentType } = record;
    end = record.end;
    const whole = bytes.subarray(start, end);
    const isSealed = suite?.version === 'TLSv1.3' ? contentType === contentTypes.applicationData : hasChanged;
    hasChanged ||= contentType === contentTypes.changeCipherSpec;
    if (!isSealed)
      return {
        start,
        header: whole.subarray(0, headerLength),
        contentType,
        content: Buffer.from(whole.subarray(headerLength)),
        at: start + headerLength,
      };
    if (!suite) throw shut(start, from);
    for (; stage < stages.length; stage++, sequence = 0) {
      const under = stages[stage] ?? '';
      const secret = keys.secret(agreed.clientRandom, under);
      const inside =
        secret && openRecord({ ...protectionOf(agreed, suite, from, secret), sequence, record: whole });
      if (!inside) continue;
      sequence++;
      const at = start + headerLength + suite.explicitNonceLength;
      return {
        start,
        header: new Uint8Array(0),
        contentType: inside.contentType,
        content: Buffer.from(inside.content),
        at,
        seal: { under, padding: inside.padding },
      };
    }
    throw shut(start, from);
  });
  // What is no whole record, since the connection broke off or spoke something else.
  if (end < bytes.length)
    opened.push({
      start: end,
      header: new Uint8Array(0),
      contentType: 0,
      content: Buffer.from(bytes.subarray(end)),
      at: end,
    });
  return opened;
}

function shut(start: number, from: Side): Error {
  return new Error(
    `the record at ${start} of the ${from} stays shut: only what opens can be kept without its keys`,
  );
}

function keptRecord({ header, contentType, content, seal }: Opened): KeptRecord {
  if (!seal) return { clear: Buffer.concat([header, content]).toString('base64') };
  const { under, padding } = seal;
  return {
    sealed: contentType,
    under,
    content: content.toString('base64'),
    ...(padding > 0 ? { padding } : {}),
  };
}

/** With one of these, and the secret that is behind it, a session is gone on with. */
function ticketsIn({ id, range, children }: Field): (readonly [start: number, end: number])[] {
  return /\.(?:ticket|identity|session_ticket\.data)$/.test(id) ? [range] : children.flatMap(ticketsIn);
}

/** What is agreed on in the records before the first sealed ones. */
export function agreedOf(records: BothSides<readonly KeptRecord[]>): Agreed {
  const conversation = new TlsConversation();
  for (const from of sides) {
    const first = records[from].findIndex((record) => 'sealed' in record);
    const head = records[from].slice(0, first < 0 ? undefined : first);
    conversation.feed({
      from,
      offset: 0,
      bytes: Buffer.concat(
        head.map((record) => ('clear' in record ? Buffer.from(record.clear, 'base64') : Buffer.alloc(0))),
      ),
    });
  }
  return agreedIn(conversation);
}

/** The bytes of one direction, every record sealed under the secret of its label. */
export function sealedWire(
  records: readonly KeptRecord[],
  from: Side,
  agreed: Agreed,
  secretOf: (label: string) => Uint8Array,
): Buffer {
  const sealedBefore = new Map<string, number>();
  return Buffer.concat(
    records.map((record) => {
      if ('clear' in record) return Buffer.from(record.clear, 'base64');
      if (!agreed.suite) throw new Error('nothing can be sealed before both hellos');
      const { under, sealed: contentType, content, padding = 0 } = record;
      const sequence = sealedBefore.get(under) ?? 0;
      sealedBefore.set(under, sequence + 1);
      return sealRecord({
        ...protectionOf(agreed, agreed.suite, from, secretOf(under)),
        sequence,
        contentType,
        content: Buffer.from(content, 'base64'),
        padding,
      });
    }),
  );
}
