/** HPACK: the examples of RFC 7541 appendix C, tables that are not known from the beginning, and blocks that are invalid or bombs. */
import test from 'ava';
import * as fc from 'fast-check';
import { HeaderDecoder } from '../../../src/protocols/http2/hpack.ts';
import type { HeaderBlock, HeaderForm } from '../../../src/protocols/http2/hpack.ts';
import { decodeHuffman } from '../../../src/protocols/http2/huffman.ts';
import { staticTable } from '../../../src/protocols/http2/static-table.ts';
import { present } from '../../helpers/capture.ts';

const hex = (digits: string): Uint8Array => Buffer.from(digits.replaceAll(/\s/g, ''), 'hex');

const pairs = ({ fields }: HeaderBlock): string[] =>
  fields.filter(({ form }) => form !== 'table_size').map(({ name, value }) => `${name}: ${value}`);

/** RFC 7541 appendix C.2: form, header. */
const single: readonly (readonly [section: string, block: string, form: HeaderForm, header: string])[] = [
  [
    'C.2.1',
    '400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572',
    'added',
    'custom-key: custom-header',
  ],
  ['C.2.2', '040c 2f73 616d 706c 652f 7061 7468', 'literal', ':path: /sample/path'],
  ['C.2.3', '1008 7061 7373 776f 7264 0673 6563 7265 74', 'never_indexed', 'password: secret'],
  ['C.2.4', '82', 'indexed', ':method: GET'],
];

for (const [section, block, form, header] of single) {
  test(`RFC 7541 ${section}`, (t) => {
    const read = new HeaderDecoder().decode(hex(block));
    t.deepEqual(pairs(read), [header]);
    t.is(read.fields[0]?.form, form);
    t.is(read.malformed, undefined);
  });
}

const requests = [
  [':method: GET', ':scheme: http', ':path: /', ':authority: www.example.com'],
  [':method: GET', ':scheme: http', ':path: /', ':authority: www.example.com', 'cache-control: no-cache'],
  [
    ':method: GET',
    ':scheme: https',
    ':path: /index.html',
    ':authority: www.example.com',
    'custom-key: custom-value',
  ],
];

const responses = [
  [
    ':status: 302',
    'cache-control: private',
    'date: Mon, 21 Oct 2013 20:13:21 GMT',
    'location: https://www.example.com',
  ],
  [
    ':status: 307',
    'cache-control: private',
    'date: Mon, 21 Oct 2013 20:13:21 GMT',
    'location: https://www.example.com',
  ],
  [
    ':status: 200',
    'cache-control: private',
    'date: Mon, 21 Oct 2013 20:13:22 GMT',
    'location: https://www.example.com',
    'content-encoding: gzip',
    'set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1',
  ],
];
interface Series {
  readonly section: string;
  readonly expected: readonly (readonly string[])[];
  readonly blocks: readonly string[];
  /** The table has 256 bytes: entries are evicted. */
  readonly isSmall?: true;
}

const series: readonly Series[] = [
  {
    section: 'C.3, requests without Huffman coding',
    expected: requests,
    blocks: [
      '8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d',
      '8286 84be 5808 6e6f 2d63 6163 6865',
      '8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65',
    ],
  },
  {
    section: 'C.4, requests with Huffman coding',
    expected: requests,
    blocks: [
      '8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff',
      '8286 84be 5886 a8eb 1064 9cbf',
      '8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf',
    ],
  },
  {
    section: 'C.5, responses without Huffman coding',
    expected: responses,
    isSmall: true,
    blocks: [
      `4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3120
       474d 546e 1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70 6c65 2e63 6f6d`,
      '4803 3330 37c1 c0bf',
      `88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d 54c0 5a04 677a 6970 7738
       666f 6f3d 4153 444a 4b48 514b 425a 584f 5157 454f 5049 5541 5851 5745 4f49 553b 206d 6178 2d61 6765 3d33
       3630 303b 2076 6572 7369 6f6e 3d31`,
    ],
  },
  {
    section: 'C.6, responses with Huffman coding',
    expected: responses,
    isSmall: true,
    blocks: [
      `4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d 29ad 1718
       63c7 8f0b 97c8 e9ae 82ae 43d3`,
      '4883 640e ffc1 c0bf',
      `88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7 821d d7f2 e6c7
       b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 3d50 07`,
    ],
  },
];

for (const { section, expected, blocks, isSmall } of series) {
  test(`RFC 7541 ${section}`, (t) => {
    const decoder = new HeaderDecoder();
    if (isSmall) t.deepEqual(pairs(decoder.decode(hex('3fe101'))), [], 'a table of 256 bytes');
    for (const [index, block] of blocks.entries()) {
      const read = decoder.decode(hex(block));
      t.deepEqual(pairs(read), expected[index] as string[]);
      t.is(read.malformed, undefined);
    }
    // What was evicted is gone: the table of C.5 and C.6 ends with three entries, that of the requests too.
    t.truthy(decoder.decode(hex('c1')).malformed, 'a fourth entry is an error');
  });
}

test('a table that is not known from the beginning: what is added is known, the rest is not', (t) => {
  const decoder = new HeaderDecoder();
  decoder.lose();
  const [, , second = '', third = ''] = ['', ...(series[0]?.blocks ?? [])];
  t.deepEqual(pairs(decoder.decode(hex(second))), [
    ':method: GET',
    ':scheme: http',
    ':path: /',
    'undefined: undefined',
    'cache-control: no-cache',
  ]);
  t.deepEqual(pairs(decoder.decode(hex(third))), [
    ':method: GET',
    ':scheme: https',
    ':path: /index.html',
    'undefined: undefined',
    'custom-key: custom-value',
  ]);
  t.deepEqual(pairs(decoder.decode(hex('bebf'))), ['custom-key: custom-value', 'cache-control: no-cache']);
  // A literal value behind a name that is unknown.
  t.deepEqual(pairs(decoder.decode(hex('0f7f0161'))), ['undefined: a']);
});

test('every header of the static table is sent as a number', (t) => {
  const block = Uint8Array.from(staticTable, (_, index) => 0x81 + index);
  t.is(block.length, 61);
  t.deepEqual(
    pairs(new HeaderDecoder().decode(block)),
    staticTable.map(([name, value]) => `${name}: ${value}`),
  );
});

const invalid: readonly (readonly [why: string, block: string])[] = [
  ['index 0', '80'],
  ['an entry that the table does not have', 'be'],
  ['a name that the table does not have', '7e0161'],
  ['a number without an end', 'ffffff'],
  ['a number of more than 32 bits', 'ffffffffffffff0f'],
  ['a text that is longer than the block', '400a6375'],
  ['no value', '4001 61'],
  ['a text in Huffman code with the end-of-string symbol', '0085fffffffffc'],
  ['a padding of more than seven bits', '00821fff'],
  ['a padding that is not all ones', '008100'],
  ['a table that is larger than was allowed', '3fe21f'],
];

for (const [why, block] of invalid) {
  test(`a block with ${why} is malformed, and the table counts as lost`, (t) => {
    const decoder = new HeaderDecoder();
    t.truthy(decoder.decode(hex(block)).malformed);
    t.true(decoder.isLost);
    t.deepEqual(pairs(decoder.decode(hex('82be'))), [':method: GET', 'undefined: undefined']);
  });
}

test('the receiver allows a larger table; one that is larger than is kept is bounded', (t) => {
  const decoder = new HeaderDecoder();
  decoder.allow(0xffffffff);
  t.is(decoder.decode(hex('3fe0ffffff0f')).malformed, undefined);
  const long = Buffer.concat([hex('40 01 61 7f'), hex('a1 06'), Buffer.alloc(928, 'x')]);
  for (let index = 0; index < 2000; index++) t.is(decoder.decode(long).malformed, undefined);
  const { fields } = decoder.decode(Uint8Array.of(0xbe));
  t.is(fields[0]?.value?.length, 928);
  // 2000 entries have 1.9 MB: the first are not kept, and are unknown.
  t.deepEqual(pairs(decoder.decode(hex('ffd00e'))), ['undefined: undefined']);
});

test('a bomb: a long entry, and a block that refers to it many times', (t) => {
  const decoder = new HeaderDecoder();
  decoder.decode(Buffer.concat([hex('40 01 61 7f 81 1e'), Buffer.alloc(3968, 'x')]));
  const read = decoder.decode(Buffer.alloc(16_384, 0xbe));
  const characters = read.fields.reduce((sum, { value }) => sum + (value?.length ?? 0), 0);
  t.true(characters <= 128 * 1024, `${characters}`);
  t.is(read.fields.length + read.notKept, 16_384);
  t.is(read.malformed, undefined);
});

/** RFC 7541 appendix B: byte, code, length in bits. */
const codes: readonly (readonly [byte: number, code: number, bits: number])[] = [
  [0, 0x1ff8, 13],
  [10, 0x3ffffffc, 30],
  [22, 0x3ffffffe, 30],
  [33, 0x3f8, 10],
  [48, 0x0, 5],
  [92, 0x7fff0, 19],
  [127, 0xffffffc, 28],
  [203, 0x7ffffde, 27],
  [249, 0xffffffe, 28],
  [255, 0x3ffffee, 26],
];

test('the Huffman code has the codes of RFC 7541 appendix B', (t) => {
  for (const [byte, code, bits] of codes) {
    const digits = code.toString(2).padStart(bits, '0');
    const padded = digits.padEnd(Math.ceil(bits / 8) * 8, '1');
    const bytes = Uint8Array.from(padded.match(/.{8}/g) ?? [], (octet) => Number.parseInt(octet, 2));
    t.deepEqual([...present(decodeHuffman(bytes))], [byte]);
  }
});

test('any bytes are a block: nothing is thrown, and the parts stand in order', (t) => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 6 }), (blocks) => {
      const decoder = new HeaderDecoder();
      return blocks.every((block) => {
        let at = 0;
        return decoder.decode(block).fields.every(({ start, end }) => {
          const holds = start === at && end > start && end <= block.length;
          at = end;
          return holds;
        });
      });
    }),
    { seed: 1, numRuns: 2000 },
  );
  t.pass();
});
