/** What is to be done outside of the model: `update.ts` asks for it, `loop.ts` carries it out. */
import type { PageWanted } from '../message.ts';
import type { Model } from './model.ts';

export type Effect =
  /** The waiting run of a mode goes on. */
  | { readonly type: 'advance'; readonly mode: string }
  /** A run of that mode begins anew; up to the end of step `through` it does not wait. */
  | { readonly type: 'start'; readonly mode: string; readonly through?: string }
  | { readonly type: 'tick'; readonly playing: number; readonly milliseconds: number }
  /** The lights of that mode's wires go out. */
  | { readonly type: 'calm'; readonly mode: string; readonly seq: number; readonly milliseconds: number }
  | { readonly type: 'search-on' }
  /** What is shown has more to read than was read at once. */
  | { readonly type: 'read-on' }
  /** Messages of the shown mode that are no longer in memory are read back from the recording. */
  | { readonly type: 'read-back'; readonly mode: string; readonly wanted: PageWanted }
  | { readonly type: 'copy'; readonly text: string; readonly what: string }
  | { readonly type: 'mouse'; readonly on: boolean }
  /** Interrupted: by Ctrl-C. */
  | { readonly type: 'quit'; readonly interrupted?: boolean };

export type Updated = readonly [Model, readonly Effect[]];

/** A model alone: nothing is to be done outside. */
export type Answer = Model | Updated;

export const updated = (given: Answer): Updated => ('size' in given ? [given, []] : given);
