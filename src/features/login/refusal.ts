/**
 * `refused` and `loginSent`: which side rejected which, why, how the wire shows it, and what had been sent by then.
 *
 * 1. `refused` is met only if three agree: the rejecting side's own event, the alert in the captured bytes (in cleartext, or
 *    in an encrypted record that opens with the logged keys), and what the other side reports of it.
 * 2. `loginSent` is read from the captured bytes, decrypted with the keys: from no report.
 */
import type { z } from 'zod';
import type { EvidenceRef, Side } from '../../capture/event.ts';
import type { Connection } from '../../capture/connection.ts';
import { knownAlertName, knownAlertNames, refusalReasons } from '../../capture/vocabulary.ts';
import type { RefusalReason } from '../../capture/vocabulary.ts';
import { evidenceOf, SecretHunt } from '../../analysis/secrets/secret-hunt.ts';
import type { Localized } from '../../i18n/language.ts';
import { toOffset } from '../../core/hex.ts';
import { byVersion, forVersion } from '../../engine/kinds.ts';
import type { Z } from '../../engine/extensions.ts';
import type { Judgement } from '../../engine/kinds.ts';
import type { PlannedStep } from '../../engine/plan.ts';
import { readingOf } from '../../evidence/records.ts';
import type { AlertOnWire, WireReading } from '../../analysis/wire-reading.ts';
import type { View } from '../../engine/view.ts';
import { evidenceAt } from '../../engine/view.ts';
import { grouped } from '../../i18n/number.ts';
import { josa } from '../../i18n/josa.ts';
import { hitWords, whoIsAt } from '../../evidence/words.ts';
import { reasonOf } from './reasons.ts';

const alertNames = ['none', ...knownAlertNames] as const;

export function refusedSchema(zod: Z) {
  return zod.strictObject({
    by: zod.enum(['client', 'server']).describe('server: the proxy or server that the client connects to.'),
    reason: zod
      .enum(refusalReasons)
      .optional()
      .describe(
        'Default: any. Then the step’s other expectations must distinguish right reasons from wrong ones.',
      ),
    alert: byVersion(zod, zod.enum(alertNames)).describe(
      'The alert on the wire, by its RFC name; none if the rejecting side sends none.',
    ),
    alertVisible: byVersion(zod, zod.boolean())
      .optional()
      .describe('Whether a sniffer without keys can read it. Default: TLS 1.2 yes, TLS 1.3 no.'),
  });
}

export function loginSentSchema(zod: Z) {
  return byVersion(zod, zod.boolean());
}

export interface RefusedClaim {
  readonly by: 'client' | 'server';
  /** Left out: any. */
  readonly reason?: RefusalReason;
  /** Name in the standard, or `none`. */
  readonly alert: string;
  readonly alertVisible: boolean;
}

export const refused = {
  claims(
    { by, reason, alert, alertVisible }: z.infer<ReturnType<typeof refusedSchema>>,
    step: PlannedStep | undefined,
  ) {
    if (!step) throw new Error('refused is about a step');
    const visible = alertVisible === undefined ? undefined : forVersion(alertVisible, step);
    const facts: RefusedClaim = {
      by,
      ...(reason ? { reason } : {}),
      alert: forVersion(alert, step) ?? 'none',
      alertVisible: visible ?? step.tls === '1.2',
    };
    return [{ facts }];
  },
  judge(claim: RefusedClaim, view: View, step: PlannedStep | undefined): Judgement {
    if (!step) throw new Error('refused is about a step');
    const connection = view.clientConnection(step);
    const [report] = view.reports('login', step.client, step.id);
    if (!connection || !report) {
      return {
        status: 'unobserved',
        evidence: [],
        says: {
          en: "the client's connection was not captured",
          ko: '클라이언트의 연결이 캡처되지 않았습니다',
        },
      };
    }
    const event = connection.refused.find(({ by }) => by === claim.by) ?? connection.refused[0];
    const evidence: EvidenceRef[] = [...(event ? [{ event: event.seq }] : []), { event: report.seq }];
    if (!event) {
      const admitted = report.result.outcome === 'admitted';
      return {
        status: admitted || connection.closed ? 'missed' : 'unobserved',
        evidence,
        says: admitted
          ? admittedWords(claim.by, step, view)
          : {
              en: `no rejection on wire ${connection.hop}; the client reports ${report.result.outcome}`,
              ko: `구간 ${connection.hop}에서 아무도 거부하지 않았습니다. 클라이언트의 보고는 ${report.result.outcome}입니다`,
            },
      };
    }
    if (event.by !== claim.by || (claim.reason !== undefined && event.reason !== claim.reason)) {
      const who = whoIsAt(event.by, step, view.plan);
      const observed = {
        en: `${who.en} refused because of ${event.reason}`,
        ko: `${who.ko}: ${event.reason} 이유로 거부했습니다`,
      };
      const expected = `${claim.by}${claim.reason === undefined ? '' : `, ${claim.reason}`}`;
      const reason = reasonOf(event.reason);
      return {
        // The names that a scenario has for them.
        ...missed(evidence, `${observed.en}; expected: ${expected}`, `${observed.ko}. 예상: ${expected}`),
        observed: {
          en: `${who.en} refused: ${reason.en}`,
          ko: `${josa(who.ko, '이/가')} 거부했습니다. 이유: ${reason.ko}`,
        },
      };
    }
    const reading = readingOf(view, connection);
    if (!reading) {
      return {
        status: 'unobserved',
        evidence,
        says: { en: 'the connection’s records could not be parsed', ko: '연결의 레코드를 읽지 못했습니다' },
      };
    }
    const begun = refusalWords(claim.by, event.reason, step, view, reading);
    if (claim.alert === 'none')
      return judgeSilent(claim, begun, connection, reading, report.result.outcome, evidence);
    const alert = reading.alerts.find(
      ({ from, code }) => from === claim.by && knownAlertName(code) === claim.alert,
    );
    if (!alert) return judgeMissingAlert(claim, reading, evidence);
    const proof = [...evidence, evidenceAt(connection, alert.from, alert.offset, alert.length)];
    if (event.alert?.description !== claim.alert) {
      return missed(
        proof,
        `the refusing side says it sent ${event.alert?.description ?? 'no alert'}, the wire shows ${claim.alert}`,
        `거부한 쪽은 ${josa(event.alert?.description ?? '알림 없음', '이라고/라고')} 하지만 구간에는 ${claim.alert} 알림이 있습니다`,
      );
    }
    if (alert.sealed === claim.alertVisible) {
      return missed(
        proof,
        `the alert was ${alert.sealed ? 'sealed' : 'in clear'}`,
        `알림(Alert)이 ${alert.sealed ? '암호화되어' : '평문으로'} 전송되었습니다`,
      );
    }
    const heard = report.result.error?.alert;
    if (heard?.code !== alert.code) {
      return missed(
        proof,
        `the client heard ${heard ? heard.description : `no alert (${report.result.error?.code ?? report.result.outcome})`}, the wire shows ${claim.alert}`,
        `클라이언트가 받은 것은 ${heard ? heard.description : `알림 없음(${report.result.error?.code ?? report.result.outcome})`}, 구간에 있는 것은 ${claim.alert}입니다`,
      );
    }
    return { status: 'met', evidence: proof, says: alertWords(begun, connection, alert) };
  },
} as const;

/** The side that should have rejected, and did not. */
function admittedWords(by: Side, step: PlannedStep, { plan }: View): Localized {
  const [client, server] = [whoIsAt('client', step, plan), whoIsAt('server', step, plan)];
  return by === 'client'
    ? {
        en: `no rejection: ${client.en} trusted ${server.en} and logged in`,
        ko: `거부되지 않았습니다. ${josa(client.ko, '이/가')} ${server.ko}의 인증서를 믿고 로그인했습니다`,
      }
    : {
        en: `no rejection: ${server.en} admitted ${client.en}`,
        ko: `거부되지 않았습니다. ${josa(server.ko, '이/가')} ${client.ko}의 로그인을 받아들였습니다`,
      };
}

/** A client that rejects a server closes the connection: no alert, and no login in the bytes that it sent. */
function judgeSilent(
  claim: RefusedClaim,
  begun: Localized,
  connection: Connection,
  reading: WireReading,
  outcome: string,
  evidence: readonly EvidenceRef[],
): Judgement {
  const alert = reading.alerts.find(({ from }) => from === claim.by);
  if (alert) {
    const name = knownAlertName(alert.code) ?? alert.code;
    return missed(evidence, `the alert ${name} was sent`, `${name} 알림(Alert)이 전송되었습니다`);
  }
  const unopened = reading.unopened(claim.by);
  if (unopened > 0) return unread(unopened, evidence);
  const { closed } = connection;
  if (!closed) {
    const says = { en: 'the connection’s end was not captured', ko: '연결이 닫히는 것을 보지 못했습니다' };
    return { status: 'unobserved', evidence, says };
  }
  if (claim.by === 'client' && outcome !== 'refusing') {
    return missed(evidence, `the client itself reports ${outcome}`, `클라이언트의 보고는 ${outcome}입니다`);
  }
  return {
    status: 'met',
    evidence: [...evidence, { event: closed.seq }],
    says: {
      en: `${begun.en}. It closed the connection without an alert`,
      ko: `${begun.ko}. 알림 없이 연결을 끊었습니다`,
    },
  };
}

function unread(records: number, evidence: readonly EvidenceRef[]): Judgement {
  return {
    status: 'unobserved',
    evidence,
    says: {
      en: `${records} sealed records could not be opened: they may contain an alert`,
      ko: `암호화된 레코드 ${records}개를 열 수 없어 알림(Alert)이 있는지 알 수 없습니다`,
    },
  };
}

function judgeMissingAlert(
  claim: RefusedClaim,
  reading: WireReading,
  evidence: readonly EvidenceRef[],
): Judgement {
  const others = reading.alerts
    .filter(({ from }) => from === claim.by)
    .map(({ code }) => knownAlertName(code) ?? String(code));
  const unopened = reading.unopened(claim.by);
  if (others.length === 0 && unopened > 0) return unread(unopened, evidence);
  return missed(
    evidence,
    `${claim.alert} is not on the wire; alerts there: ${others.join(', ') || 'none'}`,
    `구간에 ${claim.alert} 알림이 없습니다. 있는 알림: ${others.join(', ') || '없음'}`,
  );
}

/** Who rejected, at which message, and why: the start of every sentence about a rejection. */
function refusalWords(
  by: Side,
  why: RefusalReason,
  step: PlannedStep,
  view: View,
  reading: WireReading,
): Localized {
  const who = whoIsAt(by, step, view.plan);
  const place = handshakePlace(reading, by);
  const agreed = reading.version?.replace('TLSv', 'TLS ');
  const version: Localized =
    agreed === undefined
      ? { en: 'no TLS version agreed on yet', ko: 'TLS 버전을 정하기 전' }
      : { en: agreed, ko: agreed };
  const reason = reasonOf(why);
  return {
    en: `${who.en} refused ${place.en} (${version.en}): ${reason.en}`,
    ko: `${josa(who.ko, '이/가')} ${place.ko} 거부했습니다(${version.ko}). 이유: ${reason.ko}`,
  };
}

function alertWords(begun: Localized, connection: Connection, alert: AlertOnWire): Localized {
  const name = knownAlertName(alert.code) ?? '';
  const how = alert.sealed
    ? {
        en: `a sealed record of ${alert.length} bytes at ${toOffset(alert.offset)}; it opens only with the keys`,
        ko: `${alert.length}바이트의 암호화된 레코드(오프셋 ${toOffset(alert.offset)}), 키가 있어야만 열림`,
      }
    : {
        en: `in clear at ${toOffset(alert.offset)}; any sniffer reads it`,
        ko: `평문(오프셋 ${toOffset(alert.offset)}), 도청자도 읽을 수 있음`,
      };
  return {
    en: `${begun.en}. Alert ${name} (${alert.code}) on wire ${connection.hop}: ${how.en}. The client reports the same alert`,
    ko: `${begun.ko}. 구간 ${connection.hop}의 알림(Alert) ${name}(${alert.code}): ${how.ko}. 클라이언트도 같은 알림을 받았다고 보고합니다`,
  };
}

/** The message at which the rejecting side stopped: the last Certificate of the other side on the wire. */
function handshakePlace(reading: WireReading, by: 'client' | 'server'): Localized {
  const shown = reading.handshake.findLast(({ from, message }) => from !== by && message === 'certificate');
  if (!shown) return { en: 'before any certificate was shown', ko: '인증서가 제시되기 전에' };
  const who = by === 'server' ? 'client' : 'server';
  return shown.emptyCertificate
    ? {
        en: `on reading the ${who}'s empty Certificate message`,
        ko: `${who === 'client' ? '클라이언트' : '서버'}의 빈 Certificate 메시지를 읽고`,
      }
    : {
        en: `on reading the ${who}'s Certificate`,
        ko: `${who === 'client' ? '클라이언트' : '서버'}의 Certificate를 읽고`,
      };
}

function missed(evidence: readonly EvidenceRef[], en: string, ko: string): Judgement {
  return { status: 'missed', evidence, says: { en, ko } };
}

type LoginSent = z.infer<ReturnType<typeof loginSentSchema>>;

export const loginSent = {
  claims(facts: LoginSent, step: PlannedStep | undefined) {
    if (!step) throw new Error('loginSent is about a step');
    return [{ facts: { sent: forVersion(facts, step) ?? false } }];
  },
  judge({ sent }: { readonly sent: boolean }, view: View, step: PlannedStep | undefined): Judgement {
    if (!step) throw new Error('loginSent is about a step');
    const connection = view.clientConnection(step);
    if (!connection) {
      return {
        status: 'unobserved',
        evidence: [],
        says: {
          en: "the client's connection was not captured",
          ko: '클라이언트의 연결이 캡처되지 않았습니다',
        },
      };
    }
    const captured = connection.stream('wire', 'client').length;
    if (captured === 0) return judgeNothingSent(sent, connection);
    const [report] = view.reports('login', step.client, step.id);
    const reported: EvidenceRef[] = report ? [{ event: report.seq }] : [];
    const inClear = view.plan.secrets
      .flatMap(({ id }) => view.hits(id, step.id, { hop: connection.hop, vantage: 'wire' }))
      .find(({ conn, from }) => conn === connection.conn && from === 'client');
    if (inClear) {
      const { en, ko } = hitWords(inClear);
      return {
        status: sent ? 'met' : 'missed',
        evidence: [...reported, evidenceOf(inClear)],
        says: {
          en: `the client had sent its login, readable: ${en}`,
          ko: `클라이언트가 로그인 정보를 평문으로 보냈습니다. ${ko}`,
        },
      };
    }
    const evidenceOfAll = [...reported, evidenceAt(connection, 'client', 0, captured)];
    if (!connection.carriesTls) {
      const says = {
        en: `the client had not sent its login: it is nowhere in the ${grouped(captured)} bytes that it sent, none of them encrypted`,
        ko: `클라이언트는 로그인 정보를 보내지 않았습니다. 암호화되지 않은 ${grouped(captured)}바이트 어디에도 없습니다`,
      };
      return { status: sent ? 'missed' : 'met', evidence: evidenceOfAll, says };
    }
    const reading = readingOf(view, connection);
    if (!reading) {
      return {
        status: 'unobserved',
        evidence: evidenceOfAll,
        says: { en: 'the connection’s records could not be parsed', ko: '연결의 레코드를 읽지 못했습니다' },
      };
    }
    const application = reading.application('client');
    const unopened = reading.unopened('client');
    if (!application) {
      const evidence = evidenceOfAll;
      if (unopened > 0) {
        return {
          status: 'unobserved',
          evidence,
          says: {
            en: `${unopened} sealed records of the client could not be opened`,
            ko: `클라이언트의 암호화된 레코드 ${unopened}개를 열 수 없습니다`,
          },
        };
      }
      const claimed = report?.result.sentBytes ?? 0;
      const says = {
        en: `the client had not sent its login: no application data in the ${grouped(captured)} bytes that it sent${claimed > 0 ? `, though it had handed over ${claimed}` : ''}`,
        ko: `클라이언트는 로그인 정보를 보내지 않았습니다. 보낸 ${grouped(captured)}바이트에 애플리케이션 데이터가 없습니다`,
      };
      return { status: sent ? 'missed' : 'met', evidence, says };
    }
    const evidence = [...reported, evidenceAt(connection, 'client', application.offset, application.length)];
    const found = secretsIn(application.bytes, view);
    const says =
      found.length > 0
        ? {
            en: `the client had already sent its login: ${grouped(application.bytes.length)} bytes, sealed on wire ${connection.hop}, open with the keys to ${found.join(' and ')}`,
            ko: `클라이언트는 이미 로그인 정보를 보냈습니다. 구간 ${connection.hop}에 암호화된 ${grouped(application.bytes.length)}바이트를 키로 열면 ${found.join(', ')} 값이 나옵니다`,
          }
        : {
            en: `the client had sent ${grouped(application.bytes.length)} bytes, but no secret is in them`,
            ko: `클라이언트가 ${grouped(application.bytes.length)}바이트를 보냈지만 비밀 값은 없습니다`,
          };
    return { status: found.length > 0 === sent ? 'met' : 'missed', evidence, says };
  },
} as const;

/** Of a connection on which the client has sent nothing at all: only its end proves that nothing came after. */
function judgeNothingSent(sent: boolean, { hop, opened, closed }: Connection): Judgement {
  const evidence = [opened, closed].flatMap((event): EvidenceRef[] => (event ? [{ event: event.seq }] : []));
  return closed
    ? {
        status: sent ? 'missed' : 'met',
        evidence,
        says: {
          en: `the client had not sent its login: its connection on wire ${hop} ended without a byte of it`,
          ko: `클라이언트는 로그인 정보를 보내지 않았습니다. 구간 ${hop}의 연결은 클라이언트가 한 바이트도 보내지 않은 채 닫혔습니다`,
        },
      }
    : {
        status: 'unobserved',
        evidence,
        says: {
          en: 'the client has sent nothing yet, and the connection’s end was not captured',
          ko: '클라이언트가 아직 아무것도 보내지 않았고, 연결이 닫히는 것을 보지 못했습니다',
        },
      };
}

/** The ids of the secrets in these bytes. */
function secretsIn(bytes: Uint8Array, view: View): string[] {
  const hunt = new SecretHunt(view.plan.secrets);
  hunt.fold({
    type: 'bytes',
    seq: 0,
    run: 1,
    at: 0,
    conn: 1,
    hop: 'opened',
    vantage: 'plaintext',
    from: 'client',
    bytes,
  });
  return [...new Set(hunt.hits.map(({ secret }) => secret))];
}
