/** Words an alert as Go's crypto/tls does, in which programs written in Go report one. */
import type { Alert } from '../../capture/vocabulary.ts';

/** By code, where Go's words are not those of RFC 8446 section 6. */
const goWords: Readonly<Record<number, string>> = {
  44: 'revoked certificate',
  45: 'expired certificate',
  46: 'unknown certificate',
  48: 'unknown certificate authority',
  51: 'error decrypting message',
  70: 'protocol version not supported',
};

/** `remote error: tls: expired certificate` */
export const remoteErrorText = ({ code, description }: Alert): string =>
  `remote error: tls: ${goWords[code] ?? description.replaceAll('_', ' ')}`;
