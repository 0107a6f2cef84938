/**
 * Limits the connections that are served at a time: the others wait, and idle connections are closed to make room.
 * Guarantees:
 *
 * 1. At most `atOnce` connections are served. At most `mostWaiting` more wait; further ones are rejected at once and
 *    reported. Waiting clients that have sent data are served before those that have not, otherwise in order of
 *    arrival.
 * 2. A client that disconnects while it waits is not served, and no target is dialed for it. A reset is noticed; an end
 *    is noticed if no data preceded it and, under TLS, in any case: unless the client sent more than is read ahead (64
 *    KiB). After a plaintext request an end may be a half-close: such a client keeps its place.
 * 3. A connection without any application data in either direction, and without any data for `silence` milliseconds, is
 *    closed when another waits or was rejected for lack of descriptors: the longest idle one first. So clients that
 *    connect and send nothing cannot lock out others, whether before, during or after the TLS handshake.
 * 4. This does not hold for clients that have sent something: a part of a request, a byte through a tunnel. They keep
 *    their place as long as the timeouts allow (handshake, request, idle or half-closed connection); if the proxy does
 *    not know the protocol, that may be forever. During a handshake each byte restarts the idle time, and the
 *    handshake's timeout limits it.
 * 5. It does not hold for every client while others connect faster than places become free: the queue fills up, and
 *    rejected clients are reported.
 * 6. The cost of each operation is constant, however many connections there are.
 */
import type { Socket } from 'node:net';
import type { Vantage } from '../../capture/event.ts';
import { confirmFin } from './confirmed-fin.ts';
import { patience } from './patience.ts';
import type { Wait } from './patience.ts';

/** The read-ahead for a waiting client. Beyond it nothing is read, nor noticed. */
const mostHeld = 64 * 1024;

export interface LimitOptions {
  /** Unlimited if undefined: then no client waits. */
  readonly atOnce: number | undefined;
  readonly mostWaiting: number;
  /** In milliseconds. */
  readonly silence: number;
  /** Whether the connection uses TLS. */
  readonly isTls: boolean;
  /** @param ended data of a client whose end has already been emitted: the socket emits neither again. */
  readonly serve: (socket: Socket, ended?: Buffer) => void;
  readonly onSentAway: (socket: Socket) => void;
}

/** A waiting connection. */
interface Waiting {
  readonly socket: Socket;
  readonly held: Buffer[];
  /** It has sent its end. */
  isEnded: boolean;
  readonly wait: Wait;
  /** It has been idle for `silence` milliseconds. */
  isSilent: boolean;
  /** Stops watching it. */
  readonly release: () => void;
}

/** A served connection without any application data so far. */
interface Unspoken {
  readonly socket: Socket;
  wait: Wait;
  hasMoved: boolean;
  /** Closes it to make room. */
  readonly close: () => void;
}

export class ConnectionLimit {
  readonly #options: LimitOptions;
  #serving = 0;
  readonly #waiting = new Map<Socket, Waiting>();
  /** Waiting clients that have sent data. */
  readonly #spoken = new Set<Waiting>();
  readonly #mute = new Set<Waiting>();
  /** Served connections that are idle, the longest idle first. */
  readonly #silent = new Set<Unspoken>();
  /** Closing to make room, and not closed yet. */
  #leaving = 0;
  #isPlanned = false;

  constructor(options: LimitOptions) {
    this.#options = options;
  }

  /** Waiting connections for which there is no place yet. */
  get waiting(): number {
    return Math.max(0, this.#waiting.size - ((this.#options.atOnce ?? 0) - this.#serving));
  }

  /** Adds a new connection. With `atOnce`, nothing of it must have been read. */
  take(socket: Socket): void {
    const { atOnce, serve, mostWaiting } = this.#options;
    if (atOnce === undefined) return serve(socket);
    if (this.waiting >= mostWaiting) {
      const longest = firstOf(this.#mute);
      if (!longest?.isSilent) return this.#sendAway(socket);
      this.#sendAway(longest.socket);
    }
    this.#wait(socket);
    this.#makeRoom();
    this.#serveSoon();
  }

  /**
   * Watches a served connection until it has application data.
   * @param close closes it to make room.
   * @returns to be called with every byte range, until it returns true.
   */
  watch(socket: Socket, close: () => void): (vantage: Vantage) => boolean {
    const { silence, isTls } = this.#options;
    const begin = (): Wait =>
      patience.wait(silence, () => {
        if (unspoken.hasMoved) {
          unspoken.hasMoved = false;
          unspoken.wait = begin();
          return;
        }
        this.#silent.add(unspoken);
        this.#makeRoom();
      });
    const unspoken: Unspoken = { socket, wait: begin(), hasMoved: false, close };
    const end = (): void => {
      unspoken.wait.stop();
      this.#silent.delete(unspoken);
      socket.off('close', end);
    };
    socket.once('close', end);
    return (vantage) => {
      if (!isTls || vantage === 'plaintext') {
        end();
        return true;
      }
      if (this.#silent.delete(unspoken)) unspoken.wait = begin();
      else unspoken.hasMoved = true;
      return false;
    };
  }

  /** A connection could not even be accepted: the longest idle connection is closed, if there is any. */
  makeRoomForOne(): void {
    if (this.#leaving <= this.waiting) this.#closeLongestSilent();
  }

  /** Closes and returns all waiting connections. */
  close(): readonly Socket[] {
    const sockets = [...this.#waiting.keys()];
    for (const socket of sockets) {
      this.#forget(socket);
      socket.destroy();
    }
    return sockets;
  }

  #serveNow(socket: Socket, ended?: Buffer): void {
    this.#serving++;
    socket.once('close', () => {
      this.#serving--;
      this.#serveSoon();
    });
    this.#options.serve(socket, ended);
    socket.resume();
  }

  /**
   * Waits for two polls (the first may belong to the loop iteration of the connection): disconnections up to now have
   * then been noticed, even if many clients come and go at once.
   */
  #serveSoon(): void {
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    setImmediate(() =>
      setImmediate(() => {
        this.#isPlanned = false;
        while (this.#serving < (this.#options.atOnce ?? 0) && this.#waiting.size > 0) this.#serveNext();
      }),
    );
  }

  #serveNext(): void {
    const next = firstOf(this.#spoken) ?? firstOf(this.#mute);
    if (!next) return;
    const { socket, held, isEnded } = next;
    this.#forget(socket);
    socket.pause();
    if (isEnded) return this.#serveNow(socket, Buffer.concat(held));
    if (held.length > 0) socket.unshift(Buffer.concat(held));
    this.#serveNow(socket);
  }

  #sendAway(socket: Socket): void {
    this.#forget(socket);
    this.#options.onSentAway(socket);
    socket.destroy();
  }

  /** Reads ahead, so that a disconnection is noticed; the data is kept for the connection's server. */
  #wait(socket: Socket): void {
    const held: Buffer[] = [];
    let length = 0;
    const hear = (bytes: Buffer): void => {
      waiting.wait.stop();
      waiting.isSilent = false;
      this.#mute.delete(waiting);
      this.#spoken.add(waiting);
      held.push(bytes);
      length += bytes.length;
      if (length > mostHeld) socket.pause();
    };
    // A reset that arrives together with data is first reported as an end.
    const end = (): void => {
      if (this.#options.isTls || held.length === 0) return gone();
      waiting.isEnded = true;
      confirmFin(socket, () => {});
    };
    const gone = (): void => {
      this.#forget(socket);
      socket.destroy();
    };
    const waiting: Waiting = {
      socket,
      held,
      isEnded: false,
      isSilent: false,
      wait: patience.wait(this.#options.silence, () => (waiting.isSilent = true)),
      release: () => {
        waiting.wait.stop();
        socket.off('data', hear).off('end', end).off('close', gone);
      },
    };
    this.#waiting.set(socket, waiting);
    this.#mute.add(waiting);
    socket.on('data', hear).on('end', end).on('close', gone);
    socket.resume();
  }

  #forget(socket: Socket): void {
    const waiting = this.#waiting.get(socket);
    if (!waiting) return;
    this.#waiting.delete(socket);
    this.#spoken.delete(waiting);
    this.#mute.delete(waiting);
    waiting.release();
  }

  /** As many connections are asked to close as there are waiting ones. */
  #makeRoom(): void {
    while (this.#leaving < this.waiting && this.#closeLongestSilent());
  }

  #closeLongestSilent(): boolean {
    const longest = firstOf(this.#silent);
    if (!longest) return false;
    this.#silent.delete(longest);
    this.#leaving++;
    longest.socket.once('close', () => this.#leaving--);
    longest.close();
    return true;
  }
}

function firstOf<T>(set: ReadonlySet<T>): T | undefined {
  const [first] = set;
  return first;
}
