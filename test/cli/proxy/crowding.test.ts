/** What is said, and how often, where there is no room for another connection. */
import test from 'ava';
import type { Localized } from '../../../src/i18n/language.ts';
import { Crowding } from '../../../src/cli/proxy/crowding.ts';

const from = { host: '127.0.0.1', port: 4711 };

function crowding(connections: number | undefined): {
  readonly crowding: Crowding;
  readonly said: Localized[];
} {
  const said: Localized[] = [];
  return { crowding: new Crowding({ files: 100, connections }, (text) => said.push(text)), said };
}

test('a thousand connections that are sent away at once are said once, and all counted', (t) => {
  const { crowding: place, said } = crowding(7);
  for (let index = 0; index < 1000; index++) place.sentAway(from, 'waiting');
  t.is(said.length, 1);
  t.is(
    said[0]?.en,
    'a connection from 127.0.0.1:4711 was rejected: at most 7 are served at a time (--max-concurrent-conns 7), and too many are waiting already',
  );
  t.regex(said[0]?.ko ?? '', /127\.0\.0\.1:4711의 연결을 받지 않았습니다.*--max-concurrent-conns 7/);
  t.deepEqual(place.counts, { sentAway: { waiting: 1000, open: 0 }, silentClosed: 0 });
});

test('a silent connection that makes room is named, with the reason that there is', (t) => {
  const limited = crowding(2);
  limited.crowding.madeRoom(12, from);
  t.is(
    limited.said[0]?.en,
    '#12 127.0.0.1:4711 was closed to make room: no data was exchanged, and others are waiting (--max-concurrent-conns 2)',
  );
  t.regex(limited.said[0]?.ko ?? '', /^자리를 마련하려고 #12 127\.0\.0\.1:4711 연결을 닫았습니다/);
  const unlimited = crowding(undefined);
  unlimited.crowding.sentAway(from, 'open');
  unlimited.crowding.madeRoom(12, from);
  t.regex(unlimited.said[0]?.en ?? '', /has reached its limit of 100 open files/);
  t.regex(unlimited.said[1]?.en ?? '', /too many files are open$/);
  t.deepEqual(unlimited.crowding.counts, { sentAway: { waiting: 0, open: 1 }, silentClosed: 1 });
});
