/** What Go reads in a PEM file and what it does not: each row as kubectl 1.32 takes it for --certificate-authority. */
import test from 'ava';
import {
  goDer,
  goPemBlocks,
  isPaddedBase64,
  strayText,
  whyGoReadsNothing,
} from '../../../src/pki/keystore/go-pem.ts';
import { toPem } from '../../../src/pki/keystore/pem.ts';
import { cpuTime } from '../../helpers/cpu-time.ts';

const der = Uint8Array.from({ length: 100 }, (_, at) => at);
const pem = toPem('CERTIFICATE', der);
const latin1 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'));

const forms: readonly (readonly [title: string, bytes: Uint8Array, count: number])[] = [
  ['as openssl writes it', latin1(pem), 1],
  ['lines that end in CR LF', latin1(pem.replaceAll('\n', '\r\n')), 1],
  ['without a line break at its end', latin1(pem.trimEnd()), 1],
  ['text before and behind', latin1(`Certificate:\n    Data:\n${pem}garbage\n`), 1],
  ['two', latin1(pem + pem), 2],
  ['two with text between them', latin1(`${pem}# the CA\n${pem}`), 2],
  [
    'base64 in one line',
    latin1(`-----BEGIN CERTIFICATE-----\n${Buffer.from(der).toString('base64')}\n-----END CERTIFICATE-----`),
    1,
  ],
  ['an empty block', latin1('-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n'), 1],
  ['a byte order mark', latin1(`\u00ef\u00bb\u00bf${pem}`), 0],
  ['a space before BEGIN', latin1(` ${pem}`), 0],
  ['every line indented', latin1(pem.replaceAll(/^/gm, '  ')), 0],
  ['all in one line', latin1(pem.replaceAll('\n', '')), 0],
  ['something behind END', latin1(pem.replace('END CERTIFICATE-----', '$& x')), 0],
  ['base64 without its padding', latin1(pem.replaceAll('=\n', '\n')), 0],
  ['a header', latin1(pem.replace('\n', '\nProc-Type: 4,ENCRYPTED\n\n')), 0],
  ['another label at its end', latin1(pem.replace('END CERTIFICATE', 'END CERT')), 0],
  ['UTF-16', new Uint8Array(Buffer.from(`\ufeff${pem}`, 'utf16le')), 0],
  ['DER', der, 0],
  ['nothing', new Uint8Array(0), 0],
];

for (const [title, bytes, count] of forms) {
  test(`${title}: ${count}`, (t) => {
    t.is(goDer(bytes, 'certificate').length, count);
    if (count > 0 && title !== 'an empty block')
      for (const found of goDer(bytes, 'certificate')) t.deepEqual(found, der);
    const { what, remedy } = whyGoReadsNothing(bytes, 'certificate');
    t.true(what.en.length > 10 && /[가-힣]/.test(what.ko) && remedy.en.length > 10);
  });
}

test('a broken block keeps none behind it from being read', (t) => {
  t.is(goDer(latin1(pem.replace('END CERTIFICATE-----', '$& x') + pem), 'certificate').length, 1);
});

test('kinds are told apart by their labels, as Go takes them', (t) => {
  const text = latin1(
    [
      'EC PARAMETERS',
      'EC PRIVATE KEY',
      'PUBLIC KEY',
      'RSA PUBLIC KEY',
      'X509 CERTIFICATE',
      'TRUSTED CERTIFICATE',
      'CERTIFICATE',
    ]
      .map((label) => toPem(label, der))
      .join(''),
  );
  t.deepEqual(
    [
      goPemBlocks(text).length,
      goDer(text, 'private-key').length,
      goDer(text, 'public-key').length,
      goDer(text, 'certificate').length,
    ],
    [7, 1, 1, 1],
  );
});

test('hostile text takes no time: a megabyte of beginnings, of ends, of blanks', (t) => {
  const start = cpuTime();
  for (const piece of [
    '-----BEGIN CERTIFICATE-----\n',
    '\n-----END CERTIFICATE-----',
    ' ',
    '-',
    '-----BEGIN CERTIFICATE-----\nx-----END CERTIFICATE-----\n',
  ]) {
    const bytes = latin1(piece.repeat(1_000_000 / piece.length));
    goPemBlocks(bytes);
    strayText(bytes);
  }
  t.true(cpuTime() - start < 20_000);
});

test('what stands outside of blocks and is no comment is told; what openssl and people write there is not', (t) => {
  for (const text of [
    pem,
    `# made by hand\n${pem}# the end\n`,
    `Certificate:\n    Data:\n${pem}`,
    `${pem}\n\n`,
    pem.replaceAll('\n', '\r\n'),
    `subject=CN = a\n${pem}issuer below\n${pem}`,
  ])
    t.is(strayText(latin1(text)), undefined, text);
  t.is(strayText(latin1(`${pem}trailing garbage\n`)), 'trailing garbage');
  t.is(strayText(latin1(`${pem}\u0000\u0000`)), '\u0000\u0000');
  t.is(strayText(latin1(`\u0001${pem}`)), '\u0001');
});

test('base64 as Go takes it', (t) => {
  t.deepEqual(['', 'AAAA', 'AAA=', 'AA==', 'AA', 'AAAAA', 'A===', 'AA-_', 'AA A='].map(isPaddedBase64), [
    true,
    true,
    true,
    true,
    false,
    false,
    false,
    false,
    false,
  ]);
});
