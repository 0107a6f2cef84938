/**
 * The plain types of a scenario: what a file says, what compiling makes of it. The shapes are drawn from the schema by
 * `import type`, so that a warm start knows them without loading a validator. Counterparts: schema.ts, compile.ts.
 */
import type { z } from 'zod';
import type { Language } from '../i18n/language.ts';
import type { Recipe } from '../pki/ca/recipe.ts';
import type { Predictions } from '../features/programs/predictions.ts';
import type { ScenarioSchema } from './schema.ts';

/** What scenario.yaml says, after validation: nothing is missing, nothing is expanded. */
export type ScenarioFile = z.infer<ScenarioSchema>;
export type StepFile = ScenarioFile['steps'][number];
export type ExpectationFile = NonNullable<StepFile['expect']>[number];
export type ServerFile = NonNullable<ScenarioFile['servers']>[string];
export type ProxyFile = NonNullable<ScenarioFile['proxies']>[string];
export type ClientFile = NonNullable<ScenarioFile['clients']>[string];
export type ManifestFile = NonNullable<ScenarioFile['manifests']>[string];

/** The versions of TLS that a step can be asked to run under, as files write them. */
export type TlsChoice = '1.3' | '1.2';

/** The text about one step: Markdown paragraphs, without headings. */
export interface StepNarration {
  readonly title: string;
  /** What we are about to see. */
  readonly before: string;
  /** A question to the room: what will happen? */
  readonly question?: string;
  /** What was seen, why, and what it means. */
  readonly after?: string;
  /** For the speaker only. */
  readonly notes?: string;
}

/** One language's text of a scenario. */
export interface Narration {
  readonly title: string;
  readonly intro: string;
  readonly steps: Readonly<Record<string, StepNarration>>;
  readonly doesNotProve: string;
  readonly oftenTold?: string;
}

/** Everything that a run needs, as JSON: neither YAML nor a validator is loaded to read it. */
export interface CompiledScenario {
  readonly v: 1;
  readonly name: string;
  readonly file: ScenarioFile;
  readonly narration: Readonly<Record<Language, Narration>>;
  /** The certificates, where the scenario uses any. */
  readonly certificates?: { readonly name: string; readonly recipe: Recipe };
  /** What programs were predicted to say, where the folder has a table of it. */
  readonly predictions?: Predictions;
}
