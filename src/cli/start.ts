/**
 * The quick way in, which the launcher takes: the whole program as one script, with the code that V8 made of it kept in a
 * file beside it. It decides nothing; without the kept code, or with one that another Node version made, the same script
 * starts a little slower. Made by the build (compile.ts); main.ts is the plain way in.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Script } from 'node:vm';

const file = join(__dirname, 'wirelab.cjs');
const cacheFile = `${file}.cache`;

let cachedData: Buffer | undefined;
try {
  cachedData = readFileSync(cacheFile);
} catch {
  // Not made yet.
}

// The script is ASCII and a function already: it is read without being decoded, and compiled as it is.
const source = readFileSync(file, 'latin1');
const script = new Script(source, { filename: file, ...(cachedData ? { cachedData } : {}) });

// Set by the build alone: after a whole run V8 has compiled what a run needs.
if (process.env['WIRELAB_KEEP_CODE']) process.on('exit', () => writeFileSync(cacheFile, script.createCachedData()));

const program = script.runInThisContext() as (load: NodeRequire, folder: string) => { main(words: readonly string[]): Promise<void> };
void program(require, __dirname).main(process.argv.slice(2));
