/** Draws the narration of a stop: the introduction, the question, the result with its chains, and the speaker's notes. */
import { inLanguage } from '../../../i18n/language.ts';
import type { Localized } from '../../../i18n/language.ts';
import { lettered } from '../../../presentation/lesson.ts';
import { serverCertificates } from '../../../presentation/refusals.ts';
import { speakerNotes } from '../../../presentation/speaker-notes.ts';
import type { Line, Role } from '../frame.ts';
import type { Pen } from '../pen.ts';
import type { Selection } from '../state/selection.ts';
import { heading, paragraphs, textOf, widest } from './prose.ts';

/** The title of a stop, and its introduction, question or result. */
export function storyLines(
  look: Selection,
  pen: Pen,
  width: number,
  { titled = true }: { readonly titled?: boolean } = {},
): Line[] {
  const { scene, stop } = look;
  const { language } = pen;
  const blank = pen.blank(width);
  const part = (
    text: Localized | undefined,
    options: { readonly role?: Role; readonly head?: string } = {},
  ): Line[] => (text ? [...paragraphs(pen, text[language], width, options), blank] : []);
  if (stop === undefined) return [];
  const narration = scene.narrationOf(stop.step);
  const title = stop.kind === 'intro' ? scene.narration.title : narration['step-title'];
  const head = title && titled ? [...heading(pen, title[language], width), blank] : [];
  if (stop.kind === 'intro') return [...head, ...part(scene.narration.intro)];
  if (stop.kind === 'question')
    return [
      ...head,
      ...part(narration.before),
      ...part(narration.question, { role: 'question', head: '? ' }),
      ...choiceLines(narration.choices, pen, width),
    ];
  const stores = scene
    .reports(look.first, look.last)
    .flatMap((report) => scene.shown.of(report).story?.(report)[language] ?? []);
  return [
    ...head,
    ...answerLines(narration.answer, pen, width),
    ...stores.flatMap((text) => [...paragraphs(pen, text, width), blank]),
    // What stood above the question is known by now.
    ...part(narration.after ?? (wasAsked(look) ? undefined : narration.before)),
  ];
}

/** The same without blank lines at the end: nothing that is worth a mark that there is more. */
export const withoutBlankEnd = (lines: readonly Line[]): readonly Line[] =>
  lines.slice(0, 1 + lines.findLastIndex((line) => textOf(line).trim() !== ''));

const wasAsked = ({ scene: { stops }, stop }: Selection): boolean =>
  stops.some(({ kind, step }) => kind === 'question' && step === stop?.step);

/** Answers to choose from, each with its letter; the letters do not look like keys, and a line says that they are none. */
function choiceLines(choices: Localized | undefined, pen: Pen, width: number): Line[] {
  const lines = lettered(choices).flatMap(({ letter, text }) =>
    pen.text(text[pen.language], width, {
      widest,
      margin: true,
      head: `   ${letter}) `,
      headRole: 'strong',
      role: 'strong',
    }),
  );
  if (lines.length === 0) return [];
  return [
    ...lines,
    pen.blank(width),
    ...pen.text(pen.words.chooseOne, width, { widest, margin: true, head: '   ', role: 'dim' }),
  ];
}

/** The right answer of the question, marked. */
function answerLines(choices: Localized | undefined, pen: Pen, width: number): Line[] {
  const lines = lettered(choices).flatMap(({ letter, text, isRight }) =>
    isRight
      ? pen.text(text[pen.language], width, {
          widest,
          margin: true,
          head: `${pen.words.right} ${letter}) `,
          headRole: 'key',
          role: 'strong',
        })
      : [],
  );
  return lines.length > 0 ? [...lines, pen.blank(width)] : [];
}

/** The chains that servers presented to clients during the stop, from the leaf up. */
export function chainLines({ scene, first, last }: Selection, pen: Pen, width: number): Line[] {
  const { language } = pen;
  const cells = Math.min(width - 1, widest);
  const { flows } = scene.sources;
  return scene.reports(first, last).flatMap((report) => {
    const shown = scene.shown.of(report);
    if (!shown.chain) return [];
    const connection = flows.connections.find(
      (one) => one.firstSeq >= first && one.firstSeq <= last && scene.speakers.of(one)?.who === report.who,
    );
    const sent = connection && serverCertificates(connection, flows);
    const { title, links } = inLanguage(shown.chain(report, sent), language);
    return [
      ...pen.text(title, width, { widest, head: ' ', role: 'heading' }),
      ...links.flatMap(({ branch, mark, text }) =>
        pen.text(text, width, {
          widest,
          head: ` ${branch.length > cells / 2 ? '… ' : branch}${mark} `,
          role: mark === '✗' ? 'refused' : 'plain',
          headRole: mark === '✗' ? 'refused' : 'sealed',
        }),
      ),
    ];
  });
}

export function notesLines({ scene, stop }: Selection, pen: Pen, width: number): Line[] {
  const notes =
    stop &&
    speakerNotes(stop.kind, {
      plan: scene.sources.plan,
      speaker: scene.narrationOf(stop.step).speaker,
      narration: scene.narration,
    });
  return paragraphs(pen, notes?.[pen.language] ?? pen.words.noNotes, width, {
    role: notes ? 'plain' : 'dim',
  });
}
