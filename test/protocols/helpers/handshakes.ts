/**
 * Live handshakes between two Node sockets, by name: each version and key exchange that the dissector reads, recorded
 * once for all the tests of a file.
 */
import { exchange, recordTls } from './recorded-tls.ts';
import type { RecordOptions, Recording } from './recorded-tls.ts';
import { selfSigned } from './self-signed.ts';

export const shop = selfSigned('shop.localhost');
export const alice = selfSigned('alice');
export const rsa = selfSigned('shop.localhost', 'RSA');
export const login = Buffer.from(
  'POST /login HTTP/1.1\r\nHost: shop.localhost\r\nContent-Length: 19\r\n\r\nuser=alice&pass=x+y',
);
export const answer = Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: 20000\r\n\r\n${'.'.repeat(20_000)}`);

const talk: NonNullable<RecordOptions['talk']> = async (client, server) => {
  await exchange(client, server, login);
  await exchange(server, client, answer);
};
const asks = { requestCert: true, rejectUnauthorized: false } as const;
export const only = (version: 'TLSv1.2' | 'TLSv1.3') =>
  ({ minVersion: version, maxVersion: version }) as const;

export const cases: Readonly<Record<string, RecordOptions>> = {
  'TLS 1.3': {
    server: { ...shop, ALPNProtocols: ['http/1.1'] },
    client: { servername: 'shop.localhost', ALPNProtocols: ['h2', 'http/1.1'] },
    talk,
  },
  'TLS 1.3 with a HelloRetryRequest': {
    server: { ...shop, ecdhCurve: 'P-384' },
    client: { servername: 'shop.localhost', ecdhCurve: 'P-256:P-384' },
    talk,
  },
  'mutual TLS 1.3': {
    server: { ...shop, ...asks },
    client: { ...alice, servername: 'shop.localhost' },
    talk,
  },
  'mutual TLS 1.3 with nothing to present': {
    server: { ...shop, ...asks },
    client: { servername: 'shop.localhost' },
    talk,
  },
  'TLS 1.2, ECDHE-ECDSA': {
    server: { ...shop, ...only('TLSv1.2'), ALPNProtocols: ['http/1.1'] },
    client: { servername: 'shop.localhost', ALPNProtocols: ['http/1.1'] },
    talk,
  },
  'mutual TLS 1.2, ECDHE-ECDSA': {
    server: { ...shop, ...only('TLSv1.2'), ...asks },
    client: { ...alice, servername: 'shop.localhost' },
    talk,
  },
  'mutual TLS 1.2, ECDHE-RSA': {
    server: { ...rsa, ...only('TLSv1.2'), ...asks },
    client: { ...alice, servername: 'shop.localhost' },
    talk,
  },
  'TLS 1.2, RSA key exchange': {
    server: { ...rsa, ...only('TLSv1.2'), ciphers: 'AES256-GCM-SHA384' },
    client: { servername: 'shop.localhost', ciphers: 'AES256-GCM-SHA384' },
    talk,
  },
  'TLS 1.2, DHE': {
    server: { ...rsa, ...only('TLSv1.2'), dhparam: 'auto', ciphers: 'DHE-RSA-AES128-GCM-SHA256' },
    client: { servername: 'shop.localhost', ciphers: 'DHE-RSA-AES128-GCM-SHA256' },
    talk,
  },
  'TLS 1.2, CBC': {
    server: { ...rsa, ...only('TLSv1.2'), ciphers: 'ECDHE-RSA-AES128-SHA256' },
    client: { servername: 'shop.localhost', ciphers: 'ECDHE-RSA-AES128-SHA256' },
    talk,
  },
};

const recordings = new Map<string, Promise<Recording>>();
export async function recordingOf(name: string): Promise<Recording> {
  const options = cases[name] as RecordOptions;
  const recording = recordings.get(name) ?? recordTls(options);
  recordings.set(name, recording);
  return recording;
}
