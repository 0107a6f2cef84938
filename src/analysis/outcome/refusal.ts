/**
 * Words every refusal: a short name, the reason, and the remedy. One row per reason of the closed vocabulary. The texts
 * of alerts are in `alert-words.ts`.
 *
 * 1. A remedy never suggests turning verification off, and never suggests signing for any requester: whether the other
 *    side is entitled is checked first.
 * 2. Names and subjects come from the other side's certificate and are made safe to print before they are quoted.
 */
import { defined } from '../../core/defined.ts';
import { ipVersion } from '../../core/ip-version.ts';
import type { Side } from '../../capture/event.ts';
import type { Alert, RefusalReason } from '../../capture/vocabulary.ts';
import { inEach } from '../../i18n/language.ts';
import type { Localized } from '../../i18n/language.ts';
import { alertMeaning } from './alert-words.ts';
import { causeWords } from './cause-words.ts';
import type { Cause } from './cause-words.ts';
import { ifItBelongs, says, when, words } from './refusal-facts.ts';
import type { CauseDetail, RefusalFacts, RefusalWords } from './refusal-facts.ts';

/** The sentences of one refusal, ready for a card or a line. */
export interface ExplainedRefusal {
  readonly name: Localized;
  readonly because: Localized;
  readonly remedy: Localized;
  /** What the alert says; undefined when none was sent. */
  readonly alert?: Localized;
}

/** A refusal as an endpoint reports it, or as the bytes show it. */
export interface ReportedCause {
  readonly by: Side;
  readonly reason: Cause;
  readonly alert?: Alert;
  readonly detail: CauseDetail;
}

/** @param options.isProxy the client is a proxy of this program: its options for its target have names of their own. */
export function explainRefusal(
  { by, reason, alert, detail }: ReportedCause,
  { isProxy = false }: { readonly isProxy?: boolean } = {},
): ExplainedRefusal {
  const row = allWords[reason];
  const facts: RefusalFacts = defined({ by, detail, alert, isProxy: isProxy || undefined });
  const remedy = row.remedy(facts);
  return defined({
    name: row.name,
    because: row.because(facts),
    remedy: isProxy
      ? inEach((language) => remedy[language].replaceAll(/--(?=(?:cert|key|cacert)\b)/g, '--target-'))
      : remedy,
    alert: alert && alertMeaning(alert.code),
  });
}

const reissue = ifItBelongs('have its CA issue a new certificate', '해당 CA에서 인증서를 다시 발급받으세요.');

/** OpenSSL's limit for the CAs of a chain. */
const mostCertificates = 100;

/** A client that calls an address looks for it among the IP addresses of a certificate alone (RFC 9110 section 4.3.5). */
const hasAddressAsName = ({ detail: { presented, expected = '' } }: Pick<RefusalFacts, 'detail'>): boolean =>
  ipVersion(expected) > 0 && presented?.san.includes(`DNS:${expected}`) === true;

/** The name is right, and stands where clients do not look for it (RFC 9525 section 6.3). */
const hasOnlyCommonName = ({ detail: { presented, expected = '' } }: Pick<RefusalFacts, 'detail'>): boolean =>
  expected !== '' && presented?.san.length === 0 && presented.subject.split(',').includes(`CN=${expected}`);

/** The address that was called is right: only another certificate helps. */
export const isInTheWrongPlace = (detail: CauseDetail): boolean =>
  hasAddressAsName({ detail }) || hasOnlyCommonName({ detail });

/** RFC 8446 section 6. */
const badRecordMac = 20;

/** By the clock that the refusal was seen by. */
const isStillValid = ({ detail: { presented, seenAt } }: RefusalFacts): boolean =>
  presented !== undefined && seenAt !== undefined && Date.parse(seenAt) <= Date.parse(presented.notAfter);

const checkTheTarget = says(
  'check that the target runs and listens on that address and port',
  '대상이 실행 중이고 그 주소와 포트에서 연결을 받는지 확인하세요.',
);
const ownFilter = says(
  'look at the packet filter of this machine (nft list ruleset, iptables -S OUTPUT): it does not let the connection out',
  '이 컴퓨터의 패킷 필터가 나가는 연결을 막습니다. 규칙을 확인하세요(nft list ruleset, iptables -S OUTPUT).',
);
const ownAddress = says(
  'check the address: this machine cannot connect to it as it stands (a link-local address needs its interface, fe80::1%eth0), or has no local port left (ss -s)',
  '주소를 확인하세요. 이 컴퓨터는 그대로는 그 주소에 연결할 수 없거나(링크 로컬 주소에는 fe80::1%eth0처럼 인터페이스가 필요합니다) 남은 로컬 포트가 없습니다(ss -s).',
);

/** What to do where the system has said why there is no connection: it is not about the target. */
const waysThatFail: Readonly<Partial<Record<string, RefusalWords['remedy']>>> = {
  EHOSTUNREACH: says(
    'look for a firewall that rejects (nft list ruleset, iptables -S), a missing route (ip route get ADDRESS) or, in the same network, a machine that is off (ip neigh: FAILED)',
    '거부하는 방화벽(nft list ruleset, iptables -S)이나 없는 경로(ip route get 주소), 같은 네트워크라면 꺼져 있는 컴퓨터(ip neigh의 FAILED)를 찾으세요.',
  ),
  ENETUNREACH: says(
    'give this machine a route to that network: it has none (ip route get ADDRESS). For an IPv6 address, see whether IPv6 is configured here',
    '이 컴퓨터에 그 네트워크로 가는 경로를 추가하세요. 지금은 경로가 없습니다(ip route get 주소). IPv6 주소라면 이 컴퓨터에 IPv6가 설정되어 있는지 확인하세요.',
  ),
  EACCES: ownFilter,
  EPERM: ownFilter,
  EADDRNOTAVAIL: ownAddress,
  EINVAL: ownAddress,
};

const hasBlamed = ({ detail }: RefusalFacts): boolean => detail.blamed !== undefined;

const getAuthority: Localized = {
  en: 'get the certificate of its CA from those who run it, by a way that you trust, and name it with --cacert',
  ko: '서버 운영자에게서 믿을 수 있는 경로로 CA 인증서를 받아 --cacert로 지정하세요.',
};

export const refusalWords: Readonly<Record<RefusalReason, RefusalWords>> = {
  certificate_missing: words(
    'no certificate',
    '인증서 없음',
    says(
      '{refuser} asked for a certificate and was given none',
      '{refuser} 인증서를 요구했지만 상대가 제시하지 않았습니다.',
    ),
    says(
      'present a certificate with its key (--cert and --key)[, issued by {trusted}]',
      '인증서와 개인 키를 제시하세요(--cert, --key).[ 다음 CA가 발급한 인증서여야 합니다: {trusted}]',
    ),
  ),
  unknown_ca: words(
    'unknown CA',
    '알 수 없는 CA',
    says(
      "the {owner}'s certificate was issued by a CA that {refuser} does not trust[ ({issuer})]",
      '{owner} 인증서를 발급한 CA를 {by 이/가} 신뢰하지 않습니다.[ 발급자: {issuer}]',
    ),
    when(
      ({ by }) => by === 'server',
      ifItBelongs(
        'have [{trusted}|a CA that is trusted here] sign its request (CSR)',
        '신뢰하는 CA[({trusted})]에서 인증서 서명 요청(CSR)에 서명을 받으세요.',
      ),
      when(
        ({ detail }) => detail.chainLength === 1,
        ifItBelongs(
          `${getAuthority.en}; where that is an intermediate CA, the server has to send its certificate too (it sent only its own)`,
          `${getAuthority.ko} 중간 CA가 발급했다면 서버가 중간 인증서도 보내야 합니다(서버가 자기 인증서 하나만 보냈습니다).`,
        ),
        ifItBelongs(getAuthority.en, getAuthority.ko),
      ),
    ),
  ),
  intermediate_missing: words(
    'intermediate certificate missing',
    '중간 인증서 누락',
    says(
      'the {owner} sent its own certificate, but not the intermediate one that links it to a trusted CA[ ({issuer})]',
      '{owner} 인증서만 왔고, 이를 신뢰하는 CA까지 이어 줄 중간 인증서가 빠졌습니다.[ 빠진 발급자: {issuer}]',
    ),
    says(
      "on the {owner}'s side, configure the whole chain: its certificate first, then the intermediates",
      '{owner} 쪽에 인증서 체인 전체를 설정하세요. 자기 인증서가 먼저, 그다음이 중간 인증서입니다.',
    ),
  ),
  self_signed: words(
    'self-signed',
    '자체 서명',
    says(
      "the {owner}'s certificate is signed by its own key: no CA signed it",
      '{owner} 인증서가 자기 키로 서명되었습니다. 누구도 보증하지 않는 인증서입니다.',
    ),
    ifItBelongs(
      'have a CA that is trusted here issue a certificate for it',
      '신뢰하는 CA에서 인증서를 발급받으세요.',
    ),
  ),
  certificate_expired: words(
    'expired',
    '만료됨',
    when(
      hasBlamed,
      says(
        "the {owner}'s own certificate is valid, but that of a CA above it ({blamed}) was valid until {blamedNotAfter}{clock}",
        '{owner} 인증서 자체는 유효하지만, 그 위의 CA 인증서({blamed})의 유효 기간이 {blamedNotAfter}에 끝났습니다.{clock}',
      ),
      when(
        isStillValid,
        says(
          "it was refused as expired, but by the clock of the machine that recorded it the {owner}'s certificate is valid until {notAfter}: another certificate of the chain, a revocation list, or a clock may be meant",
          '만료를 이유로 거부했지만, 기록한 컴퓨터의 시계로는 {owner} 인증서가 {notAfter}까지 유효합니다. 체인의 다른 인증서나 CRL이 만료되었거나 시계가 틀렸을 수 있습니다.',
        ),
        says(
          "the {owner}'s certificate [was valid until {notAfter}|is past the end of its validity]{clock}",
          '{owner} 인증서의 유효 기간이 [{notAfter}에 ]끝났습니다.{clock}',
        ),
      ),
    ),
    when(
      hasBlamed,
      says(
        'the CA has a new certificate for itself, or another CA in its place: the {owner} has to send that one',
        'CA가 자기 인증서를 갱신했거나 다른 CA로 바뀌었을 것입니다. {owner}에서 새 중간 인증서를 보내도록 설정하세요.',
      ),
      when(
        isStillValid,
        says(
          'compare the clock of the {by} with a third one first (timedatectl): one that is fast is the usual cause; then look at the other certificates of the chain, and at the revocation list',
          '먼저 {by} 쪽 시계를 다른 시계와 비교하세요(timedatectl). 시계가 빠른 경우가 가장 흔합니다. 그다음 체인의 다른 인증서와 CRL을 확인하세요.',
        ),
        says(
          "renew the {owner}'s certificate; if its dates look right, compare the clocks of both machines",
          '{owner} 인증서를 갱신하세요. 날짜에 문제가 없어 보이면 두 컴퓨터의 시계를 비교하세요.',
        ),
      ),
    ),
  ),
  certificate_not_yet_valid: words(
    'not yet valid',
    '아직 유효하지 않음',
    says(
      "the {owner}'s certificate [is valid from {notBefore}|is not valid yet]{clock}",
      '{owner} 인증서의 유효 기간이 아직 시작되지 않았습니다.[ 시작: {notBefore}.]{clock}',
    ),
    says(
      'compare the clocks of both machines first: one that is slow is the usual cause; else wait, or have it reissued',
      '먼저 두 컴퓨터의 시계를 비교하세요. 시계가 느린 경우가 가장 흔합니다. 시계가 맞다면 기다리거나 인증서를 다시 발급받으세요.',
    ),
  ),
  wrong_usage: words(
    'wrong usage',
    '용도 불일치',
    says(
      'the certificate is good for [{usages}|other purposes], and {refuser} needs one for [{expected}|{wantedUsage}]',
      '인증서의 확장 키 사용은 [{usages}|다른 용도]인데, 여기에는 [{expected}|{wantedUsage}] 용도가 필요합니다.',
    ),
    says(
      'have the CA issue a certificate whose extended key usage has {wantedUsage}; one certificate for both sides is convenient and wrong',
      '확장 키 사용에 {wantedUsage} 용도가 있는 인증서를 발급받으세요. 서버와 클라이언트는 서로 다른 인증서를 쓰는 것이 안전합니다.',
    ),
  ),
  certificate_revoked: words(
    'revoked',
    '폐기됨',
    when(
      hasBlamed,
      says(
        "the certificate of a CA above the {owner}'s ({blamed}) is revoked: its serial number is in the revocation list",
        '{owner} 인증서 위의 CA 인증서({blamed})가 폐기되었습니다. 인증서 폐기 목록(CRL)에 그 일련번호가 올라 있습니다.',
      ),
      says(
        "the CA has revoked the {owner}'s certificate: its serial number is in the revocation list[ ({serial})]",
        'CA가 {owner} 인증서를 폐기했습니다. 인증서 폐기 목록(CRL)에 일련번호가 올라 있습니다[({serial})].',
      ),
    ),
    when(
      hasBlamed,
      says(
        'have a certificate issued by a CA that is not revoked: all certificates of {blamed} are refused, also new ones. Ask the operator of the CA which one takes its place',
        '폐기되지 않은 CA에서 인증서를 다시 발급받으세요. {blamed} 아래의 인증서는 새로 발급해도 모두 거부됩니다. 대신할 CA가 무엇인지 CA 운영자에게 확인하세요.',
      ),
      says(
        'ask the operator of the CA why it was revoked; if the holder is still entitled, create a new key and have a certificate issued for it. The old key remains refused',
        'CA 운영자에게 폐기 사유를 확인하세요. 계속 허용할 사용자라면 새 키를 만들어 새 인증서를 발급받으세요. 예전 키는 다시 쓰지 않습니다.',
      ),
    ),
  ),
  crl_expired: words(
    'revocation list out of date',
    'CRL 만료',
    says(
      'the revocation list that {refuser} has is past its next update{clock}: revocation status is unknown, so every certificate is refused',
      '{by} 쪽 인증서 폐기 목록(CRL)의 갱신 기한이 지났습니다.{clock} 폐기 여부를 알 수 없어 모두 거부합니다.',
    ),
    says(
      'have the CA publish a new list, and load it where the refusal came from',
      'CA에서 새 CRL을 받아 거부한 쪽에 적용하세요.',
    ),
  ),
  crl_missing: words(
    'revocation list missing',
    'CRL 없음',
    says(
      '{refuser} checks revocation, but has no valid list from the CA that issued this certificate[ ({issuer})]',
      '{refuser} 폐기 여부를 확인하도록 설정되어 있지만, 이 인증서를 발급한 CA의 유효한 CRL이 없습니다[({issuer})].',
    ),
    says('load the revocation list of every CA in the chain', '체인에 있는 모든 CA의 CRL을 적용하세요.'),
  ),
  bad_signature: words(
    'bad signature',
    '잘못된 서명',
    says(
      "the signature on the {owner}'s certificate does not fit the key of the CA that it names: it was altered, or forged",
      '{owner} 인증서의 서명이 발급자로 적힌 CA의 키와 맞지 않습니다. 내용이 바뀌었거나 위조된 인증서입니다.',
    ),
    says(
      'compare its fingerprint with the one that the CA issued; a damaged file is replaced by a copy, anything else is an incident',
      'CA가 발급한 인증서와 지문을 비교하세요. 파일 손상이라면 원본으로 바꾸고, 아니라면 보안 사고로 다루세요.',
    ),
  ),
  weak_key: words(
    'weak key',
    '약한 키',
    says(
      "the key in the {owner}'s certificate is too short to be trusted[ ({key})]",
      '{owner} 인증서의 키가 너무 짧아 안전하지 않습니다[({key})].',
    ),
    says(
      'make a new key (P-256, or RSA of at least 2048 bits) and have it certified',
      '새 키(P-256 또는 2048비트 이상 RSA)를 만들어 인증서를 다시 발급받으세요.',
    ),
  ),
  weak_signature: words(
    'weak signature',
    '약한 서명 알고리즘',
    says(
      'a certificate in the chain is signed with a digest that can be forged today, such as SHA-1',
      '체인의 인증서 가운데 SHA-1처럼 오늘날 위조할 수 있는 해시로 서명된 것이 있습니다.',
    ),
    says('have it reissued with SHA-256 or better', 'SHA-256 이상으로 서명한 인증서를 다시 발급받으세요.'),
  ),
  not_a_ca: words(
    'issuer is no CA',
    'CA가 아닌 발급자',
    says(
      "the {owner}'s certificate was signed with a certificate that is not allowed to sign others",
      '{owner} 인증서가, 다른 인증서에 서명할 권한이 없는 인증서로 서명되었습니다.',
    ),
    reissue,
  ),
  path_too_long: words(
    'chain too long',
    '너무 긴 체인',
    when(
      ({ detail }) => (detail.chainLength ?? 0) > mostCertificates,
      says(
        'the {owner} sent {chainLength} certificates, and within a hundred of them none leads to a trusted CA: clients go no further',
        '{owner} 쪽이 인증서 {chainLength}개를 보냈는데, 100개 안에 신뢰하는 CA로 이어지는 것이 없습니다. 클라이언트는 그 이상 따라가지 않습니다.',
      ),
      says(
        'there are more intermediate CAs in the chain than one of its CAs allows below itself',
        '체인의 중간 CA 수가 상위 CA가 허용한 단계 수(path length)를 넘었습니다.',
      ),
    ),
    when(
      ({ detail }) => (detail.chainLength ?? 0) > mostCertificates,
      says(
        "configure the whole chain and no more on the {owner}'s side: its certificate first, then the few intermediates up to its root",
        '{owner} 쪽에 필요한 체인만 설정하세요. 자기 인증서가 먼저, 그다음이 루트까지의 중간 인증서 몇 개입니다.',
      ),
      reissue,
    ),
  ),
  ca_as_leaf: words(
    "a CA's own certificate",
    'CA 인증서 사용',
    says(
      'the {owner} presented the certificate of a CA as its own: a key that signs others must not be used to log in',
      '{owner} 쪽이 CA 인증서를 자기 인증서로 제시했습니다. 다른 인증서에 서명하는 키를 접속에 쓰면 안 됩니다.',
    ),
    reissue,
  ),
  unhandled_critical_extension: words(
    'unknown critical extension',
    '처리할 수 없는 필수 확장',
    says(
      "the {owner}'s certificate carries a condition marked critical that {refuser} does not understand, and may not ignore[ ({faultFound})]",
      '{owner} 인증서에 반드시 처리해야 하는(critical) 확장이 있는데, {refuser} 그 뜻을 모르므로 무시할 수 없습니다[({faultFound})].',
    ),
    reissue,
  ),
  malformed_certificate: words(
    'malformed certificate',
    '형식이 잘못된 인증서',
    says(
      '[a certificate that the {owner} presented is malformed: {fault}|what the {owner} presented cannot be read as a certificate]',
      '[{owner} 쪽이 제시한 인증서의 형식이 잘못되었습니다. {fault}|{owner} 쪽이 제시한 내용을 인증서로 읽을 수 없습니다.]',
    ),
    says(
      'check the file with openssl x509 -in FILE -text; copy it again, or have it reissued',
      'openssl x509 -in 파일 -text 명령으로 파일을 확인하고, 다시 복사하거나 다시 발급받으세요.',
    ),
  ),
  name_constraint_violated: words(
    'outside the name constraints',
    '이름 제약(name constraints) 위반',
    says(
      "a CA of the chain may not issue certificates for a name in the {owner}'s certificate[: {faultFound}][ (its name constraints: {faultExpected})]",
      '체인의 CA가 {owner} 인증서에 있는 이름의 인증서를 발급할 수 없습니다.[ 이름: {faultFound}.][ 이름 제약: {faultExpected}]',
    ),
    ifItBelongs(
      'have the certificate issued by a CA that may certify this name',
      '이 이름의 인증서를 발급할 수 있는 CA에서 다시 발급받으세요.',
    ),
  ),
  unusable_key: words(
    'unusable key',
    '쓸 수 없는 키',
    says(
      'a certificate that the {owner} presented has a key that TLS does not accept[: {fault}]',
      '{owner} 쪽이 제시한 인증서의 키를 TLS에서 쓸 수 없습니다.[ {fault}]',
    ),
    says(
      'make a new key on a named curve (P-256), or RSA of at least 2048 bits, and have a certificate issued for it',
      '이름이 있는 곡선(P-256)의 키나 2048비트 이상 RSA 키를 새로 만들어 인증서를 다시 발급받으세요.',
    ),
  ),
  certificate_too_large: words(
    'certificate message too large',
    '너무 큰 인증서 메시지',
    says(
      "the certificates that the {owner} sent are larger than {refuser} accepts: OpenSSL's limit is 102,400 bytes for the whole chain",
      '{owner} 쪽이 보낸 인증서가 너무 커서 읽지 않았습니다. OpenSSL의 한도는 체인 전체 102,400바이트입니다.',
    ),
    says(
      'send only the certificate and its intermediates; split a certificate with thousands of names into several',
      '인증서와 중간 인증서만 보내세요. 이름이 수천 개인 인증서는 여러 개로 나누세요.',
    ),
  ),
  name_not_admitted: words(
    'not on the list',
    '허용되지 않은 이름',
    says(
      'the certificate is genuine, but its name[ ({subject})] is not one that {refuser} admits[: {expected}][. It is ambiguous ({fault})]',
      '인증서는 진짜이지만 그 이름[({subject})]이 허용 목록에 없습니다.[ 허용: {expected}][ 이름이 여럿이라 모호합니다({fault}).]',
    ),
    ifItBelongs(
      'add exactly its name with --allow-cn, --allow-ou, --allow-dns or --allow-uri',
      '--allow-cn, --allow-ou, --allow-dns, --allow-uri 가운데 하나로 그 이름만 추가하세요.',
    ),
  ),
  name_mismatch: words(
    'another name',
    '이름 불일치',
    when(
      hasAddressAsName,
      says(
        'the certificate has the address {expected} among its DNS names, and a client looks for it among the IP addresses, where it is not',
        '인증서에 주소 {expected 이/가} DNS 이름으로 들어 있습니다. 클라이언트는 주소를 IP 항목에서 찾으므로 맞지 않습니다.',
      ),
      when(
        ({ detail }) => (detail.presented?.san.length ?? 0) > 0,
        says(
          'the certificate is valid for {names}, not for [{expected}|the name that was asked for]',
          '인증서가 유효한 이름은 {names 이고/고}, 접속하려던 이름[({expected})]과 다릅니다.',
        ),
        when(
          hasOnlyCommonName,
          says(
            'the certificate has no subject alternative name. {expected} is only its common name: this client and browsers do not accept that, while curl still does',
            '인증서에 주체 대체 이름(SAN)이 없고, {expected 은/는} 일반 이름(CN)일 뿐입니다. curl은 아직 일반 이름을 받아들이지만, 이 클라이언트와 브라우저는 받아들이지 않습니다.',
          ),
          when(
            ({ detail }) => detail.presented === undefined,
            says(
              "the server's certificate is not valid for [{expected}|the name that was asked for]",
              '서버 인증서가 접속하려던 이름[({expected})]에 유효하지 않습니다.',
            ),
            says(
              'the certificate is valid for no name at all, not for [{expected}|the name that was asked for]',
              '인증서에 주체 대체 이름(SAN)이 없어, 접속하려던 이름[({expected})]에 쓸 수 없습니다.',
            ),
          ),
        ),
      ),
    ),
    when(
      hasAddressAsName,
      says(
        'have the certificate issued again, with the address as an IP address (subjectAltName = IP:{expected}), or call the server by a name',
        '주소를 IP 항목으로 넣어(subjectAltName = IP:{expected}) 인증서를 다시 발급받거나, 이름으로 접속하세요.',
      ),
      when(
        hasOnlyCommonName,
        says(
          'have the certificate issued again with a subject alternative name (subjectAltName = DNS:{expected}): for this client only a new certificate helps',
          '주체 대체 이름을 넣어(subjectAltName = DNS:{expected}) 인증서를 다시 발급받으세요. 이 클라이언트에는 새 인증서만이 답입니다.',
        ),
        says(
          'check the name in the address first: it may be a typing error, or an impostor. If the address is right, the server needs a certificate for that name',
          '먼저 주소의 이름을 확인하세요. 오타이거나 가짜 사이트일 수 있습니다. 주소가 맞다면 서버에 그 이름의 인증서가 필요합니다.',
        ),
      ),
    ),
  ),
  key_not_pinned: words(
    'another key',
    '다른 공개 키',
    says(
      'the certificate has a public key other than the one that the {by} has pinned, whichever CA issued it',
      '누가 보증하든, 인증서의 공개 키가 {by}에 고정해 둔(pin) 키와 다릅니다.',
    ),
    says(
      'if the site changed its key, get the new pin from its owner, over a channel other than this connection. If it did not, another server is impersonating it',
      '사이트가 키를 바꾸었다면 새 핀(pin)을 이 연결이 아닌 다른 경로로 사이트 운영자에게 확인하세요. 바꾸지 않았다면 누군가 그 자리에 서 있는 것입니다.',
    ),
  ),
  key_proof_failed: words(
    'no proof of the key',
    '키 소유 증명 실패',
    says(
      'the {owner} showed a certificate, but its signature over the handshake does not fit: it does not hold the private key, or the bytes were altered on the way',
      '{owner} 쪽이 인증서를 제시했지만 핸드셰이크 서명이 맞지 않습니다. 개인 키가 없거나, 전송 중에 내용이 바뀌었습니다.',
    ),
    says(
      'check that certificate and key belong together; if they do, a third party between the two sides alters messages',
      '인증서와 개인 키가 짝이 맞는지 확인하세요. 맞다면 누군가 중간에서 내용을 바꾸고 있는 것입니다.',
    ),
  ),
  no_common_version: words(
    'no common TLS version',
    '공통 TLS 버전 없음',
    when(
      ({ by, detail }) => by === 'client' && detail.picked !== undefined,
      says(
        'the server picked {picked}, which the client does not accept',
        '서버가 고른 {picked} 버전을 클라이언트가 받아들이지 않습니다.',
      ),
      says(
        '[the client offers {offered}, and the server accepts none of it|the two sides have no TLS version in common]',
        '[클라이언트가 제안한 버전을 서버가 하나도 받아들이지 않습니다. 제안: {offered}|양쪽이 함께 지원하는 TLS 버전이 없습니다.]',
      ),
    ),
    says(
      'update the older side to TLS 1.2 or 1.3; lowering the newer one gives its protection away',
      '오래된 쪽을 TLS 1.2나 1.3으로 올리세요. 새 쪽의 버전을 낮추면 보호 수준도 함께 낮아집니다.',
    ),
  ),
  no_common_cipher: words(
    'no common cipher suite',
    '공통 암호 스위트 없음',
    says(
      'the two sides have no cipher suite, group or signature algorithm in common[; the client offers the suites {offered}]',
      '양쪽이 함께 지원하는 암호 스위트(Cipher Suite), 키 교환 그룹 또는 서명 알고리즘이 없습니다.[ 클라이언트가 제안한 스위트: {offered}]',
    ),
    says(
      'compare what the ClientHello offers with the suites, groups and signature algorithms that the server is configured for, and with the type of its key',
      'ClientHello가 제안한 목록을 서버에 설정된 스위트, 그룹, 서명 알고리즘 및 서버 키의 종류와 비교하세요.',
    ),
  ),
  no_common_protocol: words(
    'no common application protocol',
    '공통 응용 프로토콜 없음',
    says(
      'the protocols that the client offers (ALPN) are none that the server speaks[ ({offered})]',
      '클라이언트가 제안한 프로토콜(ALPN) 가운데 서버가 쓰는 것이 없습니다.[ 제안: {offered}]',
    ),
    says(
      'let both sides name the same protocol, for example http/1.1',
      '양쪽에 같은 프로토콜을 설정하세요. 예: http/1.1',
    ),
  ),
  plaintext_on_tls_port: words(
    'plaintext to a TLS port',
    'TLS 포트에 평문 접속',
    says(
      'the client spoke plain text where TLS is expected; whatever it sent was readable on the wire',
      'TLS 포트에 클라이언트가 평문을 보냈습니다. 보낸 내용은 회선에서 그대로 읽힙니다.',
    ),
    when(
      ({ isProxy }) => isProxy === true,
      says(
        'let the proxy speak TLS to its target (--target-tls tls)',
        '프록시가 서버와 TLS로 통신하게 하세요(--target-tls tls).',
      ),
      when(
        ({ detail }) => detail.protocol === 'http' || detail.protocol === 'http2',
        says(
          'use https:// in the address; if a password was in it, change the password',
          '주소에 https://를 쓰세요. 비밀번호를 보냈다면 비밀번호를 바꾸세요.',
        ),
        says(
          'check the port: let the client begin with TLS (https:// in an address, a TLS option elsewhere), or use the port that expects what it speaks; if a password was in it, change the password',
          '포트 번호를 확인하세요. 클라이언트가 TLS로 시작하도록 설정하거나(주소라면 https://), 클라이언트의 프로토콜을 받는 포트로 접속하세요. 비밀번호를 보냈다면 비밀번호를 바꾸세요.',
        ),
      ),
    ),
  ),
  tls_on_plaintext_port: words(
    'TLS to a plaintext port',
    '평문 포트에 TLS 접속',
    when(
      ({ detail }) => detail.protocol !== undefined,
      says(
        'the client began with a TLS handshake, and on this port TLS begins only when it was requested',
        '클라이언트가 바로 TLS 핸드셰이크를 시작했지만, 이 포트에서는 요청한 뒤에만 TLS가 시작됩니다.',
      ),
      says(
        'the client began a TLS handshake, and the answer was not TLS[: {said}]',
        '클라이언트가 TLS 핸드셰이크를 시작했지만 TLS가 아닌 답이 왔습니다.[ 받은 내용: {said}]',
      ),
    ),
    says(
      'check the port; if the service should speak TLS, switch it on there. Do not fall back to plain text for the sake of a connection',
      '포트 번호를 확인하세요. TLS를 써야 하는 서비스라면 서버에서 TLS를 켜세요. 접속이 안 된다고 평문으로 물러서면 안 됩니다.',
    ),
  ),
  peer_alert: words(
    'refused by alert',
    '알림으로 거부됨',
    says(
      '[the other side refused with the alert {alertName} ({alertCode}): {alert}|the other side refused with an alert]',
      '[상대가 거부하며 보낸 알림(Alert): {alertName}({alertCode}). {alert}|상대가 알림(Alert)을 보내 거부했습니다.]',
    ),
    says(
      'the reason is known to the side that sent the alert: read its log',
      '이유는 알림을 보낸 쪽이 압니다. 그쪽 로그를 확인하세요.',
    ),
  ),
  downgrade_detected: words(
    'downgrade detected',
    '다운그레이드 탐지됨',
    says(
      '{refuser} saw that both sides can do better than what was about to be agreed on: a third party in between has cut the offer down, or the client came back with less than it can',
      '{refuser} 양쪽이 더 나은 버전을 쓸 수 있는데도 낮은 버전으로 합의되려 한다는 것을 알아챘습니다. 중간에서 누군가 제안을 깎았거나, 클라이언트가 능력보다 낮춰 다시 접속한 것입니다.',
    ),
    says(
      'look for what stands between the two sides; no program should try again with a lower version, which is what an attacker asks for',
      '양쪽 사이에 무엇이 있는지 확인하세요. 낮은 버전으로 다시 시도하는 프로그램은 없어야 합니다. 공격자가 바라는 것이 바로 그것입니다.',
    ),
  ),
  handshake_altered: words(
    'handshake altered on the way',
    '핸드셰이크가 도중에 바뀜',
    when(
      ({ alert }) => alert?.code === badRecordMac,
      says(
        'a record of the handshake could not be decrypted, or its check value does not fit: the two sides have different keys, as they have when a third party in between changes a message, or the record itself was changed',
        '핸드셰이크 레코드를 복호화할 수 없거나 무결성 검증 값이 맞지 않습니다. 중간에서 누군가 메시지를 바꾸어 양쪽의 키가 달라졌거나, 그 레코드 자체가 바뀐 것입니다.',
      ),
      says(
        'the two sides have not seen the same handshake: a check over what was said (the Finished message, or a signature in the handshake) does not fit. A third party in between has changed a message',
        '양쪽이 본 핸드셰이크가 서로 다릅니다. 주고받은 내용의 검증(Finished 메시지나 핸드셰이크의 서명)이 맞지 않습니다. 중간에서 누군가 메시지를 바꾼 것입니다.',
      ),
    ),
    says(
      'look for what stands between the two sides; TLS has done its work and stopped before a word was said',
      '양쪽 사이에 무엇이 있는지 확인하세요. TLS가 변조를 알아채고 한마디도 오가기 전에 연결을 끊은 것입니다.',
    ),
  ),
  bad_record: words(
    'bad record',
    '잘못된 레코드',
    says(
      'a record could not be opened or read: its bytes were altered on the way, or are not TLS',
      '레코드를 복호화하거나 읽을 수 없습니다. 전송 중에 바뀌었거나 TLS가 아닌 내용입니다.',
    ),
    says(
      'look for what stands between the two sides; TLS has done its work and stopped',
      '양쪽 사이에 무엇이 있는지 확인하세요. TLS가 변조를 알아채고 연결을 끊은 것입니다.',
    ),
  ),
  handshake_timeout: words(
    'handshake timed out',
    '핸드셰이크 시간 초과',
    says(
      'the other side accepted the connection, but did not finish the handshake in time',
      '연결은 되었지만 상대가 제한 시간 안에 핸드셰이크를 끝내지 않았습니다.',
    ),
    says(
      'check that the port speaks TLS, and that nothing between the two sides swallows large packets',
      'TLS를 쓰는 포트인지, 중간에서 큰 패킷이 사라지지 않는지 확인하세요.',
    ),
  ),
  closed_during_handshake: words(
    'closed during the handshake',
    '핸드셰이크 중 연결 종료',
    says(
      '{refuser} closed the connection before the handshake was done, and sent no alert: it gave no reason',
      '{refuser} 핸드셰이크가 끝나기 전에 알림(Alert) 없이 연결을 끊었습니다. 이유는 알려 주지 않았습니다.',
    ),
    says(
      'the reason is known to the side that closed: read its log[. {suspect}]',
      '이유는 연결을 끊은 쪽이 압니다. 그쪽 로그를 확인하세요.[ {suspect}]',
    ),
  ),
  target_unreachable: words(
    'target unreachable',
    '대상에 연결할 수 없음',
    says('no connection to the target could be made[ ({code})]', '대상에 연결하지 못했습니다[({code})].'),
    (facts) => (waysThatFail[facts.detail.code ?? ''] ?? checkTheTarget)(facts),
  ),
  target_timeout: words(
    'target does not answer',
    '대상 응답 없음',
    says('the target did not answer in time', '대상이 제한 시간 안에 응답하지 않았습니다.'),
    says(
      'check the address, and whether a firewall drops the packets without a word',
      '주소를 확인하고, 방화벽이 패킷을 말없이 버리고 있지 않은지 확인하세요.',
    ),
  ),
  malformed_answer: words(
    'malformed response',
    '잘못된 응답',
    says(
      "the target's response is not valid HTTP/1.1 and cannot be forwarded[ ({code})]",
      '대상의 응답이 올바른 HTTP/1.1 형식이 아니어서 전달할 수 없습니다[({code})].',
    ),
    says(
      'look at the bytes of the response: check that the target speaks HTTP/1.1 on this port, and fix the server that sends them',
      '응답의 바이트를 살펴보세요. 대상이 이 포트에서 HTTP/1.1을 쓰는지 확인하고, 응답을 보내는 서버를 고치세요.',
    ),
  ),
  tunnel_refused: words(
    'tunnel refused',
    '터널 거부',
    says(
      'the client asked a proxy for a tunnel (CONNECT), and the proxy refused[: {said}][: it opens tunnels to {expected} only]. TLS never started',
      '클라이언트가 프록시에 터널(CONNECT)을 요청했지만 프록시가 거부했습니다.[ 응답: {said}.][ 이 프록시가 여는 터널의 목적지: {expected}.] TLS는 시작되지 않았습니다.',
    ),
    when(
      ({ detail }) => detail.said?.includes(' 407') === true,
      says(
        'the proxy requires a user name and password (--proxy-user)',
        '프록시가 사용자 이름과 비밀번호를 요구합니다(--proxy-user).',
      ),
      when(
        ({ detail }) => detail.expected !== undefined,
        says(
          'ask for a tunnel to {expected}, or start the proxy with the target that you mean (--target)',
          '터널의 목적지를 프록시의 대상({expected})에 맞추거나, 원하는 대상으로 프록시를 시작하세요(--target).',
        ),
        says(
          'check whether the proxy allows this host and port, and whether it can reach them; its log gives the reason',
          '프록시가 이 호스트와 포트를 허용하는지, 그곳에 연결할 수 있는지 확인하세요. 이유는 프록시 로그에 있습니다.',
        ),
      ),
    ),
  ),
  tunnel_required: words(
    'no tunnel requested',
    '터널 요청이 아님',
    says(
      'the client sent a request of its own where only tunnels are opened: it has to begin with CONNECT',
      '터널만 여는 프록시에 클라이언트가 일반 요청을 보냈습니다. CONNECT로 시작해야 합니다.',
    ),
    says(
      'let the client use the proxy for https:// (curl: --proxy, with an address that begins with https://), or start the proxy in another mode',
      '클라이언트가 이 프록시를 https:// 요청에 쓰도록 설정하거나(curl: --proxy, https://로 시작하는 주소), 다른 모드로 프록시를 시작하세요.',
    ),
  ),
  no_target_for_name: words(
    'no target for this name',
    '이 이름의 대상 없음',
    says(
      'none of the targets is configured for the server name that the client requested[: {code}]',
      '클라이언트가 요청한 서버 이름에 맞는 대상이 설정에 없습니다.[ 요청한 이름: {code}.]',
    ),
    says(
      'add the name to one of the targets, or name a target for all others with --target; a client sends a name only if it connects by name',
      '그 이름을 대상 목록에 추가하거나 나머지를 받을 대상을 --target으로 지정하세요. 이름은 클라이언트가 이름으로 접속할 때만 보냅니다.',
    ),
  ),
  starttls_required: words(
    'TLS not requested',
    'TLS 요청 없음',
    says(
      'the client went on without requesting TLS[ ({code})]; this port admits nothing before TLS',
      '클라이언트가 TLS를 요청하지 않고 진행하려 했습니다[({code})]. 이 포트는 TLS 이전에는 아무것도 허용하지 않습니다.',
    ),
    says(
      'make the client require TLS by request (curl --ssl-reqd, psql sslmode=verify-full, ldapsearch -ZZ, mariadb --ssl), not TLS from the first byte on',
      '클라이언트가 STARTTLS처럼 요청으로 시작하는 TLS를 쓰도록 설정하세요(curl --ssl-reqd, psql sslmode=verify-full, ldapsearch -ZZ, mariadb --ssl). 첫 바이트부터 TLS를 쓰는 방식이 아닙니다.',
    ),
  ),
  target_greeting_refused: words(
    'turned away by the target',
    '대상의 접속 거부',
    says(
      'the target speaks first in this protocol, and its first words turn the connection away[: {code}]',
      '이 프로토콜에서는 대상이 먼저 메시지를 보내는데, 그 첫 메시지에서 접속을 거부했습니다.[ 내용: {code}.]',
    ),
    says(
      "follow what the target says: it may be full, or may not admit the proxy's address; if it says nothing, check that it speaks the protocol named by --starttls or --target-starttls",
      '대상이 보낸 내용에 따라 조치하세요. 접속이 가득 찼거나 프록시의 주소를 허용하지 않을 수 있습니다. 이유가 없다면 --starttls나 --target-starttls로 지정한 프로토콜을 쓰는지 확인하세요.',
    ),
  ),
  target_starttls_refused: words(
    'TLS refused by the target',
    '대상의 TLS 거부',
    says(
      'the proxy requested TLS in the words of the protocol, and the target refused[: {code}]',
      '프록시가 그 프로토콜의 방식으로 TLS를 요청했지만 대상이 거부했습니다.[ 응답: {code}.]',
    ),
    says(
      'configure the target for TLS, check the port and the protocol of --target-starttls, or leave it out to forward in clear',
      '대상에 TLS를 설정하고 포트와 --target-starttls의 프로토콜을 확인하세요. 평문으로 전달하려면 이 옵션을 빼세요.',
    ),
  ),
  starttls_violated: words(
    'wrong protocol before TLS',
    'TLS 이전의 잘못된 프로토콜',
    says(
      'what {other} sent before TLS is not what the protocol allows there[: {code}]; bytes sent ahead of TLS could be taken for protected ones',
      '{other} 쪽이 TLS 이전에 보낸 내용이 프로토콜에 맞지 않습니다.[ 내용: {code}.] TLS보다 앞서 보낸 바이트는 보호된 것으로 오인될 수 있습니다.',
    ),
    says(
      'check that both sides speak the protocol named by --starttls or --target-starttls; commands must not be sent behind the request for TLS before TLS has begun',
      '양쪽이 --starttls나 --target-starttls로 지정한 프로토콜을 쓰는지 확인하세요. TLS 요청 뒤에는 TLS가 시작될 때까지 명령을 보내면 안 됩니다.',
    ),
  ),
  proxy_header_missing: words(
    'no PROXY header',
    'PROXY 헤더 없음',
    says(
      'the connection does not begin with a PROXY protocol header, which this port requires',
      '이 포트에서 요구하는 PROXY 프로토콜 헤더로 시작하지 않는 연결입니다.',
    ),
    says(
      'let the load balancer in front send one (haproxy: send-proxy-v2, nginx: proxy_protocol on, curl: --haproxy-protocol). If clients connect directly, switch it off where TLS ends (nginx: proxy_protocol in the listen line, haproxy: accept-proxy, wirelab: --proxy-protocol in)',
      '앞쪽 로드 밸런서가 헤더를 보내게 하세요(haproxy: send-proxy-v2, nginx: proxy_protocol on, curl: --haproxy-protocol). 클라이언트가 직접 접속하는 포트라면 TLS를 끝내는 쪽에서 이 설정을 빼세요(nginx: listen 줄의 proxy_protocol, haproxy: accept-proxy, wirelab: --proxy-protocol in).',
    ),
  ),
  proxy_header_malformed: words(
    'malformed PROXY header',
    '잘못된 PROXY 헤더',
    says(
      'the connection begins with a PROXY protocol header that cannot be read[: {code}]',
      '연결의 첫머리에 있는 PROXY 프로토콜 헤더를 해석할 수 없습니다.[ 이유: {code}.]',
    ),
    says(
      'check what the sender writes in it, and its version; the bytes are in the capture',
      '보내는 쪽이 헤더에 무엇을 쓰는지, 버전이 맞는지 확인하세요. 받은 바이트는 캡처에 있습니다.',
    ),
  ),
  protocol_mismatch: words(
    'different application protocols',
    '서로 다른 응용 프로토콜',
    says(
      'the proxy agreed on [{expected}|one protocol] with the client (ALPN), and the target agreed on [{picked}|none]: neither would understand the other',
      '프록시가 클라이언트와 합의한 프로토콜(ALPN)은 [{expected}|-]인데, 대상과 합의한 프로토콜은 [{picked}입니다|없습니다]. 이대로는 양쪽이 통신할 수 없습니다.',
    ),
    says(
      'list only protocols that the target supports in --alpn, or configure the target for the same protocol; --target-alpn sets what the target is offered',
      '--alpn에는 대상이 쓰는 프로토콜만 지정하거나, 대상에도 같은 프로토콜을 설정하세요. 대상에 제안할 목록은 --target-alpn으로 지정합니다.',
    ),
  ),
};

const allWords: Readonly<Record<Cause, RefusalWords>> = { ...refusalWords, ...causeWords };

/** The name of a cause, for a list; undefined for what is none. */
export function causeName(cause: string): Localized | undefined {
  const byName: Readonly<Partial<Record<string, RefusalWords>>> = allWords;
  return Object.hasOwn(allWords, cause) ? byName[cause]?.name : undefined;
}
