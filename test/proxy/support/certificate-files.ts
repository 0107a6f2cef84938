/** Certificates and keys as files, for programs that read them from there; gone when the test ends. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';

export function certificateFiles(t: ExecutionContext): (name: string, text: string) => string {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-certificates-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return (name, text) => {
    const path = join(folder, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  };
}
