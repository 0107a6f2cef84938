/** The hypotheses, in the order in which they are tested: from the network up to the application. A new cause is a file and a row. */
import { addresses, reachability } from './addresses.ts';
import { altered } from './altered.ts';
import { clientAtRisk, otherClients, sentElsewhere, serverAtRisk } from './at-risk.ts';
import { application } from './application.ts';
import { byName } from './answers/by-name.ts';
import { clientCertificate } from './client-certificate.ts';
import { cutShort } from './cut-short.ts';
import { endedAfterHandshake, endedUnasked } from './ended-unasked.ts';
import { endings } from './endings.ts';
import { helloForm, largeAnswers } from './hello-form.ts';
import { login } from './answers/login.ts';
import {
  groups,
  names,
  ownRefusal,
  protocols,
  securityLevel,
  signatures,
  suites,
  versions,
} from './negotiation.ts';
import { limits } from './limits.ts';
import { interception, loginPage } from './in-its-place.ts';
import { noReply, unusableAnswer } from './behind/no-reply.ts';
import { needlessRequest, otherProtocol, proxyHeader } from './other-protocol.ts';
import { otherRequest } from './other-request.ts';
import { recordSizes } from './record-sizes.ts';
import { serverCertificate } from './server-certificate.ts';
import { noneAgreed, unreadCertificate } from './behind/unseen.ts';
import { staple } from './staple.ts';
import { turnedAway } from './answers/turned-away.ts';
import { unusedCertificate } from './answers/unused-certificate.ts';
import type { Hypothesis } from '../case.ts';

export const hypotheses: readonly Hypothesis[] = [
  reachability,
  limits,
  endedUnasked,
  turnedAway,
  otherProtocol,
  needlessRequest,
  otherRequest,
  proxyHeader,
  altered,
  loginPage,
  interception,
  serverCertificate,
  unusedCertificate,
  clientCertificate,
  byName,
  login,
  application,
  noReply,
  unusableAnswer,
  noneAgreed,
  unreadCertificate,
  ownRefusal,
  securityLevel,
  addresses,
  helloForm,
  largeAnswers,
  cutShort,
  names,
  protocols,
  versions,
  suites,
  groups,
  signatures,
  endedAfterHandshake,
  endings,
  staple,
  serverAtRisk,
  clientAtRisk,
  otherClients,
  sentElsewhere,
  recordSizes,
];
