/** Tells by the first words of a server which protocol it speaks, and which of them can request TLS. */
import { recognise } from '../../protocols/index.ts';
import { starttlsRow } from '../../wire/starttls/protocols.ts';
import type { StarttlsName } from '../../wire/starttls/protocols.ts';
import type { Attempt } from '../attempt/attempt.ts';
import { firstLine } from '../case.ts';

export interface Spoken {
  /** As people write it. */
  readonly title: string;
  /** What wirelab requests TLS with. */
  readonly starttls?: StarttlsName;
  /** What `openssl s_client -starttls` has for it, where wirelab has nothing. */
  readonly openssl?: string;
}

const ofTls = (starttls: StarttlsName): Spoken => ({ title: starttlsRow(starttls).title, starttls });

/** The first that fits; what greets like SMTP, and says nothing more, is taken for it. */
const greetings: readonly (readonly [RegExp, Spoken])[] = [
  [/^220[ -].*(?:smtp|mail)/i, ofTls('smtp')],
  [/^220[ -].*ftp/i, { title: 'FTP', openssl: 'ftp' }],
  [/^220[ -].*filezilla/i, { title: 'FTP', openssl: 'ftp' }],
  [/^\* (?:OK|PREAUTH|BYE)/i, ofTls('imap')],
  [/^\+OK/, ofTls('pop3')],
  [/^20[01] /, { title: 'NNTP', openssl: 'nntp' }],
  [/^"IMPLEMENTATION" /i, { title: 'ManageSieve', openssl: 'sieve' }],
  [/<stream:|jabber:/, { title: 'XMPP', openssl: 'xmpp' }],
  [/^SSH-/, { title: 'SSH' }],
  // To the line PING.
  [/^AMQP /, { title: 'AMQP' }],
  [/^CONNACK, /, { title: 'MQTT' }],
  // Of IRC, by itself or to the line PING.
  [/^:\S+ (?:NOTICE|PONG|\d{3}) /, { title: 'IRC', openssl: 'irc' }],
  [/^(?:\+PONG|-NOAUTH|-DENIED)/, { title: 'Redis' }],
  [/^220[ -]/, ofTls('smtp')],
];

/** Undefined where nothing was said in plaintext, or nothing that is known. */
export function spokenIn(heard: Attempt | undefined): Spoken | undefined {
  if (heard?.result !== 'plaintext') return undefined;
  const words = firstLine(heard);
  const greeted = greetings.find(([pattern]) => pattern.test(words))?.[1];
  if (greeted) return greeted;
  if (isMysql(heard)) return ofTls('mysql');
  const title = protocolOf(heard);
  return title === '' ? undefined : { title };
}

/** MySQL's first packet: its protocol version 10 behind a header of four bytes. */
function isMysql({ connection }: Attempt): boolean {
  const head = connection?.stream('wire', 'server').head;
  return head !== undefined && head.length > 5 && head[3] === 0 && head[4] === 10;
}

/** By its first bytes; empty where that is not known. */
export function protocolOf({ connection }: Attempt): string {
  const head = connection?.stream('wire', 'server').head;
  const name = head && recognise(head, 'server');
  if (name === 'http2') return 'HTTP/2';
  return name === undefined || name === 'opaque' ? '' : name.toUpperCase();
}
