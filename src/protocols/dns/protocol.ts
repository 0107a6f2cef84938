/** DNS, in datagrams and over TCP. */
import { verbatim } from '../../i18n/language.ts';
import type { Protocol, ProtocolMessage } from '../protocol.ts';
import type { DnsMessage } from './conversation.ts';
import { looksLikeDns, looksLikeDnsStream } from './recognise.ts';

export const dns: Protocol = {
  name: 'dns',
  looksLike: looksLikeDnsStream,
  async load() {
    const { DnsConversation, dnsFacts, dnsOfDatagram, dnsTitle, fieldOfDns } = await import(
      './conversation.ts'
    );
    const told = (message: DnsMessage): ProtocolMessage => {
      const { from, offset, length, lastTag, bytes, malformed, content } = message;
      const asked = content?.isResponse === false ? content.questions[0]?.name : undefined;
      return {
        from,
        protocol: 'dns',
        offset,
        length,
        lastTag,
        title: dnsTitle(message),
        facts: verbatim(dnsFacts(message)),
        ...(malformed ? { malformed } : {}),
        ...(asked === undefined ? {} : { asksFor: asked }),
        bytes,
        field: () => fieldOfDns(message),
      };
    };
    return {
      reader() {
        const conversation = new DnsConversation();
        return {
          feed: (piece) => conversation.feed(piece).map(told),
          expects: (from, other) => from === 'server' && other,
          remainder: (from) => conversation.cut(from),
        };
      },
      datagram: (piece) => (looksLikeDns(piece.bytes) ? told(dnsOfDatagram(piece)) : undefined),
    };
  },
  texts: async () => (await import('./texts.ts')).dnsTexts,
};
