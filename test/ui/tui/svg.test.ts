import test from 'ava';
import { roles } from '../../../src/ui/tui/frame.ts';
import type { Frame, Line } from '../../../src/ui/tui/frame.ts';
import { cellWidth } from '../../../src/i18n/width.ts';
import { cell, lookOf, margin, pictureOf } from '../../../src/ui/tui/svg.ts';
import { elementsOf, readXml, textOf } from './support/xml.ts';
import type { Element } from './support/xml.ts';

function frameOf(lines: readonly Line[]): Frame {
  const columns = Math.max(...lines.map((line) => line.reduce((sum, { text }) => sum + cellWidth(text), 0)));
  return { columns, rows: lines.length, lines, regions: [] };
}

const drawn = (...frames: readonly Frame[]): string =>
  pictureOf({
    title: 'a title',
    command: 'make it',
    scenes: frames.map((frame, index) => ({ frame, keys: [String(index)], caption: `scene ${index}` })),
    secondsEach: 5,
  });

/** The first scene's screen, row by row. */
function rowsOf(svg: string): Element[] {
  const scene = elementsOf(readXml(svg), 'g').find(({ attributes }) => attributes['class'] === 'scene first');
  return (
    scene?.children.find((child): child is Element => typeof child !== 'string')?.children ?? []
  ).filter((child): child is Element => typeof child !== 'string');
}

/** [first cell, cells, text] of each text in a row. */
const textsOf = (row: Element | undefined): [number, number, string][] =>
  (row ? elementsOf(row, 'text') : []).map((text) => [
    Number(text.attributes['x']) / cell.width,
    Number(text.attributes['textLength']) / cell.width,
    textOf(text),
  ]);

const texts = (text: string): [number, number, string][] =>
  textsOf(rowsOf(drawn(frameOf([[{ text, role: 'plain' }]])))[0]);

for (const [text, expected] of [
  ['one text', [[0, 8, 'one text']]],
  [
    '  two   texts  ',
    [
      [2, 3, 'two'],
      [8, 5, 'texts'],
    ],
  ],
  [
    '로그인 login 유출',
    [
      [0, 6, '로그인'],
      [7, 5, 'login'],
      [13, 4, '유출'],
    ],
  ],
  [
    'password가',
    [
      [0, 8, 'password'],
      [8, 2, '가'],
    ],
  ],
  [
    '✓ wire A',
    [
      [0, 1, '✓'],
      [2, 6, 'wire A'],
    ],
  ],
  [
    'a··b→c',
    [
      [0, 1, 'a'],
      [1, 2, '··'],
      [3, 1, 'b'],
      [4, 1, '→'],
      [5, 1, 'c'],
    ],
  ],
  [
    'a──b',
    [
      [0, 1, 'a'],
      [3, 1, 'b'],
    ],
  ],
  ['&lt; <b> "x" ]]>', [[0, 16, '&lt; <b> "x" ]]>']]],
  [
    '\x1b[31m\u0000',
    [
      [0, 1, '·'],
      [1, 4, '[31m'],
      [5, 1, '·'],
    ],
  ],
  [
    '\ud800\uffff',
    [
      [0, 1, '·'],
      [1, 1, '·'],
    ],
  ],
] as const) {
  test(`every text begins at its cell and is as long as its cells: ${JSON.stringify(text)}`, (t) =>
    t.deepEqual<unknown, unknown>(texts(text), expected));
}

test('a span begins where the one before it ends, in cells', (t) => {
  const row = rowsOf(
    drawn(
      frameOf([
        [
          { text: '누가 ', role: 'strong' },
          { text: 'who', role: 'dim' },
        ],
      ]),
    ),
  )[0];
  t.deepEqual(textsOf(row), [
    [0, 4, '누가'],
    [5, 3, 'who'],
  ]);
  t.deepEqual(row && elementsOf(row, 'text').map(({ attributes }) => attributes['class']), ['strong', 'dim']);
});

test('rows lie under one another, each as high as a cell', (t) => {
  const rows = rowsOf(
    drawn(
      frameOf([
        [{ text: 'a', role: 'plain' }],
        [{ text: ' ', role: 'plain' }],
        [{ text: 'b', role: 'plain' }],
      ]),
    ),
  );
  t.deepEqual(
    rows.map(({ attributes }) => attributes['transform']),
    [0, 1, 2].map((row) => `translate(0 ${row * cell.height})`),
  );
});

test('box lines reach the edges of their cells, and only those that they point to', (t) => {
  const { width, height } = cell;
  const path = (text: string): string | undefined =>
    elementsOf(rowsOf(drawn(frameOf([[{ text, role: 'dim' }]])))[0] ?? readXml('<g/>'), 'path')[0]
      ?.attributes['d'];
  t.is(path('──'), `M0 ${height / 2}h${2 * width}`);
  t.is(path('│'), `M${width / 2} 0v${height}`);
  t.is(
    path('─┬'),
    `M0 ${height / 2}h${width}M${width} ${height / 2}h${width}M${width * 1.5} ${height / 2}v${height / 2}`,
  );
  t.is(path('┴'), `M0 ${height / 2}h${width}M${width / 2} 0v${height / 2}`);
  t.is(path('└'), `M${width / 2} ${height / 2}h${width / 2}M${width / 2} 0v${height / 2}`);
  t.is(path(' ┐'), `M${width} ${height / 2}h${width / 2}M${width * 1.5} ${height / 2}v${height / 2}`);
});

test('a double line is two, and full blocks are one rectangle in the colour of their role', (t) => {
  const { width, height } = cell;
  const row = rowsOf(drawn(frameOf([[{ text: 'a══██', role: 'leaked' }]])))[0];
  t.is(
    row && elementsOf(row, 'path')[0]?.attributes['d'],
    `M${width} ${height / 2 - 2}h${2 * width}M${width} ${height / 2 + 2}h${2 * width}`,
  );
  t.deepEqual(row && elementsOf(row, 'rect').map(({ attributes }) => attributes), [
    {
      class: 'leaked',
      x: String(3 * width),
      width: String(2 * width),
      height: String(height),
      fill: 'currentColor',
    },
  ]);
});

test('a single scene stands still, and needs no dots to say which it is', (t) => {
  const svg = drawn(frameOf([[{ text: 'a', role: 'plain' }]]));
  t.notRegex(svg, /animation|keyframes/);
  const scene = elementsOf(readXml(svg), 'g').find(({ attributes }) => attributes['class'] === 'scene first');
  t.deepEqual(scene && elementsOf(scene, 'circle'), []);
});

test('inverse spans that meet have one ground, so that no seam shows', (t) => {
  const line: Line = [
    { text: 'ab', role: 'bar' },
    { text: '가', role: 'selected' },
    { text: ' ', role: 'plain' },
    { text: 'c', role: 'bar' },
  ];
  const grounds = elementsOf(rowsOf(drawn(frameOf([line])))[0] ?? readXml('<g/>'), 'rect').map(
    ({ attributes }) => [Number(attributes['x']) / cell.width, Number(attributes['width']) / cell.width],
  );
  t.deepEqual(grounds, [
    [0, 4],
    [5, 1],
  ]);
});

test('a secret is underlined over all of its cells', (t) => {
  const row = rowsOf(
    drawn(
      frameOf([
        [
          { text: ' ', role: 'plain' },
          { text: 'tiger lily', role: 'secret' },
        ],
      ]),
    ),
  )[0];
  t.regex(
    row ? (elementsOf(row, 'path')[0]?.attributes['d'] ?? '') : '',
    new RegExp(`^M${cell.width} [\\d.]+h${10 * cell.width}$`),
  );
});

/** Relative luminance (WCAG 2.2). */
function luminanceOf(colour: string): number {
  const [red = 0, green = 0, blue = 0] = Array.from(colour.matchAll(/[\da-f]{2}/g), ([part]) => {
    const level = Number.parseInt(part, 16) / 255;
    return level <= 0.04045 ? level / 12.92 : ((level + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

test('every role contrasts with its background', (t) => {
  const ground =
    elementsOf(readXml(drawn(frameOf([[{ text: ' ', role: 'plain' }]]))), 'rect')[1]?.attributes['fill'] ??
    '';
  t.regex(ground, /^#[\da-f]{6}$/);
  for (const role of roles) {
    t.regex(lookOf(role).colour, /^#[\da-f]{6}$/, role);
    const look = lookOf(role);
    const [one, other] = [luminanceOf(look.colour), luminanceOf(look.ground ?? ground)];
    const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    t.true(ratio >= 4.5, `${role} ${ratio}`);
  }
});

test('looks are those of the palette', (t) => {
  t.deepEqual(lookOf('secret'), { bold: true, underline: true, colour: '#ff8787' });
  t.deepEqual(lookOf('bar'), { bold: false, underline: false, colour: '#000000', ground: '#bcbcbc' });
  t.like(lookOf('leaked-loud'), { bold: true, colour: '#ffffff', ground: '#d70000' });
  t.is(lookOf('strong').colour, lookOf('plain').colour);
  // The 5 of 38;5;… is no attribute.
  t.deepEqual(lookOf('dim'), { bold: false, underline: false, colour: '#a8a8a8' });
});

const three = drawn(...['a', 'b', 'c'].map((text) => frameOf([[{ text, role: 'plain' }]])));

test('without animation only the first scene is shown; with it each has its share of the cycle', (t) => {
  const styles = textOf(elementsOf(readXml(three), 'style')[0] ?? readXml('<g/>'));
  const [still, moving] = styles.split('@media(prefers-reduced-motion:no-preference)');
  t.true(still?.includes('.scene{visibility:hidden}.first{visibility:visible}'));
  t.false(still?.includes('animation'));
  t.regex(
    moving ?? '',
    /animation:turn 15s step-end infinite.*0%\{visibility:visible\}33\.3333%\{visibility:hidden\}/,
  );
  const scenes = elementsOf(readXml(three), 'g').filter(({ attributes }) =>
    attributes['class']?.startsWith('scene'),
  );
  t.deepEqual(
    scenes.map(({ attributes }) => [attributes['class'], attributes['style']]),
    [
      ['scene first', undefined],
      ['scene', 'animation-delay:5s'],
      ['scene', 'animation-delay:10s'],
    ],
  );
});

test('each scene says which key was pressed, and which of the scenes it is', (t) => {
  for (const [index, scene] of elementsOf(readXml(three), 'g')
    .filter(({ attributes }) => attributes['class']?.startsWith('scene'))
    .entries()) {
    t.deepEqual(elementsOf(scene, 'text').slice(1).map(textOf), [String(index), `scene ${index}`]);
    const dots = elementsOf(scene, 'circle').map(({ attributes }) => attributes['fill']);
    t.is(dots.length, 3);
    t.is(dots.filter((dot) => dot === dots[index]).length, 1);
  }
});

test('a page that shows it as an image loads nothing and runs nothing', (t) => {
  t.notRegex(
    three.replace('xmlns="http://www.w3.org/2000/svg"', ''),
    /script|href|url\(|@import|@font-face|https?:|\son\w+=/,
  );
});

test('its size follows from the cells', (t) => {
  const { attributes } = readXml(
    drawn({
      columns: 10,
      rows: 2,
      lines: [[{ text: '0123456789', role: 'plain' }], [{ text: '0123456789', role: 'plain' }]],
      regions: [],
    }),
  );
  t.is(attributes['width'], String(10 * cell.width + 2 * margin.side));
  t.is(attributes['height'], String(2 * cell.height + margin.top + margin.bottom));
  t.is(attributes['viewBox'], `0 0 ${attributes['width']} ${attributes['height']}`);
});

for (const text of [
  '<a>',
  '<a></b>',
  '<a/><b/>',
  '<a b=c/>',
  '<a>&amp</a>',
  '<a>\u0007</a>',
  '<a b="1" b="2"/>',
  'a',
  '</a>',
]) {
  test(`the check itself takes no ${JSON.stringify(text)}`, (t) => void t.throws(() => readXml(text)));
}
