/**
 * Writes a private key to a file in a folder that only its owner can enter, sets the file's permissions, and reports what
 * they would let others do. Both are deleted after the report. Access by other accounts is derived, not tried: wirelab does
 * not switch users.
 */
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Observation } from '../../capture/event.ts';
import { isOpenToOthers, permissionText, readersOf } from '../../pki/keystore/key-file.ts';

type Report = Extract<Observation, { kind: 'key-file' }>;

export interface Kept {
  /** The certificate that the key belongs to. */
  readonly name: string;
  /** PEM. */
  readonly key: string;
}

/**
 * The report states the permissions that the file system applied, not those requested.
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
