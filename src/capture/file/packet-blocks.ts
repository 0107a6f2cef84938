/**
 * Turns events into the packet blocks of a pcapng file that another process writes (`PcapngSpool.blocks`): the costly half
 * of recording. `packets.ts` synthesizes the packets.
 */
import type { CaptureEvent } from '../event.ts';
import { PacketMaker } from './packets.ts';
import { packetBlock, packetComment } from './pcapng-blocks.ts';

export interface PacketBlocksOptions {
  /** The names of the wires, in the order of the topology: the file's interfaces. */
  readonly wires: readonly string[];
  /** The run's time 0, in microseconds since the epoch. */
  readonly began: number;
  /** Called with the packets of each event that has any; all of them have the event's time. */
  readonly onBlocks: (blocks: readonly Uint8Array[]) => void;
}

export class PacketBlocks {
  readonly #onBlocks: PacketBlocksOptions['onBlocks'];
  readonly #maker: PacketMaker;
  #blocks: Uint8Array[] = [];

  constructor({ wires, began, onBlocks }: PacketBlocksOptions) {
    this.#onBlocks = onBlocks;
    const interfaces = new Map(wires.map((name, id) => [name, id]));
    this.#maker = new PacketMaker((packet) => {
      const { hop, at, bytes } = packet;
      const id = interfaces.get(hop);
      if (id === undefined) throw new Error(`no wire is called ${hop}`);
      this.#blocks.push(packetBlock(id, began + at, bytes, packetComment(packet)));
    });
  }

  readonly fold = (event: CaptureEvent): void => {
    this.#maker.fold(event);
    if (this.#blocks.length === 0) return;
    this.#onBlocks(this.#blocks);
    this.#blocks = [];
  };
}
