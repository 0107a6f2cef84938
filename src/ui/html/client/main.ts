/** The page's own script: starts what is in the page. */
import { followClass } from './board.ts';
import { followChoices } from './choices.ts';
import { startExplorer } from './explorer-start.ts';
import { followRun } from './live.ts';
import { openFile } from './view.ts';

followChoices();
const root = document.querySelector<HTMLElement>('section[data-explorer]');
if (!followRun() && !openFile() && !followClass() && root) void startExplorer(root);
