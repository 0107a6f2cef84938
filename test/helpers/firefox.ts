/**
 * Firefox without a screen, driven by its Marionette protocol over a socket: pages of files, what they log and ask for, and
 * keys as a person has them.
 */
import type { ExecutionContext } from 'ava';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { PageFaults } from './chromium.ts';
import { until } from './until.ts';

/** What it needs to be quiet: it asks nobody for anything of its own. */
export const quiet: Readonly<Record<string, string | boolean | number>> = {
  'browser.shell.checkDefaultBrowser': false,
  'browser.aboutwelcome.enabled': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'app.update.enabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'services.settings.server': 'http://127.0.0.1:9/',
};

/** The file from which it reads its preferences. */
export function writePreferences(profile: string, preferences: typeof quiet): void {
  writeFileSync(
    join(profile, 'user.js'),
    Object.entries(preferences)
      .map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`)
      .join(''),
  );
}

type Params = Readonly<Record<string, unknown>>;

/** `LENGTH:[0, id, command, parameters]`, answered by `LENGTH:[1, id, error, result]`. */
class Marionette {
  readonly #socket: Socket;
  readonly #waiting = new Map<number, (answer: readonly [error: Params | null, result: Params]) => void>();
  #rest = Buffer.alloc(0);
  #next = 1;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (bytes: Buffer) => {
      this.#rest = Buffer.concat([this.#rest, bytes]);
      while (this.#take());
    });
  }

  async send(command: string, params: Params = {}): Promise<Params> {
    const id = this.#next++;
    const text = JSON.stringify([0, id, command, params]);
    const answered = new Promise<readonly [Params | null, Params]>((resolve) =>
      this.#waiting.set(id, resolve),
    );
    this.#socket.write(`${Buffer.byteLength(text)}:${text}`);
    const [error, result] = await answered;
    if (error) throw new Error(`${command}: ${String(error['message'])}`);
    return result;
  }

  #take(): boolean {
    const colon = this.#rest.indexOf(':');
    if (colon < 0) return false;
    const end = colon + 1 + Number(this.#rest.subarray(0, colon).toString());
    if (this.#rest.length < end) return false;
    const said = JSON.parse(this.#rest.subarray(colon + 1, end).toString()) as unknown;
    this.#rest = this.#rest.subarray(end);
    // The first thing that it says is what it is.
    if (!Array.isArray(said)) return true;
    const [, id, error, result] = said as [number, number, Params | null, Params];
    this.#waiting.get(id)?.([error, result]);
    this.#waiting.delete(id);
    return true;
  }
}

/** As WebDriver has them: https://www.w3.org/TR/webdriver/#keyboard-actions */
const keyCodes = {
  Tab: '\uE004',
  Enter: '\uE007',
  Shift: '\uE008',
  Escape: '\uE00C',
  PageUp: '\uE00E',
  PageDown: '\uE00F',
  End: '\uE010',
  Home: '\uE011',
  ArrowLeft: '\uE012',
  ArrowUp: '\uE013',
  ArrowRight: '\uE014',
  ArrowDown: '\uE015',
} as const;

export type FirefoxKey = keyof typeof keyCodes | ' ';

/** In the browser itself: what its pages ask of the network. */
const watching = `
  window.askedByPages = [];
  Services.obs.addObserver((subject) => {
    const channel = subject.QueryInterface(Ci.nsIChannel);
    if (channel.loadInfo.browsingContextID) window.askedByPages.push(channel.URI.spec);
  }, 'http-on-modify-request');`;

/** In the process of the page: what its console has of it, scripts and policy, and what the page wrote there itself. */
const heard = `
  const { innerWindowId } = window.windowGlobalChild;
  const written = Cc['@mozilla.org/consoleAPI-storage;1'].getService(Ci.nsIConsoleAPIStorage).getEvents(innerWindowId);
  return [
    ...Services.console.getMessageArray()
      .filter((one) => one instanceof Ci.nsIScriptError && one.innerWindowID === innerWindowId)
      .map((one) => one.errorMessage),
    ...written.filter(({ level }) => level === 'error' || level === 'warn').map((one) => one.arguments.join(' ')),
  ];`;

/** With the rights of the browser, in one sandbox throughout: what watches ends with the one in which it began. */
const privileged = { sandbox: 'system', newSandbox: false } as const;

export class FirefoxPage {
  readonly #marionette: Marionette;

  constructor(marionette: Marionette) {
    this.#marionette = marionette;
  }

  async begin(): Promise<void> {
    await this.#marionette.send('WebDriver:NewSession', {});
    await this.#ofBrowser(watching);
  }

  async open(path: string, fragment = ''): Promise<void> {
    await this.visit(pathToFileURL(path).href, fragment);
  }

  /** Loads what an address leads to, and waits until it is there. */
  async visit(url: string, fragment = ''): Promise<void> {
    await this.#marionette.send('WebDriver:Navigate', { url: url + fragment });
  }

  /** The window, in CSS pixels. */
  async resize(width: number, height: number): Promise<void> {
    await this.#marionette.send('WebDriver:SetWindowRect', { width, height });
  }

  /** The value that a promise comes to. */
  async awaited<T>(expression: string): Promise<T> {
    const { value } = await this.#marionette.send('WebDriver:ExecuteAsyncScript', {
      script: `const done = arguments[arguments.length - 1]; Promise.resolve(${expression}).then(done, (error) => done(String(error)));`,
      args: [],
    });
    return value as T;
  }

  /** What a page did that it should not have. */
  async faults(): Promise<PageFaults> {
    const said = await this.#run<string[]>(heard, privileged);
    const ofNetwork = await this.#ofBrowser<string[]>(`return window.askedByPages;`);
    const asked = await this.value<string[]>(
      `performance.getEntriesByType('resource').map(({ name }) => name)`,
    );
    return { said, asked: [...ofNetwork, ...asked] };
  }

  async value<T>(expression: string): Promise<T> {
    return this.#run<T>(`return ${expression};`);
  }

  /** Waits until an expression is true. */
  async until(expression: string): Promise<void> {
    if (!(await until(async () => this.value<boolean>(`Boolean(${expression})`))))
      throw new Error(`it never became true: ${expression}`);
  }

  async press(key: FirefoxKey, { shift = false } = {}): Promise<void> {
    const value = key === ' ' ? ' ' : keyCodes[key];
    const within = [
      { type: 'keyDown', value },
      { type: 'keyUp', value },
    ];
    const { Shift } = keyCodes;
    await this.#marionette.send('WebDriver:PerformActions', {
      actions: [
        {
          type: 'key',
          id: 'keyboard',
          actions: shift
            ? [{ type: 'keyDown', value: Shift }, ...within, { type: 'keyUp', value: Shift }]
            : within,
        },
      ],
    });
  }

  async #run<T>(script: string, where: Params = {}): Promise<T> {
    const { value } = await this.#marionette.send('WebDriver:ExecuteScript', { script, args: [], ...where });
    return value as T;
  }

  async #ofBrowser<T>(script: string): Promise<T> {
    await this.#marionette.send('Marionette:SetContext', { value: 'chrome' });
    const answer = await this.#run<T>(script, privileged);
    await this.#marionette.send('Marionette:SetContext', { value: 'content' });
    return answer;
  }
}

/** A page in a browser of its own, which ends with the test. */
export async function firefoxFor(
  t: Pick<ExecutionContext, 'teardown'>,
  preferences: typeof quiet = {},
): Promise<FirefoxPage> {
  const profile = mkdtempSync(join(tmpdir(), 'wirelab-firefox-'));
  writePreferences(profile, { ...quiet, 'marionette.port': 0, ...preferences });
  const child = spawn(
    'firefox-esr',
    [
      '--no-remote',
      '--headless',
      '--marionette',
      '--remote-allow-system-access',
      '--profile',
      profile,
      'about:blank',
    ],
    {
      stdio: 'ignore',
      env: { ...process.env, HOME: profile, MOZ_CRASHREPORTER_DISABLE: '1' },
      detached: true,
    },
  );
  const hasEnded = once(child, 'exit');
  t.teardown(async () => {
    // With the processes of its pages, which write into the profile.
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    await hasEnded;
    rmSync(profile, { recursive: true, force: true, maxRetries: 10 });
  });
  let port = 0;
  const isReady = (): boolean => (port = portIn(join(profile, 'MarionetteActivePort'))) > 0;
  if (!(await until(isReady))) throw new Error('Firefox opened no port');
  const socket = connect(port, '127.0.0.1');
  t.teardown(() => void socket.destroy());
  socket.on('error', () => {});
  await once(socket, 'connect');
  const page = new FirefoxPage(new Marionette(socket));
  await page.begin();
  return page;
}

/** 0 while it has not been written. */
function portIn(path: string): number {
  try {
    return Number(readFileSync(path, 'utf8'));
  } catch {
    return 0;
  }
}
