/** On which machine something is to be done: the label of a remedy fits its words, for every cause. */
import test from 'ava';
import type { Side } from '../../src/capture/event.ts';
import { refusalReasons } from '../../src/capture/vocabulary.ts';
import type { CertificateSummary } from '../../src/capture/vocabulary.ts';
import { wireCauses } from '../../src/analysis/outcome/cause-words.ts';
import type { Cause } from '../../src/analysis/outcome/cause-words.ts';
import { explained } from '../../src/diagnosis/case.ts';
import type { Finding, Machine } from '../../src/diagnosis/diagnosis.ts';
import { foundCauses } from '../../src/diagnosis/diagnosis.ts';
import { found } from '../../src/diagnosis/found.ts';

/** What is said to those who run one machine, and to nobody else. */
const said: Readonly<Record<Machine, RegExp>> = {
  client:
    /let the client |make the client |--cert and --key|--cacert|use https:\/\/|use a host name|on the client's side|client's certificate;|have .* sign its request/,
  server:
    /let the server |update the server|on the server\b|on the server's side|\bat the server\b|the server must|check that the server|renew the server's/,
  between:
    /what stands between the two|firewalls? on the way|(?<!nothing )between the two sides|let ICMP|at the proxy|the load balancer in front|start the proxy|whether the proxy allows|--target-alpn|one of the targets|captures at both ends|what the sender writes/,
};
const machines = ['client', 'server', 'between'] as const;

/** Whom the first part of a remedy speaks to: what follows a semicolon or a full stop is for whom that does not help. */
function spokenTo(words: string): Machine | undefined {
  const [clause = ''] = words.split(/[;.] /);
  const first = machines
    .flatMap((machine) => {
      const at = clause.search(said[machine]);
      return at < 0 ? [] : [{ machine, at }];
    })
    .toSorted((one, other) => one.at - other.at)[0];
  return first?.machine;
}

const all: readonly Cause[] = [...new Set<Cause>([...refusalReasons, ...wireCauses])];
const sides: readonly Side[] = ['client', 'server'];

const explain = (cause: Cause, by: Side): Finding =>
  explained({ cause, by, detail: {}, confidence: 'likely', evidence: [] });

for (const by of sides)
  test(`each remedy is done where its words are said, for what the ${by} refuses`, (t) => {
    const wrong = all.flatMap((cause) => {
      const { on, words } = explain(cause, by).remedy;
      const to = spokenTo(words.en);
      return to === undefined || to === on ? [] : [`${cause} by ${by}: on ${on}, said to ${to}: ${words.en}`];
    });
    t.deepEqual(wrong, []);
  });

test('so are those that only an experiment finds', (t) => {
  const wrong = foundCauses.flatMap((cause) => {
    const { on, words } = found({ cause, by: 'unknown', confidence: 'likely', evidence: [] }).remedy;
    const to = spokenTo(words.en);
    return to === undefined || to === on ? [] : [`${cause}: on ${on}, said to ${to}: ${words.en}`];
  });
  t.deepEqual(wrong, []);
});

test('what a side lacks is given to that side', (t) => {
  const onWhich = (cause: Cause): string =>
    sides.map((by) => `${by}: ${explain(cause, by).remedy.on}`).join(', ');
  for (const cause of ['crl_expired', 'crl_missing', 'internal_error', 'closed_during_handshake'] as const)
    t.is(onWhich(cause), 'client: client, server: server', cause);
  for (const cause of [
    'certificate_expired',
    'intermediate_missing',
    'weak_key',
    'key_proof_failed',
  ] as const)
    t.is(onWhich(cause), 'client: server, server: client', cause);
  t.is(onWhich('starttls_refused'), 'client: server, server: server');
});

test('no connection: what the system says tells where to look', (t) => {
  const remedyOf = (code: string): string => {
    const { on, words } = explained({
      cause: 'target_unreachable',
      by: 'server',
      detail: { code },
      confidence: 'likely',
      evidence: [],
    }).remedy;
    return `${on}: ${words.en}`;
  };
  t.regex(remedyOf('EHOSTUNREACH'), /^between: look for a firewall .*route.*ip neigh/);
  t.regex(remedyOf('ENETUNREACH'), /^client: give this machine a route/);
  for (const code of ['EACCES', 'EPERM']) t.regex(remedyOf(code), /^client: look at the packet filter/);
  for (const code of ['EADDRNOTAVAIL', 'EINVAL']) t.regex(remedyOf(code), /^client: check the address/);
  t.regex(remedyOf('ECONNABORTED'), /^server: check that the target runs/);
});

test('a name that stands in the wrong place of a certificate is mended by its owner', (t) => {
  const presented = {
    subject: 'CN=shop.example',
    issuer: 'CN=Shop CA',
    san: [] as readonly string[],
    notBefore: '2026-01-01T00:00:00Z',
    notAfter: '2027-01-01T00:00:00Z',
  } as CertificateSummary;
  const remedyOf = (expected: string, summary: CertificateSummary): string => {
    const { on, words } = explained({
      cause: 'name_mismatch',
      by: 'client',
      detail: { presented: summary, expected },
      confidence: 'proven',
      evidence: [],
    }).remedy;
    return `${on}: ${words.en}`;
  };
  t.regex(
    remedyOf('shop.example', presented),
    /^server: have the certificate issued again with a subject alternative name \(subjectAltName = DNS:shop\.example\)/,
  );
  t.regex(
    remedyOf('127.0.0.1', { ...presented, san: ['DNS:127.0.0.1'] }),
    /^server: have the certificate issued again, with the address as an IP address/,
  );
  t.regex(remedyOf('other.example', presented), /^client: check the name in the address first/);
});

test('words that mention one machine are told from those that mention the other', (t) => {
  t.is(spokenTo('let the client offer h2'), 'client');
  t.is(spokenTo('enable TLS on the server; make the client require TLS'), 'server');
  t.is(spokenTo('look for what stands between the two sides'), 'between');
  t.is(spokenTo('compare the key'), undefined);
});
