/**
 * What routers and hosts report of packets that they did not pass on (ICMP), kept by the connection that they are about, and what
 * follows from it. A report about a connection that went well explains nothing: finding a path's MTU begins with one.
 */
import type { Address } from '../../capture/event.ts';
import { hostPort } from '../../capture/event.ts';
import type { Connection } from '../../capture/connection.ts';
import type { IcmpKind, IcmpReport } from '../../capture/net/icmp.ts';
import { josa } from '../../i18n/josa.ts';
import { inEach } from '../../i18n/language.ts';
import type { Localized } from '../../i18n/language.ts';
import type { Evidence, Finding } from '../diagnosis.ts';
import { explained } from '../case.ts';
import { found } from '../found.ts';

interface Report extends IcmpReport {
  readonly frame: number;
}

/** Pairs of addresses that are remembered, each with its newest reports. */
const mostPairs = 4096;

export class Reports {
  readonly #byPair = new Map<string, OfPair>();

  readonly add = (report: IcmpReport, frame: number): void => {
    const key = keyOf(report.transport, report.source, report.destination);
    const known = this.#byPair.get(key);
    if (!known && this.#byPair.size >= mostPairs) return;
    const own = { ...report, frame };
    this.#byPair.set(key, { ...known, [report.kind === 'too_big' ? 'tooBig' : 'unreached']: own });
  };

  /** About packets of that side. */
  about(connection: Connection, from: 'client' | 'server'): OfPair {
    const { opened } = connection;
    if (!opened) return {};
    const [source, destination] = from === 'client' ? [opened.from, opened.to] : [opened.to, opened.from];
    return this.#byPair.get(keyOf(opened.transport, source, destination)) ?? {};
  }
}

interface OfPair {
  readonly tooBig?: Report;
  readonly unreached?: Report;
}

const keyOf = (transport: string, source: Address, destination: Address): string =>
  `${transport} ${hostPort(source)} ${hostPort(destination)}`;

const kindWords: Readonly<Record<IcmpKind, Localized>> = {
  network: { en: 'network unreachable', ko: '네트워크에 도달할 수 없음(network unreachable)' },
  host: { en: 'host unreachable', ko: '호스트에 도달할 수 없음(host unreachable)' },
  protocol: { en: 'protocol unreachable', ko: '프로토콜에 도달할 수 없음(protocol unreachable)' },
  port: { en: 'port unreachable', ko: '포트에 도달할 수 없음(port unreachable)' },
  prohibited: { en: 'administratively prohibited', ko: '관리자가 금지함(administratively prohibited)' },
  too_big: { en: 'fragmentation needed (packet too big)', ko: '단편화 필요(packet too big)' },
  time_exceeded: { en: 'time to live exceeded', ko: 'TTL 만료(time exceeded)' },
};

const evidenceOf = ({ kind, reporter, destination, mtu, frame }: Report): Evidence => ({
  kind: 'words',
  frame,
  said: '',
  words: {
    en: `frame ${frame}: ICMP of ${reporter} about a packet to ${hostPort(destination)}: ${kindWords[kind].en}${mtu === undefined ? '' : `, MTU ${mtu}`}`,
    ko: `프레임 ${frame}: ${josa(hostPort(destination), '으로/로')} 가는 패킷에 대한 ${reporter}의 ICMP: ${kindWords[kind].ko}${mtu === undefined ? '' : `, MTU ${mtu}`}`,
  },
});

/** Of a connection on which the other side never said anything: why, as somebody on the way or at its end reports. */
export function unreachedIn(connection: Connection, reports: Reports): Finding | undefined {
  if (connection.lengthOf('wire', 'server') > 0) return undefined;
  const { unreached } = reports.about(connection, 'client');
  return unreached && unreachable(unreached);
}

function unreachable(report: Report): Finding {
  const { kind, reporter, destination, transport } = report;
  const isOwn = reporter === destination.host;
  const target = hostPort(destination);
  const who = isOwn ? { en: 'the target itself', ko: '대상 자신' } : { en: reporter, ko: reporter };
  const because = inEach((language) =>
    language === 'en'
      ? `${who.en} answered packets to ${target} with ICMP: ${kindWords[kind].en}`
      : `${josa(target, '으로/로')} 가는 패킷에 ${josa(who.ko, '이/가')} ICMP로 답했습니다. ${kindWords[kind].ko}`,
  );
  const evidence = [evidenceOf(report)];
  // A system answers UDP to a port without a program so, and TCP with a reset.
  if (kind === 'port' && transport === 'udp' && isOwn)
    return {
      ...explained({
        cause: 'nothing_listens',
        by: 'server',
        blamed: 'nobody',
        detail: {},
        confidence: 'likely',
        evidence,
        because,
        remedy: {
          en: 'see whether the program runs and listens on that UDP port (ss -lnu), and on that address; then the packet filter (nft list ruleset), which can answer like this too',
          ko: '프로그램이 실행 중이고 그 UDP 포트와 주소에서 받는지 확인하세요(ss -lnu). 그다음 패킷 필터(nft list ruleset)를 보세요. 패킷 필터도 이렇게 답할 수 있습니다.',
        },
      }),
    };
  if (kind === 'prohibited' || kind === 'port' || kind === 'protocol') {
    const place: Localized = isOwn
      ? { en: 'on the target', ko: '대상에서' }
      : { en: `on ${reporter}`, ko: `${reporter}에서` };
    return {
      ...found({
        cause: 'rejected_on_the_way',
        by: 'between',
        confidence: kind === 'prohibited' ? 'proven' : 'likely',
        message: 'SYN',
        evidence,
        on: isOwn ? 'server' : 'between',
        remedy: inEach((language) =>
          language === 'en'
            ? `look ${place.en} at the rules of the packet filter (nft list ruleset, iptables -S) for ${target}`
            : `${place.ko} ${target}에 대한 패킷 필터 규칙을 확인하세요(nft list ruleset, iptables -S).`,
        ),
      }),
      because,
    };
  }
  return explained({
    cause: 'target_unreachable',
    by: 'server',
    blamed: 'between',
    detail: {},
    confidence: 'proven',
    message: 'SYN',
    evidence,
    because,
    on: 'between',
    remedy: remedies[kind](reporter, destination.host),
  });
}

const remedies: Readonly<
  Record<'network' | 'host' | 'time_exceeded' | 'too_big', (reporter: string, target: string) => Localized>
> = {
  network: (reporter, target) => ({
    en: `give ${reporter} a route to ${target}: it has none (ip route get ${target} there)`,
    ko: `${reporter}에 ${josa(target, '으로/로')} 가는 경로를 추가하세요. 지금은 경로가 없습니다(그곳에서 ip route get ${target}).`,
  }),
  host: (reporter, target) => ({
    en: `check the address ${target}, and whether that machine is on: ${reporter} gets no answer from it in its network (ip neigh there: FAILED), has no route to it, or a packet filter there rejects (nft list ruleset)`,
    ko: `주소(${target}), 그리고 그 컴퓨터가 켜져 있는지 확인하세요. ${josa(reporter, '이/가')} 자기 네트워크에서 답을 받지 못했거나(그곳의 ip neigh가 FAILED), 경로가 없거나, 그곳의 패킷 필터가 거부한 것입니다(nft list ruleset).`,
  }),
  time_exceeded: (reporter, target) => ({
    en: `look for a loop of routes around ${reporter} (traceroute ${target})`,
    ko: `${reporter} 주변에 경로 순환이 있는지 확인하세요(traceroute ${target}).`,
  }),
  too_big: (reporter) => ({
    en: `see what ${reporter} passes on`,
    ko: `${josa(reporter, '이/가')} 넘겨주는 크기를 확인하세요.`,
  }),
};

/** Whose packets were too large for the path, where it was reported and they were lost all the same. */
export function tooBigIn(finding: Finding, connection: Connection, reports: Reports): Finding | undefined {
  const from = finding.detail?.lost?.from;
  for (const side of from ? [from] : (['client', 'server'] as const)) {
    const report = reports.about(connection, side).tooBig;
    if (report) return tooBig(report, side);
  }
  return undefined;
}

function tooBig(report: Report, side: 'client' | 'server'): Finding {
  const { reporter, mtu, source } = report;
  const passes =
    mtu === undefined
      ? { en: 'smaller packets', ko: '더 작은 패킷' }
      : { en: `packets of at most ${mtu} bytes`, ko: `최대 ${mtu}바이트의 패킷` };
  const sender = side === 'client' ? '클라이언트' : '서버';
  return {
    ...explained({
      cause: 'large_packets_lost',
      by: side,
      blamed: 'between',
      detail: {},
      confidence: 'likely',
      evidence: [evidenceOf(report)],
      because: {
        en: `large packets of the ${side} do not arrive: ${reporter} passes on only ${passes.en}, and says so (ICMP), and the ${side} (${source.host}) did not send smaller ones that arrive: the report does not reach it, or it does not heed it`,
        ko: `${josa(sender, '이/가')} 보낸 큰 패킷이 도착하지 않습니다. ${josa(reporter, '이/가')} ${passes.ko}만 넘기고 이를 ICMP로 알렸지만, ${josa(`${sender}(${source.host})`, '이/가')} 더 작은 패킷으로 보내지 않았습니다. 그 알림이 도달하지 않았거나 무시한 것입니다.`,
      },
      on: 'between',
      remedy: {
        en: `let ICMP "fragmentation needed" (IPv6: packet too big) of ${reporter} reach ${source.host}, or lower the MTU there${mtu === undefined ? '' : ` to ${mtu}`} (or clamp the MSS on the way)`,
        ko: `${reporter}의 ICMP "fragmentation needed"(IPv6: packet too big) 메시지가 ${source.host}에 도달하게 하거나, 그곳의 MTU를 낮추세요${mtu === undefined ? '' : `(${mtu})`}(중간에서 MSS clamping).`,
      },
    }),
  };
}
