/**
 * Chromium without a screen, driven by its DevTools protocol over two pipes: pages of files, what they log and ask for, keys
 * and the mouse as a person has them, pictures.
 */
import type { ExecutionContext } from 'ava';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

type Params = Readonly<Record<string, unknown>>;

interface Answer {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Params;
  readonly result?: Params;
  readonly error?: { readonly message: string };
  readonly sessionId?: string;
}

/** What a page did that it should not have. */
export interface PageFaults {
  /** Errors and warnings on the console, and exceptions. */
  readonly said: readonly string[];
  /** Addresses beside its own. */
  readonly asked: readonly string[];
}

const keyCodes: Readonly<Record<string, number>> = {
  Tab: 9,
  Enter: 13,
  Escape: 27,
  ' ': 32,
  PageUp: 33,
  PageDown: 34,
  End: 35,
  Home: 36,
  ArrowLeft: 37,
  ArrowUp: 38,
  ArrowRight: 39,
  ArrowDown: 40,
};

class Connection {
  readonly #input: Writable;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  readonly #listeners: ((answer: Answer) => void)[] = [];
  #next = 1;

  constructor(input: Writable, output: Readable) {
    this.#input = input;
    const pieces: Buffer[] = [];
    output.on('data', (bytes: Buffer) => {
      let rest = bytes;
      for (let end = rest.indexOf(0); end >= 0; end = rest.indexOf(0)) {
        pieces.push(rest.subarray(0, end));
        this.#take(JSON.parse(Buffer.concat(pieces).toString('utf8')) as Answer);
        pieces.length = 0;
        rest = rest.subarray(end + 1);
      }
      pieces.push(rest);
    });
  }

  listen(listener: (answer: Answer) => void): void {
    this.#listeners.push(listener);
  }

  async send(method: string, params: Params = {}, sessionId?: string): Promise<Params> {
    const id = this.#next++;
    const answered = new Promise<Answer>((resolve) => this.#waiting.set(id, resolve));
    this.#input.write(`${JSON.stringify({ id, method, params, ...(sessionId && { sessionId }) })}\0`);
    const { result, error } = await answered;
    if (error) throw new Error(`${method}: ${error.message}`);
    return result ?? {};
  }

  #take(answer: Answer): void {
    if (answer.id === undefined) for (const listener of this.#listeners) listener(answer);
    else {
      this.#waiting.get(answer.id)?.(answer);
      this.#waiting.delete(answer.id);
    }
  }
}

export class Page {
  readonly #connection: Connection;
  readonly #session: string;
  readonly #said: string[] = [];
  readonly #asked: string[] = [];
  readonly #loads: (() => void)[] = [];
  #address = '';

  constructor(connection: Connection, session: string) {
    this.#connection = connection;
    this.#session = session;
    connection.listen((answer) => {
      if (answer.sessionId === session) this.#hear(answer);
    });
  }

  get faults(): PageFaults {
    return { said: this.#said, asked: this.#asked };
  }

  send(method: string, params: Params = {}): Promise<Params> {
    return this.#connection.send(method, params, this.#session);
  }

  async begin(): Promise<void> {
    for (const domain of ['Page', 'Runtime', 'Network', 'Log']) await this.send(`${domain}.enable`);
  }

  /** Loads a file, and waits until it is there. */
  async open(path: string, fragment = ''): Promise<void> {
    await this.visit(pathToFileURL(path).href, fragment);
  }

  /** Loads what an address leads to, and waits until it is there. */
  async visit(address: string, fragment = ''): Promise<void> {
    this.#address = address;
    const loaded = new Promise<void>((resolve) => this.#loads.push(resolve));
    await this.send('Page.navigate', { url: this.#address + fragment });
    await loaded;
  }

  /** The value of an expression; a promise is waited for. */
  async value<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = (await this.send('Runtime.evaluate', {
      expression,
      awaitPromise: true,
      returnByValue: true,
    })) as {
      readonly result: { readonly value: T };
      readonly exceptionDetails?: {
        readonly text: string;
        readonly exception?: { readonly description?: string };
      };
    };
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  /** Waits until an expression is true, asked once a frame. */
  async until(expression: string): Promise<void> {
    const isTrue = await this.value<boolean>(
      `new Promise((resolve) => { const end = performance.now() + 60000; const ask = () => {
        if (${expression}) resolve(true); else if (performance.now() > end) resolve(false); else requestAnimationFrame(ask); }; ask(); })`,
    );
    if (!isTrue) throw new Error(`it never became true: ${expression}`);
  }

  /** A key by its name, as a keyboard sends it. */
  async press(key: string, { ctrl = false, shift = false } = {}): Promise<void> {
    const event = {
      key,
      code: key,
      windowsVirtualKeyCode: keyCodes[key] ?? key.toUpperCase().charCodeAt(0),
      modifiers: (ctrl ? 2 : 0) + (shift ? 8 : 0),
      ...(key === 'Enter' && { text: '\r' }),
      ...(key === ' ' && { text: ' ' }),
    };
    await this.send('Input.dispatchKeyEvent', {
      type: event.text === undefined ? 'rawKeyDown' : 'keyDown',
      ...event,
    });
    await this.send('Input.dispatchKeyEvent', { type: 'keyUp', ...event });
  }

  async #pointAt(selector: string): Promise<{ readonly x: number; readonly y: number }> {
    const place = await this.value<{ x: number; y: number } | null>(
      `(() => { const found = document.querySelector(${JSON.stringify(selector)}); if (!found) return null;
        found.scrollIntoView({ block: 'nearest' });
        const { x, y, width, height } = found.getBoundingClientRect(); return { x: x + width / 2, y: y + height / 2 }; })()`,
    );
    if (!place) throw new Error(`the page has no ${selector}`);
    return place;
  }

  async hover(selector: string): Promise<void> {
    await this.send('Input.dispatchMouseEvent', { type: 'mouseMoved', ...(await this.#pointAt(selector)) });
  }

  async click(selector: string): Promise<void> {
    const place = { ...(await this.#pointAt(selector)), button: 'left', clickCount: 1 };
    await this.send('Input.dispatchMouseEvent', { type: 'mousePressed', ...place });
    await this.send('Input.dispatchMouseEvent', { type: 'mouseReleased', ...place });
  }

  /** As many CSS pixels; as a phone has it, the page is as wide as it says. */
  async resize(width: number, height: number): Promise<void> {
    await this.send('Emulation.setDeviceMetricsOverride', {
      width,
      height,
      deviceScaleFactor: 1,
      mobile: false,
    });
  }

  /** @param features such as `prefers-color-scheme`. @param media `print` for paper */
  async prefer(features: Readonly<Record<string, string>>, media = ''): Promise<void> {
    await this.send('Emulation.setEmulatedMedia', {
      media,
      features: Object.entries(features).map(([name, value]) => ({ name, value })),
    });
  }

  async picture(path: string): Promise<void> {
    const { data } = await this.send('Page.captureScreenshot', { format: 'png' });
    writeFileSync(path, Buffer.from(String(data), 'base64'));
  }

  async pdf(): Promise<Buffer> {
    const { data } = await this.send('Page.printToPDF', { printBackground: true });
    return Buffer.from(String(data), 'base64');
  }

  #hear({ method, params = {} }: Answer): void {
    switch (method) {
      case 'Page.loadEventFired':
        for (const resolve of this.#loads.splice(0)) resolve();
        break;
      case 'Runtime.exceptionThrown':
        this.#said.push(JSON.stringify(params['exceptionDetails']));
        break;
      case 'Runtime.consoleAPICalled':
        if (['error', 'warning', 'assert'].includes(String(params['type'])))
          this.#said.push(JSON.stringify(params['args']));
        break;
      case 'Log.entryAdded':
        this.#said.push(JSON.stringify(params['entry']));
        break;
      case 'Network.requestWillBeSent': {
        const { url } = params['request'] as { readonly url: string };
        if (url.split('#')[0] !== this.#address && !url.startsWith('data:')) this.#asked.push(url);
        break;
      }
      default:
    }
  }
}

export interface Chromium {
  readonly newPage: () => Promise<Page>;
  /** A page of another browser, as far as a server can tell: it shares no connection with others. */
  readonly newBrowser: () => Promise<Page>;
}

/** A browser of its own, which ends with the test. */
export async function chromiumFor(t: Pick<ExecutionContext, 'teardown'>): Promise<Chromium> {
  const profile = mkdtempSync(join(tmpdir(), 'wirelab-chromium-'));
  const child = spawn(
    'chromium',
    [
      '--headless=new',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--disable-background-networking',
      '--no-first-run',
      '--hide-scrollbars',
      `--user-data-dir=${profile}`,
      '--remote-debugging-pipe',
      'about:blank',
    ],
    { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'], detached: true },
  );
  const hasEnded = once(child, 'exit');
  t.teardown(async () => {
    // With the processes of its pages, which write into the profile.
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    await hasEnded;
    rmSync(profile, { recursive: true, force: true, maxRetries: 10 });
  });
  const [, , , input, output] = child.stdio;
  const connection = new Connection(input as Writable, output as Readable);
  const pageIn = async (context: Params): Promise<Page> => {
    const { targetId } = await connection.send('Target.createTarget', { url: 'about:blank', ...context });
    const { sessionId } = await connection.send('Target.attachToTarget', { targetId, flatten: true });
    const page = new Page(connection, String(sessionId));
    await page.begin();
    return page;
  };
  return {
    newPage: () => pageIn({}),
    newBrowser: async () => {
      const { browserContextId } = await connection.send('Target.createBrowserContext');
      return pageIn({ browserContextId });
    },
  };
}
