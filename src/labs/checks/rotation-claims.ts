/**
 * Judges the replacement of a control plane's CA: who believes which CA, who shows a certificate of which, and what became of the
 * clients that used the API server meanwhile (`hold/rotation-clients.ts`). Processes are asked over sockets, with certificates of
 * both CAs: the old one's are the lab's, the new one's are signed for the check with the learner's key.
 *
 * 1. Files are read to explain, and for kubeconfigs, which nobody else has read.
 * 2. Whoever still shows a certificate of the old CA needs others who trust it; once nobody does, trusting it is no longer required.
 */
import type { KeyObject } from 'node:crypto';
import { createPrivateKey } from 'node:crypto';
import type { Localized } from '../../i18n/language.ts';
import { josa } from '../../i18n/josa.ts';
import { textAt } from '../../kube/objects/json.ts';
import { certificatePem, issueLeaf, keyPem } from '../../pki/kubeadm/issue.ts';
import { pemCertificates } from '../../pki/keystore/pem.ts';
import type { Identity } from '../../pki/keystore/world.ts';
import { isIssuedBy } from '../../pki/x509/verify.ts';
import { isoTime } from '../../protocols/x509/certificate.ts';
import type { Certificate } from '../../protocols/x509/certificate.ts';
import { isOf } from '../hold/rotation-clients.ts';
import type { ClientState } from '../hold/rotation-clients.ts';
import { turnedAwayWords } from '../hold/turned-away-words.ts';
import { kubeconfigIn, pairIn, textIn } from '../hold/control-plane-files.ts';
import { likelyFiles } from '../hold/static-pod.ts';
import { manifestOf } from '../../pki/kubeadm/manifests/processes.ts';
import { everybody } from '../task-objects.ts';
import type { User } from '../task-objects.ts';
import type { TasksFile } from '../lab.ts';
import { FileError } from '../own-files.ts';
import {
  authenticationFault,
  certificateOf,
  refusedFor,
  selfReview,
  userIn,
  wrongUser,
} from './api-identity.ts';
import { timeOfDay } from './checking.ts';
import { missed } from './claims.ts';
import type { Judged, Missed } from './claims.ts';
import { Unanswered } from './lab-api-client.ts';
import { holdsCertificate, judgeServerCertificate } from './server-certificate.ts';
import type { ControlPlaneExaminer } from './server-certificate.ts';
import { requestOwn } from './signing-claim.ts';

type Facts = NonNullable<NonNullable<TasksFile['controlPlane']>['rotation']>;

export interface RotationExaminer extends ControlPlaneExaminer {
  readonly rotation: Facts;
  /** Undefined where the lab does not say. */
  readonly clients?: readonly ClientState[] | undefined;
}

/** A CA, with whose certificate clients verify, and one that it vouches for. */
interface Authority {
  /** PEM. */
  readonly pem: string;
  readonly der: Uint8Array;
}

interface Both {
  readonly old: Authority;
  readonly new: Authority;
  /** A client of each: the lab's, and one that was signed for this check. */
  readonly oldIdentity: Identity;
  readonly newIdentity: Identity;
}

export async function judgeTrust(examiner: RotationExaminer, whom: 'both' | 'new'): Promise<Judged> {
  const both = authoritiesOf(examiner);
  if ('reason' in both) return both;
  const believed = await judgeServerCertificate(examiner, both.old.pem + both.new.pem);
  if ('reason' in believed) return believed;
  const found = await trustIn(examiner, both);
  const withoutNew = found.find(({ trusts }) => !trusts.new);
  if (withoutNew) return withoutNew.without('new');
  const withOld = found.find(({ trusts }) => trusts.old);
  if (whom === 'new') {
    if (withOld) return withOld.still();
    const stolen = await isKnown(examiner, both, examiner.options.world.identity(examiner.rotation.stolen));
    if (stolen) return stillKnown(examiner);
    return {
      says: {
        en: `all trust the new CA alone, and the certificate in the stolen ${examiner.rotation.stolen} is answered with 401`,
        ko: `모두 새 CA만 신뢰하고, API 서버는 도난당한 ${examiner.rotation.stolen} 파일의 인증서에 401로 응답합니다`,
      },
    };
  }
  const withoutOld = found.find(({ trusts }) => !trusts.old);
  if (withoutOld) {
    const shown = await judgeShown(examiner);
    if ('reason' in shown) return withoutOld.without('old');
  }
  return {
    says: {
      en: `the API server, ${found.length - 1} others: all trust the new CA${withoutOld ? ', and nobody needs the old one any more' : ' and the old one'}`,
      ko: `API 서버와 나머지 ${found.length - 1}곳이 모두 새 CA를 신뢰합니다${withoutOld ? '. 옛 CA는 이제 아무에게도 필요하지 않습니다' : '. 옛 CA도 함께 신뢰합니다'}`,
    },
  };
}

export async function judgeShown(examiner: RotationExaminer): Promise<Judged> {
  const { options, rotation, client, clients = [] } = examiner;
  const { folder, clock } = options;
  const both = authoritiesOf(examiner);
  if ('reason' in both) return both;
  const trusted = [both.old.pem + both.new.pem];
  const server = await judgeServerCertificate(examiner, both.new.pem, {
    en: 'clients that trust the new CA alone refuse the API server’s certificate',
    ko: '새 CA만 신뢰하는 클라이언트가 API 서버를 믿지 않습니다',
  });
  if ('reason' in server) return server;
  for (const [file, row] of Object.entries(rotation.kubeconfigs)) {
    const { identity } = kubeconfigIn(folder, file);
    if (!identity)
      return missed(
        'unreadable_file',
        {
          en: 'the kubeconfig contains no client certificate with its key',
          ko: 'kubeconfig에 인증서와 개인 키가 없습니다',
        },
        { where: file },
      );
    const fault = authenticationFault(identity.certificate, [both.new.pem], clock);
    if (fault)
      return refusedFor(
        fault,
        {
          en: 'whoever trusts the new CA alone does not know the certificate in this file.',
          ko: '새 CA만 신뢰하는 쪽은 이 파일의 인증서를 알아보지 못합니다.',
        },
        file,
      );
    const answer = await client.ask(identity, trusted, ...selfReview);
    if (answer.status === 401) return refusedServer(examiner, both, 'new');
    if (answer.status !== 201) throw new Unanswered();
    const wrong = wrongUser(
      {
        en: 'the API server authenticates this file’s certificate as another user',
        ko: 'API 서버가 이 파일의 인증서를 다른 사용자의 것으로 봅니다',
      },
      file,
      userOf(examiner, row),
      userIn(answer),
    );
    if (wrong) return wrong;
  }
  const late = clients.find(
    ({ certificate }) => certificate !== undefined && !isOf(certificate, both.new.pem),
  );
  if (late) return notTakenOver(examiner, late);
  const known = await knownIdentity(examiner, both);
  const own = await requestOwn({ ...examiner, ...known });
  if (!own || !isOf(pemOf(own), both.new.pem))
    return missed(
      'not_issued',
      own
        ? {
            en: 'the controller manager signs with another CA than the new one',
            ko: '컨트롤러 매니저가 새 CA가 아닌 다른 CA로 서명합니다',
          }
        : {
            en: 'a request that was created and approved just now is not signed: the API server refuses the controller manager, or it does not run',
            ko: '방금 제출해 승인한 요청에 아무도 서명하지 않습니다. API 서버가 컨트롤러 매니저를 거부하거나, 컨트롤러 매니저가 실행되고 있지 않습니다',
          },
      { where: manifestOf('kube-controller-manager') },
    );
  return {
    says: {
      en: 'the API server, the kubeconfigs and the clients that run all the time show certificates of the new CA, and the controller manager signs with it',
      ko: 'API 서버, kubeconfig, 계속 실행되는 클라이언트가 모두 새 CA의 인증서를 제시하고, 컨트롤러 매니저도 새 CA로 서명합니다',
    },
  };
}

/** Nobody was turned away, from the first CA to the last. */
export function judgeUntroubled(examiner: RotationExaminer): Judged {
  const { clients = [] } = examiner;
  const troubled = clients.find(({ turnedAway }) => turnedAway !== undefined);
  if (troubled?.turnedAway) {
    const { by, at, reason = 'unknown_ca' } = troubled.turnedAway;
    const words = turnedAwayWords(troubled.turnedAway);
    const name = troubled.client;
    const what: Localized =
      by === 'client'
        ? {
            en: `${name} refused the API server at ${timeOfDay(at)}: ${words}`,
            ko: `${timeOfDay(at)}에 ${josa(name, '이/가')} API 서버를 거부했습니다: ${words}`,
          }
        : {
            en: `the API server did not know ${name} at ${timeOfDay(at)}: ${words}`,
            ko: `${timeOfDay(at)}에 API 서버가 ${josa(name, '을/를')} 알아보지 못했습니다: ${words}`,
          };
    return missed(
      'refused',
      what,
      {
        remedy: {
          en: 'wirelab lab reset puts the first day back: begin again, and let everybody take over one step before the next.',
          ko: 'wirelab lab reset으로 첫날로 돌아가 다시 시작하세요. 모두가 한 단계를 적용한 뒤에 다음 단계로 넘어가야 합니다.',
        },
      },
      by === 'client' ? reason : 'unauthorized',
    );
  }
  const both = authoritiesOf(examiner);
  const isOver =
    !('reason' in both) &&
    clients.length > 0 &&
    clients.every(
      ({ authority, certificate, served }) =>
        served &&
        pemCertificates(authority).length === 1 &&
        holdsCertificate(authority, both.new.der) &&
        (certificate === undefined || isOf(certificate, both.new.pem)),
    );
  if (!isOver)
    return missed('not_met', {
      en: 'nobody was turned away so far, and the old CA is still in use',
      ko: '지금까지 거부된 클라이언트는 없지만, 아직 옛 CA를 쓰고 있습니다',
    });
  const names = clients.map(({ client }) => client).join(', ');
  return {
    says: {
      en: `${names}: none of them was turned away, and all use the new CA alone`,
      ko: `${names}: 한 번도 거부되지 않았고, 이제 모두 새 CA만 씁니다`,
    },
  };
}

/** The old CA and the learner's, which must be another one. @throws FileError */
function authoritiesOf(examiner: RotationExaminer): Both | Missed {
  const { options, rotation, identity } = examiner;
  const { folder, world, clock, random } = options;
  const [where, keyFile] = [`${rotation.authority}.crt`, `${rotation.authority}.key`];
  const oldPem = world.authority('ca');
  const [oldDer] = pemCertificates(oldPem);
  const ders = pemCertificates(textIn(folder, where));
  const [der] = ders;
  const certificate = certificateOf(der);
  const old = certificateOf(oldDer);
  const wrong = (en: string, ko: string, expected: Localized): Missed =>
    missed('not_met', { en, ko }, { where, expected });
  if (!der || !certificate || !oldDer || !old)
    throw new FileError('unreadable_file', {
      what: { en: 'the certificate in this file cannot be read', ko: '이 파일의 인증서를 읽을 수 없습니다' },
      where,
      expected: { en: 'a certificate in PEM', ko: 'PEM 형식의 인증서' },
    });
  const one: Localized = {
    en: 'the new CA’s certificate, self-signed, and nothing else',
    ko: '자체 서명한 새 CA의 인증서 하나',
  };
  if (ders.length > 1)
    return wrong('this file has more than one certificate', '이 파일에 인증서가 여러 개 있습니다', one);
  if (Buffer.compare(certificate.publicKey.der, old.publicKey.der) === 0)
    return wrong(
      'this CA has the key of the old one: whatever the old one has signed, it has signed too',
      '이 CA의 키가 옛 CA의 키와 같습니다. 옛 CA가 서명한 것은 모두 이 CA가 서명한 것이기도 합니다',
      { en: 'a CA with a new key', ko: '새 키로 만든 CA' },
    );
  if (certificate.basicConstraints?.isCa !== true || !isIssuedBy(certificate, certificate))
    return wrong('this is not the certificate of a root CA', '루트 CA의 인증서가 아닙니다', one);
  if (certificate.keyUsage && !certificate.keyUsage.includes('keyCertSign'))
    return wrong(
      `this CA may sign no certificates (key usage: ${certificate.keyUsage.join(', ')})`,
      `이 CA는 인증서에 서명할 수 없습니다(key usage: ${certificate.keyUsage.join(', ')})`,
      { en: 'a CA with the key usage keyCertSign', ko: 'key usage에 keyCertSign이 있는 CA' },
    );
  const now = clock.now();
  if (now < certificate.notBefore || now > certificate.notAfter)
    return wrong(
      `this CA is not valid now (from ${isoTime(certificate.notBefore)} to ${isoTime(certificate.notAfter)})`,
      `이 CA는 지금 유효하지 않습니다(${isoTime(certificate.notBefore)}부터 ${isoTime(certificate.notAfter)}까지)`,
      one,
    );
  const { key } = pairIn(folder, where, keyFile);
  return {
    old: { pem: oldPem, der: oldDer },
    new: { pem: pemOf(der), der },
    oldIdentity: identity,
    newIdentity: signedBy({ certificate, key: createPrivateKey(key) }, { now, random }),
  };
}

/** A client of the new CA that may ask for everything, as the lab's own of the old one. */
function signedBy(
  authority: { readonly certificate: Certificate; readonly key: KeyObject },
  times: Pick<Parameters<typeof issueLeaf>[2], 'now' | 'random'>,
): Identity {
  const { certificate, key } = issueLeaf(
    { commonName: 'examiner', organizations: ['system:masters'], usages: ['clientAuth'], san: [] },
    authority,
    { ...times, keyKind: 'P-256' },
  );
  return { certificate: certificatePem(certificate), key: keyPem(key) };
}

/** Somebody who trusts CAs. */
interface Trusting {
  readonly trusts: { readonly old: boolean; readonly new: boolean };
  /** A CA is missing. */
  without(which: 'old' | 'new'): Missed;
  /** The old CA is trusted still. */
  still(): Missed;
}

/** The API server first: it is what the others are needed for. @throws Unanswered, FileError */
async function trustIn(examiner: RotationExaminer, both: Both): Promise<readonly Trusting[]> {
  const { options, rotation, clients = [] } = examiner;
  const { folder } = options;
  const trusts = (pem: string): Trusting['trusts'] => ({
    old: holdsCertificate(pem, both.old.der),
    new: holdsCertificate(pem, both.new.der),
  });
  const server = {
    old: await isKnown(examiner, both, both.oldIdentity),
    new: await isKnown(examiner, both, both.newIdentity),
  };
  const ofServer: Trusting = {
    trusts: server,
    without: (which) => refusedServer(examiner, both, which),
    still: () => stillKnown(examiner),
  };
  // It does not say what it publishes to those whom it does not know.
  if (!server.old && !server.new) return [ofServer];
  const published = await publishedIn(examiner, both);
  const { 'root-ca-file': root, 'cluster-signing-cert-file': signing } = likelyFiles(
    folder,
    'kube-controller-manager',
  );
  const cannotStart = signsWithSeveral(folder, signing);
  return [
    ofServer,
    {
      trusts: trusts(published),
      without: (which) =>
        notIn('configmap/kube-root-ca.crt', which, {
          en: `the controller manager publishes what --root-ca-file named when it started (now: ${root ?? 'no such flag'})${cannotStart.en}`,
          ko: `컨트롤러 매니저는 시작할 때 --root-ca-file에 적혀 있던 파일을 배포합니다(지금: ${root ?? '플래그 없음'})${cannotStart.ko}`,
        }),
      still: () => stillIn('configmap/kube-root-ca.crt'),
    },
    ...Object.keys(rotation.kubeconfigs).map((file): Trusting => {
      const { authority = '', insecure } = kubeconfigIn(folder, file);
      return {
        trusts: insecure ? { old: false, new: false } : trusts(authority),
        without: (which) =>
          insecure
            ? missed(
                'unverified',
                {
                  en: 'with this file kubectl does not verify the API server',
                  ko: '이 파일을 쓰면 그 주소에 누가 있든 믿고 접속합니다',
                },
                { where: file, received: 'insecure-skip-tls-verify: true' },
              )
            : notIn(file, which),
        still: () => stillIn(file),
      };
    }),
    ...clients.map(
      (client): Trusting => ({
        trusts: trusts(client.authority),
        without: () => notTakenOver(examiner, client),
        still: () => notTakenOver(examiner, client),
      }),
    ),
  ];
}

/** What keeps a controller manager from starting: it signs with one CA, and a bundle is none. */
function signsWithSeveral(folder: string, signing: string | undefined): Localized {
  const count = signing === undefined ? 1 : pemCertificates(textIn(folder, signing)).length;
  return count <= 1
    ? { en: '', ko: '' }
    : {
        en: `, and it does not start: --cluster-signing-cert-file (${signing}) has ${count} certificates`,
        ko: `. 지금은 시작하지 못합니다. --cluster-signing-cert-file(${signing})에 인증서가 ${count}개 있습니다`,
      };
}

const names: Readonly<Record<'old' | 'new', Localized>> = {
  old: { en: 'the old CA', ko: '옛 CA' },
  new: { en: 'the new CA', ko: '새 CA' },
};

function notIn(where: string, which: 'old' | 'new', remedy?: Localized): Missed {
  const { en, ko } = names[which];
  return missed(
    'not_met',
    which === 'old'
      ? {
          en: `${en} is missing here, and certificates of it are still shown`,
          ko: `아직 ${ko}의 인증서를 제시하는 쪽이 있는데 여기에는 ${josa(ko, '이/가')} 없습니다`,
        }
      : { en: `${en} is not trusted here`, ko: `여기서는 ${josa(ko, '을/를')} 신뢰하지 않습니다` },
    { where, ...(remedy ? { remedy } : {}) },
  );
}

const stillIn = (where: string): Missed =>
  missed(
    'not_met',
    { en: 'the old CA is still trusted here', ko: '여기서는 아직 옛 CA를 신뢰합니다' },
    { where },
  );

/** The files say one thing, and the client has another. */
function notTakenOver({ rotation }: RotationExaminer, { client, served }: ClientState): Missed {
  const file = rotation.clients[client]?.file ?? 'configmap/kube-root-ca.crt';
  return missed(
    'not_met',
    {
      en: `${client} has not taken over what is there now`,
      ko: `${client}: 지금 설정을 아직 적용하지 않았습니다`,
    },
    {
      where: file,
      remedy: served
        ? {
            en: 'It does so with its next request. Check again.',
            ko: '다음 요청 때 적용합니다. 다시 확인하세요.',
          }
        : {
            en: 'It does so once the API server answers it.',
            ko: 'API 서버의 응답을 받으면 적용합니다.',
          },
    },
  );
}

/** The API server does not know clients of a CA. */
function refusedServer({ options: { folder } }: RotationExaminer, both: Both, which: 'old' | 'new'): Missed {
  const file = likelyFiles(folder, 'kube-apiserver')['client-ca-file'];
  const isInFile = holdsCertificate(textOr(folder, file), both[which].der);
  const { en, ko } = names[which];
  const what: Localized = {
    en: `the API server answers clients of ${en} with 401`,
    ko: `API 서버가 ${josa(ko, '이/가')} 서명한 클라이언트 인증서에 401로 응답합니다`,
  };
  return isInFile
    ? missed('not_restarted', what, {
        where: file,
        remedy: {
          en: 'The file is correct. What counts is what the process has read from it.',
          ko: '파일에는 문제가 없습니다. 프로세스가 읽어 둔 것이 무엇인지가 중요합니다.',
        },
      })
    : missed('refused', what, { where: file }, 'unknown_ca');
}

function stillKnown({ options: { folder, world }, rotation }: RotationExaminer): Missed {
  const file = likelyFiles(folder, 'kube-apiserver')['client-ca-file'];
  const [old] = pemCertificates(world.authority('ca'));
  const isInFile = holdsCertificate(textOr(folder, file), old);
  return missed(
    isInFile ? 'admitted' : 'not_restarted',
    {
      en: `the API server still knows clients of the old CA, and so whoever has the stolen ${rotation.stolen}`,
      ko: `API 서버가 옛 CA가 서명한 인증서를 아직 받아들입니다. 도난당한 ${rotation.stolen} 파일을 가진 사람도 들어올 수 있습니다`,
    },
    { where: file },
  );
}

/** Whether the API server knows a client; its own certificate may be of either CA. @throws Unanswered */
async function isKnown({ client }: RotationExaminer, both: Both, identity: Identity): Promise<boolean> {
  const { status } = await client.ask(identity, [both.old.pem + both.new.pem], ...selfReview);
  if (status !== 201 && status !== 401) throw new Unanswered();
  return status === 201;
}

/** One that the API server knows now, and whom to believe. */
async function knownIdentity(
  examiner: RotationExaminer,
  both: Both,
): Promise<Pick<ControlPlaneExaminer, 'identity' | 'authorities'>> {
  return {
    identity: (await isKnown(examiner, both, both.newIdentity)) ? both.newIdentity : both.oldIdentity,
    authorities: [both.old.pem + both.new.pem],
  };
}

/** What pods are given to trust, PEM. @throws Unanswered */
async function publishedIn(examiner: RotationExaminer, both: Both): Promise<string> {
  const { identity, authorities = [] } = await knownIdentity(examiner, both);
  const { status, body } = await examiner.client.ask(
    identity,
    authorities,
    'GET',
    '/api/v1/namespaces/default/configmaps/kube-root-ca.crt',
  );
  if (status !== 200 && status !== 404) throw new Unanswered();
  return status === 404 ? '' : textAt(body, 'data', 'ca.crt');
}

/** The user of a row's certificate. */
function userOf({ options: { world } }: RotationExaminer, row: string): User {
  const certificate = certificateOf(pemCertificates(world.certificate(row))[0]);
  const valuesOf = (type: string): string[] =>
    certificate?.subject.attributes.filter((one) => one.type === type).map(({ value }) => value) ?? [];
  return {
    name: valuesOf('CN').at(-1) ?? '',
    groups: valuesOf('O').filter((group) => group !== everybody),
  };
}

function textOr(folder: string, file: string): string {
  try {
    return textIn(folder, file);
  } catch (error) {
    if (error instanceof FileError) return '';
    throw error;
  }
}

const pemOf = (der: Uint8Array): string => certificatePem({ der });
