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

// The first line is for a shell.
const source = readFileSync(file, 'utf8').replace(/^#!.*/, '');
const script = new Script(`(function (require, __dirname, __filename) {${source}\n})`, {
  filename: file,
  ...(cachedData ? { cachedData } : {}),
});

// Set by the build alone: after a whole run V8 has compiled what a run needs.
if (process.env['WIRELAB_KEEP_CODE']) process.on('exit', () => writeFileSync(cacheFile, script.createCachedData()));

(script.runInThisContext() as (load: NodeRequire, folder: string, name: string) => void)(require, __dirname, file);
