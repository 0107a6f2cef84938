/** What a diagnosis mentions beside its answer, and what it lists one by one. */
import test from 'ava';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:tls';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from './certificates.ts';
import { diagnosed } from './diagnosing.ts';
import type { Said } from './diagnosing.ts';
import { behind, node, secureServer } from './own-servers.ts';
import { presents } from './rows/client-certificates.ts';
import { trusts } from './rows/server-certificates.ts';
import type { Serve, Setting } from './setting.ts';

interface Note {
  readonly cause: string;
  readonly because: { readonly en: string };
}
interface Evidence {
  readonly said?: string;
  readonly words: { readonly en: string };
}

const diagnosisOf = async (serve: Serve, more: Partial<Setting> = {}): Promise<Said> =>
  diagnosed({ serve, host: '127.0.0.1', call: trusts(), ...more });

const notesIn = ({ line }: Said): readonly string[] =>
  (line.others as readonly Note[]).map(({ cause, because }) => `${cause}: ${because.en}`);

const listIn = ({ line }: Said, words: RegExp): string | undefined =>
  (line.evidence as readonly Evidence[]).find((one) => words.test(one.words.en))?.said;

/** Whether the message in the first record is a whole ClientHello (RFC 8446 section 4). */
const hasWholeHello = (first: Buffer): boolean => first.readUIntBE(6, 3) + 4 <= first.readUInt16BE(3);

test('a ClientHello in two records that is not read is a note, and no failure', async (t) => {
  const said = await diagnosisOf(
    behind(node('server'), {
      atFirst: (first, { client }) => {
        if (hasWholeHello(first)) return false;
        client.resetAndDestroy();
        return true;
      },
    }),
  );
  t.is(said.exitCode, 0);
  t.is(notesIn(said).length, 1);
  t.regex(notesIn(said)[0] ?? '', /^small_records_refused: .* in two records/);
});

test('a ClientHello that asks for small records and is refused is a note', async (t) => {
  const limit = Buffer.from('001c00020200', 'hex');
  const said = await diagnosisOf(
    behind(node('server'), {
      atFirst: (first, { client }) => {
        if (!first.includes(limit)) return false;
        // handshake_failure (RFC 8446 section 6)
        client.end(Buffer.from('15030300020228', 'hex'));
        return true;
      },
    }),
  );
  t.is(said.exitCode, 0);
  t.regex(notesIn(said)[0] ?? '', /^small_records_refused: .* records of 512 bytes at most/);
});

test('a server that reads a request only in one record', async (t) => {
  const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok';
  const said = await diagnosisOf(
    secureServer(() =>
      createServer({ cert: text('server.crt'), key: text('server.key') }, (socket) => {
        socket.on('error', () => {});
        socket.once('data', (first: Buffer) => void socket.end(first.includes('\r\n\r\n') ? answer : ''));
      }),
    ),
  );
  t.is(said.exitCode, 0);
  t.regex(notesIn(said)[0] ?? '', /^small_records_refused: .* the request in records of 16 bytes/);
});

test('a server that reads all of them, on every address of its name, is mentioned for nothing', async (t) => {
  const said = await diagnosisOf(node('server'));
  t.is(said.exitCode, 0);
  t.deepEqual(notesIn(said), []);
});

test('localhost with a server on one of its two addresses is a note', async (t) => {
  const said = await diagnosed({ serve: node('server'), host: 'localhost', call: trusts() });
  t.is(said.exitCode, 0);
  // Without IPv6 there is no other address on this machine.
  for (const note of notesIn(said))
    t.regex(
      note,
      /^one_address_fails: .{0,30}listens on 127\.0\.0\.1, not on ::1 \(ECONNREFUSED\): .{10,60}$/,
    );
});

test('an OCSP response that a certificate demands, and that comes, is nothing to mention', async (t) => {
  const said = await diagnosisOf(
    secureServer(() =>
      createServer({ cert: text('server-stapled.crt'), key: text('server-stapled.key') }, (socket) => {
        socket.on('error', () => {});
        socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'));
      }).on('OCSPRequest', (_certificate, _issuer, respond: (error: null, response: Buffer) => void) => {
        respond(null, Buffer.from('30030a0100', 'hex'));
      }),
    ),
    { call: trusts('new-root') },
  );
  t.is(said.exitCode, 0);
  t.false(notesIn(said).some((note) => note.startsWith('status_missing')));
});

test('a certificate that is valid for too long is a note', async (t) => {
  const said = await diagnosisOf(node('server-lasting'), { call: trusts('new-root') });
  t.is(said.exitCode, 0);
  t.regex(notesIn(said)[0] ?? '', /^certificate_at_risk: .* for 100 from March 2027/);
});

test('a client certificate of a public CA works until its renewal, and that is a note', async (t) => {
  const said = await diagnosisOf(
    node('server', { ca: text('new-root.crt'), requestCert: true, rejectUnauthorized: true }),
    { call: [...trusts(), ...presents('client-of-public-ca-before')] },
  );
  t.is(said.exitCode, 0);
  t.regex(notesIn(said)[0] ?? '', /^certificate_at_risk: .* ended clientAuth in 2026/);
});

test('a chain that ends too early: what to do comes first, whether the missing certificate is at hand or not', async (t) => {
  const serve = node('server', { ca: text('clients.crt'), requestCert: true, rejectUnauthorized: true });
  const remedyOf = ({ line }: Said): string => (line.remedy as { words: { en: string } }).words.en;
  const lone = mkdtempSync(join(tmpdir(), 'wirelab-lone-'));
  t.teardown(() => rmSync(lone, { recursive: true, force: true }));
  for (const name of ['client-long.crt', 'client-long.key']) writeFileSync(join(lone, name), text(name));
  const presented = (folder: string): string[] => [
    ...trusts(),
    '--cert',
    join(folder, 'client-long.crt'),
    '--key',
    join(folder, 'client-long.key'),
  ];
  const alone = await diagnosisOf(serve, { call: presented(lone) });
  t.is(alone.cause, 'unknown_ca');
  t.is(alone.confidence, 'likely');
  t.regex(
    remedyOf(alone),
    /sends its certificate alone\. If its issuer \(CN=Client Issuing CA\) is an intermediate CA/,
  );
  writeFileSync(join(lone, 'issuing.pem'), text('clients-intermediate.crt'));
  const beside = await diagnosisOf(serve, { call: presented(lone) });
  t.is(beside.cause, 'intermediate_missing');
  t.is(beside.confidence, 'proven');
  t.regex(remedyOf(beside), /^let the client send the certificate of CN=Client Issuing CA too/);
});

test('the groups that a server has are found one by one', async (t) => {
  const said = await diagnosisOf(
    node('server', { maxVersion: 'TLSv1.2', ecdhCurve: 'brainpoolP256r1:secp256k1' }),
  );
  t.is(said.cause, 'no_common_group');
  t.is(listIn(said, /groups that the server has/), 'brainpoolP256r1, secp256k1');
});

test('the cipher suites that a server has are found one by one', async (t) => {
  const said = await diagnosisOf(
    node('server-rsa', {
      maxVersion: 'TLSv1.2',
      honorCipherOrder: true,
      ciphers: 'CAMELLIA256-SHA:CAMELLIA128-SHA:@SECLEVEL=0',
    }),
  );
  t.is(said.cause, 'old_ciphers_only');
  t.is(
    listIn(said, /suites that the server has/),
    'TLS_RSA_WITH_CAMELLIA_256_CBC_SHA, TLS_RSA_WITH_CAMELLIA_128_CBC_SHA',
  );
});
