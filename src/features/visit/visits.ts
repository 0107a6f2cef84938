/**
 * Judges a browser's visit: where it ended (`visited`), whether it sent a request in cleartext (`clearRequest`,
 * `noClearRequest`), whether that contained the session's cookie (`cookieVisible`, `cookieWithheld`), and what an attacker
 * on the path removed from the responses (`stripped`).
 *
 * 1. Silence counts only with a counterexample: `noClearRequest` needs a step in which the same wire carried such a request,
 *    `cookieWithheld` a cleartext request that could have carried the cookie, and the cookie itself over TLS.
 * 2. What was stripped existed before: it is read above TLS on the wire before the attacker.
 */
import type { z } from 'zod';
import type { EvidenceRef, Side } from '../../capture/event.ts';
import type { Connection } from '../../capture/connection.ts';
import { toOffset } from '../../core/hex.ts';
import type { Localized } from '../../i18n/language.ts';
import { grouped } from '../../i18n/number.ts';
import { safeText } from '../../i18n/safe.ts';
import type { Z } from '../../engine/extensions.ts';
import type { Judgement } from '../../engine/kinds.ts';
import type { PlannedStep } from '../../engine/plan.ts';
import { evidenceOfExtent } from '../../engine/view.ts';
import type { View } from '../../engine/view.ts';

const wiresOf = (zod: Z) => zod.array(zod.string()).min(1);

export function visitedSchema(zod: Z) {
  return zod.strictObject({
    over: zod.enum(['http', 'https']).describe('The scheme in the address bar at the end.'),
    as: zod.string().min(1).optional().describe('The user whose profile is shown.'),
    knowsHsts: zod
      .boolean()
      .optional()
      .describe('Whether the browser will use only TLS for the site from now on.'),
  });
}

export function clearRequestSchema(zod: Z) {
  return zod.strictObject({ wires: wiresOf(zod) });
}

export function noClearRequestSchema(zod: Z) {
  return zod.strictObject({
    wires: wiresOf(zod),
    twin: zod
      .string()
      .describe(
        'A step in which a cleartext request crossed these wires: proof that this one’s silence is meaningful.',
      ),
  });
}

export function cookieSchema(zod: Z) {
  return zod.strictObject({
    wires: wiresOf(zod),
    cookie: zod
      .string()
      .regex(/^[\w-]{1,40}$/)
      .describe('The name of the cookie.'),
  });
}

const strippable = ['hsts', 'secureCookie', 'links'] as const;
type Strippable = (typeof strippable)[number];

export function strippedSchema(zod: Z) {
  return zod.strictObject({
    wires: zod
      .array(zod.string())
      .length(2)
      .describe('The wire that has it, above TLS, and the one that lacks it.'),
    what: zod
      .array(zod.enum(strippable))
      .min(1)
      .describe(
        'hsts: Strict-Transport-Security; secureCookie: Secure in a Set-Cookie; links: https addresses in pages and Locations.',
      ),
  });
}

type VisitedFacts = z.infer<ReturnType<typeof visitedSchema>>;

export const visited = {
  claims: (facts: VisitedFacts) => [{ facts }],
  judge({ over, as, knowsHsts }: VisitedFacts, view: View, step: PlannedStep | undefined): Judgement {
    if (!step) throw new Error('visited is about a step');
    const [report] = view.reports('visit', step.client, step.id);
    const [served] = view.reports('served', step.server, step.id);
    const evidence = [report, served].flatMap((one): EvidenceRef[] => (one ? [{ event: one.seq }] : []));
    if (!report || !served || served.result.requests === 0)
      return {
        status: 'unobserved',
        evidence,
        says: {
          en: 'an endpoint did not report, or served nothing',
          ko: '한쪽 끝의 보고가 없거나 처리한 요청이 없습니다',
        },
      };
    const { shown, error, knowsHsts: knows } = report.result;
    const isRight =
      shown !== undefined &&
      !error &&
      shown.url.startsWith(`${over}:`) &&
      (as === undefined || shown.user === as) &&
      (knowsHsts === undefined || knows === knowsHsts);
    const address = shown ? safeText(shown.url) : '-';
    const who: Localized =
      shown?.user === undefined
        ? { en: '', ko: '' }
        : { en: `, as ${safeText(shown.user)}`, ko: `, 사용자 ${safeText(shown.user)}` };
    const remembers: Localized =
      knowsHsts === undefined
        ? { en: '', ko: '' }
        : knows
          ? { en: '; the browser will use TLS only from now on', ko: '. 브라우저는 앞으로 TLS만 사용합니다' }
          : {
              en: '; the browser has no HSTS entry for it',
              ko: '. 브라우저에 이 사이트의 HSTS 기록이 없습니다',
            };
    const because = error ? ` (${safeText(error.code)})` : '';
    return {
      status: isRight ? 'met' : 'missed',
      evidence,
      says: {
        en: `the visit ended at ${address}${who.en}${because}${remembers.en}`,
        ko: `방문이 끝난 주소: ${address}${who.ko}${because}${remembers.ko}`,
      },
    };
  },
} as const;

export interface OnWire {
  readonly wire: string;
}

export const clearRequest = {
  claims: ({ wires }: z.infer<ReturnType<typeof clearRequestSchema>>) =>
    wires.map((wire): { suffix: string; facts: OnWire } => ({ suffix: wire, facts: { wire } })),
  judge({ wire }: OnWire, view: View, step: PlannedStep | undefined): Judgement {
    if (!step) throw new Error('clearRequest is about a step');
    const found = requestsInClear(wire, view, step.id);
    const [first] = found;
    if (!first) return { status: 'missed', evidence: [], says: noneOn(wire) };
    return {
      status: 'met',
      evidence: found.map(({ ref }) => ref),
      says: {
        en: `on wire ${wire} ${found.length === 1 ? 'one request' : `${found.length} requests`} can be read by anyone: ${safeText(first.line)}`,
        ko: `구간 ${wire}에서 누구나 읽을 수 있는 요청 ${found.length}건: ${safeText(first.line)}`,
      },
    };
  },
} as const;

export interface NoneOnWire extends OnWire {
  readonly twin: string;
}

export const noClearRequest = {
  claims: ({ wires, twin }: z.infer<ReturnType<typeof noClearRequestSchema>>) =>
    wires.map((wire): { suffix: string; facts: NoneOnWire } => ({ suffix: wire, facts: { wire, twin } })),
  judge({ wire, twin }: NoneOnWire, view: View, step: PlannedStep | undefined): Judgement {
    if (!step) throw new Error('noClearRequest is about a step');
    const went = view.wireBytes(wire, step.id);
    if (went.length > 0 || view.connectionsOn(wire, step.id).length > 0) {
      const total = grouped(went.reduce((sum, { length }) => sum + length, 0));
      return {
        status: 'missed',
        evidence: went.map(evidenceOfExtent),
        says: {
          en: `${total} bytes crossed wire ${wire}`,
          ko: `구간 ${wire}에 ${total}바이트가 오갔습니다`,
        },
      };
    }
    const [report] = view.reports('visit', step.client, step.id);
    const heard = requestsInClear(wire, view, twin);
    const evidence: EvidenceRef[] = [
      ...(report ? [{ event: report.seq }] : []),
      ...heard.map(({ ref }) => ref),
    ];
    const arrived = report?.result.shown !== undefined;
    const other = view.titleOf(twin);
    if (!arrived || heard.length === 0) {
      return {
        status: 'unobserved',
        evidence,
        says: {
          en: `nothing crossed wire ${wire}, but ${arrived ? `nothing did in “${other.en}” either` : 'the visit reached no page'}: this proves nothing`,
          ko: `구간 ${wire}에 아무것도 오가지 않았지만 ${arrived ? `“${other.ko}” 단계에서도 마찬가지였습니다` : '방문이 페이지에 도달하지 못했습니다'}. 아무것도 증명되지 않습니다`,
        },
      };
    }
    const upgraded = report?.result.requests.some((request) => request.upgraded) ?? false;
    return {
      status: 'met',
      evidence,
      says: {
        en: `no byte crossed wire ${wire}, and the page was reached${upgraded ? ': the browser itself turned http into https' : ''} (in “${other.en}” wire ${wire} carried a request)`,
        ko: `구간 ${wire}에 오간 바이트가 없고 페이지에는 도달했습니다${upgraded ? '. 브라우저가 스스로 http를 https로 바꾸었습니다' : ''}(“${other.ko}” 단계에서는 구간 ${wire}에 요청이 오감)`,
      },
    };
  },
} as const;

export interface CookieOnWire extends OnWire {
  readonly cookie: string;
}

function cookieClaims({ wires, cookie }: z.infer<ReturnType<typeof cookieSchema>>) {
  return wires.map((wire): { suffix: string; facts: CookieOnWire } => ({
    suffix: `${cookie}/${wire}`,
    facts: { wire, cookie },
  }));
}

export const cookieVisible = {
  claims: cookieClaims,
  judge({ wire, cookie }: CookieOnWire, view: View, step: PlannedStep | undefined): Judgement {
    if (!step) throw new Error('cookieVisible is about a step');
    const [sent] = matchesOn(view.connectionsOn(wire, step.id), 'client', 'wire', sentCookie(cookie), {
      view,
      step: step.id,
    });
    if (!sent)
      return {
        status: 'missed',
        evidence: view.wireBytes(wire, step.id).map(evidenceOfExtent),
        says: notSent(wire, cookie),
      };
    const given = matchesOn(view.connections, 'server', 'readable', setCookie(cookie)).find(
      ({ value }) => value === sent.value,
    );
    if (!given)
      return {
        status: 'unobserved',
        evidence: [sent.ref],
        says: {
          en: `no response set a cookie ${cookie} with that value`,
          ko: `그 값의 ${cookie} 쿠키를 발급한 곳이 확인되지 않습니다`,
        },
      };
    return {
      status: 'met',
      evidence: [sent.ref, given.ref],
      says: {
        en: `the cookie ${cookie} is at ${toOffset(sent.offset)} on wire ${wire}, in cleartext: the one that the site set over wire ${given.hop}`,
        ko: `구간 ${wire}의 오프셋 ${toOffset(sent.offset)}에 ${cookie} 쿠키가 평문으로 있음: 사이트가 구간 ${given.hop}에서 발급한 바로 그 값입니다`,
      },
    };
  },
} as const;

export const cookieWithheld = {
  claims: cookieClaims,
  judge({ wire, cookie }: CookieOnWire, view: View, step: PlannedStep | undefined): Judgement {
    if (!step) throw new Error('cookieWithheld is about a step');
    const others = step.path.filter((hop) => hop !== wire).flatMap((hop) => view.connectionsOn(hop, step.id));
    const sealed = matchesOn(others, 'client', 'plaintext', sentCookie(cookie), { view, step: step.id }).at(
      -1,
    );
    // Only a request after the cookie was set could have carried it: before, an older one may still be sent.
    const given = matchesOn(view.connections, 'server', 'plaintext', setCookie(cookie)).findLast(
      ({ value }) => value === sealed?.value,
    );
    const isLater = ({ seq }: Match): boolean => given !== undefined && seq > given.seq;
    const leaked = matchesOn(view.connectionsOn(wire, step.id), 'client', 'wire', sentCookie(cookie), {
      view,
      step: step.id,
    }).find(isLater);
    if (leaked) {
      return {
        status: 'missed',
        evidence: [leaked.ref],
        says: {
          en: `the cookie ${cookie} is at ${toOffset(leaked.offset)} on wire ${wire}, in cleartext`,
          ko: `구간 ${wire}의 오프셋 ${toOffset(leaked.offset)}에 ${cookie} 쿠키가 평문으로 있음`,
        },
      };
    }
    const later = requestsInClear(wire, view, step.id).filter(isLater);
    const evidence = [
      ...later.map(({ ref }) => ref),
      ...[sealed, given].flatMap((one) => (one ? [one.ref] : [])),
    ];
    if (!sealed || later.length === 0) {
      return {
        status: 'unobserved',
        evidence,
        says: {
          en: `no cookie ${cookie} on wire ${wire}, but ${sealed ? 'no request there could have carried it' : 'it was not sent over TLS either'}: this proves nothing`,
          ko: `구간 ${wire}에 ${cookie} 쿠키가 없지만 ${sealed ? '쿠키를 실을 수 있는 요청도 없었습니다' : 'TLS로 전송된 것도 확인되지 않습니다'}. 아무것도 증명되지 않습니다`,
        },
      };
    }
    return {
      status: 'met',
      evidence,
      says: {
        en: `a cleartext request crossed wire ${wire} without the cookie ${cookie}; over wire ${sealed.hop} the browser sent it encrypted`,
        ko: `구간 ${wire}의 평문 요청에는 새로 받은 ${cookie} 쿠키가 없고, 브라우저는 구간 ${sealed.hop}에서만 암호화하여 보냈습니다`,
      },
    };
  },
} as const;

const patterns: Readonly<Record<Strippable, RegExp>> = {
  hsts: /^strict-transport-security:[^\r\n]*/gim,
  secureCookie: /^set-cookie:[^\r\n]*;\s*secure(?=\s*(?:;|\r|$))/gim,
  links: /https:\/\/[\w.-]*localhost\b/gi,
};

const strippedWords: Readonly<Record<Strippable, Localized>> = {
  hsts: { en: 'Strict-Transport-Security', ko: 'Strict-Transport-Security' },
  secureCookie: { en: 'the cookie’s Secure flag', ko: '쿠키의 Secure' },
  links: { en: 'an https address of the site', ko: '사이트의 https 주소' },
};

export interface StrippedBetween {
  readonly before: string;
  readonly behind: string;
  readonly what: Strippable;
}

export const stripped = {
  claims: ({ wires: [before = '', behind = ''], what }: z.infer<ReturnType<typeof strippedSchema>>) =>
    what.map((one): { suffix: string; facts: StrippedBetween } => ({
      suffix: `${one}/${behind}`,
      facts: { before, behind, what: one },
    })),
  judge({ before, behind, what }: StrippedBetween, view: View, step: PlannedStep | undefined): Judgement {
    if (!step) throw new Error('stripped is about a step');
    const window = { view, step: step.id };
    const said = matchesOn(
      view.connectionsOn(before, step.id),
      'server',
      'plaintext',
      patterns[what],
      window,
    );
    const left = matchesOn(view.connectionsOn(behind, step.id), 'server', 'wire', patterns[what], window);
    const answers = view.wireBytes(behind, step.id).filter(({ stream }) => stream.from === 'server');
    const words = strippedWords[what];
    if (left.length > 0) {
      return {
        status: 'missed',
        evidence: left.map(({ ref }) => ref),
        says: { en: `${words.en} is still on wire ${behind}`, ko: `구간 ${behind}에 남아 있음: ${words.ko}` },
      };
    }
    const [first] = said;
    if (!first || answers.length === 0) {
      return {
        status: 'unobserved',
        evidence: answers.map(evidenceOfExtent),
        says: {
          en: `${words.en} was not found on wire ${before} either: this proves nothing`,
          ko: `구간 ${before}에서도 보이지 않아 아무것도 증명되지 않음: ${words.ko}`,
        },
      };
    }
    return {
      status: 'met',
      evidence: [...said.map(({ ref }) => ref), ...answers.map(evidenceOfExtent)],
      says: {
        en: `${words.en}: the site sent it over wire ${before} at ${toOffset(first.offset)}; on wire ${behind} it is missing`,
        ko: `${words.ko}: 사이트가 구간 ${before}의 오프셋 ${toOffset(first.offset)}에서 보냈지만 구간 ${behind}에서는 사라졌습니다`,
      },
    };
  },
} as const;

interface Match {
  readonly hop: string;
  readonly offset: number;
  readonly seq: number;
  /** The first group of the pattern; empty where it has none. */
  readonly value: string;
  /** The first line of what matched. */
  readonly line: string;
  readonly ref: EvidenceRef;
}

const requestLine = /^(?:GET|HEAD|POST|PUT|DELETE|OPTIONS|PATCH) \S+ HTTP\/1\.[01](?=\r)/gm;
const sentCookie = (name: string): RegExp =>
  new RegExp(`^cookie:[^\\r\\n]*?[ ;]${name}=([^;\\r\\n]+)`, 'gim');
const setCookie = (name: string): RegExp => new RegExp(`^set-cookie: ?${name}=([^;\\r\\n]+)`, 'gim');

/** Readable requests on a wire during a step. */
function requestsInClear(wire: string, view: View, step: string): Match[] {
  const clear = view.connectionsOn(wire, step).filter(({ carriesTls }) => !carriesTls);
  return matchesOn(clear, 'client', 'wire', requestLine, { view, step });
}

/**
 * Where a pattern matches in one side's bytes. `readable`: above TLS, or on the wire where there is none. Dropped bytes are
 * not searched.
 */
function matchesOn(
  connections: readonly Connection[],
  from: Side,
  vantage: 'wire' | 'plaintext' | 'readable',
  pattern: RegExp,
  window?: { readonly view: View; readonly step: string },
): Match[] {
  const within = window && window.view.window(window.step);
  return connections.flatMap((connection) => {
    const stream =
      vantage === 'readable' ? connection.plaintextStream(from) : connection.stream(vantage, from);
    const bytes = stream.read(0, stream.length);
    if (!bytes) return [];
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
    return Array.from(text.matchAll(pattern)).flatMap((found): Match[] => {
      const [whole, group] = found;
      const offset = found.index + (group === undefined ? 0 : whole.length - group.length);
      const length = (group ?? whole).length;
      const seq =
        stream.chunks.find((chunk) => chunk.offset <= offset && offset < chunk.offset + chunk.length)?.seq ??
        -1;
      if (within && (seq < within.first || seq > within.last)) return [];
      const { run, conn, hop } = connection;
      return [
        {
          hop,
          offset,
          seq,
          value: group ?? '',
          line: whole.split('\r')[0] ?? '',
          ref: { run, conn, hop, vantage: stream.vantage, from, offset, length },
        },
      ];
    });
  });
}

function noneOn(wire: string): Localized {
  return { en: `no cleartext request on wire ${wire}`, ko: `구간 ${wire}에 평문 요청이 없습니다` };
}

function notSent(wire: string, cookie: string): Localized {
  return { en: `no cookie ${cookie} on wire ${wire}`, ko: `구간 ${wire}에 ${cookie} 쿠키가 없습니다` };
}
