/** Declares `wirelab class`: a class on a cluster, or under podman. Its actions are a table in index.ts, one file each. */
import type { CommandOfActions } from '../command.ts';
import { classActions } from './index.ts';

export const classCommand: CommandOfActions = {
  summary: {
    en: 'a class on a Kubernetes cluster or under podman: the pods of each learner',
    ko: '쿠버네티스 클러스터나 podman에서 여는 수업: 수강생마다 쓰는 파드',
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
  ],
  exits: {
    en: 'Exit codes: 0 done; 1 the cluster refused; 2 error in the command or a file, and nothing was written.',
    ko: '종료 코드: 0은 완료, 1은 클러스터가 거부함, 2는 명령이나 파일에 잘못이 있음(아무것도 저장하지 않음).',
  },
  actions: classActions,
};
