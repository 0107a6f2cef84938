/** Draws the body of the screen: help, an error, a sheet, or the selected view, with the speaker's notes above it. */
import { sidesWords } from '../../../presentation/words.ts';
import type { Line } from '../frame.ts';
import { helpRowsOf } from '../keys/mode.ts';
import type { Pen } from '../pen.ts';
import type { Model } from '../state/model.ts';
import type { Selection } from '../state/selection.ts';
import { sidesOf } from '../state/sides.ts';
import { commandsPage, nextPage } from '../lab/pages.ts';
import { taskPage } from '../lab/tasks.ts';
import { labView } from '../lab/view.ts';
import { labWordsIn } from '../lab/words.ts';
import { cardLines } from './card.ts';
import { clusterView } from './cluster.ts';
import { largeText } from './explanation.ts';
import { helpLines } from './help/keys.ts';
import { helpTitle, legendLines } from './help/terms.ts';
import { recordSheet } from './record.ts';
import { scrolled } from './scrolled.ts';
import { beside, sheet, stack, still, tall } from './sheet.ts';
import type { Scrolled } from './sheet.ts';
import { sharedLines } from './pictures/shared.ts';
import { sidesLines } from './sides.ts';
import { showsList } from '../state/model.ts';
import { connectionsView } from './lists/connections.ts';
import { stepsView } from './lists/steps.ts';
import { notesLines, storyLines, withoutBlankEnd } from './story.ts';
import { evidenceLines } from './top.ts';
import { leastText, lessonNeeds, lessonView } from './lesson.ts';
import { claimsLines, verdictLines } from './verdict.ts';
import { wireBody } from './wire-body.ts';
import { projectorView } from './wire.ts';
import { widestStacked, zoomedView } from './zoom.ts';

/** @param beneath what help lies over: the lines of the screen without the hints */
export function bodyView(
  model: Model,
  look: Selection | undefined,
  pen: Pen,
  height: number,
  beneath: readonly Line[] = [],
): Scrolled {
  const { columns } = model.size;
  if (model.help) {
    const { page, scroll } = model.help;
    const lines =
      page === 'terms'
        ? legendLines(model, look, beneath, pen, columns)
        : helpLines(helpRowsOf(model), pen, columns, height - 1);
    return scrolled(pen, sheet(columns, [helpTitle(page, pen, columns), ...lines]), height, scroll, 1);
  }
  const session = model.sessions[model.mode];
  if (session?.error)
    return {
      sheet: sheet(
        columns,
        session.error.flatMap((line) =>
          pen.paragraph(line, columns - 2, { head: ' ' }).map((one) => pen.line(one, columns)),
        ),
      ),
      scrollable: still,
    };
  if (!look) return { sheet: sheet(columns, []), scrollable: still };
  if (model.notes) {
    const lines = notesLines(look, pen, columns);
    const notesHeight = Math.min(lines.length + 1, Math.max(3, Math.floor(height / 2)));
    const rest = bodyOf(model, look, pen, height - notesHeight);
    const notes = [pen.rule(columns, [{ at: 2, text: pen.words.notes }]), ...lines];
    return {
      sheet: stack(columns, [
        tall(pen, rest.sheet, height - notesHeight),
        tall(pen, sheet(columns, notes), notesHeight),
      ]),
      scrollable: rest.scrollable,
    };
  }
  return bodyOf(model, look, pen, height);
}

/** Rows of two wires beside each other, and of one wire, in which a login can be read. */
const wireRows = 9;
/** Rows of the picture of a cluster with its wires. */
const clusterRows = 14;
/** On a projector the end keeps its count of claims, and the commands of what stays up as far as there is room. */
const closingRows = { claims: 3, commands: 10 } as const;

/** Rows without which the point of the body would be cut off: a headline is no larger than what they leave. */
export function neededRows(model: Model, look: Selection, pen: Pen): number {
  const { columns } = model.size;
  switch (look.body) {
    case 'ladder':
    case 'chain':
    case 'sizes':
    case 'matrix':
    case 'brief':
    case 'wires':
      return lessonNeeds(model, look, pen);
    case 'story': {
      const evidence = evidenceLines(model, look, pen, Infinity).length;
      return 1 + (evidence > 0 ? evidence + 1 : 0) + leastText;
    }
    case 'verdict': {
      const { length } = verdictLines(look, pen, columns);
      if (!model.projector) return 1 + length;
      return look.scene.ways.length > 0 ? Math.min(closingRows.commands, length) : closingRows.claims;
    }
    case 'cluster':
      return clusterRows;
    case 'card':
      // The card and its text take all the rows that there are.
      return model.projector ? wireRows : Infinity;
    case 'lab':
      // The tasks and the wires take all the rows that there are.
      return Infinity;
    case 'claims':
    case 'wire':
      return wireRows;
  }
}

/** The share of the rows that the evidence of a lesson keeps, however long the text is. */
const evidenceShare = 0.6;

/** The text of a stop; that of a lesson comes after its evidence, which is whole where there is room for both. */
function provenStory(model: Model, look: Selection, pen: Pen, height: number): readonly Line[] {
  const { columns } = model.size;
  const story = withoutBlankEnd(storyLines(look, pen, columns, { titled: false }));
  const evidence = evidenceLines(model, look, pen, evidenceRows(story, height));
  if (evidence.length === 0) return withoutBlankEnd(storyLines(look, pen, columns));
  const isCut = evidence.length < evidenceLines(model, look, pen, Infinity).length;
  const below = isCut ? pen.text(pen.words.allEvidence, columns, { head: '   ', role: 'dim' }) : [];
  return [...evidence, below[0] ?? pen.blank(columns), ...story];
}

const evidenceRows = (story: readonly Line[], height: number): number =>
  Math.max(Math.floor(height * evidenceShare), height - story.length - 1);

/** Below the explanation of a lesson: all of its evidence, where the stop has room for a part. */
function cutEvidence(model: Model, look: Selection, pen: Pen, height: number): readonly Line[] {
  if (look.body !== 'story') return [];
  const { columns } = model.size;
  const whole = evidenceLines(model, look, pen, Infinity);
  const story = withoutBlankEnd(storyLines(look, pen, columns, { titled: false }));
  return whole.length > evidenceRows(story, height) ? whole : [];
}

function bodyOf(model: Model, look: Selection, pen: Pen, height: number): Scrolled {
  const { columns } = model.size;
  /** Below a fixed rule. */
  const text = (lines: readonly Line[], title = '', width = columns): Scrolled =>
    scrolled(
      pen,
      sheet(width, [pen.rule(width, title === '' ? [] : [{ at: 2, text: title }]), ...lines]),
      height,
      look.place.scroll,
      1,
    );
  if (model.sheet === 'steps')
    return showsList(model) ? connectionsView(model, look, pen, height) : stepsView(model, look, pen, height);
  if (model.sheet === 'record') return recordSheet(model, look, pen, height);
  if (model.sheet === 'shared' && model.shared)
    return text(sharedLines(model.shared, pen, columns, height - 1), pen.words.shared);
  if (model.sheet === 'sides')
    return text(sidesLines(sidesOf(look), pen, columns), sidesWords.title[model.language]);
  if (model.lab && model.sheet === 'task') {
    const { title, lines } = taskPage(model.lab, pen, columns);
    return text(lines, title);
  }
  if (model.lab && model.sheet === 'commands')
    return text(
      commandsPage(model.lab, look.place.command ?? 0, pen, columns).lines,
      labWordsIn[pen.language].commands,
    );
  if (model.lab && model.sheet === 'next')
    return text(nextPage(model.lab, pen, columns), labWordsIn[pen.language].next);
  const large = model.large ? largeText(model, look, pen, columns) : undefined;
  if (large) return text([...large.lines, ...cutEvidence(model, look, pen, height - 1)], large.title);
  switch (look.body) {
    case 'lab':
      return model.lab
        ? labView(model, model.lab, look, pen, height)
        : { sheet: sheet(columns, []), scrollable: still };
    case 'story':
      return text(provenStory(model, look, pen, height - 1));
    case 'verdict':
      return text(verdictLines(look, pen, columns));
    case 'claims':
      return text(claimsLines(look, pen, columns), pen.words.claims);
    case 'wires':
      return model.zoomed ? zoomedView(model, look, pen, height) : lessonView(model, look, pen, height);
    case 'ladder':
    case 'chain':
    case 'sizes':
    case 'matrix':
    case 'brief':
      return lessonView(model, look, pen, height);
    case 'card': {
      if (columns < widestStacked || model.zoomed)
        return text([
          ...cardLines(look, pen, columns),
          pen.blank(columns),
          ...storyLines(look, pen, columns, { titled: false }),
        ]);
      const width = columns - 46;
      const card = text(cardLines(look, pen, width), '', width);
      const story = sheet(45, [
        pen.rule(45, [{ at: 1, text: pen.words.story }]),
        ...storyLines(look, pen, 45),
      ]);
      return { ...card, sheet: beside(pen, [card.sheet, tall(pen, story, height)], height) };
    }
    case 'cluster':
      return look.scene.star
        ? clusterView(model, look, look.scene.star, pen, height)
        : { sheet: sheet(columns, []), scrollable: still };
    case 'wire':
      if (model.zoomed) return zoomedView(model, look, pen, height);
      return model.projector
        ? { sheet: projectorView(model, look, pen, columns, height), scrollable: still }
        : wireBody(model, look, pen, height);
  }
}
