/** The values that the placeholders of a run's scripts stand for. */
import type { PlannedAccount } from '../../engine/plan.ts';
import type { Values } from './text.ts';

export function accountValues(
  account: Pick<PlannedAccount, 'user' | 'password' | 'rrn'> | undefined,
  secrets: ReadonlyMap<string, string>,
): Values {
  const { user = '', password = '', rrn = '' } = account ?? {};
  return { user, password, rrn, secrets };
}
