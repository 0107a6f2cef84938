/** Counts what a bundle would hold, while it is recorded or read: where that is more than it may, nobody need go on. */
import type { CaptureEvent } from '../../capture/event.ts';
import { mostLines, mostOpened, mostPayloadBytes } from './limits.ts';

export class BundleRoom {
  #payload = 0;
  #count = 0;
  #opened = 0;

  /** More than a bundle may hold. */
  get isTooSmall(): boolean {
    return this.#payload > mostPayloadBytes || this.#count > mostLines.event || this.#opened > mostOpened;
  }

  add(event: Pick<CaptureEvent, 'type'> & { readonly bytes?: Uint8Array }): void {
    this.#count++;
    if (event.type === 'opened') this.#opened++;
    if (event.type === 'bytes') this.#payload += event.bytes?.length ?? 0;
  }
}
