/**
 * Writes a run as pcapng (draft-ietf-opsawg-pcapng): one interface for each wire, raw IP packets, times in microseconds.
 * It decides the blocks and when the file appears; the packets are drawn by `packets.ts`, and `pcapng-reader.ts` reads.
 *
 * 1. The secrets of TLS arrive after the packets that they open, but must stand before them (Wireshark reads once). So
 *    packets are spooled to a nameless file beside the target, and the target is put together when the run is over.
 * 2. The target appears whole or not at all: it is written beside its name and renamed. The spool has no name from its
 *    first byte on, so that not even a killed process leaves it behind.
 * 3. That the target cannot be written is known before the run. A disk that fills up during it ends the recording, not
 *    the run, and is reported by `close`.
 */
import { closeSync, readSync, renameSync, unlinkSync, writeSync } from 'node:fs';
import type { CaptureEvent, EventOf } from './event.ts';
import { openSibling, replaceable, unwritable } from './output-file.ts';
import type { Mistake } from '../i18n/mistake.ts';
import { PacketMaker } from './packets.ts';
import type { Packet } from './packets.ts';

export const reconstructedComment = 'reconstructed by wirelab from socket events';

const sectionComment =
  'Recorded by wirelab inside the endpoints of its sockets. Addresses, bytes, their order and times are real; how the bytes ' +
  'were cut into segments is not. Packets without payload were seen by no tap and carry a comment.';

/** Raw IP: packets begin with the IP header. */
const linkTypeRaw = 101;
/** "TLSK": the secrets are lines of an NSS key log. */
const secretsTypeTls = 0x544c534b;
const optionComment = 1;

export interface InterfaceFacts {
  readonly name: string;
  readonly description?: string;
}

type Option = readonly [code: number, value: Uint8Array];

const text = (value: string): Uint8Array => Buffer.from(value, 'utf8');
const padded = (length: number): number => (length + 3) & ~3;

/** A block: its type, its length before and after, all in little-endian order (section 3.1 of the draft). */
function block(type: number, bodyLength: number, options: readonly Option[], fill: (view: DataView, bytes: Uint8Array) => void): Uint8Array {
  const optionsLength = options.length === 0 ? 0 : options.reduce((sum, [, value]) => sum + 4 + padded(value.length), 4);
  const total = 12 + padded(bodyLength) + optionsLength;
  const bytes = new Uint8Array(total);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, type, true);
  view.setUint32(4, total, true);
  fill(new DataView(bytes.buffer, 8), bytes.subarray(8));
  let at = 8 + padded(bodyLength);
  for (const [code, value] of options) {
    view.setUint16(at, code, true);
    view.setUint16(at + 2, value.length, true);
    bytes.set(value, at + 4);
    at += 4 + padded(value.length);
  }
  view.setUint32(total - 4, total, true);
  return bytes;
}

export function sectionHeaderBlock(application: string): Uint8Array {
  return block(0x0a0d0d0a, 16, [[optionComment, text(sectionComment)], [4, text(application)]], (view) => {
    view.setUint32(0, 0x1a2b3c4d, true);
    view.setUint16(4, 1, true);
    view.setUint16(6, 0, true);
    view.setBigInt64(8, -1n, true);
  });
}

export function interfaceBlock({ name, description }: InterfaceFacts): Uint8Array {
  const options: Option[] = [[2, text(name)], ...(description ? [[3, text(description)] as const] : []), [9, Uint8Array.of(6)]];
  return block(1, 8, options, (view) => view.setUint16(0, linkTypeRaw, true));
}

/** Lines of an NSS key log, for everything that follows in the section. */
export function decryptionSecretsBlock(lines: readonly string[]): Uint8Array {
  const secrets = text(lines.map((line) => `${line}\n`).join(''));
  return block(0x0a, 8 + secrets.length, [], (view, body) => {
    view.setUint32(0, secretsTypeTls, true);
    view.setUint32(4, secrets.length, true);
    body.set(secrets, 8);
  });
}

/** @param microseconds since the Unix epoch. */
export function packetBlock(interfaceId: number, microseconds: number, packet: Uint8Array, comment?: string): Uint8Array {
  return block(6, 20 + packet.length, comment ? [[optionComment, text(comment)]] : [], (view, body) => {
    view.setUint32(0, interfaceId, true);
    view.setUint32(4, Math.floor(microseconds / 2 ** 32), true);
    view.setUint32(8, microseconds % 2 ** 32, true);
    view.setUint32(12, packet.length, true);
    view.setUint32(16, packet.length, true);
    body.set(packet, 20);
  });
}

export interface PcapngOptions {
  /** Puts the key log lines into the file, which only its owner may then read. */
  readonly withSecrets?: boolean;
  /** The flag by which the user named the file. */
  readonly flag?: string;
  /** Told once, when nothing more is recorded; `close` throws the same. */
  readonly onFailure?: (mistake: Mistake) => void;
}

export interface WrittenCapture {
  readonly path: string;
  readonly packets: number;
  /** Key log lines in the file. */
  readonly secrets: number;
}

/** A pcapng in the making: folds events while the run goes on, and puts the file in place at its end. */
export class PcapngSpool {
  readonly #path: string;
  readonly #flag: string;
  readonly #withSecrets: boolean;
  readonly #spool: number;
  readonly #interfaces = new Map<string, InterfaceFacts & { id: number }>();
  readonly #secrets = new Set<string>();
  readonly #maker = new PacketMaker((packet) => this.#packet(packet));
  readonly #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  #packets = 0;
  /** Microseconds since the epoch at which the run began. */
  #began = 0;
  #application = 'wirelab';
  readonly #onFailure: ((mistake: Mistake) => void) | undefined;
  #failure: unknown;
  #open = true;

  /** @throws Mistake when a file of that name cannot be written. */
  constructor(path: string, options: PcapngOptions = {}) {
    this.#flag = options.flag ?? '-w';
    this.#withSecrets = options.withSecrets ?? false;
    this.#onFailure = options.onFailure;
    this.#path = replaceable(path, this.#flag);
    try {
      const { descriptor, name } = openSibling(this.#path, 'spool', 0o600);
      unlinkSync(name);
      this.#spool = descriptor;
    } catch (error) {
      throw unwritable(path, this.#flag, error);
    }
  }

  readonly fold = (event: CaptureEvent): void => {
    if (!this.#open) return;
    if (event.type === 'began') this.#run(event);
    else if (event.type === 'keylog') this.#secrets.add(event.line.trim());
    else this.#maker.fold(event);
  };

  /** Writes the file and puts it in place. @throws Mistake when the disk did not take it; nothing is left behind. */
  close(): WrittenCapture {
    if (!this.#open) throw new Error('the capture file was closed before');
    let part: { readonly descriptor: number; readonly name: string } | undefined;
    try {
      this.#flush();
      if (this.#failure) throw this.#failure;
      const secrets = this.#withSecrets ? [...this.#secrets] : [];
      part = openSibling(this.#path, 'part', this.#withSecrets ? 0o600 : 0o666);
      writeAll(part.descriptor, sectionHeaderBlock(this.#application));
      for (const facts of this.#interfaces.values()) writeAll(part.descriptor, interfaceBlock(facts));
      if (secrets.length > 0) writeAll(part.descriptor, decryptionSecretsBlock(secrets));
      copyAll(this.#spool, part.descriptor);
      closeSync(part.descriptor);
      renameSync(part.name, this.#path);
      return { path: this.#path, packets: this.#packets, secrets: secrets.length };
    } catch (error) {
      if (part) discard(part.name);
      throw unwritable(this.#path, this.#flag, error);
    } finally {
      this.abort();
    }
  }

  /** Ends without a file; nothing is left behind. */
  abort(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#pending.length = 0;
    closeSync(this.#spool);
  }

  #run({ version, wallClock, topology }: EventOf<'began'>): void {
    this.#application = `wirelab ${version}`;
    this.#began = Date.parse(wallClock) * 1000;
    for (const { hop, from, to, protocol } of topology.wires) this.#interface(hop, `${from} to ${to}, ${protocol}`);
  }

  #interface(hop: string, description?: string): number {
    let facts = this.#interfaces.get(hop);
    if (!facts) {
      facts = { id: this.#interfaces.size, name: hop, ...(description ? { description } : {}) };
      this.#interfaces.set(hop, facts);
    }
    return facts.id;
  }

  #packet({ hop, at, bytes, reconstructed }: Packet): void {
    if (this.#failure) return;
    const written = packetBlock(this.#interface(hop), this.#began + at, bytes, reconstructed ? reconstructedComment : undefined);
    this.#packets++;
    this.#pending.push(written);
    this.#pendingBytes += written.length;
    if (this.#pendingBytes < 256 * 1024) return;
    try {
      this.#flush();
    } catch (error) {
      this.#failure = error;
      this.#pending.length = 0;
      this.#onFailure?.(unwritable(this.#path, this.#flag, error));
    }
  }

  #flush(): void {
    if (this.#pending.length > 0) writeAll(this.#spool, Buffer.concat(this.#pending));
    this.#pending.length = 0;
    this.#pendingBytes = 0;
  }
}

function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
}

function copyAll(from: number, to: number): void {
  const buffer = new Uint8Array(1024 * 1024);
  for (let at = 0; ; ) {
    const count = readSync(from, buffer, 0, buffer.length, at);
    if (count === 0) return;
    writeAll(to, buffer.subarray(0, count));
    at += count;
  }
}

function discard(name: string): void {
  try {
    unlinkSync(name);
  } catch {
    // It was not there, or cannot be helped: the reason why the file failed is what matters.
  }
}
