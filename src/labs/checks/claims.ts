/** The result of a task's claims: a finding for each, and the first that does not hold. */
import type { Localized } from '../../i18n/language.ts';
import type { UserErrorFacts } from '../../i18n/user-error.ts';
import type { OpenReason } from '../lab.ts';
import type { TaskResult } from './checking.ts';

/** A requirement that is not met. */
export interface Missed extends Pick<TaskResult, 'refusal' | 'remedy' | 'command'> {
  readonly reason: OpenReason;
  readonly facts: UserErrorFacts;
}

export type Judged = { readonly says: Localized } | Missed;

export function missed(
  reason: OpenReason,
  what: Localized,
  facts: Omit<UserErrorFacts, 'what'> = {},
  refusal?: string,
): Missed {
  return { reason, facts: { what, ...facts }, ...(refusal === undefined ? {} : { refusal }) };
}

export interface JudgedClaim {
  /** The claim's name in a finding. */
  readonly expectation: string;
  readonly judged: Judged;
}

/** @param instead what keeps the task open, whatever the claims show. */
export function resultOf(id: string, claims: readonly JudgedClaim[], instead?: Missed): TaskResult {
  const findings = claims.map(({ expectation, judged }) => ({
    expectation,
    evidence: [],
    ...('reason' in judged
      ? { status: 'missed' as const, says: judged.facts.what }
      : { status: 'met' as const, says: judged.says }),
  }));
  const open = instead ?? claims.map(({ judged }) => judged).find((judged) => 'reason' in judged);
  // The first claim is what the task is about.
  if (!open) return { id, status: 'done', says: findings[0]?.says ?? { en: '', ko: '' }, findings };
  const { facts, ...reasons } = open;
  return { id, status: 'open', ...reasons, says: facts.what, findings, mistake: facts };
}
