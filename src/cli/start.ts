#!/usr/bin/env node
/**
 * Starts the program fast: three scripts with V8's compiled code beside each, which fits one version of V8. The build
 * creates all of them (bundle.ts); for another version, the first demonstration that is run leaves its code for the next
 * start. Where nothing can be written, the same scripts start a little slower. main.ts is the entry point without them.
 */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Script } from 'node:vm';

type Load = (id: string) => unknown;
type Piece = (load: Load, module: { exports: unknown }, exports: unknown) => void;
type Pieces = Readonly<Record<string, Piece | undefined>>;

const scripts = new Map<string, Script>();

/** V8 rejects code of another version, and code that was compiled for another kind of machine. */
const codeFile = (name: string): string =>
  join(__dirname, `${name}.cjs.${process.versions.v8}-${process.arch}.cache`);

function readPieces(name: string): Pieces {
  const file = join(__dirname, `${name}.cjs`);
  let cachedData: Buffer | undefined;
  try {
    cachedData = readFileSync(codeFile(name));
  } catch {
    // None for this version yet.
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
let cluster: Pieces | undefined;

/** A module of the program by its name, anything else resolved by Node. */
function load(id: string): unknown {
  if (!id.startsWith('./')) return require(id);
  const known = loaded.get(id);
  if (known) return known.exports;
  const piece = first[id] ?? (rest ??= readPieces('rest'))[id] ?? (cluster ??= readPieces('cluster'))[id];
  if (!piece) throw new Error(`the build holds no ${id}`);
  const module = { exports: {} as unknown };
  loaded.set(id, module);
  piece(load, module, module.exports);
  return module.exports;
}

/** Keeps the code of a script: of the functions that were called, for this version. */
function keepCode(name: string): void {
  const script = scripts.get(name);
  if (!script) return;
  const file = codeFile(name);
  const half = `${file}.${process.pid}`;
  try {
    writeFileSync(half, script.createCachedData());
    renameSync(half, file);
  } catch {
    // An installation of somebody else's: it starts without.
    rmSync(half, { force: true });
  }
}

// Set by the build only.
const { WIRELAB_KEEP_CODE: kept, WIRELAB_TELL_LOADED: loadedFile, WIRELAB_ALSO_RUN: also } = process.env;
if (loadedFile) process.on('exit', () => writeFileSync(loadedFile, JSON.stringify([...loaded.keys()])));
process.on('exit', (status) => {
  if (kept) keepCode(kept);
  else if (!loadedFile && status === 0 && process.argv[2] === 'run' && process.execArgv.length === 0)
    for (const [name, script] of scripts) if (script.cachedDataRejected !== false) keepCode(name);
});

first = readPieces('first');
const { main } = load('./program.js') as { main: (words: readonly string[]) => Promise<void> };
const whole = main(process.argv.slice(2));
if (also)
  void (JSON.parse(also) as string[][]).reduce(async (before, words) => {
    await before;
    await main(words);
  }, whole);
