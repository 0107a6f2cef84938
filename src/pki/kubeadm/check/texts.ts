/** Words the findings of a cluster check: what is wrong, and what to do. */
import { verbatim } from '../../../i18n/language.ts';
import type { Localized } from '../../../i18n/language.ts';
import { josa } from '../../../i18n/josa.ts';
import type { Certificate } from '../../../protocols/x509/certificate.ts';
import { visible } from '../../x509/name-lint.ts';
import { validityState } from '../../x509/validity.ts';
import { kubeadmKubeconfigs, kubeadmLeaves } from '../certificates.ts';
import type { AuthorityRow, KubeconfigRow } from '../certificates.ts';
import { octalOf } from './context.ts';
import { words } from './finding.ts';
import type { Words } from './finding.ts';

export const missing = (name: string): Words =>
  words(
    [`${name} is missing`, `${josa(name, '이/가')} 없습니다`],
    [
      'Run ./wirelab kube pki --out DIR to create what is missing.',
      './wirelab kube pki --out DIR 명령으로 없는 것을 만드세요.',
    ],
  );

export const halfWithout = (other: string): Words =>
  words(
    [
      `it is missing, but ${other} exists: both are needed`,
      `이 파일은 없고 ${other}만 있습니다. 둘이 함께 있어야 쓸 수 있습니다`,
    ],
    [
      'Restore it from where they were created, or move the other aside and create both again.',
      '만든 곳에서 다시 가져오거나, 남은 파일을 다른 곳으로 옮기고 둘 다 새로 만드세요.',
    ],
  );

export const notACa = (certificate: Certificate): Words =>
  words(
    [
      'it is not a CA certificate: nothing that it signs is trusted',
      'CA 인증서가 아닙니다. 이 인증서로 서명한 것은 아무도 믿지 않습니다',
    ],
    ['Replace it with the CA’s certificate.', '이 자리에 CA 인증서를 두세요.'],
    {
      expected: verbatim('CA:TRUE, keyCertSign'),
      received: `CA:${certificate.basicConstraints?.isCa ? 'TRUE' : 'FALSE'}, ${certificate.keyUsage?.join(', ') ?? '-'}`,
    },
  );

export const anotherInPlace = (row: AuthorityRow, namesake: AuthorityRow, certificate: Certificate): Words =>
  words(
    [
      `it is another CA of the cluster, ${namesake.name}, in place of ${row.name}: certificates that ${namesake.name} signed are accepted instead of those that ${row.name} signed`,
      `${row.name} 자리에 클러스터의 다른 CA인 ${josa(namesake.name, '이/가')} 있습니다. 그 CA가 서명한 인증서를 받아들이고 ${josa(row.name, '이/가')} 서명한 인증서는 거부하게 됩니다`,
    ],
    [
      `Restore the certificate of ${row.name} and its key.`,
      `${row.name}의 인증서와 키를 제자리에 되돌려 놓으세요.`,
    ],
    { expected: verbatim(`CN=${row.commonName}`), received: visible(certificate.subject.text) },
  );

export const anotherBeside = (other: Certificate, now: number): Words =>
  words(
    [
      `it also contains another CA, ${visible(other.subject.text)}${validityState(other, now) === 'valid' ? '' : ' (not valid now)'}: certificates signed by that CA are accepted too`,
      `다른 CA도 들어 있습니다: ${visible(other.subject.text)}${validityState(other, now) === 'valid' ? '' : '(지금은 유효하지 않음)'}. 이 CA가 서명한 인증서도 받아들이게 됩니다`,
    ],
    [
      'Leave it while the CA is being replaced; otherwise remove it.',
      'CA를 교체하는 중이라면 그대로 두고, 아니라면 빼세요.',
    ],
  );

export const anotherTrusted = (other: Certificate, now: number): Words =>
  words(
    [
      `it also trusts another CA, which is not in pki/ca.crt, ${visible(other.subject.text)}${validityState(other, now) === 'valid' ? '' : ' (not valid now)'}: it accepts any server that this CA vouches for`,
      `pki/ca.crt에 없는 다른 CA도 신뢰합니다: ${visible(other.subject.text)}${validityState(other, now) === 'valid' ? '' : '(지금은 유효하지 않음)'}. 그 CA가 보증하는 서버라면 무엇이든 받아들입니다`,
    ],
    [
      'Leave it while the CA is being replaced; otherwise remove it from certificate-authority-data.',
      'CA를 교체하는 중이라면 그대로 두고, 아니라면 certificate-authority-data에서 빼세요.',
    ],
  );

/** The key of a leaf, or of service account tokens. */
export const keyOfCa = (name: AuthorityRow['name']): Words =>
  words(
    [
      `its key is that of the CA ${name}: the holder of the key can issue certificates in the CA’s name`,
      `CA인 ${name}의 키를 함께 쓰고 있습니다. 이 키를 가진 쪽은 CA의 이름으로 인증서를 발급할 수 있습니다`,
    ],
    ['Create it again with a key of its own.', '따로 만든 키로 다시 만드세요.'],
  );

export const tokenInstead = (row: KubeconfigRow): Words =>
  words(
    [
      'it has a token in place of the certificate: a token stands for another user, and kubeadm cannot renew the file',
      '인증서가 있어야 할 곳에 토큰이 있습니다. 토큰이 나타내는 것은 다른 사용자이고, kubeadm도 이 파일을 갱신하지 못합니다',
    ],
    [
      `Move it aside, then run ./wirelab kube pki --out DIR to create a new ${row.name}.`,
      `다른 곳으로 옮기고 ./wirelab kube pki --out DIR 명령으로 ${josa(row.name, '을/를')} 새로 만드세요.`,
    ],
    { expected: verbatim('client-certificate-data, client-key-data'), received: 'token' },
  );

export const noCaBeside = (other: Certificate): Words =>
  words(
    [
      `it contains a certificate that is not a CA certificate: ${visible(other.subject.text)}`,
      `CA가 아닌 인증서도 들어 있습니다: ${visible(other.subject.text)}`,
    ],
    [
      'Remove it: this file is only for CAs that are trusted to sign.',
      '빼세요. 서명을 신뢰할 CA만 두는 파일입니다.',
    ],
  );

export const strayCertificate = (other: Certificate): Words =>
  words(
    [
      `its certificate is followed by one that did not issue it: ${visible(other.subject.text)}`,
      `인증서 뒤에, 그 발급자가 아닌 인증서가 있습니다: ${visible(other.subject.text)}`,
    ],
    [
      'Remove it: a certificate may be followed only by its issuers.',
      '빼세요. 인증서 뒤에는 발급자의 인증서만 둡니다.',
    ],
  );

export const anotherKey: Words = words(
  [
    'it contains more than one private key: only the first is used',
    '개인 키가 둘 이상 들어 있습니다. 첫 번째 키만 쓰입니다',
  ],
  ['Remove the others, and find out whose they are.', '나머지를 빼고, 누구의 키인지 확인하세요.'],
);

export const strayWords = (found: string): Words =>
  words(
    [
      'the file has content that does not belong there; Kubernetes ignores it',
      '파일에 다른 내용이 섞여 있습니다. 쿠버네티스는 이를 무시합니다',
    ],
    [
      'Remove it, or copy the file again from where it was made.',
      '빼거나, 파일을 만든 곳에서 다시 복사하세요.',
    ],
    { received: visible(found.length > 60 ? `${found.slice(0, 60)}…` : found) },
  );

export const keyInside = (mode: number | undefined): Words =>
  words(
    [
      `it contains a private key, which does not belong there${mode === undefined ? '' : ` (mode ${octalOf(mode)})`}: files like this are given to others`,
      `여기에 있으면 안 되는 개인 키가 들어 있습니다${mode === undefined ? '' : `(모드 ${octalOf(mode)})`}. 이 파일은 다른 사람에게 나눠 주는 파일입니다`,
    ],
    [
      'Remove the key; if anyone else could read the file, make a new key.',
      '키를 빼세요. 다른 사람이 읽을 수 있었다면 키를 새로 만드세요.',
    ],
  );

export const sharedWords = (name: string, other: string): Words =>
  words(
    [
      `${name} is the same CA as ${other}: a certificate signed for one purpose is accepted for the other${name === 'etcd-ca' ? ', so every user of the cluster can read all of etcd' : ''}`,
      `두 CA가 같습니다: ${name}, ${other}. 한쪽 용도로 서명한 인증서가 다른 쪽에서도 통합니다${name === 'etcd-ca' ? '. 클러스터의 모든 사용자가 etcd 전체를 읽을 수 있습니다' : ''}`,
    ],
    [
      'Use separate CAs, as kubeadm does, unless this is intended.',
      '의도한 것이 아니라면 kubeadm처럼 CA를 따로 두세요.',
    ],
  );

export const anothersWords = (other: string, own: string | undefined, received: string): Words =>
  words(
    [
      `it is the certificate of ${other}, in the place of another one`,
      `다른 자리에 있어야 할 ${other}의 인증서입니다`,
    ],
    ['Put each back in its own place, with its key.', '각 인증서를 키와 함께 제자리에 되돌려 놓으세요.'],
    { expected: own === undefined ? undefined : verbatim(`CN=${own}`), received },
  );

export const unrevocableWords = (isAdmin: boolean): Words =>
  words(
    [
      'its user is in system:masters: no role limits it, and only a new CA revokes this access',
      'system:masters 그룹의 사용자입니다. 어떤 롤로도 제한할 수 없고, CA를 바꾸지 않는 한 권한을 회수할 수 없습니다',
    ],
    isAdmin
      ? [
          'Since 1.29 kubeadm reserves that group for super-admin.conf: move this file aside and create a new one (./wirelab kube pki --out DIR).',
          '1.29부터 kubeadm은 이 그룹을 super-admin.conf에만 씁니다. 이 파일을 옮기고 새로 만드세요(./wirelab kube pki --out DIR).',
        ]
      : ['Use a separate group, and bind a role to it.', '별도의 그룹을 주고 그 그룹에 롤을 바인딩하세요.'],
    { expected: isAdmin ? verbatim('O=kubeadm:cluster-admins') : undefined },
  );

export const onTheNode = (files: readonly string[]): Words =>
  words(
    [
      `it refers to kubelet files that exist only on the node: ${files.join(', ')}`,
      `노드에만 있는 kubelet 파일을 가리킵니다: ${files.join(', ')}`,
    ],
    [
      'No action is needed if this is a copy. On the node itself, the kubelet has lost its certificate and must join again.',
      '이 폴더가 사본이라면 그대로 두세요. 노드에서 직접 점검한 것이라면 kubelet이 인증서를 잃은 것이므로 다시 등록(join)하세요.',
    ],
  );

export const otherPort = (expected: string, where: string, received: string): Words =>
  words(
    [
      `it connects to the same host as ${where}, but on another port`,
      `호스트는 ${where}에 있는 것과 같지만 포트가 다릅니다`,
    ],
    [
      'kubectl config set-cluster NAME --server=URL, unless this is intended',
      '의도한 것이 아니라면: kubectl config set-cluster 이름 --server=URL',
    ],
    { expected: verbatim(expected), received },
  );

export const anotherHost = (name: string, server: Certificate | undefined): Words =>
  words(
    [
      'it connects to a host for which the API server’s certificate is not valid',
      'API 서버의 인증서에 없는 호스트에 접속합니다',
    ],
    [
      'kubectl config set-cluster NAME --server=URL; or reissue apiserver.crt with this name as well',
      'kubectl config set-cluster 이름 --server=URL 명령으로 고치거나, 이 이름까지 넣어 apiserver.crt를 새로 만드세요',
    ],
    {
      expected: verbatim(
        (server?.subjectAlternativeNames ?? []).map(({ value }) => visible(value)).join(', '),
      ),
      received: visible(name),
    },
  );

export const constrained = (authority: string, name: string, expected: Localized | undefined): Words =>
  words(
    [
      `the name constraints of ${authority} do not permit ${name}: verifiers refuse it`,
      `${authority}의 이름 제약(name constraints)이 ${josa(name, '을/를')} 허용하지 않아 상대방이 거부합니다`,
    ],
    [
      'Reissue the CA without name constraints, as kubeadm does, or with this name permitted.',
      'kubeadm처럼 이름 제약 없이, 또는 이 이름을 허용하도록 CA를 다시 발급하세요.',
    ],
    { expected, received: name },
  );

export const misidentified = (remedy: Localized): Words =>
  words(
    [
      'its authority key identifier belongs to a CA other than its signer: OpenSSL and curl look for that CA and refuse it, Go does not',
      '발급자 키 식별자(authority key identifier)가 실제로 서명한 CA의 것이 아닙니다. OpenSSL과 curl은 그 CA를 찾다가 거부하고, Go는 받아들입니다',
    ],
    remedy,
  );

export const notFirst = (at: number, key: string): Words =>
  words(
    [
      `its own certificate is not the first: the private key in ${key} matches certificate ${at + 1}`,
      `자기 인증서가 맨 앞에 있지 않습니다. ${key}의 개인 키는 ${at + 1}번째 인증서와 짝입니다`,
    ],
    [
      'Put the certificate of the key first, followed by those of its issuers.',
      '키와 짝인 인증서를 맨 앞에 두고 발급자의 인증서를 그 뒤에 두세요.',
    ],
    { expected: { en: 'its own certificate, then its issuers', ko: '자기 인증서 다음에 발급자의 인증서' } },
  );

export const spelt = ({ text, der }: Certificate['subject']): string =>
  `${visible(text)} (${Buffer.from(der).toString('hex').slice(0, 80)})`;

export const renamed = (authority: Certificate, leaf: Certificate): Words =>
  words(
    [
      'it writes the CA’s name differently from all certificates that it signed (another string type or case): Kubernetes and etcd (Go) compare names byte for byte, and refuse all of them',
      'CA 이름의 문자열 타입이나 대소문자가 이 CA가 서명한 인증서들에 적힌 것과 다릅니다. 쿠버네티스와 etcd(Go)는 바이트 단위로 비교하므로 모두 거부합니다',
    ],
    [
      'Restore the previous CA certificate, or reissue it with a byte-identical subject.',
      '이전 CA 인증서를 되돌리거나, 주체(subject)를 바이트까지 같게 해서 다시 발급하세요.',
    ],
    { expected: verbatim(spelt(leaf.issuer)), received: spelt(authority.subject) },
  );

export const respelt = (authority: Certificate, certificate: Certificate, remedy: Localized): Words =>
  words(
    [
      'it writes the name of its CA differently from the CA certificate (another string type or case): Kubernetes and etcd (Go) compare names byte for byte, and find no CA',
      'CA 이름의 문자열 타입이나 대소문자가 CA 인증서와 다르게 적혀 있습니다. 쿠버네티스와 etcd(Go)는 바이트 단위로 비교하므로 CA를 찾지 못합니다',
    ],
    remedy,
    { expected: verbatim(spelt(authority.subject)), received: spelt(certificate.issuer) },
  );

export const mismatch = (certificate: string, key: string): Words =>
  words(
    [
      certificate === key
        ? 'its private key does not match its client certificate'
        : `the private key does not match the certificate in ${certificate}`,
      certificate === key
        ? '개인 키가 클라이언트 인증서와 맞지 않습니다'
        : `개인 키가 ${certificate} 인증서와 맞지 않습니다`,
    ],
    [
      'Restore the key that the certificate was issued for, or reissue both.',
      '그 인증서를 발급할 때 쓴 키로 되돌리거나, 둘 다 다시 발급하세요.',
    ],
  );

export const namelessWords: Localized = {
  en: 'it has no subject alternative name: a common name alone is not sufficient',
  ko: '주체 대체 이름(SAN)이 없습니다. 일반 이름(CN)만으로는 이름이 증명되지 않습니다',
};

export const nameless: Words = words(namelessWords, [
  'Reissue it with subjectAltName = DNS:NAME, IP:ADDRESS for every name that clients use.',
  '접속할 때 쓰는 이름을 모두 subjectAltName = DNS:이름, IP:주소로 넣어 다시 발급하세요.',
]);

export function renewRemedy(row: string | undefined): Localized {
  if (row === 'kubelet.conf')
    return {
      en: 'The kubelet renews it itself; if it no longer can, the node must join again.',
      ko: 'kubelet이 직접 갱신합니다. 갱신할 수 없게 되었다면 노드를 다시 등록(join)하세요.',
    };
  const known =
    kubeadmLeaves.some(({ name }) => name === row) || kubeadmKubeconfigs.some(({ name }) => name === row);
  return known
    ? verbatim(`./wirelab kube pki renew ${row} --out DIR`)
    : { en: 'Have it reissued by the current CA.', ko: '지금의 CA로 다시 발급받으세요.' };
}
