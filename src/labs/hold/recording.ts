/**
 * Runs steps of a lab on sockets of their own and writes what crosses the wires into a capture file, which contains no keys.
 * The steps of a lab that records something earlier do not depend on the learner's files; those that are repeated do.
 */
import { rmSync } from 'node:fs';
import { CaptureLog } from '../../capture/log.ts';
import type { CaptureEvent } from '../../capture/event.ts';
import { PcapngSpool, partialOf } from '../../capture/file/pcapng-writer.ts';
import { features } from '../../features/registry.ts';
import { startScenario } from '../../engine/run.ts';
import type { CompiledScenario } from '../../engine/scenario.ts';
import type { UserError } from '../../i18n/user-error.ts';
import type { World } from '../../pki/keystore/world.ts';
import { atFreePorts } from './ports.ts';
import type { HoldOptions } from './holding.ts';
import { planCut } from '../learner.ts';

/** What a mistake about the file names before its path. */
const flag = 'wirelab lab';

/** Whether the file could not be written; otherwise the steps could not be run. */
export const isAboutFile = ({ facts }: UserError, path: string): boolean => facts.where === `${flag} ${path}`;

export interface Recording {
  readonly compiled: CompiledScenario;
  readonly steps: readonly string[];
  readonly world: World;
  /** The only wire that is recorded; all of them when left out. */
  readonly wire?: string;
  /** The file. */
  readonly path: string;
}

/** Where the signal is aborted, there is no file. @throws UserError if the steps cannot be run or the file not be written. */
export async function recordSteps(
  { compiled, steps, world, wire, path }: Recording,
  { clock, random, version, signal }: Pick<HoldOptions, 'clock' | 'random' | 'version' | 'signal'>,
): Promise<void> {
  const log = new CaptureLog({ clock });
  // The folder is this process's alone: what lies there is of one that was killed.
  rmSync(partialOf(path), { force: true });
  const spool = new PcapngSpool(path, { flag });
  try {
    log.subscribe(wire === undefined ? spool.fold : onlyOn(wire, spool.fold));
    const plan = atFreePorts(planCut(compiled, steps));
    const scenario = await startScenario(features, { plan, log, clock, random, version, world, signal });
    try {
      await scenario.runSteps();
    } finally {
      await scenario.close();
    }
    if (signal.aborted) return;
    spool.close();
  } finally {
    spool.abort();
  }
}

/** Passes on the events of one wire: behind a proxy the same may be readable. */
export function onlyOn(wire: string, fold: (event: CaptureEvent) => void): (event: CaptureEvent) => void {
  const connections = new Set<number>();
  return (event) => {
    if (event.type === 'began') {
      const wires = event.topology.wires.filter(({ hop }) => hop === wire);
      fold({ ...event, topology: { ...event.topology, wires } });
      return;
    }
    if (event.type === 'opened' && event.hop === wire) connections.add(event.conn);
    if ('conn' in event && connections.has(event.conn)) fold(event);
  };
}
