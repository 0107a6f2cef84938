/** EAP with TLS inside (EAP-TLS, PEAP, TTLS …), in RADIUS and in EAPOL frames of captures. */
import type { Protocol } from '../protocol.ts';

export const radius: Protocol = {
  name: 'radius',
  looksLike: () => false,
  isCapturedOnly: true,
  async load() {
    const [{ RadiusConversation }, { radiusMessage }] = await Promise.all([
      import('./conversation.ts'),
      import('./message.ts'),
    ]);
    return {
      datagrams(keys) {
        const conversation = new RadiusConversation(keys);
        return {
          feed(piece) {
            const found = conversation.feed(piece);
            return (
              found && [
                radiusMessage(piece, found.radius, found.eap),
                ...found.messages.map((tls) => ({ tls })),
              ]
            );
          },
        };
      },
    };
  },
  texts: async () => (await import('./texts.ts')).eapTexts,
};

export const eapol: Protocol = {
  name: 'eapol',
  looksLike: () => false,
  isCapturedOnly: true,
  async load() {
    const [{ EapSession }, { eapIn, eapolMessage }] = await Promise.all([
      import('./session.ts'),
      import('./message.ts'),
    ]);
    return {
      frames(keys) {
        const session = new EapSession(keys);
        return {
          feed(piece) {
            const eap = eapIn(piece.bytes);
            const messages = eap ? session.take(eap, piece.tag) : [];
            return [eapolMessage(piece, eap), ...messages.map((tls) => ({ tls }))];
          },
        };
      },
    };
  },
  texts: async () => ({}),
};
