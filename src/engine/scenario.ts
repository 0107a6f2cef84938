/**
 * The types of a scenario: the file, its narration, the compiled form. The shapes are derived from the schema by
 * `import type`, so nothing loads the validator. Counterparts: schema.ts, compile.ts.
 */
import type { z } from 'zod';
import type { Language } from '../i18n/language.ts';
import type { Recipe } from '../pki/ca/recipe.ts';
import type {
  CompiledAdditions,
  ExpectationFacts,
  ExpectationName,
  StepFacts,
  StepName,
} from './extensions.ts';
import type { HeadlineTone } from './file/lesson.ts';
import type { ScenarioSchema } from './file/schema.ts';

/** scenario.yaml after validation, before anything is expanded. */
export type ScenarioFile = z.infer<ScenarioSchema>;
export type StepFile = ScenarioFile['steps'][number];
export type ExpectationFile = NonNullable<StepFile['expect']>[number];
export type ServerFile = NonNullable<ScenarioFile['servers']>[string];
export type ProxyFile = NonNullable<ScenarioFile['proxies']>[string];
export type ClientFile = NonNullable<ScenarioFile['clients']>[string];

/** The value under the step's keyword; exactly one is present. */
export type StepWords = { readonly [K in StepName]?: StepFacts[K] | undefined };
/** The value under the expectation's keyword; exactly one is present. */
export type ExpectationWords = { readonly [K in ExpectationName]?: ExpectationFacts[K] | undefined };

/** The text about one step: Markdown paragraphs, without headings. */
export interface StepNarration {
  readonly title: string;
  /** What we are about to see. */
  readonly before: string;
  /** A question to the audience: what will happen? */
  readonly question?: string;
  /** The answers to choose from, as `file/lesson.ts` reads them. */
  readonly choices?: string;
  /** The lesson in a few words, true if the step's claims hold; and what it means for the secrets. Default: nothing. */
  readonly headline?: string;
  readonly headlineTone?: HeadlineTone;
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
  /** The lesson of the whole, in one sentence. */
  readonly takeaway?: string;
  readonly doesNotProve: string;
  readonly misconceptions?: string;
}

/** Everything that a run needs, as JSON: reading it needs neither YAML nor the validator. */
export interface CompiledScenario extends CompiledAdditions {
  readonly v: 1;
  readonly name: string;
  readonly file: ScenarioFile;
  readonly narration: Readonly<Record<Language, Narration>>;
  /** Languages without a text of their own: they show another one's. */
  readonly untranslated?: readonly Language[];
  /** The certificates, where the scenario uses any. */
  readonly certificates?: { readonly name: string; readonly recipe: Recipe };
}
