/** The status codes of gRPC, in words (gRPC, "Status codes and their use in gRPC"). */
import type { Localized } from '../../i18n/language.ts';
import { safeText } from '../../i18n/safe.ts';

const statuses: readonly (readonly [name: string, en: string, ko: string])[] = [
  ['OK', 'success', '성공'],
  ['CANCELLED', 'the caller gave up', '호출한 쪽이 취소함'],
  ['UNKNOWN', 'unknown error', '알 수 없는 오류'],
  ['INVALID_ARGUMENT', 'the request is invalid in itself', '요청 내용이 잘못됨'],
  ['DEADLINE_EXCEEDED', 'not done in time', '제한 시간 안에 끝나지 않음'],
  ['NOT_FOUND', 'there is no such thing', '요청한 것이 없음'],
  ['ALREADY_EXISTS', 'it exists already', '이미 있음'],
  ['PERMISSION_DENIED', 'the caller may not do this', '권한 없음'],
  ['RESOURCE_EXHAUSTED', 'a quota or a resource is used up', '할당량이나 자원이 다 떨어짐'],
  ['FAILED_PRECONDITION', 'the system is not in the required state', '시스템이 필요한 상태가 아님'],
  ['ABORTED', 'broken off, as in a conflict of transactions', '중단됨(트랜잭션 충돌 등)'],
  ['OUT_OF_RANGE', 'beyond the valid range', '유효한 범위를 벗어남'],
  ['UNIMPLEMENTED', 'the server has no such method', '서버에 그런 메서드가 없음'],
  ['INTERNAL', 'internal server error', '서버 내부 오류'],
  ['UNAVAILABLE', 'the service cannot be reached now', '지금은 서비스를 쓸 수 없음'],
  ['DATA_LOSS', 'data was lost or damaged', '데이터가 손실되었거나 손상됨'],
  ['UNAUTHENTICATED', 'the caller has not proven who it is', '인증되지 않음'],
];

/** `gRPC 5 NOT_FOUND, there is no such thing: "…"`. */
export function statusWords(code: string, message: string | undefined): Localized {
  const known = /^\d{1,2}$/.test(code) ? statuses[Number(code)] : undefined;
  const said = message === undefined || message === '' ? '' : `: "${safeText(unescaped(message))}"`;
  const number = safeText(code.slice(0, 16));
  if (!known) return { en: `gRPC status ${number}${said}`, ko: `gRPC 상태 ${number}${said}` };
  const [name, en, ko] = known;
  if (name === 'OK') return { en: `gRPC ${number} OK${said}`, ko: `gRPC ${number} OK${said}` };
  return { en: `gRPC ${number} ${name} (${en})${said}`, ko: `gRPC ${number} ${name}(${ko})${said}` };
}

/** grpc-message is UTF-8 in percent-encoding; an escape that is none stays as it is. */
function unescaped(text: string): string {
  const bytes = text.replace(/%([0-9a-f]{2})/gi, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
