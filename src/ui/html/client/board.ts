/** The board of a class while it is open: its parts are replaced as they change. Markup comes from the server that made the page. */
import { boardIds } from '../board/format.ts';
import type { BoardUpdate } from '../board/format.ts';
import { localize } from './choices.ts';
import { elementFrom } from './dom.ts';
import { languageNow, onLanguage } from './language.ts';
import { classWords, say } from './words.ts';

type Line = 'connected' | 'waiting' | 'ended' | 'refused';

/** In the place of the part that is there; its scrolling and the focus within it stay. */
function put(id: string, markup: string): void {
  const there = document.getElementById(id);
  const made = elementFrom(markup);
  if (!there || !made) return;
  localize(languageNow(), made);
  const scrolled = there.querySelector('.scroll');
  const hadFocus = scrolled !== null && scrolled === document.activeElement;
  there.replaceWith(made);
  const next = made.querySelector<HTMLElement>('.scroll');
  if (!next || !scrolled) return;
  next.scrollLeft = scrolled.scrollLeft;
  if (hadFocus) next.focus({ preventScroll: true });
}

/** Follows the class, where the page is its board. Returns whether it is. */
export function followClass(): boolean {
  const bar = document.getElementById(boardIds.bar);
  const status = bar?.querySelector<HTMLElement>('[role=status]');
  const begun = document.getElementById(boardIds.state)?.textContent;
  if (!bar || !status || !begun) return false;
  let state = JSON.parse(begun) as BoardUpdate;
  let line: Line = 'waiting';
  const speak = (): void => {
    bar.dataset['line'] = line;
    const text = [say(state.latest), line === 'connected' ? '' : say(classWords[line])]
      .filter(Boolean)
      .join(' · ');
    // What a screen reader has said once is not said again.
    if (status.textContent !== text) status.textContent = text;
  };
  const turn = (to: Line): void => {
    line = to;
    speak();
  };
  const events = new EventSource(`events?after=${state.revision}`);
  events.addEventListener('open', () => turn('connected'));
  events.addEventListener('error', () =>
    turn(events.readyState === EventSource.CLOSED ? 'refused' : 'waiting'),
  );
  events.addEventListener('message', ({ data }: MessageEvent<string>) => {
    state = JSON.parse(data) as BoardUpdate;
    for (const [id, markup] of state.sections) put(id, markup);
    speak();
  });
  events.addEventListener('end', () => {
    events.close();
    turn('ended');
  });
  onLanguage(speak);
  speak();
  return true;
}
