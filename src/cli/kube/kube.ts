/**
 * Declares `wirelab kube`: a small Kubernetes control plane for learning its certificates. Its actions are a table in
 * kube/, one file each.
 */
import { signalExits } from '../command.ts';
import type { CommandOfActions } from '../command.ts';
import { kubeActions } from './index.ts';

export const kube: CommandOfActions = {
  summary: {
    en: 'a small Kubernetes control plane: its certificates, and an API server for kubectl',
    ko: '작은 쿠버네티스 컨트롤 플레인: 인증서와, kubectl로 접속하는 API 서버',
  },
  operands: 'ACTION [...]',
  options: {},
  examples: [
    {
      line: './wirelab kube pki',
      does: {
        en: 'three CAs and everything they sign, laid out as kubeadm does',
        ko: 'kubeadm과 같은 구조로 CA 셋과 서명된 인증서를 모두 만듭니다',
      },
    },
    {
      line: './wirelab kube pki check',
      does: { en: 'expiry dates and problems', ko: '만료 시점을 보여 주고, 잘못된 점이 없는지 점검합니다' },
    },
    {
      line: './wirelab kube user alice --group dev',
      does: {
        en: 'a user with a kubeconfig, and the same by hand',
        ko: '사용자와 kubeconfig를 만들고, 직접 하는 명령도 보여 줍니다',
      },
    },
    {
      line: './wirelab kube up',
      does: {
        en: 'an API server with these certificates, for the real kubectl',
        ko: '이 인증서로 API 서버를 띄웁니다. 실제 kubectl로 접속할 수 있습니다',
      },
    },
  ],
  exits: {
    en: `Exit codes: 0 done, or no problem found; 1 a check found a problem; 2 error in the command, a file or a port; ${signalExits.en}.`,
    ko: `종료 코드: 0은 완료 또는 이상 없음, 1은 점검에서 잘못된 점을 찾음, 2는 명령이나 파일, 포트에 잘못이 있음, ${signalExits.ko}.`,
  },
  actions: kubeActions,
};
