/**
 * The card that tells one refusal: who, why, what was presented, the alert and what a sniffer sees of it, the client's own
 * words, what helps. It decides what is said and in which order; how rows are set, and what an earlier card said already,
 * is for who shows them. Everything in it is harmless.
 */
import { isLikelyRefusal, outcomeWords, stepWords } from '../analysis/outcome/outcome-words.ts';
import { translateAlertWords } from '../analysis/outcome/alert-words.ts';
import { explainRefusal } from '../analysis/outcome/refusal.ts';
import type { Outcome } from '../analysis/outcome/outcome-facts.ts';
import { otherSide } from '../capture/event.ts';
import type { Side, Topology } from '../capture/event.ts';
import { toOffset } from '../core/hex.ts';
import type { Language } from '../i18n/language.ts';
import { safeText } from '../i18n/safe.ts';
import { clientName } from './refusals.ts';
import type { RefusalStory } from './refusals.ts';
import { cardWords, sideWords } from './words.ts';

export type CardRowKind =
  | 'who'
  | 'because'
  | 'presented'
  | 'expected'
  | 'alert'
  | 'onWire'
  | 'client'
  | 'words'
  | 'remedy'
  | 'certainty'
  | 'evidence'
  | 'seeIt';

export interface CardRow {
  readonly kind: CardRowKind;
  readonly label: string;
  readonly text: string;
  /** General knowledge that goes with it, a sentence without its full stop: worth saying once to a reader. */
  readonly hint?: string;
}

export interface RefusalCard {
  readonly headline: string;
  readonly rows: readonly CardRow[];
}

/** @param context.inStep whether a step of the scenario made it; else it is somebody's own client that speaks. `context.command`: how to see it once more from a shell. */
export function refusalCard(
  story: RefusalStory,
  language: Language,
  context: { readonly topology: Topology; readonly inStep: boolean; readonly command?: string | undefined },
): RefusalCard {
  const { refusal, ends } = story;
  const { by } = refusal;
  const other = otherSide[by];
  const words = explainRefusal(refusal);
  const names = {
    client: clientName(ends.client, language, context),
    server: ends.server ?? sideWords.server[language],
  };
  const rows: readonly CardRow[] = [
    { kind: 'who', label: cardWords.who[language], text: whoRefused(story, names[by], language) },
    {
      kind: 'because',
      label: cardWords.because[language],
      text: (story.outcome?.inferred ? cardWords.likely[language] : '') + words.because[language],
    },
    ...certificateRows(story, language),
    ...alertRows(story, language, words.alert?.[language]),
    ...clientRows(story, language),
    { kind: 'remedy', label: cardWords.remedy[language], text: words.remedy[language] },
    ...(story.outcome
      ? [
          {
            kind: 'certainty',
            label: cardWords.certainty[language],
            text: story.outcome.certainty[language],
          } as const,
        ]
      : []),
    ...evidenceRows(story, language),
    ...(context.command === undefined
      ? []
      : [{ kind: 'seeIt', label: cardWords.seeIt[language], text: context.command } as const]),
    ...(context.inStep && ends.client !== undefined
      ? [
          {
            kind: 'seeIt',
            label: cardWords.seeIt[language],
            text: howToSeeIt(ends.client, language, context.topology),
          } as const,
        ]
      : []),
  ];
  return {
    headline: safeText(
      story.outcome
        ? outcomeHead(story.outcome, words.name[language], language)
        : cardWords.refused[language](
            names[by],
            sideWords[other][language],
            names[other],
            words.name[language],
          ),
    ),
    rows: rows.map((row) => ({ ...row, label: safeText(row.label), text: safeText(row.text) })),
  };
}

/** What a client whose bytes are spoiled does, no command does. */
function howToSeeIt(client: string, language: Language, { participants }: Topology): string {
  const isSpoiled = participants.some(
    ({ name, role, kind }) => name === client && role === 'client' && kind !== undefined,
  );
  return isSpoiled ? cardWords.seeItAgain[language] : cardWords.seeItHow[language](client);
}

/** `REFUSED BY THE SERVER (unknown CA)`; an inference is called one. */
export function outcomeHead(outcome: Outcome, name: string, language: Language): string {
  const words = outcomeWords[outcome.kind][language].toUpperCase();
  return isLikelyRefusal(outcome)
    ? cardWords.likelyOutcome[language](words, name)
    : cardWords.outcome[language](words, name, outcome.inferred);
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

function certificateRows({ refusal }: RefusalStory, language: Language): CardRow[] {
  const { presented, trusted } = refusal.detail;
  const withKey = (subject: string, keyId: string | undefined): string =>
    keyId ? `${subject} (${cardWords.keyId[language]} ${shortKeyId(keyId)})` : subject;
  const rows: CardRow[] = [];
  const label = cardWords.presented[language];
  if (presented)
    rows.push({
      kind: 'presented',
      label,
      text: [
        `${presented.subject || cardWords.noName[language]}, ${cardWords.issuedBy[language](withKey(presented.issuer, presented.authorityKeyId))}`,
        ...foreignLetters(presented.subject, language),
      ].join('. '),
    });
  else if (refusal.reason === 'certificate_missing')
    rows.push({ kind: 'presented', label, text: cardWords.noCertificate[language] });
  if (trusted && trusted.length > 0) {
    const issuers = trusted.map(({ subject, keyId }) => withKey(subject, keyId)).join(cardWords.or[language]);
    rows.push({
      kind: 'expected',
      label: cardWords.expected[language],
      text: cardWords.expectedIssuer[language](issuers),
    });
  }
  return rows;
}

const alphabets: readonly { readonly pattern: RegExp; readonly name: 'cyrillic' | 'greek' }[] = [
  { pattern: /\p{Script=Cyrillic}/u, name: 'cyrillic' },
  { pattern: /\p{Script=Greek}/u, name: 'greek' },
];

/** Letters that look like Latin ones and stand among them: a reader does not see that they are others. */
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
  { refusal, alertPlace, outcome }: RefusalStory,
  language: Language,
  meaning: string | undefined,
): CardRow[] {
  const { alert, hop } = refusal;
  const label = cardWords.alert[language];
  if (!alert && outcome) return sealedAlertRows(outcome, alertPlace, hop, language);
  if (!alert) return [{ kind: 'alert', label, text: cardWords.noAlert[language] }];
  const place = !alertPlace
    ? cardWords.alertNotFound[language]
    : alertPlace.readable
      ? cardWords.alertReadable[language](toOffset(alertPlace.offset))
      : cardWords.alertSealed[language](alertPlace.length, toOffset(alertPlace.offset));
  const isSealed = alertPlace?.readable === false;
  return [
    {
      kind: 'alert',
      label,
      text: `${alert.description} (${alert.code}), ${cardWords.levels[alert.level][language]}${meaning ? `: ${meaning}` : ''}`,
    },
    {
      kind: 'onWire',
      label: cardWords.onWire[language](hop),
      text: place,
      ...(isSealed ? { hint: cardWords.sealedHint[language] } : {}),
    },
  ];
}

/** No alert that anybody could read: one that is sealed shows by its size, and where no TLS was spoken none is missed. */
function sealedAlertRows(
  { kind, step }: Outcome,
  place: RefusalStory['alertPlace'],
  hop: string,
  language: Language,
): CardRow[] {
  if (place) {
    const text = cardWords.alertSealed[language](place.length, toOffset(place.offset));
    return [
      { kind: 'alert', label: cardWords.alert[language], text: cardWords.alertLikely[language] },
      { kind: 'onWire', label: cardWords.onWire[language](hop), text, hint: cardWords.sealedHint[language] },
    ];
  }
  const isTls = step !== undefined && step !== 'plaintext' && step !== 'connecting';
  return isTls && (kind === 'closed_without_alert' || kind === 'reset')
    ? [{ kind: 'alert', label: cardWords.alert[language], text: cardWords.noAlert[language] }]
    : [];
}

/** Where in the bytes it is to be seen. */
function evidenceRows({ outcome }: RefusalStory, language: Language): CardRow[] {
  const places = outcome ? evidenceText(outcome, language) : '';
  return places ? [{ kind: 'evidence', label: cardWords.evidence[language], text: places }] : [];
}

/** `server: Alert, record 6, at 0x4a1; client: Certificate, record 2, at 0x60f`. */
export function evidenceText({ evidence }: Outcome, language: Language): string {
  return evidence
    .flatMap((one) =>
      'offset' in one
        ? [
            cardWords.place[language](
              sideWords[one.from][language],
              one.message ?? '',
              one.record,
              toOffset(one.offset),
            ),
          ]
        : [],
    )
    .join('; ');
}

/** What the client says of it, in its own words too. */
function clientRows({ refusal, login }: RefusalStory, language: Language): CardRow[] {
  const label = sideWords.client[language];
  const { discardedBytes } = refusal.detail;
  if (!login)
    return discardedBytes
      ? [{ kind: 'client', label, text: cardWords.discarded[language](discardedBytes) }]
      : [];
  const told =
    login.sentBytes > 0
      ? cardWords.clientSent[language](login.sentBytes, (discardedBytes ?? 0) > 0)
      : login.believedConnected
        ? cardWords.clientBelieved[language]
        : cardWords[refusedAs[refusal.by]][language];
  const row = { kind: 'client', label, text: told } as const;
  if (!login.error) return [row];
  const { code, message } = login.error;
  const hint = translateAlertWords(message)?.oldName?.[language];
  return [
    row,
    {
      kind: 'words',
      label: cardWords.itsWords[language],
      text: `${code} (${librarysWords(message)})`,
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

/** The two ends of a key id are enough to tell two apart on a screen. */
function shortKeyId(keyId: string): string {
  return keyId.length > 14 ? `${keyId.slice(0, 5)}:…:${keyId.slice(-2)}` : keyId;
}
