/**
 * Limits the connections that are served at a time: the others wait, and idle connections are closed to make room. It reads
 * ahead of those that wait and watches for idle ones; `places.ts` gives out the places.
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
import type { Place, Places } from './places.ts';

/** The read-ahead for a waiting client. Beyond it nothing is read, nor noticed. */
const mostHeld = 64 * 1024;

export interface LimitOptions {
  /** Whether connections wait for a place; otherwise all are served at once. */
  readonly isLimited: boolean;
  readonly places: Places;
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
  readonly held: Buffer[];
  /** It has sent its end. */
  isEnded: boolean;
  /** Stops watching it. */
  readonly release: () => void;
  /** It is gone, and needs no place. */
  readonly leave: () => void;
}

export class ConnectionLimit {
  readonly #options: LimitOptions;
  readonly #waiting = new Map<Socket, Waiting>();
  /** The places of the connections that are served. */
  readonly #served = new WeakMap<Socket, { readonly place: Place; close: () => void }>();

  constructor(options: LimitOptions) {
    this.#options = options;
  }

  /** Adds a new connection. With a limit, nothing of it must have been read. */
  take(socket: Socket): void {
    const { isLimited, serve } = this.#options;
    if (isLimited) this.#wait(socket);
    else serve(socket);
  }

  /**
   * Watches a served connection until it has application data.
   * @param close closes it to make room.
   * @returns to be called with every byte range, until it returns true.
   */
  watch(socket: Socket, close: () => void): (vantage: Vantage) => boolean {
    const { silence, isTls, places } = this.#options;
    const served = this.#served.get(socket);
    const place = served?.place ?? places.seated({ close });
    if (served) served.close = close;
    let isIdle = false;
    let hasMoved = false;
    const begin = (): Wait =>
      patience.wait(silence, () => {
        if (hasMoved) {
          hasMoved = false;
          wait = begin();
          return;
        }
        isIdle = true;
        place.idle();
      });
    let wait = begin();
    const speak = (): void => {
      wait.stop();
      if (isIdle) place.active();
      isIdle = false;
    };
    socket.once('close', () => {
      wait.stop();
      // One that had waited reports its end itself.
      if (!served) place.gone();
    });
    return (vantage) => {
      if (!isTls || vantage === 'plaintext') {
        speak();
        return true;
      }
      if (isIdle) {
        speak();
        wait = begin();
      } else hasMoved = true;
      return false;
    };
  }

  /** A connection could not even be accepted: the longest idle connection is closed, if there is any. */
  makeRoomForOne(): void {
    this.#options.places.makeRoomForOne();
  }

  /** Closes and returns all waiting connections. */
  close(): readonly Socket[] {
    const sockets = [...this.#waiting.keys()];
    for (const socket of sockets) {
      this.#waiting.get(socket)?.leave();
      socket.destroy();
    }
    return sockets;
  }

  /** Reads ahead, so that a disconnection is noticed; the data is kept for the connection's server. */
  #wait(socket: Socket): void {
    const { isTls, silence, places, serve, onSentAway } = this.#options;
    const held: Buffer[] = [];
    let length = 0;
    const hear = (bytes: Buffer): void => {
      wait.stop();
      place.spoke();
      held.push(bytes);
      length += bytes.length;
      if (length > mostHeld) socket.pause();
    };
    // A reset that arrives together with data is first reported as an end.
    const end = (): void => {
      if (isTls || held.length === 0) {
        waiting.leave();
        socket.destroy();
        return;
      }
      waiting.isEnded = true;
      confirmFin(socket, () => {});
    };
    const wait = patience.wait(silence, () => place.isStill());
    const waiting: Waiting = {
      held,
      isEnded: false,
      release: () => {
        this.#waiting.delete(socket);
        wait.stop();
        socket.off('data', hear).off('end', end);
      },
      leave: () => {
        waiting.release();
        place.gone();
      },
    };
    this.#waiting.set(socket, waiting);
    socket.on('data', hear).on('end', end);
    socket.once('close', waiting.leave);
    const place = places.arrive({
      serve: () => {
        if (!this.#waiting.has(socket)) return;
        waiting.release();
        socket.pause();
        this.#served.set(socket, { place, close: () => {} });
        if (waiting.isEnded) serve(socket, Buffer.concat(held));
        else {
          if (held.length > 0) socket.unshift(Buffer.concat(held));
          serve(socket);
        }
        socket.resume();
      },
      sendAway: () => {
        if (!this.#waiting.has(socket)) return;
        waiting.release();
        onSentAway(socket);
        socket.destroy();
      },
      close: () => this.#served.get(socket)?.close(),
    });
    if (this.#waiting.has(socket)) socket.resume();
  }
}
