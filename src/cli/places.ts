/**
 * Locates compiled data and generated state: beside the sources in a checkout, in the folder itself if it was unpacked
 * for a class, in the user's folder for state where neither may be written, and for an installed package. The only file that knows the program's location.
 */
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { statePlace } from '../core/state-place.ts';
import { UserError } from '../i18n/user-error.ts';
import { remediesCalledAs } from '../labs/wirelab-command.ts';
import { shellWord } from '../i18n/shell-word.ts';
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
  const beside = join(root, 'certs', 'out');
  const data = join(root, 'dist', 'data');
  // A checkout and an unpacked folder have a launcher, an installed package has none.
  const hasLauncher = existsSync(join(root, 'wirelab'));
  return {
    root,
    data: hasLauncher || existsSync(data) ? data : join(root, 'dist', 'package', 'data'),
    certificates:
      environment['WIRELAB_CERTS'] ||
      (hasLauncher && isWritable(join(root, 'certs'))
        ? beside
        : (underState(environment, 'certs') ?? beside)),
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

/** A checkout or a shared installation may be somebody else's. */
function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
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

/** The folders where labs are looked up. */
export function labPlaces(places: Places): {
  readonly compiled: string;
  readonly recipeFolders: readonly string[];
} {
  return { compiled: labPlace(places), recipeFolders: scenarioPlaces(places).recipeFolders };
}

/** The script of the HTML page. */
export function pageScriptFile({ data }: Pick<Places, 'data'>): string {
  return join(data, 'page.js');
}

/** The folder of the JSON Schemas for editors. */
export function schemasPlace({ root }: Places): string {
  return join(root, 'schemas');
}

/** How wirelab is called in a folder: by a relative path if that is shorter, quoted for a shell. */
export function launcherFrom(
  folder: string,
  { places: { root } }: { readonly places: Pick<Places, 'root'> },
): string {
  const launcher = join(root, 'wirelab');
  if (!existsSync(launcher)) return 'wirelab';
  const near = relative(folder, launcher);
  const short = near.includes(sep) ? near : `.${sep}${near}`;
  return shellWord(short.length < launcher.length ? short : launcher);
}

/** The same in the current folder. */
export function launcherHere(environment: { readonly places: Pick<Places, 'root'> }): string {
  try {
    return launcherFrom(process.cwd(), environment);
  } catch {
    // It was deleted.
    return 'wirelab';
  }
}

/** What an error says to run, by a path that works in the current folder. */
export const byItsPath = (
  error: UserError,
  environment: { readonly places: Pick<Places, 'root'> },
): UserError => new UserError(remediesCalledAs(error.facts, launcherHere(environment)), { cause: error });
