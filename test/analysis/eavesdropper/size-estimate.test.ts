/**
 * What sizes tell, checked against logins that were really recorded: every kind of suite, passwords of every length, the
 * content as the keys show it beside the estimate that was made without them.
 */
import test from 'ava';
import { loginLengths, loginRequest, sentLength } from '../../../src/peers/client/login-request.ts';
import { writeRequest } from '../../../src/peers/client/http-exchange.ts';
import { conversation, loadReadings } from '../../../src/analysis/conversation/conversation.ts';
import type { Message } from '../../../src/analysis/conversation/message.ts';
import {
  contentSize,
  contentSizes,
  formOfRequest,
  passwordSize,
  recordFormOf,
  sealedShape,
} from '../../../src/analysis/eavesdropper/size-estimate.ts';
import type { Size } from '../../../src/analysis/eavesdropper/size-estimate.ts';
import { readTls } from '../../../src/analysis/conversation/tls-reading.ts';
import { Flows } from '../../../src/capture/flows.ts';
import type { Connection } from '../../../src/capture/connection.ts';
import { exchange, recordTls } from '../../protocols/helpers/recorded-tls.ts';
import type { RecordOptions } from '../../protocols/helpers/recorded-tls.ts';
import { selfSigned } from '../../protocols/helpers/self-signed.ts';
import { present, ScriptedLog } from '../../helpers/capture.ts';

await loadReadings();

const rsa = selfSigned('shop.localhost', 'RSA');
const ecdsa = selfSigned('alice');
const host = 'shop.localhost:8443';
const known = { username: 'alice', rrn: '900101-1234567' };
const answer = Buffer.from('HTTP/1.1 302 Found\r\nLocation: /profile\r\nContent-Length: 0\r\n\r\n');

interface Spoken {
  readonly connection: Connection;
  readonly messages: readonly Message[];
  readonly keylog: readonly string[];
}

async function loginOver(
  options: { readonly server?: object; readonly client?: object },
  bytes: Uint8Array,
): Promise<Spoken> {
  const recording = await recordTls({
    server: { ...rsa, ...options.server },
    client: { servername: 'shop.localhost', ...options.client },
    talk: async (client, server) => {
      await exchange(client, server, bytes);
      await exchange(server, client, answer);
    },
  } satisfies RecordOptions);
  const script = new ScriptedLog();
  script.began();
  script.opened();
  for (const event of recording.events) if (event.type === 'bytes') script.bytes(event.from, event.bytes);
  script.closed();
  const connection = present(flowsOf(script).connections[0]);
  return { connection, messages: conversation(connection), keylog: recording.keylog };
}

function flowsOf(script: ScriptedLog): Flows {
  const flows = new Flows(script.log);
  for (const event of script.log.events) flows.fold(event);
  return flows;
}

function firstRequest(messages: readonly Message[]): Size {
  const form = present(recordFormOf(messages));
  return present(contentSizes(present(sealedShape(messages, form).exchanges[0]).request, form));
}

const only12 = (ciphers: string) => ({ ciphers, maxVersion: 'TLSv1.2' }) as const;
const asks = { requestCert: true, rejectUnauthorized: false } as const;
const suites: Readonly<
  Record<
    string,
    {
      readonly options: { readonly server?: object; readonly client?: object };
      readonly width: number;
      readonly sure: Size['sure'];
    }
  >
> = {
  'TLS 1.3, AES-256-GCM': {
    options: { client: { ciphers: 'TLS_AES_256_GCM_SHA384' } },
    width: 1,
    sure: 'unless_padded',
  },
  'TLS 1.3, AES-128-GCM': {
    options: { client: { ciphers: 'TLS_AES_128_GCM_SHA256' } },
    width: 1,
    sure: 'unless_padded',
  },
  'TLS 1.3, ChaCha20': {
    options: { client: { ciphers: 'TLS_CHACHA20_POLY1305_SHA256' } },
    width: 1,
    sure: 'unless_padded',
  },
  'TLS 1.3, with a client certificate': {
    options: { server: asks, client: ecdsa },
    width: 1,
    sure: 'unless_padded',
  },
  'TLS 1.3, asked for a certificate and without one': {
    options: { server: asks },
    width: 1,
    sure: 'unless_padded',
  },
  'TLS 1.2, AES-GCM': { options: { client: only12('ECDHE-RSA-AES128-GCM-SHA256') }, width: 1, sure: 'exact' },
  'TLS 1.2, ChaCha20': {
    options: { client: only12('ECDHE-RSA-CHACHA20-POLY1305') },
    width: 1,
    sure: 'exact',
  },
  'TLS 1.2, CBC': { options: { client: only12('ECDHE-RSA-AES128-SHA256') }, width: 16, sure: 'blocks' },
  'TLS 1.2, CBC with SHA-1': {
    options: { client: only12('ECDHE-RSA-AES256-SHA') },
    width: 16,
    sure: 'blocks',
  },
};

for (const [name, { options, width, sure }] of Object.entries(suites)) {
  test(`${name}: the password's length is in the estimate, for every length, and the content is as long as was said`, async (t) => {
    const form = loginLengths(host, known);
    for (const length of [6, 7, 10, 15, 16, 17, 31, 60]) {
      const password = 'tiger-lily-'.repeat(6).slice(0, length);
      const { messages, connection, keylog } = await loginOver(
        options,
        writeRequest(loginRequest(host, { ...known, password })),
      );
      const size = firstRequest(messages);
      t.is(size.sure, sure);
      const keyed = readTls(connection, keylog).plaintext('client')[0];
      t.true(present(keyed).length >= size.least && present(keyed).length <= size.most, `${name} ${length}`);
      const reckoned = present(passwordSize(size, form));
      t.true(reckoned.least <= length && length <= reckoned.most, `${length}: ${JSON.stringify(reckoned)}`);
      t.true(reckoned.most - reckoned.least < width, JSON.stringify(reckoned));
      t.is(sentLength(password), length);
    }
  });
}

test('every record that opens is as long inside as its size says', async (t) => {
  for (const { options } of Object.values(suites)) {
    const { connection, messages, keylog } = await loginOver(options, Buffer.alloc(40_000, 0x2e));
    const form = present(recordFormOf(messages));
    let looked = 0;
    for (const { frames, plaintextLength } of readTls(connection, keylog).messages.filter(
      (message) => message.plaintextLength > 0,
    )) {
      const [frame] = frames;
      const size = present(contentSize(present(frame).end - present(frame).start, form));
      t.true(plaintextLength >= size.least && plaintextLength <= size.most);
      looked++;
    }
    t.true(looked >= 4);
  }
});

test('two logins of one client: one whose password is known gives the length of the other', async (t) => {
  const own = writeRequest(loginRequest(host, { ...known, password: 'mine-and-known' }));
  const form = formOfRequest(own, { length: 14 });
  const { messages } = await loginOver(
    {},
    writeRequest(loginRequest(host, { ...known, password: 'tiger-lily' })),
  );
  t.like(passwordSize(firstRequest(messages), form), { least: 10, most: 10 });
});

test('a form grows with the digits of its stated length, and gives back what it was made of', (t) => {
  for (const length of [1, 9, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 900, 2000]) {
    const request = (size: number): Uint8Array =>
      writeRequest(loginRequest(host, { ...known, password: 'x'.repeat(size) }));
    const form = formOfRequest(request(10), { length: 10 });
    t.is(form(length), request(length).length, String(length));
    t.is(loginLengths(host, known)(length), request(length).length);
    const whole = request(length).length;
    const reckoned = present(passwordSize({ least: whole, most: whole, sure: 'exact' }, form));
    t.true(reckoned.least <= length && reckoned.most >= length);
  }
  t.is(formOfRequest(Buffer.from('GET /?password=abc HTTP/1.1\r\n\r\n'), { length: 3 })(5), 33);
});

test('padding defeats it: two logins that are filled up to 512 bytes cannot be told apart', async (t) => {
  const padded = (password: string): Uint8Array =>
    Buffer.concat([writeRequest(loginRequest(host, { ...known, password }))], 512);
  const sizes = await Promise.all(
    ['short1', 'a-much-longer-password'].map(async (password) =>
      firstRequest((await loginOver({}, padded(password))).messages),
    ),
  );
  t.deepEqual(sizes[0], sizes[1], 'nobody can tell them apart');
});

test('what takes three bytes in a form counts as three', (t) => {
  t.is(sentLength('p w+d'), 7);
  t.is(sentLength('비밀'), 18);
});

test('sizes that no record of the suite has say nothing; unknown suites neither', (t) => {
  const gcm = { version: 0x0303, suite: 0xc02f, encryptThenMac: false };
  t.is(contentSize(28, gcm), undefined);
  t.deepEqual(contentSize(29, gcm), { least: 0, most: 0, sure: 'exact' });
  t.deepEqual(contentSize(22, { version: 0x0304, suite: 0x1301, encryptThenMac: false }), {
    least: 0,
    most: 0,
    sure: 'unless_padded',
  });
  const cbc = { version: 0x0303, suite: 0xc027, encryptThenMac: false };
  t.is(contentSize(5 + 16 + 33, cbc), undefined, 'no whole block');
  t.deepEqual(contentSize(5 + 16 + 48, cbc), { least: 0, most: 15, sure: 'blocks' });
  t.deepEqual(contentSize(5 + 16 + 48 + 32, { ...cbc, encryptThenMac: true }), {
    least: 32,
    most: 47,
    sure: 'blocks',
  });
  // TLS 1.0 puts no vector before its blocks; RC4 fills up nothing.
  t.deepEqual(contentSize(5 + 48, { version: 0x0301, suite: 0x002f, encryptThenMac: false }), {
    least: 12,
    most: 27,
    sure: 'blocks',
  });
  t.deepEqual(contentSize(5 + 30, { version: 0x0303, suite: 0x0005, encryptThenMac: false }), {
    least: 10,
    most: 10,
    sure: 'exact',
  });
  t.is(contentSize(100, { version: 0x0303, suite: 0x0019, encryptThenMac: false }), undefined);
  t.is(
    passwordSize({ least: 10, most: 20, sure: 'exact' }, () => 100),
    undefined,
  );
});
