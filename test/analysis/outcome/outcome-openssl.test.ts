/**
 * Why a handshake failed, found in bytes that real programs exchanged, of which only the configuration is known: each cause
 * under TLS 1.2, and under TLS 1.3 with the keys and without. Nothing is known of the endpoints but their bytes.
 */
import type { AlertName } from '../../../src/capture/vocabulary.ts';
import type { ExecutionContext } from 'ava';
import { loadReadings } from '../../../src/analysis/conversation/conversation.ts';
import type { Cause } from '../../../src/analysis/outcome/cause-words.ts';
import { outcomeOf } from '../../../src/analysis/outcome/outcome.ts';
import type { Outcome, OutcomeKind } from '../../../src/analysis/outcome/outcome-facts.ts';
import type { Side } from '../../../src/capture/event.ts';
import { withPeer } from '../../helpers/peer.ts';
import { file, opensslFails, presents } from '../support/failing-peers.ts';

await loadReadings();

type Named = 'said' | 'likely';
/** A cause as it is found; `likely` where it is inferred. */
type Finding = readonly [cause: Cause, named: Named];

interface Failure {
  readonly server: readonly string[];
  readonly client: readonly string[];
  readonly by: Side;
  readonly alert: AlertName | { readonly '1.2': AlertName; readonly '1.3': AlertName };
  /** The message that was judged, where it can be read. */
  readonly about: 'ClientHello' | 'Certificate';
  /** Where everything can be read: under TLS 1.2, and under TLS 1.3 with the keys. */
  readonly read: Finding;
  /** Under TLS 1.3 without the keys; `sealed` tells whether the alert itself is. */
  readonly unread: Finding;
  readonly sealed?: true;
}

const asks = [
  '-CAfile',
  file('good-ca.crt'),
  '-Verify',
  '2',
  '-verify_return_error',
  '-verify_quiet',
  '-no_rx_cert_comp',
];
/** OpenSSL compresses where it may. */
const takesCompressed = asks.filter((word) => word !== '-no_rx_cert_comp');
const trusts = ['-CAfile', file('good-ca.crt'), '-verify_return_error'];
const named = [...trusts, '-servername', 'localhost', '-verify_hostname', 'localhost'];
const byServer = {
  server: [...presents('server'), ...asks],
  by: 'server',
  about: 'Certificate',
  sealed: true,
  unread: ['certificate_not_accepted', 'likely'],
} as const;
const byClient = {
  client: named,
  by: 'client',
  about: 'Certificate',
  unread: ['certificate_not_accepted', 'said'],
} as const;
const before = { server: presents('server'), by: 'server', about: 'ClientHello' } as const;

const failures: Readonly<Record<string, Failure>> = {
  'a client without a certificate': {
    ...byServer,
    client: named,
    alert: { '1.2': 'handshake_failure', '1.3': 'certificate_required' },
    read: ['certificate_missing', 'said'],
    unread: ['certificate_missing', 'likely'],
  },
  'a client of another CA': {
    ...byServer,
    client: [...named, ...presents('client-other')],
    alert: 'unknown_ca',
    read: ['unknown_ca', 'said'],
  },
  'a client that vouches for itself': {
    ...byServer,
    client: [...named, ...presents('client-self-signed')],
    alert: 'unknown_ca',
    read: ['self_signed', 'said'],
  },
  'a client that has expired': {
    ...byServer,
    client: [...named, ...presents('client-expired')],
    alert: 'certificate_expired',
    read: ['certificate_expired', 'said'],
  },
  'a client from the future': {
    ...byServer,
    client: [...named, ...presents('client-not-yet-valid')],
    alert: 'bad_certificate',
    read: ['certificate_not_yet_valid', 'likely'],
  },
  "a client with a server's certificate": {
    ...byServer,
    client: [...named, ...presents('client-wrong-usage')],
    alert: 'unsupported_certificate',
    read: ['wrong_usage', 'said'],
  },
  'a client that was revoked': {
    ...byServer,
    server: [...byServer.server, '-CRL', file('good-ca.crl'), '-crl_check'],
    client: [...named, ...presents('client-revoked')],
    alert: 'certificate_revoked',
    read: ['certificate_revoked', 'said'],
  },
  'a server of another CA': {
    ...byClient,
    server: presents('server'),
    client: ['-CAfile', file('other-ca.crt'), '-verify_return_error'],
    alert: 'unknown_ca',
    read: ['unknown_ca', 'said'],
    unread: ['unknown_ca', 'said'],
  },
  'a server that vouches for itself': {
    ...byClient,
    server: presents('server-self-signed'),
    alert: 'unknown_ca',
    read: ['self_signed', 'said'],
    unread: ['unknown_ca', 'said'],
  },
  'a server that has expired': {
    ...byClient,
    server: presents('server-expired'),
    alert: 'certificate_expired',
    read: ['certificate_expired', 'said'],
    unread: ['certificate_expired', 'said'],
  },
  'a server from the future': {
    ...byClient,
    server: presents('server-not-yet-valid'),
    alert: 'bad_certificate',
    read: ['certificate_not_yet_valid', 'likely'],
  },
  "a server with a client's certificate": {
    ...byClient,
    server: presents('server-wrong-usage'),
    alert: 'unsupported_certificate',
    read: ['wrong_usage', 'said'],
    unread: ['wrong_usage', 'likely'],
  },
  'a server with a forged certificate': {
    ...byClient,
    server: [...presents('server-bad-signature'), '-cert_chain', file('good-ca.crt')],
    alert: 'decrypt_error',
    read: ['bad_signature', 'likely'],
    unread: ['proof_failed', 'said'],
  },
  'a server of another name': {
    ...byClient,
    server: presents('server'),
    client: [...trusts, '-servername', 'wrong.example', '-verify_hostname', 'wrong.example'],
    alert: 'bad_certificate',
    read: ['name_mismatch', 'likely'],
  },
  'no application protocol in common': {
    ...before,
    server: [...presents('server'), '-alpn', 'h2'],
    client: [...named, '-alpn', 'http/1.1'],
    alert: 'no_application_protocol',
    read: ['no_common_protocol', 'said'],
    unread: ['no_common_protocol', 'said'],
  },
  'a name that the server does not have': {
    ...before,
    server: [
      ...presents('server'),
      '-servername',
      'good.example',
      '-servername_fatal',
      '-cert2',
      file('server.crt'),
      '-key2',
      file('server.key'),
    ],
    client: [...trusts, '-servername', 'bad.example'],
    alert: 'unrecognized_name',
    read: ['unknown_server_name', 'said'],
    unread: ['unknown_server_name', 'said'],
  },
  'no group in common': {
    ...before,
    server: [...presents('server'), '-groups', 'P-384'],
    client: [...named, '-groups', 'X25519'],
    alert: 'handshake_failure',
    read: ['no_common_group', 'likely'],
    unread: ['no_common_group', 'likely'],
  },
  'no signature algorithm in common': {
    ...before,
    client: [...named, '-sigalgs', 'ed25519'],
    alert: 'handshake_failure',
    read: ['no_common_signature', 'likely'],
    unread: ['no_common_signature', 'likely'],
  },
};

const kinds: Readonly<Record<Side, OutcomeKind>> = {
  client: 'refused_by_client',
  server: 'refused_by_server',
};

/** What is told must be whole sentences in both languages, and call an inference one. */
function isTold(t: ExecutionContext, { sentence, inferred }: Outcome): void {
  t.regex(sentence.en, /^[A-Z].*\. What to try: .*[.?!]$/);
  t.regex(sentence.ko, /습니다.*해결 방법: .*\.$/);
  t.is(/most likely/i.test(sentence.en), inferred, sentence.en);
  t.is(/추정|보입니다/.test(sentence.ko), inferred, sentence.ko);
}

for (const [title, failure] of Object.entries(failures)) {
  const { server, client, by, alert, about, read, unread, sealed = false } = failure;
  for (const version of ['1.2', '1.3'] as const) {
    withPeer('openssl', `${title}, TLS ${version}`, async (t) => {
      const { connection, keys } = await opensslFails(server, [
        ...client,
        version === '1.2' ? '-tls1_2' : '-tls1_3',
      ]);
      const readings =
        version === '1.2'
          ? ([[[], false]] as const)
          : ([
              [keys, false],
              [[], true],
            ] as const);
      for (const [lines, isUnread] of readings) {
        const outcome = outcomeOf(connection, { keys: lines });
        const [cause, how] = isUnread ? unread : read;
        t.like(
          outcome,
          {
            kind: kinds[by],
            by,
            source: 'wire',
            cause,
            inferred: how === 'likely',
            step:
              about === 'ClientHello'
                ? 'client_hello'
                : by === 'server'
                  ? 'client_certificate'
                  : 'server_flight',
          },
          outcome.sentence.en,
        );
        t.is(
          outcome.alert?.description,
          isUnread && sealed ? undefined : typeof alert === 'string' ? alert : alert[version],
        );
        const [decisive, judged] = outcome.evidence;
        t.like(decisive, { from: by, message: isUnread && sealed ? 'ApplicationData' : 'Alert' });
        t.like(judged, {
          from: by === 'server' ? 'client' : 'server',
          message: isUnread && about === 'Certificate' ? 'ApplicationData' : about,
        });
        isTold(t, outcome);
      }
    });
  }
}

const admitted = {
  TLS: [presents('server'), named],
  'mutual TLS': [
    [...presents('server'), ...asks],
    [...named, ...presents('client')],
  ],
} as const;

for (const [title, [server, client]] of Object.entries(admitted)) {
  for (const version of ['1.2', '1.3'] as const) {
    withPeer(
      'openssl',
      `${title} ${version}: the twin of those who are refused is let in, with keys and without`,
      async (t) => {
        const { connection, keys } = await opensslFails(server, [
          ...client,
          version === '1.2' ? '-tls1_2' : '-tls1_3',
        ]);
        for (const lines of [[], keys]) {
          const outcome = outcomeOf(connection, { keys: lines });
          t.like(
            outcome,
            {
              kind: 'completed',
              cause: undefined,
              alert: undefined,
              inferred: false,
              step: 'application_data',
            },
            outcome.sentence.en,
          );
          t.regex(outcome.sentence.en, /^Completed: the handshake succeeded/);
        }
      },
    );
  }
}

withPeer('openssl', 'a certificate that came compressed is looked at all the same', async (t) => {
  for (const [name, cause] of [
    ['client-wrong-usage', 'wrong_usage'],
    ['client-self-signed', 'self_signed'],
  ] as const) {
    const { connection, keys } = await opensslFails(
      [...presents('server'), ...takesCompressed],
      [...named, ...presents(name), '-tls1_3'],
    );
    const outcome = outcomeOf(connection, { keys });
    t.like(
      outcome,
      { kind: 'refused_by_server', cause, inferred: false, step: 'client_certificate' },
      outcome.sentence.en,
    );
    t.like(outcome.evidence[1], { from: 'client' });
  }
});

const versions = {
  'no version in common': [['-tls1_3'], ['-tls1_2'], 'no_common_version', 'protocol_version', 'said'],
  'no suite in common': [
    ['-tls1_2', '-cipher', 'ECDHE-ECDSA-AES256-GCM-SHA384'],
    ['-tls1_2', '-cipher', 'ECDHE-ECDSA-CHACHA20-POLY1305'],
    'no_common_cipher',
    'handshake_failure',
    'likely',
  ],
} as const;

for (const [title, [server, client, cause, alert, how]] of Object.entries(versions)) {
  withPeer('openssl', title, async (t) => {
    const { connection } = await opensslFails([...presents('server'), ...server], [...named, ...client]);
    const outcome = outcomeOf(connection);
    t.like(outcome, {
      kind: 'refused_by_server',
      by: 'server',
      step: 'client_hello',
      cause,
      inferred: how === 'likely',
      alert: { description: alert },
    });
    t.like(outcome.evidence[1], { from: 'client', message: 'ClientHello', offset: 0, record: 1 });
    isTold(t, outcome);
  });
}
