/** HTTP/2, and gRPC in it. */
import type { Protocol } from '../protocol.ts';
import { looksLikeHttp2 } from './recognise.ts';

export const http2: Protocol = {
  name: 'http2',
  looksLike: looksLikeHttp2,
  async load() {
    const { Http2Conversation } = await import('./conversation.ts');
    return {
      reader() {
        const conversation = new Http2Conversation();
        return {
          feed: (piece) => conversation.feed(piece),
          // The other side's first bytes are not read as something else.
          expects: (_, other) => other,
          cut: (from) => conversation.cut(from),
          joinsLate: true,
          survivesGaps: true,
        };
      },
    };
  },
  async texts() {
    const [{ http2Texts }, { grpcTexts }] = await Promise.all([
      import('./texts.ts'),
      import('../grpc/texts.ts'),
    ]);
    return { ...http2Texts, ...grpcTexts };
  },
};
