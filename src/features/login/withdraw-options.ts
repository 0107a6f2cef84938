/** The certificates that a plan revokes during a run. */
import type { Plan } from '../../engine/plan.ts';

export function revocableIn({ steps, clients }: Plan): string[] {
  return steps.flatMap(
    ({ login }) =>
      (login?.revokedMeanwhile
        ? clients.find(({ name }) => name === login.client)?.certificate
        : undefined) ?? [],
  );
}
