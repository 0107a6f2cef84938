/**
 * Keeps at most one frame on its way to the terminal. The system takes many frames at once (a pseudo-terminal tens of
 * kilobytes) and reports nothing of what has been read, so the terminal itself is asked for its status behind each frame
 * (DSR, ECMA-48 section 8.3.35: CSI 5n, answered by CSI 0n). Until it answers, only the newest frame is kept.
 *
 * 1. Nothing waits for a terminal that has never answered; one that does not answer at first is not asked again.
 * 2. One that has answered before may be behind a slow line: it is waited for, but not for ever.
 */
export const askStatus = '\x1b[5n';
export const statusAnswer = '\x1b[0n';

/** How long an answer may take, in milliseconds: from a terminal that has answered before, and from one that has not. */
const longestMs = { known: 10_000, unknown: 1000 } as const;
/** At the end: an answer that comes later would be typed into the shell. */
const settleMs = { known: 5000, unknown: 200 } as const;
/** Questions to a terminal that never answers. */
const mostUnanswered = 3;

export interface Pacer {
  /** Whether a frame is on its way. */
  readonly isBehind: boolean;
  /** Writes a frame now, or the newest one once the terminal has answered. @param write returns whether it wrote anything */
  draw(write: () => boolean): void;
  /** The terminal has answered. */
  answered(this: void): void;
  /** Resolves when no answer is on its way, or none is to be waited for. Nothing more is drawn. */
  settle(): Promise<void>;
  /** Discards what waits; the terminal is given away. */
  reset(): void;
}

/** @param write for the terminal's output */
export function startPacer(write: (text: string) => void): Pacer {
  let isKnown = false;
  let unanswered = 0;
  let asked: NodeJS.Timeout | undefined;
  let next: (() => boolean) | undefined;
  let isOver = false;
  let onSettled: (() => void) | undefined;
  let settled: Promise<void> | undefined;
  const ask = (): void => {
    if (asked || (!isKnown && unanswered >= mostUnanswered)) return;
    write(askStatus);
    asked = setTimeout(
      () => {
        if (!isKnown) unanswered++;
        goOn();
      },
      isKnown ? longestMs.known : longestMs.unknown,
    ).unref();
  };
  const draw = (frame: () => boolean): void => {
    if (isOver) return;
    if (asked && isKnown) next = frame;
    else if (frame()) ask();
  };
  const goOn = (): void => {
    clearTimeout(asked);
    asked = undefined;
    onSettled?.();
    const frame = next;
    next = undefined;
    if (frame) draw(frame);
  };
  return {
    get isBehind() {
      return asked !== undefined && isKnown;
    },
    draw,
    answered() {
      isKnown = true;
      if (asked) goOn();
    },
    async settle() {
      isOver = true;
      next = undefined;
      if (!asked) return;
      settled ??= new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, isKnown ? settleMs.known : settleMs.unknown);
        onSettled = () => {
          clearTimeout(timer);
          resolve();
        };
      }).finally(() => (settled = undefined));
      await settled;
    },
    reset() {
      clearTimeout(asked);
      asked = undefined;
      next = undefined;
      isOver = false;
      onSettled?.();
    },
  };
}
