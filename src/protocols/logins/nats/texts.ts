/** Explains the parts of NATS's messages. Loaded for an explanation, never at start. */
import { fieldTexts } from '../../text.ts';

export const explainedNatsFields = [
  'nats.message',
  'nats.verb',
  'nats.arguments',
  'nats.secret',
  'nats.payload',
  'nats.unread',
] as const;
export type NatsFieldId = (typeof explainedNatsFields)[number];

declare module '../../../core/field.ts' {
  interface FieldIds {
    readonly nats: NatsFieldId;
  }
}

const source = 'NATS client protocol';

export const natsTexts = fieldTexts<NatsFieldId>({
  'nats.message': [
    'NATS message',
    'NATS 메시지',
    'A line, and behind some of them a payload. Without TLS everyone on the way reads it.',
    '한 줄이며, 일부는 뒤에 내용이 이어집니다. TLS가 없으면 중간의 누구나 읽을 수 있습니다.',
    source,
  ],
  'nats.verb': [
    'operation',
    '명령',
    'INFO: what the server is; CONNECT: the login; PUB and MSG carry messages, HPUB and HMSG with headers; SUB subscribes to a subject.',
    'INFO는 서버 정보, CONNECT는 로그인입니다. PUB, MSG는 메시지를 나르고 HPUB, HMSG에는 헤더도 있습니다. SUB는 주제를 구독합니다.',
    source,
  ],
  'nats.arguments': [
    'arguments',
    '인자',
    'A JSON object in INFO and CONNECT; otherwise subjects, numbers and sizes.',
    'INFO와 CONNECT에서는 JSON 객체이고, 그 밖에는 주제와 번호, 크기입니다.',
    source,
  ],
  'nats.secret': [
    'password or token',
    '비밀번호 또는 토큰',
    'As it is: whoever reads it can log in with it.',
    '있는 그대로이므로 읽은 사람은 그것으로 로그인할 수 있습니다.',
    source,
  ],
  'nats.payload': [
    'payload',
    '내용',
    'The message itself, with its headers in HPUB and HMSG.',
    '메시지 자체이며 HPUB, HMSG에서는 헤더도 포함합니다.',
    source,
  ],
  'nats.unread': ['not understood', '해석할 수 없음', 'No line of NATS.', 'NATS의 줄이 아닙니다.'],
});
