/**
 * What a CA makes of a request: what it checks, what it cuts (asked for, and not granted) and what it refuses; and the
 * certificate that is left. A request is a wish: usage, validity and CA rights come from the profile and the CA alone.
 * Pure but for the making of the certificate; the counterpart that asks is `request.ts`.
 *
 * 1. One refusal, and nothing is signed. All that are found are told.
 * 2. Whoever runs the CA may give the names (`names`); then those that the request asks for count for nothing.
 * 3. A certificate never outlives its CA, and a CA that is made here may have no CA below itself.
 */
import { createPublicKey, randomBytes } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { RandomBytes } from '../../core/clock.ts';
import type { Certificate } from '../../protocols/x509/certificate.ts';
import type { SigningRequest } from '../../protocols/x509/request.ts';
import { generalNameText } from '../../protocols/x509/structures.ts';
import type { GeneralName } from '../../protocols/x509/structures.ts';
import type { Localized } from '../../i18n/language.ts';
import { taken } from './asn1.ts';
import { buildCertificate, extensionsOf, serialNumber } from './issue.ts';
import { keyPeculiarities, requestPeculiarities, visible } from '../x509/lint.ts';
import type { LintId } from '../x509/lint.ts';
import { profiles } from './recipe.ts';
import type { ExtendedKeyUsage, KeyUsage, ProfileName } from './recipe.ts';
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

export type DecisionKind = 'checked' | 'granted' | 'cut' | 'refused';

export interface Decision {
  readonly kind: DecisionKind;
  /** A name for programs and tests. */
  readonly about: string;
  readonly words: Localized;
}

export interface SigningQuestion {
  readonly request: SigningRequest;
  readonly authority: Certificate;
  readonly profile: SigningProfile;
  readonly days?: number;
  /** `DNS:…`, `IP:…`, `URI:…`, `email:…`, in place of those that the request asks for. */
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
  /** What is to be signed; undefined when something was refused. */
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

/** Whether a private key is the one that a certificate is about. */
export function isKeyOf(key: KeyObject, certificate: Certificate): boolean {
  return publicKeyOf(certificate.publicKey)?.equals(createPublicKey(key)) ?? false;
}

function considerAuthority({ authority, profile, at }: SigningQuestion): Decision[] {
  const rows: Decision[] = [];
  const subject = visible(authority.subject.text);
  if (!isAuthority(authority, sameName(authority.subject, authority.issuer))) {
    rows.push(
      refused(
        'authority',
        `${subject} may not issue certificates: it is no CA, or its keyUsage has no keyCertSign`,
        `${subject}은(는) 인증서를 발급할 수 없습니다. CA가 아니거나 keyUsage에 keyCertSign이 없습니다`,
      ),
    );
  }
  if (validityState(authority, at) !== 'valid') {
    const words = validityWords(authority, at);
    rows.push(
      refused(
        'authority_validity',
        `the CA itself is not valid now: ${words.en}`,
        `CA 자체가 지금 유효하지 않습니다: ${words.ko}`,
      ),
    );
  }
  if (profile === 'ca' && authority.basicConstraints?.pathLength === 0) {
    rows.push(
      refused(
        'path_length',
        `${subject} may have no CA below it (path length 0)`,
        `${subject}은(는) 하위 CA를 둘 수 없습니다(path length 0)`,
      ),
    );
  }
  const [wanted] = profiles[profileOf[profile]].extendedKeyUsage;
  if (wanted && authority.extendedKeyUsage && !authority.extendedKeyUsage.includes(wanted)) {
    rows.push(
      refused(
        'authority_usage',
        `${subject} may issue for ${authority.extendedKeyUsage.join(', ')} only, not for ${wanted}`,
        `${subject}이(가) 발급할 수 있는 용도는 ${authority.extendedKeyUsage.join(', ')}뿐이며 ${wanted}는 없습니다`,
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
          `${subject} may issue this: a CA, valid now`,
          `${subject}은(는) 발급할 수 있습니다. CA이고 지금 유효합니다`,
        ),
      ];
}

/** Kinds of keys that can make the signature of a handshake. */
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
        'the signature of the request does not fit the key that it asks for: whoever asks has not shown that they hold it',
        '요청의 서명이 요청한 키와 맞지 않습니다. 요청한 쪽이 개인 키를 가지고 있음이 증명되지 않았습니다',
      ),
    );
  } else
    rows.push(
      checked(
        'possession',
        'proof of possession: the request is signed with the key that it asks for',
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
        `a key of the kind ${request.publicKey.name} cannot sign, so nobody could log in with it`,
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
  if (Buffer.from(request.publicKey.der).equals(authority.publicKey.der))
    rows.push(
      refused(
        'key_of_authority',
        'the request asks for the key of the CA itself',
        'CA 자신의 키에 대한 요청입니다',
      ),
    );
  return rows;
}

/** A word of one script is let be, whatever it looks like: it may be somebody's name. */
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
      refused('subject_encoding', 'a value of the subject is no text', '주체에 글이 아닌 값이 있습니다'),
    );
  if (subject.attributes.length === 0 && names.length === 0)
    rows.push(
      refused(
        'subject_empty',
        'it names nobody: no subject, and no name that can be granted',
        '주체도, 허용할 수 있는 이름도 없습니다',
      ),
    );
  if (subject.attributes.length > 0 && sameName(subject, authority.subject))
    rows.push(
      refused('subject_of_authority', 'it asks for the name of the CA itself', 'CA 자신의 이름을 요청합니다'),
    );
  if (rows.length === 0 && subject.attributes.length > 0)
    rows.push(granted('subject', `subject: ${visible(subject.text)}`, `주체: ${visible(subject.text)}`));
  return rows;
}

/** Kinds of names by profile. A CA is known by its subject and its key alone. */
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
            `a ${profile} is given no ${kind} name: ${name}`,
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
            `the name ${text}: the CA gives the names (--san)`,
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
        'a server needs a DNS name or an address: none was asked for that can be granted, and none was given with --san',
        '서버에는 DNS 이름이나 주소가 필요합니다. 허용할 수 있는 이름이 요청에 없고 --san으로도 지정하지 않았습니다',
      ),
    );
  }
  return { names, decisions };
}

/** Why a name that is asked for is not granted; undefined when it is. */
function whyNotName({ kind, value }: GeneralName, profile: SigningProfile): Localized | undefined {
  if (!kindsOf[profile].includes(kind))
    return {
      en: `a ${profile} is given no name of this kind`,
      ko: `${profile} 프로필에는 이런 종류의 이름을 넣지 않습니다`,
    };
  if (!/^[\x21-\x7e]+$/.test(value))
    return { en: 'it has characters that no such name has', ko: '이름에 쓸 수 없는 문자가 있습니다' };
  if (kind === 'DNS' && value.includes('*'))
    return {
      en: 'a wildcard is given by whoever runs the CA (--san), not for the asking',
      ko: '와일드카드는 요청만으로 주지 않고 CA 운영자가 정합니다(--san)',
    };
  if (kind === 'DNS' && domainName(value) === undefined)
    return { en: 'it is no domain name', ko: '도메인 이름이 아닙니다' };
  if (kind === 'IP' && /^#|\//.test(value)) return { en: 'it is no address', ko: '주소가 아닙니다' };
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
        'CA:TRUE: whoever has it can issue certificates to anybody',
        'CA:TRUE: 이것이 있으면 누구에게나 인증서를 발급할 수 있습니다',
      ),
    );
  for (const usage of request.keyUsage ?? []) {
    if (keyUsage.some((one) => one === usage)) continue;
    decisions.push(
      likeCa.has(usage)
        ? cut(
            'key_usage',
            `keyUsage ${usage}: signing certificates and lists is the CA's`,
            `keyUsage ${usage}: 인증서와 CRL에 서명하는 것은 CA의 일입니다`,
          )
        : cut(
            'key_usage',
            `keyUsage ${usage}: not a part of the profile ${profile}`,
            `keyUsage ${usage}: ${profile} 프로필에 없는 용도입니다`,
          ),
    );
  }
  for (const usage of request.extendedKeyUsage ?? []) {
    if (!own.extendedKeyUsage.some((one) => one === usage))
      decisions.push(
        cut(
          'extended_key_usage',
          `extended key usage ${usage}: not a part of the profile ${profile}`,
          `확장 키 사용 ${usage}: ${profile} 프로필에 없는 용도입니다`,
        ),
      );
  }
  for (const { oid, name } of request.extensions) {
    if (!understood.has(name ?? ''))
      decisions.push(
        cut(
          'extension',
          `the extension ${(name ?? oid).replaceAll('_', ' ')}: given by the CA alone`,
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

/** Those that are looked at by themselves; the key identifier is computed anew in any case. */
const understood = new Set([
  'basic_constraints',
  'key_usage',
  'extended_key_usage',
  'subject_alternative_name',
  'subject_key_identifier',
]);

/** As kubeadm does, so that a machine whose clock is slow takes it at once. */
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
