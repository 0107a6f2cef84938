/**
 * `overheard`: whether the toy protocol's eavesdropper, with only the captured bytes and some guesses, reads a secret. Met
 * only if the wire does not carry it as plaintext; the eavesdropper's report and the judge, who repeats the attempts, must
 * agree.
 *
 * 1. `opens: false` needs a twin: a step in which the same attempts do succeed. Attempts that never succeed prove nothing.
 * 2. The server must report that the secret was in the ciphertext, and the right guess must be among the guesses.
 */
import type { z } from 'zod';
import type { EvidenceRef } from '../../capture/event.ts';
import { grouped } from '../../i18n/number.ts';
import type { Z } from '../../engine/extensions.ts';
import { Instrument } from '../../engine/instrument.ts';
import type { Judgement } from '../../engine/kinds.ts';
import type { PlannedStep } from '../../engine/plan.ts';
import { evidenceOfExtent } from '../../engine/view.ts';
import type { View } from '../../engine/view.ts';

export function overheardSchema(zod: Z) {
  return zod.strictObject({
    secrets: zod.array(zod.string()).min(1),
    wires: zod.array(zod.string()).min(1),
    opens: zod.boolean().describe('Whether the eavesdropper reads them.'),
    twin: zod.string().optional().describe('For opens: false: a step in which the same attempts succeed.'),
  });
}

/** Runs the eavesdropper on one captured connection. */
export const overhearing = new Instrument(async () => {
  const { overhearConnection } = await import('./overhear-connection.ts');
  return () => overhearConnection;
});

type Facts = z.infer<ReturnType<typeof overheardSchema>>;

export interface SecretOverheard {
  readonly secret: string;
  readonly wire: string;
  readonly opens: boolean;
  readonly twin: string | undefined;
}

export const overheard = {
  claims: ({ secrets, wires, opens, twin }: Facts) =>
    wires.flatMap((wire) =>
      secrets.map((secret): { suffix: string; facts: SecretOverheard } => ({
        suffix: `${secret}/${wire}`,
        facts: { secret, wire, opens, twin },
      })),
    ),
  judge(
    { secret, wire, opens, twin }: SecretOverheard,
    view: View,
    step: PlannedStep | undefined,
  ): Judgement {
    const planned = step?.toyLogin;
    if (!step || !planned) throw new Error('overheard is about a toyLogin');
    const bytes = view.wireBytes(wire, step.id);
    const [report] = view.reports('theft', planned.eavesdropper, step.id);
    const [served] = view.reports('served', step.server, step.id);
    const tries = triesAt(wire, step, view);
    const evidence: EvidenceRef[] = [
      ...bytes.map(evidenceOfExtent),
      ...(report ? [{ event: report.seq }] : []),
      ...(served ? [{ event: served.seq }] : []),
    ];
    const value = view.plan.secrets.find(({ id }) => id === secret)?.value ?? '';
    const length = grouped(bytes.reduce((sum, extent) => sum + extent.length, 0));
    const unobserved = (en: string, ko: string): Judgement => ({
      status: 'unobserved',
      evidence,
      says: { en, ko },
    });
    if (!report || !served || tries.length === 0 || view.unsearched(bytes) > 0) {
      return unobserved(
        `nothing was tried on wire ${wire}, or not all of it was kept`,
        `구간 ${wire}에서 시도한 것이 없거나 바이트가 모두 남아 있지 않습니다`,
      );
    }
    const [bare] = view.hits(secret, step.id, { hop: wire, vantage: 'wire' });
    if (bare) {
      const says = {
        en: `${secret} is on wire ${wire} in plaintext: nothing was encrypted`,
        ko: `구간 ${wire}에 ${secret} 값이 그대로 있습니다. 잠긴 것이 없습니다`,
      };
      return { status: 'missed', evidence, says };
    }
    const [reported, found] = [report.result.tries, tries].map((all) =>
      all.reduce((sum, one) => sum + ('opened' in one ? one.opened : one.texts.length), 0),
    );
    const read = tries.some(({ texts }) =>
      texts.some((text) => new URLSearchParams(text).getAll(secret).includes(value)),
    );
    const count = tries.reduce((sum, { tried }) => sum + tried, 0);
    const isTrue = read === opens && reported === found;
    if (read) {
      const says = {
        en: `${secret} is not among the ${length} bytes of wire ${wire} in plaintext, yet the eavesdropper reads it: ${value}`,
        ko: `구간 ${wire}의 ${length}바이트에 ${secret} 값이 그대로는 없지만 도청자는 읽어 냅니다: ${value}`,
      };
      return { status: isTrue ? 'met' : 'missed', evidence, says };
    }
    const says = {
      en: `${count} attempts with the ${length} bytes of wire ${wire} open no ${secret}`,
      ko: `구간 ${wire}의 ${length}바이트로 ${count}번 시도했지만 ${secret} 값은 열리지 않았습니다`,
    };
    if (!isTrue) return { status: 'missed', evidence, says };
    const wasThere =
      served.result.logins.some(({ accepted }) => accepted) && (planned.guesses ?? []).includes(value);
    const other = view.plan.steps.find(({ id }) => id === twin);
    const works = other && triesAt(other.path[0] ?? '', other, view).some(({ texts }) => texts.length > 0);
    if (!wasThere || !works) {
      return unobserved(
        `${says.en}; but it may not have been there, or these attempts may never succeed`,
        `${says.ko}. 하지만 열릴 것이 있었는지, 이런 시도로 열리는 경우가 있는지 확인되지 않았습니다`,
      );
    }
    return {
      status: 'met',
      evidence: [...evidence, ...view.wireBytes(other.path[0] ?? '', other.id).map(evidenceOfExtent)],
      says: {
        en: `${says.en}, the right guess among them; the server opened it`,
        ko: `${says.ko}. 정답도 추측에 들어 있었고, 서버는 열어 읽었습니다`,
      },
    };
  },
} as const;

function triesAt(wire: string, step: PlannedStep, view: View) {
  return view
    .connectionsOn(wire, step.id)
    .flatMap((connection) => view.instrument(overhearing)?.(connection, step.toyLogin?.guesses) ?? []);
}
