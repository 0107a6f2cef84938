/**
 * `opened`: whether a stolen private key decrypts what an earlier step recorded. The thief's report and the judge, who tries
 * the key on the captured bytes, must agree.
 *
 * `opens: false` is met only where there was something to decrypt: the key belongs to the certificate presented to the
 * client, and the client's own keys do decrypt the recording and show the secret in it.
 */
import type { z } from 'zod';
import type { EvidenceRef } from '../../capture/event.ts';
import type { Connection } from '../../capture/connection.ts';
import type { Localized } from '../../i18n/language.ts';
import { josa } from '../../i18n/josa.ts';
import { grouped } from '../../i18n/number.ts';
import type { Z } from '../../engine/extensions.ts';
import type { Judgement } from '../../engine/kinds.ts';
import type { PlannedStep } from '../../engine/plan.ts';
import { lootOf, stepsRecorded, stolenTicketKeys } from './step.ts';
import { evidenceAt } from '../../engine/view.ts';
import { readingOf } from '../../evidence/records.ts';
import { runKeys } from '../../evidence/run-keys.ts';
import type { View } from '../../engine/view.ts';

export function openedSchema(zod: Z) {
  return zod.strictObject({
    secrets: zod.array(zod.string()).min(1),
    opens: zod.boolean().describe('Whether they are in what the stolen key decrypts.'),
  });
}

export interface SecretOpened {
  readonly secret: string;
  readonly opens: boolean;
}

export const opened = {
  claims: ({ secrets, opens }: z.infer<ReturnType<typeof openedSchema>>) =>
    secrets.map((secret): { suffix: string; facts: SecretOpened } => ({
      suffix: secret,
      facts: { secret, opens },
    })),
  judge({ secret, opens }: SecretOpened, view: View, step: PlannedStep | undefined): Judgement {
    const theft = step?.theft;
    if (!step || !theft) throw new Error('opened is about a theft');
    const connections = stepsRecorded(theft, view.plan).flatMap(({ id, path: [hop = ''] }) =>
      view.connectionsOn(hop, id),
    );
    const [report] = view.reports('theft', step.client, step.id);
    const keys = view.instrument(runKeys);
    const loot = lootOf(theft);
    const withLoot = josa(loot.ko, '으로/로');
    const evidence: EvidenceRef[] = [
      ...connections.flatMap(wholeOf),
      ...(report ? [{ event: report.seq }] : []),
    ];
    const unobserved = (en: string, ko: string): Judgement => ({
      status: 'unobserved',
      evidence,
      says: { en, ko },
    });
    const { key } = theft;
    if (key === undefined)
      return unobserved(
        `${theft.stolenFrom} has no private key, so nothing was stolen: this proves nothing`,
        `${josa(theft.stolenFrom ?? '', '은/는')} 개인 키를 쓰지 않아 훔칠 것이 없었습니다. 아무것도 증명되지 않습니다`,
      );
    if (!report || !keys || connections.length === 0) {
      return unobserved(
        'no recording, no report from the thief, or no key: this proves nothing',
        '기록된 연결이나 도둑의 보고, 또는 키가 없어 아무것도 증명되지 않습니다',
      );
    }
    const value = Buffer.from(
      new URLSearchParams([['', view.plan.secrets.find(({ id }) => id === secret)?.value ?? '']])
        .toString()
        .slice(1),
    );
    const tried = connections.map((connection) => ({
      connection,
      ...keys.open(connection, key, stolenTicketKeys(theft)),
    }));
    const found = tried.filter(({ said }) => Buffer.from(said.client).includes(value));
    const reported = report.result.tries.reduce((sum, one) => sum + one.opened, 0);
    const total = tried.reduce((sum, one) => sum + one.opened, 0);
    const recorded = stepsRecorded(theft, view.plan).map((one) => view.plan.steps.indexOf(one) + 1);
    const number: Localized = {
      en: `${recorded.length > 1 ? 'steps' : 'step'} ${recorded.join(' and ')}`,
      ko: `${recorded.join(', ')}단계`,
    };
    if (found.length > 0) {
      const bytes = grouped(
        found.reduce((sum, { said }) => sum + said.client.length + said.server.length, 0),
      );
      const [how] = found.map(({ exchange }) => exchange);
      const locked =
        how?.how === 'RSA'
          ? [evidenceAt(found[0]!.connection, how.locked.from, how.locked.offset, how.locked.length)]
          : [];
      return {
        status: opens && found.length === tried.length && reported === total ? 'met' : 'missed',
        evidence: [...locked, ...evidence],
        says: {
          en: `${loot.en} opens the recording of ${number.en}: ${bytes} bytes of plaintext, ${secret} among them`,
          ko: `${withLoot} ${number.ko}의 기록이 열립니다. 평문 ${bytes}바이트, 그 안에 ${secret} 값이 있습니다`,
        },
        observed: {
          en: `${loot.en} opens what was recorded with ${versionsOf(found)}: ${bytes} bytes of plaintext, ${secret} among them`,
          ko: `${withLoot} ${versionsOf(found)} 기록이 열립니다. 평문 ${bytes}바이트, 그 안에 ${secret} 값이 있습니다`,
        },
      };
    }
    const handshakes = tried.reduce((sum, one) => sum + one.tried, 0);
    const says = {
      en: `${loot.en} opens none of ${handshakes} handshakes recorded in ${number.en}`,
      ko: `${withLoot} ${number.ko}에 기록된 핸드셰이크 ${handshakes}개 가운데 아무것도 열리지 않습니다`,
    };
    if (opens || reported !== total || total > 0) return { status: 'missed', evidence, says };
    const isIt = connections.every(({ secured }) => secured.client?.peer?.sha256 === keys.fingerprint(key));
    const wasThere = connections.every((connection) =>
      Buffer.from(readingOf(view, connection)?.application('client')?.bytes ?? []).includes(value),
    );
    if (handshakes === 0 || !isIt || !wasThere) {
      return unobserved(
        `${says.en}; but it may be the wrong key, or ${secret} may not be in there`,
        `${says.ko}. 하지만 맞는 키였는지, 그 안에 ${secret} 값이 있었는지 확인되지 않았습니다`,
      );
    }
    return {
      status: 'met',
      evidence,
      says: {
        en: `${says.en}; the client's own session keys do, and ${secret} is in it`,
        ko: `${says.ko}. 클라이언트의 세션 키로는 열리고, 그 안에 ${secret} 값이 있습니다`,
      },
      observed: {
        en: `${loot.en} opens nothing of what was recorded with ${versionsOf(tried)}; the client's own session keys do, and ${secret} is in it`,
        ko: `${withLoot} ${versionsOf(tried)} 기록에서 아무것도 열리지 않습니다. 클라이언트의 세션 키로는 열리고, 그 안에 ${secret} 값이 있습니다`,
      },
    };
  },
} as const;

/** The TLS versions of recorded connections: `TLS 1.2, TLS 1.3`. */
function versionsOf(recorded: readonly { readonly connection: Connection }[]): string {
  const versions = recorded.flatMap(({ connection: { secured } }) => secured.client?.version ?? []);
  return [...new Set(versions)].map((version) => version.replace('v', ' ')).join(', ') || 'TLS';
}

function wholeOf(connection: Connection): EvidenceRef[] {
  return (['client', 'server'] as const).flatMap((from) => {
    const { length } = connection.stream('wire', from);
    return length > 0 ? [evidenceAt(connection, from, 0, length)] : [];
  });
}
