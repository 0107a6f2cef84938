/**
 * The client of the toy protocol: one login, encrypted in one of three ways, and this end's report of it. Its counterpart is
 * `features/toy/server.ts`. Every exit path ends the connection and settles within the timeout.
 */
import type { Duplex } from 'node:stream';
import type { Observation } from '../../capture/event.ts';
import type { RandomBytes } from '../../core/clock.ts';
import { dial } from '../../wire/dial.ts';
import type { DialOptions } from '../../wire/endpoint.ts';
import { encodeLoginForm } from '../../peers/site/form.ts';
import type { LoginForm } from '../../peers/site/form.ts';
import { lock, readPadlock, seal, unseal } from './locks.ts';
import { keyLength, LineSplitter, readLine, writeLine } from './protocol.ts';
import type { Padding, ToyLine } from './protocol.ts';

/** `shared-key`: one key for both sides, sent first. The others: the password encrypted with the server's public key. */
export const toyLocks = ['shared-key', 'rsa-unpadded', 'rsa-oaep'] as const;
export type ToyLock = (typeof toyLocks)[number];

export interface ToyLogInOptions {
  readonly dial: DialOptions;
  readonly lock: ToyLock;
  readonly form: LoginForm;
  readonly random: RandomBytes;
  readonly signal?: AbortSignal;
  /** For everything after the connection is established, in milliseconds. */
  readonly timeout?: number;
}

type Login = Extract<Observation, { kind: 'login' }>;

/** The plaintext for the public key: the password alone, as encoded in a login form. */
export function lockedMessage(password: string): string {
  return new URLSearchParams([['password', password]]).toString();
}

/** Logs in and returns this end's report, which the caller logs. Never rejects for anything that the other end does. */
export async function logInToy(options: ToyLogInOptions): Promise<Login> {
  const dialed = await dial(options.dial);
  if (dialed.outcome === 'failed') {
    const { local, failure } = dialed;
    const { code, message } = failure;
    return {
      kind: 'login',
      outcome: 'failed',
      ...(local ? { from: local } : {}),
      believedConnected: false,
      sentBytes: 0,
      error: { code, message },
    };
  }
  const { stream, local } = dialed;
  let sentBytes = 0;
  const answers = new Answers(stream, options.timeout ?? 10_000, options.signal);
  const ask = async (...lines: readonly ToyLine[]): Promise<ToyLine | undefined> => {
    const text = lines.map(writeLine).join('');
    sentBytes += text.length;
    stream.write(text, 'latin1');
    return answers.next();
  };
  const outcome =
    options.lock === 'shared-key' ? await withSharedKey(options, ask) : await withPadlock(options, ask);
  await answers.close(outcome.outcome === 'failed');
  return { kind: 'login', ...outcome, from: local, believedConnected: true, sentBytes };
}

type Outcome = Pick<Login, 'outcome' | 'user' | 'error'>;
type Ask = (...lines: readonly ToyLine[]) => Promise<ToyLine | undefined>;

const failed = (code: string, message: string): Outcome => ({ outcome: 'failed', error: { code, message } });
const noAnswer = failed('NO_ANSWER', 'the server gave no answer that this client understands');

async function withSharedKey({ form, random }: ToyLogInOptions, ask: Ask): Promise<Outcome> {
  const key = random(keyLength);
  const answer = await ask(
    { type: 'key', key },
    { type: 'sealed', ...seal(encodeLoginForm(form), key, random) },
  );
  if (answer?.type === 'denied') return { outcome: 'denied' };
  if (answer?.type !== 'sealed') return noAnswer;
  const inside = readLine(unseal(answer, key) ?? '');
  if (inside?.type === 'welcome') return { outcome: 'admitted', user: inside.user };
  return inside?.type === 'denied' ? { outcome: 'denied' } : noAnswer;
}

async function withPadlock({ form, lock: kind }: ToyLogInOptions, ask: Ask): Promise<Outcome> {
  const padding: Padding = kind === 'rsa-oaep' ? 'rsa-oaep-sha256' : 'rsa-unpadded';
  const padlock = await ask({ type: 'padlock_wanted' });
  const key = padlock?.type === 'padlock' ? readPadlock(padlock.publicKey) : undefined;
  if (!key) return noAnswer;
  const locked = lock(lockedMessage(form.password), key, padding);
  if (!locked) return failed('TOO_LONG', 'the password is too long for this key');
  const answer = await ask({ type: 'locked', user: form.username, padding, locked });
  if (answer?.type === 'welcome') return { outcome: 'admitted', user: answer.user };
  return answer?.type === 'denied' ? { outcome: 'denied' } : noAnswer;
}

/** How long the other end may take to close after us. */
const closeTimeout = 5000;

/** The server's lines, one at a time; undefined after the last. */
class Answers {
  readonly #stream: Duplex;
  readonly #lines: string[] = [];
  readonly #splitter = new LineSplitter();
  readonly #stop: () => void;
  #over = false;
  #wake: (() => void) | undefined;

  constructor(stream: Duplex, timeout: number, signal: AbortSignal | undefined) {
    this.#stream = stream;
    const end = (): void => {
      this.#over = true;
      this.#wake?.();
    };
    const timer = setTimeout(end, timeout);
    signal?.addEventListener('abort', end);
    if (signal?.aborted) this.#over = true;
    this.#stop = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
    };
    stream.on('data', (bytes: Uint8Array) => {
      this.#lines.push(...this.#splitter.push(bytes));
      if (this.#splitter.isOverlong) this.#over = true;
      this.#wake?.();
    });
    for (const event of ['end', 'error', 'close']) stream.on(event, end);
  }

  async next(): Promise<ToyLine | undefined> {
    if (this.#lines.length === 0 && !this.#over) await new Promise<void>((resolve) => (this.#wake = resolve));
    const line = this.#lines.shift();
    return line === undefined ? undefined : readLine(line);
  }

  /** Ends our side and waits for the other to close; destroys the socket otherwise. */
  async close(isBroken: boolean): Promise<void> {
    this.#stop();
    if (this.#stream.closed) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => this.#stream.destroy(), isBroken ? 0 : closeTimeout);
      this.#stream.once('close', () => {
        clearTimeout(timer);
        resolve();
      });
      this.#stream.resume();
      this.#stream.end();
    });
  }
}
