/** Declares `wirelab class`: a class on a cluster, or under podman, the checks that its learners hand in, and a board to which their labs report. Its actions are a table in index.ts, one file each. */
import type { CommandOfActions } from '../command.ts';
import { classActions } from './index.ts';

export const classCommand: CommandOfActions = {
  summary: {
    en: 'a class: the pods of each learner, the labs that they hand in, a board to which labs report',
    ko: '수업: 수강생마다 쓰는 파드, 수강생이 제출한 실습 결과, 실습이 보고하는 현황판',
  },
  operands: 'ACTION [...]',
  options: {},
  examples: [
    {
      line: './wirelab class manifests --learners learners.txt',
      does: {
        en: 'the folder class: kubectl apply -k class creates a namespace for each learner',
        ko: 'class 폴더를 만듭니다. kubectl apply -k class로 수강생마다 네임스페이스를 만듭니다',
      },
    },
    {
      line: './wirelab class manifests --learners learners.txt --for podman',
      does: {
        en: 'a file for each learner, for podman kube play on one machine',
        ko: '한 컴퓨터에서 podman kube play로 쓸 파일을 수강생마다 만듭니다',
      },
    },
    {
      line: './wirelab class gather handed-in/*.json',
      does: {
        en: 'one table of the lab checks that learners hand in',
        ko: '수강생이 제출한 실습 확인 결과를 표 하나로 모읍니다',
      },
    },
    {
      line: './wirelab class invite anna',
      does: {
        en: 'anna.pem: with it a lab reports to ./wirelab class serve, over mutual TLS',
        ko: 'anna.pem을 만듭니다. 실습이 이것으로 ./wirelab class serve에 상호 TLS로 보고합니다',
      },
    },
  ],
  exits: {
    en: 'Exit codes: 0 done; 1 the cluster refused; 2 error in the command or a file, and nothing was written.',
    ko: '종료 코드: 0은 완료, 1은 클러스터가 거부함, 2는 명령이나 파일에 잘못이 있음(아무것도 저장하지 않음).',
  },
  actions: classActions,
};
