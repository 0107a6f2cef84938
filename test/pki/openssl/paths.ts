/** Which path is taken: identifiers, cross-signed CAs, several candidates, loops, long chains, anchors, revocation. */
import type { Case } from './case.ts';
import {
  basic,
  ca,
  dn,
  extension,
  general,
  generalizedTime,
  implicit,
  keyUsage,
  leaf,
  octets,
  p256,
  revocationList,
  seq,
  tagged,
  utcTime,
} from './der-kit.ts';
import type { Made, Spec } from './der-kit.ts';

const root = ca({ subject: 'Root of paths' });
const middle = ca({ by: root, subject: 'Middle of paths' });
const past = { notBefore: utcTime('200101000000Z'), notAfter: utcTime('210101000000Z') };
const future = { notBefore: utcTime('300101000000Z'), notAfter: utcTime('310101000000Z') };

const aki = (value: Uint8Array, more: Partial<Case> = {}, id = ''): Case => ({
  id,
  leaf: leaf(root, { ext: { aki: value } }),
  roots: [root],
  ...more,
});
const byIssuerAndSerial = (issuer: Uint8Array, serial: Uint8Array): Buffer =>
  seq(tagged(1, general.directory(issuer)), implicit(2, serial));

function long(count: number): Case {
  const made: Made[] = [ca({ subject: `Long ${count}` })];
  const pair = p256();
  for (let at = 1; at < count - 1; at++)
    made.push(ca({ by: made.at(-1)!, subject: `Long ${count} ${at}`, pair }));
  return {
    id: `path: ${count} certificates`,
    leaf: leaf(made.at(-1)!),
    sent: made.slice(1).toReversed(),
    roots: [made[0]!],
  };
}

/** The same name and key, certified twice. */
function twice(id: string, first: Spec, second: Spec, more: Partial<Case> = {}): Case {
  const pair = p256();
  const one = ca({ by: root, subject: `Twice, ${id}`, pair, ...first });
  const two = ca({ by: root, subject: `Twice, ${id}`, pair, ...second });
  return { id: `path: the same CA twice, ${id}`, leaf: leaf(one), sent: [one, two], roots: [root], ...more };
}

function crossed(): readonly Case[] {
  const old = ca({ subject: 'Old root' });
  const pair = p256();
  const fresh = ca({ subject: 'New root', pair });
  const cross = ca({ by: old, subject: 'New root', pair });
  const expired = ca({ by: old, subject: 'New root', pair, ...past });
  const under = ca({ by: fresh, subject: 'Under the new root' });
  const mine = leaf(under);
  const oldExpired = ca({ subject: 'Old expired root', ...past });
  const crossOfExpired = ca({ by: oldExpired, subject: 'New root', pair });
  return [
    { id: 'path: cross-signed, the old root is trusted', leaf: mine, sent: [under, cross], roots: [old] },
    { id: 'path: cross-signed, the new root is trusted', leaf: mine, sent: [under, cross], roots: [fresh] },
    { id: 'path: cross-signed, both are trusted', leaf: mine, sent: [under, cross], roots: [old, fresh] },
    {
      id: 'path: cross-signed, the new root is sent too',
      leaf: mine,
      sent: [under, fresh, cross],
      roots: [old],
    },
    {
      id: 'path: the cross-signed one has expired, both are trusted',
      leaf: mine,
      sent: [under, expired],
      roots: [old, fresh],
    },
    {
      id: 'path: the cross-signed one has expired, the old root is trusted',
      leaf: mine,
      sent: [under, expired],
      roots: [old],
    },
    {
      id: 'path: an expired and a current cross-signed one',
      leaf: mine,
      sent: [under, expired, cross],
      roots: [old],
    },
    {
      id: 'path: the old root has expired, both are trusted',
      leaf: mine,
      sent: [under, crossOfExpired],
      roots: [oldExpired, fresh],
    },
    {
      id: 'path: the old root has expired and is trusted alone',
      leaf: mine,
      sent: [under, crossOfExpired],
      roots: [oldExpired],
    },
    {
      id: 'path: the new root is an anchor without being self-signed',
      leaf: mine,
      sent: [under],
      roots: [cross],
    },
  ];
}

function loops(): readonly Case[] {
  const [one, two] = [p256(), p256()];
  const seedOne = ca({ subject: 'Loop 1', pair: one });
  const seedTwo = ca({ subject: 'Loop 2', pair: two });
  const first = ca({ by: seedTwo, subject: 'Loop 1', pair: one });
  const second = ca({ by: seedOne, subject: 'Loop 2', pair: two });
  const mine = leaf(first);
  return [
    { id: 'path: two CAs that signed each other', leaf: mine, sent: [first, second], roots: [root] },
    {
      id: 'path: two CAs that signed each other, one of them trusted',
      leaf: mine,
      sent: [first, second],
      roots: [seedOne],
    },
  ];
}

const others = Array.from({ length: 12 }, (_, at) => ca({ subject: `Stranger ${at}` }));
const namesake = ca({ subject: 'Root of paths' });
const namesakeWithoutId = ca({ subject: 'Root of paths', ext: { ski: false, aki: false } });

const selection: readonly Case[] = [
  {
    id: 'path: superfluous certificates',
    leaf: leaf(middle),
    sent: [...others, middle, root],
    roots: [root],
  },
  { id: 'path: reversed', leaf: leaf(middle), sent: [root, middle], roots: [root] },
  {
    id: 'path: the leaf sent again',
    ...(() => {
      const mine = leaf(middle);
      return { leaf: mine, sent: [mine, middle, mine] };
    })(),
    roots: [root],
  },
  { id: 'path: the intermediate is missing', leaf: leaf(middle), roots: [root] },
  { id: 'path: nothing is known of the issuer', leaf: leaf(others[0]!), roots: [root] },
  { id: 'path: the root is sent and not trusted', leaf: leaf(others[0]!), sent: [others[0]!], roots: [root] },
  { id: 'path: another key under the name of the root', leaf: leaf(namesake), roots: [root] },
  {
    id: 'path: another key under the name of the root, sent',
    leaf: leaf(namesake),
    sent: [namesake],
    roots: [root],
  },
  {
    id: 'path: two roots of one name, by identifier',
    leaf: leaf(middle),
    sent: [middle],
    roots: [namesake, root],
  },
  {
    id: 'path: two roots of one name, no identifier to go by',
    leaf: leaf(root, { ext: { aki: false } }),
    roots: [namesakeWithoutId],
  },
  { id: 'path: self-signed and not trusted', leaf: others[0]!, roots: [root], as: 'any' },
  { id: 'path: self-signed under the name of the root', leaf: namesake, roots: [root], as: 'any' },
  { id: 'path: an intermediate is an anchor', leaf: leaf(middle), roots: [middle] },
  { id: 'path: an intermediate and its root are anchors', leaf: leaf(middle), roots: [middle, root] },
  {
    id: 'path: an intermediate is an anchor and has expired',
    ...(() => {
      const made = ca({ by: root, subject: 'Expired anchor', ...past });
      return { leaf: leaf(made), roots: [made] };
    })(),
  },
  {
    id: 'path: an anchor that is no CA',
    ...(() => {
      const made = ca({ by: root, subject: 'No CA as an anchor', ext: { bc: { critical: basic(false) } } });
      return { leaf: leaf(made), roots: [made] };
    })(),
  },
  {
    id: 'path: the root has expired',
    ...(() => {
      const made = ca({ subject: 'Expired root', ...past });
      return { leaf: leaf(made), roots: [made] };
    })(),
  },
  {
    id: 'path: the signature of the root over itself is wrong',
    ...(() => {
      const made = ca({
        subject: 'Spoiled root',
        spoil: (signature) => Buffer.concat([signature.subarray(0, -1), Buffer.of(signature.at(-1)! ^ 1)]),
      });
      return { leaf: leaf(made), roots: [made] };
    })(),
  },
  twice('the first has expired', past, {}),
  twice('the second has expired', {}, past),
  twice('both have expired', past, { ...past, notAfter: utcTime('220101000000Z') }),
  twice('the first is not valid yet', future, {}),
  twice('the first is no CA', { ext: { bc: { critical: basic(false) } } }, {}),
  twice('the first may not sign certificates', { ext: { ku: { critical: keyUsage('cRLSign') } } }, {}),
  twice(
    'the first has a wrong signature',
    { spoil: (signature) => Buffer.concat([signature.subarray(0, -1), Buffer.of(signature.at(-1)! ^ 1)]) },
    {},
  ),
  twice(
    'the first has a name constraint that forbids it',
    { ext: { nc: { critical: seq(tagged(0, seq(general.dns('other.test')))) } } },
    {},
  ),
  twice('the first has another identifier', { ext: { ski: octets(Buffer.from('other')) } }, {}),
  twice('the first has an unknown critical extension', { more: [extension('1.2.3.4', seq(), true)] }, {}),
  ...crossed(),
  ...loops(),
  long(11),
  long(20),
  long(101),
  long(102),
  long(103),
];

const identifiers: readonly Case[] = [
  aki(seq(implicit(0, 'another key')), {}, 'aki: another key'),
  aki(
    seq(implicit(0, root.keyId), tagged(1, general.directory(root.subject)), implicit(2, root.serial)),
    {},
    'aki: key, issuer and serial',
  ),
  aki(byIssuerAndSerial(root.subject, root.serial), {}, 'aki: issuer and serial'),
  aki(byIssuerAndSerial(dn('CN=other'), root.serial), {}, 'aki: another issuer'),
  aki(byIssuerAndSerial(root.subject, Buffer.of(9)), {}, 'aki: another serial number'),
  aki(seq(implicit(2, Buffer.of(9))), {}, 'aki: another serial number alone'),
  aki(seq(tagged(1, general.dns('other.test'))), {}, 'aki: an issuer that is no directory name'),
  aki(
    seq(tagged(1, general.dns('other.test'), general.directory(dn('CN=other')))),
    {},
    'aki: the first directory name counts',
  ),
  aki(seq(implicit(0, '')), {}, 'aki: an empty key'),
  aki(seq(), {}, 'aki: empty'),
  {
    id: 'aki: critical',
    leaf: leaf(root, { ext: { aki: { critical: seq(implicit(0, root.keyId)) } } }),
    roots: [root],
    error: 34,
  },
  {
    id: 'ski: critical',
    leaf: leaf(root, { ext: { ski: { critical: octets(Buffer.of(1)) } } }),
    roots: [root],
    error: 34,
  },
  {
    id: 'ski: critical on the root',
    ...(() => {
      const made = ca({
        subject: 'Critical identifier',
        ext: { ski: { critical: octets(Buffer.of(1)) }, aki: false },
      });
      return { leaf: leaf(made, { ext: { aki: false } }), roots: [made] };
    })(),
  },
  {
    id: 'aki: of the root is another key',
    ...(() => {
      const made = ca({ subject: 'Differing root', ext: { aki: seq(implicit(0, 'another key')) } });
      return { leaf: leaf(made), roots: [made] };
    })(),
  },
  {
    id: 'aki: of the root is another serial number',
    ...(() => {
      const made = ca({ subject: 'Differing root 2', ext: { aki: seq(implicit(2, Buffer.of(9))) } });
      return { leaf: leaf(made), roots: [made] };
    })(),
  },
  {
    id: 'aki: of the root is another issuer',
    ...(() => {
      const made = ca({
        subject: 'Differing root 3',
        ext: { aki: seq(tagged(1, general.directory(dn('CN=other')))) },
      });
      return { leaf: leaf(made), roots: [made] };
    })(),
  },
  {
    id: 'aki: the root has no subject key identifier',
    ...(() => {
      const made = ca({ subject: 'Root without', ext: { ski: false } });
      return { leaf: leaf(made), roots: [made] };
    })(),
  },
  {
    id: 'aki: of the root missing',
    ...(() => {
      const made = ca({ subject: 'Root without aki', ext: { aki: false } });
      return { leaf: leaf(made), roots: [made] };
    })(),
  },
  {
    id: 'aki: of the intermediate does not fit',
    ...(() => {
      const made = ca({ by: root, subject: 'Misfit', ext: { aki: seq(implicit(0, 'x')) } });
      return { leaf: leaf(made), sent: [made], roots: [root] };
    })(),
  },
  {
    id: 'aki: of a self-signed leaf that is trusted does not fit',
    ...(() => {
      const made = ca({ subject: 'Self misfit', ext: { aki: seq(implicit(0, 'x')), ku: false } });
      return { leaf: made, roots: [made] };
    })(),
  },
];

const dnRows: readonly (readonly [string, Buffer, Buffer])[] = [
  ['case', dn('O=Workshop', 'CN=Names'), dn('O=WORKSHOP', 'CN=names')],
  ['white space', dn('O=Work shop'), dn('O= Work  shop ')],
  ['case outside ASCII', dn('O=é'), dn('O=É')],
  ['a multi-valued name against single ones', dn({ together: ['CN=a', 'O=b'] }), dn('CN=a', 'O=b')],
  ['another order', dn('CN=a', 'O=b'), dn('O=b', 'CN=a')],
  ['a blank that is no ASCII', dn('O=a b'), dn('O=a\u00a0b')],
  ['a tab for a blank', dn('O=a b'), dn('O=a\tb')],
  ['an empty name', dn(), dn()],
];

const nameRows = dnRows.map(([what, subject, issuer]): Case => {
  const made = ca({ subject });
  return { id: `dn: ${what}`, leaf: leaf(made, { issuer }), roots: [made] };
});

const mine = leaf(middle);
const listOfRoot = revocationList(root);
const revoked = revocationList(middle, { revoked: [{ serial: mine.serial }] });
const entry = (code: number): Buffer[] => [extension('2.5.29.21', Buffer.of(0x0a, 1, code))];
const lists = (id: string, ...list: readonly string[]): Case => ({
  id: `crl: ${id}`,
  leaf: mine,
  sent: [middle],
  roots: [root],
  lists: list,
});
const partial: Pick<Case, 'meant'> = {
  meant: {
    ours: 'refused',
    why: 'a list that speaks for a part of the certificates is not used: who asks for revocation shall not have to know its scope',
  },
};
const noListSign = ca({ by: root, subject: 'No lists', ext: { ku: { critical: keyUsage('keyCertSign') } } });
const revocation: readonly Case[] = [
  lists('current, not named', listOfRoot, revocationList(middle)),
  lists('revoked', listOfRoot, revoked),
  lists('of the leaf missing', listOfRoot),
  lists('of the intermediate missing', revocationList(middle)),
  lists('expired', listOfRoot, revocationList(middle, { nextUpdate: utcTime('260301000000Z') })),
  lists('not valid yet', listOfRoot, revocationList(middle, { thisUpdate: utcTime('270101000000Z') })),
  lists('without a next update', listOfRoot, revocationList(middle, { nextUpdate: null })),
  lists('signed by another key', listOfRoot, revocationList(middle, { signedBy: p256() })),
  lists(
    'an unknown critical extension',
    listOfRoot,
    revocationList(middle, { more: [extension('1.2.3.4', seq(), true)] }),
  ),
  {
    ...lists(
      'a list for user certificates only',
      listOfRoot,
      revocationList(middle, { more: [extension('2.5.29.28', seq(implicit(1, Buffer.of(0xff))), true)] }),
    ),
    ...partial,
  },
  lists(
    'a list of changes',
    listOfRoot,
    revocationList(middle, { more: [extension('2.5.29.27', Buffer.of(2, 1, 1), true)] }),
  ),
  lists(
    'a critical issuer alternative name',
    listOfRoot,
    revocationList(middle, { more: [extension('2.5.29.18', seq(general.dns('a.test')), true)] }),
  ),
  lists(
    'removed again',
    listOfRoot,
    revocationList(middle, { revoked: [{ serial: mine.serial, entry: entry(8) }] }),
  ),
  lists(
    'on hold',
    listOfRoot,
    revocationList(middle, { revoked: [{ serial: mine.serial, entry: entry(6) }] }),
  ),
  lists(
    'an unknown critical extension of the entry',
    listOfRoot,
    revocationList(middle, {
      revoked: [{ serial: mine.serial, entry: [extension('1.2.3.4', seq(), true)] }],
    }),
  ),
  lists(
    'an unknown critical extension of the entry of another',
    listOfRoot,
    revocationList(middle, {
      revoked: [{ serial: Buffer.of(1), entry: [extension('1.2.3.4', seq(), true)] }],
    }),
  ),
  lists(
    'an older and a newer one, revoked in the newer',
    listOfRoot,
    revocationList(middle),
    revocationList(middle, { thisUpdate: utcTime('260301000000Z'), revoked: [{ serial: mine.serial }] }),
  ),
  lists(
    'an older and a newer one, revoked in the older',
    listOfRoot,
    revocationList(middle, { revoked: [{ serial: mine.serial }] }),
    revocationList(middle, { thisUpdate: utcTime('260301000000Z') }),
  ),
  lists(
    'an expired one and a current one',
    listOfRoot,
    revocationList(middle, { nextUpdate: utcTime('260301000000Z'), revoked: [{ serial: mine.serial }] }),
    revocationList(middle),
  ),
  lists(
    'the intermediate is revoked',
    revocationList(root, { revoked: [{ serial: middle.serial }] }),
    revocationList(middle),
  ),
  lists(
    'nextUpdate before thisUpdate',
    listOfRoot,
    revocationList(middle, { nextUpdate: utcTime('250101000000Z') }),
  ),
  lists(
    'times as GeneralizedTime',
    listOfRoot,
    revocationList(middle, { thisUpdate: generalizedTime('20260101000000Z') }),
  ),
  {
    id: 'crl: of a CA that may not sign lists',
    leaf: leaf(noListSign),
    sent: [noListSign],
    roots: [root],
    lists: [listOfRoot, revocationList(noListSign)],
  },
  {
    id: 'crl: of a trusted leaf',
    leaf: others[0]!,
    roots: [others[0]!],
    lists: [revocationList(others[0]!, { revoked: [{ serial: others[0]!.serial }] })],
    as: 'any',
  },
  { id: 'crl: and an expired certificate', leaf: leaf(root, past), roots: [root], lists: [listOfRoot] },
  {
    id: 'crl: a serial number of zero, revoked',
    ...(() => {
      const zero = leaf(root, { serial: Buffer.of(0) });
      return { leaf: zero, lists: [revocationList(root, { revoked: [{ serial: Buffer.of(0) }] })] };
    })(),
    roots: [root],
  },
  {
    id: 'crl: a negative serial number, its positive twin revoked',
    ...(() => {
      const negative = leaf(root, { serial: Buffer.of(0x80) });
      return { leaf: negative, lists: [revocationList(root, { revoked: [{ serial: Buffer.of(0, 0x80) }] })] };
    })(),
    roots: [root],
    meant: { ours: 'refused', why: 'a number and its negative twin are one: no honest CA has both' },
  },
];

export const pathCases: readonly Case[] = [...selection, ...identifiers, ...nameRows, ...revocation];
