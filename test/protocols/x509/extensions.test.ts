/**
 * Extensions as openssl writes them: each becomes a field tree, and says what openssl was told. What is wrong inside an
 * extension that nobody judges by does not make the certificate unreadable; inside one that somebody judges by, it does.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import type { Field } from '../../../src/core/field.ts';
import { findField } from '../../../src/core/field.ts';
import { readCertificate } from '../../../src/protocols/x509/certificate.ts';
import { readRevocationList } from '../../../src/protocols/x509/crl.ts';
import { x509FieldIds } from '../../../src/protocols/x509/ids.ts';
import { readSigningRequest } from '../../../src/protocols/x509/request.ts';
import { generalNameText } from '../../../src/protocols/x509/structures.ts';
import { runProgram, withPeer } from '../../helpers/peer.ts';
import { allFields } from '../helpers/tree.ts';
import { certificateOf, der, oid, sequence } from './certificate-bytes.ts';
import { got } from './got.ts';

const known = new Set<string>(x509FieldIds);

/** Every byte named once, every name in the list. */
function covers(t: ExecutionContext, field: Field, length: number): void {
  let at = 0;
  for (const one of allFields(field)) {
    t.true(known.has(one.id), one.id);
    if (one.children.length > 0 || one.range[0] === one.range[1]) continue;
    t.is(one.range[0], at, one.id);
    at = one.range[1];
  }
  t.is(at, length);
}

const valuesOf = (field: Field, id: string): unknown[] =>
  allFields(field)
    .filter((one) => one.id === id)
    .map(({ value }) => (value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value));

async function inFolder<T>(
  run: (folder: string, openssl: (...parameters: string[]) => Promise<void>) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'wirelab-x509-'));
  try {
    return await run(folder, async (...parameters) => {
      const { exitCode, stderr } = await runProgram('openssl', parameters, { cwd: folder });
      if (exitCode !== 0) throw new Error(stderr);
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const settings = `
[req]
distinguished_name = dn
prompt = no
attributes = attributes
[dn]
CN = everything
street = Sejong-daero 1
organizationIdentifier = NTRKR-123
[attributes]
challengePassword = not a secret at all
[ca]
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid:always, issuer:always
basicConstraints = critical, CA:true, pathlen:3
keyUsage = critical, keyCertSign, cRLSign
extendedKeyUsage = serverAuth, msSmartcardLogin
subjectAltName = otherName:1.3.6.1.4.1.311.20.2.3;UTF8:alice@shop, email:a@shop, DNS:shop, dirName:dn, URI:spiffe://shop/a, IP:10.0.0.1, IP:2001:db8::1, RID:1.2.3.4
issuerAltName = DNS:issuer.shop
certificatePolicies = 2.23.140.1.2.1, @policy
policyMappings = 1.2.3.4:1.2.3.5
policyConstraints = requireExplicitPolicy:3, inhibitPolicyMapping:0
inhibitAnyPolicy = 2
nameConstraints = permitted;DNS:shop.localhost, permitted;IP:10.0.0.0/255.0.0.0, excluded;email:.example.org, excluded;IP:2001:db8::/ffff:ffff::
crlDistributionPoints = point
freshestCRL = URI:http://crl.shop/delta
authorityInfoAccess = OCSP;URI:http://ocsp.shop, caIssuers;URI:http://shop/ca.der
subjectInfoAccess = caRepository;URI:http://shop/repo
noCheck = ignored
tlsfeature = status_request, status_request_v2
nsCertType = server, sslCA
nsComment = "made for a test"
2.5.29.16 = DER:30:22:80:0f:32:30:32:36:30:31:30:31:30:30:30:30:30:30:5a:81:0f:32:30:32:36:30:32:30:31:30:30:30:30:30:30:5a
2.5.29.9 = DER:30:12:30:10:06:08:2b:06:01:05:05:07:09:04:31:04:13:02:4b:52
1.3.6.1.4.1.11129.2.4.3 = critical, DER:05:00
1.3.6.1.4.1.44363.44 = DER:05:00
[policy]
policyIdentifier = 1.2.3.4
CPS.1 = http://shop/practice
userNotice.1 = @notice
[notice]
explicitText = UTF8:읽어 보세요
organization = Workshop
noticeNumbers = 1, 2
[point]
fullname = URI:http://crl.shop/all
CRLissuer = dirName:dn
reasons = keyCompromise, CACompromise, privilegeWithdrawn, AACompromise
`;

withPeer(
  'openssl',
  'every extension that openssl can write is read into a tree that says what it was told',
  async (t) => {
    await inFolder(async (folder, openssl) => {
      await writeFile(join(folder, 'settings'), settings);
      await openssl(
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-nodes',
        '-keyout',
        'key',
        '-out',
        'cert',
        '-outform',
        'DER',
        '-config',
        'settings',
        '-extensions',
        'ca',
      );
      const bytes = new Uint8Array(await readFile(join(folder, 'cert')));
      const { value: certificate, field } = got(readCertificate(bytes));
      covers(t, field, bytes.length);
      t.deepEqual(
        certificate.extensions.filter(({ name }) => name === undefined),
        [],
      );
      t.false(
        allFields(field).some(({ id }) => id === 'x509.extension.opaque'),
        'nothing was left unread',
      );
      t.is(certificate.subject.text, 'CN=everything,street=Sejong-daero 1,organizationIdentifier=NTRKR-123');
      t.deepEqual(certificate.subjectAlternativeNames?.map(generalNameText), [
        'otherName:1.3.6.1.4.1.311.20.2.3=alice@shop',
        'email:a@shop',
        'DNS:shop',
        `directory:${certificate.subject.text}`,
        'URI:spiffe://shop/a',
        'IP:10.0.0.1',
        'IP:2001:db8::1',
        'registeredId:1.2.3.4',
      ]);
      t.deepEqual(certificate.policies, ['2.23.140.1.2.1', '1.2.3.4']);
      t.deepEqual(certificate.tlsFeatures, [5, 17]);
      t.is(certificate.crlDistributionPoints, 1);
      const says: Readonly<Record<string, unknown[]>> = {
        'x509.extension.certificate_policies.policy': ['domainValidated', '1.2.3.4'],
        'x509.extension.certificate_policies.practice_statement': ['http://shop/practice'],
        'x509.extension.certificate_policies.explicit_text': ['읽어 보세요'],
        'x509.extension.certificate_policies.notice_reference.organization': ['Workshop'],
        'x509.extension.certificate_policies.notice_reference.number': [1, 2],
        'x509.extension.policy_mappings.issuer_domain': ['1.2.3.4'],
        'x509.extension.policy_mappings.subject_domain': ['1.2.3.5'],
        'x509.extension.policy_constraints.require_explicit_policy': [3],
        'x509.extension.policy_constraints.inhibit_policy_mapping': [0],
        'x509.extension.inhibit_any_policy': [2],
        'x509.access_description': ['OCSP', 'caIssuers', 'caRepository'],
        'x509.distribution_point.reasons': ['keyCompromise, cACompromise, privilegeWithdrawn, aACompromise'],
        'x509.extension.netscape_cert_type': ['sslServer, sslCA'],
        'x509.extension.netscape_comment': ['made for a test'],
        'x509.extension.tls_feature': ['status_request, status_request_v2'],
        'x509.extension.private_key_usage_period.not_after': ['2026-02-01T00:00:00.000Z'],
        'x509.extension.subject_directory_attributes.values': [null],
        'x509.extension.precertificate_poison': [null],
        'x509.extension.ocsp_no_check': [null],
        'x509.extension.delegation_usage': [null],
      };
      for (const [id, values] of Object.entries(says)) t.deepEqual(valuesOf(field, id), values, id);
      const names = findField(field, 'x509.extension.name_constraints');
      t.deepEqual(names && valuesOf(names, 'x509.general_name'), [
        'DNS:shop.localhost',
        'IP:10.0.0.0/255.0.0.0',
        'email:.example.org',
        'IP:2001:db8::/ffff:ffff::',
      ]);
      const authority = findField(field, 'x509.extension.authority_key_identifier');
      t.deepEqual(authority && valuesOf(authority, 'x509.general_name'), [
        `directory:${certificate.subject.text}`,
      ]);
      const issuerNames = findField(field, 'x509.extension.issuer_alternative_name');
      t.deepEqual(issuerNames && valuesOf(issuerNames, 'x509.general_name'), ['DNS:issuer.shop']);
    });
  },
);

withPeer('openssl', 'a revocation list tells why and since when, and for what it speaks', async (t) => {
  await inFolder(async (folder, openssl) => {
    await writeFile(
      join(folder, 'index'),
      'R\t300101000000Z\t260101000000Z,keyTime,20251224180000Z\t01\tunknown\t/CN=a\nR\t300101000000Z\t260101000000Z,holdInstruction,holdInstructionReject\t02\tunknown\t/CN=b\n',
    );
    await writeFile(join(folder, 'number'), '2A');
    await writeFile(
      join(folder, 'settings'),
      `${settings}
[ca_db]
database = index
crlnumber = number
default_md = sha256
default_crl_days = 7
[list]
authorityKeyIdentifier = keyid
deltaCRL = 40
issuingDistributionPoint = critical, @scope
[scope]
fullname = URI:http://crl.shop/all
onlyuser = TRUE
indirectCRL = TRUE
onlysomereasons = keyCompromise
`.replace('deltaCRL = 40', '2.5.29.27 = critical, DER:02:01:28'),
    );
    await openssl(
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-keyout',
      'key',
      '-out',
      'cert',
      '-config',
      'settings',
      '-extensions',
      'ca',
    );
    await openssl(
      'ca',
      '-gencrl',
      '-name',
      'ca_db',
      '-config',
      'settings',
      '-keyfile',
      'key',
      '-cert',
      'cert',
      '-crlexts',
      'list',
      '-out',
      'crl.pem',
    );
    await openssl('crl', '-in', 'crl.pem', '-outform', 'DER', '-out', 'crl');
    const bytes = new Uint8Array(await readFile(join(folder, 'crl')));
    const { value: list, field } = got(readRevocationList(bytes));
    covers(t, field, bytes.length);
    t.deepEqual(
      Array.from(list.entries, ({ reason }) => reason),
      [1, 6],
    );
    t.deepEqual(
      list.extensions.map(({ name }) => name),
      ['authority_key_identifier', 'delta_crl_indicator', 'issuing_distribution_point', 'crl_number'],
    );
    t.deepEqual(valuesOf(field, 'x509.extension.invalidity_date'), ['2025-12-24T18:00:00.000Z']);
    t.deepEqual(valuesOf(field, 'x509.extension.hold_instruction'), ['1.2.840.10040.2.3']);
    t.deepEqual(valuesOf(field, 'x509.extension.crl_number'), ['2a']);
    t.deepEqual(valuesOf(field, 'x509.extension.delta_crl_indicator'), ['28']);
    t.deepEqual(valuesOf(field, 'x509.extension.issuing_distribution_point.only_user_certificates'), [1]);
    t.deepEqual(valuesOf(field, 'x509.extension.issuing_distribution_point.indirect'), [1]);
    t.deepEqual(valuesOf(field, 'x509.distribution_point.reasons'), ['keyCompromise']);
  });
});

withPeer('openssl', 'a request tells what it asks for, and its other attributes', async (t) => {
  await inFolder(async (folder, openssl) => {
    await writeFile(join(folder, 'settings'), settings);
    await openssl(
      'req',
      '-new',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-keyout',
      'key',
      '-out',
      'request',
      '-outform',
      'DER',
      '-config',
      'settings',
      '-addext',
      'tlsfeature = status_request',
    );
    const bytes = new Uint8Array(await readFile(join(folder, 'request')));
    const { value, field } = got(readSigningRequest(bytes));
    covers(t, field, bytes.length);
    t.deepEqual(value.tlsFeatures, [5]);
    const attributes = findField(field, 'x509.request_info.attributes');
    t.deepEqual(attributes && valuesOf(attributes, 'x509.attribute.value'), ['not a secret at all']);
  });
});

const keys: readonly (readonly [
  title: string,
  parameters: readonly string[],
  name: string,
  signature: string,
])[] = [
  ['RSA', ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'], 'RSA-2048', 'sha256WithRSAEncryption'],
  ['P-384', ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-384'], 'P-384', 'ecdsa-with-SHA256'],
  [
    'brainpoolP256r1',
    ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:brainpoolP256r1'],
    'brainpoolP256r1',
    'ecdsa-with-SHA256',
  ],
  [
    'secp256k1',
    ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:secp256k1'],
    'secp256k1',
    'ecdsa-with-SHA256',
  ],
  ['Ed25519', ['-algorithm', 'ED25519'], 'Ed25519', 'Ed25519'],
  ['Ed448', ['-algorithm', 'ED448'], 'Ed448', 'Ed448'],
  ['ML-DSA-44', ['-algorithm', 'ML-DSA-44'], 'ML-DSA-44', 'ML-DSA-44'],
  ['ML-DSA-87', ['-algorithm', 'ML-DSA-87'], 'ML-DSA-87', 'ML-DSA-87'],
];

for (const [title, parameters, name, signature] of keys) {
  withPeer('openssl', `a certificate of a key ${title} is named ${name}`, async (t) => {
    await inFolder(async (folder, openssl) => {
      // Before 3.5 openssl has no ML-DSA.
      if (
        title.startsWith('ML-') &&
        !/ML-DSA/i.test((await runProgram('openssl', ['list', '-signature-algorithms'])).stdout)
      ) {
        t.pass('this openssl has no ML-DSA');
        return;
      }
      await openssl('genpkey', ...parameters, '-out', 'key');
      await openssl(
        'req',
        '-x509',
        '-key',
        'key',
        '-subj',
        '/CN=k',
        '-out',
        'cert',
        '-outform',
        'DER',
        ...(/^(Ed|ML)/.test(title) ? [] : ['-sha256']),
      );
      const bytes = new Uint8Array(await readFile(join(folder, 'cert')));
      const { value, field } = got(readCertificate(bytes));
      covers(t, field, bytes.length);
      t.is(value.publicKey.name, name);
      t.is(value.signatureAlgorithm.name, signature);
    });
  });
}

withPeer(
  'openssl',
  'the parameters of RSASSA-PSS are taken apart, in the key and in the signature',
  async (t) => {
    await inFolder(async (folder, openssl) => {
      await openssl(
        'genpkey',
        '-algorithm',
        'RSA-PSS',
        '-pkeyopt',
        'rsa_keygen_bits:2048',
        '-pkeyopt',
        'rsa_pss_keygen_md:sha384',
        '-pkeyopt',
        'rsa_pss_keygen_mgf1_md:sha384',
        '-pkeyopt',
        'rsa_pss_keygen_saltlen:48',
        '-out',
        'key',
      );
      await openssl('req', '-x509', '-key', 'key', '-subj', '/CN=k', '-out', 'cert', '-outform', 'DER');
      const bytes = new Uint8Array(await readFile(join(folder, 'cert')));
      const { value, field } = got(readCertificate(bytes));
      covers(t, field, bytes.length);
      t.is(value.publicKey.name, 'RSA-2048');
      t.is(value.signatureAlgorithm.name, 'RSASSA-PSS');
      // Thrice: in what is signed, in the key, behind what is signed.
      t.deepEqual(valuesOf(field, 'x509.algorithm.identifier'), [
        'SHA-384',
        null,
        'SHA-384',
        'SHA-384',
        null,
        'SHA-384',
        'SHA-384',
        null,
        'SHA-384',
      ]);
      t.deepEqual(valuesOf(field, 'x509.algorithm.pss.number'), [48, 48, 48]);
    });
  },
);

withPeer('openssl', 'a DSA key shows its parameters', async (t) => {
  await inFolder(async (folder, openssl) => {
    await openssl(
      'genpkey',
      '-genparam',
      '-algorithm',
      'DSA',
      '-pkeyopt',
      'dsa_paramgen_bits:1024',
      '-out',
      'parameters',
    );
    await openssl('genpkey', '-paramfile', 'parameters', '-out', 'key');
    await openssl(
      'req',
      '-x509',
      '-key',
      'key',
      '-sha256',
      '-subj',
      '/CN=k',
      '-out',
      'cert',
      '-outform',
      'DER',
    );
    const bytes = new Uint8Array(await readFile(join(folder, 'cert')));
    const { value, field } = got(readCertificate(bytes));
    covers(t, field, bytes.length);
    t.is(value.publicKey.name, 'DSA');
    t.is(value.signatureAlgorithm.name, 'dsa-with-SHA256');
    t.is(String(valuesOf(field, 'x509.algorithm.prime')[0]).length, 2 * 129);
  });
});

test('an extension that informs and is not as it should be is kept as bytes, and the certificate is read', (t) => {
  for (const extension of [
    '2.5.29.32',
    '2.5.29.30',
    '1.3.6.1.5.5.7.1.1',
    '1.3.6.1.4.1.11129.2.4.2',
    '1.3.6.1.5.5.7.1.24',
    '2.5.29.9',
    '2.5.29.28',
  ]) {
    for (const content of [
      Buffer.alloc(0),
      Buffer.from('ff', 'hex'),
      Buffer.from('3003020101', 'hex'),
      Buffer.from('3080', 'hex'),
      Buffer.from('0401', 'hex'),
    ]) {
      const bytes = certificateOf([sequence(oid(extension), der(0x04, content))]);
      const { value, field } = got(readCertificate(bytes));
      covers(t, field, bytes.length);
      t.is(value.extensions.length, 1, extension);
      if (content.length > 0 && content[0] !== 0x30)
        t.truthy(findField(field, 'x509.extension.opaque'), extension);
    }
  }
});

test('an extension that a verifier judges by and is not as it should be makes the certificate malformed', (t) => {
  for (const extension of ['2.5.29.15', '2.5.29.17', '2.5.29.19', '2.5.29.37']) {
    const step = readCertificate(
      certificateOf([sequence(oid(extension), der(0x04, Buffer.from('ff00', 'hex')))]),
    );
    t.true('malformed' in step, extension);
  }
});

const sct = (version: number, timestamp: bigint): Buffer => {
  const at = Buffer.alloc(8);
  at.writeBigUInt64BE(timestamp);
  const body = Buffer.concat([
    Buffer.from([version]),
    Buffer.alloc(32, 7),
    at,
    Buffer.from([0, 0, 4, 3, 0, 2, 0xaa, 0xbb]),
  ]);
  return Buffer.concat([Buffer.from([0, body.length]), body]);
};

test('signed certificate timestamps in a certificate: log, date, signature; a later version is kept as it is', (t) => {
  const list = Buffer.concat([sct(0, 1_767_225_600_000n), sct(1, 0n), sct(0, 2n ** 64n - 1n)]);
  const held = der(0x04, Buffer.concat([Buffer.from([0, list.length]), list]));
  // The same list has another number where it stands in an OCSP response.
  const [bytes, inOcsp] = ['1.3.6.1.4.1.11129.2.4.2', '1.3.6.1.4.1.11129.2.4.5'].map((number) =>
    certificateOf([sequence(oid(number), der(0x04, held))]),
  ) as [Uint8Array, Uint8Array];
  t.is(got(readCertificate(inOcsp)).value.timestamps?.length, 2);
  const { value, field } = got(readCertificate(bytes));
  covers(t, field, bytes.length);
  t.deepEqual(
    value.timestamps?.map(({ timestamp }) => timestamp),
    [1_767_225_600_000, 2 ** 64],
  );
  t.deepEqual(valuesOf(field, 'x509.sct.timestamp'), ['2026-01-01T00:00:00.000Z', 'ff'.repeat(8)]);
  t.deepEqual(valuesOf(field, 'x509.sct.log_id'), ['07'.repeat(32), '07'.repeat(32)]);
  t.deepEqual(valuesOf(field, 'x509.sct.signature'), ['aabb', 'aabb']);
  t.is(valuesOf(field, 'x509.sct.opaque').length, 1);
});
