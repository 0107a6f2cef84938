/**
 * Lays out a report as plain text, for a pipe, a file, or a terminal without the UI: lines for each block, as it comes.
 * `presentation/report` decides the order and the content, the page breaks the lines.
 */
import type { Language } from '../../i18n/language.ts';
import { inSeconds } from '../../i18n/number.ts';
import { cellWidth } from '../../i18n/width.ts';
import type { BlockKind, BlockOf, CardBlock, Remark, ReportBlock } from '../../presentation/types/report.ts';
import { inLanguage } from '../../i18n/language.ts';
import { Page } from '../status/page.ts';
import type { PageOptions } from '../status/page.ts';
import { setCardRows } from './card.ts';
import { setCommands } from './commands.ts';
import { setDiagnosis, setEvidence, setExperiment, setExperiments } from './diagnosis.ts';
import { setConnection, setMessage, setOutcome, setRow } from './conversation.ts';
import {
  setChain,
  setCommand,
  setDecision,
  setOpening,
  setParagraphs,
  setSentences,
  setTable,
  setTopology,
} from './set.ts';
import { setJournal, setTask } from './tasks.ts';
import { setListed, setStatistics, setSummary } from './summary.ts';

export interface TextOptions extends Omit<PageOptions, 'write'> {
  /** @param conn the connection that the line is about, if it is about one */
  readonly write: (line: string, conn: number | undefined) => void;
}

/** How each kind of block is set. */
type Setters = {
  readonly [Kind in BlockKind]: (page: Page, block: BlockOf<Kind>, language: Language) => void;
};

export class TextReport {
  readonly #page: Page;
  readonly #language: Language;
  #conn: number | undefined;

  constructor({ write, ...options }: TextOptions) {
    this.#language = options.language;
    this.#page = new Page({ ...options, write: (line) => write(line, this.#conn) });
  }

  readonly set = (block: ReportBlock): void => {
    this.#conn = 'conn' in block ? block.conn : undefined;
    setterOf(block)(this.#page, block, this.#language);
  };
}

/** The lines of one block. */
export function linesOf(block: ReportBlock, options: Omit<PageOptions, 'write'>): readonly string[] {
  const lines: string[] = [];
  new TextReport({ ...options, write: (line) => void lines.push(line) }).set(block);
  return lines;
}

const setterOf = <Block extends ReportBlock>({ kind }: Block) =>
  setters[kind] as (page: Page, block: Block, language: Language) => void;

const setters: Setters = {
  title(page, { text }, language) {
    page.behind('', text[language]);
    page.rule('=', cellWidth(page.plain(text[language])));
  },
  narration: (page, { text }, language) => setParagraphs(page, text[language]),
  topology: setTopology,
  step(page, { number, title }, language) {
    page.blank();
    page.behind(`-- ${number}. `, title[language]);
  },
  question: (page, { text }, language) => setParagraphs(page, text[language], '? '),
  choices(page, { choices }, language) {
    for (const { letter, text } of choices) page.behind(`   ${letter}) `, text[language]);
  },
  answer(page, { label, choices }, language) {
    for (const { letter, text } of choices) page.behind(`   ${label[language]}: ${letter}) `, text[language]);
  },
  lesson(page, { lesson }, language) {
    page.blank();
    page.behind('=> ', lesson.text[language]);
  },
  speaker: (page, { text }, language) => setParagraphs(page, text[language], '    '),
  news(page, { at, text }, language) {
    page.blank();
    page.behind(`${inSeconds(at)}   `, text[language]);
  },
  command: (page, { command }, language) => setCommand(page, command, language),
  connection: setConnection,
  message: setMessage,
  remark(page, { text, isAgain }, language) {
    if (!isAgain) page.behind('      ', text[language]);
  },
  'tried-again': (page, { text }, language) => page.behind('      ', text[language]),
  chain: (page, { chain }, language) => setChain(page, chain, language),
  card: setCard,
  opening: (page, { opening }, language) => setOpening(page, opening, language),
  decision: (page, { decision }, language) => setDecision(page, decision, language),
  sentences: (page, { sentences }, language) => setSentences(page, sentences, language),
  outcome: setOutcome,
  table: (page, { table }, language) => setTable(page, table, language),
  sides(page, { table, remarks }, language) {
    setTable(page, table, language);
    for (const { text } of remarks.filter(isNew)) setParagraphs(page, text[language], '  ');
  },
  verdict(page, { verdict, lesson }, language) {
    const { label, status, claims } = inLanguage(verdict, language);
    page.blank();
    page.rule('─');
    page.behind(`${label}: ${status}   `, claims);
    if (lesson) page.behind(`${lesson.label[language]}: `, lesson.text[language]);
  },
  claims(page, { number, title, claims }, language) {
    page.blank();
    page.behind('', number === undefined ? title[language] : `${number}. ${title[language]}`);
    for (const { mark, text } of claims) page.behind(` ${page.plain(mark)} `, text[language]);
  },
  closing(page, { title, text }, language) {
    setParagraphs(page, title[language]);
    setParagraphs(page, text[language], '  ');
  },
  reach(page, { text, commands, scripts, remarks }, language) {
    setParagraphs(page, text[language]);
    setCommands(page, commands, scripts, { language, indent: '  ', remarks });
  },
  summary: setSummary,
  statistics: setStatistics,
  listed: setListed,
  diagnosis: setDiagnosis,
  evidence: setEvidence,
  experiments: setExperiments,
  experiment: setExperiment,
  task: setTask,
  journal: setJournal,
};

const isNew = ({ isAgain }: Remark): boolean => isAgain !== true;

/** The card; what an earlier one had is left out. */
function setCard(page: Page, { card, rest }: CardBlock, language: Language): void {
  page.blank();
  page.behind('  ', card.headline[language]);
  const rows = card.rows
    .filter(({ isAgain }) => !isAgain)
    .map(({ hint, ...row }) => (hint && !row.isHintAgain ? { ...row, hint } : row));
  setCardRows(page, inLanguage(rows, language), 2);
  if (rest) setRow(page, rest.label[language], rest.text[language]);
}
