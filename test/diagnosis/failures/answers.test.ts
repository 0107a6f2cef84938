/** What is said, and mentioned, about the answer of a server: on which machine it is mended, and what is no failure. */
import test from 'ava';
import { getDiffieHellman } from 'node:crypto';
import { TLSSocket, createSecureContext } from 'node:tls';
import { text } from './certificates.ts';
import { diagnosed } from './diagnosing.ts';
import type { Said } from './diagnosing.ts';
import { node, plainHttp, raw } from './own-servers.ts';
import { answers, deciding, saying } from './rows/answers.ts';
import { presents } from './rows/client-certificates.ts';
import { trusts } from './rows/server-certificates.ts';
import { isNewClient } from './setting.ts';
import type { Serve, Setting } from './setting.ts';

interface Localized {
  readonly en: string;
}
interface Note {
  readonly cause: string;
  readonly because: Localized;
}

const diagnosisOf = async (serve: Serve, more: Partial<Setting> = {}): Promise<Said> =>
  diagnosed({ serve, host: '127.0.0.1', call: trusts(), ...more });

const notesIn = ({ line }: Said): readonly string[] =>
  (line.others as readonly Note[]).map(({ cause, because }) => `${cause}: ${because.en}`);
const noteOf = (said: Said, cause: string): string =>
  notesIn(said).find((note) => note.startsWith(`${cause}: `)) ?? `none of ${notesIn(said).join('\n')}`;
const because = ({ line }: Said): string => (line.because as Localized).en;
const todo = ({ line }: Said): string => {
  const { on, words } = line.remedy as { readonly on: string; readonly words: Localized };
  return `${on}: ${words.en}`;
};
const failing = async (title: RegExp): Promise<Said> => {
  const row = answers.find((one) => title.test(one.title));
  if (!row) throw new Error(`no row ${title.source}`);
  return diagnosed(row.set(false));
};

test('a certificate that is not asked for is not asked for from the client either', async (t) => {
  const later = await failing(/only behind the handshake/);
  t.is(later.confidence, 'proven');
  t.regex(todo(later), /^server: let the server ask in the handshake/);
  const behind = await failing(/behind this one wants/);
  t.is(behind.confidence, 'proven');
  t.regex(todo(behind), /^server: .*proxy_ssl_certificate/);
});

test('a certificate of an unwanted kind of key is named with what is wanted', async (t) => {
  const said = await failing(/only signatures of RSA keys/);
  t.is(said.confidence, 'proven');
  t.regex(because(said), /could not use its ECDSA certificate: the server accepts only signatures of RSA/);
});

test('who is turned away at the greeting is told why, and on which machine', async (t) => {
  const listed = await failing(/smtp: 550/);
  t.is(listed.confidence, 'proven');
  t.regex(because(listed), /turn this client away: 550 127\.0\.0\.1 is listed/);
  t.regex(todo(listed), /^server: allow the address of this client/);
  t.regex(
    todo(await failing(/smtp: 421/)),
    /^server: wait and try again: at the moment the server takes no more connections/,
  );
});

test('a greeting of MySQL that turns the client away, and one without TLS', async (t) => {
  const packet = (payload: Buffer): Buffer => {
    const header = Buffer.alloc(4);
    header.writeUIntLE(payload.length, 0, 3);
    return Buffer.concat([header, payload]);
  };
  const words = "Host '127.0.0.1' is not allowed to connect to this MariaDB server";
  const refused = await diagnosisOf(
    saying(packet(Buffer.concat([Buffer.from('ff6a04', 'hex'), Buffer.from(words)]))),
    { call: [...trusts(), '--starttls', 'mysql'] },
  );
  t.is(refused.cause, 'target_greeting_refused');
  t.is(refused.confidence, 'proven');
  t.regex(because(refused), /1130 Host '127\.0\.0\.1' is not allowed/);
  const greeting = Buffer.concat([
    Buffer.from('\x0a11.8.0-MariaDB\0', 'latin1'),
    Buffer.alloc(4, 1),
    Buffer.alloc(8, 0x61),
    // Capabilities without CLIENT_SSL (0x0800), a character set, a status, the rest of them.
    Buffer.from('00fef72d0200ff8115', 'hex'),
    Buffer.alloc(10),
    Buffer.from('bbbbbbbbbbbb\0mysql_native_password\0', 'latin1'),
  ]);
  greeting[greeting.indexOf(Buffer.from('fef72d', 'hex')) + 1] = 0xf7;
  const without = await diagnosisOf(
    raw((socket) => void socket.write(packet(greeting))),
    { call: [...trusts(), '--starttls', 'mysql'] },
  );
  t.is(without.cause, 'starttls_refused');
  t.regex(todo(without), /^server: configure a certificate and enable TLS/);
});

test('a server that refuses to go on before TLS is quoted', async (t) => {
  const said = await diagnosisOf(
    raw((socket) => {
      socket.write('220 mail.localhost ESMTP\r\n');
      socket.on('data', () => socket.write('550 no reverse name\r\n'));
    }),
    { call: [...trusts(), '--starttls', 'smtp'] },
  );
  t.is(`${said.cause} ${said.by}`, 'starttls_refused server');
  t.regex(because(said), /refuses before TLS can begin: 550 no reverse name/);
});

test('an application that misses a certificate that nobody asked for: the server has to ask', async (t) => {
  const said = await diagnosisOf(node('server', {}, { status: 403, body: 'client certificate required' }));
  t.is(`${said.cause} ${said.confidence}`, 'certificate_missing likely');
  t.regex(because(said), /did not ask for one in the handshake/);
  t.regex(todo(said), /^server: let the server ask/);
});

test('a client of a CA that the server does not name, and a 403', async (t) => {
  const said = await diagnosisOf(
    node(
      'server',
      { ca: text('clients.crt'), requestCert: true, rejectUnauthorized: false },
      { status: 403, body: 'Forbidden' },
    ),
    { call: [...trusts(), ...presents('client-other')] },
  );
  t.is(`${said.cause} ${said.confidence}`, 'unknown_ca likely');
});

test('an application that speaks of certificates, and asks for none in TLS, is well', async (t) => {
  const body = '{"error":"certificate required: field certificate_id"}';
  const said = await diagnosisOf(node('server', {}, { status: 400, body }));
  t.is(said.exitCode, 0);
  t.regex(noteOf(said, 'refused_by_application'), /the application’s own matter/);
});

test('an intermediate certificate of the right name that has not signed is replaced on the server', async (t) => {
  const said = await failing(/right name and another key/);
  t.is(said.confidence, 'likely');
  t.regex(because(said), /CN=Example Issuing CA.*, whose key has not signed it/);
  t.regex(todo(said), /^server: configure the current certificate of that CA/);
});

test('what a misdirected request is told names the name', async (t) => {
  t.regex(because(await failing(/421/)), /does not answer for shop\.localhost on this connection/);
});

test('an address that is called by a name: the experiment shows that it answers then', async (t) => {
  const said = await failing(/wants a name and says so/);
  t.is(said.confidence, 'proven');
  t.regex(because(said), /called by the name localhost it answers/);
  t.regex(todo(said), /^client: use a host name/);
});

test('a faultless certificate of an acceptable CA is refused: it is something at the server', async (t) => {
  const said = await diagnosisOf(
    deciding(
      (_request, socket) =>
        Object.keys(socket.getPeerCertificate()).length > 0
          ? { status: 400, body: 'The SSL certificate error' }
          : { status: 400, body: 'No required SSL certificate was sent' },
      { ca: text('clients.crt'), requestCert: true, rejectUnauthorized: false },
    ),
    { call: [...trusts(), ...presents('client')] },
  );
  t.is(said.cause, 'certificate_refused');
  t.regex(todo(said), /^server: .*ssl_verify_depth/);
});

test('a bare 403 has more than one reason, with a certificate and without', async (t) => {
  const serve = node(
    'server',
    { ca: text('clients.crt'), requestCert: true, rejectUnauthorized: false },
    { status: 403, body: 'Forbidden' },
  );
  const without = await diagnosisOf(serve);
  t.is(`${without.cause} ${without.confidence}`, 'certificate_missing likely');
  t.regex(todo(without), /^client: .*the address of the client/);
  const presented = await diagnosisOf(serve, { call: [...trusts(), ...presents('client')] });
  t.is(`${presented.cause} ${presented.confidence}`, 'refused_by_application likely');
  t.regex(
    todo(presented),
    /^server: read the log of the server and its access rules: the answer gives no reason/,
  );
});

test('who has no certificate is sent to another page: a note', async (t) => {
  const said = await diagnosisOf(
    node(
      'server',
      { ca: text('clients.crt'), requestCert: true, rejectUnauthorized: false },
      { status: 302, headers: { Location: '/no-certificate' } },
    ),
  );
  t.is(said.exitCode, 0);
  t.regex(noteOf(said, 'refused_by_application'), /302 \(to \/no-certificate\)/);
});

test('a name that is only a common name is refused by other clients: a note', async (t) => {
  const said = await diagnosisOf(node('server-nameless'), {
    host: 'localhost',
    call: trusts('new-root'),
  });
  t.is(said.exitCode, 0);
  t.regex(noteOf(said, 'others_refuse'), /only the common name matches/);
});

test('a CA that is an intermediate one is refused by other clients: a note', async (t) => {
  const said = await diagnosisOf(node('server-long'), { call: trusts('intermediate') });
  t.is(said.exitCode, 0);
  t.regex(noteOf(said, 'others_refuse'), /CN=Example Issuing CA.* is an intermediate one/);
});

/** PKCS #3 parameters of a group of RFC 2409, of 1024 bits. */
function shortParameters(): string {
  const prime = getDiffieHellman('modp2').getPrime();
  const integer = (bytes: Buffer): Buffer => Buffer.concat([Buffer.from([2, 0x81, bytes.length]), bytes]);
  const body = Buffer.concat([integer(Buffer.concat([Buffer.of(0), prime])), Buffer.from('020102', 'hex')]);
  const der = Buffer.concat([Buffer.from([0x30, 0x81, body.length]), body]);
  return `-----BEGIN DH PARAMETERS-----\n${der.toString('base64')}\n-----END DH PARAMETERS-----\n`;
}

(isNewClient ? test.skip : test)('a short Diffie-Hellman prime is refused by others: a note', async (t) => {
  const said = await diagnosisOf(
    node('server-rsa', {
      maxVersion: 'TLSv1.2',
      ciphers: 'DHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0',
      dhparam: shortParameters(),
    }),
  );
  t.is(said.exitCode, 0, JSON.stringify(said.line).slice(0, 600));
  t.regex(noteOf(said, 'others_refuse'), /prime has 1024 bits/);
});

test('a protocol that has to be agreed on: the one that the experiment found is named', async (t) => {
  const said = await diagnosisOf(
    deciding(() => ({ status: 403, body: 'Missing ALPN Protocol, expected `h2`' }), {
      ALPNProtocols: ['h2'],
    }),
  );
  t.is(said.cause, 'no_common_protocol');
  t.regex(because(said), /offers no protocol/);
  t.regex(todo(said), /^client: let the client offer h2/);
});

test('a server that accepts no hello at all: what is left is the server', async (t) => {
  const alert = Buffer.from('15030300020228', 'hex');
  const said = await diagnosisOf(raw((socket) => void socket.once('data', () => socket.end(alert))));
  t.is(said.cause, 'negotiation_failed');
  t.not(said.confidence, 'proven');
  t.regex(because(said), /its certificate fits none of the suites/);
});

/** PostgreSQL as far as its first answer. */
const database = (answer: (startup: string, isSecure: boolean) => Buffer): Serve =>
  raw((socket) => {
    socket.once('data', (first: Buffer) => {
      if (first.readUInt32BE(4) !== 80_877_103)
        return void socket.end(answer(first.toString('latin1'), false));
      socket.write('S');
      const secured = new TLSSocket(socket, {
        isServer: true,
        secureContext: createSecureContext({ cert: text('server.crt'), key: text('server.key') }),
      });
      secured.on('error', () => {});
      secured.once('data', (startup: Buffer) => void secured.end(answer(startup.toString('latin1'), true)));
    });
  });

const fatal = (words: string): Buffer => {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C28000\0M${words}\0\0`);
  const head = Buffer.from('E0000');
  head.writeUInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
};
const letIn = Buffer.from('520000000800000000', 'hex');
const noRule =
  'no pg_hba.conf entry for host "127.0.0.1", user "postgres", database "postgres", SSL encryption';

test('a user that wirelab chose, and the database does not admit, is no failure', async (t) => {
  const serve = database((startup) => (startup.includes('user\0app\0') ? letIn : fatal(noRule)));
  const call = [...trusts(), '--starttls', 'postgres'];
  const chosen = await diagnosisOf(serve, { call });
  t.is(chosen.exitCode, 0, JSON.stringify(chosen.line).slice(0, 600));
  t.regex(noteOf(chosen, 'refused_by_application'), /user “postgres”.*--user NAME/);
  const given = await diagnosisOf(serve, { call: [...call, '--user', 'postgres'] });
  t.is(`${given.exitCode} ${given.cause}`, '1 refused_by_application');
  t.regex(because(given), /FATAL: no pg_hba\.conf entry/);
  t.is((await diagnosisOf(serve, { call: [...call, '--user', 'app'] })).exitCode, 0);
});

test('the client’s certificate names the user of the database', async (t) => {
  const seen: string[] = [];
  const serve = database((startup) => {
    seen.push(startup);
    return letIn;
  });
  const said = await diagnosisOf(serve, {
    call: [...trusts(), '--starttls', 'postgres', ...presents('client')],
  });
  t.is(said.exitCode, 0);
  t.regex(seen[0] ?? '', /user\0alice/);
});

test('a database that lets the same login in without TLS only', async (t) => {
  const said = await diagnosisOf(
    database((_startup, isSecure) => (isSecure ? fatal(noRule) : letIn)),
    { call: [...trusts(), '--starttls', 'postgres'] },
  );
  t.is(`${said.cause} ${said.confidence}`, 'refused_by_application proven');
  t.regex(todo(said), /^server: write hostssl, or host, in the place of hostnossl/);
});

test('HTTP on a port that was called with TLS: TLS is switched on, before anybody does without it', async (t) => {
  const said = await diagnosisOf(plainHttp);
  t.is(`${said.cause} ${said.confidence}`, 'tls_on_plaintext_port proven');
  t.regex(todo(said), /^server: switch TLS on at port \d+, .*nginx: listen \d+ ssl, Apache: SSLEngine on/);
});
