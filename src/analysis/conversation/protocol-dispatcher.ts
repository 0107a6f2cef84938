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
 * 5. Each datagram is recognized and parsed on its own.
 */
import { otherSide } from '../../capture/event.ts';
import type { Side } from '../../capture/event.ts';
import type { CommandConversation, CommandMessage } from '../../protocols/commands/conversation.ts';
import type { DnsConversation, DnsMessage, dnsOfDatagram } from '../../protocols/dns/conversation.ts';
import { HttpConversation } from '../../protocols/http/conversation.ts';
import type { HttpMessage } from '../../protocols/http/conversation.ts';
import { recognise, recogniseDatagram } from '../../protocols/index.ts';
import type { Protocol } from '../../protocols/index.ts';
import type { Handover, Piece } from '../../protocols/piece.ts';
import { beginsTls } from '../../protocols/tls/framing.ts';
import type { looksLikeRecords } from '../../protocols/tls/record.ts';
import { longestRequest } from '../../protocols/tls-request/tls-request.ts';
import type { TlsRequestConversation, TlsRequestMessage } from '../../protocols/tls-request/tls-request.ts';

/** Readers that are loaded where they may be needed; what they would read is opaque until then. */
export interface DispatcherReaders {
  readonly CommandConversation: typeof CommandConversation;
  readonly TlsRequestConversation: typeof TlsRequestConversation;
  readonly DnsConversation: typeof DnsConversation;
  readonly dnsOfDatagram: typeof dnsOfDatagram;
  readonly looksLikeRecords: typeof looksLikeRecords;
}

export type Spoken =
  | { readonly type: 'http'; readonly message: HttpMessage }
  | { readonly type: 'commands'; readonly message: CommandMessage }
  | { readonly type: 'tls_request'; readonly message: TlsRequestMessage }
  | { readonly type: 'dns'; readonly message: DnsMessage }
  | { readonly type: 'tls'; readonly piece: Piece }
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
  protocol: Protocol | undefined;
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
  #commands: CommandConversation | undefined;
  #requests: TlsRequestConversation | undefined;
  #dns: DnsConversation | undefined;

  /**
   * @param readers absent where nothing but HTTP is read.
   * @param maxBody bytes that are kept of a body of HTTP; as `HttpConversation` has it where it is left out.
   * @param below the dispatcher below TLS: a connection that switched to TLS during SMTP continues with SMTP above it.
   */
  constructor(readers: DispatcherReaders | undefined, below?: ProtocolDispatcher, maxBody?: number) {
    this.#readers = readers;
    this.#maxBody = maxBody;
    const commands = below?.commandProtocol;
    if (!commands || !readers) return;
    this.#commands = new readers.CommandConversation(commands);
    for (const direction of Object.values(this.#directions)) direction.protocol = 'commands';
  }

  /** The mail or file transfer protocol, if there is one. */
  get commandProtocol(): CommandMessage['protocol'] | undefined {
    return this.#commands?.protocol;
  }

  /** The current protocol of that direction; undefined while unknown. */
  protocolOf(from: Side): Protocol | undefined {
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

  /** Takes the next datagram of one direction. */
  datagram(piece: Piece): Spoken[] {
    const { from, offset, bytes, tag } = piece;
    const direction = this.#directions[from];
    const spoken: Spoken[] =
      offset > direction.at
        ? [{ type: 'gap', from, offset: direction.at, length: offset - direction.at, tag }]
        : [];
    direction.at = offset + bytes.length;
    if (this.#readers && recogniseDatagram(bytes) === 'dns')
      spoken.push({ type: 'dns', message: this.#readers.dnsOfDatagram(piece) });
    else spoken.push({ type: 'opaque', piece });
    return spoken;
  }

  /** Nothing more will come: returns what was held, and what is cut off. */
  end(): Spoken[] {
    const spoken: Spoken[] = [];
    for (const from of sides) this.#letGo(from, spoken);
    for (const from of sides)
      for (const message of this.#commands?.cut(from) ?? []) spoken.push({ type: 'commands', message });
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
      case 'commands':
        for (const message of this.#commands?.feed(piece) ?? []) spoken.push({ type: 'commands', message });
        return this.#turned(protocol, this.#commands?.takeHandovers() ?? []);
      case 'tls_request':
        for (const message of this.#requests?.feed(piece) ?? [])
          spoken.push({ type: 'tls_request', message });
        return this.#turned(protocol, this.#requests?.takeHandovers() ?? []);
      case 'dns':
        for (const message of this.#dns?.feed(piece) ?? []) spoken.push({ type: 'dns', message });
        return [];
    }
  }

  /** Undefined while there are too few bytes to recognize. */
  #recognise({ from, bytes }: Piece): Protocol | undefined {
    const direction = this.#directions[from];
    const start = bytes.subarray(0, headLength);
    if (start.length === 0) return undefined;
    const own = recognise(start, from);
    if (!this.#readers) return own === 'http' || own === undefined ? own : 'opaque';
    if (direction.protocol === 'opaque') {
      if (direction.isLost && own !== 'opaque') return own && this.#prepared(own);
      const begins = beginsTls(start, from);
      if (begins === false && this.#readers.looksLikeRecords(bytes, direction.isLost)) return 'tls';
      return begins === undefined ? undefined : begins ? 'tls' : 'opaque';
    }
    // In these protocols the other side's protocol identifies this one's; it may have switched to TLS already.
    if (own !== 'tls' && from === 'server' && this.#requests?.isAsked) return 'tls_request';
    if (own !== 'tls' && from === 'server' && this.#directions.client.protocol === 'dns') return 'dns';
    if (own !== 'tls' && this.#directions[otherSide[from]].protocol === 'commands')
      return this.#prepared('commands');
    // A capture that joined late may begin with any record.
    if (own === 'opaque' && this.#readers.looksLikeRecords(bytes, true)) return 'tls';
    return own === undefined ? undefined : this.#prepared(own);
  }

  /** With a reader for it. */
  #prepared(protocol: Protocol): Protocol {
    if (protocol === 'commands' && this.#readers) this.#commands ??= new this.#readers.CommandConversation();
    if (protocol === 'dns' && this.#readers) this.#dns ??= new this.#readers.DnsConversation();
    if (protocol === 'tls_request' && this.#readers)
      this.#requests ??= new this.#readers.TlsRequestConversation();
    return protocol;
  }

  /** Directions whose protocol has ended are recognized again. */
  #turned(protocol: Protocol, handovers: readonly Handover[]): readonly Handover[] {
    // HTTP that becomes a tunnel turns on both sides at once; inside there may be HTTP again.
    if (handovers.length > 1) this.#http = this.#newHttp();
    // A side that never spoke it has nothing to turn from.
    const turned = handovers.filter(({ from }) => this.#directions[from].protocol === protocol);
    for (const { from } of turned) this.#directions[from].protocol = undefined;
    return turned;
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
    for (const message of this.#commands?.cut(gap.from) ?? []) spoken.push({ type: 'commands', message });
    if (!isRead && direction.protocol !== 'commands') direction.protocol = undefined;
    spoken.push(gap);
  }

  #letGo(from: Side, spoken: Spoken[]): void {
    const direction = this.#directions[from];
    const piece = this.#dns?.cut(from);
    if (piece) spoken.push({ type: 'opaque', piece });
    if (direction.held && direction.held.bytes.length > 0)
      spoken.push({ type: 'opaque', piece: direction.held });
    direction.held = undefined;
  }
}
