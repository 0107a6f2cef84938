/** The schema that editors use is the one that the parser uses. WIRELAB_UPDATE_SCHEMAS=1 writes it anew. */
import { readdirSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import test from 'ava';
import { parse } from 'yaml';
import { features } from '../../../src/features/registry.ts';
import { scenarioJsonSchema } from '../../../src/engine/file/schema.ts';
import { root } from '../support/demonstration.ts';

const path = join(root, 'schemas', 'scenario.schema.json');
const scenarios = readdirSync(join(root, 'scenarios'));
const source = async (name: string): Promise<string> =>
  readFile(join(root, 'scenarios', name, 'scenario.yaml'), 'utf8');

test('the committed schema is up to date', async (t) => {
  const made = `${JSON.stringify(scenarioJsonSchema(features.schemas), null, 2)}\n`;
  if (process.env['WIRELAB_UPDATE_SCHEMAS']) await writeFile(path, made);
  t.is(
    await readFile(path, 'utf8'),
    made,
    'run the tests once with WIRELAB_UPDATE_SCHEMAS=1 and commit what changed',
  );
});

test('an editor takes the scenarios, and each names the schema', async (t) => {
  const validate = new Ajv2020({ strict: false }).compile(scenarioJsonSchema(features.schemas));
  for (const name of scenarios) {
    const text = await source(name);
    t.true(validate(parse(text)), JSON.stringify(validate.errors));
    t.true(text.startsWith('# yaml-language-server: $schema=../../schemas/scenario.schema.json\n'));
  }
});

test('an editor marks what the parser refuses: an unknown field, two kinds in one step, no kind at all', async (t) => {
  const validate = new Ajv2020({ strict: false }).compile(scenarioJsonSchema(features.schemas));
  const good = await source('plaintext');
  const broken: readonly (readonly [from: string, to: string])[] = [
    ['servers:', 'severs: {}\nservers:'],
    ["    login: { client: customer, to: shop, wire: '0' }\n", ''],
    ['- admitted: { as: alice }', '- admitted: { as: alice }\n        keysNeverOnWire: {}'],
    ['kind: plaintext', 'kind: plain'],
  ];
  for (const [from, to] of broken) {
    t.true(good.includes(from));
    t.false(validate(parse(good.replace(from, to))), to);
  }
});

test('every kind of expectation is a word of the file', (t) => {
  const text = JSON.stringify(scenarioJsonSchema(features.schemas));
  for (const kind of Object.keys(features.expectations)) t.true(text.includes(`"${kind}"`), kind);
});
