/**
 * `agreed`: what the two sides of a wire negotiated: the key exchange group, whether the client had to send a second hello,
 * the protocol above TLS, the requested site, whether a session was resumed, who issued the server's certificate. Read from
 * the wire, decrypted with the client's keys; only the client itself reports whose certificate it accepted. `handshake.ts`
 * covers version and suite.
 */
import type { z } from 'zod';
import type { Connection } from '../../capture/connection.ts';
import type { Localized } from '../../i18n/language.ts';
import { safeText } from '../../i18n/safe.ts';
import { byVersion, forVersion } from '../../engine/kinds.ts';
import type { Z } from '../../engine/extensions.ts';
import type { ByVersion, Judgement } from '../../engine/kinds.ts';
import type { PlannedStep } from '../../engine/plan.ts';
import { readingOf } from '../../evidence/records.ts';
import type { WireReading } from '../../analysis/wire-reading.ts';
import { evidenceOfExtent } from '../../engine/view.ts';
import type { View } from '../../engine/view.ts';

export function agreedSchema(zod: Z) {
  return zod.strictObject({
    wires: zod.array(zod.string()).min(1),
    group: byVersion(zod, zod.string().min(1))
      .optional()
      .describe(
        'By its IANA name: x25519, secp384r1. Alternatives are separated by |, where the group depends on the version of Node.',
      ),
    askedAgain: zod
      .boolean()
      .optional()
      .describe('Whether the server requested a second hello (HelloRetryRequest).'),
    protocol: zod.string().optional().describe('The protocol selected by ALPN.'),
    site: zod.string().optional().describe('The name that the client requested (SNI).'),
    resumed: zod.boolean().optional().describe('Whether a session was resumed.'),
    declined: zod.boolean().optional().describe('Whether the server declined to resume the offered session.'),
    vouchedBy: zod
      .string()
      .optional()
      .describe('The common name of the issuer of the certificate that the client accepted.'),
  });
}

type Facts = z.infer<ReturnType<typeof agreedSchema>>;
type Point = Exclude<keyof Facts, 'wires'>;

interface Row {
  readonly name: Localized;
  /** The value on the wire; undefined where the wire does not show it. */
  readonly seen: (reading: WireReading, connection: Connection) => string | undefined;
}

const yesOrNo = (is: boolean): string => (is ? 'yes' : 'no');
const inKorean = (value: string): string => (value === 'yes' ? '예' : value === 'no' ? '아니요' : value);

const rows: Readonly<Record<Point, Row>> = {
  group: { name: { en: 'the key exchange group', ko: '키 교환 그룹' }, seen: ({ group }) => group },
  askedAgain: {
    name: { en: 'second hello requested', ko: '다시 요청(HelloRetryRequest)' },
    seen: ({ wasAskedAgain }) => yesOrNo(wasAskedAgain),
  },
  protocol: {
    name: { en: 'the protocol above TLS (ALPN)', ko: 'TLS 위의 프로토콜(ALPN)' },
    seen: ({ alpn }) => alpn,
  },
  site: {
    name: { en: 'the requested site (SNI)', ko: '요청한 사이트(SNI)' },
    seen: ({ serverName }) => serverName,
  },
  vouchedBy: {
    name: { en: "the issuer of the server's certificate", ko: '서버 인증서의 발급자' },
    seen: (_, { secured }) => /(?:^|,\s*)CN=([^,]*)/.exec(secured.client?.peer?.issuer ?? '')?.[1],
  },
  resumed: {
    name: { en: 'session resumed', ko: '이전 세션 재개' },
    seen: ({ resumption }) => yesOrNo(resumption.accepted),
  },
  declined: {
    name: { en: 'offered session not resumed', ko: '제시된 이전 세션을 재개하지 않음' },
    // Without an offer there was nothing to decline.
    seen: ({ resumption: { offered, accepted } }) => (offered ? yesOrNo(!accepted) : undefined),
  },
};

const points = Object.keys(rows) as Point[];

export interface AgreedOnWire {
  readonly wire: string;
  readonly point: Point;
  /** Any of these. */
  readonly wanted: readonly string[];
}

export const agreed = {
  claims(facts: Facts, step: PlannedStep | undefined) {
    return facts.wires.flatMap((wire) =>
      points.flatMap((point): { suffix: string; facts: AgreedOnWire }[] => {
        const written = facts[point] as ByVersion<string | boolean> | undefined;
        const value = written === undefined || !step ? undefined : forVersion(written, step);
        if (value === undefined) return [];
        return [
          {
            suffix: `${point}/${wire}`,
            facts: { wire, point, wanted: typeof value === 'boolean' ? [yesOrNo(value)] : value.split('|') },
          },
        ];
      }),
    );
  },
  judge({ wire, point, wanted }: AgreedOnWire, view: View, step: PlannedStep | undefined): Judgement {
    if (!step) throw new Error('agreed is about a step');
    const read = view.connectionsOn(wire, step.id).flatMap((connection) => {
      const reading = readingOf(view, connection);
      return reading ? [{ reading, connection }] : [];
    });
    const evidence = view.wireBytes(wire, step.id).map(evidenceOfExtent);
    const { name, seen } = rows[point];
    const all = read.map(({ reading, connection }) => seen(reading, connection));
    // Without a ServerHello nothing was negotiated: no evidence for or against.
    if (
      read.length === 0 ||
      read.some(({ reading }) => reading.version === undefined) ||
      all.includes(undefined)
    ) {
      return {
        status: 'unobserved',
        evidence,
        says: {
          en: `wire ${wire} does not show this: ${name.en}`,
          ko: `구간 ${wire}에 드러나지 않은 항목: ${name.ko}`,
        },
      };
    }
    const isMet = all.every((value) => value !== undefined && wanted.includes(value));
    const found = [...new Set(all)].map((value) => safeText(value ?? ''));
    const foundKo = found.map(inKorean).join(', ');
    return {
      status: isMet ? 'met' : 'missed',
      evidence,
      says: isMet
        ? { en: `wire ${wire}, ${name.en}: ${found.join(', ')}`, ko: `구간 ${wire}, ${name.ko}: ${foundKo}` }
        : {
            en: `wire ${wire}, ${name.en}: expected ${wanted.join(' or ')}, found ${found.join(', ')}`,
            ko: `구간 ${wire}, ${name.ko}: 예상 ${wanted.map(inKorean).join(' 또는 ')}, 관찰 ${foundKo}`,
          },
    };
  },
} as const;
