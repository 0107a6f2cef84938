/** Builds the field trees of header blocks, from what `hpack.ts` has decoded: a block of one frame, and one in parts. */
import type { Cursor } from '../../core/cursor.ts';
import type { Field, Remark } from '../../core/field.ts';
import type { HeaderBlock, HeaderField } from './hpack.ts';
import type { Http2FieldId } from './ids.ts';

/** The headers of a block that is all in this cursor; what could not be read is one field. */
export function fieldsOfBlock(cursor: Cursor, { fields }: HeaderBlock): void {
  for (const header of fields) {
    const length = Math.min(header.end - header.start, cursor.remaining);
    if (length > 0)
      cursor.block('http2.header', length, (inner) => {
        readHeader(inner, header);
      });
  }
  if (cursor.remaining > 0) cursor.rest('http2.unreadable');
}

const neverIndexed: readonly Remark[] = [{ id: 'http2.header.never_indexed' }];

function readHeader(
  cursor: Cursor,
  { form, name, value, index, start, end, nameText, valueText }: HeaderField,
): void {
  if (form === 'table_size') return cursor.decoded('http2.table_size', end - start, index);
  if (!valueText) {
    if (name === undefined) cursor.rest('http2.header.unknown');
    else cursor.decoded('http2.header.indexed', end - start, `${name}: ${value ?? ''}`);
    return;
  }
  if (nameText) {
    cursor.decoded('http2.header.form', nameText.lengthStart - start, form);
    cursor.decoded(
      'http2.header.name.length',
      nameText.start - nameText.lengthStart,
      nameText.end - nameText.start,
    );
    if (nameText.end > nameText.start)
      cursor.decoded('http2.header.name', nameText.end - nameText.start, name ?? '');
  } else if (name === undefined) cursor.bytes('http2.header.unknown', valueText.lengthStart - start);
  else cursor.decoded('http2.header.name', valueText.lengthStart - start, name);
  cursor.decoded(
    'http2.header.value.length',
    valueText.start - valueText.lengthStart,
    valueText.end - valueText.start,
  );
  if (valueText.end > valueText.start)
    cursor.decoded(
      'http2.header.value',
      valueText.end - valueText.start,
      value ?? '',
      form === 'never_indexed' ? neverIndexed : [],
    );
}

/** The headers of a block whose bytes are in several frames: without bytes of their own, at its end. */
export function fieldsOfHeaders({ fields }: HeaderBlock, at: number): Field {
  const empty = (id: Http2FieldId, value: Field['value'], children: readonly Field[] = []): Field => ({
    id,
    range: [at, at],
    value,
    children,
    remarks: [],
    origin: 'wire',
  });
  return empty(
    'http2.header_block',
    null,
    fields
      .filter(({ form }) => form !== 'table_size')
      .map(({ name, value, index }) =>
        empty(
          'http2.header',
          null,
          name === undefined
            ? [empty('http2.header.unknown', index)]
            : [empty('http2.header.name', name), empty('http2.header.value', value ?? '')],
        ),
      ),
  );
}
