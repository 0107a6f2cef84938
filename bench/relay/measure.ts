/**
 * Interleaved rounds of a row over all contestants. A sample is whole when the load found every byte as it should be and
 * wirelab has reported every connection; the processor time is taken after that, so that nothing can be left for later.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { runLoad } from '../generator.ts';
import type { LoadFigures, LoadOptions } from '../generator.ts';
import { cpuSeconds } from '../processes.ts';
import type { Running } from './contestant.ts';
import { connectionsOf, lighter, lighterTimes, unitsOf, valueOf } from './rows.ts';
import type { Row } from './rows.ts';

/** What a contestant did in all rounds of a row. */
export interface Samples {
  readonly name: string;
  readonly values: number[];
  /** Processor seconds for a unit of work; none for a run without a relay. */
  readonly cpu: number[];
  /** Milliseconds from the end of the load to wirelab's last report. */
  readonly late: number[];
  /** Why a sample could not be taken; then there are no more of it. */
  failure?: string;
}

export interface RelayResult {
  readonly row: Row;
  readonly samples: ReadonlyMap<string, Samples>;
}

/** Direct: the load's own server, without a relay. */
export const direct = 'direct, no relay';

/** A report that has not come by then is missing. */
const longestReport = 10_000;

export interface Subject {
  readonly name: string;
  readonly port: number;
  readonly running?: Running;
  /** PEM files of the client. */
  readonly tls: LoadOptions;
}

/** A sample that would take longer is made with less: rates and times of a unit can be compared all the same. */
const longestSample = 2;

async function sample(row: Row, { port, running, tls }: Subject, into: Samples): Promise<LoadFigures> {
  const made = connectionsOf(row);
  const count = async (): Promise<number> =>
    (await running?.reported())?.[row.mode === 'refused' ? 'refused' : 'ended'] ?? 0;
  const [cpu, reported] = running ? [cpuSeconds(running.pid), await count()] : [0, 0];
  const figures = await runLoad(row.mode, port, {
    ...row.load,
    ...(row.mode === 'refused' ? withoutIdentity(tls) : tls),
  });
  if (figures.lost > 0 && running?.contestant.role === 'ours')
    throw new Error(`${figures.lost} connections were not answered or not ended`);
  if (made !== undefined && running?.contestant.counted !== undefined) {
    const ended = performance.now();
    const wanted = reported + made;
    let got = await count();
    while (got < wanted && performance.now() - ended < longestReport) {
      await pause(5);
      got = await count();
    }
    if (got !== wanted)
      throw new Error(`${wanted - reported} connections were made, ${got - reported} reported`);
    into.late.push(performance.now() - ended);
  }
  into.values.push(valueOf(row, figures));
  if (running) into.cpu.push((cpuSeconds(running.pid) - cpu) / unitsOf(row, figures));
  return figures;
}

function withoutIdentity({ ca }: LoadOptions): LoadOptions {
  return ca === undefined ? {} : { ca };
}

export interface Progress {
  readonly rounds: number;
  readonly note: (text: string) => void;
}

/** One round that is not counted and does less, then so many that are; each begins with another contestant. */
export async function measure(
  row: Row,
  subjects: readonly Subject[],
  { rounds, note }: Progress,
): Promise<ReadonlyMap<string, Samples>> {
  const light = lighter(row);
  const slow = new Set<Subject>();
  const samples = subjects.map(({ name }): Samples => ({ name, values: [], cpu: [], late: [] }));
  for (let round = -1; round < rounds; round++) {
    for (let turn = 0; turn < subjects.length; turn++) {
      const at = (turn + Math.max(round, 0)) % subjects.length;
      const [subject, into] = [subjects[at], samples[at]];
      if (!subject || !into || into.failure !== undefined) continue;
      try {
        if (round < 0) {
          const { seconds } = await sample(light, subject, { ...into, values: [], cpu: [], late: [] });
          if (seconds * lighterTimes > longestSample) slow.add(subject);
        } else await sample(slow.has(subject) ? light : row, subject, into);
      } catch (error) {
        into.failure = error instanceof Error ? error.message : String(error);
        note(`${row.title}: ${subject.name}: ${into.failure}`);
      }
    }
  }
  return new Map(samples.map((one) => [one.name, one]));
}
