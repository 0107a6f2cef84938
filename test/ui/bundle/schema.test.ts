/** The schema of a bundle is made of the shapes that its lines are read with, and real bundles fit it. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import test from 'ava';
import { bundleJsonSchema } from '../../../src/ui/bundle/lines.ts';
import { bundleFile } from '../../../src/ui/bundle/write.ts';
import { removeWorldFolder } from '../../engine/support/demonstration.ts';
import { bundleOf, linesOf, recorded } from './support/bundles.ts';

test.after.always(removeWorldFolder);

const schema = bundleJsonSchema();

test('the committed schema is up to date', (t) => {
  const path = join(resolve(import.meta.dirname, '../../../..'), 'schemas', 'bundle.schema.json');
  t.is(
    readFileSync(path, 'utf8'),
    `${JSON.stringify(schema, null, 2)}\n`,
    'run make schemas and commit what changed',
  );
});

test('the lines of a bundle fit it; others do not', async (t) => {
  const fits = new Ajv2020({ strict: false, validateFormats: false }).compile(schema);
  const recorder = await recorded('tls');
  for (const withSecrets of [true, false])
    for (const line of linesOf(bundleFile(bundleOf(recorder, withSecrets))))
      t.true(
        fits(line),
        `${JSON.stringify(line).slice(0, 200)}: ${JSON.stringify(fits.errors?.slice(0, 3))}`,
      );
  t.false(
    fits({ kind: 'redacted', conn: 0, vantage: 'wire', from: 'client', offset: 0, length: -1, what: 'x' }),
  );
  t.false(fits({ kind: 'wirelab-bundle', format: 2 }));
});
