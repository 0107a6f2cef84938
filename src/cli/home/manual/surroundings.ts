/** The environment variables that a user may set, as help and the manual page list them; their readers are elsewhere. */
import type { Localized } from '../../../i18n/language.ts';

export const environmentVariables: Readonly<Record<string, Localized>> = {
  WIRELAB_CERTS: {
    en: 'the folder of the generated certificates (default: certs/out of a checkout, else below the state)',
    ko: '만든 인증서를 두는 폴더(기본값: 체크아웃의 certs/out, 없으면 상태 폴더 아래)',
  },
  WIRELAB_STATE: {
    en: 'the folder of the state: where shows were left, labs (default: $XDG_STATE_HOME/wirelab, ~/.local/state/wirelab)',
    ko: '상태 폴더: 멈춘 시연의 위치, 실습(기본값: $XDG_STATE_HOME/wirelab, ~/.local/state/wirelab)',
  },
  WIRELAB_THEME: {
    en: 'the colours of the screen: dark, light or contrast (--theme)',
    ko: '화면의 색: dark, light, contrast(--theme)',
  },
  WIRELAB_NO_MOTION: {
    en: 'not empty: no animation (--no-motion)',
    ko: '비어 있지 않으면 움직임 없음(--no-motion)',
  },
  WIRELAB_PASSWORD: {
    en: 'the password of login and serve-site, which a command line would show to every user of the machine',
    ko: 'login과 serve-site의 비밀번호. 명령줄에 쓰면 이 컴퓨터의 모든 사용자가 볼 수 있습니다',
  },
  KUBECONFIG: {
    en: 'the configuration of kubectl that kube tap reads; several files with colons between them',
    ko: 'kube tap이 읽을 kubectl 설정 파일. 여럿이면 쌍점으로 나눕니다',
  },
  'HTTPS_PROXY, HTTP_PROXY, NO_PROXY': {
    en: 'the proxy on the way from kube tap to the cluster, as for kubectl; and from the command of why to its target',
    ko: 'kube tap이 클러스터로, why의 명령이 대상으로 갈 때 거칠 프록시(kubectl과 같음)',
  },
  SSLKEYLOGFILE: {
    en: 'append the TLS keys of connections that wirelab ends to this file (--keylog)',
    ko: 'wirelab이 끝맺는 연결의 TLS 키를 이 파일에 추가(--keylog)',
  },
  WIRELAB_COMMAND: {
    en: 'not to be set: by it why finds and ends what its command has started',
    ko: '직접 설정하지 않습니다. why가 자신의 명령이 시작한 프로세스를 찾아 끝내는 데 씁니다',
  },
  NO_COLOR: { en: 'not empty: no colours', ko: '비어 있지 않으면 색 없음' },
  FORCE_COLOR: { en: 'colours, even if NO_COLOR is set', ko: 'NO_COLOR 설정과 관계없이 색 사용' },
  'LC_ALL, LC_MESSAGES, LANG': { en: 'the language, unless --lang is given', ko: '언어(--lang이 없을 때)' },
  TERM: { en: 'dumb: plain text instead of the screen', ko: 'dumb이면 화면 대신 줄 단위 출력' },
};
