/**
 * Judges settings of control plane processes: `flagNames` (of a flag: its file, whose certificate that is, and who signed it),
 * `processState` (whether it runs with its manifest as it is, and its last words).
 */
import type { z } from 'zod';
import { safeText } from '../../i18n/safe.ts';
import type { Z } from '../../engine/extensions.ts';
import type { Judgement } from '../../engine/kinds.ts';
import type { PlannedStep } from '../../engine/plan.ts';
import type { View } from '../../engine/view.ts';
import { flagWords, manifestWords } from './manifest-words.ts';

export function flagNamesSchema(zod: Z) {
  return zod.strictObject({
    process: zod.string(),
    flag: zod.string().describe('Without dashes.'),
    file: zod.string().describe('pki/apiserver.crt'),
    commonName: zod.string().optional().describe('CN of the certificate; none for sa.key and sa.pub.'),
    signer: zod.string().optional().describe('The file of the CA that signed it.'),
  });
}

export function processStateSchema(zod: Z) {
  return zod.strictObject({
    state: zod.enum(['running', 'ended']),
    without: zod.array(zod.string()).describe('The flags that are missing in its manifest.'),
    words: zod.string().optional().describe('Text that the last words of a process that ended must contain.'),
  });
}

type Names = z.infer<ReturnType<typeof flagNamesSchema>>;
type Process = z.infer<ReturnType<typeof processStateSchema>>;

const unobserved: Judgement = {
  status: 'unobserved',
  evidence: [],
  says: { en: 'its manifest was not read', ko: '매니페스트를 읽지 않았습니다' },
};

export const flagNames = {
  claims: (facts: Names) => [{ suffix: `${facts.process}.${facts.flag}`, facts }],
  judge(
    { process, flag, file, commonName, signer }: Names,
    view: View,
    step: PlannedStep | undefined,
  ): Judgement {
    if (!step) throw new Error('flagNames is about a step');
    const [report] = view.reports('flags', step.client, step.id);
    const found = report?.result.flags.find((one) => one.process === process && one.flag === flag);
    if (!report || !found) return unobserved;
    const isTrue = found.file === file && found.commonName === commonName && found.signer === signer;
    return { status: isTrue ? 'met' : 'missed', evidence: [{ event: report.seq }], says: flagWords(found) };
  },
} as const;

export const processState = {
  claims: (facts: Process) => [{ facts }],
  judge({ state, without, words }: Process, view: View, step: PlannedStep | undefined): Judgement {
    if (!step) throw new Error('processState is about a step');
    const [report] = view.reports('manifest', step.client, step.id);
    if (!report) return unobserved;
    const { result } = report;
    const isTrue =
      result.state === state &&
      result.without.length === without.length &&
      without.every((flag) => result.without.some((line) => line.startsWith(`--${flag}=`))) &&
      (words === undefined || safeText(result.words ?? '').includes(words));
    return {
      status: isTrue ? 'met' : 'missed',
      evidence: [{ event: report.seq }],
      says: manifestWords(result),
    };
  },
} as const;
