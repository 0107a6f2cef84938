/**
 * Placeholders in a recording for the random secrets of the demonstration's programs: session cookies and
 * tickets. Each is as long as what it replaces. The made-up password and number of the scenarios are no such secrets.
 */
import { sessionCookie } from '../../../../src/peers/site/session-store.ts';

/** The value of a session in `Cookie` and `Set-Cookie` lines. */
const session = new RegExp(
  String.raw`(?<=^(?:set-)?cookie:[ \t]*(?:[^\r\n]*;[ \t]*)?${sessionCookie}=)[^;\r\n]+`,
  'gim',
);

export function withoutCookies(text: string): string {
  return text.replace(session, (value) =>
    '0123456789abcdef'.repeat(Math.ceil(value.length / 16)).slice(0, value.length),
  );
}

/** In place, over the pieces of one stream: a value may be split between them. */
export function blankCookies(pieces: readonly Buffer[]): void {
  const blanked = Buffer.from(withoutCookies(Buffer.concat(pieces).toString('latin1')), 'latin1');
  let at = 0;
  for (const piece of pieces) at += blanked.copy(piece, 0, at, at + piece.length);
}

export const ticketFiller = 'ticket ';

export function fillTicket(ticket: Buffer): void {
  ticket.fill(ticketFiller);
}
