/** Builds the manual commands for requests to a CA and for its challenges at the sites. */
import type { ManualEntry, ManualRun } from '../../engine/manual-commands.ts';
import type { PlannedStep } from '../../engine/plan.ts';
import { shellWords } from '../../peers/by-hand/shell.ts';

export function enrolByHand(
  { client, entryPoints }: PlannedStep,
  { plan, addresses, tappedAddresses }: ManualRun,
): ManualEntry[] {
  return entryPoints.flatMap(({ to, wire: hop, from }): ManualEntry[] => {
    const server = plan.servers.find(({ name }) => name === to);
    const { host, port } = (hop === undefined ? undefined : tappedAddresses.get(hop)) ??
      addresses.get(to) ?? { host: '127.0.0.1', port: 0 };
    if (!server || hop === undefined) return [];
    const asked =
      from === undefined
        ? ['--data-binary', '@shop.csr', `http://${server.host}:${port}/orders`]
        : [`http://${server.host}:${port}/.well-known/acme-challenge/TOKEN`];
    return [
      [
        `${to} ${hop}`,
        {
          hop,
          to,
          client: from ?? client,
          curl: shellWords([
            'curl',
            '--silent',
            '--show-error',
            '--resolve',
            `${server.host}:${port}:${host}`,
            '--include',
            ...asked,
          ]),
        },
      ],
    ];
  });
}
