/**
 * Writes a run as pcapng (draft-ietf-opsawg-pcapng): one interface per wire, raw IP packets, times in microseconds.
 * `packets.ts` synthesizes the packets; `pcapng-reader.ts` reads the format.
 *
 * 1. Captured data is on disk within a second, even if this process is killed: packets are appended to FILE.partial,
 *    which is a valid pcapng after every write. At the end of the run it is renamed to FILE.
 * 2. TLS secrets are known after the packets that they decrypt but must precede them (Wireshark reads once). Until the
 *    end they are a key log, FILE.partial.keys; then FILE is assembled with its secrets first.
 * 3. FILE appears complete or not at all, replacing an existing file. Symbolic links are not followed, and an existing
 *    FILE.partial belongs to another run and is never overwritten.
 * 4. An unwritable FILE is reported before the run. A full disk during the run ends the recording, not the run, and is
 *    reported by `close`; what was recorded stays in FILE.partial.
 */
import { UserError } from '../../i18n/user-error.ts';
import type { CaptureEvent, EventOf } from '../event.ts';
import { isLink, isOutOfRoom, openSibling, replaceable, unwritable } from './output-file.ts';
import { GrowingFile } from './growing-file.ts';
import { PacketMaker } from './packets.ts';
import type { Packet } from './packets.ts';
import {
  decryptionSecretsBlock,
  interfaceBlock,
  packetBlock,
  packetComment,
  sectionHeaderBlock,
  text,
} from './pcapng-blocks.ts';
import type { InterfaceFacts } from './pcapng-blocks.ts';
import {
  chownSync,
  closeSync,
  fchmodSync,
  lstatSync,
  readSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import type { Stats } from 'node:fs';

export interface PcapngOptions {
  /** Puts the key log lines into the file, which only its owner may then read. */
  readonly withSecrets?: boolean;
  /** The flag by which the user named the file. */
  readonly flag?: string;
  /**
   * The packets come from these interfaces by `blocks`, and none are synthesized. What comes before the run has begun waits
   * for that.
   */
  readonly interfaces?: readonly InterfaceFacts[] | undefined;
  /** Grows at FILE itself, behind what it has: what was recorded before stays, and a reader sees it at once. */
  readonly follows?: boolean;
  /** Its connections are experiments, whose client refuses no certificate: the file says so. */
  readonly hasExperiments?: boolean;
  /** Called once if recording fails; `close` throws the same error. */
  readonly onFailure?: (mistake: UserError) => void;
}

export interface WrittenCapture {
  readonly path: string;
  readonly packets: number;
  /** Key log lines in the file. */
  readonly secrets: number;
}

/** What `-w FILE` writes to until FILE is put in place. */
export const partialOf = (path: string): string => `${path}.partial`;

/** The key log beside it, where secrets are kept. */
export const partialKeysOf = (path: string): string => `${partialOf(path)}.keys`;

/** Bytes that are written at once, and how long less than that may wait, in milliseconds. */
const flushAt = { bytes: 256 * 1024, milliseconds: 250 } as const;

/** A pcapng file under construction: folds events during the run, and puts the file in place at its end. */
export class PcapngSpool {
  readonly #path: string;
  readonly #flag: string;
  readonly #file: GrowingFile;
  readonly #keys: GrowingFile | undefined;
  /** What it takes the place of. */
  readonly #before: Stats | undefined;
  readonly #interfaces = new Map<string, InterfaceFacts & { id: number }>();
  readonly #secrets = new Set<string>();
  readonly #maker = new PacketMaker((packet) => this.#packet(packet));
  #packets = 0;
  /** Of each run, its time 0, in microseconds since the epoch. */
  readonly #began = new Map<number, number>();
  /** What was seen before its run said when it began. */
  #early: Packet[] = [];
  #earlyBlocks: Uint8Array[] = [];
  readonly #given: readonly InterfaceFacts[] | undefined;
  readonly #follows: boolean;
  readonly #hasExperiments: boolean;
  #header: Uint8Array;
  #timer: NodeJS.Timeout | undefined;
  readonly #onFailure: ((mistake: UserError) => void) | undefined;
  #failure: unknown;
  #open = true;

  /** @throws UserError if a file with that name cannot be written, or another run's partial file is beside it. */
  constructor(path: string, options: PcapngOptions = {}) {
    const flag = (this.#flag = options.flag ?? '-w');
    this.#onFailure = options.onFailure;
    if (isLink(path)) throw unwritable(path, flag, 'ISLINK');
    this.#path = replaceable(path, flag);
    this.#before = statIfThere(this.#path);
    this.#given = options.interfaces;
    const follows = (this.#follows = options.follows ?? false);
    this.#hasExperiments = options.hasExperiments ?? false;
    this.#header = sectionHeaderBlock('wirelab', this.#given !== undefined, this.#hasExperiments);
    const withSecrets = options.withSecrets ?? false;
    let file: GrowingFile | undefined;
    try {
      file = new GrowingFile(
        follows ? this.#path : partialOf(this.#path),
        withSecrets ? 0o600 : modeLike(this.#before),
        follows,
      );
      // Whatever the umask says: it takes the place of a file that was as open as that.
      if (!withSecrets && this.#before) fchmodSync(file.descriptor, modeLike(this.#before));
      this.#file = file;
      this.#file.rewrite(this.#header);
      this.#keys = withSecrets ? new GrowingFile(partialKeysOf(this.#path), 0o600) : undefined;
    } catch (error) {
      if (file) this.#discard(file);
      throw (error as NodeJS.ErrnoException).code === 'EEXIST'
        ? leftOver(path, flag, file !== undefined)
        : unwritable(path, flag, error);
    }
  }

  /** The file that grows during the run; it is readable meanwhile. */
  get partial(): string {
    return this.#file.path;
  }

  /** Whether no run has been recorded. */
  get isEmpty(): boolean {
    return this.#began.size === 0 && this.#packets === 0 && this.#early.length === 0;
  }

  readonly fold = (event: CaptureEvent): void => {
    if (!this.#open) return;
    if (event.type === 'began') this.#run(event);
    else if (event.type === 'keylog') this.#secret(event.line.trim());
    else if (!this.#given) this.#maker.fold(event);
  };

  /** Appends packets that were made elsewhere (`packet-blocks.ts`), after the run that they belong to has begun. */
  readonly blocks = (blocks: Uint8Array, packets: number): void => {
    if (!this.#open || this.#failure) return;
    this.#packets += packets;
    if (this.#given && this.#began.size === 0) this.#earlyBlocks.push(blocks);
    else this.#append(this.#file, blocks);
  };

  /** Puts the file in place. @throws UserError when the disk did not take it; what was recorded stays beside it then. */
  close(): WrittenCapture {
    if (!this.#open) throw new Error('the capture file was closed before');
    try {
      for (const packet of this.#early) this.#write(packet);
      this.#flush();
      if (this.#failure) throw this.#failure;
      const secrets = this.#keys ? [...this.#secrets] : [];
      if (secrets.length > 0) this.#merge(secrets);
      else if (!this.#follows) this.#replace(this.#file.path);
      if (this.#keys) unlinkSync(this.#keys.path);
      return { path: this.#path, packets: this.#packets, secrets: secrets.length };
    } catch (error) {
      throw this.#mistake(error);
    } finally {
      this.#letGo();
    }
  }

  /** Ends without a file; nothing is left behind. */
  abort(): void {
    if (!this.#open) return;
    this.#open = false;
    clearTimeout(this.#timer);
    this.#early = [];
    for (const file of [this.#file, this.#keys]) if (file) this.#discard(file);
  }

  /** Leaves what was there before. */
  #discard(file: GrowingFile): void {
    try {
      if (file.start > 0) file.takeBack();
    } catch {
      // The reason why the file failed is what matters.
    }
    file.forget();
    closeSync(file.descriptor);
    if (file.start === 0) unlinkIfThere(file.path);
  }

  #letGo(): void {
    this.#open = false;
    clearTimeout(this.#timer);
    this.#early = [];
    for (const file of [this.#file, this.#keys]) {
      file?.forget();
      if (file) closeSync(file.descriptor);
    }
  }

  /** The whole file, with its secrets before the packets that they open. */
  #merge(secrets: readonly string[]): void {
    const part = openSibling(this.#path, 'part', 0o600);
    try {
      writeAll(part.descriptor, this.#header);
      writeAll(part.descriptor, decryptionSecretsBlock(secrets));
      copyAll(this.#file.descriptor, part.descriptor, this.#header.length);
      closeSync(part.descriptor);
      this.#replace(part.name);
    } catch (error) {
      unlinkIfThere(part.name);
      throw error;
    }
    unlinkSync(this.#file.path);
  }

  #replace(name: string): void {
    if (this.#before && this.#before.uid !== process.geteuid?.()) {
      // Only the superuser can preserve the owner of a file.
      try {
        chownSync(name, this.#before.uid, this.#before.gid);
      } catch {
        // It is the writer's then, as any new file.
      }
    }
    renameSync(name, this.#path);
  }

  #run({ version, wallClock, topology, run }: EventOf<'began'>): void {
    if (this.#began.size === 0 && this.#interfaces.size === 0) {
      this.#header = sectionHeaderBlock(
        `wirelab ${version}`,
        this.#given !== undefined,
        this.#hasExperiments,
      );
      this.#attempt(() => this.#file.rewrite(this.#header));
    }
    this.#began.set(run, Date.parse(wallClock) * 1000);
    if (this.#given) {
      for (const facts of this.#given) this.#add(facts);
      for (const blocks of this.#earlyBlocks.splice(0)) this.#append(this.#file, blocks);
      return;
    }
    for (const { hop, from, to, protocol } of topology.wires)
      this.#interface(hop, `${from} to ${to}, ${protocol}`);
    const ready = this.#early.filter((packet) => packet.run === run);
    if (ready.length > 0) this.#early = this.#early.filter((packet) => packet.run !== run);
    for (const packet of ready) this.#write(packet);
  }

  #interface(hop: string, description?: string): number {
    return this.#add({ name: hop, ...(description ? { description } : {}) });
  }

  #add(interface_: InterfaceFacts): number {
    let facts = this.#interfaces.get(interface_.name);
    if (!facts) {
      facts = { id: this.#interfaces.size, ...interface_ };
      this.#interfaces.set(facts.name, facts);
      this.#append(this.#file, interfaceBlock(facts));
    }
    return facts.id;
  }

  #packet(packet: Packet): void {
    if (this.#began.has(packet.run)) this.#write(packet);
    else this.#early.push(packet);
  }

  #write(packet: Packet): void {
    if (this.#failure) return;
    const { hop, run, at, bytes } = packet;
    const id = this.#interface(hop);
    this.#packets++;
    this.#append(this.#file, packetBlock(id, (this.#began.get(run) ?? 0) + at, bytes, packetComment(packet)));
  }

  #secret(line: string): void {
    if (!this.#keys || this.#secrets.has(line)) return;
    this.#secrets.add(line);
    this.#append(this.#keys, text(`${line}\n`));
  }

  #append(file: GrowingFile, bytes: Uint8Array): void {
    if (this.#failure) return;
    file.append(bytes);
    if (file.waiting >= flushAt.bytes) this.#attempt(() => this.#flush());
    else this.#timer ??= setTimeout(() => this.#attempt(() => this.#flush()), flushAt.milliseconds).unref();
  }

  #attempt(write: () => void): void {
    try {
      write();
    } catch (error) {
      this.#failure = error;
      this.#file.forget();
      this.#keys?.forget();
      this.#onFailure?.(this.#mistake(error));
    }
  }

  /** The keys first: what is in the file can be opened with them. */
  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#keys?.flush();
    this.#file.flush();
  }

  #mistake(error: unknown): UserError {
    if (!isOutOfRoom(error)) return unwritable(this.#path, this.#flag, error);
    const { code } = error;
    const partial = this.#file.path;
    return new UserError(
      {
        where: `${this.#flag} ${this.#path}`,
        what: {
          en: `there was no room for the file (${code}): recording stopped, and ${partial} has what was recorded until then; the traffic itself was not affected`,
          ko: `파일을 저장할 공간이 부족합니다(${code}). 기록은 그때 멈췄고, 그때까지의 내용은 ${partial} 파일에 있습니다. 통신은 그대로 이어졌습니다`,
        },
        expected: this.#keys
          ? {
              en: 'room for twice the traffic: a file with keys is assembled at the end',
              ko: '전송량의 두 배가 들어갈 공간(키를 넣은 파일은 마지막에 하나로 합칩니다)',
            }
          : { en: 'room for the traffic', ko: '전송량만큼의 공간' },
        received: this.#path,
        remedy: {
          en: 'Make room, or name a file on another disk.',
          ko: '공간을 비우거나 다른 디스크의 파일을 지정하세요.',
        },
      },
      { cause: error },
    );
  }
}

/** Another run's partial file exists: that run was killed, or is still running. */
function leftOver(path: string, flag: string, areKeys: boolean): UserError {
  const there = areKeys ? partialKeysOf(path) : partialOf(path);
  return new UserError({
    where: `${flag} ${path}`,
    what: {
      en: `${there} already exists: another run with the same ${flag} is still recording, or was killed before it could finish`,
      ko: `${there} 파일이 이미 있습니다. 같은 ${flag} 파일에 기록하는 다른 실행이 진행 중이거나, 끝나기 전에 강제로 종료되었습니다`,
    },
    expected: {
      en: 'no such file: it would be overwritten',
      ko: '이 파일이 없어야 합니다(있으면 덮어쓰게 됩니다)',
    },
    received: there,
    remedy: {
      en: `It can be read as it is: ./wirelab inspect ${partialOf(path)}. Rename or delete it (and ${partialKeysOf(path)}, the keys, if there are any), or name another file.`,
      ko: `그대로 읽을 수 있습니다: ./wirelab inspect ${partialOf(path)}. 이름을 바꾸거나 지우세요(키 파일 ${partialKeysOf(path)}도 있다면 함께). 아니면 다른 파일 이름을 지정하세요.`,
    },
  });
}

function statIfThere(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}

/** As open as what it takes the place of; as any new file where nothing was there. */
function modeLike(before: Stats | undefined): number {
  return before ? before.mode & 0o777 : 0o666;
}

function writeAll(descriptor: number, bytes: Uint8Array, position?: number): void {
  for (let at = 0; at < bytes.length; )
    at += writeSync(descriptor, bytes, at, undefined, position === undefined ? undefined : position + at);
}

function copyAll(from: number, to: number, start: number): void {
  const buffer = new Uint8Array(1024 * 1024);
  for (let at = start; ; ) {
    const count = readSync(from, buffer, 0, buffer.length, at);
    if (count === 0) return;
    writeAll(to, buffer.subarray(0, count));
    at += count;
  }
}

function unlinkIfThere(name: string): void {
  try {
    unlinkSync(name);
  } catch {
    // It was not there, or cannot be helped: the reason why the file failed is what matters.
  }
}
