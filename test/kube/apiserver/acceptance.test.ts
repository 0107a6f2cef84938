/**
 * What the real kubectl says to a control plane, row by row; and each rule switched off in turn: the row that it decides
 * must fail then, so that none of the rows is true of every server.
 */
import test from 'ava';
import type { ApiHooks, Authentication } from '../../../src/kube/apiserver/hooks.ts';
import { prepareRules } from '../../../src/kube/apiserver/rules.ts';
import { shareOf } from '../../helpers/at-length.ts';
import { withPeer } from '../../helpers/peer.ts';
import { rowNamed, rows, strict } from '../support/acceptance.ts';
import type { RowName } from '../support/acceptance.ts';
import { startKubectl } from '../support/control-plane.ts';

for (const name of shareOf(Object.keys(rows) as RowName[], 10)) {
  withPeer(['kubectl', 'openssl'], name, async (t) => {
    const row = rowNamed(name);
    await t.notThrowsAsync(row.holds(await startKubectl(t, row.started), strict));
  });
}

interface Mutant {
  /** The row that must fail then. */
  readonly row: RowName;
  readonly off: (rules: ApiHooks) => ApiHooks;
}

const identified = (rules: ApiHooks, change: (found: Authentication) => Authentication): ApiHooks => ({
  ...rules,
  authenticate: async (facts, headers) => change(await rules.authenticate(facts, headers)),
});

/** A certificate that is no good for this reason is taken all the same. */
const taking =
  (reason: string): Mutant['off'] =>
  (rules) =>
    identified(rules, (found) =>
      'rejected' in found && found.rejected.reason === reason
        ? { user: { name: 'system:anonymous', groups: ['system:unauthenticated'] } }
        : found,
    );

const requests = 'certificatesigningrequests.certificates.k8s.io';

const mutants: Readonly<Record<string, Mutant>> = {
  'a certificate of a CA that nobody knows': { row: 'a certificate of etcd’s CA', off: taking('unknown_ca') },
  'a CA of the same name is the same CA': {
    row: 'a certificate of another CA of the same name',
    off: taking('unknown_ca'),
  },
  'dates of certificates': { row: 'an expired certificate', off: taking('certificate_expired') },
  'usages of certificates': { row: 'a server’s certificate', off: taking('wrong_usage') },
  'groups of a certificate': {
    row: 'whoami',
    off: (rules) =>
      identified(rules, (found) => ('user' in found ? { user: { ...found.user, groups: [] } } : found)),
  },
  'the name in a certificate': {
    row: 'a role for her',
    off: (rules) =>
      identified(rules, (found) => ('user' in found ? { user: { ...found.user, name: 'somebody' } } : found)),
  },
  roles: {
    row: 'a role for her',
    off: (rules) => ({ ...rules, authorize: async () => Promise.resolve({ allowed: true }) }),
  },
  'the verb list': {
    row: 'what RBAC gave it takes away',
    off: (rules) => ({
      ...rules,
      authorize: async (asked) => (asked.verb === 'list' ? { allowed: true } : rules.authorize(asked)),
    }),
  },
  'system:masters': {
    row: 'what RBAC gave it takes away',
    off: (rules) => ({
      ...rules,
      authorize: async (asked) =>
        rules.authorize({
          ...asked,
          user: { ...asked.user, groups: asked.user.groups.filter((group) => group !== 'system:masters') },
        }),
    }),
  },
  impersonation: {
    row: 'impersonation',
    off: (rules) => ({
      ...rules,
      authenticate: async (facts, headers) =>
        rules.authenticate(
          facts,
          headers.filter((_, at) => !(headers[at - (at % 2)] ?? '').toLowerCase().startsWith('impersonate-')),
        ),
    }),
  },
  'the right to impersonate': {
    row: 'impersonation',
    off: (rules) => ({
      ...rules,
      async authenticate(facts, headers) {
        try {
          return await rules.authenticate(facts, headers);
        } catch {
          return {
            user: {
              name: headers[headers.findIndex((one) => one.toLowerCase() === 'impersonate-user') + 1] ?? '',
              groups: [],
            },
          };
        }
      },
    }),
  },
  'the groups of a bootstrap token': {
    row: 'a node with a token',
    off: (rules) =>
      identified(rules, (found) =>
        'user' in found && found.user.name.startsWith('system:bootstrap:')
          ? { user: { ...found.user, groups: ['system:bootstrappers', 'system:authenticated'] } }
          : found,
      ),
  },
  'who may ask for system:masters': {
    row: 'nobody becomes system:masters',
    off: (rules) => ({
      ...rules,
      behaviours: {
        ...rules.behaviours,
        [requests]: {
          ...rules.behaviours[requests],
          create: ({ object, attributes: { user } }) => ({
            ...object,
            spec: { ...(object['spec'] as object), username: user.name, groups: [...user.groups] },
          }),
        },
      },
    }),
  },
  'the account of a token': {
    row: 'a token for a service account',
    off: (rules) =>
      identified(rules, (found) =>
        'rejected' in found && found.rejected.reason === 'token_bound_object_gone'
          ? { user: { name: 'somebody', groups: ['system:authenticated'] } }
          : found,
      ),
  },
  'the pod of a token': {
    row: 'a pod has an account, and a token is made for it',
    off: (rules) =>
      identified(rules, (found) =>
        'rejected' in found && found.rejected.reason === 'token_bound_object_gone'
          ? { user: { name: 'somebody', groups: ['system:authenticated'] } }
          : found,
      ),
  },
  'the account of a pod': {
    row: 'a pod has an account, and a token is made for it',
    off: (rules) => ({ ...rules, admit: async ({ object }) => Promise.resolve(object) }),
  },
  'what is a kubelet’s own': {
    row: 'a kubelet keeps to what is its own',
    off: (rules) => ({
      ...rules,
      admit: async (change) => (change.attributes.resource === 'nodes' ? change.object : rules.admit(change)),
    }),
  },
  'what a kubelet reads': {
    row: 'a kubelet keeps to what is its own',
    off: (rules) => ({
      ...rules,
      authorize: async (asked) => (asked.verb === 'get' ? { allowed: true } : rules.authorize(asked)),
    }),
  },
  'the verb approve': {
    row: 'approving is a right of its own',
    off: (rules) => ({ ...rules, admit: async ({ object }) => Promise.resolve(object) }),
  },
};

for (const [rule, { row, off }] of shareOf(Object.entries(mutants), 3)) {
  withPeer(['kubectl', 'openssl'], `without this rule its row fails: ${rule}`, async (t) => {
    const rules = async (options: Parameters<typeof prepareRules>[0]) => {
      const own = await prepareRules(options);
      return { ...off(own), close: own.close };
    };
    // What is waited for in vain ends with no error of the row's own.
    await t.throwsAsync(
      rowNamed(row).holds(await startKubectl(t, { ...rowNamed(row).started, patience: 1500, rules }), strict),
      { any: true },
    );
  });
}

test('no rule is switched off twice for the same row', (t) => t.true(Object.keys(mutants).length >= 19));
