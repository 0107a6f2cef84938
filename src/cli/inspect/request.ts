/**
 * What is to be inspected: the file's bytes, the keys that come with it, and which connection is meant. Read whole before
 * anything is shown; a file that cannot be used is a `Mistake` that names it.
 */
import { verbatim } from '../../i18n/language.ts';
import { Mistake } from '../../i18n/mistake.ts';
import type { Environment, Parsed } from '../command.ts';
import { readBytes } from '../read-file.ts';

export interface InspectRequest {
  /** As it was named. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Standard input was read: nobody can type. */
  readonly fromInput: boolean;
  /** NSS key log lines. */
  readonly keylog: readonly string[];
  /** RSA private keys of servers, PEM, with the names of their files. */
  readonly rsaKeys: readonly { readonly name: string; readonly pem: Uint8Array }[];
  /** Number of the connection that is meant; all where it is undefined. */
  readonly stream: number | undefined;
}

const where = 'wirelab inspect';

/** In bytes; what a Buffer holds. A key file is never large. */
const largest = { capture: 2 ** 31 - 1, keys: 256 * 1024 * 1024 } as const;

export async function readRequest(parsed: Parsed, { variables, stdin }: Environment): Promise<InspectRequest> {
  const [name, ...more] = parsed.operands;
  if (name === undefined || more.length > 0) {
    throw new Mistake({
      what: name === undefined ? { en: 'which file?', ko: '어떤 파일을 볼까요?' } : { en: 'inspect takes one file at a time', ko: '한 번에 파일 하나만 봅니다' },
      where,
      expected: { en: 'a capture file, or - for standard input', ko: '캡처 파일, 표준 입력은 -' },
      ...(more.length > 0 ? { received: parsed.operands.join(' ') } : {}),
    });
  }
  const number = parsed.text('stream');
  if (number !== undefined && !/^[1-9]\d{0,8}$/.test(number)) {
    throw new Mistake({ what: { en: '--stream is no number of a connection', ko: '--stream 값이 연결 번호가 아닙니다' }, where, expected: verbatim('1, 2, 3 …'), received: number });
  }
  const keylogFile = parsed.text('keylog') ?? (variables['SSLKEYLOGFILE'] || undefined);
  const keylog = keylogFile === undefined ? [] : Buffer.from(readBytes(keylogFile, largest.keys)).toString('latin1').split(/\r?\n/).filter((line) => line !== '' && !line.startsWith('#'));
  const fromInput = name === '-';
  return { name, bytes: fromInput ? await inputBytes(stdin) : readBytes(name, largest.capture), fromInput, keylog, rsaKeys: parsed.all('rsa-key').map((path) => ({ name: path, pem: readBytes(path, largest.keys) })), stream: number === undefined ? undefined : Number(number) };
}

async function inputBytes(stdin: NodeJS.ReadStream): Promise<Uint8Array> {
  const parts: Buffer[] = [];
  for await (const part of stdin) parts.push(part as Buffer);
  return Buffer.concat(parts);
}
