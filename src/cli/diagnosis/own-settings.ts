/** What the arguments, variables and settings of a command say of its files and of how strict it is. */
import type { ChildEnd } from '../../diagnosis/command/child.ts';
import { faultyFiles } from '../../diagnosis/command/files.ts';
import type { Context } from '../../diagnosis/command/refine.ts';
import type { Heard } from '../../diagnosis/programs/hear.ts';
import { filesNamed, policyOf } from '../../diagnosis/programs/intent.ts';
import type { Program, Settings } from '../../diagnosis/programs/program.ts';
import { wrappedAt } from '../../diagnosis/programs/programs.ts';
import type { Environment } from '../command.ts';

export interface SettingFacts {
  readonly program: Program | undefined;
  readonly own: readonly string[];
  readonly given: readonly string[];
  readonly environment: Pick<Environment, 'variables'>;
  readonly heard: Heard | undefined;
  readonly ended: ChildEnd;
  readonly settings: Settings | undefined;
}

export function settingsIn({
  program,
  own,
  given,
  environment,
  heard,
  ended,
  settings,
}: SettingFacts): Pick<Context, 'faulty' | 'said' | 'policy'> {
  const variables = { ...environment.variables, ...assignedIn(given) };
  return {
    faulty: faultyFiles(filesNamed(program, own, variables, settings)),
    // Without words the bytes alone count.
    said: heard ? `${ended.stderr}\n${ended.stdout}` : '',
    policy: policyOf(program, own, variables),
  };
}

/** `env NAME=value curl …` */
export const assignedIn = (given: readonly string[]): NodeJS.ProcessEnv =>
  Object.fromEntries(
    given.slice(0, wrappedAt(given)).flatMap((word) => {
      const [, name, value] = /^([A-Za-z_]\w*)=(.*)$/.exec(word) ?? [];
      return name === undefined ? [] : [[name, value]];
    }),
  );
