/** Serves the page of an opened file to this machine's browsers. Who may ask is decided by `run/web/guarded-server.ts`. */
import type { GuardedServer, Reply } from '../../run/web/guarded-server.ts';
import { serveGuarded } from '../../run/web/guarded-server.ts';
import { listOrders } from '../../../presentation/report/list-orders.ts';
import { longestFilter, mostRows } from '../../../ui/html/view/format.ts';
import type { ViewPage } from './page.ts';

/** For this machine alone. */
const loopback = { host: '127.0.0.1', port: 0 } as const;

/** Browsers open up to six connections for a page. */
const mostConnections = 64;

/** A large connection takes a while to be made ready, in milliseconds. */
const idle = 120_000;

const html = 'text/html; charset=utf-8';

export async function serveView(page: ViewPage): Promise<GuardedServer> {
  return serveGuarded({
    listen: loopback,
    connections: mostConnections,
    idle,
    async answer({ name, query, isHead }): Promise<Reply> {
      if (name === '')
        return {
          status: 200,
          type: html,
          body: page.document(),
          headers: { 'Content-Security-Policy': `${page.policy}; frame-ancestors 'none'` },
        };
      if (name === 'rows') {
        const filter = query.get('filter') ?? '';
        const order = listOrders.find((one) => one === (query.get('order') ?? 'opened'));
        const from = numberIn(query, 'from');
        const count = numberIn(query, 'count');
        const conn = query.has('conn') ? numberIn(query, 'conn') : null;
        if (!order || from === undefined || count === undefined || conn === undefined) return { status: 400 };
        if (count > mostRows || filter.length > longestFilter) return { status: 400 };
        if (isHead) return { status: 200, type: 'application/json' };
        const rows = await page.rows({ filter, order, from, count, conn: conn ?? undefined });
        return { status: 200, type: 'application/json', body: Buffer.from(JSON.stringify(rows)) };
      }
      if (name !== 'connection' && name !== 'bytes') return { status: 404 };
      const conn = numberIn(query, 'conn');
      if (conn === undefined) return { status: 400 };
      if (isHead) return { status: 200, type: html };
      const made = name === 'bytes' ? await page.bytes(conn) : page.conversation(conn);
      return made === undefined ? { status: 404 } : { status: 200, type: html, body: Buffer.from(made) };
    },
  });
}

function numberIn(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name) ?? '';
  return /^(?:0|[1-9]\d{0,9})$/.test(text) ? Number(text) : undefined;
}
