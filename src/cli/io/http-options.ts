/** The options that write what HTTP carried into files; `http-files.ts` writes them. */
import type { OptionTable, Parsed } from '../command.ts';

export const httpOptions: OptionTable = {
  har: {
    value: 'FILE',
    help: {
      en: 'write requests and responses as a HAR archive; secrets are masked without --with-secrets',
      ko: '요청과 응답을 HAR 파일로 저장. --with-secrets가 없으면 비밀 정보를 가립니다',
    },
  },
  export: {
    value: 'DIR',
    help: {
      en: 'write the bodies of requests and responses as files into a new or empty folder, with index.json',
      ko: '요청과 응답의 본문을 새 폴더나 빈 폴더에 파일로 저장(목록: index.json)',
    },
  },
};

export const writesHttp = (parsed: Parsed): boolean =>
  parsed.text('har') !== undefined || parsed.text('export') !== undefined;
