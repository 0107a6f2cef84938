/**
 * `predicted`: each program reports a rejection as predicted for its version. One claim per program; a program that was not
 * run, or is of a version without a prediction, produces no finding.
 */
import { safeText } from '../../i18n/safe.ts';
import type { Z } from '../../engine/extensions.ts';
import type { Judgement } from '../../engine/kinds.ts';
import type { PlannedStep } from '../../engine/plan.ts';
import { isAsPredicted, predictedFor, predictionIn, programNames } from './predictions.ts';
import type { Prediction, ProgramName, Saying } from './predictions.ts';
import type { View } from '../../engine/view.ts';

export function predictedSchema(zod: Z) {
  return zod
    .strictObject({})
    .describe(
      'The output of Node, and with --peers of curl, openssl and gnutls-cli, is what predictions.yaml has for their version.',
    );
}

export interface PredictedClaim {
  readonly program: ProgramName;
}

export const predicted = {
  claims: () =>
    programNames.map((program): { suffix: string; facts: PredictedClaim } => ({
      suffix: program,
      facts: { program },
    })),
  judge({ program }: PredictedClaim, view: View, step: PlannedStep | undefined): Judgement | undefined {
    if (!step) throw new Error('predicted is about a step');
    const { predictions = {} } = view.plan;
    const [seen] = view.reports('program', program, step.id);
    if (!seen) {
      // The demo client always runs: a missing report is a finding. Others may not be installed.
      if (program !== 'node') return undefined;
      return {
        status: 'unobserved',
        evidence: [],
        says: {
          en: 'the client did not report its result',
          ko: '클라이언트가 무엇을 만났는지 보고하지 않았습니다',
        },
      };
    }
    const row = predictedFor(predictions, program, seen.result);
    const prediction = row && predictionIn(row, step);
    if (!prediction) return undefined;
    const isMatch = isAsPredicted(prediction, seen.result);
    const name = `${program} ${safeText(seen.result.version)}`;
    const [predicted, observed] = [
      sayingWords(prediction.exit, prediction.words),
      sayingWords(shownExit(prediction, seen.result), excerpt(seen.result.words, prediction.words)),
    ];
    return {
      status: isMatch ? 'met' : 'missed',
      evidence: [{ event: seen.seq }],
      says: {
        en: `${name}: predicted ${predicted.en} | observed ${observed.en} | ${isMatch ? 'match' : 'NO MATCH'}`,
        ko: `${name}: 예측 ${predicted.ko} | 관찰 ${observed.ko} | ${isMatch ? '일치' : '불일치'}`,
      },
    };
  },
} as const;

function shownExit({ exit }: Prediction, { exitCode }: Saying): number | null | undefined {
  return exit === undefined && exitCode === null ? undefined : exitCode;
}

/** @param exit null: it was killed; undefined: it is not a process. */
function sayingWords(
  exit: number | null | undefined,
  words: string,
): { readonly en: string; readonly ko: string } {
  const quoted = `"${words}"`;
  if (exit === undefined) return { en: quoted, ko: quoted };
  if (exit === null) return { en: `no exit in time, ${quoted}`, ko: `제시간에 끝나지 않음, ${quoted}` };
  return { en: `exit ${exit}, ${quoted}`, ko: `종료 코드 ${exit}, ${quoted}` };
}

const longest = 140;

/** The line with the predicted words, otherwise the first; cut to fit beside the prediction. */
function excerpt(words: string, wanted: string): string {
  const lines = words
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  const line = lines.find((one) => one.includes(wanted)) ?? lines[0] ?? '';
  if (line.length <= longest) return safeText(line);
  const at = Math.max(0, line.indexOf(wanted));
  const start = Math.max(0, Math.min(at + wanted.length - longest, at));
  return safeText(
    `${start > 0 ? '…' : ''}${line.slice(start, start + longest)}${start + longest < line.length ? '…' : ''}`,
  );
}
