import test from 'ava';
import { parseCommand } from '../../../src/cli/command.ts';
import { proxy } from '../../../src/cli/proxy.ts';
import { maxPayloadOf } from '../../../src/cli/io/memory.ts';
import { isLoopback } from '../../../src/cli/io/loopback.ts';
import { readSettings } from '../../../src/cli/proxy/settings.ts';
import type { ProxySettings } from '../../../src/cli/proxy/proxy-settings.ts';
import { UserError } from '../../../src/i18n/user-error.ts';

const settings = (line: string): ProxySettings =>
  readSettings(parseCommand('proxy', proxy.options, line.split(' ').filter(Boolean)));
const plain = '--mode plaintext --listen 127.0.0.1:9000 --target 127.0.0.1:8080';
const tls = '--mode tls --listen 127.0.0.1:9000 --target 127.0.0.1:8080 --cert c.crt --key c.key';
const mtls =
  '--mode mtls --listen 127.0.0.1:9000 --target 127.0.0.1:8080 --cert c.crt --key c.key --cacert ca.crt';
const passthrough = '--mode passthrough --listen 127.0.0.1:9000 --target 127.0.0.1:8080';

test('a mode with its addresses is enough where nothing is secured', (t) => {
  const { kind, pump, listen, target, secondHop, shutdownMs, insecure } = settings(plain);
  t.deepEqual(
    { kind, pump, listen, target, secondHop, shutdownMs, insecure },
    {
      kind: 'plaintext',
      pump: 'bytes',
      listen: { host: '127.0.0.1', port: 9000 },
      target: { host: '127.0.0.1', port: 8080 },
      secondHop: 'plain',
      shutdownMs: 10_000,
      insecure: false,
    },
  );
});

test('addresses: a port alone, IPv6, names of this machine', (t) => {
  t.deepEqual(settings('--mode plaintext --listen 0 --target [::1]:8080').listen, {
    host: '127.0.0.1',
    port: 0,
  });
  t.deepEqual(settings('--mode plaintext --listen 0 --target [::1]:8080').target, {
    host: '::1',
    port: 8080,
  });
  t.deepEqual(settings('--mode plaintext --listen localhost:1 --target shop.localhost:8080').target, {
    host: 'shop.localhost',
    port: 8080,
  });
});

for (const [host, is] of [
  ['127.0.0.1', true],
  ['127.9.9.9', true],
  ['::1', true],
  ['0:0:0:0:0:0:0:1', true],
  ['localhost', true],
  ['a.localhost', true],
  ['::ffff:127.0.0.1', true],
  ['128.0.0.1', false],
  ['::', false],
  ['::2', false],
  ['0.0.0.0', false],
  ['1::1', false],
  ['localhost.example', false],
  ['10.0.0.1', false],
  ['127.0.0.1.example', false],
] as const) {
  test(`${host} ${is ? 'is' : 'is not'} on this machine`, (t) => t.is(isLoopback(host), is));
}

test('rules, times, versions and limits arrive as they were given', (t) => {
  const got = settings(
    `${mtls} --allow-cn alice --allow-cn bob --allow-uri spiffe://w/* --crl a.crl --crl b.crl --min-tls 1.2 --max-tls 1.3 --alpn http/1.1 --connect-timeout 500ms --handshake-timeout 3 --shutdown-timeout 2m --max-concurrent-conns 7 --reject http --http --status 9100`,
  );
  t.deepEqual(got.policy.allowCommonNames, ['alice', 'bob']);
  t.deepEqual(got.policy.allowUris, ['spiffe://w/*']);
  t.deepEqual(got.listener, { cert: 'c.crt', key: 'c.key', cacert: 'ca.crt', crl: ['a.crl', 'b.crl'] });
  t.deepEqual(got.tls, { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3', alpn: ['http/1.1'] });
  t.is(got.targetAlpn, undefined);
  t.deepEqual(settings(`${tls} --target-tls tls --target-alpn h2,http/1.1`).targetAlpn, ['h2', 'http/1.1']);
  t.deepEqual(got.timeouts, { handshake: 3000, connect: 500 });
  t.is(got.shutdownMs, 120_000);
  t.is(got.maxConnections, 7);
  t.is(got.reject, 'http');
  t.deepEqual(got.status, { host: '127.0.0.1', port: 9100 });
});

test('the second hop: certificates, names, and verification switched off', (t) => {
  const got = settings(
    `${plain} --target-tls mtls --target-cert t.crt --target-key t.key --target-cacert tca.crt --verify-dns a.example --verify-cn b --override-server-name shop.localhost`,
  );
  t.is(got.secondHop, 'mtls');
  t.deepEqual(got.dialer, { cert: 't.crt', key: 't.key', cacert: 'tca.crt', crl: [] });
  t.is(got.serverName, 'shop.localhost');
  t.deepEqual(got.serverPolicy.allowDnsNames, ['a.example']);
  t.true(settings(`${plain} --target-tls tls -k`).insecure);
});

/** What is wrong, and a word that the message must hold. */
const mistakes: readonly (readonly [line: string, says: RegExp])[] = [
  ['', /missing --mode/],
  ['--mode plaintext', /--listen/],
  ['--mode plaintext --listen 1', /--target/],
  [`${plain} stray`, /options only/],
  ['--mode plaintext --listen 9000 --target localhost:9000', /itself/],
  [`${tls} --http --alpn h2,http/1.1`, /HTTP\/1\.1/],
  ['--mode plaintext --listen 127.0.0.1 --target 1', /invalid value for --listen/],
  ['--mode plaintext --listen 127.0.0.1:70000 --target 1', /invalid value for --listen/],
  ['--mode plaintext --listen ::1:80 --target 1', /invalid value for --listen/],
  ['--mode plaintext --listen 1 --target 127.0.0.1:0', /port 0/],
  ['--mode plaintext --listen 0.0.0.0:1 --target 1', /not a loopback address/],
  ['--mode plaintext --listen 1 --target example.com:80', /not a loopback address/],
  [`${plain} --status 10.0.0.1:1`, /not a loopback address/],
  [`${plain} --cert c.crt`, /does not use TLS/],
  [`${plain} --allow-all`, /does not use TLS/],
  [`${plain} --min-tls 1.2`, /does not use TLS/],
  ['--mode tls --listen 1 --target 2', /--cert/],
  ['--mode tls --listen 1 --target 2 --cert c', /--key/],
  [`${tls} --cacert ca.crt`, /does not request client certificates/],
  [`${tls} --allow-all`, /does not request client certificates/],
  [`${tls} --min-tls 1.3 --max-tls 1.2`, /--min-tls is higher/],
  [`${tls} --alpn ,`, /no protocol/],
  [`${tls} --target-tls tls --target-alpn h2,`, /--target-alpn contains no protocol/],
  [`${tls} --target-alpn h2`, /connection to the target does not use TLS/],
  [`${tls} --http --target-tls tls --target-alpn h2`, /HTTP\/1\.1/],
  ['--mode mtls --listen 1 --target 2 --cert c --key k --allow-all', /--cacert/],
  [mtls, /no rule admits any client/],
  [`${mtls} --allow-all --reject http`, /requires --http/],
  [`${passthrough} --http`, /eavesdropper/],
  [`${passthrough} --target-tls tls`, /does not add TLS/],
  [`${plain} --target-cacert ca`, /connection to the target does not use TLS/],
  [`${plain} --verify-dns a`, /connection to the target does not use TLS/],
  [`${plain} --insecure`, /connection to the target does not use TLS/],
  [`${plain} --target-tls tls --target-cert c`, /presents no client certificate/],
  [`${plain} --target-tls mtls`, /--target-cert/],
  [`${plain} --target-tls mtls --target-cert c`, /--target-key/],
  [`${plain} --target-tls tls -k --target-cacert ca`, /disables verification/],
  [`${plain} --target-tls tls -k --verify-dns a`, /disables verification/],
  [`${plain} --target-tls tls --override-server-name a_b`, /invalid server name/],
  [`${plain} --connect-timeout soon`, /invalid value for --connect-timeout/],
  [`${plain} --connect-timeout 0`, /invalid value for --connect-timeout/],
  [`${plain} --connect-timeout 25h`, /invalid value for --connect-timeout/],
  [`${plain} --max-concurrent-conns 0`, /invalid value for --max-concurrent-conns/],
  [`${plain} --max-concurrent-conns many`, /invalid value for --max-concurrent-conns/],
  [`${plain} --idle-timeout 1s`, /without --http/],
  [`${plain.replace('plaintext', 'connect')} --response-timeout 1s`, /without --http/],
  [`${plain.replace('plaintext', 'connect')} --http`, /a connect proxy sees only/],
  [`${plain.replace('plaintext', 'connect')} --target-tls tls`, /a connect proxy does not add TLS/],
];

for (const [line, says] of mistakes) {
  test(`a mistake: proxy ${line}`, (t) => {
    const mistake = t.throws(() => settings(line), { instanceOf: UserError });
    t.regex(`${mistake.facts.what.en} ${mistake.facts.expected?.en ?? ''}`, says);
    t.regex(mistake.facts.what.ko, /[가-힣]/);
  });
}

for (const [size, bytes] of [
  ['64M', 64 * 1024 ** 2],
  ['1G', 1024 ** 3],
  ['1g', 1024 ** 3],
  ['2048K', 2 * 1024 ** 2],
  ['16MiB', 16 * 1024 ** 2],
  ['1048576', 1024 ** 2],
] as const) {
  test(`--max-memory ${size}`, (t) =>
    t.is(
      maxPayloadOf(parseCommand('proxy', proxy.options, ['--max-memory', size]), 'proxy').maxPayload,
      bytes,
    ));
}

for (const size of ['0', '-1', '64', '1023K', 'much', '64X', '1.5G', '9999999999999999', '2000000G', '']) {
  test(`a mistake: --max-memory ${JSON.stringify(size)}`, (t) => {
    const { facts } = t.throws(() => maxPayloadOf({ text: () => size }, 'kube up'), {
      instanceOf: UserError,
    });
    t.is(facts.where, 'wirelab kube up');
    t.is(facts.received, `--max-memory ${size}`);
    t.regex(facts.what.ko, /[가-힣]/);
  });
}

test('leaving this machine takes a word for each side', (t) => {
  t.is(settings('--mode plaintext --listen 0.0.0.0:1 --target 2 --unsafe-listen').listen.host, '0.0.0.0');
  t.is(
    settings('--mode plaintext --listen 1 --target example.com:80 --unsafe-target').target.host,
    'example.com',
  );
  t.throws(() => settings('--mode plaintext --listen 0.0.0.0:1 --target example.com:80 --unsafe-target'), {
    instanceOf: UserError,
  });
});
