/**
 * One presentation, several renderers: the lines and the screen are given the same run, and say of it what the presentation
 * says, word by word, in either language. How each sets it (columns, indents, colours) is its own.
 */
import test from 'ava';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { loadReadings } from '../../src/analysis/conversation/conversation.ts';
import { inLanguage, languages, verbatim } from '../../src/i18n/language.ts';
import { cardText, refusalCard } from '../../src/presentation/card.ts';
import { matrixTable, refusalMatrix } from '../../src/presentation/refusal-matrix.ts';
import { commandsFor, verdictReport } from '../../src/presentation/report/verdict.ts';
import { loadTlsReport } from '../../src/presentation/report/load.ts';
import { penFor } from '../../src/ui/tui/state/masking.ts';
import { refusalsIn } from '../../src/presentation/moment.ts';
import { claimsLines, verdictLines } from '../../src/ui/tui/view/verdict.ts';
import { cardLines } from '../../src/ui/tui/view/card.ts';
import { present } from '../helpers/capture.ts';
import { textReport } from './support/text-report.ts';
import { textOf } from './tui/support/driver.ts';
import { recorded } from './tui/support/scenes.ts';
import { allShown } from '../helpers/shown.ts';

await Promise.all([loadReadings(), loadTlsReport()]);

/** Without what setting adds: white space, and where a line breaks. */
const words = (text: string): string => text.replaceAll(/\s+/g, '');

const ways = [{ hop: 'A', to: 'front', client: 'customer', curl: 'curl https://shop', openssl: 'openssl x' }];

function everythingSaid(language: 'en' | 'ko') {
  const { driver, log } = recorded('mtls', { language, ways });
  const { flows, hunt, secrets } = driver.scene.sources;
  const lines: string[] = [];
  const report = textReport({
    flows,
    shown: allShown,
    hunt,
    secrets,
    language,
    ascii: false,
    columns: 100,
    write: (line) => void lines.push(line),
  });
  log.subscribe(report.fold);
  const cards: string[] = [];
  const pen = (): ReturnType<typeof penFor> => penFor(driver.model);
  for (let stop = ''; stop !== driver.stop; driver.press('space')) {
    stop = driver.stop;
    if (driver.stop.startsWith('reveal')) cards.push(textOf({ lines: cardLines(driver.look, pen(), 100) }));
  }
  const { scene, look } = driver;
  const verdict = present(scene.verdict);
  report.finish(verdict);
  report.reach(ways);
  const end = textOf({ lines: [...verdictLines(look, pen(), 100), ...claimsLines(look, pen(), 100)] });
  return { scene, look, verdict, lines: words(lines.join('\n')), screen: words([...cards, end].join('\n')) };
}

for (const language of languages) {
  test(`the lines and the screen say the same of a run, in ${language}`, (t) => {
    const { scene, look, verdict, lines, screen } = everythingSaid(language);
    const stories = refusalsIn({ ...look, first: 0, last: Infinity }).filter(
      ({ refusal }) => scene.sources.steps.at(refusal.seq) !== undefined,
    );
    t.true(stories.length > 2, 'several are refused in this demonstration');
    const { narration } = scene;
    const titleOf = (step: string): { en: string; ko: string } | undefined =>
      scene.narrationOf(step)['step-title'];
    const { sections, closing } = inLanguage(verdictReport(verdict, { titleOf, narration }), language);
    const table = inLanguage(matrixTable(present(refusalMatrix(stories))), language);
    const cards = stories.map((story) =>
      inLanguage(refusalCard(story, { topology: scene.topology, inStep: true }), language),
    );
    const said = [
      ...sections.flatMap(({ title, statements }) => [
        title,
        ...statements.map(({ mark, text }) => `${mark} ${text}`),
      ]),
      ...closing.flatMap(({ title, text }) => [title, text]),
      ...commandsFor(ways).flatMap(({ title, line }) => [title[language], line]),
      table.title,
      table.legend,
      ...cards.map(({ headline }) => headline),
      // What a later card has in common with an earlier one the lines leave out.
      ...present(cards[0])
        .rows.filter(({ kind }) => kind !== 'seeIt')
        .map(cardText),
    ];
    t.true(said.length > 20);
    for (const text of said) {
      t.true(lines.includes(words(text)), `the lines: ${text}`);
      t.true(screen.includes(words(text)), `the screen: ${text}`);
    }
  });
}

test('a text that is the same in every language is given to every renderer as it is', (t) => {
  t.deepEqual(inLanguage({ a: verbatim('x'), b: ['y', { en: 'one', ko: '하나' }], c: undefined }, 'ko'), {
    a: 'x',
    b: ['y', '하나'],
    c: undefined,
  });
});

test('the types of a presentation import only texts and each other, and contain no code but the status marks', (t) => {
  const folder = resolve(import.meta.dirname, '../../../src/presentation/types');
  const files = readdirSync(folder).filter((file) => file.endsWith('.ts'));
  t.true(files.length > 6);
  for (const file of files) {
    const text = readFileSync(join(folder, file), 'utf8');
    t.notRegex(
      text.replace('export const statusMarks', ''),
      /^(?:import (?!type)|export (?!interface|type))/m,
      `${file} has types only`,
    );
    for (const [, name = ''] of text.matchAll(/from '([^']+)'/g))
      t.regex(name, /^(?:\.\.\/\.\.\/i18n\/language|\.\/[a-z]+)\.ts$/, file);
  }
});
