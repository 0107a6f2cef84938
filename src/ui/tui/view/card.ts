/** Draws refusal cards one below the other, labels in a column. `presentation/card.ts` decides their content. */
import { inLanguage } from '../../../i18n/language.ts';
import { cardText, refusalCard } from '../../../presentation/card.ts';
import { commandsFor } from '../../../presentation/verdict.ts';
import { refusalsIn } from '../../../presentation/moment.ts';
import type { CardRowKind } from '../../../presentation/types/values.ts';
import type { Line, Role } from '../frame.ts';
import type { Pen } from '../pen.ts';
import type { Selection } from '../state/selection.ts';
import { widest } from './prose.ts';

const cardRoles: Readonly<Partial<Record<CardRowKind, Role>>> = {
  because: 'strong',
  presented: 'refused',
  expected: 'sealed',
  remedy: 'plain',
};

export function cardLines(look: Selection, pen: Pen, width: number): Line[] {
  const { language } = pen;
  // Servers that are still up can be tried now.
  const { scene, step } = look;
  const byHand = step && scene.shown.first((shown) => shown.byHand?.(step, scene.ways));
  const { typed } = commandsFor(scene.ways, scene.scripts).find(({ line }) => line === byHand) ?? {};
  const command = typed?.replace(/^sh /, `sh ${scene.scripts?.path ?? ''}/`) ?? byHand;
  return refusalsIn(look).flatMap((story, index) => {
    const card = refusalCard(story, {
      topology: look.scene.topology,
      inStep: look.stop?.step !== undefined,
      command: story.reported && look.scene.sources.reproduce?.(story.reported),
    });
    const { headline, rows } = inLanguage(card, language);
    const labels = Math.max(...rows.map(({ label }) => pen.width(label)));
    return [
      ...(index > 0 ? [pen.blank(width)] : []),
      ...pen.text(headline, width, { widest, head: ' ', role: 'refused' }),
      ...rows.flatMap((row) =>
        pen.text(row.kind === 'seeIt' ? (command ?? row.text) : cardText(row), width, {
          widest,
          head: ` ${pen.fit(row.label, labels)}  `,
          headRole: 'dim',
          role: cardRoles[row.kind] ?? 'plain',
        }),
      ),
    ];
  });
}
