/**
 * A scripted relay: stands between the two connections of a proxy and changes lines of a protocol by the entries of a scenario.
 * It takes the place of `wire/tap/relay.ts`, whose rules on ends and resets are its own.
 *
 * 1. What no entry is about is passed on as it came. A line without an end is held for a moment, in case its end comes, and then
 *    passed on: a prompt is such a line.
 * 2. TLS is never touched: with the first handshake record of either side, all bytes of both pass.
 */
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { breakOff } from '../../wire/tap/relay.ts';
import { matches, readPattern } from './pattern.ts';
import type { RelayEntry, RelayLine, Side } from './relay-lines.ts';
import { fill, readText, valueOf } from './text.ts';
import type { Values } from './text.ts';

/** The most bytes of a line; a longer one is passed on. */
const longestLine = 8192;
/** Milliseconds for which the beginning of a line is held. */
const heldMs = 500;
/** The content type of a handshake record (RFC 8446 section 5.1); no letter of a line. */
const handshake = 0x16;
const lineFeed = 0x0a;

export type RelayAct =
  | { readonly to: Side; readonly bytes: Uint8Array }
  | { readonly wait: number }
  | { readonly end: 'close' | 'reset' };

const other = (side: Side): Side => (side === 'client' ? 'server' : 'client');

/** What becomes of the bytes of one connection. Pure. */
export class RelayScript {
  readonly #entries: readonly RelayEntry[];
  readonly #candidates: readonly Values[];
  readonly #held: Record<Side, Buffer> = { client: Buffer.alloc(0), server: Buffer.alloc(0) };
  /** The beginning of the line has been passed on. */
  readonly #isWithin: Record<Side, boolean> = { client: false, server: false };
  #isTls = false;

  /** @param candidates the values of each account; those of none last. */
  constructor(entries: readonly RelayEntry[], candidates: readonly Values[]) {
    this.#entries = entries;
    this.#candidates = candidates;
  }

  take(from: Side, bytes: Uint8Array): RelayAct[] {
    const acts: RelayAct[] = [];
    let rest = Buffer.concat([this.#held[from], bytes]);
    this.#held[from] = Buffer.alloc(0);
    while (rest.length > 0) {
      if (!this.#isTls && rest[0] === handshake && !this.#isWithin[from]) {
        this.#isTls = true;
        acts.push(...this.rest(other(from)));
      }
      const end = this.#isTls ? rest.length - 1 : rest.indexOf(lineFeed);
      if (end < 0) {
        this.#held[from] = rest;
        if (rest.length > longestLine || this.#isWithin[from]) acts.push(...this.rest(from));
        return acts;
      }
      const line = rest.subarray(0, end + 1);
      rest = rest.subarray(end + 1);
      const isWhole = !this.#isTls && !this.#isWithin[from] && line.length <= longestLine;
      if (!this.#isTls) this.#isWithin[from] = false;
      acts.push(...(isWhole ? this.#changed(from, line) : [{ to: other(from), bytes: line }]));
    }
    return acts;
  }

  /** Whether the beginning of a line is held. */
  holds(from: Side): boolean {
    return this.#held[from].length > 0;
  }

  /** Passes on what is held of a side. */
  rest(from: Side): RelayAct[] {
    const bytes = this.#held[from];
    if (bytes.length === 0) return [];
    this.#held[from] = Buffer.alloc(0);
    this.#isWithin[from] = true;
    return [{ to: other(from), bytes }];
  }

  #changed(from: Side, line: Buffer): RelayAct[] {
    const text = line.toString('utf8').replace(/\r?\n$/, '');
    for (const { from: side, expect, lines = [] } of this.#entries) {
      if (side !== from) continue;
      const pattern = readPattern(expect);
      const found = this.#candidates.find((values) =>
        matches(pattern, text, (placeholder) => valueOf(placeholder, values)),
      );
      if (found) return lines.map((one) => actOf(one, from, line, found));
    }
    return [{ to: other(from), bytes: line }];
  }
}

function actOf(act: RelayLine, from: Side, line: Uint8Array, values: Values): RelayAct {
  const bytesOf = (text: string): Buffer => Buffer.from(`${fill(readText(text), values)}\r\n`, 'utf8');
  if (act.send !== undefined) return { to: other(from), bytes: bytesOf(act.send) };
  if (act.answer !== undefined) return { to: from, bytes: bytesOf(act.answer) };
  if (act.wait !== undefined) return { wait: act.wait };
  return act.pass ? { to: other(from), bytes: line } : { end: act.reset ? 'reset' : 'close' };
}

/** As `relay`: resolves when both connections have closed. */
export async function relayByScript(script: RelayScript, client: Duplex, server: Duplex): Promise<void> {
  const streams: Readonly<Record<Side, Duplex>> = { client, server };
  const closed = [client, server].map(async (stream) =>
    stream.closed ? undefined : new Promise((resolve) => stream.once('close', resolve)),
  );
  const carries = (['client', 'server'] as const).map(async (from) => carry(script, from, streams));
  await Promise.all([...closed, ...carries]);
}

async function carry(
  script: RelayScript,
  from: Side,
  streams: Readonly<Record<Side, Duplex>>,
): Promise<void> {
  const [source, sink] = [streams[from], streams[other(from)]];
  source.on('error', () => breakOff(sink));
  source.once('close', () => {
    if (!source.readableEnded || !source.writableFinished) breakOff(sink);
  });
  if (source.destroyed) return breakOff(sink);
  let timer: NodeJS.Timeout | undefined;
  try {
    for await (const bytes of source.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
      clearTimeout(timer);
      if (await isEndedBy(script.take(from, bytes), streams)) return;
      if (script.holds(from)) timer = setTimeout(() => void isEndedBy(script.rest(from), streams), heldMs);
    }
    await isEndedBy(script.rest(from), streams);
    sink.end();
  } catch {
    breakOff(sink);
  } finally {
    clearTimeout(timer);
  }
}

/** Carries acts out, one after the other. @returns whether one of them ends the connections. */
async function isEndedBy(
  acts: readonly RelayAct[],
  streams: Readonly<Record<Side, Duplex>>,
): Promise<boolean> {
  for (const act of acts) {
    if ('wait' in act) await pause(act.wait);
    else if ('to' in act) await written(streams[act.to], act.bytes);
    else {
      for (const stream of Object.values(streams)) {
        if (act.end === 'reset') breakOff(stream);
        else stream.end();
        // Nobody reads on: what still comes is left, so that the end is reached.
        stream.resume();
      }
      return true;
    }
  }
  return false;
}

/** Waits where the stream takes no more. */
async function written(stream: Duplex, bytes: Uint8Array): Promise<void> {
  if (stream.destroyed || stream.writableEnded || stream.write(bytes)) return;
  const either = new AbortController();
  try {
    await Promise.race(
      ['drain', 'close'].map(async (event) => once(stream, event, { signal: either.signal })),
    );
  } finally {
    either.abort();
  }
}
