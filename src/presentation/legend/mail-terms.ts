/** Words of protocols of lines: the commands and answers of SMTP (RFC 5321), and those of Redis that it shares. */
import { word } from './term.ts';
import type { Term } from './term.ts';

export const mailTerms: readonly Term[] = [
  {
    id: 'lines.smtp',
    found: /(?<![\w-])(SMTP)(?![A-Za-z])/d,
    meaning: {
      en: 'the protocol with which mail is handed over, in lines of text',
      ko: '메일을 넘기는 프로토콜입니다. 텍스트 줄을 주고받습니다.',
    },
  },
  {
    id: 'lines.esmtp',
    found: word('ESMTP'),
    meaning: {
      en: 'the server’s greeting: SMTP with extensions, of which STARTTLS is one',
      ko: '서버의 인사말입니다. STARTTLS 같은 확장을 쓸 수 있는 SMTP라는 뜻입니다.',
    },
  },
  {
    id: 'lines.ehlo',
    found: word('EHLO'),
    meaning: {
      en: 'the client says its name and asks what the server can; the answer is a list',
      ko: '클라이언트가 이름을 대고 서버가 할 수 있는 것을 묻습니다. 대답은 목록입니다.',
    },
  },
  {
    id: 'lines.auth-plain',
    found: /(?<!\w)AUTH (PLAIN)(?!\w)/d,
    meaning: {
      en: 'a way to log in: user and password behind each other, in base64, which anybody can undo',
      ko: '로그인 방법의 하나입니다. 사용자 이름과 비밀번호를 이어 base64로 적으며, 누구나 되돌릴 수 있습니다.',
    },
  },
  {
    id: 'lines.auth',
    found: word('AUTH'),
    meaning: {
      en: 'the client logs in with this line',
      ko: '클라이언트가 로그인하는 줄입니다.',
    },
  },
  {
    id: 'lines.mail-from',
    found: /(?<!\w)(MAIL FROM)(?!\w)/d,
    meaning: { en: 'who sends the message', ko: '메시지를 보내는 사람입니다.' },
  },
  {
    id: 'lines.rcpt-to',
    found: /(?<!\w)(RCPT TO)(?!\w)/d,
    meaning: { en: 'who shall receive the message', ko: '메시지를 받을 사람입니다.' },
  },
  {
    id: 'lines.data',
    // In HTTP/2 a frame has this name: here it is a line of its own, of six bytes.
    found: /→ (DATA) +6 B/d,
    meaning: {
      en: 'the message follows, up to a line with only a full stop',
      ko: '뒤에 메시지가 이어집니다. 마침표만 있는 줄에서 끝납니다.',
    },
  },
  {
    id: 'lines.ok',
    found: /(?:\+|250 (?:\d\.\d\.\d )?|answers |응답 )(OK)(?!\w)/d,
    meaning: { en: 'the server’s answer: done', ko: '서버의 대답입니다. 처리했다는 뜻입니다.' },
  },
  {
    id: 'lines.quit',
    found: word('QUIT'),
    meaning: { en: 'the client says goodbye', ko: '클라이언트가 대화를 끝냅니다.' },
  },
  {
    id: 'lines.masked',
    found: /(?<!\w)(X{8})(?!\w)/d,
    meaning: {
      en: 'where the server said STARTTLS, somebody on the way has written over it',
      ko: '서버가 STARTTLS라고 한 자리입니다. 중간에서 누군가 덮어썼습니다.',
    },
  },
];
