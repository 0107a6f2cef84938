/** Where curl's own options lead it for a name. */
import test from 'ava';
import { addressOfCurl } from '../../../src/diagnosis/programs/own-addresses.ts';

const at = (line: string): string => {
  const found = addressOfCurl(['curl', ...line.split(' ')], { host: 'shop.example', port: 443 });
  return found ? `${found.host} ${found.port}` : 'nowhere';
};

test('--resolve: the address of a name and port', (t) => {
  t.is(at('--resolve shop.example:443:127.0.0.1'), '127.0.0.1 443');
  t.is(at('--resolve=+SHOP.example:443:[::1],127.0.0.1'), '::1 443');
  t.is(at('--resolve *:443:10.0.0.1'), '10.0.0.1 443');
  t.is(at('--resolve shop.example:443:10.0.0.1 --resolve shop.example:443:10.0.0.2'), '10.0.0.2 443');
});

test('--connect-to: another host and port', (t) => {
  t.is(at('--connect-to shop.example:443:other:4443'), 'other 4443');
  t.is(at('--connect-to ::other:'), 'other 443');
  t.is(at('--connect-to ::[::1]:1 --connect-to ::other:2'), '::1 1', 'the first one that fits');
  t.is(at('--connect-to ::other:4443 --resolve other:4443:10.0.0.3'), '10.0.0.3 4443');
});

test('what is of another name or port, or cannot be read', (t) => {
  t.is(at('--resolve other:443:127.0.0.1'), 'nowhere');
  t.is(at('--resolve shop.example:80:127.0.0.1'), 'nowhere');
  t.is(at('--resolve -shop.example:443'), 'nowhere');
  t.is(at('--connect-to other:443:a:1 --resolve'), 'nowhere');
  t.is(at('https://shop.example/'), 'nowhere');
});
