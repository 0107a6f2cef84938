/** Session tickets are opened by the key that made them, in the forms in which servers have such keys, and by nothing else. */
import { createCipheriv, createHmac, randomBytes } from 'node:crypto';
import test from 'ava';
import { UserError } from '../../../../src/i18n/user-error.ts';
import {
  masterSecretInTicket,
  readTicketKeys,
  ticketKeysOf,
} from '../../../../src/protocols/tls/keys/session-ticket.ts';
import { present } from '../../../helpers/capture.ts';

const master = randomBytes(48);

const element = (tag: number, content: Uint8Array): Buffer =>
  Buffer.concat([
    content.length < 0x80 ? Buffer.from([tag, content.length]) : Buffer.from([tag, 0x81, content.length]),
    content,
  ]);

/** As OpenSSL's SSL_SESSION begins. */
const session = (version = 0x0303, secret: Uint8Array = master): Buffer =>
  element(
    0x30,
    Buffer.concat([
      element(0x02, Buffer.from([1])),
      element(0x02, Buffer.from([version >> 8, version & 0xff])),
      element(0x04, Buffer.from([0xc0, 0x2f])),
      element(0x04, Buffer.alloc(0)),
      element(0x04, secret),
      element(0xa1, randomBytes(100)),
    ]),
  );

/** Where the parts of a key are in its bytes. */
interface Layout {
  readonly length: number;
  readonly mac: readonly [number, number];
  readonly cipher: readonly [number, number];
}

const layouts: Readonly<Record<string, Layout>> = {
  'Node’s, 48 bytes': { length: 48, mac: [16, 32], cipher: [32, 48] },
  'nginx’s, 48 bytes': { length: 48, mac: [32, 48], cipher: [16, 32] },
  'OpenSSL’s, 80 bytes': { length: 80, mac: [16, 48], cipher: [48, 80] },
};

function ticketBy(key: Uint8Array, { mac, cipher, length }: Layout, plain: Uint8Array): Buffer {
  const iv = randomBytes(16);
  const sealing = createCipheriv(length === 80 ? 'aes-256-cbc' : 'aes-128-cbc', key.subarray(...cipher), iv);
  const body = Buffer.concat([key.subarray(0, 16), iv, sealing.update(plain), sealing.final()]);
  return Buffer.concat([
    body,
    createHmac('sha256', key.subarray(...mac))
      .update(body)
      .digest(),
  ]);
}

for (const [title, layout] of Object.entries(layouts)) {
  test(`a ticket opens to its key: ${title}`, (t) => {
    const key = randomBytes(layout.length);
    const ticket = ticketBy(key, layout, session());
    const keys = present(ticketKeysOf(key));
    t.deepEqual(Buffer.from(masterSecretInTicket(ticket, keys) ?? []), master);
    // The same name, and another key behind it.
    const other = Buffer.concat([key.subarray(0, 16), randomBytes(layout.length - 16)]);
    t.is(masterSecretInTicket(ticket, present(ticketKeysOf(other))), undefined);
    for (let at = 0; at < ticket.length; at += 7) {
      const spoiled = Buffer.from(ticket);
      spoiled[at] = (spoiled[at] ?? 0) ^ 1;
      t.is(masterSecretInTicket(spoiled, keys), undefined, `byte ${at}`);
      t.is(masterSecretInTicket(ticket.subarray(0, at), keys), undefined, `${at} bytes`);
    }
  });
}

test('a ticket whose content is no session of TLS 1.2 gives nothing, and throws nothing', (t) => {
  const key = randomBytes(48);
  const keys = present(ticketKeysOf(key));
  const layout = present(layouts['Node’s, 48 bytes']);
  const whole = session();
  const others = [
    session(0x0304),
    session(0x0303, randomBytes(32)),
    Buffer.alloc(0),
    Buffer.from([0x30, 0x84, 0xff, 0xff, 0xff, 0xff]),
    ...Array.from({ length: 70 }, (_, length) => whole.subarray(0, length)),
    ...Array.from({ length: 50 }, () => randomBytes(90)),
  ];
  for (const one of others) t.is(masterSecretInTicket(ticketBy(key, layout, one), keys), undefined);
});

test('a key file is bytes or hexadecimal digits; anything else is a mistake that says what was expected', (t) => {
  const key = randomBytes(80);
  const same = readTicketKeys(new Uint8Array(key), 'tickets.key');
  t.deepEqual(readTicketKeys(Buffer.from(`${key.toString('hex')}\n`), 'tickets.key'), same);
  t.deepEqual(readTicketKeys(Buffer.from(key.toString('hex').toUpperCase()), 'tickets.key'), same);
  for (const wrong of ['', 'not hex at all', 'ab'.repeat(47), 'ab'.repeat(64), 'a'.repeat(97)]) {
    const error = t.throws(() => readTicketKeys(Buffer.from(wrong), 'tickets.key'), {
      instanceOf: UserError,
    });
    t.is(error?.facts.where, 'tickets.key');
    t.regex(error?.facts.expected?.en ?? '', /48 or 80 bytes/);
  }
  t.throws(() => readTicketKeys(randomBytes(100_000), 'tickets.key'), { instanceOf: UserError });
});
