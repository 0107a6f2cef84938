/**
 * Declares `wirelab certs`: work with certificates by hand. Its actions are a table in index.ts, one file each.
 */
import { certificateActions } from './index.ts';
import type { CommandOfActions } from '../command.ts';

export const certs: CommandOfActions = {
  summary: {
    en: 'make, show, sign, revoke and verify certificates by hand',
    ko: '인증서를 직접 만들고, 보고, 서명하고, 폐기하고, 검증합니다',
  },
  operands: 'ACTION [...]',
  options: {},
  examples: [
    {
      line: './wirelab certs make workshop',
      does: {
        en: 'creates what is missing or due for renewal and keeps the rest',
        ko: '없거나 갱신할 때가 된 것만 만듭니다',
      },
    },
    {
      line: './wirelab certs show certs/out/workshop/alice.crt',
      does: {
        en: 'the contents of a certificate, and what is unusual about it',
        ko: '인증서의 내용과 눈여겨볼 점을 보여 줍니다',
      },
    },
  ],
  exits: {
    en: 'Exit codes: 0 done, or verified; 1 refused by a check of verify or by the CA of sign; 2 error in the command or a file.',
    ko: '종료 코드: 0은 완료 또는 검증됨, 1은 거부됨(verify의 검증이나 sign의 CA가 거부), 2는 명령이나 파일에 잘못이 있음.',
  },
  actions: certificateActions,
};
