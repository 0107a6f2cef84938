/** The schema of the JSON output is made of the shapes that its lines are compiled against. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import test from 'ava';
import type { CaptureEvent, Observation } from '../../../src/capture/event.ts';
import { outputJsonSchema } from '../../../src/ui/json/lines/index.ts';
import { eventLine } from '../../../src/ui/json/json-events.ts';
import { outputLine } from '../../../src/ui/json/line.ts';
import type { EventLine, LineOf, OutputLine } from '../../../src/ui/json/line.ts';

interface Schema {
  readonly description?: string;
  readonly $ref?: string;
  readonly required?: readonly string[];
  readonly additionalProperties?: unknown;
  readonly properties?: Readonly<Record<string, Schema & { readonly const?: unknown }>>;
}
const schema = outputJsonSchema() as {
  readonly oneOf: readonly Schema[];
  readonly $defs: Readonly<Record<string, Schema>>;
};
const lines = schema.oneOf.map(({ $ref = '' }) => schema.$defs[$ref.replace('#/$defs/', '')]);

test('the committed schema is up to date', (t) => {
  const path = join(resolve(import.meta.dirname, '../../../..'), 'schemas', 'output.schema.json');
  t.is(
    readFileSync(path, 'utf8'),
    `${JSON.stringify(schema, null, 2)}\n`,
    'run make schemas and commit what changed',
  );
});

test('each line has a kind of its own, the version, a description, and no field but those listed', (t) => {
  t.true(lines.length >= 30);
  const kinds = lines.map((line) => line?.properties?.['kind']?.const);
  t.is(new Set(kinds).size, lines.length);
  for (const line of lines) {
    t.truthy(line?.description);
    t.is(line?.additionalProperties, false);
    t.is(line?.properties?.['v']?.const, 2);
    t.deepEqual(line?.required?.slice(0, 2), ['v', 'kind']);
  }
});

const fits = new Ajv2020({ strict: false, validateFormats: false }).compile(schema);
const segments = {
  client: { packets: 3, repeated: 1, unacknowledged: 0, missing: 0, oldest: { length: 9, times: 2 } },
  server: { packets: 2, repeated: 0, unacknowledged: 0, missing: 0 },
  quiet: 12,
  reset: { by: 'server', ttl: 64, usual: [63, 64], continued: 0 },
} as const;
const placed = { conn: 1, hop: 'A', seq: 3, run: 1, at: 5 } as const;

test('events of a capture file fit the schema too; an unknown field or an invalid number does not', (t) => {
  const event: CaptureEvent = { type: 'segments', segments, ...placed };
  t.true(fits(eventLine(event)), JSON.stringify(fits.errors));
  const bytes: CaptureEvent = {
    type: 'bytes',
    vantage: 'wire',
    from: 'client',
    bytes: new Uint8Array(),
    frame: 7,
    ...placed,
  };
  t.true(fits(eventLine(bytes)), JSON.stringify(fits.errors));
  t.false(fits({ ...eventLine(event), colour: 'red' }));
  t.false(fits({ ...eventLine(event), seq: -1 }));
  t.false(fits({ ...eventLine(event), kind: 'segment' }));
});

/** `true`, or nothing that compiles. */
type Same<Left, Right> = [Left] extends [Right] ? ([Right] extends [Left] ? true : false) : false;
type Written<Type extends CaptureEvent['type']> = Omit<Extract<CaptureEvent, { type: Type }>, 'type'>;
type Read<Type extends EventLine['kind']> = Omit<Extract<EventLine, { kind: Type }>, 'v' | 'kind'>;
type SameEvents = {
  [Type in Exclude<CaptureEvent['type'], 'bytes' | 'observed'>]: Same<Written<Type>, Read<Type>>;
};

test('a field that is not in the schema does not compile, and the schema has no field that no event has', (t) => {
  const same: SameEvents = {
    began: true,
    step: true,
    opened: true,
    keylog: true,
    secured: true,
    refused: true,
    closed: true,
    segments: true,
    note: true,
  };
  t.truthy(same);
  const kinds: Same<Observation['kind'], LineOf<'observed'>['result']['kind']> = true;
  t.true(kinds);

  const title = { en: 'a', ko: 'b' };
  const listed = { name: 'tls', title, summary: title };
  t.truthy(outputLine({ v: 2, kind: 'scenario', ...listed }));
  const more = { ...listed, colour: 'red' };
  // @ts-expect-error -- `colour` is no field of the line, even if it is spread into it.
  t.truthy(outputLine({ v: 2, kind: 'scenario', ...more }));
  const deep = { ...listed, title: { ...title, de: 'c' } };
  // @ts-expect-error -- Likewise further in.
  t.truthy(outputLine({ v: 2, kind: 'scenario', ...deep }));
  // @ts-expect-error -- A field is missing.
  const short: OutputLine = { v: 2, kind: 'scenario', name: 'tls', title };
  t.truthy(short);
});
