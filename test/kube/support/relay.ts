/** A relay whose other end may be refused, held back or cut off: what a network does to whoever talks over it. */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { ExecutionContext } from 'ava';
import type { Address } from '../../../src/capture/event.ts';

export class Relay {
  readonly #to: Address;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  /** Near ends that asked something since they were last answered. */
  readonly #spoken = new Set<Socket>();
  #server: Server | undefined;
  #port = 0;
  #held: 'nothing' | 'everything' = 'nothing';

  private constructor(to: Address) {
    this.#to = to;
  }

  static async start(t: Pick<ExecutionContext, 'teardown'>, to: Address): Promise<Relay> {
    const relay = new Relay(to);
    await relay.open();
    t.teardown(() => relay.refuse());
    return relay;
  }

  get address(): Address {
    return { host: '127.0.0.1', port: this.#port };
  }

  /** Takes connections again. */
  async open(): Promise<void> {
    this.#server = createServer((near) => this.#join(near)).listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Takes none, and cuts those that there are. */
  refuse(): void {
    this.#server?.close();
    this.#server = undefined;
    this.cut();
  }

  cut(): void {
    for (const pair of this.#pairs) for (const socket of pair) socket.resetAndDestroy();
  }

  /** Hands nothing on until it is let go. */
  hold(): void {
    this.#held = 'everything';
    for (const pair of this.#pairs) for (const socket of pair) socket.pause();
  }

  letGo(): void {
    this.#held = 'nothing';
    for (const pair of this.#pairs) for (const socket of pair) socket.resume();
  }

  /** What comes back on the connections that there are, and is in no answer to what is asked next, is never handed on: watches hear nothing. */
  deafen(): void {
    for (const [near, far] of this.#pairs) {
      far
        .removeAllListeners('data')
        .on('data', (bytes: Buffer) => void (this.#spoken.delete(near) && near.write(bytes)));
      near.on('data', () => this.#spoken.add(near));
    }
  }

  #join(near: Socket): void {
    const far = connect(this.#to.port, this.#to.host);
    const pair = [near, far] as const;
    this.#pairs.add(pair);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      socket
        .on('data', (bytes) => void other.write(bytes))
        .on('end', () => other.end())
        .on('error', () => other.destroy());
      socket.on('close', () => {
        other.destroy();
        this.#pairs.delete(pair);
      });
      if (this.#held === 'everything') socket.pause();
    }
  }
}
