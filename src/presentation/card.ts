/**
 * The card of one refusal: who, why, what was presented, the alert and what a sniffer sees of it, the client's own words, the
 * remedy. It decides the content and order of the rows; the renderer lays them out and leaves out what an earlier card said.
 * All text in it is safe for a terminal.
 */
import { isLikelyRefusal, outcomeWords, stepWords } from '../analysis/outcome/outcome-words.ts';
import { translateAlertWords } from '../analysis/outcome/alert-words.ts';
import { explainRefusal } from '../analysis/outcome/refusal.ts';
import type { Cause } from '../analysis/outcome/cause-words.ts';
import type { Outcome } from '../analysis/outcome/outcome-facts.ts';
import { otherSide } from '../capture/event.ts';
import type { Side, Topology } from '../capture/event.ts';
import { toOffset } from '../core/hex.ts';
import { inEach, verbatim } from '../i18n/language.ts';
import type { In, Language, Localized } from '../i18n/language.ts';
import { safeText } from '../i18n/safe.ts';
import { shortKeyId } from './proofs.ts';
import { clientName } from './refusals.ts';
import type { RefusalStory } from './refusals.ts';
import type { Card, CardRow, ConnectionOutcome } from './types/values.ts';
import { cardWords, sideWords } from './words.ts';

/** Whether a row says what to do: where that is the reader's task, it is left out. */
export const isAdvice = (kind: CardRow['kind']): boolean => kind === 'remedy' || kind === 'seeIt';

/** @param context.inStep whether a step of the scenario made the connection; otherwise a visitor's client did. `context.command`: reproduces it from a shell. */
export function refusalCard(
  story: RefusalStory,
  context: { readonly topology: Topology; readonly inStep: boolean; readonly command?: string | undefined },
): Card {
  const { refusal, ends } = story;
  const { by } = refusal;
  const other = otherSide[by];
  const words = explainRefusal(refusal, { isProxy: isOfProxy(story, context.topology) });
  const namesIn = (language: Language): Readonly<Record<Side, string>> => ({
    client: clientName(ends.client, language, context),
    server: ends.server ?? sideWords.server[language],
  });
  const { command } = context;
  const rows: readonly CardRow[] = [
    {
      kind: 'who',
      label: cardWords.who,
      text: inEach((language) => whoRefused(story, namesIn(language)[by], language)),
    },
    { kind: 'because', label: cardWords.because, text: becauseOf(story) },
    ...certificateRows(story),
    ...alertRows(story, words.alert),
    ...clientRows(story),
    { kind: 'remedy', label: cardWords.remedy, text: words.remedy },
    ...(story.outcome
      ? [{ kind: 'certainty', label: cardWords.certainty, text: story.outcome.certainty } as const]
      : []),
    ...evidenceRows(story),
    ...(command === undefined
      ? []
      : [{ kind: 'seeIt', label: cardWords.seeIt, text: verbatim(command) } as const]),
    ...(context.inStep && ends.client !== undefined
      ? [{ kind: 'seeIt', label: cardWords.seeIt, text: howToSeeIt(ends.client, context.topology) } as const]
      : []),
  ];
  return {
    headline: inEach((language) => {
      const names = namesIn(language);
      return safeText(
        story.outcome
          ? outcomeHead(story.outcome, words.name)[language]
          : cardWords.refused[language](
              names[by],
              sideWords[other][language],
              names[other],
              words.name[language],
            ),
      );
    }),
    rows: rows.map((row) => ({ ...row, label: harmless(row.label), text: harmless(row.text) })),
  };
}

/** Whether the client of that wire is a proxy that somebody started with options. */
const isOfProxy = ({ wire }: RefusalStory, { participants }: Topology): boolean =>
  participants.some(({ name, role, kind }) => name === wire?.from && role === 'proxy' && kind !== undefined);

const harmless = (text: Localized): Localized => inEach((language) => safeText(text[language]));

/** The row as one text, with its hint. */
export function cardText({ text, hint }: In<Pick<CardRow, 'text' | 'hint'>>): string {
  return hint === undefined ? text : `${text.replace(/\.$/, '')}. ${hint}`;
}

/** Why the peer was refused; an inference is marked as such. */
export function becauseOf({ refusal, outcome }: Pick<RefusalStory, 'refusal' | 'outcome'>): Localized {
  const { because } = explainRefusal(refusal);
  return inEach((language) => (outcome?.inferred ? cardWords.likely[language] : '') + because[language]);
}

/** No command reproduces a client whose bytes are corrupted on purpose. */
function howToSeeIt(client: string, { participants }: Topology): Localized {
  const isSpoiled = participants.some(
    ({ name, role, kind }) => name === client && role === 'client' && kind !== undefined,
  );
  return isSpoiled ? cardWords.seeItAgain : inEach((language) => cardWords.seeItHow[language](client));
}

/** `REFUSED BY THE SERVER (unknown CA)`; an inference is marked as such. @param name of the cause, where it is known */
export function outcomeHead(outcome: Outcome, name: Localized | undefined): Localized {
  return inEach((language) => {
    const words = outcomeWords[outcome.kind][language].toUpperCase();
    if (!name) return words;
    return isLikelyRefusal(outcome)
      ? cardWords.likelyOutcome[language](words, name[language])
      : cardWords.outcome[language](words, name[language], outcome.inferred);
  });
}

function whoRefused(
  { refusal, refuser, version, outcome }: RefusalStory,
  name: string,
  language: Language,
): string {
  const spoken = version ? `${language === 'ko' ? '' : ' '}(${version.replace('TLSv', 'TLS ')})` : '';
  if (outcome)
    return [name, outcome.step ? stepWords[outcome.step][language] : ''].filter(Boolean).join(', ') + spoken;
  const { by, reason, detail } = refusal;
  const side = sideWords[otherSide[by]][language];
  const reading = cardWords.onReading[language];
  const kind = refuser?.role === 'proxy' && refuser.kind !== undefined ? ` (${refuser.kind} proxy)` : '';
  const place =
    reason === 'certificate_missing'
      ? reading.empty(side)
      : detail.presented
        ? reading.certificate(side)
        : '';
  return (
    [`${name}${language === 'ko' ? kind.replace(' proxy', ' 프록시').trim() : kind}`, place]
      .filter(Boolean)
      .join(', ') + spoken
  );
}

function certificateRows({ refusal }: RefusalStory): CardRow[] {
  const { presented } = refusal.detail;
  const withKey = (subject: string, keyId: string | undefined, language: Language): string =>
    keyId ? `${subject} (${cardWords.keyId[language]} ${shortKeyId(keyId)})` : subject;
  const rows: CardRow[] = [];
  const label = cardWords.presented;
  if (presented)
    rows.push({
      kind: 'presented',
      label,
      text: inEach((language) =>
        [
          `${presented.subject || cardWords.noName[language]}, ${cardWords.issuedBy[language](withKey(presented.issuer, presented.authorityKeyId, language))}`,
          ...foreignLetters(presented.subject, language),
        ].join('. '),
      ),
    });
  else if (refusal.reason === 'certificate_missing')
    rows.push({ kind: 'presented', label, text: cardWords.noCertificate });
  const expected = expectedOf(refusal, withKey);
  if (expected) rows.push({ kind: 'expected', label: cardWords.expected, text: expected });
  return rows;
}

/** What was missing: of a certificate whose issuer is trusted, something else than its issuer. */
function expectedOf(
  { reason, by, detail }: RefusalStory['refusal'],
  withKey: (subject: string, keyId: string | undefined, language: Language) => string,
): Localized | undefined {
  const { trusted = [], expected, now, seenAt, blamed } = detail;
  const words = cardWords.expectedInstead;
  switch (reason) {
    case 'certificate_expired':
    case 'certificate_not_yet_valid': {
      const at = now ?? seenAt;
      const day = at?.slice(0, 10);
      return inEach((language) => (blamed ? words.validChain : words.valid)[language](day));
    }
    case 'wrong_usage': {
      const usage = expected ?? (by === 'server' ? 'clientAuth' : 'serverAuth');
      return inEach((language) => words.usage[language](usage));
    }
    case 'certificate_revoked':
      return words.notRevoked;
    case 'name_mismatch':
    case 'name_not_admitted':
      return expected === undefined ? undefined : inEach((language) => words.named[language](expected));
    default:
      if (trusted.length === 0 || !ofIssuers.has(reason)) return undefined;
      return inEach((language) =>
        cardWords.expectedIssuer[language](
          trusted.map(({ subject, keyId }) => withKey(subject, keyId, language)).join(cardWords.or[language]),
        ),
      );
  }
}

/** Where the issuer is what was missing. */
const ofIssuers: ReadonlySet<Cause> = new Set<Cause>([
  'certificate_missing',
  'unknown_ca',
  'intermediate_missing',
  'self_signed',
  'not_a_ca',
  'bad_signature',
  'access_denied',
  'certificate_not_accepted',
]);

const alphabets: readonly { readonly pattern: RegExp; readonly name: 'cyrillic' | 'greek' }[] = [
  { pattern: /\p{Script=Cyrillic}/u, name: 'cyrillic' },
  { pattern: /\p{Script=Greek}/u, name: 'greek' },
];

/** Letters of other alphabets that look like Latin ones: a reader cannot see the difference. */
function foreignLetters(subject: string, language: Language): string[] {
  const words = subject.match(/\p{L}+/gu)?.filter((word) => /\p{Script=Latin}/u.test(word)) ?? [];
  const letters = new Set(
    words.flatMap((word) => word.match(/[\p{Script=Cyrillic}\p{Script=Greek}]/gu) ?? []),
  );
  return [...letters].slice(0, mostForeignLetters).map((letter) => {
    const alphabet = alphabets.find(({ pattern }) => pattern.test(letter))?.name ?? 'cyrillic';
    const code = `U+${(letter.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
    return cardWords.foreignLetter[language](letter, code, cardWords.alphabets[alphabet][language]);
  });
}

const mostForeignLetters = 3;

function alertRows(
  { refusal, alertPlace, outcome, answered }: RefusalStory,
  meaning: Localized | undefined,
): CardRow[] {
  const { alert, hop } = refusal;
  const label = cardWords.alert;
  if (!alert && outcome) return sealedAlertRows(outcome, alertPlace, hop);
  if (!alert && answered !== undefined)
    return [{ kind: 'alert', label, text: inEach((language) => cardWords.answered[language](answered)) }];
  if (!alert) return [{ kind: 'alert', label, text: cardWords.noAlert }];
  const isSealed = alertPlace?.readable === false;
  return [
    {
      kind: 'alert',
      label,
      text: inEach(
        (language) =>
          `${alert.description} (${alert.code}), ${cardWords.levels[alert.level][language]}${meaning ? `: ${meaning[language]}` : ''}`,
      ),
    },
    {
      kind: 'onWire',
      label: onWire(hop),
      text: inEach((language) =>
        !alertPlace
          ? cardWords.alertNotFound[language]
          : alertPlace.readable
            ? cardWords.alertReadable[language](toOffset(alertPlace.offset))
            : cardWords.alertSealed[language](alertPlace.length, toOffset(alertPlace.offset)),
      ),
      ...(isSealed ? { hint: cardWords.sealedHint } : {}),
    },
  ];
}

const onWire = (hop: string): Localized => inEach((language) => cardWords.onWire[language](hop));

/** Without a readable alert: an encrypted one shows by its size; without TLS none is expected. */
function sealedAlertRows(
  { kind, step, detail: { said } }: Outcome,
  place: RefusalStory['alertPlace'],
  hop: string,
): CardRow[] {
  if (place) {
    const text = inEach((language) => cardWords.alertSealed[language](place.length, toOffset(place.offset)));
    return [
      { kind: 'alert', label: cardWords.alert, text: cardWords.alertLikely },
      { kind: 'onWire', label: onWire(hop), text, hint: cardWords.sealedHint },
    ];
  }
  if (said !== undefined)
    return [
      {
        kind: 'alert',
        label: cardWords.alert,
        text: inEach((language) => cardWords.answered[language](said)),
      },
    ];
  const isTls = step !== undefined && step !== 'plaintext' && step !== 'connecting';
  return isTls && (kind === 'closed_without_alert' || kind === 'reset')
    ? [{ kind: 'alert', label: cardWords.alert, text: cardWords.noAlert }]
    : [];
}

/** Which bytes show it. */
function evidenceRows({ outcome }: RefusalStory): CardRow[] {
  const places = outcome && evidenceText(outcome);
  return places ? [{ kind: 'evidence', label: cardWords.evidence, text: places }] : [];
}

/** The outcome of a connection, its certainty, and the bytes that show it. */
export function connectionOutcome(outcome: Outcome): ConnectionOutcome {
  const { cause, confidence, certainty, sentence } = outcome;
  const places = cause === undefined ? undefined : evidenceText(outcome);
  return {
    rows: [
      { kind: 'outcome', label: cardWords.outcomeLabel, text: sentence },
      ...(cause !== undefined || confidence !== 'proven'
        ? [{ kind: 'certainty', label: cardWords.certainty, text: certainty } as const]
        : []),
      ...(places ? [{ kind: 'evidence', label: cardWords.evidence, text: places } as const] : []),
    ],
  };
}

/** `server: Alert, record 6, at 0x4a1; client: Certificate, record 2, at 0x60f`; undefined where no byte shows it. */
function evidenceText({ evidence }: Outcome): Localized | undefined {
  const places = evidence.filter((one) => 'offset' in one);
  if (places.length === 0) return undefined;
  return inEach((language) =>
    places
      .map(({ from, message = '', record, offset }) =>
        cardWords.place[language](sideWords[from][language], message, record, toOffset(offset)),
      )
      .join('; '),
  );
}

/** What the client reports, with its own error message. */
function clientRows({ refusal, account }: RefusalStory): CardRow[] {
  const label = sideWords.client;
  const { discardedBytes } = refusal.detail;
  if (!account) {
    // Only a stranger's program may have opened it ahead of its use.
    const isAhead = discardedBytes === 0 && refusal.reason === 'certificate_missing';
    const text = discardedBytes
      ? inEach((language) => cardWords.discarded[language](discardedBytes))
      : isAhead
        ? cardWords.openedAhead
        : undefined;
    return text ? [{ kind: 'client', label, text }] : [];
  }
  const text =
    account.sentBytes > 0
      ? inEach((language) => cardWords.clientSent[language](account.sentBytes, (discardedBytes ?? 0) > 0))
      : account.believedConnected
        ? cardWords.clientBelieved
        : cardWords[refusedAs[refusal.by]];
  const row = { kind: 'client', label, text } as const;
  if (!account.error) return [row];
  const { code, message } = account.error;
  const hint = translateAlertWords(message)?.oldName;
  return [
    row,
    {
      kind: 'words',
      label: cardWords.itsWords,
      text: verbatim(`${code} (${librarysWords(message)})`),
      ...(hint ? { hint } : {}),
    },
  ];
}

const refusedAs = { client: 'clientRefused', server: 'clientWaited' } as const satisfies Readonly<
  Record<Side, keyof typeof cardWords>
>;

/** OpenSSL's line, cut down to what it says: `ID:error:CODE:SSL routines:FUNCTION:WORDS:FILE:LINE:…`. */
function librarysWords(message: string): string {
  const parts = message.trim().split(':');
  return (parts[1] === 'error' ? parts[5] : undefined) ?? message.trim();
}
