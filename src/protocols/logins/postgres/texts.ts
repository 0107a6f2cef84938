/** Explains the parts of PostgreSQL's messages. Loaded for an explanation, never at start. */
import { fieldTexts } from '../../text.ts';

export const explainedPostgresFields = [
  'postgres.startup',
  'postgres.message',
  'postgres.type',
  'postgres.length',
  'postgres.protocol_version',
  'postgres.parameter.name',
  'postgres.parameter.value',
  'postgres.auth.method',
  'postgres.auth.salt',
  'postgres.auth.mechanism',
  'postgres.auth.data',
  'postgres.password',
  'postgres.sql',
  'postgres.statement',
  'postgres.error.code',
  'postgres.error.value',
  'postgres.process_id',
  'postgres.secret_key',
  'postgres.status',
  'postgres.tag',
  'postgres.column_count',
  'postgres.data',
  'postgres.end',
  'postgres.unread',
] as const;
export type PostgresFieldId = (typeof explainedPostgresFields)[number];

declare module '../../../core/field.ts' {
  interface FieldIds {
    readonly postgres: PostgresFieldId;
  }
}

const formats = 'PostgreSQL frontend/backend protocol, Message Formats';
const scram = 'RFC 5802';

export const postgresTexts = fieldTexts<PostgresFieldId>({
  'postgres.startup': [
    'start-up',
    '시작 메시지',
    "The client's first message: who logs in, to which database. It precedes the password, and without TLS anyone reads it.",
    '클라이언트의 첫 메시지입니다. 누가 어느 데이터베이스에 로그인하는지 담으며, TLS가 없으면 누구나 읽을 수 있습니다.',
    formats,
  ],
  'postgres.message': [
    'message',
    '메시지',
    'A letter for its type, a length, and the content of that type.',
    '종류를 나타내는 글자, 길이, 그 종류의 내용으로 이루어집니다.',
    formats,
  ],
  'postgres.type': [
    'type',
    '종류',
    'One letter: Q is a query, p a password, R asks for authentication, E is an error.',
    '글자 하나입니다. Q는 질의, p는 비밀번호, R은 인증 요청, E는 오류입니다.',
    formats,
  ],
  'postgres.length': [
    'length',
    '길이',
    'How many bytes follow; that of a message counts itself.',
    '뒤따르는 바이트 수입니다. 길이 필드 자신도 포함합니다.',
    formats,
  ],
  'postgres.protocol_version': [
    'protocol version',
    '프로토콜 버전',
    'The version in two halves: 196608 is 3.0. A number that cannot be a version stands for another request, such as a cancel request.',
    '위쪽 절반은 주 버전, 아래쪽 절반은 부 버전입니다. 196608은 3.0입니다. 버전일 수 없는 숫자는 취소 요청처럼 다른 요청을 뜻합니다.',
    formats,
  ],
  'postgres.parameter.name': [
    'parameter',
    '매개변수',
    'The name of a setting: user, database, application_name.',
    '설정의 이름입니다. user, database, application_name 같은 것입니다.',
    formats,
  ],
  'postgres.parameter.value': ['value', '값', 'The value of that setting.', '그 설정의 값입니다.', formats],
  'postgres.auth.method': [
    'method',
    '인증 방식',
    'How the client is to prove its password: 3 in clear, 5 by MD5, 10 by SASL (SCRAM). 0: the login succeeded.',
    '비밀번호를 증명할 방식입니다. 3은 평문, 5는 MD5, 10은 SASL(SCRAM)입니다. 0은 로그인 성공입니다.',
    formats,
  ],
  'postgres.auth.salt': [
    'salt',
    '솔트',
    'Four random bytes that are mixed into the MD5 response. Whoever recorded them can test guesses of the password.',
    'MD5 응답에 섞는 무작위 4바이트입니다. 이 값을 기록한 사람은 비밀번호 추측을 검증할 수 있습니다.',
    formats,
  ],
  'postgres.auth.mechanism': [
    'mechanism',
    '방식 이름',
    'The name of a SASL mechanism. SCRAM-SHA-256-PLUS binds the login to the TLS certificate, so that nobody in between can relay it.',
    'SASL 방식의 이름입니다. SCRAM-SHA-256-PLUS는 로그인을 TLS 인증서와 묶어, 중간자가 로그인을 그대로 전달해 이용하지 못하게 합니다.',
    'RFC 5802 section 6',
  ],
  'postgres.auth.data': [
    'SASL data',
    'SASL 데이터',
    'The data of that mechanism. In SCRAM: r a nonce, s the salt, i how often it is hashed, p the proof. With these, guesses can be tested offline, each at the cost of i hashes.',
    '인증 방식의 내용입니다. SCRAM에서 r은 nonce, s는 솔트, i는 해시 횟수, p는 증명입니다. 이것들로 추측을 오프라인에서 검증할 수 있으며 추측마다 해시 i번이 듭니다.',
    scram,
  ],
  'postgres.password': [
    'password',
    '비밀번호',
    'The password itself, or md5 and the hash of hash and salt.',
    '비밀번호 자체이거나, md5와 솔트를 섞은 해시입니다.',
    formats,
  ],
  'postgres.sql': [
    'statement',
    'SQL 문',
    'What the server is to execute, including the values in it.',
    '서버가 실행할 문장이며 그 안의 값도 그대로 들어 있습니다.',
    formats,
  ],
  'postgres.statement': [
    'prepared statement',
    '준비된 문의 이름',
    'The name under which a statement is kept; empty for one that is used once.',
    '문장을 저장해 두는 이름입니다. 한 번만 쓰면 비어 있습니다.',
    formats,
  ],
  'postgres.error.code': [
    'field of an error',
    '오류 항목',
    'A letter: S the severity, C the code, M the message.',
    '글자 하나입니다. S는 심각도, C는 코드, M은 메시지입니다.',
    'PostgreSQL, Error and Notice Message Fields',
  ],
  'postgres.error.value': [
    'text',
    '내용',
    'The content of that field: 28P01 is a wrong password, 28000 a login that is not allowed.',
    '그 항목의 내용입니다. 28P01은 비밀번호가 틀림, 28000은 로그인이 허용되지 않음입니다.',
    'PostgreSQL Error Codes',
  ],
  'postgres.process_id': [
    'process',
    '프로세스',
    'The process of the server that serves this connection.',
    '이 연결을 맡은 서버 프로세스입니다.',
    formats,
  ],
  'postgres.secret_key': [
    'cancel key',
    '취소 키',
    'Whoever has it can cancel the queries of this connection.',
    '이 값을 가진 사람은 이 연결의 질의를 취소할 수 있습니다.',
    formats,
  ],
  'postgres.status': [
    'status',
    '상태',
    'I: idle, T: in a transaction, E: in one that has failed.',
    'I는 대기, T는 트랜잭션 안, E는 실패한 트랜잭션 안입니다.',
    formats,
  ],
  'postgres.tag': [
    'result',
    '결과',
    'Which command was executed, and how many rows it affected.',
    '어떤 명령이 몇 행을 처리했는지 나타냅니다.',
    formats,
  ],
  'postgres.column_count': [
    'columns',
    '열 수',
    'How many values the row has.',
    '행에 든 값의 수입니다.',
    formats,
  ],
  'postgres.data': [
    'data',
    '데이터',
    'Values, as the query asked for them.',
    '질의가 요청한 값입니다.',
    formats,
  ],
  'postgres.end': [
    'end',
    '끝',
    'A zero byte, which ends a text or a list.',
    '텍스트나 목록을 끝내는 0 바이트입니다.',
    formats,
  ],
  'postgres.unread': [
    'not read',
    '해석하지 않음',
    'The rest of a long message, or bytes that are not a message.',
    '긴 메시지의 나머지이거나 메시지가 아닌 바이트입니다.',
  ],
});
