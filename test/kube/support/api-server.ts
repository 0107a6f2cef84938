/**
 * An API server that knows certificate signing requests and nothing else, for the tests of who talks to one: objects in a
 * map, revisions, watches, and the rules of `src/kube` for who may what. What it should do wrong it is told.
 */
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Attributes, User } from '../../../src/kube/apiserver/attributes.ts';
import { prepareAuthentication } from '../../../src/kube/authn/authentication.ts';
import { bootstrapPolicy, kubeadmPolicy } from '../../../src/kube/authz/bootstrap-policy.ts';
import {
  admitRequestUpdate,
  createRequest,
  updateRequest,
} from '../../../src/kube/certificates/certificates.ts';
import type { RequestPart } from '../../../src/kube/certificates/certificates.ts';
import { forbidden } from '../../../src/kube/authz/forbidden.ts';
import { requestHeaders } from '../../../src/kube/apiserver/headers.ts';
import { ApiFailure, failure } from '../../../src/kube/objects/objects.ts';
import type { KubeObject } from '../../../src/kube/objects/objects.ts';
import { authorizeByRoles, policyOf } from '../../../src/kube/authz/rbac.ts';
import type { Policy } from '../../../src/kube/authz/rbac.ts';
import { pemCertificates } from '../../../src/pki/keystore/pem.ts';
import { issueWorld } from '../../../src/pki/ca/issue.ts';
import { systemClock } from '../../../src/core/clock.ts';

export const world = issueWorld(
  {
    certificates: {
      ca: { profile: 'root', subject: { CN: 'kubernetes' } },
      rogue: { profile: 'root', subject: { CN: 'kubernetes' } },
      apiserver: {
        profile: 'server',
        issuer: 'ca',
        subject: { CN: 'kube-apiserver' },
        san: ['IP:127.0.0.1'],
      },
      manager: { profile: 'client', issuer: 'ca', subject: { CN: 'system:kube-controller-manager' } },
      nobody: { profile: 'client', issuer: 'ca', subject: { CN: 'bob' } },
      stranger: { profile: 'client', issuer: 'rogue', subject: { CN: 'system:kube-controller-manager' } },
    },
  },
  { clock: systemClock },
);

export const collection = '/apis/certificates.k8s.io/v1/certificatesigningrequests';

interface Change {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: KubeObject;
  readonly revision: number;
}

/** What happens to a request instead of its answer; undefined where nothing does. */
export type Mischief = (
  request: { readonly method: string; readonly path: string; readonly watch: boolean; readonly user: string },
  response: ServerResponse,
) => boolean;

export class TestApiServer {
  readonly requests: string[] = [];
  /** Writes that were done, and what was deleted. */
  mischief: Mischief | undefined;
  policy: Policy = policyOf([...bootstrapPolicy(), ...kubeadmPolicy()]);
  readonly #objects = new Map<string, KubeObject>();
  readonly #changes: Change[] = [];
  readonly #watches = new Map<ServerResponse, (change: Change) => void>();
  readonly #onlookers = new Set<() => void>();
  readonly #server = createServer(
    { ...tlsIdentity(), requestCert: true, rejectUnauthorized: false },
    (request, response) => void this.#answer(request, response),
  );
  readonly #authenticate = prepareAuthentication({
    clientAuthorities: pemCertificates(world.authority('ca')),
  });
  #revision = 1;

  async listen(): Promise<{ host: string; port: number }> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return { host: '127.0.0.1', port: (this.#server.address() as AddressInfo).port };
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  get(name: string): KubeObject | undefined {
    return this.#objects.get(name);
  }

  get watches(): number {
    return this.#watches.size;
  }

  /** A request that a user makes. */
  create(object: KubeObject, user: User): void {
    this.put('ADDED', createRequest(object, user));
  }

  put(type: Change['type'], object: KubeObject): KubeObject {
    this.#revision++;
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(this.#revision) } };
    if (type === 'DELETED') this.#objects.delete(object.metadata.name);
    else this.#objects.set(object.metadata.name, stored);
    const change = { type, object: stored, revision: this.#revision };
    this.#changes.push(change);
    for (const tell of this.#watches.values()) tell(change);
    this.#told();
    return stored;
  }

  /** Ends every watch; the end of one is nothing that a watcher may rely on. */
  breakWatches(how: 'end' | 'destroy'): void {
    for (const response of this.#watches.keys()) {
      if (how === 'end') response.end();
      else response.destroy();
    }
    this.#watches.clear();
  }

  /** A line of every watch. */
  tell(line: string): void {
    for (const response of this.#watches.keys()) response.write(line);
  }

  /** Resolves once something is so; looked at whenever anything happened here. */
  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await new Promise<void>((resolve) => this.#onlookers.add(resolve));
  }

  /** Something happened, here or at whoever calls this. */
  told = (): void => this.#told();

  #told(): void {
    const all = [...this.#onlookers];
    this.#onlookers.clear();
    for (const resolve of all) resolve();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = request.method ?? '';
    const url = new URL(request.url ?? '', 'https://x');
    const watch = url.searchParams.get('watch') === 'true';
    this.requests.push(`${method} ${url.pathname.replace(collection, '')}${watch ? '?watch' : ''}`);
    try {
      const user = this.#userOf(request);
      if (this.mischief?.({ method, path: url.pathname, watch, user: user.name }, response)) return;
      if (watch) this.#watch(user, url, response);
      else
        send(
          response,
          method === 'POST' ? 201 : 200,
          await this.#act(user, method, url, await bodyOf(request)),
        );
    } catch (error) {
      const { status } =
        error instanceof ApiFailure ? error : { status: failure('InternalError', String(error)) };
      send(response, status.code, status);
    } finally {
      this.#told();
    }
  }

  #userOf(request: IncomingMessage): User {
    // An empty object where nobody presented anything.
    const { raw } = (request.socket as TLSSocket).getPeerCertificate() as { readonly raw?: Buffer };
    const answer = this.#authenticate(
      { chain: raw ? [raw] : [], headers: requestHeaders(request.rawHeaders) },
      Date.now(),
    );
    if (answer.outcome === 'authenticated') return answer.user;
    throw new ApiFailure('Unauthorized', 'Unauthorized');
  }

  #may(asked: Attributes): void {
    const { allowed, reason } = authorizeByRoles(this.policy, asked);
    if (!allowed) throw forbidden(asked, reason);
  }

  #watch(user: User, url: URL, response: ServerResponse): void {
    this.#may({
      user,
      verb: 'watch',
      group: 'certificates.k8s.io',
      version: 'v1',
      resource: 'certificatesigningrequests',
    });
    const tell = ({ type, object }: Change): void =>
      void response.write(`${JSON.stringify({ type, object })}\n`);
    response.writeHead(200, { 'Content-Type': 'application/json' });
    response.flushHeaders();
    const from = Number(url.searchParams.get('resourceVersion'));
    for (const change of this.#changes) if (change.revision > from) tell(change);
    this.#watches.set(response, tell);
    response.on('close', () => {
      this.#watches.delete(response);
      this.#told();
    });
  }

  async #act(user: User, method: string, url: URL, body: KubeObject): Promise<unknown> {
    if (url.pathname === '/apis/authorization.k8s.io/v1/subjectaccessreviews') {
      this.#may({
        user,
        verb: 'create',
        group: 'authorization.k8s.io',
        version: 'v1',
        resource: 'subjectaccessreviews',
      });
      type Spec = {
        user: string;
        groups: string[];
        resourceAttributes: Extract<Attributes, { resource: string }>;
      };
      const { user: name, groups, resourceAttributes } = body['spec'] as Spec;
      return {
        ...body,
        status: authorizeByRoles(this.policy, { ...resourceAttributes, user: { name, groups } }),
      };
    }
    const [name = '', subresource] = url.pathname.slice(collection.length + 1).split('/');
    const asked = {
      user,
      group: 'certificates.k8s.io',
      version: 'v1',
      resource: 'certificatesigningrequests',
      ...(name === '' ? {} : { name }),
      ...(subresource === undefined ? {} : { subresource }),
    };
    if (name === '') {
      this.#may({ ...asked, verb: 'list' });
      return {
        kind: 'CertificateSigningRequestList',
        apiVersion: 'certificates.k8s.io/v1',
        metadata: { resourceVersion: String(this.#revision) },
        items: [...this.#objects.values()],
      };
    }
    const old = this.#objects.get(name);
    this.#may({ ...asked, verb: method === 'GET' ? 'get' : method === 'DELETE' ? 'delete' : 'update' });
    if (!old) throw new ApiFailure('NotFound', `${name} not found`);
    if (method === 'GET') return old;
    const expected =
      method === 'DELETE'
        ? (body['preconditions'] as { resourceVersion?: string } | undefined)?.resourceVersion
        : body.metadata.resourceVersion;
    if (expected !== undefined && expected !== old.metadata.resourceVersion)
      throw new ApiFailure('Conflict', `${name} has been modified`);
    if (method === 'DELETE') return this.put('DELETED', old);
    const part = (subresource ?? 'object') as RequestPart;
    const written = updateRequest(body, old, part, Date.now());
    await admitRequestUpdate(user, written, old, part, async (question) =>
      Promise.resolve(authorizeByRoles(this.policy, question)),
    );
    return this.put('MODIFIED', written);
  }
}

function tlsIdentity(): { readonly cert: string; readonly key: string } {
  const { certificate, key } = world.identity('apiserver');
  return { cert: certificate, key };
}

function send(response: ServerResponse, status: number, body: unknown): void {
  if (!response.headersSent) response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(body));
}

async function bodyOf(request: IncomingMessage): Promise<KubeObject> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return (chunks.length === 0 ? {} : JSON.parse(Buffer.concat(chunks).toString())) as KubeObject;
}
