/** The explorer's data as a page has it, read back in Node as the page's script would. */
import { gunzipSync } from 'node:zlib';
import type { ExecutionContext } from 'ava';
import { loadCaptureReadings } from '../../../../src/analysis/conversation/conversation.ts';
import type { Message } from '../../../../src/analysis/conversation/message.ts';
import type { EventSource } from '../../../../src/capture/flow-stream.ts';
import { Flows } from '../../../../src/capture/flows.ts';
import { verbatim } from '../../../../src/i18n/language.ts';
import { loadExplanations } from '../../../../src/presentation/conversation/explain.ts';
import { placeOfMessage } from '../../../../src/presentation/report/place.ts';
import type { BytePlace } from '../../../../src/presentation/types/bytes.ts';
import { render } from '../../../../src/ui/html/element.ts';
import type { Content, Html } from '../../../../src/ui/html/element.ts';
import { ExplorerBuilder } from '../../../../src/ui/html/bytes/explorer.ts';
import type { ExplorerOptions } from '../../../../src/ui/html/bytes/explorer.ts';
import { blobSize, elementId, fieldNumbers } from '../../../../src/ui/html/bytes/format.ts';
import type {
  ConnectionEntry,
  Explanation,
  ExplorerIndex,
  ExplorerTexts,
  Item,
  ItemPage,
  Text,
} from '../../../../src/ui/html/bytes/format.ts';
import { present } from '../../../helpers/capture.ts';

await Promise.all([loadCaptureReadings(), loadExplanations()]);

export function flowsOf(source: EventSource): Flows {
  const flows = new Flows(source);
  for (const event of source.events) flows.fold(event);
  return flows;
}

export interface Explored {
  readonly section: Html;
  readonly builder: ExplorerBuilder;
}

export function explore(flows: Flows, options: Partial<ExplorerOptions> = {}): Explored {
  const builder = new ExplorerBuilder({
    keys: flows.keylog,
    secrets: new Map(),
    isMasked: false,
    ...options,
  });
  for (const connection of flows.connections)
    builder.add(connection, {
      place: verbatim(`${connection.hop} #${connection.conn}`),
      client: verbatim('client'),
      server: verbatim('server'),
    });
  return { section: builder.finish(), builder };
}

/** All bytes of a message that one side sent. */
export const placeOf = (message: Message): BytePlace => present(placeOfMessage(message, message.length));

export interface ShownField {
  readonly explanation: Explanation;
  readonly start: number;
  readonly end: number;
  readonly depth: number;
  readonly name: Text;
  readonly value: Text;
  readonly remarks: readonly Text[];
}

export interface ShownItem extends Item {
  readonly titleText: Text;
  readonly stored: Uint8Array;
  readonly shownFields: readonly ShownField[];
  readonly secretTexts: readonly Text[];
  readonly concluded: readonly Text[];
}

export interface ReadBack {
  readonly index: ExplorerIndex;
  readonly texts: ExplorerTexts;
  readonly connections: readonly ConnectionEntry[];
  readonly items: readonly ShownItem[];
  readonly bytes: Uint8Array;
  /** Everything, decompressed: what a search of the file could find. */
  readonly everything: Buffer;
  /** Of the elements, in characters. */
  readonly size: number;
}

export function readBack(section: Html): ReadBack {
  const elements = scriptsIn(section);
  const decoded = new Map<string, Buffer>();
  const size = render(section, 'en').length;
  for (const one of elements) {
    const { id, 'data-form': form } = one.attributes;
    const text = one.code ?? '';
    const isBlob = form !== undefined;
    const raw = isBlob ? Buffer.from(text, 'base64') : Buffer.from(text);
    decoded.set(typeof id === 'string' ? id : '', form === 'gzip' ? gunzipSync(raw) : raw);
  }
  const valueOf = (id: string): unknown => JSON.parse(String(decoded.get(id)));
  const index = valueOf(elementId('index')) as ExplorerIndex;
  const texts = valueOf(elementId('texts')) as ExplorerTexts;
  const rawBlobs = Array.from({ length: Math.ceil(index.bytes / blobSize) }, (_, number) =>
    present(decoded.get(elementId('raw', number))),
  );
  const bytes = Buffer.concat(rawBlobs);
  return {
    index,
    texts,
    connections: index.connections.flatMap(
      (_, number) => valueOf(elementId('connections', number)) as ConnectionEntry[],
    ),
    items: index.items.flatMap((_, number) =>
      itemsOf(valueOf(elementId('items', number)) as ItemPage, texts, bytes),
    ),
    bytes,
    everything: Buffer.concat([...decoded.values()]),
    size,
  };
}

function scriptsIn(content: Content): Html[] {
  if (isList(content)) return content.flatMap(scriptsIn);
  if (typeof content !== 'object' || !('name' in content)) return [];
  return content.name === 'script' ? [content] : content.content.flatMap(scriptsIn);
}

const isList = (content: Content): content is readonly Content[] => Array.isArray(content);

function itemsOf(page: ItemPage, { explanations, remarks }: ExplorerTexts, bytes: Buffer): ShownItem[] {
  return page.items.map((item) => {
    const parts: Buffer[] = [];
    for (let at = 0; at < item.parts.length; at += 2) {
      const address = present(item.parts[at]);
      parts.push(bytes.subarray(address, address + present(item.parts[at + 1])));
    }
    const shownFields: ShownField[] = [];
    let start = 0;
    for (let at = 0; at < item.fields.length; at += fieldNumbers) {
      const [words = 0, behind = 0, length = 0, depth = 0, value = 0, name = 0, remark = 0] =
        item.fields.slice(at, at + fieldNumbers);
      start += behind;
      const explanation = present(explanations[words]);
      shownFields.push({
        explanation,
        start,
        end: start + length,
        depth,
        name: name === 0 ? explanation.ownName : present(page.texts[name - 1]),
        value: present(page.texts[value - 1]),
        remarks: present(remarks[remark]),
      });
    }
    return {
      ...item,
      titleText: present(page.texts[item.title]),
      stored: Buffer.concat(parts),
      shownFields,
      secretTexts: (item.secrets ?? [])
        .filter((_, at) => at % 3 === 2)
        .map((text) => present(page.texts[text])),
      concluded: (item.conclusions ?? []).map((text) => present(page.texts[text])),
    };
  });
}

/** The innermost field of each byte of an item: of parts that overlap the first, as `fieldPathAt` finds it. */
export function innermostOf({ shownFields, length }: ShownItem): (ShownField | undefined)[] {
  const owners = Array.from<ShownField | undefined>({ length });
  const open: ShownField[] = [];
  const close = (depth: number): void => {
    for (let field = open.at(-1); field && field.depth >= depth; field = open.at(-1)) {
      open.pop();
      for (let at = Math.max(0, field.start); at < Math.min(field.end, length); at++) owners[at] ??= field;
    }
  };
  for (const field of shownFields) {
    close(field.depth);
    open.push(field);
  }
  close(0);
  return owners;
}

/** Each byte of each direction is in one item of a reading without keys, as it was captured, and has a field. */
export function everyByteIsThere(
  t: ExecutionContext,
  flows: Flows,
  { items, connections }: ReadBack,
): number {
  const sealed = items.filter(({ readings }) => readings & 1);
  let count = 0;
  for (const [index, connection] of flows.connections.entries()) {
    const [first, length] = present(connections[index]).sealed;
    const own = sealed.slice(first, first + length);
    for (const [number, from] of [
      [1, 'client'],
      [2, 'server'],
    ] as const) {
      const stream = connection.stream('wire', from);
      const whole = Buffer.concat(
        own.filter((item) => item.from === number && !item.isInside).map(({ stored }) => stored),
      );
      t.true(whole.equals(present(stream.all())), `connection ${connection.conn} from the ${from}`);
      count += whole.length;
    }
  }
  for (const item of items) {
    t.is(item.stored.length, item.length);
    const owners = innermostOf(item);
    t.true(
      owners.every((field) => field !== undefined),
      `a byte of ${String(item.titleText)} has no field`,
    );
  }
  return count;
}
