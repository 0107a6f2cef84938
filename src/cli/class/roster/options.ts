/** The folder of a class, as its actions name it. */
import type { OptionTable } from '../../command.ts';

export const folderOption: OptionTable = {
  folder: {
    value: 'DIR',
    help: {
      en: 'the folder of the class: its CAs, who was invited, what labs reported (default: class in the folder for state)',
      ko: '수업 폴더: CA, 초대 목록, 실습이 보고한 내용(기본값: 상태 폴더의 class)',
    },
  },
};
