/**
 * Reads a capture file of either format as its bytes arrive, through a moving window, keeping nothing that was read.
 * The first bytes determine the format, never the file name; any other format is a user error that names it. A damaged
 * file is not an error: it is read as far as possible, and `problem` has the position. The caller reads bytes into
 * `room` and reports their number (`took`).
 */
import type { Localized } from '../../i18n/language.ts';
import { UserError } from '../../i18n/user-error.ts';
import { excerpt } from '../../core/cursor.ts';
import { isPcap, PcapReader } from './pcap-reader.ts';
import { isPcapng, PcapngReader } from './pcapng-reader.ts';
import type { PcapngSink } from './pcapng-reader.ts';
import type { ReadProblem, RecordReader } from './window.ts';

export interface CaptureReaderOptions {
  /** The file as the user named it. */
  readonly where?: string;
  /** Data passed to a sink stays valid: every window is newly allocated. Otherwise the window is reused. */
  readonly keeps?: boolean;
  /** Of a window, in bytes; it grows where a record does not fit into it. */
  readonly windowBytes?: number;
}

/** What the second level of a processor's cache holds: read into it, a file costs little more than its system calls. */
const usualWindow = 512 * 1024;
/** A record that claims to be longer is no record; the keys of a hundred thousand connections are less. */
const longestRecord = 256 * 1024 * 1024;
/** With less room than this a kept window is full. */
const leastRoom = 16 * 1024;

export class CaptureReader {
  readonly #sink: PcapngSink;
  readonly #where: string | undefined;
  readonly #keeps: boolean;
  readonly #windowBytes: number;
  #reader: RecordReader | undefined;
  #bytes: Uint8Array;
  #view: DataView;
  #filled = 0;
  #base = 0;
  /** Of the first record that was not read. */
  #at = 0;
  /** Skipped bytes of an oversized record. */
  #passedOver = 0;
  #problem: ReadProblem | undefined;
  /** Where in the file the windows begin that are kept. */
  readonly #bases = new WeakMap<ArrayBufferLike, number>();

  constructor(
    sink: PcapngSink,
    { where, keeps = false, windowBytes = usualWindow }: CaptureReaderOptions = {},
  ) {
    this.#sink = sink;
    this.#where = where;
    this.#keeps = keeps;
    this.#windowBytes = windowBytes;
    this.#bytes = new Uint8Array(windowBytes);
    this.#view = new DataView(this.#bytes.buffer);
    if (keeps) this.#bases.set(this.#bytes.buffer, 0);
  }

  /** Bytes of the file received so far. */
  get position(): number {
    return this.#base + this.#filled + this.#passedOver;
  }

  /** Where in the file bytes of a kept window stand; undefined for bytes of other memory. */
  positionOf(bytes: Uint8Array): number | undefined {
    const base = this.#bases.get(bytes.buffer);
    return base === undefined ? undefined : base + bytes.byteOffset;
  }

  /** Whether reading has ended before the end of the file. */
  get isOver(): boolean {
    return this.#problem !== undefined;
  }

  get isPcapng(): boolean {
    return this.#reader instanceof PcapngReader;
  }

  /** Where the next bytes of the file are to be put: at least one. */
  room(): Uint8Array {
    const capacity = this.#bytes.length;
    const left = this.#filled - this.#at;
    if (this.#isTooLong(left)) return this.#bytes.subarray(this.#filled < capacity ? this.#filled : this.#at);
    const isFull = this.#keeps
      ? capacity - this.#filled < leastRoom
      : this.#at > 0 || this.#filled === capacity;
    if (isFull) this.#move(left);
    return this.#bytes.subarray(this.#filled);
  }

  /**
   * So many bytes were put there.
   * @throws UserError when it is neither pcap nor pcapng
   */
  took(count: number): void {
    if (this.#problem) return;
    if (this.#isTooLong(this.#filled - this.#at)) this.#passedOver += count;
    else this.#filled += count;
    this.#read();
  }

  /**
   * There are no more bytes. Returns what is wrong with the file, if anything is.
   * @throws UserError when it is neither pcap nor pcapng
   */
  end(): ReadProblem | undefined {
    this.#reader ??= this.#recognise(true);
    this.#problem ??= this.#reader?.end(this.#base + this.#at, this.#filled - this.#at + this.#passedOver);
    return this.#problem;
  }

  #read(): void {
    this.#reader ??= this.#recognise(false);
    const reader = this.#reader;
    if (!reader) return;
    if (this.#passedOver === 0)
      this.#at = reader.read(
        { bytes: this.#bytes, view: this.#view, filled: this.#filled, base: this.#base },
        this.#at,
      );
    this.#problem = reader.problem;
    const left = this.#filled - this.#at + this.#passedOver;
    if (!this.#problem && reader.wanted > longestRecord && left >= reader.wanted)
      this.#problem = { offset: this.#base + this.#at + 4, kind: 'bad_length', found: `${reader.wanted}` };
  }

  /** Whether what is left in the window is the beginning of a record that will not be read. */
  #isTooLong(left: number): boolean {
    return left > 0 && (this.#reader?.wanted ?? 0) > longestRecord;
  }

  /** What is left comes first in the window again, or in a new one; where a record fills the window, in a larger one. */
  #move(left: number): void {
    const least = this.#keeps ? Math.max(this.#windowBytes, left + 1) : this.#bytes.length;
    const capacity = left === this.#bytes.length ? 2 * left : least;
    const rest = this.#bytes.subarray(this.#at, this.#filled);
    if (this.#keeps || capacity > this.#bytes.length) {
      this.#bytes = new Uint8Array(capacity);
      this.#view = new DataView(this.#bytes.buffer);
      this.#bytes.set(rest);
    } else this.#bytes.copyWithin(0, this.#at, this.#filled);
    this.#base += this.#at;
    this.#filled = left;
    this.#at = 0;
    if (this.#keeps) this.#bases.set(this.#bytes.buffer, this.#base);
  }

  /** Undefined while more bytes may determine the format. */
  #recognise(isWhole: boolean): RecordReader | undefined {
    const bytes = this.#bytes.subarray(0, this.#filled);
    if (isPcap(bytes)) return new PcapReader(this.#sink);
    if (isPcapng(bytes)) return new PcapngReader(this.#sink);
    if (!isWhole && bytes.length < this.#bytes.length) return undefined;
    const { name, remedy } = formatOf(bytes);
    throw new UserError({
      what: { en: `not a capture file: it is ${name.en}`, ko: `캡처 파일이 아닙니다. ${name.ko}입니다` },
      ...(this.#where === undefined ? {} : { where: this.#where }),
      expected: {
        en: 'a file that begins as pcap or pcapng does',
        ko: 'pcap 또는 pcapng 형식으로 시작하는 파일',
      },
      received: bytes.length === 0 ? '0 bytes' : excerpt(bytes),
      remedy: remedies[remedy],
    });
  }
}

const remedies = {
  record: {
    en: 'Name a file that tcpdump -w, dumpcap, Wireshark or wirelab -w has written.',
    ko: 'tcpdump -w, dumpcap, Wireshark 또는 wirelab -w로 저장한 파일을 지정하세요.',
  },
  unpack: {
    en: 'Unpack it first and name the file that was in it.',
    ko: '먼저 압축을 풀고 그 안의 파일을 지정하세요.',
  },
  convert: {
    en: 'Convert it first: editcap -F pcapng FILE converted.pcapng',
    ko: '먼저 변환하세요: editcap -F pcapng 파일 converted.pcapng',
  },
  keys: {
    en: 'Name the capture that these keys open; the key log goes with it.',
    ko: '이 키로 복호화할 캡처 파일을 지정하세요. 키 로그는 캡처 파일과 함께 쓰입니다.',
  },
  replay: {
    en: 'Show it with ./wirelab replay, or in the browser with ./wirelab view.',
    ko: './wirelab replay로 보세요. 브라우저에서는 ./wirelab view로 봅니다.',
  },
  repair: {
    en: 'It was copied as text, which changes bytes: copy it again in binary mode.',
    ko: '텍스트로 복사되어 바이트가 바뀌었습니다. 바이너리 모드로 다시 복사하세요.',
  },
} as const satisfies Readonly<Record<string, Localized>>;

interface Format {
  readonly name: Localized;
  readonly remedy: keyof typeof remedies;
}

interface FormatRow extends Format {
  /** Distinguishes it from every other. */
  readonly is: (bytes: Uint8Array) => boolean;
}

const begins =
  (...first: readonly number[]) =>
  (bytes: Uint8Array): boolean =>
    startsWith(bytes, ...first);
const beginsWith =
  (text: string) =>
  (bytes: Uint8Array): boolean =>
    startsWith(bytes, ...Buffer.from(text, 'latin1'));
const reads =
  (pattern: RegExp) =>
  (bytes: Uint8Array): boolean => {
    const text = textOf(bytes);
    return text !== undefined && pattern.test(text);
  };

/** What a compressed, converted or confused file may be; the first that fits is named. */
const formats: readonly FormatRow[] = [
  { name: { en: 'an empty file', ko: '빈 파일' }, remedy: 'record', is: (bytes) => bytes.length === 0 },
  {
    name: { en: 'a file too short to recognize', ko: '너무 짧아 형식을 알 수 없는 파일' },
    remedy: 'record',
    is: (bytes) => bytes.length < 4,
  },
  {
    name: { en: 'a pcapng file whose line ends were converted', ko: '줄바꿈이 변환된 pcapng 파일' },
    remedy: 'repair',
    is: (bytes) => convertedPcapng.some((first) => startsWith(bytes, ...first)),
  },
  {
    name: { en: 'a file compressed with gzip', ko: 'gzip 압축 파일' },
    remedy: 'unpack',
    is: begins(0x1f, 0x8b),
  },
  {
    name: { en: 'a zip archive', ko: 'zip 압축 파일' },
    remedy: 'unpack',
    is: begins(0x50, 0x4b, 0x03, 0x04),
  },
  {
    name: { en: 'a file compressed with bzip2', ko: 'bzip2 압축 파일' },
    remedy: 'unpack',
    is: beginsWith('BZh'),
  },
  {
    name: { en: 'a file compressed with xz', ko: 'xz 압축 파일' },
    remedy: 'unpack',
    is: begins(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00),
  },
  {
    name: { en: 'a file compressed with zstd', ko: 'zstd 압축 파일' },
    remedy: 'unpack',
    is: begins(0x28, 0xb5, 0x2f, 0xfd),
  },
  {
    name: { en: 'a file compressed with lz4', ko: 'lz4 압축 파일' },
    remedy: 'unpack',
    is: begins(0x04, 0x22, 0x4d, 0x18),
  },
  {
    name: { en: 'a 7z archive', ko: '7z 압축 파일' },
    remedy: 'unpack',
    is: begins(0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c),
  },
  {
    name: { en: 'a tar archive', ko: 'tar 묶음 파일' },
    remedy: 'unpack',
    is: (bytes) => startsWith(bytes.subarray(257), ...Buffer.from('ustar')),
  },
  {
    name: { en: 'a capture in the snoop format of Solaris', ko: 'Solaris snoop 형식의 캡처' },
    remedy: 'convert',
    is: beginsWith('snoop\0\0\0'),
  },
  {
    name: { en: 'a capture of Microsoft Network Monitor', ko: 'Microsoft Network Monitor 캡처' },
    remedy: 'convert',
    is: (bytes) => beginsWith('RTSS')(bytes) || beginsWith('GMBU')(bytes),
  },
  {
    name: { en: 'a capture of NetXray or Sniffer', ko: 'NetXray 또는 Sniffer 캡처' },
    remedy: 'convert',
    is: (bytes) => beginsWith('XCP\0')(bytes) || beginsWith('TRSNIFF data')(bytes),
  },
  {
    name: { en: 'a program (ELF)', ko: '실행 파일(ELF)' },
    remedy: 'record',
    is: begins(0x7f, 0x45, 0x4c, 0x46),
  },
  {
    name: { en: 'a program (Mach-O)', ko: '실행 파일(Mach-O)' },
    remedy: 'record',
    is: (bytes) => machO.some((first) => startsWith(bytes, ...first)),
  },
  {
    name: { en: 'a picture', ko: '이미지 파일' },
    remedy: 'record',
    is: (bytes) =>
      begins(0x89, 0x50, 0x4e, 0x47)(bytes) || begins(0xff, 0xd8, 0xff)(bytes) || beginsWith('GIF8')(bytes),
  },
  { name: { en: 'a PDF document', ko: 'PDF 문서' }, remedy: 'record', is: beginsWith('%PDF-') },
  {
    name: { en: 'a key log, not a capture', ko: '캡처가 아니라 키 로그' },
    remedy: 'keys',
    is: reads(/^(?:#.*\r?\n|\s*\n)*[A-Z][A-Z0-9_]* [0-9a-fA-F]{64} [0-9a-fA-F]+/),
  },
  {
    name: { en: 'a PEM file (a certificate or a key)', ko: 'PEM 파일(인증서 또는 키)' },
    remedy: 'record',
    is: reads(/^\s*-----BEGIN [A-Z0-9 ]+-----|\n-----BEGIN [A-Z0-9 ]+-----/),
  },
  {
    name: { en: 'a wirelab bundle', ko: 'wirelab 번들' },
    remedy: 'replay',
    is: beginsWith('{"kind":"wirelab-bundle"'),
  },
  {
    name: { en: 'JSON text', ko: 'JSON 텍스트' },
    remedy: 'record',
    is: reads(/^\s*[[{]\s*(?:["[{\]}\d-]|true|false|null)/),
  },
  {
    name: { en: 'an HTML or XML document', ko: 'HTML 또는 XML 문서' },
    remedy: 'record',
    is: reads(/^\s*<[!?a-zA-Z]/),
  },
  { name: { en: 'text', ko: '텍스트 파일' }, remedy: 'record', is: reads(/^/) },
  {
    name: { en: 'a DER file (a certificate or a key)', ko: 'DER 파일(인증서 또는 키)' },
    remedy: 'record',
    is: (bytes) => begins(0x30, 0x82)(bytes) && ((bytes[2] ?? 0) << 8) + (bytes[3] ?? 0) === bytes.length - 4,
  },
  {
    name: { en: 'a capture in the ERF format of Endace', ko: 'Endace ERF 형식의 캡처' },
    remedy: 'convert',
    is: isErf,
  },
];

const unknown: Format = {
  name: { en: 'of a format that is not known here', ko: '알 수 없는 형식의 파일' },
  remedy: 'record',
};

/** The first bytes of pcapng after a transfer as text: CR LF made of each LF, or LF or nothing of each CR. */
const convertedPcapng: readonly (readonly number[])[] = [
  [0x0d, 0x0a, 0x0d, 0x0d, 0x0d, 0x0a],
  [0x0d, 0x0a, 0x0d, 0x0d, 0x0a],
  [0x0a, 0x0d, 0x0a],
  [0x0a, 0x0a, 0x0a, 0x0a],
];

const machO: readonly (readonly number[])[] = [
  [0xcf, 0xfa, 0xed, 0xfe],
  [0xce, 0xfa, 0xed, 0xfe],
  [0xca, 0xfe, 0xba, 0xbe],
];

function formatOf(bytes: Uint8Array): Format {
  return formats.find(({ is }) => is(bytes)) ?? unknown;
}

function startsWith(bytes: Uint8Array, ...first: readonly number[]): boolean {
  return bytes.length >= first.length && first.every((byte, index) => bytes[index] === byte);
}

/** Enough to distinguish text formats. */
const headLength = 4096;

/** The beginning as text; undefined when it is none: not UTF-8, or with control characters that no text has. */
function textOf(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0) return undefined;
  let text: string;
  try {
    // A character that the cut goes through is no fault: what may follow is waited for.
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, headLength), { stream: true });
  } catch {
    return undefined;
  }
  // Tab, line feed, form feed and carriage return are text.
  for (const character of text) {
    const code = character.charCodeAt(0);
    if (code < 0x20 && code !== 0x09 && code !== 0x0a && code !== 0x0c && code !== 0x0d) return undefined;
    if (code === 0x7f) return undefined;
  }
  return text;
}

/** It has no magic number: a known type, a length that leads to the next record, and two times that fit together must do. */
function isErf(bytes: Uint8Array): boolean {
  if (bytes.length < 16) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const type = view.getUint8(8) & 0x7f;
  const length = view.getUint16(10);
  if (type === 0 || type > 48 || length < 16 || length > bytes.length) return false;
  const [seconds, nextSeconds] = [
    view.getUint32(4, true),
    length + 16 <= bytes.length ? view.getUint32(length + 4, true) : undefined,
  ];
  // A single record that is the whole file, or a second one within a day of the first.
  return nextSeconds === undefined ? length === bytes.length : Math.abs(nextSeconds - seconds) < 86_400;
}
