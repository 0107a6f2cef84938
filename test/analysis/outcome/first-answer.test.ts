/** The words of a server's first answer, in HTTP/1.1 and HTTP/2: a refusal for the sake of TLS is one in either. */
import test from 'ava';
import { firstAnswer } from '../../../src/analysis/outcome/first-answer.ts';
import { tlsComplaint } from '../../../src/analysis/outcome/plain-words.ts';

const latin1 = (text: string): Uint8Array => Buffer.from(text, 'latin1');

function frame(type: number, stream: number, payload: string, flags = 0): string {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return head.toString('latin1') + payload;
}

const settings = frame(4, 0, '');
/** `:status` as a literal in the table, as servers write what is not in the static one. */
const status = (code: string): string => `\u0048\u0003${code}`;
const page = '<center>No required SSL certificate was sent</center>';

const answered = (stream: number, code: string, body = ''): string =>
  frame(1, stream, status(code), 4) + frame(0, stream, body, 1);

test('a refusal for the sake of TLS is found in either version', (t) => {
  for (const [said, complaint] of [
    [
      `HTTP/1.1 400 Bad Request\r\n\r\n${page}`,
      'HTTP/1.1 400 Bad Request: No required SSL certificate was sent',
    ],
    [
      settings + frame(1, 1, '\u008c', 4) + frame(0, 1, page, 1),
      'HTTP/2 400: No required SSL certificate was sent',
    ],
    [settings + answered(1, '403', 'a client certificate is missing'), 'HTTP/2 403: client certificate'],
    [settings + answered(1, '421'), 'HTTP/2 421'],
    [settings + answered(1, '400', 'no.'), undefined],
    [settings + answered(1, '200', page), undefined],
  ] as const)
    t.is(tlsComplaint(latin1(said)), complaint);
});

test('it is the first answer that counts, and its own body; an interim answer is none', (t) => {
  const said =
    settings +
    frame(1, 3, status('103'), 4) +
    frame(1, 3, status('200'), 4) +
    frame(1, 1, '\u008c', 4) +
    frame(0, 1, page) +
    frame(0, 3, 'welcome', 1);
  t.is(firstAnswer(latin1(said)), 'HTTP/2 200\r\n\r\nwelcome');
});

test('every beginning of an answer is read as far as it goes, and garbage says nothing', (t) => {
  const whole = latin1(settings + answered(1, '400', page));
  for (let length = 0; length < whole.length; length++)
    t.true(firstAnswer(whole.subarray(0, length)).length <= 80);
  t.is(firstAnswer(latin1(settings + frame(1, 1, '\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff', 4))), '');
});
