/**
 * What became of connections that fail elsewhere than in the certificates: another protocol than expected, no listener, an
 * end without a word; and that nothing in hostile bytes makes the judge throw. Certificates are in `outcome-openssl`.
 */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import * as fc from 'fast-check';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo, Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import type { ConnectionOptions, TlsOptions } from 'node:tls';
import { readFileSync, writeFileSync } from 'node:fs';
import { loadReadings } from '../../../src/analysis/conversation/conversation.ts';
import { causeWords, wireCauses } from '../../../src/analysis/outcome/cause-words.ts';
import { handshakeSteps } from '../../../src/analysis/outcome/handshake-progress.ts';
import { outcomeKinds } from '../../../src/analysis/outcome/outcome-facts.ts';
import { outcomeOf } from '../../../src/analysis/outcome/outcome.ts';
import { outcomeWords, stepWords } from '../../../src/analysis/outcome/outcome-words.ts';
import type { CauseDetail } from '../../../src/analysis/outcome/refusal-facts.ts';
import { explainRefusal } from '../../../src/analysis/outcome/refusal.ts';
import { hasFailed } from '../../../src/analysis/summary/connection-summary.ts';
import type { CaptureDraft } from '../../../src/capture/event.ts';
import { Flows } from '../../../src/capture/flows.ts';
import type { Connection } from '../../../src/capture/connection.ts';
import { alertOf } from '../../../src/capture/vocabulary.ts';
import { languages } from '../../../src/i18n/language.ts';
import { present, ScriptedLog } from '../../helpers/capture.ts';
import { runProgram, withPeer } from '../../helpers/peer.ts';
import { file, opensslFails, presents, Tap } from '../support/failing-peers.ts';
import { helloOf } from '../../ui/support/failures.ts';

await loadReadings();

const identity = (name: string): { readonly cert: string; readonly key: string } => ({
  cert: readFileSync(file(`${name}.crt`), 'utf8'),
  key: readFileSync(file(`${name}.key`), 'utf8'),
});
const goodCa = readFileSync(file('good-ca.crt'), 'utf8');

/** What a client and a server that were made for each other in this process did, as a tap between them saw it. */
async function recorded(server: Server, speak: (port: number) => Socket): Promise<Connection> {
  const held = new Set<Socket>();
  server.on('connection', (socket: Socket) => held.add(socket.on('error', () => {})));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const tap = new Tap((server.address() as AddressInfo).port);
  try {
    const client = speak(await tap.listen());
    client.on('error', () => {});
    client.resume();
    return await tap.only();
  } finally {
    tap.close();
    server.close();
    for (const socket of held) socket.destroy();
  }
}

const request = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n';
const asks = (port: number): Socket => {
  const socket = connect(port, '127.0.0.1');
  socket.write(request);
  return socket;
};
const greets =
  (options: ConnectionOptions = {}) =>
  (port: number): Socket =>
    connectTls({ port, host: '127.0.0.1', servername: 'localhost', ca: goodCa, ...options });
const tlsServer = (options: TlsOptions = {}): Server => {
  const server = createTlsServer({ ...identity('server'), ...options }, (socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'));
  });
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  return server;
};

/** A server that answers the first bytes with these, and closes. */
const answers = (text: string | Uint8Array): Server =>
  createServer((socket) => socket.once('data', () => socket.end(text)));

function isTold(
  t: ExecutionContext,
  connection: Connection,
  expected: Parameters<ExecutionContext['like']>[1],
  sentence: RegExp,
): void {
  const outcome = outcomeOf(connection);
  t.like(outcome, expected, outcome.sentence.en);
  t.regex(outcome.sentence.en, sentence);
  t.is(/most likely/i.test(outcome.sentence.en), outcome.inferred, outcome.sentence.en);
  t.regex(outcome.sentence.ko, /[다요](?:\(RST\))?\./);
}

withPeer(
  'openssl',
  'HTTP to a TLS port that hangs up (openssl): likely, since the bytes are an unanswered request',
  async (t) => {
    const { connection } = await opensslFails(presents('server'), [], asks);
    isTold(
      t,
      connection,
      { kind: 'no_answer', by: 'server', step: 'plaintext', cause: 'plaintext_on_tls_port', inferred: true },
      /^No answer came\. Most likely the client spoke plain text/,
    );
    const [, first] = outcomeOf(connection).evidence;
    t.like(first, { from: 'client', offset: 0, length: request.length });
  },
);

const complaint = 'HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n';
const alertRecord = Uint8Array.of(21, 3, 1, 0, 2, 2, 70);

for (const [how, answer, decisive] of [
  ['an alert', alertRecord, 'Alert'],
  ['words of HTTP', complaint, undefined],
] as const) {
  test(`HTTP to a TLS port that says so with ${how}: proven`, async (t) => {
    const connection = await recorded(answers(answer), asks);
    isTold(
      t,
      connection,
      { kind: 'refused_by_server', by: 'server', cause: 'plaintext_on_tls_port', inferred: false },
      /^The server refused.*: the client spoke plain text/,
    );
    t.like(outcomeOf(connection).evidence[0], { from: 'server', offset: 0, message: decisive });
  });
}

test('the same request to a server of HTTP is completed, also where it is refused there', async (t) => {
  const found = await recorded(answers('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n'), asks);
  isTold(
    t,
    found,
    { kind: 'completed', cause: undefined, inferred: false, step: 'plaintext' },
    /^Completed: data was exchanged; the server closed first\.$/,
  );
});

test('TLS to a port of HTTP: the answer is no record, and its first line is told', async (t) => {
  const connection = await recorded(createHttpServer(), greets());
  isTold(
    t,
    connection,
    {
      cause: 'tls_on_plaintext_port',
      inferred: false,
      step: 'client_hello',
      detail: { said: 'HTTP/1.1 400 Bad Request' },
    },
    /the answer was not TLS: HTTP\/1\.1 400 Bad Request\./,
  );
  t.true(outcomeOf(connection).evidence.some((one) => 'message' in one && one.message === 'ClientHello'));
});

test('TLS to a server that greets first in plain text', async (t) => {
  const server = createServer((socket) => socket.resume().write('220 mail.example ESMTP\r\n'));
  isTold(
    t,
    await recorded(server, greets()),
    { cause: 'tls_on_plaintext_port', inferred: false, detail: { said: '220 mail.example ESMTP' } },
    /the answer was not TLS: 220 mail\.example ESMTP/,
  );
});

test('a disguise as TLS, with an empty record in place of a hello, does not accuse the port', async (t) => {
  const asks = (port: number): Socket => {
    const socket = connect(port, '127.0.0.1');
    socket.end(Uint8Array.of(22, 3, 1, 0, 0));
    return socket.resume();
  };
  const outcome = outcomeOf(await recorded(answers(Uint8Array.of(23, 3, 1, 0, 0)), asks));
  t.not(outcome.cause, 'tls_on_plaintext_port');
  t.notRegex(outcome.sentence.en, /ClientHello/);
});

test('a server that closes after the ClientHello gives no reason, and no alert of the client is taken for one', async (t) => {
  const silent = await recorded(answers(''), greets());
  isTold(
    t,
    silent,
    {
      kind: 'closed_without_alert',
      by: 'server',
      step: 'client_hello',
      cause: 'closed_during_handshake',
      inferred: false,
      alert: undefined,
    },
    /^The server closed the connection without an alert right after the ClientHello: it gave no reason\./,
  );
  t.like(outcomeOf(silent).evidence[1], { from: 'client', message: 'ClientHello' });
});

test('a server that resets in the middle of the handshake', async (t) => {
  const server = createServer((socket) => socket.once('data', () => socket.resetAndDestroy()));
  isTold(
    t,
    await recorded(server, greets()),
    { kind: 'reset', by: 'server', step: 'client_hello', cause: 'closed_during_handshake' },
    /^The server broke the connection off \(RST\) right after the ClientHello/,
  );
});

for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
  const both = { minVersion: version, maxVersion: version } as const;
  test(`${version}: a server of Node that does not trust the client's CA closes without an alert: likely for its certificate`, async (t) => {
    const server = tlsServer({ ...both, requestCert: true, rejectUnauthorized: true, ca: goodCa });
    const connection = await recorded(server, greets({ ...both, ...identity('client-other') }));
    isTold(
      t,
      connection,
      { by: 'server', cause: 'certificate_not_accepted', inferred: true, alert: undefined },
      /[Mm]ost likely/,
    );
  });

  test(`${version}: its twin with a certificate is let in`, async (t) => {
    const server = tlsServer({ ...both, requestCert: true, rejectUnauthorized: true, ca: goodCa });
    const connection = await recorded(server, (port) => {
      const socket = greets({ ...both, ...identity('client') })(port);
      socket.write(request);
      return socket;
    });
    isTold(
      t,
      connection,
      { kind: 'completed', cause: undefined, inferred: false },
      /^Completed: the handshake succeeded/,
    );
  });
}

withPeer(
  ['gnutls-cli', 'openssl'],
  'a client of GnuTLS that does not trust the CA says so, or is likely to have',
  async (t) => {
    for (const [version, words] of [
      ['1.2', 'NORMAL:-VERS-ALL:+VERS-TLS1.2'],
      ['1.3', 'NORMAL:-VERS-ALL:+VERS-TLS1.3'],
    ] as const) {
      const { connection, keys } = await opensslFails(presents('server'), [], undefined, [
        'gnutls-cli',
        '--priority',
        words,
        '--x509cafile',
        file('other-ca.crt'),
        '--sni-hostname',
        'localhost',
        '127.0.0.1',
        '--port',
      ]);
      const outcome = outcomeOf(connection, { keys });
      t.like(
        outcome,
        { kind: 'refused_by_client', by: 'client', step: 'server_flight' },
        `${version}: ${outcome.sentence.en}`,
      );
      t.true(['unknown_ca', 'certificate_not_accepted'].includes(outcome.cause ?? ''), outcome.sentence.en);
    }
  },
);

withPeer(['curl', 'openssl'], 'curl refuses another CA under both versions', async (t) => {
  for (const version of ['1.2', '1.3'] as const) {
    const { connection } = await opensslFails(presents('server'), [], undefined, [
      'curl',
      '-s',
      `--tlsv${version}`,
      '--tls-max',
      version,
      '--cacert',
      file('other-ca.crt'),
      'https://127.0.0.1:{}',
    ]);
    isTold(
      t,
      connection,
      { kind: 'refused_by_client', by: 'client', cause: 'unknown_ca', inferred: false, alert: { code: 48 } },
      /alert unknown_ca \(48\): the server's certificate was issued by a CA/,
    );
  }
});

withPeer(
  'openssl',
  'a lone certificate that says where its issuer is to be had lacks an intermediate, likely; one that does not, has an unknown CA',
  async (t) => {
    const place = (name: string): string => file(`access-${name}`);
    writeFileSync(
      place('words'),
      'authorityInfoAccess=caIssuers;URI:http://localhost/ca.crt\nsubjectAltName=DNS:localhost\n',
    );
    const made = [
      await runProgram('openssl', [
        'req',
        '-new',
        '-key',
        file('server.key'),
        '-subj',
        '/CN=localhost',
        '-out',
        place('csr'),
      ]),
      await runProgram('openssl', [
        'x509',
        '-req',
        '-in',
        place('csr'),
        '-CA',
        file('good-ca.crt'),
        '-CAkey',
        file('good-ca.key'),
        '-extfile',
        place('words'),
        '-out',
        place('crt'),
      ]),
    ];
    t.deepEqual(
      made.map(({ exitCode }) => exitCode),
      [0, 0],
      made.map(({ stderr }) => stderr).join(''),
    );
    const trusts = ['-CAfile', file('other-ca.crt'), '-verify_return_error', '-tls1_2'];
    const lone = await opensslFails(['-cert', place('crt'), '-key', file('server.key')], trusts);
    isTold(
      t,
      lone.connection,
      { kind: 'refused_by_client', cause: 'intermediate_missing', inferred: true, alert: { code: 48 } },
      /Most likely the server sent its own certificate, but not the intermediate one/,
    );
    const plain = await opensslFails(presents('server'), trusts);
    isTold(
      t,
      plain.connection,
      { kind: 'refused_by_client', cause: 'unknown_ca', inferred: false },
      /issued by a CA that the client does not trust/,
    );
  },
);

test('ten thousand alerts of one side are judged in bounded time, and are no handshake', (t) => {
  const many = Buffer.concat(Array.from({ length: 10_000 }, () => alertRecord));
  const started = performance.now();
  const outcome = outcomeOf(
    written(
      opened,
      { type: 'bytes', conn: 1, hop: 'A', vantage: 'wire', from: 'client', bytes: many },
      { ...closed, how: 'end' },
    ),
  );
  t.true(performance.now() - started < 20_000);
  t.like(outcome, {
    kind: 'refused_by_client',
    cause: 'other_alert',
    confidence: 'unknown',
    step: undefined,
  });
});

withPeer('openssl', 'a HelloRetryRequest is no failure', async (t) => {
  const { connection } = await opensslFails(
    [...presents('server'), '-tls1_3', '-groups', 'P-384'],
    ['-CAfile', file('good-ca.crt'), '-tls1_3', '-groups', 'X25519:P-384'],
  );
  isTold(t, connection, { kind: 'completed', cause: undefined, inferred: false }, /^Completed/);
});

/** A log written by hand, of one connection. */
function written(...drafts: readonly CaptureDraft[]): Connection {
  const { log } = new ScriptedLog();
  const flows = new Flows(log);
  log.subscribe(flows.fold);
  for (const draft of drafts) log.append(draft);
  return present(flows.connections[0]);
}

const opened = {
  type: 'opened',
  conn: 1,
  hop: 'A',
  transport: 'tcp',
  from: { host: '127.0.0.1', port: 50_000 },
  to: { host: '127.0.0.1', port: 1 },
} as const;
const closed = { type: 'closed', conn: 1, hop: 'A', by: 'server', how: 'reset' } as const;

test('a port on which nothing listens is told apart from a connection that was reset, and from a SYN that nobody answered', (t) => {
  isTold(
    t,
    written(opened, { ...closed, unaccepted: true }),
    {
      kind: 'not_accepted',
      by: 'server',
      step: 'connecting',
      cause: 'nothing_listens',
      inferred: false,
      evidence: [{ event: 1 }],
    },
    /nothing listens on that address and port/,
  );
  isTold(
    t,
    written(opened, { ...closed, by: 'unknown', how: 'timeout', unaccepted: true }),
    { kind: 'no_answer', step: 'connecting', cause: 'unanswered', inferred: false },
    /was retransmitted repeatedly/,
  );
  isTold(
    t,
    written(opened, closed),
    { kind: 'reset', by: 'server', cause: undefined, inferred: false },
    /^The server broke the connection off \(RST\)\.$/,
  );
});

test('what a capture joined late says so, and its first bytes prove no protocol', (t) => {
  const bytes = (from: 'client' | 'server', text: string | Uint8Array) =>
    ({ type: 'bytes', conn: 1, hop: 'A', vantage: 'wire', from, bytes: Buffer.from(text) }) as const;
  const late = written({ ...opened, late: true }, bytes('client', 'nonsense'), bytes('server', alertRecord), {
    ...closed,
    how: 'end',
  });
  t.like(outcomeOf(late), { joinedLate: true });
  t.not(outcomeOf(late).cause, 'plaintext_on_tls_port');
  t.regex(outcomeOf(late).sentence.en, /^The capture joined this connection after it had begun\. /);
  t.regex(
    outcomeOf(written(opened, bytes('client', 'nonsense'))).sentence.en,
    /^Still open when the log ends/,
  );
});

withPeer(
  'openssl',
  'of a connection of which one direction was captured, no silence is concluded',
  async (t) => {
    const { connection } = await opensslFails(
      [...presents('server'), '-tls1_2'],
      ['-CAfile', file('good-ca.crt')],
    );
    for (const from of ['client', 'server'] as const) {
      const stream = connection.stream('wire', from);
      const half = written(
        opened,
        ...stream.chunks.map(
          (chunk) =>
            ({
              type: 'bytes',
              conn: 1,
              hop: 'A',
              vantage: 'wire',
              from,
              bytes: stream.payload(chunk),
            }) as const,
        ),
        { ...closed, how: 'end' },
      );
      isTold(
        t,
        half,
        { kind: 'completed', oneSided: true, inferred: true, cause: undefined },
        /only one direction was captured/,
      );
    }
  },
);

withPeer(
  'openssl',
  'of a connection of which bytes are missing, no silence is concluded either',
  async (t) => {
    const { connection } = await opensslFails(
      [...presents('server'), '-tls1_2'],
      ['-CAfile', file('good-ca.crt')],
    );
    const said = (['client', 'server'] as const)
      .flatMap((from) =>
        connection.stream('wire', from).chunks.map((chunk) => ({
          from,
          seq: chunk.seq,
          bytes: connection.stream('wire', from).payload(chunk),
        })),
      )
      .toSorted((one, other) => one.seq - other.seq);
    // The client's key exchange and Finished, whichever way it sent them.
    const lost = said.findIndex(({ from }, index) => from === 'client' && index > 0);
    const drafts = said.map(
      ({ from, bytes }, index) =>
        ({
          type: 'bytes',
          conn: 1,
          hop: 'A',
          vantage: 'wire',
          from,
          ...(index === lost ? { bytes: new Uint8Array(0), dropped: bytes.length } : { bytes }),
        }) as const,
    );
    isTold(
      t,
      written(opened, ...drafts, { ...closed, how: 'end' }),
      { kind: 'completed', incomplete: true, inferred: true, cause: undefined },
      /bytes of the handshake are not in the capture/,
    );
  },
);

test('any bytes on either side, cut anywhere, have an outcome of the closed vocabulary, and harmless sentences', (t) => {
  const piece = fc.record({
    from: fc.constantFrom('client', 'server'),
    bytes: fc.oneof(
      fc.uint8Array({ maxLength: 80 }),
      fc.constantFrom(
        alertRecord,
        Buffer.from(request),
        Buffer.from(complaint),
        Uint8Array.of(22, 3, 3, 0, 4, 11, 0, 0, 0),
      ),
    ),
  });
  const end = fc.option(
    fc.record({
      by: fc.constantFrom('client', 'server', 'unknown'),
      how: fc.constantFrom('end', 'reset', 'timeout'),
    }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), end, (pieces, how) => {
      const drafts = pieces.map(
        ({ from, bytes }) => ({ type: 'bytes', conn: 1, hop: 'A', vantage: 'wire', from, bytes }) as const,
      );
      const outcome = outcomeOf(
        written(
          opened,
          ...drafts,
          ...(how ? [{ type: 'closed', conn: 1, hop: 'A', ...how } as CaptureDraft] : []),
        ),
      );
      t.true(outcomeKinds.includes(outcome.kind));
      for (const language of languages) t.notRegex(outcome.sentence[language], /\p{Cc}|undefined|^\s*$/u);
    }),
  );
});

withPeer(
  'openssl',
  'a refused handshake cut after any of its chunks is judged as far as it came',
  async (t) => {
    const { connection } = await opensslFails(
      [
        ...presents('server'),
        '-CAfile',
        file('good-ca.crt'),
        '-Verify',
        '2',
        '-verify_return_error',
        '-tls1_2',
      ],
      ['-CAfile', file('good-ca.crt'), ...presents('client-other')],
    );
    const chunks = (['client', 'server'] as const)
      .flatMap((from) => connection.stream('wire', from).chunks.map((chunk) => ({ from, chunk })))
      .toSorted((one, other) => one.chunk.seq - other.chunk.seq);
    const kinds = chunks.map((_, count) => {
      const drafts = chunks.slice(0, count).map(
        ({ from, chunk }) =>
          ({
            type: 'bytes',
            conn: 1,
            hop: 'A',
            vantage: 'wire',
            from,
            bytes: connection.stream('wire', from).payload(chunk),
          }) as const,
      );
      return outcomeOf(written(opened, ...drafts, { ...closed, how: 'end' })).kind;
    });
    t.is(kinds[0], 'empty');
    t.false(kinds.includes('completed'));
    t.is(outcomeOf(connection).cause, 'unknown_ca');
  },
);

withPeer(
  'openssl',
  'TLS behind STARTTLS is judged as TLS from the first byte is, and what stands before it proves no other protocol',
  async (t) => {
    const before = [
      ['server', '220 mail.example ESMTP\r\n'],
      ['client', 'EHLO me\r\n'],
      ['server', '250-mail.example\r\n250 STARTTLS\r\n'],
      ['client', 'STARTTLS\r\n'],
      ['server', '220 go ahead\r\n'],
    ] as const;
    for (const [name, expected] of [
      ['client', { kind: 'completed', cause: undefined }],
      [
        'client-other',
        { kind: 'refused_by_server', cause: 'unknown_ca', inferred: false, step: 'client_certificate' },
      ],
    ] as const) {
      const { connection } = await opensslFails(
        [
          ...presents('server'),
          '-CAfile',
          file('good-ca.crt'),
          '-Verify',
          '2',
          '-verify_return_error',
          '-tls1_2',
        ],
        ['-CAfile', file('good-ca.crt'), ...presents(name)],
      );
      const chunks = (['client', 'server'] as const)
        .flatMap((from) => connection.stream('wire', from).chunks.map((chunk) => ({ from, chunk })))
        .toSorted((one, other) => one.chunk.seq - other.chunk.seq);
      const all = [
        ...before.map(([from, text]) => ({ from, bytes: Buffer.from(text) })),
        ...chunks.map(({ from, chunk }) => ({ from, bytes: connection.stream('wire', from).payload(chunk) })),
      ];
      const outcome = outcomeOf(
        written(
          opened,
          ...all.map((piece) => ({ type: 'bytes', conn: 1, hop: 'A', vantage: 'wire', ...piece }) as const),
          { ...closed, how: 'end' },
        ),
      );
      t.like(outcome, expected, outcome.sentence.en);
    }
  },
);

const full: CauseDetail = {
  presented: {
    subject: 'CN=\u001b[2Jx',
    issuer: 'CN=y',
    serial: '01',
    notBefore: '2026-01-01T00:00:00Z',
    notAfter: '2027-01-01T00:00:00Z',
    san: [],
    isCa: false,
    publicKey: 'P-256',
    sha256: '00',
  },
  expected: 'a\u0007b',
  offered: ['TLS 1.2', 'x\u001b'],
  picked: 'TLS 1.0',
  seenAt: '2026-06-01T00:00:00Z',
  said: 'no\u0000',
};

test('every kind, step and cause has its words in every language, harmless, with all the facts and with none', (t) => {
  t.deepEqual(Object.keys(outcomeWords), [...outcomeKinds]);
  t.deepEqual(Object.keys(stepWords), [...handshakeSteps]);
  t.deepEqual(Object.keys(causeWords), [...wireCauses]);
  for (const reason of wireCauses) {
    for (const by of ['client', 'server'] as const) {
      for (const detail of [full, {}]) {
        const said = explainRefusal({ by, reason, detail, alert: alertOf(40) });
        for (const part of ['name', 'because', 'remedy'] as const) {
          for (const language of languages) {
            const text = said[part][language];
            t.notRegex(text, /\p{Cc}|undefined|\(\)|: $|^\s*$/u, `${reason}.${part}.${language}`);
            t.is(text, text.normalize('NFC'));
          }
          if (part !== 'name')
            t.regex(said[part].ko, /[다요]\.$|[다요]\. 예: .*$|: .*$/, `${reason}.${part}`);
        }
      }
    }
  }
});

test('a client that leaves upon the request for a certificate may be letting its user choose one: no refusal is guessed', async (t) => {
  const asking = tlsServer({ requestCert: true, maxVersion: 'TLSv1.2' });
  const connection = await recorded(asking, (port) => {
    const socket = connect(port, '127.0.0.1');
    void helloOf({}).then((hello) => socket.write(hello));
    socket.once('data', () => socket.end());
    return socket;
  });
  isTold(
    t,
    connection,
    {
      kind: 'left_on_request',
      by: 'client',
      confidence: 'proven',
      detail: {},
    },
    /Browsers do so .* let their user choose a certificate, and come back over a new one/,
  );
  t.is(outcomeOf(connection).cause, undefined);
  t.false(hasFailed(outcomeOf(connection)));
  t.notRegex(outcomeOf(connection).sentence.en, /refused/);
});

test('a client that names no server is told so, and not that its name is unknown', (t) => {
  const unnamed = explainRefusal({ by: 'server', reason: 'unknown_server_name', detail: { unnamed: true } });
  t.regex(unnamed.because.en, /names no server/);
  t.notRegex(unnamed.remedy.en, /check the name in the address/);
  t.regex(
    explainRefusal({ by: 'server', reason: 'unknown_server_name', detail: { expected: 'a.example' } }).because
      .en,
    /: a\.example$/,
  );
});

test('what is to be done fits what was seen', (t) => {
  const alert = { level: 'fatal', code: 20, description: 'bad_record_mac' } as const;
  const altered = explainRefusal({ by: 'server', reason: 'handshake_altered', alert, detail: {} });
  t.regex(altered.because.en, /could not be decrypted, or its check value does not fit/);
  t.notRegex(altered.because.en, /Finished/);
  const digest = { level: 'fatal', code: 51, description: 'decrypt_error' } as const;
  t.regex(
    explainRefusal({ by: 'server', reason: 'handshake_altered', alert: digest, detail: {} }).because.en,
    /Finished message/,
  );
  const said = '454 TLS currently unavailable';
  const remedyOf = (detail: { readonly said?: string }): string =>
    explainRefusal({ by: 'server', reason: 'starttls_refused', detail }).remedy.en;
  t.regex(
    remedyOf({ said }),
    /^read the log of the server: .* a certificate or key file that cannot be loaded/,
  );
  t.regex(remedyOf({ said: '502 not implemented' }), /^configure a certificate and enable TLS on the server/);
  t.regex(
    explainRefusal({ by: 'server', reason: 'proxy_header_missing', detail: {} }).remedy.en,
    /nginx: proxy_protocol in the listen line, haproxy: accept-proxy, wirelab: --proxy-protocol in\)$/,
  );
});

test('a TLS 1.3 client whose first sealed record has not the size of an alert has not sent one', async (t) => {
  const connection = await recorded(tlsServer(), (port) => {
    const socket = connect(port, '127.0.0.1');
    void helloOf({}).then((hello) => socket.write(hello));
    socket.once('data', () => socket.end(Buffer.from(`1703030020${'5a'.repeat(32)}`, 'hex')));
    return socket;
  });
  t.not(outcomeOf(connection).kind, 'refused_by_client');
});

test('a tunnel through which nothing was said is told as that', (t) => {
  const script = new ScriptedLog();
  script.opened();
  script.bytes('client', 'CONNECT shop.localhost:443 HTTP/1.1\r\nHost: shop.localhost:443\r\n\r\n');
  script.bytes('server', 'HTTP/1.1 200 OK\r\n\r\n');
  script.closed('client');
  const flows = new Flows(script.log);
  script.log.subscribe(flows.fold);
  const outcome = outcomeOf(present(flows.connection(1)));
  t.like(outcome, { kind: 'empty', by: 'client', inTunnel: true });
  t.regex(outcome.sentence.en, /^[Aa] tunnel was opened and closed, and nothing was said through it/);
  t.regex(outcome.sentence.ko, /터널이 열렸다가/);
});

test('an answer whose beginning was not captured is an answer', (t) => {
  const script = new ScriptedLog();
  script.opened();
  script.bytes('client', request);
  script.log.append({
    type: 'bytes',
    conn: 1,
    hop: 'A',
    vantage: 'wire',
    from: 'server',
    bytes: new Uint8Array(0),
    dropped: 1460,
  });
  script.bytes('server', 'the rest of it');
  script.closed('server');
  const flows = new Flows(script.log);
  script.log.subscribe(flows.fold);
  t.not(outcomeOf(present(flows.connection(1))).cause, 'plaintext_on_tls_port');
});
