import test from 'ava';
import { conversation, loadReadings } from '../../../src/analysis/conversation/conversation.ts';
import type { Message } from '../../../src/analysis/conversation/message.ts';
import type { Field } from '../../../src/core/field.ts';
import { Flows } from '../../../src/capture/flows.ts';
import { loadExplanations } from '../../../src/presentation/conversation/explain.ts';
import { FieldExplainer } from '../../../src/presentation/conversation/explained-fields.ts';
import { present, ScriptedLog } from '../../helpers/capture.ts';
import { clientHello, record } from '../../ui/support/story.ts';

await Promise.all([loadReadings(), loadExplanations()]);

function messagesOf(...pieces: readonly Uint8Array[]): readonly Message[] {
  const log = new ScriptedLog();
  log.began();
  log.opened();
  for (const piece of pieces) log.bytes('client', piece);
  log.closed();
  const flows = new Flows(log.log);
  for (const event of log.log.events) flows.fold(event);
  return conversation(present(flows.connections[0])).filter(({ from }) => from === 'client');
}

test('outer fields stand before their parts, the first is the whole message, and the same words are one value', (t) => {
  const explainer = new FieldExplainer();
  const [one, other] = messagesOf(clientHello('a.example'), clientHello('b.example'));
  const fields = explainer.fieldsOf(present(one));
  const [whole] = fields;
  t.like(whole, { start: 0, end: one?.length, depth: 0 });
  for (const [index, field] of fields.entries()) {
    const around = fields.slice(0, index).findLast(({ depth }) => depth === field.depth - 1);
    if (index > 0) t.true(present(around).start <= field.start && field.end <= present(around).end);
  }
  const more = explainer.fieldsOf(present(other));
  t.is(more.length, fields.length);
  for (const [index, field] of more.entries()) t.is(field.words, present(fields[index]).words);
  const name = present(fields.find(({ value }) => value.en === 'a.example'));
  t.regex(name.words.meaning.ko, /[가-힣]/);
  t.is(name.words.source?.startsWith('RFC'), true);
});

test('sealed content says so, with its size, in both languages', (t) => {
  const [, sealed] = messagesOf(clientHello('a.example'), record(23, Buffer.alloc(1200, 1)));
  const fields = new FieldExplainer().fieldsOf(present(sealed));
  t.true(
    fields.some(({ value }) => value.en === 'sealed, 1,200 bytes' && value.ko === '암호화됨, 1,200바이트'),
  );
});

test('bytes without a field are one: the whole message', (t) => {
  const [data] = messagesOf(Buffer.from([1, 2, 3, 4, 5]));
  const fields = new FieldExplainer().fieldsOf(present(data));
  t.is(fields.length, 1);
  t.like(fields[0], { start: 0, end: 5, depth: 0, value: { en: '5 bytes', ko: '5바이트' } });
});

test('a tree that ends before its message is a part of it; what a message says replaces the words of its fields', (t) => {
  const [data] = messagesOf(Buffer.from([1, 2, 3, 4, 5]));
  const leaf: Field = {
    id: 'http.opaque',
    range: [1, 3],
    value: Uint8Array.of(2, 3),
    children: [],
    remarks: [],
    origin: 'wire',
  };
  const message = {
    ...present(data),
    field: () => leaf,
    reading: () => [{ field: leaf, name: ':path\u202e', value: '/', depth: 0 }],
  };
  const [whole, part] = new FieldExplainer().fieldsOf(message);
  t.like(whole, { start: 0, end: 5, depth: 0 });
  t.like(part, {
    start: 1,
    end: 3,
    depth: 1,
    value: { en: '/', ko: '/' },
    name: { en: ':path·', ko: ':path·' },
    isFree: true,
  });
});
