/**
 * The facts that judges of an enrolment use: the plaintext of a connection, and the request and certificate in it.
 * `read-enrolment.ts` parses those; it is loaded only for a plan that needs it.
 */
import type { Side, Vantage } from '../../capture/event.ts';
import type { Connection } from '../../capture/connection.ts';
import type { CertificateSummary } from '../../capture/vocabulary.ts';

/** Rights that a CA does not grant merely on request. */
export const rights = ['ca', 'wildcard', 'subject', 'keyUsage', 'extendedKeyUsage'] as const;
export type Right = (typeof rights)[number];

interface Place {
  /** The offset in its direction of the stream where the PEM begins. */
  readonly offset: number;
  readonly length: number;
}

export interface RequestFacts extends Place {
  /** Each right item by item: `CA:TRUE`, `DNS:*.shop.localhost`, `O=Workshop`. */
  readonly rights: Readonly<Record<Right, readonly string[]>>;
  /** SubjectPublicKeyInfo, hex. */
  readonly publicKey: string;
  /** RFC 7638; undefined for a key that has none. */
  readonly thumbprint: string | undefined;
}

export interface CertificateFacts extends Place {
  readonly rights: RequestFacts['rights'];
  readonly publicKey: string;
  readonly summary: CertificateSummary;
}

export interface EnrolmentReading {
  readonly vantage: Vantage;
  /** The first request that the client sent. */
  readonly request?: RequestFacts;
  /** The first certificate that the server sent. */
  readonly certificate?: CertificateFacts;
}

export interface Plaintext {
  /** One character per byte; empty where bytes were dropped. */
  readonly text: string;
  readonly vantage: Vantage;
}

/** The plaintext of a direction: from the wire, or above TLS. */
export function plaintextOf(connection: Connection, from: Side): Plaintext {
  const vantage = connection.carriesTls ? 'plaintext' : 'wire';
  const bytes = connection.stream(vantage, from).all();
  return {
    text: bytes ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1') : '',
    vantage,
  };
}
