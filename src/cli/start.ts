/**
 * Starts the program fast, for the launcher: two scripts with V8's compiled code beside each. Without that code, or
 * with code from another Node version, the same scripts start a little slower. The build creates them (bundle.ts);
 * main.ts is the regular entry point.
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
    // Not built yet.
  }
  // The script is ASCII and already a function: it is read without decoding and compiled as it is.
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

/** A module of the program by its name, anything else resolved by Node. */
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

// Set by the build only.
const { WIRELAB_KEEP_CODE: kept, WIRELAB_TELL_LOADED: loadedFile } = process.env;
if (loadedFile) process.on('exit', () => writeFileSync(loadedFile, JSON.stringify([...loaded.keys()])));
if (kept) {
  process.on('exit', () => {
    const script = scripts.get(kept);
    if (script) writeFileSync(join(__dirname, `${kept}.cjs.cache`), script.createCachedData());
  });
}

first = readPieces('first');
void (load('./program.js') as { main(words: readonly string[]): Promise<void> }).main(process.argv.slice(2));
