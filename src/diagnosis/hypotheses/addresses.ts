/** No connection, or one only to some of the addresses that a name has. */
import { ipVersion } from '../../core/ip-version.ts';
import type { Attempt } from '../attempt/attempt.ts';
import type { Call, Change } from '../attempt/call.ts';
import { cameBack, difference, explained, ofThisMachine } from '../case.ts';
import type { Case, Hypothesis } from '../case.ts';
import { isListenedTo } from '../../wire/tcp/listeners.ts';
import { asCalledAgain } from '../attempt/call.ts';
import type { Evidence, Finding } from '../diagnosis.ts';
import type { Laboratory } from '../laboratory.ts';
import { found } from '../found.ts';
import { healthOf } from '../repetition.ts';
import { judgeChain } from '../chain.ts';
import { causeName } from '../../analysis/outcome/refusal.ts';
import type { Localized } from '../../i18n/language.ts';
import { beforeAnything } from './endings.ts';

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

const isOwnName = ({ host }: Call): boolean => /(?:^|\.)localhost\.?$/i.test(host);

/** No connection was established, to whichever address. */
export const reachability: Hypothesis = {
  name: 'reachability',
  async test({ base, laboratory }) {
    if (base.result !== 'no_connection') return undefined;
    const code = base.failure?.code ?? '';
    return endsAtOnce.has(code) ? endedAtOnce(base, laboratory) : unreachable(base);
  },
};

export const addresses: Hypothesis = {
  name: 'addresses',
  async test(current) {
    const { call, base, laboratory } = current;
    // What fails at the address that is used comes first.
    if (base.result !== 'completed') return undefined;
    for (const address of otherAddresses(call)) await laboratory.try(toAddress(address));
    const failing = laboratory.attempts.find(
      ({ result, failure }) => result === 'no_connection' && failingCodes.has(failure?.code ?? ''),
    );
    if (!failing) return failingOtherwise(current);
    const finding = found({
      cause: 'one_address_fails',
      by: 'server',
      confidence: 'proven',
      evidence: [difference(base, failing)],
      more: {
        en: `${failing.address.host} (${failing.failure?.code ?? ''}) fails, ${base.address.host} does not`,
        ko: `${failing.address.host}(${failing.failure?.code ?? ''})에서는 실패하고 ${base.address.host}에서는 성공합니다.`,
      },
    });
    return isOwnName(call) ? ofThisMachineAlone(finding, failing, base) : finding;
  },
};

/** It takes connections, and refuses, or shows another certificate: twice, as once may be chance. */
async function failingOtherwise(current: Case): Promise<Finding | undefined> {
  const { call, base, laboratory, chain } = current;
  if (chain?.verified === false || healthOf(current, base) !== 'well') return undefined;
  for (const address of otherAddresses(call)) {
    const change = toAddress(address);
    const first = await laboratory.try(change);
    if (!first || first.result === 'no_connection' || healthOf(current, first) !== 'failing') continue;
    const again = await laboratory.try({ ...change, id: `${change.id}-again` });
    if (!again || healthOf(current, again) !== 'failing') continue;
    const finding = found({
      cause: 'one_address_fails',
      by: 'server',
      confidence: 'proven',
      evidence: [difference(base, first)],
      more: {
        en: `${address} fails (${endAt(current, first).en}), ${base.address.host} does not`,
        ko: `${address}에서는 실패하고(${endAt(current, first).ko}) ${base.address.host}에서는 성공합니다.`,
      },
      remedy: {
        en: `let the server at ${address} have the same settings and certificate as the one at ${base.address.host}, or take that address out of DNS`,
        ko: `${address}의 서버를 ${base.address.host}의 서버와 같은 설정과 인증서로 맞추거나, 그 주소를 DNS에서 지우세요.`,
      },
    });
    return isOwnName(call) ? { ...finding, isNote: true } : finding;
  }
  return undefined;
}

/** Programs on this machine listen on one of its addresses as a rule: only some clients fail at that. */
function ofThisMachineAlone(finding: Finding, failing: Attempt, base: Attempt): Finding {
  return {
    ...finding,
    isNote: true,
    because: {
      en: `the server listens on ${base.address.host}, not on ${failing.address.host} (${failing.failure?.code ?? ''}): a client that tries only one may fail`,
      ko: `서버가 ${base.address.host}에서만 연결을 받습니다(${failing.address.host}: ${failing.failure?.code ?? ''}). 한 주소만 시도하는 클라이언트는 실패할 수 있습니다.`,
    },
  };
}

/** What is wrong with an attempt, in a few words. */
export function endAt({ call, laboratory }: Case, attempt: Attempt): Localized {
  const chain = judgeChain(call, attempt, laboratory.clock.now());
  const name = chain?.verified === false && chain.reason !== undefined ? causeName(chain.reason) : undefined;
  return name ?? cameBack(attempt);
}

/** The connection was there, and gone before it could be used. */
const endsAtOnce: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED']);

async function endedAtOnce(base: Attempt, laboratory: Laboratory): Promise<Finding> {
  const again = await laboratory.try(asCalledAgain(1));
  const isSame = again !== undefined && again.failure?.code === base.failure?.code;
  return found({
    cause: isSame ? 'ends_every_connection' : 'intermittent',
    by: 'unknown',
    confidence: isSame ? 'proven' : 'likely',
    message: 'SYN',
    evidence: again ? [difference(base, again)] : [connecting(base)],
    more: isSame ? beforeAnything : undefined,
  });
}

const connecting = ({ number, failure }: Attempt): Evidence => ({
  kind: 'words',
  attempt: number,
  said: failure?.code ?? '',
  words: { en: 'connecting', ko: '연결' },
});

const fullQueue: Pick<Finding, 'because' | 'remedy'> = {
  because: {
    en: 'a program of this machine listens on that port, and the first packet (SYN) is not answered: its queue of connections is full, since it takes none, or a packet filter drops them',
    ko: '이 컴퓨터의 프로그램이 그 포트에서 연결을 받는데 첫 패킷(SYN)에 답이 없습니다. 프로그램이 연결을 받아들이지 않아 대기열이 찼거나, 패킷 필터가 버리고 있습니다.',
  },
  remedy: {
    on: 'server',
    words: {
      en: 'see what the program waits for (ss -ltn: Recv-Q above zero means connections that nobody takes; a server of one thread waits for one client): restart it, and give it threads or a time limit for handshakes; then the packet filter (nft list ruleset)',
      ko: '프로그램이 무엇을 기다리는지 확인하세요(ss -ltn의 Recv-Q가 0보다 크면 받아들이지 않은 연결이 있습니다. 스레드가 하나인 서버는 한 클라이언트만 기다립니다). 다시 시작하고, 스레드나 핸드셰이크 제한 시간을 설정하세요. 그다음 패킷 필터(nft list ruleset)를 살펴보세요.',
    },
  },
};

function unreachable(base: Attempt): Finding {
  const code = base.failure?.code ?? '';
  const common = { by: 'server', detail: { code }, message: 'SYN' } as const;
  if (code === 'ECONNREFUSED') {
    const isListened = isListenedTo(base.address.host, base.address.port);
    if (isListened)
      return found({
        cause: 'rejected_on_the_way',
        by: 'between',
        confidence: 'proven',
        message: 'SYN',
        evidence: [
          connecting(base),
          {
            kind: 'words',
            said: '',
            words: {
              en: 'a program of this machine listens on that port, by the kernel’s list (/proc/net/tcp)',
              ko: '커널의 목록(/proc/net/tcp)에는 이 컴퓨터의 프로그램이 그 포트에서 연결을 받고 있습니다.',
            },
          },
        ],
      });
    // A firewall may refuse in the same way.
    return explained({
      ...common,
      cause: 'nothing_listens',
      blamed: 'nobody',
      confidence: isListened === false ? 'proven' : 'likely',
      evidence: [connecting(base)],
    });
  }
  if (code === 'ETIMEDOUT') {
    const silence = explained({
      ...common,
      cause: 'unanswered',
      blamed: 'unknown',
      confidence: 'proven',
      evidence: [connecting(base)],
    });
    // The kernel answers for a program that listens, except where its queue is full.
    return isListenedTo(base.address.host, base.address.port) ? { ...silence, ...fullQueue } : silence;
  }
  const isOwn = ofThisMachine.has(code);
  return explained({
    ...common,
    cause: 'target_unreachable',
    by: isOwn ? 'client' : 'server',
    blamed: isOwn ? 'client' : 'between',
    confidence: isOwn ? 'proven' : 'likely',
    evidence: [connecting(base)],
  });
}
