/** Writes a diagnosis for programs: a line for each experiment, the diagnosis last. */
import { defined } from '../../core/defined.ts';
import type { Attempt } from '../../diagnosis/attempt/attempt.ts';
import { acceptableNames } from '../../diagnosis/attempt/attempt.ts';
import { cameBack } from '../../diagnosis/case.ts';
import type { Diagnosis, Evidence, Finding } from '../../diagnosis/diagnosis.ts';
import { outputLine } from '../../ui/json/line.ts';
import type { LineOf } from '../../ui/json/line.ts';

export function experimentLine(attempt: Attempt): LineOf<'experiment'> {
  const {
    number,
    change,
    address,
    at,
    milliseconds,
    result,
    version,
    cipher,
    group,
    chain,
    acceptable,
    alert,
    connection,
  } = attempt;
  return defined({
    v: 2 as const,
    kind: 'experiment' as const,
    number,
    id: change.id,
    changed: change.words,
    address,
    at: new Date(at).toISOString(),
    milliseconds: Math.max(0, Math.round(milliseconds)),
    result,
    cameBack: cameBack(attempt),
    version,
    cipher,
    group,
    certificates: chain.length,
    acceptableCas: acceptable && acceptableNames(attempt),
    alert: alert && {
      level: alert.level,
      code: alert.code,
      description: alert.description,
      from: alert.from,
    },
    stream: connection?.conn,
  });
}

const well = {
  cause: 'none',
  by: 'nobody',
  confidence: 'proven',
  name: { en: 'nothing is wrong', ko: '문제 없음' },
  because: {
    en: 'nothing failed',
    ko: '실패한 것이 없습니다.',
  },
  evidence: [],
} as const;

export function diagnosisLine(
  target: string,
  { finding, others, attempts }: Diagnosis,
  milliseconds: number,
  connections?: number,
): LineOf<'diagnosis'> {
  return outputLine({
    v: 2,
    kind: 'diagnosis',
    target,
    ...(finding ? findingOf(finding) : well),
    others: others.map(findingOf),
    experiments: attempts.length,
    ...(connections === undefined ? {} : { connections }),
    milliseconds: Math.max(0, Math.round(milliseconds)),
  });
}

type FindingOf = Omit<
  LineOf<'diagnosis'>,
  'v' | 'kind' | 'target' | 'others' | 'experiments' | 'connections' | 'milliseconds'
>;

function findingOf({
  connection,
  cause,
  by,
  confidence,
  message,
  name,
  because,
  remedy,
  evidence,
}: Finding): FindingOf {
  const lines = evidence.map(evidenceOf);
  const decisive = lines.findIndex(({ kind }) => kind === 'bytes');
  return defined({
    connection,
    cause: confidence === 'unknown' ? ('unknown' as const) : cause,
    by,
    confidence,
    at:
      message === undefined ? undefined : defined({ message, evidence: decisive < 0 ? undefined : decisive }),
    name,
    because,
    remedy,
    evidence: lines,
  });
}

function evidenceOf(one: Evidence): LineOf<'diagnosis'>['evidence'][number] {
  const { kind, words } = one;
  switch (kind) {
    case 'bytes':
      return defined({
        kind,
        words,
        experiment: one.attempt,
        frame: one.frame,
        ...('offset' in one.place
          ? { from: one.place.from, offset: one.place.offset, length: one.place.length }
          : {}),
      });
    case 'difference':
      return { kind, words, experiment: one.attempts[0], other: one.attempts[1] };
    case 'certificate':
      return { kind, words, certificate: one.certificate };
    case 'words':
      return defined({ kind, words, experiment: one.attempt, frame: one.frame, said: one.said });
  }
}
