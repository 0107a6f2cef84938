/**
 * Serves the status page of a proxy: `/_status` (JSON), and `/_metrics` in Prometheus' text format or, with `Accept:
 * application/json` or at `/_metrics/json`, as JSON. It answers GET and HEAD only.
 */
import { defined } from '../../core/defined.ts';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Address } from '../../capture/event.ts';
import { listenError } from '../../wire/tcp/listen-error.ts';

export interface StatusSources {
  readonly status: () => Promise<object>;
  readonly metrics: () => Promise<object>;
  readonly prometheus: () => Promise<string>;
}

export interface StatusServer {
  readonly address: Address;
  close(): Promise<void>;
}

type Page = readonly [type: string, body: string];

const json = (value: object): Page => ['application/json', `${JSON.stringify(value)}\n`];

/** Rejects with a `UserError` if the address cannot be listened on. */
export async function serveStatus(
  listen: Address,
  { status, metrics, prometheus }: StatusSources,
): Promise<StatusServer> {
  const text = async (): Promise<Page> => ['text/plain; version=0.0.4', await prometheus()];
  const pages: Readonly<Record<string, (accept: string) => Promise<Page>>> = {
    '/_status': async () => json(await status()),
    '/_metrics': async (accept) => (accept.includes('application/json') ? json(await metrics()) : text()),
    '/_metrics/json': async () => json(await metrics()),
    '/_metrics/prometheus': text,
  };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = (request.url ?? '').replace(/[?#].*$/, '');
    const page = Object.hasOwn(pages, path) ? pages[path] : undefined;
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    const [type, body] =
      page && isRead
        ? await page(request.headers.accept ?? '')
        : (['text/plain', `${Object.keys(pages).join('\n')}\n`] as const);
    response.writeHead(
      page ? (isRead ? 200 : 405) : 404,
      defined({
        'Content-Type': type,
        'Content-Length': Buffer.byteLength(body),
        'Cache-Control': 'no-store',
        Allow: page && !isRead ? 'GET, HEAD' : undefined,
      }),
    );
    response.end(request.method === 'HEAD' ? undefined : body);
  };
  const server = createServer(
    { keepAliveTimeout: 1000, requestTimeout: 5000, headersTimeout: 5000 },
    (request, response) => void answer(request, response),
  );
  server.maxConnections = 64;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, listen)));
    server.listen({ host: listen.host, port: listen.port }, resolve);
  });
  server.on('error', () => {});
  const { address, port } = server.address() as AddressInfo;
  return {
    address: { host: address, port },
    async close() {
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
    },
  };
}
