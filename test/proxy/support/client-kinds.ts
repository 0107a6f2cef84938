/**
 * Kinds of client that knock at an mTLS proxy, and what must become of each. The expectation is written down here, from
 * what a kind is; nothing of it is asked of the code under test. The certificates are rows of one recipe.
 *
 * 1. A kind is a certificate (whose issuer, which flaws, which names) at a door (which policy, whether lists are read).
 * 2. Several things may be wrong with a client: it is refused for one of them, and never admitted.
 */
import type { RefusalReason } from '../../../src/capture/vocabulary.ts';
import type { CertificateFlaw } from '../../../src/pki/ca/flaws.ts';
import type { CertificateRow, Recipe, Subject } from '../../../src/pki/ca/recipe.ts';
import type { AdmissionPolicy } from '../../../src/wire/endpoint.ts';

/** What each flaw of a client's certificate is refused for; none where no client is ever asked for what it lacks. */
export const reasonOfFlaw: Readonly<Record<CertificateFlaw, RefusalReason | undefined>> = {
  expired: 'certificate_expired',
  'not-yet-valid': 'certificate_not_yet_valid',
  'wrong-usage': 'wrong_usage',
  // A client is asked for no hostname. What these take away is a name that a policy may ask for.
  'wrong-name': undefined,
  'no-san': undefined,
  'self-signed': 'self_signed',
  'bad-signature': 'bad_signature',
  'leaf-as-ca': 'not_a_ca',
  'ca-as-leaf': 'ca_as_leaf',
  revoked: 'certificate_revoked',
  'weak-key': 'weak_key',
  'weak-signature': 'weak_signature',
  'missing-intermediate': 'intermediate_missing',
  'unknown-critical-extension': 'unhandled_critical_extension',
};
export const flaws = Object.keys(reasonOfFlaw) as CertificateFlaw[];

/** Pairs that change the same place, or that need two different issuers: no certificate has both. */
const incompatible: readonly (readonly [CertificateFlaw, CertificateFlaw])[] = [
  ['expired', 'not-yet-valid'],
  ['wrong-name', 'no-san'],
  ['self-signed', 'leaf-as-ca'],
  ['self-signed', 'missing-intermediate'],
  ['self-signed', 'revoked'],
  ['leaf-as-ca', 'missing-intermediate'],
  ['leaf-as-ca', 'revoked'],
];

export function areCompatible(one: CertificateFlaw, other: CertificateFlaw): boolean {
  return one !== other && !incompatible.some((pair) => pair.includes(one) && pair.includes(other));
}

/** Who signed: a row of the recipe, and what a client below it is refused for. */
interface Issuer {
  readonly profile: 'root' | 'intermediate' | 'leaf';
  readonly reason?: RefusalReason;
  /** The reason comes of a revocation list: nobody gives it at a door that reads none. */
  readonly ofLists?: boolean;
}

export const issuers = {
  'client-ca': { profile: 'root' },
  middle: { profile: 'intermediate' },
  'no-ca': { profile: 'leaf' },
  'rogue-ca': { profile: 'root', reason: 'unknown_ca' },
  /** Another key under the trusted CA's name. */
  'impostor-ca': { profile: 'root', reason: 'unknown_ca' },
  'expired-middle': { profile: 'intermediate', reason: 'certificate_expired' },
  'broken-middle': { profile: 'intermediate', reason: 'bad_signature' },
  'revoked-middle': { profile: 'intermediate', reason: 'certificate_revoked', ofLists: true },
  'servers-only-middle': { profile: 'intermediate', reason: 'wrong_usage' },
  'too-deep-middle': { profile: 'intermediate', reason: 'path_too_long' },
  'stale-list-ca': { profile: 'root', reason: 'crl_expired', ofLists: true },
  'broken-list-ca': { profile: 'root', reason: 'crl_missing', ofLists: true },
  'no-list-ca': { profile: 'root', reason: 'crl_missing', ofLists: true },
} as const satisfies Readonly<Record<string, Issuer>>;
export type IssuerName = keyof typeof issuers;

export const trusted = ['client-ca', 'stale-list-ca', 'broken-list-ca', 'no-list-ca'] as const;

interface Names {
  readonly subject: Subject;
  readonly san?: readonly string[];
}

export const namesOf = {
  alice: {
    subject: { CN: 'alice', O: 'Workshop', OU: 'People' },
    san: ['DNS:alice.localhost', 'URI:spiffe://workshop/team/alice'],
  },
  bob: {
    subject: { CN: 'bob', O: 'Workshop', OU: 'Guests' },
    san: ['DNS:bob.localhost', 'URI:spiffe://workshop/team/bob'],
  },
  'alice in capitals': {
    subject: { CN: 'ALICE', OU: 'PEOPLE' },
    san: ['DNS:ALICE.localhost', 'URI:SPIFFE://WORKSHOP/team/alice'],
  },
  'a space behind': {
    subject: { CN: 'alice ', OU: ' People' },
    san: ['DNS:alice.localhost.', 'URI:spiffe://workshop/team/alice#'],
  },
  'a comma in the name': {
    subject: { CN: 'mallory,CN=alice,OU=People' },
    san: ['DNS:x,DNS:alice.localhost', 'URI:x,URI:spiffe://workshop/team/alice'],
  },
  'a plus in the name': { subject: { CN: 'mallory+CN=alice+OU=People' } },
  'a line feed in the name': {
    subject: { CN: 'mallory\nCN=alice' },
    san: ['DNS:x\nDNS:alice.localhost', 'URI:x\nspiffe://workshop/team/alice'],
  },
  'a NUL in the name': {
    subject: { CN: 'alice\0.mallory' },
    san: ['DNS:alice.localhost\0.mallory', 'URI:spiffe://workshop/team/alice\0'],
  },
  'two units': { subject: { CN: 'carol', OU: ['Guests', 'People'] }, san: ['DNS:carol.localhost'] },
  'names in each other’s place': {
    subject: { CN: 'People', OU: 'alice' },
    san: ['URI:alice.localhost', 'email:alice.localhost', 'DNS:spiffe://workshop/team/alice'],
  },
  stars: { subject: { CN: '*', OU: '*' }, san: ['DNS:*.localhost', 'URI:spiffe://**'] },
  'names that go on': {
    subject: { CN: 'alice.mallory', OU: 'People and more' },
    san: ['DNS:alice.localhost.mallory', 'URI:spiffe://workshop/team/west/alice'],
  },
  'another team': { subject: { CN: 'alice2' }, san: ['URI:spiffe://workshop/kitchen/alice'] },
  'no name but one': { subject: { CN: 'dave' } },
  'no name at all': { subject: {}, san: ['email:alice@localhost'] },
} as const satisfies Readonly<Record<string, Names>>;
export type NamesName = keyof typeof namesOf;

interface EntryPoint {
  readonly policy: AdmissionPolicy;
  readonly readsLists: boolean;
  /** Whom the policy admits; `undefined` is everybody. */
  readonly admits?: readonly NamesName[];
}

export const doors = {
  everyone: { policy: { allowAll: true }, readsLists: true },
  'without lists': { policy: { allowAll: true }, readsLists: false },
  cn: { policy: { allowCommonNames: ['alice'] }, readsLists: true, admits: ['alice'] },
  ou: { policy: { allowOrganizationalUnits: ['People'] }, readsLists: true, admits: ['alice', 'two units'] },
  dns: { policy: { allowDnsNames: ['alice.localhost'] }, readsLists: true, admits: ['alice'] },
  uri: {
    policy: { allowUris: ['spiffe://workshop/*/alice'] },
    readsLists: true,
    admits: ['alice', 'another team'],
  },
  'one of two': {
    policy: { allowCommonNames: ['bob'], allowDnsNames: ['carol.localhost'] },
    readsLists: true,
    admits: ['bob', 'two units'],
  },
} as const satisfies Readonly<Record<string, EntryPoint>>;
export type EntryPointName = keyof typeof doors;
export const doorNames = Object.keys(doors) as EntryPointName[];

export interface Kind {
  readonly door: EntryPointName;
  /** The certificate is that CA's own; absent for a client's. */
  readonly own?: 'client-ca' | 'middle';
  /** Absent: the client presents no certificate. */
  readonly issuer?: IssuerName;
  readonly flaws: readonly CertificateFlaw[];
  readonly names: NamesName;
}

/** Every reason there is to refuse a client of that kind; none for one that must be admitted. */
export function reasonsAgainst(kind: Kind): RefusalReason[] {
  const door: EntryPoint = doors[kind.door];
  if (kind.own) return ['ca_as_leaf', 'wrong_usage'];
  if (!kind.issuer) return ['certificate_missing'];
  const issuer: Issuer = issuers[kind.issuer];
  const ofIssuer = issuer.reason && (door.readsLists || !issuer.ofLists) ? [issuer.reason] : [];
  const ofFlaws = kind.flaws.flatMap((flaw) =>
    flaw === 'revoked' && !door.readsLists ? [] : (reasonOfFlaw[flaw] ?? []),
  );
  return [
    ...new Set([...ofIssuer, ...ofFlaws, ...(isNamed(kind, door) ? [] : (['name_not_admitted'] as const))]),
  ];
}

/** Whether the names that the flaws leave are ones that the door's policy admits. */
function isNamed({ door, flaws, names }: Kind, { admits }: EntryPoint): boolean {
  if (!admits) return true;
  if (!admits.includes(names)) return false;
  const reliesOnSan = door === 'dns' || door === 'uri' || (door === 'one of two' && names === 'two units');
  if (flaws.includes('no-san')) return !reliesOnSan;
  // It puts another common name and another DNS name in place, and leaves the units.
  return !flaws.includes('wrong-name') || door === 'ou';
}

/** What `openssl verify` can hold against the certificate: it knows no policy, and lets a CA's certificate be a client's. */
export function reasonsOfOpenssl(kind: Kind): RefusalReason[] {
  return reasonsAgainst(kind).filter((reason) => reason !== 'name_not_admitted' && reason !== 'ca_as_leaf');
}

export function titleOf({ door, own, issuer, flaws, names }: Kind): string {
  return own
    ? `${own} itself at ${door}`
    : `${issuer ? `${names} below ${issuer}` : 'no certificate'} at ${door}${flaws.length > 0 ? `: ${flaws.join(' + ')}` : ''}`;
}

/** The row of the kind's certificate in the recipe; kinds at several doors share it. */
export function rowOf(kind: Kind): string | undefined {
  if (kind.own) return kind.own;
  if (!kind.issuer) return undefined;
  return ['c', Object.keys(namesOf).indexOf(kind.names), kind.issuer, ...kind.flaws].join('.');
}

const kindsBelow = (
  issuer: IssuerName,
  sets: readonly (readonly CertificateFlaw[])[],
  door: EntryPointName = 'everyone',
): Kind[] =>
  sets.filter((set) => fits(issuer, set)).map((set) => ({ door, issuer, flaws: set, names: 'alice' }));

function fits(issuer: IssuerName, set: readonly CertificateFlaw[]): boolean {
  if (set.includes('leaf-as-ca') !== (issuers[issuer].profile === 'leaf')) return false;
  // The recipe makes a list for whoever has revoked something; a certificate that signs itself has none of the issuer's faults.
  if (issuer === 'no-list-ca' && set.includes('revoked')) return false;
  if ('reason' in issuers[issuer] && (set.includes('self-signed') || set.includes('missing-intermediate')))
    return false;
  return !set.includes('missing-intermediate') || issuers[issuer].profile === 'intermediate';
}

const singles = flaws.map((flaw) => [flaw]);
const pairs = flaws.flatMap((one, at) =>
  flaws
    .slice(at + 1)
    .filter((other) => areCompatible(one, other))
    .map((other) => [one, other]),
);

/** Every kind, each once. */
export const kinds: readonly Kind[] = [
  ...doorNames.map((door) => ({ door, flaws: [], names: 'alice' }) as const),
  { door: 'everyone', own: 'client-ca', flaws: [], names: 'alice' },
  { door: 'everyone', own: 'middle', flaws: [], names: 'alice' },
  ...(['client-ca', 'middle', 'no-ca'] as const).flatMap((issuer) =>
    kindsBelow(issuer, [[], ...singles, ...pairs]),
  ),
  ...(Object.keys(issuers) as IssuerName[])
    .filter((issuer) => 'reason' in issuers[issuer])
    .flatMap((issuer) => kindsBelow(issuer, [[], ...singles])),
  ...(Object.keys(issuers) as IssuerName[]).flatMap((issuer) =>
    kindsBelow(issuer, [[], ['revoked']], 'without lists'),
  ),
  ...(['cn', 'ou', 'dns', 'uri'] as const).flatMap((door) => [
    ...kindsBelow('client-ca', [['no-san'], ['wrong-name'], ['expired'], ['revoked']], door),
    ...kindsBelow('rogue-ca', [[]], door),
    ...kindsBelow('impostor-ca', [[]], door),
  ]),
  ...doorNames
    .filter((door) => door !== 'without lists')
    .flatMap((door) =>
      (Object.keys(namesOf) as NamesName[]).map(
        (names) => ({ door, issuer: 'client-ca', flaws: [], names }) as const,
      ),
    )
    .filter(({ door, names }) => door !== 'everyone' || names !== 'alice'),
];

const authority = (name: string, row: Partial<CertificateRow> = {}): CertificateRow => ({
  profile: 'intermediate',
  issuer: 'client-ca',
  subject: { CN: name, O: 'Workshop' },
  ...row,
});

/** The world in which all of them live. */
export const recipe: Recipe = {
  certificates: {
    'server-ca': { profile: 'root', subject: { CN: 'Server CA' } },
    server: {
      profile: 'server',
      issuer: 'server-ca',
      subject: { CN: 'shop.localhost' },
      san: ['DNS:shop.localhost'],
    },
    'client-ca': { profile: 'root', subject: { CN: 'Client CA', O: 'Workshop' } },
    middle: authority('Middle', { pathLength: 0 }),
    'no-ca': { profile: 'peer', issuer: 'client-ca', subject: { CN: 'no CA', O: 'Workshop' } },
    'rogue-ca': { profile: 'root', subject: { CN: 'Rogue CA', O: 'Rogue' } },
    'impostor-ca': { profile: 'root', subject: { CN: 'Client CA', O: 'Workshop' } },
    'expired-middle': authority('Expired middle', { flaws: ['expired'] }),
    'broken-middle': authority('Broken middle', { flaws: ['bad-signature'] }),
    'revoked-middle': authority('Revoked middle', { flaws: ['revoked'] }),
    'servers-only-middle': authority('Middle for servers', { extendedKeyUsage: ['serverAuth'] }),
    'too-deep-middle': authority('Middle below a middle', { issuer: 'middle' }),
    'stale-list-ca': { profile: 'root', subject: { CN: 'Stale list CA' } },
    'broken-list-ca': { profile: 'root', subject: { CN: 'Broken list CA' } },
    'no-list-ca': { profile: 'root', subject: { CN: 'No list CA' } },
    ...Object.fromEntries(
      kinds.flatMap((kind) =>
        kind.issuer
          ? [
              [
                rowOf(kind) ?? '',
                {
                  profile: 'client',
                  issuer: kind.issuer,
                  ...namesOf[kind.names],
                  flaws: kind.flaws,
                } satisfies CertificateRow,
              ],
            ]
          : [],
      ),
    ),
  },
  revocations: {
    ...Object.fromEntries(
      [
        'client-ca',
        'middle',
        'expired-middle',
        'broken-middle',
        'revoked-middle',
        'servers-only-middle',
        'too-deep-middle',
        'rogue-ca',
        'impostor-ca',
      ].map((name) => [name, {}]),
    ),
    'stale-list-ca': { flaws: ['crl-expired'] },
    'broken-list-ca': { flaws: ['crl-bad-signature'] },
  },
};
