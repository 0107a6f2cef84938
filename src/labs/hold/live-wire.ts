/**
 * A wire that can be listened to while a lab runs: whoever asks for it over HTTP receives what passes from then on, as a capture
 * (pcapng), for as long as they listen. Nothing of it is kept: what passed before cannot be had.
 *
 * 1. Each exchange is a section of its own (pcapng, section 3.2), whole: a reader can begin with any.
 * 2. Somebody who does not read is let go.
 */
import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

const host = '127.0.0.1';
/** The most bytes that wait for somebody who does not read them, and the most listeners. */
const most = { waiting: 1024 * 1024, listeners: 32 };

export class LiveWire {
  readonly port: number;
  readonly #listeners: Set<ServerResponse>;
  readonly #close: () => void;

  private constructor(port: number, listeners: Set<ServerResponse>, close: () => void) {
    this.port = port;
    this.#listeners = listeners;
    this.#close = close;
  }

  /** @param port the previous one, unless another program has it. */
  static async open(wire: string, port: number | undefined): Promise<LiveWire> {
    const listeners = new Set<ServerResponse>();
    const server = createServer((request, response) => {
      request.resume();
      if (request.method !== 'GET' || request.url !== pathOf(wire) || listeners.size >= most.listeners) {
        response.writeHead(listeners.size >= most.listeners ? 503 : 404).end();
        return;
      }
      response.on('error', () => response.destroy()).on('close', () => listeners.delete(response));
      response.writeHead(200, { 'content-type': 'application/x-pcapng', 'cache-control': 'no-store' });
      response.flushHeaders();
      listeners.add(response);
    });
    const listen = async (at: number): Promise<void> => {
      server.listen(at, host);
      await once(server, 'listening');
    };
    await listen(port ?? 0).catch(async () => listen(0));
    return new LiveWire((server.address() as AddressInfo).port, listeners, () => {
      server.close();
      server.closeAllConnections();
    });
  }

  /** @param section what passed, as a whole pcapng section. */
  pass(section: Uint8Array): void {
    for (const listener of this.#listeners)
      if (listener.writableLength > most.waiting) listener.destroy();
      else listener.write(section);
  }

  close(): void {
    this.#close();
  }
}

/** The path of its address. */
const pathOf = (wire: string): string => `/${wire}.pcapng`;

export const liveUrl = (wire: string, port: number): string => `http://${host}:${port}${pathOf(wire)}`;
