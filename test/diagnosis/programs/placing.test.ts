/** Puts `{}` in the place of the target that a command's words name. */
import test from 'ava';
import { placeIn, placeInGnutls, placeInPostgres } from '../../../src/diagnosis/programs/placing.ts';
import type { Placed } from '../../../src/diagnosis/programs/program.ts';
import { beginningOf } from '../../../src/diagnosis/programs/programs.ts';

const shown = (placed: Placed | undefined): string | undefined =>
  placed && `${placed.to}: ${placed.words.join(' ')}`;
const placed = (line: string): string | undefined => shown(placeIn(line.split(' ')));

test('an address of the web, a host with its port, the value of an option', (t) => {
  t.is(placed('./visit https://shop.localhost/a?b=c'), 'shop.localhost:443: ./visit https://{}/a?b=c');
  t.is(placed('./visit http://127.0.0.1:8080'), '127.0.0.1:8080: ./visit http://{}');
  t.is(placed('node x.js [::1]:4443'), '[::1]:4443: node x.js {}');
  t.is(
    placed('kubectl --server=https://localhost:6443 get pods'),
    'localhost:6443: kubectl --server=https://{} get pods',
  );
});

test('none, or several: nothing is guessed', (t) => {
  t.is(placed('./visit'), undefined);
  t.is(placed('./visit a:1 b:2'), undefined);
  t.is(placed('a:1 x'), undefined, 'the program itself');
  t.is(placed('./visit C:/x 12:30:11'), undefined);
});

test('gnutls-cli and psql have the two apart', (t) => {
  t.is(
    shown(placeInGnutls(['gnutls-cli', '--x509cafile', 'a', '-p', '4443', 'shop'])),
    'shop:4443: gnutls-cli -p {port} --sni-hostname=shop --verify-hostname=shop --x509cafile a {host}',
  );
  t.is(
    shown(placeInGnutls(['gnutls-cli', 'shop'])),
    'shop:443: gnutls-cli -p {port} --sni-hostname=shop --verify-hostname=shop {host}',
  );
  t.is(placeInGnutls(['gnutls-cli', '--list']), undefined);
  t.is(placeInGnutls(['gnutls-cli', '-p', '4443']), undefined);
  t.is(
    shown(placeInPostgres(['psql', 'host=db port=5433 user=x'])),
    'db:5433: psql host=db user=x hostaddr={host} port={port}',
  );
  t.is(shown(placeInPostgres(['psql', 'host=db'])), 'db:5432: psql host=db hostaddr={host} port={port}');
  t.is(placeInPostgres(['psql', 'host=/run/postgresql']), undefined);
  t.is(
    shown(placeInPostgres(['psql', '-h', 'db', '--port=5433', '-U', 'me', 'shop', '-c', 'select'])),
    'db:5433: psql -d host=db hostaddr={host} port={port} dbname=shop -U me -c select',
  );
  t.is(
    shown(placeInPostgres(['pg_dump', '--host', 'db', '-d', 'shop', '-X'])),
    'db:5432: pg_dump -d host=db hostaddr={host} port={port} dbname=shop -X',
  );
  t.is(
    shown(placeInPostgres(['psql', 'postgresql://me:x@db:5433/shop?sslmode=verify-full'])),
    'db:5433: psql postgresql://me:x@db:{port}/shop?sslmode=verify-full&hostaddr={host}',
  );
  t.is(
    shown(placeInPostgres(['psql', 'postgres://db'])),
    'db:5432: psql postgres://db:{port}/?hostaddr={host}',
  );
  t.is(placeInPostgres(['psql', '-h', '/run/postgresql', 'x']), undefined);
  t.is(placeInPostgres(['psql', '-h', 'db', 'x', 'me']), undefined);
});

test('a program that another one starts', (t) => {
  const at = (line: string): number => beginningOf(line.split(' '));
  t.is(at('timeout 5 curl https://x/'), 2);
  t.is(at('env A=b /usr/bin/python3 x.py'), 2);
  t.is(at('curl https://x/'), 0);
  t.is(at('timeout -k 1 5s curl'), 4);
  t.is(at('timeout 5 ./mine curl'), 0, 'an argument of another program');
});
