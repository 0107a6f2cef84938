/**
 * Implements `lab handout NAME`: the tasks of a lab as Markdown, made from its own texts. Hints, what a task shows when it is
 * done, and the end are left out: they are the answers.
 */
import { UserError } from '../../i18n/user-error.ts';
import { labNames, loadLab } from '../../labs/load.ts';
import { labHandout } from '../../ui/text/lab-handout.ts';
import type { Environment, Parsed } from '../command.ts';
import { labPlace } from '../places.ts';

const asked = { where: 'wirelab lab handout', also: { en: '', ko: '' } };

export async function handout(parsed: Parsed, { places, language, stdout }: Environment): Promise<number> {
  const [, name] = parsed.operands;
  if (name === undefined) {
    const names = labNames(labPlace(places)).join(', ');
    throw new UserError({
      what: { en: 'missing lab name', ko: '어떤 실습의 인쇄물을 만들까요?' },
      where: 'wirelab lab handout',
      expected: { en: `one of ${names}`, ko: `${names} 중 하나` },
      remedy: {
        en: './wirelab lab handout find-the-password > find-the-password.md',
        ko: './wirelab lab handout find-the-password > find-the-password.md',
      },
    });
  }
  stdout.write(labHandout(loadLab(name, labPlace(places), asked), language));
  return Promise.resolve(0);
}
