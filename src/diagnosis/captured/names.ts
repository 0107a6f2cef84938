/**
 * What resolvers answered in a capture, by name. A name that leads nowhere explains why a client never connected; beside connections
 * that went well it is only worth knowing, since programs look for names that need not be there.
 */
import type { Message } from '../../analysis/conversation/message.ts';
import { rcodes, nameOfRcode, types } from '../../protocols/dns/codes.ts';
import { readDns } from '../../protocols/dns/message.ts';
import { josa } from '../../i18n/josa.ts';
import { safeText } from '../../i18n/safe.ts';
import type { Finding } from '../diagnosis.ts';
import { found } from '../found.ts';

interface OfName {
  readonly addresses: Set<string>;
  /** The newest answer without an address: its code, and its packet. */
  failed: { readonly code: number; readonly frame: number | undefined } | undefined;
  /** Kinds of addresses of which the resolver has none, though it knows the name. */
  readonly empty: Set<number>;
  /** Queries, and any answers. */
  asked: number;
  answered: number;
  frame: number | undefined;
}

const mostNames = 1024;
const mostAddresses = 16;

export class Names {
  readonly #names = new Map<string, OfName>();

  readonly message = (message: Message): void => {
    if (message.protocol !== 'dns') return;
    const bytes = message.bytes();
    const step = bytes && readDns(bytes, 0);
    if (!step || !('got' in step)) return;
    const { isResponse, rcode, questions, answers } = step.got;
    const [question] = questions;
    if (!question || (question.type !== types.A && question.type !== types.AAAA)) return;
    const name = question.name.toLowerCase().replace(/\.$/, '');
    // Names of the local network are asked of everybody (RFC 6762).
    if (name === '' || name.endsWith('.local')) return;
    const own = this.#of(name);
    if (!own) return;
    if (!isResponse) {
      own.asked++;
      own.frame ??= message.frame;
      return;
    }
    own.answered++;
    for (const { type, data } of answers)
      if (
        (type === types.A || type === types.AAAA) &&
        data !== undefined &&
        own.addresses.size < mostAddresses
      )
        own.addresses.add(data);
    if (rcode === rcodes.NOERROR) own.empty.add(question.type);
    // A name may have addresses of one kind alone: only both kinds together are none.
    if (own.addresses.size === 0 && (rcode !== rcodes.NOERROR || own.empty.size > 1))
      own.failed = { code: rcode, frame: message.frame };
  };

  #of(name: string): OfName | undefined {
    const known = this.#names.get(name);
    if (known || this.#names.size >= mostNames) return known;
    const own: OfName = {
      addresses: new Set(),
      empty: new Set(),
      failed: undefined,
      asked: 0,
      answered: 0,
      frame: undefined,
    };
    this.#names.set(name, own);
    return own;
  }

  /** Names that lead to no address, and that stand for nothing else that was found: resolvers try suffixes in turn. */
  failures(): Finding[] {
    const resolved = [...this.#names].filter(([, { addresses }]) => addresses.size > 0).map(([name]) => name);
    const isVariant = (name: string): boolean =>
      resolved.some((one) => one.startsWith(`${name}.`) || name.startsWith(`${one}.`));
    return [...this.#names].flatMap(([name, { addresses, failed, asked, answered, frame }]): Finding[] => {
      if (addresses.size > 0 || isVariant(name)) return [];
      if (failed) return [unresolved(name, failed.code, failed.frame)];
      return answered === 0 && asked > 2 ? [unanswered(name, asked, frame)] : [];
    });
  }
}

function unresolved(name: string, code: number, frame: number | undefined): Finding {
  const shown = safeText(name).slice(0, 120);
  const said = code === rcodes.NOERROR ? 'NOERROR, 0 addresses' : nameOfRcode(code);
  const isKnown = code === rcodes.NXDOMAIN || code === rcodes.NOERROR;
  return {
    ...found({
      cause: 'host_not_found',
      by: isKnown ? 'client' : 'unknown',
      confidence: 'proven',
      evidence: [
        {
          kind: 'words',
          ...(frame === undefined ? {} : { frame }),
          said,
          words: {
            en: `${frame === undefined ? '' : `frame ${frame}: `}the answer of the resolver for ${shown}`,
            ko: `${frame === undefined ? '' : `프레임 ${frame}: `}${shown}에 대한 DNS 응답`,
          },
        },
      ],
    }),
    because: {
      en: `the name ${shown} leads to no address: the resolver answered ${said}`,
      ko: `${josa(shown, '이라는/라는')} 이름에 해당하는 주소가 없습니다. DNS 응답: ${said}.`,
    },
    ...(isKnown
      ? {}
      : {
          remedy: {
            on: 'between' as const,
            words: {
              en: `look at the resolver that answered: it could not, or would not, look the name up (dig ${shown})`,
              ko: `응답한 DNS 서버를 확인하세요. 이름을 찾지 못했거나 찾기를 거부했습니다(dig ${shown}).`,
            },
          },
        }),
  };
}

function unanswered(name: string, asked: number, frame: number | undefined): Finding {
  const shown = safeText(name).slice(0, 120);
  return {
    ...found({
      cause: 'host_not_found',
      by: 'unknown',
      confidence: 'likely',
      evidence: [
        {
          kind: 'words',
          ...(frame === undefined ? {} : { frame }),
          said: '',
          words: {
            en: `${frame === undefined ? '' : `frame ${frame}: `}the first of ${asked} queries for ${shown}, none of which is answered`,
            ko: `${frame === undefined ? '' : `프레임 ${frame}: `}${shown}에 대한 질의 ${asked}개 중 첫째(모두 응답 없음)`,
          },
        },
      ],
    }),
    name: { en: 'the resolver does not answer', ko: 'DNS 서버가 답하지 않음' },
    because: {
      en: `the name ${shown} was asked for ${asked} times, and no answer of a resolver came`,
      ko: `${josa(shown, '이라는/라는')} 이름을 ${asked}번 질의했지만 DNS 서버의 답이 없었습니다.`,
    },
    remedy: {
      on: 'client',
      words: {
        en: 'check which resolvers this machine asks (/etc/resolv.conf, resolvectl), and whether they can be reached from it (port 53)',
        ko: '이 컴퓨터가 어느 DNS 서버에 묻는지(/etc/resolv.conf, resolvectl), 그 서버에 도달할 수 있는지(53번 포트) 확인하세요.',
      },
    },
  };
}
