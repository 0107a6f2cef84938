/** Explains the parts of MQTT's packets. Loaded for an explanation, never at start. */
import { fieldTexts } from '../../text.ts';

export const explainedMqttFields = [
  'mqtt.packet',
  'mqtt.type',
  'mqtt.remaining_length',
  'mqtt.protocol',
  'mqtt.level',
  'mqtt.flags',
  'mqtt.keep_alive',
  'mqtt.text_length',
  'mqtt.client_id',
  'mqtt.will_topic',
  'mqtt.will_payload',
  'mqtt.user',
  'mqtt.password',
  'mqtt.topic',
  'mqtt.packet_id',
  'mqtt.options',
  'mqtt.reason',
  'mqtt.properties_length',
  'mqtt.property',
  'mqtt.auth.method',
  'mqtt.auth.data',
  'mqtt.payload',
  'mqtt.unread',
] as const;
export type MqttFieldId = (typeof explainedMqttFields)[number];

declare module '../../../core/field.ts' {
  interface FieldIds {
    readonly mqtt: MqttFieldId;
  }
}

const source = 'MQTT 5 section 3';

export const mqttTexts = fieldTexts<MqttFieldId>({
  'mqtt.packet': [
    'packet',
    '패킷',
    'A type, a length, and the content of that type.',
    '종류, 길이, 그 종류의 내용으로 이루어집니다.',
    'MQTT 5 section 2.1',
  ],
  'mqtt.type': [
    'type and flags',
    '종류와 플래그',
    'The upper four bits are the type: 1 CONNECT, 2 CONNACK, 3 PUBLISH, 8 SUBSCRIBE. In PUBLISH the lower ones have the quality of service and whether to retain.',
    '위쪽 4비트가 종류입니다. 1은 CONNECT, 2는 CONNACK, 3은 PUBLISH, 8은 SUBSCRIBE입니다. PUBLISH에서 아래쪽 비트는 QoS와 보존(retain) 여부입니다.',
    'MQTT 5 section 2.1.2',
  ],
  'mqtt.remaining_length': [
    'remaining length',
    '남은 길이',
    'How many bytes follow, seven bits in each byte.',
    '뒤따르는 바이트 수이며 바이트마다 7비트씩 적습니다.',
    'MQTT 5 section 2.1.4',
  ],
  'mqtt.protocol': [
    'protocol',
    '프로토콜',
    'Its name: MQTT, or MQIsdp of version 3.1.',
    '이름입니다. MQTT이거나 3.1 버전의 MQIsdp입니다.',
    source,
  ],
  'mqtt.level': [
    'version',
    '버전',
    '3 is 3.1, 4 is 3.1.1, 5 is 5.',
    '3은 3.1, 4는 3.1.1, 5는 5입니다.',
    source,
  ],
  'mqtt.flags': [
    'flags',
    '플래그',
    'Which of user, password and last will follow, and whether an earlier session continues.',
    '사용자, 비밀번호, 유언 메시지 중 무엇이 뒤따르는지, 이전 세션을 이을지 나타냅니다.',
    source,
  ],
  'mqtt.keep_alive': [
    'keep alive',
    '연결 유지 시간',
    'In seconds: a client that is silent for longer is considered disconnected.',
    '초 단위입니다. 이보다 오래 아무것도 보내지 않으면 끊긴 것으로 봅니다.',
    source,
  ],
  'mqtt.text_length': [
    'length',
    '길이',
    'The length of the following text, in bytes.',
    '뒤따르는 텍스트의 바이트 수입니다.',
    'MQTT 5 section 1.5.4',
  ],
  'mqtt.client_id': [
    'client identifier',
    '클라이언트 ID',
    'The name by which the broker identifies the client.',
    '브로커가 장치를 구별하는 이름입니다.',
    source,
  ],
  'mqtt.will_topic': [
    'topic of the will',
    '유언 토픽',
    'Where the broker publishes the last will if the device disappears.',
    '장치가 사라지면 브로커가 유언을 게시할 곳입니다.',
    source,
  ],
  'mqtt.will_payload': [
    'will',
    '유언',
    'The message that it publishes then.',
    '그때 게시할 내용입니다.',
    source,
  ],
  'mqtt.user': [
    'user',
    '사용자',
    'The user who logs in, in cleartext.',
    '로그인하는 사용자이며 평문입니다.',
    source,
  ],
  'mqtt.password': [
    'password',
    '비밀번호',
    'The password itself: MQTT relies on TLS to hide it.',
    '비밀번호 자체입니다. MQTT는 그 보호를 TLS에 맡깁니다.',
    source,
  ],
  'mqtt.topic': [
    'topic',
    '토픽',
    'The topic of the message. In a subscription + matches one level, and # all levels below.',
    '메시지가 속하는 곳입니다. 구독에서 +는 한 단계, #는 그 아래 전부를 뜻합니다.',
    source,
  ],
  'mqtt.packet_id': [
    'packet identifier',
    '패킷 ID',
    'Matches an acknowledgement to its packet.',
    '확인 응답과 짝을 맞추는 번호입니다.',
    source,
  ],
  'mqtt.options': [
    'options',
    '옵션',
    'The requested quality of service (QoS).',
    '요청하는 QoS입니다.',
    source,
  ],
  'mqtt.reason': [
    'reason',
    '결과 코드',
    'Whether it succeeded: 0 is success; 4 or 134 a wrong user or password, 5 or 135 not allowed.',
    '성공 여부입니다. 0은 성공, 4나 134는 사용자나 비밀번호가 틀림, 5나 135는 권한 없음입니다.',
    'MQTT 5 section 2.4',
  ],
  'mqtt.properties_length': [
    'length of the properties',
    '속성 길이',
    'In bytes.',
    '바이트 수입니다.',
    'MQTT 5 section 2.2.2',
  ],
  'mqtt.property': [
    'properties',
    '속성',
    'Settings of version 5, each with its number.',
    '버전 5의 설정이며 각각 번호가 있습니다.',
    'MQTT 5 section 2.2.2',
  ],
  'mqtt.auth.method': [
    'authentication method',
    '인증 방식',
    'The name of a SASL mechanism.',
    'SASL 방식의 이름입니다.',
    'MQTT 5 section 4.12',
  ],
  'mqtt.auth.data': [
    'authentication data',
    '인증 데이터',
    'The data of that mechanism.',
    '그 방식의 내용입니다.',
    'MQTT 5 section 4.12',
  ],
  'mqtt.payload': ['payload', '내용', 'The message itself.', '메시지 자체입니다.', source],
  'mqtt.unread': [
    'not read',
    '해석하지 않음',
    'The rest of a long packet, or bytes that are not a packet.',
    '긴 패킷의 나머지이거나 패킷이 아닌 바이트입니다.',
  ],
});
