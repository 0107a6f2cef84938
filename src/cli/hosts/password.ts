/**
 * Where a login takes its password from: standard input, the environment, or, for the site, one that it makes up. A command line
 * can be read by every user of a machine, so only a made-up password belongs there.
 */
import type { RandomBytes } from '../../core/clock.ts';
import { UserError } from '../../i18n/user-error.ts';
import type { Environment, OptionTable, Parsed } from '../command.ts';

/** The user of every demonstration, and a registration number that belongs to nobody. */
export const demoUser = 'alice';
export const demoNumber = '900101-1234567';

export const passwordVariable = 'WIRELAB_PASSWORD';

export const passwordOptions: OptionTable = {
  'password-stdin': {
    help: {
      en: `read the password from the first line of standard input (else: ${passwordVariable})`,
      ko: `비밀번호를 표준 입력의 첫 줄에서 읽습니다(없으면 ${passwordVariable} 환경 변수)`,
    },
  },
};

const longest = 1024;

/** The password that was given; undefined where none was. @throws UserError for an empty or an endless one */
export async function passwordOf(
  command: string,
  parsed: Parsed,
  { stdin, variables }: Pick<Environment, 'stdin' | 'variables'>,
): Promise<string | undefined> {
  if (!parsed.flag('password-stdin')) return variables[passwordVariable] || undefined;
  let text = '';
  for await (const chunk of stdin.setEncoding('utf8')) {
    text += String(chunk);
    if (text.includes('\n') || text.length > longest) break;
  }
  const password = (text.split('\n')[0] ?? '').replace(/\r$/, '');
  if (password !== '' && password.length <= longest) return password;
  throw new UserError({
    what:
      password === ''
        ? { en: 'standard input has no password', ko: '표준 입력에 비밀번호가 없습니다' }
        : { en: 'the password is too long', ko: '비밀번호가 너무 깁니다' },
    where: `wirelab ${command}`,
    expected: {
      en: `one line, at most ${longest} characters`,
      ko: `한 줄, ${longest}자 이하`,
    },
    received: '--password-stdin',
  });
}

/** A password for one demonstration: easy to read out, and of nobody. */
export function madeUpPassword(random: RandomBytes): string {
  const letters = Array.from(random(12), (byte) => alphabet[byte % alphabet.length]).join('');
  return `demo-${letters.slice(0, 4)}-${letters.slice(4, 8)}-${letters.slice(8)}`;
}

/** 32 of them, so that each is as likely; without those that look alike. */
const alphabet = 'abcdefghijkmnpqrstuvwxyz23456789';
