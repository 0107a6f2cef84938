/**
 * A terminal without a window: an output that an emulator reads (@xterm/headless), and an input that a test types into.
 * It says what a person would see, cell by cell, and what the program asked the terminal to do.
 */
import headless, { type IBufferCell, type Terminal as Emulated } from '@xterm/headless';
import { PassThrough, Writable } from 'node:stream';
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

  constructor(emulated: Emulated, columns: number, rows: number) {
    super({ decodeStrings: false });
    this.#emulated = emulated;
    this.columns = columns;
    this.rows = rows;
  }

  override _write(chunk: string | Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.log += chunk.toString();
    this.#emulated.write(chunk);
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

  constructor(columns = 80, rows = 24) {
    this.#emulated = new headless.Terminal({ cols: columns, rows, allowProposedApi: true });
    this.output = new FakeOutput(this.#emulated, columns, rows);
    this.#emulated.onTitleChange((title) => (this.title = title));
    const { parser } = this.#emulated;
    // Observed only: the emulator's own handlers run after these.
    parser.registerCsiHandler({ prefix: '?', final: 'h' }, (numbers) => this.#note(numbers, (mode) => this.modes.add(mode)));
    parser.registerCsiHandler({ prefix: '?', final: 'l' }, (numbers) => this.#note(numbers, (mode) => this.modes.delete(mode)));
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

  /** Typed, and read by whoever listens. */
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

  /** Resolves when all that was written so far stands on the screen. */
  settled(): Promise<void> {
    return new Promise((resolve) => this.#emulated.write('', resolve));
  }

  /** The lines as a person sees them, each padded to the last column. */
  screen(): string[] {
    const { active } = this.#emulated.buffer;
    return Array.from({ length: this.output.rows }, (_, row) => active.getLine(active.baseY + row)?.translateToString(false, 0, this.output.columns) ?? '');
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
