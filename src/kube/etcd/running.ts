/** Defines a running etcd, real (`real.ts`) or embedded (`embedded.ts`), for its users. */
import type { Address } from '../../capture/event.ts';
import type { Tap } from '../../wire/endpoint.ts';

export interface RunningEtcd {
  readonly kind: 'embedded' | 'real';
  /** Numbers and dots. */
  readonly version: string;
  /** Where clients come. */
  readonly address: Address;
  /** A second listener on its own port (a free one by default) with a tap; the real one has none. */
  addListener?(tap: Tap, port?: number): Promise<Address>;
  close(graceMs?: number): Promise<void>;
}
