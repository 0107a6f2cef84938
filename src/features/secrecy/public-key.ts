/**
 * `publicKey`: whether the public key of a certificate can be read on a wire. It is public by purpose; under TLS 1.3 it is
 * encrypted all the same, inside its certificate.
 *
 * `sealed` is met only if it was there: the Certificate message, decrypted with the logged keys, has it byte for byte.
 */
import type { z } from 'zod';
import { toOffset } from '../../core/hex.ts';
import { grouped } from '../../i18n/number.ts';
import { byVersion, forVersion } from '../../engine/kinds.ts';
import type { Z } from '../../engine/extensions.ts';
import type { Judgement } from '../../engine/kinds.ts';
import type { PlannedStep } from '../../engine/plan.ts';
import { evidenceAt } from '../../engine/view.ts';
import { readingOf } from '../../evidence/records.ts';
import { runKeys } from '../../evidence/run-keys.ts';
import type { View } from '../../engine/view.ts';

export function publicKeySchema(zod: Z) {
  return zod.strictObject({
    wires: zod.array(zod.string()).min(1),
    certificate: zod.string().describe('The recipe row that the server presents.'),
    is: byVersion(zod, zod.enum(['readable', 'sealed'])),
  });
}

export interface PublicKeyOnWire {
  readonly wire: string;
  readonly certificate: string;
  readonly is: 'readable' | 'sealed';
}

export const publicKey = {
  claims(
    { wires, certificate, is }: z.infer<ReturnType<typeof publicKeySchema>>,
    step: PlannedStep | undefined,
  ) {
    const wanted = step && forVersion(is, step);
    return wanted === undefined
      ? []
      : wires.map((wire): { suffix: string; facts: PublicKeyOnWire } => ({
          suffix: wire,
          facts: { wire, certificate, is: wanted },
        }));
  },
  judge({ wire, certificate, is }: PublicKeyOnWire, view: View, step: PlannedStep | undefined): Judgement {
    if (!step) throw new Error('publicKey is about a step');
    const [connection] = view.connectionsOn(wire, step.id);
    const stream = connection?.stream('wire', 'server');
    const bytes = stream?.read(0, stream.length);
    const key = view.instrument(runKeys)?.publicKey(certificate);
    if (!connection || !bytes || bytes.length === 0 || !key) {
      return {
        status: 'unobserved',
        evidence: [],
        says: {
          en: `the bytes of wire ${wire} or the public key are not available`,
          ko: `구간 ${wire}의 바이트나 찾아볼 공개 키가 없습니다`,
        },
      };
    }
    const at = indexOf(bytes, key);
    const size = grouped(key.length);
    if (at >= 0) {
      return {
        status: is === 'readable' ? 'met' : 'missed',
        evidence: [evidenceAt(connection, 'server', at, key.length)],
        says: {
          en: `the public key of ${certificate} is readable on wire ${wire}, server to client, at ${toOffset(at)} (${size} bytes)`,
          ko: `${certificate} 공개 키가 구간 ${wire}에 평문으로 있습니다. 서버에서 클라이언트로, 오프셋 ${toOffset(at)}(${size}바이트)`,
        },
      };
    }
    const evidence = [evidenceAt(connection, 'server', 0, bytes.length)];
    const searched = grouped(bytes.length);
    const says = {
      en: `the public key of ${certificate} (${size} bytes) is not in the ${searched} bytes of wire ${wire}`,
      ko: `${certificate} 공개 키(${size}바이트)는 구간 ${wire}의 ${searched}바이트에 없습니다`,
    };
    if (is === 'readable') return { status: 'missed', evidence, says };
    const inside = readingOf(view, connection)
      ?.messages('server', 'certificate')
      .find((message) => message.sealed && indexOf(message.bytes, key) >= 0);
    if (!inside)
      return {
        status: 'unobserved',
        evidence,
        says: {
          en: `${says.en}, nor in a message that the keys open: this proves nothing`,
          ko: `${says.ko}. 키로 열리는 메시지에도 없어 아무것도 증명되지 않습니다`,
        },
      };
    return {
      status: 'met',
      evidence: [...evidence, evidenceAt(connection, 'server', inside.offset, inside.length)],
      says: {
        en: `${says.en}; it is in the encrypted Certificate at ${toOffset(inside.offset)}, which the client's keys open`,
        ko: `${says.ko}. 클라이언트의 키로 여는 오프셋 ${toOffset(inside.offset)}의 Certificate 안에 있습니다`,
      },
    };
  },
} as const;

function indexOf(bytes: Uint8Array, wanted: Uint8Array): number {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf(wanted);
}
