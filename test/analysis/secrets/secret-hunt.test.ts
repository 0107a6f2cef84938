import test from 'ava';
import * as fc from 'fast-check';
import { encodedForms, encodingIds, encodings } from '../../../src/analysis/secrets/encodings.ts';
import type { EncodingId } from '../../../src/analysis/secrets/encodings.ts';
import { PatternSet, StreamSearch } from '../../../src/analysis/secrets/patterns.ts';
import { evidenceOf, SecretHunt } from '../../../src/analysis/secrets/secret-hunt.ts';
import { present, ScriptedLog } from '../../helpers/capture.ts';

const password = 'Ti/ger "lily"+한글~!*\'é& 10%';
const ascii = 'tiger-lily';

/** Encoders of the world, not our own: what really writes such bytes. `lead` is what stands before the secret in the output. */
interface Plant {
  readonly name: string;
  readonly encoding: EncodingId;
  readonly secret: string | Uint8Array;
  readonly encoded: string | Uint8Array;
  /** Where the hit begins in the encoded bytes; 0 unless neighbours share its first character. */
  readonly lead?: number;
}

const form = (text: string): string => new URLSearchParams({ q: text }).toString().slice(2);
const escapeAll = (text: string): string =>
  Array.from(
    { length: text.length },
    (_, at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`,
  ).join('');
const big = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();
const key = Uint8Array.from({ length: 32 }, (_, at) => (at * 37 + 11) % 256);

/** As etcd's gateway carries a Secret: a value in Base64 within an object, and that in Base64, at each alignment of both. */
const twice: readonly Plant[] = [0, 1, 2].flatMap((inner) =>
  [0, 1, 2].map((outer): Plant => {
    const object = `${'{'.repeat(3 + outer)}${Buffer.from(`${'.'.repeat(inner)}${ascii}!`).toString('base64')}}`;
    const before = 3 + outer + Math.ceil((inner * 8) / 6);
    return {
      name: `Base64 of Base64, ${inner} and ${outer} bytes in`,
      encoding: 'base64_twice',
      secret: ascii,
      encoded: Buffer.from(object).toString('base64'),
      lead: Math.ceil((before * 8) / 6),
    };
  }),
);

const plants: readonly Plant[] = [
  { name: 'raw UTF-8', encoding: 'plain', secret: password, encoded: password },
  { name: 'raw ASCII', encoding: 'plain', secret: ascii, encoded: ascii },
  { name: 'Korean in NFD', encoding: 'plain', secret: '비밀번호', encoded: '비밀번호'.normalize('NFD') },
  { name: 'encodeURIComponent', encoding: 'url', secret: password, encoded: encodeURIComponent(password) },
  {
    name: 'encodeURIComponent in lower case',
    encoding: 'url',
    secret: password,
    encoded: encodeURIComponent(password).replace(/%../g, (found) => found.toLowerCase()),
  },
  { name: 'URLSearchParams', encoding: 'url', secret: password, encoded: form(password) },
  { name: 'curl --data-urlencode', encoding: 'url', secret: 'a b!*~(c)', encoded: 'a%20b%21%2A~%28c%29' },
  { name: 'quote_plus', encoding: 'url', secret: 'a b!*~(c)', encoded: 'a+b%21%2A~%28c%29' },
  { name: 'urlencode of PHP', encoding: 'url', secret: 'a b!*~(c)', encoded: 'a+b%21%2A%7E%28c%29' },
  { name: 'encodeURI', encoding: 'url', secret: password, encoded: encodeURI(password) },
  {
    name: 'every byte percent-encoded',
    encoding: 'url_all',
    secret: ascii,
    encoded: Array.from(Buffer.from(ascii), (byte) => `%${byte.toString(16)}`).join(''),
  },
  {
    name: 'Base64 at its start',
    encoding: 'base64',
    secret: ascii,
    encoded: Buffer.from(ascii).toString('base64'),
  },
  {
    name: 'Basic authorization, one byte in',
    encoding: 'base64',
    secret: ascii,
    encoded: Buffer.from(`bobbie:${ascii}`).toString('base64'),
    lead: 10,
  },
  {
    name: 'Basic authorization, two bytes in',
    encoding: 'base64',
    secret: ascii,
    encoded: Buffer.from(`alice34:${ascii}!`).toString('base64'),
    lead: 11,
  },
  {
    name: 'Base64 inside, at alignment 0',
    encoding: 'base64',
    secret: ascii,
    encoded: Buffer.from(`alice:${ascii}:more`).toString('base64'),
    lead: 8,
  },
  ...twice,
  {
    name: 'Base64url',
    encoding: 'base64url',
    secret: 'k???>>>lily',
    encoded: Buffer.from('k???>>>lily').toString('base64url'),
  },
  {
    name: 'Base64url inside',
    encoding: 'base64url',
    secret: 'k???>>>lily',
    encoded: Buffer.from('ab:k???>>>lily').toString('base64url'),
    lead: 4,
  },
  { name: 'hex', encoding: 'hex', secret: ascii, encoded: Buffer.from(ascii).toString('hex') },
  { name: 'HEX', encoding: 'hex', secret: ascii, encoded: Buffer.from(ascii).toString('hex').toUpperCase() },
  {
    name: 'hex with colons',
    encoding: 'hex',
    secret: ascii,
    encoded: Array.from(Buffer.from(ascii), (byte) => byte.toString(16)).join(':'),
  },
  { name: 'UTF-16LE', encoding: 'utf16', secret: ascii, encoded: Buffer.from(ascii, 'utf16le') },
  { name: 'UTF-16BE', encoding: 'utf16', secret: ascii, encoded: big(ascii), lead: 1 },
  {
    name: 'UTF-16LE, Korean',
    encoding: 'utf16',
    secret: '비밀번호',
    encoded: Buffer.from('비밀번호', 'utf16le'),
  },
  { name: 'UTF-16BE, Korean', encoding: 'utf16', secret: '비밀번호', encoded: big('비밀번호') },
  {
    name: 'JSON.stringify',
    encoding: 'json',
    secret: password,
    encoded: JSON.stringify(password).slice(1, -1),
  },
  {
    name: 'JSON with non-ASCII escaped',
    encoding: 'json',
    secret: '비밀"번호',
    encoded: '\\ube44\\ubc00\\"\\ubc88\\ud638',
  },
  {
    name: 'JSON with non-ASCII escaped in capitals',
    encoding: 'json',
    secret: '비밀"번호',
    encoded: '\\uBE44\\uBC00\\"\\uBC88\\uD638',
  },
  { name: 'JSON of PHP, slash escaped', encoding: 'json', secret: 'ab/cd/ef', encoded: 'ab\\/cd\\/ef' },
  { name: 'JSON with everything escaped', encoding: 'json_all', secret: ascii, encoded: escapeAll(ascii) },
  { name: 'HTML entities', encoding: 'html', secret: '<a & "b">', encoded: '&lt;a &amp; &quot;b&quot;&gt;' },
  {
    name: 'HTML entities with an apostrophe',
    encoding: 'html',
    secret: "it's <b>",
    encoded: 'it&#39;s &lt;b&gt;',
  },
  {
    name: 'HTML, all numeric',
    encoding: 'html',
    secret: '비밀번호',
    encoded: Array.from('비밀번호', (found) => `&#${found.codePointAt(0)};`).join(''),
  },
  { name: 'key bytes', encoding: 'plain', secret: key, encoded: key },
  { name: 'key bytes in hex', encoding: 'hex', secret: key, encoded: Buffer.from(key).toString('hex') },
  {
    name: 'key bytes in Base64',
    encoding: 'base64',
    secret: key,
    encoded: Buffer.from(key).toString('base64'),
  },
  {
    name: 'key bytes in Base64, two bytes in',
    encoding: 'base64',
    secret: key,
    encoded: Buffer.concat([Buffer.from('ab'), key]).toString('base64'),
    lead: 3,
  },
];

/** Feeds the pieces as the client's bytes on wire A and returns the hunt. */
function hunt(secret: string | Uint8Array, pieces: readonly Uint8Array[]): SecretHunt {
  const scripted = new ScriptedLog();
  const found = new SecretHunt([{ id: 'secret', value: secret }]);
  scripted.log.subscribe(found.fold);
  scripted.began();
  scripted.opened();
  for (const piece of pieces) scripted.bytes('client', piece);
  return found;
}

for (const plant of plants) {
  const prefix = Buffer.from('POST /login\r\n\r\n[');
  const encoded = Buffer.from(plant.encoded);
  const stream = Buffer.concat([prefix, encoded, Buffer.from('] and more')]);
  const offset = prefix.length + (plant.lead ?? 0);

  test(`${plant.name}: found at its offset, split at every boundary`, (t) => {
    for (let split = 0; split <= stream.length; split++) {
      const { hits } = hunt(plant.secret, [stream.subarray(0, split), stream.subarray(split)]);
      t.deepEqual(
        hits.map((hit) => [hit.secret, hit.encoding, hit.offset, hit.from, hit.hop]),
        [['secret', plant.encoding, offset, 'client', 'A']],
        `split at ${split}`,
      );
      const length = hits[0]?.length ?? 0;
      // 0 began, 1 opened, 2 the first piece, 3 the second; an empty piece is an event too.
      t.is(hits[0]?.seq, offset + length <= split ? 2 : 3, `completed by the right event, split at ${split}`);
      t.true(offset + length <= prefix.length + encoded.length);
    }
  });

  test(`${plant.name}: found once when it comes byte by byte`, (t) => {
    const { hits } = hunt(
      plant.secret,
      Array.from(stream, (byte) => Uint8Array.of(byte)),
    );
    t.deepEqual(
      hits.map((hit) => [hit.encoding, hit.offset]),
      [[plant.encoding, offset]],
    );
  });

  test(`${plant.name}: not found when any one of its bytes differs`, (t) => {
    const whole = present(hunt(plant.secret, [stream]).hits[0]);
    for (let at = whole.offset; at < whole.offset + whole.length; at++) {
      const nearMiss = Buffer.from(stream);
      nearMiss[at] = (nearMiss[at] ?? 0) ^ 0x01;
      t.deepEqual(hunt(plant.secret, [nearMiss]).hits, [], `changed at ${at}`);
    }
  });
}

test('every encoding has a plant, a name in each language, and a pattern for some secret', (t) => {
  t.deepEqual(
    encodings.map(({ id }) => id),
    [...encodingIds],
  );
  for (const { id, name } of encodings) {
    t.true(
      plants.some((plant) => plant.encoding === id),
      id,
    );
    t.true(name.en.length > 0 && name.ko.length > 0);
  }
});

test('each byte pattern of a secret is searched once, under the first encoding that makes it', (t) => {
  const forms = encodedForms(ascii);
  t.is(new Set(forms.map(({ pattern }) => Buffer.from(pattern).toString('latin1'))).size, forms.length);
  t.false(
    forms.some(({ encoding }) => encoding === 'url'),
    'nothing in it needs URL encoding',
  );
});

test('streams are told apart: a secret half in each direction, vantage or connection is no hit', (t) => {
  const scripted = new ScriptedLog();
  const found = new SecretHunt([{ id: 'password', value: ascii }]);
  scripted.log.subscribe(found.fold);
  scripted.began();
  scripted.bytes('client', 'tiger-');
  scripted.bytes('server', 'lily');
  scripted.bytes('client', 'lily', { vantage: 'plaintext' });
  scripted.bytes('client', 'lily', { conn: 2 });
  t.deepEqual(found.hits, []);
  scripted.bytes('client', 'lily');
  t.deepEqual(
    found.hits.map((hit) => evidenceOf(hit)),
    [{ run: 1, conn: 1, hop: 'A', vantage: 'wire', from: 'client', offset: 0, length: 10 }],
  );
});

test('it says how many bytes were searched in each stream, and how many were dropped before', (t) => {
  const scripted = new ScriptedLog({ maxPayload: 8 });
  scripted.began();
  scripted.bytes('client', 'tiger-');
  scripted.bytes('client', 'lily tiger-lily');
  scripted.bytes('server', 'ok');
  const early = new SecretHunt([{ id: 'password', value: ascii }]);
  scripted.log.subscribe(early.fold);
  t.is(early.searched(1, 'wire', 'client'), 0);
  t.is(early.missed(1, 'wire', 'client'), 21);
  t.is(early.searched(1, 'wire', 'server'), 2);
  t.deepEqual(early.hits, []);
  scripted.bytes('client', 'lily');
  t.deepEqual(early.hits, [], 'nothing is found across what was dropped');
  scripted.bytes('client', ' tiger-lily');
  t.is(early.hits[0]?.offset, 26);
  t.is(early.searched(1, 'wire', 'client'), 15);
});

test('a bounded log costs no hit when the hunt runs while the events arrive', (t) => {
  const scripted = new ScriptedLog({ maxPayload: 4 });
  const found = new SecretHunt([{ id: 'password', value: ascii }]);
  scripted.log.subscribe(found.fold);
  scripted.began();
  for (const character of `xx${ascii}xx`) scripted.bytes('client', character);
  t.is(found.hits[0]?.offset, 2);
  t.is(found.missed(1, 'wire', 'client'), 0);
});

test('a secret that repeats without end is counted, and a hundred hits are kept', (t) => {
  const found = hunt('tigers', [Buffer.from('tigers'.repeat(250))]);
  t.is(found.hits.length, 100);
  t.is(found.count('secret', 1, 'wire', 'client'), 250);
});

test('secrets that share a beginning or contain each other are all found', (t) => {
  const scripted = new ScriptedLog();
  const found = new SecretHunt([
    { id: 'short', value: 'tiger' },
    { id: 'long', value: 'tiger-lily' },
    { id: 'end', value: 'lily' },
  ]);
  scripted.log.subscribe(found.fold);
  scripted.bytes('client', 'a tiger-lily');
  t.deepEqual(found.hits.map(({ secret, offset }) => `${secret} ${offset}`).toSorted(), [
    'end 8',
    'long 2',
    'short 2',
  ]);
});

test('a secret of less than four bytes is refused: chance would find it', (t) => {
  t.throws(() => new SecretHunt([{ id: 'pin', value: '123' }]), { instanceOf: RangeError });
  t.notThrows(() => new SecretHunt([{ id: 'pin', value: '1234' }]));
});

test('a hunt without secrets finds nothing, and remembers no stream', (t) => {
  const scripted = new ScriptedLog();
  const found = new SecretHunt([]);
  scripted.log.subscribe(found.fold);
  scripted.bytes('client', 'abc');
  t.is(found.searched(1, 'wire', 'client'), 0);
  t.deepEqual(found.hits, []);
});

test('the one-pass search finds what indexOf finds, however the bytes are cut', (t) => {
  const byte = fc.integer({ min: 97, max: 99 });
  const bytes = (constraints: { minLength: number; maxLength: number }): fc.Arbitrary<Uint8Array> =>
    fc.array(byte, constraints).map((array) => Uint8Array.from(array));
  fc.assert(
    fc.property(
      fc.array(bytes({ minLength: 2, maxLength: 6 }), { minLength: 1, maxLength: 5 }),
      bytes({ minLength: 0, maxLength: 60 }),
      fc.array(fc.nat(60), { maxLength: 6 }),
      (patterns, data, cuts) => {
        const expected: string[] = [];
        patterns.forEach((pattern, index) => {
          for (
            let at = Buffer.from(data).indexOf(pattern);
            at >= 0;
            at = Buffer.from(data).indexOf(pattern, at + 1)
          )
            expected.push(`${index} ${at}`);
        });
        const search = new StreamSearch(new PatternSet(patterns));
        const found: string[] = [];
        const bounds = [
          0,
          ...cuts.map((cut) => Math.min(cut, data.length)).sort((a, b) => a - b),
          data.length,
        ];
        for (let at = 1; at < bounds.length; at++)
          search.push(data.subarray(bounds[at - 1], bounds[at]), (pattern, offset) =>
            found.push(`${pattern} ${offset}`),
          );
        t.deepEqual(found.toSorted(), expected.toSorted());
      },
    ),
    { numRuns: 300 },
  );
});
