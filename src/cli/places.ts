/**
 * Locates compiled data and generated state: beside the sources in a checkout, in the folder itself if it was unpacked
 * for a class, in the user's folder for state for an installed package. The only file that knows the program's location.
 */
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { statePlace } from '../core/state-place.ts';
import type { Features } from '../engine/features.ts';

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
      (inCheckout || isWritableFolder(root) ? beside : (underState(environment, 'certs') ?? beside)),
  };
}

/** What the user did before, for the next start; undefined for a user without a home directory. */
export function progressFile(environment: NodeJS.ProcessEnv): string | undefined {
  return underState(environment, 'shows.json');
}

/** What the user has seen of the first screen's list; undefined likewise. */
export function seenFile(environment: NodeJS.ProcessEnv): string | undefined {
  return underState(environment, 'seen.json');
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

/** A path in the folder for state. */
function underState(environment: NodeJS.ProcessEnv, name: string): string | undefined {
  const place = statePlace(environment);
  return place === undefined ? undefined : join(place, name);
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
