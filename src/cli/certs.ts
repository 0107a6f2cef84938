/**
 * `wirelab certs make`: makes the certificates of a recipe, or of all, where they are missing or due; says where they lie.
 */
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../core/clock.ts';
import { Mistake } from '../i18n/mistake.ts';
import { nearest } from '../i18n/nearest.ts';
import type { Recipe } from '../pki/recipe.ts';
import type { Command } from './command.ts';

export const certs: Command = {
  summary: { en: 'make the certificates of a recipe', ko: '레시피의 인증서를 만듭니다' },
  operands: 'make [RECIPE ...]',
  options: {},
  examples: [{ line: './wirelab certs make workshop', does: { en: 'what is missing or due is made; the rest is left', ko: '없거나 갱신할 때가 된 것만 만듭니다' } }],
  async run(parsed, { places, stdout }) {
    const [action, ...asked] = parsed.operands;
    if (action !== 'make') {
      throw new Mistake({
        what: { en: 'certs needs to know what to do', ko: 'certs 명령에는 할 일을 적어야 합니다' },
        where: 'wirelab certs',
        expected: { en: 'make [RECIPE ...]', ko: 'make [RECIPE ...]' },
        received: action ?? '',
        remedy: { en: './wirelab certs make makes all of them.', ko: '모두 만들려면: ./wirelab certs make' },
      });
    }
    const folder = join(places.data, 'recipes');
    const known = (existsSync(folder) ? await readdir(folder) : []).map((file) => file.replace(/\.json$/, ''));
    const { openWorld } = await import('../pki/store.ts');
    for (const recipeName of asked.length > 0 ? asked : known) {
      if (!known.includes(recipeName)) {
        const near = nearest(recipeName, known);
        throw new Mistake({
          what: { en: `there is no recipe ${JSON.stringify(recipeName)}`, ko: `${JSON.stringify(recipeName)} 레시피는 없습니다` },
          where: 'wirelab certs make',
          expected: { en: `one of ${known.join(', ')}`, ko: `다음 중 하나: ${known.join(', ')}` },
          received: recipeName,
          ...(near ? { remedy: { en: `Did you mean ${near}?`, ko: `${near} 레시피를 찾으셨나요?` } } : {}),
        });
      }
      const recipe = JSON.parse(await readFile(join(folder, `${recipeName}.json`), 'utf8')) as Recipe;
      const world = await openWorld({ recipe, recipeName, folder: places.certificates, clock: systemClock });
      stdout.write(`${join(places.certificates, recipeName)}: ${world.names.length}\n`);
    }
    return 0;
  },
};
