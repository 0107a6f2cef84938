/**
 * Draws frames as one animated SVG: a window of a dark terminal, and the pressed keys below it. It decides how cells become
 * shapes; the view makes the frames, and `cli/build/picture.ts` chooses them.
 *
 * 1. A page shows it as an image: no script, no font and no external address.
 * 2. Columns are aligned with any font: a text begins at its cell and is as long as its cells, and characters that may come
 *    from a fallback font (Hangul, arrows, marks) are never in one text with others.
 * 3. Box lines and full blocks are drawn, not written: they meet at every line height.
 * 4. Without animation (no CSS, or reduced motion is preferred) the first scene is shown alone.
 */
import { cellWidth } from '../../i18n/width.ts';
import { roles } from './frame.ts';
import type { Frame, Line, Role } from './frame.ts';
import { palette } from './palette.ts';
import { fixedColour } from './theme.ts';
import type { Colour } from './theme.ts';

/** A screen, and the keys that lead to it. */
export interface PictureScene {
  readonly frame: Frame;
  /** The keys as a hint bar names them. */
  readonly keys: readonly string[];
  /** A caption of one line. */
  readonly caption: string;
}

export interface Picture {
  /** For screen readers. */
  readonly title: string;
  /** The title of the window: the command that was typed. */
  readonly command: string;
  /** All of one size. */
  readonly scenes: readonly PictureScene[];
  readonly secondsEach: number;
}

/** Pixels. */
export const cell = { width: 9, height: 19 } as const;
export const margin = { side: 14, top: 38, bottom: 52 } as const;
const fontSize = 15;
/** The baseline, from the top of a cell. */
const baseline = 14;

/** The terminal around the dark theme, which leaves its background and its text. */
const colours = {
  window: '#0d1117',
  page: '#161b22',
  edge: '#30363d',
  text: '#d7dde4',
  faint: '#9aa4af',
  knob: '#484f58',
} as const;

const fonts =
  "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',D2Coding,'Noto Sans Mono CJK KR','Malgun Gothic',monospace";

export function pictureOf({ title, command, scenes, secondsEach }: Picture): string {
  const { columns = 0, rows = 0 } = scenes[0]?.frame ?? {};
  const width = columns * cell.width + 2 * margin.side;
  const height = rows * cell.height + margin.top + margin.bottom;
  const foot = height - margin.bottom;
  const dots = [0, 1, 2]
    .map((dot) => `<circle cx="${margin.side + 8 + dot * 20}" cy="19" r="6" fill="${colours.knob}"/>`)
    .join('');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title">`,
    `<title id="title">${escaped(title)}</title>`,
    `<style>${styles(scenes.length, secondsEach)}</style>`,
    `<rect x=".5" y=".5" width="${width - 1}" height="${height - 1}" rx="9" fill="${colours.page}" stroke="${colours.edge}"/>`,
    dots,
    at(Math.floor((width - cellWidth(command) * cell.width) / 2), 9, textsAt(0, command, 'faint')),
    `<rect x="1" y="${margin.top - 6}" width="${width - 2}" height="${foot - margin.top + 12}" fill="${colours.window}"/>`,
    ...scenes.flatMap((scene, index) => [
      `<g class="scene${index === 0 ? ' first' : ''}"${index === 0 ? '' : ` style="animation-delay:${index * secondsEach}s"`}>`,
      at(margin.side, margin.top, rowsOf(scene.frame)),
      at(margin.side, foot + 20, captionOf(scene, index, scenes.length, columns)),
      '</g>',
    ]),
    '</svg>',
    '',
  ].join('\n');
}

/** Every scene is visible for its share of the cycle. Before its first turn it keeps its initial state. A single one stands still. */
function styles(count: number, secondsEach: number): string {
  const share = Number((100 / Math.max(1, count)).toFixed(4));
  return [
    `svg{color:${colours.text}}text{font:${fontSize}px ${fonts};fill:currentColor}path{stroke:currentColor}`,
    ...roles.map(styleOf),
    `.faint{color:${colours.faint}}.cap{font-weight:bold}`,
    '.scene{visibility:hidden}.first{visibility:visible}',
    ...(count > 1
      ? [
          '@media(prefers-reduced-motion:no-preference){',
          `.scene{animation:turn ${count * secondsEach}s step-end infinite}`,
          `@keyframes turn{0%{visibility:visible}${share}%{visibility:hidden}100%{visibility:hidden}}`,
          '}',
        ]
      : []),
  ].join('');
}

interface Look {
  readonly bold: boolean;
  readonly underline: boolean;
  readonly colour: string;
  /** Where it is not the window's. */
  readonly ground?: string;
}

/** The meaning of the dark theme's parameters (ECMA-48 section 8.3.117, and 38;5 and 48;5 of xterm). */
export function lookOf(role: Role): Look {
  const parameters = palette[role].dark;
  const [text, ground] = ['38', '48'].map((kind) => {
    const index = new RegExp(`(?:^|;)${kind};5;(\\d+)`).exec(parameters)?.[1];
    return index === undefined ? undefined : hex(fixedColour(Number(index)));
  });
  const styles = new Set(parameters.replace(/(?:^|;)[34]8;5;\d+/g, '').split(';'));
  return {
    bold: styles.has('1'),
    underline: styles.has('4'),
    colour: text ?? colours.text,
    ...(ground === undefined ? {} : { ground }),
  };
}

const hex = (parts: Colour): string =>
  `#${parts
    .map((part) =>
      Math.round(part * 255)
        .toString(16)
        .padStart(2, '0'),
    )
    .join('')}`;

function styleOf(role: Role): string {
  const { bold, colour } = lookOf(role);
  const declared = [
    ...(bold ? ['font-weight:bold'] : []),
    ...(colour === colours.text ? [] : [`color:${colour}`]),
  ];
  return declared.length > 0 ? `.${role}{${declared.join(';')}}` : '';
}

const at = (x: number, y: number, content: string): string =>
  `<g transform="translate(${x} ${y})">${content}</g>`;

function rowsOf({ lines }: Frame): string {
  return lines.map((line, row) => at(0, row * cell.height, rowOf(line))).join('\n');
}

function rowOf(line: Line): string {
  let column = 0;
  const grounds: { x: number; width: number; colour: string }[] = [];
  const drawn: string[] = [];
  for (const { text, role } of line) {
    const { underline, ground } = lookOf(role);
    const x = column * cell.width;
    const width = cellWidth(text) * cell.width;
    if (ground !== undefined) {
      const before = grounds.at(-1);
      // One rectangle: between two, a scaled-down picture would show a seam.
      if (before && before.colour === ground && before.x + before.width === x) before.width += width;
      else grounds.push({ x, width, colour: ground });
    }
    drawn.push(textsAt(column, text, role));
    if (underline) drawn.push(`<path class="${role}" d="M${x} ${baseline + 2.5}h${width}"/>`);
    column += cellWidth(text);
  }
  return [
    ...grounds.map(
      ({ x, width, colour }) => `<rect x="${x}" width="${width}" height="${cell.height}" fill="${colour}"/>`,
    ),
    ...drawn,
  ].join('');
}

/** Each run of characters at its cell and as long as its cells. */
function textsAt(column: number, text: string, name: string): string {
  const named = name === 'plain' ? '' : ` class="${name}"`;
  return runsOf(text)
    .map(({ kind, text: run, column: from, cells }) => {
      if (kind === 'block')
        return `<rect${named} x="${(column + from) * cell.width}" width="${cells * cell.width}" height="${cell.height}" fill="currentColor"/>`;
      if (kind === 'box') return `<path${named} d="${boxPath(run, column + from)}"/>`;
      return `<text x="${(column + from) * cell.width}" y="${baseline}"${named} textLength="${cells * cell.width}" lengthAdjust="spacingAndGlyphs">${escaped(run)}</text>`;
    })
    .join('');
}

interface Run {
  readonly kind: 'box' | 'block' | 'letters';
  readonly text: string;
  /** In the span. */
  readonly column: number;
  readonly cells: number;
}

/** Hangul syllables are all of one width; other characters beyond ASCII are grouped with the same character only. Two blanks separate texts. */
const runPattern =
  /(?<box>[─═│┌┐└┘├┤┬┴┼]+)|(?<block>█+)|[!-~]+(?: [!-~]+)*|[\uac00-\ud7a3]+|(?<other>\S)\k<other>*/gu;

function runsOf(text: string): Run[] {
  return Array.from(
    text.matchAll(runPattern),
    ({ 0: found, index, groups }): Run => ({
      kind: groups?.['box'] ? 'box' : groups?.['block'] ? 'block' : 'letters',
      text: found,
      column: cellWidth(text.slice(0, index)),
      cells: cellWidth(found),
    }),
  );
}

/** The directions of a box line from the middle of its cell: left, right, up, down. */
const arms: Readonly<Record<string, string>> = {
  '─': 'lr',
  '═': 'lr',
  '│': 'ud',
  '┌': 'rd',
  '┐': 'ld',
  '└': 'ru',
  '┘': 'lu',
  '├': 'rud',
  '┤': 'lud',
  '┬': 'lrd',
  '┴': 'lru',
  '┼': 'lrud',
};

function boxPath(text: string, column: number): string {
  const middle = { x: cell.width / 2, y: cell.height / 2 };
  let path = '';
  let x = column * cell.width;
  for (const { 0: piece } of text.matchAll(/─+|═+|[^─═]/g)) {
    const ways = arms[piece.charAt(0)] ?? '';
    const width = piece.length * cell.width;
    const from = ways.includes('l') ? x : x + middle.x;
    const to = ways.includes('r') ? x + width : x + middle.x;
    // A double line is two.
    for (const apart of piece.startsWith('═') ? [-2, 2] : [0])
      if (to > from) path += `M${from} ${middle.y + apart}h${to - from}`;
    const top = ways.includes('u') ? 0 : middle.y;
    const foot = ways.includes('d') ? cell.height : middle.y;
    if (foot > top) path += `M${x + middle.x} ${top}v${foot - top}`;
    x += width;
  }
  return path;
}

/** The keys as caps, the caption, and the position among the scenes. */
function captionOf({ keys, caption }: PictureScene, index: number, count: number, columns: number): string {
  const parts: string[] = [];
  let column = 1;
  for (const key of keys) {
    const cells = cellWidth(key);
    parts.push(
      `<rect x="${(column - 1) * cell.width}" y="-2.5" width="${(cells + 2) * cell.width}" height="${cell.height + 3}" rx="4" fill="${colours.window}" stroke="${colours.knob}"/>`,
    );
    parts.push(textsAt(column, key, 'cap'));
    column += cells + 3;
  }
  parts.push(textsAt(column, caption, 'plain'));
  // A single scene is not one of several.
  for (let dot = 0; dot < (count > 1 ? count : 0); dot++)
    parts.push(
      `<circle cx="${columns * cell.width - 6 - (count - 1 - dot) * 16}" cy="9" r="4" fill="${dot === index ? colours.text : colours.knob}"/>`,
    );
  return parts.join('');
}

/** Escaped for XML (section 2.4); a character that XML excludes (section 2.2) becomes a dot. */
function escaped(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cs}\ufffe\uffff]/gu, '·')
    .replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
