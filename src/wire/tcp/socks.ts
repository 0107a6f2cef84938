/** Requests a connection from a SOCKS proxy (version 5, RFC 1928 and RFC 1929) on an established one, before any other data. */
import { isIP } from 'node:net';
import type { Socket } from 'node:net';
import type { Address } from '../../capture/event.ts';
import type { ProxyLogin } from '../endpoint.ts';
import { patience } from './patience.ts';

/** Resolves with the error if it leads nowhere; undefined if the socket leads to the target, whose name the proxy resolves. */
export async function askForSocks(
  socket: Socket,
  to: Address,
  milliseconds: number,
  login?: ProxyLogin,
): Promise<Error | undefined> {
  return new Promise((resolve) => {
    const steps = conversation(to, login);
    let wanted = 0;
    const finish = (error?: Error): void => {
      wait.stop();
      socket.off('readable', take).off('end', ended).off('error', finish);
      resolve(error);
    };
    const ended = (): void =>
      finish(Object.assign(new Error('the proxy closed the connection'), { code: 'ECONNRESET' }));
    const advance = (answer: Buffer): void => {
      const { value, done } = steps.next(answer);
      if (done) return finish(value);
      if (value.say) socket.write(value.say);
      wanted = value.await;
      take();
    };
    const take = (): void => {
      const answer = socket.read(wanted) as Buffer | null;
      if (answer !== null) advance(answer);
    };
    const wait = patience.wait(milliseconds, () =>
      finish(Object.assign(new Error('the proxy did not respond in time'), { code: 'ETIMEDOUT' })),
    );
    socket.on('readable', take).once('end', ended).once('error', finish);
    if (socket.readableEnded || socket.destroyed) return ended();
    advance(Buffer.alloc(0));
  });
}

interface Step {
  readonly say?: Uint8Array;
  /** How many bytes are needed before it goes on. */
  readonly await: number;
}

/** What is sent, and how many bytes are awaited; returns why it leads nowhere. */
function* conversation(
  { host, port }: Address,
  login: ProxyLogin | undefined,
): Generator<Step, Error | undefined, Buffer> {
  const methods = login ? [0, 2] : [0];
  const chosen = yield { say: Buffer.from([5, methods.length, ...methods]), await: 2 };
  if (chosen[0] !== 5) return broken('the proxy’s response is not SOCKS 5');
  if (chosen[1] === 2 && login) {
    const [user, password] = [Buffer.from(login.user), Buffer.from(login.password)];
    if (user.length > 255 || password.length > 255) return broken('the user or the password is too long');
    const said = yield {
      say: Buffer.concat([Buffer.from([1, user.length]), user, Buffer.from([password.length]), password]),
      await: 2,
    };
    if (said[1] !== 0) return broken('the proxy does not accept the user and the password');
  } else if (chosen[1] !== 0) return broken('the proxy asks for another way to log in');
  const name = Buffer.from(host);
  if (name.length > 255) return broken('the name of the target is too long');
  const target = isIP(host) ? addressBytes(host) : Buffer.concat([Buffer.from([3, name.length]), name]);
  const head = yield {
    say: Buffer.concat([Buffer.from([5, 1, 0]), target, Buffer.from([port >> 8, port & 0xff])]),
    await: 4,
  };
  if (head[1] !== 0) return broken(`the proxy responded ${head[1] ?? ''} to the request for ${host}`);
  // The address that it has bound, which nobody needs.
  const lengths: Readonly<Record<number, number>> = { 1: 4, 4: 16 };
  const [named = 0] = head[3] === 3 ? yield { await: 1 } : [];
  yield { await: (lengths[head[3] ?? 0] ?? named) + 2 };
  return undefined;
}

function addressBytes(host: string): Buffer {
  if (isIP(host) === 4) return Buffer.from([1, ...host.split('.').map(Number)]);
  // "::" stands for as many zeros as are missing; an IPv4 address may stand at the end.
  const [, before = host, last] = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(host) ?? [];
  const [a = 0, b = 0, c = 0, d = 0] = (last ?? '').split('.').map(Number);
  const text =
    last === undefined ? host : `${before}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
  const [left = '', right] = text.split('::');
  const groups = (part: string | undefined): string[] => (part ? part.split(':') : []);
  const [first, rest] = [groups(left), groups(right)];
  const all = [...first, ...Array.from({ length: 8 - first.length - rest.length }, () => '0'), ...rest];
  return Buffer.from([
    4,
    ...all.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff]),
  ]);
}

const broken = (message: string): Error => Object.assign(new Error(message), { code: 'ERR_TUNNEL' });
