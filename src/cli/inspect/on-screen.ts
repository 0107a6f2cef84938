/**
 * Shows a capture file on the screen: each connection is a step, like a visitor's connection. The screen opens at once
 * and fills while the file is read, a slice between two frames.
 *
 * 1. The log keeps payload up to its limit; older payload is read from the file again when it is shown.
 * 2. Events are all kept, up to `mostEvents`: then reading ends, and the screen reports the position.
 */
import { SecretHunt } from '../../analysis/secrets/secret-hunt.ts';
import { Flows } from '../../capture/flows.ts';
import { CaptureLog } from '../../capture/log.ts';
import { PacketClock } from '../../capture/file/replay.ts';
import { Steps } from '../../capture/steps.ts';
import type { Localized } from '../../i18n/language.ts';
import { UserError } from '../../i18n/user-error.ts';
import { grouped } from '../../i18n/number.ts';
import type { Loop } from '../../ui/tui/loop.ts';
import { RunState } from '../../ui/tui/state/run-state.ts';
import type { Environment, Parsed } from '../command.ts';
import { mistakeLines } from '../io/user-error-text.ts';
import { readVersion } from '../places.ts';
import { showOnScreen } from '../run/screen.ts';
import type { RunController, RunHost } from '../run/screen.ts';
import { FilePayload } from './file-payload.ts';
import { checkFormat, problemText, readCapture, rsaOpener } from './open.ts';
import type { InspectRequest } from './request.ts';

const mode = 'inspect';

/** Time of reading between two turns of the screen: much less than a frame. */
const sliceMs = 8;
/** Interval of the progress report. */
const reportMs = 100;
/** An event takes about 250 bytes with everything derived from it: a gigabyte in total. */
const mostEvents = 4_000_000;

export interface ShownOptions {
  /** Called when the screen is up; gives a test access to the model. */
  readonly onScreen?: (loop: Loop) => void;
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
  checkFormat(request);
  return showOnScreen({
    modes: [{ name: mode, title: { en: request.name, ko: request.name }, comparable: '' }],
    mode,
    pace: 'step',
    files: { folds: [], finish: () => {}, close: () => {} },
    parsed,
    environment,
    onScreen: options.onScreen,
    backstage: (host) => new FileStage(request, environment, host, options),
  });
}

class FileStage implements RunController {
  readonly codes = new Map<string, number>();
  readonly #request: InspectRequest;
  readonly #environment: Environment;
  readonly #host: RunHost;
  readonly #mostEvents: number;
  readonly #clock = new PacketClock();
  readonly #log: CaptureLog;
  readonly #payload: FilePayload;
  readonly #flows: Flows;
  #scene: RunState | undefined;
  #steps = new Steps();
  #reading: Promise<void> | undefined;
  #isClosed = false;
  #isOver = false;

  constructor(
    request: InspectRequest,
    environment: Environment,
    host: RunHost,
    { maxPayload, mostEvents: most = mostEvents }: ShownOptions,
  ) {
    this.#request = request;
    this.#environment = environment;
    this.#host = host;
    this.#mostEvents = most;
    this.#log = new CaptureLog({ clock: this.#clock, ...(maxPayload === undefined ? {} : { maxPayload }) });
    this.#payload = new FilePayload(this.#log, request.input);
    this.#flows = new Flows(this.#payload);
    this.#log.subscribe((event) => {
      this.#flows.fold(event);
      this.#steps.fold(event);
      this.#scene?.fold(event);
    });
  }

  /** Restart: the same content from its start, as far as it has been read. */
  start(): void {
    const { send, fail } = this.#host;
    this.#steps = new Steps();
    this.#scene = new RunState({
      flows: this.#flows,
      hunt: new SecretHunt([]),
      steps: this.#steps,
      isVisited: true,
      isCapture: true,
      findingsOf: () => [],
      plan: [],
      secrets: new Map(),
      typed: () => [],
    });
    for (const event of this.#log.events) {
      this.#steps.fold(event);
      this.#scene.fold(event);
    }
    send({ type: 'session', mode, scene: this.#scene });
    send({ type: 'state', mode, state: this.#isOver ? 'finished' : 'reading' });
    this.#reading ??= this.#read().catch(fail);
  }

  advance(): void {}

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#request.input.close();
    await this.#reading;
  }

  async #read(): Promise<void> {
    const { send } = this.#host;
    try {
      const problems = await this.#readFile();
      if (this.#isClosed) return;
      const open = await rsaOpener(this.#request);
      for (const connection of this.#flows.connections) open?.(connection, this.#flows, this.#log);
      this.#isOver = true;
      send({ type: 'captured' });
      send({ type: 'state', mode, state: 'finished' });
      const problem = problemText(problems);
      if (problem) send({ type: 'told', text: problem });
    } catch (error) {
      if (this.#isClosed) return;
      if (!(error instanceof UserError)) throw error;
      send({ type: 'state', mode, state: 'failed', error: mistakeLines(error, this.#environment.language) });
    }
  }

  async #readFile(): Promise<{ readonly text: Localized }[]> {
    const { send } = this.#host;
    const { size } = this.#request.input;
    let turn = performance.now();
    let reportedAt = -Infinity;
    let stoppedAt: number | undefined;
    const problems = await readCapture(this.#request, {
      clock: this.#clock,
      version: readVersion(this.#environment.places.root),
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
          send({
            type: 'progress',
            mode,
            done: size === undefined || size === 0 ? undefined : position / size,
          });
          send({ type: 'captured' });
        }
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

/** What the screen does not hold, and how to see it. */
function notAll(events: number, position: number): Localized {
  const [count, bytes] = [grouped(events), grouped(position)];
  return {
    en: `the screen holds ${count} events, the first ${bytes} bytes of the file; --json prints all of them, --stream N one connection`,
    ko: `화면에는 이벤트 ${count}개(파일의 처음 ${bytes}바이트)까지만 담습니다. 전체는 --json, 연결 하나만 보려면 --stream N을 사용하세요`,
  };
}
