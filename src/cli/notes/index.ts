/**
 * Implements `wirelab notes`: the speaker's notes of the show that runs in another terminal, so that they never stand on
 * the projected screen. It waits for a show, follows it, and waits again when it has ended.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { wantsAscii } from '../../i18n/ascii.ts';
import { UserError } from '../../i18n/user-error.ts';
import { signalExits } from '../command.ts';
import type { Command, Environment, Parsed } from '../command.ts';
import { exitCodes, watchForTheEnd } from '../io/ending.ts';
import { watchForSuspension } from '../io/suspending.ts';
import { openDisplay } from './display.ts';
import type { Display } from './display.ts';
import { chooseShow, followShow } from './follow.ts';
import type { Followed } from './follow.ts';
import { endedWords, waitingWords } from './page.ts';
import { runningShows } from './shows.ts';

/** How often shows are looked for, in milliseconds. */
const lookMs = 500;

export const notes: Command = {
  summary: {
    en: 'show the speaker’s notes of the running show, in a second terminal',
    ko: '실행 중인 쇼의 발표자 메모를 두 번째 터미널에 보여 줍니다',
  },
  operands: '[NAME|PROCESS]',
  options: { ascii: { help: { en: 'use only ASCII characters', ko: 'ASCII 문자로만 그리기' } } },
  examples: [
    {
      line: './wirelab notes',
      does: {
        en: 'the notes of the show in the other terminal, the next step and a clock; space and b move the show',
        ko: '다른 터미널에서 진행 중인 쇼의 메모, 다음 단계, 시계. space와 b로 쇼를 넘깁니다',
      },
    },
    {
      line: './wirelab notes mtls --lang ko',
      does: { en: 'if several shows are running', ko: '쇼가 여럿 실행 중일 때' },
    },
  ],
  exits: {
    en: `Exit codes: 0 you quit with q; 2 several shows are running, or an error in the command; ${signalExits.en}.`,
    ko: `종료 코드: 0은 q로 끝냄, 2는 여러 쇼가 실행 중이거나 명령에 잘못이 있음, ${signalExits.ko}.`,
  },
  run: runNotes,
};

async function runNotes(parsed: Parsed, environment: Environment): Promise<number> {
  const [asked, ...more] = parsed.operands;
  if (more.length > 0)
    throw new UserError({
      what: { en: 'notes follows one show at a time', ko: '한 번에 쇼 하나만 따라갑니다' },
      where: 'wirelab notes',
      expected: { en: 'the name of one show, or none', ko: '쇼 하나의 이름 또는 이름 없이' },
      received: parsed.operands.join(' '),
    });
  let display: Display | undefined;
  let followed: Followed | undefined;
  const over = new AbortController();
  const suspension = watchForSuspension(() => display, environment.stopJob);
  const ending = watchForTheEnd(environment, () => display?.close());
  try {
    display = openDisplay({
      environment,
      ascii: parsed.flag('ascii') || wantsAscii(environment.variables),
      onKey: (key) => followed?.press(key),
      onSuspend: () => suspension.suspend(),
      onQuit: (interrupted) => ending.finish(interrupted ? exitCodes.SIGINT : 0),
    });
    const shown = display;
    const { signal } = over;
    const follow = async (): Promise<number> => {
      let isWaiting = false;
      let isFollowing = false;
      while (!signal.aborted) {
        const show = chooseShow(await runningShows(environment.variables), asked, isFollowing);
        if (show && !signal.aborted) {
          isWaiting = false;
          isFollowing = true;
          let isHeard = false;
          followed = followShow(show, (page) => {
            isHeard = true;
            shown.page(page);
          });
          await followed.ended;
          followed = undefined;
          // A show that takes no more listeners has not ended.
          if (!signal.aborted && isHeard) shown.say(endedWords[environment.language]);
        } else if (!isWaiting) {
          isWaiting = true;
          shown.say(waitingWords(asked, environment.language));
        }
        await pause(lookMs, undefined, { signal }).catch(() => {});
      }
      return ending.ended;
    };
    const code = await Promise.race([ending.ended, follow()]);
    if (ending.fault) throw ending.fault.error;
    return code;
  } finally {
    over.abort();
    followed?.close();
    display?.close();
    suspension.stop();
    ending.stop();
  }
}
