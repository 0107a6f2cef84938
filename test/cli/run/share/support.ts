/** A shared state for tests of its server, and viewers without a browser. */
import { request } from 'node:http';
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { RequestOptions, request as secureRequest } from 'node:https';
import { once } from 'node:events';
import type { ExecutionContext } from 'ava';
import { serveShare } from '../../../../src/cli/run/share/server.ts';
import type { Served, ShareServer, ShareServerOptions } from '../../../../src/cli/run/share/server.ts';

/** Says with each change what a viewer had seen. */
export class Counting implements Served {
  revision = 1;
  readonly policy = "default-src 'none'";
  #padding = '';

  document(): Uint8Array {
    return Buffer.from(`<!doctype html><p>${this.revision}</p>`);
  }

  /** Larger than a socket takes at once. */
  bytes(): Promise<Uint8Array> {
    return Promise.resolve(Buffer.from(`<section>${this.revision}${' '.repeat(8_000_000)}</section>`));
  }

  since(revision: number): string {
    return JSON.stringify({ from: revision, to: this.revision, padding: this.#padding });
  }

  change(padding = ''): void {
    this.revision++;
    this.#padding = padding;
  }
}

export async function sharing(
  t: ExecutionContext,
  options: Partial<ShareServerOptions> = {},
): Promise<{ readonly served: Counting; readonly server: ShareServer; readonly url: string }> {
  const served = new Counting();
  const server = await serveShare({ listen: { host: '127.0.0.1', port: 0 }, served, ...options });
  t.teardown(() => server.close());
  return { served, server, url: server.urls[0] ?? '' };
}

export interface Event {
  readonly name: string;
  readonly id: string;
  readonly data: string;
}

/** Reads server-sent events as a browser does. */
export class Viewer {
  readonly events: Event[] = [];
  readonly closed: Promise<unknown>;
  readonly #sent: ClientRequest;
  #waiting: (() => void)[] = [];
  hasEnded = false;

  constructor(
    url: string,
    options: RequestOptions = {},
    make: typeof request | typeof secureRequest = request,
  ) {
    this.#sent = make(url, { agent: false, ...options });
    this.#sent.on('error', () => {});
    this.closed = once(this.#sent, 'close').finally(() => {
      this.hasEnded = true;
      this.#wake();
    });
    let rest = '';
    this.#sent.on('response', (response: IncomingMessage) => {
      response.setEncoding('utf8').on('data', (text: string) => {
        rest += text;
        for (let end = rest.indexOf('\n\n'); end >= 0; end = rest.indexOf('\n\n')) {
          this.#take(rest.slice(0, end));
          rest = rest.slice(end + 2);
        }
      });
      response.on('error', () => {});
    });
    this.#sent.end();
  }

  /** Resolves with the event that is looked for, also one from before. */
  async until(isIt: (event: Event) => boolean): Promise<Event> {
    for (;;) {
      const found = this.events.find(isIt);
      if (found) return found;
      if (this.hasEnded) throw new Error('the events have ended');
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  close(): void {
    this.#sent.destroy();
  }

  #take(block: string): void {
    const fields = new Map(
      block.split('\n').map((line): [string, string] => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, '')];
      }),
    );
    const data = fields.get('data');
    if (data === undefined) return;
    this.events.push({ name: fields.get('event') ?? 'message', id: fields.get('id') ?? '', data });
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
