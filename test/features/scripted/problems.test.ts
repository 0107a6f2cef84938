/** Mistakes in scripts: each with its line and column, and what could have been meant. */
import test from 'ava';
import { UserError } from '../../../src/i18n/user-error.ts';
import type { UserErrorFacts } from '../../../src/i18n/user-error.ts';
import { features } from '../../../src/features/registry.ts';
import { parseScenario } from '../../../src/engine/file/parse.ts';

const good = `certificates: own
secrets:
  password: { value: tiger-lily }
  rrn: { value: 900101-1234567 }
accounts:
  alice: { password: password, rrn: rrn }
servers:
  cache:
    kind: scripted-server
    protocol: redis
    certificate: cache
    script:
      - expect: /^STARTTLS$/
      - starttls: true
      - choose:
          - expect: /^AUTH {user} {password}$/
            lines:
              - send: +OK
              - login: admitted
clients:
  web:
    trust: [ca]
    script:
      - send: STARTTLS
      - starttls: true
      - send: AUTH {user} {password}
      - expect: /OK/
      - login: admitted
steps:
  - id: first
    script: { client: web, to: cache, wire: A }
    expect:
      - admitted: { as: alice }
`;

const recipeNames = async () => ({ identities: ['cache', 'ca'], authorities: ['ca'], revocations: [] });

async function errorsOf(text: string): Promise<UserErrorFacts[]> {
  try {
    await parseScenario(features, { file: 'scenario.yaml', text, recipeNames });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return [error.facts, ...(error.facts.others ?? [])];
  }
  return [];
}

test('a good file is read', async (t) => {
  t.deepEqual(await errorsOf(good), []);
});

const edits: readonly (readonly [
  title: string,
  from: string,
  to: string,
  where: string,
  what: RegExp,
  remedy?: string,
])[] = [
  ['an unknown keyword', '- send: +OK', '- sned: +OK', '18:17', /unknown field/, 'Did you mean send?'],
  ['a pattern without slashes', '/OK/', 'OK!', '27:9', /between slashes/],
  ['a group without an end', '/OK/', '/(OK/', '27:9', /Unterminated group/],
  [
    'an unknown placeholder',
    'AUTH {user} {password}\n      - expect',
    'AUTH {user} {pasword}\n      - expect',
    '26:9',
    /unknown placeholder/,
    'Did you mean password?',
  ],
  [
    'an unknown secret',
    'send: STARTTLS',
    "send: '{secret:pasword}'",
    '24:9',
    /unknown secret/,
    'Did you mean password?',
  ],
  ['a secret written out', 'AUTH {user} {password}\n', 'AUTH alice tiger-lily\n', '26:9', /written out/],
  [
    'an unknown outcome',
    '      - login: admitted\nsteps',
    '      - login: admited\nsteps',
    '28:9',
    /invalid value/,
    'Did you mean admitted?',
  ],
  ['two keywords in a line', '- send: STARTTLS', '- { send: STARTTLS, close: true }', '24:9', /./],
  [
    'a line that is never reached',
    '- send: STARTTLS',
    '- close: true\n      - send: STARTTLS',
    '25:9',
    /never reached/,
  ],
  ['TLS twice', '- expect: /OK/', '- starttls: true', '27:9', /begun already/],
  ['starttls without a certificate', '    certificate: cache\n', '', '8:3', /missing certificate/],
  [
    'starttls behind TLS',
    'protocol: redis',
    'protocol: redis\n    security: tls',
    '11:5',
    /begins without it/,
  ],
  ['a client without trust', '    trust: [ca]\n', '', '21:3', /missing trust/],
  [
    'a client without a script',
    '    script:\n      - send: STARTTLS\n      - starttls: true\n      - send: AUTH {user} {password}\n      - expect: /OK/\n      - login: admitted\n',
    '',
    '21:3',
    /missing script/,
  ],
  ['a server without a script', 'kind: scripted-server', 'kind: login-server', '10:5', /no protocol/],
  ['too long a wait', '- expect: /OK/', '- wait: 20000', '27:9', /too large/],
];

for (const [title, from, to, where, what, remedy] of edits) {
  test(`${title} is reported at its place`, async (t) => {
    t.true(good.includes(from));
    const errors = await errorsOf(good.replace(from, to));
    const found = errors.find((error) => what.test(error.what.en));
    t.truthy(found, JSON.stringify(errors.map((error) => [error.where, error.what.en])));
    t.true(found?.where?.startsWith(`scenario.yaml:${where}:`), found?.where);
    if (remedy !== undefined) t.is(found?.remedy?.en, remedy);
  });
}

test('the script of a proxy: a good one is read, and its mistakes are reported at their places', async (t) => {
  const relayed = (proxy: string): string =>
    good
      .replace(
        'clients:\n',
        `proxies:\n  hole:\n    target: cache\n    wires: { incoming: A, outgoing: B }\n${proxy}clients:\n`,
      )
      .replace('to: cache, wire: A', 'to: hole');
  const entry = (more: string): string =>
    relayed(
      `    kind: passthrough\n    script:\n      - from: server\n        expect: /OK/\n        lines:\n${more}`,
    );
  t.deepEqual(await errorsOf(entry('          - send: -ERR\n          - close: true\n')), []);
  const said = async (text: string): Promise<string> =>
    (await errorsOf(text)).map(({ where, what }) => `${where} ${what.en}`).join('\n');
  t.regex(await said(entry('          - send: {pasword}\n')), /^scenario\.yaml:29:\d+: .*wrong type/);
  t.regex(
    await said(entry("          - answer: '{pasword}'\n")),
    /^scenario\.yaml:29:\d+: .* unknown placeholder/,
  );
  t.regex(await said(entry('          - reset: true\n          - pass: true\n')), /:30:\d+: .*never reached/);
  t.regex(await said(entry('          - send: a\n            answer: b\n')), /:29:/);
  t.regex(await said(entry('          - send: tiger-lily\n')), /written out/);
  t.regex(
    await said(
      entry('          - send: x\n').replace(
        'kind: passthrough',
        'kind: passthrough\n    tamper: cut-suites',
      ),
    ),
    /a script or a tamper/,
  );
  t.regex(
    await said(
      entry('          - send: x\n').replace('kind: passthrough', 'kind: tls\n    certificate: cache'),
    ),
    /must forward bytes/,
  );
});
