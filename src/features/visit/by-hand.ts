/** Both ports of a site by hand. What the addresses call 80 and 443 is told to curl. */
import type { ManualEntry, ManualRun } from '../../engine/manual-commands.ts';
import type { PlannedStep } from '../../engine/plan.ts';
import { commands } from '../../peers/by-hand/site-commands.ts';
import { authorityFor, shellWords } from '../../peers/by-hand/shell.ts';

/** Both ports of the site that a step visits, by the key of who knocks where. What the addresses call 80 and 443 is told to curl. */
export function visitByHand(
  { visit, client }: PlannedStep,
  { plan, addresses, world, doors: doorsOf }: ManualRun,
): ManualEntry[] {
  const who = plan.clients.find(({ name }) => name === client);
  return (['http', 'https'] as const).flatMap((scheme): ManualEntry[] => {
    const { to, wire } = visit?.[scheme] ?? {};
    const door = [...plan.proxies, ...plan.servers].find(({ name }) => name === to);
    const hop = wire ?? plan.proxies.find(({ name }) => name === to)?.wires.incoming;
    if (!who || !door || hop === undefined) return [];
    const address = doorsOf.get(hop) ?? addresses.get(door.name);
    const told = commands({ hop, door, who, account: '' }, plan, address, world);
    const trusted = authorityFor(who, door, world);
    const authority =
      scheme === 'https' && trusted !== undefined ? world?.files(trusted)?.certificate : undefined;
    const at = `${door.host}:${scheme === 'http' ? 80 : 443}:${address?.host ?? '127.0.0.1'}:${address?.port ?? 0}`;
    const curl = [
      'curl',
      '--silent',
      '--show-error',
      '--include',
      '--connect-to',
      at,
      ...(authority === undefined ? [] : ['--cacert', authority]),
      `${scheme}://${door.host}/`,
    ];
    return [[`${door.name} ${who.name}`, { ...told, curl: shellWords(curl) }]];
  });
}
