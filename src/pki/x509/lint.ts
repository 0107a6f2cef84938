/**
 * Reports unusual properties of a certificate or a request, independent of trust: weaknesses, what other programs
 * refuse, and misleading names. One row each; none of them is a verdict (`examination.ts`).
 */
import { sameBytes } from '../../core/bytes.ts';
import { safeText } from '../../i18n/safe.ts';
import { josa } from '../../i18n/josa.ts';
import { unhandledCriticalExtensions } from '../../protocols/x509/certificate.ts';
import type { Certificate } from '../../protocols/x509/certificate.ts';
import type { ExtensionValues } from '../../protocols/x509/extensions.ts';
import { namedCurves } from '../../protocols/x509/oids.ts';
import type { DistinguishedName, PublicKeyInfo } from '../../protocols/x509/structures.ts';
import { found } from './lint-finding.ts';
import type { LintFinding } from './lint-finding.ts';
import { namePeculiarities } from './name-lint.ts';
import { digestOf, publicKeyOf } from './signature.ts';
import { sameName } from './verify.ts';

const day = 86_400_000;

/** Signed timestamps of a log (RFC 6962 section 3.3): only certificates of public CAs have these. */
const signedTimestamps = '1.3.6.1.4.1.11129.2.4.2';

/** By its signed timestamps: a browser accepts none of a public CA without. */
export const isOfPublicCa = ({ extensions }: Pick<Certificate, 'extensions'>): boolean =>
  extensions.some(({ oid }) => oid === signedTimestamps);

/** The code of the TLS extension status_request (RFC 6066 section 8). */
const statusRequest = 5;

/** Its server must send an OCSP response with it (RFC 7633): "must-staple". */
export const requiresStatus = ({ tlsFeatures }: Pick<Certificate, 'tlsFeatures'>): boolean =>
  tlsFeatures?.includes(statusRequest) ?? false;

/** For how many days public CAs may issue, and from when on (Baseline Requirements, section 6.3.2). */
const publicLifetimes: readonly (readonly [from: number, days: number])[] = [
  [Date.UTC(2029, 2, 15), 47],
  [Date.UTC(2027, 2, 15), 100],
  [Date.UTC(2026, 2, 15), 200],
  [0, 398],
];

export function lintOf(certificate: Certificate): LintFinding[] {
  const isCa = certificate.basicConstraints?.isCa ?? false;
  const isSelfIssued = sameName(certificate.subject, certificate.issuer);
  return [
    ...keyPeculiarities(certificate.publicKey),
    ...signaturePeculiarities(certificate, isCa && isSelfIssued),
    ...rolePeculiarities(certificate, isCa, isSelfIssued),
    ...formPeculiarities(certificate, isCa),
    ...namePeculiarities(certificate.subject, certificate.subjectAlternativeNames ?? []),
  ];
}

/** For the contents of a request; the signer decides what the requester may have. */
export function requestPeculiarities(
  request: Readonly<ExtensionValues> & {
    readonly subject: DistinguishedName;
    readonly publicKey: PublicKeyInfo;
  },
): LintFinding[] {
  return [
    ...keyPeculiarities(request.publicKey),
    ...namePeculiarities(request.subject, request.subjectAlternativeNames ?? []),
  ];
}

/** Also for a key on its own. */
export function keyPeculiarities(publicKey: PublicKeyInfo): LintFinding[] {
  const key = publicKeyOf(publicKey);
  const name = safeText(publicKey.name);
  if (!key)
    return [
      found(
        'unusable_key',
        `OpenSSL cannot use this type of key (${name})`,
        `OpenSSL이 쓸 수 없는 종류의 키입니다(${name})`,
      ),
    ];
  const rows: LintFinding[] = [];
  const weakCurve = publicKey.algorithm === 'EC' && !Object.values(namedCurves).includes(publicKey.name);
  if (publicKey.bits !== undefined && publicKey.bits < 2048) {
    rows.push(
      found(
        'weak_key',
        `weak key: ${name}; at least 2048 bits are required today`,
        `약한 키: ${name}. 오늘날에는 2048비트 이상이어야 합니다`,
      ),
    );
  } else if (weakCurve) {
    rows.push(
      found(
        'weak_key',
        `unusual curve: ${name}; most programs support only P-256 and P-384`,
        `드문 곡선: ${name}. 대부분의 프로그램은 P-256과 P-384만 압니다`,
      ),
    );
  }
  const exponent = key.asymmetricKeyDetails?.publicExponent;
  if (exponent !== undefined && exponent < 65_537n) {
    rows.push(
      found(
        'small_exponent',
        `RSA exponent ${exponent}: 65537 is usual; smaller ones are vulnerable to attacks`,
        `RSA 지수가 ${exponent}입니다. 보통 65537을 쓰며, 작은 값은 공격에 약합니다`,
      ),
    );
  }
  return rows;
}

function signaturePeculiarities(certificate: Certificate, isRoot: boolean): LintFinding[] {
  const rows: LintFinding[] = [];
  const digest = digestOf(certificate.signatureAlgorithm);
  // The signature of a root over itself is not relied on.
  if (!isRoot && (digest === 'sha1' || digest === 'md5')) {
    const name = digest === 'sha1' ? 'SHA-1' : 'MD5';
    rows.push(
      found(
        'weak_signature',
        `signed with ${name}, which can be forged: verifiers refuse it`,
        `${josa(name, '으로/로')} 서명되어 있습니다. 위조할 수 있어 검증에서 거부됩니다`,
      ),
    );
  }
  if (!sameBytes(certificate.signatureAlgorithm.der, certificate.signedAlgorithm.der)) {
    rows.push(
      found(
        'differing_algorithms',
        'its two signature algorithms differ: one was replaced',
        '두 곳의 서명 알고리즘이 서로 다릅니다. 하나가 바뀌었습니다',
      ),
    );
  }
  return rows;
}

function rolePeculiarities(certificate: Certificate, isCa: boolean, isSelfIssued: boolean): LintFinding[] {
  const rows: LintFinding[] = [];
  const usages = certificate.extendedKeyUsage;
  const names = certificate.subjectAlternativeNames ?? [];
  if (isCa) {
    if (!certificate.keyUsage)
      rows.push(
        found(
          'ca_without_key_usage',
          'a CA without keyUsage: the use of its key is not limited; RFC 5280 and strict verifiers require it',
          'keyUsage가 없는 CA입니다. 키의 용도가 제한되지 않으며, RFC 5280은 이를 요구합니다',
        ),
      );
    if (
      usages?.includes('serverAuth') ||
      usages?.includes('clientAuth') ||
      names.some(({ kind }) => kind === 'IP')
    ) {
      rows.push(
        found(
          'ca_with_names_of_a_server',
          'a CA that is also valid as a server or a client: a signing key should have no other use',
          '서버나 클라이언트로도 쓸 수 있는 CA입니다. 서명용 키는 다른 데 쓰지 않아야 합니다',
        ),
      );
    }
    return rows;
  }
  if (isSelfIssued && certificate.version < 3) {
    rows.push(
      found(
        'ca_without_basic_constraints',
        'self-signed without basicConstraints: it cannot be identified as a CA',
        'basicConstraints가 없는 자체 서명 인증서입니다. CA임을 나타낼 수 없습니다',
      ),
    );
  } else if (isSelfIssued) {
    rows.push(
      found(
        'self_signed_leaf',
        'self-signed: no CA signed it',
        '자체 서명: 자기 키 말고는 아무도 보증하지 않습니다',
      ),
    );
  }
  if (certificate.keyUsage?.includes('keyCertSign')) {
    rows.push(
      found(
        'signing_leaf',
        'keyCertSign without CA:TRUE: it still may not sign certificates',
        'CA:TRUE 없이 keyCertSign만 있습니다. 그래도 인증서에는 서명할 수 없습니다',
      ),
    );
  }
  if (!usages)
    rows.push(
      found(
        'no_usage',
        'no extended key usage: valid as a server and as a client',
        '확장 키 사용이 없어 서버와 클라이언트 양쪽으로 쓸 수 있습니다',
      ),
    );
  else if (usages.includes('anyExtendedKeyUsage'))
    rows.push(
      found(
        'any_usage',
        'anyExtendedKeyUsage: intended for every purpose, but OpenSSL still requires the specific one',
        'anyExtendedKeyUsage는 모든 용도를 뜻하지만 OpenSSL은 정확한 용도를 요구합니다',
      ),
    );
  const isServer = !usages || usages.includes('serverAuth');
  if (usages?.includes('clientAuth') && isOfPublicCa(certificate))
    rows.push(
      found(
        'client_of_public_ca',
        'valid as a client too, and of a public CA: these ended clientAuth in 2026. Its renewal will not have it, and servers that require client certificates will refuse it; get one of a private CA before',
        '공인 CA가 클라이언트용으로도 발급한 인증서입니다. 공인 CA는 2026년에 clientAuth를 없앴으므로 갱신한 인증서에는 들어 있지 않고, 클라이언트 인증서를 요구하는 서버가 거부합니다. 그 전에 사설 CA에서 발급받으세요',
      ),
    );
  if (isServer && requiresStatus(certificate))
    rows.push(
      found(
        'must_staple',
        'its server must send an OCSP response with it (TLS feature, must-staple): GnuTLS refuses it without one; OpenSSL, curl and Python do not check',
        '서버가 OCSP 응답을 함께 보내야 하는 인증서입니다(TLS Feature, must-staple). 응답이 없으면 GnuTLS는 거부하고, OpenSSL, curl, Python은 확인하지 않습니다',
      ),
    );
  if (isServer && !names.some(({ kind }) => kind === 'DNS' || kind === 'IP')) {
    rows.push(
      found(
        'no_san',
        'no DNS name or address (SAN): browsers and Go refuse it as a server; the common name is ignored (RFC 9525)',
        'DNS 이름이나 주소(SAN)가 없습니다. 브라우저와 Go는 서버 인증서로 받지 않으며, 일반 이름(CN)은 쓰이지 않습니다(RFC 9525)',
      ),
    );
  }
  return rows;
}

function formPeculiarities(certificate: Certificate, isCa: boolean): LintFinding[] {
  const rows: LintFinding[] = [];
  const unknown = unhandledCriticalExtensions(certificate);
  if (unknown.length > 0) {
    const names = unknown
      .map((oid) => certificate.extensions.find((one) => one.oid === oid)?.name ?? oid)
      .join(', ');
    rows.push(
      found(
        'unknown_critical_extension',
        `critical extensions that wirelab does not evaluate and therefore refuses: ${names}`,
        `필수(critical)이지만 wirelab이 평가하지 않아 거부하는 확장: ${names}`,
      ),
    );
  }
  const [first = 0] = certificate.serial;
  // A leading zero is the sign of the INTEGER and not part of the number.
  if (
    first >= 0x80 ||
    certificate.serial.every((byte) => byte === 0) ||
    certificate.serial.length - (first === 0 ? 1 : 0) > 20
  ) {
    rows.push(
      found(
        'odd_serial',
        'its serial number is zero, negative or longer than 20 bytes (RFC 5280 section 4.1.2.2)',
        '일련번호가 0이거나 음수이거나 20바이트를 넘습니다(RFC 5280 section 4.1.2.2)',
      ),
    );
  }
  if (certificate.version < 3)
    rows.push(
      found(
        'old_version',
        `X.509 version ${certificate.version}: it cannot contain extensions`,
        `X.509 버전 ${certificate.version}: 확장을 담을 수 없습니다`,
      ),
    );
  const days = (certificate.notAfter - certificate.notBefore) / day;
  const allowed = publicLifetimes.find(([from]) => certificate.notBefore >= from)?.[1] ?? 398;
  if (!isCa && days <= 825 && isOfPublicCa(certificate) && days > allowed + 1) {
    rows.push(
      found(
        'long_validity',
        `valid for ${Math.round(days)} days, of a public CA that may issue for ${allowed} at most: browsers refuse it`,
        `유효 기간이 ${Math.round(days)}일입니다. 공인 CA는 최대 ${allowed}일까지만 발급할 수 있어 브라우저가 거부합니다`,
      ),
    );
  }
  if (!isCa && days > 825) {
    rows.push(
      found(
        'long_validity',
        `valid for ${Math.round(days)} days: Apple refuses servers above 825; public CAs may issue for 200 at most since March 2026, for 100 from March 2027, and for 47 from March 2029`,
        `유효 기간이 ${Math.round(days)}일입니다. Apple은 825일이 넘는 서버 인증서를 거부하며, 공인 CA는 2026년 3월부터 200일, 2027년 3월부터 100일, 2029년 3월부터는 47일 이하로만 발급합니다`,
      ),
    );
  }
  return rows;
}
