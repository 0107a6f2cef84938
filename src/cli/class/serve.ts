/**
 * Implements `wirelab class serve`: labs report to it over mutual TLS, and the instructor sees the board in the browser, on this
 * machine alone, and as lines. `roster/` has its parts.
 */
import { CaptureLog } from '../../capture/log.ts';
import { hostPort } from '../../capture/event.ts';
import type { Address, Topology } from '../../capture/event.ts';
import { systemClock } from '../../core/clock.ts';
import { tryLock } from '../../core/file-lock.ts';
import { inEach } from '../../i18n/language.ts';
import type { Localized } from '../../i18n/language.ts';
import { UserError } from '../../i18n/user-error.ts';
import { signalExits } from '../command.ts';
import type { Command, Environment, Parsed } from '../command.ts';
import { watchEndingSignals } from '../io/signals.ts';
import { warningLine } from '../io/user-error-text.ts';
import { readVersion } from '../places.ts';
import { addressIn } from '../proxy/setting-values.ts';
import { serveShare } from '../run/share/server.ts';
import { hostsOf } from '../run/web/address.ts';
import { openBrowser } from '../run/web/browser.ts';
import { boardJson } from './board.ts';
import type { HandedIn } from './handed-in.ts';
import { BoardPage } from './roster/board-page.ts';
import { classLines, wordsOf } from './roster/class-lines.ts';
import { ClassFolder, usualClassFolder } from './roster/class-folder.ts';
import { Entries } from './roster/entries.ts';
import { serveEntries } from './roster/entry-server.ts';
import { folderOption } from './roster/options.ts';
import { usualClassAddress } from './roster/protocol.ts';
import { TurnedAwayLog, withoutAdvice } from './roster/turned-away.ts';
import { timeOfDay } from './times.ts';

/** What was reported, in the folder of the class: `class gather` reads it. */
const boardName = 'board.jsonl';
/** How often it is looked who was invited and withdrawn meanwhile, in milliseconds. */
const lookEvery = 1000;

export const serve: Command = {
  summary: {
    en: 'the board of a class: labs report to it over mutual TLS, and you see who is at which task',
    ko: '수업 현황판을 엽니다. 실습이 상호 TLS로 보고하고, 누가 어느 과제에 있는지 볼 수 있습니다',
  },
  operands: '[HOST:PORT]',
  options: {
    'no-open': {
      help: {
        en: 'only print the address of the board, and start no browser',
        ko: '현황판의 주소만 출력하고 브라우저는 열지 않음',
      },
    },
    ...folderOption,
    ascii: { help: { en: 'use only ASCII characters', ko: 'ASCII 문자로만 그리기' } },
  },
  examples: [
    {
      line: './wirelab class serve',
      does: { en: 'for labs on this machine', ko: '이 컴퓨터의 실습만 받습니다' },
    },
    {
      line: './wirelab class serve 0.0.0.0:8450',
      does: {
        en: 'for labs in your network; the board itself stays on this machine',
        ko: '네트워크의 실습도 받습니다. 현황판은 이 컴퓨터에서만 열립니다',
      },
    },
    {
      line: './wirelab class gather ~/.local/state/wirelab/class/board.jsonl handed-in/*.json',
      does: {
        en: 'what was reported and what was handed in, in one table',
        ko: '보고한 것과 제출한 것을 표 하나로 봅니다',
      },
    },
  ],
  exits: {
    en: `Exit codes: 2 error in an option, a file or an address; ${signalExits.en}.`,
    ko: `종료 코드: 2는 옵션이나 파일, 주소에 잘못이 있음, ${signalExits.ko}.`,
  },
  run: runServe,
};

const hop = 'A';

const now = (): number => systemClock.now();

async function runServe(parsed: Parsed, environment: Environment): Promise<number> {
  const listen = listenOf(parsed);
  const { language, places, variables, stderr } = environment;
  const place = ClassFolder.open(parsed.text('folder') ?? usualClassFolder(variables), systemClock);
  let roster = place.roster();
  const boardFile = place.path(boardName);
  const lock = await tryLock(place.path('.serving'));
  if (typeof lock !== 'function') throw servedBefore(place.place, lock.pid);
  const ending = watchEndingSignals();
  const print = classLines(parsed, environment, now);
  const closing: (() => unknown)[] = [lock, () => ending.stop()];
  try {
    const entries = new Entries(boardFile, systemClock);
    closing.unshift(() => entries.close());
    const topology = topologyOf(listen);
    const log = new CaptureLog({ clock: systemClock, endless: true });
    let latest: Localized = {
      en: `waiting for reports at ${hostPort(listen)}`,
      ko: `${hostPort(listen)}에서 보고를 기다립니다`,
    };
    const say = (text: Localized): void => {
      const time = timeOfDay(new Date(now()));
      latest = inEach((one) => `${time} ${text[one]}`);
      page.change();
    };
    const turnedAway = await TurnedAwayLog.start(log, topology, now, (one) => {
      print.turnedAway(one);
      say(one.card.headline);
    });
    const page = new BoardPage(
      () => ({
        rows: entries.rows,
        learners: roster.learners,
        turnedAway: turnedAway.cards.map((one) => ({ ...one, card: withoutAdvice(one.card) })),
        latest,
      }),
      {
        language,
        places,
        now: new Date(now()),
        onChange: () => board.publish(),
      },
    );
    closing.unshift(() => page.close());
    const board = await serveShare({ listen: { host: '127.0.0.1', port: 0 }, served: page });
    closing.unshift(() => board.close());
    const credentials = (): ReturnType<ClassFolder['credentials']> => {
      const hosts = [...hostsOf(listen.host), ...roster.hosts].map((host) => host.toLowerCase());
      return place.credentials(place.serverIdentity([...new Set(hosts)]));
    };
    const run = log.openRun();
    const server = await serveEntries({
      listen,
      credentials: credentials(),
      clock: systemClock,
      tap: { log: run, hop },
      learnerOf: (peer) => roster.learnerOf(peer),
      async onEntry(entry) {
        const isNew = changes(entries.rows, entry);
        await entries.put(entry);
        if (!isNew) return;
        print.entry(entry);
        say(wordsOf(entry));
      },
      linesOf: (learner) => boardJson(entries.rows.filter((row) => row.learner === learner)),
      onStranger: (accepted) => accepted.refuse?.('name_not_admitted'),
    });
    closing.unshift(() => server.close());
    run.append({
      type: 'began',
      version: readVersion(places.root),
      wallClock: new Date(now()).toISOString(),
      topology,
    });
    let version = place.version;
    const timer = setInterval(() => {
      try {
        if (version === place.version) return;
        version = place.version;
        roster = place.roster();
        server.renew(credentials());
        print.renewed(roster.learners.length);
        page.change();
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        stderr.write(warningLine(error.facts.what, language));
      }
    }, lookEvery);
    closing.unshift(() => clearInterval(timer));
    const [url = ''] = board.urls;
    print.begun({
      folder: place.place,
      learners: roster.learners.length,
      address: server.address,
      url,
      boardFile,
      hosts: roster.hosts,
    });
    if (!parsed.flag('no-open')) await openBrowser(board, variables);
    await ended(ending.signal);
    return ending.exitCode ?? 0;
  } finally {
    for (const close of closing) await close();
  }
}

function listenOf(parsed: Parsed): Address {
  const [text = usualClassAddress, ...more] = parsed.operands;
  if (more.length === 0) return addressIn(text, 'HOST:PORT', 'wirelab class serve');
  throw new UserError({
    what: { en: 'class serve listens on one address', ko: 'class serve는 주소 하나에서 연결을 받습니다' },
    where: 'wirelab class serve',
    expected: { en: 'HOST:PORT', ko: 'HOST:PORT' },
    received: parsed.operands.join(' '),
  });
}

async function ended(signal: AbortSignal): Promise<void> {
  if (!signal.aborted)
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}

const topologyOf = (address: Address): Topology => ({
  participants: [
    { name: 'lab', role: 'client' },
    { name: 'class', role: 'server', address },
  ],
  wires: [{ hop, from: 'lab', to: 'class', protocol: 'mtls' }],
});

/** The same state, told again, is no news. */
function changes(rows: readonly HandedIn[], entry: HandedIn): boolean {
  const before = rows.find(({ learner, lab }) => learner === entry.learner && lab === entry.lab);
  const facts = (row: HandedIn): string => JSON.stringify({ ...row, at: '' });
  return !before || facts(before) !== facts(entry);
}

function servedBefore(place: string, pid: number): UserError {
  return new UserError({
    what: { en: 'this class is being served', ko: '이미 열려 있는 수업입니다' },
    where: place,
    received: `process ${pid}`,
    remedy: {
      en: `End that one (kill ${pid}), or serve another class: --folder DIR.`,
      ko: `그 프로세스를 끝내거나(kill ${pid}) 다른 수업을 여세요: --folder 폴더`,
    },
  });
}
