/**
 * Reads the messages of gRPC in a body of HTTP/2 (gRPC over HTTP/2, "Length-Prefixed-Message"): one side of one call. A
 * message may lie in several parts of the body, and a part may have several messages.
 *
 * At most `mostKept` bytes of a message are kept; the rest is counted.
 */
import { latin1Text } from '../../core/bytes.ts';
import type { Cursor } from '../../core/cursor.ts';
import type { Field } from '../../core/field.ts';
import { Gathering } from '../../core/gathering.ts';
import { safeText } from '../../i18n/safe.ts';
import { openCodings } from '../http/content-coding.ts';
import type { Credential } from '../shared/credential.ts';
import { isSecretName } from '../shared/secret-names.ts';
import type { MessageType } from './definitions.ts';
import type { GrpcFieldId } from './ids.ts';
import { numberWords, readWireForm, summaryOf } from './wire-form.ts';
import type { WireField } from './wire-form.ts';

const prefixLength = 5;
const mostKept = 64 * 1024;
/** Of a longer message no summary is made. */
const mostSummarized = 16 * 1024;

export interface GrpcPart {
  readonly bytes: Uint8Array;
  /** Of the first byte, in its direction. */
  readonly offset: number;
  /** As it was sent: `bytes` may lack its end. */
  readonly length: number;
}

export interface GrpcMessage {
  /** Without the prefix. */
  readonly length: number;
  readonly isCompressed: boolean;
  /** As it was sent, without the prefix. */
  readonly data: Uint8Array;
  /** Its end was not kept. */
  readonly isCut: boolean;
  /** It began in an earlier part. */
  readonly isInParts: boolean;
  /** Where its data ends in its direction. */
  readonly end: number;
}

/** What a part of a body has. */
export interface GrpcRead {
  /** Bytes at its beginning that go on with a message of an earlier part. */
  readonly lead: number;
  /** The messages that it completes. */
  readonly messages: readonly GrpcMessage[];
}

export class GrpcReader {
  readonly coding: string;
  readonly type: MessageType | undefined;
  readonly isJson: boolean;
  readonly #prefix = new Uint8Array(prefixLength);
  #prefixHave = 0;
  readonly #data = new Gathering();
  #kept = 0;
  #left = 0;
  #length = 0;
  #isCut = false;
  /** Where the next message begins is not known. */
  #isLost = false;

  /** @param call.coding as grpc-encoding says; `call.type` what the definitions say of its messages */
  constructor(call: {
    readonly coding: string;
    readonly contentType: string;
    readonly type: MessageType | undefined;
  }) {
    this.coding = call.coding;
    this.type = call.type;
    this.isJson = /\+json\b/i.test(call.contentType);
  }

  feed({ bytes, offset, length }: GrpcPart): GrpcRead {
    const messages: GrpcMessage[] = [];
    const wasUnderWay = this.#prefixHave > 0;
    let lead: number | undefined;
    for (let at = 0; at < length && !this.#isLost; ) {
      if (this.#prefixHave < prefixLength) {
        const byte = bytes[at++];
        if (byte === undefined) {
          this.#isLost = true;
          break;
        }
        this.#prefix[this.#prefixHave++] = byte;
        if (this.#prefixHave < prefixLength) continue;
        this.#length = new DataView(this.#prefix.buffer).getUint32(1);
        this.#left = this.#length;
      } else {
        const taken = Math.min(this.#left, length - at);
        this.#keep(bytes.subarray(at, at + taken), taken);
        this.#left -= taken;
        at += taken;
      }
      if (this.#prefixHave < prefixLength || this.#left > 0) continue;
      const isInParts = wasUnderWay && messages.length === 0;
      if (isInParts) lead = at;
      messages.push({
        length: this.#length,
        isCompressed: (this.#prefix[0] ?? 0) !== 0,
        data: this.#data.joined(),
        isCut: this.#isCut,
        isInParts,
        end: offset + at,
      });
      this.#clear();
    }
    return { lead: lead ?? (wasUnderWay ? length : 0), messages };
  }

  #keep(bytes: Uint8Array, length: number): void {
    const kept = bytes.subarray(0, Math.max(0, mostKept - this.#kept));
    if (kept.length < length) this.#isCut = true;
    if (kept.length === 0) return;
    this.#data.add(kept);
    this.#kept += kept.length;
  }

  #clear(): void {
    this.#prefixHave = 0;
    this.#data.clear();
    this.#kept = 0;
    this.#isCut = false;
  }

  /** The message before its compression; undefined where it stays shut. */
  opened({ data, isCompressed, isCut }: GrpcMessage): Uint8Array | undefined {
    if (!isCompressed) return data;
    const opened = openCodings(this.coding, data, isCut);
    return opened && 'opened' in opened ? opened.opened : undefined;
  }

  /** What a message says, shortened to a line. */
  summaryOf(message: GrpcMessage): string {
    if (message.length > mostSummarized || message.isCut) return '';
    const opened = this.opened(message);
    if (!opened) return '';
    if (this.isJson) return safeText(Buffer.from(opened.subarray(0, 120)).toString('utf8'));
    const fields = readWireForm(opened, this.type);
    return fields ? safeText(summaryOf(fields)) : '';
  }

  /** Fields of a message that are secrets by the names that the definitions give them. */
  credentialsOf(message: GrpcMessage): readonly Credential[] {
    if (!this.type) return [];
    const opened = this.opened(message);
    const fields = opened && readWireForm(opened, this.type);
    const found: Credential[] = [];
    const start = message.end - message.length;
    const walk = (all: readonly WireField[], base: number): void => {
      for (const { type, value, valueStart, end } of all) {
        if (value.kind === 'message') walk(value.fields, base + valueStart);
        if (value.kind !== 'text' || value.value === '' || !type || !isSecretName(type.field)) continue;
        // In a compressed message a value has no position of its own.
        const place = message.isCompressed
          ? { offset: start, length: message.length }
          : { offset: base + valueStart, length: end - valueStart };
        found.push({ kind: 'grpc_field', name: type.field, value: value.value, ...place });
      }
    };
    if (fields) walk(fields, start);
    return found;
  }

  /** The field tree of the body's data in one part. */
  readData(cursor: Cursor, { lead }: GrpcRead): void {
    const ahead = Math.min(lead, cursor.remaining);
    if (ahead > 0) cursor.bytes('grpc.part', ahead);
    while (cursor.remaining > 0) {
      const length =
        cursor.remaining < prefixLength
          ? Infinity
          : [1, 2, 3, 4].reduce((sum, at) => sum * 256 + (cursor.peek(at) ?? 0), 0);
      if (prefixLength + length > cursor.remaining) {
        cursor.bytes('grpc.part', cursor.remaining);
        return;
      }
      cursor.block('grpc.message', prefixLength + length, (inner) => {
        const isCompressed = inner.uint8('grpc.compressed') !== 0;
        inner.uint32('grpc.length');
        if (inner.remaining === 0) return;
        if (isCompressed) inner.rest('grpc.compressed_data');
        else if (this.isJson) inner.text('grpc.json', inner.remaining);
        else readMessage(inner, this.type);
      });
    }
  }

  /** Fields of a message that has no bytes of its own in the part that completes it: it is in several, or compressed. */
  madeOf(message: GrpcMessage, at: number): Field | undefined {
    if (!message.isInParts && !message.isCompressed) return undefined;
    const opened = this.opened(message);
    if (!opened || opened.length === 0) return undefined;
    if (this.isJson) return empty('grpc.opened', at, latin1Text(opened));
    const fields = readWireForm(opened, this.type);
    return fields
      ? empty('grpc.opened', at, null, emptyFields(fields, at))
      : empty('grpc.opened', at, opened);
  }
}

function readMessage(cursor: Cursor, type: MessageType | undefined): void {
  cursor.restOr('protobuf.bytes', (inner, bytes) => {
    const fields =
      readWireForm(bytes, type) ?? inner.fail('bad_value', 'protobuf.message', 'a message', 'none');
    readFields(inner, fields);
  });
}

const nameOf = ({ number, type }: WireField): string => (type ? `${type.field} (${number})` : String(number));

function readFields(cursor: Cursor, fields: readonly WireField[]): void {
  for (const field of fields) {
    const { start, lengthStart, valueStart, end, value } = field;
    cursor.block('protobuf.field', end - start, (inner) => {
      inner.decoded('protobuf.tag', (lengthStart ?? valueStart) - start, nameOf(field));
      if (lengthStart !== undefined)
        inner.decoded('protobuf.field.length', valueStart - lengthStart, end - valueStart);
      if (end === valueStart) return;
      if (value.kind === 'message')
        inner.block('protobuf.message', end - valueStart, (block) => {
          readFields(block, value.fields);
        });
      else if (value.kind === 'bytes') inner.bytes('protobuf.bytes', end - valueStart);
      else inner.decoded('protobuf.value', end - valueStart, shown(field));
    });
  }
}

function shown({ value, type }: WireField): string | number | bigint {
  switch (value.kind) {
    case 'number':
      return type?.values || type?.name === 'bool' ? numberWords(value.value, type) : value.value;
    case 'numbers':
      return value.value.map((one) => numberWords(one, type)).join(', ');
    case 'text':
      return value.value;
    case 'bytes':
    case 'message':
      return '';
  }
}

function empty(id: GrpcFieldId, at: number, value: Field['value'], children: readonly Field[] = []): Field {
  return { id, range: [at, at], value, children, remarks: [], origin: 'wire' };
}

function emptyFields(fields: readonly WireField[], at: number): readonly Field[] {
  return fields.map((field) =>
    empty('protobuf.field', at, null, [
      empty('protobuf.tag', at, nameOf(field)),
      field.value.kind === 'message'
        ? empty('protobuf.message', at, null, emptyFields(field.value.fields, at))
        : field.value.kind === 'bytes'
          ? empty('protobuf.bytes', at, field.value.value)
          : empty('protobuf.value', at, shown(field)),
    ]),
  );
}
