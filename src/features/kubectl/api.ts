/**
 * Judges requests to an API server: `known` (the client identity that the server determined), `answered` (status and
 * message), `unauthorized` (401, for that reason), `unasked` (no request arrived), `says` (the program's output), `shows` (a
 * row of the printed table), `alerted` (the alert with which the client closed, from the bytes), `turnedAway` (how a permanent
 * client's requests were answered). `lit.ts` judges the order of traffic on several wires.
 *
 * 1. The server's report counts for what it determined, the program's for what it received; without captured bytes on the
 *    step's wire, nothing is proven.
 * 2. Output is that of the program that was run: kubectl's is predicted for one version, and nothing is claimed of others.
 * 3. `unauthorized` needs a completed TLS handshake: request and response crossed an intact connection.
 */
import type { z } from 'zod';
import type { EvidenceRef } from '../../capture/event.ts';
import type { ApiRequest } from '../../kube/apiserver/audit.ts';
import { knownAlertName, knownAlertNames } from '../../capture/vocabulary.ts';
import { clip } from '../../i18n/clip.ts';
import { grouped } from '../../i18n/number.ts';
import { safeText } from '../../i18n/safe.ts';
import { josa } from '../../i18n/josa.ts';
import type { Z } from '../../engine/extensions.ts';
import type { Judged, Judgement } from '../../engine/kinds.ts';
import type { PlannedStep } from '../../engine/plan.ts';
import { evidenceAt, evidenceOfExtent } from '../../engine/view.ts';
import { readingOf } from '../../evidence/records.ts';
import type { Observed, View } from '../../engine/view.ts';

export function knownSchema(zod: Z) {
  return zod.strictObject({
    as: zod.string().describe('The name of the user.'),
    groups: zod.array(zod.string()).optional().describe('Groups that the user must have.'),
    wire: zod
      .string()
      .optional()
      .describe('For the permanent client on this wire. Default: the step’s client.'),
  });
}

export function answeredSchema(zod: Z) {
  return zod.strictObject({
    status: zod.int().min(100).max(599),
    method: zod.string().optional(),
    at: zod.string().optional().describe('The path, without its query. Default: any.'),
    words: zod.string().optional().describe('Text that the server’s error message must contain.'),
    wire: zod
      .string()
      .optional()
      .describe('To the permanent client on this wire. Default: to the step’s client.'),
  });
}

export function unauthorizedSchema(zod: Z) {
  return zod.strictObject({
    reason: zod.string().describe('Why authentication failed, as the server’s own log names it.'),
  });
}

export function unaskedSchema(zod: Z) {
  return zod.strictObject({
    wire: zod
      .string()
      .optional()
      .describe('By the permanent client on this wire. Default: by the step’s client.'),
    about: zod
      .string()
      .optional()
      .describe('With wire: text that the path of none of its requests contains.'),
  });
}

export function saysSchema(zod: Z) {
  return zod.strictObject({
    kubectl: zod.string().optional().describe('Text that the output of kubectl 1.32 contains.'),
    etcdctl: zod
      .string()
      .optional()
      .describe('For an etcdctl step: text that the output of etcdctl 3.5 contains.'),
    wirelab: zod
      .string()
      .optional()
      .describe('The same for wirelab’s stand-in, if the tool is not installed and the output differs.'),
    exit: zod.int().min(0).max(255).optional().describe('The exit code. Default: any.'),
  });
}

export function showsSchema(zod: Z) {
  return zod.strictObject({
    row: zod.string().describe('The start of a row of the printed table.'),
    has: zod.string().describe('A word that the row must contain.'),
    hasNot: zod.string().optional().describe('A word that it must not contain.'),
  });
}

export function alertedSchema(zod: Z) {
  return zod.strictObject({
    alert: zod
      .enum(knownAlertNames)
      .describe('The alert that kubectl sends to a server it does not trust, by its RFC name.'),
  });
}

export function turnedAwaySchema(zod: Z) {
  return zod.strictObject({
    wire: zod.string(),
    status: zod.int().min(400).max(599).describe('The status of at least one response over this wire.'),
  });
}

type Alerted = z.infer<ReturnType<typeof alertedSchema>>;
type TurnedAway = z.infer<ReturnType<typeof turnedAwaySchema>>;
type Shows = z.infer<ReturnType<typeof showsSchema>>;
type Known = z.infer<ReturnType<typeof knownSchema>>;
type Unasked = z.infer<ReturnType<typeof unaskedSchema>>;
type Answered = z.infer<ReturnType<typeof answeredSchema>>;
type Unauthorized = z.infer<ReturnType<typeof unauthorizedSchema>>;
type Says = z.infer<ReturnType<typeof saysSchema>>;

/** What both ends reported of the step, and what the wire carried. */
interface Account {
  readonly step: PlannedStep;
  /** The wires to examine. */
  readonly path: readonly string[];
  /** The requests that reached the server over them. */
  readonly requests: readonly ApiRequest[];
  readonly clientReport?: Observed<'kubectl'> | Observed<'etcdctl'>;
  readonly served?: Observed<'api'>;
  readonly evidence: readonly EvidenceRef[];
  /** Bytes on the wire of the step. */
  readonly bytes: number;
}

/** @param wire of a permanent client: then its requests count, and what crossed that wire. */
function accountOf(view: View, step: PlannedStep | undefined, wire?: string): Account {
  if (!step) throw new Error('this expectation is about a step');
  const [clientReport] = [
    ...view.reports('kubectl', step.client, step.id),
    ...view.reports('etcdctl', step.client, step.id),
  ];
  const served = view.reports('api', step.server, step.id).at(-1);
  const path = wire === undefined ? step.path : [wire];
  const extents = path.flatMap((hop) => view.wireBytes(hop, step.id));
  const own = wire === undefined ? served?.result : served?.result.standing?.find(({ hop }) => hop === wire);
  return {
    step,
    path,
    requests: own?.requests ?? [],
    ...(clientReport ? { clientReport } : {}),
    ...(served ? { served } : {}),
    evidence: [
      ...[clientReport, served].flatMap((seen): EvidenceRef[] => (seen ? [{ event: seen.seq }] : [])),
      ...extents.slice(0, 2).map(evidenceOfExtent),
    ],
    bytes: extents.reduce((sum, { length }) => sum + length, 0),
  };
}

/** Why a claim about a request cannot be judged. */
function unseen({ step, path, served, evidence, bytes }: Account): Judgement | undefined {
  if (!served)
    return {
      status: 'unobserved',
      evidence,
      says: { en: `${step.server} did not report`, ko: `${step.server}의 보고가 없습니다` },
    };
  if (bytes === 0)
    return {
      status: 'unobserved',
      evidence,
      says: {
        en: `no byte was captured on wire ${path.join(', ')}`,
        ko: `구간 ${path.join(', ')}에서 캡처된 바이트가 없습니다`,
      },
    };
  return undefined;
}

const asked = ({ method, path }: ApiRequest): string => safeText(`${method} ${path}`);

const isKnownAs =
  (as: string, groups: readonly string[]) =>
  ({ user, groups: own = [] }: ApiRequest): boolean =>
    user === as && groups.every((group) => own.includes(group));

/**
 * A permanent client may be idle during this step: then its last identity counts. One that changed identity (a token,
 * then a certificate) had both in this step.
 */
function isServedAs(
  { as, groups, wire }: { readonly as: string; readonly groups: readonly string[]; readonly wire: string },
  view: View,
  { step, requests: now }: Account,
): Judgement {
  const before = view
    .reports('api', step.server, step.id, true)
    .flatMap(({ seq, result }) =>
      (result.standing ?? []).filter(({ hop }) => hop === wire).map(({ requests }) => ({ seq, requests })),
    );
  const last = before.at(-1);
  const requests = now.length > 0 ? now : (last?.requests.slice(-1) ?? []);
  const evidence: EvidenceRef[] = last ? [{ event: last.seq }] : [];
  if (requests.length === 0)
    return {
      status: 'unobserved',
      evidence,
      says: {
        en: `wire ${wire} carried no request yet`,
        ko: `구간 ${wire}에서 아무 요청도 오지 않았습니다`,
      },
    };
  const fitting = requests.find(isKnownAs(as, groups));
  const users = [...new Set(requests.map(({ user }) => user ?? '?'))]
    .map((name) => safeText(name))
    .join(', ');
  if (!fitting)
    return {
      status: 'missed',
      evidence,
      says: {
        en: `on wire ${wire} ${step.server} identified the client as ${users}, not ${as}`,
        ko: `구간 ${wire}: ${josa(step.server, '이/가')} 파악한 호출자 ${users}. 기대한 호출자: ${as}`,
      },
    };
  const own = (fitting.groups ?? []).map((group) => safeText(group)).join(', ');
  return {
    status: 'met',
    evidence,
    says: {
      en: `on wire ${wire} ${step.server} identified the client as ${as}${own ? `, in ${own}` : ', in no group'}`,
      ko: `구간 ${wire}: ${josa(step.server, '이/가')} 파악한 호출자: 이름 ${as}, 그룹 ${own || '없음'}`,
    },
  };
}

export const known = {
  claims: (facts: Known) => [{ ...(facts.wire === undefined ? {} : { suffix: facts.wire }), facts }],
  judge({ as, groups = [], wire }: Known, view: View, step: PlannedStep | undefined): Judged {
    const account = accountOf(view, step, wire);
    if (wire !== undefined) return isServedAs({ as, groups, wire }, view, account);
    const trouble = unseen(account);
    if (trouble) return trouble;
    const { requests } = account;
    const fitting = requests.find(isKnownAs(as, groups));
    const others = [...new Set(requests.map(({ user }) => user ?? '?'))].map((name) => safeText(name));
    if (!fitting || others.length > 1) {
      return {
        status: 'missed',
        evidence: account.evidence,
        says: {
          en: `${account.step.server} identified the client as ${others.join(', ') || 'no user'}, not ${as}`,
          ko: `${josa(account.step.server, '이/가')} 파악한 호출자: ${others.join(', ') || '없음'}. 기대한 호출자: ${as}`,
        },
      };
    }
    const own = (fitting.groups ?? []).map((group) => safeText(group)).join(', ');
    return {
      status: 'met',
      evidence: account.evidence,
      says: {
        en: `${account.step.server} identified the client as ${as}${own ? `, in ${own}` : ', in no group'}`,
        ko: `${josa(account.step.server, '이/가')} 파악한 호출자: 이름 ${as}, 그룹 ${own || '없음'}`,
      },
    };
  },
} as const;

export const answered = {
  claims: (facts: Answered) => [{ ...(facts.wire === undefined ? {} : { suffix: facts.wire }), facts }],
  judge({ status, method, at, words, wire }: Answered, view: View, step: PlannedStep | undefined): Judged {
    const account = accountOf(view, step, wire);
    const trouble = unseen(account);
    if (trouble) return trouble;
    const requests = account.requests.filter(
      (request) =>
        (at === undefined || request.path === at) && (method === undefined || request.method === method),
    );
    const fitting = requests.findLast(
      (request) =>
        request.status === status && (words === undefined || request.message?.includes(words) === true),
    );
    if (!fitting) {
      const last = requests.at(-1);
      const seen = last
        ? `${asked(last)}: ${last.status}${last.message === undefined ? '' : ` ${clip(safeText(last.message), 200)}`}`
        : undefined;
      return {
        status: 'missed',
        evidence: account.evidence,
        says: {
          en: `no response had status ${status}${seen === undefined ? '' : ` (the last: ${seen})`}`,
          ko: `응답이 ${status}인 요청이 없습니다${seen === undefined ? '' : `(마지막: ${seen})`}`,
        },
      };
    }
    const said = fitting.message === undefined ? '' : `: ${clip(safeText(fitting.message), 300)}`;
    return {
      status: 'met',
      evidence: account.evidence,
      says: {
        en: `${asked(fitting)} is answered with ${status}${said}`,
        ko: `${asked(fitting)}: 응답 ${status}${said}`,
      },
    };
  },
} as const;

export const unauthorized = {
  claims: (facts: Unauthorized) => [{ facts }],
  judge({ reason }: Unauthorized, view: View, step: PlannedStep | undefined): Judged {
    const account = accountOf(view, step);
    const trouble = unseen(account);
    if (trouble) return trouble;
    const { requests } = account;
    const [first] = requests;
    const { en, ko } = first?.unauthorized?.words ?? { en: '', ko: '' };
    const isTrue =
      first !== undefined &&
      requests.every((request) => request.status === 401 && request.unauthorized?.reason === reason);
    if (!isTrue) {
      const reasons = [
        ...new Set(
          requests.map((request) => `${request.status} ${request.unauthorized?.reason ?? ''}`.trim()),
        ),
      ].join(', ');
      return {
        status: 'missed',
        evidence: account.evidence,
        says: {
          en: `${account.step.server} answered ${reasons || 'nothing'}, not 401 for ${reason}`,
          ko: `${account.step.server}: ${reasons || '응답이 없었습니다'}. 기대: 401 ${reason}`,
        },
      };
    }
    return {
      status: 'met',
      evidence: account.evidence,
      says: {
        en: `TLS accepted the client, and ${account.step.server} answered 401. In its own log: ${en}`,
        ko: `TLS 연결은 맺어졌고, ${account.step.server}의 응답은 401입니다. 서버 로그에 적힌 이유: ${ko}`,
      },
    };
  },
} as const;

/** The client received something over its wire, and sent no request about it. */
function saidNothingOf(about: string, wire: string, { evidence, requests, step }: Account): Judgement {
  const own = requests.filter(({ path }) => path.includes(about));
  const [first] = own;
  return first
    ? {
        status: 'missed',
        evidence,
        says: {
          en: `on wire ${wire} ${step.server} received: ${asked(first)}`,
          ko: `구간 ${wire}에서 ${step.server}에 온 요청: ${asked(first)}`,
        },
      }
    : {
        status: 'met',
        evidence,
        says: {
          en: `bytes crossed wire ${wire}, and no request there was about ${about}`,
          ko: `구간 ${wire}에 바이트가 지나갔지만 ${about}에 관한 요청은 없습니다`,
        },
      };
}

export const unasked = {
  claims: (facts: Unasked) => [{ ...(facts.wire === undefined ? {} : { suffix: facts.wire }), facts }],
  judge({ wire, about = '' }: Unasked, view: View, step: PlannedStep | undefined): Judged {
    const account = accountOf(view, step, wire);
    const trouble = unseen(account);
    if (trouble) return trouble;
    if (wire !== undefined) return saidNothingOf(about, wire, account);
    const total = account.served?.result.total ?? 0;
    const on = account.path.join(', ');
    if (total > 0)
      return {
        status: 'missed',
        evidence: account.evidence,
        says: {
          en: `${grouped(total)} requests reached ${account.step.server}`,
          ko: `${account.step.server}에 요청 ${grouped(total)}건이 도착했습니다`,
        },
      };
    return {
      status: 'met',
      evidence: account.evidence,
      says: {
        en: `${grouped(account.bytes)} bytes crossed wire ${on}, and no request reached ${account.step.server}: the client closed the connection before it sent a request`,
        ko: `구간 ${on}에 ${grouped(account.bytes)}바이트가 지나갔지만 ${account.step.server}에 도착한 요청은 없습니다. 호출한 쪽이 아무 말도 하기 전에 끊었습니다`,
      },
    };
  },
} as const;

export const alerted = {
  claims: (facts: Alerted) => [{ facts }],
  judge({ alert }: Alerted, view: View, step: PlannedStep | undefined): Judged {
    const account = accountOf(view, step);
    if (!account.clientReport)
      return {
        status: 'unobserved',
        evidence: [],
        says: { en: `${account.step.client} did not report`, ko: `${account.step.client}의 보고가 없습니다` },
      };
    // Where kubectl is not installed the client is Node's, which closes without an alert.
    if (account.clientReport.result.program !== 'kubectl') return undefined;
    const [hop = ''] = account.step.path;
    const found = view
      .connectionsOn(hop, account.step.id)
      .flatMap((connection) =>
        (readingOf(view, connection)?.alerts ?? []).map((one) => ({ ...one, connection })),
      );
    const own = found.filter(({ from }) => from === 'client');
    const names = [...new Set(own.map(({ code }) => knownAlertName(code) ?? String(code)))];
    const [first] = own;
    const isTrue = names.length === 1 && names[0] === alert;
    return {
      status: isTrue ? 'met' : 'missed',
      evidence: own
        .slice(0, 3)
        .map(({ connection, from, offset, length }) => evidenceAt(connection, from, offset, length)),
      says:
        first === undefined
          ? {
              en: `no alert from the client on wire ${hop}`,
              ko: `구간 ${hop}에 클라이언트의 알림이 없습니다`,
            }
          : {
              en: `on wire ${hop} the client closes with the alert ${names.join(', ')} (${first.code})`,
              ko: `구간 ${hop}: 클라이언트가 알림(Alert) ${josa(`${names.join(', ')}(${first.code})`, '을/를')} 보내고 끊었습니다`,
            },
    };
  },
} as const;

export const turnedAway = {
  claims: (facts: TurnedAway) => [{ suffix: facts.wire, facts }],
  judge({ wire, status }: TurnedAway, view: View): Judged {
    const answers = view.connections
      .filter(({ hop }) => hop === wire)
      .flatMap((connection) => {
        const stream = connection.stream('plaintext', 'server');
        const answer = Buffer.from(stream.read(0, statusLine) ?? []).toString('latin1');
        const code = /^HTTP\/1\.[01] (\d{3}) /.exec(answer)?.[1];
        return code === undefined ? [] : [{ connection, code: Number(code) }];
      });
    const fitting = answers.filter(({ code }) => code === status);
    const [first] = fitting;
    if (answers.length === 0)
      return {
        status: 'unobserved',
        evidence: [],
        says: { en: `no response on wire ${wire}`, ko: `구간 ${wire}에 응답이 없습니다` },
      };
    return {
      status: first ? 'met' : 'missed',
      evidence: (first ? fitting : answers).slice(0, 3).map(({ connection: { run, conn, hop } }) => ({
        run,
        conn,
        hop,
        vantage: 'plaintext',
        from: 'server',
        offset: 0,
        length: statusLine,
      })),
      says: {
        en: `on wire ${wire} ${fitting.length} of ${answers.length} connections received status ${status}`,
        ko: `구간 ${wire}: 연결 ${answers.length}개 가운데 ${fitting.length}개가 응답 ${josa(status, '을/를')} 받았습니다`,
      },
    };
  },
} as const;

/** `HTTP/1.1 401 ` */
const statusLine = 13;

export const shows = {
  claims: (facts: Shows) => [{ suffix: facts.row, facts }],
  judge({ row, has, hasNot }: Shows, view: View, step: PlannedStep | undefined): Judged {
    const account = accountOf(view, step);
    const trouble = unseen(account);
    if (trouble) return trouble;
    const lines = account.clientReport?.result.output.split('\n') ?? [];
    const line = lines.find((one) => one.startsWith(`${row} `))?.trim();
    const words = line?.split(/ {2,}/) ?? [];
    const isTrue = words.includes(has) && (hasNot === undefined || line?.includes(hasNot) === false);
    const shown = line === undefined ? undefined : clip(safeText(words.join('  ')), 200);
    return {
      status: isTrue ? 'met' : 'missed',
      evidence: account.evidence,
      says:
        shown === undefined
          ? { en: `no row ${row} was printed`, ko: `출력에 '${row}' 줄이 없습니다` }
          : { en: `the row of ${row}: ${shown}`, ko: `'${row}' 줄: ${shown}` },
    };
  },
} as const;

/** The versions with predicted output. */
const predictedVersions = { kubectl: '1.32', etcdctl: '3.5' } as const;

export const says = {
  claims: (facts: Says) => [{ facts }],
  judge(
    { kubectl, etcdctl, wirelab = etcdctl ?? kubectl, exit }: Says,
    view: View,
    step: PlannedStep | undefined,
  ): Judged {
    const account = accountOf(view, step);
    const { clientReport, evidence } = account;
    if (!clientReport)
      return {
        status: 'unobserved',
        evidence,
        says: { en: `${account.step.client} did not report`, ko: `${account.step.client}의 보고가 없습니다` },
      };
    const { kind, program, version = '', exitCode, output, words } = clientReport.result;
    // What the stand-in cannot do was not done, and nothing is claimed of it.
    if (program === 'wirelab' && exitCode === null) return undefined;
    const predicted = predictedVersions[kind];
    const isPredicted = program === 'wirelab' || version === predicted || version.startsWith(`${predicted}.`);
    const expected = { kubectl, etcdctl, wirelab }[program];
    // Without the tool's predicted output, nothing is claimed where the tool itself ran.
    if (!isPredicted || expected === undefined) return undefined;
    const said = `${output}\n${words}`;
    const isTrue = said.includes(expected) && (exit === undefined || exit === exitCode);
    const name = program === 'wirelab' ? 'wirelab' : `${program} ${version}`;
    const shown = clip(safeText(isTrue ? expected : said.trim()), 300);
    const code =
      exit === undefined && isTrue
        ? { en: '', ko: '' }
        : { en: ` and exits with ${exitCode ?? 'no code'}`, ko: `, 종료 코드 ${exitCode ?? '없음'}` };
    return {
      status: isTrue ? 'met' : 'missed',
      evidence,
      says: isTrue
        ? {
            en: `${name} prints, as predicted: ${shown}${code.en}`,
            ko: `${name}의 출력(예측대로): ${shown}${code.ko}`,
          }
        : {
            en: `${name} prints: ${shown}${code.en}; predicted: ${expected}`,
            ko: `${name}의 출력: ${shown}${code.ko}. 예측: ${expected}`,
          },
    };
  },
} as const;
