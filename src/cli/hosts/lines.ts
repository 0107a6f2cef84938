/** The lines of one end of a connection: what it sees of each, as a running proxy prints it; and its files. */
import { EventReleaser } from '../../capture/event-releaser.ts';
import { Flows } from '../../capture/flows.ts';
import { CaptureLog } from '../../capture/log.ts';
import { mask } from '../../analysis/summary/masking.ts';
import { systemClock } from '../../core/clock.ts';
import { wantsAscii } from '../../i18n/ascii.ts';
import type { Language, Localized } from '../../i18n/language.ts';
import { LiveReport, loadLive } from '../../ui/text/live.ts';
import type { LiveOptions } from '../../ui/text/live.ts';
import { Page } from '../../ui/status/page.ts';
import type { Environment, OptionTable, Parsed } from '../command.ts';
import { maxPayloadOf } from '../io/memory.ts';
import { gatherLines, openFiles } from '../io/outlets.ts';
import { warningLine } from '../io/user-error-text.ts';
import type { HostCommand } from './mistakes.ts';

/** The wire at whose end the program is. */
export const hop = 'A';

export const lineOptions: OptionTable = {
  'show-secrets': {
    help: {
      en: 'print passwords instead of masking them',
      ko: '비밀번호를 가리지 않고 출력',
    },
  },
  ascii: { help: { en: 'use only ASCII characters', ko: 'ASCII 문자로만 그리기' } },
};

export interface EndLines {
  readonly log: CaptureLog;
  readonly language: Language;
  readonly page: Page;
  /** The password, or what stands in its place. */
  readonly shown: (password: string) => string;
  warn(words: Localized): void;
  /** Completes files and lines; a second call does nothing. */
  end(): void;
}

/** Prints every connection in this log from now on. */
export async function openEnd(
  command: HostCommand,
  parsed: Parsed,
  environment: Environment,
  reproduce: LiveOptions['reproduce'],
): Promise<EndLines> {
  const { language, variables, stderr } = environment;
  const warn = (words: Localized): void => void stderr.write(warningLine(words, language));
  const { maxPayload } = maxPayloadOf(parsed, command);
  await loadLive();
  const files = await openFiles(parsed, environment, ({ facts }) => warn(facts.what));
  const log = new CaptureLog({ clock: systemClock, endless: true, maxPayload });
  const lines = gatherLines(environment);
  const ascii = parsed.flag('ascii') || wantsAscii(variables);
  const isShown = parsed.flag('show-secrets');
  const flows = new Flows(log);
  const forgetting = new EventReleaser(log);
  const page = { language, columns: 100, ascii, write: lines.write };
  const report = new LiveReport({
    ...page,
    flows,
    isEnd: true,
    mask: isShown ? undefined : mask,
    reproduce,
    onPrinted(conn) {
      flows.forget(conn);
      forgetting.forget(conn);
    },
  });
  for (const fold of files.folds) log.subscribe(fold);
  log.subscribe((event) => {
    flows.fold(event);
    forgetting.fold(event);
    report.fold(event);
  });
  let isOpen = true;
  return {
    log,
    language,
    page: new Page(page),
    shown: (password) => (isShown ? password : mask),
    warn,
    end() {
      if (!isOpen) return;
      isOpen = false;
      report.end();
      lines.end();
      files.finish();
    },
  };
}
