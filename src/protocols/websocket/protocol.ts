/** WebSocket (RFC 6455) with permessage-deflate (RFC 7692), behind an upgrade of HTTP/1.1. */
import type { Protocol } from '../protocol.ts';

export const websocket: Protocol = {
  name: 'websocket',
  // Its first bytes may be anything: it is known by what was agreed on.
  looksLike: () => false,
  load: async () => {
    const { webSocketReader } = await import('./reader.ts');
    return {
      upgraded: ({ token, header }) =>
        token === 'websocket' ? webSocketReader(header('sec-websocket-extensions')) : undefined,
    };
  },
  texts: async () => (await import('./texts.ts')).webSocketTexts,
};
