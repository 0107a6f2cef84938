/**
 * Everything that reads what a conversation may be besides HTTP, in one place to be loaded at once: `conversation.ts` asks
 * for it where TLS, or a protocol that turns to TLS, may be spoken.
 */
export { CommandConversation, fieldOfCommand } from '../../protocols/commands/conversation.ts';
export {
  DnsConversation,
  dnsFacts,
  dnsOfDatagram,
  dnsTitle,
  fieldOfDns,
} from '../../protocols/dns/conversation.ts';
export { KeyRing } from '../../protocols/tls/keylog.ts';
export { looksLikeRecords } from '../../protocols/tls/record.ts';
export { fieldOfTlsRequest, TlsRequestConversation } from '../../protocols/tls-request/tls-request.ts';
export { coverageOf, fieldOf, shownBytes, startReading, tlsFacts } from './tls-reading.ts';
