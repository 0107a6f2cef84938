/**
 * Assembles the rules of a kubeadm control plane for a server: authentication with impersonation, the authorizers Node
 * and RBAC in this order, the rules for certificate requests, roles and bindings, and the reviews. Each rule is in its
 * own file; this one has only their order.
 *
 * 1. An update is first applied to its part, then admitted: so admission sees the object to be stored.
 * 2. Privilege escalation is checked before the role's form (`validation.ts`), as in kube-apiserver.
 */
import type { Dictionary } from '../../core/dictionary.ts';
import { defined } from '../../core/defined.ts';
import { randomBytes } from 'node:crypto';
import type { Clock, RandomBytes } from '../../core/clock.ts';
import type { ServiceBackends } from '../admission/service-resolver.ts';
import { webhookClient } from '../admission/webhook-client.ts';
import { askingWebhooks } from '../admission/webhooks.ts';
import type { WebhookReport } from '../admission/webhooks.ts';
import { reviewAccess, reviewOwnAccess, reviewOwnRules, reviewSelf } from '../authz/access-reviews.ts';
import type { Authorization, Authorize } from './attributes.ts';
import { prepareAuthentication } from '../authn/authentication.ts';
import type {
  Authentication,
  AuthenticationFault,
  AuthenticationPools,
  Credentials,
} from '../authn/authentication.ts';
import { goneObject } from '../authn/bound-objects.ts';
import type { ApiHooks, Change, Rejection } from './hooks.ts';
import { admitRequestUpdate, createRequest, updateRequest } from '../certificates/certificates.ts';
import { certificatesGroup, certificatesResource } from '../certificates/request-fields.ts';
import type { RequestPart } from '../certificates/certificates.ts';
import { checkEscalation } from '../authz/escalation.ts';
import { requestHeaders } from './headers.ts';
import { impersonate } from '../authn/impersonation.ts';
import { keepObjects } from './kept-objects.ts';
import { authorizeNode } from '../authz/node-authorizer.ts';
import { restrictNode } from '../authz/node-restriction.ts';
import type { KubeObject } from '../objects/objects.ts';
import { authorizeByRoles, rbacGroup } from '../authz/rbac.ts';
import { namespaces, services, uuidOf } from './registry/stored-form.ts';
import { storeKey } from './resources.ts';
import type { ResourceType } from './resources.ts';
import { giveServiceAccount } from '../authz/service-account-admission.ts';
import { defaultIssuer, prepareSigner, prepareVerifier } from '../authn/service-account-tokens.ts';
import { jsonWebKeys, openIdConfiguration } from '../authn/token-signing-keys.ts';
import type { Store } from '../store/store.ts';
import { issueToken, reviewToken } from '../authn/token-requests.ts';
import type { TestToken } from '../authn/token-requests.ts';

export interface RulesOptions extends Omit<AuthenticationPools, 'bootstrapTokens' | 'serviceAccountTokens'> {
  readonly store: Store;
  readonly clock: Pick<Clock, 'now'>;
  readonly random?: RandomBytes;
  /** The keys for service account tokens; without them, tokens are neither issued nor accepted. */
  readonly serviceAccounts?: ServiceAccountKeys;
  readonly webhooks?: WebhookSettings;
}

export interface WebhookSettings {
  /** What stands behind Services, where no pod does. */
  readonly backends?: ServiceBackends;
  readonly onCalled?: (report: WebhookReport) => void;
}

export interface ServiceAccountKeys {
  /** PEM: `--service-account-signing-key-file`. Without it, no tokens are issued. */
  readonly key?: string;
  /** PEM: `--service-account-key-file`. */
  readonly publicKeys: readonly string[];
  /** `--service-account-issuer`; kubeadm's by default. */
  readonly issuer?: string;
}

type Rule = (change: Change) => Promise<KubeObject> | KubeObject;

export interface Rules extends ApiHooks {
  readonly behaviours: Dictionary<{ readonly create: Rule; readonly update: Dictionary<Rule> }>;
  /** Other CAs make users from the next request on. @param clientAuthorities DER. @throws UserError if one cannot be read. */
  readonly trust: (clientAuthorities: readonly Uint8Array[]) => void;
  /** Stops watching the store. */
  readonly close: () => void;
}

/** @throws UserError if a CA or a key cannot be read. */
export async function prepareRules({
  store,
  clock,
  random = randomBytes,
  serviceAccounts,
  webhooks,
  ...pools
}: RulesOptions): Promise<Rules> {
  const { key, publicKeys = [], issuer = defaultIssuer } = serviceAccounts ?? {};
  const serviceAccountTokens = serviceAccounts ? prepareVerifier(publicKeys, issuer) : undefined;
  const sign = key === undefined ? undefined : prepareSigner(key, issuer);
  const kept = await keepObjects(store);
  const authenticatorOf = (
    clientAuthorities: readonly Uint8Array[],
  ): ReturnType<typeof prepareAuthentication> =>
    prepareAuthentication({
      ...pools,
      clientAuthorities,
      bootstrapTokens: kept.tokens,
      ...defined({ serviceAccountTokens }),
    });
  let byCredentials = authenticatorOf(pools.clientAuthorities);
  const authenticate = async (
    credentials: Credentials,
    audiences?: readonly string[],
  ): Promise<Authentication> => {
    const answer = byCredentials(credentials, clock.now(), audiences);
    const gone =
      answer.outcome === 'authenticated' && answer.token
        ? await goneObject(store, answer.token.standsOn)
        : undefined;
    return gone
      ? {
          outcome: 'unauthorized',
          faults: [{ method: 'bearer-token', reason: 'token_bound_object_gone', words: gone }],
        }
      : answer;
  };
  const test: TestToken = async (token, audiences) => {
    const answer = await authenticate(
      { chain: [], headers: new Map([['authorization', [`Bearer ${token}`]]]) },
      audiences,
    );
    if (answer.outcome === 'authenticated' && answer.method === 'bearer-token')
      return { user: answer.user, audiences: answer.token?.audiences ?? [issuer] };
    return {
      error:
        answer.outcome === 'authenticated' ? 'invalid bearer token' : rejectionOf(answer.faults).words.en,
    };
  };

  const stored = async (
    type: ResourceType,
    namespace: string | undefined,
    name: string,
  ): Promise<KubeObject | undefined> => (await store.get(storeKey(type, namespace, name)))?.object;

  const authorize: Authorize = async (asked) => {
    const byNode = authorizeNode(asked, kept.isUsedByNode);
    return Promise.resolve(byNode?.allowed ? byNode : joined(byNode, authorizeByRoles(kept.policy(), asked)));
  };

  const part =
    (written: RequestPart): Rule =>
    ({ object, old = object, at }) =>
      updateRequest(object, old, written, at);
  const granting: Rule = async ({ object, old, attributes: { user } }) => {
    await checkEscalation({ user, object, ...defined({ old }), policy: kept.policy(), authorize });
    return object;
  };

  return {
    trust(clientAuthorities) {
      byCredentials = authenticatorOf(clientAuthorities);
    },
    async authenticate({ presented }, rawHeaders) {
      const headers = requestHeaders(rawHeaders);
      const answer = await authenticate({ chain: presented, headers });
      if (answer.outcome === 'unauthorized') return { rejected: rejectionOf(answer.faults) };
      const user = await impersonate(answer.user, headers, authorize);
      return { user, ...(user === answer.user ? {} : { impersonator: answer.user }) };
    },
    authorize,
    async admit(change) {
      const {
        operation,
        attributes: { user, subresource = '', resource, group },
        object,
        old,
      } = change;
      const isNewPod = operation === 'CREATE' && group === '' && resource === 'pods';
      const admitted = isNewPod ? await giveServiceAccount(object, store, random) : object;
      restrictNode({ ...change, object: admitted });
      const isDecision =
        operation === 'UPDATE' &&
        `${resource}.${group}` === certificatesName &&
        (subresource === 'approval' || subresource === 'status');
      if (isDecision && old) await admitRequestUpdate(user, object, old, subresource, authorize);
      return admitted;
    },
    askWebhooks: askingWebhooks({
      webhooks: kept.webhooks,
      namespace: async (name) => stored(namespaces, undefined, name),
      call: webhookClient({
        clock,
        service: async (namespace, name) => stored(services, namespace, name),
        ...defined({ backends: webhooks?.backends }),
      }),
      newId: () => uuidOf(random(16)),
      ...defined({ onCalled: webhooks?.onCalled }),
    }),
    behaviours: {
      [certificatesName]: {
        create: ({ object, attributes: { user } }) => createRequest(object, user),
        update: { '': part('object'), approval: part('approval'), status: part('status') },
      },
      ...Object.fromEntries(
        ['roles', 'clusterroles', 'rolebindings', 'clusterrolebindings'].map((plural) => [
          `${plural}.${rbacGroup}`,
          { create: granting, update: { '': granting } },
        ]),
      ),
    },
    reviews: {
      'selfsubjectaccessreviews.authorization.k8s.io': async (posted, user) =>
        reviewOwnAccess(posted, user, authorize),
      'subjectaccessreviews.authorization.k8s.io': async (posted) => reviewAccess(posted, authorize),
      'localsubjectaccessreviews.authorization.k8s.io': async (posted) => reviewAccess(posted, authorize),
      'selfsubjectrulesreviews.authorization.k8s.io': (posted, user) =>
        reviewOwnRules(posted, user, kept.policy()),
      'selfsubjectreviews.authentication.k8s.io': reviewSelf,
      'tokenreviews.authentication.k8s.io': async (posted) => reviewToken(posted, test),
    },
    posts: sign
      ? {
          'serviceaccounts/token': async (posted, target) =>
            issueToken({ store, sign, issuer, newId: () => uuidOf(random(16)) }, posted, target),
        }
      : {},
    documents: serviceAccounts
      ? {
          '/openid/v1/jwks': () => jsonWebKeys(publicKeys),
          '/.well-known/openid-configuration': (host) => openIdConfiguration(publicKeys, issuer, host),
        }
      : {},
    close: kept.close,
  };
}

const certificatesName = `${certificatesResource}.${certificatesGroup}`;

/** The reason of the first fault, and the texts of all. */
function rejectionOf(faults: readonly AuthenticationFault[]): Rejection {
  const said = (language: 'en' | 'ko'): string =>
    faults
      .map(({ method, words }) => (faults.length > 1 ? `${method}: ${words[language]}` : words[language]))
      .join('; ');
  return { reason: faults[0]?.reason ?? '', words: { en: said('en'), ko: said('ko') } };
}

/** The denial of several authorizers, with the reasons of each. */
function joined(first: Authorization | undefined, second: Authorization): Authorization {
  if (second.allowed || !first) return second;
  return { allowed: false, reason: [first.reason, second.reason].filter(Boolean).join(', ') };
}
