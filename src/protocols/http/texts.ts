/**
 * Explains the fields of HTTP to beginners. Loaded for an explanation, never at start. Fields without a text of their
 * own are explained by the nearest parent with one.
 */
import type { FieldText } from '../text.ts';

export const explainedHttpFields = [
  'http.request',
  'http.request.method',
  'http.request.target',
  'http.request.version',
  'http.request.header',
  'http.request.header.name',
  'http.request.header.value',
  'http.request.body',
  'http.request.opened_body',
  'http.request.form',
  'http.request.form.field',
  'http.request.form.name',
  'http.request.form.value',
  'http.response',
  'http.response.version',
  'http.response.status',
  'http.response.reason',
  'http.response.header',
  'http.response.header.name',
  'http.response.header.value',
  'http.response.body',
  'http.response.opened_body',
  'http.response.body.chunk',
  'http.response.body.chunk.size',
  'http.syntax',
  'http.opaque',
] as const;
export type ExplainedHttpId = (typeof explainedHttpFields)[number];

/** What is surprising about a value; the ids of remarks. */
export const httpRemarks = [
  'http.body.bomb',
  'http.body.damaged',
  'http.body.unknown_coding',
  'http.body.unsupported',
] as const;

export const httpTexts: Readonly<Record<ExplainedHttpId | (typeof httpRemarks)[number], FieldText>> = {
  'http.request.opened_body': {
    name: { en: 'body, opened', ko: '압축을 푼 본문' },
    meaning: {
      en: 'What the sender had before it compressed the body. Compression hides nothing: everybody can open it.',
      ko: '보낸 쪽이 압축하기 전의 본문입니다. 압축은 아무것도 숨기지 못하며 누구나 풀 수 있습니다.',
    },
    source: 'RFC 9110 section 8.4',
  },
  'http.response.opened_body': {
    name: { en: 'body, opened', ko: '압축을 푼 본문' },
    meaning: {
      en: 'What the sender had before it compressed the body. Compression hides nothing: everybody can open it.',
      ko: '보낸 쪽이 압축하기 전의 본문입니다. 압축은 아무것도 숨기지 못하며 누구나 풀 수 있습니다.',
    },
    source: 'RFC 9110 section 8.4',
  },
  'http.body.bomb': {
    name: { en: 'decompression bomb', ko: '압축 폭탄' },
    meaning: {
      en: 'It would open into far more bytes than it has, as a decompression bomb does, and stays shut.',
      ko: '풀면 크기가 지나치게 커지므로 열지 않았습니다. 압축 폭탄일 수 있습니다.',
    },
    source: 'RFC 9110 section 8.4',
  },
  'http.body.damaged': {
    name: { en: 'not compressed as it says', ko: '압축 형식이 다름' },
    meaning: {
      en: 'It is not what its Content-Encoding says, or it is damaged.',
      ko: 'Content-Encoding에 적힌 형식이 아니거나 손상되었습니다.',
    },
    source: 'RFC 9110 section 8.4',
  },
  'http.body.unknown_coding': {
    name: { en: 'unknown compression', ko: '알 수 없는 압축' },
    meaning: {
      en: 'It is compressed in a way that is not opened here.',
      ko: '여기서는 풀지 않는 방식으로 압축되었습니다.',
    },
    source: 'RFC 9110 section 8.4.1',
  },
  'http.body.unsupported': {
    name: { en: 'not opened here', ko: '여기서는 열 수 없음' },
    meaning: {
      en: 'This version of Node cannot open zstd; Node 22.15 or later can.',
      ko: '지금의 Node 버전은 zstd를 열지 못합니다. Node 22.15 이상이면 열 수 있습니다.',
    },
    source: 'RFC 8878 section 7.2',
  },
  'http.request': {
    name: { en: 'request', ko: '요청' },
    meaning: {
      en: 'What the client asks for. HTTP is text: without TLS around it, everybody on the way reads it as it stands.',
      ko: '클라이언트가 요구하는 내용입니다. HTTP는 텍스트이므로 TLS로 감싸지 않으면 중간의 누구나 그대로 읽을 수 있습니다.',
    },
    source: 'RFC 9112 section 3',
  },
  'http.request.method': {
    name: { en: 'method', ko: '메서드' },
    meaning: {
      en: 'What is to be done: GET fetches, POST sends something, such as a login.',
      ko: '무엇을 할지 나타냅니다. GET은 가져오고, POST는 로그인 같은 내용을 보냅니다.',
    },
    source: 'RFC 9110 section 9',
  },
  'http.request.target': {
    name: { en: 'target', ko: '요청 대상' },
    meaning: {
      en: 'Which page. What stands behind a question mark is written into the logs of every server and proxy on the way: no place for secrets.',
      ko: '어떤 페이지인지 나타냅니다. 물음표 뒤의 내용은 거쳐 가는 서버와 프록시의 로그에 모두 남으므로 비밀을 넣을 곳이 아닙니다.',
    },
    source: 'RFC 9112 section 3.2',
  },
  'http.request.version': {
    name: { en: 'HTTP version', ko: 'HTTP 버전' },
    meaning: { en: 'The version that the client speaks.', ko: '클라이언트가 쓰는 버전입니다.' },
    source: 'RFC 9112 section 2.3',
  },
  'http.request.header': {
    name: { en: 'header', ko: '헤더' },
    meaning: {
      en: 'One line of information about the request: for whom it is, what the body is, who is asking.',
      ko: '요청에 관한 정보 한 줄입니다. 누구에게 보내는지, 본문이 무엇인지, 누가 요청하는지를 담습니다.',
    },
    source: 'RFC 9112 section 5',
  },
  'http.request.header.name': {
    name: { en: 'header name', ko: '헤더 이름' },
    meaning: {
      en: 'Which piece of information; capitals make no difference.',
      ko: '어떤 정보인지 나타내며 대소문자는 구별하지 않습니다.',
    },
    source: 'RFC 9110 section 5.1',
  },
  'http.request.header.value': {
    name: { en: 'header value', ko: '헤더 값' },
    meaning: {
      en: 'The information itself. In a Cookie or an Authorization header it is as good as a password: whoever copies it is logged in.',
      ko: '정보의 내용입니다. Cookie나 Authorization 헤더의 값은 비밀번호나 다름없어서, 복사한 사람은 그대로 로그인한 상태가 됩니다.',
    },
    source: 'RFC 9110 section 5.5',
  },
  'http.request.body': {
    name: { en: 'body', ko: '본문' },
    meaning: {
      en: 'What the client sends along: a form, a file, JSON.',
      ko: '클라이언트가 함께 보내는 내용으로 폼, 파일, JSON 등입니다.',
    },
    source: 'RFC 9112 section 6',
  },
  'http.request.form': {
    name: { en: 'form', ko: '폼' },
    meaning: {
      en: 'What was typed into the page, as name=value pairs joined by &. That is a way to write it down, not encryption.',
      ko: '페이지에 입력한 내용을 이름=값의 쌍으로 적어 &로 이은 것입니다. 적는 방식일 뿐 암호화가 아닙니다.',
    },
    source: 'WHATWG URL section 5.1',
  },
  'http.request.form.field': {
    name: { en: 'form field', ko: '폼 필드' },
    meaning: { en: 'One box of the form.', ko: '폼의 입력란 하나입니다.' },
    source: 'WHATWG URL section 5.1',
  },
  'http.request.form.name': {
    name: { en: 'field name', ko: '필드 이름' },
    meaning: {
      en: 'Which box; it tells an eavesdropper what to look for.',
      ko: '어느 입력란인지 나타냅니다. 도청자에게는 무엇을 찾으면 되는지 알려 주는 셈입니다.',
    },
    source: 'WHATWG URL section 5.1',
  },
  'http.request.form.value': {
    name: { en: 'field value', ko: '필드 값' },
    meaning: {
      en: 'Exactly as it was typed; only signs such as & or spaces are written as %26 or +. Whoever holds this wire reads it: the access point, the provider, anyone on an open Wi-Fi.',
      ko: '입력한 그대로입니다. &나 공백 같은 기호만 %26이나 +로 바꿔 적습니다. 이 구간을 볼 수 있으면 누구나 읽습니다. 공유기도, 통신사도, 공개 와이파이에 접속한 누구라도 마찬가지입니다.',
    },
    source: 'WHATWG URL section 5.1',
  },
  'http.response': {
    name: { en: 'response', ko: '응답' },
    meaning: { en: 'What the server answers.', ko: '서버가 보내는 답입니다.' },
    source: 'RFC 9112 section 4',
  },
  'http.response.version': {
    name: { en: 'HTTP version', ko: 'HTTP 버전' },
    meaning: { en: 'The version that the server speaks.', ko: '서버가 쓰는 버전입니다.' },
    source: 'RFC 9112 section 2.3',
  },
  'http.response.status': {
    name: { en: 'status', ko: '상태 코드' },
    meaning: {
      en: "How it went: 2xx done, 3xx look elsewhere, 4xx the client's mistake (403: not allowed), 5xx the server's.",
      ko: '결과입니다. 2xx는 성공, 3xx는 다른 곳으로 이동, 4xx는 클라이언트 쪽 문제(403은 허용되지 않음), 5xx는 서버 쪽 문제입니다.',
    },
    source: 'RFC 9110 section 15',
  },
  'http.response.reason': {
    name: { en: 'reason phrase', ko: '사유 문구' },
    meaning: {
      en: 'The status in words, for people only.',
      ko: '상태를 말로 적은 것으로, 사람이 읽기 위한 것입니다.',
    },
    source: 'RFC 9112 section 4',
  },
  'http.response.header': {
    name: { en: 'header', ko: '헤더' },
    meaning: { en: 'One line of information about the response.', ko: '응답에 관한 정보 한 줄입니다.' },
    source: 'RFC 9112 section 5',
  },
  'http.response.header.name': {
    name: { en: 'header name', ko: '헤더 이름' },
    meaning: {
      en: 'Which piece of information; capitals make no difference.',
      ko: '어떤 정보인지 나타내며 대소문자는 구별하지 않습니다.',
    },
    source: 'RFC 9110 section 5.1',
  },
  'http.response.header.value': {
    name: { en: 'header value', ko: '헤더 값' },
    meaning: {
      en: 'The information itself. A Set-Cookie header carries the key to the session: whoever reads it can take the session over.',
      ko: '정보의 내용입니다. Set-Cookie 헤더에는 세션의 열쇠가 담겨 있어, 읽은 사람은 그 세션을 가로챌 수 있습니다.',
    },
    source: 'RFC 9110 section 5.5',
  },
  'http.response.body': {
    name: { en: 'body', ko: '본문' },
    meaning: {
      en: 'The page, the picture, the data that was asked for.',
      ko: '요청한 페이지, 그림, 데이터입니다.',
    },
    source: 'RFC 9112 section 6',
  },
  'http.response.body.chunk': {
    name: { en: 'chunk', ko: '청크' },
    meaning: {
      en: 'A piece of a body whose length was not known when the answer began; an empty one ends it.',
      ko: '응답을 시작할 때 길이를 몰랐던 본문의 한 조각입니다. 빈 조각이 오면 끝납니다.',
    },
    source: 'RFC 9112 section 7.1',
  },
  'http.response.body.chunk.size': {
    name: { en: 'chunk size', ko: '청크 크기' },
    meaning: {
      en: 'How many bytes the chunk has, in hex.',
      ko: '이 조각의 바이트 수이며 16진수로 적습니다.',
    },
    source: 'RFC 9112 section 7.1',
  },
  'http.syntax': {
    name: { en: 'punctuation', ko: '구분 문자' },
    meaning: {
      en: 'Spaces, colons and line ends that keep the parts apart.',
      ko: '각 부분을 나누는 공백, 콜론, 줄 바꿈입니다.',
    },
    source: 'RFC 9112 section 2',
  },
  'http.opaque': {
    name: { en: 'other bytes', ko: '그 밖의 바이트' },
    meaning: {
      en: 'No HTTP any more: another protocol, or what follows something malformed.',
      ko: '더는 HTTP가 아닙니다. 다른 프로토콜이거나, 형식이 잘못된 메시지 뒤에 이어진 내용입니다.',
    },
  },
};
