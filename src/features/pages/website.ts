/**
 * A site that serves files over plain HTTP: where a CA finds the response to its challenge (RFC 8555 section 8.3). Files are
 * added only by the code that holds the site, never over HTTP.
 */
import type { Address, Observation } from '../../capture/event.ts';
import { accept } from '../../wire/accept.ts';
import type { AcceptOptions, Accepted, Tap } from '../../wire/endpoint.ts';
import { HttpFront, answerRefusal } from '../../wire/http/front.ts';

export interface WebsiteOptions {
  readonly accept: AcceptOptions;
}

export interface Website {
  readonly address: Address;
  /** Connections that are open now. */
  readonly open: number;
  /** Opens another listener on its own port, tapped at this end. */
  openListener(tap: Tap): Promise<Address>;
  /** Serves a text at that path from now on. Returns the function that removes it. */
  publish(path: string, text: string): () => void;
  /** What reached it since the last report. */
  report(): Extract<Observation, { kind: 'served' }>;
  close(graceMs?: number): Promise<void>;
}

export async function startWebsite({ accept: acceptOptions }: WebsiteOptions): Promise<Website> {
  const files = new Map<string, string>();
  let connections = 0;
  let requests = 0;
  const front = new HttpFront({
    onRequest(request, response, accepted) {
      requests++;
      if (accepted.refusal) {
        answerRefusal(response, accepted.refusal);
        return;
      }
      request.resume();
      const isRead = request.method === 'GET' || request.method === 'HEAD';
      const text = isRead ? files.get((request.url ?? '/').split('?')[0] ?? '/') : undefined;
      const body = text ?? (isRead ? 'not found\n' : 'only to be read\n');
      response.writeHead(text === undefined ? (isRead ? 404 : 405) : 200, {
        'Content-Type': 'text/plain; charset=utf-8',
        'Content-Length': Buffer.byteLength(body),
        'Cache-Control': 'no-store',
      });
      response.end(body);
    },
  });
  const serve = (accepted: Accepted): void => {
    connections++;
    front.serve(accepted);
  };
  const listener = await accept(acceptOptions, serve);
  const listeners = [listener];
  return {
    address: listener.address,
    get open() {
      return listeners.reduce((sum, { open }) => sum + open, 0);
    },
    async openListener(tap) {
      const opened = await accept(
        { ...acceptOptions, listen: { ...acceptOptions.listen, port: 0 }, tap },
        serve,
      );
      listeners.push(opened);
      return opened.address;
    },
    publish(path, text) {
      files.set(path, text);
      return () => files.delete(path);
    },
    report() {
      const served = { kind: 'served', connections, requests, logins: [] } as const;
      connections = 0;
      requests = 0;
      return served;
    },
    async close(graceMs = 1000) {
      await front.close(graceMs);
      await Promise.all(listeners.map(async (one) => one.close(graceMs)));
    },
  };
}
