/**
 * `make fuzz`: spoilt inputs for everything that reads foreign bytes, for as long as one likes. It decides how long each
 * target is tried, and ends what hangs; what is tried stands in `targets.ts`, how in `worker.ts`.
 *
 *     node dist/test/fuzz/main.js [--seconds N] [--target WORD] [--seed N]
 *     node dist/test/fuzz/main.js --target NAME --replay FILE
 *
 * A target whose name contains the word is tried. What reached something new is kept in fuzz/corpus/NAME and tried first
 * the next time; an input that fails is kept in fuzz/crashes, with the command that runs it again. Exit codes: 0 nothing
 * failed, 1 something did, 2 there is no such target.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { targets } from './targets.ts';
import { header } from './work.ts';
import type { Report, Work } from './work.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '120' },
    target: { type: 'string', default: '' },
    seed: { type: 'string' },
    replay: { type: 'string' },
  },
});
const seed = Number(values.seed ?? Date.now() % 2 ** 31);
const chosen = targets.filter(({ name }) =>
  values.replay === undefined ? name.includes(values.target) : name === values.target,
);
const share = (Number(values.seconds) * 1000) / Math.max(1, chosen.length);

/** An input that takes more of the processor hangs, in microseconds: a busy machine is no hang. */
const patience = 2_000_000;
/** A hang is looked for so often. */
const glance = 250;
/** After so many inputs that hang, or that use up the memory, a target has been tried enough. */
const mostStops = 3;

let failures = 0;

function keep(target: string, input: Uint8Array, words: string): void {
  failures++;
  const file = join(
    'fuzz',
    'crashes',
    `${target}-${createHash('sha256').update(input).digest('hex').slice(0, 16)}`,
  );
  mkdirSync(join('fuzz', 'crashes'), { recursive: true });
  writeFileSync(file, input);
  console.log(
    `FAILED ${target}: ${words.split('\n').slice(0, 6).join('\n  ')}\n  again: node dist/test/fuzz/main.js --target ${target} --replay ${file}`,
  );
}

/** Runs one worker to its end; hands back how it went, or the input at which it was stopped, and why. */
async function run(work: Omit<Work, 'shared'>): Promise<Report> {
  const shared = new SharedArrayBuffer(header + 2 ** 22);
  const counters = new Int32Array(shared, 0, 2);
  const inputAtHand = (): Uint8Array =>
    Uint8Array.from(new Uint8Array(shared, header, Math.max(0, Atomics.load(counters, 1))));
  const worker = new Worker(new URL('./worker.js', import.meta.url), {
    workerData: { ...work, shared },
    resourceLimits: { maxOldGenerationSizeMb: 1024 },
  });
  return new Promise((resolve) => {
    let [runs, since] = [-1, process.cpuUsage()];
    const stop = (words: string): void => {
      clearInterval(watch);
      resolve({ type: 'failed', input: inputAtHand(), words });
      void worker.terminate();
    };
    const watch = setInterval(() => {
      const now = Atomics.load(counters, 0);
      const { user, system } = process.cpuUsage(since);
      if (now !== runs || Atomics.load(counters, 1) < 0) [runs, since] = [now, process.cpuUsage()];
      else if (now > 0 && user + system > patience)
        stop(`it has taken more than ${patience / 1e6} s of the processor`);
    }, glance);
    worker.on('message', (report: Report) => {
      if (report.type === 'failed') return keep(work.target, report.input, report.words);
      clearInterval(watch);
      resolve(report);
      // A target may listen on a port for as long as its thread lives.
      void worker.terminate();
    });
    worker.on('error', (error: Error) => stop(error.stack ?? error.message));
  });
}

if (chosen.length === 0) {
  console.error(
    `no target is called ${values.target}; there are: ${targets.map(({ name }) => name).join(' ')}`,
  );
  process.exitCode = 2;
} else if (values.replay !== undefined) {
  const report = await run({
    target: values.target,
    seed,
    milliseconds: 0,
    corpus: '',
    replay: readFileSync(values.replay),
  });
  if (report.type === 'failed') keep(values.target, report.input, report.words);
  console.log(failures === 0 ? 'it does not fail' : 'it fails');
} else {
  console.log(`seed ${seed}, ${chosen.length} targets, ${Math.round(share / 100) / 10} s each`);
  for (const { name } of chosen) {
    const began = performance.now();
    for (let stops = 0; stops < mostStops; stops++) {
      const left = share - (performance.now() - began);
      const report = await run({
        target: name,
        seed: seed + stops,
        milliseconds: Math.max(200, left),
        corpus: join('fuzz', 'corpus', name),
      });
      if (report.type === 'done') {
        const { runs, kept, features, seeds } = report;
        console.log(
          `${name.padEnd(26)} ${String(runs).padStart(9)} inputs  ${String(features).padStart(5)} things reached  ${seeds} inputs to begin with, ${kept} kept`,
        );
        break;
      }
      keep(name, report.input, report.words);
    }
  }
  console.log(failures === 0 ? 'nothing failed' : `${failures} failed: see fuzz/crashes`);
}
if (failures > 0) process.exitCode = 1;
