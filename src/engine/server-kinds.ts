/** The kinds of servers, by their word in a scenario file: a line a kind here, one in `servers.ts`, which starts them. */
interface ServerKind {
  /** What is spoken at its door in the drawing, where it is not HTTP. */
  readonly protocol?: string;
}

export const serverKinds = {
  'login-server': {},
  'certificate-authority': {},
  website: {},
  'toy-login-server': { protocol: 'toy' },
  'redirect-site': {},
  'page-site': {},
  'login-sites': {},
  impostor: {},
  'impostor-kubelet': {},
  resolver: { protocol: 'dns' },
  'kube-apiserver': {},
  etcd: {},
} as const satisfies Readonly<Record<string, ServerKind>>;

export type ServerKindName = keyof typeof serverKinds;

export const serverKindNames = Object.keys(serverKinds) as [ServerKindName, ...ServerKindName[]];

export function protocolOfKind(name: ServerKindName): string | undefined {
  const kinds: Readonly<Record<ServerKindName, ServerKind>> = serverKinds;
  return kinds[name].protocol;
}
