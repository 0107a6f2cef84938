/**
 * A stream above another one whose bytes are changed on their way, so that a tap below records the sent ones: a client's by a
 * tamperer (`tamper.ts`), or a login's, where both sides number it differently (`starttls/mysql.ts`).
 */
import { Duplex } from 'node:stream';
import type { Translation } from '../starttls/dialogue.ts';

export class TranslatedStream extends Duplex {
  readonly #lower: Duplex;
  readonly #translation: Translation;

  constructor(lower: Duplex, translation: Translation) {
    super({ allowHalfOpen: true });
    this.#lower = lower;
    this.#translation = translation;
    lower.pause();
    lower.on('data', (bytes: Buffer) => {
      if (!this.push(translation.receive(bytes))) lower.pause();
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
    const out = this.#translation.send(bytes);
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
