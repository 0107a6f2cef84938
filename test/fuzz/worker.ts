/**
 * Feeds spoilt inputs to one target until the time is over: the half of `make fuzz` that may hang or run out of memory.
 * The input at hand lies in memory that `main.ts` shares, which reads it there when this thread has been stopped.
 *
 * 1. What an input reached is a set of words; one that reaches a new word is kept, and later inputs are made of it.
 * 2. Memory is measured where something was kept, and now and then: what the reader holds when the rubbish is gone.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort as port, workerData } from 'node:worker_threads';
import { edited, randomEdits, randomOf } from './edits.ts';
import type { Random } from './edits.ts';
import { heldNow } from './held.ts';
import { targets } from './targets.ts';
import type { Reached, Target } from './targets.ts';
import { header } from './work.ts';
import type { Report, Work } from './work.ts';

/** Held beside what the input costs: tables that are made once, and the noise of the heap. */
const allowance = 8 * 1024 * 1024;

/** A target under a watch: its input is written down before it runs. */
class Watched {
  readonly #target: Target;
  readonly #counters: Int32Array;
  readonly #bytes: Uint8Array;
  readonly seen = new Set<string>();
  runs = 0;

  constructor(target: Target, shared: SharedArrayBuffer) {
    this.#target = target;
    this.#counters = new Int32Array(shared, 0, 2);
    this.#bytes = new Uint8Array(shared, header);
  }

  /** Whether the input reached something new. @throws whatever the reader throws, and RangeError when it holds too much. */
  async run(input: Uint8Array, isMeasured: boolean): Promise<boolean> {
    this.#bytes.set(input);
    Atomics.store(this.#counters, 1, input.length);
    Atomics.store(this.#counters, 0, ++this.runs);
    const before = isMeasured ? heldNow() : 0;
    const reached = await this.#target.read(input);
    if (isMeasured) this.#measure(reached, before, input.length);
    Atomics.store(this.#counters, 1, -1);
    const known = this.seen.size;
    for (const feature of reached.features) this.seen.add(feature);
    return this.seen.size > known;
  }

  #measure(reached: Reached, before: number, length: number): void {
    const held = heldNow() - before;
    // Held until here, or there were nothing to measure.
    if (reached.held === this) return;
    const most = allowance + this.#target.holds * length;
    if (held > most)
      throw new RangeError(`${held} bytes are held for an input of ${length}, more than ${most}`);
  }
}

const wordsOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port between threads has no origin
const tell = (report: Report): void => port?.postMessage(report);

async function explore(target: Target, { seed, milliseconds, corpus, shared }: Work): Promise<void> {
  const watched = new Watched(target, shared);
  const random: Random = randomOf(seed);
  mkdirSync(corpus, { recursive: true });
  const inputs: Uint8Array[] = [];
  const failures = new Set<string>();
  let kept = 0;
  const attempt = async (input: Uint8Array, isMeasured: boolean): Promise<boolean> => {
    try {
      return await watched.run(input, isMeasured);
    } catch (error) {
      const words = wordsOf(error);
      // One input is enough for each place that fails.
      const place =
        words
          .match(/^ +at .*$/gm)
          ?.slice(0, 2)
          .join() ?? words;
      if (!failures.has(place)) tell({ type: 'failed', input, words });
      failures.add(place);
      return false;
    }
  };
  for (const input of await target.seeds()) {
    inputs.push(input);
    await attempt(input, false);
  }
  for (const name of readdirSync(corpus)) {
    const input = readFileSync(join(corpus, name));
    if (await attempt(input, false)) inputs.push(input);
  }
  const seeds = inputs.length;
  const until = performance.now() + milliseconds;
  while (performance.now() < until) {
    // What was kept last has been spoilt least.
    const parent =
      inputs[
        random(2) === 0 ? inputs.length - 1 - random(Math.min(16, inputs.length)) : random(inputs.length)
      ] ?? new Uint8Array(0);
    const donor = inputs[random(inputs.length)] ?? parent;
    const input = edited(parent, randomEdits(random), donor);
    if (!(await attempt(input, watched.runs % 1024 === 0))) continue;
    await attempt(input, true);
    inputs.push(input);
    kept++;
    writeFileSync(join(corpus, createHash('sha256').update(input).digest('hex').slice(0, 16)), input);
  }
  tell({ type: 'done', runs: watched.runs, kept, features: watched.seen.size, seeds });
}

async function replay(target: Target, input: Uint8Array, shared: SharedArrayBuffer): Promise<void> {
  const watched = new Watched(target, shared);
  for (const seed of await target.seeds()) await target.read(seed);
  try {
    await watched.run(input, true);
  } catch (error) {
    tell({ type: 'failed', input, words: wordsOf(error) });
  }
  tell({ type: 'done', runs: 1, kept: 0, features: watched.seen.size, seeds: 0 });
}

const work = workerData as Work;
const target = targets.find(({ name }) => name === work.target);
if (target) await (work.replay ? replay(target, work.replay, work.shared) : explore(target, work));
