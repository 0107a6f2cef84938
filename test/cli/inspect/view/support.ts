/** Captures to be viewed, and `wirelab view` as a process. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import type { ViewFault, ViewRows } from '../../../../src/ui/html/view/format.ts';
import { ipv4, pcap, tcp } from '../../../capture/support/packets.ts';
import { ask } from '../../../helpers/ask-http.ts';
import { start } from '../../../helpers/running.ts';
import type { Running } from '../../../helpers/running.ts';

export function folderFor(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-view-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** What a client asks, and what it is answered. */
export type Exchanged = readonly [asked: string, answered: string];

/** Every tenth has failed. */
export const usual = (index: number): Exchanged => [
  `GET /page-${index} HTTP/1.1\r\nHost: shop-${index % 7}.example\r\n\r\n`,
  `HTTP/1.1 ${index % 10 === 3 ? '404 Not Found' : '200 OK'}\r\nContent-Length: 2\r\n\r\nok`,
];

/** A capture of connections, one after the other, each with a request and its response. */
export function captureOf(
  t: ExecutionContext,
  count: number,
  exchanged: (index: number) => Exchanged = usual,
): string {
  const packets: Uint8Array[] = [];
  for (let index = 0; index < count; index++) {
    const [asked, answered] = exchanged(index);
    const [source, destination] = [`10.1.${index >> 14}.${(index >> 7) & 127}`, '10.0.0.2'];
    const port = 20_000 + (index & 127);
    const [question, response] = [Buffer.from(asked), Buffer.from(answered)];
    const out = { sourcePort: port, destinationPort: 80 };
    const back = { sourcePort: 80, destinationPort: port };
    const client = (bytes: Uint8Array): void => void packets.push(ipv4(bytes, { source, destination }));
    const server = (bytes: Uint8Array): void =>
      void packets.push(ipv4(bytes, { source: destination, destination: source }));
    const [ends, answeredTo] = [101 + question.length, 501 + response.length];
    client(tcp({ ...out, sequence: 100, flags: 'S' }));
    server(tcp({ ...back, sequence: 500, acknowledged: 101, flags: 'S' }));
    client(tcp({ ...out, sequence: 101, acknowledged: 501, payload: question }));
    server(tcp({ ...back, sequence: 501, acknowledged: ends, payload: response }));
    client(tcp({ ...out, sequence: ends, acknowledged: answeredTo, flags: 'F' }));
    server(tcp({ ...back, sequence: answeredTo, acknowledged: ends + 1, flags: 'F' }));
    client(tcp({ ...out, sequence: ends + 1, acknowledged: answeredTo + 1 }));
  }
  const path = join(folderFor(t), 'seen.pcap');
  writeFileSync(path, pcap(packets));
  return path;
}

export interface Viewing {
  readonly url: string;
  readonly running: Running;
}

/** @param words behind `view`; without a browser unless an environment is given */
export async function viewing(
  t: ExecutionContext,
  words: readonly string[],
  env?: Readonly<Record<string, string>>,
): Promise<Viewing> {
  const running = start(t, ['view', ...(env ? [] : ['--no-open']), ...words], undefined, env);
  const printed = await running.until(/^http:\S+\n/);
  return { url: printed.trim(), running };
}

/** Rows, asked for until all are there. */
export async function rowsOf(url: string, filter = '', from = 0, count = 200): Promise<ViewRows> {
  for (;;) {
    const { body } = await ask(
      `${url}rows?${new URLSearchParams({ filter, from: String(from), count: String(count) }).toString()}`,
    );
    const answer = JSON.parse(body) as ViewRows | ViewFault;
    if ('fault' in answer) throw new Error(JSON.stringify(answer.fault));
    if (answer.isDone) return answer;
  }
}
