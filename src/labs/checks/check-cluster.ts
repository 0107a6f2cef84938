/**
 * Whether what a task asks of a cluster is so: the API server that the lab keeps up is asked, over TLS of its own, with the
 * certificates in the learner's folder and with those of the lab. Nothing that the learner says counts. How a binding or a
 * request is made is nobody's concern here: only what comes of it.
 *
 * 1. What somebody may do is asked as that somebody, with a certificate that the lab has for it: where it should be allowed,
 *    where it has a binding, and in a namespace where it has none. What every user may do does not count.
 * 2. What is missing is told with the nearest thing that is there: a request that waits, a binding for another name.
 */
import { present } from '../../core/present.ts';
import type { Certificate } from '../../protocols/x509/certificate.ts';
import { isoTime, readCertificate } from '../../protocols/x509/certificate.ts';
import type { Localized } from '../../i18n/language.ts';
import type { UserErrorFacts } from '../../i18n/user-error.ts';
import type { ApiAnswer } from '../../kube/components/api-client.ts';
import { prepareAuthentication } from '../../kube/authn/authentication.ts';
import { clusterRoleTable } from '../../kube/authz/bootstrap-policy.ts';
import { certificatesGroup, certificatesResource } from '../../kube/certificates/certificates.ts';
import { missingRules } from '../../kube/authz/escalation.ts';
import { listAt, objectAt, textAt } from '../../kube/objects/json.ts';
import { rbacGroup, rulesOf } from '../../kube/authz/rbac.ts';
import type { PolicyRule } from '../../kube/authz/rbac.ts';
import { readPemRequest } from '../../kube/certificates/signing-request.ts';
import { pemCertificates } from '../../pki/keystore/pem.ts';
import type { Identity } from '../../pki/keystore/world.ts';
import { features } from '../../features/registry.ts';
import { planScenario } from '../../engine/planning.ts';
import type { Plan } from '../../engine/plan.ts';
import type { CompiledScenario } from '../../engine/scenario.ts';
import { LabApiClient, Unanswered } from './lab-api-client.ts';
import { howToStart } from './checking.ts';
import type { CheckOptions, TaskResult } from './checking.ts';
import { askUp } from '../hold/claim.ts';
import { fingerprint, issuedIn } from '../hold/cluster-store.ts';
import type { OpenReason, TaskFile, TasksFile } from '../lab.ts';
import { bytesOf, FileError, withOwnFiles } from '../own-files.ts';

type ClusterFile = NonNullable<TasksFile['cluster']>;
type Claim = NonNullable<TaskFile['cluster']>[number];
type Known = Extract<Claim, { known: unknown }>['known'];
type Rights = Extract<Claim, { rights: unknown }>['rights'];

/** What is not as it should be. */
interface Missed {
  readonly reason: OpenReason;
  readonly facts: UserErrorFacts;
  /** Of a certificate that the server does not take. */
  readonly refusal?: string;
}

type Judged = { readonly says: Localized } | Missed;

const everybody = 'system:authenticated';

export async function checkCluster(
  id: string,
  claims: readonly Claim[],
  compiled: CompiledScenario,
  options: CheckOptions,
): Promise<TaskResult> {
  const { lab, folder } = options;
  const { cluster } = lab.tasks;
  if (!cluster) throw new Error(`${lab.name} has no cluster`);
  const up = await askUp(folder);
  const port = up?.answer?.ports[cluster.server];
  const examiner =
    port === undefined
      ? undefined
      : new Examiner(port, up?.answer?.issued ?? [], cluster, planScenario(features, compiled), options);
  const findings: {
    readonly expectation: string;
    readonly status: 'met' | 'missed';
    readonly evidence: readonly [];
    readonly says: Localized;
  }[] = [];
  let missed: Missed | undefined;
  let todo: { readonly remedy: Localized; readonly command?: string } | undefined;
  try {
    if (!examiner) throw new Unanswered();
    for (const claim of claims) {
      const judged =
        'known' in claim ? await examiner.known(claim.known) : await examiner.rights(claim.rights);
      const isMissed = 'reason' in judged;
      findings.push({
        expectation: 'known' in claim ? `known-${claim.known.certificate}` : `rights-${claim.rights.client}`,
        status: isMissed ? 'missed' : 'met',
        evidence: [],
        says: isMissed ? judged.facts.what : judged.says,
      });
      if (isMissed) missed ??= judged;
    }
    if (missed && (await examiner.isLockedOut())) todo = { remedy: lockedOut };
  } catch (error) {
    if (!(error instanceof Unanswered)) throw error;
    missed = {
      reason: 'not_up',
      facts: { what: { en: 'there is no API server to be asked', ko: '물어볼 API 서버가 없습니다' } },
    };
    todo = howToStart(options, up?.pid);
  } finally {
    examiner?.close();
  }
  // What is asked first is what the task is about.
  if (!missed) return { id, status: 'done', says: findings[0]?.says ?? { en: '', ko: '' }, findings };
  const { reason, facts, refusal } = missed;
  return {
    id,
    status: 'open',
    reason,
    ...present({ refusal }),
    says: facts.what,
    findings,
    ...todo,
    mistake: facts,
  };
}

const lockedOut: Localized = {
  en: 'The administrator (admin.conf) may no longer do everything: what bound kubeadm:cluster-admins to cluster-admin is gone. Ctrl-C, and the lab started again, puts back what belongs to every cluster; wirelab lab reset begins the cluster anew.',
  ko: '관리자(admin.conf)의 권한이 줄었습니다. kubeadm:cluster-admins를 cluster-admin에 연결하던 바인딩이 없어졌기 때문입니다. Ctrl-C로 끝내고 실습을 다시 시작하면 어느 클러스터에나 있는 바인딩이 복구됩니다. wirelab lab reset은 클러스터를 처음부터 다시 시작합니다.',
};

interface User {
  readonly name: string;
  /** Without the one that every user is in. */
  readonly groups: readonly string[];
}

interface Binding {
  readonly kind: 'RoleBinding' | 'ClusterRoleBinding';
  /** Empty for a ClusterRoleBinding. */
  readonly namespace: string;
  readonly subjects: readonly { readonly kind: string; readonly name: string }[];
  readonly words: string;
}

class Examiner {
  /** SHA-256, hex, of what the cluster has issued, by the word of the lab that is up. */
  readonly #issued: readonly string[];
  readonly #cluster: ClusterFile;
  readonly #plan: Plan;
  readonly #options: CheckOptions;
  readonly #asking: LabApiClient;
  /** Asked once. */
  #bindings: Promise<readonly Binding[]> | undefined;

  constructor(
    port: number,
    issued: readonly string[],
    cluster: ClusterFile,
    plan: Plan,
    options: CheckOptions,
  ) {
    this.#issued = issued;
    this.#cluster = cluster;
    this.#plan = plan;
    this.#options = options;
    this.#asking = new LabApiClient(port, options);
  }

  /** A certificate of the learner's, shown to the server. */
  async known({ certificate, as, groups }: Known): Promise<Judged> {
    const { lab, folder, world, clock } = this.#options;
    const file = lab.tasks.yours?.[certificate]?.certificate ?? `${certificate}.crt`;
    let identity: Identity;
    try {
      // Fetched before it was issued, it is empty.
      if (bytesOf(folder, file).length === 0) return await this.#request(as, file);
      identity = withOwnFiles(
        world,
        { shown: new Set([certificate]), trusted: new Set() },
        lab,
        folder,
      ).identity(certificate);
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      return error.reason === 'missing_file' && error.facts.where === file
        ? this.#request(as, file)
        : { reason: error.reason, facts: error.facts };
    }
    const user = await this.#whoIs(identity);
    if (!user) return this.#refused(identity, file);
    if (user.name !== as || !sameGroups(user.groups, groups)) {
      return {
        reason: 'wrong_user',
        facts: {
          what: {
            en: 'the API server takes whoever shows it for another user',
            ko: 'API 서버가 이 인증서를 다른 사용자의 것으로 봅니다',
          },
          where: file,
          expected: {
            en: `the user ${as} (CN) in the groups ${groups.join(', ')} (O)`,
            ko: `사용자(CN) ${as}, 그룹(O) ${groups.join(', ')}`,
          },
          received: `CN=${user.name}${user.groups.map((group) => `, O=${group}`).join('')}`,
          remedy: {
            en: 'A certificate cannot be changed, and neither can a request that is there already: ask anew, under another name.',
            ko: '인증서도, 이미 낸 요청도 고칠 수 없습니다. 다른 이름으로 요청을 새로 내세요.',
          },
        },
      };
    }
    const [der = new Uint8Array()] = pemCertificates(identity.certificate);
    if (!this.#issued.includes(fingerprint(der))) {
      return {
        reason: 'not_requested',
        facts: {
          what: {
            en: 'the cluster’s CA has signed it, but the cluster’s signer knows nothing of it',
            ko: '클러스터 CA의 서명은 있지만 클러스터의 서명자가 발급한 기록이 없습니다',
          },
          where: file,
          expected: {
            en: 'what the controller manager has put into the status of an approved CertificateSigningRequest',
            ko: '컨트롤러 매니저가 승인된 CertificateSigningRequest의 status에 담은 인증서',
          },
        },
      };
    }
    const until = isoTime(certificateOf(der)?.notAfter ?? clock.now());
    return {
      says: {
        en: `the API server knows ${file} as ${as} of ${groups.join(', ')}, until ${until}`,
        ko: `API 서버가 알아보는 사용자: ${as}, 그룹: ${groups.join(', ')} (${file}, ${until}까지)`,
      },
    };
  }

  /** Why the server does not take it: that stands in its own log, and it tells the client nothing. */
  #refused({ certificate }: Identity, file: string): Missed {
    const { world, clock } = this.#options;
    const authorities =
      this.#plan.servers.find(({ name }) => name === this.#cluster.server)?.clientAuthorities ?? [];
    const judge = prepareAuthentication({
      clientAuthorities: authorities.flatMap((name) => pemCertificates(world.authority(name))),
    });
    const answer = judge({ chain: pemCertificates(certificate), headers: new Map() }, clock.now());
    const [fault] = answer.outcome === 'unauthorized' ? answer.faults : [];
    const words = fault?.words ?? { en: '', ko: '' };
    return {
      reason: 'refused',
      ...(fault ? { refusal: fault.reason } : {}),
      facts: {
        what: {
          en: `the API server does not take it (401 Unauthorized). ${words.en}`.trim(),
          ko: `API 서버가 받아들이지 않습니다(401 Unauthorized). ${words.ko}`.trim(),
        },
        where: file,
      },
    };
  }

  /** There is no certificate yet: how far is its request? */
  async #request(as: string, file: string): Promise<Missed> {
    const requests = (await this.#list(`/apis/${certificatesGroup}/v1/${certificatesResource}`)).filter(
      (request) => commonNameIn(request) === as,
    );
    const newest = requests.toSorted(
      (one, other) =>
        Number(textAt(other, 'metadata', 'resourceVersion')) -
        Number(textAt(one, 'metadata', 'resourceVersion')),
    );
    const request = newest.find((one) => issuedIn(one).length > 0) ?? newest[0];
    const name = textAt(request, 'metadata', 'name');
    const where = `csr/${name}`;
    if (request === undefined) {
      return {
        reason: 'missing_file',
        facts: {
          what: {
            en: `there is no ${file} yet, and the API server has no request for ${as} (CN)`,
            ko: `아직 ${file} 파일이 없고, API 서버에도 ${as}(CN)에 대한 요청이 없습니다`,
          },
          where: file,
        },
      };
    }
    if (issuedIn(request).length > 0) {
      return {
        reason: 'missing_file',
        facts: {
          what: {
            en: `the request ${name} has its certificate, and it has not been put into ${file}`,
            ko: `요청 ${name}의 인증서는 발급되었지만 아직 ${file} 파일에 저장하지 않았습니다`,
          },
          where: file,
          expected: {
            en: 'what stands in status.certificate, decoded from base64',
            ko: 'status.certificate의 내용을 base64 디코딩한 것',
          },
        },
      };
    }
    const condition = (type: string): unknown =>
      listAt(request, 'status', 'conditions').find((one) => textAt(one, 'type') === type);
    const standing: Localized = {
      en: 'A decision stands: what comes next is another request, under another name.',
      ko: '한번 내린 결정은 바뀌지 않습니다. 다른 이름으로 요청을 새로 내세요.',
    };
    if (condition('Denied') !== undefined)
      return {
        reason: 'not_issued',
        facts: {
          what: { en: `the request for ${as} was denied`, ko: `${as}에 대한 요청이 거부되었습니다` },
          where,
          remedy: standing,
        },
      };
    const failed = condition('Failed');
    if (failed !== undefined)
      return {
        reason: 'not_issued',
        facts: {
          what: {
            en: `the request for ${as} was approved, and the signer has refused it`,
            ko: `${as}에 대한 요청이 승인되었지만 서명자가 거부했습니다`,
          },
          where,
          received: textAt(failed, 'message'),
          remedy: standing,
        },
      };
    if (condition('Approved') === undefined)
      return {
        reason: 'pending',
        facts: {
          what: {
            en: `nobody has approved the request for ${as}`,
            ko: `${as}에 대한 요청을 아직 아무도 승인하지 않았습니다`,
          },
          where,
        },
      };
    return {
      reason: 'not_issued',
      facts: {
        what: {
          en: `the request for ${as} was approved, and nobody has issued a certificate`,
          ko: `${as}에 대한 요청이 승인되었지만 인증서를 발급한 서명자가 없습니다`,
        },
        where,
        received: `signerName: ${textAt(request, 'spec', 'signerName')}`,
      },
    };
  }

  /** What somebody may do, asked as that somebody. */
  async rights({ client, may, alone }: Rights): Promise<Judged> {
    const identity = this.#identityOf(client);
    const user = await this.#whoIs(identity);
    if (!user) return this.#refused(identity, client);
    const bindings = await (this.#bindings ??= this.#readBindings());
    const own = bindings.filter(({ subjects }) => subjects.some((subject) => isFor(subject, user)));
    // Somebody may have given it to everybody.
    const reaching = bindings.filter(({ subjects }) =>
      subjects.some((subject) => isFor(subject, { ...user, groups: [...user.groups, everybody] })),
    );
    const wanted: PolicyRule | undefined = may && {
      verbs: may.verbs,
      apiGroups: [''],
      resources: [may.resource],
      resourceNames: [],
      nonResourceURLs: [],
    };
    const extra: { readonly namespace: string; readonly rule: PolicyRule }[] = [];
    let lacking: readonly PolicyRule[] = [];
    let nowhere = '';
    for (const namespace of new Set([
      ...(may ? [may.namespace] : []),
      'default',
      ...reaching.map((one) => one.namespace).filter(Boolean),
    ])) {
      const answer = await this.#ask(
        identity,
        'POST',
        `/apis/authorization.k8s.io/v1/selfsubjectrulesreviews`,
        { spec: { namespace } },
      );
      if (answer.status !== 201) return cannotAsk(user, answer);
      const held = rulesOf([
        ...listAt(answer.body, 'status', 'resourceRules'),
        ...listAt(answer.body, 'status', 'nonResourceRules'),
      ]);
      const isHere = namespace === may?.namespace;
      extra.push(
        ...missingRules([...ofEveryUser, ...(wanted && isHere ? [wanted] : [])], held).map((rule) => ({
          namespace,
          rule,
        })),
      );
      if (wanted && isHere) {
        lacking = missingRules(held, [wanted]);
        nowhere = textAt(answer.body, 'status', 'evaluationError');
      }
    }
    if (may && lacking.length > 0) return this.#tooLittle(user, may, lacking, { own, bindings, nowhere });
    if (extra.length > 0) return this.#tooMuch(user, may, extra);
    const shared = alone && own.find(({ subjects }) => subjects.some((subject) => !isFor(subject, user)));
    if (shared)
      return {
        reason: 'too_much',
        facts: {
          what: {
            en: `${user.name} is not alone: the same binding names somebody else`,
            ko: `${user.name}만이 아닙니다. 같은 바인딩에 다른 주체(subject)도 있습니다`,
          },
          expected: {
            en: `a binding for ${user.name} and nobody else`,
            ko: `${user.name}에게만 주는 바인딩`,
          },
          received: shared.words,
        },
      };
    const until = isoTime(
      certificateOf(pemCertificates(identity.certificate)[0] ?? new Uint8Array())?.notAfter ?? 0,
    );
    return {
      says: may
        ? {
            en: `${user.name} may ${may.verbs.join(', ')} ${may.resource} in ${may.namespace}, and nothing else`,
            ko: `${user.name}: ${may.namespace}에서 ${may.resource}에 대한 ${may.verbs.join(', ')} 권한이 있고, 그 밖의 권한은 없습니다`,
          }
        : {
            en: `${user.name} is known to the API server, until ${until}, and may do nothing there`,
            ko: `${user.name}: API 서버가 아직 알아보지만(${until}까지) 아무 권한도 없습니다`,
          },
    };
  }

  async #tooLittle(
    user: User,
    may: NonNullable<Rights['may']>,
    lacking: readonly PolicyRule[],
    {
      own,
      bindings,
      nowhere,
    }: { readonly own: readonly Binding[]; readonly bindings: readonly Binding[]; readonly nowhere: string },
  ): Promise<Missed> {
    const { namespace, resource } = may;
    const verbs = [...new Set(lacking.flatMap((rule) => rule.verbs))].join(', ');
    const what: Localized = {
      en: `${user.name} may not ${verbs} ${resource} in ${namespace}`,
      ko: `${user.name}: ${namespace}에서 ${resource}에 대한 ${verbs} 권한이 없습니다`,
    };
    const inNamespace = await this.#ask(
      this.#identityOf(this.#cluster.asks),
      'GET',
      `/api/v1/namespaces/${namespace}`,
    );
    if (inNamespace.status === 404)
      return {
        reason: 'too_little',
        facts: {
          what: {
            en: `${what.en}: the namespace itself is gone`,
            ko: `${what.ko}. 네임스페이스 자체가 없어졌습니다`,
          },
          remedy: {
            en: 'wirelab lab reset begins the cluster anew.',
            ko: 'wirelab lab reset을 실행하면 클러스터를 처음부터 다시 시작합니다.',
          },
        },
      };
    const names = [`User ${user.name}`, ...user.groups.map((group) => `Group ${group}`)].join(', ');
    const near = own.length > 0 ? own : bindings.filter((one) => one.namespace === namespace);
    const none: Localized = { en: `no binding names ${names}`, ko: `${names}에 대한 바인딩이 없습니다` };
    return {
      reason: 'too_little',
      facts: {
        what: own.length > 0 ? what : { en: `${what.en}: ${none.en}`, ko: `${what.ko}. ${none.ko}` },
        received: [...near.slice(0, mostBindings).map(({ words }) => words), nowhere]
          .filter(Boolean)
          .join('; '),
      },
    };
  }

  async #tooMuch(
    user: User,
    may: Rights['may'],
    extra: readonly { readonly namespace: string; readonly rule: PolicyRule }[],
  ): Promise<Missed> {
    const [first] = extra;
    if (!first) throw new Error('nothing is too much');
    const { namespace, rule } = first;
    const more = new Set(extra.map((one) => JSON.stringify(one.rule))).size - 1;
    const { status } = (await this.#review(user, namespace, rule)).body;
    const source = textAt(status, 'reason').replace(/^RBAC: allowed by /, '');
    const right = rightText(rule, namespace);
    return {
      reason: 'too_much',
      facts: {
        what: {
          en: `${user.name} may also: ${right.en}${more > 0 ? `, and ${more} more` : ''}`,
          ko: `${user.name}에게 더 있는 권한: ${right.ko}${more > 0 ? ` 외 ${more}개` : ''}`,
        },
        expected: may
          ? {
              en: `${may.verbs.join(', ')} of ${may.resource} in ${may.namespace}, and nothing else`,
              ko: `${may.namespace}에서 ${may.resource}의 ${may.verbs.join(', ')}만`,
            }
          : { en: 'nothing beyond what every user may', ko: '모든 사용자에게 있는 권한뿐' },
        ...present({ received: source || undefined }),
      },
    };
  }

  /** Whether and why somebody may, asked about that somebody. */
  async #review(
    { name, groups }: User,
    namespace: string,
    {
      verbs: [verb = ''],
      apiGroups: [group = ''],
      resources: [resource = ''],
      resourceNames: [object],
      nonResourceURLs: [path],
    }: PolicyRule,
  ): Promise<ApiAnswer> {
    const [plural = '', subresource] = resource.split('/');
    const asked =
      path === undefined
        ? {
            resourceAttributes: {
              namespace,
              verb,
              group,
              resource: plural,
              ...present({ subresource, name: object }),
            },
          }
        : { nonResourceAttributes: { path, verb } };
    return this.#ask(
      this.#identityOf(this.#cluster.asks),
      'POST',
      '/apis/authorization.k8s.io/v1/subjectaccessreviews',
      { spec: { user: name, groups: [...groups, everybody], ...asked } },
    );
  }

  /** Whether the learner has taken the administrator's own rights away. */
  async isLockedOut(): Promise<boolean> {
    const answer = await this.#ask(
      this.#identityOf(this.#cluster.administrator),
      'POST',
      '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
      { spec: { resourceAttributes: { verb: '*', group: '*', resource: '*' } } },
    );
    return objectAt(answer.body, 'status')['allowed'] !== true;
  }

  /** Whom the server takes its holder for; undefined where it takes it for nobody. */
  async #whoIs(identity: Identity): Promise<User | undefined> {
    const answer = await this.#ask(identity, 'POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {});
    if (answer.status === 401) return undefined;
    const groups = listAt(answer.body, 'status', 'userInfo', 'groups').map(String);
    if (answer.status === 201)
      return {
        name: textAt(answer.body, 'status', 'userInfo', 'username'),
        groups: groups.filter((group) => group !== everybody),
      };
    // Who may not even ask that is named in the refusal.
    const name = /User "([^"]*)"/.exec(textAt(answer.body, 'message'))?.[1];
    return name === undefined ? undefined : { name, groups: [] };
  }

  async #readBindings(): Promise<readonly Binding[]> {
    const bindings: Binding[] = [];
    for (const [kind, plural] of [
      ['RoleBinding', 'rolebindings'],
      ['ClusterRoleBinding', 'clusterrolebindings'],
    ] as const) {
      for (const object of await this.#list(`/apis/${rbacGroup}/v1/${plural}`)) {
        const [name, namespace] = [
          textAt(object, 'metadata', 'name'),
          textAt(object, 'metadata', 'namespace'),
        ];
        const subjects = listAt(object, 'subjects').map((subject) => ({
          kind: textAt(subject, 'kind'),
          name: textAt(subject, 'name'),
        }));
        const whom = subjects.map((subject) => `${subject.kind} ${subject.name}`).join(', ');
        bindings.push({
          kind,
          namespace,
          subjects,
          words: `${kind} ${namespace === '' ? '' : `${namespace}/`}${name} of ${textAt(object, 'roleRef', 'kind')} ${textAt(object, 'roleRef', 'name')} to ${whom}`,
        });
      }
    }
    return bindings;
  }

  async #list(path: string): Promise<readonly unknown[]> {
    const answer = await this.#ask(this.#identityOf(this.#cluster.asks), 'GET', path);
    if (answer.status !== 200) throw new Unanswered();
    return listAt(answer.body, 'items');
  }

  #identityOf(client: string): Identity {
    const certificate = this.#plan.clients.find(({ name }) => name === client)?.certificate;
    if (certificate === undefined) throw new Error(`${client} has no certificate`);
    return this.#options.world.identity(certificate);
  }

  /** @throws Unanswered */
  async #ask(identity: Identity, method: string, path: string, body?: unknown): Promise<ApiAnswer> {
    const trust = this.#plan.clients.find(({ name }) => name === this.#cluster.asks)?.trust ?? [];
    return this.#asking.ask(
      identity,
      trust.map((name) => this.#options.world.authority(name)),
      method,
      path,
      body,
    );
  }

  close(): void {
    this.#asking.close();
  }
}

/** Bindings that are told where the right one is missing. */
const mostBindings = 3;

/** What the roles say that every cluster gives to whoever has logged in. */
const ofEveryUser: readonly PolicyRule[] = rulesOf(
  ['system:basic-user', 'system:discovery', 'system:public-info-viewer'].flatMap(
    (role) => clusterRoleTable[role] ?? [],
  ),
);

function isFor({ kind, name }: { readonly kind: string; readonly name: string }, user: User): boolean {
  return kind === 'User' ? name === user.name : kind === 'Group' && user.groups.includes(name);
}

function sameGroups(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && new Set([...one, ...other]).size === new Set(one).size;
}

function cannotAsk(user: User, { body }: ApiAnswer): Missed {
  return {
    reason: 'too_little',
    facts: {
      what: {
        en: `${user.name} may not even ask what ${user.name} may: a binding that belongs to every cluster is gone`,
        ko: `${user.name}: 자기 권한이 무엇인지도 물어볼 수 없습니다. 어느 클러스터에나 있는 바인딩이 없어졌습니다`,
      },
      received: textAt(body, 'message'),
      remedy: {
        en: 'Ctrl-C, and the lab started again, puts it back.',
        ko: 'Ctrl-C로 끝내고 실습을 다시 시작하면 복구됩니다.',
      },
    },
  };
}

/** A single right in words; those of Kubernetes are the same in every language. */
function rightText(
  {
    verbs: [verb = ''],
    apiGroups: [group = ''],
    resources: [resource = ''],
    resourceNames: [name],
    nonResourceURLs: [path],
  }: PolicyRule,
  namespace: string,
): Localized {
  if (path !== undefined) return { en: `${verb} ${path}`, ko: `${verb} ${path}` };
  if (verb === '*' && resource === '*')
    return { en: `everything, in ${namespace}`, ko: `${namespace}의 모든 것` };
  const words = `${verb} ${resource}${group === '' || group === '*' ? '' : `.${group}`}${name === undefined ? '' : ` ${name}`}`;
  return { en: `${words} in ${namespace}`, ko: `${namespace}에서 ${words}` };
}

function commonNameIn(request: unknown): string | undefined {
  const read = readPemRequest(Buffer.from(textAt(request, 'spec', 'request'), 'base64'));
  return 'request' in read
    ? read.request.subject.attributes.findLast(({ type }) => type === 'CN')?.value
    : undefined;
}

function certificateOf(der: Uint8Array): Certificate | undefined {
  const step = readCertificate(der);
  return 'got' in step ? step.got : undefined;
}
