/** What people name as a server: HOST:PORT, a host alone, a URL from a browser or a configuration. */
import test from 'ava';
import { targetOf } from '../../../src/cli/diagnosis/target.ts';
import type { Target } from '../../../src/cli/diagnosis/target.ts';
import { UserError } from '../../../src/i18n/user-error.ts';
import type { StarttlsName } from '../../../src/wire/starttls/protocols.ts';

const others = { en: ', a capture file', ko: ', 캡처 파일' };
const read = (operand: string, asked?: StarttlsName): Target =>
  targetOf(operand, { command: 'why', asked, others });

const rows: readonly (readonly [operand: string, target: Omit<Target, 'title'>, title?: string])[] = [
  ['shop.example:8443', { host: 'shop.example', port: 8443 }],
  ['localhost:1', { host: 'localhost', port: 1 }],
  ['[::1]:443', { host: '::1', port: 443 }],
  ['shop.example:8443/a', { host: 'shop.example', port: 8443, path: '/a' }],
  ['shop.example', { host: 'shop.example', port: 443 }, 'shop.example:443'],
  ['localhost', { host: 'localhost', port: 443 }, 'localhost:443'],
  ['192.0.2.1', { host: '192.0.2.1', port: 443 }, '192.0.2.1:443'],
  ['::1', { host: '::1', port: 443 }, '[::1]:443'],
  ['[2001:db8::1]', { host: '2001:db8::1', port: 443 }, '[2001:db8::1]:443'],
  ['https://shop.example', { host: 'shop.example', port: 443 }],
  ['https://shop.example/', { host: 'shop.example', port: 443 }],
  [
    'HTTPS://shop.example:8443/a/b',
    { host: 'shop.example', port: 8443, path: '/a/b' },
    'https://shop.example:8443/a/b',
  ],
  ['https://shop.example:80/', { host: 'shop.example', port: 80 }],
  ['https://[::1]:8443/a', { host: '::1', port: 8443, path: '/a' }],
  [
    'https://ann:tiger@shop.example/a?token=lily#b',
    { host: 'shop.example', port: 443, path: '/a' },
    'https://shop.example/a',
  ],
  ['http://shop.example/a', { host: 'shop.example', port: 80, isPlain: true, path: '/a' }],
  ['wss://shop.example/chat', { host: 'shop.example', port: 443, asks: 'websocket', path: '/chat' }],
  ['mqtt://broker.example', { host: 'broker.example', port: 1883, isPlain: true, asks: 'mqtt' }],
  ['redis://cache.example', { host: 'cache.example', port: 6379, isPlain: true, asks: 'ping' }],
  ['http://shop.example:8080', { host: 'shop.example', port: 8080, isPlain: true }],
  ['ldaps://dir.example', { host: 'dir.example', port: 636 }],
  ['ldap://dir.example:3890/dc=x', { host: 'dir.example', port: 3890, starttls: 'ldap' }],
  ['smtp://mail.example', { host: 'mail.example', port: 25, starttls: 'smtp' }],
  ['smtps://mail.example', { host: 'mail.example', port: 465 }],
  [
    'postgres://ann:tiger@db.example/shop?sslmode=verify-full',
    { host: 'db.example', port: 5432, starttls: 'postgres' },
    'postgres://db.example/shop',
  ],
  ['postgresql://db.example:5433/shop', { host: 'db.example', port: 5433, starttls: 'postgres' }],
  ['mysql://db.example', { host: 'db.example', port: 3306, starttls: 'mysql' }],
  ['rediss://cache.example', { host: 'cache.example', port: 6379 }],
  ['mqtts://broker.example', { host: 'broker.example', port: 8883 }],
];
for (const [operand, target, title = operand] of rows)
  test(`${operand}: ${target.host}, ${target.port}`, (t) => t.deepEqual(read(operand), { ...target, title }));

test('a host alone has the port of the protocol that turns to TLS', (t) => {
  t.is(read('mail.example', 'smtp').port, 25);
  t.is(read('db.example', 'postgres').port, 5432);
  t.is(read('mail.example:587', 'smtp').port, 587);
});

const mistakes: readonly (readonly [operand: string, what: RegExp, remedy?: RegExp])[] = [
  ['absent.pcap', /no such file: absent\.pcap/],
  ['folder/absent', /no such file: folder\/absent/],
  ['seen', /no such file: seen/, /If seen is a host, add its port: seen:443/],
  ['nats://cache.example', /unsupported URL scheme: nats:\/\//],
  ['https://', /no host and port/],
  ['https://shop.example:x/', /no host and port/],
  ['a b', /not a host and port: a b/],
];
for (const [operand, what, remedy = /./] of mistakes)
  test(`${operand}: ${what.source}`, (t) => {
    const { facts } = t.throws(() => read(operand), { instanceOf: UserError }) ?? {};
    t.regex(facts?.what.en ?? '', what);
    t.regex(facts?.remedy?.en ?? '', facts?.remedy ? remedy : /^$/);
  });

test('a password is never repeated', (t) => {
  const error = t.throws(() => read('nats://ann:tiger@cache.example/?key=tiger'), { instanceOf: UserError });
  t.false(JSON.stringify(error?.facts).includes('tiger'));
});
