/** The values that the placeholders of a run's scripts stand for. */
import type { Plan, PlannedAccount } from '../../engine/plan.ts';
import type { Values } from './text.ts';

export function secretValues({ secrets }: Pick<Plan, 'secrets'>): ReadonlyMap<string, string> {
  return new Map(secrets.map(({ id, value }) => [id, value]));
}

export function accountValues(
  account: Pick<PlannedAccount, 'user' | 'password' | 'rrn'> | undefined,
  secrets: ReadonlyMap<string, string>,
): Values {
  const { user = '', password = '', rrn = '' } = account ?? {};
  return { user, password, rrn, secrets };
}
