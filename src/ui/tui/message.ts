/** Everything that can happen to the screen. `update.ts` answers to each; `loop.ts`, and what lies under the mouse, send them. */
import type { Message as WireMessage } from '../../analysis/conversation/conversation.ts';
import type { CaptureEvent } from '../../capture/event.ts';
import type { ManualCommand } from '../../engine/manual-commands.ts';
import type { Verdict } from '../../engine/verdict.ts';
import type { Localized } from '../../i18n/language.ts';
import type { RunState } from './state/run-state.ts';

/** The state of the run behind a scene: it waits for the next step, is busy (a file is read), or has ended. */
export type SessionState = 'starting' | 'reading' | 'waiting' | 'running' | 'finished' | 'failed';

/** A byte of a message: which connection, which direction, where. */
export interface Cursor {
  readonly conn: number;
  /** The message's place among those of its connection, as they are read now. */
  readonly message: number;
  /** In the direction of the message. */
  readonly offset: number;
}

/** Messages of a connection that are wanted though they are no longer in memory. */
export interface PageWanted {
  readonly conn: number;
  /** Those completed up to that time, or after it, in microseconds since the run began. */
  readonly direction: 'before' | 'behind';
  readonly at: number;
  /** The place that waits for them. */
  readonly cursor: Cursor;
}

/** A connection's messages up to a moment, as they were read back: the first ones, and the newest before that moment. */
export interface Page {
  readonly conn: number;
  /** All that were completed up to that time are in it or reported as not kept, in microseconds since the run began. */
  readonly through: number;
  readonly sealed: readonly WireMessage[];
  /** The same, opened with the keys. */
  readonly opened: readonly WireMessage[];
}

/** What the arrows move in. */
export type Pane = 'conversation' | 'bytes' | 'explanation';

/** A key as a person pressed it: one character as it was typed, or a name from the list. */
export const keyNames = [
  'space',
  'enter',
  'tab',
  'shift-tab',
  'escape',
  'backspace',
  'delete',
  'up',
  'down',
  'left',
  'right',
  'pageup',
  'pagedown',
  'home',
  'end',
] as const;
export type KeyName = (typeof keyNames)[number];

export type Message =
  | { readonly type: 'key'; readonly key: string }
  | { readonly type: 'resized'; readonly columns: number; readonly rows: number }
  /** A click of the first button; cells count from 0 at the top left. */
  | { readonly type: 'clicked'; readonly column: number; readonly row: number }
  /** The wheel; `lines` is positive downwards. */
  | { readonly type: 'scrolled'; readonly column: number; readonly row: number; readonly lines: number }
  /** The log of a run has grown: its scene takes that in. */
  | { readonly type: 'captured'; readonly scene: RunState; readonly events: readonly CaptureEvent[] }
  /** A run has come to its verdict; with the commands that reach what stays up. */
  | {
      readonly type: 'judged';
      readonly scene: RunState;
      readonly verdict: Verdict;
      readonly ways: readonly ManualCommand[];
    }
  /** A frame is about to be drawn: what it shows is read, as far as one look reads. */
  | { readonly type: 'frame' }
  /** There is time to read a little further in what is shown. */
  | { readonly type: 'read-on' }
  /** A run begins, again or for the first time. */
  | { readonly type: 'session'; readonly mode: string; readonly scene: RunState }
  | {
      readonly type: 'state';
      readonly mode: string;
      readonly state: SessionState;
      readonly error?: readonly string[];
    }
  /** A file is read: how much of it, from 0 to 1; undefined of what ends when it ends. */
  | { readonly type: 'progress'; readonly mode: string; readonly done: number | undefined }
  /** Time for the next step, when that playing still goes on. */
  | { readonly type: 'ticked'; readonly playing: number }
  /** Nothing of that mode stays lit that spoke by event `seq`. */
  | { readonly type: 'calmed'; readonly mode: string; readonly seq: number }
  /** A search goes on where it left off. */
  | { readonly type: 'search-on' }
  | { readonly type: 'copied'; readonly what: string }
  /** What was wanted has been read back, or why it was not. */
  | {
      readonly type: 'read-back';
      readonly mode: string;
      readonly wanted: PageWanted;
      readonly result: { readonly page: Page } | { readonly failure: Localized };
    }
  /** Something to know that has no place in a conversation. */
  | { readonly type: 'notice'; readonly text: Localized }
  /** What a click means. */
  | { readonly type: 'choose-pane'; readonly pane: Pane }
  | { readonly type: 'choose-wire'; readonly hop: string }
  | { readonly type: 'point'; readonly cursor: Cursor; readonly pane: Pane };
