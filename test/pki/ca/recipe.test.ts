import test from 'ava';
import { X509Certificate } from 'node:crypto';
import { systemClock } from '../../../src/core/clock.ts';
import { UserError } from '../../../src/i18n/user-error.ts';
import { certificateFlaws, revocationFlaws } from '../../../src/pki/ca/flaws.ts';
import { issueWorld } from '../../../src/pki/ca/issue.ts';
import { durationMilliseconds, planWorld } from '../../../src/pki/ca/recipe.ts';
import { parseRecipe } from '../../../src/pki/ca/recipe-schema.ts';

const ca = { profile: 'root', subject: { CN: 'CA' } };
const shop = { profile: 'server', issuer: 'ca', subject: { CN: 'shop' } };

const mistakes: readonly [title: string, recipe: unknown, where: RegExp, words: RegExp][] = [
  ['no certificates', {}, /^r\.yaml: certificates$/, /invalid recipe/],
  ['an unknown field', { certificates: { ca: { ...ca, colour: 'red' } } }, /certificates\.ca$/, /colour/],
  [
    'an unknown profile',
    { certificates: { ca: { ...ca, profile: 'king' } } },
    /certificates\.ca\.profile$/,
    /root/,
  ],
  ['an unknown key', { certificates: { ca: { ...ca, key: 'P-257' } } }, /certificates\.ca\.key$/, /P-256/],
  [
    'an unknown attribute',
    { certificates: { ca: { ...ca, subject: { XN: 'x' } } } },
    /certificates\.ca\.subject/,
    /invalid recipe/,
  ],
  [
    'an unknown flaw',
    { certificates: { ca, shop: { ...shop, flaws: ['rusty'] } } },
    /certificates\.shop\.flaws\.0$/,
    /expired/,
  ],
  [
    'an unknown issuer',
    { certificates: { ca, shop: { ...shop, issuer: 'cb' } } },
    /certificates\.shop\.issuer$/,
    /one of ca/,
  ],
  [
    'no issuer',
    { certificates: { ca, shop: { ...shop, issuer: undefined } } },
    /certificates\.shop\.issuer$/,
    /needs an issuer/,
  ],
  [
    'a root with an issuer',
    { certificates: { ca, cb: { ...ca, issuer: 'ca' } } },
    /certificates\.cb\.issuer$/,
    /self-signed/,
  ],
  ['an issuer below its leaf', { certificates: { shop, ca } }, /certificates\.shop\.issuer$/, /below|circle/],
  [
    'a circle',
    {
      certificates: {
        a: { profile: 'intermediate', issuer: 'b', subject: {} },
        b: { profile: 'intermediate', issuer: 'a', subject: {} },
      },
    },
    /certificates\.a\.issuer$/,
    /cycle/,
  ],
  [
    'itself as issuer',
    { certificates: { a: { profile: 'intermediate', issuer: 'a', subject: {} } } },
    /certificates\.a\.issuer$/,
    /cycle/,
  ],
  [
    'an issuer that is no CA',
    { certificates: { ca, shop, sub: { ...shop, issuer: 'shop' } } },
    /certificates\.sub\.issuer$/,
    /not a CA/,
  ],
  [
    'a bad duration',
    { certificates: { ca: { ...ca, validity: { to: 'soon' } } } },
    /certificates\.ca\.validity\.to$/,
    /825d/,
  ],
  [
    'a validity that ends before it begins',
    { certificates: { ca: { ...ca, validity: { from: '1d', to: '-1d' } } } },
    /certificates\.ca\.validity$/,
    /validity/,
  ],
  [
    'a name of no kind',
    { certificates: { ca, shop: { ...shop, san: ['shop.localhost'] } } },
    /certificates\.shop\.san$/,
    /DNS:/,
  ],
  [
    'an address that is none',
    { certificates: { ca, shop: { ...shop, san: ['IP:localhost'] } } },
    /certificates\.shop\.san$/,
    /IPv4/,
  ],
  [
    'a row whose name is no file name',
    { certificates: { '../ca': ca } },
    /certificates\.\.\.\/ca$/,
    /letters/,
  ],
  [
    'a path length on a leaf',
    { certificates: { ca, shop: { ...shop, pathLength: 1 } } },
    /certificates\.shop$/,
    /pathLength/,
  ],
  [
    'a list without its CA',
    { certificates: { ca }, revocations: { cb: {} } },
    /revocations\.cb$/,
    /one of ca/,
  ],
  [
    'a list of one that is no CA',
    { certificates: { ca, shop }, revocations: { shop: {} } },
    /revocations\.shop$/,
    /CA/,
  ],
  [
    'a key of nobody',
    { certificates: { ca, shop: { ...shop, keyOf: 'shop' } } },
    /certificates\.shop\.keyOf$/,
    /no row above/,
  ],
  [
    'a key of another kind than that of the row whose key it is',
    { certificates: { ca, shop, again: { ...shop, keyOf: 'shop', key: 'RSA-2048' } } },
    /certificates\.again\.key$/,
    /of another kind/,
  ],
  [
    'a flaw that the row cannot have',
    { certificates: { ca: { ...ca, flaws: ['no-san'] } } },
    /certificates\.ca\.flaws$/,
    /server/,
  ],
  [
    'a missing intermediate without one',
    { certificates: { ca, shop: { ...shop, flaws: ['missing-intermediate'] } } },
    /certificates\.shop\.flaws$/,
    /intermediate/,
  ],
];

for (const [title, recipe, where, words] of mistakes) {
  test(`a mistake that names its place: ${title}`, (t) => {
    const error = t.throws(
      () => {
        issueWorld(parseRecipe(recipe, 'r.yaml'), { clock: { now: () => 0 }, source: 'r.yaml' });
      },
      { instanceOf: UserError },
    );
    const { facts } = error;
    t.regex(facts.where ?? '', where);
    t.true(facts.where?.startsWith('r.yaml: '));
    t.regex(`${facts.what.en} ${facts.expected?.en ?? ''}`, words);
    t.regex(facts.what.ko, /[가-힣]/);
  });
}

test('the rows that the mistakes were made from are sound', (t) => {
  t.is(planWorld(parseRecipe({ certificates: { ca, shop } }, 'r.yaml')).certificates.length, 2);
});

test('durations', (t) => {
  t.is(durationMilliseconds('-1d'), -86_400_000);
  t.is(durationMilliseconds('+90s'), 90_000);
  t.is(durationMilliseconds('2h'), 7_200_000);
  t.is(durationMilliseconds('1y'), 365 * 86_400_000);
  for (const text of ['', 'd', '1', '1w', '1.5d', '--1d', '1d '])
    t.is(durationMilliseconds(text), undefined, text);
});

test('every flaw has its words in both languages', (t) => {
  for (const [name, flaw] of Object.entries({ ...certificateFlaws, ...revocationFlaws })) {
    t.regex(flaw.summary.en, /^[a-z]/, name);
    t.regex(flaw.summary.ko, /[가-힣].*니다/, name);
    t.is(flaw.summary.ko, flaw.summary.ko.normalize('NFC'), name);
  }
});

test('asking a world for a row that it does not have names the rows that it has', (t) => {
  const world = issueWorld(parseRecipe({ certificates: { ca, shop } }, 'r.yaml'), {
    clock: { now: () => 0 },
  });
  const error = t.throws(() => world.identity('shp'), { instanceOf: UserError });
  t.is(error.facts.received, 'shp');
  t.regex(error.facts.expected?.en ?? '', /ca, shop/);
});

test('a row with the key of another has a certificate of its own, and the rest of a world is made anew around rows that are kept', (t) => {
  const recipe = parseRecipe(
    { certificates: { ca, shop: { ...shop, key: 'P-384' }, again: { ...shop, keyOf: 'shop' }, other: shop } },
    'r.yaml',
  );
  const world = issueWorld(recipe, { clock: systemClock });
  t.is(world.identity('again').key, world.identity('shop').key);
  t.not(world.certificate('again'), world.certificate('shop'));
  t.not(world.publicKeyPin('other'), world.publicKeyPin('shop'));

  const anew = issueWorld(recipe, { clock: systemClock, kept: { world, rows: new Set(['ca', 'shop']) } });
  for (const name of ['ca', 'shop']) {
    t.is(anew.certificate(name), world.certificate(name));
    t.deepEqual(anew.identity(name), world.identity(name));
  }
  t.is(anew.publicKeyPin('again'), world.publicKeyPin('shop'));
  t.not(anew.certificate('again'), world.certificate('again'));
  t.not(anew.publicKeyPin('other'), world.publicKeyPin('other'));
  const authority = new X509Certificate(world.certificate('ca'));
  for (const name of ['shop', 'again', 'other'])
    t.true(new X509Certificate(anew.certificate(name)).verify(authority.publicKey), name);
});
