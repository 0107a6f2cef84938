/**
 * The output of several workers as one: their lines and the supervisor's own on standard output, their packets and keys in
 * the files, in the order of the events' numbers, which is that of time.
 *
 * 1. The lines of one event stay together.
 * 2. While standard output does not take more, or too much waits for a slower worker, the workers' pipes are not read; then
 *    they wait. Memory does not grow, and nothing is dropped.
 */
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import type { CaptureEvent } from '../../../capture/event.ts';
import type { Environment } from '../../command.ts';
import type { Files } from '../../io/outlets.ts';
import { FrameReader, frameKinds, readState } from './frames.ts';
import type { Frame, WorkerState } from './frames.ts';
import { Merge } from './merge.ts';
import type { MergeSource } from './merge.ts';

/** So much of one worker may wait to be merged, in bytes. */
const mostWaiting = 4 * 1024 * 1024;

export interface WorkerOutput {
  /** What it last said of itself. */
  readonly state: WorkerState;
  /** Resolves when everything that it handed over has been read and put in order. */
  readonly ended: Promise<void>;
}

export interface WorkerOutputOptions {
  /** Requests that the worker says how far it is. */
  readonly ask: () => void;
  readonly onCrowding: (frame: Frame) => void;
  readonly onPlace: (frame: Frame) => void;
}

/** What comes through one worker's pipe. */
class Intake implements WorkerOutput {
  readonly #pipe: Readable;
  readonly ended: Promise<void>;
  state: WorkerState = { open: 0, nextConnection: 0 };
  #waiting = 0;
  #isStopped = false;

  constructor(
    pipe: Readable,
    source: MergeSource<() => void>,
    deliver: (frame: Frame) => void,
    onPlace: (frame: Frame) => void,
    isStopped: boolean,
  ) {
    this.#pipe = pipe;
    this.#isStopped = isStopped;
    const reader = new FrameReader((frame) => {
      if (frame.kind === frameKinds.mark) {
        source.reached(frame.seq);
        return;
      }
      if (frame.kind === frameKinds.state) {
        this.state = readState(frame);
        return;
      }
      if (frame.kind === frameKinds.place) {
        onPlace(frame);
        return;
      }
      const { length } = frame.content;
      this.#waiting += length;
      source.put(frame.seq, () => {
        this.#waiting -= length;
        deliver(frame);
      });
    });
    pipe.on('data', (chunk: Buffer) => {
      reader.read(chunk);
      this.attend();
    });
    pipe.on('error', () => {});
    this.ended = once(pipe, 'close').then(() => source.end());
    this.attend();
  }

  stop(isStopped: boolean): void {
    this.#isStopped = isStopped;
    this.attend();
  }

  /** Reads on, or does not. */
  attend(): void {
    const isFull = this.#isStopped || this.#waiting > mostWaiting;
    if (isFull) this.#pipe.pause();
    else if (this.#pipe.isPaused()) this.#pipe.resume();
  }
}

export class WorkersOutput {
  readonly #stdout: Environment['stdout'];
  readonly #files: Pick<Files, 'folds' | 'packets'>;
  readonly #merge: Merge<() => void>;
  readonly #own: MergeSource<() => void>;
  readonly #intakes = new Set<Intake>();
  #lines: Buffer[] = [];
  #isStopped = false;
  /** The event that the supervisor is printing. */
  #seq = 0;

  constructor({ stdout }: Pick<Environment, 'stdout'>, files: Pick<Files, 'folds' | 'packets'>) {
    this.#stdout = stdout;
    this.#files = files;
    this.#merge = new Merge({
      deliver: (item) => item(),
      onRound: () => {
        this.#print();
        for (const intake of this.#intakes) intake.attend();
      },
    });
    this.#own = this.#merge.source();
  }

  /** An event of the supervisor's own log: its lines follow. */
  readonly fold = ({ seq }: CaptureEvent): void => {
    this.#seq = seq;
  };

  /** A line of the supervisor's own. */
  readonly write = (line: string): void => {
    const bytes = Buffer.from(`${line}\n`);
    this.#own.put(this.#seq, () => void this.#lines.push(bytes));
  };

  /** Nothing of a worker is printed before: the beginning of the run comes first. */
  begin(): void {
    this.#merge.begin();
  }

  open(pipe: Readable, { ask, onCrowding, onPlace }: WorkerOutputOptions): WorkerOutput {
    const intake = new Intake(
      pipe,
      this.#merge.source(ask),
      (frame) => this.#deliver(frame, onCrowding),
      onPlace,
      this.#isStopped,
    );
    this.#intakes.add(intake);
    void intake.ended.then(() => this.#intakes.delete(intake));
    return intake;
  }

  /** Prints and writes everything that is there. */
  finish(): void {
    this.#merge.finish();
  }

  #deliver({ kind, seq, content }: Frame, onCrowding: (frame: Frame) => void): void {
    if (kind === frameKinds.lines) this.#lines.push(content);
    else if (kind === frameKinds.packets) this.#files.packets?.(content.subarray(4), content.readUInt32LE(0));
    else if (kind === frameKinds.key) {
      const event: CaptureEvent = { type: 'keylog', line: content.toString(), seq, run: 1, at: 0 };
      for (const fold of this.#files.folds) fold(event);
    } else onCrowding({ kind, seq, content });
  }

  #print(): void {
    if (this.#lines.length === 0) return;
    const bytes = Buffer.concat(this.#lines);
    this.#lines = [];
    if (this.#stdout.write(bytes) || this.#isStopped) return;
    this.#stop(true);
    this.#stdout.once('drain', () => this.#stop(false));
  }

  #stop(isStopped: boolean): void {
    this.#isStopped = isStopped;
    for (const intake of this.#intakes) intake.stop(isStopped);
  }
}
