/**
 * What `c`, `h` and `u` copy: the chosen field, message, card or command, as text where it is text, else as hex; as hex in any
 * case; a request as a curl command.
 */
import type { Message } from '../../analysis/conversation/message.ts';
import { curlCommand, grpcNote, isText, requestIn } from '../../analysis/summary/curl.ts';
import type { Connection } from '../../capture/connection.ts';
import { formatAddress } from '../../capture/event.ts';
import { toHex } from '../../core/hex.ts';
import { safeLines } from '../../i18n/safe.ts';
import { commandsOn } from './lab/pages.ts';
import { readAt } from './state/reading.ts';
import { fieldsAt, pointed } from './state/selection.ts';
import type { Selection } from './state/selection.ts';
import { masked, maskedIn, penFor } from './state/masking.ts';
import type { Model } from './state/model.ts';
import { commandsOf } from './view/verdict.ts';
import { cardLines } from './view/card.ts';
import { textOf } from './view/prose.ts';

export interface Copy {
  readonly text: string;
  /** Names the content, for the notice. */
  readonly what: string;
}

/** The most that terminals accept. */
const mostBytes = 32 * 1024;

export type CopyForm = 'text' | 'hex' | 'curl';

export function copyOf(model: Model, form: CopyForm = 'text'): Copy | undefined {
  const look = readAt(model);
  if (!look) return undefined;
  const copy = form === 'curl' ? asCurl(model, look) : ofBody(model, look, form);
  return copy && { ...copy, text: masked(model, copy.text) };
}

/** The chosen request; a body longer than a terminal takes is left out. */
function asCurl(model: Model, look: Selection): Copy | undefined {
  const place = pointed(look);
  if (!place) return undefined;
  const { message, connection } = place.row;
  const server = connection.opened ? formatAddress(connection.opened.to) : '';
  const request = requestIn(message, server, connection.carriesTls, rowsBehind(look, connection));
  if (!request) return undefined;
  const { body, ...rest } = request;
  // In octal digits nothing can be masked.
  const isShown = body && body.length <= mostBytes && (!model.masked || isText(body));
  const note = request.isGrpc ? `# ${grpcNote[model.language]}\n` : '';
  let text = safeLines(curlCommand(isShown ? request : rest)).join('\n');
  if (model.masked)
    for (const one of [message, ...rowsBehind(look, connection)])
      if (one.from === 'client') text = maskedIn(model, one, text);
  return { text: note + text, what: 'curl' };
}

/** Rows that are looked at for the body of a request. */
const mostRows = 4096;

/** The messages of a connection behind the chosen one. */
function* rowsBehind({ rows, chosen }: Selection, connection: Connection): Generator<Message> {
  for (let at = chosen + 1; at < Math.min(rows.length, chosen + mostRows); at++) {
    const row = rows.at(at);
    if (row?.connection === connection) yield row.message;
  }
}

function ofBody(model: Model, look: Selection, form: Exclude<CopyForm, 'curl'>): Copy | undefined {
  if (model.lab && model.sheet === 'commands') {
    const chosen = commandsOn(model.lab)[look.place.command ?? 0];
    return chosen && { text: chosen.line, what: chosen.line.slice(0, 24) };
  }
  if (look.body === 'verdict') {
    const chosen = commandsOf(look)[look.place.command ?? 0];
    return chosen && { text: chosen.line, what: chosen.line.slice(0, 24) };
  }
  if (look.body === 'card') {
    const lines = cardLines(look, penFor(model), 100);
    return {
      text: lines.map((line) => textOf(line).trimEnd()).join('\n'),
      what: model.language === 'ko' ? '거부 내역' : 'the card',
    };
  }
  const [command] = (look.stop?.kind === 'intro' && look.scene.sources.howTo?.()?.commands) || [];
  if (command !== undefined) return { text: command, what: command.slice(0, 24) };
  const place = pointed(look);
  if (!place) return undefined;
  const { message } = place.row;
  const bytes = message.bytes();
  if (!bytes) return undefined;
  const field = look.place.pane === 'bytes' || look.place.pointing ? fieldsAt(place).at(-1) : undefined;
  const [start, end] = field?.range ?? [message.offset, message.offset + message.length];
  const chosen = bytes.subarray(
    start - message.offset,
    Math.min(end - message.offset, start - message.offset + mostBytes),
  );
  return {
    text: maskedIn(model, message, form === 'hex' ? toHex(chosen) : textOrHex(chosen)),
    what: field?.id ?? message.title[model.language],
  };
}

/** Text that is safe for a terminal, else hex. */
function textOrHex(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  const isText = !text.includes('\ufffd') && /^[\t\r\n\u0020-\u007e\u00a0-\ud7ff\ue000-\uffff]*$/.test(text);
  return isText ? safeLines(text).join('\n') : toHex(bytes);
}
