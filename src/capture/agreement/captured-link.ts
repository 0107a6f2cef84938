/**
 * Reads the packets of one interface as they are captured: into connections with their bytes (`file/replay.ts`), and into what is
 * needed to know that nothing more will come of a connection. The bytes come as a capture file (`tcpdump -w -`).
 */
import { CaptureReader } from '../file/capture-file.ts';
import { PacketClock, Replay } from '../file/replay.ts';
import type { PacketRecord } from '../file/window.ts';
import { Flows } from '../flows.ts';
import { CaptureLog } from '../log.ts';
import { readIp, readTcp } from '../net/ip.ts';
import { ipPacketOf } from '../net/link-layers.ts';
import { TcpEndings } from './tcp-endings.ts';

export interface CapturedLinkOptions {
  readonly version: string;
  /** Called with each packet, in place. */
  readonly onPacket?: (packet: PacketRecord) => void;
}

export class CapturedLink {
  readonly #clock = new PacketClock();
  readonly #log = new CaptureLog({ clock: this.#clock, maxPayload: Infinity });
  readonly #replay: Replay;
  readonly #reader: CaptureReader;
  readonly flows = new Flows(this.#log);
  readonly endings = new TcpEndings();
  /** Whether no packet was lost by who captured them, as far as they say. */
  isComplete = true;

  constructor({ version, onPacket }: CapturedLinkOptions) {
    this.#log.subscribe(this.flows.fold);
    this.#replay = new Replay({ append: (draft) => this.#log.append(draft), clock: this.#clock, version });
    this.#reader = new CaptureReader(
      {
        packet: (packet) => {
          this.#replay.packet(packet);
          this.#end(packet);
          onPacket?.(packet);
        },
      },
      { keeps: true },
    );
  }

  get packets(): number {
    return this.#replay.facts.packets;
  }

  /** Bytes of the file, as they come. */
  read(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length && !this.#reader.isOver; ) {
      const room = this.#reader.room();
      const piece = bytes.subarray(at, at + room.length);
      room.set(piece);
      this.#reader.took(piece.length);
      at += piece.length;
    }
  }

  /** There are no more packets. */
  end(): void {
    this.#replay.end();
  }

  #end({ linkType, bytes, start, end }: PacketRecord): void {
    const link = ipPacketOf(linkType, bytes.subarray(start, end));
    const packet = 'ip' in link ? readIp(link.ip) : undefined;
    const segment = packet?.protocol === 6 ? readTcp(packet.payload) : undefined;
    if (packet && segment) this.endings.add(packet, segment, this.packets);
  }
}
