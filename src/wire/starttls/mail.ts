/**
 * The dialogues of mail: STARTTLS of SMTP (RFC 3207) and IMAP (RFC 9051 section 6.2.1), STLS of POP3 (RFC 2595). A server
 * speaks first. What is not needed for TLS is answered with the refusal that the protocol has for it, and remembered.
 */
import type { StarttlsProtocol } from './dialogue.ts';
import { ExchangeError } from './exchange.ts';
import type { Exchange } from './exchange.ts';

/** Commands before TLS; clients send two or three. */
const mostCommands = 32;

/** How a server answers one command. */
interface Answer {
  readonly send: string;
  /** `tls`: TLS begins behind it; `close`: the client leaves; `denied`: not before TLS. */
  readonly next?: 'tls' | 'close' | 'denied';
}

/** Answers commands until one requests TLS. */
async function answerCommands(exchange: Exchange, answer: (line: string) => Answer): Promise<void> {
  let denied: string | undefined;
  for (let count = 0; count < mostCommands; count++) {
    let line: string;
    try {
      // A ClientHello instead: this client expects TLS from the first byte on.
      if ((await exchange.peek(1))[0] === 0x16)
        throw new ExchangeError('starttls_required', 'TLS ClientHello');
      line = await exchange.line();
    } catch (error) {
      // It was sent away before, and left.
      if (denied !== undefined && error instanceof ExchangeError && error.reason === undefined)
        throw new ExchangeError('starttls_required', denied);
      throw error;
    }
    const { send, next } = answer(line);
    if (next === 'tls') exchange.refuseEarlyBytes();
    exchange.write(send);
    if (next === 'tls') return;
    // The words behind the verb may be a password.
    if (next === 'denied') denied ??= verbsOf(line);
    if (next === 'close')
      throw new ExchangeError(denied === undefined ? undefined : 'starttls_required', denied ?? 'QUIT');
  }
  throw new ExchangeError('starttls_required', denied ?? `${mostCommands} commands`);
}

/** A verb of mail protocols, without what follows it; with the tag of IMAP in front of it left out. */
function verbsOf(line: string): string {
  const [first = '', second = ''] = line.split(' ');
  const verb = /^(?:LOGIN|AUTHENTICATE|SELECT|EXAMINE|LIST|STATUS|APPEND|ENABLE|NAMESPACE)$/i.test(second)
    ? second
    : first;
  return /^[A-Za-z]{1,16}$/.test(verb) ? verb.toUpperCase() : 'another command';
}

const verbOf = (line: string): string => (line.split(' ', 1)[0] ?? '').toUpperCase();

/** The words of a peer that refuses, short enough for a line. */
export const saidBy = (line: string): string => line.slice(0, 120);

/** A reply of SMTP: all lines of one code (RFC 5321 section 4.2.1). */
async function smtpReply(
  exchange: Exchange,
): Promise<{ readonly code: string; readonly lines: readonly string[] }> {
  const lines: string[] = [];
  for (;;) {
    const line = await exchange.line();
    lines.push(line);
    const [, code, mark] = /^(\d{3})([ -]|$)/.exec(line) ?? [];
    if (code === undefined) throw new ExchangeError('starttls_violated', saidBy(line));
    if (mark !== '-') return { code, lines };
  }
}

const wordsOf = (lines: readonly string[]): Uint8Array =>
  Buffer.from(lines.map((line) => `${line}\r\n`).join(''), 'latin1');

export const smtp: StarttlsProtocol = {
  async answer(exchange) {
    exchange.write('220 localhost ESMTP\r\n');
    await answerCommands(exchange, (line) => {
      switch (verbOf(line)) {
        case 'EHLO':
        case 'LHLO':
          return { send: '250-localhost\r\n250 STARTTLS\r\n' };
        case 'HELO':
        case 'NOOP':
        case 'RSET':
          return { send: '250 OK\r\n' };
        case 'STARTTLS':
          return { send: '220 Ready to start TLS\r\n', next: 'tls' };
        case 'QUIT':
          return { send: '221 Bye\r\n', next: 'close' };
        default:
          return { send: '530 5.7.0 Must issue a STARTTLS command first\r\n', next: 'denied' };
      }
    });
  },
  async readGreeting(exchange) {
    const { code, lines } = await smtpReply(exchange);
    if (code !== '220') throw new ExchangeError('target_greeting_refused', saidBy(lines.at(-1) ?? ''));
    return wordsOf(lines);
  },
  async ask(exchange) {
    exchange.write('EHLO localhost\r\n');
    const offer = await smtpReply(exchange);
    if (offer.code !== '250')
      throw new ExchangeError('target_starttls_refused', saidBy(offer.lines.at(-1) ?? ''));
    if (!offer.lines.some((line) => line.slice(4).trim().toUpperCase() === 'STARTTLS'))
      throw new ExchangeError('target_starttls_refused', 'STARTTLS is not offered');
    exchange.write('STARTTLS\r\n');
    const { code, lines } = await smtpReply(exchange);
    if (code !== '220') throw new ExchangeError('target_starttls_refused', saidBy(lines.at(-1) ?? ''));
  },
};

const imapCapabilities = 'IMAP4rev1 STARTTLS LOGINDISABLED';
/** Untagged responses before the tagged one. */
const mostResponses = 64;

export const imap: StarttlsProtocol = {
  async answer(exchange) {
    exchange.write(`* OK [CAPABILITY ${imapCapabilities}] ready\r\n`);
    await answerCommands(exchange, (line) => {
      const [tag = '', verb = ''] = line.split(' ');
      if (!/^[!#$&',-[\]^-z|}~]{1,64}$/.test(tag)) return { send: '* BAD no tag\r\n', next: 'denied' };
      switch (verb.toUpperCase()) {
        case 'CAPABILITY':
          return { send: `* CAPABILITY ${imapCapabilities}\r\n${tag} OK done\r\n` };
        case 'NOOP':
          return { send: `${tag} OK done\r\n` };
        case 'ID':
          return { send: `* ID NIL\r\n${tag} OK done\r\n` };
        case 'STARTTLS':
          return { send: `${tag} OK Begin TLS negotiation now\r\n`, next: 'tls' };
        case 'LOGOUT':
          return { send: `* BYE\r\n${tag} OK done\r\n`, next: 'close' };
        default:
          return { send: `${tag} NO [PRIVACYREQUIRED] STARTTLS first\r\n`, next: 'denied' };
      }
    });
  },
  async readGreeting(exchange) {
    const line = await exchange.line();
    if (!/^\* (?:OK|PREAUTH)\b/i.test(line)) throw new ExchangeError('target_greeting_refused', saidBy(line));
    return wordsOf([line]);
  },
  async ask(exchange) {
    exchange.write('W1 STARTTLS\r\n');
    for (let count = 0; count < mostResponses; count++) {
      const line = await exchange.line();
      if (/^W1 OK\b/i.test(line)) return;
      if (!line.startsWith('* ') || /^\* BYE\b/i.test(line))
        throw new ExchangeError('target_starttls_refused', saidBy(line));
    }
    throw new ExchangeError('starttls_violated', 'no tagged response');
  },
};

export const pop3: StarttlsProtocol = {
  async answer(exchange) {
    exchange.write('+OK ready\r\n');
    await answerCommands(exchange, (line) => {
      switch (verbOf(line)) {
        case 'CAPA':
          return { send: '+OK\r\nSTLS\r\nUSER\r\n.\r\n' };
        case 'STLS':
          return { send: '+OK Begin TLS negotiation\r\n', next: 'tls' };
        case 'NOOP':
          return { send: '+OK\r\n' };
        case 'QUIT':
          return { send: '+OK\r\n', next: 'close' };
        default:
          return { send: '-ERR STLS first\r\n', next: 'denied' };
      }
    });
  },
  async readGreeting(exchange) {
    const line = await exchange.line();
    if (!line.startsWith('+OK')) throw new ExchangeError('target_greeting_refused', saidBy(line));
    return wordsOf([line]);
  },
  async ask(exchange) {
    exchange.write('STLS\r\n');
    const line = await exchange.line();
    if (!line.startsWith('+OK')) throw new ExchangeError('target_starttls_refused', saidBy(line));
  },
};
