/**
 * Where compiled data and generated state live: beside the sources in a checkout, under XDG_STATE_HOME for an
 * installed package. The only file that knows where the program itself lies.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Places {
  /** The root of the checkout or of the installed package. */
  readonly root: string;
  /** Compiled scenarios and recipes. */
  readonly data: string;
  /** Generated certificates, one folder a recipe. */
  readonly certificates: string;
}

export function findPlaces(environment: NodeJS.ProcessEnv): Places {
  const root = join(import.meta.dirname, '../../../');
  // The Makefile is not part of the package; the recipes are, for scenarios of an author's own.
  const inCheckout = existsSync(join(root, 'Makefile'));
  return {
    root,
    data: join(root, 'dist', 'data'),
    certificates: environment['WIRELAB_CERTS'] || (inCheckout ? join(root, 'certs', 'out') : join(stateHome(environment), 'wirelab', 'certs')),
  };
}

/** XDG Base Directory Specification. Only an installed package asks, so a checkout does not load node:os for it. */
function stateHome(environment: NodeJS.ProcessEnv): string {
  return environment['XDG_STATE_HOME'] || join(process.getBuiltinModule('node:os').homedir(), '.local', 'state');
}

/** The version that package.json states; read only when it is asked for. */
export function readVersion(root: string): string {
  return (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version;
}

/** Where scenarios are looked for. */
export function scenarioPlaces({ root, data }: Places): { readonly compiled: string; readonly recipeFolders: readonly string[] } {
  return { compiled: join(data, 'scenarios'), recipeFolders: [join(root, 'certs', 'recipes')] };
}

/** Where the compiled labs lie. */
export function labPlace({ data }: Places): string {
  return join(data, 'labs');
}
