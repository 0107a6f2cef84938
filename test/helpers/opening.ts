/** How a connection was opened, as a capture tells it. */
import type { OpeningPacket, TcpOpening } from '../../src/capture/event.ts';

type Captured = NonNullable<OpeningPacket['captured']>;

const captured = (
  frame: number,
  at: number,
  numbers: Pick<Captured, 'sequence' | 'acknowledged' | 'window' | 'options'>,
): Captured => ({ frame, at, payload: 0, ...numbers });

export const capturedOpening = {
  origin: 'captured',
  file: 'my.pcapng',
  seen: '2026-01-17T20:43:36.559976Z',
  client: { host: '192.0.2.7', port: 50_000 },
  server: { host: '198.51.100.2', port: 443 },
  packets: [
    {
      from: 'client',
      flags: ['SYN'],
      captured: captured(11, 0, {
        sequence: 2_717_333_804,
        window: 64_240,
        options: [
          { name: 'mss', kind: 2, value: 1460 },
          { name: 'sack_permitted', kind: 4 },
          { name: 'timestamps', kind: 8, value: 5 },
          { name: 'window_scale', kind: 3, value: 7 },
        ],
      }),
    },
    {
      from: 'server',
      flags: ['SYN', 'ACK'],
      captured: captured(12, 15_957, {
        sequence: 1_253_214_926,
        acknowledged: 2_717_333_805,
        window: 65_535,
        options: [
          { name: 'mss', kind: 2, value: 1452 },
          { name: 'window_scale', kind: 3, value: 5 },
          { name: 'other', kind: 34 },
        ],
      }),
    },
    {
      from: 'client',
      flags: ['ACK'],
      captured: captured(14, 16_047, {
        sequence: 2_717_333_805,
        acknowledged: 1_253_214_927,
        window: 502,
        options: [],
      }),
    },
  ],
} as const satisfies TcpOpening;
