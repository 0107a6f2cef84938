/**
 * Implements `wirelab lab`: exercises to be solved with openssl, curl and a text editor in the learner's folder.
 * Starting a lab creates the folder and runs the lab; `check`, `hint` and `reset` are run in the folder, from another
 * terminal.
 */
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { hostPort } from '../../capture/event.ts';
import { systemClock } from '../../core/clock.ts';
import { josa } from '../../i18n/josa.ts';
import { safeText } from '../../i18n/safe.ts';
import { UserError } from '../../i18n/user-error.ts';
import { demandFree } from '../../labs/hold/claim.ts';
import type { NextLab } from '../../labs/board.ts';
import {
  demandSameVersion,
  openLabFolder,
  readLabFolder,
  remember,
  resetLabFolder,
  scriptsFolder,
} from '../../labs/folder.ts';
import { noteProgress } from '../../labs/course.ts';
import { placeholder } from '../../labs/checks/wrong-password.ts';
import { keepsDone } from '../../labs/lab.ts';
import type { CompiledLab } from '../../labs/lab.ts';
import type { TaskResult } from '../../labs/checks/checking.ts';
import { findLab, labNames } from '../../labs/load.ts';
import { demandSameKind, goingOn, keepSource } from '../../labs/source.ts';
import { labWorld } from '../../labs/world.ts';
import { labCheckJson } from '../../ui/text/lab.ts';
import type { Command, Environment, Parsed } from '../command.ts';
import { pageOption } from '../run/page/file.ts';
import { isForScreen } from '../io/outlets.ts';
import { goesWithout } from '../io/options-only.ts';
import { warningLine } from '../io/user-error-text.ts';
import { screenOptions } from '../io/screen-options.ts';
import { ScriptFolder } from '../io/script-folder.ts';
import { watchEndingSignals } from '../io/signals.ts';
import { noteUntranslated } from '../author/untranslated.ts';
import { verify, verifyOptions } from '../author/verify.ts';
import { labPlace, labPlaces, readVersion, launcherFrom } from '../places.ts';
import { byItsPath } from '../places.ts';
import type { Invitation } from '../class/roster/invitation.ts';
import { takesPart } from './class/kept.ts';
import { commands } from './commands.ts';
import { labAfter, list, next } from './course.ts';
import type { UpNext } from './course.ts';
import { handout } from './handout.ts';
import { inKeptLanguage, keepLanguage } from './kept-language.ts';
import { beginning, folderFor, folderOf, openedLab, reportOf, startCommand } from './opened.ts';
import type { LabPage } from './page.ts';
import { resetTask } from './reset-task.ts';

export const lab: Command = {
  summary: {
    en: 'work on an exercise: start it, check it, get hints',
    ko: '실습을 시작하고, 확인하고, 힌트를 봅니다',
  },
  operands: 'NAME | list | next | check | hint | reset | commands | handout | verify',
  options: {
    folder: {
      value: 'DIR',
      help: {
        en: 'the lab’s folder (default: lab-NAME when starting, else the current folder)',
        ko: '실습 폴더(기본값: 시작할 때는 lab-이름, 그 밖에는 현재 폴더)',
      },
    },
    all: {
      help: {
        en: 'check: the findings of all tasks, not only of the current one',
        ko: 'check: 지금 과제뿐 아니라 모든 과제의 결과',
      },
    },
    json: {
      help: {
        en: 'check, verify: one JSON object; list: one for each lab',
        ko: 'check, verify 결과를 JSON 객체로 출력. list는 실습마다 하나씩',
      },
    },
    learner: {
      value: 'NAME',
      help: {
        en: 'check --json: whose it is (default: the user)',
        ko: 'check --json에 적을 이름(기본값: 사용자 이름)',
      },
    },
    class: {
      value: 'FILE',
      help: {
        en: 'take part in a class: after each check its server is told task, how many are done, hints, time and finding. FILE is an invitation (class invite); kept until --no-class',
        ko: '수업에 참여: 확인할 때마다 과제, 완료한 개수, 힌트 수, 시각, 지금 상태를 수업 서버에 보냄(--no-class를 쓸 때까지). 초대장 파일은 class invite로 만듦',
      },
    },
    'no-class': {
      help: { en: 'leave the class: nothing is sent any more', ko: '수업에서 나감(더는 보내지 않음)' },
    },
    ...verifyOptions,
    ...pageOption,
    'no-hold': {
      help: {
        en: 'create the folder and exit, without running servers',
        ko: '폴더만 만들고 끝냄(서버를 띄우지 않음)',
      },
    },
    'no-tui': {
      help: {
        en: 'print lines, although there is a terminal to draw on',
        ko: '터미널에서도 화면을 그리지 않고 줄로 출력',
      },
    },
    ...screenOptions,
    ascii: { help: { en: 'use only ASCII characters', ko: 'ASCII 문자로만 그리기' } },
  },
  examples: [
    {
      line: './wirelab lab list',
      does: {
        en: 'the labs in the order of the course, and what you have done',
        ko: '실습을 차례대로 보여 주고, 어디까지 했는지 표시합니다',
      },
    },
    {
      line: './wirelab lab mutual-tls',
      does: {
        en: 'create the folder lab-mutual-tls and run the lab',
        ko: 'lab-mutual-tls 폴더를 만들고 실습 환경을 띄웁니다',
      },
    },
    {
      line: './wirelab lab check',
      does: {
        en: 'show which tasks are done, and why the current one is not',
        ko: '어느 과제를 마쳤고 지금 과제는 왜 아닌지 확인합니다',
      },
    },
    {
      line: './wirelab lab hint',
      does: { en: 'show one hint for the next open task', ko: '다음 과제의 힌트를 하나 봅니다' },
    },
    {
      line: './wirelab lab verify ./my-lab',
      does: {
        en: 'prove that a lab of your own can be solved, and is not fooled',
        ko: '내가 만든 실습을 풀 수 있는지, 틀린 답에 속지 않는지 증명합니다',
      },
    },
    {
      line: './wirelab lab check --json --learner anna > anna.json',
      does: {
        en: 'a file to hand in, for class gather',
        ko: '제출할 파일을 만듭니다(class gather로 모음)',
      },
    },
    {
      line: './wirelab lab mutual-tls --class anna.pem',
      does: {
        en: 'take part in a class, with the invitation of its instructor',
        ko: '강사가 준 초대장으로 수업에 참여합니다',
      },
    },
    {
      line: './wirelab lab handout be-a-ca --lang en > be-a-ca.md',
      does: { en: 'the tasks as Markdown, without answers', ko: '정답이 없는 과제 인쇄물(Markdown)' },
    },
  ],
  exits: {
    en: 'Exit codes: 0 lab ended, every task is done, or the lab is proven; 1 a task is open, or the lab is not proven; 2 error in the command or the folder.',
    ko: '종료 코드: 0은 실습 종료, 모든 과제 완료 또는 증명됨, 1은 남은 과제가 있거나 증명되지 않음, 2는 명령이나 폴더에 잘못이 있음.',
  },
  async run(parsed, environment) {
    const [word, ...more] = parsed.operands;
    if (
      parsed.text('html') !== undefined &&
      (parsed.flag('no-hold') || (word !== undefined && Object.hasOwn(verbs, word)))
    )
      throw onlyRunning(parsed);
    checkClassOptions(parsed, word !== undefined && Object.hasOwn(verbs, word));
    const verb = word !== undefined && Object.hasOwn(verbs, word) ? verbs[word] : undefined;
    const most = word === 'hint' || word === 'reset' || word === 'handout' || word === 'verify' ? 1 : 0;
    if (word !== undefined && verb && more.length === most + 1)
      throw takesNoLab(word, more, parsed, environment);
    if (word === undefined || more.length > most) throw whichLab(parsed, environment);
    try {
      return await (verb ? verb(parsed, environment) : start(word, parsed, environment));
    } catch (error) {
      throw error instanceof UserError ? byItsPath(error, environment) : error;
    }
  },
};

const verbs: Readonly<Record<string, (parsed: Parsed, environment: Environment) => Promise<number>>> = {
  check,
  hint,
  reset,
  list,
  next,
  commands,
  handout,
  verify,
};

/** A lab's name behind a verb that is about the folder. */
function takesNoLab(
  verb: string,
  more: readonly string[],
  parsed: Parsed,
  environment: Environment,
): UserError {
  const named = more.find((word) => labNames(labPlace(environment.places)).includes(word));
  if (named === undefined || verb === 'list' || verb === 'next') return whichLab(parsed, environment);
  const folder = `lab-${named}`;
  return new UserError({
    what: {
      en: `${verb} takes no name of a lab: it is about the lab’s folder`,
      ko: `${josa(verb, '은/는')} 실습 이름을 받지 않습니다. 실습 폴더에서 실행합니다`,
    },
    where: 'wirelab lab',
    received: parsed.operands.join(' '),
    remedy: { en: `cd ${folder}, or --folder ${folder}`, ko: `cd ${folder} 또는 --folder ${folder}` },
  });
}

function whichLab({ operands }: Parsed, { places }: Environment): UserError {
  const known = labNames(labPlace(places));
  const [verb, task = ''] = operands;
  if (verb === 'check' && operands.length === 2 && !known.includes(task)) {
    return new UserError({
      what: {
        en: 'check takes no task; --all shows every one',
        ko: 'check에는 과제 이름을 붙이지 않습니다. --all을 붙이면 모든 과제를 보여 줍니다',
      },
      where: 'wirelab lab check',
      received: task,
    });
  }
  const names = known.join(', ');
  return new UserError({
    what:
      operands.length > 1
        ? { en: 'too many arguments', ko: '인수가 너무 많습니다' }
        : { en: 'missing lab name', ko: '어떤 실습을 시작할까요?' },
    where: 'wirelab lab',
    expected: {
      en: `one of ${names}; or ${Object.keys(verbs).join(', ')}`,
      ko: `${names} 중 하나, 또는 ${Object.keys(verbs).join(', ')}`,
    },
    received: operands.join(' '),
    remedy: {
      en: 'Start with ./wirelab lab find-the-password.',
      ko: '처음이라면: ./wirelab lab find-the-password',
    },
  });
}

/** Begins a lab, and the next one where the learner goes on. */
async function start(nameOrPath: string, parsed: Parsed, environment: Environment): Promise<number> {
  const { openLabPage } = await import('./page.ts');
  let asked: string | undefined = parsed.text('folder');
  // A file that is no invitation is found before anything begins.
  const classFile = parsed.text('class');
  let invitation =
    classFile === undefined
      ? undefined
      : (await import('../class/roster/invitation.ts')).readInvitation(classFile);
  // The page is of the lab that was named.
  let page = await openLabPage(parsed);
  try {
    for (let name = nameOrPath; ; page = undefined) {
      const left = await begin(name, asked, parsed, environment, { page, invitation });
      page?.close(environment);
      if (typeof left === 'number') return left;
      name = left.next.lab.name;
      asked = left.next.folder;
      // Whoever takes part does so in the next lab, too.
      invitation = left.invitation;
    }
  } catch (error) {
    page?.close(environment);
    throw error;
  }
}

/** What begins or ends the taking part goes with the start of a lab. @throws UserError */
function checkClassOptions(parsed: Parsed, isVerb: boolean): void {
  const [joins, leaves] = [parsed.text('class') !== undefined, parsed.flag('no-class')];
  if (joins && leaves) goesWithout(parsed, 'lab', 'class', ['no-class']);
  if (!isVerb || (!joins && !leaves)) return;
  const option = joins ? '--class' : '--no-class';
  throw new UserError({
    what: {
      en: `${option} goes with the start of a lab`,
      ko: `${josa(option, '은/는')} 실습을 시작할 때 씁니다`,
    },
    where: 'wirelab lab',
    expected: {
      en: `./wirelab lab NAME ${joins ? '--class FILE' : option}`,
      ko: `./wirelab lab 이름 ${joins ? '--class 파일' : option}`,
    },
    received: parsed.operands.join(' '),
  });
}

function onlyRunning({ operands }: Parsed): UserError {
  return new UserError({
    what: {
      en: '--html is the page of a lab that has run',
      ko: '--html은 실행한 실습의 페이지를 저장합니다',
    },
    where: 'wirelab lab',
    expected: { en: './wirelab lab NAME --html FILE', ko: './wirelab lab 이름 --html 파일' },
    received: operands.join(' '),
  });
}

interface Begun {
  readonly page: LabPage | undefined;
  /** To the class in which the learner takes part from now on. */
  readonly invitation: Invitation | undefined;
}

/** @returns the exit code, or what is to be begun next. */
async function begin(
  nameOrPath: string,
  asked: string | undefined,
  parsed: Parsed,
  environment: Environment,
  { page, invitation: given }: Begun,
): Promise<number | { readonly next: UpNext; readonly invitation: Invitation | undefined }> {
  const { places } = environment;
  const there = await findLab(nameOrPath, labPlaces(places), {
    where: 'wirelab lab',
    verbs: Object.keys(verbs),
    also: {
      en: `, or the path of a lab’s folder; or ${Object.keys(verbs).join(', ')}`,
      ko: `, 또는 실습을 담은 폴더의 경로나 ${Object.keys(verbs).join(', ')}`,
    },
  });
  const folder = asked === undefined ? folderFor(there.lab.name) : folderOf(asked, '.');
  const found = goingOn(folder, there);
  const { lab: compiled, source } = found;
  const spoken = inKeptLanguage(folder, parsed, environment);
  noteUntranslated(compiled, spoken);
  demandSameKind(folder, found);
  const isNew = await openLabFolder(folder, compiled, async () => beginning(compiled, folder, spoken));
  if (source !== undefined) keepSource(folder, source);
  keepLanguage(folder, spoken);
  if (!parsed.flag('no-hold')) await demandFree(folder);
  demandSameVersion(folder, compiled);
  const invitation = await takingPart(folder, given, parsed.flag('no-class'));
  const world = await labWorld(compiled, folder);
  noteProgress(compiled, folder, readLabFolder(folder)?.done ?? [], now());
  const report = reportOf(compiled, folder, parsed, spoken);
  const scripts = new ScriptFolder({
    language: spoken.language,
    placeholder,
    prefix: `${scriptsFolder}/`,
    workingFolder: '..',
    at: join(folder, scriptsFolder),
  });
  const version = readVersion(places.root);
  if (!parsed.flag('no-hold')) scripts.clear();
  if (!parsed.flag('no-hold') && isForScreen(parsed, environment)) {
    const next = labAfter(compiled.name, environment);
    const { labOnScreen } = await import('./on-screen.ts');
    try {
      const { code, goesOn } = await labOnScreen(
        { lab: compiled, folder, world, version, scripts, next: next && nextOn(next), page, invitation },
        parsed,
        spoken,
      );
      report.left(folder);
      if (!goesOn || !next) return code;
      const beside = next.folder ?? join(dirname(folder), `lab-${next.lab.name}`);
      return { next: { ...next, folder: beside }, invitation };
    } finally {
      scripts.close();
    }
  }
  report.begin(folder, isNew);
  if (parsed.flag('no-hold')) return 0;
  const { labInLines } = await import('./in-lines.ts');
  try {
    const printed = { lab: compiled, folder, world, version, scripts, report, page, invitation };
    return await labInLines(printed, parsed, spoken);
  } finally {
    scripts.close();
  }
}

/** The invitation with which the lab reports from now on; undefined where it does not. */
async function takingPart(
  folder: string,
  given: Invitation | undefined,
  leaves: boolean,
): Promise<Invitation | undefined> {
  if (!given && !takesPart(folder)) return undefined;
  const { joinClass, joinedClass, leaveClass } = await import('./class/state.ts');
  if (given) joinClass(folder, given);
  else if (leaves) leaveClass(folder);
  return joinedClass(folder);
}

function nextOn({ lab: { name, narration, tasks } }: UpNext): NextLab {
  const { minutes, afterwards } = tasks.course ?? {};
  return {
    name,
    title: { en: narration.en.title, ko: narration.ko.title },
    ...(minutes === undefined ? {} : { minutes }),
    ...(afterwards ? { afterwards } : {}),
  };
}

async function check(parsed: Parsed, given: Environment): Promise<number> {
  const environment = inKeptLanguage(folderOf(parsed.text('folder'), '.'), parsed, given);
  const { folder, compiled, record, source } = await openedLab(parsed, environment);
  demandSameVersion(folder, compiled);
  const world = await labWorld(compiled, folder);
  const [{ checkLab }, { randomBytes }] = await Promise.all([
    import('../../labs/checks/check.ts'),
    import('node:crypto'),
  ]);
  // What was started for a check ends with it: a learner's program has its own group of processes.
  const ending = watchEndingSignals();
  const results = await checkLab({
    lab: compiled,
    folder,
    world,
    clock: systemClock,
    random: (length) => randomBytes(length),
    version: readVersion(environment.places.root),
    command: launcherFrom(folder, environment),
    startCommand: startCommand(source ?? compiled.name, folder, environment),
    signal: ending.signal,
  }).finally(() => ending.stop());
  if (ending.exitCode !== undefined) return ending.exitCode;
  const done = results.flatMap(({ id, status }) => (status === 'done' ? [id] : []));
  const at = now();
  const doneAt = Object.fromEntries(done.map((id) => [id, record.doneAt[id] ?? at]));
  if (parsed.flag('json')) {
    const learner = parsed.text('learner') ?? userName();
    const facts = { ...(learner === undefined ? {} : { learner }), at, hints: record.hints, doneAt };
    environment.stdout.write(`${JSON.stringify(labCheckJson(compiled, results, facts))}\n`);
  } else
    reportOf(compiled, folder, parsed, environment).check(results, new Set(record.done), parsed.flag('all'));
  // Tasks that could not be checked now keep their state.
  const unasked = results.flatMap(({ id, reason }) =>
    keepsDone(reason) && record.done.includes(id) ? [id] : [],
  );
  const known = [...done, ...unasked];
  remember(folder, { done: known, doneAt: { ...record.doneAt, ...doneAt } });
  noteProgress(compiled, folder, known, at);
  await tellClass(compiled, folder, results, at, environment);
  return done.length === results.length ? 0 : 1;
}

/** How long a check waits for the class, in milliseconds. */
const classPatience = 3000;

/** Reports the check to the class, where the learner takes part in one. */
async function tellClass(
  compiled: CompiledLab,
  folder: string,
  results: readonly TaskResult[],
  at: string,
  { stderr, language }: Environment,
): Promise<void> {
  if (!takesPart(folder)) return;
  const [{ entryOf, joinedClass, noteCheck }, { report }] = await Promise.all([
    import('./class/state.ts'),
    import('./class/reporter.ts'),
  ]);
  const invitation = joinedClass(folder);
  if (!invitation) return;
  noteCheck(folder, compiled, results, at);
  const reported = await report(entryOf(folder, compiled, invitation.learner), invitation, {
    clock: systemClock,
    signal: new AbortController().signal,
    patience: classPatience,
  });
  if (reported.state === 'kept') return;
  const server = hostPort(invitation.server);
  const { why, state } = reported;
  const next =
    state === 'refused'
      ? { en: 'Ask your instructor for another invitation', ko: '강사에게 초대장을 새로 받으세요' }
      : {
          en: 'The running lab tries again, and so does its next start',
          ko: '실행 중인 실습이, 아니면 다음에 시작할 때 다시 보냅니다',
        };
  const words = {
    en: `the class at ${server} was not told: ${why.en.replace(/\.$/, '')}. ${next.en}`,
    ko: `${server} 수업에 알리지 못했습니다: ${why.ko.replace(/\.$/, '')}. ${next.ko}`,
  };
  stderr.write(warningLine(words, language));
}

const now = (): string => new Date(systemClock.now()).toISOString();

/** Undefined for a user who is not in the user database, as in a container. */
function userName(): string | undefined {
  try {
    return safeText(userInfo().username).slice(0, 64) || undefined;
  } catch {
    return undefined;
  }
}

async function hint(parsed: Parsed, given: Environment): Promise<number> {
  const environment = inKeptLanguage(folderOf(parsed.text('folder'), '.'), parsed, given);
  const { folder, compiled, record } = await openedLab(parsed, environment);
  demandSameVersion(folder, compiled);
  const ids = compiled.tasks.tasks.map(({ id }) => id);
  const asked = parsed.operands[1] ?? ids.find((id) => !record.done.includes(id));
  if (asked === undefined) {
    reportOf(compiled, folder, parsed, environment).nothingLeft();
    return 0;
  }
  const hints = compiled.narration[environment.language].tasks[asked]?.hints;
  if (!hints) {
    throw new UserError({
      what: { en: 'the lab has no task with this name', ko: '그런 이름의 과제가 없습니다' },
      where: 'wirelab lab hint',
      expected: { en: ids.join(', '), ko: ids.join(', ') },
      received: asked,
    });
  }
  const number = Math.min(hints.length, (record.hints[asked] ?? 0) + 1);
  remember(folder, { hints: { ...record.hints, [asked]: number } });
  reportOf(compiled, folder, parsed, environment).hint(asked, number, number === hints.length);
  return 0;
}

async function reset(parsed: Parsed, given: Environment): Promise<number> {
  const environment = inKeptLanguage(folderOf(parsed.text('folder'), '.'), parsed, given);
  const { folder, compiled } = await openedLab(parsed, environment);
  const [, task] = parsed.operands;
  if (task !== undefined) return resetTask(task, parsed, environment);
  const files = await beginning(compiled, folder, environment, true);
  const aside = resetLabFolder(folder, compiled, files, systemClock);
  noteProgress(compiled, folder, [], now());
  reportOf(compiled, folder, parsed, environment).reset(aside);
  return 0;
}
