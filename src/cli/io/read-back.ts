/**
 * Reads messages of a connection back from the capture being written, when they are no longer in memory. It selects the
 * connection's packets; `analysis` reads their bytes, and `ui/tui` shows the messages.
 *
 * 1. The file is read from its start, in pieces, without blocking the program; only the requested window of messages is
 *    kept, and payload up to a limit.
 * 2. The packets are our own (`packets.ts`): in order, a connection identified by its first sequence number, the bytes
 *    of an event ending with the PSH flag. So the events, and with them the messages, are the original ones.
 * 3. If the file ends before the requested position, the result contains what there is, and its extent.
 */
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { ConversationReader } from '../../analysis/conversation/conversation.ts';
import type { Message } from '../../analysis/conversation/message.ts';
import { CaptureReader } from '../../capture/file/capture-file.ts';
import type { EventOf, Side } from '../../capture/event.ts';
import { Flows } from '../../capture/flows.ts';
import type { Connection } from '../../capture/connection.ts';
import { readIp, readTcp } from '../../capture/net/ip.ts';
import type { TcpSegment } from '../../capture/net/ip.ts';
import { CaptureLog } from '../../capture/log.ts';
import { firstNumbers } from '../../capture/file/packets.ts';
import type { CapturedInterface, PcapngSink } from '../../capture/file/pcapng-reader.ts';
import { PacketClock } from '../../capture/file/replay.ts';
import type { PacketRecord } from '../../capture/file/window.ts';
import { KeyRing } from '../../protocols/tls/keys/keylog.ts';
import type { Localized } from '../../i18n/language.ts';
import { UserError } from '../../i18n/user-error.ts';
import { safeText } from '../../i18n/safe.ts';
import type { Page, PageWanted } from '../../ui/tui/message.ts';

/** Bytes of the file per read: a few milliseconds. */
const windowBytes = 128 * 1024;
/** Messages per page; and the margin read past a position, so that it stays on the page. */
const mostMessages = 2048;
const mostBehind = 900;
/** Payload per page, in bytes. */
const maxPayload = 32 * 1024 * 1024;

export interface ReadBackOptions {
  /** The file, while it grows. */
  readonly path: string;
  /** Holds the connection and its keys. */
  readonly flows: Flows | undefined;
  readonly wanted: PageWanted;
  readonly signal: AbortSignal;
}

export async function readBack({
  path,
  flows,
  wanted,
  signal,
}: ReadBackOptions): Promise<{ readonly page: Page } | { readonly failure: Localized }> {
  const name = safeText(basename(path));
  const connection = flows?.connection(wanted.conn);
  const { opened } = connection ?? {};
  try {
    const page =
      flows && connection && opened?.transport === 'tcp'
        ? await readPage(path, new PageReader(connection, opened, wanted, new KeyRing(flows)), signal)
        : undefined;
    return page
      ? { page }
      : {
          failure: {
            en: `${name} has no more messages of this connection`,
            ko: `이 연결의 메시지가 더 없습니다(${name})`,
          },
        };
  } catch (error) {
    const reason = reasonOf(error);
    if (!reason) throw error;
    return {
      failure: {
        en: `cannot read older messages back from ${name}: ${reason.en}`,
        ko: `이전 메시지를 다시 읽을 수 없습니다(${name}): ${reason.ko}`,
      },
    };
  }
}

/** Undefined for an internal error. */
function reasonOf(error: unknown): Localized | undefined {
  if (error instanceof UserError) return error.facts.what;
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  if (code === 'ENOENT') return { en: 'the file no longer exists', ko: '파일이 더 이상 없습니다' };
  return code === undefined ? undefined : { en: code, ko: code };
}

async function readPage(path: string, page: PageReader, signal: AbortSignal): Promise<Page | undefined> {
  const file = await open(path, 'r');
  try {
    const reader = new CaptureReader(page, { where: path, windowBytes });
    while (!page.isDone && !reader.isOver && !signal.aborted) {
      const { bytesRead } = await file.read(reader.room());
      if (bytesRead === 0) {
        // It may have another format; that it is truncated is normal for a growing file.
        reader.end();
        break;
      }
      reader.took(bytesRead);
    }
  } finally {
    await file.close();
  }
  return page.page;
}

const PSH = 0x08;

/** Collects the packets of the file and reads those of one connection, up to the requested position. */
class PageReader implements PcapngSink {
  readonly #connection: Connection;
  readonly #opened: EventOf<'opened'>;
  readonly #wanted: PageWanted;
  readonly #keys: KeyRing;
  readonly #interfaces: (string | undefined)[] = [];
  readonly #clock = new PacketClock();
  readonly #log = new CaptureLog({ clock: this.#clock, endless: true, maxPayload });
  readonly #flows = new Flows(this.#log);
  readonly #next: Record<Side, number>;
  /** The bytes of the current event so far. */
  readonly #pieces: Record<Side, Uint8Array[]> = { client: [], server: [] };
  /** The client, as given by the packets, and the time of opening in microseconds since the epoch. */
  #begun: { readonly client: string; readonly at: number } | undefined;
  #sealed: ConversationReader | undefined;
  #unsealed: ConversationReader | undefined;
  /** Time up to which it is read, relative to the opening of the connection. */
  #until: number;
  #behind = { sealed: 0, unsealed: 0 };
  #newest = 0;
  isDone = false;

  constructor(connection: Connection, opened: EventOf<'opened'>, wanted: PageWanted, keys: KeyRing) {
    this.#connection = connection;
    this.#opened = opened;
    this.#wanted = wanted;
    this.#keys = keys;
    this.#next = firstNumbers(connection.conn);
    this.#until = wanted.direction === 'before' ? wanted.at - opened.at : Infinity;
    this.#log.subscribe(this.#flows.fold);
  }

  interface({ name }: CapturedInterface): void {
    this.#interfaces.push(name);
  }

  packet({ interface: number = 0, bytes: window, view, start, end, microseconds }: PacketRecord): void {
    if (this.isDone || this.#interfaces[number] !== this.#connection.hop) return;
    const header = (window[start] ?? 0) >> 4 === 4 ? 20 : 40;
    if (end - start < header + 20) return;
    const from = this.#senderBy(view.getUint16(start + header), view.getUint16(start + header + 2));
    if (!from) return;
    const ip = readIp(window.subarray(start, end));
    const segment = ip?.protocol === 6 ? readTcp(ip.payload) : undefined;
    if (!ip || !segment) return;
    if (!this.#begun) {
      if (segment.syn && segment.acknowledged === undefined && segment.sequence === this.#next.client)
        this.#begin(ip.source, microseconds);
      return;
    }
    if (this.#senderOf(ip.source, from) === undefined) return;
    if (microseconds - this.#begun.at > this.#until) this.isDone = true;
    else this.#take(segment, from, ((window[start + header + 13] ?? 0) & PSH) !== 0, microseconds);
  }

  /** What has been read; undefined if nothing. */
  get page(): Page | undefined {
    const { direction, at } = this.#wanted;
    const sealed = this.#messagesOf(this.#sealed);
    if (sealed.length === 0 || (direction === 'behind' && this.#behind.sealed === 0)) return undefined;
    const newest = this.#opened.at + this.#newest;
    return {
      conn: this.#connection.conn,
      through: direction === 'before' && this.isDone ? at : newest,
      sealed,
      opened: this.#unsealed ? this.#messagesOf(this.#unsealed) : sealed,
    };
  }

  #messagesOf(reader: ConversationReader | undefined): Message[] {
    const { run } = this.#connection;
    return (reader?.messages ?? []).map((message) => ({ ...message, run, at: message.at + this.#opened.at }));
  }

  #senderBy(source: number, destination: number): Side | undefined {
    const client = this.#opened.from.port & 0xffff;
    const server = this.#opened.to.port & 0xffff;
    if (source === client && destination === server) return 'client';
    return source === server && destination === client ? 'server' : undefined;
  }

  /** The same ports may belong to other addresses. */
  #senderOf(source: string, from: Side): Side | undefined {
    return from === 'server' || source === this.#begun?.client ? from : undefined;
  }

  #begin(client: string, at: number): void {
    this.#begun = { client, at };
    const { conn, hop, from, to, transport } = this.#opened;
    for (const side of ['client', 'server'] as const) this.#next[side] = (this.#next[side] + 1) >>> 0;
    this.#clock.set(at);
    this.#log.append({ type: 'opened', conn, hop, from, to, transport });
    const connection = this.#flows.connection(conn);
    if (connection)
      this.#sealed = new ConversationReader(connection, {
        mostMessages,
        onMessage: (message) => this.#count('sealed', message),
      });
    this.#readOn();
  }

  #take(
    { syn, fin, rst, sequence, acknowledged, payload }: TcpSegment,
    from: Side,
    isLast: boolean,
    microseconds: number,
  ): void {
    // Another connection between the same ports.
    if (syn) this.isDone ||= acknowledged === undefined;
    if (syn) return;
    this.#newest = microseconds - (this.#begun?.at ?? 0);
    this.#clock.set(microseconds);
    const { conn, hop } = this.#connection;
    if (payload.length > 0) {
      const dropped = (sequence - this.#next[from]) >>> 0;
      if (dropped > 0)
        this.#log.append({
          type: 'bytes',
          conn,
          hop,
          vantage: 'wire',
          from,
          bytes: new Uint8Array(0),
          dropped,
        });
      this.#next[from] = (sequence + payload.length) >>> 0;
      // The read buffer is reused.
      this.#pieces[from].push(payload.slice());
      if (isLast)
        this.#log.append({
          type: 'bytes',
          conn,
          hop,
          vantage: 'wire',
          from,
          bytes: Buffer.concat(this.#pieces[from].splice(0)),
        });
    }
    if (fin || rst) {
      this.#log.append({ type: 'closed', conn, hop, by: from, how: rst ? 'reset' : 'end' });
      this.isDone = true;
    }
    if (isLast || fin || rst) this.#readOn();
  }

  #readOn(): void {
    const connection = this.#flows.connection(this.#connection.conn);
    if (!this.#unsealed && connection?.carriesTls)
      this.#unsealed = new ConversationReader(connection, {
        mostMessages,
        keys: this.#keys,
        onMessage: (message) => this.#count('unsealed', message),
      });
    this.#sealed?.advance();
    this.#unsealed?.advance();
    // Messages of the same event belong together.
    if (Math.max(this.#behind.sealed, this.#behind.unsealed) >= mostBehind)
      this.#until = Math.min(this.#until, this.#newest);
  }

  #count(reading: 'sealed' | 'unsealed', { at }: Message): void {
    if (this.#wanted.direction === 'behind' && at + this.#opened.at > this.#wanted.at)
      this.#behind[reading]++;
  }
}
