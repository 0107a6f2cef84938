/**
 * `eavesdropper`: what can be read on a wire without keys, point by point, and what is encrypted.
 * `analysis/eavesdropper/visibility.ts` reads the points from the bytes.
 *
 * 1. Certificates are checked in the bytes themselves: the name must occur in them where it is `readable`, and nowhere in
 *    the stream where it is `sealed`.
 * 2. `sealed` is met only if there was something to encrypt: an endpoint reports the certificate, or the keys open the alert.
 */
import type { z } from 'zod';
import type { EvidenceRef, Side } from '../../capture/event.ts';
import type { Connection } from '../../capture/connection.ts';
import type { CertificateSummary } from '../../capture/vocabulary.ts';
import type { Visibility, VisibleRow } from '../../analysis/eavesdropper/visible-wire.ts';
import { toOffset } from '../../core/hex.ts';
import type { Localized } from '../../i18n/language.ts';
import { safeText } from '../../i18n/safe.ts';
import { grouped } from '../../i18n/number.ts';
import { byVersion, forVersion } from '../../engine/kinds.ts';
import type { Z } from '../../engine/extensions.ts';
import type { ByVersion, Judgement } from '../../engine/kinds.ts';
import type { PlannedStep } from '../../engine/plan.ts';
import { readingOf } from '../../evidence/records.ts';
import type { WireReading } from '../../analysis/wire-reading.ts';
import { evidenceAt } from '../../engine/view.ts';
import type { View } from '../../engine/view.ts';

/** The points that can be claimed, with their names in a sentence. */
const points = {
  version: { en: 'the version and the suite', ko: '버전과 암호 스위트' },
  site: { en: "the site's name (SNI)", ko: '사이트 이름(SNI)' },
  protocol: { en: 'the protocol chosen (ALPN)', ko: '선택된 프로토콜(ALPN)' },
  serverCertificate: { en: "the server's certificate", ko: '서버 인증서' },
  clientCertificate: { en: "the client's certificate", ko: '클라이언트 인증서' },
  identity: { en: 'the client’s identity', ko: '클라이언트의 신원' },
  alert: { en: 'the alert', ko: '알림(Alert)' },
  content: { en: 'the content', ko: '주고받은 내용' },
} as const satisfies Readonly<Partial<Record<VisibleRow['what'], Localized>>>;
type Point = keyof typeof points;

const states = ['readable', 'sealed', 'absent', 'inferred'] as const satisfies readonly Visibility[];
const stateWords: Readonly<Record<Visibility, Localized>> = {
  readable: { en: 'readable', ko: '읽을 수 있음' },
  sealed: { en: 'sealed', ko: '암호화됨' },
  absent: { en: 'absent', ko: '없음' },
  inferred: { en: 'inferred from sizes', ko: '크기로 추론됨' },
};

export function eavesdropperSchema(zod: Z) {
  const state = byVersion(zod, zod.enum(states)).optional();
  return zod.strictObject({
    wires: zod.array(zod.string()).min(1),
    sees: zod
      .strictObject({
        version: state,
        site: state,
        protocol: state,
        serverCertificate: state,
        clientCertificate: state,
        identity: state,
        alert: state,
        content: state,
      })
      .describe(
        'readable, sealed, absent or inferred (from sizes) without keys; for each TLS version, or for both.',
      ),
  });
}

export interface PointOnWire {
  readonly wire: string;
  readonly point: Point;
  readonly state: Visibility;
}

export const eavesdropper = {
  claims({ wires, sees }: z.infer<ReturnType<typeof eavesdropperSchema>>, step: PlannedStep | undefined) {
    if (!step) throw new Error('eavesdropper is about a step');
    return wires.flatMap((wire) =>
      (Object.entries(sees) as [Point, ByVersion<Visibility> | undefined][]).flatMap(
        ([point, wanted]): { suffix: string; facts: PointOnWire }[] => {
          const state = wanted === undefined ? undefined : forVersion(wanted, step);
          return state === undefined ? [] : [{ suffix: `${point}/${wire}`, facts: { wire, point, state } }];
        },
      ),
    );
  },
  judge(claim: PointOnWire, view: View, step: PlannedStep | undefined): Judgement {
    if (!step) throw new Error('eavesdropper is about a step');
    const { wire, point, state } = claim;
    const [connection] = view.connectionsOn(wire, step.id);
    const reading = connection && readingOf(view, connection);
    const row = reading?.visible()?.rows.find(({ what }) => what === point);
    if (!connection || !reading || !row)
      return {
        status: 'unobserved',
        evidence: [],
        says: { en: `no TLS was captured on wire ${wire}`, ko: `구간 ${wire}에서 TLS가 관찰되지 않았습니다` },
      };
    const evidence = row.evidence.length > 0 ? [...row.evidence] : [wholeOf(connection, 'client')];
    if (row.state !== state) {
      const observed = {
        en: `${points[point].en} on wire ${wire} is ${stateWords[row.state].en} (${row.value.en})`,
        ko: `구간 ${wire}, ${points[point].ko}: ${stateWords[row.state].ko}(${row.value.ko})`,
      };
      return {
        status: 'missed',
        evidence,
        says: {
          en: `${observed.en}; expected: ${stateWords[state].en}`,
          ko: `${observed.ko}. 예상: ${stateWords[state].ko}`,
        },
        observed,
      };
    }
    const shown = certificateAt(point, connection);
    if (shown) return judgeName(claim, row, connection, shown, evidence);
    if (point === 'alert' && state === 'sealed') return judgeSealedAlert(claim, reading, row, connection);
    return { status: 'met', evidence, says: sayHow(claim, row.value) };
  },
} as const;

function sayHow({ wire, point, state }: PointOnWire, value: Localized): Localized {
  return {
    en: `without keys, ${points[point].en} on wire ${wire} is ${stateWords[state].en}: ${value.en}`,
    ko: `키 없이 본 구간 ${wire}, ${points[point].ko}: ${stateWords[state].ko}, ${value.ko}`,
  };
}

function wholeOf(connection: Connection, from: Side): EvidenceRef {
  return evidenceAt(connection, from, 0, connection.stream('wire', from).length);
}

interface Shown {
  readonly from: Side;
  /** As the other end reports it; undefined without a report. */
  readonly certificate: CertificateSummary | undefined;
}

/** The certificate owner of a point, and what the other end reports of it. */
function certificateAt(point: Point, { secured, refused }: Connection): Shown | undefined {
  if (point === 'serverCertificate') return { from: 'server', certificate: secured.client?.peer };
  if (point !== 'clientCertificate' && point !== 'identity') return undefined;
  return {
    from: 'client',
    certificate: secured.server?.peer ?? refused.find(({ by }) => by === 'server')?.detail.presented,
  };
}

/** Searches everything that its owner sent for the common name of a certificate. */
function judgeName(
  claim: PointOnWire,
  row: VisibleRow,
  connection: Connection,
  { from, certificate }: Shown,
  evidence: readonly EvidenceRef[],
): Judgement {
  const { state, wire } = claim;
  if (state !== 'readable' && state !== 'sealed')
    return { status: 'met', evidence, says: sayHow(claim, row.value) };
  const name = certificate && /(?:^|,)CN=([^,]+)/.exec(certificate.subject)?.[1];
  const stream = connection.stream('wire', from);
  const bytes = stream.read(0, stream.length);
  if (name === undefined || !bytes) {
    return {
      status: 'unobserved',
      evidence,
      says: {
        en: `no endpoint on wire ${wire} reports whose certificate it was: this proves nothing`,
        ko: `구간 ${wire}의 어느 쪽도 인증서의 주인을 보고하지 않아 아무것도 증명되지 않습니다`,
      },
    };
  }
  const at = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf(name);
  const [said, shown] = [sayHow(claim, row.value), safeText(name)];
  if (at >= 0) {
    const where = { en: `${shown} is at ${toOffset(at)}`, ko: `오프셋 ${toOffset(at)}에 ${shown}` };
    const found = [...evidence, evidenceAt(connection, from, at, Buffer.byteLength(name))];
    return {
      status: state === 'readable' ? 'met' : 'missed',
      evidence: found,
      says: { en: `${said.en} (${where.en})`, ko: `${said.ko}(${where.ko})` },
    };
  }
  const searched = grouped(bytes.length);
  return {
    status: state === 'sealed' ? 'met' : 'missed',
    evidence: [...evidence, wholeOf(connection, from)],
    says: {
      en: `${said.en} (${shown} not found in ${searched} bytes; the other end did read it)`,
      ko: `${said.ko}(${searched}바이트에서 ${shown} 찾지 못함, 상대편은 읽음)`,
    },
  };
}

/** Not any encrypted record of an alert's size: the one that the keys open to an alert. */
function judgeSealedAlert(
  claim: PointOnWire,
  reading: WireReading,
  row: VisibleRow,
  connection: Connection,
): Judgement {
  const opened = reading.alerts.filter(({ sealed }) => sealed);
  const evidence = [
    ...row.evidence,
    ...opened.map(({ from, offset, length }) => evidenceAt(connection, from, offset, length)),
  ];
  if (opened.length > 0) return { status: 'met', evidence, says: sayHow(claim, row.value) };
  return {
    status: 'unobserved',
    evidence,
    says: {
      en: `no alert on wire ${claim.wire} opens with the keys: this proves nothing`,
      ko: `구간 ${claim.wire}에 키로 열리는 알림(Alert)이 없어 아무것도 증명되지 않습니다`,
    },
  };
}
