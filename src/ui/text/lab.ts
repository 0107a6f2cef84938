/**
 * Prints a lab: its introduction and tasks, the results of a check, hints, and its events while it is up. `labs/checks/check.ts`
 * decides the results. The page sanitises text from the learner's files and from the wire.
 */
import type { Dictionary } from '../../core/dictionary.ts';
import { cellWidth } from '../../i18n/width.ts';
import type { ApiRequest } from '../../kube/apiserver/audit.ts';
import { inLanguage } from '../../i18n/language.ts';
import type { Language } from '../../i18n/language.ts';
import type { UserErrorFacts } from '../../i18n/user-error.ts';
import type { TaskResult } from '../../labs/checks/checking.ts';
import type { SeenLogin } from '../../labs/folder.ts';
import { timeOfDay } from '../../labs/checks/checking.ts';
import type { HeldNews } from '../../labs/hold/held-client.ts';
import type { ClassNews, LabEvent } from '../../labs/hold/holding.ts';
import { isUnasked, openReasons } from '../../labs/lab.ts';
import type { CompiledLab } from '../../labs/lab.ts';
import { taskBlocks } from '../../labs/report.ts';
import { labCalledAs } from '../../labs/wirelab-command.ts';
import { passwordSlips } from '../../labs/checks/wrong-password.ts';
import { becauseOf, isAdvice, refusalCard } from '../../presentation/card.ts';
import type { LineOf } from '../json/line.ts';
import { commandsFor } from '../../presentation/report/verdict.ts';
import { remarksOn } from '../../presentation/scripts.ts';
import { Page } from '../status/page.ts';
import type { PageOptions } from '../status/page.ts';
import type { Scripts, TypedCommand } from '../../presentation/types/values.ts';
import { setCardRows } from './card.ts';
import { setCommands, setRemarks } from './commands.ts';
import { setTask } from './tasks.ts';
import { labWords } from './words.ts';

export interface LabReportOptions extends PageOptions {
  /** How wirelab is called from the lab's folder. */
  readonly command?: string;
}

type ApiServerUp = LabEvent & { readonly kind: 'cluster' | 'control-plane' };

/** How an API server of a lab is called, in the lab's folder. */
export function apiCommands(event: ApiServerUp): {
  readonly kubectl: readonly string[];
  readonly curl: string;
} {
  const { kind, url, kubeconfig } = event;
  const environment = `export KUBECONFIG=$PWD/${kubeconfig}`;
  return kind === 'cluster'
    ? {
        kubectl: [environment, 'kubectl auth whoami'],
        curl: `curl -K ${event.curl} ${url}/api/v1/namespaces`,
      }
    : { kubectl: [environment, 'kubectl get nodes'], curl: `curl --cacert pki/ca.crt ${url}/readyz` };
}

export class LabReport {
  readonly #lab: CompiledLab;
  readonly #command: string;
  readonly #language: Language;
  readonly #page: Page;
  /** The commands that were printed last, by what they lead to. */
  readonly #ways = new Map<string, string>();
  /** What keeps tasks from being opened, as it was printed last. */
  readonly #shut = new Map<string, string>();
  /** The printed commands of what was opened together. */
  #listed: readonly TypedCommand[] = [];

  constructor(lab: CompiledLab, options: LabReportOptions) {
    this.#lab = options.command === undefined ? lab : labCalledAs(lab, options.command);
    this.#command = options.command ?? 'wirelab';
    this.#language = options.language;
    this.#page = new Page(options);
  }

  get #text(): CompiledLab['narration']['en'] {
    return this.#lab.narration[this.#language];
  }

  /** Prints the introduction and the tasks. */
  begin(folder: string, isNew: boolean): void {
    const language = this.#language;
    const { title, intro } = this.#text;
    this.#page.behind('', title);
    this.#page.rule('=', Math.min(this.#page.columns, 72));
    this.#page.blank();
    this.#page.paragraphs(intro);
    for (const block of taskBlocks(this.#lab)) setTask(this.#page, block, language);
    this.#page.blank();
    this.#page.rule('─');
    this.#page.behind('', (isNew ? labWords.made : labWords.goesOn)[language](folder));
    this.#page.behind('', labWords.sameText[language]);
    howToGoOn(this.#page, language, this.#command);
  }

  /** Prints an event of a lab that is up. @param scripts of the commands of the event. */
  print(event: LabEvent, scripts?: Scripts): void {
    const language = this.#language;
    switch (event.kind) {
      case 'changed':
        this.#page.blank();
        this.#page.behind('  ', labWords.changed[language](event.files.join(', ')));
        break;
      case 'found':
      case 'held-connection':
        break;
      case 'checked':
        this.#checked(event);
        break;
      case 'unrecorded':
        this.#page.blank();
        this.#page.behind('  ', labWords.unrecorded[language](event.file));
        // What to do about a file that was named is no advice for one that was not.
        this.#mistake({ what: event.mistake.what }, '    ');
        break;
      case 'reset':
        this.#page.blank();
        this.#page.behind('  ', labWords.clusterReset[language]);
        break;
      case 'captured':
        this.#page.behind('  ', labWords.captured[language](event.file));
        break;
      case 'live':
        this.#page.blank();
        this.#page.behind('  ', labWords.live[language](event.wire));
        this.#page.verbatim(`    curl -sN ${event.url}`);
        break;
      case 'login':
        this.#login(event.login);
        break;
      case 'renewed':
        this.#shut.delete(event.tasks.join(', '));
        this.#page.behind('  ', labWords.renewed[language](event.tasks.join(', ')));
        break;
      case 'held':
        this.#page.behind('  ', heldLine(event.news, language));
        break;
      case 'taken':
        this.#page.behind('  ', labWords.taken[language](event.server, event.user, event.password));
        break;
      case 'cluster':
        this.#apiServerUp(event, labWords.clusterUp);
        break;
      case 'control-plane':
        this.#apiServerUp(event, labWords.controlPlaneUp);
        break;
      case 'process':
        this.#page.behind(
          '  ',
          labWords.processes[event.state][language](
            event.process,
            event.state === 'cut_off' ? event.words : '',
          ),
        );
        if (event.state === 'failed') this.#mistake(event.mistake, '    ');
        break;
      case 'webhook':
        this.#page.behind('  ', webhookLine(event, language));
        if (event.message !== undefined) this.#page.behind('    ', event.message);
        break;
      case 'webhook-server':
        this.#page.behind('  ', labWords.webhookServers[event.state][language](event.server));
        if (event.state === 'failed') this.#mistake(event.mistake, '    ');
        break;
      case 'asked':
        this.#asked(event.asked);
        break;
      case 'client':
        this.#page.behind('  ', labWords.clients[event.news.state][language](event.news));
        break;
      case 'class':
        this.#page.behind('  ', classLine(event.news, language));
        break;
      case 'signed':
        this.#page.behind(
          '  ',
          (event.failed === undefined ? labWords.signed : labWords.notSigned)[language](
            event.request,
            event.failed ?? '',
          ),
        );
        break;
      case 'shut': {
        const key = event.tasks.join(', ');
        const now = JSON.stringify([event.goesOn, event.mistake.facts]);
        // Said before, of this task or of another: what has become of the current one is said by its check.
        const isKnown = [...this.#shut.values()].includes(now);
        this.#shut.set(key, now);
        if (isKnown) break;
        this.#page.blank();
        this.#page.behind('  ', (event.goesOn ? labWords.notApplied : labWords.shut)[language](key));
        this.#mistake(event.mistake.facts, '    ');
        break;
      }
      case 'open': {
        const key = event.tasks.join(', ');
        this.#shut.delete(key);
        const before = this.#ways.get(key);
        const now = JSON.stringify(event.ways);
        this.#ways.set(key, now);
        if (!event.follows) this.#listed = [];
        if (before === now) this.#page.behind('  ', labWords.openAgain[language](key));
        else if (event.ways.length > 0) this.#list(commandsFor(event.ways, scripts), scripts);
        if (!event.goesOn)
          setRemarks(this.#page, remarksOn(this.#listed, this.#command), { language, indent: '    ' });
        break;
      }
    }
  }

  /** Commands of what was opened, in one list with those that were opened together with it. */
  #list(commands: readonly TypedCommand[], scripts: Scripts | undefined): void {
    const language = this.#language;
    if (scripts && this.#listed.length === 0) {
      this.#page.blank();
      this.#page.behind('  ', labWords.inFolder[language]);
    }
    setCommands(this.#page, commands, scripts, { language, indent: '    ' });
    this.#listed = [...this.#listed, ...commands];
  }

  /** What a change has changed: nothing of the tasks that are as they were. */
  #checked(event: LabEvent & { readonly kind: 'checked' }): void {
    const { files, objects, results, milliseconds, same, isComplete } = event;
    const language = this.#language;
    const ids = this.#lab.tasks.tasks.map(({ id }) => id);
    if (same !== undefined) this.#page.behind('  ', labWords.checkedSame[language](ids.indexOf(same) + 1));
    if (results.length === 0) return;
    const what = [...files, ...objects].join(', ');
    if (what !== '') this.#page.behind('  ', labWords.checked[language](what, milliseconds));
    for (const result of results) {
      const title = this.#text.tasks[result.id]?.title ?? result.id;
      this.#page.behind(
        `   ${this.#page.plain(result.status === 'done' ? '✓' : '✗')} ${ids.indexOf(result.id) + 1}. `,
        `${title} (${result.id})`,
      );
      // Its card is shown by lab check; why somebody was refused is said in words.
      const { story, ...finding } = result;
      if (result.status === 'open') {
        this.#open(finding, new Set());
        if (story) this.#page.behind('        ', becauseOf(story.refusal)[language]);
      } else {
        this.#page.behind('      ', result.says[language]);
        // It counts as done from now on: a check will not print what it shows.
        this.#page.blank();
        this.#page.paragraphs(this.#text.tasks[result.id]?.done ?? '', '      ');
        this.#page.blank();
      }
    }
    if (isComplete) this.#complete(ids.length);
  }

  #complete(of: number): void {
    const language = this.#language;
    this.#page.rule('─');
    this.#page.behind('', labWords.count[language](of, of));
    this.#page.paragraphs(this.#text.end, '  ');
    this.#page.blank();
    this.#page.behind('  ', labWords.afterAll[language](this.#command));
    this.#page.blank();
  }

  /** Where the API server listens, and how to call it with kubectl and without. */
  #apiServerUp(event: ApiServerUp, up: typeof labWords.clusterUp | typeof labWords.controlPlaneUp): void {
    const language = this.#language;
    const { url, isNew, moved } = event;
    const { kubectl, curl } = apiCommands(event);
    this.#page.blank();
    this.#page.behind('  ', up[language](url, isNew));
    if (moved) this.#page.behind('  ', labWords.clusterMoved[language]);
    this.#page.behind('  ', labWords.inFolder[language]);
    for (const command of kubectl) this.#page.verbatim(`    ${command}`);
    this.#page.behind('  ', labWords.withoutKubectl[language]);
    this.#page.verbatim(`    ${curl}`);
    this.#page.blank();
  }

  /** As in the server's log: the user it authenticated, and the reason of a refusal. Discovery requests of kubectl are left out. */
  #asked({ user, impersonator, method, path, status, unauthorized, message }: ApiRequest): void {
    if (
      status !== 401 &&
      status !== 403 &&
      /^\/(?:api(?:\/v1)?|apis(?:\/[^/]+){0,2}|openapi\/.*)$/.test(path)
    )
      return;
    const why = unauthorized?.words[this.#language] ?? message;
    const who = impersonator === undefined ? (user ?? '-') : `${impersonator} --as ${user ?? '-'}`;
    this.#page.behind('  ', `${who} ${method} ${path} ${status}${why === undefined ? '' : `: ${why}`}`);
  }

  #login({ server, user, accepted, slip }: SeenLogin): void {
    const language = this.#language;
    const why = slip === undefined ? undefined : passwordSlips[slip][language];
    this.#page.behind(
      '  ',
      accepted ? labWords.letIn[language](server, user) : labWords.turnedAway[language](server, user, why),
    );
  }

  /** After the screen: where everything is. */
  left(folder: string): void {
    this.#page.behind('', labWords.left[this.#language](this.#lab.name, folder));
  }

  holding(): void {
    this.#page.blank();
    this.#page.behind('', labWords.holding[this.#language]);
  }

  /**
   * Prints the results of a check: each task with its state, and the finding of the current one, the first that is open.
   * @param before the tasks that were done before: what they show was printed then.
   * @param isWhole with the finding of every task.
   */
  check(results: readonly TaskResult[], before: ReadonlySet<string>, isWhole = false): void {
    const language = this.#language;
    const done = results.filter(({ status }) => status === 'done').length;
    const unasked = results.filter(({ reason }) => isUnasked(reason));
    // What was done stays done while nothing can be asked about it.
    const isKept = ({ id, reason }: TaskResult): boolean => isUnasked(reason) && before.has(id);
    const current = results.find((result) => result.status === 'open' && !isKept(result));
    const firstTask = new Map<string, number>();
    const remedies = new Set<string>();
    for (const [index, result] of results.entries()) {
      const task = this.#text.tasks[result.id];
      const mistake = JSON.stringify(result.mistake);
      const same = mistake === undefined || !isWhole ? undefined : firstTask.get(mistake);
      if (mistake !== undefined && same === undefined) firstTask.set(mistake, index + 1);
      const isLater = !isWhole && result.status === 'open' && result !== current && !isKept(result);
      const isDone = result.status === 'done' || isKept(result);
      const isShort = isLater || (!isWhole && isDone && before.has(result.id));
      if (index > 0 && !isShort) this.#page.blank();
      this.#page.behind(
        ` ${this.#page.plain(isDone ? '✓' : isLater ? '·' : '✗')} ${index + 1}. `,
        `${task?.title ?? result.id} (${result.id})`,
      );
      if (isKept(result)) this.#page.behind('      ', labWords.keptDone[language]);
      if (isShort) continue;
      if (same !== undefined) this.#page.behind('      ', labWords.sameAs[language](same));
      else if (result.status === 'open') this.#open(result, remedies);
      else {
        this.#page.behind('      ', result.says[language]);
        if (!before.has(result.id)) {
          this.#page.blank();
          this.#page.paragraphs(task?.done ?? '', '      ');
        }
      }
      if (!isWhole && index < results.length - 1) this.#page.blank();
    }
    this.#page.blank();
    this.#page.rule('─');
    if (unasked.length === 0) this.#page.behind('', labWords.count[language](done, results.length));
    else {
      const wereDone = unasked.filter(({ id }) => before.has(id)).length;
      this.#page.behind('', labWords.unasked[language](done, unasked.length, wereDone, results.length));
    }
    if (done === results.length) this.#page.paragraphs(this.#text.end, '  ');
    else {
      if (current) this.#page.behind('  ', labWords.stuck[language](this.#command, current.id));
      const others = results.length - done - 1;
      if (!isWhole && others > 0) this.#page.behind('  ', labWords.others[language](this.#command, others));
    }
  }

  /** @param remedies those that were printed for an earlier task: once is enough. */
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
      // What to do about it is the task.
      rows.filter(({ kind }) => !isAdvice(kind)),
      8,
    );
  }

  #mistake(facts: UserErrorFacts, indent: string): void {
    const language = this.#language;
    for (const { what, where, expected, received, remedy } of [facts, ...(facts.others ?? [])]) {
      const isNamed = where === undefined || what[language].includes(where);
      this.#page.behind(indent, isNamed ? what[language] : `${where}: ${what[language]}`);
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

  resetTask(task: string, { aside, shared, isLater }: TaskResetReport): void {
    const language = this.#language;
    this.#page.behind('', labWords.resetTask[language](task, aside));
    if (isLater) this.#page.behind('', labWords.resetLater[language]);
    if (shared.length > 0) this.#page.behind('', labWords.resetShared[language](shared.join(', ')));
  }

  /** The commands of a lab, by a path that works. @param printed those of the running lab, as they are typed in its folder; @param elsewhere the folder, for a shell, where it is not the current one. */
  commands(printed: readonly string[], elsewhere?: string): void {
    const language = this.#language;
    for (const [verb, does] of Object.entries(labWords.verbs)) {
      // The next lab has a folder of its own.
      const folder = elsewhere === undefined || verb === 'next' ? '' : ` --folder ${elsewhere}`;
      this.#page.verbatim(`${this.#command} lab ${verb}${folder}  # ${does[language]}`);
    }
    if (printed.length === 0) return;
    this.#page.blank();
    this.#page.behind('', labWords.inFolder[language]);
    if (elsewhere !== undefined) this.#page.verbatim(`    cd ${elsewhere}`);
    for (const command of printed) this.#page.verbatim(`    ${command}`);
  }
}

export interface TaskResetReport {
  /** The folder with the previous files; undefined if there were none. */
  readonly aside: string | undefined;
  /** The tasks that use the same files. */
  readonly shared: readonly string[];
  /** Its objects are put back when the lab is started. */
  readonly isLater: boolean;
}

/** Whose check it is, and what was recorded before. */
export interface CheckFacts {
  readonly learner?: string;
  /** ISO 8601. */
  readonly at: string;
  /** How many hints were given, by task. */
  readonly hints: Dictionary<number>;
  /** When each task was first found done, ISO 8601. */
  readonly doneAt: Dictionary<string>;
}

/** One JSON object for a check: its tasks in order, and how many are done. */
export function labCheckJson(
  lab: CompiledLab,
  results: readonly TaskResult[],
  facts?: CheckFacts,
): LineOf<'lab-check'> {
  return {
    v: 2,
    kind: 'lab-check',
    lab: lab.name,
    ...(facts?.learner === undefined ? {} : { learner: facts.learner }),
    ...(facts === undefined ? {} : { at: facts.at }),
    done: results.filter(({ status }) => status === 'done').length,
    of: results.length,
    tasks: results.map(({ id, status, reason, refusal, step, says, remedy, command, findings, mistake }) => ({
      id,
      status,
      ...(facts === undefined ? {} : { hints: facts.hints[id] ?? 0 }),
      ...(facts === undefined || status === 'open' ? {} : { doneAt: facts.doneAt[id] ?? facts.at }),
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

function howToGoOn(page: Page, language: Language, command: string): void {
  page.behind('', labWords.howTo[language]);
  const verbs = Object.entries(labWords.verbs).map(
    ([verb, does]) => [`${command} lab ${verb}`, does] as const,
  );
  const width = Math.max(...verbs.map(([line]) => cellWidth(line)));
  for (const [line, does] of verbs) {
    // A path that is long has its explanation below: the command is there to be copied.
    if (width <= 32) page.behind(`    ${line.padEnd(width)}  `, does[language]);
    else {
      page.verbatim(`    ${line}`);
      page.behind('        ', does[language]);
    }
  }
}

/** A file with the tasks, for the folder. */
export function tasksText(
  lab: CompiledLab,
  language: Language,
  write: (line: string) => void,
  command = 'wirelab',
): void {
  const { title, intro, tasks } = labCalledAs(lab, command).narration[language];
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
  howToGoOn(page, language, command);
}

/** What has become of the client that the lab keeps connected, with the time. */
/** A call of a webhook: about what it was asked, and what came of it. */
function webhookLine(
  { webhook, outcome, operation, object, namespace, dryRun }: Extract<LabEvent, { kind: 'webhook' }>,
  language: Language,
): string {
  const where = namespace === '' ? '' : ` -n ${namespace}`;
  const what = `${operation} ${object}${where}${dryRun ? ' (dry run)' : ''}`;
  return labWords.webhooks[outcome][language](webhook, what);
}

function heldLine(news: HeldNews, language: Language): string {
  const words = labWords.held[news.state][language];
  const [first = '', second = ''] =
    news.state === 'refused'
      ? [news.alert]
      : news.state === 'unreachable'
        ? [news.code]
        : 'connection' in news
          ? [timeOfDay(news.connection.since), `${news.connection.requests}`]
          : [];
  return `${timeOfDay(news.at)} ${words(news.client, first, second)}`;
}

/** What has become of the reports to the class. */
function classLine({ state, server, learner, why }: ClassNews, language: Language): string {
  return labWords.toClass[state][language](server, learner, why?.[language].replace(/\.$/, '') ?? '');
}
