/**
 * Implements `lab handout NAME|PATH`: the tasks of a lab as Markdown, made from its own texts. Hints, what a task shows when it is
 * done, and the end are left out: they are the answers.
 */
import { UserError } from '../../i18n/user-error.ts';
import { findLab, labNames } from '../../labs/load.ts';
import { labHandout } from '../../ui/text/lab-handout.ts';
import type { Environment, Parsed } from '../command.ts';
import { noteUntranslated } from '../author/untranslated.ts';
import { shellWord } from '../../i18n/shell-word.ts';
import { labPlace, labPlaces } from '../places.ts';

const asked = {
  where: 'wirelab lab handout',
  also: { en: ', or the path of a lab’s folder', ko: ', 또는 실습을 담은 폴더의 경로' },
};

export async function handout(parsed: Parsed, environment: Environment): Promise<number> {
  const { places, language, stdout } = environment;
  const [, name] = parsed.operands;
  if (name === undefined) {
    const names = labNames(labPlace(places)).join(', ');
    throw new UserError({
      what: { en: 'missing lab name', ko: '어떤 실습의 인쇄물을 만들까요?' },
      where: 'wirelab lab handout',
      expected: {
        en: `one of ${names}${asked.also.en}`,
        ko: `${names} 중 하나${asked.also.ko}`,
      },
      remedy: {
        en: './wirelab lab handout find-the-password > find-the-password.md',
        ko: './wirelab lab handout find-the-password > find-the-password.md',
      },
    });
  }
  const { lab } = await findLab(name, labPlaces(places), asked);
  noteUntranslated(lab, environment);
  stdout.write(labHandout(lab, language, shellWord(name)));
  return 0;
}
