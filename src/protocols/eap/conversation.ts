/**
 * Reads the datagrams of one RADIUS flow, or the frames of one EAPOL flow: the EAP packets in them, and the TLS inside of
 * those. A RADIUS flow carries the logins of many; a `State` attribute joins the packets of one.
 *
 * Bounded: so many logins at once, of which the oldest is forgotten.
 */
import type { Piece } from '../piece.ts';
import type { KeyRing } from '../tls/keys/keylog.ts';
import type { TlsMessage } from '../tls/message/message.ts';
import { readEap, readRadius } from './packet.ts';
import type { EapPacket, RadiusPacket } from './packet.ts';
import { EapSession } from './session.ts';

export interface RadiusDatagram {
  readonly radius: RadiusPacket;
  readonly eap: EapPacket | undefined;
  readonly messages: readonly TlsMessage[];
}

const mostSessions = 256;
const requestCode = 1;

export class RadiusConversation {
  readonly #keys: () => KeyRing;
  /** By the state that the next request names. */
  readonly #byState = new Map<string, EapSession>();
  /** By the identifier of the request that waits for its answer. */
  readonly #byRequest = new Map<number, EapSession>();

  constructor(keys: () => KeyRing) {
    this.#keys = keys;
  }

  feed({ bytes, tag }: Pick<Piece, 'bytes' | 'tag'>): RadiusDatagram | undefined {
    const radius = readRadius(bytes);
    if (!radius) return undefined;
    const eap = radius.eap && readEap(radius.eap);
    if (!eap) return { radius, eap: undefined, messages: [] };
    return { radius, eap, messages: this.#sessionOf(radius).take(eap, tag) };
  }

  #sessionOf({ code, identifier, state }: RadiusPacket): EapSession {
    if (code === requestCode) {
      const known = state === undefined ? undefined : this.#byState.get(state);
      const session = known ?? new EapSession(this.#keys);
      this.#byRequest.set(identifier, session);
      return session;
    }
    const session = this.#byRequest.get(identifier) ?? new EapSession(this.#keys);
    if (state !== undefined) {
      this.#byState.delete(state);
      this.#byState.set(state, session);
      const [oldest] = this.#byState.keys();
      if (this.#byState.size > mostSessions && oldest !== undefined) this.#byState.delete(oldest);
    }
    return session;
  }
}
