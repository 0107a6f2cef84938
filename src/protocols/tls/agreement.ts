/**
 * Tracks what the two sides of one connection have negotiated so far: the randoms, the version, the suite, the names.
 * `protection.ts` and `handshake.ts` use it to interpret the next bytes.
 */
import type { TlsVersion } from '../../capture/vocabulary.ts';
import { cipherSuiteName, groupName, isTls13, nameOrCode, tlsVersionOf } from './codes.ts';
import type { ClientHello, HandshakeContent, HandshakeContext, ServerHello } from './handshake.ts';

/** The parameters of a connection as far as a reader of its bytes (with the keys that were given) can know them. */
export interface Negotiated {
  /** Undefined before the ServerHello, and for a version that the log has no word for. */
  readonly version?: TlsVersion;
  readonly versionCode?: number;
  readonly cipherSuite?: number;
  /** IANA's name. */
  readonly cipherName?: string;
  /** The name that the client requested (SNI). */
  readonly serverName?: string;
  /** The protocol picked; under TLS 1.3 it is sealed and known only with the keys. */
  readonly alpn?: string;
  readonly offeredAlpn?: readonly string[];
  /** The name of the group of the key exchange. */
  readonly group?: string;
  /** Lower-case hex. */
  readonly clientRandom?: string;
  readonly serverRandom?: string;
}

/** A connection renegotiates once or twice; a hostile one gets no more memory than this. */
const maxRandoms = 64;

export class Agreement {
  readonly #clientRandoms = new Set<string>();
  #clientHello: ClientHello | undefined;
  #serverHello: ServerHello | undefined;
  #alpn: string | undefined;
  #group: number | undefined;

  get clientHello(): ClientHello | undefined {
    return this.#clientHello;
  }

  get serverHello(): ServerHello | undefined {
    return this.#serverHello;
  }

  /** The randoms of all its handshakes, each with its own key log lines. */
  get clientRandoms(): ReadonlySet<string> {
    return this.#clientRandoms;
  }

  get context(): HandshakeContext {
    const hello = this.#serverHello;
    return hello ? { version: hello.version, cipherSuite: hello.cipherSuite } : {};
  }

  /**
   * Whether a ChangeCipherSpec changes anything: under TLS 1.3 it is sent for the sake of middleboxes only (RFC 8446
   * appendix D.4). A client that sends one before any ServerHello can mean nothing else if it offered TLS 1.3.
   */
  get isChangeCipherSpecMeant(): boolean {
    if (this.#serverHello) return !isTls13(this.#serverHello.version);
    return !this.#clientHello?.extensions.supportedVersions?.some((version) => isTls13(version));
  }

  learn(content: HandshakeContent): void {
    if (content.type === 'client_hello') {
      this.#clientHello = content;
      if (this.#clientRandoms.size < maxRandoms) this.#clientRandoms.add(content.random);
    }
    if (content.type === 'server_hello') {
      this.#serverHello = content;
      this.#alpn = content.extensions.alpn?.[0] ?? this.#alpn;
      this.#group = content.extensions.keyShareGroups?.[0] ?? this.#group;
    } else if (content.type === 'encrypted_extensions')
      this.#alpn = content.extensions.alpn?.[0] ?? this.#alpn;
    else if (content.type === 'server_key_exchange') this.#group = content.group ?? this.#group;
  }

  negotiated(): Negotiated {
    const client = this.#clientHello;
    const server = this.#serverHello;
    const version = server && tlsVersionOf(server.version);
    return {
      ...(version && { version }),
      ...(server && {
        versionCode: server.version,
        cipherSuite: server.cipherSuite,
        cipherName: nameOrCode(cipherSuiteName, server.cipherSuite),
      }),
      ...(client?.extensions.serverName !== undefined && { serverName: client.extensions.serverName }),
      ...(client?.extensions.alpn && { offeredAlpn: client.extensions.alpn }),
      ...(this.#alpn !== undefined && { alpn: this.#alpn }),
      ...(this.#group !== undefined && { group: nameOrCode(groupName, this.#group) }),
      ...(client && { clientRandom: client.random }),
      ...(server && { serverRandom: server.random }),
    };
  }
}
