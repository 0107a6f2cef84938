/** The page's own script: starts what is in the page. */
import { followChoices } from './choices.ts';
import { Data } from './data.ts';
import { make } from './dom.ts';
import { Explorer } from './explorer.ts';
import { say, words } from './words.ts';

const root = document.querySelector<HTMLElement>('section[data-explorer]');

async function begin(section: HTMLElement): Promise<void> {
  section.dataset['explorer'] = 'reading';
  try {
    await new Explorer(section, new Data()).begin();
    section.dataset['explorer'] = 'ready';
  } catch (error) {
    // The excerpt is shown again.
    section.dataset['explorer'] = 'broken';
    section.append(make('p', { class: 'remark', role: 'alert' }, `${say(words.broken)} (${String(error)})`));
  }
}

followChoices();
if (root) void begin(root);
