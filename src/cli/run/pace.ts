/**
 * The pace of a run: from stop to stop at once, at a key, after as long as reading takes, or after so many milliseconds.
 * `pacing.ts` keeps it without a screen, `ui/tui/state/playback.ts` on one.
 */
import { UserError } from '../../i18n/user-error.ts';
import type { Environment, Parsed } from '../command.ts';

export type Pace = 'auto' | 'step' | 'read' | number;

const named = ['auto', 'read', 'step'] as const;

/** A person is there to press a key, at a terminal without a screen too. Opening standard input costs 2 ms. */
function isAtTerminal(parsed: Parsed, { stdout, stdin }: Pick<Environment, 'stdout' | 'stdin'>): boolean {
  return !parsed.flag('no-tui') && !parsed.flag('json') && stdout.isTTY && stdin.isTTY;
}

/** On the screen `auto` means `read`: nobody could see a show that is over at once. */
export function paceOf(parsed: Parsed, environment: Environment, command = 'run'): Pace {
  const given = parsed.text('pace');
  const looped = command === 'run' && parsed.flag('loop');
  if (given === undefined) return looped ? 'read' : isAtTerminal(parsed, environment) ? 'step' : 'auto';
  const name = named.find((one) => one === given);
  if (looped && name === 'step')
    throw new UserError({
      what: {
        en: '--loop continues by itself; --pace step waits for a key',
        ko: '--loop는 스스로 진행하고 --pace step은 키를 기다립니다',
      },
      where: 'wirelab run',
      expected: { en: '--pace read, or milliseconds', ko: '--pace read 또는 밀리초' },
      received: '--loop --pace step',
    });
  if (name !== undefined) return name;
  if (/^\d{1,6}$/.test(given)) return Number(given);
  throw new UserError({
    what: { en: 'invalid value for --pace', ko: '--pace 옵션에 쓸 수 없는 값입니다' },
    where: `wirelab ${command}`,
    expected: {
      en: 'auto, read, step, or milliseconds from 0 to 999999',
      ko: 'auto, read, step 또는 0부터 999999까지의 밀리초',
    },
    received: given,
  });
}
