/**
 * `threePackets`: TCP opened the connection with three packets, before any data. For a capture this is proven from the
 * packets' own flags and numbers; for a live run only from what a tap on a socket can see: the connection existed, and it
 * carried no byte.
 */
import type { OpeningPacket, TcpFlag } from '../../capture/event.ts';
import { safeText } from '../../i18n/safe.ts';
import { josa } from '../../i18n/josa.ts';
import type { Z } from '../../engine/extensions.ts';
import type { Judgement } from '../../engine/kinds.ts';
import type { PlannedStep } from '../../engine/plan.ts';
import type { Observed, View } from '../../engine/view.ts';

export function threePacketsSchema(zod: Z) {
  return zod.literal(true).describe('SYN, SYN with ACK, ACK, and no data before.');
}

type Report = Observed<'tcp-opening'>;

export const threePackets = {
  claims: () => [{ facts: {} }],
  judge(_facts: object, view: View, step: PlannedStep | undefined): Judgement {
    if (!step?.connect) throw new Error('threePackets is about a connect');
    const [report] = view.reports('tcp-opening', step.client, step.id);
    if (!report)
      return {
        status: 'unobserved',
        evidence: [],
        says: { en: 'the client did not report', ko: '클라이언트의 보고가 없습니다' },
      };
    return report.result.origin === 'captured'
      ? judgePackets(report)
      : judgeConnection(report, view, step, step.connect.wire);
  },
} as const;

const expected: readonly { readonly from: OpeningPacket['from']; readonly flags: readonly TcpFlag[] }[] = [
  { from: 'client', flags: ['SYN'] },
  { from: 'server', flags: ['SYN', 'ACK'] },
  { from: 'client', flags: ['ACK'] },
];

/** The flags that matter for the opening; not those for congestion (RFC 3168), PSH or URG. */
const meant: ReadonlySet<TcpFlag> = new Set(['SYN', 'ACK', 'FIN', 'RST']);

const next = (sequence: number): number => (sequence + 1) % 2 ** 32;

function judgePackets({ seq, result }: Report): Judgement {
  if (result.origin !== 'captured') throw new Error('these packets were not captured');
  const { packets } = result;
  const file = safeText(result.file ?? '');
  const [syn, answer, last] = packets.map(({ captured }) => captured);
  const isTrue =
    syn !== undefined &&
    answer !== undefined &&
    last !== undefined &&
    packets.length === expected.length &&
    packets.every(
      ({ from, flags }, index) =>
        from === expected[index]?.from &&
        flags.filter((flag) => meant.has(flag)).join() === expected[index].flags.join(),
    ) &&
    answer.acknowledged === next(syn.sequence) &&
    last.sequence === next(syn.sequence) &&
    last.acknowledged === next(answer.sequence);
  const frames = packets.map(({ captured }) => captured?.frame ?? '?').join(', ');
  return {
    status: isTrue ? 'met' : 'missed',
    evidence: [{ event: seq }],
    says: isTrue
      ? {
          en: `${file}, packets ${frames}: SYN with the number ${syn.sequence}, answered by ${answer.acknowledged}; SYN with ${answer.sequence}, answered by ${last.acknowledged}: each side has received from the other`,
          ko: `${file}, 패킷 ${frames}: SYN 번호 ${syn.sequence}에 확인 번호 ${josa(answer.acknowledged, '으로/로')}, SYN 번호 ${answer.sequence}에 확인 번호 ${josa(last.acknowledged, '으로/로')} 응답했습니다. 양쪽 모두 상대에게 닿았습니다`,
        }
      : {
          en: `${file}, packets ${frames}: the flags or numbers are not those of a TCP handshake`,
          ko: `${file}, 패킷 ${frames}: 플래그나 번호가 TCP 연결 수립과 맞지 않습니다`,
        },
  };
}

function judgeConnection({ seq, result }: Report, view: View, step: PlannedStep, hop: string): Judgement {
  if (result.origin !== 'reconstructed') {
    const code = result.origin === 'none' ? result.error.code : result.origin;
    return {
      status: 'missed',
      evidence: [{ event: seq }],
      says: { en: `connection failed (${code})`, ko: `연결되지 않았습니다(${code})` },
    };
  }
  const { from } = result;
  const connection = view
    .connectionsOn(hop, step.id)
    .find(
      ({ opened }) =>
        opened?.transport === 'tcp' && opened.from.host === from?.host && opened.from.port === from?.port,
    );
  if (!connection?.opened) {
    return {
      status: 'unobserved',
      evidence: [{ event: seq }],
      says: {
        en: `wire ${hop}: the tap saw no connection, although the client reports one`,
        ko: `구간 ${hop}: 클라이언트는 연결했다고 하지만 도청 지점에서는 보이지 않았습니다`,
      },
    };
  }
  const sides = ['client', 'server'] as const;
  const said = sides.reduce((sum, side) => sum + connection.stream('wire', side).length, 0);
  const evidence = [{ event: connection.opened.seq }, { event: seq }];
  if (said > 0) {
    return {
      status: 'missed',
      evidence,
      says: {
        en: `wire ${hop}, connection ${connection.conn}: it carried ${said} bytes`,
        ko: `구간 ${hop}, 연결 ${connection.conn}: ${said}바이트가 오갔습니다`,
      },
    };
  }
  return {
    status: 'met',
    evidence,
    says: {
      en: `wire ${hop}, connection ${connection.conn} was open and carried no byte. From this follows that TCP opened it with three packets (RFC 9293); the tap does not see packets`,
      ko: `구간 ${hop}, 연결 ${connection.conn}: 연결되었고, 오간 바이트는 하나도 없습니다. TCP 패킷 세 개는 이 사실로부터 재구성한 것이며(RFC 9293), 도청 지점에서 패킷을 직접 보지는 못했습니다`,
    },
  };
}
