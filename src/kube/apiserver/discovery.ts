/**
 * Serves discovery documents: the current aggregated form (`apidiscovery.k8s.io/v2`) and the older one with a document
 * per group. Derived from `resources.ts`.
 */
import { defined } from '../../core/defined.ts';
import { apiVersionOf, groups, resources } from './resources.ts';
import type { ResourceType } from './resources.ts';

/** The response to `/version`: a Kubernetes version, because clients compare it with their own. */
export const serverVersion = {
  major: '1',
  minor: '32',
  gitVersion: 'v1.32.3',
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '2025-03-11T00:00:00Z',
  goVersion: '',
  compiler: 'none',
  platform: 'wirelab',
};

/** The discovery document at a path; undefined if there is none. Aggregated if the client accepts that. */
export function discoveryDocument(path: string, aggregated: boolean): object | undefined {
  if (path === '/api')
    return aggregated
      ? aggregatedOf(groups.filter((group) => group === ''))
      : { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] };
  if (path === '/apis')
    return aggregated
      ? aggregatedOf(groups.filter((group) => group !== ''))
      : {
          kind: 'APIGroupList',
          apiVersion: 'v1',
          groups: groups.filter((group) => group !== '').map(groupOf),
        };
  if (path === '/api/v1') return resourceList('');
  const match = /^\/apis\/([^/]+)(\/v1)?$/.exec(path);
  const group = match?.[1];
  if (group === undefined || !groups.includes(group)) return undefined;
  return match?.[2] ? resourceList(group) : { kind: 'APIGroup', apiVersion: 'v1', ...groupOf(group) };
}

export const aggregatedType = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

/** The paths listed by `/`. */
export const paths: readonly string[] = [
  '/api',
  '/api/v1',
  '/apis',
  ...groups.filter((group) => group !== '').flatMap((group) => [`/apis/${group}`, `/apis/${group}/v1`]),
  '/healthz',
  '/livez',
  '/openapi/v2',
  '/openapi/v3',
  '/readyz',
  '/version',
];

function groupOf(group: string): object {
  const version = { groupVersion: `${group}/v1`, version: 'v1' };
  return { name: group, versions: [version], preferredVersion: version };
}

function resourceList(group: string): object {
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: apiVersionOf({ group, version: 'v1' }),
    resources: resources
      .filter((row) => row.group === group)
      .flatMap(({ plural, singular, namespaced, kind, verbs, shortNames, categories, subresources }) => [
        {
          name: plural,
          singularName: singular,
          namespaced,
          kind,
          verbs,
          ...defined({
            shortNames: shortNames.length > 0 ? shortNames : undefined,
            categories: categories.length > 0 ? categories : undefined,
          }),
        },
        ...Object.entries(subresources).map(([name, { verbs: partVerbs, posts, stream }]) => ({
          name: `${plural}/${name}`,
          singularName: '',
          namespaced,
          ...(posts && posts.group !== group ? { group: posts.group, version: posts.version } : {}),
          kind: posts?.kind ?? stream ?? kind,
          verbs: partVerbs,
        })),
      ]),
  };
}

function aggregatedOf(asked: readonly string[]): object {
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: 'apidiscovery.k8s.io/v2',
    metadata: {},
    items: asked.map((group) => ({
      metadata: { name: group, creationTimestamp: null },
      versions: [
        {
          version: 'v1',
          freshness: 'Current',
          resources: resources.filter((row) => row.group === group).map(aggregatedResource),
        },
      ],
    })),
  };
}

function aggregatedResource({
  group,
  version,
  plural,
  singular,
  kind,
  namespaced,
  verbs,
  shortNames,
  categories,
  subresources,
}: ResourceType): object {
  const responseKind = { group, version, kind };
  const parts = Object.entries(subresources).map(([subresource, { verbs: partVerbs, posts, stream }]) => ({
    subresource,
    responseKind: posts
      ? { group: posts.group, version: posts.version, kind: posts.kind }
      : stream === undefined
        ? responseKind
        : { ...responseKind, kind: stream },
    verbs: partVerbs,
  }));
  return {
    resource: plural,
    responseKind,
    scope: namespaced ? 'Namespaced' : 'Cluster',
    singularResource: singular,
    verbs,
    ...defined({
      shortNames: shortNames.length > 0 ? shortNames : undefined,
      categories: categories.length > 0 ? categories : undefined,
      subresources: parts.length > 0 ? parts : undefined,
    }),
  };
}
