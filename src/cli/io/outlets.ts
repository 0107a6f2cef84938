/**
 * What a command writes beside its report: a capture for Wireshark, a key log, and lines. Files are opened before anything
 * runs: what cannot be written is said before, not after.
 */
import type { CaptureEvent } from '../../capture/event.ts';
import type { KeylogFile } from '../../capture/file/keylog-file.ts';
import type { PcapngSpool } from '../../capture/file/pcapng-writer.ts';
import type { Localized } from '../../i18n/language.ts';
import { UserError } from '../../i18n/user-error.ts';
import type { Environment, OptionTable, Parsed } from '../command.ts';

/** The options that name them. */
export const fileOptions: OptionTable = {
  write: {
    short: 'w',
    value: 'FILE.pcapng',
    help: {
      en: 'write what the wires carried, for Wireshark; while recording it is FILE.partial, readable even after a crash',
      ko: '전송 구간의 내용을 Wireshark용 파일로 저장. 기록 중인 FILE.partial은 강제 종료 뒤에도 읽을 수 있습니다',
    },
  },
  'with-secrets': {
    help: {
      en: 'put the keys that open it into that file (mode 0600; FILE.partial.keys while recording), or into --json',
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

/** Throws a `UserError` when secrets are asked for and nothing is written that could hold them. */
export function checkSecrets(command: string, parsed: Parsed): void {
  if (!parsed.flag('with-secrets') || parsed.text('write') !== undefined || parsed.flag('json')) return;
  throw new UserError({
    what: {
      en: '--with-secrets has nowhere to put the keys',
      ko: '--with-secrets 옵션의 키를 저장할 곳이 없습니다',
    },
    where: `wirelab ${command}`,
    expected: { en: '-w FILE.pcapng or --json beside it', ko: '-w FILE.pcapng 또는 --json 옵션과 함께' },
    received: '--with-secrets',
  });
}

/** A person at a terminal that can be drawn on. Standard input costs 2 ms to open, so it is asked last. */
export function isForScreen(parsed: Parsed, environment: Environment): boolean {
  if (parsed.flag('no-tui') || parsed.flag('json') || environment.variables['TERM'] === 'dumb') return false;
  return environment.stdout.isTTY && environment.stdin.isTTY;
}

export interface Files {
  readonly folds: readonly ((event: CaptureEvent) => void)[];
  /** The capture while it grows: what is no longer in memory can be read back from it. */
  readonly recording?: string;
  /** Puts everything in place; a second call does nothing. */
  finish(): void;
  /** Leaves nothing half-written behind. */
  close(): void;
}

/** @param onFailure told while the program goes on, when nothing more can be recorded; `finish` throws the same. */
export async function openFiles(
  parsed: Parsed,
  environment: Environment,
  onFailure?: (mistake: UserError) => void,
): Promise<Files> {
  const { variables, language } = environment;
  const keylogPath = parsed.text('keylog') ?? (variables['SSLKEYLOGFILE'] || undefined);
  const capturePath = parsed.text('write');
  let keylog: KeylogFile | undefined;
  let capture: PcapngSpool | undefined;
  const warn = (words: Localized): void => void environment.stderr.write(`wirelab: ${words[language]}\n`);
  const withSecrets = parsed.flag('with-secrets');
  if (capturePath !== undefined) {
    const { PcapngSpool } = await import('../../capture/file/pcapng-writer.ts');
    capture = new PcapngSpool(capturePath, { withSecrets, ...(onFailure ? { onFailure } : {}) });
    if (withSecrets)
      warn({
        en: `${capturePath} will hold the keys that open it; only you can read it`,
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
      en: `whoever reads ${keylogPath} can open these conversations; only you can read it`,
      ko: `${keylogPath} 파일을 읽는 사람은 이 통신을 복호화할 수 있습니다. 본인만 읽을 수 있습니다`,
    });
  }
  let finished = false;
  return {
    folds: [capture?.fold, keylog?.fold].filter((fold) => fold !== undefined),
    ...(capture ? { recording: capture.partial } : {}),
    finish() {
      finished = true;
      keylog?.close();
      // Of what never began there is nothing to keep: what lay there before does.
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

/** Characters of lines that wait for the end of the moment. */
const longestPending = 256 * 1024;

/** Lines that belong to one moment leave in one piece: a system call a line is what a start can be spared. */
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
