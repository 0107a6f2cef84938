/** Finds a program in PATH as a shell would, without starting it. A name with a slash is already a path. */
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

export type Which = (program: string) => string | undefined;

/** Relative folders of PATH are skipped: the program must not depend on the current directory. */
export function findProgram(program: string, variables: NodeJS.ProcessEnv): string | undefined {
  if (program.includes('/')) return isProgram(program) ? program : undefined;
  const folders = (variables['PATH'] ?? '').split(delimiter).filter((folder) => isAbsolute(folder));
  return folders.map((folder) => join(folder, program)).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
