/**
 * Where compiled data and generated state live: beside the sources in a checkout, in the folder itself where one was
 * unpacked for a class, under XDG_STATE_HOME for an installed package. The only file that knows where the program itself lies.
 */
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import type { Features } from '../engine/features.ts';
import { isAbsolute, join } from 'node:path';

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
  const beside = join(root, 'certs', 'out');
  return {
    root,
    data: join(root, 'dist', 'data'),
    certificates:
      environment['WIRELAB_CERTS'] ||
      (inCheckout || isWritableFolder(root) ? beside : (underStateHome(environment) ?? beside)),
  };
}

/** Whether it was unpacked for this user: a package has no launcher, and what a teacher keeps for all is read-only. */
function isWritableFolder(root: string): boolean {
  if (!existsSync(join(root, 'wirelab'))) return false;
  try {
    accessSync(join(root, 'certs'), constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** XDG Base Directory Specification; undefined for a user without a home. A checkout does not load node:os for it. */
function underStateHome(environment: NodeJS.ProcessEnv): string | undefined {
  const { XDG_STATE_HOME: asked } = environment;
  if (asked) return join(asked, 'wirelab', 'certs');
  try {
    // HOME may be set to nothing, and a user may stand in no list of users.
    const home = process.getBuiltinModule('node:os').homedir();
    return isAbsolute(home) ? join(home, '.local', 'state', 'wirelab', 'certs') : undefined;
  } catch {
    return undefined;
  }
}

/** The version that package.json states; read only when it is asked for. */
export function readVersion(root: string): string {
  return (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version;
}

/** Where scenarios are looked for. */
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

/** Where the compiled labs lie. */
export function labPlace({ data }: Places): string {
  return join(data, 'labs');
}
