import test from 'ava';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCertificate } from '../../../src/protocols/x509/certificate.ts';
import type { Certificate } from '../../../src/protocols/x509/certificate.ts';
import { keyUsages } from '../../../src/kube/certificates/certificates.ts';
import { signers } from '../../../src/kube/certificates/signer-names.ts';
import type { KubeObject } from '../../../src/kube/objects/objects.ts';
import {
  approvalAttempts,
  decideSigning,
  garbageReason,
  validityOf,
} from '../../../src/kube/certificates/signer.ts';
import type { SigningAuthority } from '../../../src/kube/certificates/signer.ts';
import { makeRequest, requestFor } from '../../../src/pki/ca/request.ts';
import type { RequestParts } from '../../../src/pki/ca/request.ts';
import { pemCertificates, toPem } from '../../../src/pki/keystore/pem.ts';
import { makeKey } from '../../../src/pki/ca/sign.ts';
import { cpuTime } from '../../helpers/cpu-time.ts';
import { runProgram, withPeer } from '../../helpers/peer.ts';
import { at, authority, day, issue } from '../support/certificates.ts';
import { base64, clientUsages, condition, iso, nodeSubject, signingRequest } from '../support/requests.ts';
import type { RequestFacts } from '../support/requests.ts';

const ca = authority('kubernetes');
const signing: SigningAuthority = { certificate: ca.certificate, key: ca.key };
const random = (length: number): Uint8Array => new Uint8Array(length).fill(0x5a);
const approved = { conditions: [condition('Approved')] };
const serverUsages = ['digital signature', 'key encipherment', 'server auth'];
const second = 1000;
const hour = 3_600_000;

const decide = (
  facts: RequestFacts,
  by: SigningAuthority = signing,
  when = at,
): ReturnType<typeof decideSigning> =>
  decideSigning(signingRequest({ status: approved, ...facts }), by, when, random);

/** What the signer says: the message of the failure, the reason for leaving it, or `signed`. */
function says(facts: RequestFacts): string {
  const decided = decide(facts);
  return decided.decision === 'fail'
    ? (decided.condition.message ?? '')
    : decided.decision === 'leave'
      ? `left: ${decided.why}`
      : 'signed';
}

const client = (usages: readonly string[], more: RequestFacts = {}): RequestFacts => ({
  ...more,
  spec: { signerName: signers.client, usages },
});
const kubelet = (facts: RequestFacts, usages: readonly string[] = clientUsages): RequestFacts => ({
  ...facts,
  spec: { usages },
});
const serving = (facts: RequestFacts, usages: readonly string[] = serverUsages): RequestFacts => ({
  ...facts,
  spec: { signerName: signers.kubeletServing, usages },
});
const san = ['DNS:n1', 'IP:10.0.0.1'];
const stranger = [
  ['O', 'system:nodes'],
  ['CN', 'n1'],
] as const;
const group = [
  ['O', 'dev'],
  ['CN', 'system:node:n1'],
] as const;
const groups = [
  ['O', 'system:nodes'],
  ['O', 'dev'],
  ['CN', 'system:node:n1'],
] as const;

const rules: Readonly<Record<string, readonly [RequestFacts, string]>> = {
  'a client': [client(clientUsages, { subject: [['CN', 'bob']], san: ['DNS:x'] }), 'signed'],
  'a client, for that alone': [client(['client auth']), 'signed'],
  'a client that would be a server': [
    client([...clientUsages, 'server auth']),
    'invalid usage for client certificate: server auth',
  ],
  'a client that is none': [
    client(['digital signature']),
    'missing required usage for client certificate: client auth',
  ],
  'a kubelet': [kubelet({}), 'signed'],
  'a kubelet without key encipherment': [kubelet({}, ['client auth', 'digital signature']), 'signed'],
  'a kubelet of another group': [kubelet({ subject: group }), 'subject organization is not system:nodes'],
  'a kubelet of two groups': [kubelet({ subject: groups }), 'subject organization is not system:nodes'],
  'a kubelet under another name': [
    kubelet({ subject: stranger }),
    'subject common name does not begin with system:node:',
  ],
  'a kubelet with a DNS name': [kubelet({ san: ['DNS:n1'] }), 'DNS subjectAltNames are not allowed'],
  'a kubelet with an address': [kubelet({ san: ['IP:10.0.0.1'] }), 'IP subjectAltNames are not allowed'],
  'a kubelet with an email': [kubelet({ san: ['email:a@b.c'] }), 'Email subjectAltNames are not allowed'],
  'a kubelet with a URI': [kubelet({ san: ['URI:spiffe://x'] }), 'URI subjectAltNames are not allowed'],
  'a kubelet without digital signature': [
    kubelet({}, ['key encipherment', 'client auth']),
    'usages did not match [client auth digital signature key encipherment]',
  ],
  'a kubelet without client auth': [
    kubelet({}, ['key encipherment', 'digital signature']),
    'usages did not match [client auth digital signature key encipherment]',
  ],
  'a kubelet that would be a server too': [
    kubelet({}, [...clientUsages, 'server auth']),
    'usages did not match [client auth digital signature key encipherment]',
  ],
  'a kubelet’s server': [serving({ san }), 'signed'],
  'a kubelet’s server with an address alone': [
    serving({ san: ['IP:10.0.0.1'] }, ['digital signature', 'server auth']),
    'signed',
  ],
  'a kubelet’s server of another group': [
    serving({ san, subject: group }),
    'subject organization is not system:nodes',
  ],
  'a kubelet’s server without names': [serving({}), 'DNS or IP subjectAltName is required'],
  'a kubelet’s server with an email': [
    serving({ san: [...san, 'email:a@b.c'] }),
    'Email subjectAltNames are not allowed',
  ],
  'a kubelet’s server with a URI': [
    serving({ san: [...san, 'URI:spiffe://x'] }),
    'URI subjectAltNames are not allowed',
  ],
  'a kubelet’s server for clients': [
    serving({ san }, clientUsages),
    'usages did not match [digital signature key encipherment server auth]',
  ],
  'a kubelet’s server under another name': [
    serving({ san, subject: stranger }),
    'subject common name does not begin with system:node:',
  ],
  'anything, by the legacy signer': [
    {
      subject: [['CN', 'x']],
      san,
      spec: { signerName: signers.legacyUnknown, usages: ['cert sign', 'any'] },
    },
    'signed',
  ],
  'another’s signer': [
    { spec: { signerName: 'example.com/x' } },
    'left: signer example.com/x is not one of ours',
  ],
  'a signer named as what every object has': [
    { spec: { signerName: 'constructor' } },
    'left: signer constructor is not one of ours',
  ],
  'not approved': [{ status: {} }, 'left: it is not approved'],
  'not quite approved': [
    { status: { conditions: [condition('Approved', { status: 'False' })] } },
    'left: it is not approved',
  ],
  'denied as well': [
    { status: { conditions: [condition('Approved'), condition('Denied')] } },
    'left: it is denied',
  ],
  'failed before': [
    { status: { conditions: [condition('Approved'), condition('Failed')] } },
    'left: it has failed',
  ],
  'signed before': [{ status: { ...approved, certificate: base64(ca.pem) } }, 'left: it has a certificate'],
  'no request': [{ pem: 'hello' }, 'left: PEM block type must be CERTIFICATE REQUEST'],
};

for (const [title, [facts, expected]] of Object.entries(rules))
  test(`${expected === 'signed' ? 'signed' : 'not signed'}: ${title}`, (t) => t.is(says(facts), expected));

test('a failure is a condition that says so', (t) => {
  t.deepEqual(decide(kubelet({ subject: stranger })), {
    decision: 'fail',
    condition: {
      type: 'Failed',
      status: 'True',
      reason: 'SignerValidationFailure',
      message: 'subject common name does not begin with system:node:',
      lastUpdateTime: iso(at),
    },
  });
});

function signed(
  facts: RequestFacts,
  by: SigningAuthority = signing,
  when = at,
): { readonly certificate: Certificate; readonly pem: string } {
  const decided = decide(facts, by, when);
  if (decided.decision !== 'sign') throw new Error(JSON.stringify(decided));
  const [der = new Uint8Array(0)] = pemCertificates(decided.certificate);
  const step = readCertificate(der);
  if (!('got' in step)) throw new Error('what was signed cannot be read');
  return { certificate: step.got, pem: decided.certificate };
}

test('what is signed has the subject, the names and the key of the request, and its usages from the spec', (t) => {
  const wishes: RequestParts['wishes'] = {
    isCa: true,
    keyUsage: ['keyCertSign', 'cRLSign'],
    extendedKeyUsage: ['serverAuth', 'codeSigning'],
  };
  const key = makeKey('P-256');
  const pem = requestFor(key, {
    subject: [
      ['O', 'dev'],
      ['O', '작업장'],
      ['CN', 'bob'],
    ],
    san: ['DNS:bob.example', 'IP:10.0.0.1', 'IP:fd00::1', 'URI:spiffe://x/y', 'email:bob@example.com'],
    wishes,
  });
  const { certificate, pem: text } = signed(client(clientUsages, { pem }));
  t.is(certificate.subject.text, 'O=dev,O=작업장,CN=bob');
  t.is(certificate.issuer.text, 'CN=kubernetes');
  t.deepEqual(
    certificate.subjectAlternativeNames?.map(({ kind, value }) => `${kind}:${value}`),
    ['DNS:bob.example', 'IP:10.0.0.1', 'IP:fd00::1', 'URI:spiffe://x/y', 'email:bob@example.com'],
  );
  t.deepEqual(certificate.keyUsage, ['digitalSignature', 'keyEncipherment']);
  t.deepEqual(certificate.extendedKeyUsage, ['clientAuth']);
  t.deepEqual([certificate.basicConstraints?.isCa, certificate.version], [false, 3]);
  const x509 = new X509Certificate(text);
  t.true(x509.verify(new X509Certificate(ca.pem).publicKey));
  t.true(x509.checkPrivateKey(key));
  t.is(x509.serialNumber, '5A'.repeat(16));
});

test('each usage of the spec stands in the certificate, as what it is', (t) => {
  const of = (usage: string): readonly [readonly string[], readonly string[]] => {
    const { certificate } = signed({
      subject: [['CN', 'x']],
      spec: { signerName: signers.legacyUnknown, usages: [usage] },
    });
    return [certificate.keyUsage ?? ['none'], certificate.extendedKeyUsage ?? ['none']];
  };
  const expected: Readonly<Record<string, readonly [string, string]>> = {
    signing: ['digitalSignature', 'none'],
    'digital signature': ['digitalSignature', 'none'],
    'content commitment': ['nonRepudiation', 'none'],
    'key encipherment': ['keyEncipherment', 'none'],
    'key agreement': ['keyAgreement', 'none'],
    'data encipherment': ['dataEncipherment', 'none'],
    'cert sign': ['keyCertSign', 'none'],
    'crl sign': ['cRLSign', 'none'],
    'encipher only': ['encipherOnly', 'none'],
    'decipher only': ['decipherOnly', 'none'],
    any: ['none', 'anyExtendedKeyUsage'],
    'server auth': ['none', 'serverAuth'],
    'client auth': ['none', 'clientAuth'],
    'code signing': ['none', 'codeSigning'],
    'email protection': ['none', 'emailProtection'],
    's/mime': ['none', 'emailProtection'],
    'ipsec end system': ['none', '1.3.6.1.5.5.7.3.5'],
    'ipsec tunnel': ['none', '1.3.6.1.5.5.7.3.6'],
    'ipsec user': ['none', '1.3.6.1.5.5.7.3.7'],
    timestamping: ['none', 'timeStamping'],
    'ocsp signing': ['none', 'OCSPSigning'],
    'microsoft sgc': ['none', '1.3.6.1.4.1.311.10.3.3'],
    'netscape sgc': ['none', '2.16.840.1.113730.4.1'],
  };
  t.deepEqual(Object.keys(expected).toSorted(), [...keyUsages].toSorted());
  for (const [usage, [key, extended]] of Object.entries(expected))
    t.deepEqual(
      of(usage).map((all) => all.join()),
      [key, extended],
      usage,
    );
});

/** Seconds from now: beginning and end. */
function life(
  expirationSeconds: number | undefined,
  duration?: number,
  caEnds = at + 3650 * day,
): readonly number[] | undefined {
  const validity = validityOf(
    expirationSeconds,
    {
      certificate: { ...ca.certificate, notAfter: caEnds },
      key: ca.key,
      ...(duration === undefined ? {} : { duration }),
    },
    at + 250,
  );
  return validity && [(validity.notBefore - at) / second, (validity.notAfter - at) / second];
}

test('how long a certificate lives', (t) => {
  const year = 8760 * 3600;
  t.deepEqual(life(undefined), [-300, year - 300]);
  t.deepEqual(life(undefined, 3 * 86_400), [-300, 3 * 86_400 - 300]);
  t.deepEqual(life(2 * year), [-300, year - 300]);
  t.deepEqual(life(86_400), [-300, 86_400 - 300]);
  t.deepEqual(life(8 * 3600), [-300, 8 * 3600 - 300]);
  t.deepEqual(life(8 * 3600 - 1), [-300, 8 * 3600 - 1]);
  t.deepEqual(life(600), [-300, 600]);
  t.deepEqual(life(1), [-300, 600]);
  t.deepEqual(life(600, 120), [-300, 120]);
  t.deepEqual(life(undefined, undefined, at + day), [-300, 86_400]);
  t.deepEqual(life(600, undefined, at + 5000), [-300, 5]);
  t.is(life(600, undefined, at), undefined);
});

test('the life that the request asks for stands in the certificate', (t) => {
  const { certificate } = signed({ spec: { expirationSeconds: 3600 } }, signing, at + 999);
  t.deepEqual([certificate.notBefore, certificate.notAfter], [at - 300 * second, at + hour]);
});

test('the names are critical where there is no subject, and only there', (t) => {
  const isCritical = (subject: RequestFacts['subject']): boolean | undefined =>
    signed({
      subject: subject ?? [],
      san: ['DNS:x'],
      spec: { signerName: signers.legacyUnknown, usages: ['server auth'] },
    }).certificate.extensions.find(({ name }) => name === 'subject_alternative_name')?.critical;
  t.deepEqual([isCritical([]), isCritical([['CN', 'x']])], [true, false]);
});

test('a CA that has ended signs nothing, and says so', (t) => {
  const ended = authority('kubernetes', { notAfter: at - day });
  t.like(decide({}, { certificate: ended.certificate, key: ended.key }), {
    decision: 'leave',
    why: `the signer has expired: NotAfter=${iso(at - day)}`,
  });
});

withPeer(
  'openssl',
  'openssl takes what is signed for what it is, whatever key the CA and the asker have',
  async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'wirelab-signer-'));
    try {
      for (const kind of ['P-256', 'RSA-2048', 'Ed25519'] as const) {
        const own = authority('kubernetes', {
          key: makeKey(kind),
          keyUsage: ['keyCertSign', 'digitalSignature'],
        });
        const { pem } = signed(
          client(clientUsages, { pem: makeRequest({ subject: [['CN', 'bob']], key: kind }).request }),
          { certificate: own.certificate, key: own.key },
        );
        await Promise.all([
          writeFile(join(folder, 'ca.crt'), own.pem),
          writeFile(join(folder, 'c.crt'), pem),
        ]);
        const verify = async (purpose: string): Promise<string> =>
          (
            await runProgram(
              'openssl',
              [
                'verify',
                '-x509_strict',
                '-attime',
                String(at / second),
                '-purpose',
                purpose,
                '-CAfile',
                'ca.crt',
                'c.crt',
              ],
              { cwd: folder },
            )
          ).stderr;
        t.is(await verify('sslclient'), '', kind);
        t.regex(await verify('sslserver'), /unsuitable certificate purpose/, kind);
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  },
);

const attempts = (facts: RequestFacts, username: string): readonly string[] =>
  approvalAttempts(signingRequest({ ...facts, spec: { ...facts.spec, username } }), at).map(
    ({ subresource }) => subresource,
  );

test('a kubelet’s request is tried for approval: its own first', (t) => {
  t.deepEqual(attempts({}, 'system:node:n1'), ['selfnodeclient', 'nodeclient']);
  t.deepEqual(attempts({}, 'system:bootstrap:abcdef'), ['nodeclient']);
  t.deepEqual(attempts({}, 'system:node:n2'), ['nodeclient']);
});

test('nothing else is approved by itself', (t) => {
  const none: readonly RequestFacts[] = [
    { spec: { signerName: signers.client } },
    { san, spec: { signerName: signers.kubeletServing, usages: serverUsages } },
    { subject: stranger },
    { subject: groups },
    { san: ['DNS:x'] },
    { spec: { usages: serverUsages } },
    { pem: 'hello' },
    { status: approved },
    { status: { conditions: [condition('Denied')] } },
    { status: { certificate: base64(ca.pem) } },
  ];
  for (const facts of none) t.deepEqual(attempts(facts, 'system:node:n1'), [], JSON.stringify(facts));
});

test('an approval says why', (t) => {
  const [own, new_] = approvalAttempts(signingRequest({ spec: { username: 'system:node:n1' } }), at);
  t.deepEqual(own?.condition, {
    type: 'Approved',
    status: 'True',
    reason: 'AutoApproved',
    message: 'Auto approving self kubelet client certificate after SubjectAccessReview.',
    lastUpdateTime: iso(at),
  });
  t.is(new_?.condition.message, 'Auto approving kubelet client certificate after SubjectAccessReview.');
});

const ended = base64(issue({ subject: [['CN', 'x']], issuer: ca, notAfter: at - second }).pem);
const current = base64(issue({ subject: [['CN', 'x']], issuer: ca }).pem);
const since = (type: string, age: number): unknown => condition(type, { lastUpdateTime: iso(at - age) });
const garbage = (facts: RequestFacts): string | undefined => garbageReason(signingRequest(facts), at);

test('what is cleared away, and what stays until then', (t) => {
  const rows: readonly (readonly [RequestFacts, string | undefined])[] = [
    [{ created: at - 24 * hour - second }, 'pending'],
    [{ created: at - 24 * hour }, undefined],
    [{ status: { conditions: [since('Approved', 2 * hour)] }, created: at - 48 * hour }, undefined],
    [{ status: { conditions: [since('Approved', hour + second)], certificate: current } }, 'issued'],
    [{ status: { conditions: [since('Approved', hour)], certificate: current } }, undefined],
    [{ status: { conditions: [since('Denied', hour + second)] } }, 'denied'],
    [{ status: { conditions: [since('Denied', hour)] } }, undefined],
    [{ status: { conditions: [since('Approved', 2 * hour), since('Failed', hour + second)] } }, 'failed'],
    [{ status: { conditions: [since('Approved', 2 * hour), since('Failed', hour)] } }, undefined],
    [{ status: { conditions: [since('Approved', 0)], certificate: ended } }, 'expired'],
    [{ status: { conditions: [since('Approved', 0)], certificate: current } }, undefined],
    [{ status: { certificate: ended } }, undefined],
    [{ status: { conditions: [since('Approved', 0)], certificate: base64('hello') } }, undefined],
    [{ status: { conditions: [{ type: 'Denied', status: 'True' }] } }, undefined],
  ];
  for (const [facts, expected] of rows) t.is(garbage(facts), expected, JSON.stringify(facts.status));
});

test('a hostile request costs a signer nothing', (t) => {
  const began = cpuTime();
  const deep = Buffer.alloc(60_000, Uint8Array.of(0x30, 0x80));
  const hostile: readonly KubeObject[] = [
    signingRequest({ status: approved, pem: toPem('CERTIFICATE REQUEST', deep) }),
    signingRequest({ status: approved, spec: { request: base64(Buffer.alloc(10_000_000, 0x2d)) } }),
    signingRequest({
      status: approved,
      spec: { usages: Array.from({ length: 200_000 }, (_, index) => `u${index}`) },
    }),
    signingRequest({
      status: approved,
      subject: [
        ['CN', 'system:node:\0'],
        ...Array.from({ length: 2000 }, () => ['O', 'system:nodes'] as const),
      ],
    }),
  ];
  for (const object of hostile) {
    t.not(decideSigning(object, signing, at, random).decision, 'sign');
    t.deepEqual(approvalAttempts(object, at), []);
  }
  t.true(cpuTime() - began < 5000);
});

test('a NUL in a name is part of the name, and stays where it was', (t) => {
  const { certificate } = signed(client(clientUsages, { subject: [['CN', 'bob\0admin']] }));
  t.is(certificate.subject.attributes.at(-1)?.value, 'bob\0admin');
  t.deepEqual(nodeSubject.length, 2);
});
