/**
 * One request over HTTP/2, and its answer, as far as it is needed to see whether a client was let in (RFC 9113): the preface, empty
 * settings and a GET go out at once, as the standard allows; of the answer only the status and the body are read.
 */
import { flags, frameTypes, nameOfError } from '../../protocols/http2/codes.ts';
import { contentOf, hasFlag, readFrameHeader } from '../../protocols/http2/frame.ts';
import type { Frame } from '../../protocols/http2/frame.ts';
import { HeaderDecoder } from '../../protocols/http2/hpack.ts';
import { headerLength, preface } from '../../protocols/http2/recognise.ts';
import { Writer } from '../../core/writer.ts';

const requestStream = 1;

const frame = (type: number, bits: number, stream: number, content: Uint8Array): Uint8Array =>
  new Writer()
    .uint8(content.length >> 16)
    .uint16(content.length & 0xffff)
    .uint8(type)
    .uint8(bits)
    .uint32(stream)
    .bytes(content)
    .finish();

/** A literal that is not added to the table, with a name of the static one (RFC 7541 section 6.2.2). */
const literal = (index: number, value: string): Uint8Array => {
  const text = Buffer.from(value, 'latin1').subarray(0, 126);
  return Buffer.from([index, text.length, ...text]);
};

/** `:method GET` and `:scheme https` are rows 2 and 7 of the static table, `:authority` and `:path` names 1 and 4. */
export function http2Question(authority: string, path: string): Uint8Array {
  const block = Buffer.concat([Buffer.from([0x82, 0x87]), literal(1, authority), literal(4, path)]);
  return Buffer.concat([
    preface,
    frame(frameTypes.SETTINGS, 0, 0, new Uint8Array(0)),
    frame(frameTypes.HEADERS, flags.END_HEADERS | flags.END_STREAM, requestStream, block),
  ]);
}

function framesOf(said: Uint8Array): Frame[] {
  const frames: Frame[] = [];
  for (let offset = 0; offset + headerLength <= said.length; ) {
    const head = readFrameHeader(said.subarray(offset, offset + headerLength));
    frames.push({ ...head, offset, bytes: said.subarray(offset, offset + head.length) });
    offset += head.length;
  }
  return frames;
}

const isComplete = ({ bytes, length }: Frame): boolean => bytes.length >= length;
const isEnd = ({ type, flags: bits, stream }: Frame): boolean =>
  type === frameTypes.GOAWAY ||
  (stream === requestStream &&
    (type === frameTypes.RST_STREAM ||
      ((type === frameTypes.HEADERS || type === frameTypes.DATA) && (bits & flags.END_STREAM) !== 0)));

/** Whether the head of the answer has come, or the server has declined the request. */
export const isHttp2Begun = (said: Uint8Array): boolean =>
  framesOf(said).some(
    (one) =>
      isComplete(one) && (isEnd(one) || (one.stream === requestStream && one.type === frameTypes.HEADERS)),
  );

/** Whether nothing more will come for the request. */
export const isHttp2Whole = (said: Uint8Array): boolean =>
  framesOf(said).some((one) => isComplete(one) && isEnd(one));

/** Undefined where no response has come: settings alone say nothing of a client. */
export function http2Answer(
  said: Uint8Array,
): { readonly status: number; readonly body: Uint8Array } | undefined {
  const decoder = new HeaderDecoder();
  let status: number | undefined;
  const body: Uint8Array[] = [];
  for (const one of framesOf(said)) {
    if (one.stream !== requestStream) continue;
    const { start, end } = contentOf(one);
    if (one.type === frameTypes.HEADERS && isComplete(one) && hasFlag(one, flags.END_HEADERS)) {
      const { fields } = decoder.decode(one.bytes.subarray(start, end));
      const text = fields.find(({ name }) => name === ':status')?.value;
      status ??= text === undefined ? undefined : Number(text);
    } else if (one.type === frameTypes.DATA) body.push(one.bytes.subarray(start, end));
  }
  return status === undefined ? undefined : { status, body: new Uint8Array(Buffer.concat(body)) };
}

/**
 * The answer as HTTP/1.1 would have it: a line with the status, and the body; or that the server gave the request up. Undefined for
 * what is no HTTP/2, or only its settings.
 */
export function http2Words(said: Uint8Array): string | undefined {
  if (!isHttp2Preface(said)) return undefined;
  const answer = http2Answer(said);
  if (answer)
    return `HTTP/2 ${answer.status}\r\n\r\n${Buffer.from(answer.body.subarray(0, 16_384)).toString('utf8')}`;
  if (!isHttp2Whole(said)) return undefined;
  const end = framesOf(said).find((one) => isComplete(one) && isEnd(one));
  if (!end) return undefined;
  const isStream = end.type === frameTypes.RST_STREAM;
  // Both carry an error code, GOAWAY behind the last stream (RFC 9113 sections 6.4 and 6.8).
  const at = headerLength + (isStream ? 0 : 4);
  const code = end.bytes.length < at + 4 ? undefined : Buffer.from(end.bytes).readUInt32BE(at);
  return `HTTP/2 ${isStream ? 'RST_STREAM' : 'GOAWAY'}${code === undefined ? '' : ` (${nameOfError(code) ?? code})`}`;
}

/** A server's preface is a SETTINGS frame (RFC 9113 section 3.4). */
export const isHttp2Preface = (said: Uint8Array): boolean =>
  said.length >= headerLength && said[3] === frameTypes.SETTINGS && said[0] === 0;
