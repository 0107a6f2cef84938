/** What went over each wire by any moment: exact now, bounded however long the log is, and lit for a moment only. */
import test from 'ava';
import * as fc from 'fast-check';
import { noTraffic, Traffic } from '../../../src/presentation/wires/traffic.ts';
import { ScriptedLog, tickingClock } from '../../helpers/capture.ts';

function folded(): {
  readonly log: ScriptedLog;
  readonly traffic: Traffic;
  readonly clock: ReturnType<typeof tickingClock>;
} {
  const clock = tickingClock();
  const log = new ScriptedLog({ clock });
  const traffic = new Traffic();
  log.log.subscribe(traffic.fold);
  log.began();
  return { log, traffic, clock };
}

test('connections, bytes by direction and refusals are counted for each wire at each moment', (t) => {
  const { log, traffic } = folded();
  log.opened(1, 'A');
  log.bytes('client', 'abc');
  const { seq } = log.bytes('server', 'de');
  log.opened(2, 'B');
  log.bytes('client', 'x', { conn: 2, hop: 'B', vantage: 'plaintext' });
  log.closed('client', 'end', 1, 'A');
  t.like(traffic.of('A'), { connections: 1, open: 0, refused: 0, bytes: { client: 3, server: 2 } });
  t.like(traffic.of('A', seq), { open: 1, bytes: { client: 3, server: 2 } });
  t.like(traffic.of('A', seq - 1), { bytes: { client: 3, server: 0 } });
  t.is(traffic.of('A', 0), noTraffic);
  t.like(traffic.of('B'), { connections: 1, bytes: { client: 0, server: 0 }, spokeSeq: -1 });
  t.is(traffic.of('Z'), noTraffic);
  t.is(traffic.spokeSeq, seq);
});

test('a wire counts as refusing until its next connection', (t) => {
  const { log, traffic } = folded();
  log.opened(1, 'A');
  log.log.append({
    type: 'refused',
    conn: 1,
    hop: 'A',
    by: 'server',
    reason: 'certificate_missing',
    detail: {},
  });
  log.closed('server', 'end', 1, 'A');
  t.like(traffic.of('A'), { refused: 1, isRefusing: true });
  log.opened(2, 'A');
  t.like(traffic.of('A'), { refused: 1, isRefusing: false, connections: 2 });
});

test('a wire is lit for a second, and not when the time is known to have passed', (t) => {
  const { log, traffic, clock } = folded();
  log.opened(1, 'A');
  const { seq } = log.bytes('client', 'abc');
  t.true(traffic.isLit('A', -1));
  t.false(traffic.isLit('A', seq));
  t.false(traffic.isLit('B', -1));
  clock.advance(1_000_000);
  log.opened(2, 'B');
  t.false(traffic.isLit('A', -1));
});

test('of a long log every moment is known nearly, the present exactly, and the rows stay few', (t) => {
  const { log, traffic } = folded();
  log.opened(1, 'A');
  const sizes = Array.from({ length: 20_000 }, (_, index) => {
    log.bytes('client', 'x');
    return index + 1;
  });
  t.is(traffic.of('A').bytes.client, 20_000);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20_000 }), (count) => {
      const { bytes } = traffic.of('A', count + 1);
      return bytes.client <= (sizes[count - 1] ?? 0) && bytes.client > count - 64;
    }),
  );
});
