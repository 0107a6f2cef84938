/**
 * A conversation in words, message by message: title, state, and the secrets in it. The renderer decides columns, arrows and
 * what fits.
 */
import { encodings } from '../../analysis/secrets/encodings.ts';
import { unknownAmong } from '../../analysis/secrets/credential-shapes.ts';
import type { Message } from '../../analysis/conversation/message.ts';
import type { Hit } from '../../analysis/secrets/secret-hunt.ts';
import type { Topology, Wire } from '../../capture/event.ts';
import type { Connection } from '../../capture/connection.ts';
import { toOffset } from '../../core/hex.ts';
import { inEach, verbatim } from '../../i18n/language.ts';
import type { Localized } from '../../i18n/language.ts';
import { grouped } from '../../i18n/number.ts';
import { credentialName, protectionOf } from '../../protocols/shared/credential.ts';
import type { CredentialKind } from '../../protocols/shared/credential.ts';
import { clientName } from '../refusals.ts';
import type { RefusalStory } from '../refusals.ts';
import type { Exposure, LadderHead, LadderMessage, MessageState } from '../types/ladder.ts';
import type { Sizes } from '../types/sizes.ts';
import { messageWords, participantName } from '../words.ts';

/** @param context.inStep whether a step of the scenario made the connection; else a visitor's client did. */
export function ladderHead(
  { hop, conn }: Connection,
  wire: Wire | undefined,
  ends: RefusalStory['ends'],
  context: { readonly topology: Topology; readonly inStep: boolean },
): LadderHead {
  return {
    place: inEach((language) => messageWords.connection[language](hop, conn, wire?.seat?.[language] ?? '')),
    client: inEach((language) => participantName(clientName(ends.client, language, context))[language]),
    server: participantName(ends.server ?? 'server'),
  };
}

interface LadderOptions {
  /** Contains a known secret. */
  readonly isLeaking?: boolean;
  /** Replaces the message's own title. */
  readonly title?: Localized;
  readonly sizes?: Sizes;
}

export function ladderMessage(
  message: Message,
  { isLeaking = false, title = message.title, sizes }: LadderOptions = {},
): LadderMessage {
  const { at, hop, from, length, reconstructed, facts } = message;
  const state = stateOf(message, isLeaking);
  return {
    at,
    hop,
    from,
    title: reconstructed ? { en: `${title.en} *`, ko: `${title.ko} *` } : title,
    length: sizes?.total ?? length,
    state,
    stateName: stateNames[state],
    stateText: state === 'opened' ? messageWords.opened : state === 'sealed' ? messageWords.sealed : none,
    facts,
    ...(sizes && sizes.count > 1 ? { sizes } : {}),
  };
}

function stateOf({ reconstructed, opened, sealed }: Message, isLeaking: boolean): MessageState {
  if (reconstructed) return 'reconstructed';
  if (opened) return 'opened';
  if (sealed) return 'sealed';
  return isLeaking ? 'leaked' : 'readable';
}

const none = verbatim('');

/** The states in one word, for a narrow column. */
export const stateNames: Readonly<Record<MessageState, Localized>> = {
  readable: none,
  leaked: { en: 'secret', ko: '비밀' },
  sealed: messageWords.sealed,
  opened: { en: 'opened', ko: '복호화됨' },
  reconstructed: none,
};

/** @param values of the secrets that the run knows. */
export function knownSecret(
  { secret, offset, length, encoding }: Hit,
  values: ReadonlyMap<string, string>,
): Exposure {
  const name = encodings.find(({ id }) => id === encoding)?.name ?? verbatim(encoding);
  return {
    label: messageWords.readable,
    name: secret,
    value: values.get(secret),
    where: placeOf(offset, name),
    offset,
    length,
  };
}

/** Credentials of a message that are found by their shape; those that overlap `hits` are reported as known secrets. */
export function shapedSecrets({ opened, credentials }: Message, hits: readonly Hit[] = []): Exposure[] {
  return unknownAmong(credentials(), hits).map(({ kind, name, value, offset, length }) => ({
    // Readable only with the keys.
    label: opened ? none : messageWords[protectionOf(kind)],
    name,
    value: value.length > mostOfValue ? `${value.slice(0, mostOfValue)}…` : value,
    where: placeOf(offset, value.length > mostOfValue ? inPart(kind, value) : credentialName(kind)),
    offset,
    length,
  }));
}

/** Characters of a secret that are shown: no token or ticket in use is longer, and whoever uploads a file as a password fills no screens. */
const mostOfValue = 2048;

const inPart = (kind: CredentialKind, { length }: string): Localized => ({
  en: `${credentialName(kind).en}, ${grouped(length)} characters`,
  ko: `${credentialName(kind).ko}, ${grouped(length)}자`,
});

const placeOf = (offset: number, name: Localized): Localized =>
  inEach((language) => messageWords.hit[language](toOffset(offset), name[language]));
