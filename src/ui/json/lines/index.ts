/**
 * All lines of the JSON output, and the JSON Schema generated from them (schemas/output.schema.json). Code that writes a line
 * with another shape does not compile: `line.ts` imports the types, and never loads this file.
 */
import { z } from 'zod';
import * as certificateLines from './certificate-lines.ts';
import * as connectionLines from './connection-lines.ts';
import * as diagnosisLines from './diagnosis-lines.ts';
import * as eventLines from './event-lines.ts';
import * as kubeLines from './kube-lines.ts';
import { jsonSchemaOf } from './parts.ts';
import * as runLines from './run-lines.ts';

const eventLine = z.discriminatedUnion('kind', [
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
]);

const outputLine = z.discriminatedUnion('kind', [
  ...eventLine.options,
  connectionLines.handshake,
  connectionLines.alert,
  connectionLines.http,
  connectionLines.message,
  connectionLines.stream,
  connectionLines.summary,
  connectionLines.secret,
  connectionLines.problem,
  runLines.reach,
  runLines.scenario,
  runLines.stop,
  runLines.check,
  runLines.checkup,
  certificateLines.certificates,
  certificateLines.trustedRoots,
  certificateLines.verification,
  runLines.labCheck,
  runLines.labProof,
  runLines.lab,
  runLines.labEntry,
  runLines.classEntry,
  diagnosisLines.experiment,
  diagnosisLines.ran,
  diagnosisLines.diagnosis,
  diagnosisLines.client,
  diagnosisLines.proof,
  kubeLines.kubePki,
  kubeLines.kubePkiCheck,
  kubeLines.kubePkiRenewal,
  kubeLines.kubeUser,
  runLines.verdict,
]);

/** As it is written: read-only, and an optional field is absent rather than undefined. */
type Written<T> = T extends readonly unknown[]
  ? { readonly [Index in keyof T]: Written<T[Index]> }
  : T extends object
    ? { readonly [Key in keyof T]: Written<Exclude<T[Key], undefined>> }
    : T;

export type OutputLine = Written<z.infer<typeof outputLine>>;
export type EventLine = Written<z.infer<typeof eventLine>>;

/** The JSON Schema of one line, committed as schemas/output.schema.json. */
export const outputJsonSchema = (): object =>
  jsonSchemaOf(
    outputLine,
    'wirelab output',
    'One line of NDJSON on standard output. Every line has "v": 2 and a kind.',
  );
