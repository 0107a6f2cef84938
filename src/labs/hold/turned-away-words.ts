/**
 * In which words a client was turned away: where it did not believe the server, as Go's begin (without names and times, which only
 * that moment knew); else the server's status.
 */
import type { TurnedAway } from './rotation-clients.ts';

const x509: Readonly<Record<string, string>> = {
  name_mismatch: 'x509: certificate is not valid for the name or address that was called',
  certificate_expired: 'x509: certificate has expired or is not yet valid',
  certificate_not_yet_valid: 'x509: certificate has expired or is not yet valid',
  wrong_usage: 'x509: certificate specifies an incompatible key usage',
};

export const turnedAwayWords = ({ by, reason = '' }: Pick<TurnedAway, 'by' | 'reason'>): string =>
  by === 'server' ? '401 Unauthorized' : (x509[reason] ?? 'x509: certificate signed by unknown authority');
