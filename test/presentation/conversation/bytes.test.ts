/** A dump of bytes: its window, its secrets and its fields speak of the same offsets, whatever the message is. */
import test from 'ava';
import * as fc from 'fast-check';
import { conversation, loadReadings } from '../../../src/analysis/conversation/conversation.ts';
import type { Message } from '../../../src/analysis/conversation/message.ts';
import type { Hit } from '../../../src/analysis/secrets/secret-hunt.ts';
import { Flows } from '../../../src/capture/flows.ts';
import { verbatim } from '../../../src/i18n/language.ts';
import { bytesOf, namedFields } from '../../../src/presentation/conversation/bytes.ts';
import { loadExplanations } from '../../../src/presentation/conversation/explain.ts';
import type { ByteDump } from '../../../src/presentation/types/bytes.ts';
import { present } from '../../helpers/capture.ts';
import { recordLogin } from '../../helpers/live.ts';
import { leak, logOf } from '../../ui/support/story.ts';

await Promise.all([loadReadings(), loadExplanations()]);

function readable(): readonly Message[] {
  const log = logOf(leak());
  const flows = new Flows(log);
  for (const event of log.events) flows.fold(event);
  return conversation(present(flows.connections[0]));
}

async function messagesOf(keys = false): Promise<readonly Message[]> {
  const { log } = await recordLogin('tls');
  const flows = new Flows(log);
  for (const event of log.events) flows.fold(event);
  return conversation(present(flows.connections[0]), keys ? { keys: flows.keylog } : {});
}

const titled = (messages: readonly Message[], title: RegExp): Message =>
  present(messages.find((message) => title.test(message.title.en)));
const textIn = ({ window }: ByteDump, { start, end }: { start: number; end: number }): string => {
  const { start: from, bytes } = present(window);
  return Buffer.from(bytes.subarray(start - from, end - from)).toString();
};

test('a login in plaintext is readable; the password is marked once, though it is known and has the shape of one', (t) => {
  const request = titled(readable(), /^POST/);
  const shape = present(request.credentials().find(({ name }) => name === 'password'));
  const hit = { offset: shape.offset, length: shape.length } as Hit;
  const dump = bytesOf(request, [hit]);
  t.like(dump, { vantage: 'wire', state: 'readable', isRecord: false, stateName: verbatim('') });
  t.deepEqual(dump.range, { start: request.offset, end: request.offset + request.length });
  const marked = dump.secrets.filter(({ start }) => start === shape.offset);
  t.is(marked.length, 1);
  t.is(textIn(dump, present(marked[0])), 'tiger-lily');
  t.is(dump.fields, undefined, 'text says more than its fields');
});

test('without keys a record is sealed and holds no secret; with them it is decrypted and contains the secret', async (t) => {
  const sealed = await messagesOf();
  for (const message of sealed.filter((one) => one.sealed)) {
    const dump = bytesOf(message, []);
    t.like(dump, { state: 'sealed', isRecord: true, fields: undefined, secrets: [] });
    t.is(dump.stateName.en, 'sealed');
  }
  const opened = await messagesOf(true);
  const request = bytesOf(titled(opened, /^POST/), []);
  t.like(request, { state: 'opened', vantage: 'plaintext' });
  t.true(request.secrets.some((range) => textIn(request, range) === 'tiger-lily'));
});

test('a handshake message is shown by its fields: each is named in both languages and lies within the message', async (t) => {
  const hello = titled(await messagesOf(), /^ClientHello/);
  const { fields = [], range, boundaries, coverage } = bytesOf(hello, []);
  t.is(fields, namedFields(hello), 'the fields are named once');
  t.true(fields.length > 10);
  for (const { name, start, end, depth } of fields) {
    t.true(start >= range.start && end <= range.end && start <= end);
    t.true(depth >= 0 && depth <= 4);
    t.not(name.en, '');
    t.not(name.ko, '');
  }
  const random = present(fields.find(({ name }) => /random/i.test(name.en)));
  t.is(random.end - random.start, 32);
  t.true(boundaries.has(random.start));
  const named = present(coverage[0]);
  t.is(named.label.en, 'named');
  t.true(named.count > 0);
  t.true(coverage.reduce((sum, { count }) => sum + count, 0) <= range.end - range.start);
});

test('the window holds the offset that is looked at, and is bounded however long the message is', (t) => {
  const all = Buffer.alloc(100_000, 'x');
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.nat(all.length), fc.nat(5000), fc.nat(120_000), (length, offset, at) => {
        const bytes = all.subarray(0, length);
        const message: Partial<Message> = {
          offset,
          length,
          bytes: () => bytes,
          credentials: () => [],
          title: verbatim('data'),
        };
        const { window } = bytesOf(message as Message, [], offset + at);
        const { start, bytes: shown } = present(window);
        if (shown.length > 4 * 4096 || start < offset) return false;
        return at >= length || (offset + at >= start && offset + at < start + shown.length);
      }),
    ),
  );
});

test('bytes that were not kept leave a dump without a window', (t) => {
  const gone: Partial<Message> = {
    offset: 0,
    length: 10,
    bytes: () => undefined,
    credentials: () => [],
    coverage: () => undefined,
    title: verbatim('data'),
  };
  const { window, coverage } = bytesOf(gone as Message, []);
  t.is(window, undefined);
  t.deepEqual(coverage, []);
});
