/**
 * Sends a check's requests to the API server of a running lab, over verified TLS, each with the certificate of its client. Each
 * check creates one and closes it.
 */
import { apiClient } from '../../kube/components/api-client.ts';
import { Unreachable as ApiUnreachable, BrokenAnswer } from '../../wire/http/client.ts';
import type { ApiAnswer, ApiClient } from '../../kube/components/api-client.ts';
import type { Localized } from '../../i18n/language.ts';
import type { Identity } from '../../pki/keystore/world.ts';
import type { CheckOptions } from './checking.ts';

/** The User-Agent of every request of a check. */
export const checkAgent = 'wirelab-lab-check';

/** How long to wait for a response, in milliseconds. */
export const answerTimeout = 8000;

/** Nothing responds, or what responds is no API server. */
export class Unanswered extends Error {}

export const noApiServer: Localized = {
  en: 'no API server responds',
  ko: '물어볼 API 서버가 없습니다',
};

export class LabApiClient {
  readonly #port: number;
  readonly #options: CheckOptions;
  /** By client certificate and trusted CAs: one connection for all requests. */
  readonly #clients = new Map<string, ApiClient>();

  /** @param port on 127.0.0.1 */
  constructor(port: number, options: CheckOptions) {
    this.#port = port;
    this.#options = options;
  }

  /** @param authorities PEM. @throws Unanswered */
  async ask(
    identity: Identity,
    authorities: readonly string[],
    method: string,
    path: string,
    body?: unknown,
  ): Promise<ApiAnswer> {
    const { signal = new AbortController().signal } = this.#options;
    try {
      return await this.#clientOf(identity, authorities).call(method, path, signal, body);
    } catch (error) {
      // A server that is being restarted, or has just ended.
      if (
        error instanceof ApiUnreachable ||
        error instanceof BrokenAnswer ||
        typeof (error as NodeJS.ErrnoException).code === 'string'
      )
        throw new Unanswered();
      throw error;
    }
  }

  close(): void {
    for (const client of this.#clients.values()) client.close();
  }

  #clientOf(identity: Identity, authorities: readonly string[]): ApiClient {
    const key = [identity.certificate, ...authorities].join('\n');
    const known = this.#clients.get(key);
    if (known) return known;
    const client = apiClient({
      to: { host: '127.0.0.1', port: this.#port },
      authorities,
      identity,
      clock: this.#options.clock,
      timeout: answerTimeout,
      userAgent: checkAgent,
      connections: 1,
    });
    this.#clients.set(key, client);
    return client;
  }
}
