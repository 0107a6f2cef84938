/** How each kind of server is started from what was planned of it: one line a kind. What it answers is its actor's. */
import type { NameTable } from '../actors/resolver.ts';
import { startLoginServer } from '../actors/login-server.ts';
import type { Address, Observation } from '../capture/event.ts';
import type { AcceptOptions, Tap } from '../wire/endpoint.ts';
import type { PlannedServer } from './plan.ts';
import type { RunOptions } from './run.ts';
import type { ServerKindName } from './server-kinds.ts';

export interface RunningServer {
  readonly address: Address;
  /** What reached it since the last report; undefined where it has nothing to say. */
  report(): Observation | undefined;
  /** Another way in, tapped at this end, for visitors who come without a tap of theirs; absent where there is none. */
  openDoor?(tap: Tap): Promise<Address>;
  /** A resolver's: what it says from now on of each name. */
  answerFrom?(table: NameTable): void;
  close(graceMs?: number): Promise<void>;
}

/** @param accept where it listens, what it shows and whom it trusts, as the file says */
type StartServer = (server: PlannedServer, options: RunOptions, accept: AcceptOptions) => Promise<RunningServer>;

/** What only one kind of scenario needs is imported when it starts. */
export const starters: Readonly<Record<ServerKindName, StartServer>> = {
  'login-server': async ({ accounts: admitted }, { plan, random }, accept) =>
    startLoginServer({ accept, accounts: plan.accounts.filter(({ name }) => admitted === undefined || admitted.includes(name)), random }),
  impostor: async (_server, { random }, accept) => (await import('../actors/impostor-site.ts')).startImpostor({ accept, random }),
  resolver: async (_server, _options, accept) => (await import('../actors/resolver.ts')).startResolver(accept),
};
