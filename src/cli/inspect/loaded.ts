/**
 * Reads a capture as a whole, for what shows or keeps all of it: its log, its connections, and the keys for them. The log keeps
 * payload up to its limit; older payload is read from the file again.
 */
import type { CaptureDraft, EventOf } from '../../capture/event.ts';
import { PacketClock } from '../../capture/file/replay.ts';
import { Flows } from '../../capture/flows.ts';
import { CaptureLog } from '../../capture/log.ts';
import { KeyRing } from '../../protocols/tls/keys/keylog.ts';
import { FilePayload } from './file-payload.ts';
import { openerBySources, readCapture } from './open.ts';
import type { FileProblem, ReadOptions } from './reading.ts';
import type { InspectRequest } from './request.ts';

export interface LoadedCapture {
  readonly log: CaptureLog;
  readonly flows: Flows;
  readonly keys: KeyRing;
  readonly began: EventOf<'began'> | undefined;
  readonly packets: number;
  /** The newest event, in microseconds since the run began. */
  readonly lastAt: number;
  readonly problems: readonly FileProblem[];
}

export interface LoadOptions {
  /** Of this program. */
  readonly version: string;
  readonly maxPayload: number;
  /** The log keeps no payload that the file contains: it is read from there again. Only for who reads streams, and no events. */
  readonly readsAgain?: boolean;
  /** Called before each event is kept; reading ends where it throws. */
  readonly onDraft?: (draft: CaptureDraft, log: CaptureLog) => void;
  readonly onTurn: (position: number, log: CaptureLog) => ReturnType<NonNullable<ReadOptions['onTurn']>>;
}

/** Await `loadCaptureReadings` before. */
export async function loadCapture(
  request: InspectRequest,
  { version, maxPayload, readsAgain, onDraft, onTurn }: LoadOptions,
): Promise<LoadedCapture> {
  const clock = new PacketClock();
  const log = new CaptureLog({ clock, maxPayload });
  const payload = new FilePayload(log, request.input, readsAgain);
  const flows = new Flows(payload);
  const keys = new KeyRing();
  let began: EventOf<'began'> | undefined;
  let packets = 0;
  let lastAt = 0;
  log.subscribe((event) => {
    flows.fold(event);
    lastAt = Math.max(lastAt, event.at);
    if (event.type === 'keylog') keys.add([event.line]);
    if (event.type === 'began') began ??= event;
  });
  const problems = await readCapture(request, {
    clock,
    version,
    keeps: true,
    append(draft, position) {
      onDraft?.(draft, log);
      payload.append(draft, position);
    },
    onFacts: (facts) => void ({ packets } = facts),
    onTurn: (position) => onTurn(position, log),
  });
  const open = await openerBySources(request);
  if (open) for (const connection of flows.connections) open(connection, flows, log);
  return { log, flows, keys, began, packets, lastAt, problems };
}
