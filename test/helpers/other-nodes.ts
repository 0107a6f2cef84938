/**
 * Runs the compiled suite under other Node versions. Their binaries come from the package registry into a temporary
 * folder: the package for this platform that `node` would fetch in its install script, so no script runs.
 * Usage: other-nodes.js 22 24
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const platform = `${process.platform}-${process.arch}`;
const packageName = platform === 'darwin-arm64' ? `node-bin-${platform}` : `node-${platform}`;

const versions = process.argv.slice(2);
const scratch = mkdtempSync(join(tmpdir(), 'wirelab-nodes-'));
const results: string[] = [];
let failures = versions.length === 0 ? 1 : 0;

/** Installs one version and runs the suite under it; the result is what to say of it, or undefined if all went well. */
function fails(version: string): string | undefined {
  const folder = join(scratch, version);
  const flags = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const install = spawnSync('npm', ['install', '--prefix', folder, ...flags, `${packageName}@${version}`], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const binFolder = join(folder, 'node_modules', packageName, 'bin');
  if (install.status !== 0 || !existsSync(join(binFolder, 'node')))
    return `${packageName}@${version} could not be installed`;
  // Whatever a test starts by name must be this Node too.
  const env = { ...process.env, PATH: `${binFolder}:${process.env['PATH'] ?? ''}` };
  const found = spawnSync('node', ['--version'], { env, encoding: 'utf8' }).stdout.trim();
  if (!found.startsWith(`v${version}`)) return `asked for ${version}, found ${found}`;
  console.log(`\nNode ${found}`);
  const suite = spawnSync('node', ['dist/test/helpers/suite.js', '--tests-only'], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env,
  });
  return suite.status === 0 ? undefined : 'the suite failed';
}

try {
  for (const version of versions) {
    const reason = fails(version);
    if (reason !== undefined) failures++;
    results.push(`Node ${version}: ${reason ?? 'passed'}`);
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
console.log(`\n${results.join('\n') || 'Which versions? Usage: other-nodes.js 22 24'}`);
process.exitCode = failures > 0 ? 1 : 0;
