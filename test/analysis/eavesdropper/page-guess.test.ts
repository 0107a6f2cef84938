/** Guesses from records of real TLS: what is in them is known here, and not to who guesses. */
import { once } from 'node:events';
import test from 'ava';
import { conversation, loadReadings } from '../../../src/analysis/conversation/conversation.ts';
import { guessPages } from '../../../src/analysis/eavesdropper/page-guess.ts';
import type { KnownPage } from '../../../src/analysis/eavesdropper/page-guess.ts';
import { Flows } from '../../../src/capture/flows.ts';
import { CaptureLog } from '../../../src/capture/log.ts';
import type { TlsVersion } from '../../../src/capture/vocabulary.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { accept } from '../../../src/wire/accept.ts';
import { dial } from '../../../src/wire/dial.ts';
import { topology } from '../../helpers/capture.ts';
import { world } from '../../helpers/live.ts';

test.before(loadReadings);

const settings: readonly (readonly [TlsVersion, string?])[] = [
  ['TLSv1.3'],
  ['TLSv1.2', 'ECDHE-ECDSA-AES128-GCM-SHA256'],
  ['TLSv1.2', 'ECDHE-ECDSA-CHACHA20-POLY1305'],
  ['TLSv1.2', 'ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0'],
];

/** Exchanges of so many bytes, one after the other over one connection; the messages as an eavesdropper reads them. */
async function recorded(
  exchanges: readonly (readonly [request: number, answer: number])[],
  [version, ciphers]: (typeof settings)[number],
) {
  const log = new CaptureLog({ clock: systemClock });
  log.append({ type: 'began', version: '0', wallClock: new Date(0).toISOString(), topology });
  const tls = { minVersion: version, maxVersion: version, ...(ciphers === undefined ? {} : { ciphers }) };
  let turn = 0;
  const listener = await accept(
    {
      security: 'tls',
      listen: { host: '127.0.0.1', port: 0 },
      clock: systemClock,
      tap: { log, hop: 'A' },
      identity: world.identity('shop'),
      tls,
    },
    ({ stream }) => {
      stream.on('error', () => {});
      stream.on('data', () => stream.write(Buffer.alloc(exchanges[turn++]?.[1] ?? 0)));
      stream.on('end', () => stream.end());
    },
  );
  const dialed = await dial({
    security: 'tls',
    to: listener.address,
    clock: systemClock,
    serverName: 'shop.localhost',
    authorities: [world.authority('server-ca')],
    tls,
  });
  if (dialed.outcome === 'failed') throw new Error(dialed.failure.message);
  const { stream } = dialed;
  for (const [request, answer] of exchanges) {
    let left = answer;
    const whole = new Promise<void>((resolve) => {
      const take = (chunk: Buffer): void => {
        left -= chunk.length;
        if (left > 0) return;
        stream.off('data', take);
        resolve();
      };
      stream.on('data', take);
    });
    stream.write(Buffer.alloc(request));
    await whole;
  }
  stream.end();
  await once(stream, 'close');
  await listener.close();
  const flows = new Flows(log);
  for (const event of log.events) flows.fold(event);
  const [connection] = flows.connections;
  if (!connection) throw new Error('no connection was recorded');
  return conversation(connection);
}

const page = (name: string, bytes: number, requestBytes = 200): KnownPage => ({ name, bytes, requestBytes });
const known = [page('short', 1000), page('middle', 5000), page('long', 40_000), page('other', 5000, 260)];

for (const setting of settings) {
  test(`pages are told by their sizes, in both directions: ${setting.join(' ')}`, async (t) => {
    const messages = await recorded(
      [
        [200, 5000],
        [200, 40_000],
        [260, 5000],
        [200, 1000],
      ],
      setting,
    );
    const guesses = guessPages(messages, known);
    t.deepEqual(
      guesses.map(({ candidates }) => candidates),
      [['middle'], ['long'], ['other'], ['short']],
    );
    t.is(guesses.filter(({ pause }) => pause !== undefined).length, 3, 'a pause behind all but the last');
    for (const { evidence, size } of guesses) {
      t.true(evidence.length > 1);
      t.truthy(size);
    }
  });

  test(`what fits no page is no page, and what fits all is no knowledge: ${setting.join(' ')}`, async (t) => {
    const messages = await recorded(
      [
        [200, 6000],
        [200, 5000],
      ],
      setting,
    );
    const alike = ['a', 'b', 'c'].map((name) => page(name, 5000));
    t.deepEqual(
      guessPages(messages, alike).map(({ candidates }) => candidates),
      [[], ['a', 'b', 'c']],
    );
    // Answers of one size are not enough: a longer address makes a longer request.
    t.deepEqual(guessPages(messages, [...alike, page('d', 5000, 230)])[1]?.candidates, ['a', 'b', 'c']);
    t.deepEqual(
      guessPages(messages, []).map(({ candidates }) => candidates),
      [[], []],
    );
  });
}

test('without a handshake there is nothing to guess', (t) => {
  t.deepEqual(guessPages([], known), []);
});
