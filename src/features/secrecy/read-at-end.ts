/**
 * `readAtEnd`: the endpoint that terminates TLS on a wire read a secret: encrypted for those who listen on the wire,
 * plaintext for it. A proxy can be such an endpoint; that it can read says nothing about whether it should.
 */
import type { z } from 'zod';
import { evidenceOf } from '../../analysis/secrets/secret-hunt.ts';
import type { Z } from '../../engine/extensions.ts';
import type { Judgement } from '../../engine/kinds.ts';
import type { PlannedStep } from '../../engine/plan.ts';
import type { View } from '../../engine/view.ts';
import type { SecretOnWire } from './secrets.ts';

export function readAtEndSchema(zod: Z) {
  return zod.strictObject({
    secrets: zod.array(zod.string()).min(1),
    wires: zod.array(zod.string()).min(1).describe('Wires on which a proxy terminates TLS.'),
  });
}

export const readAtEnd = {
  claims: ({ secrets, wires }: z.infer<ReturnType<typeof readAtEndSchema>>) =>
    wires.flatMap((wire) =>
      secrets.map((secret): { suffix: string; facts: SecretOnWire } => ({
        suffix: `${secret}/${wire}`,
        facts: { secret, wire },
      })),
    ),
  judge({ secret, wire }: SecretOnWire, view: View, step: PlannedStep | undefined): Judgement {
    if (!step) throw new Error('readAtEnd is about a step');
    const who = view.plan.proxies.find(({ wires }) => wires.incoming === wire)?.name ?? wire;
    const hits = view.hits(secret, step.id, { hop: wire, vantage: 'plaintext' });
    if (hits.length > 0) {
      return {
        status: 'met',
        evidence: hits.map(evidenceOf),
        says: {
          en: `${who} terminates TLS on wire ${wire} and read ${secret} in plaintext`,
          ko: `구간 ${wire}: TLS를 끝내는 ${who}에서 평문으로 읽힘 (${secret})`,
        },
      };
    }
    const isEnded = view
      .connectionsOn(wire, step.id)
      .some((connection) => connection.stream('plaintext', 'client').length > 0);
    return isEnded
      ? {
          status: 'missed',
          evidence: [],
          says: {
            en: `${secret} is not among what ${who} read on wire ${wire}`,
            ko: `구간 ${wire}: ${who}에서 읽은 내용에 없음 (${secret})`,
          },
        }
      : {
          status: 'unobserved',
          evidence: [],
          says: {
            en: `nothing was read above TLS on wire ${wire}`,
            ko: `구간 ${wire}에서 TLS 위로 읽힌 내용이 없습니다`,
          },
        };
  },
} as const;
