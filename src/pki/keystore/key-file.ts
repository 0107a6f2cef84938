/**
 * Who may read a file with a private key in it. It decides from the permission bits alone; whoever may do everything (root)
 * may read it whatever they say, and a backup of it has permissions of its own.
 */

/** What the bits of POSIX allow beyond the owner. */
export interface Readers {
  readonly group: boolean;
  readonly others: boolean;
}

/** @param mode as stat() has it; what stands above the permissions is ignored. */
export function readersOf(mode: number): Readers {
  return { group: (mode & 0o040) !== 0, others: (mode & 0o004) !== 0 };
}

/** Whether group or others may do anything at all with it: read it, or put another key in its place. */
export function isOpenToOthers(mode: number): boolean {
  return (mode & 0o077) !== 0;
}

/** A file's permissions as `ls -l` writes them: `-rw-------`. */
export function permissionText(mode: number): string {
  const digit = (bits: number): string =>
    `${bits & 4 ? 'r' : '-'}${bits & 2 ? 'w' : '-'}${bits & 1 ? 'x' : '-'}`;
  return `-${[mode >> 6, mode >> 3, mode].map(digit).join('')}`;
}
