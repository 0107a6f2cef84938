/**
 * Whether the server reads what comes in small records: a ClientHello in two, one that asks for small ones, a request in many. The
 * call itself sends neither, so that this explains no failure of it: it is a note, for clients that do (small devices, programs
 * with a limit of their own).
 */
import type { Attempt } from '../attempt/attempt.ts';
import { asCalledAgain } from '../attempt/call.ts';
import type { Change } from '../attempt/call.ts';
import { difference, isAnswered } from '../case.ts';
import type { Hypothesis } from '../case.ts';
import { found } from '../found.ts';
import type { Laboratory } from '../laboratory.ts';
import { statusOf } from './application.ts';
import { helloForms } from './hello-form.ts';

const limiting: Change = {
  id: 'hello-limiting-records',
  words: {
    en: 'a ClientHello that asks for records of 512 bytes at most',
    ko: '512바이트 이하의 레코드를 요청하는 ClientHello',
  },
  hello: { isHybrid: false, sent: 'whole', limitsRecords: true },
};

const inPieces: Change = {
  id: 'request-in-small-records',
  words: { en: 'the request in records of 16 bytes', ko: '요청을 16바이트 레코드로 나누어' },
  asks: { pieceLength: 16 },
};

/** An end, or an alert: that a server which waits for the rest is silent, it is too. */
const isLost = (attempt: Attempt): boolean => !isAnswered(attempt);

const isUnreplied = (attempt: Attempt): boolean =>
  attempt.secured !== undefined && (attempt.answer?.said.length ?? 0) === 0;

interface Pair {
  readonly usual: Attempt;
  readonly small: Change;
  readonly isFailed: (attempt: Attempt) => boolean;
  /** Does not fail, though it is waited for no longer. */
  readonly control?: Change;
}

export const recordSizes: Hypothesis = {
  name: 'record-sizes',
  async test({ base, call, laboratory }) {
    if (base.result !== 'completed' || call.starttls !== undefined) return undefined;
    const classical = await laboratory.try(helloForms.classical);
    if (!classical || !isAnswered(classical)) return undefined;
    const hybrid = await laboratory.try(helloForms.hybrid);
    const pairs: readonly Pair[] = [
      { usual: classical, small: helloForms.divided, isFailed: isLost },
      ...(hybrid && isAnswered(hybrid)
        ? [{ usual: hybrid, small: helloForms.hybridDivided, isFailed: isLost }]
        : []),
      { usual: classical, small: limiting, isFailed: isLost },
      ...(statusOf(base) === undefined
        ? []
        : [{ usual: base, small: inPieces, isFailed: isUnreplied, control: asCalledAgain(1) }]),
    ];
    for (const pair of pairs) {
      const made = await failsEachTime(laboratory, pair);
      if (!made) continue;
      return {
        ...found({
          cause: 'small_records_refused',
          by: 'unknown',
          confidence: 'likely',
          message: pair.small === inPieces ? 'application data' : 'ClientHello',
          evidence: [difference(pair.usual, made)],
          more: pair.small.words,
        }),
        isNote: true,
      };
    }
    return undefined;
  },
};

const times = [2, 3];

/** Three of three. */
async function failsEachTime(
  laboratory: Laboratory,
  { small, isFailed, control }: Pair,
): Promise<Attempt | undefined> {
  const first = await laboratory.try(small);
  if (!first || !isFailed(first)) return undefined;
  for (const time of times) {
    const again = await laboratory.try({ ...small, id: `${small.id}-${time}` });
    if (!again || !isFailed(again)) return undefined;
  }
  const usual = control && (await laboratory.try(control));
  return control && (!usual || isFailed(usual)) ? undefined : first;
}
