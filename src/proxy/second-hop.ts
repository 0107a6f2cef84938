/**
 * Connects to the target on behalf of all pumps: dials with the outgoing tap, counts open connections, and logs what
 * only the dialer knows (a target that refuses, does not respond, or rejects the proxy's certificate). The pumps decide
 * when to dial and what the client receives.
 */
import { defined } from '../core/defined.ts';
import type { Duplex } from 'node:stream';
import { formatAddress } from '../capture/event.ts';
import type { Address, EventOf, Side } from '../capture/event.ts';
import type { RefusalReason } from '../capture/vocabulary.ts';
import type { RelayLog } from '../capture/boundary.ts';
import { checkDialer, dial } from '../wire/dial.ts';
import { failureOf } from '../wire/tls/failures.ts';
import type { Accepted, DialerCredentials, DialOptions, Dialed, Failure } from '../wire/endpoint.ts';
import type { Meet } from '../wire/starttls/dialogue.ts';
import type { ExchangeError } from '../wire/starttls/exchange.ts';
import { noConnection } from '../wire/tap/connection-record.ts';
import { breakOff } from '../wire/tap/relay.ts';
import { TappedStream } from '../wire/tap/tapped.ts';

/** The client's connection that it serves. */
type JoinedTo = Pick<DialOptions, 'relays' | 'onBehalfOf' | 'proxyHeader' | 'meet'>;

export type Connected = Extract<Dialed, { outcome: 'connected' }>;

/** The client for which a connection is opened. */
export type Served = Pick<Accepted, 'conn' | 'end' | 'remote' | 'local'>;

/** How long a socket may take to close after it was aborted, in milliseconds. */
const closeTimeout = 1_000;

export class SecondHop {
  #options: DialOptions;
  readonly #log: RelayLog;
  readonly #hop: string;
  readonly #headerVersion: 1 | 2 | undefined;
  /** Each with its number; undefined once it was reported as malformed. */
  readonly #streams = new Map<Duplex, number | undefined>();
  /** For those that the target records. */
  readonly #locals = new WeakMap<Duplex, Address>();
  readonly #dialing = new Set<Promise<Dialed>>();
  /** Connections on this hop whose `closed` is not in the log yet. */
  readonly #unclosed = new Set<number>();
  readonly #unsubscribe: () => void;
  #closed = false;

  /**
   * @param headerVersion of the PROXY protocol header with which each connection begins; none if omitted
   * @param isTappedByTarget the target records this hop, in the same log
   */
  constructor(
    options: Omit<DialOptions, 'proxyHeader'>,
    log: RelayLog,
    hop: string,
    headerVersion?: 1 | 2,
    isTappedByTarget = false,
  ) {
    this.#options = presenting({
      ...options,
      ...(isTappedByTarget ? { reportTo: log } : { tap: { log, hop } }),
    });
    this.#headerVersion = headerVersion;
    this.#log = log;
    this.#hop = hop;
    this.#unsubscribe = log.subscribe((event) => {
      if (event.type === 'opened' && event.hop === hop) this.#unclosed.add(event.conn);
      else if (event.type === 'closed') this.#unclosed.delete(event.conn);
    });
  }

  /**
   * Checks new credentials; the returned function presents and trusts them from the next connection on. Rejects with a
   * `UserError` if they cannot be used.
   */
  async prepare(credentials: DialerCredentials): Promise<() => void> {
    const { authorities: _before, identity: _shown, ...rest } = this.#options;
    const options = presenting({ ...rest, ...credentials });
    await checkDialer(options);
    return () => void (this.#options = options);
  }

  /** Open connections to the target. */
  get open(): number {
    return this.#unclosed.size;
  }

  /**
   * @param agreed the protocol negotiated with the client (ALPN), if any: it is offered to the target as well, unless
   * something else is configured. A target that negotiates another protocol counts as a failure and is logged.
   * @param meet lets the client hear the target's greeting first
   * @param client the connection for which it is opened; with `isUnchanged` its bytes are carried on as they are
   */
  async connect(
    client?: Served,
    {
      agreed,
      isUnchanged = false,
      meet,
    }: {
      readonly agreed?: string | undefined;
      readonly isUnchanged?: boolean;
      readonly meet?: Meet;
    } = {},
  ): Promise<Dialed> {
    const relays = isUnchanged && this.#options.security === 'plain' ? client : undefined;
    const dialing = this.#dial(agreed, {
      relays,
      meet,
      onBehalfOf: relays || client?.conn === noConnection ? undefined : client?.conn,
      proxyHeader:
        this.#headerVersion === undefined || client === undefined
          ? undefined
          : { version: this.#headerVersion, source: client.remote, destination: client.local },
    });
    this.#dialing.add(dialing);
    const dialed = await dialing;
    this.#dialing.delete(dialing);
    return dialed;
  }

  async #dial(agreed: string | undefined, joined: JoinedTo): Promise<Dialed> {
    const { tls } = this.#options;
    const options = { ...this.#options, ...joined };
    const dialed = await dial(
      agreed === undefined || tls?.alpn ? options : { ...options, tls: { ...tls, alpn: [agreed] } },
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
      this.#refused(
        dialed.failure,
        dialed.local ? this.#log.connectionFrom(dialed.local)?.conn : undefined,
        joined,
      );
    return dialed;
  }

  /** Logs that the target has been silent for too long; the caller aborts the connection. */
  timedOut(stream: Duplex): void {
    const code = 'ETIMEDOUT';
    this.#refused(
      { reason: 'target_timeout', by: 'unknown', code, message: 'no answer in time' },
      this.#connectionOf(stream),
    );
  }

  /** Logs that a response is not HTTP, or cannot be forwarded. Once per connection. */
  malformedAnswer(stream: Duplex, code: string): void {
    this.#said(stream, { by: 'client', reason: 'malformed_answer' }, code);
    // It is not used again; consequences of the first error are not reported.
    if (this.#streams.get(stream) !== undefined) this.#streams.set(stream, undefined);
  }

  /** Logs that the target did not begin as a server of its protocol does that admits a client; the caller aborts the connection. */
  unexpectedGreeting(stream: Duplex, error: unknown): Failure {
    const { reason, message: code } = error as Partial<ExchangeError> & Error;
    const refusal =
      reason === 'starttls_violated'
        ? ({ by: 'client', reason } as const)
        : ({ by: 'server', reason: 'target_greeting_refused' } as const);
    this.#said(stream, refusal, code);
    return { ...refusal, code, message: code };
  }

  /** Logs what became of a connection to the target because of what the target said; nothing where that was reported. */
  #said(stream: Duplex, refusal: { readonly by: Side; readonly reason: RefusalReason }, code: string): void {
    const conn = this.#connectionOf(stream);
    if (conn === undefined) return;
    const detail = { code, expected: formatAddress(this.#options.to) };
    this.#log.append({ type: 'refused', conn, hop: this.#hop, ...refusal, detail });
  }

  /**
   * Ends every connection, including those being opened, and waits for the target to do the same. The rest is aborted
   * after `graceMs`.
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
    // A stream may be destroyed some turns before its socket: ending the log in between would lose a `closed`.
    await this.#log.until(() => this.#unclosed.size === 0, closeTimeout);
    this.#unsubscribe();
  }

  /** Client and target would not understand each other. */
  #mismatched({ stream, conn, local }: Connected, expected: string, picked: string | undefined): Dialed {
    this.#log.append({
      type: 'refused',
      conn,
      hop: this.#hop,
      by: 'client',
      reason: 'protocol_mismatch',
      detail: defined({ expected, picked }),
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

  /** Of a connection that the target records, as soon as it has. */
  #connectionOf(stream: Duplex): number | undefined {
    const conn = this.#streams.get(stream);
    const local = this.#locals.get(stream);
    return conn === noConnection ? local && this.#log.connectionFrom(local)?.conn : conn;
  }

  #keep({ stream, conn, local, secured }: Connected): void {
    this.#streams.set(stream, conn);
    this.#locals.set(stream, local);
    stream.once('close', () => this.#streams.delete(stream));
    if (this.#closed) breakOff(stream);
    // Under TLS 1.3 a target refuses this proxy's certificate after the handshake: the alert arrives as a late error. The
    // tapped stream has it only once the connection is closed in the log.
    const source = stream instanceof TappedStream ? stream.lower : stream;
    source.on('error', (error: Error) => {
      const failure = failureOf(error, { secured: secured !== undefined, connected: true });
      const known = conn === noConnection ? this.#log.connectionFrom(local)?.conn : conn;
      if (failure.alert) this.#refused(failure, known);
    });
  }

  /**
   * The dialer logs its own refusals; failures caused by others are logged here. A connection that was never
   * established gets its own number and is closed at once.
   */
  #refused(failure: Failure, known: number | undefined, { relays, onBehalfOf }: JoinedTo = {}): void {
    if (failure.by === 'client') return;
    const { reason, alert, code, presented } = failure;
    const conn = known ?? this.#log.nextConnection();
    this.#log.append(
      defined({
        type: 'refused',
        conn,
        hop: this.#hop,
        by: 'server',
        reason,
        alert,
        // What the target refuses by an alert is not what it presented.
        detail: defined({
          code,
          expected: formatAddress(this.#options.to),
          presented: alert ? undefined : presented,
        }),
        heard: alert && true,
        ...(known === undefined ? { relays: relays?.conn, onBehalfOf } : {}),
      }),
    );
    if (known === undefined)
      this.#log.append({ type: 'closed', conn, hop: this.#hop, ...endOfNone(failure) });
  }
}

/** Of several targets, only those with mutual TLS are shown the proxy's certificate. */
function presenting({ identity, ...options }: DialOptions): DialOptions {
  return identity && options.security === 'mtls' ? { ...options, identity } : options;
}

/** Whether both sides use the same protocol. Without ALPN it is the older one: HTTP/2 requires ALPN (RFC 9113 section 3.2). */
function isSameProtocol(given: string, agreed: string | undefined): boolean {
  return agreed === undefined ? !/^h[23]/.test(given) : agreed === given;
}

/** How a connection that was never established ended: the target's kernel sends a reset, or there is no response. */
function endOfNone({ code, reason }: Failure): Pick<EventOf<'closed'>, 'by' | 'how'> {
  if (code === 'ECONNREFUSED') return { by: 'server', how: 'reset' };
  return { by: 'unknown', how: reason === 'target_timeout' ? 'timeout' : 'end' };
}

/** Ends our side, discards what still arrives, and resolves once the connection is closed. */
async function ended(stream: Duplex): Promise<void> {
  return new Promise((resolve) => {
    stream.once('close', resolve);
    stream.end();
    stream.resume();
  });
}
