/**
 * A certificate authority that validates control of domains, in the style of ACME (RFC 8555): it receives a request,
 * verifies each name by a challenge response served there, and returns the chain. `pki/ca/domain-policy.ts` is its policy,
 * `domain-challenge.ts` the challenge; its client is `features/enrol/client.ts`.
 *
 *     POST /orders              a signing request, PEM or DER  → 201, the tokens and the decisions
 *     POST /orders/ID           the responses are in place     → 200, where the certificate is
 *     GET  /certificates/ID                                    → 200, leaf and intermediates (RFC 8555 section 9.1)
 *
 * Simpler than ACME, and not for use on the internet:
 *
 * 1. No accounts, nonces or signed messages: the response contains the thumbprint of the requested key, where ACME uses that
 *    of an account. So a request changed on its way finds no valid response at the name.
 * 2. The request comes first, not last; every call is answered at once, without polling; http-01 is the only challenge.
 * 3. Plain HTTP, so that viewers can read along. ACME requires HTTPS (section 6.1).
 * 4. Bounded: requests of 64 KiB, ten names, a hundred orders; the oldest order is dropped.
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
  /** The signing certificate (with the intermediates up to the root) and its key, PEM. */
  readonly issuer: Identity;
  readonly resolve: (name: string) => ResolvedName | undefined;
  readonly clock: Clock;
  readonly random: RandomBytes;
  /** Timeout of one challenge, in milliseconds. */
  readonly challengeTimeout?: number;
}

export type Certification = Extract<Observation, { kind: 'certification' }>;

export interface CertificateAuthority {
  readonly address: Address;
  /** Connections that are open now. */
  readonly open: number;
  /** The requests that reached it since the last report, and their outcomes. */
  report(): Certification;
  /** Opens another listener on its own port, tapped at this end. */
  openListener(tap: Tap): Promise<Address>;
  close(graceMs?: number): Promise<void>;
}

const bodyLimit = 64 * 1024;
const mostOrders = 100;

interface ProblemRow {
  readonly status: number;
  /** If it is not the row's own name. */
  readonly type?: string;
  readonly words: Localized;
}

/** Error responses: the error type of RFC 8555 section 6.7, and its text. */
const problems = {
  malformed: {
    status: 400,
    words: { en: 'malformed request', ko: '이해할 수 없는 요청입니다' },
  },
  notFound: {
    status: 404,
    type: 'malformed',
    words: { en: 'not found', ko: '여기에는 아무것도 없습니다' },
  },
  wrongMethod: {
    status: 405,
    type: 'malformed',
    words: { en: 'method not allowed', ko: '다른 메서드(method)로 요청해야 합니다' },
  },
  tooLarge: {
    status: 413,
    type: 'malformed',
    words: {
      en: `a signing request must not exceed ${bodyLimit} bytes`,
      ko: `인증서 서명 요청은 ${bodyLimit}바이트를 넘지 않습니다`,
    },
  },
  noRequest: {
    status: 400,
    type: 'badCSR',
    words: {
      en: 'not a signing request: expected PEM or DER of PKCS #10',
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
  dns: { status: 403, words: { en: 'the name does not resolve', ko: '이름에 해당하는 주소가 없습니다' } },
  serverInternal: {
    status: 500,
    words: { en: 'the CA cannot sign at the moment', ko: '지금은 CA가 서명할 수 없습니다' },
  },
} as const satisfies Readonly<Record<string, ProblemRow>>;
type ProblemName = keyof typeof problems;

/** By the policy's objection. */
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
  /** Reported before; unchanged unless this says otherwise. */
  isReported: boolean;
  challenges: readonly ChallengeResult[];
  outcome: CertificationOrder['outcome'];
  problem?: ProblemName;
  serial?: string;
  chain?: string;
  finished?: Promise<void>;
}

/** @throws UserError when it cannot listen on the address. */
export async function startCertificateAuthority(
  options: CertificateAuthorityOptions,
): Promise<CertificateAuthority> {
  const { accept: acceptOptions, issuer, clock, random } = options;
  const [authority, ...above] = pemCertificates(issuer.certificate).map(readAuthority);
  if (!authority) throw new Error('a CA without a certificate');
  const signer = createPrivateKey(issuer.key);
  const orders = new Map<string, Order>();
  /** Requests that did not become orders. */
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
    // RFC 8555 section 8.1: at least 128 bits of entropy.
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
    if (!('got' in step)) throw new Error('cannot parse the issued certificate');
    // A certificate that a verifier trusting this CA would reject is not issued, whatever the policy decided.
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
  throw new Error('cannot parse the CA certificate');
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
