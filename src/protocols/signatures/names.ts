/** What several signatures have in common: Kerberos and STUN are spoken over TCP and UDP alike. */
import type { Localized } from '../../i18n/language.ts';
import type { SightingTitle } from './signature.ts';
import type { Start } from './start.ts';

const kerberosTypes: Readonly<Record<number, string>> = {
  10: 'AS-REQ',
  11: 'AS-REP',
  12: 'TGS-REQ',
  13: 'TGS-REP',
  14: 'AP-REQ',
  15: 'AP-REP',
  30: 'KRB-ERROR',
};

/** The content of an element of BER at `at`, and its length; undefined for a form that is not minimal or too long. */
function contentOf(start: Start, at: number): readonly [content: number, length: number] | undefined {
  const first = start.u8(at + 1);
  if (first >= 0 && first < 0x80) return [at + 2, first];
  if (first === 0x81) return [at + 3, start.u8(at + 2)];
  return first === 0x82 ? [at + 4, start.u16(at + 2)] : undefined;
}

/** A message (RFC 4120 section 5.4): an application tag, a sequence, version 5, and the type once more. */
export function kerberosIn(start: Start, at: number): string | undefined {
  const tag = start.u8(at);
  const type = tag - 0x60;
  const outer = contentOf(start, at);
  if (!outer || kerberosTypes[type] === undefined || !start.isLength(outer[0] + outer[1])) return undefined;
  const inner = contentOf(start, outer[0]);
  if (!inner || start.u8(outer[0]) !== 0x30) return undefined;
  // Requests count their parts from 1, answers and errors from 0.
  const [version] = inner;
  const isVersion = (start.u8(version) & 0xfe) === 0xa0 && start.is(version + 1, 3, 2, 1, 5);
  const isType = (start.u8(version + 5) & 0xfc) === 0xa0 && start.is(version + 6, 3, 2, 1, type);
  return isVersion && isType ? kerberosTypes[type] : undefined;
}

const stunMethods: Readonly<Record<number, string>> = {
  1: 'Binding',
  3: 'Allocate (TURN)',
  4: 'Refresh (TURN)',
  6: 'Send (TURN)',
  7: 'Data (TURN)',
  8: 'CreatePermission (TURN)',
  9: 'ChannelBind (TURN)',
};

const stunClasses: readonly Localized[] = [
  { en: 'request', ko: '요청' },
  { en: 'indication', ko: '알림' },
  { en: 'success', ko: '성공' },
  { en: 'error', ko: '오류' },
];

/** RFC 3489 section 11: without a mark; attributes of that time cover the message. */
function classicStunIn(start: Start): SightingTitle | undefined {
  const [type, length] = [start.u16(0), start.u16(2)];
  const words = { 0x0001: stunClasses[0], 0x0101: stunClasses[2], 0x0111: stunClasses[3] }[type];
  if (!words || length < 8 || start.length !== 20 + length) return undefined;
  let at = 20;
  while (at < start.length) {
    const attribute = start.u16(at);
    const isKnown = (attribute >= 1 && attribute <= 0x14) || (attribute >= 0x8020 && attribute <= 0x8050);
    if (!isKnown) return undefined;
    at += 4 + start.u16(at + 2);
  }
  return at === start.length ? { en: `Binding ${words.en}`, ko: `Binding ${words.ko}` } : undefined;
}

/** RFC 8489 section 5. */
export function stunIn(start: Start): SightingTitle | undefined {
  const [type, length] = [start.u16(0), start.u16(2)];
  if (start.u32(4) !== 0x2112_a442) return classicStunIn(start);
  if (type < 0 || type >= 0x4000 || length % 4 !== 0) return undefined;
  if (start.length !== 20 + length) return undefined;
  const method = (type & 0x0f) | ((type & 0xe0) >> 1) | ((type & 0x3e00) >> 2);
  const kind = ((type >> 4) & 1) | ((type >> 7) & 2);
  const name = stunMethods[method];
  const words = stunClasses[kind];
  return name === undefined || !words ? undefined : { en: `${name} ${words.en}`, ko: `${name} ${words.ko}` };
}
