/**
 * Estimates how far the clocks of several captures are apart, from packets that two of them have, as NTP does (RFC 5905 section 8):
 * with the least delay in each direction, offset = ((t2 − t1) + (t3 − t4)) / 2, wrong by at most half of what both delays are
 * together. With packets of one direction alone, delay and offset cannot be told apart.
 */
import type { CapturedFile, Side } from '../event.ts';
import { streamsOf } from './match.ts';
import type { Group, Member } from './match.ts';
import type { SeenConnection, SeenStream } from './survey.ts';

export type ClockOffset = NonNullable<CapturedFile['clock']>;

/** What packets say of two clocks: the second file's time less the first one's, in microseconds. */
class Difference {
  /** Of packets that the first saw first: the least, since their delay only adds to it. */
  forward: number | undefined;
  /** Of those that the second saw first: the most. */
  backward: number | undefined;
  packets = 0;

  add(forward: readonly number[], backward: readonly number[]): void {
    for (const value of forward) this.forward = Math.min(this.forward ?? Infinity, value);
    for (const value of backward) this.backward = Math.max(this.backward ?? -Infinity, value);
    this.packets += forward.length + backward.length;
  }

  get offset(): ClockOffset | undefined {
    const { forward, backward, packets } = this;
    if (forward !== undefined && backward !== undefined)
      return {
        ahead: Math.round((forward + backward) / 2),
        // A clock that was set meanwhile contradicts itself by as much.
        uncertainty: Math.ceil(Math.abs(forward - backward) / 2),
        packets,
      };
    const ahead = forward ?? backward;
    return ahead === undefined ? undefined : { ahead: Math.round(ahead), packets };
  }
}

/**
 * By file; undefined for a file that has nothing in common with the first one, directly or by others.
 * @param inexact by how much the times of a file may be wrong, in microseconds.
 */
export function clockOffsets(
  files: number,
  groups: readonly Group[],
  inexact: (file: number) => number = () => 0,
): (ClockOffset | undefined)[] {
  const differences = new Map<string, Difference>();
  for (const { members } of groups) {
    const ordered = members.toSorted((one, other) => one.file - other.file);
    ordered.forEach((first, index) => {
      for (const second of ordered.slice(index + 1)) compare(first, second, differences);
    });
  }
  const offsets: (ClockOffset | undefined)[] = Array.from({ length: files }, (_, file) =>
    file === 0 ? { ahead: 0, uncertainty: 0, packets: 0 } : undefined,
  );
  for (let isNew = true; isNew; ) {
    isNew = false;
    for (const [pair, difference] of differences) {
      const [first = 0, second = 0] = pair.split(' ').map(Number);
      const step = difference.offset;
      const [from, to, sign] = offsets[first] ? [first, second, 1] : [second, first, -1];
      const known = offsets[from];
      if (!step || !known || offsets[to]) continue;
      const { uncertainty } = step;
      offsets[to] = {
        ahead: known.ahead + sign * step.ahead,
        ...(uncertainty === undefined || known.uncertainty === undefined
          ? {}
          : { uncertainty: known.uncertainty + uncertainty + inexact(first) + inexact(second) }),
        packets: step.packets,
      };
      isNew = true;
    }
  }
  return offsets;
}

function compare(first: Member, second: Member, differences: Map<string, Difference>): void {
  if (first.file === second.file) return;
  const key = `${first.file} ${second.file}`;
  let difference = differences.get(key);
  if (!difference) differences.set(key, (difference = new Difference()));
  const between: Record<Side, number[]> = { client: [], server: [] };
  for (const [side, left, right] of streamsOf(first.seen, second.seen))
    between[side] = timesBetween(first.seen, left, second.seen, right);
  const { client, server } = between;
  // Whoever sees the client's packets first is nearer to it, and sees the server's last. What one side sent alone says
  // nothing of that: the first file is then taken for the nearer one.
  const isNearer = client.length === 0 || server.length === 0 || median(client) >= median(server);
  if (isNearer) difference.add(client, server);
  else difference.add(server, client);
}

/** Of what both have: the second one's time less the first one's. */
function timesBetween(
  first: SeenConnection,
  left: SeenStream,
  second: SeenConnection,
  right: SeenStream,
): number[] {
  if (first.transport !== 'tcp') {
    const known = new Map(left.datagrams.map(({ hash, at }) => [hash, at]));
    return right.datagrams.flatMap(({ hash, at }) => {
      const before = known.get(hash);
      known.delete(hash);
      return before === undefined ? [] : [at - before];
    });
  }
  // Streams that begin in different places count from different ones.
  if (first.late || second.late) return [];
  const known = new Map<number, number>();
  for (let index = 0; index < left.marks.length; index += 2)
    known.set(left.marks[index] ?? 0, left.marks[index + 1] ?? 0);
  const times: number[] = [];
  for (let index = 0; index < right.marks.length; index += 2) {
    const before = known.get(right.marks[index] ?? 0);
    if (before !== undefined) times.push((right.marks[index + 1] ?? 0) - before);
  }
  return times;
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;
}
