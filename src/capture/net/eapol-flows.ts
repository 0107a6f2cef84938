/**
 * Assigns frames of IEEE 802.1X (EAPOL) to flows, and determines who asks for admission (the client, a supplicant) and who
 * admits. `protocols/eap` reads them.
 *
 * 1. On Wi-Fi a flow is two addresses. On a wire both sides may send to a group address; whoever does belongs to one flow.
 * 2. Requests, success and failure come from who admits; responses, start and logoff from the other.
 */
import type { Side } from '../event.ts';

export interface EapolFrame {
  readonly source: string;
  readonly destination: string;
  /** Version, type, length, body (IEEE 802.1X section 11.3). */
  readonly body: Uint8Array;
}

export interface EapolFlow {
  /** From 0, in the order in which they began. */
  readonly number: number;
  readonly client: string;
  readonly server: string;
  readonly isNew: boolean;
  readonly from: Side;
}

/** Any of 01:80:C2:00:00:00 to 0F: not forwarded by bridges. */
const isGroup = (address: string): boolean => address.startsWith('01:80:c2:00:00:0') || address === '';
const groupKey = 'group';

const mostFlows = 4096;

/** Who sends a frame of that content; undefined where it does not say. */
function senderOf(body: Uint8Array): Side | undefined {
  const type = body[1];
  if (type === 1 || type === 2) return 'client';
  if (type === 0) return body[4] === 2 ? 'client' : 'server';
  // Of a key: the bit that asks for an acknowledgement is the authenticator's (IEEE 802.11 section 12.7.2).
  return type === 3 && body.length > 6 ? (((body[6] ?? 0) & 0x80) === 0 ? 'client' : 'server') : undefined;
}

/** The frame without the padding behind its length. */
export function eapolOf(bytes: Uint8Array): Uint8Array | undefined {
  if (bytes.length < 4) return undefined;
  return bytes.subarray(0, 4 + (bytes[2] ?? 0) * 256 + (bytes[3] ?? 0));
}

export class EapolFlows {
  readonly #flows = new Map<
    string,
    { readonly number: number; readonly client: string; readonly server: string }
  >();
  /** Who has sent to the group. */
  readonly #grouped = new Set<string>();
  #count = 0;

  of({ source, destination, body }: EapolFrame): EapolFlow {
    if (isGroup(destination) && this.#grouped.size < mostFlows) this.#grouped.add(source);
    const isGrouped = isGroup(destination) || this.#grouped.has(source) || this.#grouped.has(destination);
    const key = isGrouped ? groupKey : [source, destination].toSorted().join(' ');
    let known = this.#flows.get(key);
    const isNew = known === undefined;
    const from = senderOf(body) ?? (known?.client === source ? 'client' : 'server');
    if (!known) {
      const [client, server] = from === 'client' ? [source, destination] : [destination, source];
      known = { number: this.#count++, client, server };
      this.#flows.set(key, known);
      const [oldest] = this.#flows.keys();
      if (this.#flows.size > mostFlows && oldest !== undefined) this.#flows.delete(oldest);
    }
    return { ...known, isNew, from };
  }
}

/** `02:00:5e:10:00:01`. */
export function macText(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(':');
}
