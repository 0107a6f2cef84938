/** A folder with certificates of every kind, made at run time, and the command run in it. */
import type { ExecutionContext } from 'ava';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../../../src/core/clock.ts';
import { issueWorld } from '../../../../src/pki/ca/issue.ts';
import { askWirelab, runWirelab } from '../../../helpers/wirelab.ts';
import type { ProgramResult } from '../../../helpers/peer.ts';

export const world = issueWorld(
  {
    certificates: {
      ca: { profile: 'root', subject: { CN: 'Workshop CA', O: 'Workshop' } },
      middle: { profile: 'intermediate', issuer: 'ca', subject: { CN: 'Workshop Middle', O: 'Workshop' } },
      other: { profile: 'root', subject: { CN: 'Other CA' } },
      shop: {
        profile: 'server',
        issuer: 'middle',
        subject: { CN: 'shop.localhost' },
        san: ['DNS:shop.localhost', 'IP:127.0.0.1'],
      },
      alice: { profile: 'client', issuer: 'ca', subject: { CN: 'alice', O: 'Workshop' } },
      expired: { profile: 'client', issuer: 'ca', subject: { CN: 'expired' }, flaws: ['expired'] },
      revoked: { profile: 'client', issuer: 'ca', subject: { CN: 'revoked' }, flaws: ['revoked'] },
      mallory: { profile: 'client', issuer: 'other', subject: { CN: 'mallory' } },
    },
    revocations: { other: {} },
  },
  { clock: systemClock },
);

export interface Desk {
  readonly folder: string;
  readonly run: (...words: readonly string[]) => Promise<ProgramResult>;
  /** In a process of its own, so that several can be at it at once. */
  readonly beside: (...words: readonly string[]) => Promise<ProgramResult>;
}

/** `NAME.crt`, `NAME.key`, `NAME.chain.crt` and `NAME.crl` of every row, in a folder that goes with the test. */
export function desk(t: ExecutionContext): Desk {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-desk-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  for (const name of world.names) {
    writeFileSync(join(folder, `${name}.crt`), world.certificate(name));
    writeFileSync(join(folder, `${name}.chain.crt`), world.chain(name));
    writeFileSync(join(folder, `${name}.key`), world.identity(name).key, { mode: 0o600 });
    chmodSync(join(folder, `${name}.key`), 0o600);
    const list = world.crl(name);
    if (list !== undefined) writeFileSync(join(folder, `${name}.crl`), list);
  }
  return {
    folder,
    run: async (...words) => askWirelab(['certs', ...words], { cwd: folder }),
    beside: async (...words) => runWirelab(['certs', ...words], { cwd: folder }),
  };
}
