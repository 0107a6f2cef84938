/**
 * The CA's side of the http-01 challenge (RFC 8555 section 8.3): it fetches the response at the name, over its own wire, and
 * checks that only the holder of the account key can have put it there. Its counterpart, which serves the response, is
 * `website.ts`.
 *
 * 1. The CA connects only where its own name table says: never to a client-supplied address, never after a redirect.
 * 2. The client learns only the kind of failure, not the content: a CA must not reveal other people's networks.
 */
import type { Address } from '../../capture/event.ts';
import type { CertificationOrder } from './observations.ts';
import type { Clock } from '../../core/clock.ts';
import type { Localized } from '../../i18n/language.ts';
import { challengePath, keyAuthorization } from '../../pki/ca/key-authorization.ts';
import { dial } from '../../wire/dial.ts';
import type { Tap } from '../../wire/endpoint.ts';
import { endConnection } from '../../peers/client/end-connection.ts';
import { exchange, writeRequest } from '../../peers/client/http-exchange.ts';
import type { IncomingResponse } from '../../peers/client/http-exchange.ts';

/** The address for a name, in place of DNS and port 80. */
export interface ResolvedName {
  readonly address: Address;
  readonly tap?: Tap;
}

export interface ChallengeOptions {
  readonly name: string;
  readonly token: string;
  readonly thumbprint: string;
  readonly resolve: (name: string) => ResolvedName | undefined;
  readonly clock: Clock;
  /** Total, in milliseconds. */
  readonly timeout: number;
  readonly signal: AbortSignal;
}

export type ChallengeResult = CertificationOrder['challenges'][number] & {
  readonly problem?: 'dns' | 'connection' | 'unauthorized';
};

/** Never rejects for anything that the network or the other end does. */
export async function carryOut(options: ChallengeOptions): Promise<ChallengeResult> {
  const { name, token, thumbprint, resolve, clock, timeout, signal } = options;
  const failed = (
    problem: NonNullable<ChallengeResult['problem']>,
    { en, ko }: Localized,
  ): ChallengeResult => ({
    name,
    passed: false,
    problem,
    words: { en: `${name}: ${en}`, ko: `${name}: ${ko}` },
  });
  const place = resolve(name);
  if (!place)
    return failed('dns', { en: 'the name does not resolve', ko: '이름에 해당하는 주소가 없습니다' });
  const { address, tap } = place;
  const unreachable: Localized = { en: 'no response', ko: '응답이 없습니다' };
  const deadline = clock.microseconds() + timeout * 1000;
  const dialed = await dial({ security: 'plain', to: address, clock, timeout, ...(tap ? { tap } : {}) });
  if (dialed.outcome === 'failed') return failed('connection', unreachable);
  const { stream } = dialed;
  stream.on('error', () => {});
  const controller = new AbortController();
  const timer = setTimeout(
    () => controller.abort(new Error('no answer in time')),
    Math.max(1, (deadline - clock.microseconds()) / 1000),
  );
  const request = writeRequest({
    method: 'GET',
    target: challengePath(token),
    headers: [
      ['Host', name],
      ['User-Agent', 'wirelab-ca'],
      ['Accept', '*/*'],
      ['Connection', 'close'],
    ],
  });
  let response: IncomingResponse;
  try {
    response = await exchange(stream, request, AbortSignal.any([controller.signal, signal]));
  } catch {
    stream.destroy();
    return failed('connection', unreachable);
  } finally {
    clearTimeout(timer);
  }
  await endConnection(stream);
  if (response.status !== 200) {
    return failed('unauthorized', {
      en: `the site serves no challenge response (status ${response.status})`,
      ko: `챌린지에 대한 응답이 없습니다(상태 코드 ${response.status})`,
    });
  }
  // RFC 8555 section 8.3: trailing whitespace is ignored.
  const isRight =
    response.body.length <= 1024 &&
    response.body.toString('latin1').trimEnd() === keyAuthorization(token, thumbprint);
  if (!isRight)
    return failed('unauthorized', {
      en: 'the site’s response does not match this challenge',
      ko: '다른 내용이 응답으로 왔습니다',
    });
  return {
    name,
    passed: true,
    words: {
      en: `${name}: the site serves the challenge response, so the client controls the name`,
      ko: `${name}: 올바른 응답이 있으므로 요청한 쪽이 이 이름을 관리합니다`,
    },
  };
}
