/** Explains the parts of OpenVPN's packets. Loaded for an explanation. */
import { fieldTexts } from '../text.ts';

export const explainedOpenVpnFields = [
  'openvpn',
  'openvpn.length',
  'openvpn.opcode',
  'openvpn.session_id',
  'openvpn.authentication',
  'openvpn.acknowledged',
  'openvpn.packet_id',
  'openvpn.payload',
  'openvpn.unread',
] as const;
export type OpenVpnFieldId = (typeof explainedOpenVpnFields)[number];

declare module '../../core/field.ts' {
  interface FieldIds {
    readonly openvpn: OpenVpnFieldId;
  }
}

export const openVpnTexts = fieldTexts<OpenVpnFieldId>({
  openvpn: [
    'OpenVPN packet',
    'OpenVPN 패킷',
    'A packet of the control channel, in which TLS agrees on keys, or of the data channel, which these keys encrypt.',
    'TLS로 키를 합의하는 제어 채널의 패킷이거나, 그 키로 암호화하는 데이터 채널의 패킷입니다.',
  ],
  'openvpn.length': [
    'length',
    '길이',
    'Over TCP each packet has its length before it.',
    'TCP에서는 패킷마다 앞에 길이가 붙습니다.',
  ],
  'openvpn.opcode': [
    'opcode and key',
    '종류와 키 번호',
    'The upper five bits are the type: 4 control, 5 acknowledgement, 7 and 8 the first packets of client and server. The lower three number the key.',
    '상위 다섯 비트는 종류입니다(4 제어, 5 확인 응답, 7과 8은 클라이언트와 서버의 첫 패킷). 하위 세 비트는 키 번호입니다.',
  ],
  'openvpn.session_id': [
    'session ID',
    '세션 ID',
    'Chosen at random by the sender.',
    '보내는 쪽이 무작위로 고릅니다.',
  ],
  'openvpn.authentication': [
    'authentication',
    '인증',
    'With tls-auth: an HMAC with a key that both sides have beforehand, a number and the time. Who lacks the key gets no answer.',
    'tls-auth를 쓸 때: 양쪽이 미리 가진 키로 만든 HMAC, 번호, 시각입니다. 키가 없으면 응답을 받지 못합니다.',
  ],
  'openvpn.acknowledged': [
    'acknowledged',
    '확인 응답',
    'How many packets have arrived, their numbers, and the session that they belong to.',
    '도착한 패킷의 수와 번호, 그 세션입니다.',
  ],
  'openvpn.packet_id': [
    'packet number',
    '패킷 번호',
    'Over UDP packets may be lost or overtake each other; the number says where the content belongs.',
    'UDP에서는 패킷이 사라지거나 순서가 바뀔 수 있어, 번호로 내용의 자리를 알 수 있습니다.',
  ],
  'openvpn.payload': [
    'content',
    '내용',
    'A part of the TLS connection of the control channel.',
    '제어 채널의 TLS 연결 일부입니다.',
  ],
  'openvpn.unread': [
    'encrypted',
    '암호화된 내용',
    'Data of the tunnel, or a control channel that tls-crypt encrypts.',
    '터널의 데이터이거나 tls-crypt가 암호화한 제어 채널입니다.',
  ],
});
