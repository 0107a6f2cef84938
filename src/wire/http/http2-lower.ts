/**
 * What node:http2 reads and writes in the place of a stream that is no socket. Its adapter for such streams (JSStreamSocket)
 * ends the process if a write is never answered, as one is whose stream is destroyed meanwhile. Here every write is answered:
 * what can no longer be sent is dropped, and a broken connection is an end.
 */
import { Duplex } from 'node:stream';

export class Http2Lower extends Duplex {
  readonly #lower: Duplex;
  #answer: (() => void) | undefined;
  #isOver = false;

  constructor(lower: Duplex) {
    super({ allowHalfOpen: true });
    this.#lower = lower;
    lower.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) lower.pause();
    });
    lower.once('end', () => this.#end());
    lower.once('close', () => {
      this.#end();
      this.#answered();
    });
    lower.on('error', () => {});
  }

  override _read(): void {
    this.#lower.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    if (this.#lower.destroyed || !this.#lower.writable) return done();
    this.#answer = done;
    this.#lower.write(chunk, () => this.#answered());
    return undefined;
  }

  override _final(done: () => void): void {
    if (!this.#lower.destroyed) this.#lower.end();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#answered();
    if (error) this.#lower.destroy();
    else if (!this.#lower.destroyed) this.#lower.end();
    done(null);
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.push(null);
  }

  #answered(): void {
    const answer = this.#answer;
    this.#answer = undefined;
    answer?.();
  }
}
