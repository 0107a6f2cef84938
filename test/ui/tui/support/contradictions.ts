/**
 * What a frame of a run must not say: a headline over claims that do not hold, SEALED beside readable bytes of that wire, what
 * an eavesdropper sees over what keys have opened, one mark or colour in two meanings, a secret under the mask, and the point of
 * a stop below the fold.
 */
import { languages } from '../../../../src/i18n/language.ts';
import type { Language } from '../../../../src/i18n/language.ts';
import { lettered, lessonIn } from '../../../../src/presentation/lesson.ts';
import { inLanguage } from '../../../../src/i18n/language.ts';
import { verdictWords } from '../../../../src/presentation/words.ts';
import { blockLetters } from '../../../../src/ui/tui/block-letters.ts';
import type { Frame, Role, Size } from '../../../../src/ui/tui/frame.ts';
import { readFrame, readAt } from '../../../../src/ui/tui/state/reading.ts';
import { besideEachOther } from '../../../../src/ui/tui/state/selection.ts';
import { isOpenedOn } from '../../../../src/ui/tui/state/stop/opened.ts';
import type { Selection } from '../../../../src/ui/tui/state/selection.ts';
import type { Model } from '../../../../src/ui/tui/state/model.ts';
import { penFor } from '../../../../src/ui/tui/state/masking.ts';
import { wordsIn } from '../../../../src/ui/tui/state/words.ts';
import { view } from '../../../../src/ui/tui/view.ts';
import type { Driver } from './driver.ts';
import { textOf } from './driver.ts';

const small: Size = { columns: 80, rows: 24 };

/** The ways in which every stop is looked at. */
export const looksAt: readonly Partial<Model>[] = languages.flatMap((language): Partial<Model>[] => [
  ...[small, { columns: 120, rows: 40 }, { columns: 200, rows: 50 }].flatMap((size) =>
    [false, true].map((opened) => ({ language, size, opened })),
  ),
  ...[false, true].flatMap((opened) => [
    { language, size: small, opened, projector: true },
    { language, size: small, opened, masked: true },
    { language, size: small, opened, masked: true, projector: true },
    { language, size: small, opened, layout: 'hex' as const },
    { language, size: small, opened, ascii: true },
  ]),
]);

/** Every contradiction at the stop that a driver shows, in every way of looking at it. */
export function contradictionsAt(driver: Driver): string[] {
  return looksAt.flatMap((way) => {
    const model: Model = { ...driver.model, ...way };
    readFrame(model);
    const look = readAt(model);
    if (!look) return ['nothing is shown'];
    const frame = view(model);
    const wrong = contradictionsIn(model, look, frame);
    return wrong.map(
      (what) => `${driver.model.mode}, ${driver.stop}, ${JSON.stringify(way)}: ${what}\n${textOf(frame)}`,
    );
  });
}

/** The words that name a state, and the colours in which they may stand. */
const stateColours: readonly (readonly [word: RegExp, never: readonly Role[]])[] = [
  [/\bSEALED\b/, ['leaked', 'leaked-loud', 'refused', 'refused-loud']],
  [/\b(?:LEAKED|READABLE)\b/, ['sealed', 'sealed-loud', 'refused', 'refused-loud', 'opened']],
  [/\bREFUSED\b/, ['sealed', 'sealed-loud', 'leaked', 'leaked-loud', 'opened']],
];
const markColours: readonly (readonly [mark: RegExp, role: readonly Role[]])[] = [
  [/^ ?! \S/, ['leaked', 'warning']],
  [/^ ?# \S/, ['sealed']],
  [/^ ?x [A-Z가-힣]/, ['refused']],
];

function contradictionsIn(model: Model, look: Selection, frame: Frame): string[] {
  const { language } = model;
  const words = wordsIn[language];
  const text = textOf(frame);
  const flat = squeezed(text);
  const pen = penFor(model);
  /** As the screen writes it: masked, in its characters. */
  const written = (original: string): string => squeezed(pen.plain(original));
  const wrong: string[] = [];
  const secrets = [...look.scene.sources.secrets.values()];
  if (model.masked)
    for (const secret of secrets) if (text.includes(secret)) wrong.push(`the mask shows ${secret}`);

  for (const line of frame.lines)
    for (const { text: piece, role } of line) {
      for (const [word, never] of stateColours)
        if (word.test(piece) && never.includes(role))
          wrong.push(`"${piece.trim()}" stands in the colour of ${role}`);
      for (const [mark, own] of markColours)
        if (frame.lines.indexOf(line) < 6 && mark.test(piece) && !own.includes(role))
          wrong.push(`"${piece.trim()}" has the mark of another state (${role})`);
    }

  const shown = look.body === 'wires' ? besideEachOther(model, look) : look.body === 'wire' ? [look] : [];
  for (const one of shown) {
    if (one.hop === undefined || !isOpenedOn(model, one)) continue;
    const seat = look.scene.wire(one.hop)?.seat?.[language] ?? '';
    for (const claim of [words.onWire(one.hop, seat), words.recordedBy(seat)])
      if (seat !== '' && flat.includes(written(claim)) && !others(shown, one, seat, look, language))
        wrong.push(`"${claim}" stands over what keys have opened`);
    const topology = frame.lines.map((line) => line.map((span) => span.text).join(''));
    const badge = topology.find((line) => line.includes(`[${one.hop}`) || line.includes(`[${one.hop} `));
    if (badge !== undefined && shown.length === 1 && look.hops.length === 1) {
      const below = topology[topology.indexOf(badge) + 1] ?? '';
      if (below.includes(words.wireStates.sealed)) wrong.push('SEALED stands beside what keys have opened');
    }
  }

  if (model.help || look.place.moment !== undefined) return wrong;
  const { stop, scene } = look;
  const narration = scene.narrationOf(stop?.step);
  const isFolded = model.size.rows <= small.rows && !model.projector;
  const isDefault = look.place.body === undefined && model.sheet === 'none' && !model.large;
  const findings = stop?.kind === 'reveal' ? scene.findings(stop.step ?? '') : [];
  if (findings.length > 0 && narration.headline && !model.projector) {
    const holds = findings.every(({ status }) => status === 'met');
    const headline = narration.headline[language];
    const says = flat.includes(written(headline));
    if (!says) wrong.push(`the headline is not there: ${headline}`);
    if (!holds && !/NOT SHOWN|확인되지 않음/.test(text))
      wrong.push('a headline over claims that do not hold');
    if (holds && /NOT SHOWN|확인되지 않음/.test(text))
      wrong.push('the claims hold, and the headline is taken back');
    if (holds && lessonIn(look)?.tone === 'sealed' && /^ ! .*(?:LEAKED|유출됨)/m.test(text))
      wrong.push('a green headline over a wire that leaks');
    const [bar = ''] = text.split('\n');
    for (const word of Object.values(words.wireStates))
      if (word !== '' && bar.includes(word)) wrong.push(`the bar says ${word} beside a lesson`);
  }
  if (!isFolded || !isDefault) return wrong;
  if (stop?.kind === 'question')
    for (const { text: choice } of lettered(narration.choices))
      if (!flat.includes(written(choice[language])))
        wrong.push(`an answer is below the fold: ${choice[language]}`);
  if (stop?.kind === 'reveal') {
    const right = lettered(narration.answer).find(({ isRight }) => isRight);
    if (right && !isAnswerSeen(flat, written(right.text[language])))
      wrong.push(`the right answer is below the fold: ${right.text[language]}`);
    if (narration.question && flat.includes(written(narration.question[language])))
      wrong.push('the reveal repeats its question');
  }
  if (stop?.kind === 'verdict') {
    const takeaway = scene.narration.takeaway?.[language];
    if (takeaway && !flat.includes(written(takeaway)) && !isInBlocks(text.split('\n'), takeaway))
      wrong.push('the takeaway is below the fold');
    const failed = inLanguage(verdictWords, language).failed;
    const passed = inLanguage(verdictWords, language).passed;
    if (!text.includes(scene.verdict?.status === 'passed' ? passed : failed))
      wrong.push('no verdict at the end');
  }
  return wrong;
}

/** Another pane of the same view may rightly say it of a wire of that seat. */
function others(
  shown: readonly Selection[],
  one: Selection,
  seat: string,
  look: Selection,
  language: Language,
): boolean {
  return shown.some((other) => other !== one && look.scene.wire(other.hop ?? '')?.seat?.[language] === seat);
}

/** In a narrow pane the answer is broken over lines that other panes interrupt: its first words are enough. */
function isAnswerSeen(flat: string, answer: string): boolean {
  return flat.includes(answer.slice(0, 8));
}

/** Whether each word of that text stands in those lines in block letters of one size. */
function isInBlocks(lines: readonly string[], text: string): boolean {
  return (['large', 'small'] as const).some((size) =>
    text.split(' ').every((word) => {
      const [first = '-', ...rest] = blockLetters(word, size) ?? [];
      return lines.some((line, row) => {
        for (let at = line.indexOf(first); at >= 0; at = line.indexOf(first, at + 1)) {
          const column = at;
          if (
            rest.every((part, below) => (lines[row + 1 + below] ?? '').padEnd(200).startsWith(part, column))
          )
            return true;
        }
        return false;
      });
    }),
  );
}

/** Line breaks fall anywhere between words: text is compared without white space. */
const squeezed = (text: string): string => text.replaceAll(/[\s│|]+/g, '');
