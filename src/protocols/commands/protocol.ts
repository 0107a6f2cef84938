/** The line-based protocols of mail and file transfer, as one: which of them it is shows itself in its commands. */
import { verbatim } from '../../i18n/language.ts';
import type { Protocol, ProtocolMessage, ProtocolReader } from '../protocol.ts';
import type { CommandMessage } from './conversation.ts';
import type { CommandProtocol } from './credentials.ts';
import { looksLikeCommands } from './greeting.ts';

export const commands: Protocol = {
  name: 'commands',
  looksLike: looksLikeCommands,
  async load() {
    const { CommandConversation, fieldOfCommand } = await import('./conversation.ts');
    const told = (message: CommandMessage): ProtocolMessage => {
      const { from, protocol, offset, length, lastTag, title, complete, bytes, credentials } = message;
      return {
        from,
        protocol,
        offset,
        length,
        lastTag,
        title: verbatim(title),
        isCut: !complete,
        bytes,
        field: () => fieldOfCommand(message),
        credentials,
        ...(message.login ? { login: message.login } : {}),
      };
    };
    const reader = (protocol?: CommandProtocol): ProtocolReader => {
      const conversation = new CommandConversation(protocol);
      return {
        feed: (piece) => conversation.feed(piece).map(told),
        expects: (_, other) => other,
        takeHandovers: () => conversation.takeHandovers(),
        cut: (from) => conversation.cut(from).map(told),
        survivesGaps: true,
        above: () => (conversation.protocol === undefined ? undefined : reader(conversation.protocol)),
      };
    };
    return { reader };
  },
  texts: async () => (await import('./texts.ts')).commandTexts,
};
