/**
 * Relays connections with several worker processes (`--workers N`), as `relay.ts` does with one: starts them, gives
 * out the places of their connections, sums what they count, and replaces one that ends. `output.ts` merges what they print and record.
 *
 * 1. All workers accept from one listening socket: the kernel gives a connection to one that is idle.
 * 2. New credentials are checked by every worker before any applies them: all have the new ones, or none.
 * 3. A worker that ends unexpectedly takes its connections with it. It is reported and replaced: at once if it had run for
 *    a while, otherwise after a pause that grows.
 * 4. Workers end with the supervisor, however it ends: the channel between them closes then.
 */
import cluster from 'node:cluster';
import { randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { Worker } from 'node:cluster';
import type { Address } from '../../../capture/event.ts';
import type { LogShare } from '../../../capture/log.ts';
import type { Localized } from '../../../i18n/language.ts';
import { UserError } from '../../../i18n/user-error.ts';
import type { ProxyCredentials } from '../../../proxy/proxy.ts';
import { Places, usualWaiting } from '../../../wire/tcp/places.ts';
import { addMetrics, Metrics } from '../../../ui/status/metrics.ts';
import type { Relay, RelayCounts, RelayOptions } from '../relay.ts';
import { wires } from '../relay.ts';
import type { Frame, WorkerState } from './frames.ts';
import { errorOf, readyId } from './messages.ts';
import type { Answer, Beginning, RequestName, Requests } from './messages.ts';
import { PlacesDesk } from './places-link.ts';
import type { PlaceGrant, PlaceReport } from './places-link.ts';
import type { WorkerOutput, WorkersOutput } from './output.ts';

/** A worker that ran for less is replaced after a pause, in milliseconds, which doubles each time. */
const stableAfter = 30_000;
const firstPause = 250;
const longestPause = 30_000;

/** How long the status page waits for a worker before it takes what it last knew, in milliseconds. */
const countsWithin = 1_000;
/** With a status page, so often they are asked all the same: what a worker counted before it died is then nearly all known. */
const countsEvery = 1_000;

export interface PoolOptions extends Pick<Beginning, 'packets' | 'keys' | 'maxPayload'> {
  readonly workers: number;
  /** When the run began, for the logs of all. */
  readonly epoch: Pick<LogShare, 'started' | 'wallClock'>;
  readonly output: WorkersOutput;
}

type Counts = ReturnType<Requests['counts']>;

/** One worker process, as the supervisor sees it. */
class WorkerProcess {
  readonly slot: number;
  readonly #worker: Worker;
  readonly #output: WorkerOutput;
  readonly #pending = new Map<number, (answer: Answer) => void>();
  readonly startedAt = performance.now();
  /** Resolves when the process has ended and everything it handed over has been read. */
  readonly ended: Promise<string>;
  /** Resolves when it takes requests: what is sent before, Node drops. Or when it has ended. */
  readonly #listens: Promise<unknown>;
  counts: Counts | undefined;
  /** How it named the address that it listens on; undefined until it does. */
  listensAs: Address | undefined;
  hasEnded = false;
  #nextId = 1;
  /** What its connections were granted in this turn. */
  #granted: (readonly [what: PlaceGrant, id: number])[] = [];

  constructor(slot: number, output: WorkersOutput, places: Places, onCrowding: (frame: Frame) => void) {
    this.slot = slot;
    const desk = new PlacesDesk(places.ownedBy(this), (what, id) => this.#grant(what, id));
    this.#worker = cluster.fork();
    this.#worker.on('error', () => {});
    const { process: child } = this.#worker;
    const pipe = child.stdio[3] as Readable;
    this.#output = output.open(pipe, {
      ask: () => this.#send('report', undefined),
      onCrowding,
      onPlace: ({ content }) => desk.take(...(JSON.parse(content.toString()) as [PlaceReport, number])),
    });
    let onListening = (): void => {};
    const listening = new Promise<void>((resolve) => (onListening = resolve));
    this.#worker.on('message', (answer: Answer) => {
      if (answer.id === readyId) onListening();
      else this.#settle(answer);
    });
    const exited = new Promise<string>((resolve) => {
      child.once('exit', (code, signal) => resolve(signal ?? `${code}`));
      // It could not even be started.
      child.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    });
    this.ended = Promise.all([exited, this.#output.ended]).then(([how]) => {
      this.hasEnded = true;
      desk.end();
      for (const [id, settle] of this.#pending) settle({ id, fault: endedFault });
      return how;
    });
    this.#listens = Promise.race([listening, this.ended]);
  }

  get state(): WorkerState {
    return this.#output.state;
  }

  /** Rejects with what the worker rejected with, or if it has ended. */
  async request<Name extends RequestName>(
    ask: Name,
    value: Parameters<Requests[Name]>[0],
  ): Promise<ReturnType<Requests[Name]>> {
    await this.#listens;
    if (this.hasEnded) throw new WorkerEnded();
    const answer = await new Promise<Answer>((resolve) => {
      this.#pending.set(this.#send(ask, value), resolve);
    });
    if ('value' in answer) return answer.value as ReturnType<Requests[Name]>;
    if ('fault' in answer && answer.fault === endedFault) throw new WorkerEnded();
    throw errorOf(answer) ?? new Error('a worker gave no answer');
  }

  /** Ends it at once. */
  kill(): void {
    this.#worker.process.kill('SIGKILL');
  }

  #grant(what: PlaceGrant, id: number): void {
    if (this.#granted.length === 0)
      queueMicrotask(() => {
        const granted = this.#granted;
        this.#granted = [];
        this.#send('places', granted);
      });
    this.#granted.push([what, id]);
  }

  #send(ask: RequestName, value: unknown): number {
    const id = this.#nextId++;
    if (this.#worker.isConnected()) this.#worker.send({ id, ask, value }, () => {});
    return id;
  }

  #settle(answer: Answer): void {
    const settle = this.#pending.get(answer.id);
    this.#pending.delete(answer.id);
    settle?.(answer);
  }
}

const endedFault = 'ended';

class WorkerEnded extends Error {}

/** Ignores that a worker has ended meanwhile: whoever replaces it is told everything anew. */
async function unlessEnded<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof WorkerEnded) return undefined;
    throw error;
  }
}

/** A `StartRelay` for several workers. */
export const startPool =
  (pool: PoolOptions) =>
  async (options: RelayOptions): Promise<Relay> => {
    const { argv } = process;
    cluster.schedulingPolicy = cluster.SCHED_NONE;
    cluster.setupPrimary({
      exec: argv[1] ?? '',
      args: argv.slice(2),
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'pipe', 'ipc'],
    });
    return new Pool(pool, options).start();
  };

class Pool {
  readonly #pool: PoolOptions;
  readonly #options: RelayOptions;
  /** By slot; undefined while one is being replaced. */
  readonly #workers: (WorkerProcess | undefined)[];
  readonly #pauses = new Set<NodeJS.Timeout>();
  readonly #pauseOf: number[];
  /** The number of the first connection that the next worker of a slot may have. */
  readonly #firstConnection: number[];
  /** What workers counted that have ended. */
  #before = new Metrics(wires).snapshot;
  /** Of all workers, where there is a limit. */
  readonly #places: Places;
  #credentials: ProxyCredentials;
  #address: Address;
  #isEnding = false;
  #refreshing: NodeJS.Timeout | undefined;

  constructor(pool: PoolOptions, options: RelayOptions) {
    this.#pool = pool;
    this.#options = options;
    this.#places = new Places({
      atOnce: options.settings.maxConnections,
      mostWaiting: usualWaiting,
    });
    this.#credentials = withTicketKeys(options.credentials);
    this.#address = options.settings.listen;
    this.#workers = Array.from({ length: pool.workers });
    this.#pauseOf = this.#workers.map(() => firstPause);
    this.#firstConnection = this.#workers.map((_, slot) => slot);
  }

  async start(): Promise<Relay> {
    try {
      // They load at the same time; the first one finds out whether the address can be listened on.
      const workers = this.#workers.map((_, slot) => this.#fork(slot));
      const [first, ...others] = workers as [WorkerProcess, ...WorkerProcess[]];
      this.#address = await this.#begin(first);
      this.#options.onListening(this.#address);
      this.#pool.output.begin();
      for (const worker of workers) this.#adopt(worker);
      await Promise.all(others.map(async (worker) => unlessEnded(this.#join(worker))));
    } catch (error) {
      this.#isEnding = true;
      for (const worker of this.#workers) worker?.kill();
      throw error;
    }
    if (this.#options.settings.status)
      this.#refreshing = setInterval(() => void this.#counts(), countsEvery).unref();
    const clients = (): number => this.#sum(({ state }) => state.open);
    return {
      address: this.#address,
      get clients() {
        return clients();
      },
      counts: async () => this.#counts(),
      renew: async (credentials) => this.#renew(credentials),
      drain: async (milliseconds) => this.#drain(milliseconds),
      close: async (graceMs) => this.#close(graceMs ?? 0),
    };
  }

  #fork(slot: number): WorkerProcess {
    const worker = new WorkerProcess(slot, this.#pool.output, this.#places, (frame) => this.#crowding(frame));
    this.#workers[slot] = worker;
    return worker;
  }

  /** Starts a worker behind the port that others listen on, or listened on; ends it where it got another one. */
  async #join(worker: WorkerProcess): Promise<void> {
    const { port } = await this.#begin(worker);
    // Those that had the socket ended while it asked for it, and the system chose a port anew. Another one takes its place.
    if (port !== this.#address.port) worker.kill();
  }

  async #begin(worker: WorkerProcess): Promise<Address> {
    const { workers, epoch, packets, keys, maxPayload } = this.#pool;
    const { slot } = worker;
    const share: LogShare = {
      ...epoch,
      index: slot + 1,
      of: workers + 1,
      connections: { first: this.#firstConnection[slot] ?? 0, step: workers },
    };
    // Workers that share a socket must all name it in the same way: its port may have been left to the system. Where none has it
    // any more, its port is bound anew.
    const sharer = this.#alive.find(({ listensAs }) => listensAs !== undefined);
    const listen = sharer?.listensAs ?? this.#address;
    const address = await worker.request('start', {
      share,
      listen,
      credentials: this.#credentials,
      packets,
      keys,
      maxPayload: Math.max(1, Math.floor(maxPayload / workers)),
    });
    worker.listensAs = listen;
    return address;
  }

  /** From now on it is replaced if it ends. */
  #adopt(worker: WorkerProcess): void {
    void worker.ended.then((how) => this.#lost(worker, how));
  }

  #lost(worker: WorkerProcess, how: string): void {
    const { slot, state, counts } = worker;
    this.#workers[slot] = undefined;
    this.#firstConnection[slot] = Math.max(this.#firstConnection[slot] ?? 0, state.nextConnection);
    if (counts) this.#before = addMetrics(this.#before, withoutOpen(counts.metrics));
    if (this.#isEnding) return;
    this.#options.log.append({ type: 'note', text: lostWords(slot + 1, how, state.open) });
    const ran = performance.now() - worker.startedAt;
    const pause = ran >= stableAfter ? 0 : (this.#pauseOf[slot] ?? firstPause);
    this.#pauseOf[slot] = Math.min(longestPause, ran >= stableAfter ? firstPause : 2 * pause);
    const timer = setTimeout(() => {
      this.#pauses.delete(timer);
      void this.#replace(slot);
    }, pause);
    this.#pauses.add(timer);
  }

  async #replace(slot: number): Promise<void> {
    const worker = this.#fork(slot);
    this.#adopt(worker);
    try {
      for (let given: ProxyCredentials | undefined; given !== this.#credentials; ) {
        const isFirst = given === undefined;
        given = this.#credentials;
        if (isFirst) {
          await this.#join(worker);
        } else {
          await worker.request('prepare', given);
          await worker.request('renew', true);
        }
      }
    } catch {
      // It cannot work: its end is reported, and another one is tried after a longer pause.
      worker.kill();
    }
  }

  #crowding({ content }: Frame): void {
    const { why, from, conn } = JSON.parse(content.toString()) as {
      readonly why: 'waiting' | 'open' | 'room';
      readonly from: Address;
      readonly conn?: number;
    };
    const { crowding } = this.#options;
    if (why === 'room') crowding.madeRoom(conn ?? 0, from);
    else crowding.sentAway(from, why);
  }

  get #alive(): readonly WorkerProcess[] {
    return this.#workers.filter((worker) => worker !== undefined && !worker.hasEnded) as WorkerProcess[];
  }

  #sum(of: (worker: WorkerProcess) => number): number {
    return this.#alive.reduce((sum, worker) => sum + of(worker), 0);
  }

  async #counts(): Promise<RelayCounts> {
    await Promise.all(
      this.#alive.map(async (worker) => {
        const asked = worker.request('counts', undefined).then((counts) => (worker.counts = counts));
        await Promise.race([asked.catch(() => {}), pauseFor(countsWithin)]);
      }),
    );
    const known = this.#alive.map(({ counts }) => counts).filter((counts) => counts !== undefined);
    const newest = known.reduce<Counts | undefined>(
      (latest, one) => (one.targetSeq > (latest?.targetSeq ?? -1) ? one : latest),
      undefined,
    );
    const sum = known.reduce((total, { metrics }) => addMetrics(total, metrics), this.#before);
    const target = newest && newest.targetSeq > 0 ? newest.metrics.target : this.#before.target;
    return {
      metrics: { ...sum, target },
      clients: known.reduce((total, { clients }) => total + clients, 0),
      waiting: this.#places.waiting,
    };
  }

  async #renew(credentials: ProxyCredentials): Promise<void> {
    const renewed = withTicketKeys(credentials);
    const workers = this.#alive;
    const checked = await Promise.all(
      workers.map(async (worker) =>
        worker.request('prepare', renewed).then(
          () => undefined,
          (error: unknown) => {
            if (error instanceof UserError) return error;
            // It is replaced, and given what is in force then.
            worker.kill();
            return undefined;
          },
        ),
      ),
    );
    const [mistake] = checked.filter((error) => error !== undefined);
    // A worker that starts meanwhile is given these, too.
    if (!mistake) this.#credentials = renewed;
    await Promise.all(
      workers.map(async (worker) => worker.request('renew', !mistake).catch(() => worker.kill())),
    );
    if (mistake) throw mistake;
  }

  async #drain(milliseconds: number): Promise<number> {
    this.#stopReplacing();
    const left = await Promise.all(
      this.#alive.map(async (worker) => unlessEnded(worker.request('drain', milliseconds))),
    );
    return left.reduce<number>((sum, one) => sum + (one ?? 0), 0);
  }

  async #close(graceMs: number): Promise<void> {
    this.#stopReplacing();
    clearInterval(this.#refreshing);
    await Promise.all(
      this.#alive.map(async (worker) => {
        await unlessEnded(worker.request('close', graceMs));
        await worker.ended;
      }),
    );
  }

  #stopReplacing(): void {
    this.#isEnding = true;
    for (const timer of this.#pauses) clearTimeout(timer);
    this.#pauses.clear();
  }
}

/** All workers accept each other's session tickets, until the credentials change. */
function withTicketKeys(credentials: ProxyCredentials): ProxyCredentials {
  return { ...credentials, listener: { ...credentials.listener, ticketKeys: randomBytes(48) } };
}

/** The connections of a worker that has ended are closed. */
function withoutOpen(metrics: RelayCounts['metrics']): RelayCounts['metrics'] {
  return {
    ...metrics,
    hops: Object.fromEntries(
      Object.entries(metrics.hops).map(([hop, counts]) => [hop, { ...counts, open: 0 }]),
    ),
  };
}

async function pauseFor(milliseconds: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, milliseconds).unref());
}

function lostWords(number: number, how: string, connections: number): Localized {
  const cause = /^\d+$/.test(how) ? `exit code ${how}` : how;
  const causeKo = /^\d+$/.test(how) ? `종료 코드 ${how}` : how;
  return {
    en: `worker ${number} ended unexpectedly (${cause}); its open connections (${connections}) are lost, and another worker takes its place`,
    ko: `작업 프로세스 ${number}번이 예기치 않게 끝났습니다(${causeKo}). 열려 있던 연결(${connections}개)은 끊겼고, 새 프로세스가 그 자리를 맡습니다`,
  };
}
