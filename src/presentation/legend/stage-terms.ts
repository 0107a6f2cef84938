/** Who and what takes part in a demonstration, and the words of its claims. */
import type { Localized } from '../../i18n/language.ts';
import { word } from './term.ts';
import type { Term } from './term.ts';

/** After the name of a proxy. */
const proxyKinds: Readonly<Record<string, Localized>> = {
  plaintext: {
    en: 'a proxy with its name: plaintext, it speaks without TLS to its clients',
    ko: '프록시와 그 이름입니다. plaintext: 클라이언트와 TLS 없이 통신합니다.',
  },
  tls: {
    en: 'a proxy with its name: tls, clients reach it over TLS, which ends here; it reads what they send and passes it on',
    ko: '프록시와 그 이름입니다. tls: 클라이언트의 TLS가 여기서 끝나고, 읽은 내용을 다음으로 전달합니다.',
  },
  mtls: {
    en: 'a proxy with its name: mtls, it also asks its clients for a certificate, and turns away those without a good one',
    ko: '프록시와 그 이름입니다. mtls: 클라이언트에게도 인증서를 요구하고, 맞지 않으면 거부합니다.',
  },
  passthrough: {
    en: 'a proxy with its name: passthrough, it passes bytes on unread and sees what an eavesdropper sees',
    ko: '프록시와 그 이름입니다. passthrough: 바이트를 그대로 넘기며, 도청자와 같은 것만 봅니다.',
  },
  connect: {
    en: 'a proxy with its name: connect, clients ask it for a tunnel to the target',
    ko: '프록시와 그 이름입니다. connect: 클라이언트가 목적지까지 터널을 요청합니다.',
  },
};

export const stageTerms: readonly Term[] = [
  {
    id: 'stage.wire',
    found: /[─═·=.-](\[[A-Z0-9][^\]]{0,40}\])[─═·=.-]/d,
    meaning: {
      en: 'a wire with its letter, and who could listen there',
      ko: '구간과 그 이름, 그리고 그곳에서 엿들을 수 있는 사람입니다.',
    },
  },
  {
    id: 'stage.http',
    found: /[─-]{1,2}(http)[─-]{1,2}\[/d,
    meaning: {
      en: 'the language of the web, unencrypted on this wire',
      ko: '웹에서 쓰는 프로토콜입니다. 이 구간에서는 암호화되지 않습니다.',
    },
  },
  {
    id: 'stage.https',
    found: /[─-]{1,2}(https)[─-]{1,2}\[/d,
    meaning: {
      en: 'HTTP inside TLS: encrypted, and the server shows a certificate',
      ko: 'TLS 안의 HTTP입니다. 암호화되며 서버가 인증서를 제시합니다.',
    },
  },
  {
    id: 'stage.mtls',
    found: /[─-]{1,2}(mtls)[─-]{1,2}\[/d,
    meaning: {
      en: 'mutual TLS: encrypted, and both sides show a certificate',
      ko: '상호 TLS입니다. 암호화되며 양쪽이 모두 인증서를 제시합니다.',
    },
  },
  {
    id: 'stage.proxy',
    found: /([\w-]+: (?:plaintext|tls|mtls|passthrough|connect))(?= [─-]|\s*$)/d,
    meaning: (found) => proxyKinds[found.split(': ')[1] ?? ''],
  },
  {
    id: 'stage.rrn',
    found: /(?<!\w)(rrn)(?!\w)/d,
    meaning: {
      en: 'resident registration number: the national identity number of Korea. Ours is made up',
      ko: '주민등록번호(resident registration number)입니다. 여기 쓰인 번호는 지어낸 것입니다.',
    },
  },
  {
    id: 'stage.proxy-word',
    found: word('proxy', '프록시'),
    meaning: {
      en: 'a program between client and server that takes connections and makes its own onwards',
      ko: '클라이언트와 서버 사이에서 연결을 받아 다시 연결하는 프로그램입니다.',
    },
  },
  {
    id: 'stage.eavesdropper',
    found: word('eavesdropper|sniffer', '도청자'),
    meaning: {
      en: 'somebody who records what passes over a wire, and changes nothing',
      ko: '구간을 지나는 것을 기록하기만 하고 바꾸지는 않는 사람입니다.',
    },
  },
  {
    id: 'stage.access-point',
    found: word('access points?', '공유기'),
    meaning: {
      en: 'the box that makes the Wi-Fi: everything that you send over it passes through it',
      ko: '와이파이를 만드는 장치입니다. 와이파이로 보내는 것은 모두 이 장치를 지납니다.',
    },
  },
  {
    id: 'stage.load-balancer',
    found: word('load balancers?', '로드 밸런서'),
    meaning: {
      en: 'a proxy that shares the connections among several servers',
      ko: '연결을 여러 서버에 나누어 주는 프록시입니다.',
    },
  },
  {
    id: 'stage.gateway',
    found: word('gateways?', '게이트웨이'),
    meaning: {
      en: 'a proxy at the entrance of a network',
      ko: '네트워크 입구에 있는 프록시입니다.',
    },
  },
  {
    id: 'stage.loopback',
    found: word('loopback', '루프백'),
    meaning: {
      en: 'the network inside one machine: nothing leaves the computer',
      ko: '한 컴퓨터 안의 네트워크입니다. 밖으로 나가는 것은 없습니다.',
    },
  },
  {
    id: 'stage.tap',
    found: word('taps?', '탭|도청 지점'),
    meaning: {
      en: 'a place where the bytes are copied for the recording, without changing them',
      ko: '바이트를 바꾸지 않고 기록용으로 복사하는 지점입니다.',
    },
  },
  {
    id: 'stage.claims',
    found: word('claims?(?= proven| of|,|\\.|$)|claims', '주장'),
    meaning: {
      en: 'a sentence of the demonstration that was checked against what was recorded',
      ko: '시연이 말하는 내용 하나하나입니다. 기록과 대조해 확인합니다.',
    },
  },
  {
    id: 'stage.not-shown',
    found: word('NOT SHOWN', '확인되지 않음'),
    meaning: {
      en: 'this run did not show what the step is about; the claims say what was missing',
      ko: '이번 실행에서는 이 단계의 내용이 확인되지 않았습니다. 빠진 것은 주장 목록에 있습니다.',
    },
  },
  {
    id: 'stage.not-true',
    found: word('NOT TRUE', '성립하지 않음'),
    meaning: {
      en: 'the recording contradicts this claim',
      ko: '기록이 이 주장과 어긋납니다.',
    },
  },
  {
    id: 'stage.not-observed',
    found: word('NOT OBSERVED', '관찰되지 않음'),
    meaning: {
      en: 'the recording has nothing by which this claim could be judged',
      ko: '이 주장을 판정할 기록이 없습니다.',
    },
  },
  {
    id: 'stage.encodings',
    found: word('encodings tried', '인코딩 \\d+가지'),
    meaning: {
      en: 'ways to write the secret (as it is, base64, percent-encoded, hexadecimal …): the recording was searched for each',
      ko: '비밀을 적는 방법(그대로, base64, 퍼센트 인코딩, 16진수 등)의 수입니다. 기록에서 하나하나 찾아보았습니다.',
    },
  },
  {
    id: 'stage.seen-at-server',
    found:
      /seen at the server|; ((?:it|both|all) reached \S+|(?:both |all )?(?:in TLS at|readable on wire) \S+)|서버에는 도착함|없음, (.+에(?:는 (?:모두 )?도착|서는 (?:모두 )?평문))|(?<=없음, .+의 )TLS 안에 있음/d,
    meaning: {
      en: 'the secret was sent: that it is not found on this wire is not because nobody sent it',
      ko: '비밀은 실제로 전송되었습니다. 이 구간에서 찾지 못한 것은 보내지 않았기 때문이 아닙니다.',
    },
  },
  {
    id: 'stage.vantage',
    found: word('client sent', '클라이언트 전송'),
    meaning: {
      en: 'what the client’s program handed to the network; “server got” is what came out at the other end, after all proxies',
      ko: '클라이언트 프로그램이 네트워크에 넘긴 내용입니다. “서버 수신”은 프록시를 모두 지나 반대쪽 끝에 나온 내용입니다.',
    },
  },
  {
    id: 'stage.hold',
    found: /(?<!\S)(--hold)/d,
    meaning: {
      en: 'an option of ./wirelab run: everything stays up at the end, so that you can try it yourself',
      ko: './wirelab run의 옵션입니다. 끝난 뒤에도 모두 열려 있어 직접 해 볼 수 있습니다.',
    },
  },
  {
    id: 'stage.kept',
    found: /(?:sealed|clear|-|암호문|평문) +(kept|미전송)\s*$/d,
    meaning: {
      en: 'login: the client had not sent its login yet when it was refused',
      ko: '로그인: 거부될 때까지 클라이언트가 로그인 정보를 보내지 않았습니다.',
    },
  },
  {
    id: 'stage.sent',
    found: /(?:sealed|clear|-|암호문|평문) +(sent|전송됨)\s*$/d,
    meaning: {
      en: 'login: the client had already sent its login, encrypted, when it heard of the refusal',
      ko: '로그인: 클라이언트가 거부 사실을 알기 전에 로그인 정보를 이미 암호화해 보냈습니다.',
    },
  },
  {
    id: 'stage.no-alert',
    found: /\s(-) +(?:kept|sent|미전송|전송됨)\s*$/d,
    meaning: {
      en: 'wire: no alert was sent, the connection was just closed',
      ko: '구간: 알림을 보내지 않고 연결만 닫았습니다.',
    },
  },
  {
    id: 'stage.clear',
    found: /\s(clear|평문) +(?:kept|sent|미전송|전송됨)\s*$/d,
    meaning: {
      en: 'wire: the alert passed unencrypted, so that an eavesdropper reads why',
      ko: '구간: 알림이 암호화되지 않아 도청자도 거부한 이유를 읽습니다.',
    },
  },
];
