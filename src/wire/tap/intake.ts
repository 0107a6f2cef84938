/**
 * Holds back what arrives from the network while what is told of it cannot be written: the peers wait, as they do for any slow
 * receiver. So memory does not grow and nothing goes untold. Meanwhile no peer is taken for idle.
 */
import type { Socket } from 'node:net';
import { patience } from '../tcp/patience.ts';
import type { Patience } from '../tcp/patience.ts';

type Pausable = Pick<Socket, 'pause' | 'resume'>;

export class Intake {
  readonly #patience: Pick<Patience, 'suspend' | 'resume'>;
  #isHeld = false;
  /** Those that would read on. */
  readonly #waiting = new Set<Pausable>();

  constructor(waits: Pick<Patience, 'suspend' | 'resume'> = patience) {
    this.#patience = waits;
  }

  get isHeld(): boolean {
    return this.#isHeld;
  }

  hold(): void {
    if (this.#isHeld) return;
    this.#isHeld = true;
    this.#patience.suspend();
  }

  release(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.#patience.resume();
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const socket of waiting) socket.resume();
  }

  /** Lets a socket read on: now, or once nothing is held back. */
  resume(socket: Pausable): void {
    if (!this.#isHeld) return void socket.resume();
    socket.pause();
    this.#waiting.add(socket);
  }
}

/** Of this process. */
export const intake = new Intake();
