/**
 * Parses both directions of a line-based mail or file transfer protocol: SMTP (RFC 5321), POP3 (RFC 1939), IMAP (RFC
 * 9051) and FTP (RFC 959). Bytes in, commands and replies out, with the credentials in them. It finds message
 * boundaries and secrets; `texts.ts` has the explanations.
 *
 * 1. The messages of a direction cover its stream without overlap: a command line with its literals, a reply with all
 *    its lines, the content of a mail as one.
 * 2. A direction in which a line starts with a TLS record has switched to TLS, whatever preceded it: no line starts so.
 *    The rest is passed on (STARTTLS of RFC 3207 and RFC 9051, STLS of RFC 2595, AUTH TLS of RFC 4217).
 * 3. At most `maxKept` bytes of a message are buffered; the rest is counted.
 */
import { latin1Text } from '../../core/bytes.ts';
import type { Side } from '../../capture/event.ts';
import type { Field } from '../../core/field.ts';
import { Gathering } from '../../core/gathering.ts';
import type { CommandFieldId } from './texts.ts';
import type { Handover, Piece } from '../piece.ts';
import { looksLikeTls } from '../tls/framing.ts';
import { continuedCredentials, credentialsOfCommand } from './credentials.ts';
import type { Credential } from '../shared/credential.ts';
import type { LoginResult } from '../shared/login-result.ts';
import { noLogin } from '../shared/sasl.ts';
import type { Login } from '../shared/sasl.ts';
import type { CommandProtocol } from './credentials.ts';
import { isVerb, titleOfCommand } from './titles.ts';

/** A part of a message and its meaning; everything between two parts is syntax. */
export interface Part {
  readonly id: CommandFieldId;
  /** In the message, in bytes. */
  readonly start: number;
  readonly end: number;
}

export interface CommandMessage {
  readonly from: Side;
  readonly protocol: CommandProtocol;
  readonly kind: 'command' | 'reply' | 'content';
  readonly offset: number;
  readonly length: number;
  readonly firstTag: number;
  readonly lastTag: number;
  /** `USER alice`, `PASS`, `250 mail.localhost`: without secrets. */
  readonly title: string;
  /** As it travelled; shorter than `length` where its end was not kept. */
  readonly bytes: Uint8Array;
  readonly parts: readonly Part[];
  readonly credentials: readonly Credential[];
  /** What a reply says to a login. */
  readonly login?: LoginResult;
  /** False when the stream ended, or lost bytes, before the message did. */
  readonly complete: boolean;
}

const lineFeed = 0x0a;
const maxKept = 64 * 1024;
/** A command line that is longer is none (RFC 5321 section 4.5.3.1, RFC 9051 section 4: far less is allowed). */
const maxLine = 64 * 1024;

/** Commands that wait for their replies; of further ones it is not known how long a reply is. */
const mostAsked = 256;

/** How the lines of a direction are to be read. */
type Expecting =
  | { readonly kind: 'line' }
  /** A reply of several lines: it ends with the line that has its code and a blank. */
  | { readonly kind: 'coded'; readonly code: string }
  /** Lines up to one that is a single full stop. */
  | { readonly kind: 'dotted' };

const aLine: Expecting = { kind: 'line' };

/** One direction: the message under way. */
class Direction {
  expecting: Expecting = aLine;
  /** Bytes that come without being lines: a literal, a chunk of mail. */
  left = 0;
  /** The line under way is the end of the message that has such bytes. */
  isAfterBytes = false;
  isHandedOver = false;
  start: number | undefined;
  at = 0;
  firstTag = 0;
  lastTag = 0;
  isCut = false;
  isComplete = true;
  kept = 0;
  readonly parts = new Gathering();
  /** Of the line under way. */
  readonly line = new Gathering();
  lineLength = 0;

  get isBetweenMessages(): boolean {
    return this.start === undefined || this.at === this.start;
  }

  begin(offset: number, tag: number): void {
    this.start = offset;
    this.at = offset;
    this.firstTag = tag;
  }

  take(bytes: Uint8Array, tag: number): void {
    this.at += bytes.length;
    this.lastTag = tag;
    const taken = Math.min(bytes.length, maxKept - this.kept);
    if (taken > 0) this.parts.add(bytes.subarray(0, taken));
    this.kept += Math.max(0, taken);
    if (taken < bytes.length) this.isCut = true;
  }

  takeLine(bytes: Uint8Array, tag: number): void {
    this.take(bytes, tag);
    this.lineLength += bytes.length;
    if (this.lineLength <= maxLine) this.line.add(bytes);
  }

  endLine(): string {
    const line = this.line.joined();
    const text = latin1Text(line);
    this.line.clear();
    this.lineLength = 0;
    return text;
  }

  bytes(): Uint8Array {
    return this.parts.joined();
  }

  clear(): void {
    this.start = undefined;
    this.parts.clear();
    this.line.clear();
    this.lineLength = 0;
    this.kept = 0;
    this.left = 0;
    this.isAfterBytes = false;
    this.isCut = false;
    this.isComplete = true;
    this.expecting = aLine;
  }
}

/** Replies of POP3 that have several lines when they agree (RFC 1939 section 5, RFC 2449): by the command that they answer. */
function hasLines(verb: string, argument: string): boolean {
  return ['RETR', 'TOP', 'CAPA'].includes(verb) || (['LIST', 'UIDL'].includes(verb) && argument === '');
}

/** At the end of a line: this many bytes follow, then the rest of the line (RFC 9051 section 4.3). */
const literal = /\{(\d{1,9})\+?\}\r?\n$/;

const verbsOfSmtp: ReadonlySet<string> = new Set(['EHLO', 'HELO', 'LHLO', 'MAIL', 'RCPT', 'BDAT']);

export class CommandConversation {
  #protocol: CommandProtocol | undefined;
  readonly #directions: Readonly<Record<Side, Direction>> = {
    client: new Direction(),
    server: new Direction(),
  };
  readonly #handovers: Handover[] = [];
  /** Commands of POP3 that no reply has answered yet: whether the reply has several lines. */
  readonly #asked: boolean[] = [];
  #login: Login = noLogin;
  /** Commands that wait for their final reply. */
  readonly #unanswered: string[] = [];
  /** The tags of logins of IMAP that wait for theirs. */
  readonly #tags = new Set<string>();
  /** The client's next line continues an authentication. */
  #isAnswering = false;

  /** @param protocol where it is known from before, as after STARTTLS. */
  constructor(protocol?: CommandProtocol) {
    this.#protocol = protocol;
  }

  get protocol(): CommandProtocol | undefined {
    return this.#protocol;
  }

  /** Takes the next bytes of one direction, in the order of capture; returns the messages that they complete. */
  feed({ from, offset, bytes, tag }: Piece): CommandMessage[] {
    const direction = this.#directions[from];
    const messages: CommandMessage[] = [];
    if (direction.isHandedOver) return messages;
    if (offset > direction.at) for (const message of this.cut(from)) messages.push(message);
    let at = 0;
    while (at < bytes.length) {
      if (direction.isBetweenMessages) direction.begin(offset + at, tag);
      if (direction.left > 0) {
        const taken = Math.min(direction.left, bytes.length - at);
        direction.take(bytes.subarray(at, at + taken), tag);
        direction.left -= taken;
        at += taken;
        if (direction.left === 0 && !direction.isAfterBytes) messages.push(this.#message(from));
        continue;
      }
      const rest = bytes.subarray(at);
      const verdict = this.#turnsToTls(direction, rest);
      if (verdict) {
        const held = Buffer.concat([direction.line.joined(), rest]);
        this.#handovers.push({ from, offset: offset + at - direction.lineLength, bytes: held, tag });
        direction.clear();
        direction.isHandedOver = true;
        break;
      }
      const found = verdict === undefined ? -1 : rest.indexOf(lineFeed);
      const taken = found < 0 ? rest.length : found + 1;
      direction.takeLine(rest.subarray(0, taken), tag);
      at += taken;
      if (found >= 0 || direction.lineLength > maxLine) this.#endLine(from, direction, messages);
    }
    return messages;
  }

  /** Directions that have turned to another protocol since the last call. */
  takeHandovers(): Handover[] {
    return this.#handovers.splice(0);
  }

  /** Bytes of that direction are missing, or it has ended: returns the incomplete message. */
  cut(from: Side): CommandMessage[] {
    const direction = this.#directions[from];
    if (direction.isBetweenMessages) return [];
    direction.isComplete = false;
    return [this.#message(from)];
  }

  /** Undefined while there are too few bytes to recognize. */
  #turnsToTls(direction: Direction, rest: Uint8Array): boolean | undefined {
    if (
      direction.lineLength > 4 ||
      direction.at - (direction.start ?? 0) > direction.lineLength ||
      direction.expecting.kind !== 'line'
    )
      return false;
    const start =
      direction.lineLength === 0 ? rest : Buffer.concat([direction.line.joined(), rest.subarray(0, 8)]);
    // Any byte may begin a record; no line begins as one.
    return looksLikeTls(start);
  }

  #endLine(from: Side, direction: Direction, messages: CommandMessage[]): void {
    const line = direction.endLine();
    const more = this.#protocol === 'imap' ? literal.exec(line) : null;
    if (more && direction.expecting.kind === 'line') {
      direction.left = Number(more[1]);
      direction.isAfterBytes = true;
      // No byte at all is a literal too; then the rest of the line follows at once.
      return;
    }
    switch (direction.expecting.kind) {
      case 'dotted':
        if (/^\.\r?\n$/.test(line)) messages.push(this.#message(from));
        return;
      case 'coded':
        if (line.startsWith(`${direction.expecting.code} `)) messages.push(this.#message(from));
        return;
      case 'line':
        break;
    }
    if (from === 'server' && this.#hasMoreLines(line, direction)) return;
    if (from === 'client' && this.#hasMoreBytes(line, direction)) return;
    messages.push(this.#message(from));
  }

  /** Whether the reply continues after its first line. */
  #hasMoreLines(line: string, direction: Direction): boolean {
    const code = /^(\d{3})-/.exec(line)?.[1];
    if (code !== undefined) direction.expecting = { kind: 'coded', code };
    else if (this.#protocol === 'pop3' || this.#protocol === undefined) {
      const isAgreed = /^\+OK/i.test(line);
      if (!isAgreed && !/^-ERR/i.test(line)) return false;
      if (this.#asked.shift() && isAgreed) direction.expecting = { kind: 'dotted' };
    }
    return direction.expecting.kind !== 'line';
  }

  /** BDAT announces bytes that are no lines (RFC 3030). */
  #hasMoreBytes(line: string, direction: Direction): boolean {
    const chunk = this.#protocol === 'smtp' ? /^BDAT (\d{1,10})\b/i.exec(line)?.[1] : undefined;
    direction.left = Number(chunk ?? 0);
    return direction.left > 0;
  }

  /** Everything since the last message of that direction, as one, and a fresh start. */
  #message(from: Side): CommandMessage {
    const direction = this.#directions[from];
    const bytes = direction.bytes();
    const { start: offset = 0, firstTag, lastTag, isComplete: complete } = direction;
    const place = { from, offset, length: direction.at - offset, firstTag, lastTag, bytes, complete };
    const wasContent = from === 'client' && direction.expecting.kind === 'dotted';
    direction.clear();
    const text = latin1Text(bytes);
    if (wasContent)
      return {
        ...place,
        protocol: this.#protocol ?? 'smtp',
        kind: 'content',
        title: 'message',
        parts: [{ id: 'commands.content', start: 0, end: bytes.length }],
        credentials: [],
      };
    return from === 'client' ? this.#command(place, text) : this.#reply(place, text);
  }

  #command(place: Place, text: string): CommandMessage {
    const [firstWord = '', secondWord = ''] = text.trim().toUpperCase().split(/\s+/, 2);
    // Without the server's reply, as after a gap, a line that is no command is taken for the answer as well.
    const isAnswer = this.#login.mechanism !== '' && secondWord === '' && !isVerb(firstWord);
    if (this.#isAnswering || isAnswer) {
      this.#isAnswering = false;
      const { credentials, login } = continuedCredentials(text, place.offset, this.#login);
      this.#login = login;
      const end = text.trimEnd().length;
      const id = credentials.length > 0 ? 'commands.command.secret' : 'commands.command.argument';
      return {
        ...place,
        protocol: this.#protocol ?? 'smtp',
        kind: 'command',
        title: `(${this.#login.mechanism})`,
        parts: end > 0 ? [{ id, start: 0, end }] : [],
        credentials,
      };
    }
    // A login of IMAP is known by its tag even where the server's greeting is missing.
    const isTagged =
      this.#protocol === 'imap' || (!isVerb(firstWord) && /^(LOGIN|AUTHENTICATE)$/.test(secondWord));
    const shape = (isTagged ? /^([^\s]+)( +)(\S+)( *)/ : /^()()(\S+)( *)/).exec(text);
    const [, tag = '', gap = '', word = '', blank = ''] = shape ?? [];
    const verb = word.toUpperCase();
    const verbAt = tag.length + gap.length;
    const argumentAt = verbAt + word.length + blank.length;
    // A command of IMAP may hold lines; behind one of SMTP stands what BDAT announced.
    const [, shown = '', lineEnd = ''] =
      (isTagged ? /^(.*?)((?:\r?\n)*)$/s : /^([^\n]*?)(\r?\n|$)/).exec(text) ?? [];
    const end = Math.max(shown.length, argumentAt);
    const contentAt = shown.length + lineEnd.length;
    const argument = text.slice(argumentAt, end);
    this.#learn(verb);
    const protocol = this.#protocol ?? 'ftp';
    if (isTagged) {
      if (/^(?:LOGIN|AUTHENTICATE)$/.test(verb) && this.#tags.size < mostAsked) this.#tags.add(tag);
    } else if (verb !== '' && this.#unanswered.length < mostAsked) this.#unanswered.push(verb);
    if (protocol === 'pop3' && verb !== '' && this.#asked.length < mostAsked)
      this.#asked.push(hasLines(verb, argument));
    const { credentials, login } = credentialsOfCommand(
      { verb, argument, offset: place.offset + argumentAt },
      this.#login,
    );
    this.#login = login;
    const all: Part[] = [
      { id: 'commands.command.tag', start: 0, end: tag.length },
      { id: 'commands.command.verb', start: verbAt, end: verbAt + word.length },
      ...partsOfArgument(
        argumentAt,
        end,
        credentials.map(({ offset, length }) => [offset - place.offset, offset - place.offset + length]),
      ),
      { id: 'commands.content', start: contentAt, end: text.length },
    ];
    const parts = all.filter((part) => part.end > part.start);
    return {
      ...place,
      protocol,
      kind: 'command',
      title: titleOfCommand(protocol, word, argument),
      parts,
      credentials,
    };
  }

  #reply(place: Place, text: string): CommandMessage {
    const status = /^(?:\d{3}(?=[ \r\n-])|\+OK|-ERR|\+|\S+(?= ))/i.exec(text)?.[0] ?? '';
    if (this.#protocol === undefined) {
      if (/^\+OK/i.test(status)) this.#protocol = 'pop3';
      else if (text.startsWith('* ')) this.#protocol = 'imap';
      else if (/^220[ -].*\b(?:ESMTP|SMTP|LMTP)\b/is.test(text)) this.#protocol = 'smtp';
    }
    const protocol = this.#protocol ?? 'ftp';
    const goesOn = status === '334' || status === '+';
    if (goesOn) this.#isAnswering = this.#login.mechanism !== '';
    else if (!text.startsWith('* ') && status !== '')
      this.#login = { ...this.#login, mechanism: '', step: 0 };
    if (status === '354') this.#directions.client.expecting = { kind: 'dotted' };
    const [first = ''] = text.split(/\r?\n/, 1);
    const login = this.#answered(protocol, status, first);
    return {
      ...place,
      ...(login ? { login } : {}),
      protocol,
      kind: 'reply',
      title: first.slice(0, 80),
      parts: partsOfReply(text, status),
      credentials: [],
    };
  }

  /** What a reply says to a login. */
  #answered(protocol: CommandProtocol, status: string, line: string): LoginResult | undefined {
    if (protocol === 'imap') {
      if (!this.#tags.has(status)) return undefined;
      const verdict = /^\S+ (OK|NO|BAD)\b/i.exec(line)?.[1]?.toUpperCase();
      if (verdict === undefined) return undefined;
      this.#tags.delete(status);
      return verdict === 'OK' ? 'accepted' : verdict === 'NO' ? 'refused' : undefined;
    }
    // The final reply is still to come.
    if (status === '+' || status === '334' || status === '354' || /^1\d\d$/.test(status)) return undefined;
    const verb = this.#unanswered.shift();
    return loginReplies[protocol](status.toUpperCase(), verb ?? '');
  }

  /** FTP and SMTP have the same greeting: the client's commands distinguish them. */
  #learn(verb: string): void {
    if (verbsOfSmtp.has(verb)) this.#protocol = 'smtp';
    else if (this.#protocol === undefined)
      this.#protocol = verb === 'CAPA' || verb === 'STLS' ? 'pop3' : 'ftp';
  }
}

type RepliesToLogins = (status: string, verb: string) => LoginResult | undefined;

/** RFC 4954 section 6, RFC 959 section 5.4, RFC 1939; in FTP 530 also says that there was no login. */
const loginReplies: Readonly<Record<Exclude<CommandProtocol, 'imap'>, RepliesToLogins>> = {
  smtp: (status, verb) =>
    status === '235'
      ? 'accepted'
      : status === '535' ||
          (verb === 'AUTH' && /^(?:5[0-9]{2}|454)$/.test(status) && !/^50[0-4]$/.test(status))
        ? 'refused'
        : undefined,
  ftp: (status) => (/^23[02]$/.test(status) ? 'accepted' : status === '530' ? 'refused' : undefined),
  pop3: (status, verb) =>
    !/^(?:USER|PASS|APOP|AUTH)$/.test(verb)
      ? undefined
      : status === '-ERR'
        ? 'refused'
        : verb === 'USER'
          ? undefined
          : 'accepted',
};

type Place = Pick<
  CommandMessage,
  'from' | 'offset' | 'length' | 'firstTag' | 'lastTag' | 'bytes' | 'complete'
>;

/** The secrets, and what stands between them. */
function partsOfArgument(
  start: number,
  end: number,
  secrets: readonly (readonly [number, number])[],
): Part[] {
  const parts: Part[] = [];
  let at = start;
  for (const [from, to] of secrets) {
    parts.push(
      { id: 'commands.command.argument', start: at, end: from },
      { id: 'commands.command.secret', start: from, end: to },
    );
    at = to;
  }
  parts.push({ id: 'commands.command.argument', start: at, end });
  return parts;
}

/** The status of each line and its text. */
function partsOfReply(text: string, status: string): Part[] {
  const parts: Part[] = [];
  let at = 0;
  for (const line of text.split(/(?<=\n)/)) {
    const end = at + line.replace(/\r?\n$/, '').length;
    const code = line.startsWith(status) ? status.length : 0;
    const isBlank = code > 0 && /[ -]/.test(line[code] ?? '');
    if (code > 0) parts.push({ id: 'commands.reply.status', start: at, end: at + code });
    const textAt = at + code + (isBlank ? 1 : 0);
    if (end > textAt) parts.push({ id: 'commands.reply.text', start: textAt, end });
    at += line.length;
    // A mail of thousands of lines is not parsed.
    if (parts.length > 256) break;
  }
  return parts;
}

/** The field tree of a message, in the coordinates of its direction, every byte named. */
export function fieldOfCommand({ offset, length, bytes, kind, parts }: CommandMessage): Field {
  const field = (id: CommandFieldId, start: number, end: number, children: readonly Field[] = []): Field => {
    const isText = children.length === 0;
    const value = isText ? latin1Text(bytes.subarray(start, end)) : null;
    return { id, range: [offset + start, offset + end], value, children, remarks: [], origin: 'wire' };
  };
  const children: Field[] = [];
  let at = 0;
  for (const { id, start, end } of parts) {
    if (start > at) children.push(field('commands.syntax', at, start));
    children.push(field(id, start, end));
    at = end;
  }
  if (length > at)
    children.push(
      field(kind === 'reply' && length - at > 2 ? 'commands.reply.text' : 'commands.syntax', at, length),
    );
  return { ...field(`commands.${kind}`, 0, length, children), value: null };
}
