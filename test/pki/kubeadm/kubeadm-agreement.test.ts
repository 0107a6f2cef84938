/**
 * Three judges of one client certificate: `kube pki check` calls a folder wrong where `certs verify` (OpenSSL's rules) or the API
 * server (Go's) refuses the certificate in it, and nowhere else.
 */
import test from 'ava';
import { generateKeyPairSync } from 'node:crypto';
import { readCertificate } from '../../../src/protocols/x509/certificate.ts';
import type { Certificate } from '../../../src/protocols/x509/certificate.ts';
import { verifyClient } from '../../../src/kube/authn/client-certificate.ts';
import { checkCluster } from '../../../src/pki/kubeadm/check.ts';
import { problems } from '../../../src/pki/kubeadm/check/finding.ts';
import { kubeconfigText } from '../../../src/pki/kubeadm/kubeconfig.ts';
import { keyPem } from '../../../src/pki/kubeadm/issue.ts';
import { verifyChain } from '../../../src/pki/x509/verify.ts';
import { got } from '../../protocols/x509/got.ts';
import {
  basic,
  ca,
  constraints,
  dn,
  extendedUsage,
  extension,
  general,
  implicit,
  int,
  keyUsage,
  leaf,
  octets,
  printable,
  seq,
  utcTime,
  bits,
} from '../openssl/der-kit.ts';
import type { Made, Spec } from '../openssl/der-kit.ts';
import { now, readingOf } from '../support/cluster.ts';
import type { MemoryFolder } from '../support/cluster.ts';

const read = ({ der }: Made): Certificate => got(readCertificate(der)).value;
const subject = dn('O=kubeadm:cluster-admins', 'CN=kubernetes-admin');
const unknown = extension('1.3.6.1.4.1.32473.1', Buffer.of(5, 0), true);
const rsa = (modulusLength: number, publicExponent = 65_537): Spec => ({
  pair: generateKeyPairSync('rsa', { modulusLength, publicExponent }),
});

/** What the CA is made of, in place of what it usually has; and what its client is. */
const authorities: Readonly<Record<string, Spec>> = {
  'a usual CA': {},
  'one that permits DNS names of its own': {
    ext: { nc: { critical: constraints([general.dns('good.test')]) } },
  },
  'one that permits subjects of another organization': {
    ext: { nc: constraints([general.directory(dn('O=acme'))]) },
  },
  'the same, critical': { ext: { nc: { critical: constraints([general.directory(dn('O=acme'))]) } } },
  'one that permits the subject, critical, which Go does not evaluate': {
    ext: { nc: { critical: constraints([general.directory(dn('O=kubeadm:cluster-admins'))]) } },
  },
  'one that excludes addresses': { ext: { nc: constraints([], [general.ip(10, 0, 0, 0, 255, 0, 0, 0)]) } },
  'one whose constraint has a mask with a hole': {
    ext: { nc: constraints([], [general.ip(10, 0, 0, 0, 255, 0, 255, 0)]) },
  },
  'one whose constraints cannot be read': { ext: { nc: octets(Buffer.from('x')) } },
  'critical policy constraints': { ext: { policyConstraints: { critical: seq(implicit(0, Buffer.of(0))) } } },
  'policy constraints': { ext: { policyConstraints: seq(implicit(0, Buffer.of(0))) } },
  'critical inhibitAnyPolicy': { ext: { inhibitAny: { critical: int(0) } } },
  'a critical extension that nobody knows': { more: [unknown] },
  'no keyCertSign': { ext: { ku: { critical: keyUsage('digitalSignature') } } },
  'no key usage': { ext: { ku: false } },
  'no basicConstraints': { ext: { bc: false } },
  'no CA below it': { ext: { bc: { critical: basic(true, 0) } } },
  'good for servers alone': { ext: { eku: extendedUsage('server') } },
  'good for clients': { ext: { eku: extendedUsage('client') } },
  'no identifiers': { ext: { ski: false, aki: false } },
  expired: { notAfter: utcTime('260201000000Z') },
  'RSA-1024': rsa(1024),
  'RSA with a large exponent': rsa(2048, 0xffff_ffff),
};

const clients: Readonly<Record<string, Spec>> = {
  'a usual client': {},
  'a DNS name': { ext: { san: seq(general.dns('bad.test')) } },
  'a DNS name that is permitted': { ext: { san: seq(general.dns('a.good.test')) } },
  'an address': { ext: { san: seq(general.ip(10, 1, 2, 3)) } },
  'an address of one byte': { ext: { san: seq(general.ip(5)) } },
  'a URI that Go cannot parse': { ext: { san: seq(general.uri('http://[::1/x')) } },
  'a critical extension that nobody knows': { more: [unknown] },
  'for servers alone': { ext: { eku: extendedUsage('server') } },
  'for nothing in particular': { ext: { eku: false, ku: false } },
  'for any use': { ext: { eku: extendedUsage('any') } },
  'for encipherment alone': { ext: { ku: { critical: keyUsage('keyEncipherment') } } },
  'a type of Netscape’s': { ext: { nsCertType: bits(Buffer.of(0x40), 6) } },
  'a CA': { ext: { bc: { critical: basic(true) } } },
  'another key’s identifier': { ext: { aki: seq(implicit(0, Buffer.alloc(20, 7))) } },
  'the issuer in another string': { issuer: dn(['CN', printable('kubernetes')]) },
  'the issuer in another case': { issuer: dn('CN=Kubernetes') },
  expired: { notAfter: utcTime('260201000000Z') },
  'not yet': { notBefore: utcTime('270101000000Z') },
  'RSA-1024': rsa(1024),
  'RSA with a large exponent': rsa(2048, 0xffff_ffff),
  'a signature that does not fit': {
    spoil: (signature) => Buffer.concat([signature.subarray(0, -1), Buffer.of((signature.at(-1) ?? 0) ^ 1)]),
  },
};

function judged(
  authority: Made,
  client: Made,
): {
  readonly byRules: boolean;
  readonly byServer: boolean;
  readonly byCheck: boolean;
  readonly told: string;
} {
  const [root, own] = [read(authority), read(client)];
  const folder: MemoryFolder = new Map([
    ['pki/ca.crt', { text: authority.pem, mode: 0o644 }],
    ['pki/ca.key', { text: keyPem(authority.pair.privateKey), mode: 0o600 }],
    [
      'admin.conf',
      {
        text: kubeconfigText({
          cluster: 'kubernetes',
          server: 'https://127.0.0.1:6443',
          authority: authority.pem,
          user: 'kubernetes-admin',
          proof: { certificate: client.pem, key: keyPem(client.pair.privateKey) },
        }),
        mode: 0o600,
      },
    ],
  ]);
  const wrong = checkCluster({ reading: readingOf(folder), now }).findings.filter(
    ({ problem }) => problems[problem] === 'wrong',
  );
  return {
    byRules: verifyChain({ chain: [client.der], roots: [authority.der], purpose: 'client', at: now })
      .admitted,
    byServer: 'leaf' in verifyClient([own.der], [root], now),
    byCheck: wrong.length === 0,
    told: wrong.map(({ file, problem }) => `${file} ${problem}`).join(', '),
  };
}

test('kube pki check calls a folder wrong where certs verify or the API server refuses its client, and nowhere else', (t) => {
  let sound = 0;
  const disagreements: string[] = [];
  const cases = [
    ...Object.entries(authorities).map(([title, spec]) => [title, spec, 'a DNS name'] as const),
    ...Object.entries(authorities).map(([title, spec]) => [title, spec, 'a usual client'] as const),
    ...Object.keys(clients).flatMap((client) => [
      ['a usual CA', {}, client] as const,
      ['constrained', authorities['one that permits DNS names of its own'] ?? {}, client] as const,
    ]),
  ];
  for (const [title, spec, name] of cases) {
    const authority = ca({ subject: 'kubernetes', ...spec });
    const { byRules, byServer, byCheck, told } = judged(
      authority,
      leaf(authority, { subject, ...clients[name], ext: { san: false, ...clients[name]?.ext } }),
    );
    if (byCheck !== (byRules && byServer))
      disagreements.push(`${title}, ${name}: certs verify ${byRules}, the API server ${byServer}; ${told}`);
    if (byCheck) sound++;
  }
  t.deepEqual(disagreements, []);
  t.true(sound > 10 && sound < cases.length / 2, `${sound} of ${cases.length}`);
});
