/**
 * `make size`: how much code there is, in tokens: names, numbers and punctuation of the TypeScript files below a folder (src
 * unless another is named), a row for each of its folders. Comments, imports, and what stands between quotes are left out, so
 * that an explanation and a translation cost nothing, and trailing commas, so that the layout costs nothing either. What a
 * template evaluates counts. Beside each folder of src stands its budget (size-budget.json); `--check` prints only the
 * folders that are over theirs, and ends with 1 where there is one (`make lint`).
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

/** A folder of the sources: its files, the largest first. */
interface Module {
  readonly tokens: number;
  readonly files: readonly { readonly file: string; readonly tokens: number }[];
}

/** The folders directly below one, by name; the files that stand in it itself are the module ".". */
function modulesOf(folder: string): ReadonlyMap<string, Module> {
  const modules = new Map<string, { tokens: number; files: { file: string; tokens: number }[] }>();
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted()) {
    if (!file.endsWith('.ts')) continue;
    const name = file.includes('/') ? file.slice(0, file.indexOf('/')) : '.';
    const tokens = tokensIn(readFileSync(join(folder, file), 'utf8'));
    const module = modules.get(name) ?? { tokens: 0, files: [] };
    modules.set(name, module);
    module.tokens += tokens;
    module.files.push({ file: join(folder, file), tokens });
  }
  for (const { files } of modules.values()) files.sort((one, other) => other.tokens - one.tokens);
  return modules;
}

/** Tokens in thousands that each module of src may have (size-budget.json), and `all` of them together. */
type Budget = Readonly<Record<string, number>>;

/** What is over its budget, or has none: a text each, with both numbers and where most of it is. Empty where all is well. */
export function faultsOf(modules: ReadonlyMap<string, Module>, budget: Budget): readonly string[] {
  const faults: string[] = [];
  const all = { tokens: 0, files: [] as Module['files'][number][] };
  for (const { tokens, files } of modules.values()) {
    all.tokens += tokens;
    all.files.push(...files);
  }
  all.files.sort((one, other) => other.tokens - one.tokens);
  for (const [name, { tokens, files }] of [...modules, ['all', all] as const]) {
    const limit = budget[name];
    if (limit === undefined) faults.push(`${name}: ${tokens} tokens, and no budget in size-budget.json`);
    else if (tokens > limit * 1000)
      faults.push(
        [
          `${name}: ${tokens} tokens, its budget is ${limit * 1000}; its largest files:`,
          ...files.slice(0, 5).map((one) => `${String(one.tokens).padStart(8)} ${one.file}`),
        ].join('\n'),
      );
  }
  for (const name of Object.keys(budget))
    if (name !== 'all' && !modules.has(name)) faults.push(`${name}: a budget, and no such folder in src`);
  return faults;
}

function report(folder: string, modules: ReadonlyMap<string, Module>, budget: Budget): void {
  const row = (name: string, files: number, tokens: number): void => {
    const limit = folder === 'src' && budget[name];
    const of = limit ? ` of ${String(limit * 1000).padStart(8)}` : '';
    console.log(
      `${name.padEnd(16)} ${String(files).padStart(5)} files ${String(tokens).padStart(8)}${of} tokens`,
    );
  };
  let files = 0;
  let tokens = 0;
  for (const [name, module] of [...modules].toSorted(([one], [other]) => (one < other ? -1 : 1))) {
    row(name, module.files.length, module.tokens);
    files += module.files.length;
    tokens += module.tokens;
  }
  row('all', files, tokens);
}

if (process.argv[1]?.endsWith('code-size.js')) {
  const [asked = 'src'] = process.argv.slice(2);
  const isCheck = asked === '--check';
  const folder = isCheck ? 'src' : asked;
  const modules = modulesOf(folder);
  const budget = JSON.parse(readFileSync('size-budget.json', 'utf8')) as Budget;
  if (isCheck) {
    const faults = faultsOf(modules, budget);
    for (const fault of faults) console.error(fault);
    if (faults.length > 0) process.exitCode = 1;
  } else report(folder, modules, budget);
}
