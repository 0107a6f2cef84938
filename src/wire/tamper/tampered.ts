/**
 * Inserts a tamperer below a client's TLS and above the tap, so that the recorded bytes are the sent ones. `tamper.ts`
 * changes the bytes.
 */
import { Duplex } from 'node:stream';
import type { Tamper } from './tampering.ts';

export class TamperedStream extends Duplex {
  readonly #lower: Duplex;
  readonly #tamper: Tamper;

  constructor(lower: Duplex, tamper: Tamper) {
    super({ allowHalfOpen: true });
    this.#lower = lower;
    this.#tamper = tamper;
    lower.pause();
    lower.on('data', (bytes: Buffer) => {
      tamper.receive(bytes);
      if (!this.push(bytes)) lower.pause();
    });
    lower.on('end', () => this.push(null));
    lower.on('error', (error) => this.destroy(error));
    lower.on('close', () => {
      if (!lower.readableEnded) this.destroy();
    });
    this.on('error', () => {});
  }

  override _read(): void {
    this.#lower.resume();
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    const out = this.#tamper.send(bytes);
    if (out.length === 0) done();
    else this.#lower.write(out, done);
  }

  override _final(done: () => void): void {
    this.#lower.end(done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#lower.destroy();
    done(error);
  }
}
