/** A client of the JSON gateway for tests, over HTTP or HTTPS, that asks for anything. */
import { Agent, request as requestPlain } from 'node:http';
import { Agent as SecureAgent, request as requestSecure } from 'node:https';
import type { AgentOptions } from 'node:https';
import { systemClock } from '../../../../src/core/clock.ts';
import { startEmbeddedEtcd } from '../../../../src/kube/etcd/embedded.ts';
import type {
  EmbeddedEtcd,
  EmbeddedEtcdOptions,
} from '../../../../src/kube/etcd/embedded/embedded-options.ts';
import { issueWorld } from '../../../../src/pki/ca/issue.ts';

export const world = issueWorld(
  {
    certificates: {
      'etcd-ca': { profile: 'root', subject: { CN: 'etcd-ca' } },
      ca: { profile: 'root', subject: { CN: 'kubernetes' } },
      server: {
        profile: 'server',
        issuer: 'etcd-ca',
        subject: { CN: 'cp1' },
        san: ['DNS:localhost', 'IP:127.0.0.1'],
        extendedKeyUsage: ['serverAuth', 'clientAuth'],
      },
      client: { profile: 'client', issuer: 'etcd-ca', subject: { CN: 'kube-apiserver-etcd-client' } },
      stranger: { profile: 'client', issuer: 'ca', subject: { CN: 'kubernetes-admin' } },
      expired: { profile: 'client', issuer: 'etcd-ca', subject: { CN: 'late' }, flaws: ['expired'] },
      early: { profile: 'client', issuer: 'etcd-ca', subject: { CN: 'early' }, flaws: ['not-yet-valid'] },
      'server-only': {
        profile: 'client',
        issuer: 'etcd-ca',
        subject: { CN: 'server-only' },
        flaws: ['wrong-usage'],
      },
    },
  },
  { clock: systemClock },
);

export interface Reply {
  readonly code: number;
  readonly contentType: string;
  readonly text: string;
  readonly body: unknown;
}

export interface GatewayClient {
  post(path: string, body: unknown): Promise<Reply>;
  ask(method: string, path: string, body?: string | Uint8Array): Promise<Reply>;
  /** Lines of a watch, until `enough` says so or the server ends it. */
  watch(body: string, enough: (lines: readonly WatchLine[]) => boolean): Promise<readonly WatchLine[]>;
  close(): void;
}

export interface WatchLine {
  readonly result?: {
    readonly header?: unknown;
    readonly created?: boolean;
    readonly fragment?: boolean;
    readonly canceled?: boolean;
    readonly events?: readonly unknown[];
    readonly watch_id?: string;
    readonly compact_revision?: string;
    readonly cancel_reason?: string;
  };
}

/** @param tls with its options HTTPS is spoken. */
export function gatewayClient(port: number, tls?: AgentOptions): GatewayClient {
  const agent = tls ? new SecureAgent({ keepAlive: true, ...tls }) : new Agent({ keepAlive: true });
  const begin = (method: string, path: string): ReturnType<typeof requestPlain> =>
    (tls ? requestSecure : requestPlain)({ host: '127.0.0.1', port, path, method, agent });
  const ask: GatewayClient['ask'] = async (method, path, body) =>
    new Promise((resolve, reject) => {
      const asked = begin(method, path);
      asked.on('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          const contentType = response.headers['content-type'] ?? '';
          resolve({
            code: response.statusCode ?? 0,
            contentType,
            text,
            body: contentType === 'application/json' && text !== '' ? JSON.parse(text) : undefined,
          });
        });
      });
      asked.on('error', reject);
      if (body !== undefined) asked.setHeader('content-length', Buffer.byteLength(body));
      asked.end(body);
    });
  return {
    ask,
    post: async (path, body) => ask('POST', path, typeof body === 'string' ? body : JSON.stringify(body)),
    watch: async (body, enough) =>
      new Promise((resolve, reject) => {
        const asked = begin('POST', '/v3/watch');
        const lines: WatchLine[] = [];
        asked.on('response', (response) => {
          let text = '';
          response.setEncoding('utf8');
          response.on('data', (chunk: string) => {
            text += chunk;
            const whole = text.split('\n');
            text = whole.pop() ?? '';
            lines.push(...whole.map((line) => JSON.parse(line) as WatchLine));
            if (!enough(lines)) return;
            asked.destroy();
            resolve(lines);
          });
          response.on('end', () => resolve(lines));
          response.on('error', reject);
        });
        asked.on('error', reject);
        asked.end(body);
      }),
    close: () => agent.destroy(),
  };
}

/** Plaintext, in memory. */
export async function startPlain(
  options: Partial<EmbeddedEtcdOptions> = {},
): Promise<{ readonly embedded: EmbeddedEtcd; readonly client: GatewayClient }> {
  const embedded = await startEmbeddedEtcd({
    listen: { host: '127.0.0.1', port: 0 },
    identity: world.identity('server'),
    clientAuthorities: [],
    security: 'plaintext',
    clock: systemClock,
    ...options,
  });
  return { embedded, client: gatewayClient(embedded.address.port) };
}

export const encoded = (text: string): string => Buffer.from(text, 'latin1').toString('base64');

/** What of an answer is the same on every etcd: who answers, and the words that only some builds say twice, are left out. */
export function comparable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(comparable);
  // Go's protojson writes one kind of space or another, so that nobody relies on its words.
  if (typeof value === 'string') return value.replaceAll('\u00a0', ' ');
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !['cluster_id', 'member_id', 'raft_term', 'memberID', 'error'].includes(name))
      .map(([name, child]) => [name, comparable(child)]),
  );
}
