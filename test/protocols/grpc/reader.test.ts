/** Messages of gRPC in bodies of HTTP/2: in one part or in several, compressed, by number and by name, and bytes that are none. */
import { gzipSync } from 'node:zlib';
import test from 'ava';
import * as fc from 'fast-check';
import { coverageOf } from '../../../src/protocols/coverage.ts';
import { useDefinitions } from '../../../src/protocols/grpc/definitions.ts';
import { definitionsOf, parseProto } from '../../../src/protocols/grpc/proto-file.ts';
import type { ProtoFile } from '../../../src/protocols/grpc/proto-file.ts';
import { statusWords } from '../../../src/protocols/grpc/status.ts';
import { explainedGrpcFields, grpcTexts } from '../../../src/protocols/grpc/texts.ts';
import { wellKnown } from '../../../src/protocols/grpc/well-known.ts';
import { readWireForm, summaryOf } from '../../../src/protocols/grpc/wire-form.ts';
import { Http2Conversation } from '../../../src/protocols/http2/conversation.ts';
import { preface } from '../../../src/protocols/http2/recognise.ts';
import { explainedHttp2Fields, http2Remarks, http2Texts } from '../../../src/protocols/http2/texts.ts';
import type { ProtocolMessage } from '../../../src/protocols/protocol.ts';
import { present } from '../../helpers/capture.ts';
import { data, frame, headers, settings } from '../http2/frames.ts';
import { allFields, treeFaults } from '../helpers/tree.ts';

const hex = (digits: string): Uint8Array => Buffer.from(digits.replaceAll(/\s/g, ''), 'hex');

function prefixed(message: Uint8Array, isCompressed = false): Uint8Array {
  const prefix = Buffer.alloc(5);
  prefix[0] = isCompressed ? 1 : 0;
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

const call = (path: string, more: readonly (readonly [string, string])[] = []): Uint8Array =>
  headers(1, [
    [':method', 'POST'],
    [':scheme', 'http'],
    [':path', path],
    ['content-type', 'application/grpc'],
    ['te', 'trailers'],
    ...more,
  ]);

function read(...frames: readonly Uint8Array[]): ProtocolMessage[] {
  const bytes = Buffer.concat([preface, settings(), ...frames]);
  const messages = new Http2Conversation().feed({ from: 'client', offset: 0, bytes, tag: 0 });
  return messages.slice(2);
}

const said = ({ title, facts }: ProtocolMessage): string => [title.en, facts?.en].filter(Boolean).join(', ');

/** 1: "foo", 2: 150, 3: { 1: "bar" } */
const simple = hex('0a03 666f6f 10 9601 1a05 0a03 626172');

test('a message in one frame, several in one frame, one over several frames', (t) => {
  const messages = read(
    call('/shop.Orders/Place'),
    data(1, prefixed(simple)),
    data(1, Buffer.concat([prefixed(simple), prefixed(hex('0801')), prefixed(simple).subarray(0, 7)])),
    data(1, prefixed(simple).subarray(7, 9)),
    data(1, prefixed(simple).subarray(9), 1),
  );
  t.deepEqual(messages.map(said), [
    'POST /shop.Orders/Place, stream 1',
    'Place request, stream 1, 1: "foo", 2: 150, 3: {1: "bar"}',
    'Place request, stream 1, 1: "foo", 2: 150, 3: {1: "bar"}; 1: 1, 1 more message',
    'DATA, stream 1, part of a gRPC message',
    'Place request, stream 1, 1: "foo", 2: 150, 3: {1: "bar"}',
  ]);
  t.deepEqual(
    messages.map(({ protocol }) => protocol),
    ['http2', 'grpc', 'grpc', 'http2', 'grpc'],
  );
  for (const message of messages) {
    const field = present(message.field());
    t.deepEqual(treeFaults(field), []);
    t.is(coverageOf(field).unknown + coverageOf(field).uncovered, 0, said(message));
  }
  const last = allFields(present(present(messages.at(-1)).field()));
  t.true(
    last.some(({ id, value }) => id === 'protobuf.value' && value === 'bar'),
    'the frame that completes it has its fields',
  );
});

test('what a message says is read line by line, the fields of inner messages deeper', (t) => {
  const [, message] = read(call('/a.B/C'), data(1, prefixed(simple), 1));
  t.deepEqual(
    message?.reading?.().map(({ field, name, value, depth }) => [depth, name ?? field.id, value]),
    [
      [0, 'DATA (0)', 'END_STREAM (0x01)'],
      [0, 'grpc.message', ''],
      [1, '1', 'foo'],
      [1, '2', '150'],
      [1, '3', ''],
      [2, '1', 'bar'],
    ],
  );
});

test('a compressed message is opened in the way that the headers name; a bomb is not', (t) => {
  const gzip = [['grpc-encoding', 'gzip']] as const;
  const [, message] = read(call('/a.B/C', gzip), data(1, prefixed(gzipSync(simple), true)));
  t.is(said(present(message)), 'C request, stream 1, 1: "foo", 2: 150, 3: {1: "bar"}');
  t.true(allFields(present(present(message).field())).some(({ value }) => value === 'foo'));
  const [, bomb] = read(
    call('/a.B/C', gzip),
    data(1, prefixed(gzipSync(Buffer.alloc(30_000_000)), true).subarray(0, 16_000)),
  );
  t.notThrows(() => bomb?.field());
  const [, unknown] = read(call('/a.B/C'), data(1, prefixed(gzipSync(simple), true)));
  t.is(said(present(unknown)), 'C request, stream 1');
});

test('the status of a call is said in words, with the message of the server', (t) => {
  t.is(statusWords('0', undefined).en, 'gRPC 0 OK');
  t.is(
    statusWords('5', 'no such key: %ED%82%A4%0A').en,
    'gRPC 5 NOT_FOUND (there is no such thing): "no such key: 키·"',
  );
  t.is(statusWords('99', undefined).ko, 'gRPC 상태 99');
  const [, trailers] = read(call('/a.B/C'), headers(1, [['grpc-status', '16']], 0x05));
  t.is(
    said(present(trailers)),
    'trailers, stream 1, gRPC 16 UNAUTHENTICATED (the caller has not proven who it is)',
  );
});

const proto = `
  // a comment
  syntax = "proto3";
  package shop.v1;
  import "google/protobuf/timestamp.proto";
  option go_package = "example.com/shop;shop";
  /* services */
  service Login {
    option deprecated = true;
    rpc Enter (EnterRequest) returns (stream EnterReply) { option (google.api.http) = { post: "/v1/enter" body: "*" }; }
    rpc Chat (stream EnterRequest) returns (stream .shop.v1.EnterReply);
  }
  message EnterRequest {
    reserved 4, 8 to 10;
    message Address { string street = 1; }
    enum Kind { PERSON = 0; ROBOT = 1; option allow_alias = true; ANDROID = -1; }
    string user = 1;
    string password = 2 [(secret) = true, json_name = "pw"];
    Kind kind = 3;
    repeated sint32 numbers = 5;
    map<string, Address> homes = 6;
    oneof proof { bytes token = 7; double weight = 11; }
    google.protobuf.Timestamp at = 12;
    optional bool remember = 13;
  }
  message EnterReply { EnterRequest.Address at = 1; fixed64 big = 2; }
`;

function parsed(text: string): ProtoFile {
  const file = parseProto(text);
  if ('fault' in file) throw new Error(JSON.stringify(file.fault));
  return file;
}

test.serial('with a .proto file, fields have names, enumerations words, and secrets are found', (t) => {
  useDefinitions(definitionsOf([parsed(proto)]));
  const message = hex(`
    0a05 616c696365  1207 68756e74657232  18 01  2a04 0102 ff01
    3209 0a01 61 1204 0a02 6262  3a02 0001  59 000000000000f83f
    6202 0805  68 01`);
  const [, request] = read(call('/shop.v1.Login/Enter'), data(1, prefixed(message)));
  const { credentials = [], offset, bytes } = present(request);
  t.is(
    said(present(request)),
    'Enter request, stream 1, user: "alice", password: …, kind: ROBOT, numbers: [-1, 1, -128], homes: {key: "a", value: {street: "bb"}}, token: 0x0001, …',
  );
  t.deepEqual(
    credentials.map(({ kind, name, value }) => [kind, name, value]),
    [['grpc_field', 'password', 'hunter2']],
  );
  const [{ offset: at, length }] = credentials as [(typeof credentials)[0]];
  t.is(Buffer.from(bytes.subarray(at - offset, at - offset + length)).toString(), 'hunter2');
  const shown = allFields(present(present(request).field()));
  t.true(shown.some(({ value }) => value === 'password (2)'));
  t.deepEqual(
    shown.filter(({ id }) => id === 'protobuf.value').map(({ value }) => value),
    ['alice', 'hunter2', 'ROBOT', '-1, 1, -128', 'a', 'bb', 1.5, 5, 'true'],
  );
  useDefinitions(new Map());
  const [, unnamed] = read(call('/shop.v1.Login/Enter'), data(1, prefixed(message)));
  t.regex(said(present(unnamed)), /1: "alice", 2: "hunter2", 3: 1/);
});

test('what is wrong in a .proto file is said with its line', (t) => {
  for (const [text, line, expected] of [
    ['syntax = "proto3";\nmessage {', 2, 'the name of a message'],
    ['message A {\n string x = y;\n}', 2, 'the number of a field'],
    ['message A {', 1, 'the rest of a definition'],
    ['service A { call B (C) returns (D); }', 1, 'rpc'],
    ['hello', 1, 'syntax, package, import, option, message, enum, service'],
    ['message A {\n  @', 2, 'a .proto file'],
    ['message A {'.repeat(100), 1, 'at most 64 messages inside each other'],
  ] as const) {
    const file = parseProto(text);
    t.deepEqual('fault' in file && [file.fault.line, file.fault.expected.en], [line, expected], text);
  }
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...proto.split(/\b/)), { maxLength: 60 }), (words) => {
      parseProto(words.join(''));
      return true;
    }),
    { seed: 1, numRuns: 500 },
  );
});

test('what is known without a file has no fault: the names of etcd', (t) => {
  t.deepEqual(
    [...present(present(wellKnown().get('/etcdserverpb.Auth/Authenticate')).request).fields.values()].map(
      ({ field }) => field,
    ),
    ['name', 'password'],
  );
  for (const [path, { request, response }] of wellKnown()) t.truthy(request && response, path);
  t.is(wellKnown().size, 10);
});

test('wire form: text, messages and bytes are told apart; packed numbers, groups, and what is no message', (t) => {
  const summary = (digits: string): string | undefined => {
    const fields = readWireForm(hex(digits));
    return fields && summaryOf(fields);
  };
  t.is(summary('0a05 0a03 626172'), '1: {1: "bar"}', 'a message that looks like text');
  t.is(summary('0a04 00ff0102'), '1: 0x00ff0102');
  t.is(summary('0a00'), '1: ""');
  t.is(summary('0b 0801 0c'), '1: 1', 'a group');
  t.is(summary('08ffffffffffffffffff01'), '1: 18446744073709551615');
  t.is(summary('0d01000000 110200000000000000'), '1: 1, 2: 2');
  for (const digits of ['08', '0a05 61', '00', '0f', '09 0000', '08ffffffffffffffffffff01'])
    t.is(summary(digits), undefined);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      const fields = readWireForm(bytes);
      if (fields) summaryOf(fields);
      return true;
    }),
    { seed: 1, numRuns: 3000 },
  );
});

test('hostile lengths: a message of 4 GB that never comes, nesting without end, many fields', (t) => {
  const huge = Buffer.from(prefixed(new Uint8Array(0)));
  huge.writeUInt32BE(0xffffffff, 1);
  const messages = read(
    call('/a.B/C'),
    data(1, huge),
    ...Array.from({ length: 20 }, () => data(1, Buffer.alloc(16_000))),
  );
  t.is(messages.filter(({ protocol }) => protocol === 'grpc').length, 0);
  let nested: Uint8Array = hex('0801');
  for (let depth = 0; depth < 1000; depth++) {
    const length = nested.length;
    const size = length < 128 ? [length] : [(length & 0x7f) | 0x80, length >> 7];
    nested = Buffer.concat([Uint8Array.of(0x0a, ...size), nested]);
  }
  t.notThrows(() => readWireForm(nested));
  t.is(
    readWireForm(Buffer.alloc(20_000, Buffer.from('0801', 'hex'))),
    undefined,
    'more fields than are read',
  );
});

test('every explained field of HTTP/2 and gRPC is one that messages show', (t) => {
  const block = Buffer.concat([Uint8Array.of(0x3f, 0x10, 0x82, 0x84), hex('0001610162'), hex('1001630164')]);
  const messages = [
    ...new Http2Conversation().feed({ from: 'client', offset: 0, bytes: preface, tag: 0 }),
    ...read(
      frame(1, 0x2c, 3, Buffer.concat([Uint8Array.of(2, 0, 0, 0, 1, 9), block, Buffer.alloc(2)])),
      frame(1, 0, 5, block.subarray(0, 2)),
      frame(9, 4, 5, block.subarray(2)),
      frame(5, 4, 3, Buffer.concat([Uint8Array.of(0, 0, 0, 2), block])),
      frame(0, 0, 3, Buffer.from('x')),
      settings([1, 1]),
      frame(3, 0, 3, Buffer.alloc(4)),
      frame(6, 0, 0, Buffer.alloc(8)),
      frame(7, 0, 0, Buffer.alloc(12, 1)),
      frame(8, 0, 0, Uint8Array.of(0, 0, 0, 1)),
      frame(10, 0, 1, Buffer.from('h3')),
      frame(0x99, 0, 1, Buffer.from('h3')),
      frame(4, 0, 0, Buffer.from('h3!')),
      call('/a.B/C', [['grpc-encoding', 'gzip']]),
      data(1, Buffer.concat([prefixed(simple), prefixed(hex('0a0100'))])),
      data(1, prefixed(gzipSync(simple), true)),
      data(1, prefixed(simple).subarray(0, 7)),
    ),
  ];
  const json = read(
    headers(1, [
      [':method', 'POST'],
      [':path', '/a.B/C'],
      ['content-type', 'application/grpc+json'],
    ]),
    data(1, prefixed(Buffer.from('{"a":1}'))),
  );
  t.true(said(present(json[1])).endsWith('{"a":1}'));
  const seen = new Set(
    [...messages, ...json].flatMap((message) => allFields(present(message.field()))).map(({ id }) => id),
  );
  t.deepEqual(
    [...explainedHttp2Fields, ...explainedGrpcFields].filter((id) => !seen.has(id)),
    [],
  );
  const remarks = [...messages]
    .flatMap((message) => allFields(present(message.field())))
    .flatMap((field) => field.remarks);
  t.deepEqual([...new Set(remarks.map(({ id }) => id))], [...http2Remarks]);
  for (const [id, { name, meaning }] of Object.entries({ ...http2Texts, ...grpcTexts })) {
    for (const text of [name.en, name.ko, meaning.en, meaning.ko])
      t.is(text, text.normalize('NFC').trim(), id);
    t.regex(meaning.en, /\.$/, id);
    t.regex(meaning.ko, /[다요][.(]/, id);
  }
});
