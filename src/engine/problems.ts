/** What can be wrong with a scenario file whose shape is right: the words that `references.ts` and the features' own checks share. */
import type { Localized } from '../i18n/language.ts';
import type { EntryPoint } from './kinds.ts';
import type { ScenarioFile, StepFile } from './scenario.ts';

export type ProblemPath = readonly (string | number)[];

export interface Problem {
  readonly path: ProblemPath;
  readonly what: Localized;
  readonly expected?: Localized;
  readonly received?: string;
  /** Names among which the wrong one may have been meant. */
  readonly known?: readonly string[];
  /** What nobody has who is named: of a file in two parts, it may be the other part that lacks it. */
  readonly missing?: 'wire' | 'participant';
}

/** What a name in a file can be a name of. */
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

/** Where a step stands that is checked, and what is known of the others. */
export interface StepPlace {
  readonly file: ScenarioFile;
  readonly index: number;
  /** Of what stands under the step's word. */
  readonly path: ProblemPath;
  readonly entryPointsOf: (step: StepFile) => readonly EntryPoint[];
  /** Its own id, and those that it multiplies to. */
  readonly idsOf: (step: StepFile) => readonly string[];
}

export function needs(path: ProblemPath, field: string, because: string): Problem {
  return {
    path,
    what: { en: `${field} is missing`, ko: `${field}: 값이 없습니다` },
    expected: { en: `${field}, because of ${because}`, ko: `${field} (${because}이므로 필요합니다)` },
  };
}

export function oneOf(names: readonly string[]): Localized {
  if (names.length === 0) return { en: 'none exists', ko: '하나도 없습니다' };
  return { en: `one of ${names.join(', ')}`, ko: `${names.join(', ')} 가운데 하나` };
}
