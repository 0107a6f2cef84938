/**
 * Resolves a command-line argument to a compiled scenario: a name means one compiled at build time (JSON), a path means an
 * author's folder, compiled now. Loading by name needs neither YAML nor the validator.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../i18n/user-error.ts';
import { nearest } from '../i18n/nearest.ts';
import { isFolder } from './file/folder.ts';
import type { Features } from './features.ts';
import type { CompiledScenario } from './scenario.ts';

export interface ScenarioPlaces {
  /** The folder with NAME.json for every bundled scenario. */
  readonly compiled: string;
  readonly recipeFolders: readonly string[];
  /** What compiling an author's folder needs; bundled scenarios do not need it. */
  features(): Promise<Features>;
}

/**
 * The scenario with that name, or in that folder.
 * @throws UserError when it does not exist or is invalid.
 */
export async function loadScenario(nameOrPath: string, places: ScenarioPlaces): Promise<CompiledScenario> {
  const isName = /^[a-z0-9][a-z0-9-]*$/.test(nameOrPath);
  if (isName) {
    const compiled = readCompiled(nameOrPath, places.compiled);
    if (compiled) return compiled;
  }
  const { compileScenario, scenarioFolder } = await import('./compile.ts');
  const folder = scenarioFolder(nameOrPath);
  if (!isFolder(folder)) throw unknownScenario(nameOrPath, places.compiled);
  if (existsSync(join(folder, 'tasks.yaml')))
    throw new UserError({
      what: { en: 'this folder is a lab', ko: '실습을 담은 폴더입니다' },
      where: nameOrPath,
      expected: { en: 'a folder with a scenario', ko: '시나리오가 있는 폴더' },
      remedy: { en: `./wirelab lab ${folder}`, ko: `./wirelab lab ${folder}` },
    });
  return compileScenario(await places.features(), folder, {
    recipeFolders: places.recipeFolders,
    mayLackTexts: true,
    ownPlace: true,
  });
}

/** The names of the bundled scenarios. */
export function scenarioNames(compiledFolder: string): string[] {
  try {
    const files = readdirSync(compiledFolder);
    return files
      .filter((file) => file.endsWith('.json'))
      .map((file) => file.slice(0, -'.json'.length))
      .sort();
  } catch {
    return [];
  }
}

function readCompiled(name: string, folder: string): CompiledScenario | undefined {
  let text: string;
  try {
    text = readFileSync(join(folder, `${name}.json`), 'utf8');
  } catch {
    return undefined;
  }
  return JSON.parse(text) as CompiledScenario;
}

function unknownScenario(received: string, compiledFolder: string): UserError {
  const names = scenarioNames(compiledFolder);
  const near = nearest(received, names);
  return new UserError({
    what: {
      en: 'unknown scenario, and no such folder',
      ko: '그런 이름의 시나리오나 폴더가 없습니다',
    },
    expected: {
      en: `one of ${names.join(', ')}, or a folder with a scenario.yaml`,
      ko: `${names.join(', ')} 가운데 하나, 또는 scenario.yaml이 있는 폴더`,
    },
    received,
    remedy: near
      ? {
          en: `Did you mean ${near}? ./wirelab list describes each.`,
          ko: `혹시 ${near} 아닌가요? 각각의 설명: ./wirelab list`,
        }
      : { en: './wirelab list describes each.', ko: '각각의 설명: ./wirelab list' },
  });
}
