/** The commands with which a person reaches the entry points of a running scenario. Features build the command lines. */
import type { Address } from '../capture/event.ts';
import type { World } from '../pki/keystore/world.ts';
import type { ManualPrograms } from './extensions.ts';
import type { Plan, PlannedServer } from './plan.ts';

/** One manual way in, with a command line for each program that can use it. */
export interface ManualCommand extends ManualPrograms {
  /** The wire that leads to the entry point. */
  readonly hop: string;
  /** The participant that it belongs to. */
  readonly to: string;
  /** Whose trust and certificate the commands use. */
  readonly client: string;
}

/** A manual way in, and its key: the first entry with a key wins. */
export type ManualEntry = readonly [key: string, command: ManualCommand];

/** The run whose entry points the commands reach. */
export interface ManualRun {
  readonly plan: Plan;
  readonly addresses: ReadonlyMap<string, Address>;
  /** The certificates, with the paths of their files. */
  readonly world: World | undefined;
  /** Listeners for manual connections, by wire. */
  readonly tappedAddresses: ReadonlyMap<string, Address>;
  /** Clients use the server's address, and it has no page for a person. */
  readonly isKnownByAddress: (server: PlannedServer) => boolean;
}
