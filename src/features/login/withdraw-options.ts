/** Whose certificates are taken back while a run goes on, as its plan says. */
import type { Plan } from '../../engine/plan.ts';

export function revocableIn({ steps, clients }: Plan): string[] {
  return steps.flatMap(
    ({ login }) =>
      (login?.revokedMeanwhile
        ? clients.find(({ name }) => name === login.client)?.certificate
        : undefined) ?? [],
  );
}
