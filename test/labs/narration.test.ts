import test from 'ava';
import { UserError } from '../../src/i18n/user-error.ts';
import { parseLabNarration } from '../../src/labs/narration.ts';
import { calledAs } from '../../src/labs/wirelab-command.ts';

const en = `# A lab

What it is about,
over two lines.

## first: The first task

Do this.

### hint

A nudge.

### hint

Nearly the answer.

### done

What it shows.

## end

What it was for.
`;
const ko = en.replace('A lab', '실습').replace('Do this.', '이것을 하세요.');

const read = (english: string, korean: string) =>
  parseLabNarration({ en: { file: 'en.md', text: english }, ko: { file: 'ko.md', text: korean } }, ['first']);

/** The places of what is wrong. */
function mistakesOf(english: string, korean: string): string[] {
  try {
    read(english, korean);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return [error.facts, ...(error.facts.others ?? [])].map(({ where, received }) =>
      `${where ?? ''} ${received ?? ''}`.trim(),
    );
  }
  return [];
}

test('every part of a lab’s text is read, in both languages', (t) => {
  const { en: english, ko: korean } = read(en, ko);
  t.is(english.title, 'A lab');
  t.is(english.intro, 'What it is about, over two lines.');
  t.deepEqual(english.tasks['first'], {
    title: 'The first task',
    text: 'Do this.',
    hints: ['A nudge.', 'Nearly the answer.'],
    done: 'What it shows.',
  });
  t.is(english.end, 'What it was for.');
  t.is(korean.tasks['first']?.text, '이것을 하세요.');
});

test('what is missing, empty, unknown or in one language only is named', (t) => {
  t.is(mistakesOf(en.replace('# A lab\n', ''), ko)[0], 'en.md:1:1');
  t.deepEqual(mistakesOf(en.replace('### done', '### dane'), ko), ['en.md:18:1 dane']);
  t.deepEqual(mistakesOf(en.replace('Nearly the answer.\n', ''), ko), ['en.md:14:1']);
  t.deepEqual(mistakesOf(en.replace('## end', '## and'), ko), ['en.md:22:1 and']);
  t.deepEqual(mistakesOf(en.replace('## end\n', ''), ko), ['en.md:23:1']);
  t.deepEqual(mistakesOf(`${en}\n## end\n\nTwice.\n`, ko), ['en.md:26:1']);
  t.deepEqual(mistakesOf(en.replace('### hint\n\nA nudge.\n', ''), ko), ['ko.md:6:1 ## first: 2 × ### hint']);
  t.true(
    mistakesOf(en.replace('## first: The first task', '## last: The first task'), ko).includes(
      'en.md:6:1 last',
    ),
  );
  t.deepEqual(mistakesOf(en.replace('## first: The first task', '## first'), ko), ['en.md:6:1 ## first']);
});

test('a misspelt heading is one mistake, with what was most likely meant', (t) => {
  for (const [heading, typed, meant] of [
    ['## first', '## frist', 'first'],
    ['### done', '### dane', 'done'],
    ['## end', '## ent', 'end'],
  ] as const) {
    const error = t.throws(() => read(en.replace(heading, typed), ko), { instanceOf: UserError });
    t.is(error.facts.others, undefined, heading);
    t.is(error.facts.remedy?.en, `Did you mean ${meant}?`);
    t.regex(error.facts.remedy?.ko ?? '', new RegExp(`혹시 ${meant}`));
  }
});

test('a text in one language only is read for both', (t) => {
  const one = parseLabNarration({ en: { file: 'en.md', text: en } }, ['first']);
  t.deepEqual(one.ko, one.en);
  t.is(
    parseLabNarration({ ko: { file: 'ko.md', text: ko } }, ['first']).en.tasks['first']?.text,
    '이것을 하세요.',
  );
});

test('a heading in code is none, and code keeps its lines', (t) => {
  const withCode = (text: string): string =>
    text.replace('A nudge.', 'A nudge.\n\n```sh\n# a comment\nopenssl req -new \\\n  -key a.key\n```');
  const { en: english } = read(withCode(en), withCode(ko));
  t.is(
    english.tasks['first']?.hints[0],
    'A nudge.\n\n    # a comment\n    openssl req -new \\\n      -key a.key',
  );
});

test('a command of wirelab’s in a text is called by a path that works, a scenario too', (t) => {
  const text = 'wirelab lab check, ./wirelab run k8s-new-ca; wirelab runs each program';
  t.is(
    calledAs({ en: text, ko: text }, '../wirelab').en,
    '../wirelab lab check, ../wirelab run k8s-new-ca; wirelab runs each program',
  );
});
