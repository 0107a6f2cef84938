/** What the messages of logins and of named protocols have in their titles. */
import { word } from './term.ts';
import type { Term } from './term.ts';

const term = (id: string, found: RegExp, en: string, ko: string): Term => ({
  id,
  found,
  meaning: { en, ko },
});

export const loginTerms: readonly Term[] = [
  term(
    'login.guessable',
    word('GUESSABLE', '추측 가능'),
    'not the password, but a proof of it: whoever recorded it can try passwords offline, as fast as a machine computes',
    '비밀번호 자체는 아니지만 그 증명입니다. 기록한 사람은 오프라인에서 컴퓨터 속도로 비밀번호를 추측해 볼 수 있습니다.',
  ),
  term(
    'login.sasl',
    word('SASL'),
    'a frame for logins that many protocols share; its mechanism decides whether the password itself is sent',
    '여러 프로토콜이 함께 쓰는 인증 프레임워크입니다. 비밀번호 자체를 보내는지는 그 방식이 정합니다.',
  ),
  term(
    'login.scram',
    /(?<![\w-])SCRAM(?:-SHA-\d+(?:-PLUS)?)?(?![\w-])/d,
    'proves a password without sending it; each guess at a recorded proof costs thousands of hashes',
    '비밀번호를 보내지 않고 증명합니다. 기록된 증명을 추측하려면 매번 해시 수천 번이 듭니다.',
  ),
  term(
    'login.ntlm',
    word('NTLM'),
    'Windows’s older login by challenge and response, which can be guessed offline',
    '챌린지와 응답으로 하는 Windows의 오래된 로그인이며 오프라인에서 추측할 수 있습니다.',
  ),
  term(
    'login.kerberos',
    word('Kerberos|GSSAPI'),
    'a login by tickets of a central server; the password does not travel',
    '중앙 서버의 티켓으로 하는 로그인입니다. 비밀번호는 오가지 않습니다.',
  ),
  term(
    'login.bind',
    word('BindRe(?:quest|sponse)'),
    'a login to a directory (LDAP); a simple one has the password in clear',
    '디렉터리(LDAP)의 로그인입니다. 단순 바인드에는 비밀번호가 평문으로 들어 있습니다.',
  ),
  term(
    'login.starttls',
    word('StartTLS|STARTTLS|SSLRequest'),
    'a request, in clear, to go on under TLS; an attacker in between can remove it',
    'TLS로 전환하자는 평문 요청입니다. 중간의 공격자가 지울 수 있습니다.',
  ),
  term(
    'login.qos',
    word('QoS'),
    'of a message of MQTT: 0 sent once and forgotten, 1 until it is confirmed, 2 exactly once',
    'MQTT 메시지의 서비스 품질입니다. 0은 한 번 보내고 끝, 1은 확인될 때까지, 2는 정확히 한 번입니다.',
  ),
  term(
    'login.connack',
    word('CONNACK'),
    'the answer of an MQTT broker to a login',
    '로그인에 대한 MQTT 브로커의 응답입니다.',
  ),
  term(
    'login.sql',
    word('SQL'),
    'the language in which databases are asked',
    '데이터베이스에 질의하는 언어입니다.',
  ),
  term(
    'login.not-recognised',
    word('not recognised', '인식하지 못함'),
    'no protocol that is known begins like that: its first bytes are shown as digits and as text',
    '이렇게 시작하는 프로토콜을 알지 못합니다. 처음 바이트를 16진수와 글자로 보여 줍니다.',
  ),
];
