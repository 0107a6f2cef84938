/**
 * Reads the request of `wirelab inspect`: the file, its keys, and the selected connection. Everything is opened before
 * anything is shown; an unusable file is a `UserError` that names it.
 */
import { latin1Text } from '../../core/bytes.ts';
import { flowConnection, flowKinds } from '../../capture/stream-number.ts';
import { existsSync, statSync } from 'node:fs';
import { partialKeysOf, partialOf } from '../../capture/file/pcapng-writer.ts';
import { isKeySource } from '../../protocols/tls/keys/key-sources.ts';
import { keylogLines, readKeylogLine } from '../../protocols/tls/keys/keylog.ts';
import { verbatim } from '../../i18n/language.ts';
import { UserError } from '../../i18n/user-error.ts';
import { safeText } from '../../i18n/safe.ts';
import type { CaptureBundle } from '../../ui/bundle/limits.ts';
import type { ExplorerOptions } from '../../ui/html/bytes/explorer.ts';
import type { Environment, Parsed } from '../command.ts';
import { readBytes } from '../../i18n/read-file.ts';
import { inputOf, joinedInput, mostFiles, openInput } from './input.ts';
import type { CaptureInput } from './input.ts';

export interface InspectRequest {
  /** The name as given; of several files all of them. */
  readonly name: string;
  readonly input: CaptureInput;
  /** Several files, which are read together; undefined for one. */
  readonly files?: readonly CaptureFile[];
  /** What was saved of it, in the place of a file. */
  readonly bundle?: CaptureBundle;
  /** Where bytes of it were replaced. */
  readonly redacted?: ExplorerOptions['redacted'];
  /** Standard input is the capture, so there are no key presses. */
  readonly fromInput: boolean;
  /** NSS key log lines. */
  readonly keylog: readonly string[];
  /** The file that was named for them; undefined where they come from the environment. */
  readonly keylogName: string | undefined;
  /** RSA private keys of servers, PEM, with their file names. */
  readonly rsaKeys: readonly { readonly name: string; readonly pem: Uint8Array }[];
  /** Session ticket keys of servers, as they are in their files. */
  readonly ticketKeys: readonly { readonly name: string; readonly bytes: Uint8Array }[];
  /** The number of the selected connection; undefined for all. */
  readonly stream: number | undefined;
}

export interface CaptureFile {
  readonly name: string;
  readonly input: CaptureInput;
}

/** In bytes. A key file is never large. */
const largestKeys = 256 * 1024 * 1024;

/** @param command that reads the capture: for its errors */
export function readRequest(parsed: Parsed, environment: Environment, command = 'inspect'): InspectRequest {
  const where = `wirelab ${command}`;
  const { variables } = environment;
  const names = parsed.operands;
  const [name] = names;
  if (name === undefined)
    throw new UserError({
      what: { en: 'missing capture file', ko: '어떤 파일을 볼까요?' },
      where,
      expected: { en: 'a capture file, or - for standard input', ko: '캡처 파일, 표준 입력은 -' },
    });
  if (names.length > 1) checkSeveral(parsed, where);
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
  const named = parsed.all('keylog');
  const keylog = [
    ...(named.length > 0 ? named : [undefined]).flatMap((path) => keylogOf(path, variables['SSLKEYLOGFILE'])),
    ...((named.length === 0 || names.length > 1) && !fromInput ? names.flatMap(keysBeside) : []),
  ];
  const rsaKeys = parsed.all('rsa-key').map((path) => ({ name: path, pem: readBytes(path, largestKeys) }));
  const ticketKeys = parsed
    .all('ticket-key')
    .map((path) => ({ name: path, bytes: readBytes(path, largestKeys) }));
  const files = fromInput ? [] : openAll(names, where);
  const [first] = files;
  return {
    name: names.join(', '),
    input: !first ? inputOf(environment.stdin) : files.length > 1 ? joinedInput(files) : first.input,
    ...(files.length > 1 ? { files } : {}),
    fromInput,
    keylog,
    keylogName: named.length > 0 ? named.join(', ') : undefined,
    rsaKeys,
    ticketKeys,
    stream: number === undefined ? undefined : connectionNumbered(number),
  };
}

/** Those that are opened already are closed where one cannot be. */
function openAll(names: readonly string[], where: string): readonly CaptureFile[] {
  const files: CaptureFile[] = [];
  try {
    for (const name of names) files.push({ name, input: openInput(name) });
  } catch (error) {
    for (const { input } of files) input.close();
    throw error;
  }
  const pipe = files.find(({ input }) => !input.canRewind);
  if (!pipe || files.length === 1) return files;
  for (const { input } of files) input.close();
  throw pipeAmongSeveral(pipe.name, where);
}

/** Of several files none is standard input, and tshark reads one. */
function checkSeveral(parsed: Parsed, where: string): void {
  if (parsed.operands.includes('-')) throw pipeAmongSeveral('-', where);
  if (parsed.operands.length > mostFiles)
    throw new UserError({
      what: { en: 'too many capture files', ko: '캡처 파일이 너무 많습니다' },
      where,
      expected: { en: `at most ${mostFiles}`, ko: `${mostFiles}개 이하` },
      received: String(parsed.operands.length),
    });
  if (!parsed.flag('tshark')) return;
  throw new UserError({
    what: {
      en: '--tshark asks about one file at a time',
      ko: '--tshark는 한 번에 파일 하나만 다룹니다',
    },
    where,
    received: parsed.operands.join(' '),
  });
}

function pipeAmongSeveral(name: string, where: string): UserError {
  return new UserError({
    what: {
      en: 'several captures are read more than once: none of them can be a pipe',
      ko: '여러 캡처를 함께 볼 때는 파일을 여러 번 읽습니다. 파이프는 쓸 수 없습니다',
    },
    where,
    expected: { en: 'files', ko: '파일' },
    received: name,
  });
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
    // A path with which nothing can be found is a mistake in the capture's own path, which is reported where that is opened.
    if (!existsSync(name)) return [];
    const facts = statSync(name, { throwIfNoEntry: false });
    if (!facts?.isFile() || facts.size > largestKeys) return [];
    try {
      const lines = keylogLines(latin1Text(readBytes(name, largestKeys)));
      return hasKeys(lines) ? lines : [];
    } catch (error) {
      // Those of another user: the capture is read without them.
      if (error instanceof UserError) return [];
      throw error;
    }
  });
}

const hasKeys = (lines: readonly string[]): boolean =>
  lines.some((line) => readKeylogLine(line) ?? isKeySource(line));

/**
 * @param named the file given by option; `usual` is the one in SSLKEYLOGFILE, which need not exist yet.
 */
function keylogOf(named: string | undefined, usual: string | undefined): readonly string[] {
  const path = named ?? usual;
  if (path === undefined || path === '' || (named === undefined && !existsSync(path))) return [];
  const text = latin1Text(readBytes(path, largestKeys));
  const lines = keylogLines(text);
  if (lines.length > 0 && !hasKeys(lines)) {
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
