/**
 * Decides how a CA processes a request: what it checks, drops (requested but not granted), refuses and grants, and
 * issues the certificate. Usage, validity and CA rights come only from the profile and the CA. Pure, except for
 * creating the certificate; the counterpart is `request.ts`.
 *
 * 1. A single refusal means that nothing is signed. All refusals are reported.
 * 2. The CA's operator may set the names (`names`); then the requested ones are ignored.
 * 3. A certificate never outlives its CA, and a CA that is created here cannot have a CA below it.
 */
import type { DecisionKind } from './decision.ts';
import { sameBytes } from '../../core/bytes.ts';
import { createPublicKey, randomBytes } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { RandomBytes } from '../../core/clock.ts';
import type { Certificate } from '../../protocols/x509/certificate.ts';
import type { SigningRequest } from '../../protocols/x509/request.ts';
import { generalNameText } from '../../protocols/x509/structures.ts';
import type { GeneralName } from '../../protocols/x509/structures.ts';
import type { Localized } from '../../i18n/language.ts';
import { josa } from '../../i18n/josa.ts';
import { taken } from './asn1.ts';
import { buildCertificate, extensionsOf, serialNumber } from './issue.ts';
import { keyPeculiarities, requestPeculiarities } from '../x509/lint.ts';
import { visible } from '../x509/name-lint.ts';
import type { LintId } from '../x509/lint-finding.ts';
import { profiles } from './recipe.ts';
import type { ExtendedKeyUsage, KeyUsage, ProfileName } from './plan.ts';
import { keyIdentifier } from './sign.ts';
import { isSignedBy, publicKeyOf } from '../x509/signature.ts';
import { domainName } from './subject.ts';
import { durationWords, minuteText, validityState, validityWords } from '../x509/validity.ts';
import { hasWeakKey, isAuthority, sameName } from '../x509/verify.ts';

export const signingProfiles = ['server', 'client', 'ca'] as const;
export type SigningProfile = (typeof signingProfiles)[number];

const profileOf: Readonly<Record<SigningProfile, ProfileName>> = {
  server: 'server',
  client: 'client',
  ca: 'intermediate',
};
const defaultDays: Readonly<Record<SigningProfile, number>> = { server: 365, client: 365, ca: 1825 };

export interface Decision {
  readonly kind: DecisionKind;
  /** An identifier for programs and tests. */
  readonly about: string;
  readonly words: Localized;
}

export interface SigningQuestion {
  readonly request: SigningRequest;
  readonly authority: Certificate;
  readonly profile: SigningProfile;
  readonly days?: number;
  /** `DNS:…`, `IP:…`, `URI:…`, `email:…`, instead of the requested ones. */
  readonly names?: readonly string[];
  /** Milliseconds since the epoch. */
  readonly at: number;
}

interface Grant {
  readonly names: readonly string[];
  readonly notBefore: number;
  readonly notAfter: number;
  readonly keyUsage: readonly KeyUsage[];
  readonly extendedKeyUsage: readonly ExtendedKeyUsage[];
}

export interface Consideration {
  readonly decisions: readonly Decision[];
  /** What to sign; undefined if something was refused. */
  readonly grant?: Grant;
}

const decision = (kind: DecisionKind, about: string, en: string, ko: string): Decision => ({
  kind,
  about,
  words: { en, ko },
});
const checked = (about: string, en: string, ko: string): Decision => decision('checked', about, en, ko);
const granted = (about: string, en: string, ko: string): Decision => decision('granted', about, en, ko);
const cut = (about: string, en: string, ko: string): Decision => decision('cut', about, en, ko);
const refused = (about: string, en: string, ko: string): Decision => decision('refused', about, en, ko);

export function considerRequest(question: SigningQuestion): Consideration {
  const { names, decisions: aboutNames } = considerNames(question);
  const { notBefore, notAfter, decisions: aboutValidity } = considerValidity(question);
  const { keyUsage, extendedKeyUsage, decisions: aboutUsage } = considerUsage(question);
  const decisions = [
    ...considerAuthority(question),
    ...considerKey(question),
    ...considerSubject(question, names),
    ...aboutNames,
    ...aboutUsage,
    ...aboutValidity,
  ];
  if (decisions.some(({ kind }) => kind === 'refused'))
    return { decisions: decisions.filter(({ kind }) => kind !== 'granted') };
  return { decisions, grant: { names, notBefore, notAfter, keyUsage, extendedKeyUsage } };
}

/** The certificate, DER. */
export function issueGranted(
  { request, authority, profile }: SigningQuestion,
  grant: Grant,
  signer: KeyObject,
  random: RandomBytes = randomBytes,
): Uint8Array {
  return buildCertificate({
    serial: serialNumber(random),
    issuer: taken(authority.subject.der),
    subject: taken(request.subject.der),
    notBefore: grant.notBefore,
    notAfter: grant.notAfter,
    spki: request.publicKey.der,
    extensions: extensionsOf({
      isCa: profile === 'ca',
      pathLength: profile === 'ca' ? 0 : undefined,
      keyUsage: grant.keyUsage,
      extendedKeyUsage: grant.extendedKeyUsage,
      san: grant.names,
      keyId: keyIdentifier(request.publicKey.der),
      authorityKeyId: authority.keyId ?? keyIdentifier(authority.publicKey.der),
      subjectIsEmpty: request.subject.attributes.length === 0,
      unknownCriticalExtension: false,
      where: '--san',
    }),
    signer,
  });
}

/** Whether a private key matches a certificate. */
export function isKeyOf(key: KeyObject, certificate: Certificate): boolean {
  const own = publicKeyOf(certificate.publicKey);
  // Comparing keys of two types leaves an error in OpenSSL's queue, for which the next key would be called damaged.
  return (
    own !== undefined && own.asymmetricKeyType === key.asymmetricKeyType && own.equals(createPublicKey(key))
  );
}

function considerAuthority({ authority, profile, at }: SigningQuestion): Decision[] {
  const rows: Decision[] = [];
  const subject = visible(authority.subject.text);
  if (!isAuthority(authority, sameName(authority.subject, authority.issuer))) {
    rows.push(
      refused(
        'authority',
        `${subject} may not issue certificates: it is not a CA, or its keyUsage lacks keyCertSign`,
        `${josa(subject, '은/는')} 인증서를 발급할 수 없습니다. CA가 아니거나 keyUsage에 keyCertSign이 없습니다`,
      ),
    );
  }
  if (validityState(authority, at) !== 'valid') {
    const words = validityWords(authority, at);
    rows.push(
      refused(
        'authority_validity',
        `the CA certificate itself is not valid now: ${words.en}`,
        `CA 자체가 지금 유효하지 않습니다: ${words.ko}`,
      ),
    );
  }
  if (profile === 'ca' && authority.basicConstraints?.pathLength === 0) {
    rows.push(
      refused(
        'path_length',
        `${subject} may have no CA below it (path length 0)`,
        `${josa(subject, '은/는')} 하위 CA를 둘 수 없습니다(path length 0)`,
      ),
    );
  }
  const [wanted] = profiles[profileOf[profile]].extendedKeyUsage;
  if (wanted && authority.extendedKeyUsage && !authority.extendedKeyUsage.includes(wanted)) {
    rows.push(
      refused(
        'authority_usage',
        `${subject} may issue for ${authority.extendedKeyUsage.join(', ')} only, not for ${wanted}`,
        `${josa(subject, '이/가')} 발급할 수 있는 용도는 ${authority.extendedKeyUsage.join(', ')}뿐이며 ${josa(wanted, '은/는')} 없습니다`,
      ),
    );
  }
  if (hasWeakKey(authority))
    rows.push(
      refused(
        'authority_key',
        `the key of the CA is weak: ${authority.publicKey.name}`,
        `CA의 키가 약합니다: ${authority.publicKey.name}`,
      ),
    );
  return rows.length > 0
    ? rows
    : [
        checked(
          'authority',
          `${subject} may issue this: it is a CA and valid now`,
          `${josa(subject, '은/는')} 발급할 수 있습니다. CA이고 지금 유효합니다`,
        ),
      ];
}

/** Key types that can sign in a handshake. */
const signingKeys = new Set(['rsa', 'rsa-pss', 'ec', 'ed25519', 'ed448']);

function considerKey({ request, authority }: SigningQuestion): Decision[] {
  const rows: Decision[] = [];
  if (
    !isSignedBy(
      { body: request.info, signature: request.signature, algorithm: request.signatureAlgorithm },
      request.publicKey,
    )
  ) {
    rows.push(
      refused(
        'possession',
        'the signature of the request does not match the requested key: the requester has not proven possession of the private key',
        '요청의 서명이 요청한 키와 맞지 않습니다. 요청한 쪽이 개인 키를 가지고 있음이 증명되지 않았습니다',
      ),
    );
  } else
    rows.push(
      checked(
        'possession',
        'proof of possession: the request is signed with the requested key',
        '소유 증명: 요청한 키로 서명되어 있습니다',
      ),
    );
  const key = publicKeyOf(request.publicKey);
  const weak = keyPeculiarities(request.publicKey);
  for (const { id, words } of weak) rows.push({ kind: 'refused', about: id, words });
  if (key && !signingKeys.has(key.asymmetricKeyType ?? ''))
    rows.push(
      refused(
        'key_kind',
        `a key of type ${request.publicKey.name} cannot sign, so it cannot be used to log in`,
        `${request.publicKey.name} 키로는 서명할 수 없어 접속에 쓸 수 없습니다`,
      ),
    );
  else if (weak.length === 0)
    rows.push(
      checked(
        'key_strength',
        `key strength: ${request.publicKey.name}`,
        `키 강도: ${request.publicKey.name}`,
      ),
    );
  if (sameBytes(request.publicKey.der, authority.publicKey.der))
    rows.push(
      refused('key_of_authority', 'the request contains the CA’s own key', 'CA 자신의 키에 대한 요청입니다'),
    );
  return rows;
}

/** A word in a single script is accepted, whatever it resembles: it may be a real name. */
const deceptions: ReadonlySet<LintId> = new Set(['control_characters', 'hidden_characters', 'mixed_scripts']);

function considerSubject({ request, authority }: SigningQuestion, names: readonly string[]): Decision[] {
  const rows: Decision[] = [];
  const { subject } = request;
  const deceptive = requestPeculiarities({ ...request, subjectAlternativeNames: [] }).filter(({ id }) =>
    deceptions.has(id),
  );
  for (const { id, words } of deceptive) rows.push({ kind: 'refused', about: `subject_${id}`, words });
  if (subject.attributes.some(({ encoded }) => encoded))
    rows.push(
      refused('subject_encoding', 'a value of the subject is not text', '주체에 글이 아닌 값이 있습니다'),
    );
  if (subject.attributes.length === 0 && names.length === 0)
    rows.push(
      refused(
        'subject_empty',
        'it contains no subject and no name that can be granted',
        '주체도, 허용할 수 있는 이름도 없습니다',
      ),
    );
  if (subject.attributes.length > 0 && sameName(subject, authority.subject))
    rows.push(
      refused('subject_of_authority', 'it requests the name of the CA itself', 'CA 자신의 이름을 요청합니다'),
    );
  if (rows.length === 0 && subject.attributes.length > 0)
    rows.push(granted('subject', `subject: ${visible(subject.text)}`, `주체: ${visible(subject.text)}`));
  return rows;
}

/** Name types by profile. A CA is identified only by its subject and its key. */
const kindsOf: Readonly<Record<SigningProfile, readonly GeneralName['kind'][]>> = {
  server: ['DNS', 'IP', 'URI'],
  client: ['DNS', 'IP', 'URI', 'email'],
  ca: [],
};

function considerNames({ request, profile, names: given }: SigningQuestion): {
  readonly names: string[];
  readonly decisions: Decision[];
} {
  const decisions: Decision[] = [];
  const asked = request.subjectAlternativeNames ?? [];
  const names: string[] = [];
  if (given) {
    for (const name of given) {
      const kind = name.slice(0, name.indexOf(':'));
      if (kindsOf[profile].some((one) => one === kind)) names.push(name);
      else
        decisions.push(
          refused(
            'name_kind',
            `the profile ${profile} does not allow ${kind} names: ${name}`,
            `${profile} 프로필에는 ${kind} 이름을 넣지 않습니다: ${name}`,
          ),
        );
    }
    for (const name of asked) {
      const text = visible(generalNameText(name));
      if (!given.includes(text))
        decisions.push(
          cut(
            'name',
            `the name ${text}: the CA sets the names (--san)`,
            `이름 ${text}: 이름은 CA가 정합니다(--san)`,
          ),
        );
    }
  } else {
    for (const name of asked) {
      const text = visible(generalNameText(name));
      const why = whyNotName(name, profile);
      if (why) decisions.push(cut('name', `the name ${text}: ${why.en}`, `이름 ${text}: ${why.ko}`));
      else if (!names.includes(text)) names.push(text);
    }
  }
  if (names.length > 0)
    decisions.push(granted('names', `names: ${names.join(', ')}`, `이름: ${names.join(', ')}`));
  if (profile === 'server' && !names.some((name) => /^(?:DNS|IP):/.test(name))) {
    decisions.push(
      refused(
        'no_name',
        'a server needs a DNS name or an address: the request contains none that can be granted, and --san is not set',
        '서버에는 DNS 이름이나 주소가 필요합니다. 허용할 수 있는 이름이 요청에 없고 --san으로도 지정하지 않았습니다',
      ),
    );
  }
  return { names, decisions };
}

/** Why a requested name is not granted; undefined if it is. */
function whyNotName({ kind, value }: GeneralName, profile: SigningProfile): Localized | undefined {
  if (!kindsOf[profile].includes(kind))
    return {
      en: `the profile ${profile} does not allow names of this type`,
      ko: `${profile} 프로필에는 이런 종류의 이름을 넣지 않습니다`,
    };
  if (!/^[\x21-\x7e]+$/.test(value))
    return {
      en: 'it contains characters that are invalid in such a name',
      ko: '이름에 쓸 수 없는 문자가 있습니다',
    };
  if (kind === 'DNS' && value.includes('*'))
    return {
      en: 'a wildcard is not granted on request: the operator of the CA sets it (--san)',
      ko: '와일드카드는 요청만으로 주지 않고 CA 운영자가 정합니다(--san)',
    };
  if (kind === 'DNS' && domainName(value) === undefined)
    return { en: 'it is not a domain name', ko: '도메인 이름이 아닙니다' };
  if (kind === 'IP' && /^#|\//.test(value)) return { en: 'it is not an address', ko: '주소가 아닙니다' };
  return undefined;
}

const likeCa = new Set(['keyCertSign', 'cRLSign']);

function considerUsage({ request, profile }: SigningQuestion): {
  readonly keyUsage: KeyUsage[];
  readonly extendedKeyUsage: readonly ExtendedKeyUsage[];
  readonly decisions: Decision[];
} {
  const own = profiles[profileOf[profile]];
  const extra: readonly KeyUsage[] =
    profile === 'server' && request.publicKey.algorithm === 'RSA' ? ['keyEncipherment'] : [];
  const keyUsage = [...own.keyUsage, ...extra];
  const decisions: Decision[] = [];
  const askedToBeCa = request.basicConstraints?.isCa ?? false;
  if (askedToBeCa && profile !== 'ca')
    decisions.push(
      cut(
        'ca',
        'CA:TRUE: its holder could issue any certificate',
        'CA:TRUE: 이것이 있으면 누구에게나 인증서를 발급할 수 있습니다',
      ),
    );
  for (const usage of request.keyUsage ?? []) {
    if (keyUsage.some((one) => one === usage)) continue;
    decisions.push(
      likeCa.has(usage)
        ? cut(
            'key_usage',
            `keyUsage ${usage}: only the CA signs certificates and lists`,
            `keyUsage ${usage}: 인증서와 CRL에 서명하는 것은 CA의 일입니다`,
          )
        : cut(
            'key_usage',
            `keyUsage ${usage}: not part of the profile ${profile}`,
            `keyUsage ${usage}: ${profile} 프로필에 없는 용도입니다`,
          ),
    );
  }
  for (const usage of request.extendedKeyUsage ?? []) {
    if (!own.extendedKeyUsage.some((one) => one === usage))
      decisions.push(
        cut(
          'extended_key_usage',
          `extended key usage ${usage}: not part of the profile ${profile}`,
          `확장 키 사용 ${usage}: ${profile} 프로필에 없는 용도입니다`,
        ),
      );
  }
  for (const { oid, name } of request.extensions) {
    if (!understood.has(name ?? ''))
      decisions.push(
        cut(
          'extension',
          `the extension ${(name ?? oid).replaceAll('_', ' ')}: set only by the CA`,
          `확장 ${(name ?? oid).replaceAll('_', ' ')}: CA만 정할 수 있습니다`,
        ),
      );
  }
  decisions.push(
    profile === 'ca'
      ? granted(
          'usage',
          `CA:TRUE with path length 0, ${keyUsage.join(', ')}`,
          `CA:TRUE(path length 0), ${keyUsage.join(', ')}`,
        )
      : granted(
          'usage',
          `CA:FALSE, ${[...keyUsage, ...own.extendedKeyUsage].join(', ')}`,
          `CA:FALSE, ${[...keyUsage, ...own.extendedKeyUsage].join(', ')}`,
        ),
  );
  return { keyUsage, extendedKeyUsage: own.extendedKeyUsage, decisions };
}

/** Extensions with their own rules; the key identifier is recomputed in any case. */
const understood = new Set([
  'basic_constraints',
  'key_usage',
  'extended_key_usage',
  'subject_alternative_name',
  'subject_key_identifier',
]);

/** Backdated as kubeadm does, so that a machine whose clock is slow accepts it at once. */
const backdate = 5 * 60_000;
const day = 86_400_000;

function considerValidity({ authority, profile, days = defaultDays[profile], at }: SigningQuestion): {
  readonly notBefore: number;
  readonly notAfter: number;
  readonly decisions: Decision[];
} {
  const now = Math.floor(at / 1000) * 1000;
  const notBefore = Math.max(now - backdate, authority.notBefore);
  const wanted = now + days * day;
  const notAfter = Math.min(wanted, authority.notAfter);
  const lost = durationWords(wanted - notAfter);
  return {
    notBefore,
    notAfter,
    decisions: [
      ...(notAfter < wanted
        ? [
            cut(
              'validity',
              `${lost.en} of validity: no certificate outlives its CA (${minuteText(authority.notAfter)})`,
              `유효 기간 ${lost.ko}: 인증서는 CA보다 오래 유효할 수 없습니다(${minuteText(authority.notAfter)})`,
            ),
          ]
        : []),
      granted(
        'validity',
        `valid ${minuteText(notBefore)} – ${minuteText(notAfter)}`,
        `유효 기간 ${minuteText(notBefore)} – ${minuteText(notAfter)}`,
      ),
    ],
  };
}
