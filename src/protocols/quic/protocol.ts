/** QUIC, in datagrams of captures. */
import type { Protocol } from '../protocol.ts';

export const quic: Protocol = {
  name: 'quic',
  looksLike: () => false,
  isCapturedOnly: true,
  async load() {
    const [{ QuicConversation }, { quicMessage }] = await Promise.all([
      import('./conversation.ts'),
      import('./datagram.ts'),
    ]);
    return {
      datagrams(keys) {
        const conversation = new QuicConversation(keys);
        return {
          feed(piece) {
            const datagram = conversation.feed(piece);
            return datagram && [quicMessage(piece, datagram), ...datagram.messages.map((tls) => ({ tls }))];
          },
        };
      },
    };
  },
  texts: async () => (await import('./texts.ts')).quicTexts,
};
