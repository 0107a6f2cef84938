import test from 'ava';
import { recognise } from '../../src/protocols/index.ts';

const streams: readonly (readonly [start: string, protocol: ReturnType<typeof recognise>])[] = [
  ['', undefined],
  ['\x16', undefined],
  ['\x16\x03\x01\x02\x00', 'tls'],
  ['\x15\x03\x03\x00\x02', 'tls'],
  ['G', undefined],
  ['GET', undefined],
  ['GET /', 'http'],
  ['HTTP/1.1 200', 'http'],
  ['POSTER', 'opaque'],
  ['SSH-2.0', 'opaque'],
  ['\x16\x03\x09\x00', 'opaque'],
  ['\x00\x00', undefined],
  ['\x00\x01', undefined],
  ['\x00\x01\x00\x01\x04\x01', 'opaque'],
  ['\x00\x01\x00\x01\x04\x00\x00\x00\x01', 'http2'],
  ['PRI * HTTP/2', undefined],
  ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'http2'],
  ['\x00\x00\x00\x08\x04\xd2\x16\x2f', 'tls_request'],
  ['\x00\x00\x00\x08\x00\x03\x00\x00', 'opaque'],
  ['\x00\x1d\x12\x34\x01\x00\x00\x01\x00', undefined],
  ['\x00\x1d\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x04shop', 'dns'],
  // An answer is known by its question; this is none.
  ['\x00\x1d\x12\x34\x81\x00\x00\x01\x00\x00\x00\x00\x00\x00\x04shop', 'opaque'],
  ['EHLO x', 'commands'],
  ['USER alice\r\n', 'commands'],
  ['220 mail', 'opaque'],
];
const answers: readonly (readonly [start: string, protocol: ReturnType<typeof recognise>])[] = [
  ['\x15\x03\x03\x00\x02', 'tls'],
  ['220 mail', 'commands'],
  ['+OK', 'commands'],
  ['* OK ready', 'commands'],
  ['EHLO x', 'opaque'],
  ['S', 'opaque'],
  // LDAP, joined late; the number of a message, and what stands in its answer, must fit.
  ['\x30\x0c\x02\x01\x07\x61\x07\x0a\x01\x00', 'ldap'],
  ['\x30\x0c\x02\x01\x07\x64\x07\x04\x01\x00', 'ldap'],
  ['\x30\x0c\x02\x01\x07\x61\x07', undefined],
  ['\x30\x0c\x02\x01\x07\x61\x07\x04\x01\x00', 'opaque'],
  ['\x30\x0c\x02\x01\x07\x63\x07\x04\x01\x00', 'opaque'],
  ['\x00\x00\x06\x04\x00\x00\x00\x00\x00', 'http2'],
];

for (const [start, protocol] of streams) {
  test(`a stream that begins with ${JSON.stringify(start)} is ${protocol ?? 'not known yet'}`, (t) => {
    t.is(recognise(Buffer.from(start, 'latin1'), 'client'), protocol);
  });
}

for (const [start, protocol] of answers) {
  test(`a server that begins with ${JSON.stringify(start)} speaks ${protocol ?? 'what is not known yet'}`, (t) => {
    t.is(recognise(Buffer.from(start, 'latin1'), 'server'), protocol);
  });
}
