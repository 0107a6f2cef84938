/** A conversation in words: the title, the state and the secrets of each message, and whose conversation it is. */
import test from 'ava';
import { conversation, loadReadings } from '../../../src/analysis/conversation/conversation.ts';
import type { Message } from '../../../src/analysis/conversation/message.ts';
import type { Hit } from '../../../src/analysis/secrets/secret-hunt.ts';
import type { Connection } from '../../../src/capture/connection.ts';
import { Flows } from '../../../src/capture/flows.ts';
import { inLanguage, languages, verbatim } from '../../../src/i18n/language.ts';
import {
  knownSecret,
  ladderHead,
  ladderMessage,
  shapedSecrets,
} from '../../../src/presentation/conversation/ladder.ts';
import { present } from '../../helpers/capture.ts';
import { leak, logOf, topologyWith } from '../../ui/support/story.ts';

await loadReadings();

const message = (rest: Partial<Message> = {}): Message =>
  ({
    at: 1_500_000,
    hop: 'A',
    from: 'client',
    title: { en: 'request', ko: '요청' },
    facts: verbatim('1 field'),
    length: 24,
    sealed: false,
    opened: false,
    reconstructed: false,
    ...rest,
  }) as Message;

test('a state has a word and a sentence; the default state has none', (t) => {
  const row = (
    rest: Partial<Message>,
    isLeaking = false,
  ): readonly [state: string, name: string, text: string] => {
    const { state, stateName, stateText } = ladderMessage(message(rest), { isLeaking });
    return [state, stateName.en, stateText.en];
  };
  t.deepEqual(row({}), ['readable', '', '']);
  t.deepEqual(row({}, true), ['leaked', 'secret', '']);
  t.deepEqual(row({ sealed: true }), ['sealed', 'sealed', 'sealed']);
  t.deepEqual(row({ opened: true }, true), ['opened', 'opened', 'opened with the keys']);
  t.deepEqual(row({ reconstructed: true }), ['reconstructed', '', '']);
});

test('what was drawn from the sockets carries a mark in its title, in both languages, under a title of its own too', (t) => {
  const marked = ladderMessage(message({ reconstructed: true }));
  t.deepEqual(marked.title, { en: 'request *', ko: '요청 *' });
  const title = verbatim('older messages');
  t.deepEqual(ladderMessage(message({ reconstructed: true }), { title }).title, verbatim('older messages *'));
  t.is(ladderMessage(message(), { title }).title, title);
});

test('records in a row are one line as long as all of them; a single one lists no sizes', (t) => {
  const records = [
    { at: 1, length: 24 },
    { at: 2, length: 17 },
  ];
  const sizes = { records, count: 2, total: 41 };
  t.like(ladderMessage(message({ sealed: true }), { sizes }), { length: 41, sizes });
  const one = ladderMessage(message(), { sizes: { records: records.slice(0, 1), count: 1, total: 24 } });
  t.is(one.sizes, undefined);
});

test('a secret is reported with its offset: a known one by its encoding, another by its shape, and none twice', (t) => {
  const log = logOf(leak());
  const flows = new Flows(log);
  for (const event of log.events) flows.fold(event);
  const request = present(
    conversation(present(flows.connections[0])).find(({ title }) => title.en.startsWith('POST')),
  );
  const shapes = inLanguage(shapedSecrets(request), 'en');
  const password = present(shapes.find(({ name }) => name === 'password'));
  t.is(password.value, 'tiger-lily');
  t.is(password.label, '! READABLE');
  t.regex(password.where, /^at 0x/);
  const found = present(request.credentials().find(({ name }) => name === 'password'));
  const [long] = shapedSecrets({ ...request, credentials: () => [{ ...found, value: 'p'.repeat(10_000) }] });
  t.is(long?.value, `${'p'.repeat(2048)}…`, 'a file in a field for passwords fills no screens');
  t.regex(long?.where.en ?? '', /, 10,000 characters$/);
  t.regex(long?.where.ko ?? '', /, 10,000자$/);
  const hit = {
    secret: 'password',
    offset: found.offset,
    length: found.length,
    encoding: 'plain',
  } as Partial<Hit> as Hit;
  t.false(shapedSecrets(request, [hit]).some(({ name }) => name === 'password'));
  const known = knownSecret(hit, new Map([['password', 'tiger-lily']]));
  t.like(known, { name: 'password', value: 'tiger-lily' });
  t.is(known.where.en.split(',')[0], password.where.split(',')[0]);
  t.is(knownSecret(hit, new Map()).value, undefined);
  const opened = shapedSecrets({ ...request, opened: true });
  t.true(opened.length > 0 && opened.every(({ label }) => label.en === ''), 'only the keys opened it');
});

test('a conversation has its wire, its connection and its two ends; outside of a step a drawn client is anybody', (t) => {
  const topology = topologyWith('mallory');
  const wire = topology.wires.find(({ hop }) => hop === 'A');
  const connection = { hop: 'A', conn: 3 } as Connection;
  const ends = { client: 'mallory', server: 'front' };
  const own = inLanguage(ladderHead(connection, wire, ends, { topology, inStep: true }), 'en');
  t.regex(own.place, /^Wire A.*connection 3$/);
  t.like(own, { client: 'mallory', server: 'front' });
  for (const language of languages) {
    const visit = inLanguage(ladderHead(connection, wire, ends, { topology, inStep: false }), language);
    t.not(visit.client, 'mallory');
  }
  const unknown = ladderHead(
    connection,
    undefined,
    { client: undefined, server: undefined },
    { topology, inStep: true },
  );
  t.is(unknown.server.en, 'server');
});
