/**
 * A lab in lines: what it is about, its tasks, what a check found, a hint, what is open while it is up. What is true is
 * `labs/checks/check.ts`'s. Everything that a learner's files or the wire say is made harmless by the page.
 */
import type { ApiRequest } from '../../kube/apiserver/audit.ts';
import { inLanguage } from '../../i18n/language.ts';
import type { Language } from '../../i18n/language.ts';
import type { UserErrorFacts } from '../../i18n/user-error.ts';
import type { TaskResult } from '../../labs/checks/checking.ts';
import type { SeenLogin } from '../../labs/folder.ts';
import type { LabEvent } from '../../labs/hold/holding.ts';
import { openReasons } from '../../labs/lab.ts';
import type { CompiledLab } from '../../labs/lab.ts';
import { passwordSlips } from '../../labs/checks/wrong-password.ts';
import { refusalCard } from '../../presentation/card.ts';
import type { LineOf } from '../json/line.ts';
import { commandsFor } from '../../presentation/verdict.ts';
import { Page } from '../status/page.ts';
import type { PageOptions } from '../status/page.ts';
import { setCardRows } from './card.ts';
import { labWords } from './words.ts';

export class LabReport {
  readonly #lab: CompiledLab;
  readonly #language: Language;
  readonly #page: Page;
  /** The ways that were told last, by what they lead to. */
  readonly #ways = new Map<string, string>();

  constructor(lab: CompiledLab, options: PageOptions) {
    this.#lab = lab;
    this.#language = options.language;
    this.#page = new Page(options);
  }

  get #text(): CompiledLab['narration']['en'] {
    return this.#lab.narration[this.#language];
  }

  /** What the lab is about, and its tasks. */
  begin(folder: string, isNew: boolean): void {
    const language = this.#language;
    const { title, intro } = this.#text;
    this.#page.behind('', title);
    this.#page.rule('=', Math.min(this.#page.columns, 72));
    this.#page.blank();
    this.#page.paragraphs(intro);
    for (const [index, { id }] of this.#lab.tasks.tasks.entries()) {
      const task = this.#text.tasks[id];
      this.#page.blank();
      this.#page.behind(`-- ${index + 1}. `, `${task?.title ?? id} (${id})`);
      this.#page.blank();
      this.#page.paragraphs(task?.text ?? '', '   ');
    }
    this.#page.blank();
    this.#page.rule('─');
    this.#page.behind('', (isNew ? labWords.made : labWords.goesOn)[language](folder));
    howToGoOn(this.#page, language);
  }

  /** What happens while it is up. */
  told(told: LabEvent): void {
    const language = this.#language;
    switch (told.kind) {
      case 'changed':
        this.#page.blank();
        this.#page.behind('  ', labWords.changed[language]);
        break;
      case 'anew':
        this.#page.blank();
        this.#page.behind('  ', labWords.anew[language]);
        break;
      case 'captured':
        if (!told.again) this.#page.behind('  ', labWords.captured[language](told.file));
        break;
      case 'login':
        this.#login(told.login);
        break;
      case 'cluster': {
        const { url, kubeconfig, curl, isNew, moved } = told;
        this.#page.blank();
        this.#page.behind('  ', labWords.clusterUp[language](url, isNew));
        if (moved) this.#page.behind('  ', labWords.clusterMoved[language]);
        for (const command of [`export KUBECONFIG=$PWD/${kubeconfig}`, 'kubectl auth whoami'])
          this.#page.verbatim(`    ${command}`);
        this.#page.behind('  ', labWords.withoutKubectl[language]);
        this.#page.verbatim(`    curl -K ${curl} ${url}/api/v1/namespaces`);
        this.#page.blank();
        break;
      }
      case 'control-plane': {
        const { url, kubeconfig, isNew, moved } = told;
        this.#page.blank();
        this.#page.behind('  ', labWords.controlPlaneUp[language](url, isNew));
        if (moved) this.#page.behind('  ', labWords.clusterMoved[language]);
        for (const command of [`export KUBECONFIG=$PWD/${kubeconfig}`, 'kubectl get nodes'])
          this.#page.verbatim(`    ${command}`);
        this.#page.behind('  ', labWords.withoutKubectl[language]);
        this.#page.verbatim(`    curl --cacert pki/ca.crt ${url}/readyz`);
        this.#page.blank();
        break;
      }
      case 'process':
        this.#page.behind(
          '  ',
          labWords.processes[told.state][language](told.process, told.state === 'cut_off' ? told.words : ''),
        );
        if (told.state === 'failed') this.#mistake(told.mistake, '    ');
        break;
      case 'asked':
        this.#asked(told.asked);
        break;
      case 'signed':
        this.#page.behind(
          '  ',
          (told.failed === undefined ? labWords.signed : labWords.notSigned)[language](
            told.request,
            told.failed ?? '',
          ),
        );
        break;
      case 'shut':
        this.#page.blank();
        this.#page.behind('  ', labWords.shut[language](told.tasks.join(', ')));
        this.#mistake(told.mistake.facts, '    ');
        break;
      case 'open': {
        const key = told.tasks.join(', ');
        const before = this.#ways.get(key);
        const now = JSON.stringify(told.ways);
        this.#ways.set(key, now);
        if (before === now) {
          this.#page.behind('  ', labWords.openAgain[language](key));
          break;
        }
        for (const { title, commands } of commandsFor(told.ways)) {
          this.#page.blank();
          this.#page.behind('  ', title[language]);
          for (const command of commands) this.#page.verbatim(`    ${command}`);
        }
        break;
      }
    }
  }

  /** As the server's own log has it: who it took the caller for, and why it said no. What kubectl looks up by itself, and questions about rights, are passed over. */
  #asked({ user, method, path, status, unauthorized, message }: ApiRequest): void {
    if (
      status !== 401 &&
      status !== 403 &&
      /^\/(?:api(?:\/v1)?|apis(?:\/[^/]+){0,2}|openapi\/.*|apis\/auth\w+\.k8s\.io\/v1\/.*reviews)$/.test(path)
    )
      return;
    const why = unauthorized?.words[this.#language] ?? message;
    this.#page.behind(
      '  ',
      `${user ?? '-'} ${method} ${path} ${status}${why === undefined ? '' : `: ${why}`}`,
    );
  }

  #login({ server, user, accepted, slip }: SeenLogin): void {
    const language = this.#language;
    const why = slip === undefined ? undefined : passwordSlips[slip][language];
    this.#page.behind(
      '  ',
      accepted ? labWords.letIn[language](server, user) : labWords.turnedAway[language](server, user, why),
    );
  }

  holding(): void {
    this.#page.blank();
    this.#page.behind('', labWords.holding[this.#language]);
  }

  /** What a check found. @param before the tasks that were done before: what they show was told then. */
  check(results: readonly TaskResult[], before: ReadonlySet<string>): void {
    const language = this.#language;
    const done = results.filter(({ status }) => status === 'done').length;
    const told = new Map<string, number>();
    const remedies = new Set<string>();
    for (const [index, result] of results.entries()) {
      const task = this.#text.tasks[result.id];
      const mistake = JSON.stringify(result.mistake);
      const same = mistake === undefined ? undefined : told.get(mistake);
      if (mistake !== undefined && same === undefined) told.set(mistake, index + 1);
      if (index > 0) this.#page.blank();
      this.#page.behind(
        ` ${this.#page.plain(result.status === 'done' ? '✓' : '✗')} ${index + 1}. `,
        `${task?.title ?? result.id} (${result.id})`,
      );
      if (same !== undefined) this.#page.behind('      ', labWords.sameAs[language](same));
      else if (result.status === 'open') this.#open(result, remedies);
      else {
        this.#page.behind('      ', result.says[language]);
        if (!before.has(result.id)) {
          this.#page.blank();
          this.#page.paragraphs(task?.done ?? '', '      ');
        }
      }
    }
    this.#page.blank();
    this.#page.rule('─');
    this.#page.behind('', labWords.count[language](done, results.length));
    if (done === results.length) this.#page.paragraphs(this.#text.end, '  ');
    else {
      const next = results.find(({ status }) => status === 'open');
      if (next) this.#page.behind('  ', labWords.stuck[language](next.id));
    }
  }

  /** @param remedies those that were told for a task before: once is enough. */
  #open({ reason, step, says, mistake, story, remedy, command }: TaskResult, remedies: Set<string>): void {
    const language = this.#language;
    if (reason) this.#page.behind('      ', `${openReasons[reason][language]}:`);
    if (mistake) this.#mistake(mistake, '        ');
    else
      this.#page.behind(
        step === undefined ? '        ' : `        ${this.#page.plain(step)}: `,
        says[language],
      );
    if (remedy && !remedies.has(remedy[language])) {
      this.#page.behind('        ', remedy[language]);
      if (command !== undefined) this.#page.verbatim(`    ${command}`);
    }
    if (remedy) remedies.add(remedy[language]);
    if (!story) return;
    const card = refusalCard(story.refusal, { topology: story.topology, inStep: true });
    const { headline, rows } = inLanguage(card, language);
    this.#page.blank();
    this.#page.behind('        ', headline);
    setCardRows(
      this.#page,
      rows.filter(({ kind }) => kind !== 'seeIt'),
      8,
    );
  }

  #mistake(facts: UserErrorFacts, indent: string): void {
    const language = this.#language;
    for (const { what, where, expected, received, remedy } of [facts, ...(facts.others ?? [])]) {
      this.#page.behind(indent, where === undefined ? what[language] : `${where}: ${what[language]}`);
      if (expected) this.#page.behind(`${indent}  `, `${labWords.expected[language]}: ${expected[language]}`);
      if (received !== undefined && received !== '')
        this.#page.behind(`${indent}  `, `${labWords.received[language]}: ${received}`);
      if (remedy) this.#page.behind(`${indent}  `, remedy[language]);
    }
  }

  /** @param number from 1 */
  hint(task: string, number: number, isLast: boolean): void {
    const language = this.#language;
    const { title, hints } = this.#text.tasks[task] ?? { title: task, hints: [] };
    this.#page.behind('', `${title} (${task})`);
    this.#page.behind('', labWords.hint[language](number, hints.length));
    this.#page.blank();
    this.#page.paragraphs(hints[number - 1] ?? '', '  ');
    this.#page.blank();
    this.#page.behind('', (isLast ? labWords.lastHint : labWords.moreHints)[language]);
  }

  /** Instead of a hint, where the last check found every task done. */
  nothingLeft(): void {
    this.#page.behind('', labWords.nothingLeft[this.#language](this.#lab.tasks.tasks.length));
    this.#page.behind(
      '',
      labWords.hintOf[this.#language](this.#lab.tasks.tasks.map(({ id }) => id).join(', ')),
    );
  }

  reset(aside: string | undefined): void {
    this.#page.behind('', labWords.reset[this.#language](aside));
  }
}

/** One JSON object for a check: its tasks in order, and how many are done. */
export function labCheckJson(lab: CompiledLab, results: readonly TaskResult[]): LineOf<'lab-check'> {
  return {
    v: 1,
    kind: 'lab-check',
    lab: lab.name,
    done: results.filter(({ status }) => status === 'done').length,
    of: results.length,
    tasks: results.map(({ id, status, reason, refusal, step, says, remedy, command, findings, mistake }) => ({
      id,
      status,
      ...(reason === undefined ? {} : { reason }),
      ...(refusal === undefined ? {} : { refusal }),
      ...(step === undefined ? {} : { step }),
      says,
      ...(remedy ? { remedy } : {}),
      ...(command === undefined ? {} : { command }),
      ...(mistake?.where === undefined ? {} : { where: mistake.where }),
      findings: findings.map((finding) => ({
        expectation: finding.expectation,
        status: finding.status,
        says: finding.says,
      })),
    })),
  };
}

function howToGoOn(page: Page, language: Language): void {
  page.behind('', labWords.howTo[language]);
  for (const [verb, does] of Object.entries(labWords.verbs))
    page.behind(`    ${page.fit(`wirelab lab ${verb}`, 18)}  `, does[language]);
}

/** A file with the tasks, for the folder. */
export function tasksText(lab: CompiledLab, language: Language, write: (line: string) => void): void {
  const { title, intro, tasks } = lab.narration[language];
  const page = new Page({ language, ascii: false, columns: 100, write });
  page.behind('# ', title);
  page.blank();
  page.paragraphs(intro);
  for (const [index, { id }] of lab.tasks.tasks.entries()) {
    page.blank();
    page.behind(`## ${index + 1}. `, tasks[id]?.title ?? id);
    page.blank();
    page.paragraphs(tasks[id]?.text ?? '');
  }
  page.blank();
  howToGoOn(page, language);
}
