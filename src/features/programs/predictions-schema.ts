/**
 * Validates predictions.yaml: shapes, and that every login in it belongs to the scenario. `predictions.ts` defines what a
 * prediction means. Loaded only where a scenario is compiled.
 */
import { z } from 'zod';
import { verbatim } from '../../i18n/language.ts';
import { UserError } from '../../i18n/user-error.ts';
import { nearest } from '../../i18n/nearest.ts';
import { programNames } from './predictions.ts';
import type { Predictions } from './predictions.ts';

const prediction = z.strictObject({ exit: z.int().min(0).max(255).optional(), words: z.string().min(3) });
const program = z.strictObject({
  version: z.string().regex(/^\d+(?:\.\d+)*$/),
  build: z.string().min(1).optional(),
  logins: z.record(
    z.string(),
    z.strictObject({
      '1.3': prediction.optional(),
      '1.2': prediction.optional(),
      any: prediction.optional(),
    }),
  ),
});
const table = z.partialRecord(z.enum(programNames), z.array(program).min(1));

/**
 * The table from parsed YAML.
 * @param logins the permitted ids.
 * @throws UserError for the first error.
 */
export function parsePredictions(value: unknown, logins: readonly string[], source: string): Predictions {
  const result = table.safeParse(value, { reportInput: true });
  if (!result.success) {
    const [issue] = result.error.issues;
    throw new UserError({
      what: { en: 'invalid predictions', ko: '예측 표의 형식이 맞지 않습니다' },
      where: `${source}: ${issue?.path.join('.') || '(top)'}`,
      expected: verbatim(issue?.message ?? ''),
      ...(issue?.input === undefined ? {} : { received: JSON.stringify(issue.input).slice(0, 200) }),
    });
  }
  for (const [name, rows] of Object.entries(result.data)) {
    for (const [index, row] of (rows ?? []).entries()) {
      for (const login of Object.keys(row.logins)) {
        if (logins.includes(login)) continue;
        const near = nearest(login, logins);
        throw new UserError({
          what: { en: 'unknown login', ko: '시나리오에 이런 id의 로그인이 없습니다' },
          where: `${source}: ${name}.${index}.logins.${login}`,
          expected: { en: `one of ${logins.join(', ')}`, ko: `${logins.join(', ')} 가운데 하나` },
          received: login,
          ...(near ? { remedy: { en: `Did you mean ${near}?`, ko: `혹시 ${near} 아닌가요?` } } : {}),
        });
      }
    }
  }
  return result.data;
}
