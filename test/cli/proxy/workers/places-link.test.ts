/** A limit of connections over several processes: each asks for the places of its own, one place has them all. */
import test from 'ava';
import { AskedPlaces, PlacesDesk } from '../../../../src/cli/proxy/workers/places-link.ts';
import { Places } from '../../../../src/wire/tcp/places.ts';
import type { Place } from '../../../../src/wire/tcp/places.ts';

interface Connection {
  readonly place: Place;
  readonly heard: string[];
}

interface Process {
  readonly asked: AskedPlaces;
  readonly desk: PlacesDesk;
  arrive(): Connection;
  die(): void;
}

function processOf(places: Places): Process {
  const asked = new AskedPlaces((what, id) => desk.take(what, id));
  const desk = new PlacesDesk(places.ownedBy(asked), (what, id) => asked.grant(what, id));
  return {
    asked,
    desk,
    arrive() {
      const heard: string[] = [];
      const hear = (what: string) => (): void => void heard.push(what);
      const place = asked.arrive({
        serve: hear('serve'),
        sendAway: hear('sendAway'),
        close: hear('close'),
      });
      return { place, heard };
    },
    die: () => desk.end(),
  };
}

const setup = (atOnce: number, mostWaiting = 10): { places: Places; one: Process; other: Process } => {
  const places = new Places({ atOnce, mostWaiting });
  return { places, one: processOf(places), other: processOf(places) };
};

/** Places are given after two polls. */
const turns = async (): Promise<void> => {
  for (let left = 3; left > 0; left--) await new Promise((resolve) => setImmediate(resolve));
};

test('the limit and the order of arrival hold over both processes', async (t) => {
  const { places, one, other } = setup(2);
  const connections = [one.arrive(), one.arrive(), one.arrive(), other.arrive(), one.arrive()];
  await turns();
  const served = (): readonly number[] => connections.map(({ heard }) => heard.length);
  t.deepEqual(served(), [1, 1, 0, 0, 0]);
  t.is(places.waiting, 3);
  connections[0]?.place.gone();
  await turns();
  t.deepEqual(served(), [1, 1, 1, 0, 0]);
  connections[1]?.place.gone();
  await turns();
  t.deepEqual(served(), [1, 1, 1, 1, 0]);
});

test('who has said something is served first, in whichever process it waits', async (t) => {
  const { one, other } = setup(1);
  const first = one.arrive();
  await turns();
  const [mute, spoken] = [one.arrive(), other.arrive()];
  spoken.place.spoke();
  first.place.gone();
  await turns();
  t.deepEqual([mute.heard, spoken.heard], [[], ['serve']]);
});

test('a silent connection of one process makes room for one that waits in the other', async (t) => {
  const { one, other } = setup(1);
  const silent = one.arrive();
  await turns();
  silent.place.idle();
  t.deepEqual(silent.heard, ['serve']);
  const waiting = other.arrive();
  t.deepEqual(silent.heard, ['serve', 'close']);
  silent.place.gone();
  await turns();
  t.deepEqual(waiting.heard, ['serve']);
});

test('a process that cannot accept another closes one of its own', async (t) => {
  const { one, other } = setup(5);
  const [first, second] = [one.arrive(), other.arrive()];
  await turns();
  first.place.idle();
  second.place.idle();
  other.asked.makeRoomForOne();
  t.deepEqual([first.heard, second.heard], [['serve'], ['serve', 'close']]);
});

test('the queue is one: what is too much is sent away, also from the other process', async (t) => {
  const { one, other } = setup(1, 1);
  const [served, waiting] = [one.arrive(), one.arrive()];
  await turns();
  t.deepEqual(other.arrive().heard, ['sendAway']);
  // Who has been silent for long gives its place in the queue to who comes.
  waiting.place.isStill();
  const late = other.arrive();
  t.deepEqual([waiting.heard, late.heard], [['sendAway'], []]);
  served.place.gone();
  await turns();
  t.deepEqual(late.heard, ['serve']);
  late.place.gone();
  t.deepEqual([one.desk.held, other.desk.held], [0, 0], 'nothing is kept of them');
});

test('the places of a process that ends are free', async (t) => {
  const { places, one, other } = setup(2);
  one.arrive();
  one.arrive();
  one.arrive();
  await turns();
  const waiting = [other.arrive(), other.arrive()];
  one.die();
  await turns();
  t.deepEqual(
    waiting.map(({ heard }) => heard),
    [['serve'], ['serve']],
  );
  t.is(places.waiting, 0);
});

test('who goes while its place is being granted leaves it again', async (t) => {
  const places = new Places({ atOnce: 1, mostWaiting: 10 });
  const granted: (() => void)[] = [];
  const asked = new AskedPlaces((what, id) => desk.take(what, id));
  const desk = new PlacesDesk(places, (what, id) => granted.push(() => asked.grant(what, id)));
  const heard: string[] = [];
  const holder = { serve: () => heard.push('serve'), sendAway: () => {}, close: () => {} };
  const place = asked.arrive(holder);
  await turns();
  t.is(granted.length, 1);
  place.gone();
  for (const grant of granted) grant();
  t.deepEqual(heard, []);
  asked.arrive(holder);
  await turns();
  t.is(granted.length, 2);
});
