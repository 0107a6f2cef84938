/**
 * Whether what a task asks of a control plane is so: its API server is dialed as kubectl would, with what stands in the
 * learner's kubeconfigs, and as somebody who trusts the CA that the cluster has always had. Nothing that the learner says
 * counts, and how a certificate was renewed is nobody's concern here.
 *
 * 1. What runs is asked, and what is to work is given something to do. The learner's files are read for a kubeconfig that
 *    is to be tried, and to say why something is not so.
 * 2. The CA is that of the beginning: a cluster whose CA was made anew is another one, for everybody who knew the old one.
 */
import { present } from '../../core/present.ts';
import { X509Certificate } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { explainRefusal } from '../../analysis/outcome/refusal.ts';
import { isoTime, readCertificate } from '../../protocols/x509/certificate.ts';
import type { Certificate } from '../../protocols/x509/certificate.ts';
import type { Localized } from '../../i18n/language.ts';
import type { UserErrorFacts } from '../../i18n/user-error.ts';
import type { ApiAnswer } from '../../kube/components/api-client.ts';
import { prepareAuthentication } from '../../kube/authn/authentication.ts';
import { certificatesGroup, certificatesResource } from '../../kube/certificates/certificates.ts';
import { listAt, textAt } from '../../kube/objects/json.ts';
import { pemCertificates } from '../../pki/keystore/pem.ts';
import { makeRequest } from '../../pki/ca/request.ts';
import type { Identity } from '../../pki/keystore/world.ts';
import { features } from '../../features/registry.ts';
import { planScenario } from '../../engine/planning.ts';
import type { CompiledScenario } from '../../engine/scenario.ts';
import { dial } from '../../wire/dial.ts';
import type { Failure } from '../../wire/endpoint.ts';
import { answerTimeout, LabApiClient, Unanswered } from './lab-api-client.ts';
import { howToStart } from './checking.ts';
import type { CheckOptions, TaskResult } from './checking.ts';
import { askUp } from '../hold/claim.ts';
import { issuedIn } from '../hold/cluster-store.ts';
import { examinersRequest, kubeconfigIn, textIn } from '../hold/control-plane-files.ts';
import type { OpenReason, TaskFile } from '../lab.ts';
import { FileError } from '../own-files.ts';
import { likelyFiles, manifestOf } from '../hold/static-pod.ts';

type Claim = NonNullable<TaskFile['controlPlane']>[number];
type KubeconfigFacts = Extract<Claim, { kubeconfig: unknown }>['kubeconfig'];

interface Missed {
  readonly reason: OpenReason;
  readonly facts: UserErrorFacts;
  readonly refusal?: string;
  readonly remedy?: Localized;
  readonly command?: string;
}

type Judged = { readonly says: Localized } | Missed;

/** Milliseconds between two looks at a request that was sent in, and how many there are; a controller manager at work needs less than one. */
const lookMs = 100;
const mostLooks = 30;
/** Seconds, as the API has it (`expirationSeconds`). */
const shortestLife = 600;
const requestsPath = `/apis/${certificatesGroup}/v1/${certificatesResource}`;
const everybody = 'system:authenticated';
const host = '127.0.0.1';

export async function checkControlPlane(
  id: string,
  claims: readonly Claim[],
  compiled: CompiledScenario,
  options: CheckOptions,
): Promise<TaskResult> {
  const { lab, folder } = options;
  const { controlPlane } = lab.tasks;
  if (!controlPlane) throw new Error(`${lab.name} has no control plane`);
  const up = await askUp(folder);
  const port = up?.answer?.ports[controlPlane.server];
  const isUp = up?.answer !== undefined;
  const asks = planScenario(features, compiled).clients.find(
    ({ name }) => name === controlPlane.asks,
  )?.certificate;
  const examiner =
    port === undefined || asks === undefined
      ? undefined
      : new Examiner(port, options.world.identity(asks), options);
  const findings: {
    readonly expectation: string;
    readonly status: 'met' | 'missed';
    readonly evidence: readonly [];
    readonly says: Localized;
  }[] = [];
  let missed: Missed | undefined;
  try {
    for (const claim of claims) {
      const judged = await judge(claim, examiner, options, { isUp, ...(up ? { pid: up.pid } : {}) });
      const isMissed = 'reason' in judged;
      findings.push({
        expectation: nameOf(claim),
        status: isMissed ? 'missed' : 'met',
        evidence: [],
        says: isMissed ? judged.facts.what : judged.says,
      });
      if (isMissed) missed ??= judged;
    }
  } finally {
    examiner?.close();
  }
  if (!missed) return { id, status: 'done', says: findings[0]?.says ?? { en: '', ko: '' }, findings };
  const { reason, facts, refusal, remedy, command } = missed;
  return {
    id,
    status: 'open',
    reason,
    ...present({ refusal }),
    says: facts.what,
    findings,
    ...present({ remedy, command }),
    mistake: facts,
  };
}

function nameOf(claim: Claim): string {
  if ('believed' in claim) return `believed-${claim.believed}`;
  return 'kubeconfig' in claim ? `kubeconfig-${claim.kubeconfig.file}` : `issued-${claim.issued.request}`;
}

/** @param up of the lab, whether or not its API server runs. */
async function judge(
  claim: Claim,
  examiner: Examiner | undefined,
  options: CheckOptions,
  up: { readonly isUp: boolean; readonly pid?: number },
): Promise<Judged> {
  try {
    if (!examiner && !up.isUp)
      return { reason: 'not_up', facts: { what: nobody }, ...howToStart(options, up.pid) };
    if (!examiner) {
      // A file that is not there is the first thing to be said.
      if ('kubeconfig' in claim) kubeconfigIn(options.folder, claim.kubeconfig.file);
      throw new Unanswered();
    }
    if ('believed' in claim) return await examiner.believed();
    return 'kubeconfig' in claim
      ? await examiner.kubeconfig(claim.kubeconfig)
      : await examiner.issued(claim.issued.request);
  } catch (error) {
    if (error instanceof FileError) return { reason: error.reason, facts: error.facts };
    if (!(error instanceof Unanswered)) throw error;
    return {
      reason: 'not_up',
      facts: {
        what: nobody,
        where: manifestOf('kube-apiserver'),
        remedy: {
          en: 'It runs as long as that file is there. Where it is and nothing runs, the terminal in which the lab is up says why.',
          ko: '이 파일이 있는 동안 실행됩니다. 파일이 있는데도 실행되지 않으면, 실습을 띄워 둔 터미널에 이유가 나옵니다.',
        },
      },
    };
  }
}

const nobody: Localized = { en: 'there is no API server to be asked', ko: '물어볼 API 서버가 없습니다' };

class Examiner {
  readonly #port: number;
  readonly #own: Identity;
  readonly #options: CheckOptions;
  readonly #asking: LabApiClient;

  constructor(port: number, own: Identity, options: CheckOptions) {
    this.#port = port;
    this.#own = own;
    this.#options = options;
    this.#asking = new LabApiClient(port, options);
  }

  /** The API server's certificate, looked at by who trusts this CA. @param authority PEM; the cluster's own when left out. */
  async believed(authority = this.#options.world.authority('ca')): Promise<Judged> {
    const { clock, world } = this.#options;
    let shown: Uint8Array | undefined;
    const dialed = await dial({
      security: 'tls',
      to: { host, port: this.#port },
      authorities: [authority],
      ignoresCommonName: true,
      clock,
      timeout: answerTimeout,
      onPresented: ([leaf]) => (shown = leaf),
    });
    if (dialed.outcome === 'connected') {
      dialed.stream.destroy();
      const until = isoTime(certificateOf(shown)?.notAfter ?? 0);
      return {
        says: {
          en: `who trusts the cluster’s CA believes the API server, until ${until}`,
          ko: `클러스터 CA를 신뢰하는 클라이언트가 API 서버를 믿습니다(${until}까지)`,
        },
      };
    }
    if (dialed.failure.by !== 'client' || !shown) throw new Unanswered();
    return this.#disbelieved(
      dialed.failure,
      shown,
      pemCertificates(authority)[0],
      pemCertificates(world.authority('ca'))[0],
    );
  }

  #disbelieved(
    { reason, presented, code }: Failure,
    shown: Uint8Array,
    trusted: Uint8Array | undefined,
    first: Uint8Array | undefined,
  ): Missed {
    const isFirst = trusted !== undefined && first !== undefined && Buffer.compare(trusted, first) === 0;
    const file = likelyFiles(this.#options.folder, 'kube-apiserver')['tls-cert-file'];
    const onDisk = isFirst ? this.#certificateIn(file) : undefined;
    if (onDisk && Buffer.compare(onDisk.der, shown) !== 0) {
      const before = isoTime(certificateOf(shown)?.notAfter ?? 0);
      return {
        reason: 'not_restarted',
        facts: {
          what: {
            en: `the API server still shows the certificate that it read when it started (until ${before})`,
            ko: `API 서버가 아직 시작할 때 읽은 인증서를 제시합니다(${before}까지)`,
          },
          where: file,
          expected: {
            en: `what lies in the file now (until ${isoTime(onDisk.notAfter)})`,
            ko: `지금 파일에 있는 인증서(${isoTime(onDisk.notAfter)}까지)`,
          },
        },
      };
    }
    const { because } = explainRefusal({
      by: 'client',
      reason,
      detail: {
        code,
        ...present({ presented, expected: reason === 'name_mismatch' ? host : undefined }),
        now: isoTime(this.#options.clock.now()),
      },
    });
    const who: Localized = isFirst
      ? {
          en: 'who trusts the cluster’s CA does not believe the API server',
          ko: '클러스터 CA를 신뢰하는 클라이언트가 API 서버를 믿지 않습니다',
        }
      : {
          en: 'with the CA in this kubeconfig nobody believes the API server',
          ko: '이 kubeconfig의 CA로는 API 서버를 믿을 수 없습니다',
        };
    return {
      reason: 'refused',
      refusal: reason,
      facts: {
        what: { en: `${who.en}: ${because.en}`, ko: `${who.ko}. ${because.ko}` },
        ...(isFirst ? { where: file } : {}),
      },
    };
  }

  /** What kubectl would come to with this file. */
  async kubeconfig({ file, as, groups }: KubeconfigFacts): Promise<Judged> {
    const { server, insecure, authority, identity } = kubeconfigIn(this.#options.folder, file);
    if (insecure) {
      return {
        reason: 'unverified',
        facts: {
          what: {
            en: 'who uses this file talks to anybody who listens there',
            ko: '이 파일을 쓰면 그 주소에 누가 있든 믿고 접속합니다',
          },
          where: file,
          expected: {
            en: 'certificate-authority-data, and the server verified with it',
            ko: 'certificate-authority-data로 서버를 검증할 것',
          },
          received: 'insecure-skip-tls-verify: true',
        },
      };
    }
    if (authority === undefined || pemCertificates(authority).length === 0)
      return {
        reason: 'unverified',
        facts: {
          what: {
            en: 'the kubeconfig names no CA by which the API server could be verified',
            ko: 'kubeconfig에 API 서버를 검증할 CA가 없습니다',
          },
          where: file,
          expected: { en: 'certificate-authority-data', ko: 'certificate-authority-data' },
        },
      };
    const believed = await this.believed(authority);
    if ('reason' in believed)
      return believed.facts.where === undefined
        ? { ...believed, facts: { ...believed.facts, where: file } }
        : believed;
    const meant = `https://${host}:${this.#port}`;
    if (server.replace(/\/$/, '') !== meant)
      return {
        reason: 'not_met',
        facts: {
          what: { en: 'the kubeconfig leads to another address', ko: 'kubeconfig가 다른 주소를 가리킵니다' },
          where: file,
          expected: { en: `server: ${meant}`, ko: `server: ${meant}` },
          received: server,
        },
      };
    if (!identity)
      return {
        reason: 'unreadable_file',
        facts: {
          what: {
            en: 'the kubeconfig holds no certificate with its key',
            ko: 'kubeconfig에 인증서와 개인 키가 없습니다',
          },
          where: file,
          expected: {
            en: 'client-certificate-data and client-key-data',
            ko: 'client-certificate-data, client-key-data',
          },
        },
      };
    const answer = await this.#asking.ask(
      identity,
      [authority],
      'POST',
      '/apis/authentication.k8s.io/v1/selfsubjectreviews',
      {},
    );
    if (answer.status === 401) return this.#unknown(identity, file);
    const name = textAt(answer.body, 'status', 'userInfo', 'username');
    const own = listAt(answer.body, 'status', 'userInfo', 'groups')
      .map(String)
      .filter((group) => group !== everybody);
    if (answer.status !== 201) throw new Unanswered();
    if (name !== as || own.toSorted().join() !== [...groups].toSorted().join()) {
      return {
        reason: 'wrong_user',
        facts: {
          what: {
            en: 'the API server takes whoever uses this file for another user',
            ko: 'API 서버가 이 파일의 인증서를 다른 사용자의 것으로 봅니다',
          },
          where: file,
          expected: {
            en: `the user ${as} (CN) in the groups ${groups.join(', ')} (O)`,
            ko: `사용자(CN) ${as}, 그룹(O) ${groups.join(', ')}`,
          },
          received: `CN=${name}${own.map((group) => `, O=${group}`).join('')}`,
        },
      };
    }
    const until = isoTime(certificateOf(pemCertificates(identity.certificate)[0])?.notAfter ?? 0);
    return {
      says: {
        en: `with ${file} the API server is believed, and knows ${as} of ${groups.join(', ')}, until ${until}`,
        ko: `${file}: API 서버를 검증했고, API 서버가 알아보는 사용자는 ${as}, 그룹은 ${groups.join(', ')}입니다(${until}까지)`,
      },
    };
  }

  /** Why the API server does not take a certificate: that stands in its own log, and it tells the client nothing. */
  #unknown(identity: Identity, file: string): Missed {
    const { clock, world } = this.#options;
    const judgeOf = prepareAuthentication({ clientAuthorities: pemCertificates(world.authority('ca')) });
    const answer = judgeOf({ chain: pemCertificates(identity.certificate), headers: new Map() }, clock.now());
    const [fault] = answer.outcome === 'unauthorized' ? answer.faults : [];
    const words = fault?.words ?? { en: '', ko: '' };
    return {
      reason: 'refused',
      ...(fault ? { refusal: fault.reason } : {}),
      facts: {
        what: {
          en: `the API server does not take the certificate in it (401 Unauthorized). ${words.en}`.trim(),
          ko: `API 서버가 이 파일의 인증서를 받아들이지 않습니다(401 Unauthorized). ${words.ko}`.trim(),
        },
        where: file,
      },
    };
  }

  /** What the controller manager was waited for, and that it is at work now: a certificate may be signed by anybody who has the CA's key. */
  async issued(request: string): Promise<Judged> {
    const { folder } = this.#options;
    const believed = await this.believed();
    if ('reason' in believed) return believed;
    const answer = await this.#asExaminer('GET', `${requestsPath}/${request}`);
    const where = `csr/${request}`;
    if (answer.status === 401)
      return {
        reason: 'refused',
        refusal: 'unknown_ca',
        facts: {
          what: {
            en: 'the API server does not know those whom the cluster’s CA has certified: it was started with another CA',
            ko: 'API 서버가 클러스터 CA의 인증서를 가진 클라이언트를 알아보지 못합니다. 다른 CA로 시작했기 때문입니다',
          },
          where: likelyFiles(folder, 'kube-apiserver')['client-ca-file'],
        },
      };
    if (answer.status === 404)
      return {
        reason: 'not_met',
        facts: {
          what: { en: 'the request is gone', ko: '요청이 없어졌습니다' },
          where,
          remedy: {
            en: `Send in another one of that name (kubectl apply) and approve it; or begin anew with wirelab lab reset.`,
            ko: '같은 이름의 요청을 다시 제출하고(kubectl apply) 승인하세요. 또는 wirelab lab reset으로 처음부터 다시 시작하세요.',
          },
        },
      };
    if (answer.status !== 200) throw new Unanswered();
    const [der] = issuedIn(answer.body);
    if (
      !der &&
      !listAt(answer.body, 'status', 'conditions').some(
        (condition) => textAt(condition, 'type') === 'Approved',
      )
    ) {
      return {
        reason: 'not_met',
        facts: {
          what: {
            en: `the request ${request} is not approved, and so nobody signs it`,
            ko: `요청 ${request}이(가) 승인되지 않아서 아무도 서명하지 않습니다`,
          },
          where,
          remedy: {
            en: `kubectl certificate approve ${request}`,
            ko: `kubectl certificate approve ${request}`,
          },
        },
      };
    }
    if (!der)
      return this.#notSigned(
        {
          en: `the request ${request} is approved, and nobody signs it`,
          ko: `요청 ${request}은(는) 승인되었지만 서명되지 않았습니다`,
        },
        where,
      );
    if (!this.#isOfTheCa(der))
      return {
        reason: 'not_met',
        facts: {
          what: {
            en: 'the request was signed by another CA than the cluster’s',
            ko: '클러스터 CA가 아닌 다른 CA가 요청에 서명했습니다',
          },
          where,
        },
      };
    const own = await this.#haveSigned();
    if (!own)
      return this.#notSigned(
        {
          en: `${request} has a certificate, but a request that was sent in and approved just now is signed by nobody`,
          ko: `${request}의 인증서는 있지만, 방금 제출해 승인한 다른 요청에는 아무도 서명하지 않습니다`,
        },
        where,
      );
    if (!this.#isOfTheCa(own))
      return {
        reason: 'not_met',
        facts: {
          what: {
            en: 'the controller manager signs with another CA than the cluster’s',
            ko: '컨트롤러 매니저가 클러스터 CA가 아닌 다른 CA로 서명합니다',
          },
          where: likelyFiles(folder, 'kube-controller-manager')['cluster-signing-cert-file'],
        },
      };
    return {
      says: {
        en: `${request} has a certificate, and a request that was sent in just now was signed at once: the controller manager is at work`,
        ko: `${request}의 인증서가 있고, 방금 제출한 다른 요청도 곧바로 서명되었습니다. 컨트롤러 매니저가 일하고 있습니다`,
      },
    };
  }

  #isOfTheCa(der: Uint8Array): boolean {
    return new X509Certificate(der).verify(
      new X509Certificate(this.#options.world.authority('ca')).publicKey,
    );
  }

  /** Sends in a request, approves it, waits a moment, and takes it away again. @returns what was signed. @throws Unanswered */
  async #haveSigned(): Promise<Uint8Array | undefined> {
    const { random, signal } = this.#options;
    const name = `${examinersRequest}${Buffer.from(random(4)).toString('hex')}`;
    const { request } = makeRequest({ subject: [['CN', 'wirelab-lab-check']] });
    const spec = {
      request: Buffer.from(request).toString('base64'),
      signerName: 'kubernetes.io/kube-apiserver-client',
      usages: ['client auth'],
      expirationSeconds: shortestLife,
    };
    const sent = await this.#asExaminer('POST', requestsPath, {
      apiVersion: `${certificatesGroup}/v1`,
      kind: 'CertificateSigningRequest',
      metadata: { name },
      spec,
    });
    if (sent.status !== 201) throw new Unanswered();
    const path = `${requestsPath}/${name}`;
    try {
      await this.#asExaminer('PUT', `${path}/approval`, {
        ...sent.body,
        status: {
          conditions: [
            { type: 'Approved', status: 'True', reason: 'LabCheck', message: 'sent in by wirelab lab check' },
          ],
        },
      });
      for (let looks = 0; looks < mostLooks; looks++) {
        const [der] = issuedIn((await this.#asExaminer('GET', path)).body);
        if (der) return der;
        await pause(lookMs, undefined, signal ? { signal } : {});
      }
      return undefined;
    } finally {
      await this.#asExaminer('DELETE', path);
    }
  }

  /** @param waits what waits for it. */
  #notSigned(waits: Localized, where: string): Missed {
    const { folder, world, clock } = this.#options;
    const what: Localized = {
      en: `${waits.en}: the controller manager is not let in by the API server, or does not run`,
      ko: `${waits.ko}. 컨트롤러 매니저가 API 서버에 들어가지 못하거나 실행되고 있지 않습니다`,
    };
    const file = likelyFiles(folder, 'kube-controller-manager').kubeconfig;
    const { authority, identity } = kubeconfigIn(folder, file);
    const trusts =
      authority !== undefined &&
      pemCertificates(authority).some(
        (one) => Buffer.compare(one, pemCertificates(world.authority('ca'))[0] ?? new Uint8Array()) === 0,
      );
    const judged =
      identity &&
      prepareAuthentication({ clientAuthorities: pemCertificates(world.authority('ca')) })(
        { chain: pemCertificates(identity.certificate), headers: new Map() },
        clock.now(),
      );
    const fault = judged?.outcome === 'unauthorized' ? judged.faults[0] : undefined;
    if (fault)
      return {
        reason: 'not_issued',
        refusal: fault.reason,
        facts: {
          what: { en: `${what.en}. ${fault.words.en}`, ko: `${what.ko}. ${fault.words.ko}` },
          where: file,
        },
      };
    if (trusts && identity)
      return {
        reason: 'not_restarted',
        facts: {
          what,
          where,
          received: `${file}: ${isoTime(certificateOf(pemCertificates(identity.certificate)[0])?.notAfter ?? 0)}`,
          remedy: {
            en: 'The file is in order. What counts is what the process has read of it.',
            ko: '파일에는 문제가 없습니다. 프로세스가 읽어 둔 것이 무엇인지가 중요합니다.',
          },
        },
      };
    return { reason: 'not_issued', facts: { what, where: file } };
  }

  #certificateIn(file: string): Certificate | undefined {
    try {
      return certificateOf(pemCertificates(textIn(this.#options.folder, file))[0]);
    } catch (error) {
      if (error instanceof FileError) return undefined;
      throw error;
    }
  }

  /** @throws Unanswered */
  async #asExaminer(method: string, path: string, body?: unknown): Promise<ApiAnswer> {
    return this.#asking.ask(this.#own, [this.#options.world.authority('ca')], method, path, body);
  }

  close(): void {
    this.#asking.close();
  }
}

function certificateOf(der: Uint8Array | undefined): Certificate | undefined {
  const step = der && readCertificate(der);
  return step && 'got' in step ? step.got : undefined;
}
