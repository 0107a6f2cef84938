/** Bundles the modules that read TLS, so that one dynamic import loads them all. */
export { KeyRing } from '../../protocols/tls/keys/keylog.ts';
export { nameOf, notRecognised } from '../../protocols/signatures/named.ts';
export { beginsRecord, looksLikeRecords } from '../../protocols/tls/record.ts';
export {
  coverageOf,
  fieldOf,
  ringOf,
  shownBytes,
  startAgreement,
  startReading,
  tlsFacts,
} from './tls-reading.ts';
