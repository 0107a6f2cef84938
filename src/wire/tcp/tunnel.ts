/**
 * Requests a tunnel from an HTTP proxy (CONNECT, RFC 9110 section 9.3.6) on an established connection, before any other
 * data. Its counterpart is `proxy/connect-pump.ts`.
 */
import type { Socket } from 'node:net';
import type { Address } from '../../capture/event.ts';
import type { ProxyLogin } from '../endpoint.ts';
import { patience } from './patience.ts';

/** The maximum length of the response's head, in bytes. */
const longestHead = 16_384;

/** How nginx and Apache say that a request without TLS came to a port that speaks it. */
const speaksTls = /plain HTTP request was sent to HTTPS port|speaking plain HTTP to an SSL-enabled/i;

/** Resolves with the error if there is no tunnel; undefined if it is established and the socket leads to the target. */
export async function askForTunnel(
  socket: Socket,
  to: Address,
  milliseconds: number,
  login?: ProxyLogin,
): Promise<Error | undefined> {
  const authority = `${to.host.includes(':') ? `[${to.host}]` : to.host}:${to.port}`;
  return new Promise((resolve) => {
    let head = Buffer.alloc(0);
    const finish = (error?: Error): void => {
      wait.stop();
      socket.off('readable', take).off('end', ended).off('error', finish);
      resolve(error);
    };
    const ended = (): void =>
      finish(Object.assign(new Error('the proxy closed the connection'), { code: 'ECONNRESET' }));
    const take = (): void => {
      const bytes = socket.read() as Buffer | null;
      if (bytes === null) return;
      head = Buffer.concat([head, bytes]);
      // A TLS alert of any version: it takes the request for a ClientHello.
      if (head[0] === 0x15 && head[1] === 3)
        return finish(broken('the proxy speaks TLS: it answers with an alert'));
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) {
        if (head.length > longestHead) finish(broken('the proxy’s response head is too long'));
        return;
      }
      const status = /^HTTP\/1\.[01] (\d{3})(?: |\r\n)/.exec(head.toString('latin1'))?.[1];
      const rest = head.subarray(end + 4);
      if (status === undefined) return finish(broken('the proxy’s response is not HTTP'));
      if (!status.startsWith('2')) {
        const isTls = speaksTls.test(rest.toString('latin1'));
        return finish(
          broken(
            `the proxy responded ${status} to CONNECT ${authority}${isTls ? ', and that it speaks TLS' : ''}`,
          ),
        );
      }
      finish();
      if (rest.length > 0) socket.unshift(rest);
    };
    const wait = patience.wait(milliseconds, () =>
      finish(Object.assign(new Error('the proxy did not respond in time'), { code: 'ETIMEDOUT' })),
    );
    // Not by `data`: a stream that was flowing and is paused does not flow for the next listener.
    socket.on('readable', take).once('end', ended).once('error', finish);
    if (socket.readableEnded || socket.destroyed) return ended();
    // RFC 7617
    const proof = login && Buffer.from(`${login.user}:${login.password}`).toString('base64');
    socket.write(
      `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${proof ? `Proxy-Authorization: Basic ${proof}\r\n` : ''}\r\n`,
    );
  });
}

const broken = (message: string): Error => Object.assign(new Error(message), { code: 'ERR_TUNNEL' });
