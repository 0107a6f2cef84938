/**
 * The quick way in, which the launcher takes: the program in two scripts, with the code that V8 made of each kept in a
 * file beside it. It decides nothing; without the kept code, or with one that another Node version made, the same scripts
 * start a little slower. Made by the build (bundle.ts); main.ts is the plain way in.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Script } from 'node:vm';

type Load = (id: string) => unknown;
type Piece = (load: Load, module: { exports: unknown }, exports: unknown) => void;
type Pieces = Readonly<Record<string, Piece | undefined>>;

const scripts = new Map<string, Script>();

function readPieces(name: string): Pieces {
  const file = join(__dirname, `${name}.cjs`);
  let cachedData: Buffer | undefined;
  try {
    cachedData = readFileSync(`${file}.cache`);
  } catch {
    // Not made yet.
  }
  // The script is ASCII and a function already: it is read without being decoded, and compiled as it is.
  const script = new Script(readFileSync(file, 'latin1'), {
    filename: file,
    ...(cachedData ? { cachedData } : {}),
  });
  scripts.set(name, script);
  return (script.runInThisContext() as (load: Load, folder: string) => Pieces)(load, __dirname);
}

const loaded = new Map<string, { exports: unknown }>();
let first: Pieces;
let rest: Pieces | undefined;

/** A piece of the program by its name, anything else as Node finds it. */
function load(id: string): unknown {
  if (!id.startsWith('./')) return require(id);
  const known = loaded.get(id);
  if (known) return known.exports;
  const piece = first[id] ?? (rest ??= readPieces('rest'))[id];
  if (!piece) throw new Error(`the build holds no ${id}`);
  const module = { exports: {} as unknown };
  loaded.set(id, module);
  piece(load, module, module.exports);
  return module.exports;
}

// Set by the build alone.
const { WIRELAB_KEEP_CODE: kept, WIRELAB_TELL_LOADED: told } = process.env;
if (told) process.on('exit', () => writeFileSync(told, JSON.stringify([...loaded.keys()])));
if (kept) {
  process.on('exit', () => {
    const script = scripts.get(kept);
    if (script) writeFileSync(join(__dirname, `${kept}.cjs.cache`), script.createCachedData());
  });
}

first = readPieces('first');
void (load('./program.js') as { main(words: readonly string[]): Promise<void> }).main(process.argv.slice(2));
