/**
 * Reads the request of `wirelab inspect`: the file, its keys, and the selected connection. Everything is opened before
 * anything is shown; an unusable file is a `UserError` that names it.
 */
import { latin1Text } from '../../core/bytes.ts';
import { flowConnection, flowKinds } from '../../capture/stream-number.ts';
import { defined } from '../../core/defined.ts';
import { existsSync, statSync } from 'node:fs';
import { partialKeysOf, partialOf } from '../../capture/file/pcapng-writer.ts';
import { isKeySource } from '../../protocols/tls/keys/key-sources.ts';
import { keylogLines, readKeylogLine } from '../../protocols/tls/keys/keylog.ts';
import { verbatim } from '../../i18n/language.ts';
import { UserError } from '../../i18n/user-error.ts';
import { safeText } from '../../i18n/safe.ts';
import type { Environment, Parsed } from '../command.ts';
import { readBytes } from '../../i18n/read-file.ts';
import { inputOf, openInput } from './input.ts';
import type { CaptureInput } from './input.ts';

export interface InspectRequest {
  /** The name as given. */
  readonly name: string;
  readonly input: CaptureInput;
  /** Standard input is the capture, so there are no key presses. */
  readonly fromInput: boolean;
  /** NSS key log lines. */
  readonly keylog: readonly string[];
  /** The file that was named for them; undefined where they come from the environment. */
  readonly keylogName: string | undefined;
  /** RSA private keys of servers, PEM, with their file names. */
  readonly rsaKeys: readonly { readonly name: string; readonly pem: Uint8Array }[];
  /** The number of the selected connection; undefined for all. */
  readonly stream: number | undefined;
}

const where = 'wirelab inspect';

/** In bytes. A key file is never large. */
const largestKeys = 256 * 1024 * 1024;

export function readRequest(parsed: Parsed, environment: Environment): InspectRequest {
  const { variables } = environment;
  const [name, ...more] = parsed.operands;
  if (name === undefined || more.length > 0) {
    throw new UserError(
      defined({
        what:
          name === undefined
            ? { en: 'missing capture file', ko: '어떤 파일을 볼까요?' }
            : { en: 'inspect reads one file at a time', ko: '한 번에 파일 하나만 봅니다' },
        where,
        expected: { en: 'a capture file, or - for standard input', ko: '캡처 파일, 표준 입력은 -' },
        received: more.length > 0 ? parsed.operands.join(' ') : undefined,
      }),
    );
  }
  const number = parsed.text('stream');
  if (number !== undefined && !/^(?:0|[1-9]\d{0,8}|(?:udp|eapol):\d{1,8})$/.test(number)) {
    throw new UserError({
      what: {
        en: 'invalid value for --stream: not a connection number',
        ko: '--stream 값이 연결 번호가 아닙니다',
      },
      where,
      expected: verbatim('0, 1, 2 …, udp:0, udp:1 …'),
      received: number,
    });
  }
  const fromInput = name === '-';
  const named = parsed.text('keylog');
  const keylog = [
    ...keylogOf(named, variables['SSLKEYLOGFILE']),
    ...(named === undefined && !fromInput ? keysBeside(name) : []),
  ];
  const rsaKeys = parsed.all('rsa-key').map((path) => ({ name: path, pem: readBytes(path, largestKeys) }));
  return {
    name,
    input: fromInput ? inputOf(environment.stdin) : openInput(name),
    fromInput,
    keylog,
    keylogName: named,
    rsaKeys,
    stream: number === undefined ? undefined : connectionNumbered(number),
  };
}

function connectionNumbered(text: string): number {
  const kind = flowKinds.find((one) => text.startsWith(`${one}:`));
  return kind ? flowConnection(kind, Number(text.slice(kind.length + 1))) : Number(text);
}

/**
 * The keys that `-w FILE --with-secrets` writes beside FILE.partial while it records, and stay there if it is killed; and those
 * beside FILE. What is no key log has another purpose.
 */
function keysBeside(path: string): readonly string[] {
  const whole = path.endsWith(partialOf('')) ? path.slice(0, -partialOf('').length) : path;
  return [...new Set([`${path}.keys`, partialKeysOf(whole), `${whole}.keys`])].flatMap((name) => {
    const facts = statSync(name, { throwIfNoEntry: false });
    if (!facts?.isFile() || facts.size > largestKeys) return [];
    try {
      const lines = keylogLines(latin1Text(readBytes(name, largestKeys)));
      return lines.some((line) => readKeylogLine(line) ?? isKeySource(line)) ? lines : [];
    } catch (error) {
      // Those of another user: the capture is read without them.
      if (error instanceof UserError) return [];
      throw error;
    }
  });
}

/**
 * @param named the file given by option; `usual` is the one in SSLKEYLOGFILE, which need not exist yet.
 */
function keylogOf(named: string | undefined, usual: string | undefined): readonly string[] {
  const path = named ?? usual;
  if (path === undefined || path === '' || (named === undefined && !existsSync(path))) return [];
  const text = latin1Text(readBytes(path, largestKeys));
  const lines = keylogLines(text);
  if (lines.length > 0 && !lines.some((line) => readKeylogLine(line) ?? isKeySource(line))) {
    throw new UserError({
      what: { en: 'the key log contains no keys', ko: '키 로그에 키가 하나도 없습니다' },
      where: path,
      expected: {
        en: 'lines such as CLIENT_RANDOM, 64 hex digits, 96 hex digits',
        ko: 'CLIENT_RANDOM, 16진수 64자리, 16진수 96자리로 된 줄 등',
      },
      received: safeText(lines[0]?.slice(0, 40) ?? ''),
      remedy: {
        en: 'Specify the file that the client or the server writes its keys to (SSLKEYLOGFILE).',
        ko: '클라이언트나 서버가 키를 기록한 파일(SSLKEYLOGFILE)을 지정하세요.',
      },
    });
  }
  return lines;
}
