/** Prints the proof of a lab: each attempt as it is made, the tasks that it leaves open and why, and what is proven in the end. */
import type { Localized } from '../../i18n/language.ts';
import type { TaskResult } from '../../labs/checks/checking.ts';
import { openReasons } from '../../labs/lab.ts';
import type { CompiledLab } from '../../labs/lab.ts';
import type { AttemptKind, Proof, ProofAttempt } from '../../labs/proof/outcome.ts';
import type { LineOf } from '../json/line.ts';
import { Page } from '../status/page.ts';
import type { PageOptions } from '../status/page.ts';

const words = {
  start: { en: 'the folder as it begins', ko: '처음 그대로의 폴더' },
  outcomes: {
    start: {
      right: { en: 'every task is open', ko: '모든 과제가 남아 있음' },
      wrong: {
        en: 'a task is done before anything was done',
        ko: '아무것도 하지 않았는데 마친 과제가 있음',
      },
    },
    solution: {
      right: { en: 'every task is done', ko: '모든 과제를 마침' },
      wrong: { en: 'does not solve the lab', ko: '실습이 풀리지 않음' },
    },
    wrong: {
      right: { en: 'is not taken for a solution', ko: '해답으로 인정되지 않음' },
      wrong: { en: 'is taken for a solution', ko: '해답으로 인정됨' },
    },
  } satisfies Record<AttemptKind, { right: Localized; wrong: Localized }>,
  provesNothing: {
    en: 'proves nothing: no check has judged it. Mend what could not be read',
    ko: '증명하는 것이 없음: 읽을 수 없어 아무것도 확인하지 않았습니다. 다음을 고치세요',
  },
  done: { en: 'done', ko: '마침' },
  proven: (count: number): Localized =>
    count === 0
      ? {
          en: 'Proven: the lab can be solved. No wrong attempt was made (--wrong DIR), so nothing is proven about those.',
          ko: '증명됨: 풀 수 있는 실습입니다. 틀린 시도는 해 보지 않아(--wrong 폴더) 그것은 증명되지 않았습니다.',
        }
      : {
          en: `Proven: the lab can be solved, and ${count === 1 ? 'a wrong attempt is' : `${count} wrong attempts are`} not taken for a solution.`,
          ko: `증명됨: 풀 수 있는 실습이고, 틀린 시도 ${count}개는 해답으로 인정되지 않습니다.`,
        },
  notProven: { en: 'Not proven.', ko: '증명되지 않았습니다.' },
};

export class ProofReport {
  readonly #lab: CompiledLab;
  readonly #options: PageOptions;
  readonly #page: Page;

  constructor(lab: CompiledLab, options: PageOptions) {
    this.#lab = lab;
    this.#options = options;
    this.#page = new Page(options);
  }

  attempt({ kind, folder, results, holds, provesNothing }: ProofAttempt): void {
    const { language } = this.#options;
    const said = (provesNothing ? words.provesNothing : words.outcomes[kind][holds ? 'right' : 'wrong'])[
      language
    ];
    this.#page.behind(
      ` ${this.#page.plain(holds ? '✓' : '✗')} `,
      `${folder ?? words.start[language]}: ${said}`,
    );
    // Of a solution that holds there is nothing to say.
    if (kind === 'solution' && holds) return;
    for (const result of results) this.#task(result, kind);
  }

  #task(result: TaskResult, kind: AttemptKind): void {
    const { language } = this.#options;
    const isDone = result.status === 'done';
    if (isDone && kind === 'solution') return;
    this.#page.behind(`     ${result.id}: `, isDone ? words.done[language] : whyOpen(result)[language]);
  }

  end({ attempts, holds }: Proof): void {
    const { language } = this.#options;
    const wrong = attempts.filter(({ kind }) => kind === 'wrong').length;
    this.#page.rule('─');
    this.#page.behind('', `${this.#lab.name}: ${(holds ? words.proven(wrong) : words.notProven)[language]}`);
  }
}

/** The reason, and what it was seen by. */
function whyOpen({ reason, says, mistake, step }: TaskResult): Localized {
  const each = (language: 'en' | 'ko'): string =>
    [
      ...(reason ? [openReasons[reason][language]] : []),
      ...(mistake
        ? [...(mistake.where === undefined ? [] : [mistake.where]), mistake.what[language]]
        : [...(step === undefined ? [] : [step]), says[language]]),
    ].join(': ');
  return { en: each('en'), ko: each('ko') };
}

/** One JSON object for a proof. */
export function labProofJson(lab: CompiledLab, { attempts, holds }: Proof): LineOf<'lab-proof'> {
  return {
    v: 2,
    kind: 'lab-proof',
    lab: lab.name,
    proven: holds,
    attempts: attempts.map(({ kind, folder, results, holds: asMeant, provesNothing }) => ({
      attempt: kind,
      ...(folder === undefined ? {} : { folder }),
      holds: asMeant,
      ...(provesNothing ? { provesNothing } : {}),
      tasks: results.map(({ id, status, reason, says, mistake }) => ({
        id,
        status,
        ...(reason === undefined ? {} : { reason }),
        says,
        ...(mistake?.where === undefined ? {} : { where: mistake.where }),
      })),
    })),
  };
}
