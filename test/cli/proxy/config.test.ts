/** A configuration file says what options say: each option in it, mistakes with their lines, and what wins. */
import test from 'ava';
import Ajv from 'ajv/dist/2020.js';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { parseCommand } from '../../../src/cli/command.ts';
import { filesOf } from '../../../src/cli/proxy/credentials.ts';
import { proxy } from '../../../src/cli/proxy.ts';
import { notInFile, withFiles } from '../../../src/cli/proxy/config.ts';
import { proxyConfigJsonSchema } from '../../../src/cli/proxy/config-schema.ts';
import { destinationsOf } from '../../../src/cli/proxy/destinations.ts';
import { readSettings } from '../../../src/cli/proxy/settings.ts';
import { defined } from '../../../src/core/defined.ts';
import { UserError } from '../../../src/i18n/user-error.ts';

const folder = mkdtempSync(join(tmpdir(), 'wirelab-config-'));
test.after.always(() => rmSync(folder, { recursive: true }));

let count = 0;
function write(text: string): string {
  const file = join(folder, `${count++}.yaml`);
  writeFileSync(file, text);
  return file;
}

const configured = async (text: string, more = '') =>
  withFiles(
    parseCommand('proxy', proxy.options, ['--config', write(text), ...more.split(' ').filter(Boolean)]),
    proxy.options,
  );

async function mistakes(text: string, more = ''): Promise<readonly string[]> {
  try {
    readSettings(await configured(text, more));
    return [];
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return [error.facts, ...(error.facts.others ?? [])].map(
      ({ what, where = '', remedy }) =>
        `${where.replace(/^.*\/\d+\.yaml/, 'F')} ${what.en}${remedy?.en.startsWith('Did') ? `; ${remedy.en}` : ''}`,
    );
  }
}

const valid = `mode: mtls
listen: 8443
target: 127.0.0.1:8080
cert: server.crt
key: certs/server.key
cacert: /etc/ca.crt
allow-cn: [alice, bob]
min-tls: 1.2
handshake-timeout: 5s
max-concurrent-conns: 10
http: true
json: false
`;

test('each key is an option; files are relative to the folder of the file', async (t) => {
  const { kind, pump, listener, policy, tls, timeouts, maxConnections, listen } = readSettings(
    await configured(valid),
  );
  t.deepEqual(
    [kind, pump, listen.port, maxConnections, timeouts.handshake, tls.minVersion],
    ['mtls', 'http', 8443, 10, 5_000, 'TLSv1.2'],
  );
  t.deepEqual(policy.allowCommonNames, ['alice', 'bob']);
  t.deepEqual(listener, {
    cert: join(folder, 'server.crt'),
    key: join(folder, 'certs/server.key'),
    cacert: '/etc/ca.crt',
    crl: [],
  });
});

test('what is given on the command line wins', async (t) => {
  const settings = readSettings(await configured(valid, '--listen 9000 --allow-cn carol --cert other.crt'));
  t.is(settings.listen.port, 9000);
  t.deepEqual(settings.policy.allowCommonNames, ['carol']);
  t.is(settings.listener.cert, 'other.crt');
});

test('every mistake has its line, and an unknown key the nearest name', async (t) => {
  t.deepEqual(
    await mistakes(
      'mode: tsl\nlisten: 1\ntaget: 127.0.0.1:2\nhttp: yes please\nallow-cn: []\ncert: [a, b]\n',
    ),
    [
      'F:1:1: mode invalid value',
      'F:3:1: taget unknown key: taget; Did you mean target?',
      'F:4:1: http invalid value',
      'F:5:1: allow-cn invalid value',
      'F:6:1: cert invalid value',
    ],
  );
  t.deepEqual(await mistakes('config: other.yaml\n'), ['F:1:1: config unknown key: config']);
  t.regex((await mistakes('mode: [\n')).join(), /this is not YAML/);
  t.deepEqual(await mistakes('- mode\n'), ['F:1:1 the file is not a map of options']);
  const withTargets = parseCommand('proxy', proxy.options, ['--targets', write('')]);
  const error = await t.throwsAsync<UserError>(async () => withFiles(withTargets, proxy.options), {
    instanceOf: UserError,
  });
  t.regex(error?.facts.remedy?.en ?? '', /targets: \[\{ server-name: /);
  t.regex((await mistakes('constructor: 1\n__proto__: 2\n')).join(), /unknown key: constructor/);
});

const targets = `mode: passthrough
listen: 9443
targets:
  - server-name: [shop.example, "*.shop.example"]
    target: 127.0.0.1:8443
  - server-name: bank.example
    target: 127.0.0.1:8444
`;

test('targets by name; without target, there is no other', async (t) => {
  const { routes, onlyRoutes, target } = readSettings(await configured(targets));
  t.true(onlyRoutes);
  t.is(target.port, 8443);
  t.deepEqual(
    routes.map(({ serverNames, dial }) => [serverNames, dial.to.port, dial.security]),
    [
      [['shop.example', '*.shop.example'], 8443, 'plain'],
      [['bank.example'], 8444, 'plain'],
    ],
  );
  t.false(readSettings(await configured(targets, '--target 127.0.0.1:1')).onlyRoutes);
});

test('what is printed of several targets names each with what leads there', async (t) => {
  const few = 'mode: passthrough\nlisten: 127.0.0.1:1\n';
  const rows = (count: number): string =>
    `targets:\n${Array.from({ length: count }, (_, at) => `  - server-name: [a${at}.example, "*.b${at}.example"]\n    target: 127.0.0.1:${at + 10}\n`).join('')}`;
  const said = async (yaml: string, more = '') => destinationsOf(readSettings(await configured(yaml, more)));
  t.is((await said(few, '--target 127.0.0.1:2')).en, '127.0.0.1:2');
  t.is((await said(few + rows(1))).en, '127.0.0.1:10 (a0.example, *.b0.example)');
  const six = await said(few + rows(6), '--target 127.0.0.1:2');
  t.regex(
    six.en,
    /^127\.0\.0\.1:10 \(.*127\.0\.0\.1:13 \([^)]*\), 2 more by name, 127\.0\.0\.1:2 \(all others\)$/,
  );
  t.regex(six.ko, /이름으로 고르는 대상 2개, 127\.0\.0\.1:2\(그 밖의 이름\)$/);
});

test('a file of targets, and mistakes in its rows', async (t) => {
  const file = write('targets:\n  - connect: api.example:443\n    target: 127.0.0.1:6443\n');
  const parsed = parseCommand('proxy', proxy.options, [
    '--mode',
    'connect',
    '--listen',
    '1',
    '--targets',
    file,
  ]);
  t.deepEqual(readSettings(await withFiles(parsed, proxy.options)).routes[0]?.authorities, [
    'api.example:443',
  ]);
  t.deepEqual(
    await mistakes('mode: passthrough\nlisten: 1\ntargets:\n  - servername: a\n    target: 127.0.0.1:2\n'),
    ['F:4:5: targets[0].servername unknown key: servername; Did you mean server-name?'],
  );
  t.regex((await mistakes(targets.replace('passthrough', 'plaintext'))).join(), /learns no server name/);
  t.regex(
    (await mistakes(targets.replace('passthrough', 'connect'))).join(),
    /chooses its targets by connect/,
  );
  t.regex((await mistakes(targets.replace('127.0.0.1:8444', '8.8.8.8:53'))).join(), /not a loopback address/);
  t.regex((await mistakes(targets.replace('    target: 127.0.0.1:8444\n', ''))).join(), /has no target/);
});

const own = `mode: mtls
listen: 9443
cacert: ca.crt
allow-all: true
cert: usual.crt
key: usual.key
target-tls: tls
targets:
  - server-name: shop.example
    target: 127.0.0.1:8443
    cert: shop.crt
    key: shop.key
  - server-name: bank.example
    target: 127.0.0.1:8444
    target-tls: mtls
    target-cert: /keys/proxy.crt
    target-key: /keys/proxy.key
    target-cacert: bank-ca.crt
`;

test('a target may have certificates of its own; their files are relative to the folder of the file', async (t) => {
  const settings = readSettings(await configured(own));
  t.deepEqual(
    settings.routeFiles.map(({ listener, dialer, authorities }) =>
      defined({ listener, dialer, authorities }),
    ),
    [
      { listener: { cert: join(folder, 'shop.crt'), key: join(folder, 'shop.key') } },
      {
        dialer: { cert: '/keys/proxy.crt', key: '/keys/proxy.key' },
        authorities: join(folder, 'bank-ca.crt'),
      },
    ],
  );
  // The options have no certificate for the target: none is needed but this row's own.
  t.is(settings.dialer.cert, undefined);
  for (const path of ['shop.crt', 'shop.key', 'bank-ca.crt'])
    t.true(filesOf(settings).includes(join(folder, path)), path);
});

test('where every name has a certificate of its own, no other is needed', async (t) => {
  const rows = own.slice(0, own.indexOf('  - server-name: bank')).replace(/^(?:cert|key): .*\n/gm, '');
  t.is(readSettings(await configured(rows)).listener.cert, undefined);
  t.regex((await mistakes(`${rows}target: 127.0.0.1:1\n`)).join(), /missing --cert/);
});

test('certificates of a target that are incomplete or have no effect are mistakes, with their place', async (t) => {
  const changed = async (from: string, to: string): Promise<string> =>
    (await mistakes(own.replace(from, to))).join();
  t.regex(await changed('    key: shop.key\n', ''), /^F:11:5: targets\[0\]\.cert cert has no key beside it/);
  t.regex(await changed('    cert: shop.crt\n', ''), /^F:11:5: targets\[0\]\.key key has no cert beside it/);
  t.regex(await changed('    target-tls: mtls\n', ''), /^F:15:5: targets\[1\]\.target-cert .*no effect/);
  t.regex(
    await changed('    key: shop.key\n', '    key: shop.key\n    target-tls: off\n    target-cacert: x\n'),
    /^F:14:5: targets\[0\]\.target-cacert .*does not use TLS/,
  );
  t.regex(await changed('cert: shop.crt', 'cert: [a, b]'), /^F:11:5: targets\[0\]\.cert invalid value/);
  t.regex(
    (await mistakes(`${targets}    cert: a\n    key: b\n`)).join(),
    /^F:8:5: targets\[1\]\.cert .*passthrough proxy does not terminate/,
  );
});

test('the schema has every option, and agrees with the reader', (t) => {
  const schema = proxyConfigJsonSchema(proxy.options);
  t.deepEqual(
    JSON.parse(readFileSync('schemas/proxy-config.schema.json', 'utf8')),
    JSON.parse(JSON.stringify(schema)),
    'run: make schemas',
  );
  const names = Object.keys((schema as { properties: object }).properties);
  t.deepEqual(
    names,
    Object.keys(proxy.options).filter((name) => !notInFile.has(name)),
  );
  const check = new Ajv.default({ strict: true, allowUnionTypes: true }).compile(schema);
  for (const text of [valid, targets, own]) t.true(check(parse(text)), JSON.stringify(check.errors));
  for (const text of [
    'mode: tsl',
    'taget: 1',
    'http: maybe',
    'targets: [{server-name: a}]',
    own.replace('    key: shop.key\n', ''),
  ])
    t.false(check(parse(text)), text);
});

test('a file that is nested too deeply is told of itself, and of no scenario', async (t) => {
  const error = await t.throwsAsync(async () => configured(`mode: ${'['.repeat(300)}${']'.repeat(300)}`), {
    instanceOf: UserError,
  });
  t.regex(error?.facts.remedy?.en ?? '', /check the brackets/);
  t.notRegex(JSON.stringify(error?.facts), /scenario|시나리오/i);
});
