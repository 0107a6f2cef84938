import test from 'ava';
import { StarttlsMask } from '../../../src/wire/tamper/starttls-mask.ts';

const offer = '250-mail.localhost\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n';

function masked(...parts: readonly string[]): string {
  const mask = new StarttlsMask();
  return parts
    .map((part) => Buffer.from(mask.receive(Buffer.from(part)) ?? Buffer.from(part)).toString())
    .join('');
}

test('the word is written over, in any case, and nothing else; no byte more or less', (t) => {
  t.is(masked(offer), offer.replace('STARTTLS', 'XXXXXXXX'));
  t.is(masked('* CAPABILITY StartTls\r\n'), '* CAPABILITY XXXXXXXX\r\n');
  t.is(masked('STSTARTTLSTART'), 'STXXXXXXXXTART');
  t.is(masked('250 OK\r\n'), '250 OK\r\n');
});

test('wherever the bytes are split, the word does not pass', (t) => {
  for (let at = 1; at < offer.length; at++) {
    const text = masked(offer.slice(0, at), offer.slice(at));
    t.is(text.length, offer.length);
    t.false(text.includes('STARTTLS'), String(at));
  }
});

test('what the client sends is left alone, and so is what follows once the server speaks TLS', (t) => {
  const mask = new StarttlsMask();
  const sent = Buffer.from('STARTTLS\r\n');
  t.is(mask.send(sent), sent);
  t.is(mask.receive(Buffer.from([0x16, 3, 3])), undefined);
  t.is(mask.receive(Buffer.from('STARTTLS')), undefined);
});
