/** Who called whom, in turn: calls, events of a watch, bursts; bounded whatever the log holds. */
import test from 'ava';
import type { Side } from '../../src/capture/event.ts';
import { legsOf, CallTrace } from '../../src/analysis/call-trace.ts';
import type { Burst } from '../../src/analysis/call-trace.ts';
import { ScriptedLog, tickingClock } from '../helpers/capture.ts';

class Told {
  readonly clock = tickingClock();
  readonly log = new ScriptedLog({ clock: this.clock });
  readonly trail = new CallTrace();

  constructor() {
    this.log.log.subscribe(this.trail.fold);
    this.log.began();
  }

  /** `A1>`: the client of connection 1 on wire A speaks, `A1<`: its server; `+20`: milliseconds pass. */
  say(words: string, vantage: 'wire' | 'plaintext' = 'wire', bytes = 'x'): this {
    for (const word of words.split(' ')) {
      const [, hop = '', conn = '', from = '', pause] = /^(?:([A-Z])(\d+)([<>])|\+(\d+))$/.exec(word) ?? [];
      if (pause === undefined)
        this.log.bytes((from === '>' ? 'client' : 'server') satisfies Side, bytes, {
          conn: Number(conn),
          hop,
          vantage,
        });
      else this.clock.advance(Number(pause) * 1000);
    }
    return this;
  }
}

const shown = (burst: Burst | undefined): string =>
  (burst?.steps ?? []).map(({ hop, by }) => (by === 'server' ? `${hop}<` : hop)).join(' ') +
  (burst?.more ? ` +${burst.more}` : '');

test('a call, those that follow from it, and an event that nobody asked for', (t) => {
  const { trail } = new Told().say('D9> D9< +5000 A1> B2> B2< A1< D9< D3> B2> B2< D3<');
  t.is(shown(trail.newest()), 'A B D< D B');
});

test('a second piece of an answer is no call', (t) => {
  const { trail } = new Told().say('A1> B2> B2< A1< C3> +50 A1<');
  t.is(shown(trail.newest()), 'A B C');
});

test('under TLS what the server sends tells nothing, unless an endpoint reads it', (t) => {
  const hello = '\u0016\u0003\u0001';
  const sealed = new Told().say('D1> D1<', 'wire', hello).say('+5000 A2> D1< B3>', 'wire', hello);
  t.is(shown(sealed.trail.newest()), 'A B');
  const read = new Told()
    .say('D1> D1<', 'wire', hello)
    .say('D1> D1<', 'plaintext')
    .say('+5000 A2>', 'wire')
    .say('D1<', 'wire')
    .say('D1<', 'plaintext')
    .say('B3>');
  t.is(shown(read.trail.newest()), 'A D< B');
});

test('a heartbeat and its store do not drive away what many wires took part in', (t) => {
  const { trail } = new Told().say('A1> B2> C3> +2000 E4> B2>');
  t.is(shown(trail.newest()), 'A B C');
  t.is(shown(trail.newest(Infinity, 1)), 'E B');
  t.is(shown(new Told().say('A1> +2000 E4> B2>').trail.newest()), 'E B');
  t.is(trail.newest(0), undefined);
});

test('of a step all that it did, over its pauses', (t) => {
  const { trail, log } = new Told().say('A1> B2> +3000 C3> +3000 D4>');
  const seqs = log.log.events.flatMap((event) => (event.type === 'bytes' ? [event.seq] : []));
  t.is(shown(trail.between(seqs[1] ?? 0, seqs[2] ?? 0)), 'B C');
  t.is(shown(trail.between(0, Infinity)), 'A B C D');
  t.is(trail.between(1000, Infinity), undefined);
});

test('there and back again and again is told once', (t) => {
  const { trail } = new Told().say('A1> B2> B2< A1< A1> B2> B2< A1< A1> B2> B2< A1< C3>');
  const legs = legsOf(trail.newest()?.steps ?? []);
  t.deepEqual(
    legs.map(({ steps, times }) => `${steps.map(({ hop }) => hop).join('')}x${times}`),
    ['ABx3', 'Cx1'],
  );
});

test('however much is said, a burst, the bursts and the connections stay few', (t) => {
  const told = new Told();
  for (let count = 0; count < 300; count++) told.say(`A${count}> B${count}>`);
  t.regex(shown(told.trail.newest()), / \+\d+$/);
  t.is(told.trail.newest()?.steps.length, 64);
  for (let count = 0; count < 5000; count++) told.say(`+2000 A${count}>`);
  t.is(told.trail.between(0, Infinity)?.steps.length, 64);
});
