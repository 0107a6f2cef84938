/** Protocols of lines of text, and those that begin with a word. */
import type { Start } from './start.ts';
import type { Signature, SightingTitle } from './signature.ts';

/** What stands in the first place of a pattern. */
const found = ({ text }: Start, pattern: RegExp): string | undefined => {
  const match = pattern.exec(text);
  return match ? (match[1] ?? '').trim().slice(0, 60) : undefined;
};

const amqpVersions: Readonly<Record<string, string>> = {
  '\0\0\u0009\u0001': '0-9-1',
  '\u0001\u0001\0\u000a': '0-10',
  '\u0001\u0001\u0008\0': '0-8',
  '\0\u0001\0\0': '1.0',
  '\u0002\u0001\0\0': '1.0, TLS follows',
  '\u0003\u0001\0\0': '1.0, SASL follows',
};

/** In the middle of a connection of AMQP 0-9-1: a method of a known class, or the head of a message, and the mark of its end. */
function readAmqpFrame(start: Start): SightingTitle | undefined {
  const [type, size, kind] = [start.u8(0), start.u32(3), start.u16(7)];
  if ((type !== 1 && type !== 2) || start.u8(7 + size) !== 0xce || size < 4) return undefined;
  if (type === 2) return kind === 60 && start.u16(9) === 0 ? { en: 'content', ko: '내용' } : undefined;
  const isMethod = [10, 20, 40, 50, 60, 85, 90].includes(kind) && start.u16(9) >= 10 && start.u16(9) <= 120;
  return isMethod ? { en: 'method', ko: '메서드' } : undefined;
}

export const textRows: readonly Signature[] = [
  {
    id: 'ssh',
    label: 'SSH',
    over: 'tcp',
    note: {
      en: 'the versions are plain, then keys of its own encrypt it',
      ko: '버전만 평문이며 그 뒤는 SSH의 키로 암호화됨',
    },
    read: (start) => found(start, /^SSH-((?:1\.\d+|2\.0)-[ -~]{1,250})\r?\n/),
  },
  {
    id: 'amqp',
    label: 'AMQP',
    over: 'tcp',
    note: { en: 'the password is plain where SASL PLAIN is used', ko: 'SASL PLAIN이면 비밀번호가 평문' },
    read: (start) => (start.says(0, 'AMQP') ? amqpVersions[start.text.slice(4, 8)] : readAmqpFrame(start)),
  },
];
