/** Notes which side ended or aborted a connection first; of two connections that a relay joins there is one answer. */
import type { Side } from '../../capture/event.ts';

export type ClosedHow = 'end' | 'reset' | 'timeout';

export class FirstEnd {
  #ended: Side | undefined;
  #aborted: { readonly by: Side | 'unknown'; readonly how: ClosedHow } | undefined;
  #isSettled = false;

  ended(by: Side): void {
    if (!this.#isSettled) this.#ended ??= by;
  }

  aborted(by: Side | 'unknown', how: ClosedHow): void {
    if (!this.#isSettled) this.#aborted ??= { by, how };
  }

  /** What happens from here on is neither side's doing: what stands between the two closes what is left. */
  settle(): void {
    this.#isSettled = true;
  }

  get cause(): { readonly by: Side | 'unknown'; readonly how: ClosedHow } {
    return this.#aborted ?? { by: this.#ended ?? 'unknown', how: 'end' };
  }
}
