/**
 * Keeps what passes on each wire of a running lab in the learner's folder, a file a wire: `wires/A.pcapng`. Only the learner's own
 * connections pass there; a check has wires of its own.
 *
 * 1. A file grows while the lab runs, and goes on behind what it has when the lab is started again: nothing is written over.
 * 2. A file that has become large is put aside as `A.1.pcapng`, in the place of the one before: an hour of requests does not fill a
 *    disk.
 * 3. What somebody moves away or deletes begins again. Where nothing can be written it is said once, and the lab goes on.
 */
import { renameSync, statSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { join } from 'node:path';
import type { CaptureEvent, EventOf } from '../../capture/event.ts';
import { makeFolder } from '../../capture/file/output-folder.ts';
import { unwritable } from '../../capture/file/output-file.ts';
import { PcapngSpool } from '../../capture/file/pcapng-writer.ts';
import { UserError } from '../../i18n/user-error.ts';

/** The folder of the captures, in the learner's. */
export const wiresFolder = 'wires';

/** Bytes of payload after which a file is put aside: a file is a little larger. */
const largest = 64 * 1024 * 1024;
/** What a packet takes beside its payload. */
const packetCost = 128;

export interface WireCapturesOptions {
  /** The learner's folder. */
  readonly folder: string;
  /** Called once for each wire that cannot be recorded. */
  readonly onFailure: (file: string, mistake: UserError) => void;
  /** Bytes of a file before it is put aside. */
  readonly mostBytes?: number;
}

interface Recording {
  readonly spool: PcapngSpool;
  readonly path: string;
  /** Of the file that was opened. */
  readonly there: Stats | undefined;
  /** The runs whose beginning is in it. */
  readonly runs: Set<number>;
  bytes: number;
}

export class WireCaptures {
  readonly #options: WireCapturesOptions;
  readonly #recordings = new Map<string, Recording>();
  readonly #failed = new Set<string>();
  readonly #began = new Map<number, EventOf<'began'>>();
  /** Connections that are open: a file that is begun in the middle begins with them. */
  readonly #opened = new Map<number, EventOf<'opened'>>();

  constructor(options: WireCapturesOptions) {
    this.#options = options;
  }

  readonly fold = (event: CaptureEvent): void => {
    switch (event.type) {
      case 'began':
        this.#began.set(event.run, event);
        break;
      case 'opened':
        this.#write(event, true);
        this.#opened.set(event.conn, event);
        break;
      case 'bytes':
        if (event.vantage === 'wire') this.#write(event, false);
        break;
      case 'closed':
        this.#write(event, false);
        this.#opened.delete(event.conn);
        this.#forgetRuns();
        break;
      case 'note':
      case 'step':
      case 'observed':
      case 'keylog':
      case 'secured':
      case 'refused':
      case 'segments':
        break;
    }
  };

  /** Every file is whole after this. */
  close(): void {
    for (const hop of this.#recordings.keys()) this.#end(hop);
  }

  #write(event: EventOf<'opened' | 'bytes' | 'closed'>, isFirst: boolean): void {
    const { hop, run } = event;
    if (this.#failed.has(hop)) return;
    try {
      const recording = this.#recordingOf(hop, isFirst);
      this.#begin(recording, hop, run);
      recording.bytes += packetCost + (event.type === 'bytes' ? event.bytes.length : 0);
      recording.spool.fold(event);
    } catch (error) {
      this.#fail(hop, error);
    }
  }

  /** @param isFirst whether a connection begins: then it is looked whether the file is still where it was. */
  #recordingOf(hop: string, isFirst: boolean): Recording {
    const known = this.#recordings.get(hop);
    const isLarge = known !== undefined && known.bytes > (this.#options.mostBytes ?? largest);
    const isGone = known !== undefined && isFirst && !isSame(known.there, statOf(known.path));
    if (known && !isLarge && !isGone) return known;
    if (known) this.#end(hop);
    const folder = join(this.#options.folder, wiresFolder);
    const name = fileOf(hop);
    const path = join(folder, `${name}.pcapng`);
    makeFolder(folder);
    const before = statOf(path);
    if (isLarge || (before !== undefined && before.size > (this.#options.mostBytes ?? largest)))
      renameSync(path, join(folder, `${name}.1.pcapng`));
    const spool = new PcapngSpool(path, {
      flag: 'wirelab lab',
      follows: true,
      onFailure: (mistake) => this.#fail(hop, mistake),
    });
    const there = statOf(path);
    const recording: Recording = { spool, path, there, runs: new Set(), bytes: there?.size ?? 0 };
    this.#recordings.set(hop, recording);
    for (const opened of this.#opened.values())
      if (opened.hop === hop) {
        this.#begin(recording, hop, opened.run);
        spool.fold(opened);
      }
    return recording;
  }

  #begin({ spool, runs }: Recording, hop: string, run: number): void {
    const began = this.#began.get(run);
    if (!began || runs.has(run)) return;
    runs.add(run);
    const { topology } = began;
    spool.fold({
      ...began,
      topology: { ...topology, wires: topology.wires.filter((wire) => wire.hop === hop) },
    });
  }

  #end(hop: string): void {
    const recording = this.#recordings.get(hop);
    this.#recordings.delete(hop);
    try {
      recording?.spool.close();
    } catch (error) {
      this.#fail(hop, error);
    }
  }

  #fail(hop: string, error: unknown): void {
    const recording = this.#recordings.get(hop);
    this.#recordings.delete(hop);
    const isNews = !this.#failed.has(hop);
    this.#failed.add(hop);
    try {
      recording?.spool.close();
    } catch {
      // It is the same failure.
    }
    if (!isNews) return;
    const file = `${wiresFolder}/${fileOf(hop)}.pcapng`;
    this.#options.onFailure(
      file,
      error instanceof UserError ? error : unwritable(file, 'wirelab lab', error),
    );
  }

  /** Of runs that are over only those with open connections are known. */
  #forgetRuns(): void {
    if (this.#began.size < 64) return;
    const inUse = new Set([...this.#opened.values()].map(({ run }) => run));
    const newest = Math.max(...this.#began.keys());
    for (const run of this.#began.keys()) if (!inUse.has(run) && run < newest - 32) this.#began.delete(run);
  }
}

/** A wire may have any name. */
const fileOf = (hop: string): string => encodeURIComponent(hop).replaceAll('.', '%2E');

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

const isSame = (one: Stats | undefined, other: Stats | undefined): boolean =>
  one !== undefined && other !== undefined && one.ino === other.ino && one.dev === other.dev;
