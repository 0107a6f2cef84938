/** What the arguments, variables and settings of a command say of its files and of how strict it is. */
import type { ChildEnd } from './child.ts';
import { faultyFiles } from './files.ts';
import type { Context } from './context.ts';
import { linesOf } from '../programs/hear.ts';
import type { Heard } from '../programs/hear.ts';
import { filesNamed, overriddenIn, policyOf } from '../programs/intent.ts';
import type { Program, Settings } from '../programs/program.ts';

export interface SettingFacts {
  readonly program: Program | undefined;
  readonly own: readonly string[];
  readonly variables: NodeJS.ProcessEnv;
  readonly heard: Heard | undefined;
  readonly ended: ChildEnd;
  readonly settings: Settings | undefined;
}

export function settingsIn({
  program,
  own,
  variables,
  heard,
  ended,
  settings,
}: SettingFacts): Pick<Context, 'faulty' | 'said' | 'policy' | 'files' | 'own' | 'lines' | 'overridden'> {
  const files = filesNamed(program, own, variables, settings);
  return {
    files,
    own,
    lines: heard ? linesOf(heard.saying.cause, ended, program) : [],
    faulty: faultyFiles(files),
    // Without words the bytes alone count.
    said: heard ? `${ended.stderr}\n${ended.stdout}` : '',
    overridden: overriddenIn(program, own, variables, settings),
    policy: policyOf(program, own, variables),
  };
}
