/** What the steps share in which a client comes to a server with a tool: what it shows, and the door that it comes to. */
import type { Address } from '../../capture/event.ts';
import type { RunLog } from '../../capture/log.ts';
import type { Identity, World } from '../../pki/keystore/world.ts';
import type { PlannedClient } from '../../engine/plan.ts';
import { perRun } from '../../engine/run-context.ts';
import type { RunOptions, RunContext } from '../../engine/run-context.ts';

/** What clients were given in steps before, by client. */
export const credentialsOf = perRun(() => new Map<string, Identity>());

/** Its certificate of the recipe, or the one that a step before gave it. */
export function identityOf(
  { name, certificate }: PlannedClient,
  world: World,
  context: RunContext,
): Identity | undefined {
  return (
    credentialsOf(context).get(name) ?? (certificate === undefined ? undefined : world.identity(certificate))
  );
}

/** The port of a server at which a wire ends; opened when somebody first comes over it. */
export async function tappedAddressOf(
  to: string,
  wire: string,
  { log }: RunOptions,
  { tappedAddresses, servers }: RunContext,
): Promise<Address> {
  const known = tappedAddresses.get(wire);
  if (known) return known;
  const opened = await servers.get(to)?.openListener?.({ log, hop: wire });
  if (!opened) throw new Error(`${to} has no door for wire ${wire}`);
  tappedAddresses.set(wire, opened);
  return opened;
}

/** What somebody did, with the connections that were opened on a wire meanwhile. */
export async function counted<T extends object>(
  log: RunLog,
  wire: string,
  act: () => Promise<T>,
): Promise<T & { readonly connections: readonly number[] }> {
  const connections: number[] = [];
  const from = log.events.length;
  const unsubscribe = log.subscribe((event) => {
    if (event.seq >= from && event.type === 'opened' && event.hop === wire) connections.push(event.conn);
  });
  try {
    return { ...(await act()), connections };
  } finally {
    unsubscribe();
  }
}
