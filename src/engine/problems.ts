/** Types for the semantic errors of a scenario file, shared by `references.ts` and the features' own checks. */
import type { Localized } from '../i18n/language.ts';
import type { EntryPoint } from './kinds.ts';
import type { ScenarioFile, StepFile } from './scenario.ts';

export type ProblemPath = readonly (string | number)[];

export interface Problem {
  readonly path: ProblemPath;
  readonly what: Localized;
  readonly expected?: Localized;
  readonly received?: string;
  /** Candidates for "did you mean". */
  readonly known?: readonly string[];
  /** The kind of an undefined name; of a file in two parts, the other part may be the one that lacks it. */
  readonly missing?: 'wire' | 'participant';
}

/** What a name in a file can refer to. */
export type Namespace =
  | 'secret'
  | 'account'
  | 'server'
  | 'proxyOrServer'
  | 'client'
  | 'wire'
  | 'step'
  | 'identity'
  | 'authority'
  | 'revocation'
  | 'clientOrSite';

/** The position of the step being checked, and what is known of the others. */
export interface StepPlace {
  readonly file: ScenarioFile;
  readonly index: number;
  /** The path of the value under the step's keyword. */
  readonly path: ProblemPath;
  readonly entryPointsOf: (step: StepFile) => readonly EntryPoint[];
  /** Its own id and those that it expands to. */
  readonly idsOf: (step: StepFile) => readonly string[];
}

export function needs(path: ProblemPath, field: string, because: string): Problem {
  return {
    path,
    what: { en: `missing ${field}`, ko: `${field}: 값이 없습니다` },
    expected: { en: `${field}, required by ${because}`, ko: `${field} (필요한 이유: ${because})` },
  };
}

export function oneOf(names: readonly string[]): Localized {
  if (names.length === 0) return { en: 'none is defined', ko: '하나도 없습니다' };
  return { en: `one of ${names.join(', ')}`, ko: `${names.join(', ')} 가운데 하나` };
}

/** The entries of a list whose name another one before them has. */
export function repeatedIn<T>(
  list: readonly T[],
  nameOf: (entry: T) => unknown,
  path: ProblemPath,
): Problem[] {
  const names = list.map(nameOf);
  return names.flatMap((name, index): Problem[] => {
    const first = names.indexOf(name);
    if (typeof name !== 'string' || first === index) return [];
    return [
      {
        path: [...path, index],
        what: { en: `duplicate entry: ${name}`, ko: `목록에 두 번 있습니다: ${name}` },
        expected: { en: 'each name once', ko: '이름마다 한 번씩' },
        received: names.filter((one) => typeof one === 'string').join(', '),
      },
    ];
  });
}
