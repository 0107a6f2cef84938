/**
 * Reads the datagrams of one DTLS connection: records, the handshake in them as messages of TLS, alerts. With a master
 * secret (key log) records of AEAD suites are opened too, up to DTLS 1.2; of DTLS 1.3 what is in clear is read.
 */
import type { Side } from '../../capture/event.ts';
import type { Piece } from '../piece.ts';
import { fromHex } from '../../core/hex.ts';
import { Agreement } from '../tls/agreement.ts';
import { contentTypeTitles } from '../tls/codes.ts';
import { HandshakeStream } from '../tls/handshake-stream.ts';
import { aeadSuite, keyBlock12, openRecord } from '../tls/keys/key-schedule.ts';
import type { AeadSuite, TrafficKeys } from '../tls/keys/key-schedule.ts';
import type { KeyRing } from '../tls/keys/keylog.ts';
import { readWhole } from '../tls/message/whole-content.ts';
import type { TlsContent, TlsMessage } from '../tls/message/message.ts';
import { FragmentGatherer } from './fragments.ts';
import { contentTypes, fragmentsIn, recordsIn } from './record.ts';
import type { DtlsRecord } from './record.ts';

/** A record with its content, where it is in clear or was opened. */
export interface ReadRecord extends DtlsRecord {
  readonly content: Uint8Array | undefined;
  readonly isOpened: boolean;
}

export interface DtlsDatagram {
  readonly records: readonly ReadRecord[];
  readonly messages: readonly TlsMessage[];
}

interface Direction {
  fragments: FragmentGatherer;
  clear: HandshakeStream;
  opened: HandshakeStream | undefined;
  keys: TrafficKeys | undefined;
  /** Bytes of messages that are no handshake. */
  others: number;
}

export class DtlsConversation {
  readonly #keys: () => KeyRing;
  #agreement = new Agreement();
  #directions = this.#newDirections();
  #isKnown = false;

  constructor(keys: () => KeyRing) {
    this.#keys = keys;
  }

  /** Undefined for a datagram that is none of DTLS. */
  feed({ from, bytes, tag }: Piece): DtlsDatagram | undefined {
    const found = recordsIn(bytes, this.#isKnown);
    if (!found) return undefined;
    this.#isKnown = true;
    const messages: TlsMessage[] = [];
    const records = found.map((record) => {
      const opened = this.#contentOf(from, record, bytes);
      const read = { ...record, content: opened, isOpened: opened !== undefined && record.epoch > 0 };
      for (const message of this.#messagesOf(from, read, tag)) messages.push(message);
      return read;
    });
    return { records, messages };
  }

  #newDirections(): Record<Side, Direction> {
    const of = (from: Side): Direction => ({
      fragments: new FragmentGatherer(),
      clear: new HandshakeStream(from, this.#agreement),
      opened: undefined,
      keys: undefined,
      others: 0,
    });
    return { client: of('client'), server: of('server') };
  }

  #contentOf(from: Side, record: DtlsRecord, bytes: Uint8Array): Uint8Array | undefined {
    const { epoch, contentType, bodyAt, end } = record;
    if (contentType === undefined) return undefined;
    if (epoch === 0) return bytes.subarray(bodyAt, end);
    return this.#open(from, record, bytes);
  }

  /** RFC 6347 section 4.1.2.1: as in TLS 1.2, with the epoch as the highest bits of the sequence number. */
  #open(from: Side, record: DtlsRecord, bytes: Uint8Array): Uint8Array | undefined {
    const { clientHello, serverHello } = this.#agreement;
    const suite = serverHello && aeadSuite(serverHello.cipherSuite);
    if (!clientHello || !serverHello || suite?.version !== 'TLSv1.2' || record.sequence === undefined)
      return undefined;
    const keys = this.#keysOf(from, suite, clientHello.random, serverHello.random);
    if (!keys) return undefined;
    const body = bytes.subarray(record.bodyAt, record.end);
    const { contentType = 0, version = 0 } = record;
    const header = [contentType, version >> 8, version & 0xff, body.length >> 8, body.length & 0xff];
    return openRecord({
      suite,
      keys,
      sequence: record.epoch * 2 ** 48 + record.sequence,
      record: Buffer.concat([Uint8Array.from(header), body]),
    })?.content;
  }

  #keysOf(from: Side, suite: AeadSuite, clientRandom: string, serverRandom: string): TrafficKeys | undefined {
    const direction = this.#directions[from];
    if (direction.keys) return direction.keys;
    const master = this.#keys().secret(clientRandom, 'CLIENT_RANDOM');
    if (master)
      direction.keys = keyBlock12(suite, master, fromHex(clientRandom), fromHex(serverRandom))[from];
    return direction.keys;
  }

  #messagesOf(from: Side, record: ReadRecord, tag: number): TlsMessage[] {
    const { contentType, content, isOpened } = record;
    if (contentType === contentTypes.handshake && content)
      return this.#handshake(from, content, isOpened, tag);
    // Data that stays shut is the datagram's business alone; a sealed Finished or alert says something by being there.
    if (
      !content &&
      contentType !== contentTypes.handshake &&
      contentType !== contentTypes.alert &&
      contentType !== contentTypes.changeCipherSpec
    )
      return [];
    if (contentType === undefined || contentType === contentTypes.acknowledgement) return [];
    return [this.#other(from, record, contentType, tag)];
  }

  #handshake(from: Side, content: Uint8Array, isOpened: boolean, tag: number): TlsMessage[] {
    const messages: TlsMessage[] = [];
    for (const fragment of fragmentsIn(content).fragments)
      for (const { message, isNew } of this.#directions[from].fragments.add(fragment)) {
        if (isNew) this.#restart(from);
        const direction = this.#directions[from];
        if (isOpened)
          direction.opened ??= new HandshakeStream(from, this.#agreement, {
            base: direction.clear.end,
            isSealed: true,
          });
        const stream = isOpened ? direction.opened : direction.clear;
        for (const one of stream?.append(message, tag) ?? []) messages.push(one);
      }
    return messages;
  }

  /** The fragments of the new ClientHello are in its gatherer already. */
  #restart(from: Side): void {
    const { fragments } = this.#directions[from];
    this.#agreement = new Agreement();
    this.#directions = this.#newDirections();
    this.#directions[from].fragments = fragments;
  }

  #other(from: Side, record: ReadRecord, contentType: number, tag: number): TlsMessage {
    const { content, isOpened, bodyAt, end, epoch } = record;
    const direction = this.#directions[from];
    const offset = (direction.opened ?? direction.clear).end + direction.others;
    const length = content?.length ?? end - bodyAt;
    direction.others += length;
    const isData = contentType === contentTypes.applicationData;
    const read: { title: string; content: TlsContent } = content
      ? readWhole(contentType, content, offset)
      : { title: contentTypeTitles[contentType] ?? 'Malformed', content: { type: 'sealed' } };
    return {
      from,
      offset,
      length,
      firstTag: tag,
      lastTag: tag,
      contentType,
      ...read,
      encrypted: epoch > 0,
      opened: isOpened,
      bytes: content,
      ranges: [[offset, offset + length]],
      frames: [],
      records: 1,
      plaintextLength: isData && content ? content.length : 0,
      context: this.#agreement.context,
    };
  }
}
