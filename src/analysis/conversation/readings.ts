/** Loads what reads TLS at once. */
export { KeyRing } from '../../protocols/tls/keys/keylog.ts';
export { looksLikeRecords } from '../../protocols/tls/record.ts';
export { coverageOf, fieldOf, shownBytes, startReading, tlsFacts } from './tls-reading.ts';
