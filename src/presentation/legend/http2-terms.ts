/** HTTP/2 and gRPC as they stand on a screen: frames by their names, streams, trailers, the status of a call. */
import { word } from './term.ts';
import type { Term } from './term.ts';

const term = (id: string, found: RegExp, en: string, ko: string): Term => ({
  id,
  found,
  meaning: { en, ko },
});

export const http2Terms: readonly Term[] = [
  term(
    'http2.preface',
    /(HTTP\/2 preface)|(HTTP\/2 시작)/d,
    'what a client of HTTP/2 sends first, so that a server of HTTP/1.1 notices at once',
    'HTTP/2 클라이언트가 맨 먼저 보내는 문구로, HTTP/1.1 서버라면 바로 알아차립니다.',
  ),
  term(
    'http2.stream',
    /(?<![\w-])(?:(?<!last )(stream) \d+)|(?<!마지막 )(스트림) \d+/d,
    'one request and its response; many share a connection of HTTP/2, told apart by this number',
    '요청 하나와 그 응답입니다. HTTP/2에서는 여럿이 한 연결을 함께 쓰며 이 번호로 구분합니다.',
  ),
  term(
    'http2.settings',
    word('SETTINGS(?: ACK)?'),
    'a frame of HTTP/2: what its sender can receive; the other side acknowledges it (ACK)',
    'HTTP/2 프레임: 보낸 쪽이 받을 수 있는 조건입니다. 상대는 ACK로 확인합니다.',
  ),
  term(
    'http2.window_update',
    word('WINDOW_UPDATE'),
    'a frame of HTTP/2: so many bytes more may be sent',
    'HTTP/2 프레임: 이만큼 더 보내도 된다는 뜻입니다.',
  ),
  term(
    'http2.rst_stream',
    word('RST_STREAM'),
    'a frame of HTTP/2 that breaks off one request, and says why',
    'HTTP/2 프레임: 요청 하나를 중단하고 이유를 알립니다.',
  ),
  term(
    'http2.goaway',
    word('GOAWAY'),
    'a frame of HTTP/2 that ends the connection: no new request is taken, and the reason',
    'HTTP/2 프레임: 연결을 끝내며 새 요청은 받지 않는다고 이유와 함께 알립니다.',
  ),
  term(
    'http2.ping',
    word('PING(?: ACK)?'),
    'a frame of HTTP/2 that asks whether the other side is still there; the answer is an ACK',
    'HTTP/2 프레임: 상대가 살아 있는지 묻습니다. 답은 ACK입니다.',
  ),
  term(
    'http2.push_promise',
    word('PUSH_PROMISE'),
    'a frame of HTTP/2 with which a server announces a response that nobody asked for',
    'HTTP/2 프레임: 요청하지 않은 응답을 서버가 미리 보내겠다고 알립니다.',
  ),
  term(
    'http2.continuation',
    word('CONTINUATION'),
    'a frame of HTTP/2 with more of the headers',
    'HTTP/2 프레임: 이어지는 헤더입니다.',
  ),
  term(
    'http2.trailers',
    word('trailers', '트레일러'),
    'headers behind the body; gRPC says there how the call went',
    '본문 뒤에 오는 헤더입니다. gRPC는 호출의 결과를 여기에 적습니다.',
  ),
];
