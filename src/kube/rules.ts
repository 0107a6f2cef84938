/**
 * The rules of a control plane as kubeadm sets it up, put together for a server: authentication with impersonation, the
 * authorizers Node and RBAC in this order, what certificate requests, roles and bindings demand, and the reviews. Each rule
 * is decided in its own file; here stands only which comes when.
 *
 * 1. An update is first what the part that is written makes of it, then admitted: so admission sees what would be stored.
 * 2. Who gives rights away is asked before whether the role is well-formed (`validation.ts`), as kube-apiserver does it.
 */
import type { Clock } from '../core/clock.ts';
import { reviewAccess, reviewOwnAccess, reviewOwnRules, reviewSelf } from './access-reviews.ts';
import type { Authorization, Authorize } from './attributes.ts';
import { prepareAuthentication } from './authentication.ts';
import type { AuthenticationFault, AuthenticationPools } from './authentication.ts';
import type { ApiHooks, Change, Rejection } from './hooks.ts';
import { admitRequestUpdate, certificatesGroup, certificatesResource, createRequest, updateRequest } from './certificates.ts';
import type { RequestPart } from './certificates.ts';
import { checkEscalation } from './escalation.ts';
import { requestHeaders } from './headers.ts';
import { impersonate } from './impersonation.ts';
import { keepObjects } from './kept-objects.ts';
import { authorizeNode } from './node-authorizer.ts';
import { restrictNode } from './node-restriction.ts';
import type { KubeObject } from './objects.ts';
import { authorizeByRoles, rbacGroup } from './rbac.ts';
import type { Store } from './store.ts';

export interface RulesOptions extends Omit<AuthenticationPools, 'bootstrapTokens'> {
  readonly store: Store;
  readonly clock: Pick<Clock, 'now'>;
}

type Rule = (change: Change) => Promise<KubeObject> | KubeObject;

export interface Rules extends ApiHooks {
  readonly behaviours: Readonly<Record<string, { readonly create: Rule; readonly update: Readonly<Record<string, Rule>> }>>;
  /** The store is followed no longer. */
  readonly close: () => void;
}

/** @throws Mistake when a CA cannot be read. */
export async function prepareRules({ store, clock, ...pools }: RulesOptions): Promise<Rules> {
  const kept = await keepObjects(store);
  const authenticate = prepareAuthentication({ ...pools, bootstrapTokens: kept.tokens });

  const authorize: Authorize = async (asked) => {
    const byNode = authorizeNode(asked, kept.isUsedByNode);
    return Promise.resolve(byNode?.allowed ? byNode : joined(byNode, authorizeByRoles(kept.policy(), asked)));
  };

  const part =
    (written: RequestPart): Rule =>
    ({ object, old = object, at }) =>
      updateRequest(object, old, written, at);
  const granting: Rule = async ({ object, old, attributes: { user } }) => {
    await checkEscalation({ user, object, ...(old ? { old } : {}), policy: kept.policy(), authorize });
    return object;
  };

  return {
    async authenticate({ presented }, rawHeaders) {
      const headers = requestHeaders(rawHeaders);
      const answer = authenticate({ chain: presented, headers }, clock.now());
      if (answer.outcome === 'unauthorized') return { rejected: rejectionOf(answer.faults) };
      const user = await impersonate(answer.user, headers, authorize);
      return { user, ...(user === answer.user ? {} : { impersonator: answer.user }) };
    },
    authorize,
    async admit(change) {
      const { operation, attributes: { user, subresource = '', resource, group }, object, old } = change;
      restrictNode(change);
      const isDecision = operation === 'UPDATE' && `${resource}.${group}` === certificatesName && (subresource === 'approval' || subresource === 'status');
      if (isDecision && old) await admitRequestUpdate(user, object, old, subresource, authorize);
      return object;
    },
    behaviours: {
      [certificatesName]: { create: ({ object, attributes: { user } }) => createRequest(object, user), update: { '': part('object'), approval: part('approval'), status: part('status') } },
      ...Object.fromEntries(['roles', 'clusterroles', 'rolebindings', 'clusterrolebindings'].map((plural) => [`${plural}.${rbacGroup}`, { create: granting, update: { '': granting } }])),
    },
    reviews: {
      'selfsubjectaccessreviews.authorization.k8s.io': async (posted, user) => reviewOwnAccess(posted, user, authorize),
      'subjectaccessreviews.authorization.k8s.io': async (posted) => reviewAccess(posted, authorize),
      'localsubjectaccessreviews.authorization.k8s.io': async (posted) => reviewAccess(posted, authorize),
      'selfsubjectrulesreviews.authorization.k8s.io': (posted, user) => reviewOwnRules(posted, user, kept.policy()),
      'selfsubjectreviews.authentication.k8s.io': reviewSelf,
    },
    close: kept.close,
  };
}

const certificatesName = `${certificatesResource}.${certificatesGroup}`;

/** The reason of the first, and what each of them says. */
function rejectionOf(faults: readonly AuthenticationFault[]): Rejection {
  const said = (language: 'en' | 'ko'): string => faults.map(({ method, words }) => (faults.length > 1 ? `${method}: ${words[language]}` : words[language])).join('; ');
  return { reason: faults[0]?.reason ?? '', words: { en: said('en'), ko: said('ko') } };
}

/** Nobody of several allows it: what each of them says. */
function joined(first: Authorization | undefined, second: Authorization): Authorization {
  if (second.allowed || !first) return second;
  return { allowed: false, reason: [first.reason, second.reason].filter(Boolean).join(', ') };
}
