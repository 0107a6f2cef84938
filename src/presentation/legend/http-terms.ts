/** HTTP as it stands on a screen: requests, answers and header fields. */
import { word } from './term.ts';
import type { Term } from './term.ts';

export const httpTerms: readonly Term[] = [
  {
    id: 'http.post',
    found: /(?<![\w-])POST(?![\w-])/d,
    name: { en: 'POST', ko: 'POST' },
    meaning: {
      en: 'a request that sends something, such as a filled-in form',
      ko: '작성한 폼처럼 무엇인가를 보내는 요청입니다.',
    },
  },
  {
    id: 'http.get',
    found: /(?<![\w-])GET(?![\w-])/d,
    name: { en: 'GET', ko: 'GET' },
    meaning: { en: 'a request for content', ko: '내용을 달라는 요청입니다.' },
  },
  {
    id: 'http.change',
    found: word('PUT|PATCH'),
    meaning: { en: 'a request that changes what is there', ko: '있는 것을 바꾸는 요청입니다.' },
  },
  {
    id: 'http.delete',
    found: word('DELETE'),
    meaning: { en: 'a request to delete something', ko: '지워 달라는 요청입니다.' },
  },
  {
    id: 'http.connect',
    found: word('CONNECT'),
    meaning: {
      en: 'a request to a proxy for a tunnel: from then on it passes bytes on unread',
      ko: '프록시에 터널을 요청합니다. 그 뒤로 프록시는 바이트를 그대로 넘깁니다.',
    },
  },
  {
    id: 'http.status',
    found: /(?:→|->) (\d{3})(?!\d)|\S (→|->)(?=\s*(?:…|$))/d,
    name: { en: '→ 403', ko: '→ 403' },
    meaning: {
      en: 'the status of the answer: 2.. done, 401 who are you?, 403 not allowed, 404 not there, 409 in conflict, 5.. failed',
      ko: '응답의 상태 코드입니다. 2xx 처리됨, 401 누구인지 모름, 403 권한 없음, 404 없음, 409 충돌, 5xx 실패.',
    },
  },
  {
    id: 'http.302',
    found: /302(?: Found)?(?!\w)/d,
    meaning: {
      en: 'the answer “go on to another page”: after a login it means that you are in',
      ko: '다른 페이지로 가라는 응답입니다. 로그인 뒤에는 들어왔다는 뜻입니다.',
    },
  },
  {
    id: 'http.200',
    found: /(?<!\w)200 OK/d,
    meaning: { en: 'the answer “here it is”', ko: '요청한 것을 보낸다는 응답입니다.' },
  },
  {
    id: 'http.form',
    found: /(?<!\w)form(?=[.,:]|\s|$)|(?:^|[\s│])폼|x-www-form-/d,
    name: { en: 'form', ko: '폼' },
    meaning: {
      en: 'the boxes that you fill in on a page; they travel as name=value, joined by &',
      ko: '페이지에서 채워 넣는 칸입니다. 이름=값을 &로 이어 보냅니다.',
    },
  },
  {
    id: 'http.keep-alive',
    found: word('keep-alive'),
    meaning: {
      en: 'the connection stays open for the next request',
      ko: '다음 요청을 위해 연결을 열어 둡니다.',
    },
  },
  {
    id: 'http.forwarded',
    found: /(?<!\w)X-Forwarded-\w+/d,
    name: { en: 'X-Forwarded-…', ko: 'X-Forwarded-…' },
    meaning: {
      en: 'written by the proxy: from whom and over what the request came, which the server behind cannot see itself',
      ko: '프록시가 적어 넣습니다. 뒤의 서버가 볼 수 없는, 요청이 누구에게서 어떻게 왔는지입니다.',
    },
  },
  {
    id: 'http.content-length',
    found: word('Content-Length'),
    meaning: {
      en: 'how many bytes follow after the blank line',
      ko: '빈 줄 다음에 오는 내용의 바이트 수입니다.',
    },
  },
  {
    id: 'http.set-cookie',
    found: word('Set-Cookie'),
    meaning: {
      en: 'the browser is to send this back with every request: whoever has it is taken for you',
      ko: '브라우저가 앞으로 모든 요청에 함께 보낼 값입니다. 이것을 가진 사람은 본인으로 여겨집니다.',
    },
  },
  {
    id: 'http.bearer',
    found: word('Bearer'),
    meaning: {
      en: 'a token in place of a password: whoever bears it is let in',
      ko: '비밀번호 대신 쓰는 토큰입니다. 가진 사람은 누구나 들어갈 수 있습니다.',
    },
  },
];
