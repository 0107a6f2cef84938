/**
 * Locates compiled data and generated state: beside the sources in a checkout, in the folder itself if it was unpacked
 * for a class, under XDG_STATE_HOME for an installed package. The only file that knows the program's location.
 */
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import type { Features } from '../engine/features.ts';
import { isAbsolute, join } from 'node:path';

export interface Places {
  /** The root of the checkout or of the installed package. */
  readonly root: string;
  /** Compiled scenarios and recipes. */
  readonly data: string;
  /** Generated certificates, one folder per recipe. */
  readonly certificates: string;
}

export function findPlaces(environment: NodeJS.ProcessEnv): Places {
  const root = join(import.meta.dirname, '../../../');
  // The package has no Makefile; it has the recipes, for users' own scenarios.
  const inCheckout = existsSync(join(root, 'Makefile'));
  const beside = join(root, 'certs', 'out');
  return {
    root,
    data: join(root, 'dist', 'data'),
    certificates:
      environment['WIRELAB_CERTS'] ||
      (inCheckout || isWritableFolder(root) ? beside : (certificatesOf(stateFolder(environment)) ?? beside)),
  };
}

/** Whether it was unpacked for this user: a package has no launcher, and a shared installation is read-only. */
function isWritableFolder(root: string): boolean {
  if (!existsSync(join(root, 'wirelab'))) return false;
  try {
    accessSync(join(root, 'certs'), constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

const certificatesOf = (state: string | undefined): string | undefined =>
  state === undefined ? undefined : join(state, 'certs');

/**
 * The folder for what is remembered between runs, by the XDG Base Directory Specification, which may not exist yet; undefined
 * for a user without a home directory. A checkout does not load node:os for its certificates.
 */
export function stateFolder(environment: NodeJS.ProcessEnv): string | undefined {
  const { XDG_STATE_HOME: asked } = environment;
  if (asked) return isAbsolute(asked) ? join(asked, 'wirelab') : undefined;
  try {
    // HOME may be empty, and the user may be missing from the user database.
    const home = process.getBuiltinModule('node:os').homedir();
    return isAbsolute(home) ? join(home, '.local', 'state', 'wirelab') : undefined;
  } catch {
    return undefined;
  }
}

/** The version in package.json; read on demand. */
export function readVersion(root: string): string {
  return (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version;
}

/** The folders where scenarios are looked up. */
export function scenarioPlaces({ root, data }: Places): {
  readonly compiled: string;
  readonly recipeFolders: readonly string[];
  features(): Promise<Features>;
} {
  return {
    compiled: join(data, 'scenarios'),
    recipeFolders: [join(root, 'certs', 'recipes')],
    features: async () => (await import('../features/registry.ts')).features,
  };
}

/** The folder of the compiled labs. */
export function labPlace({ data }: Places): string {
  return join(data, 'labs');
}
