/**
 * Parses alerts (RFC 8446 section 6). Unencrypted they are two bytes; encrypted, they cannot be distinguished from
 * other data of their size, and under TLS 1.3 not even recognized as alerts.
 */
import { alertOf } from '../../capture/vocabulary.ts';
import type { Alert } from '../../capture/vocabulary.ts';
import type { Cursor } from '../../core/cursor.ts';

const levels: Readonly<Record<number, Alert['level']>> = { 1: 'warning', 2: 'fatal' };

/** The two bytes of an alert, which are a whole record's content. */
export function readAlert(cursor: Cursor): Alert {
  const code = cursor.uint8('tls.alert.level');
  const level =
    levels[code] ?? cursor.fail('bad_value', 'tls.alert.level', '1 or 2', String(code), cursor.offset - 1);
  return alertOf(cursor.uint8('tls.alert.description'), level);
}
