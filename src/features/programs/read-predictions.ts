/** Reads predictions.yaml from a scenario's folder, if it exists. Loaded only where a scenario is compiled. */
import { join } from 'node:path';
import { readText } from '../../i18n/read-file.ts';
import { UserError } from '../../i18n/user-error.ts';
import type { CompiledAdditions } from '../../engine/extensions.ts';
import type { Registry, ScenarioFolder } from '../../engine/feature.ts';
import { codeOf, isUnfit, largestPart } from '../../engine/file/folder.ts';
import { placed, readYaml, withoutInheritance } from '../../engine/file/parse.ts';
import type { ScenarioFile, StepFile } from '../../engine/scenario.ts';
import type { Predictions } from './predictions.ts';

export async function compilePredictions(
  { folder, shown }: ScenarioFolder,
  file: ScenarioFile,
  registry: Registry,
): Promise<CompiledAdditions> {
  const name = 'predictions.yaml';
  const predictions = await readPredictions(join(folder, name), join(shown, name), file, registry);
  return predictions ? { predictions } : {};
}

/** Undefined where it does not exist: few scenarios predict anything. */
async function readPredictions(
  path: string,
  shown: string,
  file: ScenarioFile,
  registry: Registry,
): Promise<Predictions | undefined> {
  let text: string;
  try {
    text = readText(path, largestPart, shown);
  } catch (error) {
    const isWanted = file.steps.some(({ expect = [] }) => expect.some(({ predicted }) => predicted));
    if (!isWanted && codeOf(error) === 'ENOENT') return undefined;
    if (isUnfit(error)) throw error;
    throw new UserError(
      {
        what: { en: 'cannot read the predictions', ko: '예측 표를 읽을 수 없습니다' },
        where: shown,
        expected: {
          en: 'a table of predicted output, required by predicted',
          ko: '프로그램의 출력을 예측한 표(predicted가 있으므로 필요합니다)',
        },
        received: codeOf(error),
      },
      { cause: error },
    );
  }
  const [yaml, { parsePredictions }] = await Promise.all([import('yaml'), import('./predictions-schema.ts')]);
  const reading = readYaml({ file: shown, text }, yaml);
  try {
    const predictions = withoutInheritance(
      parsePredictions(reading.content, predictable(file, registry), shown),
    );
    checkPredicted(predictions, file, shown, registry);
    return predictions;
  } catch (error) {
    throw placed(error, shown, reading);
  }
}

/** The steps that a prediction may refer to, by their ids without the TLS version. */
function predictable(
  file: ScenarioFile,
  registry: Registry,
  steps: readonly StepFile[] = file.steps,
): string[] {
  const ids = steps
    .map((step) => registry.step(step))
    .filter(({ row }) => row.byPrograms)
    .flatMap(({ parts }) => parts(file).flatMap(({ ids, tls }) => ids.at(tls === undefined ? -1 : -2) ?? []));
  return [...new Set(ids)];
}

/** An expected login without a prediction would be judged by nothing. */
function checkPredicted(
  predictions: Predictions,
  file: ScenarioFile,
  where: string,
  registry: Registry,
): void {
  for (const step of file.steps) {
    const { expect = [] } = step;
    const wanted = expect.find(({ predicted }) => predicted);
    if (!wanted) continue;
    for (const name of predictable(file, registry, [step])) {
      const isThere = predictions.node?.some(({ logins }) => logins[name] !== undefined) ?? false;
      if (isThere) continue;
      throw new UserError({
        what: {
          en: 'missing prediction for a login with predicted',
          ko: '예측과 비교할 로그인에 대한 예측이 없습니다',
        },
        where: `${where}: node`,
        expected: { en: `logins.${name}`, ko: `logins.${name}` },
      });
    }
  }
}
