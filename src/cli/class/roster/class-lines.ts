/** What `class serve` prints: where everything is, a line for each change, and a card for who is turned away. */
import { hostPort } from '../../../capture/event.ts';
import type { Address } from '../../../capture/event.ts';
import { wantsAscii } from '../../../i18n/ascii.ts';
import { inEach, inLanguage } from '../../../i18n/language.ts';
import type { Localized } from '../../../i18n/language.ts';
import { setCardRows } from '../../../ui/text/card.ts';
import { Page } from '../../../ui/status/page.ts';
import type { Environment, Parsed } from '../../command.ts';
import { isLoopback } from '../../io/loopback.ts';
import { lineWriter } from '../../io/outlets.ts';
import { warningLine } from '../../io/user-error-text.ts';
import type { HandedIn } from '../handed-in.ts';
import { timeOfDay } from '../times.ts';
import { withoutAdvice } from './turned-away.ts';
import type { TurnedAway } from './turned-away.ts';

/** So many cards are printed in a minute: whoever knocks with a new certificate each time would fill the terminal. */
const mostCards = 20;
const minute = 60_000;

/** The same refusal is printed again when it has come so often. */
const printedAt: ReadonlySet<number> = new Set([1, 10, 100, 1000]);

/** `anna  mutual-tls  1/2, task 2 (keep-mallory-out), 1 hint: mallory was admitted` */
export function wordsOf({ learner, lab, task, done, of, hints, finding }: HandedIn): Localized {
  const count = `${done}/${of}`;
  return inEach((language) => {
    const words = lineWords[language];
    const facts = [
      count,
      task ? words.task(task.number, task.id) : words.all,
      ...(hints === 0 ? [] : [words.hints(hints)]),
    ].join(', ');
    const why = finding?.[language];
    return `${learner}  ${lab}  ${facts}${why ? `: ${why}` : ''}`;
  });
}

const lineWords = {
  en: {
    task: (number: number, id: string): string => `task ${number} (${id})`,
    all: 'all done',
    hints: (count: number): string => (count === 1 ? '1 hint' : `${count} hints`),
  },
  ko: {
    task: (number: number, id: string): string => `과제 ${number}(${id})`,
    all: '모두 완료',
    hints: (count: number): string => `힌트 ${count}개`,
  },
} as const;

const tooMany: Localized = {
  en: 'more are turned away than are printed for the next minute; the board has the newest ones',
  ko: '거부된 연결이 많아 1분 동안 더 출력하지 않습니다. 최근 것은 현황판에 있습니다',
};

export interface Begun {
  readonly folder: string;
  readonly learners: number;
  readonly address: Address;
  readonly url: string;
  readonly boardFile: string;
  /** Where invitations lead. */
  readonly hosts: readonly string[];
}

function unreachable(hosts: readonly string[], address: Address): Localized {
  const [list, at] = [hosts.join(', '), hostPort(address)];
  return {
    en: `invitations lead to ${list}, and nobody reaches ${at} from another machine; name an address: class serve 0.0.0.0:${address.port}`,
    ko: `초대장의 주소는 ${list}인데 ${at}에는 다른 컴퓨터에서 접속할 수 없습니다. 주소를 지정하세요: class serve 0.0.0.0:${address.port}`,
  };
}

export interface ClassLines {
  begun(begun: Begun): void;
  entry(entry: HandedIn): void;
  turnedAway(one: TurnedAway): void;
  renewed(learners: number): void;
}

export function classLines(parsed: Parsed, environment: Environment, now: () => number): ClassLines {
  const { language, variables, stdout, stderr } = environment;
  const page = new Page({
    language,
    ascii: parsed.flag('ascii') || wantsAscii(variables),
    columns: Math.max(40, Math.min(120, stdout.columns || 80)),
    write: lineWriter(environment),
  });
  let since = 0;
  let cards = 0;
  const say = (text: Localized): void => page.behind('', text[language]);
  const sayNow = (text: Localized): void => page.behind(`${timeOfDay(new Date(now()))} `, text[language]);
  return {
    begun({ folder, learners: count, address, url, boardFile, hosts }) {
      say({
        en: `class of ${count} ${count === 1 ? 'learner' : 'learners'}, in ${folder}`,
        ko: `수강생 ${count}명의 수업, 폴더 ${folder}`,
      });
      say({
        en: `labs report to ${hostPort(address)}, over mutual TLS`,
        ko: `실습이 보고할 주소: ${hostPort(address)}(상호 TLS)`,
      });
      if (!isLoopback(address.host))
        stderr.write(
          warningLine(
            {
              en: 'whoever reaches this machine can connect there; without an invitation nobody is let in',
              ko: '이 컴퓨터에 접속할 수 있는 누구나 이 주소에 연결할 수 있지만, 초대장이 없으면 거부됩니다',
            },
            language,
          ),
        );
      const beyond = isLoopback(address.host) ? hosts.filter((host) => !isLoopback(host)) : [];
      if (beyond.length > 0) stderr.write(warningLine(unreachable(beyond, address), language));
      say({
        en: `what they report is kept in ${boardFile}`,
        ko: `보고한 내용을 저장하는 파일: ${boardFile}`,
      });
      say({ en: 'the board, for this machine alone:', ko: '현황판(이 컴퓨터에서만 열림):' });
      page.verbatim(`    ${url}`);
    },
    entry: (entry) => sayNow(wordsOf(entry)),
    turnedAway({ card, count }) {
      if (!printedAt.has(count)) return;
      const time = now();
      if (time - since > minute) [since, cards] = [time, 0];
      if (++cards > mostCards) {
        if (cards === mostCards + 1) sayNow(tooMany);
        return;
      }
      sayNow(
        count === 1
          ? card.headline
          : {
              en: `${card.headline.en}, ${count} times so far`,
              ko: `${card.headline.ko}, 지금까지 ${count}번`,
            },
      );
      if (count === 1) setCardRows(page, inLanguage(withoutAdvice(card), language).rows, 9);
    },
    renewed: (count) =>
      sayNow({
        en: `the list of who is invited has changed: ${count} ${count === 1 ? 'learner' : 'learners'}`,
        ko: `초대 목록이 바뀌었습니다. 수강생 ${count}명`,
      }),
  };
}
