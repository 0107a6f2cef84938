/** What the keys of a lab's screen do; `state/update.ts` maps them. */
import { currentTask } from '../../../labs/board.ts';
import { keyModeOf } from '../keys/mode.ts';
import type { Answer } from '../state/effect.ts';
import { closed, withPlace } from '../state/model.ts';
import type { LabSheet, Model } from '../state/model.ts';
import { readAt } from '../state/reading.ts';

/** Whether the tasks are what is looked at, or what lies over them. */
export function standsOnLab(model: Model): boolean {
  const isLabs = model.sheet === 'task' || model.sheet === 'commands' || model.sheet === 'next';
  const isUncovered = model.sheet === 'none' && !model.large && keyModeOf(model) === 'lab';
  return model.lab !== undefined && (isLabs || (isUncovered && readAt(model)?.body === 'lab'));
}

/** Opens a page over the lab, or closes it. */
export function toggleSheet(model: Model, sheet: LabSheet): Model {
  const to = model.sheet === sheet ? 'none' : sheet;
  return withPlace({ ...model, ...closed, sheet: to, help: false }, { scroll: 0, command: 0 });
}

/** The next hint, below the task. */
export function askHint(model: Model): Answer {
  if (!model.lab || !currentTask(model.lab)) return toggleSheet({ ...model, sheet: 'none' }, 'task');
  const page = withPlace({ ...model, ...closed, sheet: 'task', help: false }, { scroll: endOfPage });
  return [page, [{ type: 'lab', act: 'hint' }]];
}

/** Further than any page is long: a text is never scrolled beyond its end. */
const endOfPage = 10_000;

/** First which one it is; again, it is begun. */
export function nextLab(model: Model): Answer {
  if (model.sheet === 'next' && model.lab?.next) return [model, [{ type: 'lab', act: 'next' }]];
  return model.sheet === 'next' ? model : toggleSheet(model, 'next');
}
