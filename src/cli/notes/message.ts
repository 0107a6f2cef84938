/**
 * The lines that a show and its speaker's terminal exchange: JSON, one value a line. What arrives is checked on both sides:
 * text is made safe to print, and anything unexpected is refused as a whole.
 */
import type { Localized } from '../../i18n/language.ts';
import { languages } from '../../i18n/language.ts';
import { safeLines, safeText } from '../../i18n/safe.ts';
import { stopKinds } from '../../ui/tui/speaker.ts';
import type { SpeakerPage } from '../../ui/tui/speaker.ts';

export interface SpeakerMessage extends SpeakerPage {
  readonly v: 1;
  /** When the show began, in milliseconds since 1970. */
  readonly began: number;
}

/** The keys that the speaker's terminal may press. */
export const speakerKeys = ['space', 'b'] as const;
export type SpeakerKey = (typeof speakerKeys)[number];

/** The longest lines, in UTF-16 code units. */
const longest = { page: 256 * 1024, key: 64 } as const;

export const keyLine = (key: SpeakerKey): string => `${JSON.stringify({ key })}\n`;
export const pageLine = (message: SpeakerMessage): string => `${JSON.stringify(message)}\n`;

/** The key in a line; undefined for anything else. */
export function keyIn(line: string): SpeakerKey | undefined {
  const key = field(parsed(line), 'key');
  return speakerKeys.find((one) => one === key);
}

/** The page in a line; undefined for anything else. */
export function pageIn(line: string): SpeakerMessage | undefined {
  const value = parsed(line);
  const show = field(value, 'show');
  const [stop, stops, began] = ['stop', 'stops', 'began'].map((name) => field(value, name));
  const kind = stopKinds.find((one) => one === field(value, 'kind'));
  const title = textIn(value, 'title');
  if (field(value, 'v') !== 1 || typeof show !== 'string' || !kind || !title) return undefined;
  if (!isCount(stop) || !isCount(stops) || !isCount(began) || stop < 1 || stop > stops) return undefined;
  const optional: { step?: Localized; notes?: Localized; next?: Localized } = {};
  for (const name of ['step', 'notes', 'next'] as const) {
    if (field(value, name) === undefined) continue;
    const text = textIn(value, name);
    if (!text) return undefined;
    optional[name] = text;
  }
  return { v: 1, show: safeText(show), title, stop, stops, kind, began, ...optional };
}

/** Splits what arrives into lines. @returns false when a line is longer than allowed: nothing after it is read. */
export function lineReader(
  kind: keyof typeof longest,
  onLine: (line: string) => void,
): (text: string) => boolean {
  let pending = '';
  return (text) => {
    pending += text;
    const lines = pending.split('\n');
    pending = lines.pop() ?? '';
    if (pending.length > longest[kind] || lines.some(({ length }) => length > longest[kind])) return false;
    for (const line of lines) onLine(line);
    return true;
  };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

function textIn(value: unknown, name: string): Localized | undefined {
  const text = field(value, name);
  const both = languages.map((language) => field(text, language));
  if (!both.every((one) => typeof one === 'string')) return undefined;
  const [en = '', ko = ''] = both.map((one) => safeLines(one).join('\n'));
  return { en, ko };
}
