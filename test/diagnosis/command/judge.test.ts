/** Bytes decide, words help: what is made of both, and of experiments. */
import test from 'ava';
import type { Outcome } from '../../../src/analysis/outcome/outcome-facts.ts';
import type { Attempt } from '../../../src/diagnosis/attempt/attempt.ts';
import type { Diagnosis, Finding } from '../../../src/diagnosis/diagnosis.ts';
import {
  alsoRefused,
  joinExperiments,
  joinWords,
  notConnected,
} from '../../../src/diagnosis/command/judge.ts';
import type { Way } from '../../../src/diagnosis/command/proxies.ts';
import { found } from '../../../src/diagnosis/found.ts';
import { explained } from '../../../src/diagnosis/case.ts';
import { hear } from '../../../src/diagnosis/programs/hear.ts';
import type { Heard } from '../../../src/diagnosis/programs/hear.ts';
import type { Failure } from '../../../src/wire/endpoint.ts';

const outcome = (facts: Partial<Outcome>): Outcome => ({
  kind: 'closed_without_alert',
  source: 'wire',
  inferred: false,
  confidence: 'unknown',
  signs: [],
  seen: [],
  detail: {},
  evidence: [],
  sentence: { en: '', ko: '' },
  certainty: { en: '', ko: '' },
  ...facts,
});

const heard = (line: string): Heard | undefined => hear({ stdout: '', stderr: line }, undefined);
const expired = heard('certificate has expired');
const unknown = heard('unable to get local issuer certificate');
const told = heard('tlsv13 alert certificate required');

const summary = (finding: Finding | undefined): string =>
  finding ? `${finding.cause} ${finding.by} ${finding.confidence}` : 'nothing';

test('what the bytes prove stands, whatever was written', (t) => {
  const proven = outcome({
    kind: 'refused_by_server',
    by: 'server',
    cause: 'certificate_missing',
    confidence: 'proven',
  });
  for (const words of [undefined, expired, unknown, told])
    t.is(summary(joinWords({ outcome: proven, failed: true }, words)), 'certificate_missing server proven');
});

test('words of the other side do not overrule what the bytes make likely', (t) => {
  const likely = outcome({ by: 'server', cause: 'no_common_version', confidence: 'likely' });
  t.is(summary(joinWords({ outcome: likely, failed: true }, expired)), 'no_common_version server likely');
});

test('an alert as general as its words are not: those of the same side say more', (t) => {
  const general = outcome({
    kind: 'refused_by_client',
    by: 'client',
    cause: 'certificate_not_accepted',
    confidence: 'proven',
  });
  t.is(
    summary(joinWords({ outcome: general, failed: true }, undefined)),
    'certificate_not_accepted client proven',
  );
  t.is(summary(joinWords({ outcome: general, failed: true }, expired)), 'certificate_expired client proven');
  t.is(
    summary(joinWords({ outcome: general, failed: true }, unknown)),
    'unknown_ca client likely',
    'one of three',
  );
  t.is(
    summary(joinWords({ outcome: general, failed: true }, told)),
    'certificate_not_accepted client proven',
  );
});

test('a refused connection is as certain as what listens there is known', (t) => {
  const refused = notConnected(
    { code: 'ECONNREFUSED', by: 'server', message: '' } as unknown as Failure,
    'shop.test',
  );
  const attempt = { result: 'no_connection', number: 1 } as Attempt;
  const joinedWith = (made: Finding | undefined): Finding | undefined =>
    joinExperiments(refused, undefined, {
      diagnosis: { ...(made ? { finding: made } : {}), others: [], attempts: [attempt] },
      trustIsKnown: true,
      isInsecure: false,
      identityIsKnown: false,
      commandFailed: true,
      isAnswered: false,
    });
  const likely = { ...refused, confidence: 'likely' } as const;
  t.is(summary(joinedWith(likely)), 'nothing_listens nobody likely');
  t.is(summary(joinedWith(refused)), 'nothing_listens nobody proven');
  const rejected = found({ cause: 'rejected_on_the_way', by: 'between', confidence: 'proven', evidence: [] });
  t.is(summary(joinedWith(rejected)), 'rejected_on_the_way between proven');
});

test('its own refusal makes proven what the bytes make likely; what it was told does not', (t) => {
  const likely = outcome({ by: 'client', cause: 'certificate_expired', confidence: 'likely' });
  t.is(summary(joinWords({ outcome: likely, failed: true }, expired)), 'certificate_expired client proven');
  const asked = outcome({ by: 'server', cause: 'certificate_missing', confidence: 'likely' });
  t.is(summary(joinWords({ outcome: asked, failed: true }, told)), 'certificate_missing server likely');
});

test('an alert that only the program could read', (t) => {
  const place = {
    run: 0,
    conn: 0,
    hop: 'A',
    vantage: 'wire',
    from: 'server',
    offset: 0,
    length: 24,
    event: 1,
  } as const;
  const sealed = outcome({
    by: 'server',
    cause: 'certificate_missing',
    confidence: 'likely',
    evidence: [{ ...place, sealed: true }],
  });
  t.is(summary(joinWords({ outcome: sealed, failed: true }, told)), 'certificate_missing server proven');
});

test('a connection that went well as far as its bytes show', (t) => {
  t.is(joinWords({ outcome: outcome({ kind: 'completed' }), failed: false }, undefined), undefined);
  t.is(
    summary(joinWords({ outcome: outcome({ kind: 'completed' }), failed: false }, expired)),
    'certificate_expired client likely',
  );
  t.is(
    joinWords({ outcome: outcome({ kind: 'completed' }), failed: false }, heard('connect ECONNREFUSED')),
    undefined,
  );
});

const certificate = (cause: 'unknown_ca' | 'intermediate_missing' | 'certificate_expired'): Finding =>
  explained({ cause, by: 'client', detail: {}, confidence: 'proven', evidence: [], message: 'Certificate' });

const made = (finding: Finding | undefined): Diagnosis => ({
  ...(finding ? { finding } : {}),
  others: [],
  attempts: [],
});
const known = {
  trustIsKnown: true,
  isInsecure: false,
  identityIsKnown: false,
  commandFailed: true,
  isAnswered: true,
};

test('an experiment shows which of several causes the program means', (t) => {
  const likely = joinWords({ outcome: outcome({ kind: 'completed' }), failed: false }, unknown);
  const join = (cause: Parameters<typeof certificate>[0], more: Partial<typeof known> = {}): string =>
    summary(joinExperiments(likely, unknown, { diagnosis: made(certificate(cause)), ...known, ...more }));
  t.is(join('intermediate_missing'), 'intermediate_missing client proven');
  t.is(join('unknown_ca'), 'unknown_ca client proven');
  t.is(join('unknown_ca', { trustIsKnown: false }), 'unknown_ca client likely');
  t.is(join('certificate_expired'), 'unknown_ca client likely', 'it did not say that');
  t.is(join('unknown_ca', { isInsecure: true }), 'unknown_ca client likely', 'it verifies nothing');
});

test('a CA that issues for every name says more than that it is not trusted', (t) => {
  const intercepted = found({ cause: 'intercepted', by: 'between', confidence: 'likely', evidence: [] });
  const refused = joinWords({ outcome: outcome({ kind: 'completed' }), failed: false }, unknown);
  for (const trustIsKnown of [true, false])
    t.is(
      summary(joinExperiments(refused, unknown, { diagnosis: made(intercepted), ...known, trustIsKnown })),
      'intercepted between likely',
    );
});

test('a large hello that the experiments lose, too, is why a command with a large hello fails', (t) => {
  const dropped = found({
    cause: 'large_hello_dropped',
    by: 'between',
    confidence: 'likely',
    message: 'ClientHello',
    evidence: [],
  });
  const ended = (length: number): Finding =>
    explained({
      cause: 'closed_during_handshake',
      by: 'server',
      detail: {},
      confidence: 'unknown',
      message: 'ClientHello',
      evidence: [
        {
          kind: 'bytes',
          place: { run: 0, conn: 0, hop: 'A', vantage: 'wire', from: 'client', offset: 0, length, event: 0 },
          words: { en: '', ko: '' },
        },
      ],
    });
  const attempts = [{ number: 1, result: 'completed', chain: [] } as unknown as Attempt];
  const join = (length: number): string =>
    summary(
      joinExperiments(ended(length), undefined, { diagnosis: { ...made(dropped), attempts }, ...known }),
    );
  t.is(join(1521), 'large_hello_dropped between likely');
  t.is(join(517), 'closed_during_handshake server unknown');
});

test('without words, a guess at whom the program trusts explains nothing', (t) => {
  const open = joinWords(
    { outcome: outcome({ cause: 'closed_during_handshake', by: 'client' }), failed: true },
    undefined,
  );
  const join = (trustIsKnown: boolean): string =>
    summary(
      joinExperiments(open, undefined, {
        diagnosis: made(certificate('unknown_ca')),
        ...known,
        trustIsKnown,
      }),
    );
  t.is(join(false), 'closed_during_handshake client unknown');
  t.is(join(true), 'unknown_ca client proven');
});

test('a signature that does not fit: an old CA of that name is likelier than a forged certificate', (t) => {
  const proof = outcome({
    kind: 'refused_by_client',
    by: 'client',
    cause: 'key_proof_failed',
    confidence: 'likely',
  });
  for (const line of [
    'curl: (35) TLS connect error: error:0200008A:rsa routines::invalid padding',
    'verify error:num=7:certificate signature failure',
    'tls: failed to verify certificate: x509: certificate signed by unknown authority (possibly because of "crypto/rsa: verification error" while trying to verify candidate authority certificate "x")',
    'PKIX path validation failed: java.security.cert.CertPathValidatorException: signature check failed',
  ]) {
    const joined = joinWords({ outcome: proof, failed: true }, heard(line));
    t.is(summary(joined), 'unknown_ca client likely', line);
    t.regex(joined?.because.en ?? '', /made anew under its old name/);
  }
});

test('a proof of the key that wirelab has verified did not fail: a signature of the chain did', (t) => {
  const proof = joinWords(
    {
      outcome: outcome({
        kind: 'refused_by_client',
        by: 'client',
        cause: 'key_proof_failed',
        confidence: 'likely',
      }),
      failed: true,
    },
    undefined,
  );
  const completed = [{ number: 1, result: 'completed', chain: [] } as unknown as Attempt];
  const join = (finding: Finding | undefined, trustIsKnown: boolean, attempts = completed): string =>
    summary(
      joinExperiments(proof, undefined, {
        diagnosis: { ...made(finding), attempts },
        ...known,
        trustIsKnown,
      }),
    );
  t.is(join(certificate('unknown_ca'), true), 'unknown_ca client proven');
  t.is(join(certificate('unknown_ca'), false), 'unknown_ca client likely');
  t.is(join(undefined, false), 'unknown_ca client likely');
  t.is(join(undefined, true), 'key_proof_failed client likely', 'its own CAs verify the chain');
  t.is(join(undefined, false, []), 'key_proof_failed client likely', 'nothing was verified');
  const altered = explained({
    cause: 'bad_signature',
    by: 'client',
    detail: {},
    confidence: 'proven',
    evidence: [],
  });
  t.is(join(altered, true), 'bad_signature client proven');
});

test('a certificate that is missing to wirelab too is proven to be why, whomever the command trusts', (t) => {
  const likely = joinWords(
    { outcome: outcome({ by: 'server', cause: 'certificate_missing', confidence: 'likely' }), failed: true },
    undefined,
  );
  const join = (of: Partial<Outcome>): string =>
    summary(
      joinExperiments(likely, undefined, {
        diagnosis: {
          ...made(certificate('unknown_ca')),
          attempts: [
            {
              number: 1,
              change: { words: { en: 'as called', ko: '' } },
              result: 'alert',
              chain: [],
              outcome: outcome(of),
            } as unknown as Attempt,
          ],
        },
        ...known,
        trustIsKnown: false,
      }),
    );
  t.is(
    join({ by: 'server', cause: 'certificate_missing', confidence: 'proven' }),
    'certificate_missing server proven',
  );
  t.is(
    join({ by: 'server', cause: 'certificate_missing', confidence: 'likely' }),
    'certificate_missing server likely',
  );
  t.is(
    join({ by: 'server', cause: 'unknown_ca', confidence: 'proven' }),
    'certificate_missing server likely',
  );
});

test('an alert has one code for several things, and the program says which', (t) => {
  const alert = outcome({
    kind: 'refused_by_client',
    by: 'client',
    cause: 'unknown_ca',
    confidence: 'proven',
  });
  const join = (line: string): string => summary(joinWords({ outcome: alert, failed: true }, heard(line)));
  t.is(join('curl: (60) SSL certificate problem: certificate chain too long'), 'path_too_long client proven');
  t.is(join('certificate has expired'), 'unknown_ca client proven', 'it has an alert of its own');
});

test('a program that cannot use a file may have begun a handshake', (t) => {
  const file = heard('curl: (77) error setting certificate file: nosuch.crt');
  const place = {
    run: 0,
    conn: 0,
    hop: 'A',
    vantage: 'wire',
    from: 'server',
    offset: 0,
    length: 9,
    event: 1,
  } as const;
  const closed = (by: 'client' | 'server', confidence: 'likely' | 'proven'): string =>
    summary(
      joinWords(
        {
          outcome: outcome({
            by,
            cause: 'certificate_not_accepted',
            confidence,
            evidence: [{ ...place, message: 'Certificate' }],
          }),
          failed: true,
        },
        file,
      ),
    );
  t.is(closed('client', 'likely'), 'unusable_file client proven');
  t.is(closed('server', 'proven'), 'certificate_not_accepted server proven');
});

test('a command that failed before its server answered did not fail for a certificate', (t) => {
  const open = joinWords({ outcome: outcome({ by: 'client' }), failed: true }, undefined);
  t.is(
    summary(
      joinExperiments(open, undefined, {
        diagnosis: made(certificate('unknown_ca')),
        ...known,
        isAnswered: false,
      }),
    ),
    'closed_during_handshake client unknown',
  );
  const file = heard('error setting certificate file: nosuch.crt');
  t.is(
    summary(joinWords({ outcome: outcome({ by: 'client' }), failed: true }, file)),
    'unusable_file client proven',
  );
});

test('what the bytes prove stands against experiments too', (t) => {
  const proven = joinWords(
    { outcome: outcome({ by: 'server', cause: 'no_common_version', confidence: 'proven' }), failed: true },
    undefined,
  );
  t.is(
    summary(
      joinExperiments(proven, undefined, { diagnosis: made(certificate('certificate_expired')), ...known }),
    ),
    'no_common_version server proven',
  );
});

test('a failed command whose connections went well: only an answer that refuses counts', (t) => {
  const refusing = found({
    cause: 'refused_by_application',
    by: 'server',
    confidence: 'proven',
    message: 'application data',
    evidence: [],
  });
  const join = (finding: Finding | undefined, commandFailed: boolean): string =>
    summary(joinExperiments(undefined, undefined, { diagnosis: made(finding), ...known, commandFailed }));
  t.is(join(refusing, true), 'refused_by_application server likely');
  t.is(join(refusing, false), 'nothing');
  t.is(join(certificate('certificate_expired'), true), 'nothing');
});

test('a refusal of its own besides that of the server', (t) => {
  const missing = joinWords(
    { outcome: outcome({ by: 'server', cause: 'certificate_missing', confidence: 'proven' }), failed: true },
    undefined,
  ) as Finding;
  t.is(summary(alsoRefused(missing, unknown)), 'unknown_ca client likely');
  t.is(alsoRefused(missing, told), undefined);
});

test('words alone explain nothing against a certificate that was seen', (t) => {
  const base = { result: 'completed', chain: [Buffer.alloc(1)] } as unknown as Diagnosis['attempts'][number];
  const join = (others: readonly Finding[], attempts: Diagnosis['attempts']): string =>
    summary(
      joinExperiments(joinWords({ failed: false }, expired), expired, {
        ...known,
        diagnosis: { others, attempts },
        commandFailed: true,
      }),
    );
  t.is(join([], [base]), 'nothing');
  t.is(join([], []), 'certificate_expired client likely', 'none was seen');
  t.is(join([certificate('certificate_expired')], [base]), 'certificate_expired client likely');
});

test('a login to a database without TLS is not one that failed over TLS', (t) => {
  const plain = heard(
    'FATAL:  no pg_hba.conf entry for host "127.0.0.1", user "bob", database "shop", no encryption',
  );
  const finding = joinWords({ failed: false }, plain);
  t.is(summary(finding), 'starttls_required server likely');
  t.is(finding?.remedy.on, 'client');
  t.regex(finding?.remedy.words.en ?? '', /^let the client use TLS \(sslmode=require;/);
  t.regex(finding?.because.en ?? '', /logged in without TLS/);
});

test('no connection', (t) => {
  const failure = (code: string): Finding =>
    notConnected({ reason: 'target_unreachable', by: 'unknown', code, message: '' }, 'shop');
  t.is(summary(failure('ECONNREFUSED')), 'nothing_listens nobody proven');
  t.is(summary(failure('ENOTFOUND')), 'host_not_found nobody proven');
  t.is(summary(failure('ETIMEDOUT')), 'unanswered unknown proven');
  t.is(summary(failure('EHOSTUNREACH')), 'target_unreachable between proven');
  t.is(summary(failure('ENETUNREACH')), 'target_unreachable client proven');
  const unresolved = { reason: 'target_unreachable', by: 'unknown', code: 'ENOTFOUND', message: '' } as const;
  t.is(
    summary(notConnected(unresolved, 'shop', { resolvesItself: true })),
    'host_not_found nobody likely',
    'the program may know an address',
  );
});

const through = { host: '127.0.0.1', port: 3128 };

const atProxy = (
  step: NonNullable<Failure['onTheWay']>['step'],
  failure: Partial<Failure>,
  way: Omit<Way, 'through'> = {},
): Finding =>
  notConnected(
    {
      reason: 'target_unreachable',
      by: 'unknown',
      code: 'UNKNOWN',
      message: '',
      ...failure,
      onTheWay: { proxy: through, step },
    },
    'shop',
    { through, ...way },
  );

test('the proxy on the way: of the target nothing is said', (t) => {
  const tunnel = (code: string, message: string): Finding => atProxy('tunnel', { code, message });
  const refused = tunnel('ERR_TUNNEL', 'the proxy responded 407 to CONNECT shop:443');
  t.is(summary(refused), 'tunnel_refused between proven');
  t.is(refused.remedy.on, 'client');
  t.regex(refused.remedy.words.en, /user name and password/);
  t.is(tunnel('ERR_TUNNEL', 'the proxy responded 403 to CONNECT shop:443').remedy.on, 'between');
  const away = atProxy('connection', { code: 'ECONNREFUSED', message: 'connect ECONNREFUSED' });
  t.is(summary(away), 'nothing_listens nobody proven');
  t.regex(away.because.en, /proxy .*127\.0\.0\.1:3128.* is not there/);
  t.regex(away.remedy.words.en, /HTTPS_PROXY/);
  t.regex(atProxy('connection', { code: 'ECONNREFUSED' }, { option: '-x' }).remedy.words.en, /\(-x\)/);
  t.is(summary(atProxy('connection', { code: 'ENOTFOUND' })), 'target_unreachable between proven');
  t.is(summary(tunnel('ECONNRESET', 'the proxy closed the connection')), 'tunnel_refused between likely');
  t.is(summary(tunnel('ETIMEDOUT', 'the proxy did not respond in time')), 'tunnel_refused between likely');
  const speaksTls = tunnel('ERR_TUNNEL', 'the proxy speaks TLS: it answers with an alert');
  t.is(speaksTls.remedy.on, 'client');
  t.regex(speaksTls.remedy.words.en, /https:\/\//);
});

test('the TLS of the proxy itself: as sure as it is known whom the program trusts for it', (t) => {
  const presented = { subject: 'CN=proxy' } as unknown as NonNullable<Failure['presented']>;
  const tls = (
    reason: Failure['reason'],
    by: Failure['by'],
    more: Partial<Failure> = {},
    way = {},
  ): Finding => atProxy('tls', { reason, by, ...more }, way);
  const trustIsKnown = { trustIsKnown: true };
  t.is(summary(tls('unknown_ca', 'client', { presented }, trustIsKnown)), 'unknown_ca client likely');
  t.is(summary(tls('self_signed', 'client', { presented }, trustIsKnown)), 'self_signed client proven');
  t.is(summary(tls('self_signed', 'client', { presented })), 'self_signed client likely');
  t.is(summary(tls('certificate_expired', 'client', { presented })), 'certificate_expired client proven');
  t.is(tls('certificate_expired', 'client', { presented }).remedy.on, 'between');
  t.is(summary(tls('tls_on_plaintext_port', 'client')), 'tls_on_plaintext_port client proven');
  const alert = { level: 2, code: 116, description: 'certificate_required' } as unknown as NonNullable<
    Failure['alert']
  >;
  t.is(summary(tls('certificate_missing', 'server', { alert })), 'certificate_missing between proven');
  t.is(
    summary(tls('closed_during_handshake', 'unknown')),
    'closed_during_handshake between likely',
    'nobody says why',
  );
});

test('what the experiments see come and go, the command has met once', (t) => {
  const intermittent = {
    ...certificate('certificate_expired'),
    cause: 'intermittent',
    by: 'unknown',
  } as Finding;
  const join = (finding: Finding | undefined): string =>
    summary(
      joinExperiments(finding, undefined, {
        ...known,
        diagnosis: { finding: intermittent, others: [], attempts: [] },
        commandFailed: true,
      }),
    );
  const closed = joinWords({ outcome: outcome({ kind: 'reset' }), failed: true }, undefined);
  t.is(join(closed), 'intermittent unknown proven');
  t.is(join({ ...certificate('certificate_expired'), confidence: 'proven' }), 'intermittent unknown likely');
  t.is(join(undefined), 'nothing');
});
