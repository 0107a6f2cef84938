/**
 * Writes the key log file (`--keylog`, SSLKEYLOGFILE): NSS key log lines, appended as they are generated, for Wireshark
 * to follow. Anyone who can read it can decrypt the connections, so it has mode 0600 from the first byte, and is set to
 * that if it existed. Symbolic links are not followed.
 */
import { closeSync, constants, fchmodSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import type { CaptureEvent } from '../event.ts';
import { isLink, unwritable } from './output-file.ts';

export class KeylogFile {
  readonly path: string;
  readonly #flag: string;
  readonly #descriptor: number;
  readonly #written = new Set<string>();
  #failure: unknown;
  #open = true;

  /** @throws UserError when the file cannot be written. */
  constructor(path: string, options: { readonly flag?: string } = {}) {
    this.path = path;
    this.#flag = options.flag ?? '--keylog';
    if (isLink(path)) throw unwritable(path, this.#flag, 'ISLINK');
    try {
      this.#descriptor = openForAppending(path);
    } catch (error) {
      throw unwritable(path, this.#flag, error);
    }
  }

  /** Lines that were written. */
  get lines(): number {
    return this.#written.size;
  }

  /** Writes each line once: client and server may both report it. A disk that is full is reported by `close`. */
  readonly fold = (event: CaptureEvent): void => {
    if (event.type !== 'keylog' || !this.#open || this.#failure) return;
    const line = event.line.trim();
    if (this.#written.has(line)) return;
    try {
      writeSync(this.#descriptor, `${line}\n`);
      this.#written.add(line);
    } catch (error) {
      this.#failure = error;
    }
  };

  /** @throws UserError when a line could not be written. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    closeSync(this.#descriptor);
    if (this.#failure) throw unwritable(this.path, this.#flag, this.#failure);
  }
}

/** A pipe or a device is left as it is; a regular file is made 0600 and its last line is ended. */
function openForAppending(path: string): number {
  let descriptor: number;
  // Nor one that was put there meanwhile.
  const noLinks = /^\/(?:dev|proc)\//.test(path) ? 0 : constants.O_NOFOLLOW;
  try {
    descriptor = openSync(path, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | noLinks, 0o600);
  } catch (error) {
    // A pipe that is written to only.
    if (
      (error as NodeJS.ErrnoException).code !== 'ENXIO' &&
      (error as NodeJS.ErrnoException).code !== 'EACCES'
    )
      throw error;
    descriptor = openSync(path, constants.O_WRONLY | constants.O_APPEND, 0o600);
  }
  const found = fstatSync(descriptor);
  if (!found.isFile()) return descriptor;
  if ((found.mode & 0o077) !== 0) fchmodSync(descriptor, 0o600);
  const last = new Uint8Array(1);
  if (found.size > 0 && readSync(descriptor, last, 0, 1, found.size - 1) === 1 && last[0] !== 0x0a)
    writeSync(descriptor, '\n');
  return descriptor;
}
