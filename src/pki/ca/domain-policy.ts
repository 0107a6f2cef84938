/**
 * Decides on a request for a CA that can only verify control of domains. It uses `signing-policy.ts` and is stricter:
 * only DNS names, each of which must be proven, and a subject with nothing but one of them. Pure; the challenge is
 * elsewhere.
 *
 * 1. A name that cannot exist (with a NUL) refuses the whole request: such a request is an attack.
 * 2. A name that cannot be proven this way (an address, a wildcard, an organization) is dropped.
 */
import { readDistinguishedName } from '../../protocols/x509/certificate.ts';
import type { Certificate } from '../../protocols/x509/certificate.ts';
import type { SigningRequest } from '../../protocols/x509/request.ts';
import { generalNameText } from '../../protocols/x509/structures.ts';
import type { DistinguishedName } from '../../protocols/x509/structures.ts';
import type { Localized } from '../../i18n/language.ts';
import { toDer } from './asn1.ts';
import { distinguishedName } from './extensions.ts';
import { visible } from '../x509/name-lint.ts';
import { considerRequest } from './signing-policy.ts';
import type { Consideration, Decision, SigningQuestion } from './signing-policy.ts';

export interface DomainConsideration extends Consideration {
  /** The names to be proven, in lower case. */
  readonly names: readonly string[];
  /** What `issueGranted` signs once they are proven; undefined if something was refused. */
  readonly question?: SigningQuestion;
}

/** Each name costs the CA one HTTP request, to a host chosen by the requester. */
const mostNames = 10;
/** With this many names, extensions or subject attributes, a request is not examined: each would be reported. */
const mostParts = 100;
/** The same as Let's Encrypt's. */
const days = 90;
/** RFC 5280 appendix A.1. */
const longestCommonName = 64;
/** Maximum length of a quoted value: characters. RFC 1035 limits a domain name to this. */
const longestName = 253;

export function considerForDomains({
  request,
  authority,
  at,
}: {
  readonly request: SigningRequest;
  readonly authority: Certificate;
  readonly at: number;
}): DomainConsideration {
  const { subjectAlternativeNames = [], extensions, subject: asked } = request;
  const parts = Math.max(subjectAlternativeNames.length, extensions.length, asked.attributes.length);
  if (parts > mostParts) return { names: [], decisions: [tooMuch(parts)] };
  const { names, decisions: aboutNames } = namesOf(request);
  const own: SigningRequest = {
    ...request,
    subjectAlternativeNames: names.map((value) => ({ kind: 'DNS', value })),
  };
  const question: SigningQuestion = { request: own, authority, profile: 'server', days, at };
  const { decisions, grant } = considerRequest(question);
  const general = decisions.filter(
    ({ kind, about }) => about !== 'no_name' && !(kind === 'granted' && about === 'subject'),
  );
  const refused = [...general, ...aboutNames].some(({ kind }) => kind === 'refused');
  if (refused || !grant)
    return { names, decisions: [...general, ...aboutNames].filter(({ kind }) => kind !== 'granted') };
  const { subject, decisions: aboutSubject } = subjectOf(asked, names);
  return {
    names,
    decisions: [...general, ...aboutNames, ...aboutSubject],
    grant,
    question: { ...question, request: { ...own, subject } },
  };
}

const tooMuch = (parts: number): Decision => ({
  kind: 'refused',
  about: 'too_many_names',
  words: {
    en: `${parts} names or extensions: too many for a legitimate request`,
    ko: `이름이나 확장이 ${parts}개: 이렇게 많이 필요한 요청은 없습니다`,
  },
});

/** The contents of a request in a few words each: the subject, the names, the rights, the key. */
export function askedIn({
  subject,
  subjectAlternativeNames = [],
  basicConstraints,
  keyUsage = [],
  extendedKeyUsage = [],
  publicKey,
}: SigningRequest): string[] {
  const names = subjectAlternativeNames
    .slice(0, mostNames)
    .map((name) => visible(generalNameText(name)).slice(0, longestName));
  return [
    visible(subject.text).slice(0, longestName),
    ...names,
    ...(subjectAlternativeNames.length > mostNames ? ['…'] : []),
    ...(basicConstraints?.isCa ? ['CA:TRUE'] : []),
    ...keyUsage,
    ...extendedKeyUsage.slice(0, mostNames),
    publicKey.name,
  ].filter(Boolean);
}

function namesOf({ subjectAlternativeNames = [] }: SigningRequest): {
  readonly names: string[];
  readonly decisions: Decision[];
} {
  const decisions: Decision[] = [];
  const names: string[] = [];
  for (const name of subjectAlternativeNames) {
    const text = visible(generalNameText(name));
    const say = (kind: Decision['kind'], about: string, { en, ko }: Localized): void => {
      decisions.push({ kind, about, words: { en: `the name ${text}: ${en}`, ko: `이름 ${text}: ${ko}` } });
    };
    const value = name.value.toLowerCase();
    if (name.kind !== 'DNS')
      say('cut', 'name', {
        en: 'this CA verifies only control of a domain',
        ko: '여기서는 도메인 소유만 확인합니다',
      });
    else if (!/^[\x21-\x7e]+$/.test(value))
      say('refused', 'name_characters', {
        en: 'it contains characters that are invalid in a domain name',
        ko: '도메인 이름에 쓸 수 없는 문자가 있습니다',
      });
    else if (value.includes('*')) {
      say('cut', 'wildcard', {
        en: 'a file on one host does not prove control of every name below it',
        ko: '호스트 하나에 올린 파일로는 그 아래의 모든 이름을 증명할 수 없습니다',
      });
    } else if (!names.includes(value)) names.push(value);
  }
  const refuse = (about: string, en: string, ko: string): void =>
    void decisions.push({ kind: 'refused', about, words: { en, ko } });
  if (names.length > mostNames)
    refuse(
      'too_many_names',
      `${names.length} names: at most ${mostNames} in one request`,
      `이름 ${names.length}개: 요청 하나에 최대 ${mostNames}개`,
    );
  if (names.length === 0)
    refuse(
      'no_name',
      'it contains no domain name that can be verified',
      '확인할 수 있는 도메인 이름이 없습니다',
    );
  return { names, decisions };
}

/** The subject of the certificate: one of the names, and nothing unverified. */
function subjectOf(
  asked: DistinguishedName,
  names: readonly string[],
): { readonly subject: DistinguishedName; readonly decisions: Decision[] } {
  const fits = (value: string | undefined): value is string =>
    value !== undefined && value.length <= longestCommonName && names.includes(value.toLowerCase());
  const common = asked.attributes.find(({ type }) => type === 'CN')?.value;
  const chosen = fits(common) ? common.toLowerCase() : names.find((name) => fits(name));
  const subject = written(chosen);
  const kept = new Set(chosen === undefined ? [] : [`CN ${chosen}`]);
  const lost = asked.attributes.filter(
    ({ type, value }) => !kept.has(`${type} ${type === 'CN' ? value.toLowerCase() : value}`),
  );
  const text = lost.map(({ type, value }) => `${type}=${visible(value)}`).join(', ');
  const decisions: Decision[] = [];
  if (lost.length > 0)
    decisions.push({
      kind: 'cut',
      about: 'subject',
      words: {
        en: `subject ${text}: not verified by this CA`,
        ko: `주체 ${text}: 여기서는 확인하지 않는 값입니다`,
      },
    });
  decisions.push({
    kind: 'granted',
    about: 'subject',
    words: { en: `subject: ${subject.text || '(empty)'}`, ko: `주체: ${subject.text || '(비어 있음)'}` },
  });
  return { subject, decisions };
}

function written(common: string | undefined): DistinguishedName {
  const der = toDer(distinguishedName(common === undefined ? [] : [['CN', common]]));
  const step = readDistinguishedName(der);
  if (!('got' in step)) throw new Error('the generated name cannot be parsed');
  return step.got;
}
