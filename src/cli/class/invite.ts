/** Implements `wirelab class invite`: the files with which learners report to a class, over mutual TLS. */
import { join } from 'node:path';
import { makeFolder, removeFolders } from '../../capture/file/output-folder.ts';
import { hostPort } from '../../capture/event.ts';
import type { Address } from '../../capture/event.ts';
import { systemClock } from '../../core/clock.ts';
import { readText } from '../../i18n/read-file.ts';
import { shellWord } from '../../i18n/shell-word.ts';
import { UserError } from '../../i18n/user-error.ts';
import { printTo } from '../certs/print.ts';
import type { Command, Parsed } from '../command.ts';
import { examplesOf } from '../io/options-only.ts';
import { addressIn } from '../proxy/setting-values.ts';
import { checkLearner, readLearners } from './learners.ts';
import { ClassFolder, usualClassFolder } from './roster/class-folder.ts';
import type { Asked } from './roster/class-folder.ts';
import { folderOption } from './roster/options.ts';
import { usualClassAddress } from './roster/protocol.ts';

const largest = 1024 * 1024;
const usualDays = 90;
const where = 'wirelab class invite';

export const invite: Command = {
  summary: {
    en: 'make a learner’s invitation: a client certificate, with which labs report to class serve',
    ko: '수강생의 초대장을 만듭니다. 실습이 class serve에 보고할 때 쓰는 클라이언트 인증서가 들어 있습니다',
  },
  operands: 'NICK ...|--learners FILE',
  options: {
    learners: {
      value: 'FILE',
      help: {
        en: 'the list, as class manifests reads it: a name on each line, # begins a comment',
        ko: 'class manifests와 같은 목록: 한 줄에 이름 하나, #부터는 주석',
      },
    },
    out: {
      value: 'FILE',
      help: {
        en: 'the file of one invitation (default: NICK.pem); of several, the folder for them (default: .)',
        ko: '초대장을 저장할 파일(기본값: 이름.pem). 여럿이면 저장할 폴더(기본값: 현재 폴더)',
      },
    },
    server: {
      value: 'HOST:PORT',
      help: {
        en: `where class serve will listen, as learners reach it (default: ${usualClassAddress})`,
        ko: `수강생이 접속할 class serve의 주소(기본값: ${usualClassAddress})`,
      },
    },
    days: {
      value: 'N',
      help: {
        en: `how long the certificate is valid (default: ${usualDays} days)`,
        ko: `인증서의 유효 기간(기본값: ${usualDays}일)`,
      },
    },
    force: {
      help: {
        en: 'again, for who was invited before: with the earlier invitation nobody is let in any more',
        ko: '이미 초대한 수강생의 초대장을 다시 만듦. 앞서 만든 초대장은 더 이상 쓸 수 없음',
      },
    },
    ...folderOption,
  },
  examples: [
    {
      line: './wirelab class invite anna',
      does: {
        en: 'anna.pem, for labs on this machine; then ./wirelab class serve',
        ko: '이 컴퓨터의 실습에 쓸 anna.pem. 그다음 ./wirelab class serve',
      },
    },
    {
      line: './wirelab class invite --learners learners.txt --out invitations --server 192.0.2.7:8450',
      does: { en: 'a file for each, for labs in your network', ko: '네트워크 안의 수강생마다 파일 하나씩' },
    },
  ],
  exits: {
    en: 'Exit codes: 0 made; 2 error in the command or a file, and nothing was made.',
    ko: '종료 코드: 0은 만듦, 2는 명령이나 파일에 잘못이 있음(아무것도 만들지 않음).',
  },
  async run(parsed, environment) {
    const learners = learnersOf(parsed);
    const server = serverOf(parsed);
    const days = daysOf(parsed);
    const folder = parsed.text('folder') ?? usualClassFolder(environment.variables);
    const asked = filesOf(learners, parsed.text('out'));
    const place = ClassFolder.begin(folder, systemClock);
    const made = asked.length > 1 ? makeFolder(parsed.text('out') ?? '.', 0o700) : [];
    try {
      await place.invite(asked, { server, days, again: parsed.flag('force') });
    } catch (error) {
      removeFolders(made);
      throw error;
    }
    const print = printTo(environment);
    const [one] = asked;
    if (asked.length === 1 && one)
      print.mark('✓', {
        en: `${one.file}: ${one.learner} may report to ${hostPort(server)}, for ${days} days`,
        ko: `${one.file}: ${one.learner}, 보고할 곳 ${hostPort(server)}, 유효 기간 ${days}일`,
      });
    else
      print.mark('✓', {
        en: `${asked.length} invitations: they may report to ${hostPort(server)}, for ${days} days`,
        ko: `초대장 ${asked.length}개, 보고할 곳 ${hostPort(server)}, 유효 기간 ${days}일`,
      });
    print.mark('!', {
      en: 'Whoever has the file is that learner to the class: a private key is in it. Hand it over so that nobody else reads it.',
      ko: '파일에 개인 키가 들어 있어, 가진 사람이 곧 그 수강생입니다. 다른 사람이 읽지 못하게 전하세요.',
    });
    print.say({ en: 'The learner’s lab and the board:', ko: '수강생의 실습과 현황판:' });
    const options = parsed.text('folder') === undefined ? '' : ` --folder ${shellWord(folder)}`;
    const listen = listensAt(server);
    for (const line of [
      `./wirelab lab find-the-password --class ${shellWord(one?.file ?? '')}`,
      `./wirelab class serve${listen === usualClassAddress ? '' : ` ${listen}`}${options}`,
    ])
      print.page.behind('     ', line);
    return 0;
  },
};

/** What the learners call is not always what is listened on: a name may belong to another machine on the way. */
const listensAt = ({ host, port }: Address): string =>
  host === '127.0.0.1' || host === 'localhost' ? `127.0.0.1:${port}` : `0.0.0.0:${port}`;

function learnersOf(parsed: Parsed): readonly string[] {
  const file = parsed.text('learners');
  const names = parsed.operands;
  if ((file === undefined) === (names.length === 0))
    throw new UserError({
      what: { en: 'who is invited?', ko: '누구를 초대할까요?' },
      where,
      expected: { en: 'NICK ..., or --learners FILE', ko: '이름 ..., 또는 --learners 파일' },
      remedy: examplesOf('class invite'),
    });
  if (file !== undefined) return readLearners(readText(file, largest), file);
  return [...new Set(names.map((name) => checkLearner(name, where)))];
}

function serverOf(parsed: Parsed): Address {
  const server = addressIn(parsed.text('server') ?? usualClassAddress, '--server', where);
  const isAny = server.host === '0.0.0.0' || server.host === '::';
  if (server.port > 0 && !isAny) return server;
  throw new UserError({
    what: { en: 'learners cannot call this address', ko: '수강생이 접속할 수 없는 주소입니다' },
    where: '--server',
    received: hostPort(server),
    expected: {
      en: 'an address or a name of this machine, with a port: 192.0.2.7:8450',
      ko: '이 컴퓨터의 주소나 이름과 포트. 예: 192.0.2.7:8450',
    },
  });
}

function daysOf(parsed: Parsed): number {
  const text = parsed.text('days') ?? String(usualDays);
  const days = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (days >= 1 && days <= 3650) return days;
  throw new UserError({
    what: { en: 'invalid value for --days', ko: '--days 옵션에 쓸 수 없는 값입니다' },
    where,
    expected: { en: '1 to 3650', ko: '1부터 3650까지' },
    received: text,
  });
}

function filesOf(learners: readonly string[], out: string | undefined): readonly Asked[] {
  const [only] = learners;
  if (learners.length === 1 && only !== undefined) return [{ learner: only, file: out ?? `${only}.pem` }];
  return learners.map((learner) => ({ learner, file: join(out ?? '.', `${learner}.pem`) }));
}
