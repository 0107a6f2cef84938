/**
 * `make size`: how much code there is, in tokens: names, numbers and punctuation of the TypeScript files below a folder (src
 * unless another is named), a row for each of its folders. Comments, imports, and what stands between quotes are left out, so
 * that an explanation and a translation cost nothing, and trailing commas, so that the layout costs nothing either. What a
 * template evaluates counts.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const piece =
  /\/\/[^\n]*|\/\*[^]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|\/(?![/*\s])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/[dgimsuvy]*(?=\s*[),;.\]\n])|`|[\w$#]+|=>|\.\.\.|\?\.|\?\?=?|[=!]==?|[<>]=|&&=?|\|\|=?|\+\+|--|[+\-*/%]=|\*\*|[^\s\w]/g;

/** A comma that the layout decides on: one that closes a list, line breaks and comments aside. */
const closes = /\s*(?:\/\/[^\n]*\s*|\/\*[^]*?\*\/\s*)*[)\]}]/y;

/** Import declarations, which a formatter may lay over several lines. */
const imports = /^import\b[^;]*;$/gm;

/** The tokens of one file. */
export function tokensIn(source: string): number {
  let count = 0;
  /** Open templates: how many braces are open in the expression that is being read; -1 in the text of the template. */
  const templates: number[] = [];
  const text = source.replaceAll(imports, '');
  piece.lastIndex = 0;
  for (let match = piece.exec(text); match; match = piece.exec(text)) {
    const [token] = match;
    const top = templates.at(-1);
    if (token === '`') {
      if (top === -1) templates.pop();
      else {
        templates.push(-1);
        count++;
      }
    } else if (top === -1) {
      // Between the quotes only an expression counts.
      if (token.endsWith('$') && text[piece.lastIndex] === '{') {
        piece.lastIndex++;
        templates[templates.length - 1] = 0;
      } else if (token === '\\') piece.lastIndex++;
      else if (token.length > 1) piece.lastIndex = match.index + 1;
    } else {
      if (top !== undefined && token === '{') templates[templates.length - 1] = top + 1;
      else if (top === 0 && token === '}') {
        templates[templates.length - 1] = -1;
        continue;
      } else if (top !== undefined && token === '}') templates[templates.length - 1] = top - 1;
      closes.lastIndex = piece.lastIndex;
      if (!token.startsWith('//') && !token.startsWith('/*') && !(token === ',' && closes.test(text)))
        count++;
    }
  }
  return count;
}

function report(folder: string): void {
  const rows = new Map<string, { files: number; tokens: number }>();
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts')) continue;
    const name = file.includes('/') ? file.slice(0, file.indexOf('/')) : '.';
    const row = rows.get(name) ?? { files: 0, tokens: 0 };
    rows.set(name, {
      files: row.files + 1,
      tokens: row.tokens + tokensIn(readFileSync(join(folder, file), 'utf8')),
    });
  }
  const total = { files: 0, tokens: 0 };
  for (const [name, { files, tokens }] of [...rows].toSorted(([one], [other]) => (one < other ? -1 : 1))) {
    console.log(`${name.padEnd(16)} ${String(files).padStart(5)} files ${String(tokens).padStart(8)} tokens`);
    total.files += files;
    total.tokens += tokens;
  }
  console.log(
    `${'all'.padEnd(16)} ${String(total.files).padStart(5)} files ${String(total.tokens).padStart(8)} tokens`,
  );
}

if (process.argv[1]?.endsWith('code-size.js')) report(process.argv[2] ?? 'src');
