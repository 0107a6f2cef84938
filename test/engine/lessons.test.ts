/** What every bundled scenario tells: a lesson for each step, answers to each question, and one sentence to take along. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { choicesIn } from '../../src/engine/file/lesson.ts';
import type { Plan } from '../../src/engine/plan.ts';
import { planScenario } from '../../src/engine/planning.ts';
import { features } from '../../src/features/registry.ts';
import { languages } from '../../src/i18n/language.ts';
import type { Language, Localized } from '../../src/i18n/language.ts';
import { cellWidth, wrapToCells } from '../../src/i18n/width.ts';
import { compiled, root } from './support/demonstration.ts';

/** What is read from the last row of a room, in one line. */
const headlineCells = 60;
/** A narrow column, for a question with its answers. */
const choiceCells = 72;
/** Of a terminal with 80 columns and 24 lines, below the bar and above the keys. */
const slide = { cells: 78, lines: 18 };
const takeaway = { cells: 76, lines: 2 };

const scenarios = readdirSync(join(root, 'scenarios')).toSorted();

const plans = new Map<string, Promise<Plan>>();

/** All steps, also those that need a request of one's own. */
async function planned(name: string): Promise<Plan> {
  const plan =
    plans.get(name) ?? compiled(name).then((scenario) => planScenario(features, scenario, { request: '' }));
  plans.set(name, plan);
  return plan;
}

/** Of each step and language, what `wrong` says about it. */
function wrongIn(
  { steps }: Plan,
  wrong: (text: Plan['steps'][number]['text'], language: Language) => string | undefined,
): string[] {
  return steps.flatMap(({ id, text }) =>
    languages.flatMap((language) => {
      const what = wrong(text, language);
      return what === undefined ? [] : [`${id} (${language}): ${what}`];
    }),
  );
}

const linesOf = (text: Localized | undefined, language: Language, cells = slide.cells): number =>
  text === undefined
    ? 0
    : text[language].split('\n').reduce((sum, line) => sum + Math.max(1, wrapToCells(line, cells).length), 0);

test('there are scenarios', (t) => {
  t.true(scenarios.length > 0);
});

for (const name of scenarios) {
  test(`${name}: each step has its lesson, in a line that a room can read`, async (t) => {
    const plan = await planned(name);
    t.deepEqual(
      wrongIn(plan, ({ headline }, language) => {
        if (!headline?.[language]) return 'no headline';
        const text = headline[language];
        if (cellWidth(text) > headlineCells) return `${cellWidth(text)} cells: ${text}`;
        return /[.\n]$|\n/.test(text) ? `more than a phrase: ${text}` : undefined;
      }),
      [],
    );
  });

  test(`${name}: each question has answers to choose from, and the right one is marked`, async (t) => {
    const plan = await planned(name);
    t.deepEqual(
      wrongIn(plan, ({ question, choices }, language) => {
        if (!question) return undefined;
        const answers = choicesIn(choices?.[language] ?? '');
        if (!answers) return `no answers: ${question[language]}`;
        return answers.map(({ text }) => text).find((text) => cellWidth(text) > choiceCells);
      }),
      [],
    );
    // What is asked of a group of steps is answered by the last of them; two lists at once can't be read.
    t.deepEqual(
      wrongIn(plan, ({ answer }, language) =>
        answer && !choicesIn(answer[language]) ? answer[language] : undefined,
      ),
      [],
    );
    const asked = plan.steps.filter(({ text }) => text.question).length;
    t.is(plan.steps.filter(({ text }) => text.answer).length, asked, 'each question is answered once');
  });

  test(`${name}: what stands before a step fits 80 columns and 24 lines with its question`, async (t) => {
    const plan = await planned(name);
    t.deepEqual(
      wrongIn(plan, ({ before, question, choices }, language) => {
        if (!question) return undefined;
        const parts = [before, question, choices].flatMap((part) => linesOf(part, language) || []);
        // The title, and a blank line above each part.
        const lines = 1 + parts.reduce((sum, each) => sum + 1 + each, 0);
        return lines > slide.lines ? `${lines} lines` : undefined;
      }),
      [],
    );
  });

  test(`${name}: one sentence to take along`, async (t) => {
    const plan = await planned(name);
    for (const language of languages) {
      const lines = linesOf(plan.takeaway, language, takeaway.cells);
      t.true(lines > 0 && lines <= takeaway.lines, `${language}: ${lines} lines`);
    }
  });
}

test('a question is answered at the first of several TLS versions of a client, and after all of several clients', async (t) => {
  const answeredAt = async (name: string, base: string): Promise<readonly string[]> =>
    (await planned(name)).steps.flatMap(({ id, base: own, text }) =>
      own === base && text.answer ? [id] : [],
    );
  t.deepEqual(await answeredAt('client-refusals', 'stolen'), ['stolen-1.3']);
  t.deepEqual(await answeredAt('client-refusals', 'wrong-time'), ['wrong-time-not-yet-valid-1.2']);
  // Each with a question of its own.
  t.deepEqual(await answeredAt('mtls', 'mallory'), ['mallory-1.3', 'mallory-1.2']);
});
