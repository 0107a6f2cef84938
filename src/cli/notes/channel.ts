/**
 * The show's end of the channel to speakers' terminals: a Unix socket that its user alone can open. It sends what the screen
 * shows, and receives keys. `follow.ts` is the other end.
 */
import { chmodSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import type { SpeakerPage } from '../../ui/tui/speaker.ts';
import { keyIn, lineReader, pageLine } from './message.ts';
import type { SpeakerKey } from './message.ts';
import { pathsFor } from './shows.ts';

export interface Channel {
  /** Sends what is shown now, unless it was sent already. */
  publish(page: SpeakerPage | undefined): void;
  close(): void;
}

export interface ChannelOptions {
  /** The scenario's. */
  readonly name: string;
  readonly variables: NodeJS.ProcessEnv;
  /** When the show began, in milliseconds since 1970. */
  readonly began: number;
  readonly onKey: (key: SpeakerKey) => void;
}

const mostTerminals = 8;
/** Bytes that a terminal may leave unread. */
const mostUnread = 1024 * 1024;

/** Undefined where no folder can hold the socket: the show goes on without. */
export async function openChannel(options: ChannelOptions): Promise<Channel | undefined> {
  const { name, variables, began, onKey } = options;
  const terminals = new Set<Socket>();
  let line = '';
  const server = createServer((socket) => {
    terminals.add(socket);
    socket.on('close', () => terminals.delete(socket)).on('error', () => socket.destroy());
    const read = lineReader('key', (text) => {
      const key = keyIn(text);
      if (key) onKey(key);
      else socket.destroy();
    });
    socket.setEncoding('utf8').on('data', (text: string) => {
      if (!read(text)) socket.destroy();
    });
    if (line !== '') socket.write(line);
  });
  server.maxConnections = mostTerminals;
  for (const path of pathsFor(name, variables)) {
    try {
      server.listen(path).unref();
      await once(server, 'listening');
      chmodSync(path, 0o600);
    } catch {
      continue;
    }
    return {
      publish(page) {
        const next = page === undefined ? line : pageLine({ v: 1, began, ...page });
        if (next === line) return;
        line = next;
        for (const socket of terminals) {
          if (socket.writableLength > mostUnread) socket.destroy();
          else socket.write(line);
        }
      },
      close() {
        server.close();
        for (const socket of terminals) socket.destroy();
        rmSync(path, { force: true });
      },
    };
  }
  return undefined;
}
