/** Commands that fail at what another client does not mind. */
import type { ExecutionContext } from 'ava';
import { asWirelab } from '../../helpers/wirelab.ts';
import { withPeer } from '../../helpers/peer.ts';
import { file } from './certificates.ts';
import { openssl } from './programs.ts';
import { Started } from './setting.ts';

/** curl hangs up with the tickets of the server unread, and OpenSSL's server answers that with decode_error. */
async function curlWantsStatus(t: ExecutionContext, name: string, cause: string): Promise<void> {
  const started = new Started();
  t.teardown(async () => started.end());
  const port = await openssl(name)(started);
  const { stdout } = await asWirelab([
    'why',
    '--json',
    '--',
    'curl',
    '-sS',
    '--cert-status',
    '--cacert',
    file('new-root.crt'),
    `https://localhost:${port}/`,
  ]);
  const last = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as { cause: string; by: string };
  t.deepEqual([last.cause, last.by], [cause, 'client']);
}

for (const name of ['server-stapled', 'server-unstapled'])
  withPeer(['curl', 'openssl'], `curl demands an OCSP response, and none comes (${name})`, async (t) =>
    curlWantsStatus(t, name, 'status_missing'),
  );
