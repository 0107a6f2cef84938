/**
 * Who is served when not everybody can be: so many connections at a time, so many more that wait, and who makes room for
 * them. It promises:
 *
 * 1. At most `atOnce` connections are served. At most `mostWaiting` more wait; whoever comes then is sent away at once and
 *    told of. Who waits and has said something is served before who has said nothing, else in the order of coming.
 * 2. Who goes while it waits is gone: it is not served, and no target is dialed for it. A reset is noticed, an end where
 *    nothing was said before it and, under TLS, any end: unless more was said than is read ahead (64 KiB). Behind a request
 *    in the clear an end may be meant as a half-close: such a client keeps its place.
 * 3. A connection over which no byte of an application has ever gone, either way, and nothing at all for `silence`
 *    milliseconds, is closed when another waits, or was sent away for want of descriptors: the longest silent one first.
 *    So clients that connect and say nothing lock nobody out: not before TLS, not within its handshake, not behind it.
 * 4. It does not promise that for those who have said something: a part of a request, a byte through a tunnel. They keep
 *    their place as long as the timeouts allow (of the handshake, a request, a connection that is idle or half closed);
 *    where the proxy does not know what is spoken, that may be for ever. Within a handshake each byte begins the silence
 *    anew, and the handshake's timeout bounds that.
 * 5. It does not promise that to all who come while others connect faster than places become free: the queue fills up, and
 *    who is sent away is told of.
 * 6. Whatever happens to one connection costs the same, however many there are.
 */
import type { Socket } from 'node:net';
import type { Vantage } from '../../capture/event.ts';
import { confirmFin } from './confirmed-fin.ts';
import { patience } from './patience.ts';
import type { Wait } from './patience.ts';

/** What is read ahead of a client that waits. Beyond it nothing is read, nor noticed. */
const mostHeld = 64 * 1024;

export interface LimitOptions {
  /** As many as come where it is undefined: then nobody waits. */
  readonly atOnce: number | undefined;
  readonly mostWaiting: number;
  /** In milliseconds. */
  readonly silence: number;
  /** Whether TLS is spoken. */
  readonly isTls: boolean;
  /** @param ended what a client said that has ended since, and whose end has been told: the socket tells neither again. */
  readonly serve: (socket: Socket, ended?: Buffer) => void;
  readonly onSentAway: (socket: Socket) => void;
}

/** A connection that waits. */
interface Waiting {
  readonly socket: Socket;
  readonly held: Buffer[];
  /** It has said what it had to say. */
  isEnded: boolean;
  readonly wait: Wait;
  /** It has said nothing for as long as is asked of anybody. */
  isSilent: boolean;
  /** Stops looking at it. */
  readonly release: () => void;
}

/** A connection that is served and over which nothing of an application has gone yet. */
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
  /** Of those who wait: who has said something. */
  readonly #spoken = new Set<Waiting>();
  readonly #mute = new Set<Waiting>();
  /** Of those who are served, the silent ones, the longest silent first. */
  readonly #silent = new Set<Unspoken>();
  /** Asked to close for somebody who waits, and not closed yet. */
  #leaving = 0;
  #isPlanned = false;

  constructor(options: LimitOptions) {
    this.#options = options;
  }

  /** Connections that wait and for which there is no place yet. */
  get waiting(): number {
    return Math.max(0, this.#waiting.size - ((this.#options.atOnce ?? 0) - this.#serving));
  }

  /** A connection that has come. With `atOnce` nothing of it must have been read. */
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
   * Watches a connection that is served until something of an application goes over it.
   * @param close closes it to make room.
   * @returns to be called with every byte, until it returns true.
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

  /** Somebody could not even be heard: the longest silent connection closes, if there is any. */
  makeRoomForOne(): void {
    if (this.#leaving <= this.waiting) this.#closeLongestSilent();
  }

  /** Nobody waits any more: whoever did is closed. Returns these. */
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
   * Behind two looks at the network (the first may belong to the turn in which a connection came): who has gone by now has
   * been heard of, also where many come and go at once.
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

  /** Reads on, so that a departure is noticed; what is said is kept for whoever serves it. */
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
    // A reset that comes together with bytes is first told as an end.
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

  /** As many connections are asked to close as wait. */
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
