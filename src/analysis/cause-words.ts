/**
 * The words of causes that no endpoint reports and the bytes can show: what alerts say that have no reason of their own
 * among refusals, and what the packets say. Its counterpart, with the rules of tone, is `refusal.ts`.
 */
import type { RefusalReason } from '../capture/vocabulary.ts';
import { safeText } from '../i18n/safe.ts';
import { alertMeaning } from './alert-words.ts';
import { always, bracketed, ifItBelongs, inBrackets, issuerOf, listOf, owner, refuser, subjectOf } from './refusal-facts.ts';
import type { RefusalFacts, RefusalWords } from './refusal-facts.ts';

/** What only a reader of the bytes names. */
export const wireCauses = [
  'certificate_not_accepted',
  'unknown_server_name',
  'no_common_group',
  'no_common_signature',
  'negotiation_failed',
  'insufficient_security',
  'proof_failed',
  'access_denied',
  'protocol_error',
  'internal_error',
  'user_canceled',
  'unknown_psk',
  'other_alert',
  'sealed_alert',
  'nothing_listens',
  'unanswered',
  'no_reply',
] as const;
export type WireCause = (typeof wireCauses)[number];

/** Why a connection failed, whoever says so. */
export type Cause = RefusalReason | WireCause;

const others = ({ by }: RefusalFacts) => (by === 'client' ? { en: 'the server', ko: '서버' } : { en: 'the client', ko: '클라이언트' });

const readItsLog = always('the reason is known to the side that refused: read its log', '이유는 거부한 쪽이 압니다. 그쪽 로그를 확인하세요.');

const offeredBy = ({ detail }: RefusalFacts, en: string, ko: string) => {
  const names = listOf(detail.offered);
  return names ? { en: `; ${en} ${names}`, ko: ` ${ko}: ${names}` } : { en: '', ko: '' };
};

export const causeWords: Readonly<Record<WireCause, RefusalWords>> = {
  certificate_not_accepted: {
    name: { en: 'certificate not accepted', ko: '인증서를 받아들이지 않음' },
    because: (facts) => ({
      en: `${refuser(facts).en} does not accept the ${owner(facts).en}'s certificate${inBrackets([subjectOf(facts), issuerOf(facts) && `issued by ${issuerOf(facts)}`].filter(Boolean).join(', '))}, and the bytes do not show what is wrong with it`,
      ko: `${refuser(facts).ko} ${owner(facts).ko} 인증서를 받아들이지 않았습니다. 무엇이 문제인지는 오간 내용만으로 알 수 없습니다.${subjectOf(facts) ? ` 제시된 인증서: ${subjectOf(facts)}, 발급자: ${issuerOf(facts)}` : ''}`,
    }),
    remedy: ifItBelongs(
      'check its issuer, dates, names and usage against what the refusing side trusts; the log of that side names the reason',
      '발급자, 유효 기간, 이름, 용도가 거부한 쪽의 설정과 맞는지 확인하세요. 정확한 이유는 그쪽 로그에 있습니다.',
    ),
  },
  unknown_server_name: {
    name: { en: 'unknown server name', ko: '알 수 없는 서버 이름' },
    because: ({ detail }) => ({
      en: `the server has nothing under the name that the client asked for (SNI)${detail.expected === undefined ? '' : `: ${safeText(detail.expected)}`}`,
      ko: `클라이언트가 요청한 이름(SNI)을 서버가 모릅니다.${detail.expected === undefined ? '' : ` 요청한 이름: ${safeText(detail.expected)}`}`,
    }),
    remedy: always(
      'check the name in the address; if it is right, the server must be configured for it',
      '주소의 이름을 확인하세요. 이름이 맞다면 서버에 그 이름을 설정해야 합니다.',
    ),
  },
  no_common_group: {
    name: { en: 'no common group', ko: '공통 키 교환 그룹 없음' },
    because: (facts) => ({
      en: `the two sides have no group for the key exchange in common${offeredBy(facts, 'the client offers', '').en}`,
      ko: `양쪽이 함께 지원하는 키 교환 그룹이 없습니다.${offeredBy(facts, '', '클라이언트가 제안한 그룹').ko}`,
    }),
    remedy: always('let both sides allow a common group, such as X25519 or P-256', '양쪽에서 같은 그룹을 허용하세요. 예: X25519, P-256'),
  },
  no_common_signature: {
    name: { en: 'no common signature algorithm', ko: '공통 서명 알고리즘 없음' },
    because: (facts) => ({
      en: `the server has no certificate whose key can sign as the client wants it${offeredBy(facts, 'the client accepts', '').en}`,
      ko: `클라이언트가 받아들이는 방식으로 서명할 수 있는 키가 서버에 없습니다.${offeredBy(facts, '', '클라이언트가 허용한 서명 알고리즘').ko}`,
    }),
    remedy: always(
      "compare the signature algorithms in the ClientHello with the type of the server's key",
      'ClientHello의 서명 알고리즘 목록을 서버 키의 종류와 비교하세요.',
    ),
  },
  negotiation_failed: {
    name: { en: 'no agreement', ko: '합의 실패' },
    because: (facts) => ({
      en: `${refuser(facts).en} does not accept what was offered or picked: a cipher suite, a group, a signature algorithm or a key length`,
      ko: `${refuser(facts).ko} 제안되거나 선택된 값을 받아들이지 않았습니다. 암호 스위트(Cipher Suite), 그룹, 서명 알고리즘, 키 길이 가운데 하나입니다.`,
    }),
    remedy: always('compare the settings of both sides; the log of the side that refused names the value', '양쪽 설정을 비교하세요. 어떤 값인지는 거부한 쪽 로그에 있습니다.'),
  },
  insufficient_security: {
    name: { en: 'not secure enough', ko: '보안 수준 부족' },
    because: (facts) => ({
      en: `${refuser(facts).en} wants stronger ciphers than were offered${offeredBy(facts, 'the client offers the suites', '').en}`,
      ko: `${refuser(facts).ko} 제안된 것보다 강한 암호를 요구합니다.${offeredBy(facts, '', '클라이언트가 제안한 스위트').ko}`,
    }),
    remedy: always('update the weaker side; lowering the demands of the other gives its protection away', '약한 쪽을 업데이트하세요. 다른 쪽의 기준을 낮추면 보호 수준도 함께 낮아집니다.'),
  },
  proof_failed: {
    name: { en: 'a proof does not fit', ko: '증명 값 불일치' },
    because: (facts) => ({
      en: `a signature or a check value that ${others(facts).en} sent does not fit; which, is sealed`,
      ko: `${others(facts).ko} 쪽이 보낸 서명이나 검증 값이 맞지 않습니다. 어느 것인지는 암호화되어 알 수 없습니다.`,
    }),
    remedy: always(
      'check that certificate and key belong together, and that nothing between the two sides alters what they say',
      '인증서와 개인 키가 짝이 맞는지, 중간에서 내용을 바꾸는 것이 없는지 확인하세요.',
    ),
  },
  access_denied: {
    name: { en: 'not admitted', ko: '접속 불허' },
    because: (facts) => ({
      en: `${refuser(facts).en} found the certificate valid, and does not admit its holder${inBrackets(subjectOf(facts))}`,
      ko: `${refuser(facts).ko} 인증서가 유효하다고 보았지만 그 소유자${bracketed(subjectOf(facts))}의 접속을 허용하지 않습니다.`,
    }),
    remedy: ifItBelongs('add it to the list of those who are admitted', '허용 목록에 추가하세요.'),
  },
  protocol_error: {
    name: { en: 'protocol error', ko: '프로토콜 오류' },
    because: (facts) => ({
      en: `${refuser(facts).en} could not read what ${others(facts).en} sent, or may not accept it at that place${facts.alert ? `: ${alertMeaning(facts.alert.code).en}` : ''}`,
      ko: `${refuser(facts).ko} ${others(facts).ko} 쪽이 보낸 내용을 해석할 수 없거나 그 단계에서 받아들일 수 없습니다.${facts.alert ? ` ${alertMeaning(facts.alert.code).ko}` : ''}`,
    }),
    remedy: always(
      'update both programs, and look for what stands between them: an old middlebox is a usual cause',
      '양쪽 프로그램을 업데이트하고, 중간에 오래된 장비가 있는지 확인하세요.',
    ),
  },
  internal_error: {
    name: { en: 'internal error', ko: '내부 오류' },
    because: (facts) => ({
      en: `something failed inside ${refuser(facts).en} that has nothing to do with the other side`,
      ko: `${refuser(facts).ko} 상대와 무관한 내부 오류로 연결을 끊었습니다.`,
    }),
    remedy: readItsLog,
  },
  user_canceled: {
    name: { en: 'canceled', ko: '취소됨' },
    because: (facts) => ({ en: `${refuser(facts).en} broke the handshake off because its user canceled it`, ko: `${refuser(facts).ko} 사용자의 취소로 핸드셰이크를 중단했습니다.` }),
    remedy: always('ask whoever sat there; nothing is known to be wrong', '그쪽 사용자에게 확인하세요. 잘못된 것은 없습니다.'),
  },
  unknown_psk: {
    name: { en: 'unknown pre-shared key', ko: '알 수 없는 사전 공유 키' },
    because: always('the server does not know the pre-shared key that the client named', '클라이언트가 지정한 사전 공유 키를 서버가 모릅니다.'),
    remedy: always('compare identity and key on both sides', '양쪽의 식별자와 키를 비교하세요.'),
  },
  other_alert: {
    name: { en: 'refused by alert', ko: '알림으로 거부됨' },
    because: (facts) => ({
      en: `${refuser(facts).en} refused${facts.alert ? ` with the alert ${facts.alert.description} (${facts.alert.code}): ${alertMeaning(facts.alert.code).en}` : ''}`,
      ko: `${refuser(facts).ko} 연결을 거부했습니다.${facts.alert ? ` 알림(Alert): ${facts.alert.description}(${facts.alert.code}). ${alertMeaning(facts.alert.code).ko}` : ''}`,
    }),
    remedy: readItsLog,
  },
  sealed_alert: {
    name: { en: 'refused, reason sealed', ko: '거부됨, 이유는 암호화됨' },
    because: (facts) => ({
      en: `${refuser(facts).en} answered with one sealed record of the size of an alert, and the connection ended; what it says is sealed`,
      ko: `${refuser(facts).ko} 알림(Alert) 크기의 암호화된 레코드 하나로 답했고 연결이 끝났습니다. 그 내용은 암호화되어 있습니다.`,
    }),
    remedy: always(
      'capture once more with a key log (SSLKEYLOGFILE) to read it, or read the log of the side that refused',
      '키 로그(SSLKEYLOGFILE)와 함께 다시 캡처하면 읽을 수 있습니다. 또는 거부한 쪽 로그를 확인하세요.',
    ),
  },
  nothing_listens: {
    name: { en: 'nothing listens there', ko: '연결을 받는 프로그램 없음' },
    because: always('nothing listens on that address and port: the first packet (SYN) was answered with a reset (RST)', '그 주소와 포트에서 연결을 받는 프로그램이 없습니다. 첫 패킷(SYN)에 재설정(RST)으로 답했습니다.'),
    remedy: always(
      'check that the server runs, and on which address and port it listens; a firewall can answer like this too',
      '서버가 실행 중인지, 어떤 주소와 포트에서 연결을 받는지 확인하세요. 방화벽이 이렇게 답하기도 합니다.',
    ),
  },
  unanswered: {
    name: { en: 'nobody answers there', ko: '그 주소에서 아무도 답하지 않음' },
    because: always(
      'the first packet (SYN) was sent again and again, and nobody answered: the machine is off, the address is wrong, or a firewall drops it without a word',
      '첫 패킷(SYN)을 여러 번 보냈지만 아무 응답이 없습니다. 서버가 꺼져 있거나, 주소가 틀렸거나, 방화벽이 말없이 버리고 있습니다.',
    ),
    remedy: always('check the address, then the firewalls on the way; a capture at the server shows how far the packet comes', '주소를 확인한 뒤 중간의 방화벽을 살펴보세요. 서버 쪽에서도 캡처하면 패킷이 어디까지 오는지 알 수 있습니다.'),
  },
  no_reply: {
    name: { en: 'the server said nothing', ko: '서버가 아무 답도 하지 않음' },
    because: (facts) => ({
      en: `${refuser(facts).en} took what was sent, answered nothing, and the connection ended`,
      ko: `${refuser(facts).ko} 받은 내용에 아무 답도 하지 않았고, 연결이 끝났습니다.`,
    }),
    remedy: always('check that both sides mean the same protocol on this port; the log of the silent side knows more', '양쪽이 이 포트에서 같은 프로토콜을 쓰는지 확인하세요. 답하지 않은 쪽 로그에 더 나와 있을 것입니다.'),
  },
};
