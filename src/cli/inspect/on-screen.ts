/**
 * A capture file on the screen: each connection is a stop, as a visitor's is. The screen opens at once and fills while the
 * file is read, a slice between two frames. How it is put on the screen is `run/visited.ts`.
 *
 * 1. Of the payload the log keeps what fits into its bound; older payload is read from the file again when it is looked at.
 * 2. Of the events everything is kept, up to `mostEvents`: there reading ends, and the screen says where.
 */
import type { CaptureEvent } from '../../capture/event.ts';
import { Flows } from '../../capture/flows.ts';
import { CaptureLog } from '../../capture/log.ts';
import { PacketClock } from '../../capture/file/replay.ts';
import { Steps } from '../../capture/steps.ts';
import type { Localized } from '../../i18n/language.ts';
import { grouped } from '../../i18n/number.ts';
import type { Environment, Parsed } from '../command.ts';
import { readVersion } from '../places.ts';
import type { ShowOptions } from '../run/screen.ts';
import { showVisited } from '../run/visited.ts';
import type { Page, Running, Shown } from '../run/visited.ts';
import { FilePayload } from './file-payload.ts';
import { checkFormat, problemText, readCapture, rsaOpener } from './open.ts';
import type { InspectRequest } from './request.ts';

/** How long is read before the screen gets a turn: much less than a frame. */
const sliceMs = 8;
/** How often it is told how far reading has come. */
const tellMs = 100;
/** An event takes some 250 bytes of memory with what is found through it: a gigabyte. */
const mostEvents = 4_000_000;

export interface ShownOptions {
  readonly onScreen?: ShowOptions['onScreen'];
  /** Payload kept at most, in bytes. */
  readonly maxPayload?: number;
  readonly mostEvents?: number;
}

/** @throws UserError, before there is a screen, for what is no capture file */
export async function inspectOnScreen(
  request: InspectRequest,
  parsed: Parsed,
  environment: Environment,
  options: ShownOptions = {},
): Promise<number> {
  checkFormat(request);
  const file = new ShownFile(request, readVersion(environment.places.root), options);
  return showVisited(
    {
      mode: 'inspect',
      title: { en: request.name, ko: request.name },
      // What could be read of it was shown.
      failureCode: 0,
      start: async (page) => file.show(page),
      abandon: () => file.abandon(),
    },
    { parsed, environment, onScreen: options.onScreen },
  );
}

class ShownFile implements Running {
  readonly #request: InspectRequest;
  readonly #version: string;
  readonly #mostEvents: number;
  readonly #clock = new PacketClock();
  readonly #log: CaptureLog;
  readonly #payload: FilePayload;
  readonly #flows: Flows;
  #steps = new Steps();
  /** What has been read, and is not shown yet. */
  #unshown: CaptureEvent[] = [];
  #shown: Shown | undefined;
  #reading: Promise<void> | undefined;
  #isClosed = false;

  constructor(
    request: InspectRequest,
    version: string,
    { maxPayload, mostEvents: most = mostEvents }: ShownOptions,
  ) {
    this.#request = request;
    this.#version = version;
    this.#mostEvents = most;
    this.#log = new CaptureLog({ clock: this.#clock, ...(maxPayload === undefined ? {} : { maxPayload }) });
    this.#payload = new FilePayload(this.#log, request.input);
    this.#flows = new Flows(this.#payload);
    this.#log.subscribe((event) => {
      this.#flows.fold(event);
      this.#steps.fold(event);
      this.#unshown.push(event);
    });
  }

  /** Again: the same from its beginning, as far as it has been read. Resolves when all of it has been. */
  async show(page: Page): Promise<this> {
    this.#steps = new Steps();
    for (const event of this.#log.events) this.#steps.fold(event);
    this.#unshown = [];
    this.#shown = page.open({ flows: this.#flows, steps: this.#steps, isCapture: true });
    this.#shown.add(this.#log.events);
    this.#shown.state('reading');
    this.#reading ??= this.#read(page);
    await this.#reading;
    return this;
  }

  abandon(): void {
    this.#isClosed = true;
    this.#request.input.close();
  }

  async close(): Promise<void> {
    await this.#reading;
  }

  async #read(page: Page): Promise<void> {
    try {
      const problems = await this.#readFile(page);
      if (this.#isClosed) return;
      const open = await rsaOpener(this.#request);
      for (const connection of this.#flows.connections) open?.(connection, this.#flows, this.#log);
      this.#showNew();
      const problem = problemText(problems);
      if (problem) page.tell(problem);
    } catch (error) {
      // A file that was closed while it was read says so.
      if (!this.#isClosed) throw error;
    }
  }

  #showNew(): void {
    const events = this.#unshown;
    this.#unshown = [];
    this.#shown?.add(events);
  }

  async #readFile(page: Page): Promise<{ readonly text: Localized }[]> {
    const { size } = this.#request.input;
    let turn = performance.now();
    let told = -Infinity;
    let stoppedAt: number | undefined;
    const problems = await readCapture(this.#request, {
      clock: this.#clock,
      version: this.#version,
      keeps: true,
      lateKeys: true,
      append: (draft, position) => this.#payload.append(draft, position),
      onTurn: async (position) => {
        if (this.#isClosed) return false;
        if (this.#log.length >= this.#mostEvents) {
          stoppedAt = position;
          return false;
        }
        if (performance.now() - turn < sliceMs) return true;
        if (performance.now() - told >= tellMs) {
          told = performance.now();
          page.progress(size === undefined || size === 0 ? undefined : position / size);
        }
        this.#showNew();
        await new Promise((resolve) => void setImmediate(resolve));
        turn = performance.now();
        return !this.#isClosed;
      },
    });
    return stoppedAt === undefined
      ? [...problems]
      : [{ text: notAll(this.#log.length, stoppedAt) }, ...problems];
  }
}

/** What the screen does not hold, and what does. */
function notAll(events: number, position: number): Localized {
  const [count, bytes] = [grouped(events), grouped(position)];
  return {
    en: `the screen holds ${count} events, the first ${bytes} bytes of the file: --json tells all of it, --stream N one connection`,
    ko: `화면에는 이벤트 ${count}개(파일의 처음 ${bytes}바이트)까지만 담습니다. 전체는 --json, 연결 하나만 보려면 --stream N을 사용하세요`,
  };
}
