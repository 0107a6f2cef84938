/**
 * The look of each role of a Frame: one row per role, with SGR parameters for each colour depth and theme. No meaning depends
 * on colour alone: `view.ts` says it in words, and without colour the important roles are still bold, underlined or inverse.
 *
 * 1. 256 colours: only numbers from 16 on, which are the same everywhere. Each pair that can be drawn has a contrast of at least
 *    4.5:1 (7:1 in high contrast); the test computes it.
 * 2. Dark and light leave the terminal's own background and text, and set both colours where they set a background: in bars,
 *    cursors and loud roles. High contrast sets both everywhere.
 * 3. 16 colours are the user's own: only those are used that the common palettes show well on such a background, never with one
 *    another. High contrast uses none of them.
 */
import type { Line, Role } from './frame.ts';
import type { Theme } from './theme.ts';

export type ColourDepth = 'none' | '16' | '256';

export type Look = 'none' | '16-dark' | '16-light' | Theme;

type Row = Readonly<Record<Look, string>>;

/** White on black. */
const base = '38;5;231;48;5;16';
const onBlack = (colour: number, style = ''): string => `${style}38;5;${colour};48;5;16`;
const pair = (text: number, ground: number, style = ''): string => `${style}38;5;${text};48;5;${ground}`;

export const palette: Readonly<Record<Role, Row>> = {
  plain: { none: '', '16-dark': '', '16-light': '', dark: '', light: '', contrast: base },
  // A projector loses grey first.
  dim: { none: '', '16-dark': '', '16-light': '', dark: '38;5;248', light: '38;5;241', contrast: base },
  strong: { none: '1', '16-dark': '1', '16-light': '1', dark: '1', light: '1', contrast: `1;${base}` },
  bar: {
    none: '7',
    '16-dark': '7',
    '16-light': '7',
    dark: pair(16, 250),
    light: pair(231, 238),
    contrast: pair(16, 231, '1;'),
  },
  heading: { none: '1', '16-dark': '1', '16-light': '1', dark: '1', light: '1', contrast: `1;${base}` },
  question: {
    none: '1',
    '16-dark': '1;96',
    '16-light': '1;34',
    dark: '1;38;5;80',
    light: '1;38;5;23',
    contrast: onBlack(123, '1;'),
  },
  leaked: {
    none: '1',
    '16-dark': '91',
    '16-light': '31',
    dark: '38;5;210',
    light: '38;5;124',
    contrast: onBlack(217, '1;'),
  },
  sealed: {
    none: '',
    '16-dark': '32',
    '16-light': '',
    dark: '38;5;114',
    light: '38;5;22',
    contrast: onBlack(120, '1;'),
  },
  refused: {
    none: '1',
    '16-dark': '93',
    '16-light': '1',
    dark: '38;5;215',
    light: '38;5;94',
    contrast: onBlack(221, '1;'),
  },
  'leaked-loud': {
    none: '1;7',
    '16-dark': '1;7;91',
    '16-light': '1;7;31',
    dark: pair(231, 160, '1;'),
    light: pair(231, 124, '1;'),
    contrast: pair(231, 124, '1;'),
  },
  'sealed-loud': {
    none: '1;7',
    '16-dark': '1;7;32',
    '16-light': '1;7',
    dark: pair(231, 28, '1;'),
    light: pair(231, 22, '1;'),
    contrast: pair(231, 22, '1;'),
  },
  'refused-loud': {
    none: '1;7',
    '16-dark': '1;7;93',
    '16-light': '1;7',
    dark: pair(16, 214, '1;'),
    light: pair(231, 94, '1;'),
    contrast: pair(16, 220, '1;'),
  },
  opened: {
    none: '4',
    '16-dark': '4',
    '16-light': '35',
    dark: '38;5;183',
    light: '38;5;127',
    contrast: onBlack(183, '1;4;'),
  },
  secret: {
    none: '1;4',
    '16-dark': '1;4;91',
    '16-light': '1;4;31',
    dark: '1;4;38;5;210',
    light: '1;4;38;5;124',
    contrast: pair(231, 124, '1;4;'),
  },
  noise: { none: '', '16-dark': '', '16-light': '', dark: '38;5;248', light: '38;5;241', contrast: base },
  field: {
    none: '4',
    '16-dark': '4;96',
    '16-light': '4;34',
    dark: '4;38;5;117',
    light: '4;38;5;25',
    contrast: onBlack(123, '1;4;'),
  },
  cursor: {
    none: '1;7',
    '16-dark': '1;7',
    '16-light': '1;7',
    dark: pair(16, 228, '1;'),
    light: pair(231, 25, '1;'),
    contrast: pair(16, 226, '1;'),
  },
  selected: {
    none: '7',
    '16-dark': '7',
    '16-light': '7',
    dark: pair(16, 250),
    light: pair(231, 238),
    contrast: pair(16, 231, '1;'),
  },
  key: {
    none: '1',
    '16-dark': '1;96',
    '16-light': '1;34',
    dark: '1;38;5;117',
    light: '1;38;5;25',
    contrast: onBlack(123, '1;'),
  },
  warning: {
    none: '1',
    '16-dark': '1;93',
    '16-light': '1',
    dark: '1;38;5;215',
    light: '1;38;5;94',
    contrast: pair(16, 220, '1;'),
  },
  // Without a known background, as on a dark one.
  code: {
    none: '',
    '16-dark': '',
    '16-light': '7',
    dark: pair(231, 16),
    light: pair(231, 16),
    contrast: base,
  },
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

/** The column of the palette. Without colours, and with those of the user, high contrast is bold, underlined and inverse. */
export function lookFor(depth: ColourDepth, theme: Theme): Look {
  if (depth === 'none') return 'none';
  if (depth === '256') return theme;
  return theme === 'contrast' ? 'none' : `16-${theme}`;
}

/** A line for a terminal: SGR, text, reset. The text is not changed; `blessed.ts` sanitises it. */
export function paint(line: Line, look: Look): string {
  return line.map(({ text, role }) => paintSpan(text, palette[role][look])).join('');
}

function paintSpan(text: string, parameters: string): string {
  return parameters && text ? `\x1b[${parameters}m${text}\x1b[m` : text;
}
