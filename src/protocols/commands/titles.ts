/**
 * Decides what of a command may be shown in its title: the verb, and an argument only where the verb is known to take one
 * that is no secret. All other arguments are left out, whichever protocol the line was taken for.
 */
import type { CommandProtocol } from './credentials.ts';
import { isMechanism, wordsOf } from './credentials.ts';

const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/));

/** Their whole argument is shown: addresses, paths, sizes (RFC 5321, RFC 1939, RFC 959, RFC 3659, RFC 2428, RFC 4217). */
const openVerbs = words(
  `EHLO HELO LHLO MAIL RCPT BDAT LIST RETR DELE TOP UIDL CWD PORT TYPE STRU MODE STOR APPE ALLO REST RNFR RNTO RMD MKD
  NLST OPTS SIZE MDTM MLSD MLST EPRT EPSV PBSZ PROT`,
);
/** The same in IMAP only (RFC 9051): elsewhere their argument is not known. */
const openVerbsOfImap = words(
  'SELECT EXAMINE CREATE DELETE RENAME SUBSCRIBE UNSUBSCRIBE LSUB STATUS APPEND SEARCH FETCH STORE COPY MOVE UID ENABLE',
);
/** The first word is a user. */
const userVerbs = words('USER APOP');
const loginVerbs = words('AUTH AUTHENTICATE LOGIN');
const otherVerbs = words(
  `PASS ACCT DATA RSET VRFY EXPN HELP NOOP QUIT STARTTLS STAT CAPA STLS CDUP REIN PASV STOU ABOR PWD SYST FEAT SITE CCC
  ADAT CAPABILITY LOGOUT CHECK CLOSE EXPUNGE IDLE DONE NAMESPACE UNSELECT`,
);

/** Whether one of the protocols defines the verb, in upper case. */
export function isVerb(verb: string): boolean {
  return [openVerbs, openVerbsOfImap, userVerbs, loginVerbs, otherVerbs].some((some) => some.has(verb));
}

/** A word in the place of an unknown verb that may be one: letters, and an argument behind it. */
const likeVerb = /^[A-Za-z]{1,12}$/;

/**
 * A line of one word that is no known verb may be an answer, and so a secret: its title is `?`.
 * @param word the verb as it was sent
 */
export function titleOfCommand(protocol: CommandProtocol, word: string, argument: string): string {
  const verb = word.toUpperCase();
  if (word === '') return '';
  if (!isVerb(verb) && (argument === '' || !likeVerb.test(word))) return '?';
  return `${word} ${shownArgument(protocol, verb, argument)}`.trim().slice(0, 80);
}

function shownArgument(protocol: CommandProtocol, verb: string, argument: string): string {
  if (openVerbs.has(verb) || (protocol === 'imap' && openVerbsOfImap.has(verb))) return argument;
  const [first = ''] = argument.split(' ', 1);
  if (userVerbs.has(verb)) return first;
  if (verb === 'AUTH' || verb === 'AUTHENTICATE') return isMechanism(first) ? first : '';
  if (verb !== 'LOGIN') return '';
  const [user, password] = wordsOf(argument);
  return user && password ? user.text : '';
}
