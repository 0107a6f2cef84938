/**
 * Classifies a wrong password by what the server received. The right password is never revealed, nor how close the wrong one
 * was.
 */
import { decodeLoginForm } from '../../peers/site/form.ts';
import type { Account } from '../../peers/site/server.ts';
import type { Localized } from '../../i18n/language.ts';
import { josa } from '../../i18n/josa.ts';

/** Stands for the password in printed commands. Its blank makes the shell quote it: a password may contain an &. */
export const placeholder = 'THE PASSWORD';

/** Each begins a sentence that ends with it. */
export const passwordSlips = {
  placeholder: {
    en: `the command still said ${placeholder}`,
    ko: `명령에 ${josa(placeholder, '이라는/라는')} 말이 그대로 남아 있었습니다`,
  },
  still_encoded: {
    en: 'the password arrived percent-encoded twice. --data-urlencode encodes it already: give it the password as a person types it',
    ko: '비밀번호가 구간에 적힌 모양 그대로 왔습니다. 폼에서는 일부 문자를 %와 두 자리로 적는데, --data-urlencode가 이 변환을 직접 합니다. 사람이 입력하는 그대로 넣으세요',
  },
  not_encoded: {
    en: 'the password arrived unencoded, but in a form &, + and % have a special meaning. --data sends it unchanged; --data-urlencode encodes it for a form',
    ko: '비밀번호를 사람이 입력하는 그대로 보냈는데, 폼에서 &, +, %는 다른 뜻입니다. --data는 받은 그대로 보내고, --data-urlencode는 폼의 방식으로 바꿔 보냅니다',
  },
  cut_by_shell: {
    en: `only the part before & arrived: the shell ended the command there. Put quotes around the password, as in sh try/… '${placeholder}'`,
    ko: `비밀번호가 & 앞까지만 왔습니다. 셸이 &에서 명령을 끝냈기 때문입니다. sh try/… '${placeholder}'처럼 비밀번호를 따옴표로 묶으세요`,
  },
  of_another: { en: 'that is the password of another user', ko: '다른 사람의 비밀번호입니다' },
} as const satisfies Record<string, Localized>;

export type PasswordSlip = keyof typeof passwordSlips;

/** A login attempt: the user and the password that were sent. */
export interface Attempt {
  readonly user: string;
  readonly password: string;
  /** The form as it came. */
  readonly form?: string;
}

/** The login in what a client sent in one piece; undefined where there is none. */
export function attemptIn(sent: Uint8Array): Attempt | undefined {
  const text = Buffer.from(sent.buffer, sent.byteOffset, sent.length).toString();
  const form = text.slice(text.lastIndexOf('\r\n\r\n') + 1).trimStart();
  const read = decodeLoginForm(form);
  return 'form' in read ? { user: read.form.username, password: read.form.password, form } : undefined;
}

export function wrongPasswordOf(
  { user, password, form }: Attempt,
  accounts: readonly Account[],
): PasswordSlip | undefined {
  if (password === placeholder) return 'placeholder';
  const right = accounts.find((account) => account.user === user)?.password;
  if (right !== undefined && password !== right) {
    if (password === encoded(right)) return 'still_encoded';
    if (form !== undefined && right.startsWith(`${password}&`) && !form.includes(right))
      return 'cut_by_shell';
    if (password === new URLSearchParams(`${field}=${right}`).get(field)) return 'not_encoded';
  }
  return accounts.some((account) => account.user !== user && account.password === password)
    ? 'of_another'
    : undefined;
}

const field = 'password';

/** As a form's body has it. */
function encoded(value: string): string {
  return new URLSearchParams({ [field]: value }).toString().slice(field.length + 1);
}
