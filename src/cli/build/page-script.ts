/** Bundles the script of the HTML page: one file for the browser, which the page contains. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pageScriptFile } from '../places.ts';
import type { Places } from '../places.ts';

/** Writes it among the compiled data of the checkout. */
export async function makePageScript(places: Places): Promise<void> {
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'browser',
    // The oldest with what it uses: streams that decompress.
    target: ['chrome111', 'firefox115', 'safari16.4'],
    minify: true,
    charset: 'utf8',
    legalComments: 'none',
    logLevel: 'error',
    entryPoints: [join(places.root, 'src', 'ui', 'html', 'client', 'main.ts')],
  });
  writeFileSync(pageScriptFile(places), outputFiles[0]?.text.trim() ?? '');
}
