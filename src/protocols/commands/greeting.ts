/**
 * Recognizes the line-based mail and file transfer protocols by their first bytes: the server's greeting, or a client's
 * first command if the greeting was not captured. Separate from the parser, so that a run without them need not load
 * it.
 */
import { latin1Text } from '../../core/bytes.ts';
import type { Side } from '../../capture/event.ts';

/** What a server says first: SMTP and FTP (RFC 5321 section 4.2, RFC 959 section 4.2), POP3 (RFC 1939), IMAP (RFC 9051 section 7.1). */
const greetings = ['220 ', '220-', '+OK', '* OK ', '* PREAUTH ', '* BYE '];

/** Commands that a client may start with. IMAP puts a tag first and is recognized only by its server. */
const firstCommands = [
  'EHLO ',
  'HELO ',
  'LHLO ',
  'USER ',
  'CAPA\r',
  'CAPA\n',
  'STLS\r',
  'STLS\n',
  'FEAT\r',
  'FEAT\n',
  'AUTH ',
];

/** Long enough to hold what tells them apart. */
const longestUser = 32;

/** Whether not more than a name follows `USER `; undefined while that cannot be told. */
function isOneName(start: Uint8Array): boolean | undefined {
  const text = latin1Text(start.subarray(0, longestUser));
  if (/^user \S+ \S+ \S/i.test(text)) return false;
  return text.includes('\n') || text.length === longestUser ? true : undefined;
}

/** Whether a direction with this start uses one of them; undefined while it is too short. */
export function looksLikeCommands(start: Uint8Array, from: Side): boolean | undefined {
  const text = latin1Text(start.subarray(0, 10)).toUpperCase();
  const openings = from === 'server' ? greetings : firstCommands;
  // IRC logs in with the same word and four values: `USER name 0 * :real name`.
  if (from === 'client' && text.startsWith('USER ')) return isOneName(start);
  if (openings.some((opening) => text.startsWith(opening))) return true;
  return openings.some((opening) => opening.startsWith(text)) ? undefined : false;
}
