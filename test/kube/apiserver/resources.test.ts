/** The table of resources itself, and what is read off it: discovery, OpenAPI, routes, tables. */
import test from 'ava';
import { durationText } from '../../../src/kube/apiserver/columns.ts';
import { discoveryDocument } from '../../../src/kube/apiserver/discovery.ts';
import { permissive } from '../../../src/kube/apiserver/hooks.ts';
import type { KubeObject } from '../../../src/kube/objects/objects.ts';
import { ApiFailure } from '../../../src/kube/objects/objects.ts';
import { openApiDocument, openApiIndex } from '../../../src/kube/apiserver/openapi.ts';
import {
  groups,
  isVirtual,
  qualifiedName,
  resources,
  storeKey,
  storePrefix,
} from '../../../src/kube/apiserver/resources.ts';
import { forbidden } from '../../../src/kube/authz/forbidden.ts';
import { attributesOf, parseRoute, servedType } from '../../../src/kube/apiserver/routes.ts';
import { tableOf } from '../../../src/kube/apiserver/tables.ts';

test('no two resources share a name, a short name, a kind or a place in the store', (t) => {
  // That of endpoints has no singular.
  const names = resources.flatMap(({ plural, singular, shortNames }) => [
    ...new Set([plural, singular, ...shortNames]),
  ]);
  t.is(new Set(names).size, names.length);
  t.is(new Set(resources.map(({ kind }) => kind)).size, resources.length);
  const prefixes = resources.map((row) => storePrefix(row));
  for (const prefix of prefixes)
    t.deepEqual(
      prefixes.filter((one) => one.startsWith(prefix)),
      [prefix],
    );
  t.is(groups[0], '');
});

test('what is stored has columns that begin with its name; what is virtual is answered by somebody', (t) => {
  for (const row of resources) {
    if (isVirtual(row)) t.true(Object.hasOwn(permissive.reviews, qualifiedName(row)), row.kind);
    else
      t.true(
        row.columns.some(({ format }) => format === 'name'),
        row.kind,
      );
    t.is(row.schema.name, row.kind);
  }
});

test('no name in a namespace reaches into another', (t) => {
  const pods = resources.find(({ plural }) => plural === 'pods')!;
  t.is(storeKey(pods, 'a', 'b'), '/registry/core/pods/a/b');
  t.false(storeKey(pods, 'team', 'x').startsWith(storePrefix(pods, 'tea')));
});

test('both forms of discovery tell every resource', (t) => {
  const plain = groups.flatMap((group) =>
    (
      discoveryDocument(group === '' ? '/api/v1' : `/apis/${group}/v1`, false) as {
        resources: { name: string }[];
      }
    ).resources.map(({ name }) => `${name}.${group}`),
  );
  const aggregated = ['/api', '/apis'].flatMap((path) =>
    (
      discoveryDocument(path, true) as {
        items: {
          metadata: { name: string };
          versions: { resources: { resource: string; subresources?: { subresource: string }[] }[] }[];
        }[];
      }
    ).items.flatMap(({ metadata: { name }, versions }) =>
      versions.flatMap((version) =>
        version.resources.flatMap(({ resource, subresources = [] }) => [
          `${resource}.${name}`,
          ...subresources.map(({ subresource }) => `${resource}/${subresource}.${name}`),
        ]),
      ),
    ),
  );
  t.deepEqual(aggregated, plain);
  t.true(plain.includes('certificatesigningrequests/approval.certificates.k8s.io'));
  t.is(discoveryDocument('/apis/nope', false), undefined);
  t.is(discoveryDocument('/apis/constructor/v1', false), undefined);
});

test('every OpenAPI document of the index is there, and every reference in it leads somewhere', (t) => {
  const { paths } = openApiIndex() as { paths: Record<string, { serverRelativeURL: string }> };
  t.is(Object.keys(paths).length, groups.length);
  for (const { serverRelativeURL } of Object.values(paths)) {
    const document = openApiDocument(new URL(serverRelativeURL, 'https://x').pathname) as {
      components: { schemas: object };
      paths: object;
    };
    const text = JSON.stringify(document);
    for (const [, name = ''] of text.matchAll(/"#\/components\/schemas\/([^"]+)"/g))
      t.true(Object.hasOwn(document.components.schemas, name), name);
    t.true(text.includes('fieldValidation'));
  }
});

const routes: readonly (readonly [method: string, target: string, verb: string, attributes: string])[] = [
  ['GET', '/api/v1/pods', 'list', 'pods'],
  ['GET', '/api/v1/pods?watch=1', 'watch', 'pods'],
  ['GET', '/api/v1/pods?watch=false', 'list', 'pods'],
  ['GET', '/api/v1/namespaces/a/pods/', 'list', 'a pods'],
  ['GET', '/api/v1/namespaces/a/pods/b', 'get', 'a pods b'],
  ['PUT', '/api/v1/namespaces/a/pods/b/status', 'update', 'a pods/status b'],
  ['GET', '/api/v1/namespaces', 'list', 'namespaces'],
  ['GET', '/api/v1/namespaces/a', 'get', 'a namespaces a'],
  ['PUT', '/api/v1/namespaces/a/finalize', 'update', 'a namespaces/finalize a'],
  [
    'POST',
    '/apis/rbac.authorization.k8s.io/v1/clusterroles',
    'create',
    'clusterroles.rbac.authorization.k8s.io',
  ],
  [
    'GET',
    '/apis/rbac.authorization.k8s.io/v1/clusterroles/system:node',
    'get',
    'clusterroles.rbac.authorization.k8s.io system:node',
  ],
  [
    'DELETE',
    '/apis/certificates.k8s.io/v1/certificatesigningrequests',
    'deletecollection',
    'certificatesigningrequests.certificates.k8s.io',
  ],
  [
    'PATCH',
    '/apis/certificates.k8s.io/v1/certificatesigningrequests/a/approval',
    'patch',
    'certificatesigningrequests.certificates.k8s.io/approval a',
  ],
  ['GET', '/api/v1/namespaces/a/secrets?fieldSelector=metadata.name%3Db', 'list', 'a secrets b'],
  ['GET', '/api/v1/namespaces/a/secrets?fieldSelector=metadata.name!%3Db', 'list', 'a secrets'],
  ['HEAD', '/api/v1/nodes/%C3%A9', 'get', 'nodes é'],
  ['GET', '/version', 'get', 'path /version'],
  ['GET', '/api/v1', 'get', 'path /api/v1'],
  ['GET', '/', 'get', 'path /'],
  ['GET', '/apis/example.com/v1/things', 'list', 'things.example.com'],
  ['POST', '/apis/apps/v1/namespaces/a/deployments', 'create', 'a deployments.apps'],
  ['GET', '/api/v2/pods/x', 'get', 'pods x'],
];

test('what a request asks for', (t) => {
  for (const [method, target, verb, expected] of routes) {
    const attributes = attributesOf(parseRoute(method, target), { name: 'bob', groups: [] });
    const told =
      attributes.path === undefined
        ? [
            attributes.namespace,
            `${qualifiedName({ group: attributes.group, plural: attributes.resource })}${attributes.subresource === undefined ? '' : `/${attributes.subresource}`}`,
            attributes.name,
          ]
            .filter((part) => part !== undefined)
            .join(' ')
        : `path ${attributes.path}`;
    t.deepEqual([attributes.verb, told], [verb, expected], target);
  }
});

test('paths and methods that are none', (t) => {
  for (const target of [
    '',
    'api',
    '*',
    '/a/../b',
    '/a/./b',
    '/a/%2e%2e/b',
    '/a//b',
    '/a%00',
    '/a%2fb',
    '/a%',
    '/%ff',
    '/a%25b',
    '/a\x7f',
    'https://x/api',
  ])
    t.is(t.throws(() => parseRoute('GET', target), { instanceOf: ApiFailure })?.status.code, 400, target);
  for (const method of ['OPTIONS', 'CONNECT', 'get', '', 'constructor'])
    t.is(t.throws(() => parseRoute(method, '/api'), { instanceOf: ApiFailure })?.status.code, 405, method);
  for (const [target, code] of [
    ['/api/v1/pods/x', 404],
    ['/api/v2/pods', 404],
    ['/apis/apps/v1/daemonsets', 404],
    ['/apis/constructor/v1/prototype', 404],
    ['/api/v1/namespaces/a/nodes', 404],
    ['/api/v1/namespaces/a/nodes/x', 404],
    ['/api/v1/namespaces/a/pods/x/y/z', 404],
    ['/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', 405],
  ] as const) {
    const route = parseRoute('GET', target);
    t.is(
      t.throws(() => route.kind === 'resource' && servedType(route), { instanceOf: ApiFailure })?.status.code,
      code,
      target,
    );
  }
});

test('what a 403 says', (t) => {
  const user = { name: 'bob', groups: [] };
  const said = (method: string, target: string, reason?: string): string | undefined =>
    forbidden(attributesOf(parseRoute(method, target), user), reason).status.message;
  t.is(
    said('GET', '/api/v1/namespaces/default/pods'),
    'pods is forbidden: User "bob" cannot list resource "pods" in API group "" in the namespace "default"',
  );
  t.is(
    said('GET', '/api/v1/nodes/a'),
    'nodes "a" is forbidden: User "bob" cannot get resource "nodes" in API group "" at the cluster scope',
  );
  t.is(
    said('PUT', '/apis/certificates.k8s.io/v1/certificatesigningrequests/a/approval'),
    'certificatesigningrequests.certificates.k8s.io "a" is forbidden: User "bob" cannot update resource "certificatesigningrequests/approval" in API group "certificates.k8s.io" at the cluster scope',
  );
  t.is(said('GET', '/metrics'), 'forbidden: User "bob" cannot get path "/metrics"');
  t.is(
    said('GET', '/api/v1/nodes', 'RBAC: clusterrole.rbac.authorization.k8s.io "x" not found'),
    'nodes is forbidden: User "bob" cannot list resource "nodes" in API group "" at the cluster scope: RBAC: clusterrole.rbac.authorization.k8s.io "x" not found',
  );
});

test('a duration is told in at most two units, as kubectl tells it', (t) => {
  const [s, m, h, d] = [1000, 60_000, 3_600_000, 86_400_000];
  const rows: readonly (readonly [milliseconds: number, text: string])[] = [
    [-2 * s, '<invalid>'],
    [-1, '0s'],
    [0, '0s'],
    [119 * s, '119s'],
    [2 * m, '2m'],
    [3 * m + 12 * s, '3m12s'],
    [10 * m + 5 * s, '10m'],
    [179 * m, '179m'],
    [3 * h, '3h'],
    [3 * h + 59 * m, '3h59m'],
    [8 * h + m, '8h'],
    [47 * h, '47h'],
    [2 * d, '2d'],
    [2 * d + 5 * h, '2d5h'],
    [8 * d + h, '8d'],
    [729 * d, '729d'],
    [730 * d, '2y'],
    [800 * d, '2y70d'],
    [3000 * d, '8y'],
  ];
  for (const [milliseconds, text] of rows) t.is(durationText(milliseconds), text);
});

test('a table has a cell for every column, whatever an object lacks', (t) => {
  for (const row of resources.filter((one) => !isVirtual(one))) {
    const odd: KubeObject[] = [
      { apiVersion: 'v1', kind: row.kind, metadata: { name: 'x' } },
      {
        apiVersion: 'v1',
        kind: row.kind,
        metadata: { name: 'x', creationTimestamp: 'never' },
        spec: [1],
        status: 'x',
        data: null,
        roleRef: 7,
        subjects: [null, 'x', { kind: 'User' }],
      },
    ];
    const { columnDefinitions, rows } = tableOf(row, odd, { includeObject: 'None', at: 0, metadata: {} }) as {
      columnDefinitions: object[];
      rows: { cells: unknown[] }[];
    };
    for (const { cells } of rows) {
      t.is(cells.length, columnDefinitions.length);
      t.true(
        cells.every((cell) => typeof cell === 'string' || typeof cell === 'number'),
        `${row.kind}: ${JSON.stringify(cells)}`,
      );
    }
  }
});

test('how pods, nodes and requests for certificates are shown', (t) => {
  const at = Date.parse('2026-11-26T06:00:00Z');
  const cells = (plural: string, object: object): unknown[] => {
    const row = resources.find((one) => one.plural === plural)!;
    const { rows } = tableOf(row, [object as KubeObject], { includeObject: 'None', at, metadata: {} }) as {
      rows: { cells: unknown[] }[];
    };
    return rows[0]!.cells.slice(0, row.columns.filter(({ wide }) => !wide).length);
  };
  const metadata = { name: 'x', creationTimestamp: '2026-11-26T05:57:00Z' };
  t.deepEqual(
    cells('pods', {
      metadata,
      spec: { containers: [{}, {}] },
      status: {
        phase: 'Running',
        containerStatuses: [
          { ready: true, restartCount: 2 },
          { ready: false, restartCount: 1 },
        ],
      },
    }),
    ['x', '1/2', 'Running', '3', '3m'],
  );
  t.deepEqual(
    cells('nodes', {
      metadata: { ...metadata, labels: { 'node-role.kubernetes.io/control-plane': '' } },
      spec: { unschedulable: true },
      status: { conditions: [{ type: 'Ready', status: 'True' }], nodeInfo: { kubeletVersion: 'v1.32.3' } },
    }),
    ['x', 'Ready,SchedulingDisabled', 'control-plane', '3m', 'v1.32.3'],
  );
  const request = {
    metadata,
    spec: { signerName: 'kubernetes.io/kube-apiserver-client', username: 'alice', expirationSeconds: 86_400 },
  };
  const conditions = (types: string[], certificate?: string): object => ({
    ...request,
    status: { conditions: types.map((type) => ({ type })), certificate },
  });
  t.deepEqual(cells('certificatesigningrequests', conditions([])), [
    'x',
    '3m',
    'kubernetes.io/kube-apiserver-client',
    'alice',
    '24h',
    'Pending',
  ]);
  t.is(cells('certificatesigningrequests', conditions(['Approved'], 'AA=='))[5], 'Approved,Issued');
  t.is(cells('certificatesigningrequests', conditions(['Approved', 'Failed']))[5], 'Approved,Failed');
  t.is(cells('certificatesigningrequests', conditions(['Denied']))[5], 'Denied');
});
