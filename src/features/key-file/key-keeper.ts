/**
 * The keeper of a private key: writes it to a file in a folder that only the keeper can enter, gives the file permissions,
 * and reports what they let others do. The file and its folder are gone when it has reported. What other accounts would do is
 * said and not done: nobody becomes another user here.
 */
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Observation } from '../../capture/event.ts';
import { isOpenToOthers, permissionText, readersOf } from '../../pki/keystore/key-file.ts';

type Report = Extract<Observation, { kind: 'key-file' }>;

export interface Kept {
  /** The certificate whose key it is. */
  readonly name: string;
  /** PEM. */
  readonly key: string;
}

/**
 * The report tells what the file system made of the permissions, not what was asked for.
 * @param asked permission bits: 0o600
 */
export function keepKey({ name, key }: Kept, asked: number, folder = tmpdir()): Report {
  const own = mkdtempSync(join(folder, 'wirelab-key-'));
  try {
    const file = join(own, `${name}.key`);
    writeFileSync(file, key, { flag: 'wx', mode: 0o600 });
    chmodSync(file, asked);
    const mode = statSync(file).mode & 0o777;
    return {
      kind: 'key-file',
      key: name,
      permissions: permissionText(mode),
      mode: `0${mode.toString(8).padStart(3, '0')}`,
      ...readersOf(mode),
      accepted: !isOpenToOthers(mode),
    };
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
}
