/**
 * What became of a request to an API server: `known` (whom the server took the caller for), `answered` (the status and the
 * words), `unauthorized` (401, for that reason), `unasked` (no request came), `says` (the program's own words), `shows` (a row of the table that it prints).
 *
 * `lit` (`lit.ts`) tells in which order the wires spoke. `alerted`: the alert with which the caller hung up, by the bytes. `turnedAway`: who comes over a wire all the time was answered so.
 *
 * 1. The server's own account counts for what it knew, and the program's for what it was told; bytes must have been seen on
 *    the wire of the step, else nothing is proven.
 * 2. Words are those of the program that was run: kubectl's are predicted for one version, and of another nothing is claimed.
 * 3. `unauthorized` needs that TLS let the caller through: the request, and the answer to it, came over a whole connection.
 */
import type { z } from 'zod';
import type { EvidenceRef } from '../../capture/event.ts';
import type { ApiRequest } from '../../kube/apiserver/audit.ts';
import { knownAlertName, knownAlertNames } from '../../capture/vocabulary.ts';
import { clip } from '../../i18n/clip.ts';
import { grouped } from '../../i18n/number.ts';
import { safeText } from '../../i18n/safe.ts';
import type { Z } from '../../engine/extensions.ts';
import type { Judged, Judgement } from '../../engine/kinds.ts';
import type { PlannedStep } from '../../engine/plan.ts';
import { evidenceAt, evidenceOfExtent } from '../../engine/view.ts';
import { readingOf } from '../../evidence/records.ts';
import type { Observed, View } from '../../engine/view.ts';

export function knownSchema(zod: Z) {
  return zod.strictObject({
    as: zod.string().describe('The name of the user.'),
    groups: zod.array(zod.string()).optional().describe('Groups that are among the user’s.'),
    wire: zod
      .string()
      .optional()
      .describe(
        'Of whoever comes to a server all the time over this wire; the caller of the step, when left out.',
      ),
  });
}

export function answeredSchema(zod: Z) {
  return zod.strictObject({
    status: zod.int().min(100).max(599),
    method: zod.string().optional(),
    at: zod.string().optional().describe('The path, without its query; any when left out.'),
    words: zod.string().optional().describe('A part of what the server says where it refuses.'),
    wire: zod
      .string()
      .optional()
      .describe(
        'To whoever comes to a server all the time over this wire; to the caller of the step, when left out.',
      ),
  });
}

export function unauthorizedSchema(zod: Z) {
  return zod.strictObject({
    reason: zod.string().describe('Why the server cannot tell who calls, as its own log names it.'),
  });
}

export function unaskedSchema(zod: Z) {
  return zod.strictObject({
    wire: zod
      .string()
      .optional()
      .describe(
        'By whoever comes to a server all the time over this wire; by the caller of the step, when left out.',
      ),
    about: zod.string().optional().describe('With wire: a part of the path that none of his requests has.'),
  });
}

export function saysSchema(zod: Z) {
  return zod.strictObject({
    kubectl: zod.string().optional().describe('A part of what kubectl 1.32 prints.'),
    etcdctl: zod.string().optional().describe('For a step of etcdctl: a part of what etcdctl 3.5 prints.'),
    wirelab: zod
      .string()
      .optional()
      .describe('The same of wirelab, where the tool is not installed and the words are others.'),
    exit: zod.int().min(0).max(255).optional().describe('The exit code; any when left out.'),
  });
}

export function showsSchema(zod: Z) {
  return zod.strictObject({
    row: zod.string().describe('With what a row of the table begins that is printed.'),
    has: zod.string().describe('What stands in that row, as a word by itself.'),
    hasNot: zod.string().optional().describe('What does not.'),
  });
}

export function alertedSchema(zod: Z) {
  return zod.strictObject({
    alert: zod
      .enum(knownAlertNames)
      .describe('What kubectl says to a server that it does not believe, by its name in the standard.'),
  });
}

export function turnedAwaySchema(zod: Z) {
  return zod.strictObject({
    wire: zod.string(),
    status: zod
      .int()
      .min(400)
      .max(599)
      .describe('With which a request over this wire was answered, at least once.'),
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
  /** The wires that are looked at. */
  readonly path: readonly string[];
  /** What reached the server over them. */
  readonly requests: readonly ApiRequest[];
  readonly clientReport?: Observed<'kubectl'> | Observed<'etcdctl'>;
  readonly served?: Observed<'api'>;
  readonly evidence: readonly EvidenceRef[];
  /** Bytes on the wire of the step. */
  readonly bytes: number;
}

/** @param wire one over which somebody comes all the time: then his account counts, and what crossed that wire. */
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

/** What keeps a claim about a request from being judged. */
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
 * Who comes over a wire all the time may have said nothing in this very step: then it counts whom the server took him for
 * when he spoke last. Who was one at first and is another now (a token, then a certificate) was both in this step.
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
        en: `nobody has said anything on wire ${wire}`,
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
        en: `on wire ${wire} ${step.server} took the caller for ${users}, not for ${as}`,
        ko: `구간 ${wire}: ${step.server} 쪽에서 파악한 호출자 ${users}. 기대한 호출자: ${as}`,
      },
    };
  const own = (fitting.groups ?? []).map((group) => safeText(group)).join(', ');
  return {
    status: 'met',
    evidence,
    says: {
      en: `on wire ${wire} ${step.server} knows the caller as ${as}${own ? `, of ${own}` : ', of no group'}`,
      ko: `구간 ${wire}: ${step.server}에 알려진 호출자 이름 ${as}, 그룹 ${own || '없음'}`,
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
          en: `${account.step.server} took the caller for ${others.join(', ') || 'nobody'}, not for ${as}`,
          ko: `${account.step.server} 쪽에서 파악한 호출자: ${others.join(', ') || '없음'}. 기대한 호출자: ${as}`,
        },
      };
    }
    const own = (fitting.groups ?? []).map((group) => safeText(group)).join(', ');
    return {
      status: 'met',
      evidence: account.evidence,
      says: {
        en: `${account.step.server} knows the caller as ${as}${own ? `, of ${own}` : ', of no group'}`,
        ko: `${account.step.server}: 호출자 이름 ${as}, 그룹 ${own || '없음'}`,
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
          en: `nothing was answered with ${status}${seen === undefined ? '' : ` (the last: ${seen})`}`,
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
        en: `TLS let the caller through, and ${account.step.server} answered 401. In its own log: ${en}`,
        ko: `TLS 연결은 맺어졌고, ${account.step.server}의 응답은 401입니다. 서버 로그에 적힌 이유: ${ko}`,
      },
    };
  },
} as const;

/** He was told something over his wire, and asked nothing that is about it. */
function saidNothingOf(about: string, wire: string, { evidence, requests, step }: Account): Judgement {
  const own = requests.filter(({ path }) => path.includes(about));
  const [first] = own;
  return first
    ? {
        status: 'missed',
        evidence,
        says: {
          en: `on wire ${wire} ${step.server} was asked: ${asked(first)}`,
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
        en: `${grouped(account.bytes)} bytes crossed wire ${on}, and no request reached ${account.step.server}: the caller hung up before it said anything`,
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
    // Where kubectl is not installed the client is Node's, which hangs up without a word.
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
          ? { en: `no alert of the client on wire ${hop}`, ko: `구간 ${hop}에 클라이언트의 알림이 없습니다` }
          : {
              en: `on wire ${hop} the client hangs up with the alert ${names.join(', ')} (${first.code})`,
              ko: `구간 ${hop}: 클라이언트가 알림 ${names.join(', ')}(${first.code})을 보내고 끊었습니다`,
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
        says: { en: `no request was answered on wire ${wire}`, ko: `구간 ${wire}에 응답이 없습니다` },
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
        en: `on wire ${wire} ${fitting.length} of ${answers.length} connections were answered with ${status}`,
        ko: `구간 ${wire}: 연결 ${answers.length}개 가운데 ${fitting.length}개가 응답 ${status}을 받았습니다`,
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
          ? { en: `no row ${row} was printed`, ko: `출력에 ${row} 행이 없습니다` }
          : { en: `the row of ${row}: ${shown}`, ko: `${row} 행: ${shown}` },
    };
  },
} as const;

/** The versions whose words are predicted. */
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
    // What nobody could do in its place was not done, and nothing is claimed of it.
    if (program === 'wirelab' && exitCode === null) return undefined;
    const predicted = predictedVersions[kind];
    const isPredicted = program === 'wirelab' || version === predicted || version.startsWith(`${predicted}.`);
    const expected = { kubectl, etcdctl, wirelab }[program];
    // One who does not say what the tool prints claims nothing where the tool itself was there.
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
            en: `${name} says, as predicted: ${shown}${code.en}`,
            ko: `${name}의 출력(예측대로): ${shown}${code.ko}`,
          }
        : {
            en: `${name} says: ${shown}${code.en}; predicted: ${expected}`,
            ko: `${name}의 출력: ${shown}${code.ko}. 예측: ${expected}`,
          },
    };
  },
} as const;
