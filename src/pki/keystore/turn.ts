/** The turn of one process among those that make or change certificates in a place: a lock, and who has it when it is not given back. */
import { LockHeld, takeLock } from '../../core/file-lock.ts';
import type { Release } from '../../core/file-lock.ts';
import { UserError } from '../../i18n/user-error.ts';

/** Waits for the turn. @throws UserError when another process keeps it, and what the system says where the lock cannot be written. */
export async function takeTurn(lock: string, patience?: number): Promise<Release> {
  try {
    return await takeLock(lock, patience);
  } catch (error) {
    if (!(error instanceof LockHeld)) throw error;
    const { pid } = error.holder;
    throw new UserError(
      {
        what: {
          en: 'another wirelab process is at work here and does not finish',
          ko: '다른 wirelab 프로세스가 이 위치에서 작업 중이며 끝나지 않습니다',
        },
        where: lock,
        received: `process ${pid}`,
        remedy: {
          en: `It may be stopped (Ctrl-Z): continue it with fg in its terminal, or end it: kill ${pid}`,
          ko: `Ctrl-Z로 멈춰 있을 수 있습니다. 그 터미널에서 fg로 계속하거나 종료하세요: kill ${pid}`,
        },
      },
      { cause: error },
    );
  }
}
