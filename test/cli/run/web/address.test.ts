/** Where a run is shared, and under which names viewers may ask. */
import test from 'ava';
import { hostCheck, hostsOf } from '../../../../src/cli/run/web/address.ts';
import { parseCommand } from '../../../../src/cli/command.ts';
import { shareOptions, sharedAt } from '../../../../src/cli/run/share/options.ts';
import { UserError } from '../../../../src/i18n/user-error.ts';

const own = (): string[] => ['192.0.2.7', '2001:db8::7'];
const asked = (...words: string[]): ReturnType<typeof sharedAt> =>
  sharedAt(parseCommand('run', shareOptions, words));

test('without a host only this machine is served', (t) => {
  t.is(asked('mtls'), undefined);
  t.deepEqual(asked('mtls', '--share'), { host: '127.0.0.1', port: 0 });
  t.deepEqual(asked('--share', 'mtls'), { host: '127.0.0.1', port: 0 });
  t.deepEqual(asked('--share', ':8080'), { host: '127.0.0.1', port: 8080 });
  t.deepEqual(asked('--share', '0.0.0.0:8080', 'mtls'), { host: '0.0.0.0', port: 8080 });
  t.deepEqual(asked('--share=[::]:0'), { host: '::', port: 0 });
  t.deepEqual(parseCommand('run', shareOptions, ['--share', 'mtls']).operands, ['mtls']);
  t.deepEqual(parseCommand('run', shareOptions, ['--share', 'h:1', 'mtls']).operands, ['mtls']);
  t.deepEqual(parseCommand('run', shareOptions, ['--share', '--share-tls']).operands, []);
});

test('an address that is none, and TLS without sharing, are refused', (t) => {
  for (const words of [['--share', '1.2.3.4:99999'], ['--share=nonsense'], ['--share='], ['--share-tls']])
    t.throws(() => asked(...words), { instanceOf: UserError }, words.join(' '));
});

test('the first host is one that viewers reach', (t) => {
  t.deepEqual(hostsOf('127.0.0.1', own), ['127.0.0.1', 'localhost']);
  t.deepEqual(hostsOf('::1', own), ['::1', 'localhost']);
  t.deepEqual(hostsOf('192.0.2.7', own), ['192.0.2.7']);
  t.is(hostsOf('0.0.0.0', own)[0], '192.0.2.7');
  t.false(hostsOf('0.0.0.0', own).includes('2001:db8::7'));
  t.true(hostsOf('::', own).includes('2001:db8::7'));
  t.is(hostsOf('0.0.0.0', () => [])[0], '127.0.0.1');
});

test('a Host header is one of ours with its port, or is refused', (t) => {
  const isOurs = hostCheck(['192.0.2.7', '::1', 'localhost'], 8080, 80);
  for (const host of ['192.0.2.7:8080', '[::1]:8080', 'LocalHost:8080']) t.true(isOurs(host), host);
  for (const host of ['evil.example:8080', '192.0.2.7', '192.0.2.7:80', 'localhost:8080.evil.example', ''])
    t.false(isOurs(host), host);
  t.false(isOurs(undefined));
  t.true(hostCheck(['localhost'], 443, 443)('localhost'));
});
