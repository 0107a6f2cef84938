/**
 * One worker of a proxy: relays, captures and reads its own connections and hands finished lines, packets and keys to the
 * supervisor (`pool.ts`), at whose requests it starts, renews its credentials and ends.
 *
 * 1. It writes to no file and prints nothing itself, and signals are the supervisor's: a terminal sends them to all.
 * 2. Without its supervisor it ends.
 */
import { PacketBlocks } from '../../../capture/file/packet-blocks.ts';
import { CaptureLog } from '../../../capture/log.ts';
import { systemClock } from '../../../core/clock.ts';
import type { Environment, Parsed } from '../../command.ts';
import { readVersion } from '../../places.ts';
import { reproduceWith } from '../perform.ts';
import type { ProxySettings } from '../proxy-settings.ts';
import { beganAt, startRelay, wires } from '../relay.ts';
import type { OwnRelay } from '../relay.ts';
import { reportOf } from '../report.ts';
import { FrameWriter, writeFully } from './frames.ts';
import { failureOf, readyId } from './messages.ts';
import { AskedPlaces } from './places-link.ts';
import type { Answer, Beginning, Request, RequestName, Requests } from './messages.ts';

/** The descriptor of the pipe to the supervisor, behind the standard streams. */
const framesDescriptor = 3;

interface Work {
  readonly relay: OwnRelay;
  readonly frames: FrameWriter;
  readonly places: AskedPlaces;
  readonly targetSeq: () => number;
  readonly end: () => void;
}

type Handlers = {
  readonly [Name in RequestName]: (
    value: Parameters<Requests[Name]>[0],
  ) => Promise<ReturnType<Requests[Name]>> | ReturnType<Requests[Name]>;
};

/** Resolves when the supervisor has ended it. */
export async function performWorker(
  settings: ProxySettings,
  parsed: Parsed,
  environment: Environment,
): Promise<number> {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
  let starting: Promise<Work> | undefined;
  let report = (): void => {};
  const started = async (): Promise<Work> => {
    if (!starting) throw new Error('the worker has not been started');
    return starting;
  };
  let prepared: (() => void) | undefined;
  const handlers: Handlers = {
    start: async (beginning) => {
      starting = begin(beginning, settings, parsed, environment, (frames) => {
        report = () => frames.flush();
        report();
      });
      return (await starting).relay.address;
    },
    prepare: async (credentials) => {
      prepared = undefined;
      prepared = await (await started()).relay.prepare(credentials);
    },
    renew(isApplied) {
      if (isApplied) prepared?.();
      prepared = undefined;
    },
    counts: async () => {
      const { relay, targetSeq } = await started();
      return { ...(await relay.counts()), targetSeq: targetSeq() };
    },
    places: async (granted) => {
      const { places } = await started();
      for (const [what, id] of granted) places.grant(what, id);
    },
    report: () => report(),
    drain: async (milliseconds) => (await started()).relay.drain(milliseconds),
    async close(graceMs) {
      const { relay, frames, end } = await started();
      await relay.close(graceMs);
      end();
      frames.flush();
    },
  };
  return new Promise((resolve) => {
    const answer = async (request: Request): Promise<void> => {
      const given = await answerTo(request, handlers);
      process.send?.(given, () => {
        if (request.ask !== 'close') return;
        resolve('value' in given ? 0 : 70);
        process.disconnect();
      });
    };
    process.on('message', (request: Request) => void answer(request));
    process.send?.({ id: readyId, value: undefined } satisfies Answer);
  });
}

async function answerTo(request: Request, handlers: Handlers): Promise<Answer> {
  const { id, ask, value } = request;
  const handle = handlers[ask] as (value: unknown) => unknown;
  try {
    return { id, value: await handle(value) };
  } catch (error) {
    return failureOf(id, error);
  }
}

async function begin(
  { share, listen, credentials, packets, keys, maxPayload }: Beginning,
  wanted: ProxySettings,
  parsed: Parsed,
  environment: Environment,
  /** From then on the others' output waits for this worker's: before it has anything to hand over. */
  onReady: (frames: FrameWriter) => void,
): Promise<Work> {
  const settings: ProxySettings = { ...wanted, listen };
  const log = new CaptureLog({ clock: systemClock, endless: true, relaysFirst: true, maxPayload, share });
  const run = log.openRun();
  let relay: OwnRelay | undefined;
  const frames = new FrameWriter(handOver, () => ({
    seq: log.nextSeq,
    open: relay?.clients ?? 0,
    nextConnection: log.upcomingConnection,
  }));
  let seq = 0;
  let targetSeq = 0;
  let address = listen;
  let isPrinting = false;
  const report = await reportOf(log, {
    parsed,
    environment,
    reproduce: reproduceWith(settings, () => address),
    write: (line) => {
      if (isPrinting) frames.line(seq, line);
    },
  });
  log.subscribe((event) => {
    ({ seq } = event);
    if ((event.type === 'opened' || event.type === 'refused') && event.hop === wires.outgoing)
      targetSeq = seq;
    if (event.type === 'keylog' && keys) frames.key(seq, event.line);
  });
  if (packets) {
    const blocks = new PacketBlocks({
      wires: Object.values(wires),
      began: Date.parse(share.wallClock) * 1000,
      onBlocks: (made) => frames.packets(seq, made),
    });
    log.subscribe(blocks.fold);
  }
  log.subscribe(report.fold);
  onReady(frames);
  const places = new AskedPlaces((what, id) => frames.place([what, id]));
  relay = await startRelay({
    settings,
    credentials,
    log: run,
    crowding: {
      sentAway: (from, why) => frames.crowding(log.nextSeq, { why, from }),
      madeRoom: (conn, from) => frames.crowding(log.nextSeq, { why: 'room', from, conn }),
    },
    ...(settings.maxConnections === undefined ? {} : { places }),
    onListening: (bound) => {
      address = bound;
      // The supervisor reports it.
      run.append(beganAt(settings, bound, readVersion(environment.places.root)));
      isPrinting = true;
    },
  });
  return {
    relay,
    frames,
    places,
    targetSeq: () => targetSeq,
    end() {
      seq = log.nextSeq;
      report.end();
    },
  };
}

function handOver(bytes: Uint8Array): void {
  try {
    writeFully(framesDescriptor, bytes);
  } catch {
    // Nobody reads it any more.
    process.exit(1);
  }
}
