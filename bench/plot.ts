/**
 * A plot as SVG: lines over two axes, linear or logarithmic, with ticks and a legend at the end of each line. What is plotted is
 * for the benchmarks.
 */

export interface Plot {
  /** The name of its file, without a folder or an ending. */
  readonly name: string;
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly lines: readonly PlotLine[];
}

export interface Axis {
  readonly label: string;
  readonly isLogarithmic: boolean;
}

export interface PlotLine {
  readonly label: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

const size = { width: 720, height: 400, left: 80, right: 190, top: 46, bottom: 56 };
const colours = ['#0b6e99', '#c2410c', '#4d7c0f', '#7e22ce', '#a16207', '#be123c'];

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Powers of ten, or round steps, that cover the values. */
export function ticksOf(values: readonly number[], isLogarithmic: boolean): number[] {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  if (isLogarithmic) {
    const from = Math.floor(Math.log10(least));
    const to = Math.max(from + 1, Math.ceil(Math.log10(most)));
    return Array.from({ length: to - from + 1 }, (_, at) => 10 ** (from + at));
  }
  const rough = (most || 1) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= rough) ?? rough;
  return Array.from({ length: Math.ceil((most || 1) / step) + 1 }, (_, at) => at * step);
}

/** 1500 is 1.5k, so that ticks stay short. */
export function shortNumber(value: number): string {
  for (const [unit, letter] of [
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ] as const)
    if (value >= unit) return `${Number((value / unit).toPrecision(3))}${letter}`;
  return String(Number(value.toPrecision(3)));
}

export function plotSvg({ title, x, y, lines }: Plot): string {
  // A logarithm has no place for nothing.
  const isDrawn = ([atX, atY]: readonly [number, number]): boolean =>
    (!x.isLogarithmic || atX > 0) && (!y.isLogarithmic || atY > 0);
  const drawn = lines.map((line) => ({ ...line, points: line.points.filter(isDrawn) }));
  const points = drawn.flatMap((line) => line.points);
  if (points.length === 0) throw new Error(`nothing to plot: ${title}`);
  const ticks = {
    x: ticksOf(
      points.map(([value]) => value),
      x.isLogarithmic,
    ),
    y: ticksOf(
      points.map(([, value]) => value),
      y.isLogarithmic,
    ),
  };
  const place = (value: number, of: readonly number[], isLogarithmic: boolean): number => {
    const along = (one: number): number => (isLogarithmic ? Math.log10(one) : one);
    const [first = 0, last = 1] = [of[0], of.at(-1)];
    return (along(value) - along(first)) / (along(last) - along(first));
  };
  const right = size.width - size.right;
  const bottom = size.height - size.bottom;
  const atX = (value: number): number =>
    size.left + place(value, ticks.x, x.isLogarithmic) * (right - size.left);
  const atY = (value: number): number =>
    bottom - place(value, ticks.y, y.isLogarithmic) * (bottom - size.top);
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${size.height}" width="${size.width}" height="${size.height}" font-family="sans-serif" font-size="13">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${size.width}" height="${size.height}" fill="#ffffff"/>`,
    `<text x="${size.left}" y="24" font-size="15" fill="#102a43">${escaped(title)}</text>`,
    ...ticks.x.map((value) => {
      const at = atX(value).toFixed(1);
      return `<line x1="${at}" y1="${size.top}" x2="${at}" y2="${bottom}" stroke="#e4e7eb"/><text x="${at}" y="${bottom + 18}" text-anchor="middle" fill="#486581">${shortNumber(value)}</text>`;
    }),
    ...ticks.y.map((value) => {
      const at = atY(value).toFixed(1);
      return `<line x1="${size.left}" y1="${at}" x2="${right}" y2="${at}" stroke="#e4e7eb"/><text x="${size.left - 8}" y="${Number(at) + 4}" text-anchor="end" fill="#486581">${shortNumber(value)}</text>`;
    }),
    `<text x="${(size.left + right) / 2}" y="${size.height - 14}" text-anchor="middle" fill="#102a43">${escaped(x.label)}</text>`,
    `<text transform="translate(20 ${(size.top + bottom) / 2}) rotate(-90)" text-anchor="middle" fill="#102a43">${escaped(y.label)}</text>`,
  ];
  const labels: { readonly at: number; readonly text: string; readonly colour: string }[] = [];
  for (const [index, { label, points: own }] of drawn.entries()) {
    const colour = colours[index % colours.length] ?? '#000000';
    const last = own.at(-1);
    if (!last) continue;
    const corners = own.map(([one, other]) => `${atX(one).toFixed(1)},${atY(other).toFixed(1)}`).join(' ');
    parts.push(
      `<polyline points="${corners}" fill="none" stroke="${colour}" stroke-width="2"/>`,
      ...own.map(
        ([one, other]) =>
          `<circle cx="${atX(one).toFixed(1)}" cy="${atY(other).toFixed(1)}" r="3" fill="${colour}"/>`,
      ),
    );
    labels.push({ at: atY(last[1]), text: label, colour });
  }
  // Labels that would lie on each other move down.
  let lowest = Number.NEGATIVE_INFINITY;
  for (const { at, text, colour } of labels.toSorted((one, other) => one.at - other.at)) {
    lowest = Math.max(at, lowest + 16);
    parts.push(
      `<text x="${right + 10}" y="${(lowest + 4).toFixed(1)}" fill="${colour}">${escaped(text)}</text>`,
    );
  }
  return `${[...parts, '</svg>'].join('\n')}\n`;
}
