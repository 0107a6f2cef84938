/**
 * What a frame says, line by line: the headers as they were before their compression, settings, fields of gRPC messages.
 * Made of its field tree. A body that is no gRPC is best read as it is.
 */
import type { Field, FieldValue } from '../../core/field.ts';
import type { ReadLine } from '../protocol.ts';

/** The length, the type, the flags and the stream. */
const headerFields = 4;

const nameless: ReadonlySet<string> = new Set(['http2.table_size', 'http2.header.unknown']);

export function readingOf(frame: Field): readonly ReadLine[] {
  const [length, type, flags, stream, ...content] = frame.children;
  if (!length || !type || !flags || !stream) return [];
  const lines: ReadLine[] = [];
  const add = (field: Field, depth: number, words: Pick<ReadLine, 'name' | 'value'> = {}): void => {
    lines.push({ field, depth, ...words });
  };
  const walk = (field: Field, depth: number): void => {
    const [first, ...others] = field.children;
    const last = others.at(-1);
    switch (field.id) {
      case 'http2.header_block':
      case 'http2.data':
      case 'grpc.opened':
      case 'protobuf.message':
        if (!first) add(field, depth);
        for (const child of field.children) walk(child, depth);
        break;
      case 'http2.header':
        // What has no name is worded by its only part.
        if (field.children.some(({ id }) => nameless.has(id)))
          for (const child of field.children) walk(child, depth);
        else add(field, depth, headerWords(field));
        break;
      case 'http2.setting':
        add(field, depth, { name: textOf(first?.value), value: textOf(last?.value) });
        break;
      case 'grpc.message':
        add(field, depth, { value: '' });
        for (const child of others.slice(1)) walk(child, depth + 1);
        break;
      case 'protobuf.field':
        if (last && last.children.length > 0) {
          add(field, depth, { name: textOf(first?.value), value: '' });
          walk(last, depth + 1);
        } else add(field, depth, { name: textOf(first?.value), ...valueWords(last) });
        break;
      default:
        add(field, depth);
    }
  };
  add(
    { ...frame, range: [length.range[0], stream.range[1]], children: frame.children.slice(0, headerFields) },
    0,
    {
      name: textOf(type.value),
      value: textOf(flags.value),
    },
  );
  for (const field of content) walk(field, 0);
  return lines;
}

function headerWords({ children }: Field): Pick<ReadLine, 'name' | 'value'> {
  const name = children.find(({ id }) => id === 'http2.header.name');
  const value = children.find(({ id }) => id === 'http2.header.value');
  if (name) return { name: textOf(name.value), value: textOf(value?.value) };
  const indexed = children.find(({ id }) => id === 'http2.header.indexed');
  // The names of pseudo-headers begin with a colon.
  const [, own = '', rest = ''] = /^(:?[^:]*): ?([^]*)$/.exec(textOf(indexed?.value)) ?? [];
  return indexed ? { name: own, value: rest } : {};
}

function valueWords(field: Field | undefined): Pick<ReadLine, 'value'> {
  // Bytes are worded like those of any other field.
  return field && !(field.value instanceof Uint8Array) ? { value: textOf(field.value) } : {};
}

function textOf(value: FieldValue | undefined): string {
  return value === undefined || value === null || value instanceof Uint8Array ? '' : String(value);
}
