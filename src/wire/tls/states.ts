/**
 * The states of a TLS connection as its wire knows them, as a table: what happens in a state, which state follows, and what the
 * wire does then. `tap/tls-wire.ts` performs the actions, `acceptor.ts` and `dialer.ts` bring the events and decide what a
 * refused peer is told; the table says when it can be told.
 *
 * 1. Up to TLS 1.2 a server holds its flight back from the master secret on (`hold`): a client that is refused then learns it
 *    in clear and before its handshake ends, and the held flight is dropped.
 * 2. Under TLS 1.3 nothing is held: a refusal replaces what TLS would write next, in the turn in which it is known.
 * 3. Once output was replaced, nothing of TLS is sent again. What the far side sends is read on until it has gone: to close with
 *    unread bytes would take the alert back with a reset.
 * 4. After a failure nothing more is handed to TLS; its own alert, held or not, is still sent.
 * 5. What has no row cannot happen, and changes nothing where it does: a peer must not be able to end this process.
 */

export const wireStates = {
  /** The handshake lasts; what TLS writes goes out. */
  handshaking: { output: 'sent', input: 'in_parts', isSettled: false },
  /** The handshake lasts; what TLS writes waits for the decision about the client. */
  holding: { output: 'held', input: 'in_parts', isSettled: false },
  /** The handshake is over, and nobody was refused. */
  established: { output: 'sent', input: 'handed_up', isSettled: true },
  /** TLS has failed. */
  failed: { output: 'sent', input: 'passed_over', isSettled: true },
  /** The far side is told something else than what TLS would say; TLS still counts what it had sent. */
  replaced: { output: 'dropped', input: 'handed_up', isSettled: true },
  /** The same, after TLS has failed. */
  silent: { output: 'dropped', input: 'passed_over', isSettled: true },
} as const satisfies Readonly<Record<string, WireState>>;

interface WireState {
  /** What becomes of what TLS writes. */
  readonly output: 'sent' | 'held' | 'dropped';
  /** What becomes of what the far side sends. In parts: rule 4 of `tap/tls-wire.ts`. */
  readonly input: 'in_parts' | 'handed_up' | 'passed_over';
  /** Whether it is decided what becomes of the handshake. */
  readonly isSettled: boolean;
}

export type WireStateName = keyof typeof wireStates;

export const wireEvents = [
  /** The master secret of TLS 1.2 or less is known, and a client may have to be refused. */
  'hold',
  /** The handshake is over, and the peer may come in. */
  'admit',
  /** The peer is refused: it is told what stands in the place of TLS's own output. */
  'refuse',
  /** TLS reports an error, the time is up, or the far side has gone. */
  'fail',
  /** TLS reports an error behind which a refusal stands, or one that is answered in clear. */
  'fail_and_refuse',
  /** TLS has failed on an established connection: its alert, which it has sent, must arrive. */
  'break_off',
] as const;
export type WireEvent = (typeof wireEvents)[number];

/** What the wire does, in this order. */
export type WireAction =
  /** Reads on, so that nothing unread is left. */
  | 'drain'
  /** Sends what was held. */
  | 'release'
  /** Drops what was held, sends what it was given instead, and ends this side. */
  | 'replace';

type Row = readonly [next: WireStateName, ...actions: readonly WireAction[]];

const rows: Readonly<Record<WireStateName, Readonly<Partial<Record<WireEvent, Row>>>>> = {
  handshaking: {
    hold: ['holding'],
    admit: ['established'],
    refuse: ['replaced', 'replace'],
    fail: ['failed', 'drain'],
    fail_and_refuse: ['silent', 'drain', 'replace'],
  },
  holding: {
    hold: ['holding'],
    admit: ['established', 'release'],
    refuse: ['replaced', 'replace'],
    fail: ['failed', 'drain', 'release'],
    fail_and_refuse: ['silent', 'drain', 'replace'],
  },
  established: {
    fail: ['failed', 'drain'],
    break_off: ['replaced', 'replace'],
  },
  // The error that was reported to TLS's reader comes back as the end of its stream.
  failed: {
    fail: ['failed', 'drain'],
    break_off: ['silent', 'replace'],
  },
  replaced: {
    fail: ['silent', 'drain'],
  },
  silent: {
    fail: ['silent', 'drain'],
  },
};

/** What follows; undefined for what cannot happen in that state. */
export function transition(
  state: WireStateName,
  event: WireEvent,
): { readonly next: WireStateName; readonly actions: readonly WireAction[] } | undefined {
  const row = rows[state][event];
  if (!row) return undefined;
  const [next, ...actions] = row;
  return { next, actions };
}
