/**
 * `handshake`: a wire negotiated TLS, in this version. The endpoints report it, and the captured ServerHello must agree.
 */
import type { z } from 'zod';
import type { EvidenceRef } from '../../capture/event.ts';
import { byVersion, forVersion } from '../../engine/kinds.ts';
import type { Z } from '../../engine/extensions.ts';
import type { Judgement } from '../../engine/kinds.ts';
import type { PlannedStep } from '../../engine/plan.ts';
import { readingOf } from '../../evidence/records.ts';
import type { View } from '../../engine/view.ts';
import { evidenceOfExtent } from '../../engine/view.ts';

export function handshakeSchema(zod: Z) {
  return zod.strictObject({
    wires: zod.array(zod.string()).min(1),
    version: byVersion(zod, zod.enum(['1.3', '1.2']))
      .optional()
      .describe('Default: the version that the step requests.'),
  });
}

export interface HandshakeOnWire {
  readonly wire: string;
  readonly version: '1.3' | '1.2';
}

export const handshake = {
  claims({ wires, version }: z.infer<ReturnType<typeof handshakeSchema>>, step: PlannedStep | undefined) {
    const asked =
      (step && version !== undefined ? forVersion(version, step) : undefined) ?? step?.tls ?? '1.3';
    return wires.map((wire): { suffix: string; facts: HandshakeOnWire } => ({
      suffix: wire,
      facts: { wire, version: asked },
    }));
  },
  judge({ wire, version }: HandshakeOnWire, view: View, step: PlannedStep | undefined): Judgement {
    if (!step) throw new Error('handshake is about a step');
    const connections = view.connectionsOn(wire, step.id);
    const bytes = view.wireBytes(wire, step.id).map(evidenceOfExtent);
    if (connections.length === 0) {
      return {
        status: 'unobserved',
        evidence: [],
        says: { en: `no connection on wire ${wire}`, ko: `구간 ${wire}에 연결이 없습니다` },
      };
    }
    const clear = connections.filter(({ carriesTls }) => !carriesTls);
    if (clear.length > 0) {
      return {
        status: 'missed',
        evidence: bytes,
        says: { en: `wire ${wire} does not use TLS`, ko: `구간 ${wire}에서 TLS를 쓰지 않습니다` },
      };
    }
    const reports = connections.flatMap(({ secured }) =>
      [secured.client, secured.server].filter((report) => report !== undefined),
    );
    const read = connections.map((connection) => readingOf(view, connection));
    const evidence: EvidenceRef[] = [...bytes, ...reports.map(({ seq }) => ({ event: seq }))];
    const wanted = `TLSv${version}`;
    const hello = read.map((reading) => reading?.version);
    if (reports.length === 0 || hello.some((seen) => seen === undefined)) {
      const says = {
        en: `the handshake on wire ${wire} was not captured completely`,
        ko: `구간 ${wire}의 핸드셰이크가 끝까지 관찰되지 않았습니다`,
      };
      return { status: 'unobserved', evidence, says };
    }
    const versions = new Set([...reports.map((report) => report.version), ...hello]);
    const cipher = reports[0]?.cipher ?? '';
    if (versions.size === 1 && versions.has(wanted as (typeof reports)[number]['version'])) {
      return {
        status: 'met',
        evidence,
        says: {
          en: `TLS ${version} on wire ${wire}, ${cipher}: both endpoints report it, and the captured ServerHello agrees`,
          ko: `구간 ${wire}: TLS ${version}, ${cipher}. 양쪽 끝의 보고와 캡처된 ServerHello가 일치합니다`,
        },
      };
    }
    const seen = [...versions].map((name) => name?.replace('TLSv', 'TLS ')).join(', ');
    return {
      status: 'missed',
      evidence,
      says: {
        en: `TLS ${version} was expected on wire ${wire}, found: ${seen}`,
        ko: `구간 ${wire}: 예상 TLS ${version}, 관찰 ${seen}`,
      },
    };
  },
} as const;
