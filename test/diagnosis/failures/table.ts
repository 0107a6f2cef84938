/** All failures. */
import type { Failure } from './setting.ts';
import { answers } from './rows/answers.ts';
import { applications } from './rows/applications.ts';
import { clientCertificates } from './rows/client-certificates.ts';
import { negotiation } from './rows/negotiation.ts';
import { network } from './rows/network.ts';
import { packets } from './rows/packets.ts';
import { protocols } from './rows/protocols.ts';
import { serverCertificates } from './rows/server-certificates.ts';

export const failures: readonly Failure[] = [
  ...serverCertificates,
  ...clientCertificates,
  ...negotiation,
  ...protocols,
  ...network,
  ...packets,
  ...applications,
  ...answers,
];
