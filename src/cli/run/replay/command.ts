/**
 * Implements `wirelab replay`: shows a run from its bundle, on the screen or as lines, as it was. It opens the bundle and the
 * files that it writes; `on-screen.ts` shows it, `in-lines.ts` prints it, `cast.ts` records it. What is no run of a scenario is
 * shown by `of-recording.ts`.
 *
 * 1. Nothing runs: no socket is opened, and no program of the scenario is started.
 * 2. The bundle is read and checked as a whole before anything is printed or written.
 */
import { UserError } from '../../../i18n/user-error.ts';
import { verbatim } from '../../../i18n/language.ts';
import type { Command, Environment, Parsed } from '../../command.ts';
import { isForScreen } from '../../io/outlets.ts';
import { screenOptions } from '../../io/screen-options.ts';
import { watchEndingSignals } from '../../io/signals.ts';
import { WholeFile } from '../../io/whole-file.ts';
import { redactedIn, replaySentence, sayWhatWasRedacted } from './redaction.ts';
import { openPage, pageOption } from '../page/file.ts';
import type { PageFile } from '../page/file.ts';
import { paceOf } from '../pace.ts';
import type { OpenedRun } from './checked.ts';

export const replay: Command = {
  summary: {
    en: 'show a saved run, capture or proxy again, as it was',
    ko: '저장한 실행, 캡처, 프록시를 그대로 다시 보여 줍니다',
  },
  operands: 'FILE.wirelab',
  options: {
    'no-tui': {
      help: { en: 'plain text, no UI and no pauses', ko: '화면이나 멈춤 없이 줄 단위로 출력' },
    },
    json: {
      help: {
        en: 'one JSON object per line; the last one is the verdict',
        ko: '한 줄에 JSON 객체 하나씩 출력(마지막 줄이 판정)',
      },
    },
    pace: {
      value: 'auto|read|step|MILLISECONDS',
      help: {
        en: 'continue on a key (step), when the text has had time to be read (read), after a pause, or at once (auto; on the screen as read). Default: step on the screen, else auto',
        ko: '키를 누를 때(step), 글을 읽을 시간이 지난 뒤(read), 일정한 시간 뒤, 또는 바로(auto, 화면에서는 read와 같음) 진행. 기본값: 화면에서는 step, 그 밖에는 auto',
      },
    },
    ...pageOption,
    cast: {
      value: 'FILE.cast',
      help: {
        en: 'write the run as an asciicast (version 2) for asciinema, at reading speed, in the size of the terminal or 80x24, and show nothing',
        ko: 'asciinema용 asciicast(버전 2)로 저장. 읽는 속도로, 터미널 크기(없으면 80x24)로 만들고 화면에는 보여 주지 않음',
      },
    },
    'with-secrets': {
      help: {
        en: 'with --json: include the keys that the bundle has',
        ko: '--json 출력에 번들에 든 키도 넣기',
      },
    },
    notes: { help: { en: "also print the speaker's notes", ko: '발표자 메모도 출력' } },
    ascii: { help: { en: 'use only ASCII characters', ko: 'ASCII 문자로만 그리기' } },
    ...screenOptions,
  },
  examples: [
    {
      line: './wirelab run mtls --save mtls.wirelab',
      does: { en: 'save a run', ko: '실행을 저장합니다' },
    },
    {
      line: './wirelab replay mtls.wirelab',
      does: { en: 'see it again, step by step', ko: '한 단계씩 다시 봅니다' },
    },
    {
      line: './wirelab replay mtls.wirelab --no-tui --lang ko',
      does: { en: 'as text, in Korean', ko: '한국어 텍스트로 봅니다' },
    },
    {
      line: './wirelab replay mtls.wirelab --html mtls.html',
      does: { en: 'make its page', ko: '페이지로 만듭니다' },
    },
    {
      line: './wirelab replay seen.wirelab',
      does: {
        en: 'what inspect seen.pcapng --save seen.wirelab has saved',
        ko: 'inspect seen.pcapng --save seen.wirelab으로 저장한 캡처를 봅니다',
      },
    },
    {
      line: './wirelab replay mtls.wirelab --cast mtls.cast',
      does: { en: 'for asciinema play mtls.cast', ko: 'asciinema play mtls.cast로 재생합니다' },
    },
  ],
  run: replayCommand,
};

async function replayCommand(parsed: Parsed, environment: Environment): Promise<number> {
  const [path, ...more] = parsed.operands;
  if (path === undefined || more.length > 0)
    throw new UserError({
      what: { en: 'name one bundle', ko: '번들 파일 하나를 지정하세요' },
      where: 'wirelab replay',
      expected: verbatim('FILE.wirelab'),
      received: parsed.operands.join(' '),
      remedy: {
        en: './wirelab run NAME --save FILE.wirelab writes one; so do inspect and proxy.',
        ko: './wirelab run 이름 --save FILE.wirelab 명령으로 만듭니다. inspect와 proxy로도 만들 수 있습니다.',
      },
    });
  const pace = paceOf(parsed, environment, 'replay');
  const { fitting, isRun, openBundle } = await import('./checked.ts');
  const opened = await openBundle(path, environment);
  if (!isRun(opened)) return (await import('./of-recording.ts')).replayRecording(opened, parsed, environment);
  const ending = watchEndingSignals();
  const page = openPage(parsed);
  let cast: WholeFile | undefined;
  try {
    const castPath = parsed.text('cast');
    if (castPath !== undefined)
      cast = new WholeFile(castPath, '--cast', {
        en: 'the asciicast was not written',
        ko: 'asciicast를 저장하지 않았습니다',
      });
    if (page) await fitting(path, async () => writePage(page, opened, parsed, environment));
    if (cast) {
      const { castOf } = await import('./cast.ts');
      cast.write(await fitting(path, async () => castOf(opened, parsed, environment)));
    }
    const code = opened.bundle.verdict.status === 'passed' ? 0 : 1;
    if (cast) return code;
    if (isForScreen(parsed, environment)) {
      ending.stop();
      // Each of its stops is drawn once before the terminal is taken.
      const { castOf } = await import('./cast.ts');
      await fitting(path, async () => castOf(opened, parsed, environment));
      const { replayOnScreen } = await import('./on-screen.ts');
      return await replayOnScreen(opened, { pace, parsed, environment });
    }
    sayWhatWasRedacted(opened.bundle, environment);
    const { replayInLines } = await import('./in-lines.ts');
    return await replayInLines(opened, { pace, parsed, environment, ending });
  } finally {
    ending.stop();
    page?.abandon();
    cast?.abandon();
  }
}

async function writePage(
  file: PageFile,
  { bundle, plan }: OpenedRun,
  parsed: Parsed,
  environment: Environment,
): Promise<void> {
  const [{ RecordedRun }, { RunPage }] = await Promise.all([
    import('./recorded.ts'),
    import('../page/run-page.ts'),
  ]);
  const run = new RecordedRun(bundle, plan);
  const page = await RunPage.start(plan, run, environment, parsed.flag('notes'));
  run.log.subscribe(page.fold);
  run.finish();
  page.finish(bundle.verdict);
  page.write(file, false, {
    redacted: bundle.hasSecrets ? undefined : redactedIn(bundle.redactions),
    notice: replaySentence(bundle),
  });
}
