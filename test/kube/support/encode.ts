/** Kubernetes' protobuf, written by the tables that it is read by: for tests alone. */
import { jsonFields } from '../../../src/kube/objects/schema/message.ts';
import type { FieldType, Message, PlainType } from '../../../src/kube/objects/schema/message.ts';

type Plain = Readonly<Record<string, unknown>>;

export function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  bytes.push(Number(rest));
  return Buffer.from(bytes);
}

export function lengthed(number: number, bytes: Uint8Array): Buffer {
  return Buffer.concat([varint(BigInt(number * 8 + 2)), varint(BigInt(bytes.length)), bytes]);
}

const integer = (number: number, value: bigint): Buffer =>
  Buffer.concat([varint(BigInt(number * 8)), varint(value)]);

export function encodeMessage(object: Plain, { fields, inline }: Message): Buffer {
  const own = Object.entries(object).filter(([name]) => Object.hasOwn(fields, name));
  const within = Object.fromEntries(Object.entries(object).filter(([name]) => !Object.hasOwn(fields, name)));
  return Buffer.concat([
    ...own.map(([name, value]) => encodeField(fields[name]![0], value, fields[name]![1])),
    ...(inline ? [lengthed(inline[0], encodeMessage(within, inline[1]))] : []),
  ]);
}

function encodeField(number: number, value: unknown, type: FieldType): Buffer {
  switch (type) {
    case 'string':
      return lengthed(number, Buffer.from(value as string));
    case 'bytes':
      return lengthed(number, Buffer.from(value as string, 'base64'));
    case 'int32':
    case 'int64':
      return integer(number, BigInt(value as number));
    case 'bool':
      return integer(number, value ? 1n : 0n);
    case 'time':
      return lengthed(number, integer(1, BigInt(Date.parse(value as string) / 1000)));
    case 'microTime':
      return lengthed(
        number,
        Buffer.concat([
          integer(1, BigInt(Math.floor(Date.parse(value as string) / 1000))),
          integer(2, BigInt(Number(/\.(\d{6})Z$/.exec(value as string)![1]) * 1000)),
        ]),
      );
    case 'quantity':
      return lengthed(number, lengthed(1, Buffer.from(value as string)));
    case 'strings':
      return lengthed(number, Buffer.concat((value as string[]).map((one) => lengthed(1, Buffer.from(one)))));
    case 'intOrString':
      return lengthed(
        number,
        typeof value === 'number'
          ? Buffer.concat([integer(1, 0n), integer(2, BigInt(value)), lengthed(3, Buffer.alloc(0))])
          : Buffer.concat([integer(1, 1n), integer(2, 0n), lengthed(3, Buffer.from(value as string))]),
      );
    case 'any':
      throw new Error('it has no form in protobuf');
    default:
      if ('text' in type) return encodeField(number, value, 'string');
      if ('optional' in type) return encodeField(number, value, type.optional);
      if ('list' in type)
        return Buffer.concat((value as unknown[]).map((one) => encodeField(number, one, type.list)));
      if ('map' in type)
        return Buffer.concat(
          Object.entries(value as Plain).map(([key, one]) =>
            lengthed(number, Buffer.concat([lengthed(1, Buffer.from(key)), encodeField(2, one, type.map)])),
          ),
        );
      return lengthed(number, encodeMessage(value as Plain, type));
  }
}

export function envelope(apiVersion: string, kind: string, raw: Uint8Array): Buffer {
  return Buffer.concat([
    Buffer.from('k8s\0', 'latin1'),
    lengthed(1, Buffer.concat([lengthed(1, Buffer.from(apiVersion)), lengthed(2, Buffer.from(kind))])),
    lengthed(2, raw),
    lengthed(3, Buffer.alloc(0)),
    lengthed(4, Buffer.alloc(0)),
  ]);
}

/** A value for every field of a message that has a form in protobuf. */
export function specimen(message: Message): Plain {
  return Object.fromEntries(
    Object.entries(jsonFields(message)).flatMap(([name, [, type]]) => {
      const value = valueOf(type);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

const plainValues: Readonly<Record<PlainType, unknown>> = {
  string: 'word é',
  bytes: 'AAEC/w==',
  int32: -7,
  int64: -7_000_000_000,
  bool: true,
  time: '2026-11-26T06:00:00Z',
  microTime: '2026-11-26T06:00:00.012345Z',
  quantity: '4Gi',
  strings: ['one', 'two'],
  intOrString: 'http',
  any: undefined,
};

function valueOf(type: FieldType): unknown {
  if (typeof type === 'string') return plainValues[type];
  if ('text' in type) return plainValues.string;
  if ('optional' in type) return plainValues[type.optional];
  if ('list' in type) {
    const one = valueOf(type.list);
    return one === undefined ? undefined : [one, one];
  }
  if ('map' in type) return { first: valueOf(type.map), 'second/key': valueOf(type.map) };
  return specimen(type);
}
