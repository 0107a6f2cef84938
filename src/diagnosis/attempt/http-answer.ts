/** Reads how far an answer of HTTP/1 has come: its head, and the length that it declares (RFC 9112 sections 4 and 6). */

export interface HttpAnswer {
  readonly status: number;
  /** Bytes up to the empty line; absent where that has not come. */
  readonly headLength?: number;
  /** Bytes of the body by its Content-Length; absent where it has none, or another way to end. */
  readonly declared?: number;
  /** Bytes of the body that came. */
  readonly bodyLength: number;
  /** It has no body, whatever its head says. */
  readonly isBodiless: boolean;
}

/** In bytes: how much of a head is looked at for a field. */
const longestHead = 8192;

/** A field of the head of HTTP/1, as far as that came; at most so many characters of it, which may be any. */
export function headerOf(said: Uint8Array, name: string, most = 500): string | undefined {
  const head = Buffer.from(said.buffer, said.byteOffset, Math.min(said.length, longestHead));
  const end = head.indexOf('\r\n\r\n');
  const text = head.subarray(0, end < 0 ? undefined : end + 2).toString('latin1');
  if (!text.startsWith('HTTP/1.')) return undefined;
  return new RegExp(`\\r\\n${name}:[ \\t]*([^\\r\\n]*)\\r\\n`, 'i').exec(text)?.[1]?.trim().slice(0, most);
}

/** Undefined for what does not begin like HTTP/1. */
export function httpAnswerOf(said: Uint8Array): HttpAnswer | undefined {
  const bytes = Buffer.from(said.buffer, said.byteOffset, said.length);
  const status = /^HTTP\/\d\.\d (\d{3})/.exec(bytes.subarray(0, 16).toString('latin1'))?.[1];
  if (status === undefined) return undefined;
  const code = Number(status);
  const isBodiless = code < 200 || code === 204 || code === 304;
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return { status: code, bodyLength: 0, isBodiless };
  const head = bytes.subarray(0, end).toString('latin1');
  const declared = /\r\ncontent-length: *(\d{1,15})/i.exec(head)?.[1];
  const isChunked = /\r\ntransfer-encoding:/i.test(head);
  return {
    status: code,
    headLength: end + 4,
    ...(declared === undefined || isChunked ? {} : { declared: Number(declared) }),
    bodyLength: bytes.length - end - 4,
    isBodiless,
  };
}

/** Whether the body has come, or that much of it. */
export const isBodyWhole = ({ declared, bodyLength, isBodiless }: HttpAnswer, enough = Infinity): boolean =>
  isBodiless || (declared !== undefined && bodyLength >= Math.min(declared, enough));
