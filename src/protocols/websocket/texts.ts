/** Explains the parts of WebSocket's frames. Loaded for an explanation, never at start. */
import { fieldTexts } from '../text.ts';

export const explainedWebSocketFields = [
  'websocket.frame',
  'websocket.opcode',
  'websocket.payload_length',
  'websocket.extended_length',
  'websocket.masking_key',
  'websocket.payload',
  'websocket.close_code',
  'websocket.close_reason',
  'websocket.unread',
] as const;
export type WebSocketFieldId = (typeof explainedWebSocketFields)[number];

declare module '../../core/field.ts' {
  interface FieldIds {
    readonly websocket: WebSocketFieldId;
  }
}

export const webSocketTexts = fieldTexts<WebSocketFieldId>({
  'websocket.frame': [
    'frame',
    '프레임',
    'A message, a part of one, or a control frame: ping, pong, close. After the upgrade nothing of HTTP is left on the connection.',
    '메시지 하나 또는 그 일부이거나 ping, pong, close 같은 제어 프레임입니다. 업그레이드 뒤에는 HTTP가 더 쓰이지 않습니다.',
    'RFC 6455 section 5.2',
  ],
  'websocket.opcode': [
    'flags and opcode',
    '플래그와 종류',
    'The highest bit: the message ends here. The next: it is compressed. The lower four: 0 continuation, 1 text, 2 binary, 8 close, 9 ping, 10 pong.',
    '가장 높은 비트는 메시지의 끝, 다음 비트는 압축을 뜻합니다. 아래쪽 4비트는 종류로 0은 이어짐, 1은 텍스트, 2는 바이너리, 8은 close, 9는 ping, 10은 pong입니다.',
    'RFC 6455 section 5.2',
  ],
  'websocket.payload_length': [
    'mask and length',
    '마스크와 길이',
    'The highest bit: the payload is masked. The others: its length; 126 and 127 announce a longer one.',
    '가장 높은 비트는 내용이 마스킹되었음을 뜻합니다. 나머지는 길이이며 126과 127이면 더 긴 길이가 뒤따릅니다.',
    'RFC 6455 section 5.2',
  ],
  'websocket.extended_length': [
    'length',
    '길이',
    'The length of the payload, in bytes.',
    '내용의 바이트 수입니다.',
    'RFC 6455 section 5.2',
  ],
  'websocket.masking_key': [
    'masking key',
    '마스킹 키',
    'Four random bytes, with which a client changes its payload, so that it cannot write a request into it that a proxy would take for one. It hides nothing: it is sent right before what it masks.',
    '클라이언트가 내용을 바꾸는 데 쓰는 무작위 4바이트입니다. 프록시가 요청으로 착각할 내용을 쓸 수 없게 하려는 것이며, 바로 앞에 적혀 있으므로 아무것도 숨기지 못합니다.',
    'RFC 6455 section 5.3',
  ],
  'websocket.payload': [
    'payload',
    '내용',
    'What the application sends, here without its mask and decompressed.',
    '애플리케이션이 보내는 내용입니다. 여기서는 마스크와 압축을 풀어 보여 줍니다.',
    'RFC 6455 section 5.6',
  ],
  'websocket.close_code': [
    'status code',
    '종료 코드',
    'Why the connection ends: 1000 is normal, 1001 going away, 1008 a violated policy of the application.',
    '연결이 끝나는 이유입니다. 1000은 정상, 1001은 상대가 떠남(페이지 이동, 서버 종료), 1008은 애플리케이션의 정책 위반입니다.',
    'RFC 6455 section 7.4',
  ],
  'websocket.close_reason': [
    'reason',
    '종료 이유',
    'The reason in words, for people to read.',
    '사람이 읽을 수 있게 적은 설명입니다.',
    'RFC 6455 section 7.1.6',
  ],
  'websocket.unread': [
    'not read',
    '해석하지 않음',
    'The rest of a long frame, or bytes that are not a frame.',
    '긴 프레임의 나머지이거나 프레임이 아닌 바이트입니다.',
  ],
});
