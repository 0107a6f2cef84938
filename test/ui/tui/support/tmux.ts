/**
 * A real terminal with a real shell in it: a tmux server of its own, spoken to in control mode, which says when a pane has
 * changed. A test types into a pane and waits until a text is shown on it.
 */
import type { ExecutionContext } from 'ava';
import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { wirelabEnvironment } from '../../../helpers/wirelab.ts';

export const root = resolve(import.meta.dirname, '../../../../..');
/** As a shell reads it, also within another's quotes: a folder may be called anything. */
export const launcher = join(root, 'wirelab').replace(/[^\p{L}\p{N}/._-]/gu, String.raw`\$&`);

interface Reply {
  readonly lines: readonly string[];
  readonly isError: boolean;
}

/** Long enough for any machine; then the test reports what is shown instead. */
const patience = 30_000;

export class Tmux {
  readonly #folder = mkdtempSync(join(tmpdir(), 'wirelab-tmux-'));
  readonly #environment = {
    ...wirelabEnvironment({ LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8', TERM: 'xterm-256color', SHELL: '/bin/sh' }),
    TMUX_TMPDIR: this.#folder,
  };
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #replies: ((reply: Reply) => void)[] = [];
  readonly #watching = new Map<string, Set<() => void>>();

  constructor() {
    this.#child = spawn(
      'tmux',
      [
        '-L',
        `wirelab-${process.pid}`,
        '-f',
        '/dev/null',
        '-u',
        '-C',
        'new-session',
        '-x',
        '80',
        '-y',
        '24',
        'exec cat',
      ],
      { env: this.#environment },
    );
    // What the first command answers is of no interest.
    this.#replies.push(() => {});
    let block: string[] | undefined;
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      const [word, name = ''] = line.split(' ', 2);
      if (block && (word === '%end' || word === '%error')) {
        this.#replies.shift()?.({ lines: block, isError: word === '%error' });
        block = undefined;
      } else if (block) block.push(line);
      else if (word === '%begin') block = [];
      else if (word === '%output') for (const wake of this.#watching.get(name) ?? []) wake();
    });
    this.#child.stdin.on('error', () => {});
  }

  /** Carries out a tmux command, as one writes it in its configuration; answers with the lines that it says. */
  async command(line: string): Promise<readonly string[]> {
    const reply = await new Promise<Reply>((resolve) => {
      this.#replies.push(resolve);
      this.#child.stdin.write(`${line}\n`);
    });
    if (reply.isError) throw new Error(`${line}: ${reply.lines.join('\n')}`);
    return reply.lines;
  }

  /** A window with a shell in it, at its prompt. */
  async open({
    columns = 80,
    rows = 24,
    environment = {},
  }: {
    columns?: number;
    rows?: number;
    environment?: Readonly<Record<string, string>>;
  } = {}): Promise<Pane> {
    const variables = Object.entries({ PS1: 'ready> ', ...environment }).map(
      ([name, value]) => `-e ${quoted(`${name}=${value}`)}`,
    );
    const [id = ''] = await this.command(
      `new-window -d -P -F '#{pane_id}' ${variables.join(' ')} 'exec /bin/sh'`,
    );
    await this.command(`set-option -w -t ${id} window-size manual`);
    await this.command(`resize-window -t ${id} -x ${columns} -y ${rows}`);
    const pane = new Pane(this, id);
    await pane.until(/^ready>$/m);
    return pane;
  }

  /** Resolves when the pane has said something; after a while in any case. */
  async changed(pane: string): Promise<void> {
    const watching = this.#watching.get(pane) ?? new Set();
    this.#watching.set(pane, watching);
    const controller = new AbortController();
    await Promise.race([
      new Promise<void>((resolve) => {
        const wake = (): void => {
          watching.delete(wake);
          resolve();
        };
        watching.add(wake);
      }),
      pause(200, undefined, { signal: controller.signal }).catch(() => {}),
    ]);
    controller.abort();
  }

  async close(): Promise<void> {
    if (this.#child.exitCode === null) {
      this.#child.stdin.write('kill-server\n');
      await new Promise((resolve) => this.#child.once('close', resolve));
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'"'"'`)}'`;
}

export class Pane {
  readonly #tmux: Tmux;
  readonly id: string;

  constructor(tmux: Tmux, id: string) {
    this.#tmux = tmux;
    this.id = id;
  }

  /** Typed, as bytes come from a keyboard. */
  async type(keys: string): Promise<void> {
    // A sequence is one command: its bytes must not come apart.
    for (const [piece] of keys.matchAll(/[\x00-\x7f]+|[^\x00-\x7f]+/g)) {
      const isControl = /[\x00-\x1f\x7f]/.test(piece);
      await this.#tmux.command(
        `send-keys -t ${this.id} ${isControl ? `-H ${Array.from(piece, (key) => key.charCodeAt(0).toString(16)).join(' ')}` : `-l ${quoted(piece)}`}`,
      );
    }
  }

  async screen(): Promise<readonly string[]> {
    return this.#tmux.command(`capture-pane -p -t ${this.id}`);
  }

  /** What was said above the window as well. */
  async history(): Promise<readonly string[]> {
    return this.#tmux.command(`capture-pane -p -S - -t ${this.id}`);
  }

  async until(what: RegExp | ((text: string) => boolean)): Promise<string> {
    const deadline = Date.now() + patience;
    let before: string | undefined;
    for (;;) {
      const changed = this.#tmux.changed(this.id);
      const text = (await this.screen()).join('\n');
      const isThere = typeof what === 'function' ? what(text) : what.test(text);
      // Twice the same: a screen that is being drawn is no screen yet.
      if (isThere && text === before) return text;
      before = isThere ? text : undefined;
      if (Date.now() > deadline) throw new Error(`not there: ${String(what)}\n${text}`);
      await changed;
    }
  }

  async resize(columns: number, rows: number): Promise<void> {
    await this.#tmux.command(`resize-window -t ${this.id} -x ${columns} -y ${rows}`);
  }

  /** What of a terminal has to be as it was. */
  async state(): Promise<string> {
    const [line = ''] = await this.#tmux.command(
      `display-message -p -t ${this.id} 'alternate #{alternate_on}, cursor #{cursor_flag}, keypad #{keypad_flag}, cursor keys #{keypad_cursor_flag}, mouse #{mouse_any_flag} #{mouse_sgr_flag} #{mouse_standard_flag}, region #{scroll_region_upper}-#{scroll_region_lower}, wrap #{wrap_flag}, insert #{insert_flag}, title #{pane_title}'`,
    );
    return line;
  }

  async setTitle(title: string): Promise<void> {
    await this.#tmux.command(`select-pane -t ${this.id} -T ${quoted(title)}`);
  }

  /** As when a person closes the window. */
  async kill(): Promise<void> {
    await this.#tmux.command(`kill-pane -t ${this.id}`);
  }
}

/** One server for a file of tests, started by the first that needs it. */
export function sharedTmux(): {
  readonly open: (t: ExecutionContext, options?: Parameters<Tmux['open']>[0]) => Promise<Pane>;
  readonly close: () => Promise<void>;
} {
  let tmux: Tmux | undefined;
  return {
    async open(_t, options) {
      tmux ??= new Tmux();
      return tmux.open(options);
    },
    close: async () => tmux?.close(),
  };
}
