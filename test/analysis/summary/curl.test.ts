/** A request of HTTP/2 as a curl command: its body is in frames behind it, and comes along where it is whole. */
import test from 'ava';
import { ConversationReader, loadCaptureReadings } from '../../../src/analysis/conversation/conversation.ts';
import { curlCommand, requestIn } from '../../../src/analysis/summary/curl.ts';
import { Flows } from '../../../src/capture/flows.ts';
import { ScriptedLog, present } from '../../helpers/capture.ts';

test.before(async () => loadCaptureReadings());

function frame(type: number, flags: number, stream: number, body: Uint8Array): Buffer {
  return Buffer.concat([Uint8Array.of(0, 0, body.length, type, flags, 0, 0, 0, stream), body]);
}
const literal = (text: string): Buffer => Buffer.concat([Uint8Array.of(text.length), Buffer.from(text)]);

/** POST /a to http://shop (RFC 7541: indexed fields, and literals without indexing). */
function head(stream: number, type: string, flags = 0x04): Buffer {
  const block = Buffer.concat([
    Uint8Array.of(0x83, 0x86, 0x04),
    literal('/a'),
    Uint8Array.of(0x01),
    literal('shop'),
    Uint8Array.of(0x0f, 0x10),
    literal(type),
  ]);
  return frame(1, flags, stream, block);
}
const data = (stream: number, body: string | Uint8Array, isLast: boolean): Buffer =>
  frame(0, isLast ? 1 : 0, stream, Buffer.from(body));

function copied(...frames: Uint8Array[]): string | undefined {
  const scripted = new ScriptedLog();
  const flows = new Flows(scripted.log);
  scripted.log.subscribe(flows.fold);
  scripted.began();
  scripted.opened();
  scripted.bytes(
    'client',
    Buffer.concat([
      Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
      frame(4, 0, 0, Buffer.alloc(0)),
      ...frames,
    ]),
  );
  const reader = new ConversationReader(present(flows.connection(1)));
  while (reader.advance());
  const { messages } = reader;
  const at = messages.findIndex(({ http }) => http?.kind === 'request');
  const request = requestIn(present(messages[at]), 'shop', false, messages.slice(at + 1));
  return request && curlCommand(request);
}

const plain = "--http2-prior-knowledge --header 'content-type: text/plain' -- http://shop/a";

test('the body of its own stream, from all of its frames', (t) => {
  t.is(
    copied(
      head(1, 'text/plain'),
      data(1, 'hel', false),
      head(3, 'text/plain'),
      data(3, 'no', true),
      data(1, 'lo', true),
    ),
    `curl --data-binary hello ${plain}`,
  );
});

test('one without a body, and one whose end has not come, have none', (t) => {
  t.is(copied(head(1, 'text/plain', 0x05)), `curl ${plain.replace('--header', '--request POST --header')}`);
  t.is(
    copied(head(1, 'text/plain'), data(1, 'hel', false)),
    `curl ${plain.replace('--header', '--request POST --header')}`,
  );
});

test('a call of gRPC is written byte for byte, and its answer goes where a terminal takes it', (t) => {
  t.is(
    copied(head(1, 'application/grpc'), data(1, Uint8Array.of(0, 0, 0, 0, 1, 0xff), true)),
    "printf '\\000\\000\\000\\000\\001\\377' | curl --data-binary @- --http2-prior-knowledge --header 'content-type: application/grpc' --verbose --output - -- http://shop/a",
  );
});
