/**
 * Judges requests to a CA: `issued`, `notIssued`, `decided`, `challenge` and `installed`. Request, challenge and certificate
 * are read from the captured bytes; the reports must agree with them.
 *
 * 1. A withheld right must be in the captured request and missing in the certificate.
 * 2. "No certificate was issued" counts only where one was found on that wire in another step.
 * 3. A challenge response is recomputed from the token on the CA's wire and the key in the request.
 */
import type { z } from 'zod';
import type { EvidenceRef } from '../../capture/event.ts';
import type { CertificationOrder } from './observations.ts';
import type { Connection } from '../../capture/connection.ts';
import { verbatim } from '../../i18n/language.ts';
import type { Localized } from '../../i18n/language.ts';
import { josa } from '../../i18n/josa.ts';
import type { Z } from '../../engine/extensions.ts';
import { Instrument } from '../../engine/instrument.ts';
import type { Judgement } from '../../engine/kinds.ts';
import type { PlannedStep } from '../../engine/plan.ts';
import { rights, plaintextOf } from './enrolment-plaintext.ts';
import type { CertificateFacts, EnrolmentReading, RequestFacts, Right } from './enrolment-plaintext.ts';
import type { Observed, View } from '../../engine/view.ts';

const problemNames = [
  'badCSR',
  'badPublicKey',
  'rejectedIdentifier',
  'unauthorized',
  'connection',
  'dns',
] as const;

/** Reads the request to a CA and the issued certificate from a connection, once per judgment. */
export const enrolments = new Instrument(async () => {
  const { readEnrolment } = await import('./read-enrolment.ts');
  return () => {
    const readings = new Map<number, EnrolmentReading>();
    return (connection: Connection) => {
      const known = readings.get(connection.conn) ?? readEnrolment(connection);
      readings.set(connection.conn, known);
      return known;
    };
  };
});

export function issuedSchema(zod: Z) {
  return zod.strictObject({
    names: zod.array(zod.string().min(1)).min(1).describe('The DNS names in the certificate, and no others.'),
    withheld: zod
      .array(zod.enum(rights))
      .min(1)
      .optional()
      .describe('What the request asks for and the certificate lacks.'),
  });
}

export function notIssuedSchema(zod: Z) {
  return zod.strictObject({
    problem: zod.enum(problemNames).describe('The CA’s objection, by its RFC 8555 name.'),
    twin: zod.string().describe('A step in which a certificate was issued over the same wire.'),
  });
}

export function decidedSchema(zod: Z) {
  return zod.strictObject({});
}

export function challengeSchema(zod: Z) {
  return zod.strictObject({ name: zod.string().min(1), wire: zod.string(), passed: zod.boolean() });
}

export function installedSchema(zod: Z) {
  return zod.strictObject({
    issuedIn: zod.string().describe('The step that issued the certificate presented to the client here.'),
  });
}

type IssuedFacts = z.infer<ReturnType<typeof issuedSchema>>;
type NotIssued = z.infer<ReturnType<typeof notIssuedSchema>>;
type Challenge = z.infer<ReturnType<typeof challengeSchema>>;
type Installed = z.infer<ReturnType<typeof installedSchema>>;

interface Issued {
  readonly names: readonly string[];
  /** The claim covers this right only. */
  readonly withheld?: Right;
}

const status = (
  is: Judgement['status'],
  evidence: readonly EvidenceRef[],
  en: string,
  ko: string,
): Judgement => ({ status: is, evidence, says: { en, ko } });

export const issued = {
  claims: ({ names, withheld = [] }: IssuedFacts): { suffix?: string; facts: Issued }[] => [
    { facts: { names } },
    ...withheld.map((right) => ({ suffix: `withheld/${right}`, facts: { names, withheld: right } })),
  ],
  judge({ names, withheld }: Issued, view: View, step: PlannedStep | undefined): Judgement {
    if (!step) throw new Error('issued is about a step');
    const request = requestOn(view, step);
    const leaf = certificateOn(view, step);
    const { reports, evidence: reported } = reportsOf(view, step);
    const evidence = [...(request?.evidence ?? []), ...(leaf?.evidence ?? []), ...reported];
    if (!request)
      return status(
        'unobserved',
        evidence,
        'no request was captured on the wire',
        '구간에서 요청을 찾지 못했습니다',
      );
    if (!leaf)
      return status(
        'missed',
        evidence,
        `no certificate was issued: ${objectionOf(reports).en}`,
        `인증서가 발급되지 않았습니다. ${objectionOf(reports).ko}`,
      );
    if (withheld !== undefined) return judgeRight(withheld, request.got, leaf.got, evidence);
    const { subject, issuer, san, isCa, serial } = leaf.got.summary;
    const order = reports.orders.find((one) => one.serial === serial);
    const given = san.join(', ');
    const wanted = names.map((name) => `DNS:${name}`);
    const fits = san.length === wanted.length && wanted.every((name) => san.includes(name)) && !isCa;
    const isKeyOfRequest = leaf.got.publicKey === request.got.publicKey;
    const agreed =
      reports.client?.outcome === 'issued' && reports.client.serial === serial && order?.outcome === 'issued';
    if (!fits || !isKeyOfRequest || !agreed) {
      return status(
        'missed',
        evidence,
        `a certificate for ${given || 'no name'} crossed wire ${step.path[0] ?? '?'}${isKeyOfRequest ? '' : ', for another key than requested'}${agreed ? '' : ', and the reports say otherwise'}`,
        `구간 ${step.path[0] ?? '?'}에 ${given || '이름 없는'} 인증서가 지나갔습니다${isKeyOfRequest ? '' : '. 요청한 키의 인증서가 아닙니다'}${agreed ? '' : '. 보고와 다릅니다'}`,
      );
    }
    return status(
      'met',
      evidence,
      `${issuer} gave a certificate to ${subject || '(no subject)'} for ${given}, for the very key of the request`,
      `${issuer}: 주체 ${subject || '(없음)'}, 이름 ${given}의 인증서를 발급했습니다. 요청에 있던 바로 그 키의 인증서입니다`,
    );
  },
} as const;

export const notIssued = {
  claims: (facts: NotIssued) => [{ facts }],
  judge({ problem, twin }: NotIssued, view: View, step: PlannedStep | undefined): Judgement {
    if (!step) throw new Error('notIssued is about a step');
    const request = requestOn(view, step);
    const leaf = certificateOn(view, step);
    const { reports, evidence: reported } = reportsOf(view, step);
    const evidence = [...(request?.evidence ?? []), ...(leaf?.evidence ?? []), ...reported];
    if (leaf) return status('missed', evidence, 'a certificate was issued', '인증서가 발급되었습니다');
    if (!request || !reports.client || reports.orders.length === 0)
      return status(
        'unobserved',
        evidence,
        'no rejected request was captured',
        '거부된 요청을 찾지 못했습니다',
      );
    const order = reports.orders.find((one) => one.outcome === 'refused');
    if (
      reports.client.outcome !== 'refused' ||
      reports.client.problem !== problem ||
      order?.problem !== problem
    ) {
      return status(
        'missed',
        evidence,
        `rejected for another reason: ${objectionOf(reports).en}`,
        `그 이유로 거부되지 않았습니다. ${objectionOf(reports).ko}`,
      );
    }
    const found = stepOf(view, twin);
    const other = found && found.path[0] === step.path[0] ? certificateOn(view, found) : undefined;
    if (!other)
      return status(
        'unobserved',
        evidence,
        `no certificate was seen in step ${twin} either: this proves nothing`,
        `${twin} 단계에서도 인증서를 찾지 못했습니다. 아무것도 증명되지 않습니다`,
      );
    const title = view.titleOf(twin);
    const words = objectionOf(reports);
    return status(
      'met',
      [...evidence, ...other.evidence],
      `refused, ${problem}: ${words.en}. No certificate on wire ${step.path[0] ?? '?'} (in “${title.en}” there was one)`,
      `거부됨(${problem}): ${words.ko}. 구간 ${step.path[0] ?? '?'}에 인증서가 없습니다(“${title.ko}” 단계에는 있었음)`,
    );
  },
} as const;

/** Whatever was requested: the certificate has exactly what was proven, or none was issued. */
export const decided = {
  claims: () => [{ facts: {} }],
  judge(_: object, view: View, step: PlannedStep | undefined): Judgement {
    if (!step) throw new Error('decided is about a step');
    const request = requestOn(view, step);
    const leaf = certificateOn(view, step);
    const { reports, evidence: reported } = reportsOf(view, step);
    const evidence = [...(request?.evidence ?? []), ...(leaf?.evidence ?? []), ...reported];
    const [order] = reports.orders;
    if (!request || !reports.client || !order)
      return status(
        'unobserved',
        evidence,
        'no decided request was captured',
        '처리된 요청을 찾지 못했습니다',
      );
    const words = objectionOf(reports);
    if (order.outcome !== 'issued') {
      return leaf || order.outcome === 'pending' || reports.client.outcome !== 'refused'
        ? status(
            'missed',
            evidence,
            'the CA reports a rejection, but the wire shows otherwise',
            'CA의 보고는 거부인데 구간의 내용은 다릅니다',
          )
        : status(
            'met',
            evidence,
            `refused: ${words.en}. No certificate on wire ${step.path[0] ?? '?'}`,
            `거부됨: ${words.ko}. 구간 ${step.path[0] ?? '?'}에 인증서가 없습니다`,
          );
    }
    const proven = order.challenges.flatMap(({ name, passed }) => (passed ? [`DNS:${name}`] : []));
    const isProven = leaf?.got.summary.san.every((name) => proven.includes(name)) ?? false;
    const fits = leaf && isProven && !leaf.got.summary.isCa && leaf.got.publicKey === request.got.publicKey;
    const names = leaf?.got.summary.san.join(', ') ?? '';
    return fits
      ? status(
          'met',
          evidence,
          `a certificate for ${names}, each name proven, for the very key of the request`,
          `${names} 인증서가 발급되었습니다. 이름은 모두 증명되었고 요청에 있던 바로 그 키의 인증서입니다`,
        )
      : status(
          'missed',
          evidence,
          `the certificate does not match what was proven: ${names || 'no certificate'}`,
          `증명된 것과 다르게 발급되었습니다: ${names || '인증서 없음'}`,
        );
  },
} as const;

export const challenge = {
  claims: (facts: Challenge) => [{ suffix: facts.name, facts }],
  judge({ name, wire, passed }: Challenge, view: View, step: PlannedStep | undefined): Judgement {
    if (!step) throw new Error('challenge is about a step');
    const request = requestOn(view, step);
    const { reports, evidence: reported } = reportsOf(view, step);
    const looked = view.connectionsOn(wire, step.id).flatMap((connection) => lookedFor(connection, name));
    const [fetch] = looked;
    const evidence = [...looked.flatMap((one) => one.evidence), ...reported];
    if (!request || !fetch)
      return status(
        'unobserved',
        evidence,
        `the CA was not seen to look at ${name} on wire ${wire}`,
        `CA가 구간 ${wire}에서 ${josa(name, '을/를')} 확인하는 것이 보이지 않았습니다`,
      );
    const isRight = fetch.status === 200 && fetch.answer === `${fetch.token}.${request.got.thumbprint}`;
    const hasPassed = reports.orders
      .flatMap(({ challenges }) => challenges)
      .find((one) => one.name === name)?.passed;
    const words = isRight
      ? {
          en: `${name} serves the CA's token with the thumbprint of the key in the request (wire ${wire})`,
          ko: `${name}: CA의 토큰과 요청에 있는 키의 지문을 그대로 돌려줍니다(구간 ${wire})`,
        }
      : {
          en: `${name} does not serve the answer: the CA asked on wire ${wire} and got ${fetch.status ?? 'no status'}`,
          ko: `${name}: 올바른 응답이 없습니다. CA가 구간 ${wire}에서 요청해 받은 상태 코드는 ${fetch.status ?? '없음'}`,
        };
    return {
      status: isRight === passed && hasPassed === passed ? 'met' : 'missed',
      evidence: [...request.evidence, ...evidence],
      says: words,
    };
  },
} as const;

export const installed = {
  claims: (facts: Installed) => [{ facts }],
  judge({ issuedIn }: Installed, view: View, step: PlannedStep | undefined): Judgement {
    if (!step) throw new Error('installed is about a step');
    const from = stepOf(view, issuedIn);
    const leaf = from && certificateOn(view, from);
    const shown = view
      .connectionsOn(step.path[0] ?? '', step.id)
      .flatMap(({ secured }) => (secured.client ? [secured.client] : []));
    const evidence: EvidenceRef[] = [...(leaf?.evidence ?? []), ...shown.map(({ seq }) => ({ event: seq }))];
    if (!leaf)
      return status(
        'unobserved',
        evidence,
        `no certificate was seen in step ${issuedIn}`,
        `${issuedIn} 단계에서 인증서를 찾지 못했습니다`,
      );
    const { sha256, serial } = leaf.got.summary;
    const isShown = shown.length > 0 && shown.every(({ peer }) => peer?.sha256 === sha256);
    return isShown
      ? status(
          'met',
          evidence,
          `the certificate that the client verified is the one that was issued: serial ${serial.slice(0, 16)}…`,
          `클라이언트가 확인한 인증서는 앞에서 발급된 바로 그 인증서입니다(일련번호 ${serial.slice(0, 16)}…)`,
        )
      : status(
          'missed',
          evidence,
          'the client verified a different certificate',
          '클라이언트가 확인한 인증서가 발급된 것과 다릅니다',
        );
  },
} as const;

function judgeRight(
  right: Right,
  request: RequestFacts,
  leaf: CertificateFacts,
  evidence: readonly EvidenceRef[],
): Judgement {
  const asked = request.rights[right];
  const given = leaf.rights[right];
  const list = asked.join(', ');
  if (asked.length === 0)
    return status(
      'unobserved',
      evidence,
      'the request did not ask for it, so this proves nothing',
      '요청에 없던 것이라 아무것도 증명되지 않습니다',
    );
  if (given.length > 0)
    return status(
      'missed',
      evidence,
      `requested: ${list}; issued: ${given.join(', ')}`,
      `요청: ${list}, 발급: ${given.join(', ')}`,
    );
  return status(
    'met',
    evidence,
    `requested: ${list}; not in the certificate`,
    `요청: ${list}. 인증서에는 없음`,
  );
}

interface Found<T> {
  readonly got: T;
  readonly evidence: readonly EvidenceRef[];
}

/** The signing request that the step's client sent. */
function requestOn(view: View, step: PlannedStep): Found<RequestFacts> | undefined {
  return foundOn(view, step, 'client', ({ request }) => request);
}

/** The first certificate returned: the leaf. */
function certificateOn(view: View, step: PlannedStep): Found<CertificateFacts> | undefined {
  return foundOn(view, step, 'server', ({ certificate }) => certificate);
}

function foundOn<T extends { readonly offset: number; readonly length: number }>(
  view: View,
  step: PlannedStep,
  from: 'client' | 'server',
  of: (reading: EnrolmentReading) => T | undefined,
): Found<T> | undefined {
  for (const connection of view.connectionsOn(step.path[0] ?? '', step.id)) {
    const reading = view.instrument(enrolments)?.(connection);
    const got = reading && of(reading);
    if (!reading || !got) continue;
    const { run, conn, hop } = connection;
    return {
      got,
      evidence: [{ run, conn, hop, vantage: reading.vantage, from, offset: got.offset, length: got.length }],
    };
  }
  return undefined;
}

function stepOf(view: View, id: string): PlannedStep | undefined {
  return view.plan.steps.find((step) => step.id === id);
}

interface Reports {
  readonly client: Observed<'enrolment'>['result'] | undefined;
  readonly orders: readonly CertificationOrder[];
}

function reportsOf(
  view: View,
  step: PlannedStep,
): { readonly reports: Reports; readonly evidence: readonly EvidenceRef[] } {
  const [client] = view.reports('enrolment', step.client, step.id);
  const [ca] = view.reports('certification', step.server, step.id);
  return {
    reports: { client: client?.result, orders: ca?.result.orders ?? [] },
    evidence: [client, ca].flatMap((report) => (report ? [{ event: report.seq }] : [])),
  };
}

/** The CA's objections, in its own words. */
function objectionOf({ client, orders }: Reports): Localized {
  for (const { decisions, challenges } of orders) {
    const words =
      challenges.find(({ passed }) => !passed)?.words ??
      decisions.find(({ kind }) => kind === 'refused')?.words;
    if (words) return words;
  }
  return verbatim(client?.problem ?? client?.error?.code ?? client?.outcome ?? '?');
}

interface LookedFor {
  readonly token: string;
  readonly status: number | undefined;
  readonly answer: string;
  readonly evidence: readonly EvidenceRef[];
}

/** A fetch of a challenge response at a name, and what the site served. */
function lookedFor(connection: Connection, name: string): LookedFor[] {
  const asked = plaintextOf(connection, 'client');
  const match = /^GET \/\.well-known\/acme-challenge\/([\w-]{1,200}) HTTP\/1\.1\r\n/.exec(asked.text);
  const host = /\r\nHost: ([^\r\n]*)\r\n/i.exec(asked.text)?.[1];
  if (!match || host !== name) return [];
  const { text, vantage } = plaintextOf(connection, 'server');
  const head = text.indexOf('\r\n\r\n');
  const code = /^HTTP\/1\.[01] (\d{3})/.exec(text)?.[1];
  const { run, conn, hop } = connection;
  const place = (from: 'client' | 'server', length: number): EvidenceRef => ({
    run,
    conn,
    hop,
    vantage,
    from,
    offset: 0,
    length,
  });
  return [
    {
      token: match[1] ?? '',
      status: code === undefined ? undefined : Number(code),
      answer: head < 0 ? '' : text.slice(head + 4).trimEnd(),
      evidence: [
        place('client', asked.text.length),
        ...(text.length > 0 ? [place('server', text.length)] : []),
      ],
    },
  ];
}
