/**
 * Sequential HTTP/1.1 exchanges over one stream, for the login client (RFC 9112): a request written in one piece, so that
 * it is one write on the wire, and a response parser. Not node:http, because the client demonstrates the exact bytes and
 * errors of the connection. The parser and the writer are pure; `exchange` is the only part that touches a stream.
 * pure; `exchange` is the only part that touches a stream.
 */
import type { Duplex } from 'node:stream';

export interface OutgoingRequest {
  readonly method: string;
  readonly target: string;
  /** Sent in this order and spelling. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body?: string;
}

export interface IncomingResponse {
  readonly status: number;
  /** By lower-case name; repeated fields in order. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly body: Buffer;
}

/** The request's bytes; `Content-Length` is added where there is a body. */
export function writeRequest(request: OutgoingRequest): Buffer {
  const { method, target, headers, body } = request;
  const all =
    body === undefined ? headers : [...headers, ['Content-Length', String(Buffer.byteLength(body))] as const];
  const head = [`${method} ${target} HTTP/1.1`, ...all.map(([name, value]) => `${name}: ${value}`)].join(
    '\r\n',
  );
  return Buffer.from(`${head}\r\n\r\n${body ?? ''}`);
}

/** The fault in a response. */
export class MalformedResponse extends Error {
  readonly code = 'MALFORMED_RESPONSE';
}

const headLimit = 64 * 1024;
const bodyLimit = 4 * 1024 * 1024;

interface Head {
  readonly status: number;
  readonly headers: ReadonlyMap<string, readonly string[]>;
  /** The offset of the body. */
  readonly length: number;
}

/**
 * Parses one response from chunks of any size. Interim responses (1xx) are skipped.
 * @throws MalformedResponse when the bytes are not an HTTP/1.1 response, or exceed a limit.
 */
export class ResponseReader {
  #buffer: Buffer = Buffer.alloc(0);

  /** Adds bytes; returns the response once it is complete. `ended` when no more bytes can come. */
  push(bytes: Uint8Array, ended = false): IncomingResponse | undefined {
    if (bytes.length > 0) this.#buffer = Buffer.concat([this.#buffer, bytes]);
    for (;;) {
      const head = readHead(this.#buffer);
      if (!head) {
        if (this.#buffer.length > headLimit)
          throw new MalformedResponse(`no end of the header in ${headLimit} bytes`);
        return undefined;
      }
      if (head.status >= 200) return this.#finish(head, ended);
      this.#buffer = this.#buffer.subarray(head.length);
    }
  }

  #finish(head: Head, ended: boolean): IncomingResponse | undefined {
    const rest = this.#buffer.subarray(head.length);
    if (rest.length > bodyLimit) throw new MalformedResponse(`more than ${bodyLimit} bytes of body`);
    const body = readBody(head, rest, ended);
    return body && { status: head.status, headers: head.headers, body };
  }
}

/** RFC 9112 section 6.3: what ends the body, in order of precedence. */
function readBody(head: Head, rest: Buffer, ended: boolean): Buffer | undefined {
  if (head.status === 204 || head.status === 304) return Buffer.alloc(0);
  if (head.headers.get('transfer-encoding')?.at(-1)?.toLowerCase().endsWith('chunked'))
    return readChunks(rest);
  const lengths = head.headers.get('content-length');
  if (!lengths) return ended ? rest : undefined;
  const [text = ''] = lengths;
  if (!/^\d{1,15}$/.test(text) || lengths.some((other) => other !== text)) {
    throw new MalformedResponse(`content-length ${lengths.join(', ')}`);
  }
  const length = Number(text);
  return rest.length >= length ? rest.subarray(0, length) : undefined;
}

function readHead(buffer: Buffer): Head | undefined {
  const end = buffer.indexOf('\r\n\r\n');
  if (end < 0) {
    const begin = buffer.subarray(0, 5).toString('latin1');
    if (!'HTTP/'.startsWith(begin)) throw new MalformedResponse(`begins with ${JSON.stringify(begin)}`);
    return undefined;
  }
  const [statusLine = '', ...lines] = buffer.subarray(0, end).toString('latin1').split('\r\n');
  const status = /^HTTP\/1\.[01] ([1-9]\d\d)(?: |$)/.exec(statusLine)?.[1];
  if (!status) throw new MalformedResponse(`status line ${JSON.stringify(statusLine.slice(0, 60))}`);
  const headers = new Map<string, string[]>();
  for (const line of lines) {
    const field = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/.exec(line);
    if (!field) throw new MalformedResponse(`header line ${JSON.stringify(line.slice(0, 60))}`);
    const [, name = '', value = ''] = field;
    const values = headers.get(name.toLowerCase()) ?? [];
    values.push(value);
    headers.set(name.toLowerCase(), values);
  }
  return { status: Number(status), headers, length: end + 4 };
}

/** RFC 9112 section 7.1. Trailers are discarded. */
function readChunks(bytes: Buffer): Buffer | undefined {
  const chunks: Buffer[] = [];
  let at = 0;
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd < 0) return undefined;
    const size = /^([0-9a-fA-F]{1,8})[ \t]*(?:;.*)?$/.exec(
      bytes.subarray(at, lineEnd).toString('latin1'),
    )?.[1];
    if (size === undefined) throw new MalformedResponse('chunk size');
    const length = Number.parseInt(size, 16);
    at = lineEnd + 2;
    if (length === 0) break;
    if (bytes.length < at + length + 2) return undefined;
    if (bytes.toString('latin1', at + length, at + length + 2) !== '\r\n')
      throw new MalformedResponse('chunk end');
    chunks.push(bytes.subarray(at, at + length));
    at += length + 2;
  }
  const noTrailers = bytes.toString('latin1', at, at + 2) === '\r\n';
  return noTrailers || bytes.indexOf('\r\n\r\n', at) >= 0 ? Buffer.concat(chunks) : undefined;
}

/** The connection ended before the response did. */
export class ClosedEarly extends Error {
  readonly code = 'CLOSED_BEFORE_ANSWER';
  /** Bytes of the response received. */
  readonly received: number;
  constructor(received: number, options?: ErrorOptions) {
    const when = received === 0 ? 'without an answer' : `after ${received} bytes of the answer`;
    super(`the connection was closed ${when}`, options);
    this.received = received;
  }
}

/**
 * Writes a request and reads its response. Rejects with the stream's own error if nothing was received, with
 * ClosedEarly, with MalformedResponse, or with the signal's reason. Leaves the stream open.
 */
export async function exchange(
  stream: Duplex,
  request: Uint8Array,
  signal: AbortSignal,
): Promise<IncomingResponse> {
  signal.throwIfAborted();
  const reader = new ResponseReader();
  let received = 0;
  return new Promise((resolve, reject) => {
    const read = (bytes: Uint8Array, ended: boolean): void => {
      received += bytes.length;
      try {
        const response = reader.push(bytes, ended);
        if (response) settle(() => resolve(response));
        else if (ended) settle(() => reject(new ClosedEarly(received)));
      } catch (error) {
        settle(() => reject(error));
      }
    };
    const onData = (chunk: Buffer): void => read(chunk, false);
    const onEnd = (): void => read(new Uint8Array(0), true);
    const onError = (error: Error): void =>
      settle(() => reject(received === 0 ? error : new ClosedEarly(received, { cause: error })));
    const onAbort = (): void => settle(() => reject(signal.reason));
    const settle = (finish: () => void): void => {
      stream.off('data', onData).off('end', onEnd).off('close', onEnd).off('error', onError);
      signal.removeEventListener('abort', onAbort);
      finish();
    };
    if (stream.errored) return onError(stream.errored);
    if (stream.destroyed || stream.readableEnded) return onEnd();
    stream.on('data', onData).on('end', onEnd).on('close', onEnd).on('error', onError);
    signal.addEventListener('abort', onAbort);
    stream.write(request);
    return undefined;
  });
}
