/** Notes which side ended or aborted a connection first; of two connections that a relay joins there is one answer. */
import type { Side } from '../../capture/event.ts';

export type ClosedHow = 'end' | 'reset' | 'timeout';

export class FirstEnd {
  #ended: Side | undefined;
  #aborted: { readonly by: Side | 'unknown'; readonly how: ClosedHow } | undefined;

  ended(by: Side): void {
    this.#ended ??= by;
  }

  aborted(by: Side | 'unknown', how: ClosedHow): void {
    this.#aborted ??= { by, how };
  }

  get cause(): { readonly by: Side | 'unknown'; readonly how: ClosedHow } {
    return this.#aborted ?? { by: this.#ended ?? 'unknown', how: 'end' };
  }
}
