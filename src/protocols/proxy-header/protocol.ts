/** The header of the PROXY protocol, in front of whatever is forwarded. */
import type { Protocol } from '../protocol.ts';
import { looksLikeProxyHeader } from './start.ts';

export const proxyHeader: Protocol = {
  name: 'proxy_header',
  looksLike: looksLikeProxyHeader,
  load: async () => ({ reader: (await import('./conversation.ts')).readerOfProxyHeader }),
  texts: async () => (await import('./texts.ts')).proxyHeaderTexts,
};
