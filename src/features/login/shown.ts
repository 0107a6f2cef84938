/** Shows a login: its client and outcome, the form that it fills in, and a new revocation list. */
import type { Shown } from '../../engine/shown.ts';
import { inEach } from '../../i18n/language.ts';
import { loginLengths } from '../../peers/client/login-request.ts';

export const shown: Shown = {
  reports: {
    login: {
      client: ({ result: { from, sentBytes, believedConnected, outcome, error } }) => ({
        ...(from ? { from: [from] } : {}),
        account: {
          title: 'POST /login',
          sentBytes,
          believedConnected,
          ...(outcome === 'refusing' ? { brokeOff: true } : {}),
          ...(error ? { error } : {}),
        },
      }),
    },
    served: {
      hasServed: ({ result: { requests } }) => requests > 0,
      hasAdmitted: ({ result: { logins } }) => logins.some(({ accepted }) => accepted),
    },
    revocation: {
      news: ({ who, result: { authority, number, certificates } }) => {
        const whose = certificates.map(({ subject, serial }) => `${subject} (${serial})`).join(', ');
        return inEach((language) => newList[language](who, authority, number, whose));
      },
    },
  },
  typed: ({ login }, entries) => login && entries(login.account),
  requestForm(host, typed) {
    const valueOf = (name: string): string | undefined => typed.find((entry) => entry.name === name)?.value;
    const [username, rrn] = [valueOf('username'), valueOf('rrn')];
    return username === undefined || rrn === undefined ? undefined : loginLengths(host, { username, rrn });
  },
  byHand(step, ways) {
    const target = step.login?.site ?? step.entryPoints[0]?.to;
    return ways.find(({ client, to }) => client === step.client && to === target)?.curl;
  },
};

const newList = {
  en: (by: string, authority: string, number: number, whose: string): string =>
    `${by}: revocation list ${number} of ${authority} is in force from here on; it revokes ${whose}`,
  ko: (by: string, authority: string, number: number, whose: string): string =>
    `지금부터 ${by}에 ${authority}의 ${number}번 인증서 폐기 목록(CRL)이 적용됩니다. 폐기된 인증서: ${whose}`,
};
