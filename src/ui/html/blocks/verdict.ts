/** The end of a run: the verdict, and what is not proven. */
import type { ClosingBlock, VerdictBlock } from '../../../presentation/types/report.ts';
import { element } from '../element.ts';
import type { Html } from '../element.ts';
import { inline, paragraphs, toneClass } from './text.ts';

export const verdict = ({ verdict: { label, status, claims, tone }, lesson }: VerdictBlock): Html =>
  element(
    'div',
    { class: `verdict ${toneClass(tone)}` },
    element(
      'p',
      { class: 'status' },
      label,
      ': ',
      element('strong', {}, status),
      ' ',
      element('span', { class: 'count' }, claims),
    ),
    lesson && element('p', { class: 'takeaway' }, lesson.label, ': ', inline(lesson.text)),
  );

export const closing = ({ title, text }: ClosingBlock): Html =>
  element('section', { class: 'closing' }, element('h3', {}, title), paragraphs(text));
