/**
 * Who may come in: a pure function of OpenSSL's verdict, of our own verification and of the operator's policy.
 * It decides, and names the reason; it reads no certificate (`dissect/x509`), verifies no chain (`pki/x509/verify.ts`) and
 * sends nothing (`acceptor.ts`).
 *
 * 1. OpenSSL and we must both admit: each may only narrow what the other lets through. Our reason is the one that is told.
 * 2. Rules of a policy are joined by or. A policy without a rule admits nobody; only `allowAll` admits every trusted name.
 * 3. Names are compared as they stand: no case folding, no wildcard in a certificate is ever expanded.
 * 4. A certificate with several common names fits no rule about them: programs differ in which of them they read (Go the
 *    last, many the first), and whoever is let in by one would act under another.
 */
import type { CertificateFault } from '../../capture/event.ts';
import type { CertificateSummary, RefusalReason } from '../../capture/vocabulary.ts';
import { UserError } from '../../i18n/user-error.ts';
import type { AdmissionPolicy } from '../endpoint.ts';
import { reasonOfVerdict } from './failures.ts';

/** What our own verification says of the chain that was presented. */
export type ChainVerdict =
  | { readonly admitted: true }
  | { readonly admitted: false; readonly reason: RefusalReason };

export interface AdmissionFacts {
  /** Node's name of OpenSSL's verdict (`CERT_HAS_EXPIRED`); null when it found nothing wrong. */
  readonly opensslVerdict: string | null;
  readonly verification: ChainVerdict;
  readonly policy: AdmissionPolicy;
  /** The client's own certificate; undefined when it presented none, or one that cannot be read. */
  readonly peer: CertificateSummary | undefined;
}

export type Admission =
  | { readonly admitted: true }
  | {
      readonly admitted: false;
      readonly reason: RefusalReason;
      /** For a name that was not admitted: the rules that it would have had to fit. */
      readonly expected?: string;
      /** Why a rule that seems to fit does not. */
      readonly fault?: CertificateFault;
    };

export function admit({ opensslVerdict, verification, policy, peer }: AdmissionFacts): Admission {
  if (!verification.admitted) return { admitted: false, reason: verification.reason };
  if (!peer) return { admitted: false, reason: 'certificate_missing' };
  // A verdict that we have no word for refuses all the same.
  if (opensslVerdict !== null)
    return { admitted: false, reason: reasonOfVerdict(opensslVerdict) ?? 'malformed_certificate' };
  if (isNameAdmitted(policy, peer)) return { admitted: true };
  const fault = ambiguity(policy, peer);
  return {
    admitted: false,
    reason: 'name_not_admitted',
    expected: wordsOfPolicy(policy),
    ...(fault ? { fault } : {}),
  };
}

/** Rule 4, where it is what keeps somebody out. */
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

/** The one common name; none where there are several. */
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

/** Whether one of the policy's rules fits one of the certificate's names. */
export function isNameAdmitted(policy: AdmissionPolicy, peer: CertificateSummary): boolean {
  if (policy.allowAll) return true;
  return rules.some(({ values, names, fits }) =>
    (values(policy) ?? []).some((rule) => names(peer).some((name) => fits(rule, name))),
  );
}

/** Whether a policy admits anybody at all. */
export function hasRule(policy: AdmissionPolicy | undefined): boolean {
  return (
    policy !== undefined &&
    (policy.allowAll === true || rules.some(({ values }) => (values(policy) ?? []).length > 0))
  );
}

/** The rules of a policy as a refusal card writes them. */
export function wordsOfPolicy(policy: AdmissionPolicy): string {
  return rules
    .flatMap(({ values, label }) => (values(policy) ?? []).map((value) => label + value))
    .join(', ');
}

/**
 * Whether a URI fits a pattern of path segments: `*` stands for one segment that is not empty, `**` at the end for
 * whatever follows; a slash at the end is optional. As ghostunnel has it, but `a/**` does not fit `ab`.
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
  // An attribute runs to the next comma or plus that no backslash stands before.
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

/** Throws a `UserError` when no client could ever be admitted, or a URI pattern is none. */
export function checkPolicy(policy: AdmissionPolicy | undefined): void {
  if (!hasRule(policy)) {
    throw new UserError({
      what: {
        en: 'nobody would be admitted: the policy has no rule',
        ko: '허용 규칙이 없어 아무도 들어올 수 없습니다',
      },
      where: 'policy',
      expected: {
        en: 'at least one of --allow-all, --allow-cn, --allow-ou, --allow-dns, --allow-uri',
        ko: '--allow-all, --allow-cn, --allow-ou, --allow-dns, --allow-uri 가운데 하나 이상',
      },
      remedy: {
        en: 'Name who may come in, or admit everyone with a certificate from a trusted CA by --allow-all.',
        ko: '허용할 대상을 지정하십시오. 신뢰하는 CA가 발급한 인증서를 모두 허용하려면 --allow-all을 사용하십시오.',
      },
    });
  }
  for (const pattern of policy?.allowUris ?? []) {
    if (!withoutEndSlash(pattern).split('/').slice(0, -1).includes('**')) continue;
    throw new UserError({
      what: {
        en: '** may stand only at the end of a URI pattern',
        ko: '**는 URI 패턴의 끝에만 쓸 수 있습니다',
      },
      where: 'policy: allow-uri',
      received: pattern,
      remedy: { en: 'Use * for one segment in the middle.', ko: '중간의 한 구간에는 *를 사용하십시오.' },
    });
  }
}
