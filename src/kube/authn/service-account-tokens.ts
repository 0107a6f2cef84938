/**
 * Signs and verifies service account tokens: JSON Web Tokens (RFC 7519, RFC 7515) with kube-apiserver's claims, signed
 * with `sa.key` and verified with `sa.pub`, a key pair without a certificate. Pure: the caller checks whether the bound
 * objects still exist (`bound-objects.ts`).
 *
 * 1. A key determines the algorithm, and a token must name it: the token's contents never choose how it is verified.
 * 2. A token has exactly one encoding. Any deviation is another, invalid token.
 * 3. Nothing in a payload is used, except in messages, before its signature is verified.
 */
import { defined } from '../../core/defined.ts';
import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { safeText } from '../../i18n/safe.ts';
import type { Localized } from '../../i18n/language.ts';
import { josa } from '../../i18n/josa.ts';
import type { User } from '../apiserver/attributes.ts';
import { isJsonObject, JsonError, listAt, parseJson, textAt, valueAt } from '../objects/json.ts';
import type { JsonObject } from '../objects/json.ts';
import { algorithmOf, keyId, readKey } from './token-signing-keys.ts';

/** kubeadm's `--service-account-issuer`. */
export const defaultIssuer = 'https://kubernetes.default.svc.cluster.local';

/** An object that a token requires: the account itself, and the pod or node that it is bound to. */
export interface BoundObject {
  readonly resource: 'serviceaccounts' | 'pods' | 'secrets' | 'nodes';
  /** Absent for a node. */
  readonly namespace?: string;
  readonly name: string;
  /** Absent for a token stored in a Secret: such a token contains no uid. */
  readonly uid?: string;
  /** The value that the Secret must still contain. */
  readonly token?: string;
}

export interface ServiceAccountToken {
  readonly user: User;
  readonly audiences: readonly string[];
  /** The account first. */
  readonly standsOn: readonly BoundObject[];
}

export interface TokenFault {
  readonly reason:
    | 'token_malformed'
    | 'token_algorithm'
    | 'token_signature'
    | 'token_issuer'
    | 'token_audience'
    | 'token_expired'
    | 'token_not_yet_valid';
  readonly words: Localized;
}

/** The contents of a token. Times in seconds since the epoch. */
export interface TokenContent {
  readonly namespace: string;
  readonly account: NamedObject;
  readonly audiences: readonly string[];
  readonly issuedAt: number;
  readonly expiresAt: number;
  /** From then on its use is logged as late. */
  readonly warnAfter?: number;
  readonly pod?: NamedObject;
  readonly secret?: NamedObject;
  readonly node?: Pick<NamedObject, 'name'> & Partial<NamedObject>;
  /** Unique. */
  readonly id: string;
}

interface NamedObject {
  readonly name: string;
  readonly uid: string;
}

/** Signs with a private key (PEM). @throws UserError for an invalid key. */
export function prepareSigner(pem: string, issuer: string): (content: TokenContent) => string {
  const signed = claimsSigner(pem);
  return (content) => signed(claimsOf(content, issuer));
}

/** A JSON Web Signature over claims (RFC 7515 section 7.1). */
function claimsSigner(pem: string): (claims: object) => string {
  const key = readKey(pem, createPrivateKey, 'sa.key');
  const algorithm = algorithmOf(key);
  const header = encode({ alg: algorithm.name, kid: keyId(key) });
  return (claims) => {
    const content = `${header}.${encode(claims)}`;
    const signature = sign(algorithm.hash, Buffer.from(content), { key, dsaEncoding: 'ieee-p1363' });
    return `${content}.${signature.toString('base64url')}`;
  };
}

/** The issuer of tokens stored in Secrets; `legacy`, since they have no expiry and no audience. */
const secretIssuer = 'kubernetes/serviceaccount';
const secretClaim = (name: string): string => `${secretIssuer}/${name}`;

export interface SecretToken {
  readonly namespace: string;
  /** The Secret that contains it. */
  readonly secret: string;
  readonly account: NamedObject;
}

/**
 * Signs tokens to be stored in Secrets, with a private key (PEM): they are valid as long as the Secret contains them.
 * @throws UserError for an invalid key.
 */
export function prepareSecretSigner(pem: string): (content: SecretToken) => string {
  const signed = claimsSigner(pem);
  return ({ namespace, secret, account }) =>
    signed({
      iss: secretIssuer,
      [secretClaim('namespace')]: namespace,
      [secretClaim('secret.name')]: secret,
      [secretClaim('service-account.name')]: account.name,
      [secretClaim('service-account.uid')]: account.uid,
      sub: userName(namespace, account.name),
    });
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** In alphabetical order, as Go writes a map. */
function claimsOf(
  { namespace, account, audiences, issuedAt, expiresAt, warnAfter, pod, secret, node, id }: TokenContent,
  issuer: string,
): object {
  return {
    aud: audiences,
    exp: expiresAt,
    iat: issuedAt,
    iss: issuer,
    jti: id,
    'kubernetes.io': {
      namespace,
      ...defined({ node, pod, secret }),
      serviceaccount: account,
      ...defined({ warnafter: warnAfter }),
    },
    nbf: issuedAt,
    sub: userName(namespace, account.name),
  };
}

const userName = (namespace: string, name: string): string => `system:serviceaccount:${namespace}:${name}`;

/** Longer than any token that is issued. */
const longest = 16 * 1024;
/** Clock skew in seconds: tolerated before and after a token's validity. */
const leeway = 60;

/**
 * @param at milliseconds since the epoch.
 * @param audiences the token must be for one of these; the API server by default.
 * @returns undefined if it is not a JSON Web Token.
 */
export type VerifyToken = (
  token: string,
  at: number,
  audiences?: readonly string[],
) => ServiceAccountToken | TokenFault | undefined;

/** Returns a verifier for public keys (PEM). @throws UserError for an invalid key. */
export function prepareVerifier(publicKeys: readonly string[], issuer: string): VerifyToken {
  const keys = publicKeys.map((pem) => {
    const key = readKey(pem, createPublicKey, 'sa.pub');
    return { key, algorithm: algorithmOf(key) };
  });
  return (token, at, audiences = [issuer]) => {
    if (token.length > longest)
      return fault(
        'token_malformed',
        `the token is longer than ${longest} characters`,
        `토큰이 ${longest}자보다 깁니다`,
      );
    const parts = token.split('.');
    if (parts.length !== 3) return undefined;
    const [headerText = '', payloadText = '', signatureText = ''] = parts;
    const [header, payload, signature] = [readPart(headerText), readPart(payloadText), decode(signatureText)];
    if (!header || !payload || !signature)
      return fault(
        'token_malformed',
        'the token is not a JSON Web Token: one of its three parts is malformed',
        '토큰이 올바른 JSON Web Token이 아닙니다. 세 부분 가운데 하나를 읽을 수 없습니다',
      );
    const named = textAt(payload, 'iss');
    if (named !== issuer && named !== secretIssuer)
      return fault(
        'token_issuer',
        `the token is from another issuer (${safeText(named.slice(0, 200)) || '-'})`,
        `다른 발급자(${safeText(named.slice(0, 200)) || '-'})의 토큰입니다`,
      );
    // RFC 7515 section 4.1.11: an unsupported critical header.
    const algorithm = Object.hasOwn(header, 'crit') ? '' : textAt(header, 'alg');
    const fitting = keys.filter((one) => one.algorithm.name === algorithm);
    if (fitting.length === 0) {
      const [expected, found] = [
        [...new Set(keys.map((one) => one.algorithm.name))].join(', '),
        safeText(algorithm.slice(0, 32)) || '-',
      ];
      return fault(
        'token_algorithm',
        `the token uses the algorithm ${found}; the service account key uses ${expected}`,
        `토큰이 지정한 알고리즘은 ${josa(found, '이지만/지만')} 서비스 어카운트 키의 서명 알고리즘은 ${expected}입니다`,
      );
    }
    const said = Buffer.from(`${headerText}.${payloadText}`);
    const isSigned = fitting.some(
      ({ key, algorithm: { hash, length } }) =>
        (length === undefined || signature.length === length) &&
        verify(hash, said, { key, dsaEncoding: 'ieee-p1363' }, signature),
    );
    if (!isSigned)
      return fault(
        'token_signature',
        'the signature of the token does not verify with the service account key (sa.pub)',
        '토큰의 서명이 서비스 어카운트 키(sa.pub)로 검증되지 않습니다',
      );
    return named === secretIssuer && named !== issuer
      ? readSecretClaims(payload, token, { issuer, audiences })
      : readClaims(payload, at, audiences);
  };
}

const fault = (reason: TokenFault['reason'], en: string, ko: string): TokenFault => ({
  reason,
  words: { en, ko },
});

/** Base64url without padding (RFC 7515 section 2), and only in its canonical form. */
function decode(text: string): Buffer | undefined {
  if (!/^[A-Za-z0-9_-]+$/.test(text)) return undefined;
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? bytes : undefined;
}

function readPart(text: string): JsonObject | undefined {
  try {
    const value = parseJson(decode(text)?.toString() ?? '');
    return isJsonObject(value) ? value : undefined;
  } catch (error) {
    if (error instanceof JsonError) return undefined;
    throw error;
  }
}

const malformed = (claim: string): TokenFault =>
  fault(
    'token_malformed',
    `the token lacks a valid claim ${claim}`,
    `토큰에 필요한 클레임이 없거나 잘못되었습니다(${claim})`,
  );

/** Evaluates a payload with a valid signature. */
function readClaims(
  payload: JsonObject,
  at: number,
  wanted: readonly string[],
): ServiceAccountToken | TokenFault {
  const own = valueAt(payload, 'kubernetes.io');
  const namespace = textAt(own, 'namespace');
  const account = namedAt(own, 'serviceaccount');
  if (namespace === '' || !account) return malformed('kubernetes.io');
  const name = userName(namespace, account.name);
  if (textAt(payload, 'sub') !== name) return malformed('sub');
  const [expiresAt, notBefore] = ['exp', 'nbf'].map((claim) => valueAt(payload, claim));
  if (typeof expiresAt !== 'number') return malformed('exp');
  const now = at / 1000;
  if (now > expiresAt + leeway)
    return fault(
      'token_expired',
      `the token of ${safeText(name)} has expired (${timeOf(expiresAt)})`,
      `${safeText(name)}의 토큰이 만료되었습니다(${timeOf(expiresAt)})`,
    );
  if (typeof notBefore === 'number' && now < notBefore - leeway)
    return fault(
      'token_not_yet_valid',
      `the token of ${safeText(name)} is not valid before ${timeOf(notBefore)}`,
      `${safeText(name)}의 토큰은 ${timeOf(notBefore)}부터 유효합니다`,
    );
  const aud = valueAt(payload, 'aud');
  const meant = (typeof aud === 'string' ? [aud] : listAt(payload, 'aud')).filter(
    (one): one is string => typeof one === 'string',
  );
  const audiences = meant.filter((one) => wanted.includes(one));
  if (audiences.length === 0) {
    const shown = safeText(meant.join(', ').slice(0, 200)) || '-';
    return fault(
      'token_audience',
      `the token is for the audience ${shown}, not for ${safeText(wanted.join(', '))}`,
      `토큰의 대상(aud)은 ${josa(shown, '이며/며')} ${josa(safeText(wanted.join(', ')), '이/가')} 아닙니다`,
    );
  }
  const [pod, secret, node] = [namedAt(own, 'pod'), namedAt(own, 'secret'), namedAt(own, 'node')];
  const id = textAt(payload, 'jti');
  const extra = {
    ...(id === '' ? {} : { 'authentication.kubernetes.io/credential-id': [`JTI=${id}`] }),
    ...(node
      ? {
          'authentication.kubernetes.io/node-name': [node.name],
          'authentication.kubernetes.io/node-uid': [node.uid],
        }
      : {}),
    ...(pod
      ? {
          'authentication.kubernetes.io/pod-name': [pod.name],
          'authentication.kubernetes.io/pod-uid': [pod.uid],
        }
      : {}),
  };
  return {
    user: {
      name,
      uid: account.uid,
      groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`],
      extra,
    },
    audiences,
    standsOn: [
      { resource: 'serviceaccounts', namespace, ...account },
      ...(pod ? [{ resource: 'pods', namespace, ...pod } as const] : []),
      ...(secret ? [{ resource: 'secrets', namespace, ...secret } as const] : []),
      // A pod's node is for information; a node counts if the token is bound to it.
      ...(node && !pod ? [{ resource: 'nodes', ...node } as const] : []),
    ],
  };
}

/** Evaluates a token stored in a Secret. */
function readSecretClaims(
  payload: JsonObject,
  token: string,
  { issuer, audiences }: { readonly issuer: string; readonly audiences: readonly string[] },
): ServiceAccountToken | TokenFault {
  const claim = (name: string): string => textAt(payload, secretClaim(name));
  const [namespace, secret, account, uid] = [
    'namespace',
    'secret.name',
    'service-account.name',
    'service-account.uid',
  ].map(claim) as [string, string, string, string];
  if ([namespace, secret, account, uid].includes('')) return malformed(secretIssuer);
  const name = userName(namespace, account);
  if (textAt(payload, 'sub') !== name) return malformed('sub');
  if (!audiences.includes(issuer)) {
    const shown = safeText(audiences.join(', '));
    return fault(
      'token_audience',
      `the token is for the audience ${issuer}, not for ${shown}`,
      `토큰의 대상(aud)이 다릅니다. 토큰: ${issuer}, 요구: ${shown}`,
    );
  }
  return {
    user: { name, uid, groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`], extra: {} },
    // It names no audience and is for the API server.
    audiences: [issuer],
    standsOn: [
      { resource: 'serviceaccounts', namespace, name: account, uid },
      { resource: 'secrets', namespace, name: secret, token },
    ],
  };
}

function namedAt(object: unknown, field: string): NamedObject | undefined {
  const [name, uid] = [textAt(object, field, 'name'), textAt(object, field, 'uid')];
  return name === '' || uid === '' ? undefined : { name, uid };
}

/** A number in a token may exceed the range of dates. */
function timeOf(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? String(seconds) : date.toISOString().replace(/\.\d+Z$/, 'Z');
}
