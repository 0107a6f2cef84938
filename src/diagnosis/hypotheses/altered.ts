/** The two sides have not read the same messages: something on the way changed them, or one side computes wrongly. */
import { bytesOf, cameBack, explained } from '../case.ts';
import type { Hypothesis } from '../case.ts';
import type { Attempt } from '../attempt/attempt.ts';

/** Of the checks over the whole handshake (RFC 8446 section 4.4.4, RFC 5246 section 7.4.9). */
const badRecordMac = 20;
const decryptError = 51;

/**
 * Whether a Finished, or the record around it, did not fit what the other side had read. A decrypt_error may also speak of the
 * signature of a client certificate: then it says nothing of the way.
 */
export function isAltered({ alert, acceptable }: Attempt): boolean {
  return alert?.code === badRecordMac || (alert?.code === decryptError && acceptable === undefined);
}

export const altered: Hypothesis = {
  name: 'altered',
  async test({ base }) {
    const { alert } = base;
    if (!alert || !isAltered(base)) return undefined;
    return Promise.resolve(
      explained({
        cause: 'handshake_altered',
        by: alert.from,
        blamed: 'between',
        detail: {},
        alert,
        confidence: 'likely',
        message: checkedIn(base),
        evidence: [
          {
            kind: 'words',
            attempt: base.number,
            said: '',
            words: cameBack(base),
          },
          ...bytesOf(base),
        ],
      }),
    );
  },
};

/** Undefined where it may be one or the other: of the encrypted messages of TLS 1.3, or a signature before the Finished. */
function checkedIn({ alert, version, outcome }: Attempt): string | undefined {
  if (version === 'TLS 1.3') return undefined;
  return alert?.from === 'server' || outcome?.step === 'client_flight' ? 'Finished' : undefined;
}
