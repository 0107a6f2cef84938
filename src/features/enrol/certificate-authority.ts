/**
 * A certificate authority that checks control of domains, in the style of ACME (RFC 8555): a request comes in, each name in
 * it is to be proven by an answer served there, and the chain goes out. What deserves a certificate is decided in
 * `pki/ca/domain-policy.ts`, the challenge is `domain-challenge.ts`, the counterpart that asks is `features/enrol/client.ts`.
 *
 *     POST /orders              a signing request, PEM or DER  → 201, the tokens and what was decided
 *     POST /orders/ID           the answers are in place       → 200, where the certificate is
 *     GET  /certificates/ID                                    → 200, leaf and intermediates (RFC 8555 section 9.1)
 *
 * Simpler than ACME, and nothing to copy for the internet:
 *
 * 1. There are no accounts, no nonces and no signed messages: the thumbprint in the answer is that of the key that is asked
 *    for, where ACME has that of an account. So a request that was changed on its way finds no answer at the name.
 * 2. The request comes first and not last, everything is answered at once instead of polled for, and there is only http-01.
 * 3. It speaks plain HTTP so that a viewer can read along. ACME demands HTTPS (section 6.1).
 * 4. Bounded: a request of 64 KiB, ten names, a hundred orders; the oldest is forgotten when one too many comes.
 */
import { createPrivateKey } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Address, Observation } from '../../capture/event.ts';
import type { CertificationOrder } from './observations.ts';
import type { Clock, RandomBytes } from '../../core/clock.ts';
import { toHex } from '../../core/hex.ts';
import { readCertificate } from '../../protocols/x509/certificate.ts';
import type { Certificate } from '../../protocols/x509/certificate.ts';
import { readSigningRequest } from '../../protocols/x509/request.ts';
import type { SigningRequest } from '../../protocols/x509/request.ts';
import { serialText } from '../../protocols/x509/structures.ts';
import type { Localized } from '../../i18n/language.ts';
import { askedIn, considerForDomains } from '../../pki/ca/domain-policy.ts';
import type { DomainConsideration } from '../../pki/ca/domain-policy.ts';
import { examine } from '../../pki/x509/examination.ts';
import { challengePath, thumbprintOf } from '../../pki/ca/key-authorization.ts';
import { pemBlocks, pemCertificates, toPem } from '../../pki/keystore/pem.ts';
import { publicKeyOf } from '../../pki/x509/signature.ts';
import { issueGranted } from '../../pki/ca/signing-policy.ts';
import { accept } from '../../wire/accept.ts';
import type { AcceptOptions, Accepted, Identity, Tap } from '../../wire/endpoint.ts';
import { HttpFront, answerRefusal } from '../../wire/http/front.ts';
import { carryOut } from './domain-challenge.ts';
import type { ChallengeResult, ResolvedName } from './domain-challenge.ts';
import { readBody } from '../../peers/site/request-body.ts';

export interface CertificateAuthorityOptions {
  readonly accept: AcceptOptions;
  /** The certificate that signs (with what stands between it and the root) and its key, PEM. */
  readonly issuer: Identity;
  readonly resolve: (name: string) => ResolvedName | undefined;
  readonly clock: Clock;
  readonly random: RandomBytes;
  /** How long one challenge may take, in milliseconds. */
  readonly challengeTimeout?: number;
}

export type Certification = Extract<Observation, { kind: 'certification' }>;

export interface CertificateAuthority {
  readonly address: Address;
  /** Connections that are open now. */
  readonly open: number;
  /** The requests that reached it, and what became of them, since the last report. */
  report(): Certification;
  /** Another way in, on a port of its own, tapped at this end. */
  openListener(tap: Tap): Promise<Address>;
  close(graceMs?: number): Promise<void>;
}

const bodyLimit = 64 * 1024;
const mostOrders = 100;

interface ProblemRow {
  readonly status: number;
  /** Where it is not the row's own name. */
  readonly type?: string;
  readonly words: Localized;
}

/** What is answered when something is wrong: the error of RFC 8555 section 6.7, and its words. */
const problems = {
  malformed: {
    status: 400,
    words: { en: 'this is no request that is understood here', ko: '이해할 수 없는 요청입니다' },
  },
  notFound: {
    status: 404,
    type: 'malformed',
    words: { en: 'there is nothing here', ko: '여기에는 아무것도 없습니다' },
  },
  wrongMethod: {
    status: 405,
    type: 'malformed',
    words: { en: 'this is asked in another way', ko: '다른 방법(method)으로 요청해야 합니다' },
  },
  tooLarge: {
    status: 413,
    type: 'malformed',
    words: {
      en: `a signing request is never larger than ${bodyLimit} bytes`,
      ko: `인증서 서명 요청은 ${bodyLimit}바이트를 넘지 않습니다`,
    },
  },
  noRequest: {
    status: 400,
    type: 'badCSR',
    words: {
      en: 'this is no signing request: PEM or DER of PKCS #10 is expected',
      ko: '인증서 서명 요청(CSR)이 아닙니다. PKCS #10을 PEM이나 DER로 보내야 합니다',
    },
  },
  badCSR: { status: 400, words: { en: 'the request was refused', ko: '요청을 거부했습니다' } },
  badPublicKey: { status: 400, words: { en: 'the key was refused', ko: '키를 거부했습니다' } },
  rejectedIdentifier: { status: 403, words: { en: 'the names were refused', ko: '이름을 거부했습니다' } },
  unauthorized: {
    status: 403,
    words: { en: 'control of a name was not proven', ko: '이름을 관리한다는 것이 증명되지 않았습니다' },
  },
  connection: {
    status: 403,
    words: { en: 'the name could not be reached', ko: '이름에 연결할 수 없습니다' },
  },
  dns: { status: 403, words: { en: 'the name leads nowhere', ko: '이름에 해당하는 주소가 없습니다' } },
  serverInternal: {
    status: 500,
    words: { en: 'the CA cannot sign now', ko: '지금은 CA가 서명할 수 없습니다' },
  },
} as const satisfies Readonly<Record<string, ProblemRow>>;
type ProblemName = keyof typeof problems;

/** By what the policy refused. */
const problemOf: Readonly<Record<string, ProblemName>> = {
  possession: 'badCSR',
  key_kind: 'badPublicKey',
  key_of_authority: 'badPublicKey',
  weak_key: 'badPublicKey',
  name_characters: 'rejectedIdentifier',
  too_many_names: 'rejectedIdentifier',
  no_name: 'rejectedIdentifier',
  authority: 'serverInternal',
  authority_validity: 'serverInternal',
  authority_usage: 'serverInternal',
  authority_key: 'serverInternal',
};

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface Order {
  readonly id: string;
  readonly asked: CertificationOrder['asked'];
  readonly consideration: DomainConsideration;
  readonly tokens: ReadonlyMap<string, string>;
  readonly thumbprint: string;
  /** What the last report said of it is what it still is. */
  isReported: boolean;
  challenges: readonly ChallengeResult[];
  outcome: CertificationOrder['outcome'];
  problem?: ProblemName;
  serial?: string;
  chain?: string;
  finished?: Promise<void>;
}

/** @throws UserError when the address cannot be listened on. */
export async function startCertificateAuthority(
  options: CertificateAuthorityOptions,
): Promise<CertificateAuthority> {
  const { accept: acceptOptions, issuer, clock, random } = options;
  const [authority, ...above] = pemCertificates(issuer.certificate).map(readAuthority);
  if (!authority) throw new Error('a CA without a certificate');
  const signer = createPrivateKey(issuer.key);
  const orders = new Map<string, Order>();
  /** Requests that never became orders. */
  let refused: CertificationOrder[] = [];
  const closing = new AbortController();

  const newId = (): string => toHex(random(8));
  const place = (request: SigningRequest): Answer => {
    const consideration = considerForDomains({ request, authority, at: clock.now() });
    const asked = askedIn(request);
    const key = publicKeyOf(request.publicKey);
    const thumbprint = key && thumbprintOf(key);
    const { names, decisions, grant } = consideration;
    if (!grant || thumbprint === undefined) {
      const reason = decisions.find(({ kind }) => kind === 'refused');
      const problem =
        problemOf[reason?.about ?? 'weak_key'] ??
        (reason?.about.startsWith('subject') ? 'rejectedIdentifier' : 'badPublicKey');
      refused.push({ outcome: 'refused', asked, names, decisions, challenges: [], problem: typeOf(problem) });
      if (refused.length > mostOrders) refused = refused.slice(-mostOrders);
      return problemAnswer(problem, { decisions, ...(reason ? { words: reason.words } : {}) });
    }
    // RFC 8555 section 8.1: at least 128 bits that nobody can guess.
    const tokens = new Map(names.map((name) => [name, Buffer.from(random(16)).toString('base64url')]));
    const order: Order = {
      id: newId(),
      asked,
      consideration,
      tokens,
      thumbprint,
      isReported: false,
      challenges: [],
      outcome: 'pending',
    };
    orders.set(order.id, order);
    for (const oldest of orders.keys()) {
      if (orders.size <= mostOrders) break;
      orders.delete(oldest);
    }
    const challenges = [...tokens].map(([name, token]) => ({
      type: 'http-01',
      name,
      token,
      url: `http://${name}${challengePath(token)}`,
    }));
    return jsonAnswer(
      201,
      { status: 'pending', order: `/orders/${order.id}`, challenges, decisions },
      { Location: `/orders/${order.id}` },
    );
  };

  const finish = async (order: Order): Promise<void> => {
    const { consideration, tokens, thumbprint } = order;
    const timeout = options.challengeTimeout ?? 5000;
    order.challenges = await Promise.all(
      [...tokens].map(async ([name, token]) =>
        carryOut({
          name,
          token,
          thumbprint,
          resolve: options.resolve,
          clock,
          timeout,
          signal: closing.signal,
        }),
      ),
    );
    order.isReported = false;
    const failed = order.challenges.find(({ passed }) => !passed);
    const { question, grant } = consideration;
    if (failed || !question || !grant) {
      order.outcome = 'refused';
      order.problem = failed?.problem ?? 'unauthorized';
      return;
    }
    const der = issueGranted(question, grant, signer, random);
    const step = readCertificate(der);
    if (!('got' in step)) throw new Error('a certificate of our own making cannot be read');
    // What a verifier that trusts this CA would refuse is not handed out, whatever the policy thought of it.
    if (
      !examine({ chain: [step.got, ...above], roots: [authority], purpose: 'server', at: clock.now() })
        .verified
    ) {
      order.outcome = 'refused';
      order.problem = 'badCSR';
      return;
    }
    order.serial = serialText(step.got.serial);
    order.chain = toPem('CERTIFICATE', der) + issuer.certificate;
    order.outcome = 'issued';
  };

  const stateOf = (order: Order): Answer => {
    const { outcome, problem, chain, challenges, id } = order;
    if (outcome === 'refused')
      return problemAnswer(problem ?? 'unauthorized', { challenges: reportedChallenges(challenges) });
    if (outcome === 'pending' || chain === undefined)
      return jsonAnswer(200, { status: 'pending', order: `/orders/${id}` });
    return jsonAnswer(200, {
      status: 'valid',
      certificate: `/certificates/${id}`,
      challenges: reportedChallenges(challenges),
    });
  };

  const answer = async (method: string, path: string, body: Buffer): Promise<Answer> => {
    const [, collection = '', id, ...more] = path.split('/');
    if (more.length > 0) return problemAnswer('notFound');
    if (collection === 'orders' && id === undefined) {
      if (method !== 'POST') return problemAnswer('wrongMethod');
      const request = requestIn(body);
      return request ? place(request) : problemAnswer('noRequest');
    }
    const order = id === undefined ? undefined : orders.get(id);
    if (!order || (collection !== 'orders' && collection !== 'certificates'))
      return problemAnswer('notFound');
    if (collection === 'certificates') {
      if (method !== 'GET') return problemAnswer('wrongMethod');
      if (order.chain === undefined) return problemAnswer('notFound');
      return {
        status: 200,
        headers: { 'Content-Type': 'application/pem-certificate-chain' },
        body: order.chain,
      };
    }
    if (method === 'POST') await (order.finished ??= finish(order));
    else if (method !== 'GET') return problemAnswer('wrongMethod');
    return stateOf(order);
  };

  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const read = await readBody(request, bodyLimit);
    if ('aborted' in read) return;
    if ('tooLarge' in read) {
      response.shouldKeepAlive = false;
      write(response, problemAnswer('tooLarge'));
      request.resume();
      return;
    }
    write(response, await answer(request.method ?? 'GET', request.url ?? '/', read.body));
  };
  const front = new HttpFront({
    onRequest(request, response, accepted) {
      if (accepted.refusal) answerRefusal(response, accepted.refusal);
      else void respond(request, response);
    },
  });
  const serve = (accepted: Accepted): void => front.serve(accepted);
  const listeners = [await accept(acceptOptions, serve)];
  const [{ address }] = listeners as [(typeof listeners)[number]];

  return {
    address,
    get open() {
      return listeners.reduce((sum, { open }) => sum + open, 0);
    },
    async openListener(tap) {
      const listener = await accept(
        { ...acceptOptions, listen: { ...acceptOptions.listen, port: 0 }, tap },
        serve,
      );
      listeners.push(listener);
      return listener.address;
    },
    report() {
      const fresh = [...orders.values()].filter(({ isReported }) => !isReported);
      const settled = fresh.map(reported);
      for (const order of fresh) order.isReported = true;
      const result: Certification = { kind: 'certification', orders: [...refused, ...settled] };
      refused = [];
      return result;
    },
    async close(graceMs = 1000) {
      closing.abort(new Error('the CA closes'));
      await front.close(graceMs);
      await Promise.all(listeners.map(async (one) => one.close(graceMs)));
    },
  };
}

function reported({ outcome, asked, consideration, challenges, problem, serial }: Order): CertificationOrder {
  const { names, decisions } = consideration;
  return {
    outcome,
    asked,
    names,
    decisions,
    challenges: reportedChallenges(challenges),
    ...(problem === undefined ? {} : { problem: typeOf(problem) }),
    ...(serial === undefined ? {} : { serial }),
  };
}

function reportedChallenges(challenges: readonly ChallengeResult[]): CertificationOrder['challenges'] {
  return challenges.map(({ name, passed, words }) => ({ name, passed, words }));
}

/** A request in PEM or in DER; undefined for anything else. */
function requestIn(body: Buffer): SigningRequest | undefined {
  const isPem = body.includes('-----BEGIN ');
  const der = isPem
    ? pemBlocks(body.toString('latin1')).find(
        ({ label }) => label === 'CERTIFICATE REQUEST' || label === 'NEW CERTIFICATE REQUEST',
      )?.der
    : new Uint8Array(body);
  const step = der && readSigningRequest(der);
  return step && 'got' in step ? step.got : undefined;
}

function readAuthority(der: Uint8Array): Certificate {
  const step = readCertificate(der);
  if ('got' in step) return step.got;
  throw new Error('the certificate of the CA cannot be read');
}

function typeOf(name: ProblemName): string {
  const row: ProblemRow = problems[name];
  return row.type ?? name;
}

/** RFC 9457, as RFC 8555 section 6.7 uses it; the detail in every language. */
function problemAnswer(
  name: ProblemName,
  more: { readonly words?: Localized } & Readonly<Record<string, unknown>> = {},
): Answer {
  const { status, words } = problems[name];
  const { words: detail, ...rest } = more;
  return jsonAnswer(
    status,
    {
      status: 'invalid',
      type: `urn:ietf:params:acme:error:${typeOf(name)}`,
      title: words,
      ...(detail ? { detail } : {}),
      ...rest,
    },
    { 'Content-Type': 'application/problem+json' },
  );
}

function jsonAnswer(status: number, content: object, headers: Readonly<Record<string, string>> = {}): Answer {
  return {
    status,
    headers: { 'Content-Type': 'application/json', ...headers },
    body: `${JSON.stringify(content, null, 1)}\n`,
  };
}

function write(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, {
    ...headers,
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
  });
  response.end(body);
}
