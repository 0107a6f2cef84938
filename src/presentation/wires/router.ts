/** What the capture of a router on the way says about the taps, in sentences. */
import type { Agreement, Difference, DifferenceKind } from '../../capture/agreement/agreement.ts';
import { formatAddress } from '../../capture/event.ts';
import { inEach } from '../../i18n/language.ts';
import type { Language, Localized } from '../../i18n/language.ts';
import { grouped } from '../../i18n/number.ts';
import { statusMarks } from '../../engine/status-marks.ts';
import type { Statement } from '../types/values.ts';
import { sideWords } from '../words.ts';

export const routerTitle: Localized = { en: "The router's capture", ko: '라우터의 캡처' };

/** Whether it agrees, and where not. */
export function routerStatements(agreement: Agreement): Statement[] {
  const { differences } = agreement;
  return [
    {
      mark: statusMarks[differences.length === 0 ? 'met' : 'missed'],
      tone: differences.length === 0 ? 'plain' : 'warning',
      text: inEach((language) => words[language].agrees(agreement)),
    },
    ...differences.map(
      (one): Statement => ({
        mark: statusMarks.missed,
        tone: 'warning',
        text: inEach((language) => differenceText(one, language)),
      }),
    ),
  ];
}

export const agreedBytes = ({ connections }: Pick<Agreement, 'connections'>): number =>
  connections.reduce((sum, { client, server }) => sum + client.bytes + server.bytes, 0);

const words: Readonly<Record<Language, { readonly agrees: (agreement: Agreement) => string }>> = {
  en: {
    agrees: (agreement) => {
      const { connections, differences, packets, unsent, unread } = agreement;
      const count = connections.length;
      const counted = `${count} ${count === 1 ? 'connection' : 'connections'}, ${grouped(agreedBytes(agreement))} bytes in both directions (${grouped(packets)} packets, by SHA-256)`;
      const resets = [
        ...(unsent > 0
          ? [`${grouped(unsent)} bytes were written and never sent, since the other end reset the connection`]
          : []),
        ...(unread > 0
          ? [`${grouped(unread)} bytes were sent to an end that had closed, and never read`]
          : []),
      ];
      return `${
        differences.length === 0
          ? `the router's capture agrees with the taps: ${counted}; the claims are judged from the capture`
          : `the router's capture does not agree with the taps; what agrees: ${counted}. The claims are judged from the capture`
      }${resets.length > 0 ? `. ${resets.join('; ')}` : ''}`;
    },
  },
  ko: {
    agrees: (agreement) => {
      const { connections, differences, packets, unsent, unread } = agreement;
      const counted = `연결 ${connections.length}개, 양방향 ${grouped(agreedBytes(agreement))}바이트(패킷 ${grouped(packets)}개, SHA-256으로 비교)`;
      const resets = [
        ...(unsent > 0 ? [`상대가 연결을 끊어(RST) 쓰기만 하고 보내지 못함: ${grouped(unsent)}바이트`] : []),
        ...(unread > 0 ? [`이미 닫은 쪽에 보내 읽히지 않음: ${grouped(unread)}바이트`] : []),
      ];
      return `${
        differences.length === 0
          ? `라우터의 캡처가 도청 지점의 기록과 같습니다: ${counted}. 주장은 이 캡처로 판정했습니다`
          : `라우터의 캡처가 도청 지점의 기록과 다릅니다. 같은 부분: ${counted}. 주장은 이 캡처로 판정했습니다`
      }${resets.length > 0 ? `. ${resets.join('. ')}` : ''}`;
    },
  },
};

const kinds: Readonly<Record<DifferenceKind, Localized>> = {
  not_captured: { en: 'the router never saw this connection', ko: '라우터가 이 연결을 보지 못했습니다' },
  not_tapped: {
    en: 'the router saw it, and no tap did',
    ko: '라우터는 보았지만 어느 도청 지점에도 기록이 없습니다',
  },
  bytes_differ: { en: 'another byte was captured', ko: '캡처된 바이트가 다릅니다' },
  never_crossed: {
    en: 'recorded by the tap, never seen by the router',
    ko: '도청 지점에는 있지만 라우터를 지나지 않았습니다',
  },
  never_recorded: {
    en: 'seen by the router, never recorded by the tap',
    ko: '라우터를 지났지만 도청 지점에 기록이 없습니다',
  },
  lost_by_capture: { en: 'missing in the capture', ko: '캡처에 빠져 있습니다' },
};

function differenceText(
  { kind, hop, client, server, from, offset, length }: Difference,
  language: Language,
): string {
  const ends = `${formatAddress(client)} → ${formatAddress(server)}`;
  const wire = hop === undefined ? '' : language === 'en' ? `wire ${hop}, ` : `${hop} 구간, `;
  const side =
    from === undefined
      ? ''
      : language === 'en'
        ? `, from the ${sideWords[from].en}`
        : `, 보낸 쪽: ${sideWords[from].ko}`;
  const at =
    offset === undefined
      ? ''
      : language === 'en'
        ? `, from byte ${grouped(offset)} on`
        : `, ${grouped(offset)}바이트 위치부터`;
  const many =
    length === undefined
      ? ''
      : language === 'en'
        ? ` (${grouped(length)} bytes)`
        : ` (${grouped(length)}바이트)`;
  return `${wire}${ends}${side}${at}: ${kinds[kind][language]}${many}`;
}
