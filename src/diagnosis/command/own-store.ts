/**
 * Says of a program that trusts nobody, or not this CA, where its own list of CAs is: other programs of the same machine may trust
 * the same server.
 */
import { isClearOf } from './judge.ts';
import { isOfTrust, trustCauses } from '../diagnosis.ts';
import type { Diagnosis, Finding } from '../diagnosis.ts';
import type { Heard } from '../programs/hear.ts';
import type { Program } from '../programs/program.ts';
import { programs } from '../programs/programs.ts';
import { speakerIn } from '../programs/speaker.ts';
import { inEach } from '../../i18n/language.ts';
import type { Localized } from '../../i18n/language.ts';

export interface StoreFacts {
  readonly program: Program | undefined;
  readonly own: readonly string[];
  readonly heard: Heard | undefined;
  readonly variables: NodeJS.ProcessEnv;
  /** By experiment: with this machine's CAs where it is not known whom the program trusts. */
  readonly diagnosis: Diagnosis;
  readonly trustIsKnown: boolean;
  /** A file with CAs among its arguments, by which the experiments went. */
  readonly among: string | undefined;
  /** Its arguments, variables or settings name whom it trusts. */
  readonly isListed: boolean;
  /** This machine's own list of CAs; undefined where it has none. */
  readonly systemList: () => readonly string[] | undefined;
}

/** What a program without a row is like, where its words are those of a language whose programs find their CAs alike. */
export function likeProgram(program: Program | undefined, heard: Heard | undefined): Program | undefined {
  const library = heard?.saying.library;
  const speaker = program || !heard ? undefined : speakerIn(heard.line);
  return (
    program ??
    (speaker?.storeWords ? speaker : undefined) ??
    (library === undefined
      ? undefined
      : programs.find(({ name, storeWords }) => name === library && storeWords))
  );
}

export function withStore(finding: Finding, facts: StoreFacts): Finding {
  if (finding.by !== 'client' || !isOfTrust(finding.cause)) return finding;
  // A CA of that name is in its list.
  if (facts.heard?.saying.isOfKey) return finding;
  const goesByMachine = likeProgram(facts.program, facts.heard)?.trusts === 'system' && !facts.isListed;
  return goesByMachine && finding.cause !== 'intermediate_missing' && facts.systemList() === undefined
    ? withoutList(finding, facts)
    : withOwnStore(finding, facts);
}

/** It trusts nobody at all, as in an image of a container without ca-certificates. */
function withoutList(finding: Finding, { program, own, heard, variables, diagnosis }: StoreFacts): Finding {
  const store = likeProgram(program, heard)?.storeWords?.(own, variables);
  // Without a list here experiments go by the public CAs that Node brings along.
  const isPublic = trustCauses.every((cause) => isClearOf(cause, diagnosis));
  const adding: Localized = store
    ? inEach((language) => `${trusting(finding)[language]} ${store[language]}`)
    : finding.remedy.words;
  return {
    ...finding,
    because: {
      en: `this machine's own list of CAs is empty or missing, and the command goes by it, so that it trusts no server at all: ${finding.because.en}`,
      ko: `명령이 따르는 이 컴퓨터의 CA 목록이 비어 있거나 없어서 어떤 서버도 신뢰하지 않습니다. ${finding.because.ko}`,
    },
    remedy: {
      ...finding.remedy,
      on: 'client',
      words: isPublic
        ? {
            en: 'install the list first: the package ca-certificates (in an image of a container: RUN apt-get install -y ca-certificates, or apk add). The CA of this server is among the public ones',
            ko: '먼저 CA 목록인 ca-certificates 패키지를 설치하세요(컨테이너 이미지에서는 RUN apt-get install -y ca-certificates 또는 apk add). 이 서버의 CA는 공개 CA 목록에 있습니다.',
          }
        : {
            en: `install the list first: the package ca-certificates (in an image of a container: RUN apt-get install -y ca-certificates, or apk add). Where the server is not trusted then either, add its CA: ${adding.en}`,
            ko: `먼저 CA 목록인 ca-certificates 패키지를 설치하세요(컨테이너 이미지에서는 RUN apt-get install -y ca-certificates 또는 apk add). 그래도 서버를 신뢰하지 않으면 그 CA를 추가하세요. ${adding.ko}`,
          },
    },
  };
}

/** This machine trusts the chain, and the program does not: nothing is missing in the chain, but something in the program's list. */
function withOwnStore(
  finding: Finding,
  { program, own, heard, variables, diagnosis, trustIsKnown, among }: StoreFacts,
): Finding {
  const like = likeProgram(program, heard);
  const store = like?.storeWords?.(own, variables);
  const isShell = /(?:^|\/)(?:(?:ba|da|z|k)?sh|make)$/.test(own[0] ?? '');
  const name = like === program || isShell ? like?.name : own[0];
  if (!like || !store || finding.cause === 'intermediate_missing') return finding;
  // What a file of its own has a path for, this machine need not trust.
  const isTrustedHere = among === undefined && trustCauses.every((cause) => isClearOf(cause, diagnosis));
  if (isTrustedHere && heard?.saying.by === 'client')
    return {
      ...finding,
      confidence: 'proven',
      because: trustIsKnown
        ? {
            en: `${name} does not trust the CA of the server's certificate, although the CAs that its arguments and variables name have a path for it: ${name} goes by another list`,
            ko: `인자와 환경 변수로 지정한 CA로는 서버 인증서가 검증되는데도 ${name} 프로그램이 신뢰하지 않습니다. 다른 목록을 쓰고 있습니다.`,
          }
        : {
            en: `${name} does not trust the CA of the server's certificate, and this machine does: what uses this machine's CAs (curl) accepts the same certificate. ${name} goes by a list of its own`,
            ko: `서버 인증서를 발급한 CA를 이 컴퓨터는 신뢰하지만 ${name} 프로그램은 신뢰하지 않습니다. 이 컴퓨터의 CA 목록을 쓰는 프로그램(curl)은 같은 인증서를 받아들입니다. ${name} 프로그램에는 자체 목록이 있습니다.`,
          },
      remedy: { ...finding.remedy, on: 'client', words: store },
      evidence: [
        ...finding.evidence,
        {
          kind: 'words',
          said: '',
          words: trustIsKnown
            ? {
                en: 'the CAs that its arguments and variables name have a path for the same chain',
                ko: '인자와 환경 변수로 지정한 CA로는 같은 체인이 검증됩니다',
              }
            : {
                en: "this machine's CAs have a path for the same chain",
                ko: '이 컴퓨터의 CA로는 같은 체인이 검증됩니다',
              },
        },
      ],
    };
  return {
    ...finding,
    remedy: {
      ...finding.remedy,
      words: inEach((language) => `${trusting(finding)[language]} ${store[language]}`),
    },
  };
}

/** Before a CA is trusted: whether it is the right one, and whether it is what is missing. */
function trusting({ cause, detail, remedy }: Finding): Localized {
  if (cause !== 'unknown_ca') return inEach((language) => `${remedy.words[language].replace(/\.$/, '')}.`);
  const isAlone = detail?.chainLength === 1;
  return {
    en: `if this server is the one that you meant, get the certificate of its CA from those who run it, by a way that you trust${isAlone ? '; where that is an intermediate CA, the server has to send its certificate too' : ''}. If you cannot tell, stop here.`,
    ko: `의도한 서버가 맞다면 서버 운영자에게서 믿을 수 있는 경로로 CA 인증서를 받으세요.${isAlone ? ' 중간 CA가 발급한 인증서라면 서버가 중간 CA 인증서도 보내야 합니다.' : ''} 알 수 없으면 여기서 멈추세요.`,
  };
}
