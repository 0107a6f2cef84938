/** A client that gives up by a time limit of its own: what its connection shows of that. */
import test from 'ava';
import type { Connection } from '../../../src/capture/connection.ts';
import {
  silenceBefore,
  silentServer,
  speaksOfLimit,
  withSilence,
} from '../../../src/diagnosis/command/gave-up.ts';
import { found } from '../../../src/diagnosis/found.ts';

interface Ended {
  readonly by?: 'client' | 'server' | 'unknown';
  readonly how?: 'end' | 'reset' | 'timeout';
  /** Microseconds. */
  readonly at?: number;
}

/** The client speaks at once, the server after 0.1 s. */
const ending = ({ by = 'client', how = 'end', at = 2_100_000 }: Ended): Connection =>
  ({
    closed: { by, how, at },
    stream: (_vantage: string, side: string) => ({ chunks: [{ at: side === 'client' ? 0 : 100_000 }] }),
  }) as unknown as Connection;

const silence = (ended: Ended, milliseconds = 60_000): number | undefined =>
  silenceBefore({ connection: ending(ended) }, milliseconds);

test('how long the server had been silent when the client left', (t) => {
  t.is(silence({}), 2);
  t.is(silence({ by: 'unknown' }), 2);
  t.is(silence({ at: 2_500_000 }, 2000), 2, 'no longer than the command ran');
  t.is(silence({ at: 200_000 }), undefined, 'it left at once');
  t.is(silence({ by: 'server' }), undefined);
  t.is(silence({ how: 'timeout' }), undefined);
  t.is(silenceBefore({}, 1000), undefined, 'no connection');
});

test('words of a time limit', (t) => {
  for (const said of [
    'curl: (28) Operation timed out after 2005 milliseconds with 0 bytes received',
    'Read error (Connection timed out) in headers.',
    'TimeoutError: The read operation timed out',
    'context deadline exceeded (Client.Timeout exceeded while awaiting headers)',
    'java.net.SocketTimeoutException: Read timed out',
  ])
    t.true(speaksOfLimit(said), said);
  t.false(speaksOfLimit('curl: (22) The requested URL returned error: 502'));
});

test('what is said of it', (t) => {
  t.like(silentServer(2), { cause: 'application_silent', by: 'server', confidence: 'likely' });
  t.regex(silentServer(2).because.en, /said nothing more for 2\.0 s, and the client gave up/);
  const slow = found({ cause: 'slow_server', by: 'server', confidence: 'likely', evidence: [] });
  t.regex(withSilence(slow, 2).because.en, /gave up after 2\.0 s/);
  t.is(withSilence(slow, undefined), slow);
  const other = found({ cause: 'failed_elsewhere', by: 'unknown', confidence: 'unknown', evidence: [] });
  t.is(withSilence(other, 2).because, other.because);
  t.is(withSilence(other, 2).evidence.length, 1);
  t.is(withSilence(silentServer(2), 2).evidence.length, 1, 'said once');
});
