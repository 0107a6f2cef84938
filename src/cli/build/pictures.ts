/**
 * Draws a picture of each scenario for the gallery, and writes the gallery: the moment that stands for the scenario
 * (`presentation/main-step.ts`), from a real run. With names, only these are drawn; the gallery lists all that were drawn.
 */
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { loadScenario, scenarioNames } from '../../engine/load.ts';
import type { CompiledScenario } from '../../engine/scenario.ts';
import { safeText } from '../../i18n/safe.ts';
import { mainStep } from '../../presentation/main-step.ts';
import { pictureOf } from '../../ui/tui/svg.ts';
import type { Environment } from '../command.ts';
import { findPlaces, scenarioPlaces } from '../places.ts';
import { withCertificates } from './drawing.ts';
import { playScenario } from './played.ts';

const size = { columns: 80, rows: 24 } as const;

/** `--to FOLDER` draws elsewhere than in docs. */
const words = process.argv.slice(2);
const at = words.indexOf('--to');
const [, folder = join(findPlaces(process.env).root, 'docs')] = at < 0 ? [] : words.splice(at, 2);
const docs = resolve(folder);

await withCertificates(async (environment, write) => {
  const compiled = scenarioPlaces(environment.places);
  const names = scenarioNames(compiled.compiled);
  const scenarios = await Promise.all(names.map(async (name) => loadScenario(name, compiled)));
  for (const scenario of scenarios)
    if (words.length === 0 || words.includes(scenario.name))
      write(pictureFile(scenario.name), await drawn(scenario, environment));
  // The picture of a scenario that is gone goes too.
  const pictures = join(docs, 'pictures');
  for (const file of existsSync(pictures) ? readdirSync(pictures) : [])
    if (!names.some((name) => file === `${name}.svg`)) rmSync(join(pictures, file));
  writeFileSync(
    join(docs, 'gallery.md'),
    galleryOf(scenarios.filter(({ name }) => existsSync(pictureFile(name)))),
  );
});

function pictureFile(name: string): string {
  return join(docs, 'pictures', `${name}.svg`);
}

async function drawn(scenario: CompiledScenario, environment: Environment): Promise<string> {
  const { name } = scenario;
  const step = mainStep(scenario);
  const played = await playScenario(name, size, environment);
  try {
    const frame = await played.press(
      ['space'],
      ({ stop, step: shown }, { mode }) =>
        mode === name && stop?.kind === 'reveal' && (shown?.base === step || shown?.id === step),
    );
    return pictureOf({
      title: altOf(scenario),
      command: `./wirelab run ${name}`,
      scenes: [{ frame, keys: [], caption: scenario.narration.en.title }],
      secondsEach: 0,
    });
  } finally {
    await played.close();
  }
}

/** What the moment shows, in the words of its step. */
function momentOf(scenario: CompiledScenario): string {
  const { title, steps } = scenario.narration.en;
  const step = steps[mainStep(scenario) ?? ''];
  return step?.headline ?? step?.title ?? title;
}

function altOf(scenario: CompiledScenario): string {
  return `wirelab run ${scenario.name} in a terminal: ${momentOf(scenario)}`;
}

function galleryOf(scenarios: readonly CompiledScenario[]): string {
  const sections = scenarios.map((scenario) => {
    const { name, narration } = scenario;
    return [
      `## ${name}`,
      '',
      markdown(narration.en.title),
      '',
      `![${markdown(altOf(scenario))}](pictures/${name}.svg)`,
    ].join('\n');
  });
  return `${[
    '# Gallery',
    [
      'One moment of each scenario, from a real run (`make pictures`). Start one with `./wirelab run NAME`;',
      'ports, times and noise are different each time.',
    ].join(' '),
    ...sections,
  ].join('\n\n')}\n`;
}

function markdown(text: string): string {
  return safeText(text).replaceAll(/[[\]<>*_`\\]/g, String.raw`\$&`);
}
