/** What `main.ts` and `worker.ts` say to each other. */

export interface Work {
  readonly target: string;
  readonly seed: number;
  readonly milliseconds: number;
  /** Kept inputs, a folder. */
  readonly corpus: string;
  /** One input is run, and nothing else. */
  readonly replay?: Uint8Array;
  readonly shared: SharedArrayBuffer;
}

/** What is told of the work: an input that failed, or how it went. */
export type Report =
  | { readonly type: 'failed'; readonly input: Uint8Array; readonly words: string }
  | {
      readonly type: 'done';
      readonly runs: number;
      readonly kept: number;
      readonly features: number;
      readonly seeds: number;
    };

/** The shared memory: how many inputs were begun, the length of the one at hand (negative between two), its bytes. */
export const header = 8;
