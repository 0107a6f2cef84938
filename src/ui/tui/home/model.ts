/**
 * The model of the first screen: a list of what can be opened, and the chosen entry. `update.ts` changes it, `view.ts`
 * draws it; the command line fills the list and opens what is chosen.
 */
import type { Language, Localized } from '../../../i18n/language.ts';
import type { Size } from '../frame.ts';

export type Group = 'scenarios' | 'kubernetes' | 'labs' | 'tools';

export interface HomeEntry {
  readonly group: Group;
  /** Unique among all entries, and the same at every start. */
  readonly key: string;
  readonly name: string;
  readonly title: Localized;
  /** What it shows: the first paragraph of its text. */
  readonly summary: Localized;
  /** The words of the command that opens it, as they are typed after the program's name. */
  readonly words: readonly string[];
  /** Asked for before it is opened: the command's last word. */
  readonly ask?: Localized;
  /** The command with other options, to be typed. */
  readonly examples?: readonly { readonly line: string; readonly does: Localized }[];
  /** The command of its short version, and how many steps that has. */
  readonly short?: { readonly words: readonly string[]; readonly steps: number };
  readonly steps?: number;
  /** In each language: estimated, or what a lab says of itself. */
  readonly minutes?: Readonly<Record<Language, number>>;
}

export interface HomeModel {
  readonly size: Size;
  readonly language: Language;
  readonly ascii: boolean;
  readonly entries: readonly HomeEntry[];
  /** The keys of entries that were opened before. */
  readonly seen: ReadonlySet<string>;
  /** Index among the entries that the filter leaves. */
  readonly chosen: number;
  readonly filter: string;
  /** What is being typed: the filter, or what the chosen entry asks for. */
  readonly typing: 'filter' | 'answer' | undefined;
  readonly answer: string;
  /** Why what was opened could not start. */
  readonly failure: readonly string[] | undefined;
}

export type HomeEffect =
  | { readonly type: 'suspend' }
  | { readonly type: 'open'; readonly entry: HomeEntry; readonly words: readonly string[] }
  | { readonly type: 'quit'; readonly interrupted: boolean };

export function startHome(
  options: Pick<HomeModel, 'size' | 'language' | 'ascii' | 'entries' | 'seen'> & Partial<HomeModel>,
): HomeModel {
  return { chosen: 0, filter: '', typing: undefined, answer: '', failure: undefined, ...options };
}

/** The entries that contain every word of the filter, in their order. */
export function listed({ entries, filter, language }: HomeModel): readonly HomeEntry[] {
  const words = filter.normalize('NFC').toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return entries;
  return entries.filter(({ name, title, summary }) => {
    const text = `${name} ${title[language]} ${summary[language]}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

export function chosenEntry(model: HomeModel): HomeEntry | undefined {
  return listed(model)[model.chosen];
}
