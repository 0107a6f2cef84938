/**
 * Opens the files that a command writes beside its report (a capture for Wireshark, a key log) and buffers output
 * lines. Files are opened before anything runs, so that an unwritable file is reported at once.
 */
import { defined } from '../../core/defined.ts';
import type { CaptureEvent } from '../../capture/event.ts';
import type { KeylogFile } from '../../capture/file/keylog-file.ts';
import type { InterfaceFacts } from '../../capture/file/pcapng-blocks.ts';
import type { PcapngSpool } from '../../capture/file/pcapng-writer.ts';
import type { Localized } from '../../i18n/language.ts';
import { UserError } from '../../i18n/user-error.ts';
import type { Environment, OptionTable, Parsed } from '../command.ts';
import { warningLine } from './user-error-text.ts';

/** The options for these files. */
export const fileOptions: OptionTable = {
  write: {
    short: 'w',
    value: 'FILE.pcapng',
    help: {
      en: 'write the captured traffic for Wireshark; while recording, it is FILE.partial, readable even after a crash',
      ko: '전송 구간의 내용을 Wireshark용 파일로 저장. 기록 중인 FILE.partial은 강제 종료 뒤에도 읽을 수 있습니다',
    },
  },
  'with-secrets': {
    help: {
      en: 'include the decryption keys in that file (mode 0600; FILE.partial.keys while recording) or in --json',
      ko: '복호화 키도 그 파일(권한 0600, 기록 중에는 FILE.partial.keys)이나 --json 출력에 넣기',
    },
  },
  keylog: {
    value: 'FILE',
    help: {
      en: 'append NSS key log lines (also: SSLKEYLOGFILE)',
      ko: 'NSS 키 로그를 덧붙여 저장(SSLKEYLOGFILE 환경 변수도 가능)',
    },
  },
};

/** Throws a `UserError` if secrets are requested without an output that can contain them. */
export function checkSecrets(command: string, parsed: Parsed): void {
  const isTaken =
    ['write', 'har', 'save'].some((name) => parsed.text(name) !== undefined) || parsed.flag('json');
  if (!parsed.flag('with-secrets') || isTaken) return;
  throw new UserError({
    what: {
      en: '--with-secrets needs an output for the keys',
      ko: '--with-secrets 옵션의 키를 저장할 곳이 없습니다',
    },
    where: `wirelab ${command}`,
    expected: { en: '-w FILE.pcapng or --json as well', ko: '-w FILE.pcapng 또는 --json 옵션과 함께' },
    received: '--with-secrets',
  });
}

/** Whether a person is at a terminal that supports drawing. Opening standard input costs 2 ms, so it is checked last. */
export function isForScreen(parsed: Parsed, environment: Environment): boolean {
  return !parsed.flag('no-tui') && !parsed.flag('json') && isOnTerminal(environment);
}

/** The same, whatever the options say. */
export function isOnTerminal(environment: Environment): boolean {
  return environment.variables['TERM'] !== 'dumb' && environment.stdout.isTTY && environment.stdin.isTTY;
}

export interface Files {
  readonly folds: readonly ((event: CaptureEvent) => void)[];
  /** Takes packets of the capture that were made elsewhere: the blocks of so many. */
  readonly packets?: (blocks: Uint8Array, count: number) => void;
  /** The capture while it grows: data that is no longer in memory can be read back from it. */
  readonly recording?: string;
  /** Puts all files in place; a second call does nothing. */
  finish(): void;
  /** Discards half-written files. */
  close(): void;
}

/** Nothing is written. */
export const noFiles: Files = { folds: [], finish: () => {}, close: () => {} };

/**
 * @param onFailure called if recording fails while the program continues; `finish` throws the same error
 * @param hasExperiments the connections are those of a diagnosis or a proof
 * @param interfaces where the packets of the capture come from, if they are real ones: none are synthesized then
 */
export async function openFiles(
  parsed: Parsed,
  environment: Environment,
  onFailure?: (mistake: UserError) => void,
  interfaces?: readonly InterfaceFacts[],
  hasExperiments?: boolean,
): Promise<Files> {
  const { variables, language } = environment;
  const keylogPath = parsed.text('keylog') ?? (variables['SSLKEYLOGFILE'] || undefined);
  const capturePath = parsed.text('write');
  let keylog: KeylogFile | undefined;
  let capture: PcapngSpool | undefined;
  const warn = (words: Localized): void => void environment.stderr.write(warningLine(words, language));
  const withSecrets = parsed.flag('with-secrets');
  if (capturePath !== undefined) {
    const { PcapngSpool } = await import('../../capture/file/pcapng-writer.ts');
    capture = new PcapngSpool(capturePath, defined({ withSecrets, onFailure, interfaces, hasExperiments }));
    if (withSecrets)
      warn({
        en: `${capturePath} will contain the keys that decrypt it; only you can read the file`,
        ko: `${capturePath} 파일에 복호화 키가 들어갑니다. 본인만 읽을 수 있습니다`,
      });
  }
  if (keylogPath !== undefined) {
    const { KeylogFile } = await import('../../capture/file/keylog-file.ts');
    try {
      keylog = new KeylogFile(keylogPath, {
        flag: parsed.text('keylog') === undefined ? 'SSLKEYLOGFILE' : '--keylog',
      });
    } catch (error) {
      capture?.abort();
      throw error;
    }
    warn({
      en: `anyone who can read ${keylogPath} can decrypt these connections; only you can read the file`,
      ko: `${keylogPath} 파일을 읽는 사람은 이 통신을 복호화할 수 있습니다. 본인만 읽을 수 있습니다`,
    });
  }
  let finished = false;
  return {
    folds: [capture?.fold, keylog?.fold].filter((fold) => fold !== undefined),
    ...(capture ? { packets: capture.blocks } : {}),
    ...(capture && !interfaces ? { recording: capture.partial } : {}),
    finish() {
      finished = true;
      keylog?.close();
      // If nothing was recorded there is nothing to keep: an earlier file stays.
      if (capture?.isEmpty) capture.abort();
      else capture?.close();
    },
    close() {
      if (finished) return;
      capture?.abort();
      keylog?.close();
    },
  };
}

/** Buffered characters until the end of the current turn. */
const longestPending = 256 * 1024;

/** Writes the lines of one turn together: one system call per line would slow down the start. */
export function lineWriter(environment: Pick<Environment, 'stdout'>): (line: string) => void {
  let pending = '';
  const flush = (): void => {
    if (pending !== '') environment.stdout.write(pending);
    pending = '';
  };
  return (line) => {
    if (pending === '') queueMicrotask(flush);
    pending += `${line}\n`;
    if (pending.length > longestPending) flush();
  };
}

/** How long a busy program gathers lines, in milliseconds. */
const gatherFor = 16;
/** With so much unwritten, in bytes, the reader of the output is slower than the program. */
const mostUnwritten = 4 * 1024 * 1024;

/** Called where the reader of the output falls behind, and once it has caught up. */
export interface SlowReader {
  readonly onBehind: () => void;
  readonly onCaughtUp: () => void;
}

export interface LineGatherer {
  readonly write: (line: string) => void;
  /** Writes what is left at once; the gatherer is not used again. */
  readonly end: () => void;
}

/**
 * Writes lines at the end of their turn, but at most once in 16 ms: a program with thousands of connections a second would
 * make a system call for each. What was gathered is written on every way out that the process itself takes.
 */
export function gatherLines(environment: Pick<Environment, 'stdout'>, slow?: SlowReader): LineGatherer {
  let pending = '';
  let timer: NodeJS.Timeout | undefined;
  let isPlanned = false;
  let isBehind = false;
  const flush = (): void => {
    isPlanned = false;
    const lines = pending;
    pending = '';
    if (lines === '') return;
    const { stdout } = environment;
    if (stdout.write(lines) || isBehind || !slow || stdout.writableLength < mostUnwritten) return;
    isBehind = true;
    slow.onBehind();
    stdout.once('drain', () => {
      isBehind = false;
      slow.onCaughtUp();
    });
  };
  const flushAndGather = (): void => {
    timer = pending === '' ? undefined : setTimeout(flushAndGather, gatherFor).unref();
    flush();
  };
  process.on('exit', flush);
  return {
    write(line) {
      pending += `${line}\n`;
      if (pending.length > longestPending) flush();
      else if (!timer && !isPlanned) {
        isPlanned = true;
        queueMicrotask(flushAndGather);
      }
    },
    end() {
      clearTimeout(timer);
      process.off('exit', flush);
      flush();
    },
  };
}

/** Applies backpressure: output that the reader has not consumed must not pile up. */
export async function untilWritten({ stdout }: Pick<Environment, 'stdout'>): Promise<void> {
  // What `once` of node:events adds would take the error of a reader that has left, which ends the program.
  if (stdout.writableNeedDrain) await new Promise((resolve) => void stdout.once('drain', resolve));
}
