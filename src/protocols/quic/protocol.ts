/** QUIC, in datagrams of captures. */
import type { Protocol } from '../protocol.ts';

export const quic: Protocol = {
  name: 'quic',
  looksLike: () => false,
  isCapturedOnly: true,
  async load() {
    const [{ QuicConversation }, { quicMessage }, { GoogleQuic }] = await Promise.all([
      import('./conversation.ts'),
      import('./datagram.ts'),
      import('./google.ts'),
    ]);
    return {
      datagrams(keys) {
        const conversation = new QuicConversation(keys);
        const google = new GoogleQuic();
        return {
          feed(piece) {
            const datagram = conversation.feed(piece);
            if (datagram) return [quicMessage(piece, datagram), ...datagram.messages.map((tls) => ({ tls }))];
            const older = google.feed(piece);
            return older && [older];
          },
        };
      },
    };
  },
  texts: async () => (await import('./texts.ts')).quicTexts,
};
