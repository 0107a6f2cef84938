/**
 * The kinds of expectations: one line a kind. What a kind means stands in its file; a word without a kind, or a
 * kind without a word, does not compile.
 */
import type { ExpectationFile } from '../engine/scenario.ts';
import type { Plan, PlannedStep } from '../engine/plan.ts';
import type { ClaimOf, Judged } from '../engine/kinds.ts';
import type { View } from '../engine/view.ts';
import { admitted, admittedSchema, unreached, unreachedSchema } from './login/access.ts';
import { agreed, agreedSchema } from './handshake/agreed.ts';
import { chain, chainSchema } from './handshake/chain.ts';
import { eavesdropper, eavesdropperSchema } from './secrecy/eavesdropper.ts';
import { failed, failedSchema } from './handshake/failed.ts';
import {
  challenge,
  challengeSchema,
  decided,
  decidedSchema,
  installed,
  installedSchema,
  issued,
  issuedSchema,
  notIssued,
  notIssuedSchema,
} from './enrol/expectations.ts';
import { handshake, handshakeSchema } from './handshake/handshake.ts';
import { ledTo, ledToSchema } from './look-up/led.ts';
import { kept, keptSchema, taken, takenSchema } from './impostor/taken.ts';
import {
  alerted,
  alertedSchema,
  answered,
  answeredSchema,
  known,
  knownSchema,
  says,
  saysSchema,
  shows,
  showsSchema,
  turnedAway,
  turnedAwaySchema,
  unasked,
  unaskedSchema,
  unauthorized,
  unauthorizedSchema,
} from './kubectl/api.ts';
import { rejected, rejectedSchema } from './etcdctl/etcd.ts';
import { holds, holdsSchema, lasts, lastsSchema } from './control-plane-files/expectations.ts';
import { lit, litSchema } from './call-order/lit.ts';
import { passwordLength, passwordLengthSchema } from './secrecy/password-length.ts';
import { predicted, predictedSchema } from './programs/predicted.ts';
import { keyExchange, keyExchangeSchema } from './handshake/key-exchange.ts';
import { keyReaders, keyReadersSchema } from './key-file/key-readers.ts';
import { opened, openedSchema } from './theft/opened.ts';
import { overheard, overheardSchema } from './toy/overheard.ts';
import { publicKey, publicKeySchema } from './secrecy/public-key.ts';
import { keysNeverOnWire, privateKeysSchema } from './secrecy/private-keys.ts';
import {
  presents,
  presentsSchema,
  tunnelled,
  tunnelledSchema,
  vouched,
  vouchedSchema,
} from './handshake/presented.ts';
import { readAtEnd, readAtEndSchema } from './secrecy/read-at-end.ts';
import { loginSent, loginSentSchema, refused, refusedSchema } from './login/refusal.ts';
import {
  servedAfterRevocation,
  servedAfterRevocationSchema,
  sessionNotResumed,
  sessionNotResumedSchema,
} from './login/revocation.ts';
import { sealed, secretsSchema, visible } from './secrecy/secrets.ts';
import { threePackets, threePacketsSchema } from './connect/three-packets.ts';
import { trusts, trustsSchema } from './trust-store/trusts.ts';
import {
  longestLook,
  longestLookSchema,
  pageGuessSchema,
  pageSizes,
  pageSizesSchema,
  pagesGuessed,
  pagesHidden,
} from './pages/page-guess.ts';
import {
  clearRequest,
  clearRequestSchema,
  cookieSchema,
  cookieVisible,
  cookieWithheld,
  noClearRequest,
  noClearRequestSchema,
  stripped,
  strippedSchema,
  visited,
  visitedSchema,
} from './visit/visits.ts';

/** Their words in a file. Apart from the kinds, because a kind knows the plan, the plan the file, and the file these. */
export const expectationSchemas = {
  visible: secretsSchema,
  sealed: secretsSchema,
  handshake: handshakeSchema,
  agreed: agreedSchema,
  failed: failedSchema,
  readAtEnd: readAtEndSchema,
  admitted: admittedSchema,
  refused: refusedSchema,
  loginSent: loginSentSchema,
  unreached: unreachedSchema,
  servedAfterRevocation: servedAfterRevocationSchema,
  sessionNotResumed: sessionNotResumedSchema,
  eavesdropper: eavesdropperSchema,
  passwordLength: passwordLengthSchema,
  predicted: predictedSchema,
  chain: chainSchema,
  trusts: trustsSchema,
  visited: visitedSchema,
  clearRequest: clearRequestSchema,
  noClearRequest: noClearRequestSchema,
  cookieVisible: cookieSchema,
  cookieWithheld: cookieSchema,
  stripped: strippedSchema,
  pageSizes: pageSizesSchema,
  pagesGuessed: pageGuessSchema,
  pagesHidden: pageGuessSchema,
  longestLook: longestLookSchema,
  keysNeverOnWire: privateKeysSchema,
  issued: issuedSchema,
  notIssued: notIssuedSchema,
  decided: decidedSchema,
  challenge: challengeSchema,
  installed: installedSchema,
  overheard: overheardSchema,
  opened: openedSchema,
  keyExchange: keyExchangeSchema,
  publicKey: publicKeySchema,
  keyReaders: keyReadersSchema,
  ledTo: ledToSchema,
  taken: takenSchema,
  kept: keptSchema,
  threePackets: threePacketsSchema,
  known: knownSchema,
  answered: answeredSchema,
  unauthorized: unauthorizedSchema,
  unasked: unaskedSchema,
  says: saysSchema,
  shows: showsSchema,
  rejected: rejectedSchema,
  holds: holdsSchema,
  lasts: lastsSchema,
  presents: presentsSchema,
  vouched: vouchedSchema,
  tunnelled: tunnelledSchema,
  alerted: alertedSchema,
  turnedAway: turnedAwaySchema,
  lit: litSchema,
} as const;

export const expectationKinds = {
  visible,
  sealed,
  handshake,
  agreed,
  failed,
  readAtEnd,
  admitted,
  refused,
  loginSent,
  unreached,
  servedAfterRevocation,
  sessionNotResumed,
  eavesdropper,
  passwordLength,
  predicted,
  chain,
  trusts,
  visited,
  clearRequest,
  noClearRequest,
  cookieVisible,
  cookieWithheld,
  stripped,
  pageSizes,
  pagesGuessed,
  pagesHidden,
  longestLook,
  keysNeverOnWire,
  issued,
  notIssued,
  decided,
  challenge,
  installed,
  overheard,
  opened,
  keyExchange,
  publicKey,
  keyReaders,
  ledTo,
  taken,
  kept,
  threePackets,
  known,
  answered,
  unauthorized,
  unasked,
  says,
  shows,
  rejected,
  holds,
  lasts,
  presents,
  vouched,
  tunnelled,
  alerted,
  turnedAway,
  lit,
} as const satisfies Record<keyof typeof expectationSchemas, unknown>;

export type ExpectationKindName = keyof typeof expectationKinds;
type ClaimFacts<K extends ExpectationKindName> = Parameters<(typeof expectationKinds)[K]['judge']>[0];
export type Claim = { [K in ExpectationKindName]: ClaimOf<K, ClaimFacts<K>> }[ExpectationKindName];

/** The claims of one expectation of a file; ids are STEP/KIND or STEP/ID, and what the kind multiplies. */
export function claimsOf(
  expectation: ExpectationFile,
  step: PlannedStep | undefined,
  plan: Pick<Plan, 'wires'>,
): Claim[] {
  const kind = (Object.keys(expectationKinds) as ExpectationKindName[]).find(
    (name) => expectation[name] !== undefined,
  );
  if (!kind) throw new Error('an expectation of no kind; the schema lets none pass');
  const row = expectationKinds[kind] as {
    claims(
      facts: unknown,
      step: PlannedStep | undefined,
      plan: Pick<Plan, 'wires'>,
    ): readonly { suffix?: string; facts: unknown }[];
  };
  const own = expectation.id ?? kebab(kind);
  return row.claims(expectation[kind], step, plan).map(({ suffix, facts }) => {
    const id = [step?.id, own, suffix].filter(Boolean).join('/');
    return { id, kind, ...(step ? { step: step.id } : {}), facts } as Claim;
  });
}

/** Undefined where the claim makes no finding. */
export function judge(claim: Claim, view: View, step: PlannedStep | undefined): Judged {
  const row = expectationKinds[claim.kind] as {
    judge(facts: unknown, view: View, step: PlannedStep | undefined): Judged;
  };
  return row.judge(claim.facts, view, step);
}

/** What a visit came to, and no line about the secrets on a wire tells. */
const telling: ReadonlySet<ExpectationKindName> = new Set([
  'noClearRequest',
  'cookieVisible',
  'cookieWithheld',
  'stripped',
  'pageSizes',
  'pagesGuessed',
  'pagesHidden',
  'longestLook',
]);

/** Whether a screen says it at its top, beside what became of the secrets. */
export function isTelling(claim: Claim): boolean {
  return telling.has(claim.kind);
}

/** The kinds that rest on the records of TLS. */
const reading: ReadonlySet<ExpectationKindName> = new Set([
  'refused',
  'loginSent',
  'handshake',
  'agreed',
  'failed',
  'sessionNotResumed',
  'eavesdropper',
  'passwordLength',
  'chain',
  'opened',
  'keyExchange',
  'publicKey',
  'pagesGuessed',
  'pagesHidden',
  'longestLook',
  'ledTo',
  'presents',
  'vouched',
  'alerted',
]);

/** Whether judging it needs the records of TLS. */
export function needsReading(claim: Claim): boolean {
  return reading.has(claim.kind);
}

/** Whether judging it needs the requests and certificates that went over a wire. */
export function isOfEnrolment({ kind }: Claim): boolean {
  return (
    kind === 'issued' ||
    kind === 'notIssued' ||
    kind === 'decided' ||
    kind === 'challenge' ||
    kind === 'installed'
  );
}

/** The kinds that are judged by trying once more what was tried. */
const attacking: ReadonlySet<ExpectationKindName> = new Set(['overheard', 'opened', 'publicKey']);

/** Whether judging it needs the keys of the run. */
export function needsAttacks(claim: Claim): boolean {
  return attacking.has(claim.kind);
}

/** Whether judging it needs path validation. */
export function needsPaths({ kind }: Claim): boolean {
  return kind === 'chain' || kind === 'presents';
}

function kebab(word: string): string {
  return word.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
