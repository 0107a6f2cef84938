/**
 * Lists faults that make a control plane's certificate or key unusable, independent of its signer: keys and digests that are
 * too weak or unsupported by Go, invalid serial numbers and extensions. One row each, with a remedy;
 * `pki/kubeadm/check.ts` decides which files are checked.
 */
import { words } from './check/finding.ts';
import type { Words } from './check/finding.ts';
import { sameBytes } from '../../core/bytes.ts';
import { X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { CertificateFault } from '../../capture/event.ts';
import type { Certificate } from '../../protocols/x509/certificate.ts';
import { namedCurves } from '../../protocols/x509/oids.ts';
import { serialText } from '../../protocols/x509/structures.ts';
import { verbatim } from '../../i18n/language.ts';
import type { Localized } from '../../i18n/language.ts';
import { safeText } from '../../i18n/safe.ts';
import { josa } from '../../i18n/josa.ts';
import { formFault } from '../x509/certificate-form.ts';
import { goFault, goKeyFault, unhandledByGo } from '../x509/go-x509.ts';
import { digestOf } from '../x509/signature.ts';
import { hasWeakDigest, hasWeakKey, isIssuedBy, sameName } from '../x509/verify.ts';

export type Fault =
  | 'unreadable'
  | 'weak_key'
  | 'unusable_key'
  | 'weak_signature'
  | 'bad_signature'
  | 'negative_serial'
  | 'odd_serial'
  | 'unknown_extension'
  | 'constrained';

export type FoundFault = Words & { readonly problem: Fault };

/** @param isAnchor it is trusted directly, so that its own signature does not matter. */
export function certificateFaults(certificate: Certificate, isAnchor: boolean): FoundFault[] {
  return [
    ...keyFaults(certificate, isAnchor),
    ...signatureFaults(certificate, isAnchor),
    ...serialFaults(certificate),
    ...extensionFaults(certificate),
    ...formFaults(certificate),
  ];
}

const reissue: Localized = { en: 'Have it reissued.', ko: '다시 발급받으세요.' };
const anotherKey: Localized = {
  en: 'Create a new key, and have a certificate issued for it.',
  ko: '키를 새로 만들어 인증서를 다시 발급받으세요.',
};
const kinds = verbatim('RSA-2048 … RSA-4096, P-256, P-384');

function keyFaults(certificate: Certificate, isAnchor: boolean): FoundFault[] {
  const { publicKey } = certificate;
  if (hasWeakKey(certificate)) {
    return [
      {
        problem: 'weak_key',
        ...words(
          [
            `its key is too weak (${publicKey.name}): OpenSSL and curl reject it`,
            `키가 너무 약합니다(${publicKey.name}). OpenSSL과 curl이 거부합니다`,
          ],
          anotherKey,
          { expected: kinds, received: publicKey.name },
        ),
      },
    ];
  }
  const { expected, found = '' } = goKeyFault(certificate, !isAnchor) ?? {};
  if (expected !== undefined)
    return [
      {
        problem: 'unusable_key',
        ...words(
          [
            `Kubernetes and etcd (Go) refuse its RSA key: ${found}`,
            `쿠버네티스와 etcd(Go)가 이 RSA 키를 거부합니다: ${found}`,
          ],
          anotherKey,
          { expected: verbatim(expected), received: found },
        ),
      },
    ];
  if (isKnownToGo(certificate)) return [];
  const name = safeText(publicKey.name);
  return [
    {
      problem: 'unusable_key',
      ...words(
        [
          `Kubernetes and etcd (Go) cannot use this type of key: ${name}`,
          `쿠버네티스와 etcd(Go)가 쓸 수 없는 종류의 키입니다: ${name}`,
        ],
        anotherKey,
        { expected: kinds, received: name },
      ),
    },
  ];
}

/** Signature algorithms for TLS: crypto/x509 and crypto/tls. */
function isKnownToGo({ publicKey: { algorithm, name } }: Certificate): boolean {
  return (
    algorithm === 'RSA' ||
    algorithm === 'Ed25519' ||
    (algorithm === 'EC' && Object.values(namedCurves).includes(name))
  );
}

function signatureFaults(certificate: Certificate, isAnchor: boolean): FoundFault[] {
  const name = safeText(certificate.signatureAlgorithm.name);
  if (!isAnchor) {
    return hasWeakDigest(certificate)
      ? [
          {
            problem: 'weak_signature',
            ...words(
              [
                `it is signed with ${name}, which can be forged: Go and OpenSSL reject it`,
                `위조할 수 있는 알고리즘으로 서명되어(${name}) Go와 OpenSSL이 거부합니다`,
              ],
              reissue,
              { expected: { en: 'SHA-256 or better', ko: 'SHA-256 이상' }, received: name },
            ),
          },
        ]
      : [];
  }
  const isOwn =
    sameName(certificate.subject, certificate.issuer) &&
    (!certificate.authorityKeyId ||
      !certificate.keyId ||
      sameBytes(certificate.authorityKeyId, certificate.keyId));
  if (
    !isOwn ||
    (digestOf(certificate.signatureAlgorithm) === undefined && !/^ED/i.test(name)) ||
    isIssuedBy(certificate, certificate)
  )
    return [];
  return [
    {
      problem: 'bad_signature',
      ...words(
        [
          'its self-signature does not verify: it was changed after it was created',
          '자체 서명이 맞지 않습니다. 만든 뒤에 내용이 바뀌었습니다',
        ],
        [
          'Restore the CA certificate from a backup, and find out who changed it.',
          '백업에서 CA 인증서를 복원하고, 누가 바꾸었는지 확인하세요.',
        ],
      ),
    },
  ];
}

function serialFaults({ serial }: Certificate): FoundFault[] {
  const [first = 0] = serial;
  const rule = {
    en: 'a positive number of at most 20 bytes (RFC 5280 section 4.1.2.2)',
    ko: '20바이트 이하의 양수(RFC 5280 section 4.1.2.2)',
  };
  if (first >= 0x80)
    return [
      {
        problem: 'negative_serial',
        ...words(
          [
            'its serial number is negative: Go 1.23 and later reject such a certificate',
            '일련번호가 음수입니다. Go 1.23부터는 이런 인증서를 거부합니다',
          ],
          reissue,
          { expected: rule, received: serialText(serial) },
        ),
      },
    ];
  if (serial.some((byte) => byte !== 0) && serial.length - (first === 0 ? 1 : 0) <= 20) return [];
  return [
    {
      problem: 'odd_serial',
      ...words(
        ['its serial number is zero or longer than 20 bytes', '일련번호가 0이거나 20바이트를 넘습니다'],
        reissue,
        { expected: rule, received: serialText(serial) },
      ),
    },
  ];
}

function extensionFaults(certificate: Certificate): FoundFault[] {
  const unknown = unhandledByGo(certificate);
  const faults: FoundFault[] = [];
  if (unknown.length > 0) {
    const list = unknown.join(', ');
    faults.push({
      problem: 'unknown_extension',
      ...words(
        [
          `it has an unknown critical extension, and everything that depends on it is rejected: ${list}`,
          `알 수 없는 필수(critical) 확장이 있어, 이 인증서에 의존하는 것이 모두 거부됩니다: ${list}`,
        ],
        reissue,
        {
          expected: {
            en: 'none, or one that is not critical (RFC 5280 section 4.2)',
            ko: '없거나, 필수가 아닌 확장(RFC 5280 section 4.2)',
          },
          received: list,
        },
      ),
    });
  } else if (certificate.basicConstraints?.isCa && certificate.nameConstraints) {
    faults.push({
      problem: 'constrained',
      ...words(
        [
          'it has name constraints: a certificate that it signs is rejected if a name is outside them; a CA made by kubeadm has none',
          '이름 제약(name constraints)이 있습니다. 이 CA가 서명한 인증서의 이름이 제약을 벗어나면 거부됩니다. kubeadm의 CA에는 없습니다',
        ],
        [
          'Certificates outside them are reported on their own lines. Check the constraints before you add a name or an address.',
          '제약을 벗어난 인증서가 있으면 따로 표시합니다. 이름이나 주소를 추가하기 전에 제약을 확인하세요.',
        ],
      ),
    });
  }
  return faults;
}

/** Malformed for OpenSSL and our own checks (`certificate-form.ts`), and for Go; last, OpenSSL itself is asked. */
function formFaults(certificate: Certificate): FoundFault[] {
  const broken = formFault(certificate);
  if (broken) return [malformed(broken, 'OpenSSL')];
  const odd = goFault(certificate);
  if (odd) return [malformed(odd, 'Kubernetes and etcd (Go)', '쿠버네티스와 etcd(Go)')];
  try {
    void new X509Certificate(certificate.der);
    return [];
  } catch {
    return [
      {
        problem: 'unreadable',
        ...words(['OpenSSL cannot read the certificate', 'OpenSSL이 이 인증서를 읽지 못합니다'], reissue),
      },
    ];
  }
}

function malformed({ part, expected, found }: CertificateFault, en: string, ko = en): FoundFault {
  return {
    problem: 'unreadable',
    ...words(
      [
        `its ${part} is malformed: ${en} cannot read the certificate`,
        `${part}의 형식이 잘못되어 ${josa(ko, '이/가')} 이 인증서를 읽지 못합니다`,
      ],
      reissue,
      { expected: verbatim(expected), received: safeText(found) },
    ),
  };
}

/** For a key that signs service account tokens: RSA, or ECDSA on a JWS curve (RFC 7518 section 3.1). */
export function accountKeyFaults(key: KeyObject): FoundFault[] {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  const name =
    type === 'rsa'
      ? `RSA-${details?.modulusLength ?? 0}`
      : type === 'ec'
        ? (details?.namedCurve ?? 'EC')
        : (type ?? 'unknown');
  if (type === 'rsa' && (details?.modulusLength ?? 0) >= 2048) return [];
  if (type === 'ec' && ['prime256v1', 'secp384r1', 'secp521r1'].includes(name)) return [];
  const remedy = {
    en: 'Create a new key pair; earlier tokens will be rejected: openssl genrsa -out sa.key 2048; openssl pkey -in sa.key -pubout -out sa.pub',
    ko: '키 페어를 새로 만드세요. 이전 토큰은 거부됩니다: openssl genrsa -out sa.key 2048; openssl pkey -in sa.key -pubout -out sa.pub',
  };
  if (type === 'rsa')
    return [
      {
        problem: 'weak_key',
        ...words(
          [`the key that signs tokens is too weak (${name})`, `토큰에 서명하는 키가 너무 약합니다(${name})`],
          remedy,
          { expected: kinds, received: name },
        ),
      },
    ];
  return [
    {
      problem: 'unusable_key',
      ...words(
        [
          `service account tokens cannot be signed with this type of key: ${name}`,
          `이 종류의 키로는 서비스 어카운트 토큰에 서명할 수 없습니다: ${name}`,
        ],
        remedy,
        { expected: kinds, received: name },
      ),
    },
  ];
}
