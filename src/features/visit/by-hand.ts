/** Builds the manual commands for both ports of a visited site. */
import type { ManualEntry, ManualRun } from '../../engine/manual-commands.ts';
import type { PlannedStep } from '../../engine/plan.ts';
import { commands } from '../../peers/by-hand/site-commands.ts';
import { authorityFor, shellWords } from '../../peers/by-hand/shell.ts';

/** Commands for both ports of the site that a step visits, by client and entry point. curl maps ports 80 and 443 to the real ones. */
export function visitByHand(
  { visit, client }: PlannedStep,
  { plan, addresses, world, tappedAddresses }: ManualRun,
): ManualEntry[] {
  const who = plan.clients.find(({ name }) => name === client);
  return (['http', 'https'] as const).flatMap((scheme): ManualEntry[] => {
    const { to, wire } = visit?.[scheme] ?? {};
    const target = [...plan.proxies, ...plan.servers].find(({ name }) => name === to);
    const hop = wire ?? plan.proxies.find(({ name }) => name === to)?.wires.incoming;
    if (!who || !target || hop === undefined) return [];
    const address = tappedAddresses.get(hop) ?? addresses.get(target.name);
    const byHand = commands({ hop, target, who, account: '' }, plan, address, world);
    const trusted = authorityFor(who, target, world);
    const authority =
      scheme === 'https' && trusted !== undefined ? world?.files(trusted)?.certificate : undefined;
    const at = `${target.host}:${scheme === 'http' ? 80 : 443}:${address?.host ?? '127.0.0.1'}:${address?.port ?? 0}`;
    const curl = [
      'curl',
      '--silent',
      '--show-error',
      '--include',
      '--connect-to',
      at,
      ...(authority === undefined ? [] : ['--cacert', authority]),
      `${scheme}://${target.host}/`,
    ];
    return [[`${target.name} ${who.name}`, { ...byHand, curl: shellWords(curl) }]];
  });
}
