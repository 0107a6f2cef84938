/** How far a learner has come, as one value: what each event and each record makes of it. */
import test from 'ava';
import { verbatim } from '../../src/i18n/language.ts';
import { UserError } from '../../src/i18n/user-error.ts';
import { boardAfter, currentTask, startBoard, withProgress } from '../../src/labs/board.ts';
import type { LabBoard } from '../../src/labs/board.ts';
import type { TaskResult } from '../../src/labs/checks/checking.ts';
import { loadLab } from '../../src/labs/load.ts';
import { commandsAfter, LabSpeech } from '../../src/ui/text/lab-speech.ts';
import { compiledLabs } from './support/learner.ts';

const lab = loadLab('mutual-tls', compiledLabs);
const [first = '', second = ''] = lab.tasks.tasks.map(({ id }) => id);
const begun = (): LabBoard => startBoard(lab, { done: [], hints: {} });
const open = (id: string, more: Partial<TaskResult> = {}): TaskResult => ({
  id,
  status: 'open',
  says: verbatim('it is open'),
  findings: [],
  ...more,
});
const done = (id: string): TaskResult => ({ id, status: 'done', says: verbatim('it is done'), findings: [] });

test('the first task that is not done is the current one, with what was found of it', (t) => {
  const found = boardAfter(begun(), { kind: 'found', results: [open(first)] }, 0, {});
  t.is(currentTask(found)?.finding?.says.en, 'it is open');
  const checked = boardAfter(
    found,
    {
      kind: 'checked',
      objects: [],
      files: ['settings.yaml'],
      results: [done(first)],
      found: [done(first), open(second)],
      milliseconds: 40,
    },
    1000,
    {},
  );
  t.is(currentTask(checked)?.id, second);
  t.deepEqual(checked.saved, { files: ['settings.yaml'], at: 960, milliseconds: 40 });
});

test('what was saved is known at once, and how long its check took when it is over', (t) => {
  const changed = boardAfter(begun(), { kind: 'changed', files: ['front.crt'] }, 5000, {});
  t.deepEqual(changed.saved, { files: ['front.crt'], at: 5000 });
  const checked = boardAfter(
    changed,
    { kind: 'checked', objects: [], files: ['front.crt'], results: [], found: [], milliseconds: 90 },
    5200,
    {},
  );
  t.deepEqual(checked.saved, { files: ['front.crt'], at: 5000, milliseconds: 90 });
});

test('a finding names the file and what is wrong with it; what it would take is a detail', (t) => {
  const mistake = {
    what: { en: 'there is no shop.crt yet', ko: '아직 shop.crt 파일이 없습니다' },
    where: 'shop.crt',
    expected: { en: 'a file of that name', ko: '그 이름의 파일' },
  };
  const board = boardAfter(
    begun(),
    { kind: 'found', results: [open(first, { reason: 'missing_file', mistake })] },
    0,
    {},
  );
  const { finding } = currentTask(board) ?? {};
  t.is(finding?.reason?.en, 'a file is missing');
  t.is(finding?.says.en, 'there is no shop.crt yet');
  t.deepEqual(
    finding?.details.map(({ en }) => en),
    ['expected: a file of that name'],
  );
});

test('hints and results from another terminal are taken over; without any the value is the same', (t) => {
  const board = begun();
  t.is(withProgress(board, lab, { done: [], hints: {} }), board);
  const hinted = withProgress(board, lab, { done: [], hints: { [first]: 2 } });
  t.is(currentTask(hinted)?.hints.length, 2);
  const checked = withProgress(hinted, lab, { done: [first], hints: { [first]: 99 } });
  t.is(currentTask(checked)?.id, second);
  t.is(checked.tasks[0]?.hints.length, checked.tasks[0]?.hintCount);
});

test('what keeps a server down is said once, however often it is tried, and notes are bounded', (t) => {
  const speech = new LabSpeech(lab);
  const shut = {
    kind: 'shut',
    tasks: [first],
    mistake: new UserError({ what: { en: 'there is no front.crt', ko: 'front.crt 파일이 없습니다' } }),
  } as const;
  let board = begun();
  for (let count = 0; count < 3; count++) board = boardAfter(board, shut, count, { said: speech.say(shut) });
  t.is(board.notes.length, 1);
  t.regex(board.notes[0]?.text.ko ?? '', /아직 시작하지 못했습니다/);
  t.true(board.notes[0]?.isBad);
  for (let count = 0; count < 500; count++) {
    const login = { at: '', server: 'shop', user: `user-${count}`, accepted: true };
    const event = { kind: 'login', login } as const;
    board = boardAfter(board, event, count, { said: speech.say(event) });
  }
  t.is(board.notes.length, 100);
  t.is(board.notes.at(-1)?.text.en, 'shop let user-499 in.');
});

test('the commands of what is up follow its events; a wire that is live has one, too', (t) => {
  const way = { hop: 'A', to: 'front', client: 'alice', curl: 'curl https://shop.localhost/' };
  const opened = { kind: 'open', tasks: [first], ways: [way] } as const;
  const up = boardAfter(begun(), opened, 0, { commands: commandsAfter(opened, undefined) });
  t.deepEqual(
    Object.values(up.commands)
      .flat()
      .map(({ line }) => line),
    [way.curl],
  );
  const live = { kind: 'live', wire: 'A', url: 'http://127.0.0.1:1/A.pcapng' } as const;
  const both = boardAfter(up, live, 0, { commands: commandsAfter(live, undefined) });
  t.is(Object.values(both.commands).flat().at(-1)?.typed, 'curl -sN http://127.0.0.1:1/A.pcapng');
  const shut = { kind: 'shut', tasks: [first], mistake: new UserError({ what: verbatim('gone') }) } as const;
  t.deepEqual(Object.values(boardAfter(up, shut, 0, {}).commands).flat(), []);
});
