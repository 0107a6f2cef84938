/** The words of all Korean texts: one term for each thing, English at its first use, and particles that fit. */
import test from 'ava';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { glossary } from './helpers/glossary.ts';
import { koreanLiterals, koreanMarkdown, root } from './helpers/korean.ts';
import type { KoreanText } from './helpers/korean.ts';
import { josa, lastSound, particles } from '../src/i18n/josa.ts';
import type { Particle } from '../src/i18n/josa.ts';

const markdown = koreanMarkdown();
const literals = koreanLiterals();
const texts = [...markdown, ...literals];

const where = ({ file, line }: KoreanText, what: string): string => `${file}:${line}: ${what}`;

/** Every match in every text. */
function found(pattern: RegExp, among: readonly KoreanText[] = texts): string[] {
  return among.flatMap((one) => [...one.text.matchAll(pattern)].map(([match]) => where(one, match)));
}

test('there are texts to read, of each kind', (t) => {
  t.true(markdown.length > 2000);
  t.true(literals.length > 3000);
  for (const part of ['scenarios/tls/ko.md', 'labs/be-a-ca/instructor.ko.md', 'src/presentation/words.ts'])
    t.true(
      texts.some(({ file }) => file === part),
      part,
    );
});

for (const { en, ko, not } of glossary) {
  test(`${en}: ${ko}`, (t) => {
    t.deepEqual(found(new RegExp(not.join('|'), 'g')), []);
  });
}

test('a term that has a bracket has it at its first use in a page', (t) => {
  const missing: string[] = [];
  for (const page of new Set(markdown.map(({ file }) => file))) {
    const lines = markdown.filter(({ file }) => file === page);
    for (const { ko, bracket } of glossary) {
      const first = bracket === undefined ? undefined : lines.find(({ text }) => text.includes(ko));
      if (
        first &&
        !new RegExp(`^${ko}\\((?:[^)]*\\b)?(?:${bracket})\\b`).test(first.text.slice(first.text.indexOf(ko)))
      )
        missing.push(where(first, ko));
    }
  }
  t.deepEqual(missing, []);
});

test('no text shows two forms of a particle', (t) => {
  const forms = [
    '은\\(는',
    '는\\(은',
    '이\\(가',
    '가\\(이',
    '을\\(를',
    '를\\(을',
    '과\\(와',
    '와\\(과',
    '\\(으\\)로',
    '\\(이\\)',
  ];
  t.deepEqual(found(new RegExp(forms.join('|'), 'g')), []);
});

/** The longest forms first, so that 이라 is not taken for 이. */
const forms = particles
  .flatMap((particle): [string, Particle][] => particle.split('/').map((form) => [form, particle]))
  .toSorted(([left], [right]) => right.length - left.length);
const anyForm = forms.map(([form]) => form).join('|');

test('a name that is put into a sentence brings its particle', (t) => {
  const bare = new RegExp(`\\}(?:\\([^()]*\\))?["'”’]*(?:${anyForm})(?:는|도|만|서|써)?(?![가-힣])`, 'g');
  const wrong = literals.flatMap((one) =>
    [...one.text.matchAll(bare)]
      // josa() has chosen 으로, to which 는 is added.
      .filter(({ index }) => !/josa\([^{}]*'\)$/.test(one.text.slice(0, index)))
      .map(({ index, 0: match }) => where(one, one.text.slice(0, index + match.length).slice(-40))),
  );
  t.deepEqual(wrong, []);
});

test('a particle after letters or digits fits how they are read', (t) => {
  // The copula may keep its 이 after a vowel: alice이고.
  const copula = ['이라', '이라고', '이라는', '이나', '이며', '이고', '이지만', '이면', '이어서'];
  const written = new RegExp(`(?<=[A-Za-z0-9][\\])"'\`”’]{0,3})(?:${anyForm})(?![가-힣])`, 'g');
  const wrong = texts.flatMap((one) =>
    [...one.text.matchAll(written)].flatMap(({ 0: form, index }) => {
      const before = one.text.slice(0, index);
      const [, particle] = forms.find(([each]) => each === form) ?? [];
      if (particle === undefined || /\}(?:\([^()]*\))?["'”’]*$/.test(before) || copula.includes(form))
        return [];
      return josa(before, particle) === before + form ? [] : [where(one, before.slice(-24) + form)];
    }),
  );
  t.deepEqual(wrong, []);
});

test('a particle after Hangul fits it, where the form of the word tells that it is a particle', (t) => {
  // Nouns and participles that end like a vowel and a particle.
  const whole = /(?:마을|가을|노을|(?:나|지|이|부|그)[은을])$/;
  const wrong = texts.flatMap((one) =>
    [...one.text.matchAll(/[가-힣]+(을|를|와|은|으로)(?![가-힣])/g)].flatMap(({ 0: word, 1: form = '' }) => {
      const sound = lastSound(word.slice(0, -form.length));
      const fits =
        form === '을' || form === '은'
          ? sound !== 'vowel'
          : form === '으로'
            ? sound === 'consonant'
            : sound === 'vowel';
      return fits || whole.test(word) ? [] : [where(one, word)];
    }),
  );
  t.deepEqual(wrong, []);
});

test('Mallory is one person, a man', (t) => {
  const pages = ['scenarios', 'labs'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /(?:^|\/|\.)en\.md$/.test(name))
      .map((name) => join(folder, name)),
  );
  t.true(pages.length > 30);
  // In a paragraph about him alone, what is hers is a mistake; "which pages she read" may be about Alice.
  const others = /\b(?:alice|carol|owner|customer|member|administrator)\b/i;
  const hers =
    /\b(?:hers|herself|her (?:own|site|server|CA|certificates?|requests?|keys?|list|recording|headers?|fake))\b/i;
  const wrong = pages.flatMap((page) =>
    readFileSync(join(root, page), 'utf8')
      .split('\n')
      .filter((line) => /mallory/i.test(line) && !others.test(line) && hers.test(line))
      .map((line) => `${page}: ${line}`),
  );
  t.deepEqual(wrong, []);
});
