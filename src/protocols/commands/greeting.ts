/**
 * By which first bytes the line-based protocols of mail and files are known: the server's greeting, or a client's first
 * command where the greeting was not captured. Apart from how they are read, so that a run without them loads no more.
 */
import type { Side } from '../../capture/event.ts';

/** What a server says first: SMTP and FTP (RFC 5321 section 4.2, RFC 959 section 4.2), POP3 (RFC 1939), IMAP (RFC 9051 section 7.1). */
const greetings = ['220 ', '220-', '+OK', '* OK ', '* PREAUTH ', '* BYE '];

/** Commands by which a client may begin. IMAP puts a tag of its own in front and is known by its server alone. */
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

/** Whether a direction that begins so speaks one of them; undefined while it is too short to tell. */
export function looksLikeCommands(start: Uint8Array, from: Side): boolean | undefined {
  const text = Buffer.from(start.buffer, start.byteOffset, Math.min(start.length, 10))
    .toString('latin1')
    .toUpperCase();
  const openings = from === 'server' ? greetings : firstCommands;
  if (openings.some((opening) => text.startsWith(opening))) return true;
  return openings.some((opening) => opening.startsWith(text)) ? undefined : false;
}
