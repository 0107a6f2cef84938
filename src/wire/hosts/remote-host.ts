/**
 * A host in a network namespace: an agent (`agent.ts`) opens the sockets there, and this process reads and writes them. So TLS,
 * the taps and the log stay in one process, while the packets cross the stacks of several. Node passes a socket between two
 * processes as documented for `subprocess.send`; both have a copy then, and the agent's is closed before anybody learns the address.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { Socket as UdpSocket } from 'node:dgram';
import { Server, Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { Socket as DatagramSocket } from 'node:dgram';
import type { Address } from '../../capture/event.ts';
import { agentScript } from './agent.ts';
import type { Failure, Reply, Request } from './agent.ts';
import type { Host } from './host.ts';

interface Waiting {
  readonly resolve: (answer: { readonly reply: Reply; readonly handle: unknown }) => void;
  readonly reject: (error: Error) => void;
}

export interface RemoteHostOptions {
  readonly address: string;
  readonly otherAddresses?: readonly string[];
  /** What precedes Node's command line: the program that makes the namespace, with its arguments. */
  readonly through: readonly [string, ...string[]];
  readonly variables: NodeJS.ProcessEnv;
  /** Pipes that the agent has from descriptor 4 on, for programs that it starts. */
  readonly pipes?: number;
}

/** The agent could not be started: what the program said that should have started it. */
export class NoHost extends Error {}

/** How long an agent may take to start. */
const mostStarting = 20_000;

export class RemoteHost implements Host {
  readonly address: string;
  readonly otherAddresses: readonly string[];
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  /** Sockets that were given up before they were there. */
  readonly #givenUp = new Set<number>();
  #lastId = 0;
  #isGone = false;
  readonly #gone: Promise<void>;

  private constructor(address: string, otherAddresses: readonly string[], child: ChildProcess) {
    this.address = address;
    this.otherAddresses = otherAddresses;
    this.#child = child;
    child.on('message', (reply: Reply, handle: unknown) => this.#settle(reply, handle));
    this.#gone = new Promise((resolve) => {
      const onGone = (): void => {
        this.#isGone = true;
        for (const { reject } of this.#waiting.values()) reject(hostIsGone());
        this.#waiting.clear();
        resolve();
      };
      child.once('exit', onGone);
      child.once('error', onGone);
    });
  }

  /** @throws NoHost where the namespace is refused */
  static async start({
    address,
    otherAddresses = [],
    through,
    variables,
    pipes = 0,
  }: RemoteHostOptions): Promise<RemoteHost> {
    const [program, ...args] = through;
    // Its own session: a signal of the terminal is for the process that asked, which ends its agents.
    const child = spawn(program, [...args, process.execPath, '-e', agentScript()], {
      stdio: ['pipe', 'ignore', 'pipe', 'ipc', ...Array.from({ length: pipes }, () => 'pipe' as const)],
      env: variables,
      detached: true,
    });
    const host = new RemoteHost(address, otherAddresses, child);
    // It ends with the agent, whose end says all.
    for (const stream of child.stdio) stream?.on('error', () => {});
    let said = '';
    child.stderr?.on('data', (bytes: Buffer) => (said = (said + bytes.toString()).slice(-4096)));
    const timer = setTimeout(() => child.kill('SIGKILL'), mostStarting);
    try {
      await new Promise<void>((resolve, reject) => {
        host.#waiting.set(0, { resolve: () => resolve(), reject });
        child.once('error', ({ message }) => reject(new NoHost(message)));
        child.once('close', () => reject(new NoHost(said.trim())));
        // The reason comes with `close`.
        child.once('exit', () => host.#waiting.delete(0));
      });
    } catch (error) {
      throw error instanceof NoHost ? error : new NoHost(said.trim(), { cause: error });
    } finally {
      clearTimeout(timer);
    }
    return host;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** The pipes that the agent has, as this side reads them. */
  pipe(index: number): Readable {
    const stream = this.#child.stdio[4 + index];
    if (!stream || !('read' in stream)) throw new Error('the agent has no such pipe');
    return stream;
  }

  /** Runs a program there. */
  async run(file: string, ...args: readonly string[]): Promise<{ status: number | null; output: string }> {
    const { reply } = await this.#ask({ do: 'run', file, args });
    return { status: reply.status ?? null, output: reply.output ?? '' };
  }

  async set(path: string, value: string): Promise<void> {
    await this.#ask({ do: 'set', path, value });
  }

  /** Starts a program whose output comes out of a pipe. Returns a function that ends it; that returns what it said. */
  async start(options: {
    readonly file: string;
    readonly args: readonly string[];
    readonly pipe: number;
    readonly readyAt: string;
  }): Promise<() => Promise<string>> {
    const { file, args, readyAt } = options;
    const { reply } = await this.#ask({ do: 'start', file, args, output: 4 + options.pipe, readyAt });
    return async () => (await this.#ask({ do: 'stop', of: reply.id })).reply.output ?? '';
  }

  async listen({ host, port }: Address, backlog: number): Promise<Server> {
    const server = await this.#open({ do: 'listen', host, port, backlog });
    if (server instanceof Server) return server;
    throw hostIsGone();
  }

  async bindUdp({ host, port }: Address): Promise<UdpSocket> {
    const socket = await this.#open({ do: 'bindUdp', host, port });
    if (socket instanceof DatagramSocket) return socket;
    throw hostIsGone();
  }

  async connect({ host, port }: Address, signal: AbortSignal): Promise<Socket> {
    const id = this.#nextId();
    const onAbort = (): void => {
      this.#givenUp.add(id);
      this.#waiting.get(id)?.reject(new Error('given up'));
      this.#ask({ do: 'release', of: id }).catch(() => {});
    };
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      const { handle } = await this.#ask({ do: 'connect', host, port }, id);
      if (!(handle instanceof Socket)) throw reset();
      // What a socket loses on its way between processes.
      handle.allowHalfOpen = true;
      handle.setNoDelay(true);
      return handle;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** Ends the agent, and with it the namespace. */
  async close(): Promise<void> {
    this.#child.stdin?.destroy();
    if (this.#child.connected) this.#child.disconnect();
    await this.#gone;
  }

  /** Opens a socket that both processes have, until the agent's copy is closed. */
  async #open(asked: Request): Promise<unknown> {
    const { reply, handle } = await this.#ask(asked);
    await this.#ask({ do: 'release', of: reply.id });
    return handle;
  }

  #nextId(): number {
    return ++this.#lastId;
  }

  async #ask(
    asked: Request,
    id = this.#nextId(),
  ): Promise<{ readonly reply: Reply; readonly handle: unknown }> {
    if (this.#isGone || !this.#child.connected) throw hostIsGone();
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#child.send({ id, asked }, (error) => {
        if (error && this.#waiting.delete(id)) reject(hostIsGone());
      });
    });
  }

  #settle(reply: Reply, handle: unknown): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if (this.#givenUp.delete(reply.id)) {
      if (handle instanceof Socket) handle.on('error', () => {}).destroy();
      return;
    }
    if (reply.failure) waiting?.reject(asError(reply.failure));
    else waiting?.resolve({ reply, handle });
  }
}

const asError = ({ code, message }: Failure): Error =>
  Object.assign(new Error(message), code === undefined ? {} : { code });

/** As a connection that breaks when its host does. */
const hostIsGone = (): Error => Object.assign(new Error('the host is gone'), { code: 'EHOSTDOWN' });

/** A socket that was closed on its way. */
const reset = (): Error => Object.assign(new Error('the connection was reset'), { code: 'ECONNRESET' });
