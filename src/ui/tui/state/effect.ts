/** Effects outside of the model: `update.ts` requests them, `loop.ts` performs them. */
import type { PageWanted } from '../message.ts';
import type { Model } from './model.ts';

export type LabAct = 'hint' | 'next';

export type Effect =
  /** Advances the waiting run of a mode. */
  | { readonly type: 'advance'; readonly mode: string }
  /** Restarts the run of that mode; up to the end of step `through` it does not wait. Alone: all other runs are closed. */
  | { readonly type: 'start'; readonly mode: string; readonly through?: string; readonly alone?: true }
  | { readonly type: 'tick'; readonly playing: number; readonly milliseconds: number }
  /** Turns the lights of that mode's wires off after a time. */
  | { readonly type: 'calm'; readonly mode: string; readonly seq: number; readonly milliseconds: number }
  | { readonly type: 'search-on' }
  /** More of what is shown remains to be read. */
  | { readonly type: 'read-on' }
  /** Reads messages of the shown mode that are no longer in memory back from the recording. */
  | { readonly type: 'read-back'; readonly mode: string; readonly wanted: PageWanted }
  | { readonly type: 'copy'; readonly text: string; readonly what: string }
  /** Gives a hint; ends the lab and begins the next one. */
  | { readonly type: 'lab'; readonly act: LabAct }
  | { readonly type: 'mouse'; readonly on: boolean }
  /** Gives the terminal to the shell until the process is continued. */
  | { readonly type: 'suspend' }
  /** Interrupted: by Ctrl-C. */
  | { readonly type: 'quit'; readonly interrupted?: boolean };

export type Updated = readonly [Model, readonly Effect[]];

/** A model alone means no effects. */
export type Answer = Model | Updated;

export const updated = (given: Answer): Updated => ('size' in given ? [given, []] : given);
