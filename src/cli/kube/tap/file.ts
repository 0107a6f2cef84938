/** The configuration that a tap writes for kubectl: only for its user, never over another file, removed at the end. */
import { withoutBrackets } from '../../../core/ip-version.ts';
import { accessSync, constants, lstatSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { UserError } from '../../../i18n/user-error.ts';

/** The first line of a configuration that was written here. */
export const heading =
  '# Made by wirelab kube tap, and removed when it ends. It has the keys of your credentials: do not share it.\n';

export interface WrittenConfig {
  /** @throws UserError */
  replace(text: string): void;
  /** Only what was written here, not what another tap has put in its place. */
  remove(): void;
}

/** The text of a file that was written here; undefined for any other, also for a symbolic link. */
function ownText(file: string): string | undefined {
  try {
    if (!lstatSync(file).isFile()) return undefined;
    const text = readFileSync(file, 'utf8');
    return text.startsWith(heading) ? text : undefined;
  } catch {
    return undefined;
  }
}

/** It was written by a tap, whether that still runs or not. */
export const isTapConfig = (file: string): boolean => ownText(file) !== undefined;

function refuseForeign(file: string): void {
  try {
    lstatSync(file);
  } catch {
    return;
  }
  if (ownText(file) !== undefined) return;
  throw new UserError({
    what: {
      en: 'there is another file of this name, and it is not overwritten',
      ko: '같은 이름의 다른 파일이 있어 덮어쓰지 않습니다',
    },
    where: file,
    remedy: another,
  });
}

/** @throws UserError if there is another file of that name, the tap that wrote it still runs, or its folder cannot be written. */
export async function refuseTaken(file: string): Promise<void> {
  refuseForeign(file);
  writing(file, () => accessSync(dirname(file), constants.W_OK | constants.X_OK));
  const [, host, port] = /^ +server: "?https:\/\/(\[[^\]]+\]|[^:/"]+):(\d+)/m.exec(ownText(file) ?? '') ?? [];
  if (host === undefined || !(await answers(withoutBrackets(host), Number(port)))) return;
  throw new UserError({
    what: {
      en: 'another kube tap is running with this file',
      ko: '다른 kube tap이 이 파일을 쓰고 있습니다',
    },
    where: file,
    remedy: another,
  });
}

const another = { en: 'Name another one with --out FILE.', ko: '--out FILE로 다른 이름을 지정하세요.' };

/** In milliseconds; loopback answers at once. */
const patience = 1000;

async function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: patience });
    const end = (isThere: boolean): void => {
      socket.destroy();
      resolve(isThere);
    };
    socket
      .once('connect', () => end(true))
      .once('timeout', () => end(false))
      .once('error', () => end(false));
  });
}

/** @throws UserError if there is another file of that name, or it cannot be written. */
export function writeConfig(file: string, text: string): WrittenConfig {
  refuseForeign(file);
  let written = text;
  writing(file, () => {
    rmSync(file, { force: true });
    writeFileSync(file, text, { mode: 0o600, flag: 'wx' });
  });
  const isStill = (): boolean => ownText(file) === written;
  return {
    replace(next) {
      if (next === written || !isStill()) return;
      // kubectl may read it at any time.
      const beside = `${file}.${process.pid}`;
      writing(file, () => {
        writeFileSync(beside, next, { mode: 0o600, flag: 'wx' });
        renameSync(beside, file);
      });
      written = next;
    },
    remove() {
      if (isStill()) rmSync(file, { force: true });
    },
  };
}

function writing(file: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    throw new UserError(
      {
        what: {
          en: 'the configuration for kubectl cannot be written',
          ko: 'kubectl 설정 파일을 쓸 수 없습니다',
        },
        where: file,
        received: (error as NodeJS.ErrnoException).code ?? String(error),
        remedy: another,
      },
      { cause: error },
    );
  }
}
