/**
 * Decides whether a client is admitted: a pure function of OpenSSL's verdict, our own verification and the operator's
 * policy. It returns the reason; `protocols/x509` reads certificates, `pki/x509/verify.ts` verifies chains,
 * `acceptor.ts` sends alerts.
 *
 * 1. OpenSSL and our verification must both admit: each can only restrict the other. Our reason is the one that is
 *    reported.
 * 2. One matching rule of a policy suffices. A policy without rules admits no client; only `allowAll` admits every
 *    trusted name.
 * 3. Names are compared exactly: no case folding, and no wildcard in a certificate is expanded.
 * 4. A certificate with several common names matches no rule for them: programs differ in which one they read (Go the
 *    last, many the first), so a client admitted by one could act under another.
 */
import { defined } from '../../core/defined.ts';
import type { CertificateFault } from '../../capture/event.ts';
import type { CertificateSummary, RefusalReason } from '../../capture/vocabulary.ts';
import { UserError } from '../../i18n/user-error.ts';
import type { AdmissionPolicy } from '../endpoint.ts';
import { reasonOfVerdict } from './failures.ts';

/** The result of our own verification of the presented chain. */
export type ChainVerdict =
  | { readonly admitted: true }
  | { readonly admitted: false; readonly reason: RefusalReason };

export interface AdmissionFacts {
  /** Node's name for OpenSSL's verdict (`CERT_HAS_EXPIRED`); null if it found no error. */
  readonly opensslVerdict: string | null;
  readonly verification: ChainVerdict;
  readonly policy: AdmissionPolicy;
  /** The client's own certificate; undefined if it presented none, or an unreadable one. */
  readonly peer: CertificateSummary | undefined;
}

export type Admission =
  | { readonly admitted: true }
  | {
      readonly admitted: false;
      readonly reason: RefusalReason;
      /** For a name that was not admitted: the rules of which it should have matched one. */
      readonly expected?: string;
      /** Why a rule that appears to match does not. */
      readonly fault?: CertificateFault;
    };

export function admit({ opensslVerdict, verification, policy, peer }: AdmissionFacts): Admission {
  if (!verification.admitted) return { admitted: false, reason: verification.reason };
  if (!peer) return { admitted: false, reason: 'certificate_missing' };
  // An unknown verdict refuses as well.
  if (opensslVerdict !== null)
    return { admitted: false, reason: reasonOfVerdict(opensslVerdict) ?? 'malformed_certificate' };
  if (isNameAdmitted(policy, peer)) return { admitted: true };
  const fault = ambiguity(policy, peer);
  return defined({ admitted: false, reason: 'name_not_admitted', expected: wordsOfPolicy(policy), fault });
}

/** Rule 4, if it is the reason for a refusal. */
function ambiguity(
  { allowCommonNames = [] }: AdmissionPolicy,
  peer: CertificateSummary,
): CertificateFault | undefined {
  const names = subjectValues(peer.subject, 'CN');
  if (names.length < 2 || !names.some((name) => allowCommonNames.includes(name))) return undefined;
  return {
    part: 'subject',
    expected: 'one common name',
    found: `${names.length} common names: ${names.join(', ')}`,
  };
}

/** The only common name; undefined if there are several. */
function commonNames(peer: CertificateSummary): readonly string[] {
  const names = subjectValues(peer.subject, 'CN');
  return names.length === 1 ? names : [];
}

interface Rule {
  readonly values: (policy: AdmissionPolicy) => readonly string[] | undefined;
  /** How a rule is written on a refusal card. */
  readonly label: string;
  readonly names: (peer: CertificateSummary) => readonly string[];
  readonly fits: (rule: string, name: string) => boolean;
}

const same = (rule: string, name: string): boolean => rule === name;

const rules: readonly Rule[] = [
  { label: 'CN=', values: (policy) => policy.allowCommonNames, names: commonNames, fits: same },
  {
    label: 'OU=',
    values: (policy) => policy.allowOrganizationalUnits,
    names: (peer) => subjectValues(peer.subject, 'OU'),
    fits: same,
  },
  {
    label: 'DNS:',
    values: (policy) => policy.allowDnsNames,
    names: (peer) => alternativeNames(peer, 'DNS:'),
    fits: same,
  },
  {
    label: 'URI:',
    values: (policy) => policy.allowUris,
    names: (peer) => alternativeNames(peer, 'URI:'),
    fits: fitsUri,
  },
];

/** Whether one of the policy's rules matches one of the certificate's names. */
export function isNameAdmitted(policy: AdmissionPolicy, peer: CertificateSummary): boolean {
  if (policy.allowAll) return true;
  return rules.some(({ values, names, fits }) =>
    (values(policy) ?? []).some((rule) => names(peer).some((name) => fits(rule, name))),
  );
}

/** Whether a policy can admit any client. */
export function hasRule(policy: AdmissionPolicy | undefined): boolean {
  return (
    policy !== undefined &&
    (policy.allowAll === true || rules.some(({ values }) => (values(policy) ?? []).length > 0))
  );
}

/** The rules of a policy as written on a refusal card. */
export function wordsOfPolicy(policy: AdmissionPolicy): string {
  return rules
    .flatMap(({ values, label }) => (values(policy) ?? []).map((value) => label + value))
    .join(', ');
}

/**
 * Whether a URI matches a pattern of path segments: `*` is one non-empty segment, `**` at the end is any rest; a
 * trailing slash is optional. Like ghostunnel's, but `a/**` does not match `ab`.
 */
export function fitsUri(pattern: string, uri: string): boolean {
  const wanted = withoutEndSlash(pattern).split('/');
  const given = withoutEndSlash(uri).split('/');
  const isOpen = wanted.at(-1) === '**';
  if (isOpen) wanted.pop();
  if (wanted.includes('**')) return false;
  if (isOpen ? given.length < wanted.length : given.length !== wanted.length) return false;
  return wanted.every((segment, at) => (segment === '*' ? given[at] !== '' : segment === given[at]));
}

function withoutEndSlash(text: string): string {
  return text.endsWith('/') ? text.slice(0, -1) : text;
}

function alternativeNames(peer: CertificateSummary, prefix: string): string[] {
  return peer.san.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
}

/** The values of one attribute in a distinguished name, unescaped (RFC 4514 section 2.4). */
export function subjectValues(subject: string, attribute: string): string[] {
  const values: string[] = [];
  // An attribute extends to the next comma or plus without a backslash before it.
  for (const match of subject.matchAll(/([^=,+]+)=((?:\\[0-9a-fA-F]{2}|\\.|[^\\,+])*)(?:[,+]|$)/gs)) {
    if (match[1]!.trim() === attribute) values.push(unescaped(match[2]!));
  }
  return values;
}

function unescaped(value: string): string {
  return value.replace(/(?:\\[0-9a-fA-F]{2})+|\\(.)/gs, (escape: string, character: string | undefined) =>
    character === undefined ? Buffer.from(escape.replaceAll('\\', ''), 'hex').toString('utf8') : character,
  );
}

/** Throws a `UserError` if the policy cannot admit any client, or a URI pattern is invalid. */
export function checkPolicy(policy: AdmissionPolicy | undefined): void {
  if (!hasRule(policy)) {
    throw new UserError({
      what: {
        en: 'the policy has no rule and would admit no client',
        ko: '허용 규칙이 없어 아무도 들어올 수 없습니다',
      },
      where: 'policy',
      expected: {
        en: 'at least one of --allow-all, --allow-cn, --allow-ou, --allow-dns, --allow-uri',
        ko: '--allow-all, --allow-cn, --allow-ou, --allow-dns, --allow-uri 가운데 하나 이상',
      },
      remedy: {
        en: 'Specify which clients to admit, or admit every client with a certificate from a trusted CA with --allow-all.',
        ko: '허용할 대상을 지정하세요. 신뢰하는 CA가 발급한 인증서를 모두 허용하려면 --allow-all을 사용하세요.',
      },
    });
  }
  for (const pattern of policy?.allowUris ?? []) {
    if (!withoutEndSlash(pattern).split('/').slice(0, -1).includes('**')) continue;
    throw new UserError({
      what: {
        en: '** is allowed only at the end of a URI pattern',
        ko: '**는 URI 패턴의 끝에만 쓸 수 있습니다',
      },
      where: 'policy: allow-uri',
      received: pattern,
      remedy: { en: 'Use * for one segment in the middle.', ko: '중간의 한 구간에는 *를 사용하세요.' },
    });
  }
}
