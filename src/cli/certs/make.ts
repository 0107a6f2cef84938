/**
 * Implements `wirelab certs make`: creates the certificates of one recipe or all recipes if they are missing or due for
 * renewal, and prints their folders.
 */
import { defined } from '../../core/defined.ts';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../../core/clock.ts';
import { UserError } from '../../i18n/user-error.ts';
import { nearest } from '../../i18n/nearest.ts';
import type { Recipe } from '../../pki/ca/recipe.ts';
import type { Command } from '../command.ts';

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
        ko: '모든 레시피를 새로 만듭니다. 예전 CA를 신뢰하던 설정과는 더 이상 맞지 않습니다',
      },
    },
  ],
  async run(parsed, { places, stdout, language }) {
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
      const world = await openWorld({
        recipe,
        recipeName,
        folder: places.certificates,
        clock: systemClock,
        fresh: parsed.flag('fresh'),
      });
      stdout.write(`${join(places.certificates, recipeName)}: ${counted[language](world.names.length)}\n`);
    }
    return 0;
  },
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
