/** Queries the API server of a lab's cluster for a check, as one of the lab's clients or as the learner's. */
import type { ApiAnswer } from '../../kube/components/api-client.ts';
import { rbacGroup } from '../../kube/authz/rbac.ts';
import { listAt, objectAt, textAt } from '../../kube/objects/json.ts';
import type { Identity } from '../../pki/keystore/world.ts';
import type { Plan } from '../../engine/plan.ts';
import type { TasksFile } from '../lab.ts';
import type { User } from '../task-objects.ts';
import { selfReview, userIn } from './api-identity.ts';
import type { CheckOptions } from './checking.ts';
import { LabApiClient, Unanswered } from './lab-api-client.ts';

export interface Binding {
  /** Empty for a ClusterRoleBinding. */
  readonly namespace: string;
  readonly subjects: readonly { readonly kind: string; readonly name: string }[];
  /** For people. */
  readonly summary: string;
}

export class ClusterExaminer {
  readonly options: CheckOptions;
  readonly cluster: NonNullable<TasksFile['cluster']>;
  readonly plan: Plan;
  readonly #client: LabApiClient;
  /** Requested once. */
  #bindings: Promise<readonly Binding[]> | undefined;

  constructor(port: number, cluster: NonNullable<TasksFile['cluster']>, plan: Plan, options: CheckOptions) {
    this.cluster = cluster;
    this.plan = plan;
    this.options = options;
    this.#client = new LabApiClient(port, options);
  }

  /** Whether the learner has removed the administrator's own rights. */
  async isLockedOut(): Promise<boolean> {
    const { body } = await this.ask(
      this.identityOf(this.cluster.administrator),
      'POST',
      '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
      { spec: { resourceAttributes: { verb: '*', group: '*', resource: '*' } } },
    );
    return objectAt(body, 'status')['allowed'] !== true;
  }

  /** As which user the server authenticates a certificate; undefined if it refuses it. */
  async whoIs(identity: Identity): Promise<User | undefined> {
    const answer = await this.ask(identity, ...selfReview);
    if (answer.status === 401) return undefined;
    if (answer.status === 201) return userIn(answer);
    // The refusal names a user that may not even ask that.
    const name = /User "([^"]*)"/.exec(textAt(answer.body, 'message'))?.[1];
    return name === undefined ? undefined : { name, groups: [] };
  }

  async bindings(): Promise<readonly Binding[]> {
    this.#bindings ??= this.#readBindings();
    return this.#bindings;
  }

  async #readBindings(): Promise<readonly Binding[]> {
    const objects = [
      ...(await this.list(`/apis/${rbacGroup}/v1/rolebindings`)),
      ...(await this.list(`/apis/${rbacGroup}/v1/clusterrolebindings`)),
    ];
    return objects.map((object) => {
      const namespace = textAt(object, 'metadata', 'namespace');
      const subjects = listAt(object, 'subjects').map((subject) => ({
        kind: textAt(subject, 'kind'),
        name: textAt(subject, 'name'),
      }));
      const names = subjects.map((subject) => `${subject.kind} ${subject.name}`).join(', ');
      return {
        namespace,
        subjects,
        summary: `${namespace === '' ? 'ClusterRoleBinding ' : `RoleBinding ${namespace}/`}${textAt(object, 'metadata', 'name')} of ${textAt(object, 'roleRef', 'kind')} ${textAt(object, 'roleRef', 'name')} to ${names}`,
      };
    });
  }

  /** As the lab's own client. @throws Unanswered */
  async list(path: string): Promise<readonly unknown[]> {
    const { status, body } = await this.askAsLab('GET', path);
    if (status !== 200) throw new Unanswered();
    return listAt(body, 'items');
  }

  /** @throws Unanswered */
  async askAsLab(method: string, path: string, body?: unknown): Promise<ApiAnswer> {
    return this.ask(this.identityOf(this.cluster.asks), method, path, body);
  }

  identityOf(client: string): Identity {
    const certificate = this.plan.clients.find(({ name }) => name === client)?.certificate;
    if (certificate === undefined) throw new Error(`${client} has no certificate`);
    return this.options.world.identity(certificate);
  }

  /** @throws Unanswered */
  async ask(identity: Identity, method: string, path: string, body?: unknown): Promise<ApiAnswer> {
    const trust = this.plan.clients.find(({ name }) => name === this.cluster.asks)?.trust ?? [];
    const authorities = trust.map((name) => this.options.world.authority(name));
    return this.#client.ask(identity, authorities, method, path, body);
  }

  /** The CAs whose client certificates the server accepts, in PEM. */
  get clientAuthorities(): readonly string[] {
    const server = this.plan.servers.find(({ name }) => name === this.cluster.server);
    return (server?.clientAuthorities ?? []).map((name) => this.options.world.authority(name));
  }

  close(): void {
    this.#client.close();
  }
}
