/**
 * Implements the moving window over a capture file, shared by the readers of both formats: they read the complete
 * records in it and leave the rest for the next window. `capture-file.ts` moves the window.
 */

export interface Window {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Behind the last byte that was read from the file. */
  readonly filled: number;
  /** Where the first byte of `bytes` is in the file. */
  readonly base: number;
}

/** A packet in place. The object is reused for the next one: callers copy what they keep. */
export interface PacketRecord {
  /** LINKTYPE number: 1 Ethernet, 101 raw IP, 113 Linux cooked … */
  readonly linkType: number;
  /** Since the Unix epoch. */
  readonly microseconds: number;
  /** The window: the packet is `bytes` from `start` to `end`. */
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly start: number;
  readonly end: number;
  /** Before it was cut by the capture's limit. */
  readonly originalLength: number;
  /** Place of its interface among all of the file, in a format that has several. */
  readonly interface?: number;
}

/** What a file holds, in its order. */
export interface CaptureSink {
  packet(packet: PacketRecord): void;
  /** NSS key log lines, from a Decryption Secrets Block. */
  secrets?(lines: readonly string[]): void;
}

/** Where and why reading ended before the end of the file. */
export interface ReadProblem {
  readonly offset: number;
  readonly kind: 'no_section' | 'cut' | 'bad_length' | 'unknown_interface';
  readonly found: string;
}

export interface RecordReader {
  /** Set once reading has ended before its end: what stands behind is not read. */
  readonly problem: ReadProblem | undefined;
  /** Bytes of the record at hand, as far as its header has said; 0 while it has not. */
  readonly wanted: number;
  /** Reads the records from `at` on; returns the start of the first record that is not completely in the window. */
  read(window: Window, at: number): number;
  /** The file ends with this many bytes after the last record; returns the problem. */
  end(offset: number, left: number): ReadProblem | undefined;
}

export type Mutable<T> = { -readonly [K in keyof T]: T[K] };
