/** Sealed records that follow each other are one group, whose sizes add up. */
import test from 'ava';
import { conversation, loadReadings } from '../../src/analysis/conversation/conversation.ts';
import type { Message } from '../../src/analysis/conversation/conversation.ts';
import { Flows } from '../../src/capture/flows.ts';
import { groupSealed } from '../../src/presentation/grouping.ts';
import type { Group } from '../../src/presentation/grouping.ts';
import { present } from '../helpers/capture.ts';
import { recordLogin } from '../helpers/live.ts';

const sizes = (groups: readonly Group[]): number[] =>
  groups.map((group) => group.reduce((sum, { length }) => sum + length, 0));
const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

test('what is grouped is sealed, of one direction and kind; nothing is lost and nothing moves', async (t) => {
  await loadReadings();
  const { log } = await recordLogin('tls');
  const flows = new Flows(log);
  for (const event of log.events) flows.fold(event);
  const messages = conversation(present(flows.connections[0]));
  const groups = groupSealed(messages);
  t.true(groups.length < messages.length);
  t.deepEqual(groups.flat(), [...messages]);
  t.is(sum(sizes(groups)), sum(messages.map(({ length }) => length)));
  for (const group of groups) {
    t.is(new Set(group.map(({ from, contentType }) => `${from} ${contentType}`)).size, 1);
    if (group.length > 1) t.true(group.every(({ sealed }) => sealed));
  }
  const opened = conversation(present(flows.connections[0]), { keys: flows.keylog });
  t.is(groupSealed(opened).length, opened.length, 'what can be read is never grouped');
});

test('a message that stands for itself neither joins a group nor is joined', async (t) => {
  const message = (seq: number): Message =>
    ({ seq, sealed: true, from: 'client', contentType: 23, length: 24 }) as Message;
  const groups = groupSealed(
    [1, 2, 3, 4, 5].map((seq) => message(seq)),
    ({ seq }) => seq === 3,
  );
  t.deepEqual(
    groups.map((group) => group.map(({ seq }) => seq)),
    [[1, 2], [3], [4, 5]],
  );
});
