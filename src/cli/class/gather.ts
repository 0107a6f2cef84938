/**
 * Implements `wirelab class gather`: one table of the checks that learners hand in. A file that is none is named with what was
 * expected; the others are gathered all the same, and the exit code is 2.
 */
import { systemClock } from '../../core/clock.ts';
import { UserError } from '../../i18n/user-error.ts';
import { checkNewFiles, writeNewFiles } from '../certs/files.ts';
import { printTo } from '../certs/print.ts';
import type { Command, Environment } from '../command.ts';
import { boardCells, boardCsv, boardHead, boardJson } from './board.ts';
import { lastOfEach, readHandedIn } from './handed-in.ts';
import type { HandedIn } from './handed-in.ts';
import { localTime } from './times.ts';

type Form = (rows: readonly HandedIn[], environment: Environment) => string | Promise<string>;

const forms: Readonly<Record<string, Form>> = {
  csv: (rows, { language }) => boardCsv(rows, language),
  json: (rows) => boardJson(rows),
  html: async (rows, { language, places }) =>
    (await import('./roster/board-page.ts')).gatheredPage(rows, {
      language,
      places,
      now: new Date(systemClock.now()),
    }),
};

export const gather: Command = {
  summary: {
    en: 'one table of the checks that learners hand in: who is at which task, and what keeps it open',
    ko: '수강생이 제출한 확인 결과를 표 하나로 모읍니다: 누가 어느 과제에서 왜 멈췄는지',
  },
  operands: 'FILE...',
  options: {
    format: {
      value: 'csv|json|html',
      choices: Object.keys(forms),
      help: {
        en: 'csv for a spreadsheet, json (one object per line), html (one file); default: a table',
        ko: '스프레드시트용 csv, json(한 줄에 객체 하나), html(파일 하나). 기본값: 화면의 표',
      },
    },
    out: {
      value: 'FILE',
      help: {
        en: 'write to this file, replacing an earlier table; without --format its ending decides',
        ko: '이 파일에 쓰기(앞서 만든 표를 바꿈). --format이 없으면 확장자로 정함',
      },
    },
  },
  examples: [
    {
      line: './wirelab class gather handed-in/*.json',
      does: { en: 'a table on the terminal', ko: '터미널에 표로 보기' },
    },
    {
      line: './wirelab class gather handed-in/*.json --out board.html',
      does: { en: 'a page for the browser', ko: '브라우저로 볼 페이지' },
    },
  ],
  exits: {
    en: 'Exit codes: 0 all gathered; 2 error in the command, or a file that is no check: it is named, and the others are gathered.',
    ko: '종료 코드: 0은 모두 모음, 2는 명령에 잘못이 있거나 확인 결과가 아닌 파일이 있음(그 파일을 알리고 나머지는 모음).',
  },
  async run(parsed, environment) {
    const files = parsed.operands;
    if (files.length === 0) {
      throw new UserError({
        what: { en: 'missing files', ko: '파일을 지정하지 않았습니다' },
        where: 'wirelab class gather',
        expected: {
          en: 'the files that learners made with lab check --json',
          ko: '수강생이 lab check --json으로 만든 파일',
        },
        remedy: {
          en: 'A learner makes one with: ./wirelab lab check --json --learner anna > anna.json',
          ko: '수강생은 이렇게 만듭니다: ./wirelab lab check --json --learner anna > anna.json',
        },
      });
    }
    const { language, stdout } = environment;
    const out = parsed.text('out');
    const format = parsed.text('format') ?? /\.(csv|json|html)$/.exec(out ?? '')?.[1];
    if (out !== undefined) checkOut(out, format);
    const faults: UserError[] = [];
    const all = files.flatMap((file) => {
      try {
        return readHandedIn(file);
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        faults.push(error);
        return [];
      }
    });
    const rows = lastOfEach(all);
    const render = format === undefined ? undefined : forms[format];
    if (rows.length > 0) {
      if (!render) {
        const cells = rows.map((row) => boardCells(row, language, localTime));
        printTo(environment).page.table({ head: boardHead(language), rows: cells });
      } else if (out === undefined) stdout.write(await render(rows, environment));
      else {
        // Spreadsheets take a file without this mark for one in the system's own encoding.
        const text = `${format === 'csv' ? '\uFEFF' : ''}${await render(rows, environment)}`;
        writeNewFiles([{ path: out, text, mode: 0o644, flag: '--out' }], true);
      }
    }
    const [first, ...others] = faults.flatMap(({ facts }) => [facts, ...(facts.others ?? [])]);
    if (first) throw new UserError(others.length === 0 ? first : { ...first, others });
    return 0;
  },
};

function checkOut(out: string, format: string | undefined): void {
  if (format === undefined) {
    throw new UserError({
      what: { en: 'which format?', ko: '어떤 형식으로 쓸까요?' },
      where: `--out ${out}`,
      expected: {
        en: 'a name that ends in .csv, .json or .html, or --format',
        ko: '.csv, .json, .html로 끝나는 이름 또는 --format',
      },
      received: out,
    });
  }
  checkNewFiles([{ path: out, flag: '--out' }], true);
}
