import test from 'ava';
import { ja3Of, ja4Of } from '../../../src/protocols/tls/fingerprint.ts';
import type { ClientHello } from '../../../src/protocols/tls/handshake.ts';

function hello(
  more: Partial<ClientHello> & { readonly extensions?: ClientHello['extensions'] } = {},
): ClientHello {
  return {
    type: 'client_hello',
    version: 0x0303,
    random: '',
    sessionId: new Uint8Array(0),
    cipherSuites: [],
    compressionMethods: new Uint8Array(1),
    extensions: { types: [] },
    ...more,
  };
}

/** The example of JA4's technical description: a browser's suites, extensions and schemes. */
const suites = [
  0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013, 0xc014, 0x009c, 0x009d,
  0x002f, 0x0035,
];
const types = [
  0x001b, 0x0000, 0x0033, 0x0010, 0x4469, 0x0017, 0x002d, 0x000d, 0x0005, 0x0023, 0x0012, 0x002b, 0xff01,
  0x000b, 0x000a, 0x0015,
];
const browser = hello({
  cipherSuites: [0x5a5a, ...suites],
  extensions: {
    types: [0x1a1a, ...types, 0x3a3a],
    serverName: 'example.com',
    alpn: ['h2', 'http/1.1'],
    supportedVersions: [0x6a6a, 0x0304, 0x0303],
    groups: [0x4a4a, 29, 23, 24],
    ecPointFormats: [0],
    signatureSchemes: [0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601],
  },
});

test('JA4 of the example in its description', (t) =>
  t.is(ja4Of(browser), 't13d1516h2_8daaf6152771_e5627efa2ab1'));

test('neither GREASE nor the order of suites and extensions changes JA4', (t) => {
  const shuffled = hello({
    ...browser,
    cipherSuites: suites.toReversed(),
    extensions: { ...browser.extensions, types: types.toReversed() },
  });
  t.is(ja4Of(shuffled), ja4Of(browser));
});

test('JA3 is the hash of the lists in the order of the wire, GREASE left out', (t) => {
  // md5 of "771,4865-49195,0-10-11,29-23,0", by md5sum.
  const small = hello({
    cipherSuites: [0x2a2a, 0x1301, 0xc02b],
    extensions: { types: [0x0a0a, 0, 10, 11], groups: [0x0a0a, 29, 23], ecPointFormats: [0] },
  });
  t.is(ja3Of(small), '3e916670429427a5a33c947802616cdc');
  t.not(ja3Of(hello({ ...small, cipherSuites: [0xc02b, 0x1301] })), ja3Of(small));
});

for (const [what, expected, message] of [
  ['nothing at all', 't12i000000_000000000000_000000000000', hello()],
  ['SSL 3.0 without extensions', 'ts3i010000_', hello({ version: 0x0300, cipherSuites: [0x002f] })],
  ['a version that nobody knows', 't00i', hello({ version: 0x7f00 })],
  ['a protocol of one letter', 't12i0001hh_', hello({ extensions: { types: [0x0010], alpn: ['h'] } })],
  [
    'a protocol whose ends are no letters',
    't12i0001ad_',
    hello({ extensions: { types: [0x0010], alpn: ['\u00ab12\u00cd'] } }),
  ],
  [
    'more than a hundred extensions',
    't12i0099',
    hello({ extensions: { types: Array.from({ length: 120 }, (_, index) => 0x1000 + index) } }),
  ],
] as const) {
  test(`JA4 of ${what}`, (t) => t.true(ja4Of(message).startsWith(expected), ja4Of(message)));
}
