/**
 * Measures the width of characters on a terminal: it writes one, requests the cursor position (CSI 6n), and erases it; and
 * requests the background colour (OSC 11), which a terminal that knows it reports before those positions. The caller decides
 * how wide to draw, whether to fall back to ASCII, and the theme. Parsing the responses is pure.
 *
 * 1. Everything is written at once, erasing included: a terminal that never responds is left clean as well.
 * 2. Input typed in the meantime is pushed back unchanged.
 * 3. In a terminal without UTF-8 the bytes of these characters are letters or controls without effect. None begins a control
 *    string (90, 98, 9b, 9d, 9e, 9f).
 */
import type { Readable } from 'node:stream';
import type { Colour } from './theme.ts';

export interface TerminalProbe {
  /** Whether the terminal reported its cursor. If not, the other fields are what most terminals do. */
  readonly answered: boolean;
  /** Arrows, marks and box lines take two cells. */
  readonly ambiguousAsWide: boolean;
  /** Cells of one Hangul syllable; 2 is right. */
  readonly hangulCells: number;
  readonly utf8: boolean;
  /** As reported; undefined for a terminal that does not. */
  readonly background?: Colour;
}

export interface CursorReport {
  readonly row: number;
  readonly column: number;
}

export interface ProbeInput extends Readable {
  readonly isRaw?: boolean;
  setRawMode?(raw: boolean): unknown;
}

export interface ProbeOutput {
  write(text: string): unknown;
}

/**
 * ñ is narrow everywhere, and two printable characters wherever its two bytes are not read as UTF-8 (Latin-1, EUC-KR).
 * Hangul alone does not decide: as Latin-1 it is one letter and two controls.
 */
const testCharacters = { utf8: 'ñ', hangul: '한', arrow: '→', mark: '✓', line: '─' } as const;
type Cells = Readonly<Record<keyof typeof testCharacters, number>>;
const order = Object.keys(testCharacters) as readonly (keyof Cells)[];

const askPosition = '\u001b[6n';
const wipe = '\r\u001b[2K';
const askBackground = '\u001b]11;?\u001b\\';
const questions = {
  characters: order.map((name) => testCharacters[name] + askPosition + wipe).join(''),
  // The position is what every terminal answers.
  background: askPosition + wipe,
} as const;

/** Three bytes that are read one by one are three cells at most: more is a response to something else. */
const mostCells = 3;

const unanswered: TerminalProbe = { answered: false, ambiguousAsWide: false, hangulCells: 2, utf8: true };

/**
 * Extracts up to `limit` cursor reports (ECMA-48 section 8.3.14: CSI row ; column R) from the input, one character per byte.
 * `rest` is the other input, in order, without a truncated report at the end.
 */
export function readCursorReports(
  text: string,
  limit = Infinity,
): { readonly reports: readonly CursorReport[]; readonly rest: string } {
  const reports: CursorReport[] = [];
  const rest = text.replace(/\u001b\[(\d{1,4});(\d{1,4})R/g, (whole, row: string, column: string) => {
    if (reports.length >= limit) return whole;
    reports.push({ row: Number(row), column: Number(column) });
    return '';
  });
  return { reports, rest: reports.length < limit ? rest.replace(/\u001b\[\d{1,4}(?:;\d{0,4})?$/, '') : rest };
}

const backgroundReport =
  /\u001b\]11;rgba?:([\da-f]{1,4})\/([\da-f]{1,4})\/([\da-f]{1,4})(?:\/[\da-f]{1,4})?(?:\u0007|\u001b\\)/i;
/** Truncated by the time limit. */
const truncatedReport = /\u001b\]1?1?;?r?g?b?a?:?[\da-f/]*\u001b?$/i;

/**
 * Extracts the background colour (xterm, "Operating System Commands", 11: XParseColor's `rgb:` with one to four hexadecimal
 * digits a part). `rest` is the other input, without a truncated report at the end.
 */
export function readBackgroundReport(text: string): {
  readonly background: Colour | undefined;
  readonly rest: string;
} {
  const found = backgroundReport.exec(text);
  if (!found) return { background: undefined, rest: text.replace(truncatedReport, '') };
  const part = (digits = ''): number => Number.parseInt(digits, 16) / (16 ** digits.length - 1);
  return {
    background: [part(found[1]), part(found[2]), part(found[3])],
    rest: text.replace(found[0], ''),
  };
}

function judge(reports: readonly CursorReport[]): TerminalProbe {
  const measured = order.map((_, index) => (reports[index]?.column ?? 0) - 1);
  if (measured.some((cells) => cells < 0 || cells > mostCells)) return unanswered;
  const cells = Object.fromEntries(order.map((name, index) => [name, measured[index]])) as unknown as Cells;
  const utf8 = cells.utf8 === 1;
  // One that is wide is enough: a frame with a single crooked line is crooked.
  return {
    answered: true,
    utf8,
    hangulCells: cells.hangul,
    ambiguousAsWide: utf8 && [cells.arrow, cells.mark, cells.line].some((width) => width > 1),
  };
}

export interface ProbeOptions {
  readonly timeoutMs?: number;
  /** Characters and the background, or the background alone. */
  readonly asked?: keyof typeof questions;
  /** Leaves the terminal in raw mode, for what takes it next: responses that come late are not echoed. */
  readonly staysRaw?: boolean;
}

/**
 * Probes the terminal, with the cursor at the start of a line that may be erased; resolves within `timeoutMs` and never rejects
 * because of a response. Nothing else may read `input` meanwhile. Later responses arrive as keys.
 */
export async function probeTerminal(
  input: ProbeInput,
  output: ProbeOutput,
  { timeoutMs = 200, asked = 'characters', staysRaw = false }: ProbeOptions = {},
): Promise<TerminalProbe> {
  const count = asked === 'characters' ? order.length : 1;
  const wasRaw = input.isRaw === true;
  const wasFlowing = input.readableFlowing === true;
  let received = '';
  const isComplete = (): boolean => readCursorReports(received, count).reports.length === count;
  await new Promise<void>((resolve) => {
    const finish = (): void => {
      clearTimeout(timer);
      input.off('data', onData).off('end', finish).off('error', finish);
      resolve();
    };
    const onData = (chunk: Buffer | string): void => {
      received += Buffer.from(chunk as string).toString('latin1');
      if (isComplete()) finish();
    };
    const timer = setTimeout(finish, timeoutMs);
    input.on('data', onData).on('end', finish).on('error', finish);
    // Without raw mode the response would wait for Enter, and be echoed.
    input.setRawMode?.(true);
    input.resume();
    output.write(wipe + askBackground + wipe + questions[asked]);
  });
  input.pause();
  if (!wasRaw && !staysRaw) input.setRawMode?.(false);
  const { background, rest: others } = readBackgroundReport(received);
  const { reports, rest } = readCursorReports(others, count);
  if (rest !== '' && !input.readableEnded && !input.destroyed) {
    const typed = Buffer.from(rest, 'latin1');
    input.unshift(input.readableEncoding ? typed.toString(input.readableEncoding) : typed);
  }
  if (wasFlowing) input.resume();
  const widths = asked === 'characters' ? judge(reports) : { ...unanswered, answered: isComplete() };
  return { ...widths, ...(background ? { background } : {}) };
}

/** Whether box characters and arrows would misalign the text: then ASCII is used. */
export const drawsCrookedly = ({ ambiguousAsWide, utf8, hangulCells, answered }: TerminalProbe): boolean =>
  answered && (ambiguousAsWide || !utf8 || hangulCells !== 2);
