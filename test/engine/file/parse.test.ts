import test from 'ava';
import { UserError } from '../../../src/i18n/user-error.ts';
import type { UserErrorFacts } from '../../../src/i18n/user-error.ts';
import { features } from '../../../src/features/registry.ts';
import { parseScenario } from '../../../src/engine/file/parse.ts';

const good = `certificates: workshop
secrets:
  password: { value: tiger-lily }
  rrn: { value: 900101-1234567 }
accounts:
  alice: { password: password, rrn: rrn }
servers:
  shop: { kind: login-server }
proxies:
  front:
    kind: mtls
    target: shop
    wires: { incoming: A, outgoing: B }
    certificate: proxy
    clientAuthorities: [client-ca]
    revocations: [client-ca]
clients:
  alice: { certificate: alice, trust: [server-ca] }
steps:
  - id: first
    login: { client: alice, to: front, tls: ['1.3', '1.2'] }
    expect:
      - admitted: { as: alice }
      - sealed: { secrets: [password], wires: [A] }
      - refused:
          by: server
          reason: unknown_ca
          alert: { '1.3': unknown_ca, '1.2': unknown_ca }
      - unreached: { server: shop, wires: [B], twin: first-1.3 }
`;

const recipeNames = async () => ({
  identities: ['proxy', 'alice', 'server-ca', 'client-ca'],
  authorities: ['server-ca', 'client-ca'],
  revocations: ['client-ca'],
});

async function errorsOf(text: string): Promise<UserErrorFacts[]> {
  try {
    await parseScenario(features, { file: 'scenario.yaml', text, recipeNames });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return [error.facts, ...(error.facts.others ?? [])];
  }
  return [];
}

/** Replaces what must be there. */
function edited(from: string, to: string): string {
  if (!good.includes(from)) throw new Error(`not in the good file: ${from}`);
  return good.replace(from, to);
}

test('a good file is read', async (t) => {
  t.deepEqual(await errorsOf(good), []);
});

interface Expected {
  readonly where: string | RegExp;
  readonly what: RegExp;
  readonly expected?: RegExp;
  readonly received?: string;
  readonly remedy?: RegExp;
}

const one = test.macro({
  exec: async (t, text: string, expected: Expected) => {
    const [facts, ...others] = await errorsOf(text);
    t.deepEqual(others, []);
    if (!facts) throw new Error('nothing was wrong');
    if (typeof expected.where === 'string') t.is(facts.where, expected.where);
    else t.regex(facts.where ?? '', expected.where);
    t.regex(facts.what.en, expected.what);
    t.regex(facts.what.ko, /[가-힣]/);
    if (expected.expected) t.regex(facts.expected?.en ?? '', expected.expected);
    if (expected.received !== undefined) t.is(facts.received, expected.received);
    if (expected.remedy) t.regex(facts.remedy?.en ?? '', expected.remedy);
  },
  title: (title = '') => `one error: ${title}`,
});

test('a misspelt field', one, edited('target: shop', 'taget: shop\n    target: shop'), {
  where: 'scenario.yaml:12:5: proxies.front.taget',
  what: /unknown field/,
  expected: /target/,
  received: 'taget',
  remedy: /target/,
});
test(
  'a misspelt field that must be there, or that says what a step is, is not missing besides',
  one,
  edited('to: front', 'too: front'),
  {
    where: /^scenario\.yaml:21:29: steps\[0\]\.login\.too$/,
    what: /unknown field/,
    remedy: /^Did you mean to\?$/,
  },
);
test(
  'a misspelt kind of step is one error, and not a list of all kinds',
  one,
  edited('login: { client', 'logn: { client'),
  {
    where: 'scenario.yaml:21:5: steps[0].logn',
    what: /unknown field/,
    expected: /^login$/,
    remedy: /login/,
  },
);
test('a number in the place of a version', one, edited("['1.3', '1.2']", "['1.3', 1.20]"), {
  where: 'scenario.yaml:21:53: steps[0].login.tls[1]',
  what: /invalid value/,
  remedy: /^Write '1\.2' with quotes\.$/,
});
test('a version without quotes', one, edited("['1.3', '1.2']", "['1.3', 1.2]"), {
  where: 'scenario.yaml:21:53: steps[0].login.tls[1]',
  what: /invalid value/,
  received: '1.2',
  remedy: /^Write '1\.2' with quotes\.$/,
});
test('a word of YAML where text belongs', one, edited('{ value: tiger-lily }', '{ value: 0123456.50 }'), {
  where: 'scenario.yaml:3:15: secrets.password.value',
  what: /wrong type/,
  remedy: /^Write '0123456\.50' with quotes\.$/,
});
test(
  'a map that is indented too far is one error, however much is wrong below',
  one,
  edited('clients:\n', '  clients:\n'),
  {
    where: 'scenario.yaml:17:3: proxies.clients',
    what: /wrong type/,
    received: 'null',
    remedy: /indentation.* \d more mistakes follow from it/,
  },
);
test(
  'a line of another indentation is one error, with the lines that follow from it',
  one,
  edited('    kind: mtls', '   kind: mtls'),
  {
    where: /^scenario\.yaml:1[12]:\d+$/,
    what: /not YAML/,
    remedy: /more lines?\): correct this one first/,
  },
);
test('a missing field', one, edited('    target: shop\n', ''), {
  where: 'scenario.yaml:10:3: proxies.front.target',
  what: /missing/,
  expected: /text/,
});
test('a value that is not allowed', one, edited('kind: mtls', 'kind: mltss'), {
  where: 'scenario.yaml:11:5: proxies.front.kind',
  what: /invalid value/,
  expected: /plaintext, tls, mtls, passthrough/,
  received: '"mltss"',
  remedy: /mtls/,
});
test('a number where text belongs', one, edited('{ value: tiger-lily }', '{ value: 12345678 }'), {
  where: 'scenario.yaml:3:15: secrets.password.value',
  what: /wrong type/,
  expected: /text/,
  received: '12345678',
});
test('a secret so short that it is found by chance', one, edited('tiger-lily', 'abc'), {
  where: 'scenario.yaml:3:15: secrets.password.value',
  what: /too small/,
  expected: /at least 6 characters/,
});
test(
  'a name with spaces',
  one,
  edited('  shop: { kind', '  "my shop": { kind').replaceAll('target: shop', 'target: shop'),
  {
    where: 'scenario.yaml:8:3: servers.my shop',
    what: /invalid name/,
    received: 'my shop',
  },
);
test(
  'a port out of range',
  one,
  edited('shop: { kind: login-server }', 'shop: { kind: login-server, port: 70000 }'),
  {
    where: 'scenario.yaml:8:31: servers.shop.port',
    what: /too large/,
    expected: /65535/,
  },
);
test(
  'an expectation of two kinds',
  one,
  edited('- admitted: { as: alice }', '- admitted: { as: alice }\n        keysNeverOnWire: {}'),
  {
    where: 'scenario.yaml:23:9: steps[0].expect[0]',
    what: /must say what it is, once/,
    received: 'admitted, keysNeverOnWire',
  },
);
test('a wrong alert for one version', one, edited("'1.2': unknown_ca", "'1.2': unknown_cat"), {
  where: 'scenario.yaml:28:39: steps[0].expect[2].refused.alert.1.2',
  what: /invalid value/,
  received: '"unknown_cat"',
  remedy: /unknown_ca\?/,
});
test('an unknown client', one, edited('client: alice', 'client: alcie'), {
  where: 'scenario.yaml:21:14: steps[0].login.client',
  what: /unknown client/,
  expected: /one of alice/,
  received: 'alcie',
  remedy: /alice/,
});
test(
  'an expectation for a client that the step does not use',
  one,
  edited('- admitted: { as: alice }', '- admitted: { as: alice }\n        for: [bob]').replace(
    'clients:',
    'clients:\n  bob: {}',
  ),
  {
    where: 'scenario.yaml:25:15: steps[0].expect[0].for[0]',
    what: /does not use this client or site/,
    expected: /one of alice/,
    received: 'bob',
  },
);
test(
  'an expectation for an unknown client',
  one,
  edited('- admitted: { as: alice }', '- admitted: { as: alice }\n        for: [bob]'),
  {
    where: 'scenario.yaml:24:15: steps[0].expect[0].for[0]',
    what: /unknown client/,
  },
);
test(
  'a client that supports none of the step’s versions',
  one,
  edited("tls: ['1.3', '1.2'] }", "tls: ['1.3'] }")
    .replace('twin: first-1.3', 'twin: first')
    .replace('certificate: alice, trust', "certificate: alice, tls: ['1.2'], trust"),
  {
    where: 'scenario.yaml:21:40: steps[0].login.tls',
    what: /supports none/,
    expected: /1\.2/,
    received: '1.3',
  },
);
test(
  'no participant checks the list that revokes a certificate',
  one,
  edited("'1.2'] }", "'1.2'], revokedMeanwhile: true }").replace('    revocations: [client-ca]\n', ''),
  {
    where: 'scenario.yaml:20:61: steps[0].login.revokedMeanwhile',
    what: /checks no revocation list/,
    received: 'front',
  },
);
test(
  'a step revokes a certificate that does not exist',
  one,
  edited("'1.2'] }", "'1.2'], revokedMeanwhile: true }").replace('{ certificate: alice, ', '{ '),
  {
    where: 'scenario.yaml:18:3: clients.alice',
    what: /missing certificate/,
    expected: /revokedMeanwhile/,
  },
);
test(
  'a site of a server that has none',
  one,
  edited(", tls: ['1.3', '1.2'] }", ', sites: [expired] }').replace('twin: first-1.3', 'twin: first'),
  {
    where: 'scenario.yaml:21:48: steps[0].login.sites[0]',
    what: /unknown site of front/,
    received: 'expired',
  },
);
test('an unknown certificate', one, edited('certificate: proxy', 'certificate: proxi'), {
  where: 'scenario.yaml:14:5: proxies.front.certificate',
  what: /unknown certificate/,
  remedy: /proxy/,
});
test('a leaf where a CA belongs', one, edited('trust: [server-ca]', 'trust: [alice]'), {
  where: 'scenario.yaml:18:40: clients.alice.trust[0]',
  what: /unknown CA: /,
  received: 'alice',
});
test('a CA without a revocation list', one, edited('revocations: [client-ca]', 'revocations: [server-ca]'), {
  where: 'scenario.yaml:16:19: proxies.front.revocations[0]',
  what: /revocation list/,
});
test('an unknown secret', one, edited('secrets: [password]', 'secrets: [pasword]'), {
  where: 'scenario.yaml:24:29: steps[0].expect[1].sealed.secrets[0]',
  what: /unknown secret/,
  remedy: /password/,
});
test(
  'a wire that the step does not cross',
  one,
  edited(
    'clients:',
    '  other:\n    kind: plaintext\n    target: shop\n    wires: { incoming: C, outgoing: D }\nclients:',
  ).replace('wires: [A]', 'wires: [C]'),
  {
    where: 'scenario.yaml:28:48: steps[0].expect[1].sealed.wires[0]',
    what: /do not cross/,
    expected: /A, B/,
    received: 'C',
  },
);
test('a picture of what is no step', one, edited('steps:\n', 'picture: nowhere\nsteps:\n'), {
  where: 'scenario.yaml:19:1: picture',
  what: /unknown step/,
  expected: /first/,
  received: 'nowhere',
});
test('a picture of a step is one', async (t) =>
  t.deepEqual(await errorsOf(edited('steps:\n', 'picture: first\nsteps:\n')), []));

test(
  'a wire twice in what a step shows',
  one,
  edited('    expect:\n', '    show: { view: bytes, wires: [A, A] }\n    expect:\n'),
  {
    where: 'scenario.yaml:22:37: steps[0].show.wires[1]',
    what: /^duplicate entry: A$/,
    expected: /^each name once$/,
  },
);

test('a secret twice in a claim', one, edited('secrets: [password]', 'secrets: [password, password]'), {
  where: /secrets\[1\]$/,
  what: /^duplicate entry: password$/,
});

test(
  'a CA twice',
  one,
  edited('clientAuthorities: [client-ca]', 'clientAuthorities: [client-ca, client-ca]'),
  {
    where: /clientAuthorities\[1\]$/,
    what: /^duplicate entry: client-ca$/,
  },
);

test('a twin that is no step', one, edited('twin: first-1.3', 'twin: first-1.1'), {
  where: 'scenario.yaml:29:48: steps[0].expect[3].unreached.twin',
  what: /unknown step/,
  expected: /first, first-1.3, first-1.2/,
});
test('a proxy of kind mtls without its CAs', one, edited('    clientAuthorities: [client-ca]\n', ''), {
  where: 'scenario.yaml:10:3: proxies.front',
  what: /missing clientAuthorities/,
});
test('a cycle of proxies', one, edited('target: shop', 'target: front'), {
  where: 'scenario.yaml:12:5: proxies.front.target',
  what: /cycle/,
  received: 'front -> front',
});
const behind = (target: string): string =>
  edited(
    'clients:',
    `  back:\n    kind: passthrough\n    target: shop\n    wires: { incoming: B, outgoing: C }\nclients:`,
  ).replace('target: shop', `target: ${target}`);
test('two proxies that name a wire alike and are not in a row', one, behind('shop'), {
  where: 'scenario.yaml:20:14: proxies.back.wires.incoming',
  what: /another proxy taps this wire/,
  received: 'B',
});
test('the wire between two proxies in a row has one name', async (t) => {
  const errors = await errorsOf(behind('back'));
  t.false(errors.some(({ what }) => /another proxy taps/.test(what.en)));
});
test('text that is not YAML', one, edited('  shop: { kind: login-server }', '  shop: { kind: login-server'), {
  where: 'scenario.yaml:9:1',
  what: /not YAML/,
});

for (const [line, expected] of [
  [`ticketKeys: '0f0f'`, '96 hexadecimal digits, in quotes'],
  [`groups: 'X25519, P-256'`, 'names with a colon between two'],
] as const) {
  test(`a listener's ${line} is reported with what was expected`, async (t) => {
    const [error] = await errorsOf(
      good.replace('  shop: { kind: login-server }', `  shop: { kind: login-server, ${line} }`),
    );
    t.is(error?.expected?.en, expected);
    t.regex(error?.expected?.ko ?? '', /[가-힣]/);
  });
}

const toys =
  good
    .replace('clients:', 'clients:\n  mallory: {}')
    .replace(
      '  shop: { kind: login-server }',
      '  shop: { kind: login-server }\n  toy-shop: { kind: toy-login-server, certificate: alice }',
    )
    .replace(
      'steps:',
      `steps:
  - id: toy
    toyLogin: { client: alice, to: toy-shop, wire: T, lock: rsa-oaep, eavesdropper: mallory, guesses: [tiger-lily] }
    expect:
      - overheard: { secrets: [password], wires: [T], opens: false, twin: toy }`,
    ) +
  `  - id: stolen
    theft: { client: mallory, key: proxy, recorded: first }
    expect:
      - opened: { secrets: [password], opens: false }
  - id: kept
    keyFile: { client: mallory, key: proxy, mode: '0600' }
    expect:
      - keyReaders: owner
`;

test('thefts, toys and key files: a valid file is accepted, unknown names and contradictions are reported', async (t) => {
  t.deepEqual(await errorsOf(toys), []);
  const broken: readonly (readonly [from: string, to: string, en: RegExp])[] = [
    ['eavesdropper: mallory', 'eavesdropper: malory', /unknown client/],
    ['key: proxy, recorded', 'key: proxi, recorded', /unknown certificate: /],
    ['key: proxy, recorded', 'stolenFrom: proxi, recorded', /unknown proxy or server: /],
    ['key: proxy, recorded', 'recorded', /missing key/],
    ['key: proxy, recorded', 'key: proxy, stolenFrom: front, recorded', /exclude each other/],
    ['key: proxy, recorded', 'key: proxy, ticketKeys: true, recorded', /ticketKeys needs stolenFrom/],
    ['recorded: first', 'recorded: fist', /unknown step|recorded a wire/],
    ['recorded: first', 'recorded: stolen', /no earlier step of that name recorded a wire/],
    ['recorded: first', 'recorded: kept', /no earlier step of that name recorded a wire/],
    ['to: toy-shop', 'to: shop', /shop does not support the toy protocol/],
    ['toy-login-server, certificate: alice', 'toy-login-server', /missing certificate/],
    [
      'overheard: { secrets: [password], wires: [T], opens: false, twin: toy }',
      'opened: { secrets: [password], opens: false }',
      /opened does not apply to this kind of step/,
    ],
    ['- keyReaders: owner', '- overheard: { secrets: [password], wires: [], opens: true }', /./],
    [
      '- opened: { secrets: [password], opens: false }',
      '- keyReaders: owner',
      /keyReaders does not apply to this kind of step/,
    ],
    ["mode: '0600'", "mode: '600'", /./],
    ['lock: rsa-oaep', 'lock: rsa', /./],
  ];
  for (const [from, to, en] of broken) {
    t.true(toys.includes(from), from);
    const [error] = await errorsOf(toys.replace(from, to));
    t.truthy(error, to);
    t.regex(error?.what.en ?? '', en, to);
    t.truthy(error?.where, to);
    t.regex(error?.what.ko ?? '', /[가-힣]/);
  }
  t.deepEqual(
    await errorsOf(
      toys
        .replace('lock: rsa-oaep', 'lock: shared-key')
        .replace('toy-login-server, certificate: alice', 'toy-login-server'),
    ),
    [],
    'a shared key needs no certificate',
  );
});

test('a connect: a valid one is accepted, contradictions are reported', async (t) => {
  const line = `${good}  - id: line
    connect: { client: alice, to: shop, wire: L }
    expect:
      - threePackets: true
`;
  t.deepEqual(await errorsOf(line), []);
  for (const [from, to, en] of [
    ['connect: { client: alice', 'connect: { client: bob', /unknown client/],
    ['to: shop, wire: L }', 'to: shpo, wire: L }', /unknown proxy or server/],
    ['to: shop, wire: L }', 'to: shop }', /./],
    ['threePackets: true', 'threePackets: false', /./],
    [
      'connect: { client: alice, to: shop, wire: L }',
      'login: { client: alice, to: shop, wire: L }',
      /threePackets does not apply to this kind of step/,
    ],
  ] as const) {
    t.true(line.includes(from), from);
    const [error] = await errorsOf(line.replace(from, to));
    t.regex(error?.what.en ?? '', en, to);
    t.regex(error?.what.ko ?? '', /[가-힣]/);
  }
});

test('several errors are reported at once, in the order of the file', async (t) => {
  const facts = await errorsOf(
    edited('target: shop', 'target: shpo')
      .replace('client: alice', 'client: bob')
      .replace('secrets: [password]', 'secrets: [pin]'),
  );
  t.deepEqual(
    facts.map(({ received }) => received),
    ['shpo', 'bob', 'pin'],
  );
});

test('an empty file and a list are errors, not crashes', async (t) => {
  for (const text of ['', '[]', '42', 'null']) {
    const [facts] = await errorsOf(text);
    t.truthy(facts?.what.en, text);
  }
});

const withAuthority = good
  .replace(
    '  shop: { kind: login-server }\n',
    '  shop: { kind: login-server }\n  ca: { kind: certificate-authority, issuer: server-ca }\n  site: { kind: website, host: shop.localhost }\n',
  )
  .concat(`  - id: ask
    enrol: { client: alice, to: ca, wire: C, validation: [{ to: site, wire: D }], key: proxy, asks: { names: ['DNS:shop.localhost'] }, publishesAt: [site], install: shop }
    expect:
      - issued: { names: [shop.localhost] }
      - challenge: { name: shop.localhost, wire: D, passed: true }
`);

function enrolmentWith(from: string, to: string): string {
  if (!withAuthority.includes(from)) throw new Error(`not in the good file: ${from}`);
  return withAuthority.replace(from, to);
}

test('a file with a CA is read', async (t) => {
  t.deepEqual(await errorsOf(withAuthority), []);
});
test('a CA that has no issuer', one, enrolmentWith(', issuer: server-ca', ''), {
  where: 'scenario.yaml:9:3: servers.ca',
  what: /missing issuer/,
});
test('a CA whose issuer is not a CA', one, enrolmentWith('issuer: server-ca', 'issuer: proxy'), {
  where: 'scenario.yaml:9:38: servers.ca.issuer',
  what: /unknown CA: /,
});
test('a request without a key', one, enrolmentWith('key: proxy, ', ''), {
  where: 'scenario.yaml:33:5: steps[1].enrol',
  what: /missing key/,
});
test('a request that asks for nothing', one, enrolmentWith("asks: { names: ['DNS:shop.localhost'] }, ", ''), {
  where: 'scenario.yaml:33:5: steps[1].enrol',
  what: /missing asks/,
});
test('a key that the recipe does not have', one, enrolmentWith('key: proxy', 'key: prosy'), {
  where: 'scenario.yaml:33:83: steps[1].enrol.key',
  what: /unknown certificate: /,
  remedy: /proxy/,
});
test('an unknown site', one, enrolmentWith('publishesAt: [site]', 'publishesAt: [sight]'), {
  where: 'scenario.yaml:33:150: steps[1].enrol.publishesAt[0]',
  what: /unknown server/,
});
const withStore = good
  .replace(
    '  shop: { kind: login-server }\n',
    '  shop: { kind: login-server }\n  store: { kind: etcd, security: mtls, certificate: proxy, clientAuthorities: [client-ca] }\n  cluster: { kind: kube-apiserver, security: tls, certificate: proxy, clientAuthorities: [client-ca], controlPlane: { etcd: { server: store, wire: S, certificate: alice, trust: [server-ca] } } }\n',
  )
  .concat(
    '  - id: ask\n    etcdctl: { client: alice, to: store, wire: T, runs: get /registry/ --prefix }\n    expect: [{ says: { etcdctl: OK } }]\n',
  );
const storeWith = (from: string, to: string): string => {
  if (!withStore.includes(from)) throw new Error(`not in the good file: ${from}`);
  return withStore.replace(from, to);
};

test('a file with an etcd is read', async (t) => {
  t.deepEqual(await errorsOf(withStore), []);
  t.deepEqual(
    await errorsOf(
      storeWith('security: mtls, certificate: proxy, clientAuthorities: [client-ca] }', '}').replace(
        ', certificate: alice, trust: [server-ca] }',
        ' }',
      ),
    ),
    [],
    'without TLS there are no certificates and no trusted CAs',
  );
});
test(
  'objects are stored in a server other than etcd',
  one,
  storeWith('{ server: store,', '{ server: shop,'),
  {
    where: 'scenario.yaml:10:127: servers.cluster.controlPlane.etcd.server',
    what: /stores no objects/,
    received: 'login-server',
  },
);
test('earlier connections to a real etcd', async (t) => {
  const earlier = storeWith(
    'certificate: alice, trust: [server-ca] }',
    'certificate: alice, trust: [server-ca], connectedDaysAgo: 2 }',
  );
  t.deepEqual(await errorsOf(earlier), []);
  t.regex(
    (
      await errorsOf(
        earlier.replace(
          'clientAuthorities: [client-ca] }',
          'clientAuthorities: [client-ca], etcd: { real: true } }',
        ),
      )
    )[0]?.what.en ?? '',
    /uses this machine’s clock/,
  );
  const restarted = withStore.concat(
    '  - id: again\n    restart: { client: alice, server: store, process: etcd }\n',
  );
  t.deepEqual(await errorsOf(restarted), []);
  t.regex(
    (await errorsOf(restarted.replace('process: etcd', 'process: kube-apiserver')))[0]?.what.en ?? '',
    /has no such process/,
  );
});
test('an unknown storage server', one, storeWith('{ server: store,', '{ server: stor,'), {
  where: 'scenario.yaml:10:127: servers.cluster.controlPlane.etcd.server',
  what: /unknown server/,
  remedy: /store/,
});
test(
  'an etcd without a trusted CA',
  one,
  storeWith(', certificate: alice, trust: [server-ca] }', ', certificate: alice }'),
  { where: 'scenario.yaml:10:119: servers.cluster.controlPlane.etcd', what: /missing trust/ },
);
test(
  'an etcd without a client certificate',
  one,
  storeWith(', certificate: alice, trust: [server-ca] }', ', trust: [server-ca] }'),
  { where: 'scenario.yaml:10:119: servers.cluster.controlPlane.etcd', what: /missing certificate/ },
);
test(
  'an unknown client certificate for an etcd',
  one,
  storeWith('certificate: alice, trust: [server-ca] }', 'certificate: alcie, trust: [server-ca] }'),
  {
    where: 'scenario.yaml:10:151: servers.cluster.controlPlane.etcd.certificate',
    what: /unknown certificate/,
    remedy: /alice/,
  },
);
test('an unknown etcd', one, storeWith('to: store, wire: T', 'to: stor, wire: T'), {
  where: 'scenario.yaml:33:31: steps[1].etcdctl.to',
  what: /no|not/,
});
test(
  'an etcdctl whose words would need a shell',
  one,
  storeWith('get /registry/ --prefix', 'get /registry/ | cat'),
  { where: 'scenario.yaml:33:51: steps[1].etcdctl.runs', what: /./ },
);
const lookUp = `    lookUp: { client: alice, meant: shop, resolver: names, askedOver: N, to: shop, wire: S }
    expect: [{ ledTo: { server: shop } }]
`;
const lookingUp = good
  .replace(/    login:[^]*/, lookUp)
  .replace('shop: { kind: login-server }', 'shop: { kind: login-server }\n  names: { kind: resolver }');

test('a look-up is accepted, unknown names and contradictions are reported', async (t) => {
  t.deepEqual(await errorsOf(lookingUp), []);
  const whatOf = async (from: string, to: string): Promise<(string | undefined)[]> =>
    (await errorsOf(lookingUp.replace(from, to))).map(({ what }) => what.en);
  t.deepEqual(await whatOf('meant: shop', 'meant: shoe'), ['unknown server: shoe']);
  t.deepEqual(await whatOf('resolver: names', 'resolver: nomes'), ['unknown server: nomes']);
  t.deepEqual(await whatOf('resolver: names', 'resolver: shop'), ['shop is not a resolver']);
  t.deepEqual(await whatOf('client: alice, meant', 'client: [alice, bob], meant'), ['unknown client: bob']);
  t.deepEqual(await whatOf('{ certificate: alice,', '{ certificate: alice, pin: nobody,'), [
    'unknown certificate: nobody',
  ]);
  t.deepEqual(await whatOf('[{ ledTo', '[{ for: [bob], ledTo'), ['unknown client or site: bob']);
});

test('restarted processes and renewed certificates must exist', async (t) => {
  const restarting = (restart: string): string =>
    good
      .replace(
        /    login:[^]*/,
        `    restart: ${restart}\n  - id: files\n    renew: { client: alice, files: [{ was: proxy, becomes: alice }] }\n`,
      )
      .replace(
        'shop: { kind: login-server }',
        'shop: { kind: login-server }\n  api: { kind: kube-apiserver, security: tls, certificate: proxy }',
      );
  t.deepEqual(await errorsOf(restarting('{ client: alice, server: api, process: kube-apiserver }')), []);
  for (const wrong of [
    '{ client: alice, server: api, process: kube-controller-manager }',
    '{ client: alice, server: shop, process: kube-apiserver }',
    '{ client: alice, server: api, process: etcd }',
  ]) {
    t.regex((await errorsOf(restarting(wrong)))[0]?.what.en ?? '', /has no such process/);
  }
  const unknown = restarting('{ client: alice, server: api, process: kube-apiserver }').replace(
    'becomes: alice',
    'becomes: alcie',
  );
  t.regex((await errorsOf(unknown))[0]?.what.en ?? '', /unknown certificate: /);
});

test('a process that is restarted has the flags that are changed', async (t) => {
  const restarting = (restart: string): string =>
    good.replace(/    login:[^]*/, `    restart: { client: alice, server: api, ${restart} }\n`).replace(
      'shop: { kind: login-server }',
      `shop: { kind: login-server }
  api:
    kind: kube-apiserver
    security: tls
    certificate: proxy
    clientAuthorities: [client-ca]
    controlPlane:
      controllerManager: { client: alice, wire: C, issuer: client-ca }
      scheduler: { client: alice, wire: D }
      kubelet: { client: alice, wire: E, node: n, reachedOver: G, certificate: alice }`,
    );
  const both = '[client-ca, server-ca]';
  t.deepEqual(
    await errorsOf(
      restarting(
        `process: kube-controller-manager, with: { trust: ${both}, rootAuthorities: ${both}, issuer: client-ca, certificate: alice }, also: [{ process: kube-apiserver, with: { certificate: proxy, clientAuthorities: ${both} } }, { process: kube-scheduler, with: { trust: ${both} } }, { process: kubelet }]`,
      ),
    ),
    [],
  );
  for (const [wrong, what, where] of [
    [
      'process: kube-apiserver, with: { trust: [client-ca] }',
      /^kube-apiserver has no such flag/,
      /with\.trust/,
    ],
    [
      'process: kubelet, also: [{ process: kubelet, with: { rootAuthorities: [client-ca] } }]',
      /^kubelet has no such flag/,
      /also\[0\]\.with\.rootAuthorities/,
    ],
    ['process: kubelet, also: [{ process: etcd }]', /has no such process/, /also\[0\]\.process/],
    ['process: kubelet, with: { trust: [nobody] }', /unknown/, /trust/],
    ['process: kube-controller-manager, with: { rootAuthorities: [nobody] }', /unknown/, /rootAuthorities/],
  ] as const) {
    const [error] = await errorsOf(restarting(wrong));
    t.regex(error?.what.en ?? '', what, wrong);
    t.regex(error?.where ?? '', where, wrong);
  }
});

test('undefined, cyclic and unbounded aliases are an error', async (t) => {
  const bomb = `a: &a [x, x, x, x, x, x, x, x, x]\n${Array.from({ length: 9 }, (_, index) => `b${index}: &b${index} [${`*${index === 0 ? 'a' : `b${index - 1}`}, `.repeat(9)}]\n`).join('')}`;
  for (const text of ['a: *nobody\n', 'a: &a [*a]\n', 'servers: &s\n  shop: *s\n', bomb])
    t.regex((await errorsOf(text))[0]?.what.en ?? '', /aliases in this file/, text.slice(0, 40));
});

const securedHop = (hop: string): string =>
  edited('    revocations: [client-ca]\n', `    revocations: [client-ca]\n    towardsTarget: { ${hop} }\n`);

test('an mTLS hop towards the target needs a certificate', async (t) => {
  t.deepEqual(await errorsOf(securedHop('security: mtls, trust: [server-ca], certificate: proxy')), []);
  t.deepEqual(await errorsOf(securedHop('security: tls, trust: [server-ca]')), []);
  const [error, ...others] = await errorsOf(securedHop('security: mtls, trust: [server-ca]'));
  t.deepEqual(others, []);
  t.is(error?.what.en, 'missing certificate');
  t.regex(error?.where ?? '', /proxies\.front\.towardsTarget$/);
  t.is(error?.expected?.en, 'certificate, required by security mtls');
  t.regex(error?.what.ko ?? '', /[가-힣]/);
});

const failing = (alert: string, cause: string): string =>
  `${good}      - failed: { wires: [A], by: server, alert: ${alert}, cause: ${cause} }\n`;

test('the alert and the cause of failed are known names', async (t) => {
  t.deepEqual(await errorsOf(failing('certificate_expired', 'certificate_expired')), []);
  t.deepEqual(await errorsOf(failing('bad_record_mac', 'handshake_altered')), []);
  for (const [text, field] of [
    [failing('certificate_expird', 'certificate_expired'), 'alert'],
    [failing('certificate_expired', 'certificate_expird'), 'cause'],
  ] as const) {
    const [error, ...others] = await errorsOf(text);
    t.deepEqual(others, []);
    t.regex(error?.where ?? '', new RegExp(`failed\\.${field}$`));
    t.is(error?.remedy?.en, 'Did you mean certificate_expired?');
  }
});

test('an expectation of a step does not stand for the whole run', async (t) => {
  const [error, ...others] = await errorsOf(`${good}expect:\n  - admitted: { as: alice }\n`);
  t.deepEqual(others, []);
  t.is(error?.what.en, 'admitted applies to a step, not to the whole run');
  t.regex(error?.where ?? '', /expect\[0\]/);
  t.deepEqual(await errorsOf(`${good}expect:\n  - keysNeverOnWire: {}\n`), []);
});
