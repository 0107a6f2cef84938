/**
 * `keysNeverOnWire`: no private key of the scenario crossed any wire, in any common encoding. Without the keys, or without
 * captured bytes, nothing is proven.
 */
import type { EvidenceRef } from '../../capture/event.ts';
import { evidenceOf } from '../../analysis/secrets/secret-hunt.ts';
import type { Z } from '../../engine/extensions.ts';
import type { Judgement } from '../../engine/kinds.ts';
import type { View } from '../../engine/view.ts';
import { evidenceAt } from '../../engine/view.ts';
import { grouped } from '../../i18n/number.ts';
import { hitWords } from '../../evidence/words.ts';

/** Private keys are searched for like secrets, under ids that no secret can have. */
export const privateKeyPrefix = 'private-key:';

export function privateKeysSchema(zod: Z) {
  return zod.strictObject({});
}

export const keysNeverOnWire = {
  claims: () => [{ facts: {} }],
  judge(_: object, view: View): Judgement {
    const hits = view.hunt.hits.filter(
      ({ secret, run }) => secret.startsWith(privateKeyPrefix) && run === view.run,
    );
    const keys = new Set(view.hunted.map(({ id }) => id).filter((id) => id.startsWith(privateKeyPrefix)))
      .size;
    const [hit] = hits;
    if (hit) return { status: 'missed', evidence: hits.map(evidenceOf), says: hitWords(hit) };
    // The wire at the client's end of each step; one behind a rejection is rightly silent.
    const first = new Set(view.plan.steps.flatMap(({ path }) => path.slice(0, 1)));
    const silent = [...first].filter(
      (hop) =>
        !view.connections.some(
          (connection) => connection.hop === hop && connection.stream('wire', 'client').length > 0,
        ),
    );
    const streams = view.connections.flatMap((connection) =>
      (['client', 'server'] as const).map((from) => ({
        connection,
        from,
        length: connection.stream('wire', from).length,
      })),
    );
    const evidence: EvidenceRef[] = streams
      .filter(({ length }) => length > 0)
      .map(({ connection, from, length }) => evidenceAt(connection, from, 0, length));
    const dropped = streams.reduce(
      (sum, { connection, from }) => sum + view.hunt.missed(connection.conn, 'wire', from),
      0,
    );
    const unobserved = (en: string, ko: string): Judgement => ({
      status: 'unobserved',
      evidence,
      says: { en, ko },
    });
    if (keys === 0)
      return unobserved(
        'the private keys were not available to search for',
        '찾아볼 개인 키가 주어지지 않았습니다',
      );
    if (silent.length > 0) {
      const names = silent.join(', ');
      return unobserved(`no byte was captured on ${names}`, `캡처된 바이트가 없는 구간이 있습니다: ${names}`);
    }
    if (dropped > 0)
      return unobserved(
        `${grouped(dropped)} bytes were dropped before they were searched`,
        `${grouped(dropped)}바이트는 찾아보기 전에 버려졌습니다`,
      );
    const total = grouped(streams.reduce((sum, { length }) => sum + length, 0));
    return {
      status: 'met',
      evidence,
      says: {
        en: `none of ${keys} private keys was found on any wire, in ${total} bytes`,
        ko: `개인 키(private key) ${keys}개 가운데 어느 것도 모든 구간의 ${total}바이트에서 발견되지 않았습니다`,
      },
    };
  },
} as const;
