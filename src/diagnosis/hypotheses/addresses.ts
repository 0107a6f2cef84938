/** No connection, or one only to some of the addresses that a name has. */
import { ipVersion } from '../../core/ip-version.ts';
import type { Attempt } from '../attempt/attempt.ts';
import type { Call, Change } from '../attempt/call.ts';
import { difference, explained } from '../case.ts';
import type { Hypothesis } from '../case.ts';
import type { Finding } from '../diagnosis.ts';
import { found } from '../found.ts';

/** More are not tried: a client tries no more either. */
const mostAddresses = 4;

export const otherAddresses = ({ addresses }: Call): readonly string[] => addresses.slice(1, mostAddresses);

export const toAddress = (address: string): Change => ({
  id: `address-${address}`,
  words: { en: `to ${address} (IPv${ipVersion(address)})`, ko: `${address}(IPv${ipVersion(address)})로` },
  address,
});

/** Of the server's side: without a route it is this machine that has no such network. */
const failingCodes: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ETIMEDOUT', 'ECONNRESET']);

/** Programs on this machine listen on one of its addresses as a rule, and clients try both. */
const isOwnName = ({ host }: Call): boolean => /(?:^|\.)localhost\.?$/i.test(host);

export const addresses: Hypothesis = {
  name: 'addresses',
  async test({ call, base, laboratory }) {
    if (base.result === 'no_connection') return unreachable(base);
    if (isOwnName(call)) return undefined;
    for (const address of otherAddresses(call)) await laboratory.try(toAddress(address));
    const failing = laboratory.attempts.find(
      ({ result, failure }) => result === 'no_connection' && failingCodes.has(failure?.code ?? ''),
    );
    if (!failing) return undefined;
    return found({
      cause: 'one_address_fails',
      by: 'server',
      confidence: 'proven',
      evidence: [difference(base, failing)],
      more: {
        en: `${failing.address.host} (${failing.failure?.code ?? ''}) fails, ${base.address.host} does not`,
        ko: `${failing.address.host}(${failing.failure?.code ?? ''})에서는 실패하고 ${base.address.host}에서는 성공합니다.`,
      },
    });
  },
};

function unreachable(base: Attempt): Finding {
  const code = base.failure?.code ?? '';
  // It was there, and gone before it could be used.
  if (code === 'ECONNRESET' || code === 'EPIPE')
    return found({
      cause: 'ends_every_connection',
      by: 'unknown',
      confidence: 'proven',
      message: 'SYN',
      evidence: [
        { kind: 'words', attempt: base.number, said: code, words: { en: 'connecting', ko: '연결' } },
      ],
    });
  const cause =
    code === 'ECONNREFUSED' ? 'nothing_listens' : code === 'ETIMEDOUT' ? 'unanswered' : 'target_unreachable';
  return explained({
    cause,
    by: 'server',
    blamed: cause === 'nothing_listens' ? 'nobody' : cause === 'unanswered' ? 'unknown' : 'between',
    detail: { code },
    confidence: 'proven',
    message: 'SYN',
    evidence: [
      {
        kind: 'words',
        attempt: base.number,
        said: code,
        words: { en: 'connecting', ko: '연결' },
      },
    ],
  });
}
