/**
 * What the pictures have in common: certificates of their own, which go again, and a look for what is private. Ports, times and
 * noise differ from run to run.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir, userInfo } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { makeFolder } from '../../capture/file/output-folder.ts';
import type { Environment } from '../command.ts';
import { findPlaces } from '../places.ts';

/** Runs `draw` with certificates in a folder that is removed afterwards. */
export async function withCertificates(
  draw: (environment: Environment, write: (file: string, svg: string) => void) => Promise<void>,
): Promise<void> {
  const certificates = mkdtempSync(join(tmpdir(), 'wirelab-picture-'));
  try {
    const { stdin, stdout, stderr, env: variables } = process;
    const places = { ...findPlaces(variables), certificates };
    await draw({ variables, places, language: 'en', stdin, stdout, stderr }, (file, svg) => {
      refusePrivate(file, svg, [certificates, places.root, homedir(), tmpdir()]);
      makeFolder(dirname(file));
      writeFileSync(file, svg);
    });
  } finally {
    rmSync(certificates, { recursive: true, force: true });
  }
}

/** The pictures are published: they must not contain paths of this machine, nor the name of whoever draws them. */
function refusePrivate(file: string, svg: string, places: readonly string[]): void {
  const { username } = userInfo();
  for (const place of places)
    if (svg.includes(`${resolve(place)}/`)) throw new Error(`${file} names ${place}`);
  // `root` is a word of its own: of certificates.
  if (username !== 'root' && svg.split(/[^\w.-]+/).includes(username))
    throw new Error(`${file} names ${username}`);
}
