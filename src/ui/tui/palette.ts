/**
 * The look of each role of a Frame: one row per role, with SGR parameters for each colour depth. No meaning depends on colour
 * alone: `view.ts` says it in words, and without colour the important roles are still bold, underlined or inverse. No
 * background is set except by inverting, so a dark terminal stays dark and a light one light; the colours of 256 contrast with
 * both black and white (the test measures it).
 */
import type { Line, Role } from './frame.ts';

export type ColourDepth = 'none' | '16' | '256';

/** A depth, or what a projector needs: bold, inverse and the strongest of the 16 colours. */
type Selection = ColourDepth | 'contrast';

export const palette: Readonly<Record<Role, Readonly<Record<Selection, string>>>> = {
  plain: { none: '', 16: '', 256: '', contrast: '' },
  // A projector loses grey first.
  dim: { none: '', 16: '90', 256: '38;5;243', contrast: '' },
  strong: { none: '1', 16: '1', 256: '1', contrast: '1' },
  bar: { none: '7', 16: '7', 256: '7', contrast: '1;7' },
  heading: { none: '1', 16: '1', 256: '1', contrast: '1' },
  question: { none: '1', 16: '1;36', 256: '1;38;5;30', contrast: '1' },
  leaked: { none: '1', 16: '31', 256: '38;5;161', contrast: '1;31' },
  sealed: { none: '', 16: '32', 256: '38;5;29', contrast: '1;32' },
  refused: { none: '1', 16: '33', 256: '38;5;130', contrast: '1' },
  'leaked-loud': { none: '1;7', 16: '1;7;31', 256: '1;7;38;5;161', contrast: '1;7;31' },
  'sealed-loud': { none: '1;7', 16: '1;7;32', 256: '1;7;38;5;29', contrast: '1;7;32' },
  'refused-loud': { none: '1;7', 16: '1;7;33', 256: '1;7;38;5;130', contrast: '1;7' },
  opened: { none: '4', 16: '35', 256: '38;5;133', contrast: '1;4' },
  secret: { none: '1;4', 16: '1;4;31', 256: '1;4;38;5;196', contrast: '1;7;31' },
  noise: { none: '', 16: '90', 256: '38;5;243', contrast: '' },
  field: { none: '4', 16: '4;36', 256: '4;38;5;31', contrast: '1;4' },
  cursor: { none: '1;7', 16: '1;7', 256: '1;7', contrast: '1;7' },
  selected: { none: '7', 16: '7', 256: '7', contrast: '1;7' },
  key: { none: '1', 16: '1;36', 256: '1;38;5;31', contrast: '1' },
  warning: { none: '1', 16: '1;33', 256: '1;38;5;130', contrast: '1;7' },
};

type Variables = Readonly<Record<string, string | undefined>>;

interface ColourRow {
  readonly depth: ColourDepth;
  /** The environment variable that decided it. */
  readonly because: string;
  readonly applies: (variables: Variables) => boolean;
}

/** The first row that applies decides: the user's choice (no-color.org, force-color.org) before the terminal's own report. */
const colourRows: readonly ColourRow[] = [
  { depth: 'none', because: 'NO_COLOR', applies: ({ NO_COLOR }) => Boolean(NO_COLOR) },
  { depth: '256', because: 'FORCE_COLOR', applies: ({ FORCE_COLOR }) => /^[23]$/.test(FORCE_COLOR ?? '') },
  {
    depth: 'none',
    because: 'FORCE_COLOR',
    applies: ({ FORCE_COLOR }) => /^(?:0|false)$/.test(FORCE_COLOR ?? ''),
  },
  { depth: 'none', because: 'TERM', applies: ({ TERM }) => !TERM || /^(?:dumb|unknown|vt\d+)$/.test(TERM) },
  {
    depth: '256',
    because: 'COLORTERM',
    applies: ({ COLORTERM }) => /^(?:truecolor|24bit)$/.test(COLORTERM ?? ''),
  },
  {
    depth: '256',
    because: 'TERM',
    applies: ({ TERM }) =>
      /256color|-direct$|^xterm-(?:kitty|ghostty)$|^(?:alacritty|foot|wezterm)/.test(TERM ?? ''),
  },
  { depth: '16', because: 'TERM', applies: () => true },
];

/** The colour depth to use, and the variable that decided it. */
export function coloursOf(variables: Variables): Pick<ColourRow, 'depth' | 'because'> {
  return colourRows.find(({ applies }) => applies(variables)) ?? { depth: 'none', because: 'TERM' };
}

/** A line for a terminal: SGR, text, reset. The text is not changed; `blessed.ts` sanitises it. */
export function paint(line: Line, depth: ColourDepth, contrast = false): string {
  const look = contrast && depth !== 'none' ? 'contrast' : depth;
  return line.map(({ text, role }) => paintSpan(text, palette[role][look])).join('');
}

function paintSpan(text: string, parameters: string): string {
  return parameters && text ? `\x1b[${parameters}m${text}\x1b[m` : text;
}
