/**
 * Stores login sessions: random ids and the user of each. Bounded: one session too many ends the oldest. It knows only
 * the name of the cookie; the login server writes and reads cookies.
 */
import type { RandomBytes } from '../../core/clock.ts';
import { toHex } from '../../core/hex.ts';

export const sessionCookie = 'session';

export interface Session {
  readonly user: string;
  /** Masked: the site stores only what it displays. */
  readonly rrn: string;
}

export class SessionStore {
  readonly #random: RandomBytes;
  readonly #limit: number;
  readonly #sessions = new Map<string, Session>();

  constructor(random: RandomBytes, limit = 1000) {
    this.#random = random;
    this.#limit = limit;
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** Starts a session; the id has 128 bits of the given randomness. */
  begin(session: Session): string {
    const id = toHex(this.#random(16));
    this.#sessions.set(id, session);
    for (const oldest of this.#sessions.keys()) {
      if (this.#sessions.size <= this.#limit) break;
      this.#sessions.delete(oldest);
    }
    return id;
  }

  find(id: string | undefined): Session | undefined {
    return id === undefined ? undefined : this.#sessions.get(id);
  }

  end(id: string | undefined): void {
    if (id !== undefined) this.#sessions.delete(id);
  }
}

/** The value of a cookie in a `Cookie` header (RFC 6265 section 5.4). */
export function readCookie(header: string | undefined, name: string): string | undefined {
  for (const pair of header?.split(';') ?? []) {
    const at = pair.indexOf('=');
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return undefined;
}

/** The `Set-Cookie` that carries a session; `secure` where the browser spoke TLS. Without an id it ends the session. */
export function writeSessionCookie(id: string | undefined, secure: boolean): string {
  const end = id === undefined ? '; Max-Age=0' : '';
  return `${sessionCookie}=${id ?? ''}; Path=/; HttpOnly; SameSite=Lax${end}${secure ? '; Secure' : ''}`;
}
