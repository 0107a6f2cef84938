/**
 * The shapes of the lines of a bundle, and the JSON Schema generated from them (schemas/bundle.schema.json). Events are the lines
 * of the JSON output. Only reading a bundle, the build and the tests load these shapes.
 */
import { z } from 'zod';
import { encodingIds } from '../../analysis/secrets/encodings.ts';
import * as eventLines from '../json/lines/event-lines.ts';
import { count, jsonSchemaOf, localized, side, vantage } from '../json/lines/parts.ts';
import { verdict as verdictLine } from '../json/lines/run-lines.ts';
import { bundleFormat } from './limits.ts';

const version = z.string().regex(/^\d{1,5}\.\d{1,5}\.\d{1,5}(?:-[0-9A-Za-z.-]{1,40})?$/);
/** A folder's name: no path, nothing that acts on a terminal. */
const scenarioName = z.string().regex(/^(?!\.)[^/\\\p{Cc}\p{Cf}\p{Zl}\p{Zp}]{1,120}$/u);
const label = z.string().min(1).max(200);

const howMany = 'how many lines of each kind follow, in this order';

/** The kinds of bundles, and the lines that each has, in this order. */
const contents = {
  run: z.strictObject({
    scenario: z.literal(1),
    certificate: count,
    event: count,
    findings: count,
    hit: count,
    redacted: count,
    verdict: z.literal(1),
  }),
  recording: z.strictObject({ source: z.literal(1), event: count, redacted: count }),
} as const;

const anyHeader = z.strictObject({
  kind: z.literal('wirelab-bundle'),
  format: z.literal(bundleFormat),
  version: version.describe('of the program that wrote it'),
  made: z.iso.datetime().describe('when it was written'),
  secrets: z.enum(['redacted', 'kept']).describe('kept only with --with-secrets; the key log is in it then'),
  redactions: z.strictObject({
    places: z.record(label, count).describe('stretches of bytes that were replaced, by what was there'),
    texts: count.describe('values that were replaced in texts'),
    keylog: count.describe('lines of the key log that were left out'),
  }),
  bytes: count.describe('of all lines that follow'),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .describe('of all lines that follow: it shows damage, not who wrote them'),
});

export const header = z
  .discriminatedUnion('of', [
    anyHeader.extend({
      of: z.literal('run').describe('a run of a scenario'),
      scenario: scenarioName,
      lines: contents.run.describe(howMany),
    }),
    anyHeader.extend({
      of: z.enum(['capture', 'proxy']).describe('what was read from capture files, or recorded by a proxy'),
      lines: contents.recording.describe(howMany),
    }),
  ])
  .meta({ id: 'header', description: 'The first line.' });

/** In the order of the file. */
export const lineKinds = {
  run: Object.keys(contents.run.shape) as (keyof typeof contents.run.shape)[],
  capture: Object.keys(contents.recording.shape) as (keyof typeof contents.recording.shape)[],
  proxy: Object.keys(contents.recording.shape) as (keyof typeof contents.recording.shape)[],
} as const;

const stepNarration = z.strictObject({
  title: z.string(),
  before: z.string(),
  question: z.string().optional(),
  choices: z.string().optional(),
  headline: z.string().optional(),
  headlineTone: z.enum(['leaked', 'sealed', 'refused']).optional(),
  after: z.string().optional(),
  notes: z.string().optional(),
});

const narration = z.strictObject({
  title: z.string(),
  intro: z.string(),
  steps: z.record(z.string(), stepNarration),
  takeaway: z.string().optional(),
  doesNotProve: z.string(),
  misconceptions: z.string().optional(),
});

export const scenario = z
  .strictObject({
    kind: z.literal('scenario'),
    short: z.boolean().describe('with --short'),
    file: z.looseObject({}).describe('scenario.yaml as JSON: scenario.schema.json'),
    narration: z.strictObject({ en: narration, ko: narration }),
    untranslated: z.array(z.enum(['en', 'ko'])).optional(),
    predictions: z.looseObject({}).optional().describe('the predicted output of programs'),
    supplied: z
      .strictObject({ request: z.string().optional(), opening: z.looseObject({}).optional() })
      .describe('what a person supplied: a signing request, the opening of a captured connection'),
  })
  .meta({ id: 'scenario', description: 'The scenario with its text.' });

const longText = z.string().max(20_000);
/** A name, or a message: nothing is as long. */
const texts = z.strictObject({ en: longText, ko: longText });

export const source = z
  .strictObject({
    kind: z.literal('source'),
    title: texts.describe('the names of the files; of a proxy what it is'),
    packets: count.optional().describe('of capture files'),
    problems: z
      .array(z.strictObject({ what: label, offset: count.optional(), found: longText, text: texts }))
      .max(1000)
      .describe('what could not be read, or was left out'),
    commands: z
      .array(z.strictObject({ event: count, command: longText }))
      .max(100_000)
      .describe('shell commands that reproduce refusals, by the numbers of their events'),
  })
  .meta({ id: 'source', description: 'What was read or recorded.' });

export const certificate = z
  .strictObject({
    kind: z.literal('certificate'),
    name: label.describe('the row of its recipe'),
    der: z.string().meta({ contentEncoding: 'base64' }),
  })
  .meta({ id: 'public-certificate', description: 'A public certificate of the run.' });

export const events = [
  eventLines.began,
  eventLines.step,
  eventLines.opened,
  eventLines.bytes,
  eventLines.keylog,
  eventLines.secured,
  eventLines.refused,
  eventLines.closed,
  eventLines.segments,
  eventLines.observed,
  eventLines.note,
] as const;

const finding = verdictLine.shape.findings.element.extend({ observed: localized.optional() });

export const findings = z
  .strictObject({ kind: z.literal('findings'), step: z.string(), findings: z.array(finding) })
  .meta({ id: 'findings', description: 'What a step had come to when it was done.' });

const place = { conn: count, vantage, from: side, offset: count, length: count };

export const hit = z
  .strictObject({
    kind: z.literal('hit'),
    secret: label,
    encoding: z.enum(encodingIds),
    run: z.literal(1),
    hop: z.string(),
    ...place,
    seq: count.describe('the event with its last byte'),
  })
  .meta({ id: 'hit', description: 'Where a secret was found.' });

export const redacted = z
  .strictObject({ kind: z.literal('redacted'), ...place, what: label.describe('what was there') })
  .meta({ id: 'redacted', description: 'Bytes that were replaced, as many as there were.' });

export const verdict = verdictLine.extend({ findings: z.array(finding) }).meta({
  id: 'bundle-verdict',
  description: 'The verdict of the run.',
});

export const bundleLine = z.discriminatedUnion('kind', [
  scenario,
  source,
  certificate,
  ...events,
  findings,
  hit,
  redacted,
  verdict,
]);
export type BundleLine = z.infer<typeof bundleLine>;
export type HeaderLine = z.infer<typeof header>;

/** The JSON Schema of one line, committed as schemas/bundle.schema.json. */
export const bundleJsonSchema = (): object =>
  jsonSchemaOf(
    z.discriminatedUnion('kind', [header, ...bundleLine.options]),
    'wirelab bundle',
    'One line of a bundle: NDJSON in gzip, the header first.',
  );
