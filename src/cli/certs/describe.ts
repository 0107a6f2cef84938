/**
 * Describes a certificate, request, revocation list or key: as rows (label and text) for people and as an object for
 * programs. All texts are safe to print on a terminal, and invisible characters in names are made visible.
 */
import { defined } from '../../core/defined.ts';
import { toColonHex, toHex } from '../../core/hex.ts';
import { sha256Hex } from '../../core/sha256.ts';
import { certificateSummary, isoTime } from '../../protocols/x509/certificate.ts';
import type { Certificate } from '../../protocols/x509/certificate.ts';
import type { RevocationList } from '../../protocols/x509/crl.ts';
import { revocationReasons } from '../../protocols/x509/oids.ts';
import type { SigningRequest } from '../../protocols/x509/request.ts';
import { generalNameText, serialText } from '../../protocols/x509/structures.ts';
import type { ExtensionValues, Subtree } from '../../protocols/x509/extensions.ts';
import type { PublicKeyInfo } from '../../protocols/x509/structures.ts';
import type { LineOf } from '../../ui/json/line.ts';
import { verbatim } from '../../i18n/language.ts';
import type { Localized } from '../../i18n/language.ts';
import type { Content } from '../../pki/x509/contents.ts';
import { keyPeculiarities, lintOf, requestPeculiarities } from '../../pki/x509/lint.ts';
import { visible } from '../../pki/x509/name-lint.ts';
import type { LintFinding } from '../../pki/x509/lint-finding.ts';
import { isSignedBy } from '../../pki/x509/signature.ts';
import { minuteText, validityState, validityWords } from '../../pki/x509/validity.ts';

export interface Row {
  readonly label: Localized;
  readonly text: Localized;
}

type WithoutPeculiarities<Item> = Item extends unknown ? Omit<Item, 'peculiarities'> : never;
type ItemJson = WithoutPeculiarities<LineOf<'certificates'>['items'][number]>;

export interface Description {
  readonly title: Localized;
  readonly rows: readonly Row[];
  readonly peculiarities: readonly LintFinding[];
  /** The object for programs, without the parts that exist only as text. */
  readonly json: ItemJson;
}

const labels = {
  subject: { en: 'subject', ko: '주체' },
  issuer: { en: 'issuer', ko: '발급자' },
  serial: { en: 'serial', ko: '일련번호' },
  valid: { en: 'valid', ko: '유효 기간' },
  names: { en: 'names (SAN)', ko: '이름(SAN)' },
  authority: { en: 'CA', ko: 'CA' },
  keyUsage: { en: 'key usage', ko: '키 사용' },
  extendedKeyUsage: { en: 'ext. usage', ko: '확장 키 사용' },
  permitted: { en: 'permitted', ko: '허용된 이름' },
  excluded: { en: 'excluded', ko: '제외된 이름' },
  netscape: { en: 'Netscape', ko: 'Netscape' },
  policies: { en: 'policies', ko: '정책' },
  limits: { en: 'policy limits', ko: '정책 제약' },
  others: { en: 'extensions', ko: '그 밖의 확장' },
  key: { en: 'key', ko: '키' },
  keyId: { en: 'key id', ko: '키 ID' },
  authorityKeyId: { en: 'CA key id', ko: 'CA 키 ID' },
  signature: { en: 'signed with', ko: '서명' },
  proof: { en: 'proof', ko: '소유 증명' },
  fingerprint: { en: 'SHA-256', ko: 'SHA-256' },
  spki: { en: 'key SHA-256', ko: '키 SHA-256' },
  asks: { en: 'asks for', ko: '요청' },
  updates: { en: 'current', ko: '유효 기간' },
  number: { en: 'number', ko: '번호' },
  revoked: { en: 'revoked', ko: '폐기됨' },
} as const satisfies Record<string, Localized>;

const none: Localized = { en: 'none', ko: '없음' };
const row = (label: keyof typeof labels, text: Localized | string): Row => ({
  label: labels[label],
  text: typeof text === 'string' ? verbatim(text) : text,
});

export function describe(content: Content, now: number): Description {
  switch (content.kind) {
    case 'certificate':
      return describeCertificate(content.certificate, now);
    case 'request':
      return describeRequest(content.request);
    case 'revocation-list':
      return describeList(content.list, now);
    case 'private-key':
    case 'public-key':
      return describeKey(content);
  }
}

/** Longer lists are truncated for people; programs get all entries. */
const mostNames = 40;

function namesText(values: ExtensionValues): Localized {
  const names = (values.subjectAlternativeNames ?? []).map((name) => visible(generalNameText(name)));
  if (names.length === 0) return none;
  const listed = names.slice(0, mostNames).join(', ');
  const left = names.length - mostNames;
  return left > 0 ? { en: `${listed} and ${left} more`, ko: `${listed} 외 ${left}개` } : verbatim(listed);
}

function authorityText({ basicConstraints }: ExtensionValues): Localized {
  if (!basicConstraints?.isCa)
    return { en: 'no: it may not issue certificates', ko: '아님: 인증서를 발급할 수 없습니다' };
  const limit = basicConstraints.pathLength;
  if (limit === undefined)
    return { en: 'yes, with any number of CAs below it', ko: '예. 하위 CA 수에 제한이 없습니다' };
  return limit === 0
    ? { en: 'yes, with no CA below it (path length 0)', ko: '예. 하위 CA를 둘 수 없습니다(path length 0)' }
    : {
        en: `yes, with at most ${limit} CA${limit === 1 ? '' : 's'} below it in a chain (path length ${limit})`,
        ko: `예. 체인에서 하위 CA는 최대 ${limit}개입니다(path length ${limit})`,
      };
}

const criticalOf = ({ extensions }: ExtensionValues, name: string): string =>
  extensions.some((one) => one.critical && one.name === name) ? ' (critical)' : '';

const usageRows = (values: ExtensionValues): Row[] => [
  row(
    'keyUsage',
    values.keyUsage
      ? `${values.keyUsage.join(', ')}${criticalOf(values, 'key_usage')}`
      : { en: 'not limited', ko: '제한 없음' },
  ),
  row(
    'extendedKeyUsage',
    values.extendedKeyUsage
      ? `${values.extendedKeyUsage.join(', ')}${criticalOf(values, 'extended_key_usage')}`
      : { en: 'not limited', ko: '제한 없음' },
  ),
];

const listedNames = (trees: readonly Subtree[]): string => {
  const texts = trees.slice(0, mostNames).map(({ base }) => visible(generalNameText(base)));
  return texts.join(', ') + (trees.length > mostNames ? ` … (${trees.length})` : '');
};

/** RFC 5280 section 4.2.1.10: the names for which this CA may issue certificates. */
function constraintRows(certificate: Certificate): Row[] {
  const { nameConstraints } = certificate;
  const marked = criticalOf(certificate, 'name_constraints');
  if (!nameConstraints) return [];
  const { permitted, excluded } = nameConstraints;
  const kinds = [...new Set(permitted.map(({ base }) => base.kind))].join(', ');
  return [
    ...(permitted.length > 0
      ? [
          row('permitted', {
            en: `${listedNames(permitted)}${marked}; names of other kinds than ${kinds} are not constrained`,
            ko: `${listedNames(permitted)}${marked}. ${kinds} 외의 이름 종류는 제한하지 않습니다`,
          }),
        ]
      : []),
    ...(excluded.length > 0 ? [row('excluded', `${listedNames(excluded)}${marked}`)] : []),
    ...(permitted.length + excluded.length === 0
      ? [
          row('permitted', {
            en: `every name: its name constraints are empty${marked}`,
            ko: `모든 이름: 이름 제약이 비어 있습니다${marked}`,
          }),
        ]
      : []),
  ];
}

/** Extensions with a dedicated row, or without one because another row covers them. */
const described: ReadonlySet<string> = new Set([
  'subject_key_identifier',
  'authority_key_identifier',
  'key_usage',
  'extended_key_usage',
  'basic_constraints',
  'subject_alternative_name',
  'certificate_policies',
  'policy_constraints',
  'inhibit_any_policy',
]);

function rareRows(certificate: Certificate): Row[] {
  const { netscapeCertType, policies, policyConstraints, inhibitAnyPolicy } = certificate;
  const { requireExplicitPolicy: explicit, inhibitPolicyMapping: mapping } = policyConstraints ?? {};
  const limits: Localized[] = [
    ...(explicit === undefined
      ? []
      : [
          {
            en: `an explicit policy is required after ${explicit} more certificates`,
            ko: `인증서 ${explicit}개 뒤부터 정책을 명시해야 합니다`,
          },
        ]),
    ...(mapping === undefined
      ? []
      : [
          {
            en: `policy mapping is inhibited after ${mapping} more`,
            ko: `${mapping}개 뒤부터 정책 매핑을 금지합니다`,
          },
        ]),
    ...(inhibitAnyPolicy === undefined
      ? []
      : [
          {
            en: `anyPolicy is not accepted after ${inhibitAnyPolicy} more`,
            ko: `${inhibitAnyPolicy}개 뒤부터 anyPolicy를 인정하지 않습니다`,
          },
        ]),
  ];
  const said = new Set([
    ...described,
    ...(certificate.nameConstraints ? ['name_constraints'] : []),
    ...(netscapeCertType ? ['netscape_cert_type'] : []),
  ]);
  const others = certificate.extensions
    .filter(({ name }) => !said.has(name ?? ''))
    .map(
      ({ name, oid, critical }) => `${(name ?? oid).replaceAll('_', ' ')}${critical ? ' (critical)' : ''}`,
    );
  return [
    ...(netscapeCertType ? [row('netscape', netscapeCertType.join(', ') || none)] : []),
    ...(policies
      ? [
          row(
            'policies',
            `${policies.slice(0, mostNames).join(', ')}${criticalOf(certificate, 'certificate_policies')}`,
          ),
        ]
      : []),
    ...(limits.length > 0
      ? [
          row('limits', {
            en: `${limits.map(({ en }) => en).join('; ')}; neither OpenSSL nor wirelab checks policies`,
            ko: `${limits.map(({ ko }) => ko).join(', ')}. OpenSSL과 wirelab은 정책을 확인하지 않습니다`,
          }),
        ]
      : []),
    ...(others.length > 0 ? [row('others', others.slice(0, mostNames).join(', '))] : []),
  ];
}

function describeCertificate(certificate: Certificate, now: number): Description {
  const span = validityWords(certificate, now);
  const dates = `${minuteText(certificate.notBefore)} – ${minuteText(certificate.notAfter)}`;
  const peculiarities = lintOf(certificate);
  const { keyId, authorityKeyId } = certificate;
  return {
    title: { en: 'certificate', ko: '인증서' },
    rows: [
      row(
        'subject',
        certificate.subject.attributes.length > 0
          ? visible(certificate.subject.text)
          : { en: '(empty)', ko: '(비어 있음)' },
      ),
      row(
        'issuer',
        certificate.issuer.attributes.length > 0
          ? visible(certificate.issuer.text)
          : { en: '(empty)', ko: '(비어 있음)' },
      ),
      row('serial', serialText(certificate.serial)),
      row('valid', { en: `${span.en} (${dates})`, ko: `${span.ko} (${dates})` }),
      row('names', namesText(certificate)),
      row('authority', authorityText(certificate)),
      ...constraintRows(certificate),
      ...usageRows(certificate),
      ...rareRows(certificate),
      row('key', certificate.publicKey.name),
      row('keyId', keyId ? toColonHex(keyId) : none),
      row('authorityKeyId', authorityKeyId ? toColonHex(authorityKeyId) : none),
      row('signature', certificate.signatureAlgorithm.name),
      row('fingerprint', sha256Hex(certificate.der)),
      row('spki', sha256Hex(certificate.publicKey.der)),
    ],
    peculiarities,
    json: defined({
      kind: 'certificate',
      ...certificateSummary(certificate),
      version: certificate.version,
      validity: validityState(certificate, now),
      keyUsage: certificate.keyUsage,
      pathLength:
        certificate.basicConstraints?.pathLength === undefined
          ? undefined
          : certificate.basicConstraints.pathLength,
      nameConstraints: certificate.nameConstraints
        ? {
            permitted: certificate.nameConstraints.permitted.map(({ base }) => generalNameText(base)),
            excluded: certificate.nameConstraints.excluded.map(({ base }) => generalNameText(base)),
          }
        : undefined,
      netscapeCertType: certificate.netscapeCertType,
      policies: certificate.policies,
      signatureAlgorithm: certificate.signatureAlgorithm.name,
      spkiSha256: sha256Hex(certificate.publicKey.der),
      extensions: extensionsJson(certificate),
    }),
  };
}

const extensionsJson = ({
  extensions,
}: ExtensionValues): { readonly oid: string; readonly name?: string; readonly critical: boolean }[] =>
  extensions.map(({ oid, name, critical }) => defined({ oid, name, critical }));

/** A request is signed with the private key whose public key it contains (RFC 2986 section 4.2). */
export const provesPossession = (request: SigningRequest): boolean =>
  isSignedBy(
    { body: request.info, signature: request.signature, algorithm: request.signatureAlgorithm },
    request.publicKey,
  );

function describeRequest(request: SigningRequest): Description {
  const proven = provesPossession(request);
  const asked = request.extensions.map(({ name, oid }) => (name ?? oid).replaceAll('_', ' ')).join(', ');
  return {
    title: { en: 'certificate signing request (CSR)', ko: '인증서 서명 요청(CSR)' },
    rows: [
      row(
        'subject',
        request.subject.attributes.length > 0
          ? visible(request.subject.text)
          : { en: '(empty)', ko: '(비어 있음)' },
      ),
      row('names', namesText(request)),
      row('asks', asked === '' ? { en: 'no extensions', ko: '확장 없음' } : asked),
      ...(request.basicConstraints?.isCa
        ? [row('authority', { en: 'asks to become a CA', ko: 'CA가 되기를 요청합니다' })]
        : []),
      ...(request.keyUsage || request.extendedKeyUsage ? usageRows(request) : []),
      row('key', request.publicKey.name),
      row('signature', request.signatureAlgorithm.name),
      row(
        'proof',
        proven
          ? {
              en: 'the signature is valid: the requester holds the private key',
              ko: '서명이 맞습니다. 요청한 쪽이 개인 키를 가지고 있습니다',
            }
          : {
              en: 'the signature is NOT valid: the requester has not proven possession of the private key',
              ko: '서명이 맞지 않습니다. 개인 키를 가지고 있음이 증명되지 않았습니다',
            },
      ),
      row('spki', sha256Hex(request.publicKey.der)),
    ],
    peculiarities: requestPeculiarities(request),
    json: defined({
      kind: 'request',
      subject: request.subject.text,
      san: (request.subjectAlternativeNames ?? []).map(generalNameText),
      publicKey: request.publicKey.name,
      signatureAlgorithm: request.signatureAlgorithm.name,
      proven,
      isCa: request.basicConstraints?.isCa,
      keyUsage: request.keyUsage,
      extendedKeyUsage: request.extendedKeyUsage,
      spkiSha256: sha256Hex(request.publicKey.der),
      extensions: extensionsJson(request),
    }),
  };
}

const mostEntries = 20;

function describeList(list: RevocationList, now: number): Description {
  const { thisUpdate, nextUpdate } = list;
  const span =
    nextUpdate === undefined
      ? { en: 'no next update is announced', ko: '다음 갱신 시각이 없습니다' }
      : validityWords({ notBefore: thisUpdate, notAfter: nextUpdate }, now);
  const dates = `${minuteText(thisUpdate)}${nextUpdate === undefined ? '' : ` – ${minuteText(nextUpdate)}`}`;
  const entries = [...list.revoked.values()].map((entry) => ({
    serial: serialText(entry.serial),
    at: isoTime(entry.at),
    reason: revocationReasons[entry.reason ?? 0] ?? String(entry.reason),
  }));
  const shown = entries
    .slice(0, mostEntries)
    .map(({ serial, at, reason }) => row('revoked', `${serial} ${minuteText(Date.parse(at))} ${reason}`));
  const left = entries.length - mostEntries;
  return {
    title: { en: 'certificate revocation list (CRL)', ko: '인증서 폐기 목록(CRL)' },
    rows: [
      row('issuer', visible(list.issuer.text)),
      row('number', list.crlNumber ? BigInt(`0x${toHex(list.crlNumber)}`).toString() : none),
      row('updates', { en: `${span.en} (${dates})`, ko: `${span.ko} (${dates})` }),
      row('authorityKeyId', list.authorityKeyId ? toColonHex(list.authorityKeyId) : none),
      row('signature', list.signatureAlgorithm.name),
      row('fingerprint', sha256Hex(list.der)),
      ...(shown.length > 0 ? shown : [row('revoked', { en: 'no certificate', ko: '폐기된 인증서 없음' })]),
      ...(left > 0 ? [row('revoked', { en: `and ${left} more`, ko: `외 ${left}개` })] : []),
    ],
    peculiarities: [],
    json: defined({
      kind: 'revocation-list',
      issuer: list.issuer.text,
      thisUpdate: isoTime(thisUpdate),
      nextUpdate: nextUpdate === undefined ? undefined : isoTime(nextUpdate),
      number: list.crlNumber && BigInt(`0x${toHex(list.crlNumber)}`).toString(),
      authorityKeyId: list.authorityKeyId && toColonHex(list.authorityKeyId),
      signatureAlgorithm: list.signatureAlgorithm.name,
      sha256: sha256Hex(list.der),
      revoked: entries,
    }),
  };
}

function describeKey({
  kind,
  publicKey,
}: {
  readonly kind: 'private-key' | 'public-key';
  readonly publicKey: PublicKeyInfo;
}): Description {
  return {
    title:
      kind === 'private-key'
        ? { en: 'private key (secret values are not shown)', ko: '개인 키(비밀 값은 표시하지 않습니다)' }
        : { en: 'public key', ko: '공개 키' },
    rows: [row('key', publicKey.name), row('spki', sha256Hex(publicKey.der))],
    peculiarities: keyPeculiarities(publicKey),
    json: { kind, publicKey: publicKey.name, spkiSha256: sha256Hex(publicKey.der) },
  };
}
