/** A wait for the other side, by a clock and a loop of the test's own. */
import test from 'ava';
import { Patience } from '../../../src/wire/tcp/patience.ts';

/** Time goes by where the test says so; timers run in the order of their times, as in Node, behind everything that keeps the loop busy. */
class Loop {
  time = 0;
  #timers: { readonly at: number; readonly run: () => void }[] = [];
  #soon: (() => void)[] = [];

  readonly timers = {
    now: (): number => this.time,
    after: (milliseconds: number, run: () => void): (() => void) => {
      const timer = { at: this.time + milliseconds, run };
      this.#timers.push(timer);
      return () => (this.#timers = this.#timers.filter((other) => other !== timer));
    },
    soon: (run: () => void): void => void this.#soon.push(run),
  };

  get pending(): number {
    return this.#timers.length;
  }

  /** The loop waits for the network, and runs each timer when it is due. @param heard what the network brings at the end */
  idle(milliseconds: number, heard: () => void = () => {}): void {
    const until = this.time + milliseconds;
    for (let next = this.#next(); next && next.at <= until; next = this.#next()) {
      this.time = Math.max(this.time, next.at);
      this.#run(next);
      this.#poll(() => {});
    }
    this.time = until;
    this.#poll(heard);
  }

  /** Something runs for so long; then the timers that are due, then the network. */
  busy(milliseconds: number, heard: () => void = () => {}): void {
    this.time += milliseconds;
    for (let next = this.#next(); next && next.at <= this.time; next = this.#next()) this.#run(next);
    this.#poll(heard);
  }

  #next(): { readonly at: number; readonly run: () => void } | undefined {
    return this.#timers.toSorted((one, other) => one.at - other.at)[0];
  }

  #run(timer: { readonly run: () => void }): void {
    this.#timers = this.#timers.filter((other) => other !== timer);
    timer.run();
  }

  #poll(heard: () => void): void {
    heard();
    for (const run of this.#soon.splice(0)) run();
  }
}

function waiting(milliseconds: number): {
  loop: Loop;
  over: () => number;
  wait: ReturnType<Patience['wait']>;
  patience: Patience;
} {
  const loop = new Loop();
  const patience = new Patience(loop.timers);
  let over = 0;
  const wait = patience.wait(milliseconds, () => over++);
  return { loop, over: () => over, wait, patience };
}

test('who says nothing while the loop is free is waited for as long as was said, and no longer', (t) => {
  const { loop, over, wait } = waiting(1000);
  loop.idle(990);
  t.is(over(), 0);
  t.true(wait.left > 0 && wait.left <= 10);
  loop.idle(20);
  t.is(over(), 1);
  t.is(wait.left, 0);
});

test('time in which the loop was busy does not count', (t) => {
  const { loop, over } = waiting(1000);
  loop.idle(500);
  loop.busy(30_000);
  t.is(over(), 0);
  loop.idle(390);
  t.is(over(), 0);
  loop.idle(200);
  t.is(over(), 1);
});

test('a loop that is busy again and again, and free in between, waits for all that it was free', (t) => {
  const { loop, over } = waiting(1000);
  let turns = 0;
  for (; over() === 0; turns++) {
    loop.busy(900);
    loop.idle(100);
  }
  t.true(turns >= 5 && turns <= 10, `${turns}`);
});

test('an answer that lay unread when the time was over is heard first', (t) => {
  const { loop, over, wait } = waiting(1000);
  loop.idle(995);
  loop.busy(10, () => wait.stop());
  t.is(over(), 0);
  loop.idle(5000);
  t.is(over(), 0);
});

test('nothing runs once nobody waits, whether the waits were stopped or over', (t) => {
  const { loop, wait, patience } = waiting(1000);
  const other = patience.wait(300);
  loop.idle(400);
  t.true(loop.pending > 0);
  other.stop();
  wait.stop();
  wait.stop();
  t.is(loop.pending, 0);
  patience.wait(100);
  loop.idle(1000);
  t.is(loop.pending, 0);
});

test('while nothing is read no time counts, however long that is, and it may happen again', (t) => {
  const { loop, over, wait, patience } = waiting(1000);
  loop.idle(400);
  for (let count = 0; count < 3; count++) {
    patience.suspend();
    patience.suspend();
    loop.idle(60_000);
    t.is(over(), 0);
    t.true(wait.left > 300);
    patience.resume();
    patience.resume();
    loop.idle(100);
  }
  t.is(over(), 0);
  loop.idle(400);
  t.is(over(), 1);
});
