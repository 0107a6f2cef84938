/**
 * The themes, and which of them suits a terminal: the one that was asked for, else by the terminal's background, as it reports
 * it (OSC 11, `probe.ts`) or as a variable names it (COLORFGBG), else dark. `palette.ts` has the colours.
 */
export const themes = ['dark', 'light', 'contrast'] as const;
export type Theme = (typeof themes)[number];

/** Red, green and blue, each from 0 to 1 (sRGB). */
export type Colour = readonly [red: number, green: number, blue: number];

/** Relative luminance (WCAG 2.2), from 0 for black to 1 for white. */
export function luminanceOf([red, green, blue]: Colour): number {
  const linear = (part: number): number => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

/** Contrast ratio of two colours (WCAG 2.2), from 1 to 21. */
export function contrastOf(one: Colour, other: Colour): number {
  const [darker, lighter] = [luminanceOf(one), luminanceOf(other)].toSorted((a, b) => a - b);
  return ((lighter ?? 0) + 0.05) / ((darker ?? 0) + 0.05);
}

/** A colour of the fixed part of the 256 (16 to 255): a cube of six steps, then greys. */
export function fixedColour(index: number): Colour {
  const step = (level: number): number => (level === 0 ? 0 : 55 + level * 40) / 255;
  const at = index - 16;
  const grey = (8 + (index - 232) * 10) / 255;
  return index < 232
    ? [step(Math.floor(at / 36)), step(Math.floor(at / 6) % 6), step(at % 6)]
    : [grey, grey, grey];
}

const black: Colour = [0, 0, 0];
const white: Colour = [1, 1, 1];

/** The variable of rxvt and Konsole: numbers of the text's and the background's colour, as in `15;0` or `0;default;15`. */
function themeOfVariable(value: string | undefined): Theme | undefined {
  const ground = /;(\d{1,2})$/.exec(value ?? '')?.[1];
  if (ground === undefined || Number(ground) > 15) return undefined;
  // Of the 16, white and the bright ones but grey.
  return Number(ground) === 7 || Number(ground) > 8 ? 'light' : 'dark';
}

/** @param background as the terminal reports it. */
export function themeFor(
  variables: Readonly<Record<string, string | undefined>>,
  background: Colour | undefined,
): Theme {
  if (background) return contrastOf(background, white) >= contrastOf(background, black) ? 'dark' : 'light';
  return themeOfVariable(variables['COLORFGBG']) ?? 'dark';
}
