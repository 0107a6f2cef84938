/** Starts the explorer in its section; where its data cannot be read, the excerpt is shown again. */
import { Data } from './data.ts';
import { make } from './dom.ts';
import { Explorer } from './explorer.ts';
import type { ExplorerLook } from './explorer.ts';
import { say, words } from './words.ts';

export async function startExplorer(
  section: HTMLElement,
  look: ExplorerLook = {},
): Promise<Explorer | undefined> {
  section.dataset['explorer'] = 'reading';
  try {
    const explorer = new Explorer(section, new Data(), look);
    await explorer.begin();
    section.dataset['explorer'] = 'ready';
    return explorer;
  } catch (error) {
    section.dataset['explorer'] = 'broken';
    section.append(make('p', { class: 'remark', role: 'alert' }, `${say(words.broken)} (${String(error)})`));
    return undefined;
  }
}
