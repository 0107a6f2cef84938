/**
 * What was heard on a connection of a capture above TLS, or without it, while its messages are read: the last request, the answers
 * that refuse, and whether anything was answered well. Only what decides is kept, as places and words.
 */
import type { OutcomeEvidence } from '../../analysis/outcome/outcome-facts.ts';
import { evidenceOfMessage } from '../../analysis/conversation/message.ts';
import type { Message } from '../../analysis/conversation/message.ts';
import type { Exchange } from '../../analysis/summary/exchanges.ts';
import { inEach } from '../../i18n/language.ts';
import { safeText } from '../../i18n/safe.ts';
import type { Evidence } from '../diagnosis.ts';

/** A message, and where it stands. */
export interface Spot {
  readonly title: string;
  /** What is worth knowing of it: the words of an error. */
  readonly facts: string;
  readonly protocol: string;
  /** In microseconds since the capture began. */
  readonly at: number;
  readonly place: OutcomeEvidence;
  readonly frame?: number;
  /** It was decrypted. */
  readonly isOpened: boolean;
}

export interface RefusedRequest {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly reason: string;
  /** The answer. */
  spot: Spot | undefined;
}

/** Of requests that a server refused the last ones are kept. */
const mostRefused = 16;

export class Heard {
  /** The last request over HTTP. */
  asked: Spot | undefined;
  /** Answers that have begun, by their streams of HTTP/2. */
  readonly #answers = new Map<number, Spot>();
  readonly refused: RefusedRequest[] = [];
  /** Requests that got an answer below 400. */
  served = 0;
  /** Requests without an answer at the end. */
  pending = 0;
  login: Spot | undefined;
  /** The protocol of the last that the client said in the clear, where it is known. */
  spoken: string | undefined;
  /** The last that the client said is a goodbye. */
  isGoodbye = false;
  /** An error of another protocol, behind which the client asked for nothing more. */
  error: Spot | undefined;

  readonly message = (message: Message): void => {
    const { protocol, from, http, login } = message;
    if (from === null) return;
    // A second refusal is often only for want of the first login.
    if (login === 'refused') this.login ??= spotOf(message);
    else if (login === 'accepted') this.login = undefined;
    if (
      from === 'client' &&
      (http ? http.kind === 'request' : protocol === 'http' && !message.title.en.startsWith('CONNECT '))
    )
      this.asked = spotOf(message);
    if (from === 'server' && http?.kind === 'response') this.#begun(http.stream, spotOf(message));
    else if (from === 'server' && protocol === 'http') this.#told(message);
    if (from === 'server') {
      if (errorsOf[protocol]?.test(message.title.en)) this.error = spotOf(message);
    } else this.spoken = protocol;
    if (from === 'client' && message.length > 0) {
      this.isGoodbye = goodbyes.test(message.title.en);
      if (!this.isGoodbye) this.error = undefined;
    }
  };

  readonly exchange = ({ request, response, stream }: Exchange): void => {
    // A tunnel is no answer: what is said in it counts.
    if ((!request && !response) || request?.method === 'CONNECT') return;
    if (!response) {
      this.pending++;
      return;
    }
    // The request may stand before the beginning of the capture.
    const { method, path } = request ?? { method: '', path: '' };
    // What was refused is asked for once more, with a password.
    const isSame = (one: RefusedRequest): boolean => one.method === method && one.path === path;
    if (response.status < 400) {
      this.served++;
      const again = this.refused.findIndex(isSame);
      if (again >= 0) this.refused.splice(again, 1);
      return;
    }
    this.refused.push({
      method,
      path,
      status: response.status,
      reason: response.reason,
      spot: this.#answers.get(stream),
    });
    if (this.refused.length > mostRefused) this.refused.shift();
  };

  #begun(stream: number, spot: Spot): void {
    this.#answers.delete(stream);
    this.#answers.set(stream, spot);
    const [oldest] = this.#answers.keys();
    if (this.#answers.size > mostRefused && oldest !== undefined) this.#answers.delete(oldest);
  }

  /** HTTP/1.1: the answer is known by then, and its message follows. */
  #told(message: Message): void {
    const last = this.refused.at(-1);
    if (last && message.title.en.startsWith(`${last.status}`)) last.spot ??= spotOf(message);
  }
}

function spotOf(message: Message): Spot {
  const { title, facts, protocol, at, seq, frame, opened } = message;
  return {
    title: title.en,
    facts: facts.en,
    protocol,
    at,
    place: { ...evidenceOfMessage(message), event: seq },
    ...(frame === undefined ? {} : { frame }),
    isOpened: opened,
  };
}

const replies = /^[45]\d\d\b/;
const tagged = /^\S+ (?:NO|BAD)\b/i;

/** How servers say that they refuse: nothing that could be asked again in the same words would help. */
const errorsOf: Readonly<Record<string, RegExp>> = {
  postgres: /^ErrorResponse /,
  mysql: /^ERR\b/,
  smtp: replies,
  ftp: replies,
  nntp: replies,
  pop3: /^-ERR/,
  imap: tagged,
};

const goodbyes = /^(?:QUIT|Terminate|COM_QUIT|\S+ LOGOUT)\b/i;

export function evidenceOfSpot({ title, place, frame, isOpened, facts }: Spot): Evidence {
  const said = safeText(facts === '' ? title : `${title}: ${facts}`).slice(0, 160);
  const [from, offset, length] =
    'offset' in place ? [place.from, place.offset, place.length] : ['server', 0, 0];
  const side = { en: from, ko: from === 'client' ? '클라이언트' : '서버' };
  const opened = { en: isOpened ? ' of what the keys open' : '', ko: isOpened ? '복호화한 데이터의 ' : '' };
  return {
    kind: 'bytes',
    ...(frame === undefined ? {} : { frame }),
    place,
    words: inEach((language) =>
      language === 'en'
        ? `${frame === undefined ? '' : `frame ${frame}: `}${said}, of the ${side.en}, offset ${offset}${opened.en}, ${length} bytes`
        : `${frame === undefined ? '' : `프레임 ${frame}: `}${side.ko}의 ${said}, ${opened.ko}오프셋 ${offset}, ${length}바이트`,
    ),
  };
}
