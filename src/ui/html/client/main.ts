/** The page's own script: starts what is in the page. */
import { followChoices } from './choices.ts';
import { Data } from './data.ts';
import { make } from './dom.ts';
import { Explorer } from './explorer.ts';
import { say, words } from './words.ts';

followChoices();

for (const root of document.querySelectorAll<HTMLElement>('section[data-explorer]')) {
  root.dataset['explorer'] = 'reading';
  const begin = async (): Promise<void> => {
    await new Explorer(root, new Data()).begin();
    root.dataset['explorer'] = 'ready';
  };
  begin().catch((error: unknown) => {
    root.dataset['explorer'] = 'broken';
    root.append(make('p', { class: 'remark', role: 'alert' }, `${say(words.broken)} (${String(error)})`));
  });
}
