/**
 * Dispatches the plaintext of a connection to dissectors: on the wire up to the start of TLS, or above TLS with keys.
 * It recognizes the protocol of a direction and its changes; the dissectors parse it, and `conversation.ts` formats the
 * messages.
 *
 * 1. Protocols are recognized by content, never by port: at the first bytes, again where a protocol ends (CONNECT, an
 *    upgrade, STARTTLS, a database's request for TLS), and, while a direction is opaque, at each chunk that starts like
 *    TLS.
 * 2. Bytes that are too few to recognize are held until more arrive, or until the end.
 * 3. A gap is reported, and the protocol is recognized again after it, unless a dissector can continue.
 * 4. TLS is not parsed here: its bytes are passed on.
 * 5. Each datagram is recognized on its own, first by the protocol of the one before it; a protocol may remember what
 *    the flow's earlier datagrams brought.
 */
import { otherSide } from '../../capture/event.ts';
import type { Side } from '../../capture/event.ts';
import { HttpConversation } from '../../protocols/http/conversation.ts';
import type { HttpBeginning, HttpMessage } from '../../protocols/http/http-message.ts';
import { recognise } from '../../protocols/index.ts';
import type { ProtocolName } from '../../protocols/index.ts';
import type { Handover, Piece, Upgrade } from '../../protocols/piece.ts';
import type {
  DatagramReader,
  LoadedProtocol,
  ProtocolMessage,
  ProtocolReader,
} from '../../protocols/protocol.ts';
import type { KeyRing } from '../../protocols/tls/keys/keylog.ts';
import type { TlsMessage } from '../../protocols/tls/message/message.ts';
import { beginsTls } from '../../protocols/tls/framing.ts';
import type { beginsRecord, looksLikeRecords } from '../../protocols/tls/record.ts';
import { longestRequest } from '../../protocols/tls-request/tls-request.ts';

/** Readers that are loaded where they may be needed; what they would read is opaque until then. */
export interface DispatcherReaders {
  readonly protocols: ReadonlyMap<ProtocolName, LoadedProtocol>;
  readonly looksLikeRecords: typeof looksLikeRecords;
  readonly beginsRecord: typeof beginsRecord;
}

export type Spoken =
  | { readonly type: 'http'; readonly message: HttpMessage }
  | { readonly type: 'message'; readonly protocol: ProtocolName; readonly message: ProtocolMessage }
  | { readonly type: 'tls'; readonly piece: Piece }
  /** A message of TLS inside another protocol than TLS's own records. */
  | { readonly type: 'carried_tls'; readonly message: TlsMessage }
  | { readonly type: 'opaque'; readonly piece: Piece }
  | Gap;

/** So many bytes were not captured; nothing is known of them. */
interface Gap {
  readonly type: 'gap';
  readonly from: Side;
  readonly offset: number;
  readonly length: number;
  readonly tag: number;
}

const sides = ['client', 'server'] as const satisfies readonly Side[];

/** Enough to distinguish all protocols. */
const headLength = longestRequest;

/** What is known of one direction. */
interface Direction {
  protocol: ProtocolName | undefined;
  /** Bytes that are too few to recognize. */
  held: Piece | undefined;
  /** The offset after the last byte. */
  at: number;
  /** Bytes are missing: the protocol may be recognized again at a later chunk. */
  isLost: boolean;
}

const newDirection = (): Direction => ({ protocol: undefined, held: undefined, at: 0, isLost: false });

export class ProtocolDispatcher {
  readonly #readers: DispatcherReaders | undefined;
  readonly #directions: Readonly<Record<Side, Direction>> = {
    client: newDirection(),
    server: newDirection(),
  };
  readonly #maxBody: number | undefined;
  #http: HttpConversation | undefined;
  /** Those who read this connection, by their protocol. */
  readonly #active = new Map<ProtocolName, ProtocolReader>();
  /** The same for datagrams. */
  readonly #flows = new Map<ProtocolName, DatagramReader>();
  #flow: ProtocolName | undefined;
  readonly #keys: () => KeyRing;

  /**
   * @param keys asked by protocols of datagrams that open what they carry.
   * @param readers absent where nothing but HTTP is read.
   * @param maxBody bytes that are kept of a body of HTTP; as `HttpConversation` has it where it is left out.
   * @param below the dispatcher below TLS: a connection that switched to TLS during SMTP continues with SMTP above it.
   */
  constructor(
    readers: DispatcherReaders | undefined,
    below?: ProtocolDispatcher,
    maxBody?: number,
    keys: () => KeyRing = () => {
      throw new Error('no datagram above TLS');
    },
  ) {
    this.#keys = keys;
    this.#readers = readers;
    this.#maxBody = maxBody;
    for (const [name, reader] of below ? below.#active : []) {
      const above = reader.above?.();
      if (!above) continue;
      this.#active.set(name, above);
      for (const direction of Object.values(this.#directions)) direction.protocol = name;
    }
  }

  /** The current protocol of that direction; undefined while unknown. */
  protocolOf(from: Side): ProtocolName | undefined {
    return this.#directions[from].protocol;
  }

  /** The first bytes of a direction, even if they are no longer stored: they still identify the protocol. */
  remember(from: Side, head: Uint8Array): void {
    const direction = this.#directions[from];
    if (direction.at === 0) direction.protocol ??= this.#recognise({ from, offset: 0, bytes: head, tag: 0 });
  }

  /** This many further bytes of a direction need not be examined for TLS. */
  pass(from: Side, length: number): void {
    this.#directions[from].at += length;
  }

  /** Takes the next bytes of one direction, in the order of capture; returns what they complete. */
  feed(piece: Piece): Spoken[] {
    const spoken: Spoken[] = [];
    const { from, offset, bytes, tag } = piece;
    const direction = this.#directions[from];
    if (offset > direction.at)
      this.#lose(
        direction,
        { type: 'gap', from, offset: direction.at, length: offset - direction.at, tag },
        spoken,
      );
    direction.at = offset + bytes.length;
    const pieces = [piece];
    for (let next = pieces.shift(); next; next = pieces.shift())
      for (const turned of this.#read(next, spoken)) pieces.push(turned);
    return spoken;
  }

  /** Messages of HTTP whose heads have arrived since the last call, and whose bodies have not. */
  takeBeginnings(): readonly HttpBeginning[] {
    return this.#http?.takeBeginnings() ?? [];
  }

  /** Takes the next datagram of one direction. */
  datagram(piece: Piece): Spoken[] {
    const { from, offset, bytes, tag } = piece;
    const direction = this.#directions[from];
    const spoken: Spoken[] =
      offset > direction.at
        ? [{ type: 'gap', from, offset: direction.at, length: offset - direction.at, tag }]
        : [];
    direction.at = offset + bytes.length;
    const found = this.#datagram(piece);
    for (const one of found) spoken.push(one);
    if (found.length === 0) spoken.push({ type: 'opaque', piece });
    return spoken;
  }

  /** Takes the next frame of EAPOL of one direction. */
  frame(piece: Piece): Spoken[] {
    const name = 'eapol';
    const reader = this.#flows.get(name) ?? this.#readers?.protocols.get(name)?.frames?.(this.#keys);
    if (reader) this.#flows.set(name, reader);
    return [...(contentOf(name, reader?.feed(piece)) ?? [{ type: 'opaque', piece } as const])];
  }

  #datagram(piece: Piece): readonly Spoken[] {
    const protocols = this.#readers?.protocols;
    const known = this.#flow === undefined ? undefined : this.#flows.get(this.#flow);
    const found = known && this.#flow !== undefined ? contentOf(this.#flow, known.feed(piece)) : undefined;
    if (found) return found;
    for (const [protocol, { datagram, datagrams }] of protocols ?? []) {
      const message = datagram?.(piece);
      if (message) return [{ type: 'message', protocol, message }];
      if (!datagrams || protocol === this.#flow) continue;
      const reader = this.#flows.get(protocol) ?? datagrams(this.#keys);
      this.#flows.set(protocol, reader);
      const content = contentOf(protocol, reader.feed(piece));
      if (!content) continue;
      this.#flow = protocol;
      return content;
    }
    return [];
  }

  /** Nothing more will come: returns what was held, and what is cut off. */
  end(): Spoken[] {
    const spoken: Spoken[] = [];
    for (const from of sides) this.#letGo(from, spoken);
    for (const from of sides) this.#cut(from, spoken);
    for (const message of this.#http?.end() ?? []) spoken.push({ type: 'http', message });
    return spoken;
  }

  /** @returns what another protocol has to read now */
  #read(next: Piece, spoken: Spoken[]): readonly Handover[] {
    const direction = this.#directions[next.from];
    const { held } = direction;
    const isKnown = direction.protocol !== undefined && direction.protocol !== 'opaque';
    const piece = held ? { ...held, bytes: Buffer.concat([held.bytes, next.bytes]), tag: next.tag } : next;
    const protocol = isKnown ? direction.protocol : this.#recognise(piece);
    direction.held = protocol === undefined ? piece : undefined;
    if (protocol === undefined) return [];
    direction.protocol = protocol;
    switch (protocol) {
      case 'tls':
        spoken.push({ type: 'tls', piece });
        return [];
      case 'opaque':
        spoken.push({ type: 'opaque', piece });
        return [];
      case 'http':
        this.#http ??= this.#newHttp();
        for (const message of this.#http.feed(piece)) spoken.push({ type: 'http', message });
        return this.#turned(protocol, this.#http.takeHandovers());
      default: {
        const reader = this.#active.get(protocol);
        for (const message of reader?.feed(piece) ?? []) spoken.push({ type: 'message', protocol, message });
        for (const message of reader?.takeCarried?.() ?? []) spoken.push({ type: 'carried_tls', message });
        return this.#turned(protocol, reader?.takeHandovers?.() ?? []);
      }
    }
  }

  /** Undefined while there are too few bytes to recognize. */
  #recognise({ from, bytes }: Piece): ProtocolName | undefined {
    const direction = this.#directions[from];
    const start = bytes.subarray(0, headLength);
    if (start.length === 0) return undefined;
    const own = recognise(start, from);
    if (!this.#readers) return own === 'http' || own === undefined ? own : 'opaque';
    const other = this.#directions[otherSide[from]].protocol;
    if (direction.protocol === 'opaque') {
      if (other !== undefined && this.#active.get(other)?.joinsLate) return other;
      if (direction.isLost && own !== 'opaque') return own && this.#prepared(own);
      const begins = beginsTls(start, from);
      if (begins === false && this.#readers.looksLikeRecords(bytes, direction.isLost)) return 'tls';
      return begins === undefined ? undefined : begins ? 'tls' : 'opaque';
    }
    // In these protocols the other side's protocol identifies this one's; it may have switched to TLS already.
    for (const [name, reader] of own === 'tls' ? [] : this.#active)
      if (reader.expects(from, other === name)) return name;
    // A capture that joined late may begin with any record.
    const { looksLikeRecords, beginsRecord } = this.#readers;
    if (own === 'opaque' && (other === 'tls' ? beginsRecord(bytes) : looksLikeRecords(bytes, true)))
      return 'tls';
    return own === undefined ? undefined : this.#prepared(own);
  }

  /** With a reader for it. */
  #prepared(protocol: ProtocolName): ProtocolName {
    const loaded = this.#active.has(protocol) ? undefined : this.#readers?.protocols.get(protocol);
    const reader = loaded?.reader?.();
    if (reader) this.#active.set(protocol, reader);
    return protocol;
  }

  /** Directions whose protocol has ended are recognized again. */
  #turned(protocol: ProtocolName, handovers: readonly Handover[]): readonly Handover[] {
    // HTTP that becomes a tunnel turns on both sides at once; inside there may be HTTP again.
    if (handovers.length > 1) this.#http = this.#newHttp();
    // A side that never spoke it has nothing to turn from.
    const turned = handovers.filter(({ from }) => this.#directions[from].protocol === protocol);
    const upgrade = turned.find((handover) => handover.upgrade)?.upgrade;
    const next = upgrade && this.#upgraded(upgrade);
    for (const { from } of turned) this.#directions[from].protocol = next;
    return turned;
  }

  /** What was agreed on, with a reader that knows how; undefined where nobody reads it. */
  #upgraded(upgrade: Upgrade): ProtocolName | undefined {
    for (const [name, { upgraded }] of this.#readers?.protocols ?? []) {
      const reader = upgraded?.(upgrade);
      if (!reader) continue;
      this.#active.set(name, reader);
      return name;
    }
    return undefined;
  }

  #newHttp(): HttpConversation {
    return new HttpConversation(this.#maxBody === undefined ? {} : { maxBody: this.#maxBody });
  }

  #lose(direction: Direction, gap: Gap, spoken: Spoken[]): void {
    this.#letGo(gap.from, spoken);
    direction.isLost = true;
    const isRead = direction.protocol === 'tls' || direction.protocol === 'http';
    // Once started, these count missing bytes themselves.
    if (isRead && gap.offset > 0) return;
    this.#cut(gap.from, spoken);
    if (!isRead && !this.#active.get(direction.protocol ?? '')?.survivesGaps) direction.protocol = undefined;
    spoken.push(gap);
  }

  #cut(from: Side, spoken: Spoken[]): void {
    for (const [protocol, reader] of this.#active)
      for (const message of reader.cut?.(from) ?? []) spoken.push({ type: 'message', protocol, message });
  }

  #letGo(from: Side, spoken: Spoken[]): void {
    const direction = this.#directions[from];
    for (const reader of this.#active.values()) {
      const piece = reader.remainder?.(from);
      if (piece) spoken.push({ type: 'opaque', piece });
    }
    if (direction.held && direction.held.bytes.length > 0)
      spoken.push({ type: 'opaque', piece: direction.held });
    direction.held = undefined;
  }
}

function contentOf(
  protocol: ProtocolName,
  content: ReturnType<DatagramReader['feed']>,
): readonly Spoken[] | undefined {
  return content?.map((one) =>
    'tls' in one
      ? { type: 'carried_tls', message: one.tls }
      : { type: 'message', protocol: protocol, message: one },
  );
}
