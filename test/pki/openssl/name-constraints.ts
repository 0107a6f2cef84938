/** Name constraints (RFC 5280 section 4.2.1.10): every type, permitted and excluded, on every CA of the path. */
import type { Case } from './case.ts';
import {
  bare,
  basic,
  bmp,
  ca,
  constraints,
  dn,
  extension,
  general,
  implicit,
  int,
  keyUsage,
  leaf,
  octets,
  printable,
  seq,
  set,
  tagged,
  utf8,
} from './der-kit.ts';
import type { ExtensionSpec, Made, Spec } from './der-kit.ts';

const { dns, email, uri, ip, directory, other, registered } = general;
const root = ca({ subject: 'Root' });

const under = (nc: ExtensionSpec, spec: Spec, id: string, more: Partial<Case> = {}): Case => {
  const middle = ca({ by: root, subject: `Middle of ${id}`, ext: { nc } });
  return { id: `nc: ${id}`, leaf: leaf(middle, spec), sent: [middle], roots: [root], ...more };
};

/** Leaf with these names alone. */
const names = (...san: readonly Uint8Array[]): Spec => ({ ext: { san: seq(...san) } });

const permit = (...list: readonly Uint8Array[]): ExtensionSpec => ({ critical: constraints(list) });
const exclude = (...list: readonly Uint8Array[]): ExtensionSpec => ({ critical: constraints([], list) });
const v6 = (...words: readonly number[]): number[] => words.flatMap((word) => [word >> 8, word & 0xff]);
const smtpUtf8 = '1.3.6.1.5.5.7.8.9';

const dnsRows: readonly (readonly [base: string, name: string])[] = [
  ['good.test', 'good.test'],
  ['good.test', 'a.good.test'],
  ['good.test', 'a.b.good.test'],
  ['good.test', 'bad.test'],
  ['good.test', 'notgood.test'],
  ['good.test', 'GOOD.TEST'],
  ['GOOD.test', 'good.TEST'],
  ['.good.test', 'a.good.test'],
  ['.good.test', 'good.test'],
  ['.good.test', 'a.b.good.test'],
  ['', 'anything.test'],
  ['test', 'good.test'],
  ['.', 'good.test'],
  ['good.test', '*.good.test'],
  ['a.good.test', '*.good.test'],
  ['*.good.test', 'a.good.test'],
  ['*.good.test', '*.good.test'],
  ['good.test.', 'good.test'],
  ['good.test', 'good.test.'],
  ['good.test', ''],
  ['xn--3e0b707e', 'shop.xn--3e0b707e'],
  ['good.test', 'good.test\u0000.bad.test'],
  ['good.test', 'bad.test\u0000.good.test'],
  ['good.test', 'g\u00f6\u00f6d.good.test'],
  ['good.test', '-.good.test'],
  ['d.test', 'good.test'],
  ['good.test', '127.0.0.1'],
];

const emailRows: readonly (readonly [base: string, name: string])[] = [
  ['good.test', 'a@good.test'],
  ['good.test', 'a@sub.good.test'],
  ['.good.test', 'a@sub.good.test'],
  ['.good.test', 'a@good.test'],
  ['a@good.test', 'a@good.test'],
  ['a@good.test', 'A@good.test'],
  ['a@good.test', 'a@GOOD.test'],
  ['a@good.test', 'b@good.test'],
  ['@good.test', 'b@good.test'],
  ['good.test', 'a@bad.test'],
  ['good.test', 'no at sign'],
  ['', 'a@good.test'],
  ['good.test', 'a@b@good.test'],
  ['good.test', '"a@b"@good.test'],
  ['good.test', '@good.test'],
  ['good.test', 'a@'],
  ['ab@good.test', 'a@good.test'],
  ['a\u0000@good.test', 'a\u0000@good.test'],
];

const uriRows: readonly (readonly [base: string, name: string])[] = [
  ['good.test', 'https://good.test/x'],
  ['good.test', 'https://sub.good.test/'],
  ['.good.test', 'https://sub.good.test/'],
  ['.good.test', 'https://good.test/'],
  ['good.test', 'https://good.test:8443/'],
  ['good.test', 'https://user@good.test/'],
  ['good.test', 'https://user:pass@good.test:1/x'],
  ['good.test', 'https://bad.test/good.test'],
  ['good.test', 'spiffe://good.test/ns/a'],
  ['good.test', 'urn:good.test'],
  ['good.test', 'https:good.test'],
  ['good.test', 'https://GOOD.test'],
  ['good.test', 'https://good.test?x'],
  ['good.test', 'https://good.test#x'],
  ['good.test', 'https:///x'],
  ['127.0.0.1', 'https://127.0.0.1/'],
  ['good.test', 'https://[::1]/'],
  ['::1', 'https://[::1]/'],
  ['', 'https://good.test/'],
  ['good.test', ''],
  ['good.test', '//good.test'],
  ['good.test', 'mailto:a@good.test'],
  ['good.test', 'https://bad.test@good.test/'],
  ['good.test', 'https://good.test@bad.test/'],
  ['good.test', 'https://bad.test:443@good.test/'],
  ['good.test', 'https://good.test\u0000.bad.test/'],
  ['good.test', 'https://a@b@good.test/'],
  ['good.test', 'https://good.test/a@bad.test'],
  ['good.test', 'https://bad.test?x@good.test'],
  ['good.test', 'https://bad.test#x@good.test'],
  ['good.test', 'https://bad.test/x://good.test'],
  ['good.test', '://good.test/'],
  ['good.test', 'good.test'],
  ['good.test', 'https://good.test:abc/'],
  ['good.test', 'https://good.test:99999/'],
  ['good.test', 'https://good.test:/'],
];

const ipRows: readonly (readonly [base: readonly number[], name: readonly number[]])[] = [
  [
    [10, 0, 0, 0, 255, 0, 0, 0],
    [10, 1, 2, 3],
  ],
  [
    [10, 0, 0, 0, 255, 0, 0, 0],
    [11, 1, 2, 3],
  ],
  [
    [10, 1, 0, 0, 255, 0, 0, 0],
    [10, 2, 0, 1],
  ],
  [
    [10, 0, 0, 0, 255, 0, 255, 0],
    [10, 9, 0, 9],
  ],
  [
    [10, 0, 0, 0, 255, 0, 255, 0],
    [10, 9, 1, 9],
  ],
  [
    [0, 0, 0, 0, 0, 0, 0, 0],
    [1, 2, 3, 4],
  ],
  [
    [127, 0, 0, 1, 255, 255, 255, 255],
    [127, 0, 0, 1],
  ],
  [
    [127, 0, 0, 1, 255, 255, 255, 255],
    [127, 0, 0, 2],
  ],
  [
    [...v6(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), ...v6(0xffff, 0xffff, 0, 0, 0, 0, 0, 0)],
    v6(0x2001, 0xdb8, 1, 2, 3, 4, 5, 6),
  ],
  [
    [...v6(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), ...v6(0xffff, 0xffff, 0, 0, 0, 0, 0, 0)],
    v6(0x2001, 0xdb9, 0, 0, 0, 0, 0, 1),
  ],
  [[10, 0, 0, 0, 255, 0, 0, 0], v6(0, 0, 0, 0, 0, 0xffff, 0xa01, 0x203)],
  [
    [...v6(0, 0, 0, 0, 0, 0, 0, 0), ...v6(0, 0, 0, 0, 0, 0, 0, 0)],
    [10, 1, 2, 3],
  ],
  [
    [10, 0, 0, 0],
    [10, 0, 0, 0],
  ],
  [
    [10, 0, 0, 0, 255, 0, 0],
    [10, 0, 0, 1],
  ],
  [
    [10, 0, 0, 0, 255, 0, 0, 0],
    [10, 0, 0],
  ],
  [[10, 0, 0, 0, 255, 0, 0, 0], []],
];

const dnRows: readonly (readonly [what: string, base: Buffer, name: Buffer])[] = [
  ['the same', dn('O=Good'), dn('O=Good')],
  ['below', dn('O=Good'), dn('O=Good', 'CN=a')],
  ['another', dn('O=Good'), dn('O=Bad', 'CN=a')],
  ['the other order', dn('O=Good'), dn('CN=a', 'O=Good')],
  ['case', dn('O=Good'), dn('O=GOOD', 'CN=a')],
  ['white space', dn('O=Go  od '), dn('O= go od', 'CN=a')],
  ['another string type', dn(['O', printable('Good')]), dn(['O', utf8('Good')], 'CN=a')],
  ['BMPString', dn(['O', bmp('Good')]), dn('O=good', 'CN=a')],
  ['a part of a value', dn('O=Go'), dn('O=Good', 'CN=a')],
  ['empty base', dn(), dn('O=Good')],
  ['empty subject', dn('O=Good'), dn()],
  [
    'several values in one',
    dn({ together: ['O=Good', 'OU=x'] }),
    dn({ together: ['O=Good', 'OU=x'] }, 'CN=a'),
  ],
  ['one of several values', dn('O=Good'), dn({ together: ['O=Good', 'OU=x'] }, 'CN=a')],
  ['longer base', dn('O=Good', 'CN=a'), dn('O=Good')],
  ['letters outside ASCII', dn('O=Größe'), dn('O=GRÖSSE', 'CN=a')],
  ['case outside ASCII', dn('O=é'), dn('O=É', 'CN=a')],
  [
    'several values in another order',
    dn({ together: ['O=Good', 'OU=x'] }),
    seq(set(dn('OU=x').subarray(4), dn('O=Good').subarray(4)), dn('CN=a').subarray(2)),
  ],
];

function pairs(
  type: string,
  rows: readonly (readonly [unknown, unknown])[],
  build: (row: never) => readonly [base: Uint8Array, name: Uint8Array],
): Case[] {
  return rows.flatMap((row) => {
    const [base, name] = build(row as never);
    const label = JSON.stringify(row);
    const more: Partial<Case> =
      type === 'URI' && label.includes('u0000')
        ? {
            meant: {
              ours: 'refused',
              why: 'what stands behind a NUL is not read by openssl, and by others it is',
            },
          }
        : {};
    // Excluded, it is refused by both.
    return [
      under(permit(base), names(name), `permitted ${type} ${label}`, more),
      under(exclude(base), names(name), `excluded ${type} ${label}`),
    ];
  });
}

const chain = (
  id: string,
  links: readonly {
    readonly nc?: ExtensionSpec;
    readonly subject?: Uint8Array;
    readonly ext?: Spec['ext'];
  }[],
  spec: Spec,
  more: Partial<Case> = {},
): Case => {
  const made: Made[] = [];
  for (const [at, { nc, subject, ext }] of links.entries()) {
    made.push(
      ca({
        ...(made.at(-1) ? { by: made.at(-1)! } : {}),
        subject: subject ?? dn(`CN=${id} ${at}`),
        ext: { ...ext, ...(nc ? { nc } : {}) },
      }),
    );
  }
  const last = made.at(-1)!;
  return {
    id: `nc: ${id}`,
    leaf: leaf(last, spec),
    sent: made.slice(1).toReversed(),
    roots: made.slice(0, 1),
    ...more,
  };
};

const good = names(dns('good.test'));
const plainPermit = constraints([dns('good.test')]);
const subtree = (base: Uint8Array, ...more: readonly Uint8Array[]): Buffer => seq(base, ...more);

const special: readonly Case[] = [
  under(plainPermit, good, 'not critical, met'),
  under(plainPermit, names(dns('bad.test')), 'not critical, violated', { error: 47 }),
  under(permit(dns('good.test')), good, 'critical, met', { error: 0 }),
  under(permit(dns('good.test')), names(dns('bad.test')), 'critical, violated, as a client', {
    as: 'client',
    error: 47,
  }),
  under(exclude(dns('bad.test')), names(dns('bad.test')), 'critical, excluded', { error: 48 }),
  under(permit(dns('good.test')), names(dns('good.test'), dns('bad.test')), 'one of two names outside'),
  under(
    permit(dns('good.test'), dns('other.test')),
    names(dns('good.test'), dns('other.test')),
    'two permitted',
  ),
  under(
    { critical: constraints([dns('good.test')], [dns('a.good.test')]) },
    names(dns('b.good.test')),
    'permitted and excluded, met',
  ),
  under(
    { critical: constraints([dns('good.test')], [dns('a.good.test')]) },
    names(dns('a.good.test')),
    'permitted and excluded, excluded',
  ),
  under(permit(dns('good.test')), names(ip(10, 0, 0, 1)), 'another type is free'),
  under(permit(email('good.test')), good, 'a type that is not there is free'),
  under(
    permit(dns('good.test')),
    { subject: dn('CN=bad.test'), ext: { san: false } },
    'CN as a name where there is no SAN',
  ),
  under(permit(dns('good.test')), { subject: dn('CN=good.test'), ext: { san: false } }, 'CN within'),
  under(
    permit(dns('good.test')),
    { subject: dn('CN=bad.test'), ext: { san: seq(ip(10, 0, 0, 1)) } },
    'CN where the SAN has no DNS name',
  ),
  under(
    permit(dns('good.test')),
    { subject: dn('CN=bad.test'), ext: { san: seq(dns('good.test')) } },
    'CN where the SAN has a DNS name',
  ),
  under(
    permit(dns('good.test')),
    { subject: dn('CN=alice'), ext: { san: false } },
    'CN of one label is no name',
    { as: 'client' },
  ),
  under(
    permit(dns('good.test')),
    { subject: dn('CN=Alice of bad.test'), ext: { san: false } },
    'CN with blanks is no name',
    { as: 'client' },
  ),
  under(
    permit(dns('good.test')),
    { subject: dn('CN=a_b.bad.test'), ext: { san: false } },
    'CN with an underscore',
  ),
  under(permit(dns('good.test')), { subject: dn('CN=*.bad.test'), ext: { san: false } }, 'CN with a star'),
  under(
    permit(dns('good.test')),
    { subject: dn('CN=bad.test.'), ext: { san: false } },
    'CN with a dot at the end',
  ),
  under(
    permit(dns('good.test')),
    { subject: dn('CN=-bad.test'), ext: { san: false } },
    'CN that begins with a hyphen',
  ),
  under(
    permit(dns('good.test')),
    { subject: dn('CN=bad-.test'), ext: { san: false } },
    'CN with a hyphen before a dot',
  ),
  under(
    permit(dns('good.test')),
    { subject: dn('CN=a..bad.test'), ext: { san: false } },
    'CN with an empty label',
  ),
  under(
    permit(dns('good.test')),
    { subject: dn(['CN', utf8('bad.test\u0000')]), ext: { san: false } },
    'CN with NUL at the end',
  ),
  under(
    permit(dns('good.test')),
    { subject: dn(['CN', utf8('bad.test\u0000.good.test')]), ext: { san: false } },
    'CN with NUL inside',
  ),
  under(
    permit(dns('good.test')),
    { subject: dn(['CN', bmp('bad.test')]), ext: { san: false } },
    'CN as BMPString',
  ),
  under(
    permit(dns('good.test')),
    { subject: dn('CN=good.test', 'CN=bad.test'), ext: { san: false } },
    'two CNs, the second outside',
  ),
  under(
    permit(dns('good.test')),
    { subject: dn('CN=bad.test', 'CN=good.test'), ext: { san: false } },
    'two CNs, the first outside',
  ),
  under(permit(dns('good.test')), { subject: dn('CN=bäd.test'), ext: { san: false } }, 'CN outside ASCII'),
  under(
    permit(dns('good.test')),
    { subject: dn('CN=10.0.0.1'), ext: { san: false } },
    'CN that is an address',
  ),
  under(
    permit(email('good.test')),
    { subject: dn('CN=a', 'emailAddress=a@bad.test') },
    'emailAddress in the subject, outside',
  ),
  under(
    permit(email('good.test')),
    { subject: dn('CN=a', 'emailAddress=a@good.test') },
    'emailAddress in the subject, within',
  ),
  under(
    permit(email('good.test')),
    { subject: dn('CN=a', ['emailAddress', utf8('a@good.test')]) },
    'emailAddress as UTF8String',
  ),
  under(
    permit(dns('good.test')),
    { ...good, subject: dn('CN=a', ['emailAddress', utf8('a@good.test')]) },
    'emailAddress as UTF8String where mail is free',
  ),
  under(
    exclude(email('bad.test')),
    { subject: dn('CN=a', 'emailAddress=a@bad.test') },
    'emailAddress excluded',
  ),
  ...dnRows.flatMap(([what, base, name]) => [
    under(
      permit(directory(base)),
      { subject: name, ext: { san: { critical: seq(dns('shop.test')) } } },
      `permitted directory: ${what}`,
    ),
    under(
      exclude(directory(base)),
      { subject: name, ext: { san: { critical: seq(dns('shop.test')) } } },
      `excluded directory: ${what}`,
    ),
  ]),
  under(
    permit(directory(dn('O=Good'))),
    { subject: dn('O=Good', 'CN=a'), ext: { san: seq(directory(dn('O=Bad'))) } },
    'directory in the SAN, outside',
  ),
  under(
    permit(directory(dn('O=Good'))),
    { subject: dn('O=Good', 'CN=a'), ext: { san: seq(directory(dn('O=Good', 'OU=x'))) } },
    'directory in the SAN, within',
  ),
  under(permit(other('1.2.3', utf8('x'))), names(other('1.2.3', utf8('x'))), 'otherName of the same type', {
    error: 51,
  }),
  under(permit(other('1.2.3', utf8('x'))), names(other('1.2.4', utf8('x'))), 'otherName of another type'),
  under(exclude(other('1.2.3', utf8('x'))), names(other('1.2.3', utf8('x'))), 'otherName excluded'),
  under(permit(registered('1.2.3')), names(registered('1.2.3')), 'registered ID', { error: 51 }),
  under(permit(registered('1.2.3')), good, 'registered ID and none presented'),
  under(permit(email('good.test')), names(other(smtpUtf8, utf8('a@good.test'))), 'SmtpUTF8Mailbox within'),
  under(permit(email('good.test')), names(other(smtpUtf8, utf8('a@bad.test'))), 'SmtpUTF8Mailbox outside'),
  under(
    permit(email('.good.test')),
    names(other(smtpUtf8, utf8('a@sub.good.test'))),
    'SmtpUTF8Mailbox below a dot',
  ),
  under(
    exclude(email('.good.test')),
    names(other(smtpUtf8, utf8('a@sub.good.test'))),
    'SmtpUTF8Mailbox excluded below a dot',
    {
      meant: {
        ours: 'refused',
        why: 'openssl matches no internationalized mailbox with a base that begins with a dot, and so excludes none',
      },
    },
  ),
  under(
    permit(email('xn--3e0b707e')),
    names(other(smtpUtf8, utf8('가@한국'))),
    'SmtpUTF8Mailbox against an A-label',
  ),
  under(
    permit(email('good.test')),
    names(other(smtpUtf8, octets(Buffer.from('a@good.test')))),
    'SmtpUTF8Mailbox of another type',
  ),
  under(
    { critical: seq(tagged(0, subtree(dns('good.test'), implicit(0, Buffer.of(1))))) },
    good,
    'minimum 1',
    { error: 49 },
  ),
  under(
    { critical: seq(tagged(0, subtree(dns('good.test'), implicit(0, Buffer.of(0))))) },
    good,
    'minimum 0 written out',
  ),
  under({ critical: seq(tagged(0, subtree(dns('good.test'), implicit(1, Buffer.of(3))))) }, good, 'maximum', {
    error: 49,
  }),
  under(
    { critical: seq(tagged(1, subtree(dns('bad.test'), implicit(1, Buffer.of(0))))) },
    good,
    'maximum 0, excluded',
    { error: 49 },
  ),
  under(
    { critical: seq(tagged(0, subtree(email('good.test'), implicit(0, Buffer.of(1))))) },
    good,
    'minimum of a type that is not presented',
  ),
  under(
    {
      critical: seq(tagged(0, seq(dns('good.test')), subtree(dns('other.test'), implicit(0, Buffer.of(1))))),
    },
    good,
    'minimum behind one that fits',
  ),
  under({ critical: seq() }, good, 'empty constraints'),
  under({ critical: seq(tagged(0)) }, good, 'empty permitted'),
  under({ critical: seq(tagged(0), tagged(1)) }, good, 'empty permitted and excluded'),
  under({ critical: octets(Buffer.from('x')) }, good, 'no name constraints at all in it'),
  under(
    { critical: seq(tagged(1, seq(dns('bad.test'))), tagged(0, seq(dns('good.test')))) },
    good,
    'the two in the wrong order',
  ),
  under({ critical: seq(tagged(0, dns('good.test'))) }, good, 'a subtree without its sequence'),
  under(
    { whole: Buffer.concat([extension('2.5.29.30', plainPermit), extension('2.5.29.30', plainPermit)]) },
    good,
    'twice',
  ),
  chain('on the root', [{ nc: permit(dns('good.test')) }], good),
  chain('on the root, violated', [{ nc: permit(dns('good.test')) }], names(dns('bad.test')), { error: 47 }),
  chain(
    'on the root, not critical, violated',
    [{ nc: constraints([dns('good.test')]) }],
    names(dns('bad.test')),
    { error: 47 },
  ),
  chain(
    'on root and intermediate, within both',
    [{ nc: permit(dns('good.test')) }, { nc: permit(dns('a.good.test')) }],
    names(dns('a.good.test')),
  ),
  chain(
    'on root and intermediate, within the lower alone',
    [{ nc: permit(dns('a.good.test')) }, { nc: permit(dns('good.test')) }],
    names(dns('b.good.test')),
  ),
  chain(
    'on root and intermediate, within the upper alone',
    [{ nc: permit(dns('good.test')) }, { nc: permit(dns('a.good.test')) }],
    names(dns('b.good.test')),
  ),
  chain(
    'intermediate wider than the root, leaf within both',
    [{ nc: permit(dns('a.good.test')) }, { nc: permit(dns('test')) }],
    names(dns('a.good.test')),
  ),
  chain(
    'the intermediate itself is outside',
    [{ nc: permit(directory(dn('O=Good'))) }, { subject: dn('O=Bad', 'CN=middle') }],
    { subject: dn('O=Good', 'CN=a') },
  ),
  chain(
    'the intermediate itself is within',
    [{ nc: permit(directory(dn('O=Good'))) }, { subject: dn('O=Good', 'CN=middle') }],
    { subject: dn('O=Good', 'CN=a') },
  ),
  chain(
    'the names of the intermediate count',
    [{ nc: permit(dns('good.test')) }, { ext: { san: seq(dns('bad.test')) } }],
    good,
  ),
  chain(
    'the CN of the intermediate does not',
    [{ nc: permit(dns('good.test')) }, { subject: dn('CN=bad.test') }],
    good,
  ),
  chain(
    'three CAs',
    [{ nc: permit(dns('test')) }, { nc: exclude(dns('bad.test')) }, { nc: permit(dns('good.test')) }],
    names(dns('x.good.test')),
  ),
  chain(
    'three CAs, excluded in the middle',
    [{ nc: permit(dns('test')) }, { nc: exclude(dns('x.good.test')) }, { nc: permit(dns('good.test')) }],
    names(dns('x.good.test')),
  ),
  {
    id: 'nc: on the leaf itself',
    leaf: leaf(root, { ext: { nc: permit(dns('bad.test')), san: seq(dns('good.test')) } }),
    roots: [root],
  },
  selfIssued(),
  under(permit(ip(10, 0, 0, 0, 255, 0, 0, 0)), good, 'addresses where only a name is presented'),
  under(
    { critical: constraints([general.dns('good.test'), ip(10, 0, 0, 0, 255, 0, 0, 0)]) },
    names(dns('good.test'), ip(11, 0, 0, 1)),
    'two types, one violated',
  ),
  under(permit(implicit(0, Buffer.of())), good, 'a general name of the wrong form'),
  under(permit(der8()), good, 'a general name with an unknown tag'),
  strictly('nc: strict, critical and met', permit(dns('good.test'))),
  strictly('nc: strict, not critical and met', plainPermit),
  {
    id: 'nc: a CA without basicConstraints carries them',
    ...(() => {
      const middle = bare({
        by: root,
        subject: 'bare',
        ext: {
          ku: { critical: keyUsage('keyCertSign') },
          nc: permit(dns('good.test')),
          bc: { critical: basic(true) },
        },
      });
      return { leaf: leaf(middle, good), sent: [middle] };
    })(),
    roots: [root],
  },
  under(
    { critical: seq(tagged(0, subtree(dns('good.test'), int(1)))) },
    good,
    'something else behind a name',
  ),
];

function der8(): Buffer {
  return Buffer.from('8a0161', 'hex');
}

function strictly(id: string, nc: ExtensionSpec): Case {
  return { ...under(nc, good, id), id, strict: true };
}

/** A self-issued intermediate is not held to the constraints above it. */
function selfIssued(): Case {
  const top = ca({ subject: dn('O=Bad', 'CN=same'), ext: { nc: permit(directory(dn('O=Good'))) } });
  const rolled = ca({ by: top, subject: dn('O=Bad', 'CN=same') });
  return {
    id: 'nc: a self-issued intermediate outside',
    leaf: leaf(rolled, { subject: dn('O=Good', 'CN=a') }),
    sent: [rolled],
    roots: [top],
  };
}

export const nameConstraintCases: readonly Case[] = [
  ...pairs('DNS', dnsRows, ([base, name]: readonly [string, string]) => [dns(base), dns(name)]),
  ...pairs('email', emailRows, ([base, name]: readonly [string, string]) => [email(base), email(name)]),
  ...pairs('URI', uriRows, ([base, name]: readonly [string, string]) => [uri(base), uri(name)]),
  ...pairs('IP', ipRows, ([base, name]: readonly [readonly number[], readonly number[]]) => [
    ip(...base),
    ip(...name),
  ]),
  ...special,
];
