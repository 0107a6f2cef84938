/**
 * The first answer of a server over HTTP, as text: status line and body, whichever version it is written in. It reads the beginning
 * of what a server said; `plain-words.ts` decides what the words mean.
 */
import { latin1Text } from '../../core/bytes.ts';
import { frameTypes } from '../../protocols/http2/codes.ts';
import { contentOf, readFrameHeader } from '../../protocols/http2/frame.ts';
import { HeaderDecoder } from '../../protocols/http2/hpack.ts';
import { headerLength, looksLikeHttp2 } from '../../protocols/http2/recognise.ts';

/** `HTTP/1.1 400 Bad Request`, headers and body as they are; of HTTP/2 `HTTP/2 400`, and the body as far as it is there. */
export function firstAnswer(said: Uint8Array): string {
  return looksLikeHttp2(said, 'server') ? http2Answer(said) : latin1Text(said);
}

/** Interim answers (1xx) are passed over; a header block that continues in further frames is read to the end of its first. */
function http2Answer(said: Uint8Array): string {
  const headers = new HeaderDecoder();
  let answered: { readonly stream: number; text: string } | undefined;
  for (let offset = 0; offset + headerLength <= said.length; ) {
    const header = readFrameHeader(said.subarray(offset));
    const bytes = said.subarray(offset, offset + header.length);
    const { start, end } = contentOf({ ...header, offset, bytes });
    const content = bytes.subarray(start, end);
    if (header.type === frameTypes.HEADERS) {
      const status = headers.decode(content).fields.find(({ name }) => name === ':status')?.value;
      if (!answered && status !== undefined && !status.startsWith('1'))
        answered = { stream: header.stream, text: `HTTP/2 ${status}\r\n\r\n` };
    } else if (header.type === frameTypes.DATA && header.stream === answered?.stream)
      answered.text += latin1Text(content);
    offset += header.length;
  }
  return answered?.text ?? '';
}
