/**
 * `visible` and `sealed`: whether an eavesdropper can read the secrets on a wire.
 *
 * 1. `sealed` is met only if the same secret was seen unencrypted elsewhere (above TLS on that very connection, or by an
 *    endpoint on the same path), so that a login that never happened proves nothing.
 * 2. Bytes that were dropped before they were searched make either claim unobserved.
 */
import type { z } from 'zod';
import { evidenceOf } from '../../analysis/secrets/secret-hunt.ts';
import type { Hit } from '../../analysis/secrets/secret-hunt.ts';
import type { Localized } from '../../i18n/language.ts';
import type { Z } from '../../engine/extensions.ts';
import type { Judgement } from '../../engine/kinds.ts';
import type { PlannedStep } from '../../engine/plan.ts';
import { evidenceOfExtent } from '../../engine/view.ts';
import type { Extent, View } from '../../engine/view.ts';
import { grouped } from '../../i18n/number.ts';
import { hitWords } from '../../evidence/words.ts';

export function secretsSchema(zod: Z) {
  return zod.strictObject({
    secrets: zod.array(zod.string()).min(1),
    wires: zod.array(zod.string()).min(1),
  });
}

type Facts = z.infer<ReturnType<typeof secretsSchema>>;

export interface SecretOnWire {
  readonly secret: string;
  readonly wire: string;
}

function claims({ secrets, wires }: Facts) {
  return wires.flatMap((wire) =>
    secrets.map((secret) => ({ suffix: `${secret}/${wire}`, facts: { secret, wire } })),
  );
}

export const visible = {
  claims,
  judge({ secret, wire }: SecretOnWire, view: View, step: PlannedStep | undefined): Judgement {
    if (!step) throw new Error('visible is about a step');
    const bytes = view.wireBytes(wire, step.id);
    const hits = view.hits(secret, step.id, { hop: wire, vantage: 'wire' });
    const [hit] = hits;
    if (hit) return { status: 'met', evidence: hits.map(evidenceOf), says: hitWords(hit) };
    return nothingSearched(secret, wire, bytes, view) ?? notFound('missed', secret, wire, bytes, view);
  },
} as const;

export const sealed = {
  claims,
  judge({ secret, wire }: SecretOnWire, view: View, step: PlannedStep | undefined): Judgement {
    if (!step) throw new Error('sealed is about a step');
    const bytes = view.wireBytes(wire, step.id);
    const hits = view.hits(secret, step.id, { hop: wire, vantage: 'wire' });
    const [hit] = hits;
    if (hit) return { status: 'missed', evidence: hits.map(evidenceOf), says: hitWords(hit) };
    const unsearched = nothingSearched(secret, wire, bytes, view);
    if (unsearched) return unsearched;
    const clear = bytes.filter(({ connection }) => !connection.carriesTls);
    // A stranger may knock without TLS: that says nothing of the secret, which went over another connection.
    if (clear.length === bytes.length) {
      const says = { en: `wire ${wire} does not use TLS`, ko: `구간 ${wire}에서 TLS를 쓰지 않습니다` };
      return { status: 'missed', evidence: clear.map(evidenceOfExtent), says };
    }
    const twins = seenUnsealed(secret, bytes, view, step);
    if (!twins) {
      return {
        status: 'unobserved',
        evidence: bytes.map(evidenceOfExtent),
        says: {
          en: `${secret} not found on wire ${wire}, but it was not found at an endpoint either: this proves nothing`,
          ko: `구간 ${wire}에서 ${secret} 값을 찾지 못했지만 양쪽 끝에서도 보이지 않았습니다. 아무것도 증명되지 않습니다`,
        },
      };
    }
    return notFound('met', secret, wire, bytes, view, { hits: twins, step });
  },
} as const;

/** Where the same secret was found unencrypted: above TLS on the same connections, otherwise anywhere on the step's path. */
function seenUnsealed(
  secret: string,
  bytes: readonly Extent[],
  view: View,
  step: PlannedStep,
): readonly Hit[] | undefined {
  const conns = new Set(bytes.map(({ connection }) => connection.conn));
  const above = view.hits(secret, step.id, { vantage: 'plaintext' });
  const own = above.filter(({ conn }) => conns.has(conn));
  if (own.length > 0) return own;
  const tapped = bytes.some(({ connection }) => connection.stream('plaintext', 'client').length > 0);
  // An endpoint that reads above TLS here would have found it; only a passthrough proxy has to look further.
  if (tapped) return undefined;
  const elsewhere = view
    .hits(secret, step.id, {})
    .filter(({ hop, conn }) => step.path.includes(hop) && !conns.has(conn));
  return elsewhere.length > 0 ? elsewhere : undefined;
}

function nothingSearched(
  secret: string,
  wire: string,
  bytes: readonly Extent[],
  view: View,
): Judgement | undefined {
  if (bytes.length === 0) {
    const says = {
      en: `no byte was captured on wire ${wire}`,
      ko: `구간 ${wire}에서 캡처된 바이트가 없습니다`,
    };
    return { status: 'unobserved', evidence: [], says };
  }
  const dropped = view.unsearched(bytes);
  if (dropped === 0) return undefined;
  return {
    status: 'unobserved',
    evidence: bytes.map(evidenceOfExtent),
    says: {
      en: `${grouped(dropped)} bytes of wire ${wire} were dropped before they were searched for ${secret}`,
      ko: `구간 ${wire}의 ${grouped(dropped)}바이트는 ${secret} 값을 찾기 전에 버려졌습니다`,
    },
  };
}

function notFound(
  status: 'met' | 'missed',
  secret: string,
  wire: string,
  bytes: readonly Extent[],
  view: View,
  twins?: { readonly hits: readonly Hit[]; readonly step: PlannedStep },
): Judgement {
  const total = grouped(bytes.reduce((sum, { length }) => sum + length, 0));
  const encodings = view.hunt.encodings.length;
  const [twin] = twins?.hits ?? [];
  const seen = twin && twins ? seenWords(twin, twins.step, view) : { en: '', ko: '' };
  return {
    status,
    evidence: [...bytes.map(evidenceOfExtent), ...(twins?.hits ?? []).map(evidenceOf)],
    says: {
      en: `${secret} not found on wire ${wire} in ${total} bytes, ${encodings} encodings tried${seen.en}`,
      ko: `구간 ${wire}의 ${total}바이트에서 ${secret} 값을 찾지 못함, 인코딩 ${encodings}가지 시도${seen.ko}`,
    },
  };
}

/**
 * Where the secret was seen: at the server, if the server reports a request; otherwise at the end of a wire or in the clear on
 * one, since what was sent may never have arrived.
 */
function seenWords({ hop, vantage }: Hit, step: PlannedStep, view: View): Localized {
  const { plan } = view;
  const served = view.reports('served', step.server, step.id);
  if (served.some(({ result }) => result.requests > 0))
    return { en: ' (seen at the server: yes)', ko: '(서버에서는 보임)' };
  if (vantage === 'wire')
    return { en: ` (seen in clear on wire ${hop})`, ko: `(구간 ${hop}에서 평문으로 보임)` };
  const behind = plan.proxies.find(({ wires }) => wires.incoming === hop || wires.outgoing === hop);
  const who = behind?.name ?? plan.wires.find((wire) => wire.hop === hop)?.from ?? hop;
  return {
    en: ` (seen above TLS at ${who}’s end of wire ${hop})`,
    ko: `(구간 ${hop}의 ${who} 쪽 끝에서 TLS 위의 평문으로 보임)`,
  };
}
