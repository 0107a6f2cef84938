/** The requests of database clients for encryption. */
import type { Protocol } from '../protocol.ts';
import { fieldOfTlsRequest, looksLikeTlsRequest, TlsRequestConversation } from './tls-request.ts';

export const tlsRequest: Protocol = {
  name: 'tls_request',
  looksLike: looksLikeTlsRequest,
  load: async () =>
    Promise.resolve({
      reader() {
        const conversation = new TlsRequestConversation();
        return {
          feed: (piece) =>
            conversation.feed(piece).map((message) => ({
              ...message,
              field: () => fieldOfTlsRequest(message),
            })),
          // The client may have turned to TLS by then.
          expects: (from) => from === 'server' && conversation.isAsked,
          takeHandovers: () => conversation.takeHandovers(),
        };
      },
    }),
  texts: async () => (await import('./texts.ts')).tlsRequestTexts,
};
