/**
 * Implements `wirelab certs make`: creates the certificates of one recipe or all recipes if they are missing or due for
 * renewal, and prints their folders.
 */
import { defined } from '../../core/defined.ts';
import { createPrivateKey } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../../core/clock.ts';
import { UserError } from '../../i18n/user-error.ts';
import { nearest } from '../../i18n/nearest.ts';
import type { Recipe } from '../../pki/ca/recipe.ts';
import { isOwnPkcs12 } from '../../pki/keystore/own-pkcs12.ts';
import { pemCertificates } from '../../pki/keystore/pem.ts';
import { writePkcs12 } from '../../pki/keystore/pkcs12.ts';
import type { World } from '../../pki/keystore/world.ts';
import type { Command } from '../command.ts';
import { showProgress } from '../io/progress.ts';
import { writeNewFiles } from './files.ts';
import { passwordOf, passwordOption } from './p12.ts';

export const make: Command = {
  summary: { en: 'create the certificates of a recipe', ko: '레시피의 인증서를 만듭니다' },
  operands: '[RECIPE ...]',
  options: {
    fresh: {
      help: {
        en: 'create them again, with new keys, even if they exist',
        ko: '이미 있어도 새 키로 다시 만듭니다',
      },
    },
    'p12-password': passwordOption,
  },
  examples: [
    {
      line: './wirelab certs make workshop',
      does: {
        en: 'creates what is missing or due for renewal and keeps the rest',
        ko: '없거나 갱신할 때가 된 것만 만듭니다',
      },
    },
    {
      line: './wirelab certs make --fresh',
      does: {
        en: 'creates all recipes again; configurations that trust the old CAs stop working',
        ko: '모든 레시피를 새로 만듭니다. 옛 CA를 신뢰하던 설정과는 더 이상 맞지 않습니다',
      },
    },
  ],
  async run(parsed, environment) {
    const { places, stdout, language } = environment;
    const password = passwordOf(parsed, 'p12-password', 'make');
    const folder = join(places.data, 'recipes');
    const known = (existsSync(folder) ? await readdir(folder) : []).map((file) =>
      file.replace(/\.json$/, ''),
    );
    const asked = parsed.operands.length > 0 ? parsed.operands : known;
    // All names are checked before anything is created: half a result is of no use.
    for (const recipeName of asked) if (!known.includes(recipeName)) throw unknownRecipe(recipeName, known);
    const { openWorld } = await import('../../pki/keystore/store.ts');
    for (const recipeName of asked) {
      const recipe = JSON.parse(await readFile(join(folder, `${recipeName}.json`), 'utf8')) as Recipe;
      const progress = showProgress(environment, {
        en: `making the certificates of ${recipeName}`,
        ko: `${recipeName} 인증서를 만드는 중`,
      });
      const world = await openWorld({
        recipe,
        recipeName,
        folder: places.certificates,
        clock: systemClock,
        fresh: parsed.flag('fresh'),
      }).finally(() => progress.stop());
      stdout.write(`${join(places.certificates, recipeName)}: ${counted[language](world.names.length)}\n`);
      const packed = packForBrowsers(world, recipe, join(places.certificates, recipeName), password);
      if (packed.length > 0) stdout.write(`  ${forBrowsers[language](packed.join(', '), password)}\n`);
    }
    return 0;
  },
};

/** One for each client, beside its certificate and its key; written anew each time, since nothing reads them here. */
function packForBrowsers(world: World, recipe: Recipe, folder: string, password: string): string[] {
  return Object.entries(recipe.certificates).flatMap(([name, { profile }]) => {
    if (profile !== 'client' || !world.names.includes(name)) return [];
    const path = join(folder, `${name}.p12`);
    // One that somebody else has made stays.
    if (existsSync(path) && !isOwnPkcs12(readFileSync(path, 'latin1'))) return [];
    const { certificate, key } = world.identity(name);
    const bytes = writePkcs12({
      chain: pemCertificates(certificate),
      key: createPrivateKey(key),
      password,
      name,
    });
    writeNewFiles([{ path, flag: 'certs make', text: bytes, mode: 0o600 }], true);
    return [`${name}.p12`];
  });
}

const forBrowsers = {
  en: (files: string, password: string): string => `for browsers: ${files} (password: ${password})`,
  ko: (files: string, password: string): string => `브라우저용: ${files} (비밀번호: ${password})`,
};

const counted = {
  en: (count: number): string => `${count} ${count === 1 ? 'certificate' : 'certificates'}`,
  ko: (count: number): string => `인증서 ${count}개`,
};

function unknownRecipe(recipeName: string, known: readonly string[]): UserError {
  const near = nearest(recipeName, known);
  return new UserError(
    defined({
      what: {
        en: `unknown recipe: ${JSON.stringify(recipeName)}`,
        ko: `${JSON.stringify(recipeName)} 레시피는 없습니다`,
      },
      where: 'wirelab certs make',
      expected: { en: `one of ${known.join(', ')}`, ko: `다음 중 하나: ${known.join(', ')}` },
      received: recipeName,
      remedy: near ? { en: `Did you mean ${near}?`, ko: `${near} 레시피를 찾으셨나요?` } : undefined,
    }),
  );
}
