/**
 * The server of the toy protocol: accepts logins encrypted with a key sent to it, or with its public key, and reports what
 * reached it. Its counterpart is `features/toy/client.ts`. Any other input is answered with one ERROR and a close.
 */
import { createHash, createPrivateKey, createPublicKey, timingSafeEqual } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { Address, Observation } from '../../capture/event.ts';
import type { RandomBytes } from '../../core/clock.ts';
import { UserError } from '../../i18n/user-error.ts';
import { accept } from '../../wire/accept.ts';
import type { AcceptOptions, Accepted } from '../../wire/endpoint.ts';
import { decodeLoginForm } from '../../peers/site/form.ts';
import { seal, unlock, unseal } from './locks.ts';
import { LineSplitter, readLine, writeLine } from './protocol.ts';
import type { ToyLine } from './protocol.ts';

export interface ToyServerOptions {
  /** Its identity's private RSA key decrypts logins; without one it has no PADLOCK to offer. */
  readonly accept: AcceptOptions;
  readonly accounts: readonly { readonly user: string; readonly password: string }[];
  /** For nonces. */
  readonly random: RandomBytes;
  /** Idle timeout, in milliseconds. */
  readonly idleTimeout?: number;
}

export interface ToyServer {
  readonly address: Address;
  /** What reached it since the last report. */
  report(): Extract<Observation, { kind: 'served' }>;
  close(graceMs?: number): Promise<void>;
}

/** Maximum lines per connection. */
const mostLines = 16;

/** Maximum logins reported one by one: a report may not be fetched for hours. */
const mostReported = 10_000;

/** @throws UserError when its key is not an RSA key. */
export async function startToyServer({
  accept: acceptOptions,
  accounts,
  random,
  idleTimeout = 10_000,
}: ToyServerOptions): Promise<ToyServer> {
  const key = acceptOptions.identity && privateKeyOf(acceptOptions.identity.key);
  const padlock = key && createPublicKey(key).export({ type: 'spki', format: 'der' });
  let connections = 0;
  let requests = 0;
  let logins: { user: string; accepted: boolean }[] = [];

  const login = (user: string, password: string): ToyLine => {
    const known = accounts.find((account) => account.user === user);
    const accepted = isSame(password, known?.password ?? '') && known !== undefined;
    if (logins.length < mostReported) logins.push({ user, accepted });
    return accepted ? { type: 'welcome', user } : { type: 'denied' };
  };
  /** The response to a line: nothing, a line, or an error after which nothing is read. */
  const conversation = (): ((line: ToyLine | undefined) => ToyLine | 'nothing') => {
    let shared: Uint8Array | undefined;
    return (line) => {
      switch (line?.type) {
        case 'key':
          shared = line.key;
          return 'nothing';
        case 'sealed': {
          const text = shared && unseal(line, shared);
          const read = text === undefined ? undefined : decodeLoginForm(text);
          if (!shared || !read || !('form' in read)) return { type: 'error' };
          const answer = login(read.form.username, read.form.password);
          return { type: 'sealed', ...seal(writeLine(answer).trimEnd(), shared, random) };
        }
        case 'padlock_wanted':
          return padlock ? { type: 'padlock', publicKey: padlock } : { type: 'error' };
        case 'locked': {
          const text = key && unlock(line.locked, key, line.padding);
          const password = text === undefined ? null : new URLSearchParams(text).get('password');
          return password === null ? { type: 'error' } : login(line.user, password);
        }
        case 'padlock':
        case 'welcome':
        case 'denied':
        case 'error':
        case undefined:
          return { type: 'error' };
      }
    };
  };
  const listener = await accept(acceptOptions, (accepted) => {
    connections++;
    serve(accepted, conversation(), idleTimeout, () => requests++);
  });

  return {
    address: listener.address,
    report() {
      const served = { kind: 'served', connections, requests, logins } as const;
      connections = 0;
      requests = 0;
      logins = [];
      return served;
    },
    close: async (graceMs) => listener.close(graceMs),
  };
}

function serve(
  { stream }: Accepted,
  answer: (line: ToyLine | undefined) => ToyLine | 'nothing',
  idleTimeout: number,
  onLine: () => void,
): void {
  const splitter = new LineSplitter();
  let heard = 0;
  let isOver = false;
  // Once to end it, and once more for a client that does not close.
  const timer = setTimeout(() => {
    if (isOver) stream.destroy();
    else finish();
  }, idleTimeout);
  const finish = (): void => {
    isOver = true;
    stream.end();
    timer.refresh();
  };
  stream.on('error', () => {});
  stream.on('close', () => clearTimeout(timer));
  stream.on('end', finish);
  stream.on('data', (bytes: Uint8Array) => {
    if (isOver) return;
    timer.refresh();
    const lines = splitter.push(bytes);
    for (const text of lines) {
      heard++;
      onLine();
      const said = heard > mostLines ? ({ type: 'error' } as const) : answer(readLine(text));
      if (said === 'nothing') continue;
      stream.write(writeLine(said), 'latin1');
      if (said.type === 'error') return finish();
    }
    if (splitter.isOverlong) {
      stream.write(writeLine({ type: 'error' }), 'latin1');
      finish();
    }
  });
}

function privateKeyOf(pem: string): KeyObject {
  const key = createPrivateKey(pem);
  if (key.asymmetricKeyType === 'rsa') return key;
  throw new UserError({
    what: {
      en: 'this server needs an RSA key',
      ko: '이 서버는 RSA로 잠그는데 키의 종류가 다릅니다',
    },
    where: 'toy-login-server',
    expected: {
      en: 'a certificate with an RSA key (key: RSA-2048 in the recipe)',
      ko: 'RSA 키를 쓰는 인증서(레시피의 key: RSA-2048)',
    },
    received: key.asymmetricKeyType ?? 'unknown',
  });
}

/** Takes the same time for any lengths. */
function isSame(one: string, other: string): boolean {
  const [a, b] = [one, other].map((text) => createHash('sha256').update(text).digest());
  return a !== undefined && b !== undefined && timingSafeEqual(a, b);
}
