/** The kernel of this machine saw that what the client sent was never acknowledged: whoever is silent then has not received it. */
import type { Attempt } from '../../attempt/attempt.ts';
import type { Localized } from '../../../i18n/language.ts';
import { explained } from '../../case.ts';
import type { Evidence, Finding } from '../../diagnosis.ts';

/** Sent again so often, a packet that was lost by chance has arrived. */
const fewest = 3;
/** Bytes of a packet that may be too large for the way. */
const fullSize = 1000;

export const isLostOnTheWay = ({ unacknowledged }: Pick<Attempt, 'unacknowledged'>): boolean =>
  unacknowledged !== undefined && unacknowledged.bytes > 0 && unacknowledged.retransmissions >= fewest;

/** @param evidence what else speaks for it */
export function lostOnTheWay(
  attempt: Attempt,
  message: string | undefined,
  evidence: readonly Evidence[],
): Finding {
  const { bytes = 0, retransmissions = 0 } = attempt.unacknowledged ?? {};
  const isLarge = bytes >= fullSize;
  return explained({
    cause: 'packets_lost',
    by: 'client',
    blamed: 'between',
    detail: { lost: { from: 'client', bytes, times: retransmissions + 1 } },
    confidence: 'likely',
    message,
    evidence: [...unacknowledgedEvidence(attempt), ...evidence],
    because: {
      en: `the connection was made, and then ${bytes} bytes that the client sent were not acknowledged (TCP), though sent ${retransmissions + 1} times: they do not reach the other machine, or nothing of what it sends comes back`,
      ko: `연결은 되었지만 그 뒤 클라이언트가 보낸 ${bytes}바이트는 ${retransmissions + 1}번 보내도 수신 확인(ACK)이 없었습니다. 상대 컴퓨터에 도착하지 않거나, 상대가 보낸 것이 돌아오지 않습니다.`,
    },
    remedy: isLarge ? ofLarge : ofAny,
  });
}

const ofAny: Localized = {
  en: 'look for a firewall or an inspection device that drops packets of this connection (by the name in the ClientHello, for example), or that has forgotten the connection (NAT, state table), and see that the other machine is still up; captures at both ends show how far it gets',
  ko: '이 연결의 패킷을 버리는 방화벽이나 검사 장비(예: ClientHello의 이름 때문에), 연결을 잊은 장비(NAT, 상태 테이블)를 찾고, 상대 컴퓨터가 아직 켜져 있는지 확인하세요. 양쪽 끝에서 캡처하면 어디까지 가는지 알 수 있습니다.',
};
const ofLarge: Localized = {
  en: `find out what size passes (ping -M do -s 1472, then less): let ICMP "fragmentation needed" through, or lower the MTU. If all sizes pass, ${ofAny.en}`,
  ko: `통과하는 크기를 찾으세요(ping -M do -s 1472부터 줄여서). ICMP "fragmentation needed" 메시지를 허용하거나 MTU를 낮추세요. 크기와 관계가 없다면 ${ofAny.ko}`,
};

/** Empty where nothing is known to be lost. */
export function unacknowledgedEvidence(
  attempt: Pick<Attempt, 'unacknowledged' | 'number'>,
): readonly Evidence[] {
  const { unacknowledged: lost, number } = attempt;
  if (!lost || !isLostOnTheWay(attempt)) return [];
  return [
    {
      kind: 'words',
      attempt: number,
      said: '',
      words: {
        en: `of what the client sent ${lost.bytes} bytes were never acknowledged (TCP), though sent ${lost.retransmissions + 1} times, by the kernel of this machine (/proc/net/tcp)`,
        ko: `이 컴퓨터의 커널(/proc/net/tcp)이 본 TCP 상태: 클라이언트가 보낸 ${lost.bytes}바이트를 ${lost.retransmissions + 1}번 보냈지만 수신 확인(ACK)이 없었습니다.`,
      },
    },
  ];
}

/** All that was sent has arrived at the other machine, or at what stands in its place. */
export function arrived({ unacknowledged, number }: Attempt): readonly Evidence[] {
  if (unacknowledged?.bytes !== 0) return [];
  return [
    {
      kind: 'words',
      attempt: number,
      said: '',
      words: {
        en: 'all that the client sent was acknowledged (TCP, as the kernel of this machine counts): it has reached the server, or what answers in its place',
        ko: '클라이언트가 보낸 내용은 모두 수신 확인(ACK)되었습니다(이 컴퓨터의 커널이 본 TCP 상태). 서버나 그 자리에서 답하는 것에 도착했습니다.',
      },
    },
  ];
}
