/**
 * The way to the target, as both pumps go it: dials with the outgoing tap, keeps count of what is open, and puts into the
 * log what only the dialer knows (a target that refuses, hangs, or turns the proxy's certificate away). The pumps decide
 * when to dial and what the client is told.
 */
import type { Duplex } from 'node:stream';
import { formatAddress } from '../capture/event.ts';
import type { EventOf } from '../capture/event.ts';
import type { RelayLog } from '../capture/boundary.ts';
import { checkDialer, dial, failureOf } from '../wire/dial.ts';
import type { DialerCredentials, DialOptions, Dialed, Failure } from '../wire/endpoint.ts';
import { breakOff } from '../wire/tap/relay.ts';

export type Connected = Extract<Dialed, { outcome: 'connected' }>;

/** How long a socket may take to close after it was broken off, in milliseconds. */
const closeTimeout = 1_000;

export class SecondHop {
  #options: DialOptions;
  readonly #log: RelayLog;
  readonly #hop: string;
  /** Each with its number; undefined once it was told of as malformed. */
  readonly #streams = new Map<Duplex, number | undefined>();
  readonly #dialing = new Set<Promise<Dialed>>();
  /** Connections that were opened on this hop and whose `closed` is not in the log yet. */
  readonly #unclosed = new Set<number>();
  readonly #unsubscribe: () => void;
  #closed = false;

  constructor(options: DialOptions, log: RelayLog, hop: string) {
    this.#options = { ...options, tap: { log, hop } };
    this.#log = log;
    this.#hop = hop;
    this.#unsubscribe = log.subscribe((event) => {
      if (event.type === 'opened' && event.hop === hop) this.#unclosed.add(event.conn);
      else if (event.type === 'closed') this.#unclosed.delete(event.conn);
    });
  }

  /** Shows and trusts something else from the next connection on. @throws UserError when it cannot be used: then nothing has changed. */
  async renew(credentials: DialerCredentials): Promise<void> {
    const { authorities: _before, identity: _shown, ...rest } = this.#options;
    const options = { ...rest, ...credentials };
    await checkDialer(options);
    this.#options = options;
  }

  /** Connections to the target that are open now. */
  get open(): number {
    return this.#unclosed.size;
  }

  /**
   * @param agreed the protocol that was agreed on with the client (ALPN), where there is one: it is offered to the target as
   * well, unless something else is to be. A target that agrees on another is none, and the log says so.
   */
  async connect(agreed?: string): Promise<Dialed> {
    const dialing = this.#dial(agreed);
    this.#dialing.add(dialing);
    const dialed = await dialing;
    this.#dialing.delete(dialing);
    return dialed;
  }

  async #dial(agreed: string | undefined): Promise<Dialed> {
    const { tls } = this.#options;
    const dialed = await dial(
      agreed === undefined || tls?.alpn
        ? this.#options
        : { ...this.#options, tls: { ...tls, alpn: [agreed] } },
    );
    if (
      dialed.outcome === 'connected' &&
      agreed !== undefined &&
      dialed.secured &&
      !isSameProtocol(agreed, dialed.secured.alpn)
    )
      return this.#mismatched(dialed, agreed, dialed.secured.alpn);
    if (dialed.outcome === 'connected') this.#keep(dialed);
    else
      this.#refused(dialed.failure, dialed.local ? this.#log.connectionFrom(dialed.local)?.conn : undefined);
    return dialed;
  }

  /** The target has been silent for too long; whoever says so breaks the connection off. */
  timedOut(stream: Duplex): void {
    const code = 'ETIMEDOUT';
    this.#refused(
      { reason: 'target_timeout', by: 'unknown', code, message: 'no answer in time' },
      this.#streams.get(stream),
    );
  }

  /** What came over that connection is no answer in HTTP, or none that can be passed on. Said once a connection. */
  malformedAnswer(stream: Duplex, code: string): void {
    const conn = this.#streams.get(stream);
    if (conn === undefined) return;
    this.#log.append({
      type: 'refused',
      conn,
      hop: this.#hop,
      by: 'client',
      reason: 'malformed_answer',
      detail: { code, expected: formatAddress(this.#options.to) },
    });
    // It is not used again; what follows from the first fault is no news.
    this.#streams.set(stream, undefined);
  }

  /**
   * Ends every connection, those on their way included, and waits for the target to do the same. What is left after
   * `graceMs` is broken off.
   */
  async close(graceMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, graceMs)));
    await Promise.race([Promise.all(this.#dialing), patience]);
    const gone = Promise.all([...this.#streams.keys()].map(async (stream) => ended(stream)));
    await Promise.race([gone, patience]);
    clearTimeout(timer);
    this.#closed = true;
    for (const stream of this.#streams.keys()) breakOff(stream);
    await gone;
    // A stream may be gone some turns before its socket: who ends the log afterwards must not cut off a `closed`.
    await this.#log.until(() => this.#unclosed.size === 0, closeTimeout);
    this.#unsubscribe();
  }

  /** What client and target would say to each other would be understood by neither. */
  #mismatched({ stream, conn, local }: Connected, expected: string, picked: string | undefined): Dialed {
    this.#log.append({
      type: 'refused',
      conn,
      hop: this.#hop,
      by: 'client',
      reason: 'protocol_mismatch',
      detail: { expected, ...(picked === undefined ? {} : { picked }) },
    });
    stream.on('error', () => {});
    breakOff(stream);
    return {
      outcome: 'failed',
      local,
      failure: {
        reason: 'protocol_mismatch',
        by: 'client',
        code: 'ERR_ALPN_MISMATCH',
        message: 'the target agreed on a different protocol than the client',
      },
    };
  }

  #keep({ stream, conn, secured }: Connected): void {
    this.#streams.set(stream, conn);
    stream.once('close', () => this.#streams.delete(stream));
    if (this.#closed) breakOff(stream);
    // Under TLS 1.3 a target refuses this proxy's certificate after the handshake: the alert comes as a late error.
    stream.on('error', (error) => {
      const failure = failureOf(error, { secured: secured !== undefined, connected: true });
      if (failure.alert) this.#refused(failure, conn);
    });
  }

  /**
   * The dialer logs its own refusals; what others did to it is logged here. A connection that never came to be gets a
   * number of its own, and is closed at once.
   */
  #refused(failure: Failure, known: number | undefined): void {
    if (failure.by === 'client') return;
    const { reason, alert, code, presented } = failure;
    const conn = known ?? this.#log.nextConnection();
    this.#log.append({
      type: 'refused',
      conn,
      hop: this.#hop,
      by: 'server',
      reason,
      ...(alert ? { alert } : {}),
      detail: { code, expected: formatAddress(this.#options.to), ...(presented ? { presented } : {}) },
    });
    if (known === undefined)
      this.#log.append({ type: 'closed', conn, hop: this.#hop, ...endOfNone(failure) });
  }
}

/** Whether who was given one of them understands the other. Without ALPN the protocol is the older one that was there before it: HTTP/2 needs it (RFC 9113 section 3.2). */
function isSameProtocol(given: string, agreed: string | undefined): boolean {
  return agreed === undefined ? !/^h[23]/.test(given) : agreed === given;
}

/** How a connection ended that never came to be: the kernel of the target answers with a reset, or nobody answers. */
function endOfNone({ code, reason }: Failure): Pick<EventOf<'closed'>, 'by' | 'how'> {
  if (code === 'ECONNREFUSED') return { by: 'server', how: 'reset' };
  return { by: 'unknown', how: reason === 'target_timeout' ? 'timeout' : 'end' };
}

/** Ends our side, throws away what still comes, and resolves once the connection is closed. */
async function ended(stream: Duplex): Promise<void> {
  return new Promise((resolve) => {
    stream.once('close', resolve);
    stream.end();
    stream.resume();
  });
}
