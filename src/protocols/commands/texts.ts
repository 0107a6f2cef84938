/**
 * Explains the parts of commands and replies of mail and file transfer protocols to beginners. Loaded for an
 * explanation, never at start.
 */
import { fieldTexts } from '../text.ts';

export const explainedCommandFields = [
  'commands.command',
  'commands.command.tag',
  'commands.command.verb',
  'commands.command.argument',
  'commands.command.secret',
  'commands.reply',
  'commands.reply.status',
  'commands.reply.text',
  'commands.content',
  'commands.syntax',
] as const;
export type CommandFieldId = (typeof explainedCommandFields)[number];

declare module '../../core/field.ts' {
  interface FieldIds {
    readonly commands: CommandFieldId;
  }
}

export const commandTexts = fieldTexts<CommandFieldId>({
  'commands.command': [
    'command',
    '명령',
    'A request of the client in one line. Mail and file transfer protocols are lines of text; until STARTTLS (or STLS, AUTH TLS), anyone in between can read them.',
    '클라이언트가 보내는 요청 한 줄입니다. 메일과 파일 전송 프로토콜은 텍스트 줄로 이루어져 있어 STARTTLS(또는 STLS, AUTH TLS) 전까지는 중간의 누구나 읽을 수 있습니다.',
    'RFC 5321 section 4.1',
  ],
  'commands.command.tag': [
    'tag',
    '태그',
    'A name that an IMAP client gives to its command, so that it can match the response.',
    'IMAP 클라이언트가 명령에 붙이는 이름입니다. 어느 응답이 어느 명령의 것인지 찾는 데 씁니다.',
    'RFC 9051 section 2.2.1',
  ],
  'commands.command.verb': [
    'verb',
    '명령어',
    'The action: USER and PASS log in, EHLO greets, STARTTLS requests TLS. That request is itself sent in clear: an attacker in between can remove the offer, and a client that does not require TLS continues in plaintext.',
    '무엇을 할지 나타냅니다. USER와 PASS는 로그인, EHLO는 인사, STARTTLS는 TLS로 바꾸자는 요청입니다. TLS로 바꾸자는 말 자체는 평문이므로 중간에 있는 사람이 그 제안을 지울 수 있고, TLS를 고집하지 않는 클라이언트는 평문으로 계속합니다.',
    'RFC 3207 section 4',
  ],
  'commands.command.argument': [
    'argument',
    '인수',
    'The object of the command: a name, an address, a mechanism.',
    '명령의 대상입니다. 이름, 주소, 인증 방식 같은 것입니다.',
    'RFC 5321 section 4.1.1',
  ],
  'commands.command.secret': [
    'secret',
    '비밀',
    'A password or a token. Base64, which mail protocols use, hides nothing: it is an encoding, not a cipher.',
    '비밀번호나 토큰입니다. 메일 프로토콜이 쓰는 Base64는 아무것도 숨기지 못합니다. 암호화가 아니라 표기법일 뿐입니다.',
    'RFC 4616 section 2',
  ],
  'commands.reply': [
    'reply',
    '응답',
    "The server's response: a status for the program, a text for people.",
    '서버의 대답입니다. 프로그램을 위한 상태와 사람을 위한 글로 이루어집니다.',
    'RFC 5321 section 4.2',
  ],
  'commands.reply.status': [
    'status',
    '상태',
    'The result. SMTP and FTP use numbers: 2 is success, 3 is continue, 4 is a temporary error, 5 a permanent one. POP3 uses +OK or -ERR; IMAP repeats the tag of the command, or an asterisk for unsolicited data.',
    '성공했는지 나타냅니다. SMTP와 FTP는 숫자로 말합니다. 2는 완료, 3은 계속, 4는 지금은 안 됨, 5는 거절입니다. POP3는 +OK와 -ERR로 답하고, IMAP은 명령의 태그를 되풀이하거나 묻지 않은 소식에는 별표를 붙입니다.',
    'RFC 5321 section 4.2.1',
  ],
  'commands.reply.text': [
    'text',
    '글',
    'For people, and for attackers: it often names the program and its version. It also lists what the server offers, such as STARTTLS.',
    '사람을 위한 글이지만 공격자에게도 쓸모가 있습니다. 프로그램 이름과 버전이 자주 나옵니다. STARTTLS처럼 서버가 제공하는 기능도 여기에 적힙니다.',
    'RFC 5321 section 4.2',
  ],
  'commands.content': [
    'mail',
    '메일 내용',
    'The mail itself, up to a line that is a single full stop. Without TLS it is a postcard.',
    '메일 본문입니다. 마침표 하나만 있는 줄에서 끝납니다. TLS가 없으면 엽서와 같습니다.',
    'RFC 5321 section 4.1.1.4',
  ],
  'commands.syntax': [
    'separator',
    '구분 문자',
    'Blanks, quotes and line ends that keep the parts apart.',
    '각 부분을 나누는 공백, 따옴표, 줄바꿈입니다.',
    'RFC 5321 section 2.3.8',
  ],
});
