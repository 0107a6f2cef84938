/** Where in the handshake an attempt failed. */
import type { Attempt } from '../attempt/attempt.ts';

/** It failed before or at the server's first flight, and not by the client's certificate. */
export const failedEarly = ({ result, outcome }: Attempt): boolean =>
  result !== 'completed' &&
  result !== 'no_connection' &&
  result !== 'plaintext' &&
  result !== 'refused' &&
  (outcome?.step === 'client_hello' || outcome?.step === 'server_flight' || outcome?.step === undefined);
