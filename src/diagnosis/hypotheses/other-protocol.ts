/** The port speaks no TLS, or not at once: plaintext, a protocol that turns to TLS on request, or a PROXY header first. */
import { hostPort } from '../../capture/event.ts';
import { safeText } from '../../i18n/safe.ts';
import type { Localized } from '../../i18n/language.ts';
import { starttlsRow } from '../../wire/starttls/protocols.ts';
import type { StarttlsName } from '../../wire/starttls/protocols.ts';
import type { Question } from '../attempt/answer.ts';
import type { Attempt } from '../attempt/attempt.ts';
import type { Change } from '../attempt/call.ts';
import { difference, explained, firstLine, isAnswered, isBetter, isUnanswered } from '../case.ts';
import type { Case, Hypothesis } from '../case.ts';
import { protocolOf, spokenIn } from './greetings.ts';
import { speaksTls } from './hello-form.ts';
import { nameless } from './negotiation.ts';

const plain = (id: string, en: string, ko: string, question: Question): Change => ({
  id,
  words: { en, ko },
  plain: question,
});
const listening = plain(
  'plain-http',
  'no TLS: a greeting is waited for, then plain HTTP',
  'TLS 없이 인사를 기다린 뒤 평문 HTTP',
  'http',
);
const pinging = plain('plain-line', 'no TLS: the line PING', 'TLS 없이 PING 한 줄', 'ping');
const connectingMqtt = plain('plain-mqtt', 'no TLS: a CONNECT of MQTT', 'TLS 없이 MQTT CONNECT', 'mqtt');

export const requesting = (name: StarttlsName): Change => ({
  id: `starttls-${name}`,
  words: { en: `TLS on request (${starttlsRow(name).title})`, ko: `요청 뒤 TLS(${starttlsRow(name).title})` },
  starttls: name,
});

/** Spoken by servers that wait for the client: the request is harmless to all others. */
export const silentOnes: readonly StarttlsName[] = ['postgres', 'ldap'];

export const otherProtocol: Hypothesis = {
  name: 'other-protocol',
  async test(current) {
    const { base, call, laboratory } = current;
    if (call.starttls !== undefined) return undefined;
    const isPlain = base.result === 'plaintext' || base.outcome?.cause === 'tls_on_plaintext_port';
    if (!isPlain && (!isUnanswered(base) || (await speaksTls(current)))) return undefined;
    // HTTP answers what it cannot read; a protocol that greets has done so already.
    if (isPlain && protocolOf(base) === 'HTTP') return overHttp(current);
    const heard = isPlain ? base : await listen(current, base.result !== 'silence');
    const words = heard?.result === 'plaintext' ? firstLine(heard) : '';
    const spoken = spokenIn(heard);
    const greeted = spoken?.starttls;
    // Servers that wait for the client end what they cannot read; one that says nothing to a hello is none of these.
    const silent = words === '' && base.result !== 'silence' ? silentOnes : [];
    for (const name of greeted ? [greeted] : silent) {
      const made = await laboratory.try(requesting(name));
      if (!made) break;
      if (isBetter(made, base)) return turnsToTls(current, made, name);
      // Who refuses the request in the words of its protocol speaks it.
      if (isRequestRefused(made)) return plainly(current, made, starttlsRow(name).title);
    }
    if (!heard || heard.result !== 'plaintext' || isComplaint(heard)) return undefined;
    return plainly(current, heard, spoken?.title ?? '', spoken?.openssl);
  },
};

export const isRequestRefused = ({ outcome }: Attempt): boolean => outcome?.cause === 'starttls_refused';

/**
 * What the server says without TLS: by itself, to HTTP, to a line, or to a client of MQTT.
 * @param isEnding it ends what it cannot read, as brokers of MQTT do
 */
export async function listen(
  { laboratory }: Pick<Case, 'laboratory'>,
  isEnding = false,
): Promise<Attempt | undefined> {
  const asked = await laboratory.try(listening);
  if (asked?.result === 'plaintext') return asked;
  for (const change of [pinging, ...(isEnding ? [connectingMqtt] : [])]) {
    const made = await laboratory.try(change);
    if (made?.result === 'plaintext') return made;
  }
  return asked;
}

/** A TLS port that explains itself to a client without TLS. */
export const isComplaint = (asked: Attempt): boolean =>
  asked.answer !== undefined &&
  /HTTPS port|SSL-enabled server port|HTTPS server|requires TLS/i.test(
    Buffer.from(asked.answer.said).toString('latin1'),
  );

/** HTTP answered the hello: whether it answers a request of HTTP better than what it cannot read. */
async function overHttp(current: Case): Promise<ReturnType<typeof explained>> {
  const { base, laboratory } = current;
  if (isPageForAll(base, base)) return inItsPlace(current);
  const asked = await laboratory.try(listening);
  const status = asked?.result === 'plaintext' ? httpStatus(asked) : undefined;
  // A server of HTTP never speaks first: what it complains about, somebody else has said before the client could.
  if (asked?.answer?.greeted && status !== undefined) return toldSomething(current, asked);
  const isUnderstood = asked !== undefined && status !== undefined && status !== '400' && !isComplaint(asked);
  if (isUnderstood) return plainly(current, base, 'HTTP');
  const plainlyNot = plainly(current, base, '');
  return {
    ...plainlyNot,
    by: 'unknown',
    confidence: 'likely',
    evidence: [...plainlyNot.evidence, ...(asked ? [difference(base, asked)] : [])],
    remedy: {
      on: 'server',
      words: {
        en: 'see whether this is the port that has TLS, and whether a load balancer on the way puts a PROXY protocol header before the ClientHello (send-proxy) that the server does not expect: a server of HTTP answers, and does not accept a request in plain HTTP either',
        ko: '이 포트가 TLS 포트가 맞는지, 중간의 로드 밸런서가 서버가 기대하지 않는 PROXY 프로토콜 헤더를 ClientHello 앞에 붙이는지(send-proxy) 확인하세요. 답한 것은 HTTP 서버인데 평문 HTTP 요청도 받아들이지 않습니다.',
      },
    },
  };
}

const toldSomething = ({ base }: Case, asked: Attempt): ReturnType<typeof explained> =>
  explained({
    cause: 'proxy_header_refused',
    by: 'server',
    blamed: 'unknown',
    detail: {},
    confidence: 'likely',
    message: 'ClientHello',
    evidence: [
      {
        kind: 'words',
        attempt: asked.number,
        said: firstLine(asked),
        words: {
          en: 'without TLS, and before the client has said anything, the server answers',
          ko: 'TLS 없이 클라이언트가 아무것도 보내기 전에 서버가 답함',
        },
      },
      difference(base, asked),
    ],
    because: {
      en: 'a server of HTTP answers here, and it does so before the client has said anything: what it cannot read (400) comes from what passes connections on to it. A load balancer that puts a PROXY protocol header before the ClientHello (send-proxy) does this where the server does not expect one',
      ko: 'HTTP 서버가 답하는데, 클라이언트가 아무것도 보내기 전에 답합니다. 읽을 수 없다(400)는 내용은 연결을 넘겨주는 장비가 보낸 것입니다. 로드 밸런서가 ClientHello 앞에 PROXY 프로토콜 헤더를 붙이고(send-proxy) 서버는 이를 기대하지 않을 때 이렇게 됩니다.',
    },
  });

/** A page for everything: whether the server itself is there, for another name. */
async function inItsPlace(current: Case): Promise<ReturnType<typeof explained>> {
  const { base, laboratory } = current;
  const page = plainly(current, base, 'HTTP');
  const made = await laboratory.try(nameless);
  const isOther = made !== undefined && isAnswered(made);
  return {
    ...page,
    name: { en: 'a page in place of the server', ko: '서버 대신 온 페이지' },
    evidence: [...(isOther ? [difference(base, made)] : []), ...page.evidence],
  };
}

const httpStatus = (seen: Attempt): string | undefined => /^HTTP\/\d\.\d (\d{3})/.exec(firstLine(seen))?.[1];

function turnsToTls({ base, call }: Case, made: Attempt, name: StarttlsName): ReturnType<typeof explained> {
  const { title } = starttlsRow(name);
  return explained({
    cause: 'tls_on_plaintext_port',
    by: 'client',
    detail: { protocol: name },
    confidence: 'proven',
    message: 'ClientHello',
    evidence: [difference(base, made)],
    command: `./wirelab why ${hostPort(call)} --starttls ${name}`,
    remedy: {
      en: `let the client request TLS (openssl s_client -starttls ${name}), since this port speaks ${title} and begins TLS only on request; or use the port that begins with TLS`,
      ko: `클라이언트가 TLS를 요청하게 하거나(openssl s_client -starttls ${name}), 처음부터 TLS인 포트를 쓰세요. 이 포트의 프로토콜(${title})은 요청을 받아야 TLS를 시작합니다.`,
    },
  });
}

/** What servers of HTTP say to what they cannot read; any other answer is of somebody who answers all the same. */
const complaints: ReadonlySet<string> = new Set([
  '400',
  '405',
  '408',
  '413',
  '414',
  '431',
  '500',
  '501',
  '505',
]);

/** A page for everything, in place of the server: of a filter, or of a network that wants a login first. */
function isPageForAll(seen: Attempt, base: Attempt): boolean {
  const status = httpStatus(seen);
  return seen === base && status !== undefined && !complaints.has(status);
}

/** @param openssl what `openssl s_client -starttls` has for that protocol, where wirelab cannot request TLS in it */
function plainly(
  { base, call }: Case,
  seen: Attempt,
  title: string,
  openssl?: string,
): ReturnType<typeof explained> {
  const isPage = isPageForAll(seen, base);
  return explained({
    cause: 'tls_on_plaintext_port',
    by: 'client',
    detail: { said: firstLine(seen) },
    confidence: isPage ? 'likely' : 'proven',
    ...(isPage ? ({ blamed: 'between', on: 'between' } as const) : {}),
    ...(!isPage && (title === 'HTTP' || Object.hasOwn(switches, title)) ? { on: 'server' as const } : {}),
    message: 'ClientHello',
    because: seen === base ? undefined : onlyWithoutTls(seen, title),
    command: openssl && `openssl s_client -starttls ${openssl} -connect ${hostPort(call)}`,
    evidence: [
      ...(seen === base ? [] : [difference(base, seen)]),
      {
        kind: 'words',
        attempt: seen.number,
        said: firstLine(seen),
        words: {
          en: `the server answers in plaintext${title && `, ${title}`}`,
          ko: `서버의 평문 응답${title && `(${title})`}`,
        },
      },
    ],
    remedy: isPage
      ? {
          en: 'open a page without TLS (http://) in a browser to see what answers, and ask those who run the network. A server of HTTP cannot read a ClientHello, and this one answers it with a page: a filter, or a network with a login page, answers in place of the server',
          ko: '브라우저로 http:// 주소를 열어 무엇이 답하는지 보고 네트워크 관리자에게 확인하세요. HTTP 서버는 ClientHello를 읽지 못하는데 여기서는 페이지로 답했습니다. 필터나 로그인 페이지가 있는 네트워크가 서버 대신 답한 것입니다.',
        }
      : title === 'HTTP'
        ? {
            en: `switch TLS on at port ${call.port}, where it is off (nginx: listen ${call.port} ssl, Apache: SSLEngine on), or let the client use the port that has it. http:// is right only where plain text is meant`,
            ko: `${call.port}번 포트에 꺼져 있는 TLS를 켜거나(nginx: listen ${call.port} ssl, Apache: SSLEngine on), 클라이언트가 TLS를 쓰는 포트로 접속하게 하세요. http://는 처음부터 평문을 쓰려던 경우에만 맞습니다.`,
          }
        : Object.hasOwn(switches, title)
          ? {
              en: `switch TLS on at port ${call.port}, where it is off (${switches[title]}), or let the client use the port that has it`,
              ko: `${call.port}번 포트에 꺼져 있는 TLS를 켜거나(${switches[title]}), 클라이언트가 TLS를 쓰는 포트로 접속하게 하세요.`,
            }
          : openssl !== undefined
            ? {
                en: `see whether TLS begins here on request, as ${title} allows, or use the port on which the server has TLS`,
                ko: `이 포트가 요청을 받으면 TLS를 시작하는지 확인하거나(${title} 프로토콜에서는 가능합니다), 서버가 TLS를 쓰는 포트로 접속하세요.`,
              }
            : {
                en: 'use the port on which the server has TLS, or switch TLS on in the settings of the server',
                ko: '서버가 TLS를 쓰는 포트로 접속하거나, 서버 설정에서 TLS를 켜세요.',
              },
  });
}

/** The hello itself had no answer. */
function onlyWithoutTls(seen: Attempt, title: string): Localized {
  const said = safeText(firstLine(seen));
  return {
    en: `the server does not answer a ClientHello, and answers without TLS${title && `, in ${title}`}: ${said}`,
    ko: `서버가 ClientHello에는 답하지 않고 TLS 없이 보낸 말에는 답합니다${title && `(${title})`}: ${said}`,
  };
}

/** Where TLS is switched on in what speaks a protocol that has no request for it. */
const switches: Readonly<Record<string, string>> = {
  'HTTP/2': 'gRPC: credentials of the server',
  MQTT: 'mosquitto: certfile and keyfile under its listener',
  AMQP: 'RabbitMQ: listeners.ssl',
  Redis: 'redis.conf: tls-port',
};

const atOnce: Change = {
  id: 'no-starttls',
  words: { en: 'TLS at once, without a request', ko: '요청 없이 바로 TLS' },
  starttls: null,
};

/** TLS is requested of a server that begins with it: both wait for the other, or it cannot read the request. */
export const needlessRequest: Hypothesis = {
  name: 'needless-request',
  async test({ base, call, laboratory }) {
    const { starttls } = call;
    if (
      starttls === undefined ||
      base.secured !== undefined ||
      base.result === 'no_connection' ||
      isAnswered(base)
    )
      return undefined;
    const made = await laboratory.try(atOnce);
    if (!made || !isAnswered(made)) return undefined;
    return explained({
      cause: 'upgrade_on_tls_port',
      by: 'server',
      detail: { protocol: starttls },
      confidence: 'proven',
      evidence: [difference(base, made)],
      command: `./wirelab why ${hostPort(call)}`,
      remedy: {
        en: `let the client begin with TLS at once, without ${starttlsRow(starttls).title}'s request: that is how this port works`,
        ko: `클라이언트가 ${starttlsRow(starttls).title}의 요청 없이 바로 TLS로 접속하게 하세요. 이 포트는 처음부터 TLS입니다.`,
      },
    });
  },
};

const headed = (version: 1 | 2): Change => ({
  id: `proxy-header-v${version}`,
  words: {
    en: `a PROXY protocol header (version ${version}) first`,
    ko: `PROXY 프로토콜 헤더(버전 ${version})를 먼저`,
  },
  proxyHeader: version,
});

export const proxyHeader: Hypothesis = {
  name: 'proxy-header',
  async test(current) {
    const { base, laboratory } = current;
    if (!isUnanswered(base) || (await speaksTls(current))) return undefined;
    for (const version of [1, 2] as const) {
      const made = await laboratory.try(headed(version));
      if (isBetter(made, base))
        return explained({
          cause: 'proxy_header_missing',
          by: 'server',
          detail: {},
          confidence: 'proven',
          message: 'ClientHello',
          evidence: [difference(base, made)],
        });
    }
    return undefined;
  },
};
