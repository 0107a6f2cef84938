/**
 * Reads request bodies within limits: for each body, and for all at a time. An oversized body with a known length is
 * refused before it is read.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { ApiFailure } from '../objects/objects.ts';

export interface BodyLimits {
  /** Of one body, in bytes; kube-apiserver's is 3 MiB. */
  readonly each: number;
  /** The maximum for all bodies held at a time. */
  readonly together: number;
}

export class RequestBodies {
  readonly #limits: BodyLimits;
  #held = 0;

  constructor(limits: BodyLimits) {
    this.#limits = limits;
  }

  /** Held until the response has been sent. @throws ApiFailure 413, 429, 400 for an incomplete body */
  async read(
    request: Readable & { readonly headers?: IncomingHttpHeaders },
    answered: Promise<void>,
    headers = request.headers ?? {},
  ): Promise<Uint8Array> {
    const { each, together } = this.#limits;
    const tooLarge = (): ApiFailure =>
      new ApiFailure('RequestEntityTooLarge', `Request entity too large: limit is ${each}`, {});
    if (Number(headers['content-length'] ?? 0) > each) throw tooLarge();
    // An empty body over HTTP/2 may have ended before it is read, and a stream that was reset has closed: neither says so again.
    if (request.readableEnded) return Buffer.alloc(0);
    if (request.destroyed) throw new ApiFailure('BadRequest', 'unexpected EOF');
    let length = 0;
    void answered.then(() => (this.#held -= length));
    const chunks: Uint8Array[] = [];
    return new Promise((resolve, reject) => {
      const stop = (failure: ApiFailure): void => {
        request.off('data', onData);
        chunks.length = 0;
        // The rest of it is discarded.
        request.resume();
        reject(failure);
      };
      const onData = (chunk: Uint8Array): void => {
        length += chunk.length;
        this.#held += chunk.length;
        if (length > each) return stop(tooLarge());
        if (this.#held > together) return stop(tooManyRequests());
        chunks.push(chunk);
      };
      request.on('data', onData);
      request.once('end', () => resolve(Buffer.concat(chunks)));
      request.once('close', () => reject(new ApiFailure('BadRequest', 'unexpected EOF')));
      request.once('error', () => reject(new ApiFailure('BadRequest', 'unexpected EOF')));
    });
  }
}

export function tooManyRequests(): ApiFailure {
  return new ApiFailure('TooManyRequests', 'Too many requests, please try again later.', {});
}
