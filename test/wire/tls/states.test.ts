/** The states of a TLS connection, as a table: every state with every event, those included that cannot come together. */
import test from 'ava';
import { transition, wireEvents, wireStates } from '../../../src/wire/tls/states.ts';
import type { WireEvent, WireStateName } from '../../../src/wire/tls/states.ts';

const names = Object.keys(wireStates) as WireStateName[];

/** `-` is what cannot be; else the state that follows, and what the wire does. */
const expected: Readonly<Record<WireStateName, Readonly<Record<WireEvent, string>>>> = {
  handshaking: {
    hold: 'holding',
    admit: 'established',
    refuse: 'replaced: replace',
    fail: 'failed: drain',
    fail_and_refuse: 'silent: drain, replace',
    break_off: '-',
  },
  holding: {
    hold: 'holding',
    admit: 'established: release',
    refuse: 'replaced: replace',
    fail: 'failed: drain, release',
    fail_and_refuse: 'silent: drain, replace',
    break_off: '-',
  },
  established: {
    hold: '-',
    admit: '-',
    refuse: '-',
    fail: 'failed: drain',
    fail_and_refuse: '-',
    break_off: 'replaced: replace',
  },
  failed: {
    hold: '-',
    admit: '-',
    refuse: '-',
    fail: 'failed: drain',
    fail_and_refuse: '-',
    break_off: 'silent: replace',
  },
  replaced: {
    hold: '-',
    admit: '-',
    refuse: '-',
    fail: 'silent: drain',
    fail_and_refuse: '-',
    break_off: '-',
  },
  silent: {
    hold: '-',
    admit: '-',
    refuse: '-',
    fail: 'silent: drain',
    fail_and_refuse: '-',
    break_off: '-',
  },
};

for (const state of names) {
  for (const event of wireEvents) {
    test(`${state}, ${event}: ${expected[state][event]}`, (t) => {
      const followed = transition(state, event);
      t.is(
        followed ? [followed.next, followed.actions.join(', ')].filter(Boolean).join(': ') : '-',
        expected[state][event],
      );
    });
  }
}

test('every state can be reached, and every action is somewhere', (t) => {
  const reached = new Set<WireStateName>(['handshaking']);
  const actions = new Set<string>();
  for (const state of reached) {
    for (const event of wireEvents) {
      const followed = transition(state, event);
      if (followed) reached.add(followed.next);
      for (const action of followed?.actions ?? []) actions.add(action);
    }
  }
  t.deepEqual([...reached].toSorted(), names.toSorted());
  t.deepEqual([...actions].toSorted(), ['drain', 'release', 'replace']);
});

test('rules of the table: what is decided stays decided, what was replaced stays replaced, what failed hears no more', (t) => {
  for (const state of names) {
    for (const event of wireEvents) {
      const followed = transition(state, event);
      if (!followed) continue;
      const [before, after] = [wireStates[state], wireStates[followed.next]];
      const place = `${state}, ${event}`;
      if (before.isSettled) t.true(after.isSettled, place);
      if (before.output === 'dropped') t.is(after.output, 'dropped', place);
      if (before.input === 'passed_over') t.is(after.input, 'passed_over', place);
      // What is held is sent or replaced, and never forgotten.
      if (before.output === 'held' && after.output !== 'held')
        t.is(followed.actions.includes('release'), after.output === 'sent', place);
      t.is(
        followed.actions.includes('replace'),
        before.output !== 'dropped' && after.output === 'dropped',
        place,
      );
      t.is(followed.actions.includes('drain'), after.input === 'passed_over' && event !== 'break_off', place);
      // Nobody is refused twice, and nobody who came in is refused.
      if (before.isSettled) t.false(event === 'refuse' || event === 'admit' || event === 'hold', place);
    }
  }
});
