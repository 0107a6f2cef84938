/**
 * Rejects HTTP/2 clients on an HTTP/1.1 server so that they can report the reason: a SETTINGS frame and a GOAWAY with
 * HTTP_1_1_REQUIRED and a message (RFC 9113 sections 3.4, 6.5, 6.8 and 7).
 */

const preface = Buffer.from('PRI * HTTP/2.0\r\n');

/** Whether a connection begins as one of HTTP/2 does. */
export function isHttp2Preface(firstBytes: Uint8Array): boolean {
  return Buffer.from(firstBytes.subarray(0, preface.length)).equals(preface);
}

const SETTINGS = 4;
const GOAWAY = 7;
const HTTP_1_1_REQUIRED = 0xd;

function frame(type: number, payload: Uint8Array): Buffer {
  const header = Buffer.alloc(9);
  header.writeUIntBE(payload.length, 0, 3);
  header[3] = type;
  return Buffer.concat([header, payload]);
}

const words = Buffer.from('the embedded etcd does not speak gRPC: only the JSON gateway, over HTTP/1.1');

export const goAwayFromHttp2: Uint8Array = Buffer.concat([
  frame(SETTINGS, Buffer.alloc(0)),
  frame(GOAWAY, Buffer.concat([Buffer.from([0, 0, 0, 0, 0, 0, 0, HTTP_1_1_REQUIRED]), words])),
]);
