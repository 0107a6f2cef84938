/**
 * What a CA makes of a request when all that it can find out is who controls a domain. It asks `signing-policy.ts`, and is
 * stricter: only DNS names, each of which will have to be proven, and a subject that says no more than one of them. Pure;
 * the challenge itself is not here.
 *
 * 1. What a name cannot be (a NUL in it) refuses the whole request: whoever asks for that is up to something.
 * 2. What is merely not proven this way (an address, a wildcard, an organization) is cut.
 */
import { readDistinguishedName } from '../../protocols/x509/certificate.ts';
import type { Certificate } from '../../protocols/x509/certificate.ts';
import type { SigningRequest } from '../../protocols/x509/request.ts';
import { generalNameText } from '../../protocols/x509/structures.ts';
import type { DistinguishedName } from '../../protocols/x509/structures.ts';
import type { Localized } from '../../i18n/language.ts';
import { toDer } from './asn1.ts';
import { distinguishedName } from './extensions.ts';
import { visible } from '../x509/lint.ts';
import { considerRequest } from './signing-policy.ts';
import type { Consideration, Decision, SigningQuestion } from './signing-policy.ts';

export interface DomainConsideration extends Consideration {
  /** The names that are to be proven, in lower case. */
  readonly names: readonly string[];
  /** What is signed once they are, by `issueGranted`; undefined when something was refused. */
  readonly question?: SigningQuestion;
}

/** Each name costs the CA a fetch: whoever asks for many makes it knock at many doors. */
const mostNames = 10;
/** Names, extensions or parts of a subject from which on nothing of a request is looked at: each would be told of. */
const mostParts = 100;
/** As Let's Encrypt has them. */
const days = 90;
/** RFC 5280 appendix A.1. */
const longestCommonName = 64;
/** Of what is told of a request: characters. RFC 1035 ends a domain name here. */
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
    en: `${parts} names or extensions: nobody needs so many`,
    ko: `이름이나 확장이 ${parts}개: 이렇게 많이 필요한 요청은 없습니다`,
  },
});

/** What a request asks for, in a few words each: the subject, the names, the rights, the key. */
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
        en: 'only control of a domain is checked here',
        ko: '여기서는 도메인 소유만 확인합니다',
      });
    else if (!/^[\x21-\x7e]+$/.test(value))
      say('refused', 'name_characters', {
        en: 'it has characters that no domain name has',
        ko: '도메인 이름에 쓸 수 없는 문자가 있습니다',
      });
    else if (value.includes('*')) {
      say('cut', 'wildcard', {
        en: 'a file on one host proves nothing about all names beneath it',
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
      'it asks for no domain name that could be checked',
      '확인할 수 있는 도메인 이름이 없습니다',
    );
  return { names, decisions };
}

/** The subject that is given: one of the names, and nothing that nobody checked. */
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
        en: `subject ${text}: nobody checks it here`,
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
  if (!('got' in step)) throw new Error('a name of our own making cannot be read');
  return step.got;
}
