/** Terms of the list of connections. Each is recognised by the row that it stands in: elsewhere its marks mean something else. */
import type { Term } from './term.ts';

export const listTerms: readonly Term[] = [
  {
    id: 'list.number',
    found: /^[> ][* ] +(#(?:udp )?\d+) /d,
    meaning: {
      en: "the connection's number, from 0, as Wireshark counts it: tcp.stream, and udp.stream for UDP",
      ko: '연결 번호입니다. Wireshark처럼 0부터 세며, TCP는 tcp.stream, UDP는 udp.stream과 같습니다.',
    },
  },
  {
    id: 'list.here',
    found: /^[> ](\*) +#/d,
    meaning: {
      en: 'the connection that is shown behind this list',
      ko: '목록을 열기 전에 보던 연결입니다.',
    },
  },
  {
    id: 'list.readable',
    found: /^[> ][* ] +#\d.*(! (?:readable|노출))/d,
    meaning: {
      en: 'a password or another secret could be read on the wire',
      ko: '구간에서 비밀번호 같은 비밀 정보를 읽을 수 있었습니다.',
    },
  },
  {
    id: 'list.plaintext',
    found: /^[> ][* ] +#\d.*(?<!! )(?<![^ ])(readable|평문)(?: |$)/d,
    meaning: {
      en: 'what was sent could be read on the wire: it was not encrypted',
      ko: '암호화되지 않아 구간에서 내용을 읽을 수 있었습니다.',
    },
  },
  {
    id: 'list.failed',
    found: /^[> ][* ] +#\d.*([✗X]) \S/d,
    meaning: {
      en: 'the connection failed; the words behind it say why',
      ko: '실패한 연결입니다. 뒤에 원인이 있습니다.',
    },
  },
  {
    id: 'list.completed',
    found: /^[> ][* ] +#\d.*(?<![^ ])([✓+]) \S/d,
    meaning: {
      en: 'the connection ended as it should',
      ko: '정상적으로 끝난 연결입니다.',
    },
  },
  {
    id: 'list.bytes',
    found: /((?:→|->) ?\/ ?(?:←|<-) (?:bytes|바이트))/d,
    meaning: {
      en: 'payload that the client sent / that the server sent; k: thousand, M: million',
      ko: '클라이언트가 보낸 크기 / 서버가 보낸 크기. k는 천, M은 백만입니다.',
    },
  },
  {
    id: 'list.latency',
    found: /(?:(?:bytes|바이트) +|^ +)(latency|지연)/d,
    meaning: {
      en: 'from the last byte of a request to the first of its response; of the slowest one',
      ko: '요청의 마지막 바이트부터 응답의 첫 바이트까지 걸린 시간. 가장 느린 요청의 값입니다.',
    },
  },
  {
    id: 'list.duration',
    found: /^ +(duration|지속 시간) /d,
    meaning: {
      en: 'from the opening of the connection to its end; of an open one until now',
      ko: '연결이 열린 때부터 닫힐 때까지의 시간. 열려 있는 연결은 지금까지의 시간입니다.',
    },
  },
  {
    id: 'list.order',
    found:
      /, (by (?:duration, longest|bytes, most|latency, slowest) first|by name|(?:지속 시간이 긴|바이트가 많은|지연이 큰) 순|이름순)/d,
    meaning: {
      en: 'the order of the list; s goes through all of them',
      ko: '목록의 정렬 기준. s를 누르면 차례로 바뀝니다.',
    },
  },
  {
    id: 'list.waited',
    found: /^[> ][* ] +#\d.* (\d[\d.]* (?:[µu]s|ms|s)) *$/d,
    meaning: {
      en: 'latency: from the last byte of a request to the first of its response; of the slowest one',
      ko: '지연: 요청의 마지막 바이트부터 응답의 첫 바이트까지 걸린 시간. 가장 느린 요청의 값입니다.',
    },
  },
];
