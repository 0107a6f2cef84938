/**
 * A share of the tables beside this file, put to the OpenSSL of the runtime: as the certificates of clients, in real handshakes.
 * What it refuses we admit nowhere but where the versions of OpenSSL are known to differ.
 */
import { connect, createServer } from 'node:tls';
import test from 'ava';
import { verifyChain } from '../../../src/pki/x509/verify.ts';
import type { Case } from './case.ts';
import { ca, leaf } from './der-kit.ts';
import type { Made } from './der-kit.ts';
import { extensionCases } from './extensions.ts';
import { nameAndKeyCases } from './names-and-keys.ts';
import { nameConstraintCases } from './name-constraints.ts';
import { pathCases } from './paths.ts';

const keyOf = ({ pair }: Made): string => pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

/** Node sets no -partial_chain; OpenSSL 3.0 reads URIs otherwise; TLS has no signatures for these curves. */
const known =
  /^(?:nc: (?:permitted|excluded) URI|path: an intermediate is an anchor|path: the new root is an anchor|key: (?:P-224|secp256k1), leaf)/;

const every = 13;
const asked = [...nameConstraintCases, ...extensionCases, ...pathCases, ...nameAndKeyCases]
  .filter(({ at, lists, strict, seenByTls }) => !at && !lists && !strict && !seenByTls)
  .filter((_, index) => index % every === 0);

const own = leaf(ca());

/** Whether OpenSSL found nothing wrong; undefined where the client itself could not speak with it. */
async function isAuthorized(one: Case): Promise<boolean | undefined> {
  let server;
  let client;
  try {
    server = createServer({
      cert: own.pem,
      key: keyOf(own),
      requestCert: true,
      rejectUnauthorized: false,
      ca: one.roots.map(({ pem }) => pem),
    });
    const listening = server;
    await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
    const { port } = listening.address() as { port: number };
    const speaking = (client = connect({
      port,
      host: '127.0.0.1',
      rejectUnauthorized: false,
      cert: [one.leaf, ...(one.sent ?? [])].map(({ pem }) => pem).join(''),
      key: keyOf(one.leaf),
    }));
    return await new Promise((resolve) => {
      listening.on('secureConnection', (socket) => {
        socket.on('error', () => {}).destroy();
        resolve(socket.authorized);
      });
      listening.on('tlsClientError', () => resolve(false));
      speaking.on('error', () => {}).resume();
    });
  } catch {
    // A certificate or a key that OpenSSL takes for none.
    return undefined;
  } finally {
    client?.destroy();
    server?.close();
  }
}

test('in handshakes we admit nothing that the runtime refuses, and both verdicts occur', async (t) => {
  t.timeout(60_000);
  const counts = { admitted: 0, refused: 0 };
  for (const one of asked) {
    const theirs = await isAuthorized(one);
    if (theirs === undefined) continue;
    const ours = verifyChain({
      chain: [one.leaf, ...(one.sent ?? [])].map(({ der }) => der),
      roots: one.roots.map(({ der }) => der),
      purpose: 'client',
      at: Date.now(),
    });
    if (!known.test(one.id)) t.false(ours.admitted && !theirs, one.id);
    counts[theirs && ours.admitted ? 'admitted' : 'refused']++;
  }
  t.true(counts.admitted > 10 && counts.refused > 10, JSON.stringify(counts));
});
