/**
 * Shows the speaker's page: on a terminal as a screen of its own whose clock runs, else as lines. `page.ts` sets the lines.
 */
import { toAscii } from '../../i18n/ascii.ts';
import { wrapToCells } from '../../i18n/width.ts';
import type { Environment } from '../command.ts';
import type { SpeakerKey, SpeakerMessage } from './message.ts';
import { bodyLines, headLine, mostScroll, screenLines } from './page.ts';
import type { PageOptions } from './page.ts';

export interface Display {
  page(page: SpeakerMessage): void;
  /** A message without a page: that there is no show. */
  say(text: string): void;
  /** Gives the terminal to the shell until `resume`; nothing is read or drawn in between. */
  suspend(): void;
  resume(): void;
  close(): void;
}

interface DisplayOptions {
  readonly environment: Pick<Environment, 'stdin' | 'stdout' | 'language'>;
  readonly ascii: boolean;
  readonly onKey: (key: SpeakerKey) => void;
  readonly onQuit: (interrupted: boolean) => void;
  /** Ctrl-Z was typed: in raw mode the terminal makes no signal of it. */
  readonly onSuspend: () => void;
}

export function openDisplay(options: DisplayOptions): Display {
  const { stdin, stdout } = options.environment;
  return stdout.isTTY && stdin.isTTY ? screen(options) : plain(options);
}

function plain({ environment: { stdout, language }, ascii }: DisplayOptions): Display {
  const write = (lines: readonly string[]): void =>
    void stdout.write(`${lines.map((line) => (ascii ? toAscii(line) : line)).join('\n')}\n`);
  return {
    page(page) {
      const options: PageOptions = { language, columns: 80, now: Date.now() };
      write(['', headLine(page, options), ...bodyLines(page, options)]);
    },
    say: (text) => write([text]),
    suspend() {},
    resume() {},
    close() {},
  };
}

/** What the keys of a terminal send (ECMA-48 cursor keys in both modes). */
const keyOf: Readonly<Record<string, SpeakerKey | 'up' | 'down' | 'quit' | 'interrupt' | 'suspend'>> = {
  ' ': 'space',
  '\r': 'space',
  '\u001b[C': 'space',
  '\u001bOC': 'space',
  '\u001b[6~': 'space',
  b: 'b',
  ㅠ: 'b',
  '\u007f': 'b',
  '\u001b[D': 'b',
  '\u001bOD': 'b',
  '\u001b[5~': 'b',
  '\u001b[A': 'up',
  '\u001bOA': 'up',
  '\u001b[B': 'down',
  '\u001bOB': 'down',
  q: 'quit',
  ㅂ: 'quit',
  '\u0003': 'interrupt',
  '\u001a': 'suspend',
};

const enter = '\u001b[?1049h\u001b[?25l';
const leave = '\u001b[?25h\u001b[?1049l';

function screen({ environment, ascii, onKey, onQuit, onSuspend }: DisplayOptions): Display {
  const { stdin, stdout, language } = environment;
  let shown: SpeakerMessage | string = '';
  let scroll = 0;
  let drawn: { readonly size: string; readonly lines: readonly string[] } | undefined;
  let isClosed = false;
  /** Runs while the terminal is the display's. */
  let clock: NodeJS.Timeout | undefined;
  const options = (): PageOptions & { readonly rows: number } => ({
    language,
    columns: Math.max(20, stdout.columns || 80),
    rows: Math.max(5, stdout.rows || 24),
    now: Date.now(),
  });
  const draw = (): void => {
    if (clock === undefined) return;
    const lines =
      typeof shown === 'string'
        ? wrapToCells(shown, options().columns - 1)
        : screenLines(shown, { ...options(), scroll });
    const set = lines.map((line) => (ascii ? toAscii(line) : line));
    const size = `${stdout.columns} ${stdout.rows}`;
    // Each second only the clock: a slow line could not carry a whole page.
    const isWhole = drawn?.size !== size || drawn.lines.length !== set.length;
    const changed = set.flatMap((line, row) =>
      !isWhole && line === drawn?.lines[row] ? [] : [`\u001b[${row + 1};1H${line}\u001b[K`],
    );
    drawn = { size, lines: set };
    stdout.write(changed.join('') + (isWhole ? '\u001b[J' : ''));
  };
  const onData = (text: string): void => {
    // A sequence arrives as a whole; keys that were typed fast may arrive together.
    const keys = Object.hasOwn(keyOf, text) ? [text] : text.startsWith('\u001b') ? [] : Array.from(text);
    for (const key of keys) {
      const meant = Object.hasOwn(keyOf, key) ? keyOf[key] : undefined;
      if (meant === 'quit' || meant === 'interrupt') onQuit(meant === 'interrupt');
      else if (meant === 'suspend') onSuspend();
      else if (meant === 'up' || meant === 'down') {
        const most = typeof shown === 'string' ? 0 : mostScroll(shown, options());
        scroll = Math.min(most, Math.max(0, scroll + (meant === 'up' ? -1 : 1)));
        draw();
      } else if (meant) onKey(meant);
    }
  };
  const take = (): void => {
    // In the background this stops the process, before anything is written over the shell's screen.
    stdin.setRawMode(true);
    stdin.on('data', onData).resume();
    stdout.on('resize', draw);
    clock = setInterval(draw, 1000);
    stdout.write(enter);
  };
  const suspend = (): void => {
    if (clock === undefined) return;
    clearInterval(clock);
    clock = undefined;
    drawn = undefined;
    stdout.off('resize', draw);
    stdin.off('data', onData).pause();
    stdin.setRawMode(false);
    stdout.write(leave);
  };
  stdin.setEncoding('utf8');
  take();
  return {
    page(page) {
      const isSame = typeof shown !== 'string' && shown.show === page.show && shown.stop === page.stop;
      if (!isSame) scroll = 0;
      shown = page;
      draw();
    },
    say(text) {
      shown = text;
      draw();
    },
    suspend,
    resume() {
      if (isClosed || clock !== undefined) return;
      take();
      draw();
    },
    close() {
      isClosed = true;
      suspend();
    },
  };
}
