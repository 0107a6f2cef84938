/**
 * The log of a running lab. Servers and proxies of several tasks run beside each other, and are started again when a file changes:
 * each start is a run of its own in the log, and says all wires that the lab has then, so that a reader draws all of them.
 */
import type { Participant, Topology, Wire } from '../../capture/event.ts';
import type { CaptureLog, RunLog } from '../../capture/log.ts';

export class LabWires {
  readonly #log: CaptureLog;
  #topology: Topology = { participants: [], wires: [] };

  constructor(log: CaptureLog) {
    this.#log = log;
  }

  /** Everything that was started is closed. */
  clear(): void {
    this.#topology = { participants: [], wires: [] };
  }

  /** For participants that are started together. */
  openRun(): RunLog {
    const run = this.#log.openRun();
    const { eventAt, nextConnection, subscribe, connectionFrom, until } = run;
    return {
      eventAt,
      nextConnection,
      subscribe,
      connectionFrom,
      until,
      get events() {
        return run.events;
      },
      append: (draft) => {
        if (draft.type !== 'began') return run.append(draft);
        this.#topology = joined(this.#topology, draft.topology);
        return run.append({ ...draft, topology: this.#topology });
      },
    };
  }
}

/** What comes later takes the place of what has its name. */
function joined(one: Topology, other: Topology): Topology {
  const { hub: _hub, ...rest } = { ...one, ...other };
  const participants = new Map<string, Participant>();
  for (const participant of [...one.participants, ...other.participants])
    participants.set(participant.name, participant);
  const wires = new Map<string, Wire>();
  for (const wire of [...one.wires, ...other.wires]) wires.set(wire.hop, wire);
  return { ...rest, participants: [...participants.values()], wires: [...wires.values()] };
}
