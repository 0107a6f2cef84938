/**
 * Checks whether the embedded etcd's gateway could connect to itself: etcd's JSON gateway is a client of etcd, with the
 * server's certificate. With a certificate for servers only it is refused (etcd-io/etcd#9785), and every gateway
 * request fails. The embedded etcd makes such a connection once per certificate.
 */
import type { Address } from '../../../capture/event.ts';
import type { Clock } from '../../../core/clock.ts';
import { HttpClient, Unreachable } from '../../../wire/http/client.ts';
import { remoteErrorText } from '../../../protocols/tls/go-alerts.ts';
import type { Identity } from '../../../wire/endpoint.ts';
import { EtcdFailure } from '../failure.ts';

const timeout = 5_000;

interface Knocked {
  readonly failure: EtcdFailure;
  /** An alert: it is about the certificate, and not about a busy machine. */
  readonly isRefusal: boolean;
}

export class OwnWay {
  readonly #clock: Clock;
  #found: { readonly identity: Identity; readonly way: Promise<Knocked | undefined> } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Rejects with the error that a client of the gateway receives (code 14). */
  async check(to: Address, identity: Identity): Promise<void> {
    if (this.#found?.identity !== identity) this.#found = { identity, way: this.#knock(to, identity) };
    const found = this.#found;
    const failure = await found.way;
    if (!failure) return;
    // Only what was said about the certificate is true of it tomorrow.
    if (!failure.isRefusal && this.#found === found) this.#found = undefined;
    throw failure.failure;
  }

  async #knock(to: Address, identity: Identity): Promise<Knocked | undefined> {
    // The server is itself.
    const client = new HttpClient({
      dial: { security: 'mtls', to, identity, verify: false, clock: this.#clock },
    });
    try {
      await client.call({ method: 'GET', path: '/version', timeout, signal: new AbortController().signal });
      return undefined;
    } catch (error) {
      if (!(error instanceof Unreachable)) return undefined;
      const { alert, message } = error.failure;
      const words = alert ? remoteErrorText(alert) : message;
      return {
        failure: new EtcdFailure(14, `connection error: desc = "error reading server preface: ${words}"`),
        isRefusal: alert !== undefined,
      };
    } finally {
      client.close();
    }
  }
}
