/**
 * Shows a capture file on the screen: each connection is a step, like a visitor's connection. The screen opens at once and
 * fills while the file is read, a slice between two frames. `run/visited.ts` joins log and screen.
 *
 * 1. The log keeps payload up to its limit; older payload is read from the file again when it is shown.
 * 2. Events are all kept, up to `mostEvents`: then reading ends, and the screen reports the position.
 */
import { loadCaptureReadings } from '../../analysis/conversation/conversation.ts';
import { defined } from '../../core/defined.ts';
import type { CaptureEvent } from '../../capture/event.ts';
import { Flows } from '../../capture/flows.ts';
import { CaptureLog } from '../../capture/log.ts';
import { PacketClock } from '../../capture/file/replay.ts';
import { Steps } from '../../capture/steps.ts';
import { verbatim } from '../../i18n/language.ts';
import type { Localized } from '../../i18n/language.ts';
import { grouped } from '../../i18n/number.ts';
import type { Environment, Parsed } from '../command.ts';
import { readVersion } from '../places.ts';
import { replayNotice } from '../run/replay/redaction.ts';
import type { ShowOptions } from '../run/screen.ts';
import { showVisited } from '../run/visited.ts';
import type { Page, Running, Shown } from '../run/visited.ts';
import { commandsOf } from './bundled.ts';
import { FilePayload } from './file-payload.ts';
import { checkFormat, openerBySources, readCapture } from './open.ts';
import { problemText } from './reading.ts';
import type { InspectRequest } from './request.ts';

/** Time of reading between two turns of the screen: much less than a frame. */
const sliceMs = 8;
/** Interval of the progress report. */
const reportMs = 100;
/** An event takes about 250 bytes with everything derived from it: a gigabyte in total. */
const mostEvents = 4_000_000;

export interface ShownOptions {
  readonly onScreen?: ShowOptions['onScreen'];
  /** Maximum payload kept, in bytes. */
  readonly maxPayload?: number;
  readonly mostEvents?: number;
}

/** @throws UserError for anything but a capture file, before the screen opens */
export async function inspectOnScreen(
  request: InspectRequest,
  parsed: Parsed,
  environment: Environment,
  options: ShownOptions = {},
): Promise<number> {
  await checkFormat(request);
  await loadCaptureReadings();
  const file = new ShownFile(request, readVersion(environment.places.root), options);
  return showVisited(
    {
      mode: request.bundle?.of === 'proxy' ? 'proxy' : 'inspect',
      title: request.bundle?.source.title ?? verbatim(request.name),
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
  /** Events that have been read, and are not shown yet. */
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
    this.#log = new CaptureLog(defined({ clock: this.#clock, maxPayload }));
    this.#payload = new FilePayload(this.#log, request.input);
    this.#flows = new Flows(this.#payload);
    this.#log.subscribe((event) => {
      this.#flows.fold(event);
      this.#steps.fold(event);
      this.#unshown.push(event);
    });
  }

  /** Restart: the same content from its start, as far as it has been read. Resolves when the whole file has been read. */
  async show(page: Page): Promise<this> {
    this.#steps = new Steps();
    for (const event of this.#log.events) this.#steps.fold(event);
    this.#unshown = [];
    const { bundle } = this.#request;
    this.#shown = page.open({
      flows: this.#flows,
      steps: this.#steps,
      ...(bundle?.of === 'proxy' ? { reproduce: commandsOf(bundle) } : { isCapture: true }),
      ...(bundle ? { redactions: bundle.redactions } : {}),
    });
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
      const open = await openerBySources(this.#request);
      for (const connection of this.#flows.connections) open?.(connection, this.#flows, this.#log);
      this.#showNew();
      const { bundle } = this.#request;
      const problem = problemText([...problems, ...(bundle ? [{ text: replayNotice(bundle) }] : [])]);
      if (problem) page.notify(problem);
    } catch (error) {
      // A file that was closed during reading reports that.
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
    let reportedAt = -Infinity;
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
        if (performance.now() - reportedAt >= reportMs) {
          reportedAt = performance.now();
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

/** The notice about events beyond the screen's limit, and how to see them. */
function notAll(events: number, position: number): Localized {
  const [count, bytes] = [grouped(events), grouped(position)];
  return {
    en: `the screen holds ${count} events, the first ${bytes} bytes of the file; --json prints all of them, --stream N one connection`,
    ko: `화면에는 이벤트 ${count}개(파일의 처음 ${bytes}바이트)까지만 담습니다. 전체는 --json, 연결 하나만 보려면 --stream N을 사용하세요`,
  };
}
