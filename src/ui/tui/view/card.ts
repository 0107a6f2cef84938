/** Draws refusal cards one below the other, labels in a column. `presentation/card.ts` decides their content. */
import { grouped } from '../../../i18n/number.ts';
import { inLanguage } from '../../../i18n/language.ts';
import { cardText, isAdvice, refusalCard } from '../../../presentation/card.ts';
import { commandsFor } from '../../../presentation/report/verdict.ts';
import { refusalsIn } from '../../../presentation/moment.ts';
import type { CardRowKind, EndpointView } from '../../../presentation/types/values.ts';
import type { Line, Role } from '../frame.ts';
import { span } from '../pen.ts';
import type { Pen } from '../pen.ts';
import { endsOf } from '../state/login.ts';
import type { Selection } from '../state/selection.ts';
import { widest } from './prose.ts';

const cardRoles: Readonly<Partial<Record<CardRowKind, Role>>> = {
  because: 'strong',
  presented: 'refused',
  expected: 'sealed',
  remedy: 'plain',
};

/** How an end is described where a refusal is told in four lines. */
function endText(end: EndpointView, pen: Pen): string {
  switch (end.state) {
    case 'waiting':
      return pen.words.nothingSent;
    case 'none':
      // What is not known is not nothing.
      return end.why === 'unknown'
        ? pen.words.whys.unknown
        : `${pen.words.nothingSent}: ${pen.words.whys[end.why]}`;
    case 'bytes':
      return pen.words.bytes(grouped(end.bytes));
    case 'seen':
      return [
        `${end.title}, ${pen.words.bytes(grouped(end.bytes))}`,
        end.thrownAway ? pen.words.thrownAway : '',
        end.answer === undefined ? '' : pen.words.answers(end.answer),
      ]
        .filter(Boolean)
        .join(', ');
  }
}

/** Whether the client's own connection carries TLS: what it has sent there is sealed, and was not read. */
function sentSealed({ scene, stop }: Selection): boolean {
  const own = stop?.conn === undefined ? undefined : scene.connection(stop.conn);
  return own?.carriesTls === true && own.lengthOf('wire', 'client') > 0;
}

/** A refusal for a room: who, why, what had been sent, and what reached the server. */
export function briefLines(look: Selection, pen: Pen, width: number): Line[] {
  const { language } = pen;
  const [story, ...others] = refusalsIn(look);
  if (!story) return [];
  const card = inLanguage(
    refusalCard(story, { topology: look.scene.topology, inStep: look.stop?.step !== undefined }),
    language,
  );
  const { sent, got } = endsOf(look);
  const own = (kind: CardRowKind): readonly { label: string; text: string; role: Role }[] =>
    card.rows
      .filter((row) => row.kind === kind)
      .slice(0, 1)
      .map(({ label, text }) => ({ label, text, role: cardRoles[kind] ?? 'plain' }));
  // What nobody reported of the client the refusing side may know: what it threw away.
  const isUnknown = sent.state === 'none' && (sent.why === 'unknown' || sentSealed(look));
  const [thrownAway] = isUnknown && look.scene.sources.isLab ? own('client') : [];
  const rows = [
    ...own('who'),
    ...own('because'),
    thrownAway ?? {
      label: pen.words.sentRow,
      text: isUnknown && look.scene.sources.isLab ? pen.words.whys.unknown : endText(sent, pen),
      role: 'plain' as const,
    },
    { label: pen.words.reachedRow, text: endText(got, pen), role: 'plain' as const },
  ];
  const labels = Math.max(...rows.map(({ label }) => pen.width(label)));
  return [
    ...pen.text(card.headline, width, { widest, head: ' ', role: 'refused' }),
    ...rows.flatMap(({ label, text, role }) =>
      pen.text(text, width, { widest, head: ` ${pen.fit(label, labels)}  `, headRole: 'dim', role }),
    ),
    pen.line(
      [span(` ${others.length > 0 ? `+${others.length}  ` : ''}${pen.words.wholeCard}`, 'dim')],
      width,
    ),
  ];
}

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
    const { headline, rows: all } = inLanguage(card, language);
    const rows = scene.sources.isLab ? all.filter(({ kind }) => !isAdvice(kind)) : all;
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
