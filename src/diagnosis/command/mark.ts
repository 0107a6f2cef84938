/**
 * Marks a command and everything that it starts by a variable of their environment, so that what leaves its process group
 * (`setsid`, a double fork) is still found: on Linux, by `/proc/PID/environ`. What clears its environment is not.
 */
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';

/** Set for the commands that wirelab diagnoses. */
export const markName = 'WIRELAB_COMMAND';

export interface Mark {
  /** The variable; a command within a command carries both marks. */
  readonly variables: NodeJS.ProcessEnv;
  /** Processes that carry it, and have not ended; none where the system does not tell. */
  processes(): readonly number[];
}

export function newMark(around: NodeJS.ProcessEnv): Mark {
  const own = randomUUID();
  const before = around[markName];
  return {
    variables: { [markName]: before === undefined || before === '' ? own : `${before},${own}` },
    processes: () => processIds().filter((pid) => pid !== process.pid && isCarrying(pid, own)),
  };
}

function processIds(): readonly number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

/** What has ended and is not collected yet has no environment any more. */
function isCarrying(pid: number, mark: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1')
      .split('\0')
      .some(
        (one) =>
          one.startsWith(`${markName}=`) &&
          one
            .slice(markName.length + 1)
            .split(',')
            .includes(mark),
      );
  } catch {
    // It has ended, or is another user's.
    return false;
  }
}

/** The number of the process group that it is in (proc_pid_stat(5)); undefined where the system does not tell. */
export function groupOf(pid: number): number | undefined {
  try {
    // The name of the program may have any character in it, and ends with the last parenthesis.
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ');
    return Number(fields[2]);
  } catch {
    return undefined;
  }
}
