/** Keeps the pace of a run that is printed as lines: what each step waits for. */
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as timer } from 'node:timers/promises';
import type { CaptureEvent } from '../../capture/event.ts';
import type { Language, Localized } from '../../i18n/language.ts';
import { lookMs, readingMs } from '../../presentation/reading-time.ts';
import type { Pace } from './pace.ts';

export interface Pacing {
  /** Called before each step. */
  readonly wait: () => Promise<void>;
  /** Learns what was printed. */
  readonly fold: (event: CaptureEvent) => void;
  close(): void;
}

export interface PacingOptions {
  readonly pace: Exclude<Pace, 'auto'>;
  readonly signal: AbortSignal;
  readonly stdin: () => Readable;
  readonly language: Language;
  readonly write: (line: string) => void;
  /** Waits; ends early when the signal is aborted. */
  readonly pause?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

/** An aborted pause counts as over; the run checks the signal itself. */
const pauseOf: NonNullable<PacingOptions['pause']> = async (milliseconds, signal) =>
  timer(milliseconds, undefined, { signal }).catch(() => {});

export function createPacing({ pause = pauseOf, ...options }: PacingOptions): Pacing {
  const { pace, signal, language } = options;
  const none = { fold: () => {}, close: () => {} };
  if (pace === 'step') return onEnter(options);
  if (pace !== 'read') return { ...none, wait: async () => pause(pace, signal) };
  let unread = 0;
  return {
    ...none,
    fold(event) {
      if (event.type === 'step' && event.state === 'done') unread += lookMs.bytes;
      if (event.type !== 'note' || event.part === 'speaker') return;
      unread += readingMs(event.text[language]);
      if (event.part === 'question') unread += lookMs.question;
    },
    async wait() {
      const milliseconds = unread;
      unread = 0;
      await pause(milliseconds, signal);
    },
  };
}

const prompt: Localized = { en: '    -- Enter: continue --', ko: '    -- Enter: 다음 --' };

function onEnter({ signal, stdin, language, write }: PacingOptions): Pacing {
  const lines = createInterface({ input: stdin() });
  const waiting: (() => void)[] = [];
  let typedAhead = 0;
  let ended = false;
  lines.on('line', () => {
    const next = waiting.shift();
    if (next) next();
    else typedAhead++;
  });
  // After the end of input Enter cannot be pressed: the remaining steps run through.
  lines.on('close', () => {
    ended = true;
    for (const next of waiting.splice(0)) next();
  });
  signal.addEventListener('abort', () => lines.close());
  if (signal.aborted) lines.close();
  return {
    fold() {},
    async wait() {
      if (ended) return;
      if (typedAhead > 0) {
        typedAhead--;
        return;
      }
      write('');
      write(prompt[language]);
      await new Promise<void>((resolve) => waiting.push(resolve));
    },
    close: () => lines.close(),
  };
}
