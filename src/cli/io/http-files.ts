/**
 * Writes what HTTP carried: an archive (HAR), and bodies as files. Opened before anything runs, so that what cannot be written is
 * said at once; a file is there when it is whole, or not at all.
 *
 * 1. What a proxy carries over two wires is written once: as that of the clients shows it, else as the other does.
 * 2. Where a filter decides at the end of a connection, what was written of one that it keeps back is removed.
 * 3. Names of files come from the other side: letters, digits, dots and dashes are kept. They never lead out of the folder.
 */
import { closeSync, openSync, readdirSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { isoTime } from '../../core/iso-time.ts';
import { sha256Hex } from '../../core/sha256.ts';
import { bodyOf, harEntry, urlOf } from '../../analysis/summary/har.ts';
import { maskedAddress } from '../../analysis/summary/masking.ts';
import { wallClockOf } from '../../analysis/summary/connection-summary.ts';
import { headerOf } from '../../analysis/summary/exchanges.ts';
import type { Exchange } from '../../analysis/summary/exchanges.ts';
import { SiblingFile, unwritable } from '../../capture/file/output-file.ts';
import { makeFolder, removeFolders } from '../../capture/file/output-folder.ts';
import type { Connection } from '../../capture/connection.ts';
import { UserError } from '../../i18n/user-error.ts';
import type { Localized } from '../../i18n/language.ts';
import { grouped } from '../../i18n/number.ts';
import type { Parsed } from '../command.ts';
import { LineSpool } from './line-spool.ts';

/** Bytes of a body that are kept while it is on its way. */
const mostBody = 64 * 1024 * 1024;

export interface HttpFiles {
  /** Of a body, while it is on its way. */
  readonly mostBody: number;
  readonly add: (exchange: Exchange, connection: Connection) => void;
  /** A connection has ended, and is wanted or not. */
  readonly ended: (conn: number, isWanted: boolean) => void;
  /** Everything is there. Returns what was written, in words. */
  finish(): readonly Localized[];
  /** Nothing is left behind. */
  abandon(): void;
}

/** @throws UserError for what cannot be written. */
export function openHttpFiles(parsed: Parsed, version: string): HttpFiles | undefined {
  const [har, folder] = [parsed.text('har'), parsed.text('export')];
  const parts: (HarFile | ExportFolder)[] = [];
  try {
    if (har !== undefined) parts.push(new HarFile(har, version, parsed.flag('with-secrets')));
    if (folder !== undefined) parts.push(new ExportFolder(folder, parsed.flag('with-secrets')));
  } catch (error) {
    for (const part of parts) part.abandon();
    throw error;
  }
  if (parts.length === 0) return undefined;
  /** Wires of which something was written, or is written of the one before them. */
  const written = new Set<string>();
  /** Connections behind them of which something was written, by the clients' wire. */
  const behind = new Map<string, Set<number>>();
  return {
    mostBody,
    add(exchange, connection) {
      const { conn, hop, behind: clients } = connection;
      const isThere = clients !== undefined && written.has(clients);
      written.add(hop);
      if (isThere) return;
      for (const one of behind.get(hop) ?? []) for (const part of parts) part.ended(one, false);
      behind.delete(hop);
      if (clients !== undefined) behind.set(clients, (behind.get(clients) ?? new Set()).add(conn));
      for (const part of parts) part.add(exchange, connection);
    },
    ended: (conn, isWanted) => parts.forEach((part) => part.ended(conn, isWanted)),
    finish: () => parts.map((part) => part.finish()),
    abandon: () => parts.forEach((part) => part.abandon()),
  };
}

const contextOf = (connection: Connection): Parameters<typeof urlOf>[1] => ({
  scheme: connection.carriesTls ? 'https' : 'http',
  server: connection.opened?.to,
});

class HarFile {
  readonly #file: SiblingFile;
  readonly #version: string;
  readonly #withSecrets: boolean;
  readonly #entries = new LineSpool();
  #count = 0;

  constructor(path: string, version: string, withSecrets: boolean) {
    this.#version = version;
    this.#withSecrets = withSecrets;
    this.#file = new SiblingFile(path, '--har');
  }

  add(exchange: Exchange, connection: Connection): void {
    const entry = harEntry(exchange, {
      ...contextOf(connection),
      conn: connection.conn,
      wallClock: (at) => wallClockOf(connection, at),
      withSecrets: this.#withSecrets,
    });
    this.#entries.add(connection.conn, JSON.stringify(entry));
  }

  ended(conn: number, isWanted: boolean): void {
    if (!isWanted) this.#entries.drop(conn);
  }

  finish(): Localized {
    const { path } = this.#file;
    try {
      const creator = JSON.stringify({ name: 'wirelab', version: this.#version });
      this.#write(`{"log":{"version":"1.2","creator":${creator},"entries":[`);
      for (const conn of this.#entries.connections)
        for (const line of this.#entries.take(conn))
          this.#write(`${this.#count++ === 0 ? '' : ','}\n${line}`);
      this.#write('\n]}}\n');
      this.#file.place();
    } catch (error) {
      this.abandon();
      throw unwritable(path, '--har', error);
    }
    this.#entries.close();
    const count = grouped(this.#count);
    return {
      en: `${count} ${this.#count === 1 ? 'exchange was' : 'exchanges were'} written to ${path}`,
      ko: `${path}에 요청과 응답 ${count}쌍을 저장했습니다`,
    };
  }

  #write(text: string): void {
    writeWhole(this.#file.descriptor, text);
  }

  abandon(): void {
    this.#entries.close();
    this.#file.abandon();
  }
}

interface IndexRow {
  readonly file: string;
  readonly stream: number;
  readonly frame?: number;
  readonly time: string;
  readonly kind: 'request' | 'response';
  readonly method?: string;
  readonly url: string;
  readonly status?: number;
  readonly contentType?: string;
  /** Bytes in the file, and as they were sent. */
  readonly size: number;
  readonly sent: number;
  readonly sha256: string;
  /** False where a part is missing. */
  readonly whole: boolean;
}

class ExportFolder {
  readonly #path: string;
  readonly #made: readonly string[];
  readonly #withSecrets: boolean;
  /** Rows of the index: a proxy writes files for days. */
  readonly #rows = new LineSpool();
  /** How many files a connection that is open has. */
  readonly #counts = new Map<number, number>();
  #error: unknown;

  constructor(path: string, withSecrets: boolean) {
    this.#path = path;
    this.#withSecrets = withSecrets;
    try {
      this.#made = makeFolder(path, 0o700);
    } catch (error) {
      if (error instanceof UserError) throw error;
      throw unwritable(path, '--export', error);
    }
    if (readdirSync(path).length > 0)
      throw new UserError({
        what: { en: 'this folder is not empty', ko: '빈 폴더가 아닙니다' },
        where: `--export ${path}`,
        expected: { en: 'a new or an empty folder', ko: '새 폴더 또는 빈 폴더' },
        remedy: {
          en: 'Name another folder: nothing in this one is overwritten.',
          ko: '다른 폴더를 지정하세요. 있는 파일은 덮어쓰지 않습니다.',
        },
      });
  }

  add(exchange: Exchange, connection: Connection): void {
    const { request, response } = exchange;
    if (request && request.bodyLength > 0) this.#body(exchange, connection, 'request');
    if (response && response.bodyLength > 0) this.#body(exchange, connection, 'response');
  }

  #body(exchange: Exchange, connection: Connection, kind: 'request' | 'response'): void {
    const half = exchange[kind];
    if (!half || this.#error !== undefined) return;
    const sent = urlOf(exchange, contextOf(connection));
    const url = this.#withSecrets ? sent : maskedAddress(sent);
    const contentType = headerOf(half.headers, 'content-type');
    const body = bodyOf(half);
    const file = this.#nameFor(connection.conn, kind, sent, contentType);
    try {
      const partial = join(this.#path, `${file}.partial`);
      writeFileSync(partial, body, { flag: 'wx', mode: 0o600 });
      renameSync(partial, join(this.#path, file));
    } catch (error) {
      this.#error = error;
      return;
    }
    const row: IndexRow = {
      file,
      stream: connection.conn,
      ...(half.frame === undefined ? {} : { frame: half.frame }),
      time: isoTime(wallClockOf(connection, half.firstAt)),
      kind,
      ...(exchange.request ? { method: exchange.request.method } : {}),
      url,
      ...(exchange.response ? { status: exchange.response.status } : {}),
      ...(contentType === undefined ? {} : { contentType }),
      size: body.length,
      sent: half.bodyLength,
      sha256: sha256Hex(body),
      whole: half.isWhole,
    };
    this.#rows.add(connection.conn, JSON.stringify(row));
  }

  /** `0003-002-login.html`: the connection, a number, what the address ends with. */
  #nameFor(conn: number, kind: string, url: string, contentType: string | undefined): string {
    const count = (this.#counts.get(conn) ?? 0) + 1;
    this.#counts.set(conn, count);
    const number = String(count).padStart(3, '0');
    const [name, extension] = safeName(url, contentType);
    return `${String(conn).padStart(4, '0')}-${number}-${kind === 'request' ? 'request-' : ''}${name}${extension}`;
  }

  ended(conn: number, isWanted: boolean): void {
    if (isWanted) return;
    this.#counts.delete(conn);
    for (const row of this.#rows.take(conn))
      rmSync(join(this.#path, (JSON.parse(row) as IndexRow).file), { force: true });
  }

  finish(): Localized {
    if (this.#error !== undefined) throw unwritable(this.#path, '--export', this.#error);
    let written = 0;
    try {
      const partial = join(this.#path, 'index.json.partial');
      const descriptor = openSync(partial, 'wx', 0o600);
      try {
        writeWhole(descriptor, '[');
        for (const conn of this.#rows.connections)
          for (const row of this.#rows.take(conn))
            writeWhole(descriptor, `${written++ === 0 ? '' : ','}\n  ${row}`);
        writeWhole(descriptor, '\n]\n');
      } finally {
        closeSync(descriptor);
      }
      renameSync(partial, join(this.#path, 'index.json'));
    } catch (error) {
      throw unwritable(this.#path, '--export', error);
    }
    this.#rows.close();
    const count = grouped(written);
    return {
      en: `${count} ${written === 1 ? 'body was' : 'bodies were'} written to ${this.#path}`,
      ko: `${this.#path}에 본문 ${count}개를 저장했습니다`,
    };
  }

  /** Without an index nothing stays. */
  abandon(): void {
    for (const conn of this.#rows.connections) this.ended(conn, false);
    this.#rows.close();
    removeFolders(this.#made);
  }
}

function writeWhole(descriptor: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
}

const extensions: Readonly<Record<string, string>> = {
  'text/html': '.html',
  'text/plain': '.txt',
  'text/css': '.css',
  'text/javascript': '.js',
  'application/javascript': '.js',
  'application/json': '.json',
  'application/xml': '.xml',
  'text/xml': '.xml',
  'application/pdf': '.pdf',
  'application/zip': '.zip',
  'application/gzip': '.gz',
  'application/wasm': '.wasm',
  'application/x-www-form-urlencoded': '.form',
  'image/png': '.png',
  'image/jpeg': '.jpg',
  'image/gif': '.gif',
  'image/webp': '.webp',
  'image/svg+xml': '.svg',
  'font/woff2': '.woff2',
  'video/mp4': '.mp4',
  'application/grpc': '.grpc',
};

/** The end of an address as a name without its extension, and the extension: by its type, else its own. */
export function safeName(
  url: string,
  contentType: string | undefined,
): readonly [name: string, extension: string] {
  const path = url.replace(/[?#].*$/s, '').replace(/^[^/]*\/\/[^/]*/, '');
  // The last part that is not empty, found without trying each of many slashes.
  let end = path.length;
  while (end > 0 && path[end - 1] === '/') end--;
  const last = path.slice(path.lastIndexOf('/', end - 1) + 1, end);
  const clean = last.replace(/[^A-Za-z0-9._-]+/g, '_').replace(/^[._-]+/, '');
  const [, stem = clean, own = ''] = /^(.+?)(\.[A-Za-z0-9]{1,8})$/.exec(clean) ?? [];
  const type = contentType?.split(';')[0]?.trim().toLowerCase() ?? '';
  const byType = Object.hasOwn(extensions, type) ? extensions[type] : undefined;
  return [stem.slice(0, 60) || 'index', byType ?? (own === '' ? '.bin' : own.toLowerCase())];
}
