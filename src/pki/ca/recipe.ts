/**
 * Plans a world of certificates from the rows of a recipe: fills in defaults and applies flaws. Pure: it decides what
 * to create and whether the rows are consistent; `issue.ts` creates it, `recipe-schema.ts` parses the file.
 *
 * 1. An issuer precedes the rows that it signs, so that a recipe reads from the roots down and cycles are impossible.
 * 2. A row with a flaw is the same row without it, changed in one place (`flaws.ts`).
 */
import type { Localized } from '../../i18n/language.ts';
import { UserError } from '../../i18n/user-error.ts';
import { certificateFlaws, revocationFlaws } from './flaws.ts';
import type { CertificateFlaw, RevocationFlaw } from './flaws.ts';
import type {
  CertificatePlan,
  ExtendedKeyUsage,
  KeyKind,
  KeyUsage,
  ProfileName,
  RevocationPlan,
  SubjectAttribute,
} from './plan.ts';

/** In the order of the certificate. Several values are several RDNs, as for Kubernetes groups. */
export type Subject = { readonly [Attribute in SubjectAttribute]?: string | readonly string[] };

/** `-1d`, `825d`, `+90s`: a time relative to the moment of issue; s, m, h, d or y (365 days). */
export type Duration = string;

export interface CertificateRow {
  readonly profile: ProfileName;
  /** The row that signs this one; required except for a root. */
  readonly issuer?: string;
  readonly subject: Subject;
  /** `DNS:…`, `IP:…`, `URI:…`, `email:…`. */
  readonly san?: readonly string[];
  readonly key?: KeyKind;
  /** The row above whose key it has, as after a renewal that keeps the key. */
  readonly keyOf?: string;
  readonly validity?: { readonly from?: Duration; readonly to?: Duration };
  readonly keyUsage?: readonly KeyUsage[];
  readonly extendedKeyUsage?: readonly ExtendedKeyUsage[];
  /** The number of intermediate CAs allowed below this one. */
  readonly pathLength?: number;
  readonly flaws?: readonly CertificateFlaw[];
}

/** The revocation list of a CA. A CA with certificates that have the flaw `revoked` has one even without a row. */
export interface RevocationRow {
  readonly validity?: { readonly from?: Duration; readonly to?: Duration };
  readonly flaws?: readonly RevocationFlaw[];
}

export interface Recipe {
  readonly certificates: Readonly<Record<string, CertificateRow>>;
  /** By the name of the CA's row. */
  readonly revocations?: Readonly<Record<string, RevocationRow>>;
}

export interface WorldPlan {
  readonly certificates: readonly CertificatePlan[];
  readonly revocations: readonly RevocationPlan[];
}

interface Profile {
  readonly isCa: boolean;
  readonly from: Duration;
  readonly to: Duration;
  readonly keyUsage: readonly KeyUsage[];
  readonly extendedKeyUsage: readonly ExtendedKeyUsage[];
}

// A CA is older than the certificates it signs, so that an expired certificate was issued by a CA that existed at the
// time.
const authority: Profile = {
  isCa: true,
  from: '-90d',
  to: '3650d',
  keyUsage: ['keyCertSign', 'cRLSign'],
  extendedKeyUsage: [],
};
const leaf: Profile = {
  isCa: false,
  from: '-1d',
  to: '365d',
  keyUsage: ['digitalSignature'],
  extendedKeyUsage: [],
};

export const profiles: Readonly<Record<ProfileName, Profile>> = {
  root: authority,
  intermediate: { ...authority, to: '1825d' },
  server: { ...leaf, extendedKeyUsage: ['serverAuth'] },
  client: { ...leaf, extendedKeyUsage: ['clientAuth'] },
  peer: { ...leaf, extendedKeyUsage: ['serverAuth', 'clientAuth'] },
};

const unitMilliseconds: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  y: 365 * 86_400_000,
};

/** Milliseconds of a duration; undefined for an invalid one. */
export function durationMilliseconds(text: Duration): number | undefined {
  const match = /^([+-]?)(\d{1,6})([smhdy])$/.exec(text);
  if (!match) return undefined;
  return (match[1] === '-' ? -1 : 1) * Number(match[2]) * (unitMilliseconds[match[3] ?? ''] ?? 0);
}

/**
 * The plan of a recipe.
 * @param source the location in error messages: the recipe's file.
 * @throws UserError that names the row if the rows are inconsistent.
 */
export function planWorld(recipe: Recipe, source = 'recipe'): WorldPlan {
  const plans = new Map<string, CertificatePlan>();
  for (const [name, row] of Object.entries(recipe.certificates)) {
    const where = `${source}: certificates.${name}`;
    const plan = planRow(name, row, recipe, plans, where);
    plans.set(name, plan);
  }
  return { certificates: [...plans.values()], revocations: planRevocations(recipe, plans, source) };
}

function planRow(
  name: string,
  row: CertificateRow,
  recipe: Recipe,
  before: ReadonlyMap<string, CertificatePlan>,
  where: string,
): CertificatePlan {
  checkName(name, where);
  const flaws = row.flaws ?? [];
  for (const flaw of flaws) {
    if (!Object.hasOwn(certificateFlaws, flaw)) throw unknownFlaw(flaw, Object.keys(certificateFlaws), where);
  }
  const issuer = issuerOf(name, row, recipe, before, where);
  const profile = profiles[row.profile];
  const key = keyKindOf(row, before, where);
  const validity = { from: row.validity?.from ?? profile.from, to: row.validity?.to ?? profile.to };
  const extra: readonly KeyUsage[] =
    row.profile === 'server' && key.startsWith('RSA') ? ['keyEncipherment'] : [];
  const dates = checkedValidity(validity, where);
  const sound: CertificatePlan = {
    name,
    profile: row.profile,
    issuer: issuer?.name ?? name,
    subject: subjectList(row.subject),
    san: (row.san ?? []).map((entry) => checkedName(entry, where)),
    key,
    keyOf: row.keyOf,
    ...dates,
    isCa: profile.isCa,
    pathLength: row.pathLength,
    keyUsage: row.keyUsage ?? [...profile.keyUsage, ...extra],
    extendedKeyUsage: row.extendedKeyUsage ?? profile.extendedKeyUsage,
    digest: 'strong',
    signature: 'sound',
    unknownCriticalExtension: false,
    revoked: false,
    chain: [name, ...(issuer && issuer.profile !== 'root' ? issuer.chain : [])],
    outOfDate: dates.to <= 0,
    endedLately: dates.to <= 0,
  };
  if (row.pathLength !== undefined && !profile.isCa)
    throw rowError(where, { en: 'pathLength is only for a CA', ko: 'pathLength는 CA에만 쓸 수 있습니다' });
  let plan = sound;
  for (const flaw of flaws) {
    const wrong = certificateFlaws[flaw].objection?.(sound, issuer);
    if (wrong) throw rowError(`${where}.flaws`, wrong, flaw);
    plan = certificateFlaws[flaw].apply(plan);
  }
  return plan;
}

/** That of the row whose key it has. */
function keyKindOf(
  { key, keyOf }: CertificateRow,
  before: ReadonlyMap<string, CertificatePlan>,
  where: string,
): KeyKind {
  if (keyOf === undefined) return key ?? 'P-256';
  const other = before.get(keyOf);
  if (other && (key === undefined || key === other.key)) return other.key;
  if (other)
    throw rowError(
      `${where}.key`,
      { en: `the key is that of ${keyOf}, of another kind`, ko: `${keyOf} 행의 키와 종류가 다릅니다` },
      key,
    );
  throw new UserError({
    what: {
      en: 'no row above this one has a key of this name',
      ko: '이 행보다 위에 그런 이름의 행이 없습니다',
    },
    where: `${where}.keyOf`,
    expected: expectedNames([...before.keys()]),
    received: keyOf,
  });
}

function issuerOf(
  name: string,
  row: CertificateRow,
  recipe: Recipe,
  before: ReadonlyMap<string, CertificatePlan>,
  where: string,
): CertificatePlan | undefined {
  if (row.profile === 'root') {
    if (row.issuer === undefined || row.issuer === name) return undefined;
    throw rowError(
      `${where}.issuer`,
      {
        en: 'a root is self-signed and has no issuer',
        ko: '루트 인증서는 스스로 서명하므로 issuer가 없습니다',
      },
      row.issuer,
    );
  }
  if (row.issuer === undefined) {
    throw rowError(`${where}.issuer`, {
      en: 'every certificate except a root needs an issuer',
      ko: '루트가 아닌 인증서에는 issuer가 필요합니다',
    });
  }
  const issuer = before.get(row.issuer);
  if (!issuer) {
    const later = Object.hasOwn(recipe.certificates, row.issuer);
    throw new UserError({
      what: later
        ? {
            en: 'the issuer is below the row that it signs, or the rows sign each other in a cycle',
            ko: 'issuer가 서명할 행보다 아래에 있거나, 행들이 서로를 순환하며 서명합니다',
          }
        : {
            en: 'no row with this name can sign this certificate',
            ko: '이 인증서에 서명할 행을 찾을 수 없습니다',
          },
      where: `${where}.issuer`,
      expected: expectedNames([...before.keys()]),
      received: row.issuer,
      remedy: later
        ? {
            en: 'Move the row of a CA above the rows that it signs.',
            ko: 'CA의 행을 그 CA가 서명하는 행보다 위에 두세요.',
          }
        : { en: 'Specify a row above this one.', ko: '이 행보다 위에 있는 행의 이름을 쓰세요.' },
    });
  }
  if (!profiles[issuer.profile].isCa && !(row.flaws ?? []).includes('leaf-as-ca')) {
    throw rowError(
      `${where}.issuer`,
      {
        en: 'the issuer is not a CA; only a row with the flaw leaf-as-ca may have such an issuer',
        ko: 'issuer가 CA가 아닙니다. CA가 아닌 인증서로 서명하려면 leaf-as-ca 결함을 지정해야 합니다',
      },
      row.issuer,
    );
  }
  return issuer;
}

function planRevocations(
  recipe: Recipe,
  plans: ReadonlyMap<string, CertificatePlan>,
  source: string,
): RevocationPlan[] {
  const revokedBy = new Map<string, string[]>();
  for (const name of Object.keys(recipe.revocations ?? {})) revokedBy.set(name, []);
  for (const plan of plans.values()) {
    if (plan.revoked) revokedBy.set(plan.issuer, [...(revokedBy.get(plan.issuer) ?? []), plan.name]);
  }
  return Array.from(revokedBy, ([name, revoked]) => {
    const where = `${source}: revocations.${name}`;
    const row = recipe.revocations?.[name] ?? {};
    const authority = plans.get(name);
    if (!authority?.isCa) {
      throw new UserError({
        what: {
          en: 'a revocation list needs a CA with this name',
          ko: '그 이름의 CA가 있어야 인증서 폐기 목록을 만들 수 있습니다',
        },
        where,
        expected: expectedNames([...plans.values()].filter((plan) => plan.isCa).map((plan) => plan.name)),
        received: name,
      });
    }
    const flaws = row.flaws ?? [];
    for (const flaw of flaws) {
      if (!Object.hasOwn(revocationFlaws, flaw)) throw unknownFlaw(flaw, Object.keys(revocationFlaws), where);
    }
    const validity = checkedValidity(
      { from: row.validity?.from ?? '-1d', to: row.validity?.to ?? '365d' },
      where,
    );
    const sound: RevocationPlan = {
      authority: name,
      ...validity,
      signature: 'sound',
      revoked,
      outOfDate: false,
    };
    return flaws.reduce((plan, flaw) => revocationFlaws[flaw].apply(plan), sound);
  });
}

function subjectList(subject: Subject): (readonly [SubjectAttribute, string])[] {
  return (Object.entries(subject) as [SubjectAttribute, string | readonly string[]][]).flatMap(
    ([type, value]) => (typeof value === 'string' ? [value] : value).map((one) => [type, one] as const),
  );
}

// A row's name becomes a file name.
function checkName(name: string, where: string): void {
  if (/^[a-z0-9][a-z0-9._-]{0,62}$/.test(name) && !/\.(?:crt|key|crl|json)$/.test(name)) return;
  throw rowError(
    where,
    {
      en: 'a row’s name may contain only lower-case letters, digits, dots, dashes and underscores',
      ko: '행 이름에는 소문자, 숫자, 점, 하이픈, 밑줄만 쓸 수 있습니다',
    },
    name,
  );
}

function checkedName(entry: string, where: string): string {
  if (/^(?:DNS|IP|URI|email):./.test(entry)) return entry;
  throw rowError(
    `${where}.san`,
    {
      en: 'a subject alternative name must start with DNS:, IP:, URI: or email:',
      ko: '주체 대체 이름(SAN)은 DNS:, IP:, URI:, email: 가운데 하나로 시작합니다',
    },
    entry,
  );
}

function checkedValidity(
  validity: { from: Duration; to: Duration },
  where: string,
): { from: number; to: number } {
  const from = durationMilliseconds(validity.from);
  const to = durationMilliseconds(validity.to);
  if (from !== undefined && to !== undefined && from < to) return { from, to };
  throw new UserError({
    what: { en: 'invalid validity period', ko: '유효 기간을 읽을 수 없습니다' },
    where: `${where}.validity`,
    expected: {
      en: 'two durations such as -1d and 825d (s, m, h, d, y), the first earlier than the second',
      ko: '-1d와 825d처럼 기간 두 개(s, m, h, d, y). 앞의 것이 더 일러야 합니다',
    },
    received: `${validity.from} … ${validity.to}`,
  });
}

function rowError(where: string, what: Localized, received?: string): UserError {
  return new UserError({ what, where, ...(received === undefined ? {} : { received }) });
}

function unknownFlaw(flaw: string, known: readonly string[], where: string): UserError {
  return new UserError({
    what: { en: 'unknown flaw', ko: '그런 이름의 결함은 없습니다' },
    where: `${where}.flaws`,
    expected: expectedNames(known),
    received: flaw,
  });
}

function expectedNames(names: readonly string[]): Localized {
  return { en: `one of ${names.join(', ')}`, ko: `다음 가운데 하나: ${names.join(', ')}` };
}
