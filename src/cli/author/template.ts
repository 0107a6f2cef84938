/** What the templates of a scenario and of a lab share: their files, and the line by which an editor finds a schema. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Language } from '../../i18n/language.ts';

/** Files of a new folder by their paths in it. */
export type TemplateFiles = Readonly<Record<string, string>>;

export interface TemplateOptions {
  readonly name: string;
  /** The author's; English is always there, Korean beside it for an author who works in it. */
  readonly language: Language;
  /** The folder of the JSON Schemas. */
  readonly schemas: string;
}

/** The first line of a YAML file. As a URL: a path with a blank would end there. */
export function schemaLine(schemas: string, name: 'scenario' | 'tasks' | 'settings' | 'recipe'): string {
  return `# yaml-language-server: $schema=${pathToFileURL(join(schemas, `${name}.schema.json`)).href}\n`;
}

/** The texts of a new folder. */
export function textsIn(language: Language, texts: Readonly<Record<Language, string>>): TemplateFiles {
  return { 'en.md': texts.en, ...(language === 'ko' ? { 'ko.md': texts.ko } : {}) };
}
