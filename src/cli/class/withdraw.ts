/** Implements `wirelab class withdraw`: an invitation is taken back, and its certificate revoked. */
import { systemClock } from '../../core/clock.ts';
import { UserError } from '../../i18n/user-error.ts';
import { printTo } from '../certs/print.ts';
import type { Command } from '../command.ts';
import { examplesOf } from '../io/options-only.ts';
import { ClassFolder, usualClassFolder } from './roster/class-folder.ts';
import { folderOption } from './roster/options.ts';

export const withdraw: Command = {
  summary: {
    en: 'take an invitation back: its certificate is revoked, and class serve turns it away',
    ko: '초대를 취소합니다. 인증서를 폐기하고, class serve는 그 인증서를 거부합니다',
  },
  operands: 'NICK ...',
  options: folderOption,
  examples: [
    {
      line: './wirelab class withdraw anna',
      does: {
        en: 'a running class serve notices; what anna has reported stays',
        ko: '실행 중인 class serve에도 곧 적용됩니다. 앞서 보고한 내용은 남습니다',
      },
    },
  ],
  exits: {
    en: 'Exit codes: 0 withdrawn; 2 error in the command, or somebody who was not invited: nobody was withdrawn.',
    ko: '종료 코드: 0은 취소함, 2는 명령에 잘못이 있거나 초대하지 않은 이름이 있음(아무 초대도 취소하지 않음).',
  },
  async run(parsed, environment) {
    const names = [...new Set(parsed.operands)];
    if (names.length === 0)
      throw new UserError({
        what: { en: 'whose invitation?', ko: '누구의 초대를 취소할까요?' },
        where: 'wirelab class withdraw',
        expected: { en: 'NICK ...', ko: '이름 ...' },
        remedy: examplesOf('class withdraw'),
      });
    const place = ClassFolder.open(
      parsed.text('folder') ?? usualClassFolder(environment.variables),
      systemClock,
    );
    await place.withdraw(names);
    const print = printTo(environment);
    for (const name of names)
      print.mark('✓', {
        en: `${name}: the certificate is revoked`,
        ko: `${name}: 인증서를 폐기했습니다`,
      });
    return 0;
  },
};
