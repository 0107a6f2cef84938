/** What the page and the plain text say of the same blocks, to compare them. */
import { inEach } from '../../../../src/i18n/language.ts';
import type { Language } from '../../../../src/i18n/language.ts';
import { fitToCells } from '../../../../src/i18n/width.ts';
import type { ReportBlock } from '../../../../src/presentation/types/report.ts';
import { textIn } from '../../../../src/ui/html/element.ts';
import { pageReport } from '../../../../src/ui/html/report.ts';
import { linesOf } from '../../../../src/ui/text/text.ts';

/** Letters and digits, whatever stands between them, in the order of the alphabet: a layout may set a size before a name. */
const wordsOf = (text: string): readonly string[] => (text.match(/[\p{L}\p{N}]+/gu) ?? []).toSorted();

/** The lines have room for the beginning of a message's title: that is compared. */
const shortened = (block: ReportBlock): ReportBlock =>
  block.kind === 'message'
    ? {
        ...block,
        message: {
          ...block.message,
          title: inEach((language) => fitToCells(block.message.title[language], 12).trim()),
        },
      }
    : block;

/** A report in parts: what stands before the first step, each step, each block of the end. */
function partsOf(blocks: readonly ReportBlock[]): ReportBlock[][] {
  const parts: ReportBlock[][] = [[]];
  for (const block of blocks) {
    if (['step', 'table', 'sides', 'verdict', 'claims', 'closing'].includes(block.kind)) parts.push([]);
    parts.at(-1)?.push(block);
  }
  return parts.filter(({ length }) => length > 0);
}

function wordsOnPage(part: readonly ReportBlock[], language: Language): readonly string[] {
  const { title, sections } = pageReport(part, { toBytes: () => undefined });
  const hasHeading = part.some(({ kind }) => kind === 'step');
  return wordsOf(
    [
      title?.[language] ?? '',
      ...sections.flatMap((section) => [
        hasHeading ? section.title[language] : '',
        // A space between elements, as their boxes are apart.
        textOf(section.content, language),
      ]),
    ].join('\n'),
  );
}

const textOf = (content: Parameters<typeof textIn>[0], language: Language): string => {
  if (Array.isArray(content)) return content.map((one) => textOf(one as never, language)).join(' ');
  if (typeof content === 'object' && 'attributes' in content) {
    const { lang, class: kind } = content.attributes;
    // A picture repeats what the blocks say, and has words of its own.
    if (typeof kind === 'string' && kind.startsWith('plot')) return '';
    if (lang !== undefined && lang !== language) return '';
    return content.content.map((one) => textOf(one, language)).join(' ');
  }
  return textIn(content, language);
};

const wordsInLines = (part: readonly ReportBlock[], language: Language): readonly string[] =>
  wordsOf(part.flatMap((block) => linesOf(block, { language, ascii: false, columns: 100_000 })).join('\n'));

/** The parts of a report of which page and terminal do not say the same, with the first words that differ. */
export function differencesOf(blocks: readonly ReportBlock[], language: Language): readonly string[] {
  const parts = partsOf(blocks.map(shortened));
  if (parts.length < 4) return [`only ${parts.length} parts`];
  return parts.flatMap((part) => {
    const [page, lines] = [wordsOnPage(part, language), wordsInLines(part, language)];
    if (page.join(' ') === lines.join(' ')) return [];
    const kinds = [...new Set(part.map(({ kind }) => kind))].join(', ');
    return [`${kinds}: page ${missingIn(lines, page)}; lines ${missingIn(page, lines)}`];
  });
}

/** The first of the words that the others do not have as often. */
function missingIn(others: readonly string[], words: readonly string[]): string {
  const left = [...others];
  const only = words.filter((word) => {
    const at = left.indexOf(word);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
  return only.slice(0, 12).join(' ');
}
