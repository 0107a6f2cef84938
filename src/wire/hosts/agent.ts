/**
 * The program that stands in a network namespace: it opens sockets there and hands them to the process that asked, and runs
 * the tools that set the namespace up. It is started from its own text (`node -e`), so it uses nothing but Node's built-in
 * modules; `remote-host.ts` is its counterpart. When the process that asked is gone, however it ended, the agent ends what it has started and exits.
 */
import type { ChildProcess } from 'node:child_process';
import type { Socket as UdpSocket } from 'node:dgram';
import type { Server, Socket } from 'node:net';

export type Request =
  | { readonly do: 'listen'; readonly host: string; readonly port: number; readonly backlog: number }
  | { readonly do: 'connect'; readonly host: string; readonly port: number }
  | { readonly do: 'bindUdp'; readonly host: string; readonly port: number }
  /** Lets go of this process's own copy of the socket that an earlier request has opened, or gives up opening it. */
  | { readonly do: 'release'; readonly of: number }
  /** Writes a setting of the kernel (`/proc/sys/...`). */
  | { readonly do: 'set'; readonly path: string; readonly value: string }
  | { readonly do: 'run'; readonly file: string; readonly args: readonly string[] }
  /** Starts a program whose output goes to that descriptor. It is answered when its standard error has that text. */
  | {
      readonly do: 'start';
      readonly file: string;
      readonly args: readonly string[];
      readonly output: number;
      readonly readyAt: string;
    }
  /** Ends a program that was started, with SIGTERM; answered when it is gone. */
  | { readonly do: 'stop'; readonly of: number };

export interface Failure {
  readonly code?: string;
  readonly message: string;
}

export interface Reply {
  readonly id: number;
  readonly failure?: Failure;
  /** Of `run` and `stop`. */
  readonly status?: number | null;
  readonly output?: string;
}

/** Answers requests until its channel is closed. Nothing outside of it may be used here but types. */
function agent(): void {
  const net = process.getBuiltinModule('node:net');
  const udp = process.getBuiltinModule('node:dgram');
  const files = process.getBuiltinModule('node:fs');
  const programs = process.getBuiltinModule('node:child_process');
  const opened = new Map<number, Server | Socket | UdpSocket>();
  const running = new Map<number, { readonly child: ChildProcess; readonly said: () => string }>();

  const reply = (answer: Reply, handle?: Server | Socket | UdpSocket): void => {
    process.send?.(answer, handle, {}, () => {});
  };
  const failed = (id: number, error: unknown): void => {
    const { code, message } = error as NodeJS.ErrnoException;
    reply({ id, failure: { ...(code === undefined ? {} : { code }), message } });
  };
  const release = (of: number): void => {
    const own = opened.get(of);
    opened.delete(of);
    if (!own) return;
    own.on('error', () => {});
    if ('destroy' in own) own.destroy();
    else own.close();
  };

  const answers: { readonly [K in Request['do']]: (id: number, asked: Extract<Request, { do: K }>) => void } =
    {
      listen(id, { host, port, backlog }) {
        const server = net.createServer();
        opened.set(id, server);
        server.once('error', (error) => failed(id, error));
        server.listen({ host, port, backlog, exclusive: true }, () => reply({ id }, server));
      },
      connect(id, { host, port }) {
        // Paused before it connects, so that no byte is read here.
        const socket = new net.Socket({ allowHalfOpen: true });
        opened.set(id, socket);
        socket.pause();
        socket.on('error', (error) => failed(id, error));
        socket.connect({ host, port, noDelay: true }, () => {
          opened.delete(id);
          reply({ id }, socket);
        });
      },
      bindUdp(id, { host, port }) {
        const socket = udp.createSocket(host.includes(':') ? 'udp6' : 'udp4');
        opened.set(id, socket);
        socket.once('error', (error) => failed(id, error));
        socket.bind({ address: host, port, exclusive: true }, () => reply({ id }, socket));
      },
      release(id, { of }) {
        release(of);
        reply({ id });
      },
      set(id, { path, value }) {
        files.writeFileSync(path, value);
        reply({ id });
      },
      run(id, { file, args }) {
        const child = programs.spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] });
        let output = '';
        for (const stream of [child.stdout, child.stderr])
          stream.on('data', (bytes: Buffer) => (output += bytes.toString()));
        child.once('error', (error) => failed(id, error));
        child.once('close', (status) => reply({ id, status, output }));
      },
      start(id, { file, args, output, readyAt }) {
        const child = programs.spawn(file, args, { stdio: ['ignore', output, 'pipe'] });
        // It has its own copy: the reader sees the end when it ends.
        files.closeSync(output);
        let said = '';
        let isAnswered = false;
        const answer = (act: () => void): void => {
          if (!isAnswered) act();
          isAnswered = true;
        };
        child.stderr?.on('data', (bytes: Buffer) => {
          said = (said + bytes.toString()).slice(-4096);
          if (said.includes(readyAt)) answer(() => reply({ id }));
        });
        running.set(id, { child, said: () => said });
        child.once('error', (error) => answer(() => failed(id, error)));
        child.once('close', () => answer(() => failed(id, new Error(said.trim()))));
      },
      stop(id, { of }) {
        const known = running.get(of);
        running.delete(of);
        if (!known) return reply({ id });
        const { child, said } = known;
        const gone = (): void => reply({ id, status: child.exitCode, output: said() });
        if (child.exitCode !== null || child.signalCode !== null) return gone();
        child.once('close', gone);
        child.kill('SIGTERM');
      },
    };

  process.on('message', ({ id, asked }: { id: number; asked: Request }) => {
    try {
      (answers[asked.do] as (id: number, asked: Request) => void)(id, asked);
    } catch (error) {
      failed(id, error);
    }
  });
  const leave = (): void => {
    for (const { child } of running.values()) child.kill('SIGKILL');
    process.exit();
  };
  process.on('disconnect', leave);
  // Where the other process was killed in the middle of a message, Node waits for the rest of it and says nothing.
  process.stdin.on('end', leave).on('error', leave).resume();
  reply({ id: 0 });
}

/** The program as text. */
export const agentScript = (): string => `(${agent.toString()})()`;
