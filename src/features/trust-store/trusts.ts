/**
 * `trusts`: a client's default store has roots of these organizations, and none of those. Searched for in the names of the
 * store's roots, as the client read them; an absent name proves something only because the same search found the others.
 */
import type { z } from 'zod';
import type { Z } from '../../engine/extensions.ts';
import type { Judgement } from '../../engine/kinds.ts';
import type { PlannedStep } from '../../engine/plan.ts';
import type { View } from '../../engine/view.ts';

export function trustsSchema(zod: Z) {
  return zod.strictObject({
    names: zod
      .array(zod.string().min(3))
      .min(1)
      .describe('Each must be part of some root’s name in the store.'),
    not: zod
      .array(zod.string().min(3))
      .min(1)
      .optional()
      .describe('None may be part of any root’s name in it.'),
  });
}

interface NameInStore {
  readonly name: string;
  readonly isThere: boolean;
  /** A name that must be found, otherwise the search itself is in doubt. */
  readonly twin: string;
}

export const trusts = {
  claims({ names, not = [] }: z.infer<ReturnType<typeof trustsSchema>>) {
    const [twin = ''] = names;
    const claim =
      (isThere: boolean) =>
      (name: string): { suffix: string; facts: NameInStore } => ({
        suffix: name.replaceAll(' ', '-'),
        facts: { name, isThere, twin },
      });
    return [...names.map(claim(true)), ...not.map(claim(false))];
  },
  judge({ name, isThere, twin }: NameInStore, view: View, step: PlannedStep | undefined): Judgement {
    if (!step) throw new Error('trusts is about a step');
    const [report] = view.reports('trust-store', step.client, step.id);
    if (!report)
      return {
        status: 'unobserved',
        evidence: [],
        says: {
          en: 'the client did not report whom it trusts',
          ko: '클라이언트가 신뢰하는 기관을 보고하지 않았습니다',
        },
      };
    const evidence = [{ event: report.seq }];
    const { roots, organizations } = report.result;
    const subjects = organizations.flatMap((group) => group.subjects);
    const bearing = (wanted: string): readonly string[] =>
      subjects.filter((subject) => subject.toLowerCase().includes(wanted.toLowerCase()));
    const found = bearing(name);
    const [first = ''] = found;
    if (found.length > 0) {
      return {
        status: isThere ? 'met' : 'missed',
        evidence,
        says: {
          en: `${name}: ${found.length} of the ${roots} roots, such as ${first}`,
          ko: `${name}: 루트 인증서 ${roots}개 중 ${found.length}개. 예: ${first}`,
        },
      };
    }
    const says = {
      en: `${name}: none of the ${roots} roots has this name`,
      ko: `${name}: 루트 인증서 ${roots}개 중 이런 이름은 없습니다`,
    };
    if (isThere) return { status: 'missed', evidence, says };
    return { status: bearing(twin).length > 0 ? 'met' : 'unobserved', evidence, says };
  },
} as const;
