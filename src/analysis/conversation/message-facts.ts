/** Words what a list says of a message of HTTP, and of the end of a connection. */
import type { Side } from '../../capture/event.ts';
import type { Localized } from '../../i18n/language.ts';
import { safeText } from '../../i18n/safe.ts';
import type { HttpEvent } from '../../protocols/http/event-stream.ts';
import { namesOfForm } from '../../protocols/http/form.ts';
import type { HttpMessage } from '../../protocols/http/http-message.ts';
import { headerValue } from '../../protocols/http/message.ts';
import type { Content } from '../../protocols/protocol.ts';
import { empty, foreign, joined, unexpected } from './facts.ts';

/** How a connection ended, where it is worth a word: the fact alone, since a client that has said goodbye may end so as well. */
export const endWords: Readonly<Record<'end' | 'reset' | 'timeout', Localized>> = {
  end: empty,
  reset: { en: 'with a reset (RST)', ko: 'RST로 종료' },
  timeout: { en: 'timed out', ko: '시간 초과' },
};

const closers: Readonly<Record<Side | 'unknown', Localized>> = {
  client: { en: 'by the client', ko: '클라이언트가 먼저' },
  server: { en: 'by the server', ko: '서버가 먼저' },
  unknown: empty,
};

/** The first packet was never taken up. */
const neverOpen: Localized = { en: 'never accepted', ko: '연결이 수락되지 않음' };

export function closingFacts({
  by,
  how,
  unaccepted,
}: {
  readonly by: Side | 'unknown';
  readonly how: 'end' | 'reset' | 'timeout';
  readonly unaccepted?: true;
}): Localized {
  return joined([unaccepted ? neverOpen : undefined, closers[by], endWords[how]]);
}

export const cutOff: Localized = { en: 'cut off', ko: '중간에 끊김' };

export function httpFacts({ content, complete }: HttpMessage): Localized {
  const cut = complete ? undefined : cutOff;
  if (content.type === 'malformed') return unexpected(content.malformed);
  if (content.type === 'opaque' || content.type === 'event') return joined([cut]);
  if (content.type === 'request') {
    const fields = content.form && namesOfForm(content.form);
    return joined([
      foreign(headerValue(content, 'host')),
      fields ? { en: `form: ${safeText(fields)}`, ko: `폼: ${safeText(fields)}` } : undefined,
      cut,
    ]);
  }
  const location = headerValue(content, 'location');
  return joined([
    location ? { en: `to ${safeText(location)}`, ko: `이동: ${safeText(location)}` } : undefined,
    foreign(headerValue(content, 'content-type')?.split(';')[0]),
    cut,
  ]);
}

/** `event price`; a comment keeps a connection open. */
export function titleOfEvent({ name, data, isComment }: HttpEvent): Localized {
  if (isComment) return { en: 'comment', ko: '주석' };
  if (name === undefined && data === '') return { en: 'end of events', ko: '이벤트 끝' };
  const shown = name === undefined ? '' : ` ${safeText(name)}`;
  return { en: `event${shown}`, ko: `이벤트${shown}` };
}

/** The data of an event, and where it stands where it is one line. */
export function contentOfEvent({ data, body, places }: HttpEvent, { offset, length }: HttpMessage): Content {
  const bytes = Buffer.from(data);
  const [place] = places;
  const at = places.length === 1 && place && bytes.length > 0 ? Buffer.from(body).indexOf(bytes) : -1;
  return at >= 0 && place
    ? { bytes, offset: place[0] + at, length: bytes.length, isInPlace: true }
    : { bytes, offset, length, isInPlace: false };
}
