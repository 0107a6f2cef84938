/** The explorer's data: nothing is missing, everything has its field, what is masked is not there, and sizes. */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { array, assert, boolean, oneof, property, tuple, uint8Array, constantFrom } from 'fast-check';
import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { conversation } from '../../../../src/analysis/conversation/conversation.ts';
import { encodedForms } from '../../../../src/analysis/secrets/encodings.ts';
import type { Side } from '../../../../src/capture/event.ts';
import type { Flows } from '../../../../src/capture/flows.ts';
import { fieldPathAt } from '../../../../src/core/field.ts';
import { explainField } from '../../../../src/presentation/conversation/explain.ts';
import { concludeFrom } from '../../../../src/presentation/conversation/record-views.ts';
import { render } from '../../../../src/ui/html/element.ts';
import { itemStates } from '../../../../src/ui/html/bytes/format.ts';
import { ScriptedLog, present } from '../../../helpers/capture.ts';
import { cpuTime } from '../../../helpers/cpu-time.ts';
import { clientHello, loginRequest, password, record, serverHello } from '../../support/story.ts';
import { demonstrations, recorded } from '../../tui/support/scenes.ts';
import type { Demonstration } from '../../tui/support/scenes.ts';
import { everyByteIsThere, explore, flowsOf, innermostOf, placeOf, readBack } from '../support/explorer.ts';
import type { ReadBack } from '../support/explorer.ts';

const sides = ['client', 'server'] as const satisfies readonly Side[];

interface Played {
  readonly flows: Flows;
  readonly secrets: ReadonlyMap<string, string>;
  readonly back: ReadBack;
}

const known = new Map<Demonstration, Played>();

function played(name: Demonstration): Played {
  const before = known.get(name);
  if (before) return before;
  const { driver, log } = recorded(name);
  for (let stop = ''; stop !== driver.stop; driver.press('space')) stop = driver.stop;
  const flows = flowsOf(log);
  const one = { flows, secrets: driver.scene.sources.secrets, back: readBack(explore(flows).section) };
  known.set(name, one);
  return one;
}

for (const name of demonstrations)
  test(`every byte of ${name} is there, and has its field`, (t) => {
    const { flows, back } = played(name);
    t.true(everyByteIsThere(t, flows, back) > 2000);
    t.is(back.index.hasKeys, name !== 'plaintext');
  });

test('the field of each byte is the one that the other surfaces explain, in both languages', (t) => {
  const { flows, back } = played('mtls');
  const { items, connections } = back;
  const sealed = items.filter(({ readings }) => readings & 1);
  let compared = 0;
  for (const [index, connection] of flows.connections.entries()) {
    const [first] = present(connections[index]).sealed;
    for (const [number, message] of conversation(connection).entries()) {
      const item = present(sealed[first + number]);
      const root = message.field();
      if (!root) continue;
      const owners = innermostOf(item);
      for (let at = 0; at < message.length; at++) {
        const path = fieldPathAt(root, message.offset + at);
        const [en, ko] = [present(explainField(path, 'en')), present(explainField(path, 'ko'))];
        const field = present(owners[at]);
        t.is(field.explanation.id, en.id);
        t.deepEqual(pair(field.explanation.meaning), [en.meaning, ko.meaning]);
        t.deepEqual(pair(field.explanation.name), [en.name, ko.name]);
        t.deepEqual(
          field.remarks.map(pair),
          en.remarks.map((text, one) => [text, present(ko.remarks[one])]),
        );
        if (!en.id.endsWith('.encrypted')) t.deepEqual(pair(field.value), [en.value, ko.value]);
        compared++;
      }
    }
  }
  t.true(compared > 10_000);
});

const pair = (text: string | readonly [string, string]): readonly [string, string] =>
  typeof text === 'string' ? [text, text] : text;

test('what keys open stands in place of its ciphertext, and what it held follows it', (t) => {
  const { items } = played('tls').back;
  const opened = items.filter(({ state }) => itemStates[state] === 'opened');
  t.true(opened.length > 10);
  const login = present(items.find(({ titleText }) => titleText === 'POST /login'));
  t.is(login.isInside, 1);
  t.true(Buffer.from(login.stored).toString('latin1').includes('password='));
  const index = items.indexOf(login);
  const record = present(items.slice(0, index).findLast((item) => item.readings === 2 && !item.isInside));
  t.is(record.stored[0], 23, 'the header of the record is as it was on the wire');
  t.true(Buffer.from(record.stored).includes(Buffer.from(login.stored)));
  t.true(present(record.shownFields[0]).explanation.id.startsWith('tls.'));
  // On the wire the same place is sealed.
  const sealed = present(
    items.find((item) => item.readings === 1 && item.offset === record.offset && item.from === record.from),
  );
  t.false(Buffer.from(sealed.stored).includes(Buffer.from('password=')));
  const content = present(
    sealed.shownFields.find(({ explanation }) => explanation.id.endsWith('.encrypted')),
  );
  t.deepEqual(content.value, [
    `sealed, ${content.end - content.start} bytes`,
    `암호화됨, ${content.end - content.start}바이트`,
  ]);
});

test('what an eavesdropper concludes stands with each record, and with what keys opened of it', (t) => {
  const { flows, back } = played('tls');
  const connection = present(flows.connections.find(({ carriesTls }) => carriesTls));
  const messages = conversation(connection);
  const { items, connections } = back;
  const [first] = present(connections[flows.connections.indexOf(connection)]).sealed;
  const sealed = items.filter(({ readings }) => readings & 1);
  let compared = 0;
  for (const [index, message] of messages.entries()) {
    if (message.protocol !== 'tls') continue;
    const bytes = message.bytes();
    const en = concludeFrom(message, messages, bytes, undefined, 'en').conclusions;
    const ko = concludeFrom(message, messages, bytes, undefined, 'ko').conclusions;
    const { concluded } = present(sealed[first + index]);
    t.deepEqual(
      concluded.map(pair),
      en.map((text, one) => [text, present(ko[one])]),
    );
    compared++;
  }
  t.true(compared > 10);
  const opened = items.filter((item) => item.readings === 2 && !item.isInside);
  t.true(opened.every(({ concluded }) => concluded.length > 0));
});

test('each reading numbers its items through all connections, and an explanation is stored once', (t) => {
  const { items, connections, index, texts } = played('mtls').back;
  for (const [reading, bit] of [
    ['sealed', 1],
    ['opened', 2],
  ] as const) {
    let next = 0;
    for (const { [reading]: range } of connections) {
      t.is(range[0], next);
      next += range[1];
    }
    t.is(next, items.filter(({ readings }) => readings & bit).length);
  }
  t.is(
    items.length,
    index.items.reduce((sum, [all]) => sum + all, 0),
  );
  const keys = texts.explanations.map(({ id, name }) => `${id} ${pair(name)[0]}`);
  t.is(new Set(keys).size, keys.length);
});

test('a message is linked to by its number', (t) => {
  const { flows } = played('tls');
  const { builder, section } = explore(flows);
  const { items } = readBack(section);
  const connection = present(flows.connections[0]);
  const hello = present(conversation(connection).find(({ title }) => title.en === 'ClientHello'));
  const [, number] = present(
    /^#bytes-sealed-(\d+)$/.exec(present(builder.linkAt(placeOf(hello)))) ?? undefined,
  );
  t.is(items.filter(({ readings }) => readings & 1)[Number(number)]?.titleText, 'ClientHello');
  t.is(builder.linkAt({ ...placeOf(hello), offset: connection.lengthOf('wire', 'client') }), undefined);
});

// Secrets.

/** No secret, in any encoding, in anything that the page has. */
function isWithout(t: ExecutionContext, back: ReadBack, markup: string, values: Iterable<string>): void {
  const haystacks = [back.everything, Buffer.from(markup)];
  for (const value of values)
    for (const { pattern, encoding } of encodedForms(value))
      t.false(
        haystacks.some((haystack) => haystack.includes(Buffer.from(pattern))),
        `${value} as ${encoding}`,
      );
}

for (const name of demonstrations)
  test(`no byte of a masked secret of ${name} is in the page; unmasked they are marked`, (t) => {
    const { flows, secrets } = played(name);
    const shown = readBack(explore(flows, { secrets }).section);
    const marks = shown.items.flatMap(({ secrets: found = [], stored, length }) =>
      found.flatMap((start, at) =>
        at % 3 === 0 ? [{ start, count: present(found[at + 1]), stored, length }] : [],
      ),
    );
    t.true(marks.length > 2);
    for (const { start, count, length } of marks) t.true(start >= 0 && count > 0 && start + count <= length);
    const marked = marks.map(({ start, count, stored }) =>
      Buffer.from(stored.subarray(start, start + count)).toString('latin1'),
    );
    t.true(marked.includes(password), marked.join(' '));
    const { section } = explore(flows, { secrets, isMasked: true });
    const masked = readBack(section);
    t.true(masked.index.isMasked);
    isWithout(t, masked, render(section, 'en') + render(section, 'ko'), secrets.values());
    t.is(masked.bytes.length, shown.bytes.length, 'the same places');
    t.true(masked.everything.includes('*'.repeat(password.length)));
  });

/** A login of which nothing is known but its form. */
function loginLog(request: Uint8Array): Flows {
  const log = new ScriptedLog();
  log.began();
  log.opened();
  // Cut wherever a packet might end.
  for (let at = 0; at < request.length; at += 7) log.bytes('client', request.subarray(at, at + 7));
  log.bytes(
    'server',
    'HTTP/1.1 302 Found\r\nLocation: /\r\nSet-Cookie: session=0123456789abcdef0123\r\nContent-Length: 0\r\n\r\n',
  );
  log.closed();
  return flowsOf(log.log);
}

const long = 'quite-a-long-secret-'.repeat(20);

for (const [what, request, values] of [
  ['a form', loginRequest(), [password]],
  ['a query', Buffer.from(`GET /?password=${password}&x=1 HTTP/1.1\r\nHost: x\r\n\r\n`), [password]],
  [
    'Basic authorization',
    Buffer.from(
      `GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Basic ${Buffer.from(`alice:${password}`).toString('base64')}\r\n\r\n`,
    ),
    [password],
  ],
  [
    'a long token',
    Buffer.from(`GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${long}\r\n\r\n`),
    [long, long.slice(0, 40)],
  ],
  [
    'JSON',
    Buffer.from(
      `POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${password.length + 15}\r\n\r\n{"password":"${password}"}`,
    ),
    [password],
  ],
] as const)
  test(`a secret that only its shape reveals is masked too: ${what}`, (t) => {
    const flows = loginLog(request);
    const plain = readBack(explore(flows).section);
    t.true(plain.items.some(({ secretTexts }) => secretTexts.length > 0));
    t.true(plain.items.some(({ state }) => itemStates[state] === 'leaked'));
    const { section } = explore(flows, { isMasked: true });
    isWithout(t, readBack(section), render(section, 'en'), [...values, '0123456789abcdef0123']);
  });

test('a secret in a compressed body is masked with the body', (t) => {
  const body = gzipSync(`{"password":"${password}"}`);
  const request = Buffer.concat([
    Buffer.from(
      `POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: ${body.length}\r\n\r\n`,
    ),
    body,
  ]);
  const flows = loginLog(request);
  const { section } = explore(flows, { isMasked: true });
  const back = readBack(section);
  isWithout(t, back, render(section, 'en'), [password]);
  t.false(back.everything.includes(body.subarray(12, -8)));
});

// Whatever was captured.

test('whatever the bytes and wherever they are cut, each is there and has a field', (t) => {
  const piece = oneof(
    uint8Array({ maxLength: 60 }),
    constantFrom<Uint8Array>(
      clientHello('a.example'),
      serverHello,
      loginRequest(),
      record(23, randomBytes(40)),
      record(21, Buffer.of(2, 40)),
    ),
  );
  assert(
    property(array(tuple(boolean(), piece), { maxLength: 12 }), boolean(), (pieces, ends) => {
      const log = new ScriptedLog();
      log.began();
      log.opened();
      for (const [isClient, bytes] of pieces) log.bytes(isClient ? 'client' : 'server', bytes);
      if (ends) log.closed();
      const flows = flowsOf(log.log);
      const all = pieces.reduce((sum, [, bytes]) => sum + bytes.length, 0);
      t.is(everyByteIsThere(t, flows, readBack(explore(flows).section)), all);
    }),
    { numRuns: 60 },
  );
});

test('datagrams, and bytes that nobody reads, are there as they came', (t) => {
  const log = new ScriptedLog();
  log.began();
  log.opened(1, 'A', { transport: 'udp' });
  const query = Buffer.from(
    '1234010000010000000000000377777707657861 6d706c6503636f6d0000010001'.replaceAll(' ', ''),
    'hex',
  );
  log.bytes('client', query);
  log.bytes('server', randomBytes(100));
  const flows = flowsOf(log.log);
  t.is(everyByteIsThere(t, flows, readBack(explore(flows).section)), query.length + 100);
});

test('what was not captured has no bytes, and says so', (t) => {
  const log = new ScriptedLog();
  log.began();
  log.opened();
  log.log.append({
    type: 'bytes',
    conn: 1,
    hop: 'A',
    vantage: 'wire',
    from: 'client',
    bytes: Buffer.alloc(0),
    dropped: 1000,
  });
  log.bytes('client', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  log.closed();
  const { items } = readBack(explore(flowsOf(log.log)).section);
  const gap = present(items.find(({ length }) => length === 1000));
  t.is(gap.stored.length, 0);
  t.is(gap.shownFields.length, 1);
});

test('hostile text is text: markup, control and bidirectional characters', (t) => {
  const hostile = '</script><script>alert(1)</script><!--\u202e\u0000';
  const log = new ScriptedLog();
  log.began();
  log.opened();
  log.bytes('client', `GET /${hostile} HTTP/1.1\r\nHost: ${hostile}\r\n\r\n`);
  log.bytes('client', clientHello(hostile), { conn: 2 });
  log.closed();
  const { section } = explore(flowsOf(log.log));
  const markup = render(section, 'en');
  t.false(markup.includes('alert(1)</script'));
  t.is(markup.match(/<script/g)?.length, markup.match(/<\/script/g)?.length);
  t.notRegex(markup, /[\u0000\u202e]/);
  const { items } = readBack(section);
  for (const text of items.flatMap(({ titleText, shownFields }) => [
    titleText,
    ...shownFields.map(({ value }) => value),
  ]))
    for (const one of pair(text)) t.notRegex(one, /[\u0000-\u001f\u202e]/);
});

// Sizes.

/** Records as a long transfer has them: noise that does not compress. */
function transfer(bytes: number, recordLength: number): Flows {
  const log = new ScriptedLog();
  log.began();
  log.opened();
  log.bytes('client', clientHello('shop.localhost'));
  log.bytes('server', serverHello);
  for (let sent = 0; sent < bytes; sent += recordLength)
    log.bytes(sent % 3 === 0 ? 'client' : 'server', record(23, randomBytes(recordLength - 5)));
  log.closed();
  return flowsOf(log.log);
}

test('a page of mtls stays far under 1 MB, and one of 10 MB of ciphertext under 15 MB', (t) => {
  t.true(played('mtls').back.size < 300_000);
  // A tenth of it, so that it takes a tenth of the time: sizes are proportional.
  for (const recordLength of [1400, 16_389]) {
    const { size, items } = readBack(explore(transfer(1_000_000, recordLength)).section);
    t.true(size < 1_450_000, `${size} bytes with records of ${recordLength}`);
    t.true(items.length > 1_000_000 / recordLength);
  }
});

test('time is proportional to the number of records', (t) => {
  const timeOf = (count: number): number => {
    const flows = transfer(count * 60, 60);
    const begun = cpuTime();
    explore(flows);
    return cpuTime() - begun;
  };
  timeOf(500);
  const [few, many] = [timeOf(1000), timeOf(8000)];
  t.true(many < 8 * 4 * few, `${few} ms for 1,000 records, ${many} ms for 8,000`);
});

test('both sides are told apart', (t) => {
  const { items } = played('plaintext').back;
  for (const [index] of sides.entries()) t.true(items.some(({ from }) => from === index + 1));
});
