/** Says an event of a running lab in words, as `lab.ts` prints it, in every language. */
import { inEach } from '../../i18n/language.ts';
import type { Language, Localized } from '../../i18n/language.ts';
import type { LabEvent } from '../../labs/hold/holding.ts';
import type { CompiledLab } from '../../labs/lab.ts';
import { commandsFor } from '../../presentation/report/verdict.ts';
import type { Scripts, TypedCommand } from '../../presentation/types/values.ts';
import { LabReport, apiCommands } from './lab.ts';
import { labWords } from './words.ts';

/** Lines are broken where they are shown. */
const columns = 10_000;

const isApiServer = (event: LabEvent): event is LabEvent & { readonly kind: 'cluster' | 'control-plane' } =>
  event.kind === 'cluster' || event.kind === 'control-plane';

/** The commands that an event makes possible, as they are typed. */
export function commandsAfter(event: LabEvent, scripts: Scripts | undefined): readonly TypedCommand[] {
  if (event.kind === 'open') return commandsFor(event.ways, scripts);
  if (event.kind === 'live') {
    const line = `curl -sN ${event.url}`;
    const title = inEach((language) => labWords.liveWire[language](event.wire));
    return [{ title, line, typed: line }];
  }
  if (!isApiServer(event)) return [];
  const { kubectl, curl } = apiCommands(event);
  return [
    ...kubectl.map((line): TypedCommand => ({ title: labWords.withKubectl, line, typed: line })),
    { title: labWords.withoutKubectl, line: curl },
  ];
}

/** The commands of wirelab itself that a learner needs most. @param command how wirelab is called from the lab's folder */
export const verbCommands = (command: string): readonly TypedCommand[] =>
  (['check', 'hint', 'commands'] as const).map((verb): TypedCommand => {
    const line = `${command} lab ${verb}`;
    return { title: labWords.verbs[verb], line, typed: line };
  });

export class LabSpeech {
  readonly #lines: string[] = [];
  readonly #reports: Readonly<Record<Language, LabReport>>;

  constructor(lab: CompiledLab) {
    const report = (language: Language): LabReport =>
      new LabReport(lab, {
        language,
        ascii: false,
        columns,
        write: (line) => void this.#lines.push(line.trim()),
      });
    this.#reports = { en: report('en'), ko: report('ko') };
  }

  /** Undefined for what is shown elsewhere, and for what is not worth a word. */
  say(event: LabEvent): Localized | undefined {
    if (event.kind === 'open' || event.kind === 'checked' || event.kind === 'changed') return undefined;
    const said = inEach((language) => {
      this.#lines.length = 0;
      this.#reports[language].print(event);
      // Commands are listed by themselves.
      const isListed = isApiServer(event) || event.kind === 'live';
      const said = isListed ? this.#lines.filter((line) => line !== '').slice(0, 1) : this.#lines;
      const text = said.filter((line) => line !== '').join('\n');
      // A note has its time beside it.
      return event.kind === 'held' ? text.replace(/^\d\d:\d\d:\d\d +/, '') : text;
    });
    return said.en === '' ? undefined : said;
  }
}
