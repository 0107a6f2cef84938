/**
 * The extension points of the scenario types. Each interface here is empty; a feature adds its part by declaration merging
 * (`declare module '../../engine/extensions.ts'`), so the engine names no feature and `step.NAME` is still exactly typed
 * where the feature reads its own. The values behind the types are in `feature.ts`.
 */
import type { z } from 'zod';

export type Z = typeof z;

/** By step keyword: what the scenario file says under it. */
export interface StepFacts {}
/** By step keyword: what planning produces. */
export interface StepActs {}
/** By expectation keyword: what the scenario file says under it. */
export interface ExpectationFacts {}
/** By expectation keyword: what is judged, with nothing left to multiply. */
export interface ClaimFacts {}
/** Server kinds by keyword. */
export interface ServerKinds {}
/** Server settings that only some kinds read. */
export interface ServerSettings {}
/** Client settings that only some steps read. */
export interface ClientSettings {}
/** Proxy settings that features add. */
export interface ProxySettings {}
/** Sections of a scenario file that features add. */
export interface Sections {}
/** What features add to a compiled scenario. */
export interface CompiledAdditions {}
/** Input that a person supplies to a run. */
export interface SuppliedInput {}
/** What features add to a plan. */
export interface PlanAdditions {}
/** The programs that can reach an entry point by hand, each with its command line. */
export interface ManualPrograms {}
/** The programs that a run can start, each with its arguments. */
export interface ProgramCommands {}

export type StepName = keyof StepFacts & keyof StepActs;
export type ExpectationName = keyof ExpectationFacts & keyof ClaimFacts;
export type ServerKindName = keyof ServerKinds;

/** A schema for each field, built on first use: the validator is passed in. */
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
