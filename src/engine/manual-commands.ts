/** What a person is told of the doors of a running scenario: how each is reached by hand. Features make the command lines. */
import type { Address } from '../capture/event.ts';
import type { World } from '../pki/keystore/world.ts';
import type { ManualPrograms } from './extensions.ts';
import type { Plan, PlannedServer } from './plan.ts';

/** One way in, with the command lines of the programs that take it. */
export interface ManualCommand extends ManualPrograms {
  /** The wire that leads to the door. */
  readonly hop: string;
  /** The participant whose door it is. */
  readonly to: string;
  /** Whose trust and certificate the commands use. */
  readonly client: string;
}

/** A way in, and the key under which the first one counts. */
export type ManualEntry = readonly [key: string, command: ManualCommand];

/** The run whose doors are reached. */
export interface ManualRun {
  readonly plan: Plan;
  readonly addresses: ReadonlyMap<string, Address>;
  /** The certificates, with the paths of their files. */
  readonly world: World | undefined;
  /** Doors for visitors, by wire. */
  readonly tappedAddresses: ReadonlyMap<string, Address>;
  /** No person has a page there. */
  readonly isKnownByAddress: (server: PlannedServer) => boolean;
}
