/** A file that is written in one go at the end: opened before anything runs, there as a whole or not at all. */
import { writeFileSync } from 'node:fs';
import { SiblingFile, isOutOfRoom, noRoom, unwritable } from '../../capture/file/output-file.ts';
import type { Localized } from '../../i18n/language.ts';

export class WholeFile {
  readonly #file: SiblingFile;
  readonly #flag: string;
  readonly #notWritten: Localized;

  /** @param notWritten said where there is no room for it. @throws UserError for a place where no file can be written. */
  constructor(path: string, flag: string, notWritten: Localized) {
    this.#file = new SiblingFile(path, flag);
    this.#flag = flag;
    this.#notWritten = notWritten;
  }

  get path(): string {
    return this.#file.path;
  }

  get isWritten(): boolean {
    return this.#file.isPlaced;
  }

  /** Puts it in place. @throws UserError where there is no room; an earlier file stays then. */
  write(content: string | Uint8Array): void {
    try {
      writeFileSync(this.#file.descriptor, content);
      this.#file.place();
    } catch (error) {
      this.abandon();
      if (isOutOfRoom(error)) throw noRoom(`${this.#flag} ${this.path}`, this.#notWritten, error);
      throw unwritable(this.path, this.#flag, error);
    }
  }

  /** Nothing is left behind; after `write` it does nothing. */
  abandon(): void {
    this.#file.abandon();
  }
}
