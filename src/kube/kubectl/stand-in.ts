/**
 * Replaces kubectl if it is not installed: sends the same requests and prints similar output. It has no discovery and
 * no cache, and supports only the commands of `kube/kubectl/words.ts`.
 */
import type { Dictionary } from '../../core/dictionary.ts';
import { defined } from '../../core/defined.ts';
import { listAt, textAt, valueAt } from '../objects/json.ts';
import type { ApiAnswer } from '../components/api-client.ts';
import type { KubectlCommand } from './words.ts';
import type { KubeObject } from '../objects/objects.ts';
import { apiVersionOf, resources } from '../apiserver/resources.ts';
import type { ResourceType } from '../apiserver/resources.ts';

export interface Printed {
  readonly exitCode: number;
  readonly output: string;
  readonly words: string;
}

/** One request, answered. Rejects where there was no answer. */
export type Ask = (method: string, path: string, body?: unknown) => Promise<ApiAnswer>;

export interface StandIn {
  readonly ask: Ask;
  /** What stands in a file that is named. */
  readonly file: (name: string) => KubeObject | undefined;
  /** Milliseconds since the epoch, for ages. */
  readonly now: number;
}

/** @throws what `ask` rejects with. */
export async function standIn(command: KubectlCommand, given: StandIn): Promise<Printed> {
  try {
    return await doing[command.verb](command as never, given);
  } catch (error) {
    if (error instanceof Refused) return error.printed;
    throw error;
  }
}

type Doing = {
  readonly [V in KubectlCommand['verb']]: (
    command: Extract<KubectlCommand, { verb: V }>,
    given: StandIn,
  ) => Promise<Printed>;
};

/** The server said no. */
class Refused extends Error {
  readonly printed: Printed;

  /** @param doing what was being done, in kubectl's words. */
  constructor({ status, body }: ApiAnswer, doing = '') {
    super(`answered with ${status}`);
    this.printed = { exitCode: 1, output: '', words: refusalWords(status, body, doing) };
  }
}

function refusalWords(status: number, body: ApiAnswer['body'], doing: string): string {
  if (status === 401)
    return `error: You must be logged in to the server (${textAt(body, 'message') || 'Unauthorized'})`;
  const causes = listAt(body, 'details', 'causes').map(
    (cause) => `${textAt(cause, 'field')}: ${textAt(cause, 'message')}`,
  );
  if (status === 422 && causes.length > 0) {
    const object = `The ${textAt(body, 'details', 'kind')} "${textAt(body, 'details', 'name')}" is invalid: `;
    return causes.length === 1
      ? `${object}${causes[0] ?? ''}`
      : `${object}\n${causes.map((cause) => `* ${cause}`).join('\n')}`;
  }
  const reason = textAt(body, 'reason');
  return `Error from server${reason === '' ? '' : ` (${reason})`}: ${doing}${textAt(body, 'message')}`;
}

const say = (output: string): Printed => ({ exitCode: 0, output, words: '' });

async function answered(asked: Promise<ApiAnswer>, doing?: string): Promise<Dictionary<unknown>> {
  const answer = await asked;
  if (answer.status >= 300) throw new Refused(answer, doing);
  return answer.body;
}

/** Where the objects of a resource are found; @param namespace none for those of every namespace. */
function pathOf(resource: ResourceType, namespace: string | undefined, name?: string): string {
  const root =
    resource.group === '' ? `/api/${resource.version}` : `/apis/${resource.group}/${resource.version}`;
  const scope = resource.namespaced && namespace !== undefined ? `/namespaces/${namespace}` : '';
  return `${root}${scope}/${resource.plural}${name === undefined ? '' : `/${name}`}`;
}

/** `rolebinding.rbac.authorization.k8s.io/alice`, as kubectl names what it has changed. */
const qualified = ({ singular, group }: ResourceType, name: string): string =>
  `${singular}${group === '' ? '' : `.${group}`}/${name}`;

const rowOf = (kind: string): ResourceType => {
  const row = resources.find((one) => one.kind === kind);
  if (!row) throw new Error(`there is no resource of the kind ${kind}`);
  return row;
};

const doing: Doing = {
  async get({ resource, name, namespace, allNamespaces, output }, { ask, now }) {
    const body = await answered(ask('GET', pathOf(resource, allNamespaces ? undefined : namespace, name)));
    if (output !== undefined && output !== 'wide')
      return say(jsonPath(body, output.slice('jsonpath='.length)));
    const items =
      name === undefined
        ? listAt(body, 'items').map(
            (item) =>
              ({
                kind: resource.kind,
                apiVersion: apiVersionOf(resource),
                ...(item as object),
              }) as KubeObject,
          )
        : [body as unknown as KubeObject];
    if (items.length === 0)
      return {
        ...say(''),
        words:
          resource.namespaced && !allNamespaces
            ? `No resources found in ${namespace} namespace.`
            : 'No resources found',
      };
    return say(tableOf(resource, items, now, output === 'wide'));
  },

  async raw({ path }, { ask }) {
    const { status, text, body } = await ask('GET', path);
    const said = text ?? JSON.stringify(body);
    if (status < 300) return say(said);
    // What is no Status is quoted.
    if (text !== undefined && status === 500)
      return {
        exitCode: 1,
        output: '',
        words: `Error from server (InternalError): an error on the server (${JSON.stringify(text.trim())}) has prevented the request from succeeding`,
      };
    throw new Refused({ status, body });
  },

  async delete({ resource, name, namespace }, { ask }) {
    await answered(
      ask('DELETE', pathOf(resource, namespace, name), {
        kind: 'DeleteOptions',
        apiVersion: 'v1',
        propagationPolicy: 'Background',
      }),
    );
    return say(`${qualified(resource, name).replace('/', ' "')}" deleted`);
  },

  async apply({ file, namespace }, given) {
    const { object, resource } = fileOf(file, given);
    const { name } = object.metadata;
    const before = await given.ask('GET', pathOf(resource, namespace, name));
    if (before.status === 404) {
      await answered(given.ask('POST', pathOf(resource, namespace), object), creating(file));
      return say(`${qualified(resource, name)} created`);
    }
    const { metadata, ...rest } = before.body as unknown as KubeObject;
    if (before.status !== 200) throw new Refused(before);
    await answered(
      given.ask('PUT', pathOf(resource, namespace, name), {
        ...rest,
        ...object,
        metadata: { ...metadata, ...object.metadata },
      }),
    );
    return say(`${qualified(resource, name)} configured`);
  },

  async create({ file, namespace }, given) {
    const { object, resource } = fileOf(file, given);
    const made = await answered(given.ask('POST', pathOf(resource, namespace), object), creating(file));
    return say(`${qualified(resource, textAt(made, 'metadata', 'name'))} created`);
  },

  async replace({ file, namespace }, given) {
    const { object, resource } = fileOf(file, given);
    const { name } = object.metadata;
    const path = pathOf(resource, namespace, name);
    // Over the newest version, whichever that is; the PUT is sent even where there is none.
    const { body } = await given.ask('GET', path);
    const resourceVersion = textAt(body, 'metadata', 'resourceVersion') || undefined;
    await answered(
      given.ask('PUT', path, {
        ...object,
        metadata: { ...object.metadata, ...defined({ resourceVersion }) },
      }),
      replacing(file),
    );
    return say(`${qualified(resource, name)} replaced`);
  },

  async approve(command, given) {
    return decide(command.name, 'Approved', given);
  },

  async deny(command, given) {
    return decide(command.name, 'Denied', given);
  },

  async bind({ resource, name, role, users, groups, namespace }, { ask }) {
    const apiGroup = 'rbac.authorization.k8s.io';
    const subjects = [
      ...users.map((user) => ({ kind: 'User', apiGroup, name: user })),
      ...groups.map((group) => ({ kind: 'Group', apiGroup, name: group })),
    ];
    await answered(
      ask('POST', pathOf(resource, namespace), {
        apiVersion: apiVersionOf(resource),
        kind: resource.kind,
        metadata: { name },
        subjects,
        roleRef: { apiGroup, ...role },
      }),
    );
    return say(`${qualified(resource, name)} created`);
  },

  async run({ name, image, args, namespace }, { ask }) {
    const row = rowOf('Pod');
    const spec = {
      containers: [{ name, image, ...(args.length > 0 ? { args } : {}), resources: {} }],
      restartPolicy: 'Always',
      dnsPolicy: 'ClusterFirst',
    };
    await answered(
      ask('POST', pathOf(row, namespace), {
        apiVersion: 'v1',
        kind: row.kind,
        metadata: { name, labels: { run: name } },
        spec,
      }),
    );
    return say(`${qualified(row, name)} created`);
  },

  async logs({ name, container, tail, namespace }, { ask }) {
    const path = pathOf(rowOf('Pod'), namespace, name);
    const found = await ask('GET', path);
    if (found.status === 404)
      return {
        exitCode: 1,
        output: '',
        words: `error: error from server (NotFound): pods "${name}" not found in namespace "${namespace}"`,
      };
    if (found.status >= 300) throw new Refused(found);
    const { body: pod } = found;
    const containers = listAt(pod, 'spec', 'containers').map((one) => textAt(one, 'name'));
    if (container !== undefined && !containers.includes(container))
      return { exitCode: 1, output: '', words: `error: container ${container} is not valid for pod ${name}` };
    const query = new URLSearchParams({
      container: container ?? containers[0] ?? '',
      ...defined({ tailLines: tail }),
    });
    const answer = await ask('GET', `${path}/log?${query.toString()}`);
    if (answer.status >= 300) throw new Refused(answer);
    return say((answer.text ?? '').replace(/\n$/, ''));
  },

  async token({ account, seconds, namespace }, { ask }) {
    const request = {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      metadata: {},
      spec: seconds === undefined ? {} : { expirationSeconds: seconds },
    };
    const answer = await ask('POST', `${pathOf(rowOf('ServiceAccount'), namespace, account)}/token`, request);
    if (answer.status === 401) throw new Refused(answer);
    if (answer.status >= 300)
      return {
        exitCode: 1,
        output: '',
        words: `error: failed to create token: ${textAt(answer.body, 'message')}`,
      };
    return say(textAt(answer.body, 'status', 'token'));
  },

  async whoami(_command, { ask }) {
    const row = rowOf('SelfSubjectReview');
    const body = await answered(
      ask('POST', pathOf(row, undefined), { apiVersion: apiVersionOf(row), kind: row.kind, metadata: {} }),
    );
    const groups = listAt(body, 'status', 'userInfo', 'groups').map(String);
    return say(
      columns([
        ['ATTRIBUTE', 'VALUE'],
        ['Username', textAt(body, 'status', 'userInfo', 'username')],
        ['Groups', `[${groups.join(' ')}]`],
      ]),
    );
  },

  async 'can-i'({ asked, resource, namespace }, { ask }) {
    const row = rowOf('SelfSubjectAccessReview');
    const spec = {
      resourceAttributes: {
        verb: asked,
        group: resource.group,
        version: resource.version,
        resource: resource.plural,
        ...(resource.namespaced ? { namespace } : {}),
      },
    };
    const body = await answered(
      ask('POST', pathOf(row, undefined), {
        apiVersion: apiVersionOf(row),
        kind: row.kind,
        metadata: {},
        spec,
      }),
    );
    const isAllowed = valueAt(body, 'status', 'allowed') === true;
    return { exitCode: isAllowed ? 0 : 1, output: isAllowed ? 'yes' : 'no', words: '' };
  },
};

const replacing = (file: string): string => `error when replacing "${file}": `;
const creating = (file: string): string => `error when creating "${file}": `;

async function decide(name: string, type: 'Approved' | 'Denied', { ask, now }: StandIn): Promise<Printed> {
  const row = rowOf('CertificateSigningRequest');
  const path = pathOf(row, undefined, name);
  const object = await answered(ask('GET', path));
  const word = type === 'Approved' ? 'approve' : 'deny';
  const conditions = listAt(object, 'status', 'conditions');
  const other = conditions.find(
    (one) => textAt(one, 'type') === (type === 'Approved' ? 'Denied' : 'Approved'),
  );
  if (other !== undefined) {
    const decided = textAt(other, 'type');
    return {
      exitCode: 1,
      output: '',
      words: `error: certificate signing request "${name}" is already ${decided}`,
    };
  }
  const condition = {
    type,
    status: 'True',
    reason: `Kubectl${type === 'Approved' ? 'Approve' : 'Deny'}`,
    message: `This CSR was ${type === 'Approved' ? 'approved' : 'denied'} by kubectl certificate ${word}.`,
    lastUpdateTime: `${new Date(now).toISOString().slice(0, 19)}Z`,
  };
  const status = valueAt(object, 'status') ?? {};
  await answered(
    ask('PUT', `${path}/approval`, {
      ...object,
      status: { ...status, conditions: [...conditions, condition] },
    }),
  );
  return say(`${qualified(row, name)} ${type.toLowerCase()}`);
}

function fileOf(
  name: string,
  { file }: StandIn,
): { readonly object: KubeObject; readonly resource: ResourceType } {
  const object = file(name);
  const resource =
    object && resources.find((row) => row.kind === object.kind && apiVersionOf(row) === object.apiVersion);
  if (object && resource) return { object, resource };
  throw new Refused({
    status: 404,
    body: { reason: 'NotFound', message: `the path "${name}" does not exist` },
  });
}

/** As kubectl prints it: three blanks between columns, and none behind the last. */
function tableOf(
  { columns: shown }: ResourceType,
  objects: readonly KubeObject[],
  now: number,
  isWide: boolean,
): string {
  const wanted = shown.filter(({ wide }) => isWide || !wide);
  return columns([
    wanted.map(({ name }) => name.toUpperCase()),
    ...objects.map((object) => wanted.map(({ value }) => String(value(object, now)))),
  ]);
}

function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, at) =>
    rows.reduce((widest, row) => Math.max(widest, row[at]?.length ?? 0), 0),
  );
  return rows
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd((widths[at] ?? 0) + 3))
        .join('')
        .trimEnd(),
    )
    .join('\n');
}

/** One path in braces, of keys and stars: `{.status.conditions.*.message}`. What several lead to stands with a blank between. */
function jsonPath(object: unknown, path: string): string {
  const keys = /^\{((?:\.(?:\w+|\*))+)\}$/.exec(path)?.[1]?.split('.').slice(1) ?? [];
  let values: readonly unknown[] = keys.length === 0 ? [] : [object];
  const below = (value: unknown, key: string): readonly unknown[] => {
    if (key === '*') return Object.values(value ?? {});
    const found = valueAt(value, key);
    return found === undefined ? [] : [found];
  };
  for (const key of keys) values = values.flatMap((value) => below(value, key));
  return values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))).join(' ');
}
