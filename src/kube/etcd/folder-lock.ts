/** One etcd at a time in a folder: the lock of a data folder, and what to say when another process holds it. */
import { join } from 'node:path';
import { makeFolder } from '../../capture/file/output-folder.ts';
import { tryLock } from '../../core/file-lock.ts';
import type { Release } from '../../core/file-lock.ts';
import { UserError } from '../../i18n/user-error.ts';
import { josa } from '../../i18n/josa.ts';

/**
 * Makes the folder where it is missing and locks it.
 * @param name of the lock in it.
 * @throws UserError when another etcd is in the folder, of this process or another, and when it cannot be written to.
 */
export async function claimFolder(folder: string, name = 'lock'): Promise<Release> {
  try {
    makeFolder(folder, 0o700);
    const taken = await tryLock(join(folder, name));
    if (typeof taken === 'function') return taken;
    throw inUse(join(folder, name), taken.pid);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof UserError || code === undefined) throw error;
    throw new UserError(
      {
        what: {
          en: 'etcd cannot store data in this folder',
          ko: 'etcd가 이 폴더에 데이터를 저장할 수 없습니다',
        },
        where: folder,
        received: code,
        remedy: { en: 'Specify a writable folder.', ko: '쓸 수 있는 폴더를 지정하세요.' },
      },
      { cause: error },
    );
  }
}

function inUse(path: string, pid: number): UserError {
  return new UserError({
    what: {
      en: `another process runs an etcd in this folder: pid ${pid}`,
      ko: `다른 프로세스 ${josa(pid, '이/가')} 이 폴더의 etcd를 사용하고 있습니다`,
    },
    where: path,
    remedy: {
      en: `End that process (pid ${pid}) first, or specify another folder.`,
      ko: `먼저 프로세스 ${josa(pid, '을/를')} 종료하거나 다른 폴더를 지정하세요.`,
    },
  });
}
