/**
 * Checks who can read a file with a private key, from the permission bits alone; root can read it in any case, and a
 * backup of it has its own permissions.
 */

/** The POSIX permission bits beyond the owner's. */
export interface Readers {
  readonly group: boolean;
  readonly others: boolean;
}

/** @param mode as from stat(); the bits above the permissions are ignored. */
export function readersOf(mode: number): Readers {
  return { group: (mode & 0o040) !== 0, others: (mode & 0o004) !== 0 };
}

/** Whether group or others have any access: reading the key or replacing it. */
export function isOpenToOthers(mode: number): boolean {
  return (mode & 0o077) !== 0;
}

/** Permissions as `ls -l` prints them: `-rw-------`. */
export function permissionText(mode: number): string {
  const digit = (bits: number): string =>
    `${bits & 4 ? 'r' : '-'}${bits & 2 ? 'w' : '-'}${bits & 1 ? 'x' : '-'}`;
  return `-${[mode >> 6, mode >> 3, mode].map(digit).join('')}`;
}
