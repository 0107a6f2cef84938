/**
 * Implements the API server's client for kubelets (wire G): it presents the certificate apiserver-kubelet-client, and
 * accepts any certificate of the kubelet unless it is given a CA, like kubeadm's default. `pod-logs.ts` defines the
 * requests; responses are forwarded unparsed.
 *
 * 1. Errors are worded like Go's client, which kubectl prints after `Error from server:`.
 * 2. A caller that aborts ends the connection.
 */
import { defined } from '../../core/defined.ts';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { once } from 'node:events';
import type { Address } from '../../capture/event.ts';
import type { Clock } from '../../core/clock.ts';
import { pemCertificates } from '../../pki/keystore/pem.ts';
import { dial } from '../../wire/dial.ts';
import { failureOf } from '../../wire/tls/failures.ts';
import type { DialOptions, Identity, Tap } from '../../wire/endpoint.ts';
import { unlessAborted } from '../../wire/http/client.ts';
import { ApiFailure } from '../objects/objects.ts';
import { kubeletRefusal } from '../apiserver/pod-logs.ts';
import { authorityOf, connectionWords, dialWords } from '../go-client-words.ts';

export interface KubeletsOptions {
  /** apiserver-kubelet-client; without it, kubelets answer 401 unless they allow anonymous requests. */
  readonly identity?: Identity;
  /** PEM: `--kubelet-certificate-authority`. Left out, a kubelet's certificate is not verified. */
  readonly authorities?: readonly string[];
  readonly tap?: Tap;
  /**
   * The actual destination of packets to an address, if it differs: an attacker in the middle. The intended and
   * verified address stays the same.
   */
  readonly route?: (to: Address) => Address;
  /** Milliseconds for the connection, and again for the beginning of an answer. */
  readonly timeout?: number;
}

/** A log as it comes. @throws ApiFailure for everything else. */
export type OpenLog = (
  to: Address,
  path: string,
  pod: string,
  signal: AbortSignal,
) => Promise<IncomingMessage>;

const defaultTimeout = 30_000;
/** Of what a kubelet says instead of a log. */
const mostWords = 50_000;

export function kubeletClient(
  { identity, authorities, tap, route, timeout = defaultTimeout }: KubeletsOptions,
  clock: Clock,
): OpenLog {
  const roots = (authorities ?? []).flatMap(pemCertificates);
  return async (to, path, pod, signal) => {
    const failed = (words: string): ApiFailure =>
      new ApiFailure('Unknown', `Get ${JSON.stringify(`https://${authorityOf(to)}${path}`)}: ${words}`);
    let chain: readonly Uint8Array[] = [];
    const dialing: DialOptions = {
      security: identity ? 'mtls' : 'tls',
      to: route?.(to) ?? to,
      clock,
      timeout,
      tls: { minVersion: 'TLSv1.2' },
      ...(authorities ? { authorities, ignoresCommonName: true } : { verify: false }),
      ...defined({ tap, identity }),
      onPresented: (shown) => (chain = shown),
    };
    const dialed = await unlessAborted(dial(dialing), signal).catch((error: unknown) => {
      if (signal.aborted) throw failed('context canceled');
      throw error;
    });
    if (dialed.outcome === 'failed') {
      throw failed(dialWords(dialed.failure, to, { chain, roots, hostname: to.host, at: clock.now() }));
    }
    const { stream } = dialed;
    if (signal.aborted) {
      stream.destroy();
      throw failed('context canceled');
    }
    const asked = request({
      createConnection: () => stream,
      path,
      signal,
      headers: { Host: authorityOf(to), 'User-Agent': 'kube-apiserver', Connection: 'close' },
    });
    const timer = setTimeout(
      () => asked.destroy(new Silence('net/http: timeout awaiting response headers')),
      timeout,
    );
    let response: IncomingMessage;
    try {
      const answered = once(asked, 'response') as Promise<[IncomingMessage]>;
      // Nobody asked for another protocol (101): Node closes such a connection, and says nothing.
      const closed = once(asked, 'close').then((): never => {
        throw new Error('closed without a response');
      });
      asked.end();
      [response] = await Promise.race([answered, closed]);
    } catch (error) {
      stream.destroy();
      if (signal.aborted) throw failed('context canceled');
      throw failed(
        error instanceof Silence ? error.message : connectionWords(failureOf(error, { connected: true }), to),
      );
    } finally {
      clearTimeout(timer);
      // Kept: errors while a response is read are reported by the response.
      asked.on('error', () => {});
    }
    const { statusCode = 0 } = response;
    if (statusCode >= 200 && statusCode <= 206) return response;
    throw kubeletRefusal(statusCode, await wordsOf(response, timeout), pod);
  };
}

class Silence extends Error {}

/** What it says, as far as it is reasonable to listen. */
async function wordsOf(response: IncomingMessage, timeout: number): Promise<string> {
  const timer = setTimeout(() => response.destroy(), timeout);
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of response) {
      chunks.push(chunk as Buffer);
      length += (chunk as Buffer).length;
      if (length > mostWords) break;
    }
  } catch {
    // What arrived until then is the response.
  } finally {
    clearTimeout(timer);
  }
  return Buffer.concat(chunks).subarray(0, mostWords).toString();
}
