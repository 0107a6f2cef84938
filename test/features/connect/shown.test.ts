import test from 'ava';
import type { TcpOpening } from '../../../src/capture/event.ts';
import { inLanguage, languages } from '../../../src/i18n/language.ts';
import { shown } from '../../../src/features/connect/shown.ts';
import type { OpeningReport } from '../../../src/features/connect/observations.ts';
import { capturedOpening } from '../../helpers/opening.ts';
import { reportOf, shownBy } from '../support/reports.ts';

const [syn, answer, last] = capturedOpening.packets;
const openingLines = (report: OpeningReport) =>
  shownBy(shown, reportOf('client', { kind: 'tcp-opening', ...report }), (own, report) =>
    own.opening?.(report),
  );
const shownOf = (change: Partial<TcpOpening> = {}) =>
  inLanguage(openingLines({ ...capturedOpening, ...change }), 'en');

test('captured packets: their places, times and numbers, and what their senders can do', (t) => {
  t.deepEqual(shownOf(), {
    title: 'TCP’s three packets, as captured',
    isFromFile: true,
    source: 'my.pcapng, 192.0.2.7:50000 → 198.51.100.2:443',
    seen: '2026-01-17T20:43:36.559976Z',
    packets: [
      {
        head: '→ SYN',
        place: 'packet 11, 0.000000 s, seq 2717333804',
        offers: 'window 64240, MSS 1460, SACK, timestamps, scale 7 (x 128)',
      },
      {
        head: '← SYN, ACK',
        place: 'packet 12, 0.015957 s, seq 1253214926, ack 2717333805',
        offers: 'window 65535, MSS 1452, scale 5 (x 32), option 34',
      },
      {
        head: '→ ACK',
        place: 'packet 14, 0.016047 s, seq 2717333805, ack 1253214927',
        offers: 'window 502 x 128 = 64,256',
      },
    ],
  });
});

test('a window is scaled only where both sides have offered it, by no more than 2^14, and bytes in a packet are shown', (t) => {
  const scaledBy = (own: number | undefined, other: number | undefined): string | undefined => {
    const offer = (value: number | undefined) =>
      value === undefined ? [] : [{ name: 'window_scale', kind: 3, value } as const];
    const packets = [
      { ...syn, captured: { ...syn.captured, options: offer(own) } },
      { ...answer, captured: { ...answer.captured, options: offer(other) } },
      last,
    ];
    return shownOf({ packets }).packets[2]?.offers;
  };
  t.is(scaledBy(7, 5), 'window 502 x 128 = 64,256');
  t.is(scaledBy(0, 5), 'window 502 x 1 = 502');
  t.is(scaledBy(255, 5), 'window 502 x 16384 = 8,224,768');
  t.is(scaledBy(7, undefined), 'window 502');
  t.is(scaledBy(undefined, 5), 'window 502');
  t.is(
    shownOf({ packets: [syn, answer, { ...last, captured: { ...last.captured, payload: 1517 } }] }).packets[2]
      ?.offers,
    'window 502 x 128 = 64,256, followed by 1,517 bytes',
  );
});

test('reconstructed packets have letters for the numbers that were not captured, with a note', (t) => {
  const packets = capturedOpening.packets.map(({ from, flags }) => ({ from, flags }));
  const { client, server } = capturedOpening;
  for (const language of languages) {
    const { note, seen, ...shownPackets } = inLanguage(
      openingLines({ origin: 'reconstructed', from: client, client, server, packets }),
      language,
    );
    t.deepEqual(
      shownPackets.packets.map(({ place, offers }) => [place, offers]),
      [
        ['seq x', ''],
        ['seq y, ack x + 1', ''],
        ['seq x + 1, ack y + 1', ''],
      ],
    );
    t.is(shownPackets.source, '192.0.2.7:50000 → 198.51.100.2:443');
    t.is(seen, undefined);
    t.regex(
      note ?? '',
      language === 'en' ? /bytes, not packets.*--from FILE/ : /패킷이 아니라 바이트.*--from FILE/,
    );
  }
});

test('a failed connection, and a name with control characters', (t) => {
  t.deepEqual(
    inLanguage(openingLines({ origin: 'none', error: { code: 'ECONNREFUSED', message: '' } }), 'en'),
    { title: 'connection failed (ECONNREFUSED)', source: '', packets: [] },
  );
  t.notRegex(shownOf({ file: 'my\u001b[2J.pcap' }).source, /\u001b/);
});

test('in Korean', (t) => {
  const { title, packets } = inLanguage(openingLines({ ...capturedOpening }), 'ko');
  t.is(title, '캡처된 TCP 패킷 세 개');
  t.is(packets[0]?.place, '패킷 11, 0.000000초, seq 2717333804');
  t.is(packets[0]?.offers, '윈도 64240, MSS 1460, SACK, 타임스탬프, 윈도 배율 7(x 128)');
});
