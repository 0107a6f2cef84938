/**
 * The terminal, and the only file that uses blessed: a Frame becomes the text of one box, and keys and clicks become Messages.
 * `update.ts` interprets them; `loop.ts` decides when to draw and when to end.
 *
 * 1. blessed keeps the cells and writes those that changed. It reads no input: its key parser loses whatever arrives in one
 *    chunk with a click, and all clicks but the first. Keys and the mouse are read here.
 * 2. blessed adds no listeners to the process, the input or the output. The loop handles signals, exits and errors.
 * 3. `pacer.ts` decides when a frame is written: on a slow line old frames are dropped.
 * 4. No text of a Frame can control the terminal, even if the view failed to sanitise it.
 */
import { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import { PassThrough, type Readable, type Writable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import type { BlessedProgram, Widgets } from 'blessed';
import { cellWidth } from '../../i18n/width.ts';
import { safeText } from '../../i18n/safe.ts';
import type { Frame, Size } from './frame.ts';
import type { KeyName, Message } from './message.ts';
import { startPacer, statusAnswer } from './pacer.ts';
import { lookFor, paint, type ColourDepth } from './palette.ts';
import type { Theme } from './theme.ts';

export interface TerminalOptions {
  readonly input: Readable & { setRawMode?: (raw: boolean) => unknown };
  readonly output: Writable & { readonly columns?: number; readonly rows?: number };
  readonly depth: ColourDepth;
  /** Dark without one. */
  readonly theme?: Theme;
  readonly mouse: boolean;
  readonly title?: string;
}

export interface Terminal {
  readonly size: Size;
  /**
   * Writes a frame, in high contrast if asked for; while the one before is on its way, the newest is kept and the others are dropped. One
   * made for another size is skipped: the message about the new size is on its way.
   */
  draw(frame: Frame, contrast?: boolean): void;
  onMessage(listener: (message: Message) => void): void;
  /** Whether the output has not taken everything that was drawn, or the terminal has not shown it. */
  isBehind(): boolean;
  /** Discards what is known of the screen: the next frame is requested and written as a whole. */
  repaint(): void;
  /** When off, the terminal's own selection works again. */
  setMouse(on: boolean): void;
  /** To the clipboard of the person's machine (OSC 52), if the terminal allows it; false if it is too long to be sent. */
  copy(text: string): boolean;
  /** Resolves when the terminal has shown what was drawn, or does not say so in time: then its answers are typed nowhere else. */
  settle(): Promise<void>;
  /** Restores the terminal until `resume`; nothing is read or drawn in between. Calling it again does nothing. */
  suspend(): void;
  /** Changes the terminal anew after `suspend`, and requests a whole frame. */
  resume(): void;
  /** Restores the terminal, and lets the process end. Calling it again does nothing. */
  close(): void;
}

const defaultSize: Size = { columns: 80, rows: 24 };
/** Terminals take 100,000 bytes of an OSC 52 at most: this much text in base64, and its frame. */
const mostCopiedBytes = 74_994;
/** SGR coordinates (1006), or columns beyond 95 would be lost; presses and releases only (1000), no movements. */
const mouseOn = '\x1b[?1000h\x1b[?1006h';
const mouseOff = '\x1b[?1006l\x1b[?1000l';
/** Saves the terminal's title on a stack and restores it (xterm's window operations). */
const titleAside = '\x1b[22;2t';
const titleBack = '\x1b[23;2t';

export function openTerminal({
  input,
  output,
  depth,
  theme = 'dark',
  mouse,
  title,
}: TerminalOptions): Terminal {
  const listeners: ((message: Message) => void)[] = [];
  const send = (message: Message): void => listeners.forEach((listener) => listener(message));
  const write = (text: string): void => void (output.writable && output.write(text));
  let size = sizeOf(output);
  let closed = false;
  let takesMouse = mouse;
  /** Undefined while the terminal is as it was. */
  let canvas: Canvas | undefined;
  const pacer = startPacer(write);
  const keyboard = readKeyboard(send, pacer.answered);
  const resize = (): void => {
    size = sizeOf(output);
    send({ type: 'resized', ...size });
  };
  const terminal: Terminal = {
    get size() {
      return size;
    },
    draw(frame, contrast = false) {
      pacer.draw(() => {
        if (!canvas || frame.columns !== size.columns || frame.rows !== size.rows) return false;
        const look = lookFor(depth, contrast ? 'contrast' : theme);
        return canvas.draw(
          frame.lines.map((line) =>
            paint(
              line.map(({ text, role }) => ({ text: steady(text), role })),
              look,
            ),
          ),
          size,
        );
      });
    },
    onMessage: (listener) => void listeners.push(listener),
    isBehind: () => pacer.isBehind || output.writableNeedDrain || output.writableLength > 0,
    repaint() {
      if (!canvas) return;
      canvas.forget();
      resize();
    },
    setMouse: (on) => {
      takesMouse = on;
      if (canvas) write(on ? mouseOn : mouseOff);
    },
    copy(text) {
      const bytes = Buffer.from(text);
      if (!canvas || bytes.length > mostCopiedBytes) return false;
      write(`\x1b]52;c;${bytes.toString('base64')}\x07`);
      return true;
    },
    settle: async () => pacer.settle(),
    suspend() {
      if (!canvas) return;
      pacer.reset();
      input.setRawMode?.(false);
      output.off('resize', resize);
      // A listener on the input would keep the process alive.
      input.off('data', keyboard.take);
      input.pause();
      keyboard.close();
      write(mouseOff);
      canvas.close(sizeOf(output));
      canvas = undefined;
      if (title !== undefined) write(titleBack);
    },
    resume() {
      if (closed || canvas) return;
      take();
      resize();
    },
    close() {
      if (closed) return;
      terminal.suspend();
      closed = true;
    },
  };
  const take = (): void => {
    // In the background this stops the process, before anything is written over the shell's screen.
    input.setRawMode?.(true);
    size = sizeOf(output);
    canvas = openCanvas(write, size);
    if (title !== undefined) write(`${titleAside}\x1b]2;${safeText(title)}\x07`);
    output.on('resize', resize);
    input.on('data', keyboard.take);
    input.resume();
    if (takesMouse) write(mouseOn);
  };
  take();
  return terminal;
}

/** A pseudo-terminal without a size reports 0 by 0. */
function sizeOf({ columns, rows }: { readonly columns?: number; readonly rows?: number }): Size {
  return columns && rows ? { columns, rows } : defaultSize;
}

// ---------------------------------------------------------------- what is drawn

interface Canvas {
  /** The next frame is written as a whole. */
  forget(): void;
  /** Whether anything was to be written. */
  draw(painted: readonly string[], size: Size): boolean;
  close(size: Size): void;
}

/** Only the parts of blessed that are needed, which load in half the time of the whole. */
interface Parts {
  readonly screen: (new (options: object) => Widgets.Screen) & Record<string, unknown>;
  readonly program: Record<string, unknown>;
  readonly box: new (options: Widgets.BoxOptions) => Widgets.BoxElement;
  readonly unicode: { charWidth(character: string): number; readonly chars: { readonly all: RegExp } };
}

const require = createRequire(import.meta.filename);
const blessed: Parts = {
  screen: require('blessed/lib/widgets/screen') as Parts['screen'],
  program: require('blessed/lib/program') as Parts['program'],
  box: require('blessed/lib/widgets/box') as Parts['box'],
  unicode: require('blessed/lib/unicode') as Parts['unicode'],
};

/**
 * blessed adds its handlers to the process once, and removes them with its last screen: they would end the process on SIGTERM
 * with exit code 0. This marks them as added, and provides dummies to remove.
 */
function keepOffTheProcess(): void {
  const nothing = (): void => {};
  for (const handler of [
    '_exceptionHandler',
    '_sigtermHandler',
    '_sigintHandler',
    '_sigquitHandler',
    '_exitHandler',
  ])
    blessed.screen[handler] = nothing;
  blessed.program['_exitHandler'] = nothing;
  blessed.screen['_bound'] = true;
  blessed.program['_bound'] = true;
}

function openCanvas(writeOut: (text: string) => void, size: Size): Canvas {
  keepOffTheProcess();
  let written = 0;
  const write = (text: string): void => {
    written += text.length;
    writeOut(text);
  };
  // Only `draw` passes sizes to blessed: otherwise it would show the old frame, re-cut, between a new size and the new frame.
  const output = Object.assign(new EventEmitter(), {
    isTTY: true,
    writable: true,
    columns: size.columns,
    rows: size.rows,
    write,
  });
  const screen = new blessed.screen({
    input: new PassThrough(),
    output,
    fullUnicode: true,
    forceUnicode: true,
    terminal: 'xterm-256color',
  });
  const program = screen.program as BlessedProgram & {
    flush(): void;
    tput: { brokenACS: boolean; colors: number };
  };
  // Box lines as the characters they are: tmux shows those of the alternate character set as letters.
  program.tput.brokenACS = true;
  // A terminfo file that blessed can't read would leave 8.
  program.tput.colors = 256;
  program.flush();
  const box = new blessed.box({
    parent: screen,
    top: 0,
    left: 0,
    width: '100%',
    height: '100%',
    tags: false,
    wrap: false,
  });
  const fit = ({ columns, rows }: Size): boolean => {
    if (program.cols === columns && program.rows === rows) return false;
    program.cols = columns;
    program.rows = rows;
    return true;
  };
  let isTrusted = true;
  return {
    forget: () => void (isTrusted = false),
    draw(painted, size) {
      if (fit(size) || !isTrusted) screen.alloc();
      isTrusted = true;
      const before = written;
      box.setContent(painted.join('\n'));
      screen.render();
      program.flush();
      return written > before;
    },
    close(size) {
      fit(size);
      // The scrolling region that blessed set is the size's at the start.
      write('\x1b[r');
      screen.destroy();
    },
  };
}

/** Text that takes as many cells on blessed's screen as in the frame, whatever characters it is made of. */
function steady(text: string): string {
  return /^[\x20-\x7e]*$/.test(text) ? text : Array.from(text, steadyCharacter).join('');
}

const steadyCharacters = new Map<string, string>();

/**
 * blessed knows the widths of 2013, so where it counts other than the frame does (symbols that became emoji, old
 * Hangul) a row would shift. Such a character becomes full stops, as many as it has cells; so do controls.
 */
function steadyCharacter(character: string): string {
  let steady = steadyCharacters.get(character);
  if (steady === undefined) {
    const cells = cellWidth(character);
    steady = countsAs(character, cells) ? character : '.'.repeat(cells);
    steadyCharacters.set(character, steady);
  }
  return steady;
}

function countsAs(character: string, cells: number): boolean {
  if (safeText(character) !== character || cells === 0) return false;
  // Two tables of blessed have to agree: one inserts a filler after a wide character, the other removes it.
  return (
    blessed.unicode.charWidth(character) === cells &&
    character.replace(blessed.unicode.chars.all, '$1_').length === cells
  );
}

// ---------------------------------------------------------------- what is typed

interface Keyboard {
  take(this: void, bytes: Buffer): void;
  close(): void;
}

/** How long the rest of a key may take on its way. Only then was it Escape itself. */
const escapeMilliseconds = 30;

/** A whole key or click at the beginning of the text; later rows are for what earlier ones leave. */
const pieces: readonly RegExp[] = [
  // The mouse: SGR (1006), and three bytes from a terminal that does not know it.
  /^\x1b\[<\d+;\d+;\d+[Mm]/,
  /^\x1b\[M[^]{3}/,
  // Function keys of the Linux console; then any control sequence (ECMA-48 section 5.4) and SS3.
  /^\x1b\[\[[A-E]/,
  /^\x1b\[[0-?]*[ -/]*[@-LN-Z\\-~]/,
  /^\x1b\[[0-?]+[ -/]*M/,
  /^\x1bO[0-9]*[@-~]/,
  // A report that came late (OSC, ECMA-48 section 8.3.89): its letters are no keys.
  /^\x1b\][\x20-\x7e]*(?:\x07|\x1b\\)/,
];
/** What may become one of those when more arrives. */
const beginning = /^\x1b(?:\[(?:M[^]{0,2}|\[|[0-?]{0,40}[ -/]{0,4})?|O[0-9]?|\][\x20-\x7e]{0,40}\x1b?)?$/;
/** A truncated sequence. */
const broken = /^\x1b\[(?:[0-?]+[ -/]*|[ -/]+)/;

/** @param onStatus the terminal has answered a question for its status. */
function readKeyboard(send: (message: Message) => void, onStatus: () => void): Keyboard {
  const decoder = new StringDecoder('utf8');
  let pending = '';
  let arrivals = 0;
  let timer: NodeJS.Timeout | undefined;

  /** Sends what is whole; `last` if nothing more belongs to it. */
  const read = (text: string, last: boolean): void => {
    pending = '';
    let at = 0;
    while (at < text.length) {
      const escape = text.indexOf('\x1b', at);
      for (const character of text.slice(at, escape < 0 ? undefined : escape))
        sendAll(keyOfCharacter(character));
      if (escape < 0) return;
      // No sequence is long; a slice keeps a large paste from being copied for each of its keys.
      const rest = text.slice(escape, escape + 64);
      const piece = pieces.map((form) => form.exec(rest)?.[0]).find((found) => found !== undefined);
      if (piece === undefined && !last && beginning.test(rest)) {
        pending = rest;
        return;
      }
      if (piece === statusAnswer) onStatus();
      else if (piece !== undefined) sendAll(messageOfSequence(piece));
      const fragment = piece ?? broken.exec(rest)?.[0];
      // Escape itself, or with Alt: two keys, so that a quickly typed Escape is not lost.
      if (fragment === undefined) send({ type: 'key', key: 'escape' });
      at = escape + (fragment ?? '\x1b').length;
    }
  };
  const sendAll = (message: Message | undefined): void => {
    if (message) send(message);
  };
  return {
    take(bytes) {
      clearTimeout(timer);
      arrivals += 1;
      read(pending + decoder.write(bytes), false);
      if (pending) timer = setTimeout(afterWaiting, escapeMilliseconds, arrivals);
    },
    close() {
      clearTimeout(timer);
      pending = '';
    },
  };

  /** After another turn of the event loop: on a busy machine the rest is still unread when the time is over. */
  function afterWaiting(since: number): void {
    setImmediate(() => {
      if (pending && since === arrivals) read(pending, true);
    });
  }
}

const namedCharacters: Readonly<Record<string, KeyName>> = {
  ' ': 'space',
  '\r': 'enter',
  '\n': 'enter',
  '\t': 'tab',
  '\b': 'backspace',
  '\x7f': 'backspace',
};

function keyOfCharacter(character: string): Message | undefined {
  const name = namedCharacters[character];
  if (name) return { type: 'key', key: name };
  if (character >= '\x01' && character <= '\x1a')
    return { type: 'key', key: `ctrl-${String.fromCharCode(character.charCodeAt(0) + 0x60)}` };
  // U+FFFD replaces invalid UTF-8.
  return character === '\ufffd' || safeText(character) !== character
    ? undefined
    : { type: 'key', key: character };
}

/** Final letter of CSI and SS3, whatever modifiers were held. */
const letters: Readonly<Record<string, KeyName>> = {
  A: 'up',
  B: 'down',
  C: 'right',
  D: 'left',
  F: 'end',
  H: 'home',
  Z: 'shift-tab',
};
/** Number before a final tilde: those of xterm and the VT220, then those of rxvt. */
const numbers: Readonly<Record<string, KeyName>> = {
  1: 'home',
  3: 'delete',
  4: 'end',
  5: 'pageup',
  6: 'pagedown',
  7: 'home',
  8: 'end',
};

function messageOfSequence(piece: string): Message | undefined {
  const mouse = /^\x1b\[<(\d+);(\d+);(\d+)M$/.exec(piece);
  if (mouse) return messageOfMouse(Number(mouse[1]), Number(mouse[2]) - 1, Number(mouse[3]) - 1);
  const final = piece.at(-1) ?? '';
  if (/^\x1b\[\d+(?:;\d+)?~$/.test(piece)) return key(numbers[/\d+/.exec(piece)?.[0] ?? '']);
  if (/^\x1b(?:\[(?:1;\d+)?|O\d*)[A-Z]$/.test(piece))
    return final === 'M' ? key('enter') : key(letters[final]);
  // The keypad, which blessed turns to sending sequences: j is the asterisk, p to y are the digits.
  if (/^\x1bO[j-y]$/.test(piece)) return key(String.fromCharCode(final.charCodeAt(0) - 0x40));
  return undefined;
}

function key(name: string | undefined): Message | undefined {
  return name === undefined ? undefined : { type: 'key', key: name };
}

/** Lines of one notch of the wheel. */
const wheelLines = 3;

/** Buttons as in xterm's "Mouse Tracking": 4, 8 and 16 are modifiers, 64 and 65 the wheel. */
function messageOfMouse(button: number, column: number, row: number): Message | undefined {
  const which = button & ~0b1_1100;
  if (which === 0) return { type: 'clicked', column, row };
  if (which === 64 || which === 65)
    return { type: 'scrolled', column, row, lines: which === 64 ? -wheelLines : wheelLines };
  return undefined;
}
