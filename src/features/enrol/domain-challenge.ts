/**
 * The http-01 challenge as the CA carries it out (RFC 8555 section 8.3): it fetches the answer at the name, over a wire of
 * its own, and says whether it is the one that only the holder of the key can have put there. Its counterpart, which serves
 * the answer, is `website.ts`.
 *
 * 1. The CA goes where its own table of names says and nowhere else: not to an address of the client's, and after no redirect.
 * 2. The client is told what was found only in kind, not in content: a CA is no window into other people's networks.
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

/** Where a name leads, in place of DNS and port 80. */
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
  /** For all of it, in milliseconds. */
  readonly timeout: number;
  readonly signal: AbortSignal;
}

export type ChallengeResult = CertificationOrder['challenges'][number] & {
  readonly problem?: 'dns' | 'connection' | 'unauthorized';
};

/** Never rejects for what the network or the other end does. */
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
  if (!place) return failed('dns', { en: 'the name leads nowhere', ko: '이름에 해당하는 주소가 없습니다' });
  const { address, tap } = place;
  const unreachable: Localized = { en: 'nobody answers there', ko: '응답이 없습니다' };
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
      en: `no answer to the challenge is served there (status ${response.status})`,
      ko: `챌린지에 대한 응답이 없습니다(상태 코드 ${response.status})`,
    });
  }
  // RFC 8555 section 8.3: whitespace at the end is let be.
  const isRight =
    response.body.length <= 1024 &&
    response.body.toString('latin1').trimEnd() === keyAuthorization(token, thumbprint);
  if (!isRight)
    return failed('unauthorized', {
      en: 'what is served there is no answer to this challenge',
      ko: '다른 내용이 응답으로 왔습니다',
    });
  return {
    name,
    passed: true,
    words: {
      en: `${name}: the answer is served there, so whoever asks controls the name`,
      ko: `${name}: 올바른 응답이 있으므로 요청한 쪽이 이 이름을 관리합니다`,
    },
  };
}
