import test from 'ava';
import { UserError } from '../../../src/i18n/user-error.ts';
import { parseNarration } from '../../../src/engine/file/narration.ts';
import { nearest } from '../../../src/i18n/nearest.ts';

const en = `# A title

The introduction,
over two lines.

<!-- for writers
## not-a-section
-->

## first: The first step

What we are about to see.

- one
- two

### question

What will happen?

### after

It happened.

### notes

Speak slowly.

## what-this-does-not-prove

Much.
`;
const ko = en.replace('A title', '제목').replace('It happened.', '일어났습니다.');

function read(english: string, korean: string) {
  return parseNarration(
    { en: { file: 'en.md', text: english }, ko: { file: 'ko.md', text: korean } },
    { steps: ['first'], expanded: ['first-1.2'] },
  );
}

function errors(english: string, korean: string): string[] {
  try {
    read(english, korean);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return [error.facts, ...(error.facts.others ?? [])].map(({ where, what, remedy }) =>
      [where, what.en, remedy?.en].filter(Boolean).join(' | '),
    );
  }
  return [];
}

test('sections become parts; lines of a paragraph are joined, list items stay lines, comments are gone', (t) => {
  const { en: text, ko: korean } = read(en, ko);
  t.deepEqual(text, {
    title: 'A title',
    intro: 'The introduction, over two lines.',
    steps: {
      first: {
        title: 'The first step',
        before: 'What we are about to see.\n\n- one\n- two',
        question: 'What will happen?',
        after: 'It happened.',
        notes: 'Speak slowly.',
      },
    },
    doesNotProve: 'Much.',
  });
  t.is(korean.title, '제목');
  t.is(korean.steps['first']?.after, '일어났습니다.');
});

test('a part that only one language has is named in the other file, with its twin', (t) => {
  t.deepEqual(errors(en, ko.replace(/### question[\s\S]*?(?=### after)/, '')), [
    'ko.md:10:1 | missing part ### question (## first); it exists in en.md:10',
  ]);
  t.deepEqual(errors(`${en}\n## often-told-and-not-so\n\nA tale.\n`, ko), [
    'ko.md:31:1 | missing part ## often-told-and-not-so; it exists in en.md:33',
  ]);
});

test('a step without text, and text without a step', (t) => {
  t.deepEqual(errors(en.replace('## first:', '## frist:'), ko.replace('## first:', '## frist:')), [
    'en.md:10:1 | unknown heading in a scenario’s text | Did you mean first?',
    'ko.md:10:1 | unknown heading in a scenario’s text | Did you mean first?',
  ]);
});

test('an empty part, duplicate title, an unknown part', (t) => {
  t.deepEqual(errors(en.replace('Much.', ''), ko), ['en.md:29:1 | empty part ## what-this-does-not-prove']);
  t.is(errors(en.replace('## first', '# Again\n\n## first'), ko).length, 1);
  t.deepEqual(errors(en.replace('### notes', '### note'), ko.replace('### notes', '### note')), [
    'en.md:25:1 | unknown heading in a scenario’s text | Did you mean notes?',
    'ko.md:25:1 | unknown heading in a scenario’s text | Did you mean notes?',
  ]);
});

const lesson = (text: string, choices: string, headline: string): string =>
  text.replace('### after', `### choices\n\n${choices}\n\n### ${headline}\n\n### after`);
const answers = '- [ ] Nothing.\n- [x] It.\n- [ ] Something else.';

test('answers to choose from, a headline with a tone, and what is to be remembered', (t) => {
  const whole = lesson(en, answers, 'headline: leaked\n\nIt is out').replace(
    '## what-this',
    '## takeaway\n\nKeep it in.\n\n## what-this',
  );
  const { en: text } = read(whole, whole);
  t.like(text.steps['first'], { choices: answers, headline: 'It is out', headlineTone: 'leaked' });
  t.is(text.takeaway, 'Keep it in.');
  const bare = lesson(en, answers, 'headline\n\nIt is out');
  t.is(read(bare, bare).en.steps['first']?.headlineTone, undefined);
});

test('answers that are not a list with one right one, a tone that is none, and languages that differ', (t) => {
  const cannotRead = 'the answers to choose from cannot be read';
  for (const wrong of [
    'Nothing.',
    '- Nothing.\n- It.',
    '- [ ] Nothing.\n- [ ] It.',
    '- [x] Nothing.\n- [x] It.',
    '- [x] It.',
    `${answers}\n- [ ] D\n- [ ] E`,
  ]) {
    const text = lesson(en, wrong, 'headline\n\nIt is out');
    t.deepEqual(errors(text, text), [`en.md:21:1 | ${cannotRead}`, `ko.md:21:1 | ${cannotRead}`], wrong);
  }
  const good = lesson(en, answers, 'headline: leaked\n\nIt is out');
  const unasked = good.replace(/### question[\s\S]*?(?=### choices)/, '');
  t.deepEqual(errors(unasked, unasked), [
    'en.md:17:1 | missing part ### question (## first)',
    'ko.md:17:1 | missing part ### question (## first)',
  ]);
  t.deepEqual(errors(good.replace('headline: leaked', 'headline: leeked'), good), [
    'en.md:27:1 | unknown heading in a scenario’s text | Did you mean leaked?',
    'ko.md:27:1 | ### headline (## first) differs from that of the other language, in en.md:27',
  ]);
  const moved = lesson(
    en,
    '- [x] Nothing.\n- [ ] It.\n- [ ] Something else.',
    'headline: leaked\n\nIt is out',
  );
  t.deepEqual(errors(good, moved), [
    'ko.md:21:1 | ### choices (## first) differs from that of the other language, in en.md:21',
  ]);
});

test('a step that runs under two versions of TLS may have text for each', (t) => {
  const more = '\n## first-1.2: On TLS 1.2\n\nIn clear.\n';
  t.is(read(en + more, ko + more).en.steps['first-1.2']?.before, 'In clear.');
});

test('the nearest name: one slip of the fingers, and not something else altogether', (t) => {
  t.is(nearest('alcie', ['mallory', 'alice']), 'alice');
  t.is(nearest('plaintxt', ['plaintext', 'tls']), 'plaintext');
  t.is(nearest('zzz', ['alice', 'tls']), undefined);
});

test('a misspelt heading is one error, in its own file', (t) => {
  for (const [right, wrong, meant] of [
    ['## first:', '## frist:', 'first'],
    ['## what-this-does-not-prove', '## what-this-does-not-proof', 'what-this-does-not-prove'],
    ['### notes', '### nots', 'notes'],
  ] as const) {
    const found = errors(en.replace(right, wrong), ko);
    t.is(found.length, 1, wrong);
    t.regex(found[0] ?? '', new RegExp(`^en\\.md:.*Did you mean ${meant}\\?$`));
  }
});

test('a part that every file needs is named with the file that lacks it', (t) => {
  const without = (text: string): string => text.replace(/## what-this-does-not-prove[^]*/, '');
  const error = t.throws(() => read(without(en), without(ko)), { instanceOf: UserError });
  t.deepEqual(
    [error.facts, ...(error.facts.others ?? [])].map(({ where, what, expected }) => [
      where,
      what.en,
      expected?.en,
      expected?.ko,
    ]),
    ['en', 'ko'].map((language) => [
      `${language}.md:27:1`,
      'missing part ## what-this-does-not-prove',
      `## what-this-does-not-prove in ${language}.md`,
      `${language}.md: ## what-this-does-not-prove`,
    ]),
  );
});
