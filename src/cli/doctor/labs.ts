/**
 * Checks for `doctor --labs`: a row for each lab, with the programs that its text uses, those that are missing here, and what is
 * used in their place. No lab needs one of them to be checked.
 */
import type { Localized } from '../../i18n/language.ts';
import type { CompiledLab } from '../../labs/lab.ts';
import type { Check } from './check.ts';

export function labChecks(labs: readonly CompiledLab[]): Check[] {
  return labs.map(
    ({ name, tasks: { programs = {} } }): Check => ({
      name: `lab-${name}`,
      group: 'labs',
      title: { en: name, ko: name },
      run({ which }) {
        const used = Object.entries(programs);
        const missing = used.filter(([program]) => which(program) === undefined);
        const names = used.map(([program]) => program).join(', ');
        if (missing.length === 0)
          return {
            status: 'ok',
            found:
              names === ''
                ? { en: 'uses no other program', ko: '다른 프로그램을 쓰지 않음' }
                : { en: `uses ${names}: there`, ko: `쓰는 프로그램: ${names}(있음)` },
          };
        const absent = missing.map(([program]) => program).join(', ');
        return {
          status: 'limited',
          found: { en: `uses ${names}; missing: ${absent}`, ko: `쓰는 프로그램: ${names}. 없음: ${absent}` },
          means: instead(missing),
          value: absent,
        };
      },
    }),
  );
}

function instead(missing: readonly (readonly [string, Localized])[]): Localized {
  return {
    en: missing.map(([program, { en }]) => `without ${program}: ${en}`).join('; '),
    ko: missing.map(([program, { ko }]) => `${program} 없이: ${ko}`).join('; '),
  };
}
