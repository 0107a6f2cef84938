/** An etcd that runs, the real one (`real.ts`) or ours (`embedded.ts`): what whoever uses one needs to know of it. */
import type { Address } from '../../capture/event.ts';
import type { Tap } from '../../wire/endpoint.ts';

export interface RunningEtcd {
  readonly kind: 'embedded' | 'real';
  /** Numbers and dots. */
  readonly version: string;
  /** Where clients come. */
  readonly address: Address;
  /** Another way in, on a port of its own (a free one when left out), tapped there; the real one has none. */
  openDoor?(tap: Tap, port?: number): Promise<Address>;
  close(graceMs?: number): Promise<void>;
}
