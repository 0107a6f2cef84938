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
  ['a group without an end', '/OK/', '/(OK/', '27:9', /“\(” without “\)”/],
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
