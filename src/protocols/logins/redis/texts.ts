/** Explains the parts of Redis's commands and replies. Loaded for an explanation, never at start. */
import { fieldTexts } from '../../text.ts';

export const explainedRedisFields = [
  'redis.command',
  'redis.reply',
  'redis.count',
  'redis.length',
  'redis.verb',
  'redis.argument',
  'redis.secret',
  'redis.value',
  'redis.error',
  'redis.line_end',
  'redis.unread',
] as const;
export type RedisFieldId = (typeof explainedRedisFields)[number];

declare module '../../../core/field.ts' {
  interface FieldIds {
    readonly redis: RedisFieldId;
  }
}

const source = 'Redis serialization protocol specification';

export const redisTexts = fieldTexts<RedisFieldId>({
  'redis.command': [
    'command',
    '명령',
    'A request of the client: an array of strings, the name of the command first. Without TLS everyone on the way reads it, and the values with it.',
    '클라이언트의 요청입니다. 문자열 배열이며 첫 항목이 명령 이름입니다. TLS가 없으면 중간의 누구나 값까지 읽을 수 있습니다.',
    source,
  ],
  'redis.reply': [
    'reply',
    '응답',
    "The server's answer, in the order of the commands.",
    '서버의 응답이며 명령의 순서대로 옵니다.',
    source,
  ],
  'redis.count': [
    'number of elements',
    '항목 수',
    'How many elements follow: * for an array, % for a map, ~ for a set, > for a message that was not requested.',
    '뒤따르는 항목의 수입니다. *는 배열, %는 맵, ~는 집합, >는 요청 없이 온 메시지입니다.',
    source,
  ],
  'redis.length': [
    'length',
    '길이',
    'How many bytes the string has that follows; -1 stands for no value.',
    '뒤따르는 문자열의 바이트 수입니다. -1은 값이 없다는 뜻입니다.',
    source,
  ],
  'redis.verb': [
    'name',
    '명령 이름',
    'What is to be done: GET reads, SET writes, AUTH and HELLO log in.',
    '서버가 할 일입니다. 읽기(GET), 쓰기(SET), 로그인(AUTH, HELLO) 같은 것입니다.',
    source,
  ],
  'redis.argument': [
    'argument',
    '인수',
    'What the command acts on: a key, a value, an option.',
    '명령의 대상입니다. 키, 값, 옵션 같은 것입니다.',
    source,
  ],
  'redis.secret': [
    'password',
    '비밀번호',
    'The password itself: Redis has no login that does not send it.',
    '비밀번호 자체입니다. Redis에는 비밀번호를 보내지 않는 로그인 방법이 없습니다.',
    'Redis ACL',
  ],
  'redis.value': [
    'value',
    '값',
    'A value of the reply: a text, a number or a boolean, for example.',
    '응답에 든 값입니다. 텍스트, 숫자, 참/거짓 같은 것입니다.',
    source,
  ],
  'redis.error': [
    'error',
    '오류',
    'Why the command failed. WRONGPASS is a wrong password, NOAUTH a missing login, NOPERM a missing right.',
    '명령이 실패한 이유입니다. WRONGPASS는 틀린 비밀번호, NOAUTH는 로그인하지 않음, NOPERM은 권한 없음입니다.',
    source,
  ],
  'redis.line_end': ['line end', '줄 끝', 'Ends each element.', '각 항목을 끝냅니다.', source],
  'redis.unread': [
    'not read',
    '해석하지 않음',
    'The rest of a long message, or bytes that are not an element of the protocol.',
    '긴 메시지의 나머지이거나 이 프로토콜의 항목이 아닌 바이트입니다.',
  ],
});
