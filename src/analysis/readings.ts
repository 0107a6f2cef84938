/**
 * Everything that reads what a conversation may be besides HTTP, in one place to be loaded at once: `conversation.ts` asks
 * for it where TLS, or a protocol that turns to TLS, may be spoken.
 */
export { CommandConversation, fieldOfCommand } from '../dissect/commands/conversation.ts';
export { DnsConversation, dnsFacts, dnsOfDatagram, dnsTitle, fieldOfDns } from '../dissect/dns/conversation.ts';
export { KeyRing } from '../dissect/tls/keylog.ts';
export { looksLikeRecords } from '../dissect/tls/record.ts';
export { fieldOfTlsRequest, TlsRequestConversation } from '../dissect/tls-request/tls-request.ts';
export { coverageOf, fieldOf, shownBytes, startReading, tlsFacts } from './tls-reading.ts';
