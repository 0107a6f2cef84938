/**
 * What features add to the types of a scenario. Each interface here is empty; a feature folder fills in its part by
 * declaration merging (`declare module '../../engine/extensions.ts'`), so that the engine never names one of them and
 * `step.NAME` is still exactly typed where the feature reads its own. The values behind the types are in `feature.ts`.
 */
import type { z } from 'zod';

export type Z = typeof z;

/** By the word of a step: what a file says under it. */
export interface StepFacts {}
/** By the same word: what planning makes of it. */
export interface StepActs {}
/** By the word of an expectation: what a file says under it. */
export interface ExpectationFacts {}
/** By the same word: what is judged, with nothing left to multiply. */
export interface ClaimFacts {}
/** The kinds of servers, by their word. */
export interface ServerKinds {}
/** Fields of a server that only some kinds read. */
export interface ServerSettings {}
/** Fields of a client that only some steps read. */
export interface ClientSettings {}
/** Sections of a scenario file, beside those that every scenario has. */
export interface Sections {}
/** What else compiling a folder keeps, beside the file and its text. */
export interface CompiledAdditions {}
/** What a person can bring to a run. */
export interface SuppliedInput {}
/** What else stands in a plan. */
export interface PlanAdditions {}
/** The programs with which a door is reached by hand, each with its command line. */
export interface ManualPrograms {}
/** The same for programs that are run, each with its arguments. */
export interface ProgramCommands {}

export type StepName = keyof StepFacts & keyof StepActs;
export type ExpectationName = keyof ExpectationFacts & keyof ClaimFacts;
export type ServerKindName = keyof ServerKinds;

/** A schema for each field, made when it is first needed: the validator comes in as an argument. */
export type SchemasOf<T> = { readonly [K in keyof T]?: (zod: Z) => z.ZodType<T[K]> };
/** What a schema accepts. */
export type FactsOf<Schema extends (zod: Z) => z.ZodType> = z.infer<ReturnType<Schema>>;
/** What planning makes of a step. */
export type ActOf<Kind extends { parts(...facts: never[]): readonly { readonly act: unknown }[] }> =
  ReturnType<Kind['parts']>[number]['act'];
/** What a kind of expectation judges. */
export type ClaimOfKind<Kind extends { judge(facts: never, ...others: never[]): unknown }> = Parameters<
  Kind['judge']
>[0];

/** The names of the fields of an object that has no others. */
export function namesOf<T extends object>(value: T): (keyof T)[] {
  return Object.keys(value) as (keyof T)[];
}
