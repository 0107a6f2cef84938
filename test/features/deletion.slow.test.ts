/** A feature is deleted with its folder and its line: the rest still compiles. Each is deleted in a copy of the sources. */
import test from 'ava';
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../../..');
const copy = mkdtempSync(join(tmpdir(), 'wirelab-deletion-'));
cpSync(join(root, 'src'), join(copy, 'src'), { recursive: true });
cpSync(join(root, 'package.json'), join(copy, 'package.json'));
symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
const { compilerOptions } = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8')) as {
  compilerOptions: object;
};
const options = { ...compilerOptions, noEmit: true, incremental: false };
delete (options as { tsBuildInfoFile?: string }).tsBuildInfoFile;
writeFileSync(join(copy, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, include: ['src'] }));

/** How features are shown still is here, and names them. */
const shownElsewhere = /^src\/(?:presentation|ui|cli)\//;

/** The compiler's errors, one per line, in files that must not depend on a single feature. */
async function errors(): Promise<string[]> {
  const output = await new Promise<string>((done) => {
    execFile(
      process.execPath,
      [join(root, 'node_modules/typescript/bin/tsc'), '-p', '.', '--pretty', 'false'],
      { cwd: copy, maxBuffer: 1 << 26 },
      (_, stdout) => done(stdout),
    );
  });
  return output.split('\n').filter((line) => line.includes('error TS') && !shownElsewhere.test(line));
}

test.after.always(() => rmSync(copy, { recursive: true, force: true }));

test.serial('the copy compiles, and an import of what was deleted is an error', async (t) => {
  t.deepEqual(await errors(), []);
  const witness = join(copy, 'src/features/witness.ts');
  writeFileSync(witness, "import './nowhere/feature.ts';\n");
  t.is((await errors()).length, 1);
  rmSync(witness);
});

const features = join(copy, 'src/features');
const index = join(features, 'index.ts');
const names = readdirSync(features, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? [entry.name] : [],
);
for (const name of names) {
  test.serial(`without ${name} everything else compiles`, async (t) => {
    t.timeout(600_000);
    const lines = readFileSync(index, 'utf8');
    const kept = lines
      .split('\n')
      .filter((line) => !line.includes(`'./${name}/feature.ts'`))
      .join('\n');
    t.not(kept, lines);
    rmSync(join(features, name), { recursive: true });
    writeFileSync(index, kept);
    try {
      t.deepEqual(await errors(), []);
    } finally {
      cpSync(join(root, 'src/features', name), join(features, name), { recursive: true });
      writeFileSync(index, lines);
    }
  });
}
