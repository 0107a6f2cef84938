/**
 * Replays several captures as one, by the first one's clock: packets in the order of time, a connection that several of them have
 * once, from the packets of one of them. Who reads the files asks `hungry` which one is needed next.
 */
import type { CaptureDraft, CapturedFile, Sighting, SightingDifference, Topology } from '../event.ts';
import { PcapngPacket } from '../file/pcapng-reader.ts';
import type { CapturedInterface } from '../file/pcapng-reader.ts';
import { oneOfEach, Replay } from '../file/replay.ts';
import type { ReplayFacts, ReplayOptions } from '../file/replay.ts';
import type { PacketRecord } from '../file/window.ts';
import { flowConnection, flowOf } from '../stream-number.ts';
import type { Group } from './match.ts';
import type { Survey } from './survey.ts';

export interface JoinPlan {
  readonly files: readonly CapturedFile[];
  readonly topologies: readonly Survey['topology'][];
  readonly groups: readonly Group[];
  readonly differences: ReadonlyMap<Group, readonly SightingDifference[]>;
}

export interface JoinedReplayOptions
  extends Pick<ReplayOptions, 'clock' | 'version' | 'keylog' | 'copies' | 'wants'> {
  /** @param file the index of the file whose packet brought it */
  readonly append: (draft: CaptureDraft, file: number) => void;
}

export class JoinedReplay {
  readonly #plan: JoinPlan;
  readonly #options: JoinedReplayOptions;
  readonly #files: OneFile[];
  readonly #groupOf: readonly ReadonlyMap<number, Group>[];
  readonly #topology: Topology;
  readonly #numbers = new Map<Group, number>();
  #connections = 0;
  readonly #flows = { udp: 0, eapol: 0 };
  #hasBegun = false;

  constructor(plan: JoinPlan, options: JoinedReplayOptions) {
    this.#plan = plan;
    this.#options = options;
    const { topology, hops } = topologyOver(plan.topologies);
    this.#topology = topology;
    const groupOf = plan.topologies.map(() => new Map<number, Group>());
    for (const group of plan.groups)
      for (const { file, seen } of group.members) groupOf[file]?.set(seen.conn, group);
    this.#groupOf = groupOf;
    this.#files = plan.topologies.map((own, file) => {
      const { keylog, wants, ...shared } = options;
      return new OneFile(plan.files[file]?.clock?.ahead ?? 0, hops[file] ?? new Map<string, string>(), {
        ...shared,
        ...(keylog ? { keylog: [] } : {}),
        topologyOf: () => own,
        append: (draft) => this.#append(draft, file),
        ...(wants
          ? {
              wants: (conn, from, length, frame) => {
                const number = this.#files[file]?.numbers.get(conn);
                return number !== undefined && number >= 0 && wants(number, from, length, frame);
              },
            }
          : {}),
      });
    });
  }

  /** Where the reader of a file puts what it reads. */
  sink(file: number): OneFile {
    const one = this.#files[file];
    if (!one) throw new Error(`there is no file ${file}`);
    return one;
  }

  /** The next file to read from; undefined when all of them have ended. What is complete by then is replayed. */
  hungry(): number | undefined {
    for (;;) {
      let next: OneFile | undefined;
      for (const [index, file] of this.#files.entries()) {
        if (file.isEmpty) {
          if (file.hasEnded) continue;
          return index;
        }
        if (!next || file.time < next.time) next = file;
      }
      if (!next) return undefined;
      next.step();
    }
  }

  /** All files have ended, or none of them is read on. */
  end(): void {
    for (const file of this.#files) file.replay.end();
  }

  /** The number of a connection that several files have; undefined where it has not been replayed. */
  numberOf(group: Group): number | undefined {
    return this.#numbers.get(group);
  }

  get facts(): readonly ReplayFacts[] {
    return this.#files.map(({ replay }) => replay.facts);
  }

  /** Connections and flows, each counted once. */
  get counts(): { readonly connections: number; readonly udpFlows: number } {
    return { connections: this.#connections, udpFlows: this.#flows.udp };
  }

  #append(draft: CaptureDraft, file: number): void {
    const { append, keylog = [] } = this.#options;
    if (draft.type === 'began') {
      if (this.#hasBegun) return;
      this.#hasBegun = true;
      append({ ...draft, topology: this.#topology, files: this.#plan.files }, file);
      for (const line of keylog) append({ type: 'keylog', line }, file);
      return;
    }
    if (!('conn' in draft) || draft.conn === undefined) return append(draft, file);
    const one = this.sink(file);
    const number = this.#numberOf(one, draft.conn, file);
    if (number < 0) return;
    const hop = 'hop' in draft ? this.#hopOf(one, file, draft.conn, draft.hop) : undefined;
    if (draft.type !== 'opened') {
      append({ ...draft, conn: number, ...(hop === undefined ? {} : { hop }) }, file);
      return;
    }
    const { relays, onBehalfOf, ...rest } = draft;
    append(
      {
        ...rest,
        conn: number,
        hop: hop ?? draft.hop,
        file,
        ...this.#causes(one, file, draft.conn, { relays, onBehalfOf }),
        ...this.#sightings(file, draft.conn),
      },
      file,
    );
  }

  /** Its number among all connections; negative where another file's packets are shown. */
  #numberOf(one: OneFile, conn: number, file: number): number {
    const known = one.numbers.get(conn);
    if (known !== undefined) return known;
    const group = this.#groupOf[file]?.get(conn);
    const [shown] = group?.members ?? [];
    const isShown = !group || (shown?.file === file && shown.seen.conn === conn);
    const number = isShown ? this.#next(conn) : -1;
    one.numbers.set(conn, number);
    if (group && isShown) this.#numbers.set(group, number);
    return number;
  }

  #next(conn: number): number {
    const flow = flowOf(conn);
    return flow ? flowConnection(flow.kind, this.#flows[flow.kind]++) : this.#connections++;
  }

  /** As a file names the wire that knows who stands at its ends, else as the one with the packets does. */
  #hopOf(one: OneFile, file: number, conn: number, hop: string): string {
    const members = this.#groupOf[file]?.get(conn)?.members ?? [];
    const named = members.find((member) => this.#plan.topologies[member.file]);
    return named
      ? (this.sink(named.file).hops.get(named.seen.hop) ?? named.seen.hop)
      : (one.hops.get(hop) ?? hop);
  }

  /** For which connection of a client a proxy opened it: as the file with its packets says, or another one that saw it. */
  #causes(
    one: OneFile,
    file: number,
    conn: number,
    own: { readonly relays?: number | undefined; readonly onBehalfOf?: number | undefined },
  ): { relays?: number; onBehalfOf?: number } {
    const told = [
      { file, ...own },
      ...(this.#groupOf[file]?.get(conn)?.members ?? []).map((member) => ({
        file: member.file,
        ...member.seen,
      })),
    ];
    for (const { file: by, relays, onBehalfOf } of told) {
      const client = relays ?? onBehalfOf;
      if (client === undefined) continue;
      const group = this.#groupOf[by]?.get(client);
      const number = group
        ? this.#numbers.get(group)
        : (by === file ? one : this.sink(by)).numbers.get(client);
      if (number === undefined || number < 0) continue;
      return relays === undefined ? { onBehalfOf: number } : { relays: number };
    }
    return {};
  }

  #sightings(
    file: number,
    conn: number,
  ): { seen?: readonly Sighting[]; differences?: readonly SightingDifference[] } {
    const group = this.#groupOf[file]?.get(conn);
    if (!group) return {};
    const differences = this.#plan.differences.get(group) ?? [];
    return {
      seen: group.members.map(({ file: at, seen: { client, server, frame } }) => ({
        file: at,
        client,
        server,
        frame,
      })),
      ...(differences.length > 0 ? { differences } : {}),
    };
  }
}

/** One of the files: its packets wait until no other has an earlier one. */
class OneFile {
  readonly replay: Replay;
  /** The numbers of its connections among all. */
  readonly numbers = new Map<number, number>();
  readonly hops: ReadonlyMap<string, string>;
  hasEnded = false;
  readonly #ahead: number;
  #packets: PacketRecord[] = [];
  #at = 0;

  constructor(ahead: number, hops: ReadonlyMap<string, string>, options: ReplayOptions) {
    this.#ahead = ahead;
    this.hops = hops;
    this.replay = new Replay(options);
  }

  interface(facts: CapturedInterface): void {
    this.replay.interface(facts);
  }

  secrets(lines: readonly string[]): void {
    this.replay.secrets(lines);
  }

  packet(packet: PacketRecord): void {
    const microseconds = packet.microseconds - this.#ahead;
    // The reader uses its object again for the next one.
    this.#packets.push(
      packet instanceof PcapngPacket
        ? Object.assign(new PcapngPacket(), packet, { microseconds })
        : { ...packet, microseconds },
    );
  }

  get isEmpty(): boolean {
    return this.#at === this.#packets.length;
  }

  /** Of the packet that waits. */
  get time(): number {
    return this.#packets[this.#at]?.microseconds ?? Infinity;
  }

  step(): void {
    const packet = this.#packets[this.#at++];
    if (packet) this.replay.packet(packet);
    if (!this.isEmpty) return;
    this.#packets = [];
    this.#at = 0;
  }
}

/**
 * The participants and wires of all files that say so, and one wire for all those that do not. A wire whose name another file has
 * already gets the number of its file behind it.
 */
function topologyOver(topologies: readonly Survey['topology'][]): {
  readonly topology: Topology;
  readonly hops: readonly ReadonlyMap<string, string>[];
} {
  const participants = new Map<string, Topology['participants'][number]>();
  const wires = new Map<string, Topology['wires'][number]>();
  const hops = topologies.map(() => new Map<string, string>());
  const add = (own: Topology, file: number): void => {
    for (const one of own.participants) if (!participants.has(one.name)) participants.set(one.name, one);
    for (const wire of own.wires) {
      const hop = wires.has(wire.hop) ? `${wire.hop}${file + 1}` : wire.hop;
      hops[file]?.set(wire.hop, hop);
      wires.set(hop, { ...wire, hop });
    }
  };
  for (const [file, own] of topologies.entries()) if (own) add(own, file);
  const unnamed = topologies.flatMap((own, file) => (own ? [] : [file]));
  const [first] = unnamed;
  if (first !== undefined) add(oneOfEach, first);
  for (const file of unnamed) hops[file] = hops[first ?? 0] ?? new Map<string, string>();
  return { topology: { participants: [...participants.values()], wires: [...wires.values()] }, hops };
}
