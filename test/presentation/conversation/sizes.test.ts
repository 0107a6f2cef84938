/** Sealed records in a row are one group, whose sizes add up. */
import test from 'ava';
import { conversation, loadReadings } from '../../../src/analysis/conversation/conversation.ts';
import type { Message } from '../../../src/analysis/conversation/message.ts';
import { Flows } from '../../../src/capture/flows.ts';
import { MessageGroups, sizesText } from '../../../src/presentation/conversation/sizes.ts';
import type { MessageGroup } from '../../../src/presentation/conversation/sizes.ts';
import { present } from '../../helpers/capture.ts';
import { recordLogin } from '../../helpers/live.ts';

function groupsOf(
  messages: readonly Message[],
  isAlone: (message: Message) => boolean = () => false,
): MessageGroup[] {
  const found: MessageGroup[] = [];
  const groups = new MessageGroups((group) => void found.push(group));
  for (const message of messages) groups.add(message, isAlone);
  groups.finish();
  return found;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);
const sealedRecord = (seq: number, rest: Partial<Message> = {}): Message =>
  ({ seq, at: 10 * seq, sealed: true, from: 'client', contentType: 23, length: 24, ...rest }) as Message;

test('what is grouped is sealed, of one direction and kind; nothing is lost and nothing moves', async (t) => {
  await loadReadings();
  const { log } = await recordLogin('tls');
  const flows = new Flows(log);
  for (const event of log.events) flows.fold(event);
  const messages = conversation(present(flows.connections[0]));
  const groups = groupsOf(messages);
  t.true(groups.length < messages.length);
  t.is(sum(groups.map(({ sizes }) => sizes.total)), sum(messages.map(({ length }) => length)));
  let at = 0;
  for (const { first, sizes } of groups) {
    const own = messages.slice(at, at + sizes.count);
    at += sizes.count;
    t.is(own[0], first);
    t.deepEqual(
      sizes.records,
      own.map((message) => ({ at: message.at, length: message.length })),
    );
    t.is(new Set(own.map(({ from, contentType }) => `${from} ${contentType}`)).size, 1);
    if (own.length > 1) t.true(own.every(({ sealed }) => sealed));
  }
  t.is(at, messages.length);
  const opened = conversation(present(flows.connections[0]), { keys: flows.keylog });
  t.is(groupsOf(opened).length, opened.length, 'what can be read is never grouped');
});

test('a message with a line of its own is not grouped', (t) => {
  const groups = groupsOf(
    [1, 2, 3, 4, 5].map((seq) => sealedRecord(seq)),
    ({ seq }) => seq === 3,
  );
  t.deepEqual(
    groups.map(({ first, sizes }) => [first.seq, sizes.count]),
    [
      [1, 2],
      [3, 1],
      [4, 2],
    ],
  );
});

test('another direction, another type and a readable message begin a group; sizes and times stay in order', (t) => {
  const groups = groupsOf([
    sealedRecord(1, { length: 100 }),
    sealedRecord(2, { length: 17 }),
    sealedRecord(3, { from: 'server' }),
    sealedRecord(4, { from: 'server', contentType: 21 }),
    sealedRecord(5, { from: 'server', contentType: 21, sealed: false }),
  ]);
  t.deepEqual(
    groups.map(({ sizes }) => sizes.total),
    [117, 24, 24, 24],
  );
  t.deepEqual(groups[0]?.sizes.records, [
    { at: 10, length: 100 },
    { at: 20, length: 17 },
  ]);
});

test('of a long row of records the first sizes are listed and all are counted', (t) => {
  const [group] = groupsOf(Array.from({ length: 2500 }, (_, seq) => sealedRecord(seq)));
  t.is(group?.sizes.records.length, 1000);
  t.is(group?.sizes.count, 2500);
  t.is(group?.sizes.total, 2500 * 24);
});

test('sizes are listed as far as they are read at a glance, and equal ones in a row are counted', (t) => {
  const textOf = (lengths: readonly number[], count = lengths.length): string =>
    sizesText({ records: lengths.map((length) => ({ at: 0, length })), count, total: 0 });
  t.is(textOf([28, 125, 582]), '28+125+582');
  t.is(textOf([24, 22, 22, 22, 24]), '24+22+22+22+24');
  t.is(textOf([24, ...Array<number>(1200).fill(22), 31]), '24+22×1,200+31');
  t.is(textOf(Array<number>(1000).fill(22), 100_000), '22×1,000+… (100,000)');
  const many = Array.from({ length: 100 }, (_, index) => 100 + index);
  t.is(textOf(many), `${many.slice(0, 24).join('+')}+… (100)`);
});
