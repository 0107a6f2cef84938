/** Shows what the client of a script typed, and where a script stopped that has read another line than it expects. */
import type { Shown } from '../../engine/shown.ts';
import type { Observed } from '../../engine/view.ts';
import { josa } from '../../i18n/josa.ts';
import type { Localized } from '../../i18n/language.ts';
import { safeText } from '../../i18n/safe.ts';

const waiting = { state: 'waiting' } as const;

function stoppedAt({ who, result: { at, expected, received } }: Observed<'script-mismatch'>): Localized {
  const line = safeText(`“${received}”`);
  return {
    en: `the script of ${who} has stopped: ${at} expects ${safeText(expected.join(' or '))}, and it read ${line}`,
    ko: `${josa(who, '이/가')} 따르는 스크립트가 멈췄습니다. ${at}에서 기다린 줄: ${safeText(expected.join(' 또는 '))}, 읽은 줄: ${line}`,
  };
}

export const shown: Shown = {
  reports: { 'script-mismatch': { story: stoppedAt } },
  endpoints({ step, typed, account, hasAdmitted }) {
    if (!step.script) return undefined;
    if (!account) return { sent: waiting, got: waiting };
    const bytes = account.sentBytes;
    const seen = { state: 'seen', title: 'login', form: typed, bytes } as const;
    return { sent: seen, got: hasAdmitted ? { ...seen, answer: 'OK' } : { state: 'bytes', bytes } };
  },
  typed: ({ script }, entries) =>
    script && entries(script.account).filter(({ name }) => name === 'username' || name === 'password'),
  byHand: ({ script, client }, ways) => {
    const way = script && ways.find((one) => one.client === client && one.to === script.to);
    return way?.curl ?? way?.openssl;
  },
};
