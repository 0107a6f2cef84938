import test from 'ava';
import {
  admitRequestUpdate,
  createRequest,
  keyUsages,
  updateRequest,
} from '../../../src/kube/certificates/certificates.ts';
import { signers } from '../../../src/kube/certificates/signer-names.ts';
import { specOf, statusOf } from '../../../src/kube/certificates/request-fields.ts';
import type { RequestPart } from '../../../src/kube/certificates/certificates.ts';
import type { User } from '../../../src/kube/apiserver/attributes.ts';
import { ApiFailure } from '../../../src/kube/objects/objects.ts';
import type { KubeObject } from '../../../src/kube/objects/objects.ts';
import { authorizeByRoles, policyOf } from '../../../src/kube/authz/rbac.ts';
import { makeRequest, requestFor } from '../../../src/pki/ca/request.ts';
import { makeKey, publicKeyInfo } from '../../../src/pki/ca/sign.ts';
import { pemBlocks, toPem } from '../../../src/pki/keystore/pem.ts';
import { cpuTime } from '../../helpers/cpu-time.ts';
import { runProgram, withPeer } from '../../helpers/peer.ts';
import { at, authority, issue } from '../support/certificates.ts';
import { clusterRole, clusterRoleBinding, user } from '../support/policies.ts';
import { base64, clientUsages, condition, iso, signingRequest } from '../support/requests.ts';
import type { RequestFacts } from '../support/requests.ts';

const bob: User = { ...user('bob', 'dev', 'system:authenticated'), uid: '7', extra: { scopes: ['x'] } };

/** What a client is told, or what is stored. */
function said<T>(run: () => T): T | string {
  try {
    return run();
  } catch (error) {
    if (error instanceof ApiFailure) return `${error.status.code} ${error.status.message ?? ''}`;
    throw error;
  }
}

const prefix = '422 CertificateSigningRequest.certificates.k8s.io "c" is invalid: ';
const create = (facts: RequestFacts): KubeObject | string =>
  said(() => createRequest(signingRequest(facts), bob));
const named = (signerName: string): RequestFacts => ({ spec: { signerName } });
const used = (...usages: readonly unknown[]): RequestFacts => ({ spec: { usages } });

const stolen = requestFor(makeKey('P-256'), {
  subject: [['CN', 'x']],
  publicKey: publicKeyInfo(makeKey('P-256')),
});
const good = makeRequest({ subject: [['CN', 'x']] }).request;
const relabelled = good.replaceAll('CERTIFICATE REQUEST', 'NEW CERTIFICATE REQUEST');
const supported = keyUsages.map((one) => JSON.stringify(one)).join(', ');
const domainRule = `validating label "Example": a lowercase RFC 1123 label must consist of`;

/** What is sent, and how the refusal begins. */
const refused: Readonly<Record<string, readonly [RequestFacts, string]>> = {
  'no request': [
    { spec: { request: '' } },
    'spec.request: Invalid value: []byte{}: PEM block type must be CERTIFICATE REQUEST',
  ],
  'a request of another PEM type': [
    { pem: relabelled },
    'spec.request: Invalid value: []byte{0x2d, 0x2d, 0x2d, 0x2d, 0x2d, 0x42',
  ],
  'a certificate': [{ pem: authority('x').pem }, 'spec.request: Invalid value: []byte{0x2d,'],
  'a request that proves no key': [{ pem: stolen }, 'spec.request: Invalid value: []byte{0x2d,'],
  'no usages': [used(), 'spec.usages: Required value'],
  'a usage that nobody knows': [
    used('client auth', 'flying'),
    `spec.usages[1]: Unsupported value: "flying": supported values: ${supported}`,
  ],
  'a usage twice': [used('client auth', 'client auth'), 'spec.usages[1]: Duplicate value: "client auth"'],
  'no signer': [named(''), 'spec.signerName: Required value'],
  'a signer without a domain': [
    named('x'),
    `spec.signerName: Invalid value: "x": must be a fully qualified domain and path of the form 'example.com/signer-name'`,
  ],
  'a signer of three parts': [
    named('example.com/a/b'),
    `spec.signerName: Invalid value: "example.com/a/b": must be a fully qualified domain and path of the form 'example.com/signer-name'`,
  ],
  'a signer of one label': [
    named('example/a'),
    'spec.signerName: Invalid value: "example": should be a domain with at least two segments separated by dots',
  ],
  'a signer in capitals': [
    named('Example.com/a'),
    `spec.signerName: Invalid value: "Example.com": ${domainRule}`,
  ],
  'a signer’s path in capitals': [
    named('example.com/A'),
    'spec.signerName: Invalid value: "A": validating label "A": a lowercase RFC 1123 subdomain must consist of',
  ],
  'a signer’s label that is too long': [
    named(`${'a'.repeat(64)}.com/a`),
    `spec.signerName: Invalid value: "${'a'.repeat(64)}.com": validating label "${'a'.repeat(64)}": must be no more than 63 characters`,
  ],
  'a signer’s domain that is too long': [
    named(`${'a.'.repeat(130)}com/a`),
    'spec.signerName: Too long: may not be more than 253 bytes',
  ],
  'the legacy signer': [
    named(signers.legacyUnknown),
    'spec.signerName: Invalid value: "kubernetes.io/legacy-unknown": the legacy signerName is not allowed via this API version',
  ],
  'a life of less than ten minutes': [
    { spec: { expirationSeconds: 599 } },
    'spec.expirationSeconds: Invalid value: 599: may not specify a duration less than 600 seconds (10 minutes)',
  ],
};

for (const [title, [facts, beginning]] of Object.entries(refused)) {
  test(`not created: ${title}`, (t) => {
    const answer = create(facts);
    t.true(typeof answer === 'string' && answer.startsWith(prefix + beginning), JSON.stringify(answer));
  });
}

test('the words of what is wrong with a request', (t) => {
  const words = (facts: RequestFacts): unknown => (create(facts) as string).split('}: ')[1];
  t.is(words({ pem: relabelled }), 'PEM block type must be CERTIFICATE REQUEST');
  t.is(words({ pem: stolen }), 'x509: ECDSA verification failure');
  const der = pemBlocks(good)[0]?.der ?? new Uint8Array(0);
  t.regex(
    words({ pem: toPem('CERTIFICATE REQUEST', der.subarray(0, 60)) }) as string,
    /^asn1: structure error/,
  );
});

test('everything that is wrong is told at once', (t) => {
  const failure = t.throws(
    () => createRequest(signingRequest({ spec: { usages: [], signerName: '', expirationSeconds: 1 } }), bob),
    { instanceOf: ApiFailure },
  );
  t.deepEqual(
    failure?.status.details?.causes?.map(({ reason, field }) => `${field} ${reason}`),
    [
      'spec.usages FieldValueRequired',
      'spec.signerName FieldValueRequired',
      'spec.expirationSeconds FieldValueInvalid',
    ],
  );
  t.true(
    failure?.message.startsWith(
      'CertificateSigningRequest.certificates.k8s.io "c" is invalid: [spec.usages: Required value, ',
    ),
  );
});

/** 253 characters in labels of 63 at most. */
const longDomain = `${`${'a'.repeat(62)}.`.repeat(3)}${'b'.repeat(63)}.`.slice(0, 249) + '.com';

test('created: every usage, signers of any name, the shortest and the longest life', (t) => {
  t.is(longDomain.length, 253);
  const facts: readonly RequestFacts[] = [
    used(...keyUsages),
    named('example.com/x'),
    named('a.b/c.d-e'),
    named(`${'a'.repeat(63)}.com/x`),
    named(`${longDomain}/${'p'.repeat(253)}`),
    named(`a.b/${'p'.repeat(253)}.${'q'.repeat(253)}.${'r'.repeat(59)}`),
    { spec: { expirationSeconds: 600 } },
    { spec: { expirationSeconds: 2 ** 31 - 1 } },
    { spec: { expirationSeconds: null } },
  ];
  for (const one of facts) t.is(typeof create(one), 'object', JSON.stringify([one, create(one)]));
});

test('not created: a signer’s name that is too long, and one usage twice beside all others', (t) => {
  const rule = 'spec.signerName: Too long: may not be more than 571 bytes';
  t.is(create(named(`a.b/${'p'.repeat(253)}.${'q'.repeat(253)}.${'r'.repeat(60)}`)), prefix + rule);
  t.regex(
    create(named(`a.b/${'p'.repeat(254)}`)) as string,
    /validating label "p+": must be no more than 253 characters$/,
  );
  t.is(create(used(...keyUsages, 'any')), `${prefix}spec.usages[23]: Duplicate value: "any"`);
});

test('who asks is who is logged in, and nothing is decided yet, whatever the client wrote', (t) => {
  const object = signingRequest({
    spec: {
      username: 'admin',
      uid: '0',
      groups: ['system:masters'],
      extra: { scopes: ['all'] },
      expirationSeconds: 600,
    },
    status: { conditions: [condition('Approved')], certificate: base64('x') },
  });
  const stored = createRequest(object, bob);
  t.like(specOf(stored), {
    username: 'bob',
    uid: '7',
    groups: ['dev', 'system:authenticated'],
    extra: { scopes: ['x'] },
    expirationSeconds: 600,
  });
  t.deepEqual(stored['status'], {});
  const plain = specOf(createRequest(object, user('eve')));
  t.deepEqual([plain.uid, plain.extra, plain.groups], [undefined, undefined, []]);
  t.is(stored.metadata, object.metadata);
});

test('system:masters is not to be had from the signer of clients', (t) => {
  const masters = [
    ['CN', 'x'],
    ['O', 'dev'],
    ['O', 'system:masters'],
  ] as const;
  const client = { spec: { signerName: signers.client } };
  t.is(
    create({ ...client, subject: masters }),
    '403 certificatesigningrequests.certificates.k8s.io "c" is forbidden: use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed',
  );
  t.is(
    typeof create({
      ...client,
      subject: [
        ['CN', 'system:masters'],
        ['O', 'dev'],
      ],
    }),
    'object',
  );
  t.is(typeof create({ subject: masters, spec: { signerName: 'example.com/x' } }), 'object');
});

test('what is of another type is a 400', (t) => {
  const wrong: readonly RequestFacts[] = [
    { spec: { request: 7 } },
    { spec: { request: '!!!!' } },
    { spec: { request: 'abc' } },
    { spec: { usages: 'client auth' } },
    { spec: { usages: [1] } },
    { spec: { signerName: {} } },
    { spec: { expirationSeconds: '600' } },
    { spec: { expirationSeconds: 600.5 } },
    { spec: { expirationSeconds: 2 ** 31 } },
  ];
  for (const facts of wrong)
    t.regex(
      create(facts) as string,
      /^400 CertificateSigningRequest in version "v1" cannot be handled/,
      JSON.stringify(facts),
    );
  t.regex(said(() => createRequest({ ...signingRequest(), spec: [] }, bob)) as string, /^400 /);
  for (const status of [
    [],
    { conditions: {} },
    { conditions: [7] },
    { conditions: [{ type: 7 }] },
    { certificate: 7 },
  ])
    t.regex(said(() => statusOf(signingRequest({ status }))) as string, /^400 /);
});

const ca = authority('kubernetes');
const certificate = base64(issue({ subject: [['CN', 'x']], issuer: ca }).pem);
const other = base64(issue({ subject: [['CN', 'x']], issuer: ca }).pem);
const chainOf = (length: number): string => ca.pem.repeat(length);
const waiting = (count: number): unknown[] =>
  Array.from({ length: count }, (_, index) => condition(`Waiting${index}`));
const stored = (status: unknown = {}): KubeObject => ({ ...createRequest(signingRequest(), bob), status });
const approved = condition('Approved', { reason: 'R', message: 'M' });

function update(part: RequestPart, before: unknown, status: unknown, spec?: unknown): unknown {
  const old = stored(before);
  return said(
    () => updateRequest({ ...old, status, ...(spec === undefined ? {} : { spec }) }, old, part, at)['status'],
  );
}

/** A part, the status before, the status sent, and what is stored or said. */
const updates: Readonly<Record<string, readonly [RequestPart, unknown, unknown, unknown]>> = {
  approving: ['approval', {}, { conditions: [approved] }, { conditions: [approved] }],
  denying: ['approval', {}, { conditions: [condition('Denied')] }, { conditions: [condition('Denied')] }],
  'times are filled in': [
    'approval',
    {},
    { conditions: [{ type: 'Approved', status: 'True' }] },
    { conditions: [condition('Approved')] },
  ],
  'a new message for the same decision keeps the time of the decision': [
    'approval',
    { conditions: [condition('Approved', { lastTransitionTime: iso(at - 5000) })] },
    { conditions: [{ type: 'Approved', status: 'True', message: 'again' }] },
    { conditions: [condition('Approved', { message: 'again', lastTransitionTime: iso(at - 5000) })] },
  ],
  'approving and denying': [
    'approval',
    {},
    { conditions: [approved, condition('Denied')] },
    `${prefix}status.conditions[1].type: Invalid value: "Denied": Approved and Denied conditions are mutually exclusive`,
  ],
  'denying what is approved': [
    'approval',
    { conditions: [approved] },
    { conditions: [approved, condition('Denied')] },
    `${prefix}status.conditions[1].type: Invalid value: "Denied": Approved and Denied conditions are mutually exclusive`,
  ],
  'taking an approval back': [
    'approval',
    { conditions: [approved] },
    {},
    `${prefix}status.conditions: Forbidden: updates may not remove a condition of type "Approved"`,
  ],
  'taking a denial back': [
    'approval',
    { conditions: [condition('Denied')] },
    {},
    `${prefix}status.conditions: Forbidden: updates may not remove a condition of type "Denied"`,
  ],
  'taking a failure back': [
    'status',
    { conditions: [condition('Failed')] },
    {},
    `${prefix}status.conditions: Forbidden: updates may not remove a condition of type "Failed"`,
  ],
  'approving twice': [
    'approval',
    {},
    { conditions: [approved, approved] },
    `${prefix}status.conditions[1].type: Duplicate value: "Approved"`,
  ],
  'not approving': [
    'approval',
    {},
    { conditions: [condition('Approved', { status: 'False' })] },
    `${prefix}status.conditions[0].status: Unsupported value: "False": supported values: "True"`,
  ],
  'not failing': [
    'status',
    {},
    { conditions: [condition('Failed', { status: 'Unknown' })] },
    `${prefix}status.conditions[0].status: Unsupported value: "Unknown": supported values: "True"`,
  ],
  'a condition of one’s own': [
    'status',
    {},
    { conditions: [condition('Waiting', { status: 'Unknown' })] },
    { conditions: [condition('Waiting', { status: 'Unknown' })] },
  ],
  'a condition that is neither true nor false': [
    'status',
    {},
    { conditions: [condition('Waiting', { status: 'maybe' })] },
    `${prefix}status.conditions[0].status: Unsupported value: "maybe": supported values: "False", "True", "Unknown"`,
  ],
  'a condition without a status': [
    'status',
    {},
    { conditions: [condition('Waiting', { status: '' })] },
    `${prefix}status.conditions[0].status: Required value`,
  ],
  'a condition without a type': [
    'status',
    {},
    { conditions: [condition('')] },
    `${prefix}status.conditions[0].type: Required value`,
  ],
  'a thousand conditions': [
    'status',
    {},
    { conditions: Array.from({ length: 1000 }, (_, index) => condition(`c${index}`)) },
    `${prefix}status.conditions: Invalid value: 1000: must have no more than 64 items`,
  ],
  issuing: [
    'status',
    { conditions: [approved] },
    { conditions: [approved], certificate },
    { certificate, conditions: [approved] },
  ],
  'issuing what nobody approved': ['status', {}, { certificate }, { certificate }],
  'issuing a chain': ['status', {}, { certificate: base64(chainOf(2)) }, { certificate: base64(chainOf(2)) }],
  'issuing a chain with something else in it': [
    'status',
    {},
    { certificate: base64(chainOf(1) + toPem('CERTIFICATE', Uint8Array.of(1))) },
    `${prefix}status.certificate: Invalid value: "<certificate data>": x509: malformed certificate`,
  ],
  'issuing a book': [
    'status',
    {},
    { certificate: base64(chainOf(600)) },
    `${prefix}status.certificate: Invalid value: "<certificate data>": must be no more than 262144 bytes`,
  ],
  'as many conditions as there may be': [
    'status',
    {},
    { conditions: waiting(64) },
    { conditions: waiting(64) },
  ],
  'one condition more than there may be': [
    'status',
    {},
    { conditions: waiting(65) },
    `${prefix}status.conditions: Invalid value: 65: must have no more than 64 items`,
  ],
  'a time is that of the same condition': [
    'approval',
    { conditions: [condition('Waiting', { lastTransitionTime: iso(at - 9000) })] },
    {
      conditions: [
        condition('Waiting', { lastTransitionTime: iso(at - 9000) }),
        { type: 'Approved', status: 'True' },
      ],
    },
    { conditions: [condition('Waiting', { lastTransitionTime: iso(at - 9000) }), condition('Approved')] },
  ],
  failing: [
    'status',
    { conditions: [approved] },
    { conditions: [approved, condition('Failed')] },
    { conditions: [approved, condition('Failed')] },
  ],
  'approving where certificates are written': [
    'status',
    {},
    { conditions: [approved] },
    `${prefix}status.conditions: Forbidden: updates may not add a condition of type "Approved"`,
  ],
  'denying where certificates are written': [
    'status',
    {},
    { conditions: [condition('Denied')] },
    `${prefix}status.conditions: Forbidden: updates may not add a condition of type "Denied"`,
  ],
  'dropping the approval where certificates are written': [
    'status',
    { conditions: [approved] },
    { certificate },
    `${prefix}status.conditions: Forbidden: updates may not remove a condition of type "Approved"`,
  ],
  'rewording the approval where certificates are written': [
    'status',
    { conditions: [approved] },
    { conditions: [condition('Approved', { message: 'mine' })], certificate },
    { certificate, conditions: [approved] },
  ],
  'issuing where approvals are written': [
    'approval',
    {},
    { conditions: [approved], certificate },
    { conditions: [approved] },
  ],
  'approving keeps the certificate': [
    'approval',
    { certificate },
    { conditions: [approved], certificate: other },
    { certificate, conditions: [approved] },
  ],
  'issuing another certificate': [
    'status',
    { conditions: [approved], certificate },
    { conditions: [approved], certificate: other },
    `${prefix}status.certificate: Forbidden: updates may not modify existing certificate content`,
  ],
  'taking the certificate back': [
    'status',
    { conditions: [approved], certificate },
    { conditions: [approved] },
    `${prefix}status.certificate: Forbidden: updates may not modify existing certificate content`,
  ],
  'issuing a key': [
    'status',
    {},
    { certificate: base64(toPem('PRIVATE KEY', Uint8Array.of(1))) },
    `${prefix}status.certificate: Invalid value: "<certificate data>": only CERTIFICATE PEM blocks are allowed, found "PRIVATE KEY"`,
  ],
  'issuing nothing readable': [
    'status',
    {},
    { certificate: base64('hello') },
    `${prefix}status.certificate: Invalid value: "<certificate data>": must contain at least one CERTIFICATE PEM block`,
  ],
  'issuing what is no certificate': [
    'status',
    {},
    { certificate: base64(toPem('CERTIFICATE', Uint8Array.of(1))) },
    `${prefix}status.certificate: Invalid value: "<certificate data>": x509: malformed certificate`,
  ],
  'an update of the object': [
    'object',
    { conditions: [approved], certificate },
    { conditions: [condition('Denied')], certificate: other },
    { conditions: [approved], certificate },
  ],
};

for (const [title, [part, before, status, expected]] of Object.entries(updates))
  test(`${typeof expected === 'string' ? 'refused' : 'stored'}: ${title}`, (t) =>
    t.deepEqual(update(part, before, status), expected));

test('the spec stays as it was, by whatever part it is written', (t) => {
  const old = stored();
  for (const part of ['object', 'approval', 'status'] as const) {
    const written = updateRequest(
      {
        ...old,
        spec: { ...(old['spec'] as object), username: 'root', signerName: signers.client },
        metadata: { ...old.metadata, labels: { a: 'b' } },
      },
      old,
      part,
      at,
    );
    t.is(written['spec'], old['spec']);
    t.deepEqual(written.metadata.labels, { a: 'b' });
  }
});

const rights = (verb: string, ...resourceNames: string[]): ReturnType<typeof policyOf> =>
  policyOf([
    clusterRole('r', {
      verbs: [verb],
      apiGroups: ['certificates.k8s.io'],
      resources: ['signers'],
      resourceNames,
    }),
    clusterRoleBinding('b', 'r', 'User bob'),
  ]);

async function admit(
  part: RequestPart,
  status: unknown,
  policy: ReturnType<typeof policyOf>,
  before: unknown = {},
): Promise<string> {
  const old = stored(before);
  try {
    await admitRequestUpdate(bob, { ...old, status }, old, part, async (asked) =>
      Promise.resolve(authorizeByRoles(policy, asked)),
    );
    return 'admitted';
  } catch (error) {
    if (error instanceof ApiFailure) return `${error.status.code} ${error.status.message ?? ''}`;
    throw error;
  }
}

test('approving needs the verb approve on the signer, or on all of its domain', async (t) => {
  const refusal =
    '403 certificatesigningrequests.certificates.k8s.io "c" is forbidden: user not permitted to approve requests with signerName "kubernetes.io/kube-apiserver-client-kubelet"';
  const approving = { conditions: [approved] };
  t.is(await admit('approval', approving, rights('approve', signers.kubeletClient)), 'admitted');
  t.is(await admit('approval', approving, rights('approve', 'kubernetes.io/*')), 'admitted');
  t.is(await admit('approval', approving, rights('approve')), 'admitted');
  t.is(await admit('approval', approving, rights('approve', signers.client)), refusal);
  t.is(await admit('approval', approving, rights('approve', 'example.com/*')), refusal);
  t.is(await admit('approval', approving, rights('sign', signers.kubeletClient)), refusal);
});

test('signing needs the verb sign, where the certificate or a condition is written', async (t) => {
  const refusal =
    '403 certificatesigningrequests.certificates.k8s.io "c" is forbidden: user not permitted to sign requests with signerName "kubernetes.io/kube-apiserver-client-kubelet"';
  t.is(await admit('status', { certificate }, rights('sign', signers.kubeletClient)), 'admitted');
  t.is(await admit('status', { certificate }, rights('sign', 'kubernetes.io/*')), 'admitted');
  t.is(await admit('status', { certificate }, rights('approve', signers.kubeletClient)), refusal);
  t.is(await admit('status', { conditions: [condition('Failed')] }, rights('approve')), refusal);
  t.is(
    await admit('status', { conditions: [approved] }, rights('approve'), { conditions: [approved] }),
    'admitted',
  );
  const before = { conditions: [approved, condition('Waiting')] };
  for (const conditions of [
    [approved],
    [approved, condition('Waiting', { message: 'x' })],
    [approved, condition('Waiting'), condition('More')],
    [condition('Approved'), condition('Waiting')],
  ]) {
    t.is(await admit('status', { conditions }, rights('approve'), before), refusal);
  }
  t.is(await admit('status', { ...before, certificate }, rights('approve'), before), refusal);
  t.is(await admit('status', before, rights('approve'), before), 'admitted');
});

test('an update of the object asks for no right to the signer', async (t) =>
  t.is(await admit('object', {}, policyOf([])), 'admitted'));

test('hostile requests are refused in no time and take no memory', (t) => {
  const began = cpuTime();
  const big = base64(Buffer.alloc(10_000_000, 0x41));
  t.regex(create({ spec: { request: big } }) as string, /the request is too large: 10000000 bytes/);
  const bigDer = base64(toPem('CERTIFICATE REQUEST', Buffer.alloc(70_000, 0x30)));
  t.regex(create({ spec: { request: bigDer } }) as string, /^422 /);
  const answer = create({ spec: { usages: Array.from({ length: 500_000 }, () => 'nothing') } }) as string;
  t.true(answer.length < 100_000);
  t.regex(create({ spec: { signerName: 'a'.repeat(1_000_000) } }) as string, /^422 /);
  t.regex(create({ spec: { signerName: '/'.repeat(1_000_000) } }) as string, /^422 /);
  t.regex(
    create({ spec: { signerName: `${'a'.repeat(500_000)}.b/${'-'.repeat(500_000)}` } }) as string,
    /^422 /,
  );
  t.true(cpuTime() - began < 5000);
});

withPeer('openssl', 'requests that openssl made are created, and forged ones are not', async (t) => {
  for (const parameters of [
    ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
    ['-newkey', 'rsa:2048'],
    ['-newkey', 'ed25519'],
  ]) {
    const made = await runProgram('openssl', [
      'req',
      '-new',
      ...parameters,
      '-nodes',
      '-keyout',
      '/dev/null',
      '-subj',
      '/O=dev/CN=alice',
      '-addext',
      'subjectAltName=DNS:alice.example,IP:10.0.0.1',
    ]);
    t.is(made.exitCode, 0, made.stderr);
    t.is(typeof create({ pem: made.stdout }), 'object');
    const der = Uint8Array.from(pemBlocks(made.stdout)[0]?.der ?? []);
    const nearEnd = der.length - 8;
    der[nearEnd] = (der[nearEnd] ?? 0) ^ 1;
    t.regex(create({ pem: toPem('CERTIFICATE REQUEST', der) }) as string, /verification (error|failure)/);
  }
  t.deepEqual(
    clientUsages.filter((one) => !keyUsages.some((known) => known === one)),
    [],
  );
});
