/** Why a connection fails: the answer with its rows, what speaks for it, every experiment. */
import type { Language, Localized } from '../../i18n/language.ts';
import type {
  DiagnosisBlock,
  EvidenceBlock,
  ExperimentBlock,
  ExperimentRow,
  ExperimentsBlock,
} from '../../presentation/types/diagnosis.ts';
import type { Page } from '../status/page.ts';

const labelCells = 9;

export function setDiagnosis(page: Page, { headline, rows }: DiagnosisBlock, language: Language): void {
  page.behind(' ', headline[language]);
  for (const { label, text, command, isKnown } of rows) {
    const width = page.columns - labelCells - 4;
    page.behind(
      `   ${page.fit(label[language], labelCells)} `,
      isKnown ? page.fit(text[language], width).trimEnd() : text[language],
    );
    if (command !== undefined) page.verbatim(`   ${page.fit('', labelCells)} ${command}`);
  }
}

export function setEvidence(page: Page, { title, items }: EvidenceBlock, language: Language): void {
  page.blank();
  page.behind(' ', title[language]);
  for (const { text } of items) page.behind('   - ', text[language]);
}

/** `2-4 as called, once more: …` */
export function setExperiments(page: Page, { title, rows }: ExperimentsBlock, language: Language): void {
  page.blank();
  page.behind(' ', title[language]);
  for (const row of rows) page.behind('   ', `${numbersOf(row)} ${resultText(row, language)}`);
}

const numbersOf = ({ first, last }: ExperimentRow): string =>
  first === last ? `${first}` : `${first}-${last}`;

const resultText = (
  { changed, cameBack }: { readonly changed: Localized; readonly cameBack: Localized },
  language: Language,
): string => `${changed[language]}: ${cameBack[language]}`;

/** The heading of its connection. */
export function setExperiment(page: Page, block: ExperimentBlock, language: Language): void {
  page.blank();
  page.behind(`-- ${block.number} `, resultText(block, language));
}
