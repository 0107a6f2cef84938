/**
 * Loads the readers for everything but HTTP at once: `conversation.ts` needs them for TLS and for protocols that switch
 * to TLS.
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
