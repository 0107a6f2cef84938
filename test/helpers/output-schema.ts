/** The schema of the JSON output as it is committed, and its validator: compiled once for all the tests of a process. */
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ValidateFunction } from 'ajv/dist/2020.js';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const outputSchema = JSON.parse(
  readFileSync(join(resolve(import.meta.dirname, '../../..'), 'schemas', 'output.schema.json'), 'utf8'),
) as { readonly $defs: Readonly<Record<string, object>> };

let compiled: ValidateFunction | undefined;

/** Whether a line fits the schema; the validator's `errors` say why not. */
export function outputValidator(): ValidateFunction {
  compiled ??= new Ajv2020({
    allErrors: true,
    strict: false,
    validateFormats: false,
    discriminator: false,
  }).compile(outputSchema);
  return compiled;
}
