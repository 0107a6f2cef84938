/**
 * The folder for what the program keeps between two starts: where shows were left, the sockets of running shows, labs.
 * Everything that is kept for a user is below it.
 */
import { isAbsolute, join, resolve } from 'node:path';

/**
 * WIRELAB_STATE itself, else `wirelab` in the state folder of the XDG Base Directory Specification; undefined for a user
 * without a home directory, and where XDG_STATE_HOME is not absolute, as the specification asks.
 */
export function statePlace(variables: NodeJS.ProcessEnv): string | undefined {
  const { WIRELAB_STATE: own, XDG_STATE_HOME: asked } = variables;
  if (own) return resolve(own);
  if (asked) return isAbsolute(asked) ? join(asked, 'wirelab') : undefined;
  try {
    // HOME may be empty, and the user may be missing from the user database. A checkout does not load node:os for this.
    const home = process.getBuiltinModule('node:os').homedir();
    return isAbsolute(home) ? join(home, '.local', 'state', 'wirelab') : undefined;
  } catch {
    return undefined;
  }
}
