/**
 * `keyExchange`: how the two sides of a handshake agreed on their secret: encrypted with the server's public key (RSA), or
 * from two exchanged public values (ECDHE). Read from the messages; the suite must agree.
 */
import type { z } from 'zod';
import { toHex } from '../../core/hex.ts';
import { grouped } from '../../i18n/number.ts';
import type { ExchangedValue } from '../../analysis/conversation/key-exchange.ts';
import type { Z } from '../../engine/extensions.ts';
import type { Judgement } from '../../engine/kinds.ts';
import type { PlannedStep } from '../../engine/plan.ts';
import { evidenceAt } from '../../engine/view.ts';
import { readingOf } from '../../evidence/records.ts';
import type { View } from '../../engine/view.ts';

export function keyExchangeSchema(zod: Z) {
  return zod.strictObject({
    wires: zod.array(zod.string()).min(1),
    by: zod
      .enum(['RSA', 'ECDHE'])
      .describe(
        'RSA: a secret encrypted with the server’s public key. ECDHE: two public values are exchanged, and the secret is not.',
      ),
  });
}

export interface KeyExchangeOnWire {
  readonly wire: string;
  readonly by: 'RSA' | 'ECDHE';
}

export const keyExchange = {
  claims: ({ wires, by }: z.infer<ReturnType<typeof keyExchangeSchema>>) =>
    wires.map((wire): { suffix: string; facts: KeyExchangeOnWire } => ({
      suffix: wire,
      facts: { wire, by },
    })),
  judge({ wire, by }: KeyExchangeOnWire, view: View, step: PlannedStep | undefined): Judgement {
    if (!step) throw new Error('keyExchange is about a step');
    const [connection] = view.connectionsOn(wire, step.id);
    const exchange = connection && readingOf(view, connection)?.keyExchange;
    if (!connection || !exchange)
      return {
        status: 'unobserved',
        evidence: [],
        says: {
          en: `no key exchange was captured on wire ${wire}`,
          ko: `구간 ${wire}에서 키 교환이 관찰되지 않았습니다`,
        },
      };
    const at = ({ from, offset, length }: ExchangedValue) => evidenceAt(connection, from, offset, length);
    const status = exchange.how === by ? 'met' : 'missed';
    if (exchange.how === 'RSA') {
      const { locked } = exchange;
      const size = grouped(locked.value.length);
      return {
        status,
        evidence: [at(locked)],
        says: {
          en: `wire ${wire}: the client sends the secret itself, encrypted with the server's public key (${size} bytes, ${start(locked)})`,
          ko: `구간 ${wire}: 클라이언트가 비밀 값 자체를 서버의 공개 키로 잠가 보냅니다(${size}바이트, ${start(locked)})`,
        },
      };
    }
    const { client, server } = exchange.publicValues;
    const { group } = exchange;
    return {
      status,
      evidence: [at(client), at(server)],
      says: {
        en: `wire ${wire}: two public values are exchanged, and no secret (${group}): ${start(client)} from the client, ${start(server)} from the server`,
        ko: `구간 ${wire}: 공개 값 두 개만 오가고 비밀 값은 오가지 않습니다(${group}). 클라이언트 ${start(client)}, 서버 ${start(server)}`,
      },
    };
  },
} as const;

/** Enough of it to find it again in the hex. */
function start({ value }: ExchangedValue): string {
  return `${toHex(value.subarray(0, 4))}...`;
}
