import test from 'ava';
import { conversation, loadReadings } from '../../../../src/analysis/conversation/conversation.ts';
import type { Message as WireMessage } from '../../../../src/analysis/conversation/message.ts';
import { SecretHunt } from '../../../../src/analysis/secrets/secret-hunt.ts';
import type { CaptureEvent } from '../../../../src/capture/event.ts';
import { Flows } from '../../../../src/capture/flows.ts';
import { Steps } from '../../../../src/capture/steps.ts';
import type { Language } from '../../../../src/i18n/language.ts';
import { loadExplanations } from '../../../../src/presentation/conversation/explain.ts';
import { loadWireReading } from '../../../../src/presentation/refusals.ts';
import { readAt } from '../../../../src/ui/tui/state/reading.ts';
import type { Message, PageWanted } from '../../../../src/ui/tui/message.ts';
import { placeOf, startModel } from '../../../../src/ui/tui/state/model.ts';
import type { Model } from '../../../../src/ui/tui/state/model.ts';
import { RunState } from '../../../../src/ui/tui/state/run-state.ts';
import { update } from '../../../../src/ui/tui/state/update.ts';
import type { Effect } from '../../../../src/ui/tui/state/effect.ts';
import { view } from '../../../../src/ui/tui/view.ts';
import { textOf } from '../support/driver.ts';
import { ScriptedLog, present } from '../../../helpers/capture.ts';

const requests = 6000;
/** Those that say something that no other says. */
const marked = [2500, 5900];

/** An endless run on the screen, a long conversation in it, and a recording that the test reads back. */
function screen({ language = 'en', records = true }: { language?: Language; records?: boolean } = {}) {
  const scripted = new ScriptedLog({ endless: true });
  const { log } = scripted;
  const flows = new Flows(log);
  const scene = new RunState({
    flows,
    hunt: new SecretHunt([]),
    steps: new Steps(),
    isVisited: true,
    isEndless: true,
    findingsOf: () => [],
    plan: [],
    secrets: new Map(),
    typed: () => [],
  });
  const events: CaptureEvent[] = [];
  let model: Model = startModel({
    size: { columns: 140, rows: 40 },
    language,
    ascii: true,
    modes: [{ name: 'proxy', title: { en: '', ko: '' }, comparable: '' }],
    mode: 'proxy',
    ...(records ? { recording: 'run.pcapng.partial' } : {}),
  });
  const effects: Effect[] = [];
  const send = (message: Message): void => {
    const [next, came] = update(model, message);
    model = next;
    effects.push(...came);
  };
  send({ type: 'session', mode: 'proxy', scene });
  log.subscribe((event) => {
    events.push(event);
    flows.fold(event);
    send({ type: 'captured', scene, events: [event] });
  });
  log.append({
    type: 'began',
    version: '0',
    wallClock: '2026-01-01T00:00:00.000Z',
    topology: {
      participants: [
        { name: 'client', role: 'client' },
        { name: 'server', role: 'server' },
      ],
      wires: [{ hop: 'A', from: 'client', to: 'server', protocol: 'tcp' }],
    },
  });
  log.append({ type: 'note', part: 'intro', text: { en: 'A proxy', ko: '프록시' } });
  scripted.opened(1);
  const say = (at: number): void =>
    void scripted.bytes(
      'client',
      `GET /${at} HTTP/1.1\r\nHost: shop\r\n${marked.includes(at) ? 'Mark: needle\r\n' : ''}\r\n`,
    );
  for (let at = 0; at < requests; at++) say(at);
  const settle = (): void => {
    for (readAt(model); scene.isReading; readAt(model)) scene.readOn();
  };
  settle();
  const press = (...keys: string[]): void => {
    for (const key of keys) send({ type: 'key', key });
  };
  /** What the screen asked for last. */
  const wanted = (): PageWanted | undefined =>
    effects.flatMap((effect) => (effect.type === 'read-back' ? [effect.wanted] : [])).at(-1);
  let known: { events: number; all: readonly WireMessage[] } = { events: 0, all: [] };
  /** As the recording would: the messages that are wanted, no more than so many. */
  const answer = (of: PageWanted): void => {
    if (known.events !== events.length)
      known = { events: events.length, all: conversation(present(allOf(events))) };
    const { all } = known;
    const end =
      of.direction === 'before'
        ? all.findLastIndex(({ at }) => at <= of.at) + 1
        : all.findIndex(({ at }) => at > of.at) + 900;
    const begin = Math.max(24, end - 1500);
    const [gone] = all.slice(begin - 1, begin);
    const messages =
      begin === 24
        ? all.slice(0, end)
        : [
            ...all.slice(0, 24),
            { ...present(gone), notKept: begin - 24, from: null, title: { en: 'gone', ko: 'gone' } },
            ...all.slice(begin, end),
          ];
    const page = messages.map((message) => ({ ...message, seq: 0 }));
    send({
      type: 'read-back',
      mode: 'proxy',
      wanted: of,
      result: { page: { conn: 1, through: present(all[end - 1]).at, sealed: page, opened: page } },
    });
  };
  const chosen = (): string => {
    const look = present(readAt(model));
    return look.rows.at(look.chosen)?.message.title.en ?? '';
  };
  return {
    send,
    press,
    wanted,
    answer,
    chosen,
    settle,
    say,
    text: () => {
      send({ type: 'frame' });
      return textOf(view(model));
    },
    effects,
    get model() {
      return model;
    },
  };
}

function allOf(events: readonly CaptureEvent[]) {
  const flows = new Flows({ events });
  for (const event of events) flows.fold(event);
  return flows.connection(1);
}

test.before(async () => {
  await Promise.all([loadReadings(), loadExplanations(), loadWireReading()]);
});

for (const [language, inFile, reading, mark] of [
  [
    'en',
    /\d,\d{3} older messages: in run\.pcap/,
    /reading older messages back from run\.pcapng\.partial/,
    /read back from run\.pcapng/,
  ],
  [
    'ko',
    /이전 메시지 \d,\d{3}개/,
    /이전 메시지를 다시 읽는 중\(run\.pcapng\.partial\)/,
    /run\.pcapng\.partial에서 다시/,
  ],
] as const) {
  test(`older messages are wanted when the cursor moves into their place, and are shown there with their mark (${language})`, (t) => {
    const shown = screen({ language });
    t.is(shown.wanted(), undefined, 'nothing is read that is not shown');
    shown.press('end');
    t.is(shown.chosen(), `GET /${requests - 1}`);
    while (!shown.wanted()) shown.press('pageup');
    t.regex(shown.text(), inFile);
    t.regex(shown.text(), reading);
    const wanted = present(shown.wanted());
    t.is(wanted.direction, 'before');
    const look = present(readAt(shown.model));
    const oldest = Number(/\d+/.exec(look.rows.at(look.chosen + 1)?.message.title.en ?? '')?.[0]);
    shown.press('up', 'pageup');
    t.is(shown.wanted(), wanted, 'a key that is held down waits');
    shown.answer(wanted);
    t.notRegex(shown.text(), reading);
    t.is(shown.chosen(), `GET /${oldest - 1}`, 'the cursor is on the newest of the messages that arrived');
    t.regex(shown.text(), mark);
    shown.press('down');
    t.is(shown.chosen(), `GET /${oldest}`, 'those in memory follow');
    t.notRegex(shown.text(), mark);
  });
}

test('Home reads the beginning back, and Down continues from there page after page', (t) => {
  const shown = screen();
  shown.press('end', 'home');
  t.is(shown.chosen(), 'TCP opened');
  t.is(present(shown.wanted()).at, -1);
  shown.answer(present(shown.wanted()));
  t.is(shown.chosen(), 'TCP opened');
  const seen: string[] = [];
  for (let at = 0; at < 2000; at++) {
    const asked = shown.wanted();
    shown.press('down');
    if (shown.wanted() !== asked) shown.answer(present(shown.wanted()));
    seen.push(shown.chosen());
  }
  t.deepEqual(
    seen,
    Array.from({ length: 2000 }, (_, at) => `GET /${at}`),
  );
  const asked = shown.effects.filter(({ type }) => type === 'read-back').length;
  t.is(asked, 3);
});

test('who moves away while it is read stays where he went, and the newest messages go on', (t) => {
  const shown = screen();
  shown.press('end');
  while (!shown.wanted()) shown.press('pageup');
  shown.press('down', 'down');
  const chosen = shown.chosen();
  shown.answer(present(shown.wanted()));
  t.is(shown.chosen(), chosen);
  shown.say(requests);
  shown.settle();
  shown.press('end');
  t.is(shown.chosen(), `GET /${requests}`);
  shown.press('.');
  t.is(placeOf(shown.model).page, undefined, 'back in the present nothing old is kept');
});

test('what cannot be read back is one line, and the gap can be passed', (t) => {
  const shown = screen();
  shown.press('end');
  while (!shown.wanted()) shown.press('pageup');
  const wanted = present(shown.wanted());
  shown.send({
    type: 'read-back',
    mode: 'proxy',
    wanted,
    result: { failure: { en: 'no such file', ko: '파일 없음' } },
  });
  t.regex(shown.text(), /no such file/);
  t.regex(shown.chosen(), /not kept/);
  shown.press('up');
  t.is(shown.chosen(), 'GET /22');
  shown.send({
    type: 'read-back',
    mode: 'proxy',
    wanted,
    result: { failure: { en: 'too late', ko: '늦음' } },
  });
  t.notRegex(shown.text(), /too late/, 'a result that is no longer awaited is ignored');
});

test('a search continues in what is read back, backwards and forwards, and wraps', (t) => {
  const shown = screen();
  /** Lets the search run, page after page; how many were read. */
  const run = (): number => {
    for (let pages = 0; pages < 40; pages++) {
      while (shown.model.search.going && !placeOf(shown.model).wanted) shown.send({ type: 'search-on' });
      const asked = placeOf(shown.model).wanted;
      if (!asked) return pages;
      t.regex(shown.text(), /reading older messages back/);
      shown.answer(asked);
    }
    return Infinity;
  };
  shown.press('end', ...Array.from({ length: 10 }, () => 'pageup'), '/', ...Array.from('needle'), 'enter');
  t.is(run(), 0);
  t.is(shown.chosen(), `GET /${marked[1]}`);
  shown.press('N');
  t.true(run() > 1);
  t.is(shown.chosen(), `GET /${marked[0]}`);
  t.regex(shown.text(), /read back from/);
  shown.press('N');
  t.true(run() > 0);
  t.is(shown.chosen(), `GET /${marked[1]}`, 'round the beginning to the newest');
  shown.press('n');
  t.true(run() > 1);
  t.is(shown.chosen(), `GET /${marked[0]}`, 'round the end to the oldest');
});

test('a search for what is nowhere reads each page once, and says that it is not found', (t) => {
  for (const key of ['n', 'N']) {
    const shown = screen();
    shown.press('end', '/', ...Array.from('nowhere'), 'enter');
    const pages: PageWanted[] = [];
    const run = (): void => {
      for (;;) {
        while (shown.model.search.going && !placeOf(shown.model).wanted) shown.send({ type: 'search-on' });
        const asked = placeOf(shown.model).wanted;
        if (!asked || pages.length > 30) return;
        pages.push(asked);
        shown.answer(asked);
      }
    };
    run();
    pages.length = 0;
    shown.press('.', 'end', key);
    run();
    t.true(pages.length > 1 && pages.length < 10, `${pages.length} pages were read`);
    t.is(new Set(pages.map(({ at }) => at)).size, pages.length);
    t.regex(shown.text(), /not found/);
  }
});

test('without a recording nothing is wanted, and the gap says that older messages are not kept', (t) => {
  const shown = screen({ records: false });
  shown.press('end', 'home', 'pagedown', 'pagedown');
  while (!/not kept/.test(shown.chosen())) shown.press('up');
  t.is(shown.wanted(), undefined);
  t.regex(shown.text(), /\d,\d{3} older messages/);
  t.regex(shown.text(), /Record it with -w FILE/);
  t.notRegex(shown.text(), /in run/);
});
