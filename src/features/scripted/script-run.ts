/**
 * Carries out the lines of one connection of a scripted peer. It moves no socket: it reads and writes an `Exchange`, first the
 * raw connection's, and after `starttls` that of the stream above TLS.
 *
 * 1. Nothing hangs: each line waits for a bounded number of bytes, all of them together for the script's time.
 * 2. It never rejects. A peer that says something else than expected, or leaves, ends it; the reason is kept.
 */
import { ExchangeError } from '../../wire/starttls/exchange.ts';
import type { Exchange } from '../../wire/starttls/exchange.ts';
import { commandBytes, readCommand } from './commands.ts';
import type { Framing } from './framing.ts';
import type { Branch, Outcome, ScriptLine } from './lines.ts';
import { mismatchOf } from './mismatch.ts';
import type { ScriptMismatch } from './mismatch.ts';
import { matches, readPattern } from './pattern.ts';
import { readText, valueOf } from './text.ts';
import type { Values } from './text.ts';

/** `tls`: TLS is next. The others: there is nothing more to say. */
export type Halt = 'tls' | 'over' | 'reset';

export interface ScriptOptions {
  readonly lines: readonly ScriptLine[];
  /** How what is sent is framed; a server sends lines. */
  readonly sends?: Framing | undefined;
  /** How what is read is framed; a client reads lines. */
  readonly reads?: Framing | undefined;
  /** A client's own values; a server's for each account that may log in, and those of none last. */
  readonly candidates: readonly [Values, ...Values[]];
  /** Called for each `login`, with the account's user. */
  readonly onLogin: (outcome: Outcome, user: string) => void;
  /** Called for each line that has come. */
  readonly onLine?: () => void;
  /** Called where another line came than the script expects, which ends it. */
  readonly onMismatch?: ((mismatch: ScriptMismatch) => void) | undefined;
  /** The participant whose script it is, as `servers.shop`. */
  readonly of: string;
  /** In milliseconds, for all of it. */
  readonly timeout: number;
  readonly signal?: AbortSignal | undefined;
}

export class ScriptRun {
  readonly #options: ScriptOptions;
  #rest: readonly ScriptLine[];
  #values: Values;
  #exchange: Exchange | undefined;
  #wake: (() => void) | undefined;
  #expired: ExchangeError | undefined;
  readonly #stopWaiting: () => void;
  /** Bytes that were written. */
  sentBytes = 0;
  /** Why it ended before its last line. */
  failure: { readonly code: string; readonly message: string } | undefined;
  /** Lines that have come. */
  heard = 0;

  constructor(options: ScriptOptions) {
    this.#options = options;
    this.#rest = options.lines;
    this.#values = options.candidates.at(-1) ?? options.candidates[0];
    const expire = (code: string) => (): void => {
      this.#expired = new ExchangeError('handshake_timeout', code);
      this.#exchange?.abort(this.#expired);
      this.#wake?.();
    };
    const called = expire('ABORT_ERR');
    const timer = setTimeout(expire('ETIMEDOUT'), options.timeout);
    options.signal?.addEventListener('abort', called);
    if (options.signal?.aborted) called();
    this.#stopWaiting = () => {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', called);
    };
  }

  /** Goes on, from where it halted last. */
  async go(exchange: Exchange): Promise<Halt> {
    this.#exchange = exchange;
    try {
      if (this.#expired) throw this.#expired;
      for (let line = this.#next(); line; line = this.#next()) {
        const halt = await this.#carryOut(line, exchange);
        if (halt === 'tls') return halt;
        if (halt) return this.#end(halt);
      }
      return this.#end('over');
    } catch (error) {
      if (!(error instanceof ExchangeError)) throw error;
      const { code } = error;
      this.failure = { code, message: code };
      return this.#end('over');
    } finally {
      this.#exchange = undefined;
    }
  }

  /** Nobody goes on: its time is no longer counted. */
  stop(): void {
    this.#rest = [];
    this.#stopWaiting();
  }

  #end(halt: Halt): Halt {
    this.stop();
    return halt;
  }

  #next(): ScriptLine | undefined {
    const [line, ...rest] = this.#rest;
    this.#rest = rest;
    return line;
  }

  async #carryOut(line: ScriptLine, exchange: Exchange): Promise<Halt | undefined> {
    if (line.send !== undefined) {
      const bytes = commandBytes(readText(line.send), this.#values, this.#options.sends ?? 'lines');
      this.sentBytes += bytes.length;
      exchange.write(bytes);
    } else if (line.expect !== undefined) await this.#choose(line, [{ expect: line.expect }], exchange);
    else if (line.choose) await this.#choose(line, line.choose, exchange);
    else if (line.login) this.#options.onLogin(line.login, this.#values.user);
    else if (line.wait !== undefined) await this.#wait(line.wait);
    else if (line.starttls) {
      exchange.refuseEarlyBytes();
      return 'tls';
    } else return line.reset ? 'reset' : 'over';
    return undefined;
  }

  async #choose(at: ScriptLine, branches: readonly Branch[], exchange: Exchange): Promise<void> {
    const read = await readCommand(exchange, this.#options.reads ?? 'lines');
    const line = Buffer.from(read, 'latin1').toString('utf8');
    this.heard++;
    this.#options.onLine?.();
    for (const { expect, lines = [] } of branches) {
      const pattern = readPattern(expect);
      const found = this.#options.candidates.find((values) =>
        matches(pattern, line, (placeholder) => valueOf(placeholder, values)),
      );
      if (!found) continue;
      // A pattern that names nothing of an account says nothing about whose it is.
      if (pattern.placeholders.length > 0) this.#values = found;
      this.#rest = [...lines, ...this.#rest];
      return;
    }
    const { of, lines, candidates, onMismatch } = this.#options;
    onMismatch?.(mismatchOf({ of, lines, line: at }, branches, line, candidates));
    throw new ExchangeError('starttls_violated', 'UNEXPECTED_LINE');
  }

  async #wait(milliseconds: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
    if (this.#expired) throw this.#expired;
  }
}
