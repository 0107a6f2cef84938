/**
 * A terminal without a window: an output that an emulator reads (@xterm/headless), and an input that a test types into.
 * It says what a person would see, cell by cell, and what the program asked the terminal to do.
 */
import headless, { type IBufferCell, type Terminal as Emulated } from '@xterm/headless';
import { PassThrough, Writable } from 'node:stream';
import { cellWidth } from '../../../../src/i18n/width.ts';
import { setImmediate as turn } from 'node:timers/promises';

/** A cell as it is shown. The right half of a wide character has no text. */
export interface Cell {
  readonly text: string;
  readonly width: number;
  readonly bold: boolean;
  readonly underline: boolean;
  readonly inverse: boolean;
  /** Number in the palette of 16 or 256; undefined is the terminal's own. */
  readonly foreground: number | undefined;
  readonly background: number | undefined;
}

/** How questions about the cursor are answered: by the emulator itself, by a terminal whose arrows and lines take two cells, or not. */
export type Answers = 'truly' | 'as a wide one' | 'never';

function wideAnswers(text: string): string {
  const asked = text.split('\x1b[6n').slice(0, -1);
  return asked
    .map(
      (before) => `\x1b[1;${cellWidth(before.split('\x1b[2K').at(-1) ?? '', { ambiguousAsWide: true }) + 1}R`,
    )
    .join('');
}

class FakeInput extends PassThrough {
  readonly isTTY = true;
  isRaw = false;

  setRawMode(raw: boolean): this {
    this.isRaw = raw;
    return this;
  }
}

class FakeOutput extends Writable {
  readonly isTTY = true;
  /** All that was written, at once; the emulator reads it later (`settled`). */
  log = '';

  columns: number;
  rows: number;
  readonly #emulated: Emulated;
  readonly #onWrite: (text: string) => void;

  constructor(
    emulated: Emulated,
    { columns, rows }: { columns: number; rows: number },
    onWrite: (text: string) => void,
  ) {
    super({ decodeStrings: false });
    this.#emulated = emulated;
    this.#onWrite = onWrite;
    this.columns = columns;
    this.rows = rows;
  }

  override _write(chunk: string | Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.log += chunk.toString();
    this.#emulated.write(chunk);
    this.#onWrite(chunk.toString());
    done();
  }
}

export class Emulator {
  readonly input = new FakeInput();
  readonly output: FakeOutput;
  /** Private modes that are set (DECSET), by number. */
  readonly modes = new Set<number>();
  /** What OSC 52 put there. */
  clipboard: string | undefined;
  title = '';
  readonly #emulated: Emulated;
  readonly #waiting = new Set<() => void>();

  constructor(columns = 80, rows = 24, answers: Answers = 'never') {
    this.#emulated = new headless.Terminal({ cols: columns, rows, allowProposedApi: true });
    this.output = new FakeOutput(this.#emulated, { columns, rows }, (text) => {
      if (answers === 'as a wide one') this.input.write(wideAnswers(text));
      for (const resolve of this.#waiting) resolve();
      this.#waiting.clear();
    });
    if (answers === 'truly') this.#emulated.onData((answer) => this.input.write(answer));
    this.#emulated.onTitleChange((title) => (this.title = title));
    const { parser } = this.#emulated;
    // Observed only: the emulator's own handlers run after these.
    parser.registerCsiHandler({ prefix: '?', final: 'h' }, (numbers) =>
      this.#note(numbers, (mode) => this.modes.add(mode)),
    );
    parser.registerCsiHandler({ prefix: '?', final: 'l' }, (numbers) =>
      this.#note(numbers, (mode) => this.modes.delete(mode)),
    );
    parser.registerOscHandler(52, (data) => {
      this.clipboard = Buffer.from(data.slice(data.indexOf(';') + 1), 'base64').toString();
      return true;
    });
    this.modes.add(25);
  }

  #note(numbers: readonly (number | number[])[], change: (mode: number) => unknown): boolean {
    for (const mode of numbers.flat()) change(mode);
    return false;
  }

  /** From now on it answers a question about its background. */
  reportBackground(colour: string): void {
    this.#emulated.parser.registerOscHandler(11, (data) => {
      if (data === '?') this.input.write(`\x1b]11;${colour}\x1b\\`);
      return true;
    });
  }

  get cursorHidden(): boolean {
    return !this.modes.has(25);
  }

  get alternate(): boolean {
    return this.#emulated.buffer.active.type === 'alternate';
  }

  get mouseTracking(): string {
    return this.#emulated.modes.mouseTrackingMode;
  }

  get keypad(): boolean {
    return this.#emulated.modes.applicationKeypadMode;
  }

  /** Typed input, for the listeners. */
  async type(keys: string | Buffer): Promise<void> {
    this.input.write(keys);
    do await turn();
    while (!this.input.isPaused() && this.input.readableLength + this.input.writableLength > 0);
  }

  /** As when a person drags the window's corner. */
  resize(columns: number, rows: number): void {
    this.#emulated.resize(columns, rows);
    this.output.columns = columns;
    this.output.rows = rows;
    this.output.emit('resize');
  }

  /** Resolves when everything written so far is on the screen. */
  settled(): Promise<void> {
    return new Promise((resolve) => this.#emulated.write('', resolve));
  }

  /** Resolves at the next write. */
  async wrote(): Promise<void> {
    return new Promise((resolve) => this.#waiting.add(resolve));
  }

  /** The lines as a person sees them, each padded to the last column. */
  screen(): string[] {
    const { active } = this.#emulated.buffer;
    return Array.from(
      { length: this.output.rows },
      (_, row) => active.getLine(active.baseY + row)?.translateToString(false, 0, this.output.columns) ?? '',
    );
  }

  cellsAt(row: number): Cell[] {
    const { active } = this.#emulated.buffer;
    const line = active.getLine(active.baseY + row);
    return Array.from({ length: this.output.columns }, (_, column) => cellOf(line?.getCell(column)));
  }
}

function cellOf(cell: IBufferCell | undefined): Cell {
  if (!cell) throw new RangeError('no such cell');
  return {
    text: cell.getChars() || (cell.getWidth() === 0 ? '' : ' '),
    width: cell.getWidth(),
    bold: cell.isBold() !== 0,
    underline: cell.isUnderline() !== 0,
    inverse: cell.isInverse() !== 0,
    foreground: cell.isFgDefault() ? undefined : cell.getFgColor(),
    background: cell.isBgDefault() ? undefined : cell.getBgColor(),
  };
}
