import test from 'ava';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { openReasons } from '../../src/labs/lab.ts';

test('the schema has every reason for which a task is open, and no other', (t) => {
  const schema = JSON.parse(
    readFileSync(join(resolve(import.meta.dirname, '../../..'), 'schemas', 'output.schema.json'), 'utf8'),
  ) as {
    readonly $defs: {
      readonly 'lab-check': {
        readonly properties: {
          readonly tasks: {
            readonly items: {
              readonly properties: { readonly reason: { readonly enum: readonly string[] } };
            };
          };
        };
      };
    };
  };
  const { reason } = schema.$defs['lab-check'].properties.tasks.items.properties;
  t.deepEqual([...reason.enum].toSorted(), Object.keys(openReasons).toSorted());
});
