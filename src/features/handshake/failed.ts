/**
 * `failed`: which side ended a handshake, with which alert and why, as the bytes of a wire show it to an eavesdropper with
 * keys; and the client reports that it was rejected. For rejections by an endpoint that does not report to us; `refusal.ts`
 * covers those that do.
 */
import type { z } from 'zod';
import type { EvidenceRef } from '../../capture/event.ts';
import { knownAlertNames, refusalReasons } from '../../capture/vocabulary.ts';
import { wireCauses } from '../../analysis/outcome/cause-words.ts';
import type { Z } from '../../engine/extensions.ts';
import type { Judgement } from '../../engine/kinds.ts';
import type { PlannedStep } from '../../engine/plan.ts';
import { readingOf } from '../../evidence/records.ts';
import type { View } from '../../engine/view.ts';
import type { Localized } from '../../i18n/language.ts';

const causes = [...refusalReasons, ...wireCauses] as const;

export function failedSchema(zod: Z) {
  return zod.strictObject({
    wires: zod.array(zod.string()).min(1),
    by: zod.enum(['client', 'server']),
    alert: zod.enum(knownAlertNames).describe('By its name in the standard.'),
    cause: zod.enum(causes).describe('As an outcome names it: downgrade_detected.'),
  });
}

type Facts = z.infer<ReturnType<typeof failedSchema>>;

export type FailedOnWire = Omit<Facts, 'wires'> & { readonly wire: string };

export const failed = {
  claims: ({ wires, ...facts }: Facts) =>
    wires.map((wire): { suffix: string; facts: FailedOnWire } => ({
      suffix: wire,
      facts: { wire, ...facts },
    })),
  judge({ wire, by, alert, cause }: FailedOnWire, view: View, step: PlannedStep | undefined): Judgement {
    if (!step) throw new Error('failed is about a step');
    const [report] = view.reports('login', step.client, step.id);
    const outcomes = view
      .connectionsOn(wire, step.id)
      .flatMap((connection) => readingOf(view, connection)?.outcome() ?? []);
    const [outcome] = outcomes;
    const evidence: EvidenceRef[] = [
      ...outcomes.flatMap((one) => one.evidence),
      ...(report ? [{ event: report.seq }] : []),
    ];
    if (!outcome || outcomes.length !== 1 || !report) {
      return {
        status: 'unobserved',
        evidence,
        says: {
          en: `wire ${wire}: no closed connection, or no report from the client`,
          ko: `구간 ${wire}: 끝난 연결이나 클라이언트의 보고가 없습니다`,
        },
      };
    }
    const { kind, sentence } = outcome;
    const says = { en: `wire ${wire}: ${sentence.en}`, ko: `구간 ${wire}: ${sentence.ko}` };
    const expected = expectedWords(by, alert, cause);
    if (report.result.outcome === 'admitted') {
      return {
        status: 'missed',
        evidence,
        says: {
          en: `wire ${wire}: no rejection: the client was admitted; ${expected.en}`,
          ko: `구간 ${wire}: 아무도 거부하지 않았고 클라이언트가 허용되었습니다. ${expected.ko}`,
        },
      };
    }
    const isMet =
      kind === `refused_by_${by}` && outcome.alert?.description === alert && outcome.cause === cause;
    if (isMet) return { status: 'met', evidence, says };
    const seen = [kind, outcome.alert?.description ?? 'none', outcome.cause ?? 'none'] as const;
    return {
      status: 'missed',
      evidence,
      says: {
        en: `${says.en}. Seen: ${seen[0]}, alert ${seen[1]}, cause ${seen[2]}; ${expected.en}`,
        ko: `${says.ko}. 관찰: ${seen[0]}, 알림(Alert) ${seen[1]}, 원인 ${seen[2]}. ${expected.ko}`,
      },
    };
  },
} as const;

function expectedWords(by: string, alert: string, cause: string): Localized {
  return {
    en: `expected: refused_by_${by}, alert ${alert}, cause ${cause}`,
    ko: `예상: refused_by_${by}, 알림(Alert) ${alert}, 원인 ${cause}`,
  };
}
