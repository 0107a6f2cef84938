/** The messages to the screen. `loop.ts` and the clickable regions send them; `update.ts` handles each. */
import type { Message as WireMessage } from '../../analysis/conversation/message.ts';
import type { CaptureEvent } from '../../capture/event.ts';
import type { ManualCommand } from '../../engine/manual-commands.ts';
import type { Verdict } from '../../engine/verdict.ts';
import type { LabBoard } from '../../labs/board.ts';
import type { Localized } from '../../i18n/language.ts';
import type { Scripts } from '../../presentation/types/values.ts';
import type { RunState } from './state/run-state.ts';

/** The state of a run: it waits for the next step, is busy (a file is read), or has ended. */
export type SessionState = 'starting' | 'reading' | 'waiting' | 'running' | 'finished' | 'failed';

/** A byte of a message: which connection, which direction, where. */
export interface Cursor {
  readonly conn: number;
  /** The message's index among those of its connection, as read so far. */
  readonly message: number;
  /** In the direction of the message. */
  readonly offset: number;
}

/** A request for messages of a connection that are no longer in memory. */
export interface PageWanted {
  readonly conn: number;
  /** Those completed up to that time, or after it, in microseconds since the run began. */
  readonly direction: 'before' | 'behind';
  readonly at: number;
  /** The cursor that waits for them. */
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

/** The pane in which the arrow keys move. */
export type Pane = 'conversation' | 'bytes' | 'explanation';

/** A pressed key: the typed character, or a name from the list. */
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
  /** The log of a run has grown. */
  | { readonly type: 'captured'; readonly scene: RunState; readonly events: readonly CaptureEvent[] }
  /** A run has reached its verdict; with the commands for trying what stays up. */
  | {
      readonly type: 'judged';
      readonly scene: RunState;
      readonly verdict: Verdict;
      readonly ways: readonly ManualCommand[];
      readonly scripts?: Scripts;
    }
  /** A frame is about to be drawn: what it shows is read, up to the limit of one frame. */
  | { readonly type: 'frame' }
  /** There is time to read further in what is shown. */
  | { readonly type: 'read-on' }
  /** A run begins, again or for the first time. */
  | { readonly type: 'session'; readonly mode: string; readonly scene: RunState }
  | {
      readonly type: 'state';
      readonly mode: string;
      readonly state: SessionState;
      readonly error?: readonly string[];
    }
  /** How much of a file has been read, from 0 to 1; undefined where that is unknown. */
  | { readonly type: 'progress'; readonly mode: string; readonly done: number | undefined }
  /** Time for the next step, if that playback is still running. */
  | { readonly type: 'ticked'; readonly playing: number }
  /** Wires of that mode that carried data up to event `seq` are no longer lit. */
  | { readonly type: 'calmed'; readonly mode: string; readonly seq: number }
  /** A search continues. */
  | { readonly type: 'search-on' }
  | { readonly type: 'copied'; readonly what: string }
  /** The requested messages, or why they could not be read back. */
  | {
      readonly type: 'read-back';
      readonly mode: string;
      readonly wanted: PageWanted;
      readonly result: { readonly page: Page } | { readonly failure: Localized };
    }
  /** What is known of the learner's progress. */
  | { readonly type: 'lab'; readonly board: LabBoard }
  /** A notice that belongs to no conversation. */
  | { readonly type: 'notice'; readonly text: Localized }
  /** What a click means. */
  | { readonly type: 'choose-pane'; readonly pane: Pane }
  | { readonly type: 'choose-wire'; readonly hop: string }
  /** Goes to a stop of the shown run, by its index. */
  | { readonly type: 'go-to'; readonly stop: number }
  | { readonly type: 'point'; readonly cursor: Cursor; readonly pane: Pane };
