/**
 * Runs the compiled suite under other Node versions, whose binaries are fetched from the package registry into a
 * temporary folder (packages node@22, node@24). Usage: other-nodes.js 22 24
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const scratch = mkdtempSync(join(tmpdir(), 'wirelab-nodes-'));
let failures = 0;
try {
  for (const version of process.argv.slice(2)) {
    const folder = join(scratch, version);
    // The package fetches its binary package in an install script, so scripts must run here.
    const install = spawnSync('npm', ['install', '--prefix', folder, '--no-save', '--ignore-scripts=false', `node@${version}`], { stdio: 'inherit' });
    if (install.status !== 0) {
      failures++;
      continue;
    }
    const binFolder = join(folder, 'node_modules', 'node', 'bin');
    const env = { ...process.env, PATH: `${binFolder}:${process.env['PATH'] ?? ''}` };
    console.log(`\nNode ${spawnSync('node', ['--version'], { env, encoding: 'utf8' }).stdout.trim()}`);
    const suite = spawnSync(join(binFolder, 'node'), ['node_modules/.bin/ava'], { stdio: 'inherit', env });
    if (suite.status !== 0) failures++;
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
process.exitCode = failures > 0 ? 1 : 0;
