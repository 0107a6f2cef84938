/** A name that stands only in the CN: Node and curl take it, a browser does not, and neither does who is told not to. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { systemClock } from '../../src/core/clock.ts';
import { accept } from '../../src/wire/accept.ts';
import { dial } from '../../src/wire/dial.ts';
import { withPeer } from '../helpers/peer.ts';
import { failed } from './support/streams.ts';

/** Signed by its own key, which is trusted here. */
function selfSigned(
  t: ExecutionContext,
  ...more: readonly string[]
): { readonly certificate: string; readonly key: string } {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-cn-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-keyout',
      'a.key',
      '-out',
      'a.crt',
      '-days',
      '2',
      '-subj',
      '/CN=shop.localhost',
      ...more,
    ],
    { cwd: folder, stdio: 'ignore' },
  );
  return {
    certificate: readFileSync(join(folder, 'a.crt'), 'utf8'),
    key: readFileSync(join(folder, 'a.key'), 'utf8'),
  };
}

for (const [what, more, ignoresCommonName, isTaken] of [
  ['a name in the CN alone is taken', [], false, true],
  ['a name in the CN alone is none for who ignores the CN', [], true, false],
  ['so it is beside an address', ['-addext', 'subjectAltName=IP:127.0.0.1'], true, false],
  [
    'a name in the subjectAltName is taken by both',
    ['-addext', 'subjectAltName=DNS:shop.localhost'],
    true,
    true,
  ],
] as const) {
  withPeer('openssl', what, async (t) => {
    const identity = selfSigned(t, ...more);
    const listener = await accept(
      { security: 'tls', listen: { host: '127.0.0.1', port: 0 }, clock: systemClock, identity },
      ({ stream }) => stream.resume().end(),
    );
    t.teardown(async () => listener.close(0));
    const dialed = await dial({
      security: 'tls',
      to: listener.address,
      clock: systemClock,
      serverName: 'shop.localhost',
      authorities: [identity.certificate],
      ignoresCommonName,
    });
    if (dialed.outcome === 'connected')
      dialed.stream
        .on('error', () => {})
        .resume()
        .end();
    t.is(dialed.outcome === 'connected', isTaken);
    if (!isTaken) t.is(failed(dialed).reason, 'name_mismatch');
  });
}
