/**
 * A server that speaks by its script, and reports what reached it. Its counterpart is `run.ts`. Where its lines have `starttls`,
 * a connection begins in clear and turns to TLS there; else it is secured from its first byte on, or not at all.
 */
import type { Observation } from '../../capture/event.ts';
import { accept } from '../../wire/accept.ts';
import type { Accepted, AcceptOptions, BeforeTls, Listener, Tap } from '../../wire/endpoint.ts';
import { Exchange } from '../../wire/starttls/exchange.ts';
import { breakOff } from '../../wire/tap/relay.ts';
import type { RunningServer } from '../../engine/run-context.ts';
import type { Framing } from './framing.ts';
import { turnsToTls } from './lines.ts';
import type { ScriptLine } from './lines.ts';
import type { ScriptMismatch } from './mismatch.ts';
import { ScriptRun } from './script-run.ts';
import type { Halt } from './script-run.ts';
import type { Values } from './text.ts';

export interface ScriptedServerOptions {
  readonly accept: AcceptOptions;
  readonly lines: readonly ScriptLine[];
  readonly framing?: Framing | undefined;
  /** Its name in the scenario. */
  readonly name: string;
  /** Called where a client sends another line than the script expects. */
  readonly onMismatch?: ((mismatch: ScriptMismatch) => void) | undefined;
  /** For each account that may log in. */
  readonly accounts: readonly Values[];
  readonly secrets: ReadonlyMap<string, string>;
  /** For one connection, in milliseconds. */
  readonly timeout: number;
}

/** Maximum logins reported one by one: a report may not be fetched for hours. */
const mostReported = 10_000;
/** For a client to close after this side has, in milliseconds. */
const closingTime = 5000;

export async function startScriptedServer(options: ScriptedServerOptions): Promise<RunningServer> {
  const { name, lines, framing, accounts, secrets, timeout, onMismatch } = options;
  const isUpgraded = turnsToTls(lines);
  const security =
    isUpgraded && options.accept.security === 'plain'
      ? securityBehind(options.accept)
      : options.accept.security;
  let connections = 0;
  let requests = 0;
  let logins: { user: string; accepted: boolean }[] = [];
  /** The runs of connections that are not handed up yet. */
  const begun = new Map<string, { readonly run: ScriptRun; readonly halt: Halt }>();
  const none: Values = { user: '', password: '', rrn: '', secrets };
  const [first = none, ...others] = accounts;
  const newRun = (): ScriptRun =>
    new ScriptRun({
      lines,
      reads: framing,
      candidates: accounts.length === 0 ? [none] : [first, ...others],
      onLogin(outcome, user) {
        if (logins.length < mostReported) logins.push({ user, accepted: outcome === 'admitted' });
      },
      onLine: () => requests++,
      of: `servers.${name}`,
      onMismatch,
      timeout,
    });
  const dialogue: BeforeTls = async (exchange, remote) => {
    const run = newRun();
    const halt = await run.go(exchange);
    begun.set(keyOf(remote), { run, halt });
    return halt === 'tls' ? 'tls' : 'plain';
  };
  const serve = async ({ stream, remote }: Accepted): Promise<void> => {
    connections++;
    const known = begun.get(keyOf(remote));
    begun.delete(keyOf(remote));
    stream.on('error', () => {});
    const run = known?.run ?? newRun();
    let halt = known?.halt ?? 'tls';
    if (halt === 'tls') {
      const exchange = new Exchange(stream);
      halt = await run.go(exchange);
      exchange.stop();
    }
    if (halt === 'reset') return breakOff(stream);
    finish(stream);
  };
  const listen = async (tap?: Tap, port?: number): Promise<Listener> =>
    accept(
      {
        ...options.accept,
        security,
        ...(isUpgraded ? { dialogue, handshakeTimeout: timeout } : {}),
        ...(port === undefined ? {} : { listen: { ...options.accept.listen, port } }),
        ...(tap ? { tap } : {}),
      },
      (accepted) => void serve(accepted),
    );
  const listeners = [await listen()];
  const [own] = listeners;
  if (!own) throw new Error('no listener');
  return {
    address: own.address,
    report(): Extract<Observation, { kind: 'served' }> {
      const served = { kind: 'served', connections, requests, logins } as const;
      connections = 0;
      requests = 0;
      logins = [];
      return served;
    },
    async openListener(tap, port = 0) {
      const opened = await listen(tap, port);
      listeners.push(opened);
      return opened.address;
    },
    async close(graceMs) {
      await Promise.all(listeners.map(async (listener) => listener.close(graceMs)));
    },
  };
}

function securityBehind({ clientAuthorities }: AcceptOptions): 'tls' | 'mtls' {
  return clientAuthorities ? 'mtls' : 'tls';
}

const keyOf = ({ host, port }: { readonly host: string; readonly port: number }): string => `${host} ${port}`;

function finish(stream: Accepted['stream']): void {
  if (stream.closed) return;
  const timer = setTimeout(() => stream.destroy(), closingTime);
  stream.once('close', () => clearTimeout(timer));
  stream.resume();
  stream.end();
}
