/**
 * The lines of a text in Markdown: without its comments, and with the lines of a fenced block as indented code. So a heading, a
 * list or a comment in code is code.
 */
import { isCodeLine, isOwnLine } from '../../i18n/own-lines.ts';

export interface TextLine {
  readonly text: string;
  /** Of a fenced block: indented by four blanks more than it was written. */
  readonly isCode: boolean;
}

interface Fence {
  readonly mark: string;
  readonly indent: number;
}

/** As many as the text has. */
export function textLines(text: string): TextLine[] {
  const lines = text.normalize('NFC').split(/\r?\n/);
  const lastEnd = lines.findLastIndex((line) => line.includes('-->'));
  const out: TextLine[] = [];
  let fence: Fence | undefined;
  let inComment = false;
  for (const [index, line] of lines.entries()) {
    if (fence) {
      const isEnd = fenceIn(line)?.mark.startsWith(fence.mark) === true && /^\s*[`~]+\s*$/.test(line);
      const bare = line.slice(Math.min(fence.indent, line.length - line.trimStart().length)).trimEnd();
      out.push({ text: isEnd || bare === '' ? '' : `    ${bare}`, isCode: true });
      if (isEnd) fence = undefined;
      continue;
    }
    fence = inComment ? undefined : fenceIn(line);
    if (fence) {
      out.push({ text: '', isCode: true });
      continue;
    }
    let [kept, rest] = ['', line];
    while (rest !== '') {
      const mark = inComment ? '-->' : '<!--';
      const at = rest.indexOf(mark);
      const after = at < 0 ? '' : rest.slice(at + mark.length);
      // An unclosed comment is plain text, and so is any comment after it.
      const isMark = at >= 0 && (inComment || after.includes('-->') || index < lastEnd);
      if (!inComment) kept += isMark ? rest.slice(0, at) : rest;
      rest = isMark ? after : '';
      if (isMark) inComment = !inComment;
    }
    out.push({ text: kept, isCode: false });
  }
  return out;
}

function fenceIn(line: string): Fence | undefined {
  const [, indent = '', mark] = /^( {0,3})(`{3,}|~{3,})[^`]*$/.exec(line) ?? [];
  return mark === undefined ? undefined : { mark, indent: indent.length };
}

/** Joins the lines of a paragraph; code, items of a list and rows of a table stay on lines of their own. */
export function paragraphs(lines: readonly TextLine[]): string {
  const out: string[] = [];
  let open = false;
  let before: TextLine | undefined;
  for (const line of lines) {
    const { text } = line;
    const bare = text.trim();
    if (bare === '') {
      open = false;
      const isWithinCode = line.isCode && before?.isCode === true;
      if (out.length > 0 && (out.at(-1) !== '' || isWithinCode)) out.push('');
    } else if (open && !isOwnLine(text)) {
      out[out.length - 1] += ` ${bare}`;
    } else {
      out.push(text.trimEnd());
      open = !isCodeLine(text);
    }
    before = line;
  }
  while (out.at(-1) === '') out.pop();
  return out.join('\n');
}
