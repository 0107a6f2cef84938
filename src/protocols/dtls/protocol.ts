/** DTLS, in datagrams of captures. */
import type { Protocol } from '../protocol.ts';

export const dtls: Protocol = {
  name: 'dtls',
  looksLike: () => false,
  isCapturedOnly: true,
  async load() {
    const [{ DtlsConversation }, { dtlsMessage }] = await Promise.all([
      import('./conversation.ts'),
      import('./datagram.ts'),
    ]);
    return {
      datagrams(keys) {
        const conversation = new DtlsConversation(keys);
        return {
          feed(piece) {
            const datagram = conversation.feed(piece);
            return datagram && [dtlsMessage(piece, datagram), ...datagram.messages.map((tls) => ({ tls }))];
          },
        };
      },
    };
  },
  texts: async () => (await import('./texts.ts')).dtlsTexts,
};
