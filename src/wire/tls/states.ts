/**
 * The states of a TLS connection as a table: for each state and event, the next state and the actions. `tap/tls-wire.ts` performs
 * the actions; `acceptor.ts` and `dialer.ts` dispatch the events and choose the alert that a refused peer gets.
 *
 * 1. Up to TLS 1.2 a server holds its output back once the master secret is known (`hold`): a refused client gets its alert in
 *    clear, before its handshake ends, and the held flight is dropped.
 * 2. Under TLS 1.3 nothing is held: the sealed alert replaces what TLS would write next, in the turn of the decision.
 * 3. Once output has been replaced, TLS sends nothing more. Input is still read until the peer has closed: closing with unread
 *    bytes would send a reset, which could overtake the alert.
 * 4. After a failure TLS gets no more input; the alert that it wrote itself, held or not, is still sent.
 * 5. A combination without a row cannot occur. If it does, it changes nothing: no peer may end this process.
 */

export const wireStates = {
  /** The handshake is in progress; TLS's output is sent. */
  handshaking: { output: 'sent', input: 'in_parts', isSettled: false },
  /** The handshake is in progress; TLS's output waits for the decision about the client. */
  holding: { output: 'held', input: 'in_parts', isSettled: false },
  /** The handshake has succeeded. */
  established: { output: 'sent', input: 'handed_up', isSettled: true },
  /** TLS has failed. */
  failed: { output: 'sent', input: 'passed_over', isSettled: true },
  /** Other bytes were sent in place of TLS's output. TLS still gets the peer's input, so that it can be counted. */
  replaced: { output: 'dropped', input: 'handed_up', isSettled: true },
  /** The same after TLS has failed: it gets no input either. */
  silent: { output: 'dropped', input: 'passed_over', isSettled: true },
} as const satisfies Readonly<Record<string, WireState>>;

interface WireState {
  /** TLS's output. */
  readonly output: 'sent' | 'held' | 'dropped';
  /** The peer's input. `in_parts`: see rule 4 of `tap/tls-wire.ts`. */
  readonly input: 'in_parts' | 'handed_up' | 'passed_over';
  /** Whether the outcome of the handshake is decided. */
  readonly isSettled: boolean;
}

export type WireStateName = keyof typeof wireStates;

export const wireEvents = [
  /** The master secret of TLS 1.2 or older is known, and the client may have to be refused. */
  'hold',
  /** The handshake has succeeded and the peer is admitted. */
  'admit',
  /** The peer is refused: an alert of ours replaces TLS's output. */
  'refuse',
  /** TLS reported an error, the handshake timed out, or the peer has gone. */
  'fail',
  /** TLS reported an error, and bytes of ours replace its output: an alert, or an answer in clear text. */
  'fail_and_refuse',
  /** TLS failed on an established connection; the alert that it has sent must arrive. */
  'break_off',
] as const;
export type WireEvent = (typeof wireEvents)[number];

/** Performed in the order of the row. */
export type WireAction =
  /** Keeps reading, so that no unread bytes are left. */
  | 'drain'
  /** Sends what was held. */
  | 'release'
  /** Drops what was held, sends the given bytes instead, and ends this side. */
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
  // The stream above reports the same error once more, by breaking off.
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

/** The row; undefined for an event that cannot occur in that state. */
export function transition(
  state: WireStateName,
  event: WireEvent,
): { readonly next: WireStateName; readonly actions: readonly WireAction[] } | undefined {
  const row = rows[state][event];
  if (!row) return undefined;
  const [next, ...actions] = row;
  return { next, actions };
}
