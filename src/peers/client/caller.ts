/** The credentials and the entry point of a client that runs a command-line tool. */
import type { Address } from '../../capture/event.ts';
import type { RunLog } from '../../capture/log.ts';
import type { Identity, World } from '../../pki/keystore/world.ts';
import type { PlannedClient } from '../../engine/plan.ts';
import { perRun } from '../../engine/run-context.ts';
import type { RunOptions, RunContext } from '../../engine/run-context.ts';

/** Credentials that earlier steps issued to clients, by client. */
export const credentialsOf = perRun(() => new Map<string, Identity>());

/** Its certificate from the recipe, or the one issued in an earlier step. */
export function identityOf(
  { name, certificate }: PlannedClient,
  world: World,
  context: RunContext,
): Identity | undefined {
  return (
    credentialsOf(context).get(name) ?? (certificate === undefined ? undefined : world.identity(certificate))
  );
}

/** The tapped port of a server for a wire; opened on first use. */
export async function tappedAddressOf(
  to: string,
  wire: string,
  { log }: RunOptions,
  { tappedAddresses, servers }: RunContext,
): Promise<Address> {
  const known = tappedAddresses.get(wire);
  if (known) return known;
  const opened = await servers.get(to)?.openListener?.({ log, hop: wire });
  if (!opened) throw new Error(`${to} has no tapped listener for wire ${wire}`);
  tappedAddresses.set(wire, opened);
  return opened;
}

/** The result of an action, with the connections that were opened on a wire during it. */
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
