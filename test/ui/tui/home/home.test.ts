/**
 * The first screen by itself: what is listed and shown in each size and language, and what keys and clicks do. The screens are
 * kept as text beside those of the demonstrations.
 */
import test from 'ava';
import { languages, verbatim } from '../../../../src/i18n/language.ts';
import { cellWidth } from '../../../../src/i18n/width.ts';
import { homeLayout } from '../../../../src/ui/tui/home/layout.ts';
import { chosenEntry, listed, startHome } from '../../../../src/ui/tui/home/model.ts';
import type { HomeEffect, HomeEntry, HomeModel } from '../../../../src/ui/tui/home/model.ts';
import { updateHome } from '../../../../src/ui/tui/home/update.ts';
import { homeView } from '../../../../src/ui/tui/home/view.ts';
import type { Message } from '../../../../src/ui/tui/message.ts';
import { differenceFrom } from '../support/snapshots.ts';
import type { Moment } from '../support/snapshots.ts';

const scenario = (name: string, en: string, ko: string, steps: number): HomeEntry => ({
  key: `run ${name}`,
  group: name.startsWith('k8s-') ? 'kubernetes' : 'scenarios',
  name,
  title: { en, ko },
  summary: {
    en: `What ${name} shows, in the first paragraph of its introduction: a café, a customer, and somebody who listens on the way from one to the other.`,
    ko: `${name} 시나리오의 첫 문단입니다. 카페와 고객, 그리고 그 사이에서 엿듣는 사람이 나옵니다.`,
  },
  words: ['run', name],
  steps,
  minutes: { en: 3, ko: 12 },
});

const entries: readonly HomeEntry[] = [
  scenario('plaintext', 'Plaintext: everybody on the way reads along', '평문: 길목의 누구나 읽습니다', 6),
  {
    ...scenario('tls', 'TLS: the same login, sealed', 'TLS: 같은 로그인을 암호화', 8),
    short: { words: ['run', 'tls', '--short'], steps: 5 },
  },
  ...Array.from({ length: 20 }, (_, index) =>
    scenario(`more-${index}`, `Number ${index}`, `${index}번째`, index),
  ),
  scenario(
    'k8s-user',
    'A user of a cluster: the name from a certificate, the rights from RBAC',
    '사용자',
    46,
  ),
  {
    ...scenario('the-cluster-that-expired', 'The cluster that expired', '만료된 클러스터', 4),
    key: 'lab the-cluster-that-expired',
    group: 'labs',
    words: ['lab', 'the-cluster-that-expired'],
  },
  {
    key: 'inspect',
    group: 'tools',
    name: 'inspect',
    title: { en: 'Read a capture file', ko: '캡처 파일 읽기' },
    summary: { en: 'Enter asks for the file.', ko: 'Enter를 누르면 파일 이름을 묻습니다.' },
    words: ['inspect'],
    ask: { en: 'capture file', ko: '캡처 파일' },
    examples: [{ line: './wirelab inspect seen.pcapng', does: { en: 'everything', ko: '전부' } }],
  },
];

const base = startHome({
  size: { columns: 80, rows: 24 },
  language: 'en',
  ascii: false,
  entries,
  seen: new Set(['run tls']),
});

const textOf = (model: HomeModel): string[] =>
  homeView(model).lines.map((line) => line.map(({ text }) => text).join(''));
const names = (model: HomeModel): string[] => listed(model).map(({ name }) => name);

const messageOf = (key: string): Message => ({ type: 'key', key });

/** After those keys; with all effects. */
function after(
  model: HomeModel,
  ...messages: readonly (string | Message)[]
): { readonly model: HomeModel; readonly effects: readonly HomeEffect[] } {
  const effects: HomeEffect[] = [];
  let current = model;
  for (const message of messages) {
    const [next, more] = updateHome(current, typeof message === 'string' ? messageOf(message) : message);
    current = next;
    effects.push(...more);
  }
  return { model: current, effects };
}

const letters = (text: string): string[] => Array.from(text, (letter) => (letter === ' ' ? 'space' : letter));

const moments: readonly (readonly [heading: string, keys: readonly string[], change: Partial<HomeModel>])[] =
  [
    ['the list', [], {}],
    ['the list, wide', [], { size: { columns: 120, rows: 40 } }],
    ['the list, ASCII', [], { ascii: true }],
    ['its end', ['end'], {}],
    ['its end, wide', ['end'], { size: { columns: 120, rows: 40 } }],
    ['typing a filter', ['/', ...letters('cluster')], {}],
    ['nothing found', ['/', ...letters('zebra')], {}],
    ['asking', ['end', 'enter', ...letters('seen.pcapng')], {}],
    ['a failure', [], { failure: ['wirelab: the file does not exist', '  where: nope.pcapng'] }],
    ['the smallest window', [], { size: { columns: 40, rows: 12 } }],
  ];

for (const language of languages) {
  test(`what is shown is as it was kept, in ${language}`, (t) => {
    const shown = moments.map(
      ([heading, keys, change]): Moment => ({
        heading,
        screen: textOf(after({ ...base, language, ...change }, ...keys).model)
          .map((line) => line.trimEnd())
          .join('\n'),
      }),
    );
    t.is(differenceFrom(`home.${language}`, shown), undefined);
  });
}

test('every line is as wide as the window, whatever its size', (t) => {
  for (const language of languages) {
    for (const ascii of [false, true]) {
      for (let at = 0; at < 120; at++) {
        const size = { columns: 1 + ((at * 37) % 190), rows: 1 + ((at * 13) % 60) };
        for (const keys of [[], ['end'], ['/', 'k'], ['end', 'enter', ...letters('안녕 seen')]]) {
          const { model } = after({ ...base, language, ascii, size }, ...keys);
          for (const one of [model, { ...model, failure: ['a 한글 line'] }]) {
            const lines = textOf(one);
            t.is(lines.length, size.rows);
            const crooked = lines.filter((line) => cellWidth(line) !== size.columns);
            t.deepEqual(crooked, [], `${size.columns}x${size.rows} ${language}`);
            if (ascii && language === 'en') t.regex(lines.join(''), /^[\x20-\x7e]*$/);
          }
        }
      }
    }
  }
});

test('the chosen entry is always among the rows that are shown, marked, and described', (t) => {
  for (const [index, { name }] of entries.entries()) {
    const { model } = after(base, ...Array.from({ length: index }, () => 'down'));
    t.is(chosenEntry(model)?.name, name);
    const rows = homeView(model).lines.filter((line) => line.some(({ role }) => role === 'selected'));
    t.is(rows.length, 1);
    t.true(rows[0]?.some(({ text }) => text.includes(name)));
    t.true(
      textOf(model).some((line) => line.includes(`─ ${name} ─`)),
      name,
    );
  }
});

test('what was opened before has a mark, and is counted', (t) => {
  const lines = textOf(base);
  t.regex(lines.join('\n'), /^ {3}plaintext/m);
  t.regex(lines.join('\n'), /^ ✓ tls /m);
  t.regex(lines[0] ?? '', /✓ seen: 1 of 25 $/);
  // A mark of something that is no longer there counts for nothing.
  t.regex(textOf({ ...base, seen: new Set(['run gone']) })[0] ?? '', /seen: 0 of 25/);
});

test('keys move within the list and not beyond it', (t) => {
  const at = (...keys: string[]): number => after(base, ...keys).model.chosen;
  t.is(at('up'), 0);
  t.is(at('down', 'down', 'up'), 1);
  t.is(at('end'), entries.length - 1);
  t.is(at('end', 'down'), entries.length - 1);
  t.is(at('end', 'home'), 0);
  t.is(at('pagedown'), homeLayout(base).height);
  t.is(at('pagedown', 'pageup'), 0);
  t.is(chosenEntry(after(base, 'tab').model)?.name, 'k8s-user');
  t.is(chosenEntry(after(base, 'tab', 'tab', 'tab').model)?.name, 'inspect');
  t.is(at('tab', 'tab', 'tab', 'tab'), 0);
  t.is(at('tab', 'down', 'shift-tab'), after(base, 'tab').model.chosen);
});

test('a filter leaves what contains all of its words, in the language that is shown', (t) => {
  t.deepEqual(names(after(base, '/', ...letters('CLUSTER rbac')).model), ['k8s-user']);
  t.deepEqual(names(after(base, '/', ...letters('만료된')).model), []);
  t.deepEqual(names(after({ ...base, language: 'ko' }, '/', ...letters('만료된')).model), [
    'the-cluster-that-expired',
  ]);
  // As a Korean keyboard on some systems sends it: in parts.
  t.deepEqual(names({ ...base, language: 'ko', filter: '만료된'.normalize('NFD') }), [
    'the-cluster-that-expired',
  ]);
  const filtered = after(base, '/', ...letters('tls')).model;
  t.deepEqual(after(filtered, 'enter').effects, [
    { type: 'open', entry: entries[1] as HomeEntry, words: ['run', 'tls'] },
  ]);
  // Backspace takes back letters, then the filter.
  t.is(after(filtered, 'backspace', 'backspace').model.filter, 't');
  t.is(after(filtered, 'backspace', 'backspace', 'backspace', 'backspace').model.typing, undefined);
  t.is(after(filtered, 'escape').model.filter, '');
  t.is(chosenEntry(after(filtered, 'escape').model)?.name, 'tls');
});

test('a filter that is kept is left by Escape before the list is', (t) => {
  const kept = { ...base, filter: 'tls' };
  const once = after(kept, 'escape');
  t.deepEqual(once.effects, []);
  t.is(once.model.filter, '');
  t.deepEqual(after(once.model, 'escape').effects, [{ type: 'quit', interrupted: false }]);
  t.regex(textOf(kept).at(-1) ?? '', /^ \/tls .*Esc show all/);
});

test('Enter opens; q leaves, and Ctrl-C does at any moment', (t) => {
  t.deepEqual(after(base, 'enter').effects, [
    { type: 'open', entry: entries[0] as HomeEntry, words: ['run', 'plaintext'] },
  ]);
  t.deepEqual(after(base, 'q').effects, [{ type: 'quit', interrupted: false }]);
  t.deepEqual(after(base, 'ㅂ').effects, [{ type: 'quit', interrupted: false }]);
  for (const keys of [[], ['/', 'a'], ['end', 'enter']])
    t.deepEqual(after(base, ...keys, 'ctrl-c').effects, [{ type: 'quit', interrupted: true }]);
  t.deepEqual(after({ ...base, failure: ['x'] }, 'ctrl-c').effects, [{ type: 'quit', interrupted: true }]);
  t.deepEqual(after({ ...base, filter: 'zebra' }, 'enter').effects, []);
});

test('an entry that needs a file asks for it, and is opened with the answer', (t) => {
  const asked = after(base, 'end', 'enter');
  t.deepEqual(asked.effects, []);
  t.regex(textOf(asked.model).at(-1) ?? '', /^ capture file: /);
  t.deepEqual(after(asked.model, 'enter').effects, []);
  t.deepEqual(after(asked.model, ...letters('my file.pcapng'), 'enter').effects, [
    { type: 'open', entry: entries.at(-1) as HomeEntry, words: ['inspect', 'my file.pcapng'] },
  ]);
  // Letters that are keys elsewhere are letters here.
  t.is(after(asked.model, ...letters('qL/')).model.answer, 'qL/');
  const left = after(asked.model, 'x', 'escape').model;
  t.is(left.typing, undefined);
  t.is(after(left, 'enter').model.answer, '');
});

test('Ctrl-Z suspends, and a composed syllable means nothing', (t) => {
  t.deepEqual(after(base, 'ctrl-z').effects, [{ type: 'suspend' }]);
  const { model, effects } = after(base, '가', 'l', 'x');
  t.deepEqual(effects, []);
  t.is(model, base);
});

test('L changes the language and keeps the place', (t) => {
  const { model } = after(base, 'down', 'L');
  t.is(model.language, 'ko');
  t.is(chosenEntry(model)?.name, 'tls');
  t.is(after(model, 'ㅣ').model.language, 'en');
});

test('a failure is shown until a key is pressed', (t) => {
  const failed = { ...base, chosen: 1, failure: ['wirelab: no'] };
  t.regex(textOf(failed).join('\n'), /could not start[^]*wirelab: no/);
  for (const message of ['x', 'q', { type: 'clicked', column: 0, row: 0 } as const]) {
    const { model, effects } = after(failed, message);
    t.is(model.failure, undefined);
    t.deepEqual(effects, []);
  }
});

test('a click chooses the entry under it, and opens the chosen one; the wheel moves', (t) => {
  for (const size of [base.size, { columns: 120, rows: 40 }]) {
    const model = { ...base, size };
    const row = textOf(model).findIndex((line) => /^.{3}more-3 /.test(line));
    const click: Message = { type: 'clicked', column: 8, row };
    const clicked = after(model, click);
    t.deepEqual(clicked.effects, []);
    t.is(chosenEntry(clicked.model)?.name, 'more-3');
    const again = textOf(clicked.model).findIndex((line) => /^.{3}more-3 /.test(line));
    t.is(after(clicked.model, { ...click, row: again }).effects[0]?.type, 'open');
    // Neither a heading, nor the text about the entry, nor the keys.
    for (const [column, other] of [
      [8, 1],
      [8, size.rows - 1],
      [size.columns - 1, size.rows - 4],
    ] as const)
      t.is(after(model, { type: 'clicked', column, row: other }).model.chosen, 0);
    const wheel: Message = { type: 'scrolled', column: 8, row: 8, lines: 3 };
    t.is(after(model, wheel, wheel, { ...wheel, lines: -3 }).model.chosen, 3);
  }
});

test('names and texts of a list cannot act on the terminal', (t) => {
  const hostile = '\x1b[2J\u202ex\x9b';
  const model = {
    ...base,
    entries: [
      { ...entries[0], name: hostile, title: verbatim(hostile), summary: verbatim(hostile) } as HomeEntry,
    ],
    failure: undefined,
  };
  for (const one of [model, { ...model, failure: [hostile] }, { ...model, filter: hostile }])
    t.notRegex(textOf(one).join(''), /[\x00-\x1f\x7f-\x9f\u202e]/);
});

test('S opens the short version of what has one, and the keys say so', (t) => {
  const chosen = after(base, 'down');
  t.regex(textOf(chosen.model).at(-1) ?? '', /Enter open {2}S short: 5 steps {2}/);
  for (const key of ['S', 'ㄴ'])
    t.deepEqual(
      after(chosen.model, key).effects.map((effect) => effect.type === 'open' && effect.words),
      [['run', 'tls', '--short']],
    );
  t.notRegex(textOf(base).at(-1) ?? '', /short/);
  t.deepEqual(after(base, 'S').effects, []);
  t.regex(textOf(after(base, '/', 't', 'l', 's', 'escape').model).at(-1) ?? '', /S short/);
});
