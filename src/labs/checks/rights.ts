/**
 * Judges what a user may do in a lab's cluster, with a certificate that the lab has for it: what a task requires, and nothing
 * beyond it.
 *
 * 1. Access reviews are made as the user: where it should be allowed, where it has a binding, and in a namespace where it has
 *    none. What every user may do does not count.
 * 2. If a right is missing, the nearest binding is reported.
 */
import type { Localized } from '../../i18n/language.ts';
import { josa } from '../../i18n/josa.ts';
import type { ApiAnswer } from '../../kube/components/api-client.ts';
import { clusterRoleTable } from '../../kube/authz/bootstrap-policy.ts';
import { missingRules } from '../../kube/authz/escalation.ts';
import { rulesOf } from '../../kube/authz/rbac.ts';
import type { PolicyRule } from '../../kube/authz/rbac.ts';
import { listAt, textAt } from '../../kube/objects/json.ts';
import type { TaskFile } from '../lab.ts';
import { everybody } from '../task-objects.ts';
import type { User } from '../task-objects.ts';
import { expiryIn } from './api-identity.ts';
import { missed } from './claims.ts';
import type { Judged, Missed } from './claims.ts';
import type { Binding, ClusterExaminer } from './cluster-examiner.ts';
import { certificateRefused } from './known-certificate.ts';

type Rights = Extract<NonNullable<TaskFile['cluster']>[number], { rights: unknown }>['rights'];
type Permission = NonNullable<Rights['may']>;

interface ExtraRight {
  readonly namespace: string;
  readonly rule: PolicyRule;
}

export async function judgeRights(
  examiner: ClusterExaminer,
  { client, may, alone }: Rights,
): Promise<Judged> {
  const identity = examiner.identityOf(client);
  const user = await examiner.whoIs(identity);
  if (!user) return certificateRefused(examiner, identity, client);
  const bindings = await examiner.bindings();
  const bindingsOf = (who: User): readonly Binding[] =>
    bindings.filter(({ subjects }) => subjects.some((subject) => isFor(subject, who)));
  const own = bindingsOf(user);
  const wanted: PolicyRule | undefined = may && {
    verbs: may.verbs,
    apiGroups: [''],
    resources: [may.resource],
    resourceNames: [],
    nonResourceURLs: [],
  };
  const extra: ExtraRight[] = [];
  let lacking: readonly PolicyRule[] = [];
  let evaluationError = '';
  for (const namespace of new Set([
    ...(may ? [may.namespace] : []),
    'default',
    // A right may have been granted to every user.
    ...bindingsOf({ ...user, groups: [...user.groups, everybody] })
      .map((one) => one.namespace)
      .filter(Boolean),
  ])) {
    const { status, body } = await examiner.ask(
      identity,
      'POST',
      '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews',
      { spec: { namespace } },
    );
    if (status !== 201) return cannotAsk(user, textAt(body, 'message'));
    const held = rulesOf([
      ...listAt(body, 'status', 'resourceRules'),
      ...listAt(body, 'status', 'nonResourceRules'),
    ]);
    const due = wanted && namespace === may?.namespace ? [wanted] : [];
    extra.push(...missingRules([...ofEveryUser, ...due], held).map((rule) => ({ namespace, rule })));
    if (due.length === 0) continue;
    lacking = missingRules(held, due);
    evaluationError = textAt(body, 'status', 'evaluationError');
  }
  if (may && lacking.length > 0)
    return tooLittle(examiner, user, may, lacking, { own, bindings, evaluationError });
  const [first] = extra;
  if (first) return tooMuch(examiner, user, may, first, extra);
  const shared = alone && own.find(({ subjects }) => subjects.some((subject) => !isFor(subject, user)));
  if (shared)
    return missed(
      'too_much',
      {
        en: `the binding of ${user.name} names another subject, too`,
        ko: `${user.name}만이 아닙니다. 같은 바인딩에 다른 주체(subject)도 있습니다`,
      },
      {
        expected: { en: `a binding for ${user.name} only`, ko: `${user.name}에게만 주는 바인딩` },
        received: shared.summary,
      },
    );
  const until = expiryIn(identity.certificate);
  return {
    says: may
      ? {
          en: `${user.name} may ${may.verbs.join(', ')} ${may.resource} in ${may.namespace}, and nothing else`,
          ko: `${user.name}에게 ${may.namespace}에서 ${may.resource}에 대한 ${may.verbs.join(', ')} 권한이 있고, 그 밖의 권한은 없습니다`,
        }
      : {
          en: `${user.name} is known to the API server, until ${until}, and may do nothing there`,
          ko: `API 서버가 ${josa(user.name, '을/를')} 아직 알아보지만(${until}까지) 아무 권한도 없습니다`,
        },
  };
}

/** How many bindings are reported if the right one is missing. */
const mostBindings = 3;

interface Situation {
  readonly own: readonly Binding[];
  readonly bindings: readonly Binding[];
  readonly evaluationError: string;
}

async function tooLittle(
  examiner: ClusterExaminer,
  user: User,
  { namespace, resource }: Permission,
  lacking: readonly PolicyRule[],
  { own, bindings, evaluationError }: Situation,
): Promise<Missed> {
  const verbs = [...new Set(lacking.flatMap((rule) => rule.verbs))].join(', ');
  const what: Localized = {
    en: `${user.name} may not ${verbs} ${resource} in ${namespace}`,
    ko: `${user.name}에게 ${namespace}에서 ${resource}에 대한 ${verbs} 권한이 없습니다`,
  };
  const { status } = await examiner.askAsLab('GET', `/api/v1/namespaces/${namespace}`);
  if (status === 404)
    return missed(
      'too_little',
      {
        en: `${what.en}: the namespace itself is gone`,
        ko: `${what.ko}. 네임스페이스 자체가 없어졌습니다`,
      },
      {
        remedy: {
          en: 'wirelab lab reset starts with a new cluster.',
          ko: 'wirelab lab reset을 실행하면 클러스터를 처음부터 다시 시작합니다.',
        },
      },
    );
  const names = [`User ${user.name}`, ...user.groups.map((group) => `Group ${group}`)].join(', ');
  const near = own.length > 0 ? own : bindings.filter((one) => one.namespace === namespace);
  return missed(
    'too_little',
    own.length > 0
      ? what
      : {
          en: `${what.en}: no binding names ${names}`,
          ko: `${what.ko}. ${names}에 대한 바인딩이 없습니다`,
        },
    {
      received: [...near.slice(0, mostBindings).map(({ summary }) => summary), evaluationError]
        .filter(Boolean)
        .join('; '),
    },
  );
}

async function tooMuch(
  examiner: ClusterExaminer,
  user: User,
  may: Permission | undefined,
  { namespace, rule }: ExtraRight,
  extra: readonly ExtraRight[],
): Promise<Missed> {
  const more = new Set(extra.map((one) => JSON.stringify(one.rule))).size - 1;
  const { body } = await reviewOf(examiner, user, namespace, rule);
  const source = textAt(body, 'status', 'reason').replace(/^RBAC: allowed by /, '');
  const right = rightText(rule, namespace);
  return missed(
    'too_much',
    {
      en: `${user.name} may also: ${right.en}${more > 0 ? `, and ${more} more` : ''}`,
      ko: `${user.name}에게 더 있는 권한: ${right.ko}${more > 0 ? ` 외 ${more}개` : ''}`,
    },
    {
      expected: may
        ? {
            en: `${may.verbs.join(', ')} of ${may.resource} in ${may.namespace}, and nothing else`,
            ko: `${may.namespace}에서 ${may.resource}의 ${may.verbs.join(', ')}만`,
          }
        : { en: 'nothing beyond what every user may', ko: '모든 사용자에게 있는 권한뿐' },
      ...(source === '' ? {} : { received: source }),
    },
  );
}

/** Whether and why a user has a right. */
async function reviewOf(
  examiner: ClusterExaminer,
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
  // JSON leaves out what is undefined.
  const attributes =
    path === undefined
      ? { resourceAttributes: { namespace, verb, group, resource: plural, subresource, name: object } }
      : { nonResourceAttributes: { path, verb } };
  return examiner.askAsLab('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', {
    spec: { user: name, groups: [...groups, everybody], ...attributes },
  });
}

/** The rules of the roles that every cluster gives to every authenticated user. */
const ofEveryUser: readonly PolicyRule[] = rulesOf(
  ['system:basic-user', 'system:discovery', 'system:public-info-viewer'].flatMap(
    (role) => clusterRoleTable[role] ?? [],
  ),
);

function isFor({ kind, name }: Binding['subjects'][number], user: User): boolean {
  return kind === 'User' ? name === user.name : kind === 'Group' && user.groups.includes(name);
}

function cannotAsk(user: User, received: string): Missed {
  return missed(
    'too_little',
    {
      en: `${user.name} may not even query its own rights: a default binding of every cluster is gone`,
      ko: `${josa(user.name, '은/는')} 자기 권한이 무엇인지도 물어볼 수 없습니다. 어느 클러스터에나 있는 바인딩이 없어졌습니다`,
    },
    {
      received,
      remedy: {
        en: 'To restore it, press Ctrl-C and start the lab again.',
        ko: 'Ctrl-C로 끝내고 실습을 다시 시작하면 복구됩니다.',
      },
    },
  );
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
