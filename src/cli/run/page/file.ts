/**
 * The file of a page (`--html`): opened before anything runs, written beside its place and renamed, so that it is there as a whole
 * or not at all. `ui/html` makes its content.
 */
import type { Environment, OptionTable, Parsed } from '../../command.ts';
import { warningLine } from '../../io/user-error-text.ts';
import { WholeFile } from '../../io/whole-file.ts';

const flag = '--html';

export const pageOption: OptionTable = {
  html: {
    value: 'FILE',
    help: {
      en: 'write everything as one page for a browser, in English and Korean; every byte with its field. Secrets stand in it as on the screen',
      ko: '전체를 브라우저용 페이지 하나로 저장(영어와 한국어, 모든 바이트와 필드). 비밀 정보는 화면에 보이는 그대로 들어갑니다',
    },
  },
};

export class PageFile extends WholeFile {
  /** @throws UserError for a place where no file can be written. */
  constructor(path: string) {
    super(path, flag, { en: 'the page was not written', ko: '페이지를 저장하지 않았습니다' });
  }
}

/** The page that the command line asks for. */
export function openPage(parsed: Parsed): PageFile | undefined {
  const path = parsed.text('html');
  return path === undefined ? undefined : new PageFile(path);
}

/** At the end of a run: a page that was not written is not kept, and that is said. */
export function closePage(
  page: PageFile | undefined,
  { language, stderr }: Pick<Environment, 'language' | 'stderr'>,
  cause: keyof typeof notWritten = 'run',
): void {
  if (!page || page.isWritten) return;
  page.abandon();
  stderr.write(warningLine(notWritten[cause](page.path), language));
}

const notWritten = {
  run: (path: string) => ({
    en: `${path} was not written: the run did not come to its verdict`,
    ko: `판정이 나오기 전에 끝나서 ${path} 파일을 저장하지 않았습니다`,
  }),
  why: (path: string) => ({
    en: `${path} was not written: the diagnosis was not finished`,
    ko: `진단이 끝나기 전에 중단되어 ${path} 파일을 저장하지 않았습니다`,
  }),
  proxy: (path: string) => ({
    en: `${path} was not written: no proxy ran`,
    ko: `프록시가 실행되지 않아 ${path} 파일을 저장하지 않았습니다`,
  }),
  lab: (path: string) => ({
    en: `${path} was not written: the lab did not run`,
    ko: `실습이 실행되지 않아 ${path} 파일을 저장하지 않았습니다`,
  }),
} as const;
