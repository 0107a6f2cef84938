/**
 * Shows TCP's three packets as lines: captured, with their headers, or reconstructed from a socket's report, with letters
 * for the numbers that were not captured. Pure: the report is passed in.
 */
import { formatAddress } from '../../capture/event.ts';
import type { OpeningPacket, TcpOption, TcpOpening } from '../../capture/event.ts';
import type { Shown } from '../../engine/shown.ts';
import { inEach } from '../../i18n/language.ts';
import type { Localized } from '../../i18n/language.ts';
import { grouped } from '../../i18n/number.ts';
import { safeText } from '../../i18n/safe.ts';
import type { Opening } from '../../presentation/types/values.ts';
import type { OpeningReport } from './observations.ts';

const openingWords = {
  captured: { en: 'TCP’s three packets, as captured', ko: '캡처된 TCP 패킷 세 개' },
  reconstructed: { en: 'TCP’s three packets, reconstructed', ko: '재구성한 TCP 패킷 세 개' },
  note: {
    en: 'reconstructed: a proxy sees bytes, not packets. The numbers x and y were not captured; use --from FILE to show those of your own capture',
    ko: '재구성: 중계 지점에서 보이는 것은 패킷이 아니라 바이트입니다. 번호 x와 y는 보지 못했습니다. --from FILE로 직접 캡처한 파일을 주면 실제 패킷을 보여 줍니다',
  },
  none: {
    en: (code: string): string => `connection failed (${code})`,
    ko: (code: string): string => `연결되지 않았습니다(${code})`,
  },
  frame: {
    en: (frame: number, after: string): string => `packet ${frame}, ${after} s`,
    ko: (frame: number, after: string): string => `패킷 ${frame}, ${after}초`,
  },
  window: {
    en: (size: string, scaled: string): string => `window ${size}${scaled}`,
    ko: (size: string, scaled: string): string => `윈도 ${size}${scaled}`,
  },
  payload: {
    en: (bytes: string): string => `followed by ${bytes} bytes`,
    ko: (bytes: string): string => `데이터 ${bytes}바이트 포함`,
  },
} as const;

const optionWords: Readonly<Record<TcpOption['name'], (option: TcpOption) => Localized>> = {
  mss: ({ value }) => ({ en: `MSS ${value}`, ko: `MSS ${value}` }),
  window_scale: ({ value = 0 }) => ({
    en: `scale ${value} (x ${2 ** value})`,
    ko: `윈도 배율 ${value}(x ${2 ** value})`,
  }),
  sack_permitted: () => ({ en: 'SACK', ko: 'SACK' }),
  timestamps: () => ({ en: 'timestamps', ko: '타임스탬프' }),
  other: ({ kind }) => ({ en: `option ${kind}`, ko: `옵션 ${kind}` }),
};

/** In the order of `packets`: their numbers, where none was captured (RFC 9293 section 3.5). */
const letters = ['seq x', 'seq y, ack x + 1', 'seq x + 1, ack y + 1'];

const silent = { state: 'none', why: 'silent' } as const;

export const shown: Shown = {
  reports: { 'tcp-opening': { opening: ({ result }) => openingOf(result) } },
  endpoints: ({ step }) => (step.connect ? { sent: silent, got: silent } : undefined),
};

function openingOf(report: OpeningReport): Opening {
  const words = openingWords;
  if (report.origin === 'none') {
    const code = safeText(report.error.code);
    return { title: inEach((language) => words.none[language](code)), source: '', packets: [] };
  }
  const { origin, client, server, file, seen, packets } = report;
  return {
    title: words[origin],
    source: `${file === undefined ? '' : `${safeText(file)}, `}${formatAddress(client)} → ${formatAddress(server)}`,
    ...(seen === undefined ? {} : { seen }),
    packets: packets.map((packet, index) => ({
      head: `${packet.from === 'client' ? '→' : '←'} ${packet.flags.join(', ')}`,
      ...wordsOf(packet, index, packets),
    })),
    ...(origin === 'captured' ? { isFromFile: true } : { note: words.note }),
  };
}

function wordsOf(
  packet: OpeningPacket,
  index: number,
  packets: TcpOpening['packets'],
): Pick<Opening['packets'][number], 'place' | 'offers'> {
  const words = openingWords;
  if (!packet.captured) return { place: letters[index] ?? '', offers: '' };
  const { frame, at, sequence, acknowledged, window, options, payload } = packet.captured;
  return {
    place: inEach((language) =>
      [
        words.frame[language](frame, (at / 1e6).toFixed(6)),
        `seq ${sequence}`,
        ...(acknowledged === undefined ? [] : [`ack ${acknowledged}`]),
      ].join(', '),
    ),
    offers: inEach((language) =>
      [
        words.window[language](String(window), scaledWords(window, packets, packet)),
        ...options.map((option) => optionWords[option.name](option)[language]),
        ...(payload === 0 ? [] : [words.payload[language](grouped(payload))]),
      ].join(', '),
    ),
  };
}

/** A window is scaled where both sides offered scaling, and never in a packet with SYN (RFC 7323 section 2.2). */
function scaledWords(window: number, packets: TcpOpening['packets'], { from, flags }: OpeningPacket): string {
  if (flags.includes('SYN')) return '';
  const scales = packets
    .filter(({ flags: of }) => of.includes('SYN'))
    .map((one) => ({ from: one.from, scale: scaleOf(one) }));
  const own = scales.find((one) => one.from === from)?.scale;
  if (own === undefined || scales.length < 2 || scales.some(({ scale }) => scale === undefined)) return '';
  return ` x ${2 ** own} = ${grouped(window * 2 ** own)}`;
}

/** No more than 14, whatever the option says (RFC 7323 section 2.3). */
function scaleOf({ captured }: OpeningPacket): number | undefined {
  const value = captured?.options.find(({ name }) => name === 'window_scale')?.value;
  return value === undefined ? undefined : Math.min(value, 14);
}
